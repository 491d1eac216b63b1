// The C functions that compile and run source text, for programs that embed the interpreter and for extensions.

import CGila
import GilaCore
import GilaModulesRuntime
import GilaSyntax
import Glibc

/// Py_single_input, Py_file_input, Py_eval_input, Py_func_type_input.
private func mode(_ start: Int32) -> ParseMode? {
  switch start {
  case 256: .interactive
  case 257: .module
  case 258: .expression
  case 345: .functionType
  default: nil
  }
}
private func compile(
  _ source: [UInt8], _ name: Ref, _ start: Int32, _ flags: UnsafeMutablePointer<PyCompilerFlags>?,
  optimize: Int32 = -1, isFile: Bool = false
) throws(PyError) -> Owned {
  guard let mode = mode(start) else { throw systemError("invalid start of the grammar") }
  var options = Compiling.inheritedOptions()
  options.mode = mode
  options.isFile = isFile
  if let flags { options.flags.formUnion(CompilerFlags(rawValue: UInt32(bitPattern: flags.pointee.cf_flags))) }
  let level = optimize < 0 ? Configuration.current.optimize : Int(optimize)
  if options.flags.contains(.onlyAST) { return try Compiling.parse(source, name, options, optimize: level) }
  if isFile { try Compiling.checkEncoding(source, name) }
  let code = try Compiling.compile(source, name, options, optimize: level)
  // The features that the text turned on hold for what is run next with these flags.
  if let flags {
    let made = code.ref.cast(PyCodeObject.self).pointee.co_flags
    flags.pointee.cf_flags |= made & Int32(bitPattern: CompilerFlags.futureMask.rawValue)
  }
  return code
}
private func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
  Array(UnsafeBufferPointer(start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: strlen(text)))
}
private func run(_ code: Ref, _ globals: Ref?, _ locals: Ref?) throws(PyError) -> Owned {
  guard let globals else { throw systemError("globals must be a real dict") }
  if globals.isDict, try check(PyDict_Contains(globals, Dunder.builtins.ref)) == 0 {
    try check(PyDict_SetItem(globals, Dunder.builtins.ref, PyEval_GetBuiltins()))
  }
  return try owned(PyEval_EvalCode(code, globals, locals))
}
private func contents(_ file: UnsafeMutablePointer<FILE>, close: Bool) -> [UInt8] {
  var all: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let n = fread(&block, 1, block.count, file)
    if n == 0 { break }
    all += block[..<n]
  }
  if close { fclose(file) }
  return all
}
private func mainNames() throws(PyError) -> Owned {
  guard let m = PyImport_AddModule("__main__"), let d = PyModule_GetDict(m) else { throw PyError() }
  return Owned(retaining: d)
}

// MARK: compiling

@c @implementation public func Py_CompileStringObject(
  _ text: UnsafePointer<CChar>!, _ name: Ref!, _ start: Int32, _ flags: UnsafeMutablePointer<PyCompilerFlags>!,
  _ optimize: Int32
) -> Ref? {
  bridge { () throws(PyError) in try compile(bytes(text), name, start, flags, optimize: optimize) }
}
@c @implementation public func Py_CompileStringExFlags(
  _ text: UnsafePointer<CChar>!, _ name: UnsafePointer<CChar>!, _ start: Int32,
  _ flags: UnsafeMutablePointer<PyCompilerFlags>!, _ optimize: Int32
) -> Ref? {
  bridge { () throws(PyError) in
    let file = try owned(PyUnicode_DecodeFSDefault(name))
    return try compile(bytes(text), file.ref, start, flags, optimize: optimize)
  }
}
@c @implementation public func Py_CompileString(
  _ text: UnsafePointer<CChar>!, _ name: UnsafePointer<CChar>!, _ start: Int32
) -> Ref? { Py_CompileStringExFlags(text, name, start, nil, -1) }

// MARK: running text

