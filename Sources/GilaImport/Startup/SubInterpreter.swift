// Interpreters beside the main one (PEP 684, Python/C API manual, "Sub-interpreter support").

import CGila
import GilaCore
import GilaLifetime
import GilaModulesRuntime
import Glibc

/// Making and ending interpreters that share the main interpreter's lock, memory and type versions.
enum SubInterpreter {
  /// The slots of the main interpreter that hold for every interpreter: classes that are made once for the process.
  private static let commonSlots = 2..<32

  /// A new interpreter; its first thread state becomes the current one. Nil, with an exception in the state that was
  /// current, if its modules could not be made.
  static func make(_ features: InterpreterFeatures, whence: Int32) -> ThreadRef? {
    guard let main = PyInterpreterState_Main(), let memory = calloc(1, MemoryLayout<PyInterpreterState>.size) else {
      return nil
    }
    let interp = memory.assumingMemoryBound(to: PyInterpreterState.self)
    let creator = gila_ts_or_null()
    let configuration = Configuration.of(main) ?? Configuration()
    interp.pointee.owner = main.owner
    interp.pointee.lock = main.pointee.lock
    interp.pointee.type_cache = main.pointee.type_cache
    interp.pointee.recursion_limit = main.pointee.recursion_limit
    interp.pointee.features = features.rawValue
    interp.pointee.whence = whence
    GC.initialize(interp)
    guard let ts = PyThreadState_New(interp) else {
      free(memory)
      return nil
    }
    interp.pointee.main_thread = ts
    PyThreadState_Swap(ts)
    // From here on this thread has the lock, whether the caller had it or not.
    link(interp, after: main)
    for i in commonSlots {
      let slot = InterpreterSlot(i)
      interp.slot(slot).pointee = xnewRef(main.slot(slot).pointee)
    }
    configuration.install(in: interp)
    if Runtime.bringUp(configuration) { return ts }
    let failure = PyErr_GetRaisedException()
    end(ts, report: false)
    PyThreadState_Swap(creator)
    if creator != nil {
      PyErr_SetRaisedException(failure)
    } else {
      xdecref(failure)
    }
    return nil
  }
  /// The list of interpreters is in the order of their numbers, which are never used again.
  private static func link(_ interp: InterpreterRef, after main: InterpreterRef) {
    var last = main
    while let next = last.pointee.next { last = next }
    Count.made += 1
    interp.pointee.id = Count.made
    last.pointee.next = interp
  }
  private enum Count {
    nonisolated(unsafe) static var made: Int64 = 0
  }

  /// Ends the interpreter of the current thread state, which must be its only one. No thread state is current after it.
  static func end(_ ts: ThreadRef, report: Bool = true, keepsState: Bool = false) {
    let interp = ts.pointee.interp!
    if report {
      if ts != gila_ts_or_null() { fatal("thread is not current") }
      if ts.pointee.current_frame != nil { fatal("thread still has a frame") }
    }
    interp.pointee.main_thread = ts
    Finalization.leaveThreads()
    InterpreterGuests.wait()
    if ts != interp.pointee.threads_head || ts.pointee.next != nil { fatal("not the last thread") }
    interp.pointee.initialized = 0
    _ = Finalization.clearModules()
    LastFunctions.run()
    drop(interp)
    CollectorQueries.collect(2)
    let main = interp.owner
    var last = main
    while let next = last.pointee.next, next != interp { last = next }
    last.pointee.next = interp.pointee.next
    PyThreadState_Clear(ts)
    // What the interpreter's objects left behind is still referred to from another one, which owns it now.
    GC.handOver(interp, to: main)
    PyThreadState_DeleteCurrent()
    if !keepsState { free(interp) }
  }
  private static func fatal(_ message: String) -> Never { Py_FatalError("Py_EndInterpreter", message) }

