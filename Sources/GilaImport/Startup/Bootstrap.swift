// Starting the import system: importlib's two halves are read from the library and run before anything can be imported.

import CGila
import GilaCore
import GilaModulesRuntime
import Glibc

enum Bootstrap {
  /// Runs importlib and makes it the import system of this interpreter.
  static func importlib(_ library: String) throws(PyError) {
    let interp = currentInterpreter
    guard let builtins = interp.pointee.builtins, let sys = interp.slot(RuntimeSlot.sys).pointee else {
      throw systemError("sys is missing")
    }
    interp.pointee.import_func = xnewRef(PyDict_GetItem(builtins, Dunder.import.ref))
    let inner = try module("_frozen_importlib", library + "/importlib/_bootstrap.py", "_bootstrap")
    interp.pointee.importlib = newRef(inner.ref)
    let imp = try makeImp()
    let install = try owned(PyObject_GetAttrString(inner.ref, "_install"))
    try call(install.ref, sys, imp.ref)
    // The outer half imports builtin modules, which works from here on.
    let outer = try module(
      "_frozen_importlib_external", library + "/importlib/_bootstrap_external.py", "_bootstrap_external")
    _ = outer.ref
    let external = try owned(PyObject_GetAttrString(inner.ref, "_install_external_importers"))
    try call(external.ref)
  }
  private static func call(_ f: Ref, _ a: Ref? = nil, _ b: Ref? = nil) throws(PyError) {
    var v: (Ref?, Ref?) = (a, b)
    let r = try owned(
      withUnsafePointer(to: &v) {
        PyObject_Vectorcall(
          f, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), a == nil ? 0 : b == nil ? 1 : 2, nil)
      })
    _ = r.ref
  }
  /// `_imp` is needed before builtin modules can be imported by name.
  private static func makeImp() throws(PyError) -> Owned {
    let name = try string("_imp")
    let d = try owned(PyDict_New())
    try check(PyDict_SetItemString(d.ref, "name", name.ref))
    let spec = try owned(_PyNamespace_New(d.ref))
    let m = try owned(RuntimeModules.makeImp(spec.ref))
    try check(PyDict_SetItem(currentInterpreter.pointee.modules, name.ref, m.ref))
    return m
  }

  /// A module of importlib, run under its name as a frozen module.
  private static func module(_ name: String, _ path: String, _ short: String) throws(PyError) -> Owned {
    let code = try code(path)
    let file = try string("<frozen importlib.\(short)>")
    CodeFileNames.set(code.ref, file.ref)
    let nameText = try string(name)
    let m = try owned(PyModule_NewObject(nameText.ref))
    try check(PyDict_SetItem(currentInterpreter.pointee.modules, nameText.ref, m.ref))
    guard let d = PyModule_GetDict(m.ref) else { throw PyError() }
    try check(PyDict_SetItem(d, Dunder.builtins.ref, currentInterpreter.pointee.builtins))
    let r = try owned(PyEval_EvalCode(code.ref, d, d))
    _ = r.ref
    return m
  }

  /// The code of a source file: from its .pyc if that belongs to it, else compiled.
  static func code(_ path: String) throws(PyError) -> Owned {
    if let cached = try cachedCode(path) { return cached }
    guard let source = Files.read(path) else {
      throw raise(Exc.ImportError, "can't read '\(path)': \(String(cString: strerror(errno)))")
    }
    let name = try string(path)
    return try Compiling.compile(source, name.ref, .init())
  }
  private static func cachedCode(_ path: String) throws(PyError) -> Owned? {
    let optimize = Configuration.current.optimize
    guard let slash = path.lastIndex(of: "/"), path.hasSuffix(".py") else { return nil }
    let stem = path[path.index(after: slash)...].dropLast(3)
    let suffix = optimize == 0 ? "" : ".opt-\(optimize)"
    let cache = "\(path[..<slash])/__pycache__/\(stem).cpython-313\(suffix).pyc"
    var info = stat()
    guard stat(path, &info) == 0, let bytes = Files.read(cache), bytes.count > 16 else { return nil }
    func word(_ i: Int) -> UInt32 {
      UInt32(bytes[i]) | UInt32(bytes[i + 1]) << 8 | UInt32(bytes[i + 2]) << 16 | UInt32(bytes[i + 3]) << 24
    }
    guard word(0) == 0x0A0D_0DF3, word(4) == 0, word(8) == UInt32(truncatingIfNeeded: info.st_mtim.tv_sec),
      word(12) == UInt32(truncatingIfNeeded: info.st_size)
    else { return nil }
    let code = bytes.withUnsafeBufferPointer {
      PyMarshal_ReadObjectFromString(
        UnsafeRawPointer($0.baseAddress! + 16).assumingMemoryBound(to: CChar.self), $0.count - 16)
    }
    guard let code else {
      PyErr_Clear()
      return nil
    }
    let held = Owned(taking: code)
    if held.ref.isExactly(Types.code) { return held }
    return nil
  }
}

/// Files read without Python.
public enum Files {
  public static func read(_ path: String) -> [UInt8]? {
    let fd = open(path, O_RDONLY | O_CLOEXEC)
    if fd < 0 { return nil }
    defer { close(fd) }
    return read(fd)
  }
  public static func read(_ fd: Int32) -> [UInt8]? {
    var info = stat()
    var bytes: [UInt8] = []
    if fstat(fd, &info) == 0, info.st_size > 0 { bytes.reserveCapacity(Int(info.st_size) + 1) }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let n = Glibc.read(fd, &chunk, chunk.count)
      if n < 0 {
        if errno == EINTR { continue }
        return nil
      }
      if n == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<n])
    }
  }
}
