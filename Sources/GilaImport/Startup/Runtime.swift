import CGila
import GilaCore
import GilaEval
import GilaSyntax
import Glibc

/// An interpreter with its main thread, in this process. So far there is one, without a lock.
public enum Runtime {
  /// Makes the interpreter and the thread state, before any type exists.
  public static func prepareState() {
    SmallBlocks.reserve()
    let interp = InterpreterRef.allocate(capacity: 1)
    memset(interp, 0, MemoryLayout<PyInterpreterState>.size)
    let thread = UnsafeMutablePointer<gila_thread>.allocate(capacity: 1)
    memset(thread, 0, MemoryLayout<gila_thread>.size)
    let ts = UnsafeMutableRawPointer(thread).assumingMemoryBound(to: PyThreadState.self)
    ts.pointee.interp = interp
    ts.pointee.py_recursion_limit = 1000
    ts.pointee.py_recursion_remaining = 1000
    ts.pointee.c_recursion_remaining = 10000
    ts.pointee.exc_info = (UnsafeMutableRawPointer(ts) + MemoryLayout<PyThreadState>.offset(of: \.exc_state)!)
      .assumingMemoryBound(to: _PyErr_StackItem.self)
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit)
    let size = limit.rlim_cur == UInt.max ? 8 << 20 : min(limit.rlim_cur, 64 << 20)
    thread.pointee.stack_limit = gila_stack_pointer() &- size &+ (size / 8 + 131072)
    interp.pointee.threads_head = ts
    interp.pointee.main_thread = ts
    interp.pointee.int_max_str_digits = 4300
    interp.pointee.recursion_limit = 1000
    gila_set_ts(ts)
  }
  /// Makes `builtins`, once all types are ready.
  public static func prepareModules() -> Bool {
    do throws(PyError) {
      let m = try Builtins.make()
      currentInterpreter.pointee.builtins = newRef(PyModule_GetDict(m.ref)!)
      currentInterpreter.slot(builtinsModule).pointee = m.take()
      return true
    } catch { return false }
  }
  /// The module `builtins` (owned by the slot).
  private static let builtinsModule = InterpreterSlot(96)

  /// Runs source text as `__main__`, then lets go of its objects. The exit status.
  public static func runMain(_ source: [UInt8], _ fileName: String) -> Int32 {
    guard let module = PyModule_New("__main__"), let globals = PyModule_GetDict(module) else { return 1 }
    var status: Int32 = 0
    do throws(PyError) {
      try check(PyDict_SetItem(globals, Dunder.builtins.ref, currentInterpreter.slot(builtinsModule).pointee))
      let code = try CodeObjects.compile(source, fileName)
      let result = try owned(gila_eval_code(code.ref, globals, globals))
      _ = result.ref
    } catch { status = report(fileName, source) }
    endModule(globals)
    decref(module)
    PyGC_Collect()
    return status
  }
  /// Replaces a module's names by None at the end of the program, private ones first, so that objects are finalized
  /// although functions refer to the module's dict (the order of CPython's module finalization).
  private static func endModule(_ globals: Ref) {
    guard let names = PyDict_Keys(globals) else { return PyErr_Clear() }
    for privateNames in [true, false] {
      for i in 0..<names.size {
        let name = PyList_GetItem(names, i)!
        guard name.isUnicode, name != Dunder.builtins.ref, PyUnicode_GetLength(name) > 0 else { continue }
        let underscored = PyUnicode_ReadChar(name, 0) == 95
        if underscored != privateNames { continue }
        if PyDict_SetItem(globals, name, none) < 0 { PyErr_Clear() }
      }
    }
    decref(names)
  }
  /// Prints the pending exception as the interpreter does for an uncaught one.
  static func report(_ fileName: String, _ source: [UInt8]) -> Int32 {
    guard let e = PyErr_GetRaisedException() else { return 1 }
    defer { decref(e) }
    if e.isInstance(of: Exc.SystemExit) {
      let code = (e.raw + 72).load(as: Ref?.self) ?? none
      if code == none { return 0 }
      if code.isLong { return Int32(truncatingIfNeeded: PyLong_AsLong(code)) }
      if let s = PyObject_Str(code) { put(swiftString(s) + "\n") }
      return 1
    }
    var text = ""
    let lines = String(decoding: source, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    var tb = e.cast(PyBaseExceptionObject.self).pointee.traceback
    if tb != nil { text += "Traceback (most recent call last):\n" }
    while let t = tb {
      let x = t.cast(PyTracebackObject.self)
      guard let c = PyFrame_GetCode(x.pointee.tb_frame) else { break }
      let file = swiftString(c.pointee.co_filename), line = Int(x.pointee.tb_lineno)
      text += "  File \"\(file)\", line \(line), in \(swiftString(c.pointee.co_name))\n"
      if file == fileName && line > 0 && line <= lines.count {
        text += "    \(lines[line - 1].drop { $0 == " " || $0 == "\t" })\n"
      }
      tb = x.pointee.tb_next.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: PyObject.self) }
    }
    let name = typeName(e.type)
    if let s = PyObject_Str(e) {
      let message = swiftString(s)
      text += message.isEmpty ? "\(name)\n" : "\(name): \(message)\n"
      decref(s)
    } else {
      PyErr_Clear()
      text += "\(name): <exception str() failed>\n"
    }
    put(text)
    return 1
  }
  private static func put(_ s: String) {
    if let r = newString(s) {
      do throws(PyError) { try Builtins.write(2, r) } catch { PyErr_Clear() }
      decref(r)
    }
  }
}
@c @implementation public func gila_sys_write(_ name: UnsafePointer<CChar>!, _ text: Ref!) {
  guard let text else { return }
  do throws(PyError) { try Builtins.write(name[3] == 101 ? 2 : 1, text) } catch { PyErr_Clear() }
  decref(text)
}
