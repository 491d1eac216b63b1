// The type _asyncio.Future and the iterator that awaits one.

import CGila
import GilaCore
import GilaModuleSupport

enum FutureType {
  /// The type; made when the module is imported, immortal.
  nonisolated(unsafe) static var type: TypeRef! = nil

  /// Whether `r` is exactly a future or task of this module.
  @inline(__always) static func isNative(_ r: Ref) -> Bool { r.type == FutureType.type || r.type == TaskType.type }

  static func install() {
    if type != nil { return }
    let t = newStaticType()
    t.define(
      "_asyncio.Future", basicSize: MemoryLayout<FutureObject>.size + 7 & ~7,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE),
      doc:
        "Future(*, loop=None)\n--\n\nThe result of an operation that may not have ended yet, for use with one event loop."
    )
    common(t)
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let b = try FutureType.initSignature.bind(tuple: args, dict: kwargs)
        try Future.initialize(r!, loop: b[0])
      }
    }
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_dealloc = { r in FutureType.deallocate(r!, FutureType.type, isTask: false) }
    t.pointee.tp_traverse = { r, f, c in Words.traverse(r!, 0..<FutureObject.references, f, c) }
    t.pointee.tp_clear = { r in Words.clear(r!, 0..<FutureObject.references) }
    t.pointee.tp_finalize = { r in Future.finalize(r!) }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        try Future.requireAlive(r!)
        let f = try AsyncState.objects.imported(.futureRepr, "asyncio.base_futures", "_future_repr")
        return try owned(PyObject_CallOneArg(f, r))
      }
    }
    var m = MethodTable()
    FutureType.methods(&m)
    m.one("set_result", "($self, result, /)", "Mark the future done and give it a result.") { r, value in
      bridgeNone { () throws(PyError) in try Future.setResult(r!, value!) }
    }
    m.one("set_exception", "($self, exception, /)", "Mark the future done and give it an exception.") { r, e in
      bridgeNone { () throws(PyError) in try Future.setException(r!, e!) }
    }
    m.add(FutureType.cancelFunction, "Cancel the future and schedule its callbacks.") { r, a, n, names in
      bridge { () throws(PyError) in
        try Future.requireAlive(r!)
        return bool(try Future.cancel(r!, try FutureType.cancelMessage(a, n, names)))
      }
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    FutureType.attributes(&g)
    t.pointee.tp_getset = g.build()
    type = t
    FutureIterator.install()
  }
  private static let initSignature = Signature("Future", "(*, loop=None)")
  static let cancelFunction = Function("cancel", "($self, /, msg=None)")
  private static let addFunction = Function("add_done_callback", "($self, fn, /, *, context=<unrepresentable>)")

  /// What Future and Task have in common beside methods.
  static func common(_ t: TypeRef) {
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_dictoffset = MemoryLayout<FutureObject>.offset(of: \.dict).unsafelyUnwrapped
    t.pointee.tp_weaklistoffset = MemoryLayout<FutureObject>.offset(of: \.weakList).unsafelyUnwrapped
    t.pointee.tp_iter = { r in FutureIterator.make(r!) }
    t.async.pointee.am_await = { r in FutureIterator.make(r!) }
  }
  static func deallocate(_ r: Ref, _ exact: TypeRef, isTask: Bool) {
    // A subclass's deallocator has called the finalizer already.
    if r.type == exact, PyObject_CallFinalizerFromDealloc(r) < 0 { return }
    PyObject_GC_UnTrack(r.raw)
    if r.future.pointee.weakList != nil { PyObject_ClearWeakRefs(r) }
    Words.clear(r, 0..<FutureObject.references)
    if isTask { Words.clear(r, TaskObject.words) }
    r.type.pointee.tp_free(r.raw)
  }
  /// `cancel(msg=None)`, mostly called without arguments.
  @inline(__always) static func cancelMessage(
    _ a: ArgumentVector?, _ n: Int, _ names: Ref?
  ) throws(PyError) -> Ref? {
    if n == 0 && names == nil { return nil }
    return try cancelFunction.signature.bind(a, n, names)[0]
  }

  static func methods(_ m: inout MethodTable) {
    m.noArguments("result", "($self, /)", "Return the result, or raise the exception, of a future that is done.") {
      r, _ in bridge { () throws(PyError) in try Future.result(r!) }
    }
    m.noArguments("exception", "($self, /)", "Return the exception that was set, or None.") { r, _ in
      bridge { () throws(PyError) in
        let f = r!.future
        if f.pointee.loop == nil { throw AsyncState.invalidState("Future object is not initialized.") }
        if f.pointee.state == .cancelled { throw Future.cancelled(r!) }
        if f.pointee.state == .pending { throw AsyncState.invalidState("Exception is not set.") }
        guard let e = f.pointee.exception else { return noneOwned() }
        f.pointee.logTraceback = false
        return Owned(retaining: e)
      }
    }
    m.add(
      addFunction, "Have a callback called with the future once it is done."
    ) { r, a, n, names in
      bridgeNone { () throws(PyError) in
        var context: Ref? = nil
        if n == 1, names == nil || (names!.size == 1 && gila_tuple_items(names!)[0] == AsyncState[.context]) {
          if names != nil { context = a.unsafelyUnwrapped[1] }
        } else {
          context = try FutureType.addFunction.signature.bind(a, n, names)[1]
        }
        let fn = a.unsafelyUnwrapped[0].unsafelyUnwrapped
        if let context {
          try Future.addCallback(r!, fn, context)
        } else {
          let current = try owned(PyContext_CopyCurrent())
          try Future.addCallback(r!, fn, current.ref)
        }
      }
    }
    m.one("remove_done_callback", "($self, fn, /)", "Remove a callback; returns how often it was there.") { r, fn in
      bridge { () throws(PyError) in try int(try Future.removeCallback(r!, fn!)) }
    }
    m.noArguments("cancelled", "($self, /)", "Return True if the future was cancelled.") { r, _ in
      newRef(pyBool(r!.future.pointee.loop != nil && r!.future.pointee.state == .cancelled))
    }
    m.noArguments("done", "($self, /)", "Return True if the future has a result or exception or was cancelled.") {
      r, _ in newRef(pyBool(r!.future.pointee.loop != nil && r!.future.pointee.state != .pending))
    }
    m.noArguments("get_loop", "($self, /)", "Return the event loop the future belongs to.") { r, _ in
      bridge { () throws(PyError) in
        try Future.requireAlive(r!)
        return Owned(retaining: r!.future.pointee.loop!)
      }
    }
    m.noArguments(
      "_make_cancelled_error", "($self, /)", "Make the CancelledError to raise when the future was cancelled."
    ) { r, _ in bridge { () throws(PyError) in try Future.makeCancelledError(r!) } }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
  }
  /// An attribute that only an initialized future has; nil is None.
  private static func field(_ r: Ref, _ get: (FutureRef) -> Ref?) -> Ref? {
    bridge { () throws(PyError) in
      try Future.requireAlive(r)
      return Owned(retaining: get(r.future) ?? none)
    }
  }
  static func attributes(_ g: inout GetSetTable) {
    g.add(
      "_state",
      get: { r, _ in
        FutureType.field(r!) {
          switch $0.pointee.state {
          case .pending: gila_intern("PENDING")
          case .cancelled: gila_intern("CANCELLED")
          case .finished: gila_intern("FINISHED")
          }
        }
      })
    g.add(
      "_asyncio_future_blocking",
      get: { r, _ in newRef(pyBool(r!.future.pointee.loop != nil && r!.future.pointee.blocking)) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          try Future.requireAlive(r!)
          guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          r!.future.pointee.blocking = try truth(v)
        }
      })
    g.add("_loop", get: { r, _ in newRef(r!.future.pointee.loop ?? none) })
    g.add(
      "_callbacks",
      get: { r, _ in
        bridge { () throws(PyError) in
          try Future.requireAlive(r!)
          return try Future.callbackList(r!)
        }
      })
    g.add("_result", get: { r, _ in FutureType.field(r!) { $0.pointee.result } })
    g.add("_exception", get: { r, _ in FutureType.field(r!) { $0.pointee.exception } })
    g.add(
      "_log_traceback",
      get: { r, _ in FutureType.field(r!) { pyBool($0.pointee.logTraceback) } },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          if try truth(v) { throw valueError("_log_traceback can only be set to False") }
          r!.future.pointee.logTraceback = false
        }
      })
    g.add("_source_traceback", get: { r, _ in newRef(r!.future.pointee.sourceTraceback ?? none) })
    g.add(
      "_cancel_message",
      get: { r, _ in newRef(r!.future.pointee.cancelMessage ?? none) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          replace(r!.word(8), with: newRef(v))
        }
      })
  }
}
