// The functions of sys about frames, tracing and asynchronous generators.

import CGila
import GilaCore
import GilaEval

enum SysTracing {
  static func add(_ m: inout MethodTable) {
    Tracing.pythonFunction = unsafeBitCast(traceEvent as Py_tracefunc, to: UInt.self)
    m.positional("_getframe", "($module, depth=0, /)", "Returns the frame of a caller.") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("_getframe", n, 0, 1)
        var depth = n > 0 ? Int(try intArgument(a![0]!)) : 0
        var frame = PyThreadState_GetFrame(currentThread)
        while depth > 0, let f = frame {
          frame = PyFrame_GetBack(f)
          decref(UnsafeMutableRawPointer(f).assumingMemoryBound(to: PyObject.self))
          depth -= 1
        }
        guard let frame else {
          if errorIsSet { throw PyError() }
          throw valueError("call stack is not deep enough")
        }
        let held = Owned(taking: UnsafeMutableRawPointer(frame).assumingMemoryBound(to: PyObject.self))
        try audit("sys._getframe", held.ref)
        return held
      }
    }
    m.keywords("_getframemodulename", "($module, /, depth=0)", "Returns the name of the module of a caller.") {
      _, a, n, names in
      bridge { () throws(PyError) in
        let b = try SysTracing.depthSignature.bind(a, n, names)
        var depth = b[0] == nil ? 0 : Int(try intArgument(b[0]!))
        try audit("sys._getframemodulename", numbers: depth)
        var frame = currentThread.pointee.current_frame
        while depth > 0, let f = frame {
          frame = f.pointee.previous
          depth -= 1
        }
        guard let frame, let function = frame.pointee.func else { return Owned(retaining: none) }
        if let name = try optionalAttribute(function, "__module__") { return Owned(taking: name) }
        return Owned(retaining: none)
      }
    }
    m.one("settrace", "($module, function, /)", "Sets the function that follows the thread's execution.") { _, f in
      if PySys_AuditTuple("sys.settrace", nil) < 0 { return nil }
      if f == none { PyEval_SetTrace(nil, nil) } else { PyEval_SetTrace(traceEvent, f) }
      return errorIsSet ? nil : newRef(none)
    }
    m.one("setprofile", "($module, function, /)", "Sets the function that follows the thread's calls.") { _, f in
      if PySys_AuditTuple("sys.setprofile", nil) < 0 { return nil }
      if f == none { PyEval_SetProfile(nil, nil) } else { PyEval_SetProfile(profileEvent, f) }
      return errorIsSet ? nil : newRef(none)
    }
    m.one("_settraceallthreads", "($module, function, /)", "Sets the trace function of every thread.") { _, f in
      if PySys_AuditTuple("sys.settrace", nil) < 0 { return nil }
      if f == none { PyEval_SetTraceAllThreads(nil, nil) } else { PyEval_SetTraceAllThreads(traceEvent, f) }
      return errorIsSet ? nil : newRef(none)
    }
    m.one("_setprofileallthreads", "($module, function, /)", "Sets the profile function of every thread.") { _, f in
      if PySys_AuditTuple("sys.setprofile", nil) < 0 { return nil }
      if f == none { PyEval_SetProfileAllThreads(nil, nil) } else { PyEval_SetProfileAllThreads(profileEvent, f) }
      return errorIsSet ? nil : newRef(none)
    }
    m.noArguments("gettrace", "($module, /)", "Returns the trace function.") { _, _ in
      newRef(currentThread.pointee.c_traceobj ?? none)
    }
    m.noArguments("getprofile", "($module, /)", "Returns the profile function.") { _, _ in
      newRef(currentThread.pointee.c_profileobj ?? none)
    }
    m.positional("call_tracing", "($module, func, args, /)", "Calls func(*args) with tracing on.") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("call_tracing", n, 2, 2)
        guard a![1]!.isTuple else {
          throw typeError("call_tracing() argument 2 must be tuple, not \(typeName(of: a![1]!))")
        }
        let ts = currentThread
        let tracing = ts.pointee.tracing
        ts.pointee.tracing = 0
        defer { ts.pointee.tracing = tracing }
        return try owned(PyObject_Call(a![0], a![1], nil))
      }
    }
    m.noArguments("_current_frames", "($module, /)", "Returns the current frame of every thread.") { _, _ in
      bridge { () throws(PyError) in
        try audit("sys._current_frames")
        let d = try owned(PyDict_New())
        try SysTracing.forEachThread { t throws(PyError) in
          guard let frame = PyThreadState_GetFrame(t) else {
            if errorIsSet { throw PyError() }
            return
          }
          let held = Owned(taking: UnsafeMutableRawPointer(frame).assumingMemoryBound(to: PyObject.self))
          let key = try owned(PyLong_FromUnsignedLong(t.pointee.thread_id))
          try check(PyDict_SetItem(d.ref, key.ref, held.ref))
        }
        return d
      }
    }
    m.noArguments("_current_exceptions", "($module, /)", "Returns the handled exception of every thread.") { _, _ in
      bridge { () throws(PyError) in
        try audit("sys._current_exceptions")
        let d = try owned(PyDict_New())
        try SysTracing.forEachThread { t throws(PyError) in
          var item = t.pointee.exc_info
          var found: Ref? = nil
          while let i = item, found == nil {
            if let v = i.pointee.exc_value, v != none { found = v }
            item = i.pointee.previous_item
          }
          let key = try owned(PyLong_FromUnsignedLong(t.pointee.thread_id))
          try check(PyDict_SetItem(d.ref, key.ref, found ?? none))
        }
        return d
      }
    }
    m.noArguments("get_asyncgen_hooks", "($module, /)", "Returns the hooks of asynchronous generators.") { _, _ in
      bridge { () throws(PyError) in
        let t = currentThread.pointee
        return try SysValues.asyncHooks.make([
          newRef(t.async_gen_firstiter ?? none), newRef(t.async_gen_finalizer ?? none),
        ])
      }
    }
    m.keywords(
      "set_asyncgen_hooks", "",
      "set_asyncgen_hooks([firstiter] [, finalizer])\n\nSets the hooks of asynchronous generators."
    ) { _, a, n, names in
      bridgeNone { () throws(PyError) in
        let b = try SysTracing.hooksSignature.bind(a, n, names)
        for (i, what) in ["firstiter", "finalizer"].enumerated() {
          if let f = b[i], f != none, PyCallable_Check(f) == 0 {
            throw typeError("callable \(what) expected, got \(typeName(of: f))")
          }
        }
        let t = currentThread
        if b[1] != nil { try audit("sys.set_asyncgen_hook_finalizer") }
        if b[0] != nil { try audit("sys.set_asyncgen_hook_firstiter") }
        if let f = b[0] { replace(&t.pointee.async_gen_firstiter, with: f == none ? nil : newRef(f)) }
        if let f = b[1] { replace(&t.pointee.async_gen_finalizer, with: f == none ? nil : newRef(f)) }
      }
    }
  }
  private static let depthSignature = Signature("_getframemodulename", "(depth=0)")
  private static let hooksSignature = Signature("set_asyncgen_hooks", "(firstiter=None, finalizer=None)")

  static func forEachThread(_ body: (ThreadRef) throws(PyError) -> Void) throws(PyError) {
    var each: ThreadRef? = currentInterpreter.pointee.threads_head
    while let t = each {
      try body(t)
      each = t.pointee.next
    }
  }
}

