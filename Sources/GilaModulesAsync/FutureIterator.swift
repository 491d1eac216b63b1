// The iterator of `await future`: yields the future once, then returns its result.

import CGila
import GilaCore
import GilaModuleSupport

enum FutureIterator {
  nonisolated(unsafe) static var type: TypeRef! = nil

  static func make(_ future: Ref) -> Ref? {
    bridge { () throws(PyError) in
      try Future.requireAlive(future)
      let r = try owned(_PyObject_GC_New(FutureIterator.type))
      r.ref.word(0).pointee = newRef(future)
      PyObject_GC_Track(r.ref.raw)
      return r
    }
  }

  static func send(_ r: Ref, _ result: inout Ref?) -> PySendResult {
    result = nil
    guard let future = r.word(0).pointee else { return PYGEN_ERROR_ }
    let f = future.future
    if f.pointee.state == .pending {
      if !f.pointee.blocking {
        f.pointee.blocking = true
        result = newRef(future)
        return PYGEN_NEXT_
      }
      _ = runtimeError("await wasn't used with future")
      return PYGEN_ERROR_
    }
    r.word(0).pointee = nil
    let held = Owned(taking: future)
    do throws(PyError) {
      result = try Future.result(held.ref).take()
      return PYGEN_RETURN_
    } catch { return PYGEN_ERROR_ }
  }
  static func next(_ r: Ref) -> Ref? {
    var result: Ref? = nil
    let status = send(r, &result)
    guard status == PYGEN_RETURN_, let value = result else { return result }
    if value == none {
      decref(value)
      PyErr_SetNone(Exc.StopIteration.object)
    } else if let e = PyObject_CallOneArg(Exc.StopIteration.object, value) {
      decref(value)
      PyErr_SetObject(Exc.StopIteration.object, e)
      decref(e)
    } else {
      decref(value)
    }
    return nil
  }
  /// Raises what `throw` was given, after the checks generators make.
  private static func throwInto(_ r: Ref, _ a: ArgumentVector, _ n: Int) throws(PyError) -> Owned {
    try checkCount("throw", n, 1, 3)
    if n > 1 {
      try check(
        PyErr_WarnEx(
          Exc.DeprecationWarning.object,
          "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.", 1))
    }
    let given = a[0]!
    let value = n > 1 && a[1] != none ? a[1] : nil
    let traceback = n > 2 && a[2] != none ? a[2] : nil
    if let traceback, !traceback.isExactly(Types.traceBack) {
      throw typeError("throw() third argument must be a traceback")
    }
    let e: Owned
    if given.isType, PyType_IsSubtype(given.asType, Exc.BaseException) != 0 {
      if let value, value.isInstance(of: given.asType) {
        e = Owned(retaining: value)
      } else if let value {
        e = value.isTuple ? try owned(PyObject_Call(given, value, nil)) : try owned(PyObject_CallOneArg(given, value))
      } else {
        e = try owned(PyObject_CallNoArgs(given))
      }
      if !e.ref.isException {
        throw typeError("exceptions must derive from BaseException")
      }
    } else if given.isException {
      if value != nil { throw typeError("instance exception may not have a separate value") }
      e = Owned(retaining: given)
    } else {
      throw typeError("exceptions must be classes deriving BaseException or instances of such a class")
    }
    if let traceback { PyException_SetTraceback(e.ref, traceback) }
    GilaCore.clear(r.word(0))
    PyErr_SetRaisedException(e.take())
    throw PyError()
  }

  static func install() {
    let t = newStaticType()
    t.define("_asyncio.FutureIter", basicSize: 24, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = { newRef($0!) }
    t.pointee.tp_iternext = { FutureIterator.next($0!) }
    t.async.pointee.am_send = { r, _, result in FutureIterator.send(r!, &result!.pointee) }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(r!.word(0).pointee)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, c in Words.traverse(r!, 0..<1, f, c) }
    t.pointee.tp_clear = { r in Words.clear(r!, 0..<1) }
    var m = MethodTable()
    m.one("send", "($self, object, /)", "Go on; the value sent is of no use to a future.") { r, _ in
      FutureIterator.next(r!)
    }
    m.positional("throw") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("throw", n, 1, 3)
        return try FutureIterator.throwInto(r!, a!, n)
      }
    }
    m.noArguments("close", "($self, /)", "Let go of the future.") { r, _ in
      GilaCore.clear(r!.word(0))
      return none
    }
    t.pointee.tp_methods = m.build()
    type = t
  }
}
