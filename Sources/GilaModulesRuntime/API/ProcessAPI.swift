// Functions of the C API about the process as a whole: its end, its environment, files that describe it.

import CGila
import GilaCore
import GilaEval
import Glibc

/// Functions of native code that run when an interpreter's modules are gone: those with data in the order of their
/// registration; at the end of the process then those without, last registered first.
public enum LastFunctions {
  typealias Plain = @convention(c) () -> Void
  typealias WithData = @convention(c) (UnsafeMutableRawPointer?) -> Void
  private static let capacity = 32
  nonisolated(unsafe) private static var plain: [Plain] = []
  nonisolated(unsafe) private static var withData: [(InterpreterRef, WithData, UnsafeMutableRawPointer?)] = []

  static func add(_ f: @escaping Plain) -> Bool {
    if plain.count >= capacity { return false }
    plain.append(f)
    return true
  }
  static func add(_ interp: InterpreterRef, _ f: @escaping WithData, _ data: UnsafeMutableRawPointer? = nil) {
    withData.append((interp, f, data))
  }

  /// The current interpreter ends.
  public static func run() {
    let interp = currentInterpreter
    while let i = withData.firstIndex(where: { $0.0 == interp }) {
      let (_, f, data) = withData.remove(at: i)
      f(data)
    }
    if !interp.isMain { return }
    while let f = plain.popLast() { f() }
  }
}
@c @implementation public func Py_AtExit(_ f: (@convention(c) () -> Void)!) -> Int32 {
  guard let f else { return -1 }
  return LastFunctions.add(f) ? 0 : -1
}
@c @implementation public func PyUnstable_AtExit(
  _ interp: InterpreterRef!, _ f: (@convention(c) (UnsafeMutableRawPointer?) -> Void)!,
  _ data: UnsafeMutableRawPointer!
) -> Int32 {
  guard let f else { return -1 }
  LastFunctions.add(interp ?? currentInterpreter, f, data)
  return 0
}

/// The command has an interpreter from its start to its end.
@c @implementation public func Py_Initialize() { Py_InitializeEx(1) }
@c @implementation public func Py_InitializeEx(_ signals: Int32) {
  if Py_IsInitialized() == 0 { Py_FatalError("Py_Initialize: an interpreter that has ended cannot be started again") }
}
@c @implementation public func Py_SetRecursionLimit(_ limit: Int32) {
  currentInterpreter.pointee.recursion_limit = limit
  var at = currentInterpreter.pointee.threads_head
  while let ts = at {
    let depth = ts.pointee.py_recursion_limit &- ts.pointee.py_recursion_remaining
    ts.pointee.py_recursion_limit = limit
    ts.pointee.py_recursion_remaining = limit &- depth
    at = ts.pointee.next
  }
}
/// A variable of the environment, unless the environment is to be ignored.
@c @implementation public func Py_GETENV(_ name: UnsafePointer<CChar>!) -> UnsafeMutablePointer<CChar>! {
  guard let name, Configuration.current.useEnvironment else { return nil }
  return getenv(name)
}
@c @implementation public func PySys_ResetWarnOptions() {
  guard let options = sysObject("warnoptions"), options.isList else { return }
  if PyList_SetSlice(options, 0, Int.max, nil) < 0 { PyErr_Clear() }
}
@c @implementation public func PyThread_GetInfo() -> Ref? {
  bridge { () throws(PyError) in
    guard let info = sysObject("thread_info") else { throw systemError("sys.thread_info is missing") }
    return Owned(retaining: info)
  }
}

/// Adds what `from __future__` turned on in the running Python code; whether anything is on.
@c @implementation public func PyEval_MergeCompilerFlags(_ flags: UnsafeMutablePointer<PyCompilerFlags>!) -> Int32 {
  guard let flags else { return 0 }
  if let frame = PyEval_GetFrame(), let code = PyFrame_GetCode(frame) {
    flags.pointee.cf_flags |= code.pointee.co_flags & 0x1FE_0000
    decref(UnsafeMutableRawPointer(code).assumingMemoryBound(to: PyObject.self))
  }
  return flags.pointee.cf_flags != 0 ? 1 : 0
}
/// Byte code as it is: nothing is left to optimize after compilation, in CPython neither.
@c @implementation public func PyCode_Optimize(_ code: Ref!, _ consts: Ref!, _ names: Ref!, _ lines: Ref!) -> Ref? {
  xnewRef(code)
}