@c @implementation public func PyRun_StringFlags(
  _ text: UnsafePointer<CChar>!, _ start: Int32, _ globals: Ref!, _ locals: Ref!,
  _ flags: UnsafeMutablePointer<PyCompilerFlags>!
) -> Ref? {
  bridge { () throws(PyError) in
    let name = try string("<string>")
    let code = try compile(bytes(text), name.ref, start, flags)
    return try run(code.ref, globals, locals)
  }
}
@c @implementation public func PyRun_String(
  _ text: UnsafePointer<CChar>!, _ start: Int32, _ globals: Ref!, _ locals: Ref!
) -> Ref? { PyRun_StringFlags(text, start, globals, locals, nil) }
/// Runs text in the names of `__main__`; an exception is shown and the result is -1.
@c @implementation public func PyRun_SimpleStringFlags(
  _ text: UnsafePointer<CChar>!, _ flags: UnsafeMutablePointer<PyCompilerFlags>!
) -> Int32 {
  do throws(PyError) {
    let names = try mainNames()
    let result = try owned(PyRun_StringFlags(text, 257, names.ref, names.ref, flags))
    _ = result.ref
    return 0
  } catch {
    PyErr_Print()
    return -1
  }
}
@c @implementation public func PyRun_SimpleString(_ text: UnsafePointer<CChar>!) -> Int32 {
  PyRun_SimpleStringFlags(text, nil)
}

// MARK: running files

@c @implementation public func PyRun_FileExFlags(
  _ file: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!, _ start: Int32, _ globals: Ref!,
  _ locals: Ref!, _ close: Int32, _ flags: UnsafeMutablePointer<PyCompilerFlags>!
) -> Ref? {
  bridge { () throws(PyError) in
    let text = contents(file, close: close != 0)
    let path = try owned(PyUnicode_DecodeFSDefault(name))
    let code = try compile(text, path.ref, start, flags, isFile: true)
    return try run(code.ref, globals, locals)
  }
}
@c @implementation public func PyRun_File(
  _ file: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!, _ start: Int32, _ globals: Ref!, _ locals: Ref!
) -> Ref? { PyRun_FileExFlags(file, name, start, globals, locals, 0, nil) }
@c @implementation public func PyRun_FileEx(
  _ file: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!, _ start: Int32, _ globals: Ref!,
  _ locals: Ref!, _ close: Int32
) -> Ref? { PyRun_FileExFlags(file, name, start, globals, locals, close, nil) }
@c @implementation public func PyRun_FileFlags(
  _ file: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!, _ start: Int32, _ globals: Ref!,
  _ locals: Ref!, _ flags: UnsafeMutablePointer<PyCompilerFlags>!
) -> Ref? { PyRun_FileExFlags(file, name, start, globals, locals, 0, flags) }
/// Runs a file as the program: `__file__` is its name while it runs.
@c @implementation public func PyRun_SimpleFileExFlags(
  _ file: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!, _ close: Int32,
  _ flags: UnsafeMutablePointer<PyCompilerFlags>!
) -> Int32 {
  do throws(PyError) {
    let names = try mainNames()
    let path = try owned(PyUnicode_DecodeFSDefault(name))
    let hadFile = try check(PyDict_Contains(names.ref, Dunder.file.ref)) != 0
    if !hadFile { try check(PyDict_SetItem(names.ref, Dunder.file.ref, path.ref)) }
    let result = PyRun_FileExFlags(file, name, 257, names.ref, names.ref, close, flags)
    if !hadFile {
      let pending = PyErr_GetRaisedException()
      if PyDict_DelItem(names.ref, Dunder.file.ref) < 0 { PyErr_Clear() }
      PyErr_SetRaisedException(pending)
    }
    let held = try owned(result)
    _ = held.ref
    return 0
  } catch {
    PyErr_Print()
    return -1
  }
}
@c @implementation public func PyRun_SimpleFile(
  _ file: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!
) -> Int32 { PyRun_SimpleFileExFlags(file, name, 0, nil) }
@c @implementation public func PyRun_SimpleFileEx(
  _ file: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!, _ close: Int32
) -> Int32 { PyRun_SimpleFileExFlags(file, name, close, nil) }
/// Files are run as programs; a prompt for a terminal is not offered here.
@c @implementation public func PyRun_AnyFileExFlags(
  _ file: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!, _ close: Int32,
  _ flags: UnsafeMutablePointer<PyCompilerFlags>!
) -> Int32 {
  name == nil ? PyRun_SimpleFileExFlags(file, "???", close, flags) : PyRun_SimpleFileExFlags(file, name, close, flags)
}
@c @implementation public func PyRun_AnyFile(_ file: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!)
  -> Int32
{ PyRun_AnyFileExFlags(file, name, 0, nil) }
@c @implementation public func PyRun_AnyFileEx(
  _ file: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!, _ close: Int32
) -> Int32 { PyRun_AnyFileExFlags(file, name, close, nil) }
@c @implementation public func PyRun_AnyFileFlags(
  _ file: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!, _ flags: UnsafeMutablePointer<PyCompilerFlags>!
) -> Int32 { PyRun_AnyFileExFlags(file, name, 0, flags) }