private func eventName(_ what: Int32) -> Ref {
  switch what {
  case 0: text("call")
  case 1: text("exception")
  case 2: text("line")
  case 3: text("return")
  case 4: text("c_call")
  case 5: text("c_exception")
  case 6: text("c_return")
  default: text("opcode")
  }
}
/// Python's trace function behind the C protocol: what it returns follows the frame from then on.
private func traceEvent(
  _ function: Ref?, _ frame: UnsafeMutablePointer<PyFrameObject>?, _ what: Int32, _ argument: Ref?
) -> Int32 {
  guard let function, let frame else { return 0 }
  let target = what == 0 ? function : frame.pointee.f_trace
  guard let target else { return 0 }
  let held = newRef(target)
  defer { decref(held) }
  let f = UnsafeMutableRawPointer(frame).assumingMemoryBound(to: PyObject.self)
  do throws(PyError) {
    let r = try call(held, f, eventName(what), argument ?? none)
    if r.ref != none { replace(&frame.pointee.f_trace, with: newRef(r.ref)) }
    return 0
  } catch {
    let e = PyErr_GetRaisedException()
    PyEval_SetTrace(nil, nil)
    clear(&frame.pointee.f_trace)
    PyErr_SetRaisedException(e)
    return -1
  }
}
private func profileEvent(
  _ function: Ref?, _ frame: UnsafeMutablePointer<PyFrameObject>?, _ what: Int32, _ argument: Ref?
) -> Int32 {
  guard let function, let frame else { return 0 }
  let f = UnsafeMutableRawPointer(frame).assumingMemoryBound(to: PyObject.self)
  do throws(PyError) {
    _ = try call(function, f, eventName(what), argument ?? none)
    return 0
  } catch {
    let e = PyErr_GetRaisedException()
    PyEval_SetProfile(nil, nil)
    PyErr_SetRaisedException(e)
    return -1
  }
}