  /// Lets go of everything the interpreter's state refers to.
  private static func drop(_ interp: InterpreterRef) {
    for field in [
      \PyInterpreterState.importlib, \.import_func, \.dict, \.codec_search_path, \.codec_search_cache,
      \.codec_error_registry, \.before_forkers, \.after_forkers_child, \.after_forkers_parent, \.gc_garbage,
      \.gc_callbacks, \.audit_hooks, \.atexit_callbacks, \.modules, \.sysdict, \.builtins,
    ] as [WritableKeyPath<PyInterpreterState, Ref?>] {
      let old = interp.pointee[keyPath: field]
      interp.pointee[keyPath: field] = nil
      xdecref(old)
    }
    for i in 0..<256 {
      let slot = interp.slot(InterpreterSlot(i))
      let old = slot.pointee
      slot.pointee = nil
      xdecref(old)
    }
    Configuration.remove(from: interp)
  }
  private static func Py_FatalError(_ function: String, _ message: String) -> Never {
    function.withCString { f in message.withCString { m in _Py_FatalErrorFunc(f, m) } }
    abort()
  }

  /// Ends the interpreters that are left when the main one ends.
  static func endAll() {
    guard let main = PyInterpreterState_Main() else { return }
    let own = gila_ts()
    while let interp = main.pointee.next {
      guard let ts = PyThreadState_New(interp) else { return }
      interp.pointee.main_thread = ts
      PyThreadState_Swap(ts)
      Finalization.leaveThreads()
      // Its daemon threads never run again: they find out by its state, which therefore stays.
      interp.pointee.finalizing = 1
      gila_after_fork_forget_threads()
      end(ts, keepsState: true)
      PyThreadState_Swap(own)
    }
  }
}

extension InterpreterFeatures {
  /// The features that a configuration asks for; the message of what is wrong with it otherwise.
  init?(_ c: PyInterpreterConfig, message: inout String) {
    var features: InterpreterFeatures = []
    if c.use_main_obmalloc != 0 { features.insert(.sharedMemory) }
    if c.check_multi_interp_extensions != 0 { features.insert(.checksExtensions) }
    if c.allow_threads != 0 { features.insert(.threads) }
    if c.allow_daemon_threads != 0 { features.insert(.daemonThreads) }
    if c.allow_fork != 0 { features.insert(.fork) }
    if c.allow_exec != 0 { features.insert(.exec) }
    if c.use_main_obmalloc == 0 && c.check_multi_interp_extensions == 0 {
      message = "per-interpreter obmalloc does not support single-phase init extension modules"
      return nil
    }
    switch c.gil {
    case Int32(PyInterpreterConfig_DEFAULT_GIL), Int32(PyInterpreterConfig_SHARED_GIL): break
    case Int32(PyInterpreterConfig_OWN_GIL): features.insert(.ownLock)
    default:
      message = "invalid interpreter config 'gil' value"
      return nil
    }
    self = features
  }
}

// MARK: C API

@c @implementation public func gila_interpreter_new(_ features: UInt, _ whence: Int32) -> ThreadRef? {
  SubInterpreter.make(InterpreterFeatures(rawValue: features), whence: whence)
}
/// An interpreter with the legacy features, whose thread state is current afterwards. Nil if it could not be made.
@c @implementation public func Py_NewInterpreter() -> ThreadRef? {
  SubInterpreter.make(.legacy, whence: 2)
}
@c @implementation public func Py_NewInterpreterFromConfig(
  _ ts: UnsafeMutablePointer<ThreadRef?>!, _ config: UnsafePointer<PyInterpreterConfig>!
) -> PyStatus {
  var status = PyStatus()
  var message = ""
  if let features = InterpreterFeatures(config.pointee, message: &message) {
    ts.pointee = SubInterpreter.make(features, whence: 3)
    if ts.pointee != nil { return status }
    message = "sub-interpreter creation failed"
  }
  ts.pointee = nil
  status._type = 1
  status.func = UnsafePointer(strdup("Py_NewInterpreterFromConfig"))
  status.err_msg = UnsafePointer(strdup(message))
  return status
}
@c @implementation public func Py_EndInterpreter(_ ts: ThreadRef!) { SubInterpreter.end(ts!) }