// MARK: hashing, memory

nonisolated(unsafe) private let hashFunction: UnsafeMutablePointer<PyHash_FuncDef> = {
  let p = UnsafeMutablePointer<PyHash_FuncDef>.allocate(capacity: 1)
  p.initialize(
    to: PyHash_FuncDef(
      hash: { _Py_HashBytes($0, $1) }, name: UnsafePointer(strdup("siphash13")), hash_bits: 64, seed_bits: 128))
  return p
}()
@c @implementation public func PyHash_GetFuncDef() -> UnsafeMutablePointer<PyHash_FuncDef>! { hashFunction }

@c @implementation public func PyMem_GetAllocator(
  _ domain: PyMemAllocatorDomain, _ allocator: UnsafeMutablePointer<PyMemAllocatorEx>!
) {
  guard let allocator else { return }
  switch domain {
  case 0:  // raw
    allocator.pointee = PyMemAllocatorEx(
      ctx: nil, malloc: { PyMem_RawMalloc($1) }, calloc: { PyMem_RawCalloc($1, $2) },
      realloc: { PyMem_RawRealloc($1, $2) }, free: { PyMem_RawFree($1) })
  case 1:  // mem
    allocator.pointee = PyMemAllocatorEx(
      ctx: nil, malloc: { PyMem_Malloc($1) }, calloc: { PyMem_Calloc($1, $2) },
      realloc: { PyMem_Realloc($1, $2) }, free: { PyMem_Free($1) })
  case 2:  // objects
    allocator.pointee = PyMemAllocatorEx(
      ctx: nil, malloc: { PyObject_Malloc($1) }, calloc: { PyObject_Calloc($1, $2) },
      realloc: { PyObject_Realloc($1, $2) }, free: { PyObject_Free($1) })
  default: allocator.pointee = PyMemAllocatorEx()
  }
}

// MARK: files

/// A line of a file, with "\n" for every kind of line end.
@c @implementation public func Py_UniversalNewlineFgets(
  _ buffer: UnsafeMutablePointer<CChar>!, _ size: Int32, _ file: UnsafeMutablePointer<FILE>!, _ object: Ref!
) -> UnsafeMutablePointer<CChar>! {
  guard let buffer, let file, size > 1 else { return nil }
  if object != nil {
    errno = ENXIO
    return nil
  }
  var count = 0
  while count < Int(size) - 1 {
    var c = getc(file)
    if c == EOF { break }
    if c == 13 {
      let next = getc(file)
      if next != 10 { ungetc(next, file) }
      c = 10
    }
    buffer[count] = CChar(truncatingIfNeeded: c)
    count += 1
    if c == 10 { break }
  }
  buffer[count] = 0
  return count > 0 ? buffer : nil
}

/// The map by which `perf` finds the names of functions made at run time.
private enum PerfMap {
  nonisolated(unsafe) private static var file: UnsafeMutablePointer<FILE>? = nil

  /// 0, or what the C API says is wrong.
  static func open() -> Int32 {
    if file != nil { return 0 }
    let fd = Glibc.open("/tmp/perf-\(getpid()).map", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
    if fd < 0 { return -1 }
    file = fdopen(fd, "a")
    if file == nil { close(fd) }
    return file == nil ? -1 : 0
  }
  static func write(_ text: String) -> Bool {
    guard let file else { return false }
    return fputs(text, file) >= 0 && fflush(file) == 0
  }
}
@c @implementation public func PyUnstable_WritePerfMapEntry(
  _ address: UnsafeRawPointer!, _ size: UInt32, _ name: UnsafePointer<CChar>!
) -> Int32 {
  if PerfMap.open() < 0 { return -1 }
  let at = String(UInt(bitPattern: address), radix: 16), length = String(size, radix: 16)
  return PerfMap.write("\(at) \(length) \(name.map { String(cString: $0) } ?? "")\n") ? 0 : -1
}
/// The map of a parent process, for a child that still has its code.
@c @implementation public func PyUnstable_CopyPerfMapFile(_ parent: UnsafePointer<CChar>!) -> Int32 {
  guard let parent, PerfMap.open() == 0, let from = fopen(parent, "re") else { return -1 }
  defer { fclose(from) }
  var line: UnsafeMutablePointer<CChar>? = nil
  var size = 0
  defer { free(line) }
  while getline(&line, &size, from) > 0 {
    if let line, !PerfMap.write(String(cString: line)) { return -1 }
  }
  return 0
}