// MARK: places of syntax errors

/// A line of a source file, or NULL without an exception.
@c @implementation public func PyErr_ProgramTextObject(_ name: Ref!, _ line: Int32) -> Ref? {
  guard let name, line > 0 else { return nil }
  var encoded: Ref? = nil
  guard PyUnicode_FSConverter(name, &encoded) != 0, let encoded, let path = PyBytes_AsString(encoded) else {
    PyErr_Clear()
    return nil
  }
  defer { decref(encoded) }
  return programText(path, Int(line))
}
@c @implementation public func PyErr_ProgramText(_ name: UnsafePointer<CChar>!, _ line: Int32) -> Ref? {
  guard let name, line > 0 else { return nil }
  return programText(name, Int(line))
}
private func programText(_ path: UnsafePointer<CChar>, _ line: Int) -> Ref? {
  let fd = open(path, O_RDONLY | O_CLOEXEC)
  if fd < 0 { return nil }
  defer { close(fd) }
  guard let text = Files.read(fd) else { return nil }
  var at = text.startIndex
  for _ in 1..<line {
    guard let end = text[at...].firstIndex(of: 10) else { return nil }
    at = end + 1
  }
  if at >= text.count { return nil }
  let end = text[at...].firstIndex(of: 10).map { $0 + 1 } ?? text.count
  return text[at..<end].withUnsafeBytes {
    PyUnicode_DecodeUTF8($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, "replace")
  }
}
/// Gives the pending SyntaxError its place.
@c @implementation public func PyErr_RangedSyntaxLocationObject(
  _ name: Ref!, _ line: Int32, _ column: Int32, _ endLine: Int32, _ endColumn: Int32
) {
  guard let e = PyErr_GetRaisedException() else { return }
  func set(_ attribute: StaticString, _ value: Ref?) {
    if PyObject_SetAttrString(e, cString(attribute), value ?? none) < 0 { PyErr_Clear() }
    xdecref(value)
  }
  set("lineno", PyLong_FromLong(Int(line)))
  set("offset", column >= 0 ? PyLong_FromLong(Int(column) + 1) : nil)
  set("end_lineno", line > 0 ? PyLong_FromLong(Int(endLine)) : nil)
  set("end_offset", endColumn >= 0 ? PyLong_FromLong(Int(endColumn) + 1) : nil)
  if let name {
    set("filename", newRef(name))
    if let text = PyErr_ProgramTextObject(name, line) { set("text", text) }
  }
  PyErr_SetRaisedException(e)
}
@c @implementation public func PyErr_SyntaxLocationObject(_ name: Ref!, _ line: Int32, _ column: Int32) {
  PyErr_RangedSyntaxLocationObject(name, line, column, line, -1)
}
@c @implementation public func PyErr_SyntaxLocationEx(
  _ name: UnsafePointer<CChar>!, _ line: Int32, _ column: Int32
) {
  let text = name.flatMap { PyUnicode_DecodeFSDefault($0) }
  PyErr_SyntaxLocationObject(text, line, column)
  xdecref(text)
}
@c @implementation public func PyErr_SyntaxLocation(_ name: UnsafePointer<CChar>!, _ line: Int32) {
  PyErr_SyntaxLocationEx(name, line, -1)
}
