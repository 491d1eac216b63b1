import CGila
import GilaCore

/// Coroutines of `async def`, and what `await` and `async for` accept.
enum Coroutine {
  private static func isIterableCoroutine(_ r: Ref) -> Bool {
    r.isExactly(Types.gen) && Generator.code(r).pointee.co_flags & 0x100 != 0
  }
  /// The iterator that `await r` runs (new reference).
  static func iterator(_ r: Ref) -> Ref? {
    if r.isExactly(Types.coro) || isIterableCoroutine(r) { return newRef(r) }
    guard let getter = r.type.pointee.tp_as_async?.pointee.am_await else {
      _ = typeError("object \(typeName(of: r)) can't be used in 'await' expression")
      return nil
    }
    guard let it = getter(r) else { return nil }
    if it.isExactly(Types.coro) || isIterableCoroutine(it) {
      _ = typeError("__await__() returned a coroutine")
      gila_decref(it)
      return nil
    }
    if PyIter_Check(it) == 0 {
      _ = typeError("__await__() returned non-iterator of type '\(typeName(of: it))'")
      gila_decref(it)
      return nil
    }
    return it
  }
  /// GET_AWAITABLE: `place` is 1 after `__aenter__`, 2 after `__aexit__`.
  static func awaitable(_ v: Ref, _ place: Int) -> Ref? {
    guard let it = iterator(v) else {
      if place != 0, v.type.pointee.tp_as_async?.pointee.am_await == nil {
        PyErr_Clear()
        _ = typeError(
          "'async with' received an object from \(place == 1 ? "__aenter__" : "__aexit__") that does not implement __await__: \(typeName(of: v))"
        )
      }
      return nil
    }
    if it.isExactly(Types.coro), Generator.delegate(it) != nil {
      gila_decref(it)
      _ = runtimeError("coroutine is being awaited already")
      return nil
    }
    return it
  }
  static func asyncIterator(_ v: Ref) -> Ref? {
    guard let getter = v.type.pointee.tp_as_async?.pointee.am_aiter else {
      _ = typeError("'async for' requires an object with __aiter__ method, got \(typeName(of: v))")
      return nil
    }
    guard let it = getter(v) else { return nil }
    if it.type.pointee.tp_as_async?.pointee.am_anext == nil {
      _ = typeError(
        "'async for' received an object from __aiter__ that does not implement __anext__: \(typeName(of: it))")
      gila_decref(it)
      return nil
    }
    return it
  }
  static func asyncNext(_ v: Ref) -> Ref? {
    guard let getter = v.type.pointee.tp_as_async?.pointee.am_anext else {
      _ = typeError("'async for' requires an iterator with __anext__ method, got \(typeName(of: v))")
      return nil
    }
    guard let next = getter(v) else { return nil }
    if v.isExactly(Types.asyncGen) { return next }
    defer { gila_decref(next) }
    if let it = iterator(next) { return it }
    let text = newString("'async for' received an invalid object from __anext__: \(typeName(of: next))")
    _PyErr_FormatFromCause(Exc.TypeError.object, text)
    return nil
  }
  static func warnNeverAwaited(_ g: Ref) {
    // Lib/warnings.py words the message and shows the origin.
    if let warnings = PyImport_GetModule(gila_intern("warnings")) {
      defer { gila_decref(warnings) }
      if let f = PyObject_GetAttrString(warnings, "_warn_unawaited_coroutine") {
        defer { gila_decref(f) }
        if let r = PyObject_CallOneArg(f, g) {
          gila_decref(r)
          return
        }
        // The warning as an error has done its work; whatever else went wrong, the warning comes without the origin.
        let isWarned = PyErr_ExceptionMatches(Exc.RuntimeWarning.object) != 0
        PyErr_WriteUnraisable(g)
        if isWarned { return }
      }
    }
    PyErr_Clear()
    let name = swiftString(Generator.object(g).pointee.gi_qualname!)
    if PyErr_WarnEx(Exc.RuntimeWarning.object, "coroutine '\(name)' was never awaited", 1) < 0 {
      PyErr_WriteUnraisable(g)
    }
  }

  struct Wrapper {
    var ob_base: PyObject
    var coroutine: Ref?
  }
  static func install() {
    let t = Types.coro
    t.define(
      "coroutine", basicSize: Generator.frameOffset + Eval.frameHead, itemSize: 8,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    Generator.fill(t)
    t.async.pointee.am_await = { g in
      guard let w = PyType_GenericAlloc(Types.coroWrapper, 0) else { return nil }
      w.cast(Wrapper.self).pointee.coroutine = newRef(g!)
      return w
    }
    t.async.pointee.am_send = { g, v, r in Generator.resume(g!, v, &r!.pointee) }
    var m = MethodTable()
    m.one(
      "send", "", "send(arg) -> send 'arg' into coroutine,\nreturn next iterated value or raise StopIteration."
    ) { g, v in Generator.send(g!, v!) }
    m.positional(
      "throw", "", "throw(value)\n\nRaise an exception in coroutine code and return the next value it yields."
    ) {
      g, args, n in Generator.throwMethod(g!, args, n)
    }
    m.noArguments("close", "", "close() -> raise GeneratorExit inside coroutine.") { g, _ in Generator.close(g!) }
    Generator.addSizeof(&m)
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { c, a in Py_GenericAlias(c, a) }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    Generator.addNames(&g)
    g.add("cr_await", get: { g, _ in newRef(Generator.delegate(g!) ?? none) })
    g.add(
      "cr_running", get: { g, _ in newRef(pyBool(Generator.object(g!).pointee.gi_frame_state == Generator.executing)) })
    g.add("cr_frame", get: { g, _ in Generator.frameObject(g!, auditedAs: "cr_frame") })
    g.add(
      "cr_code",
      get: { g, _ in
        bridge { () throws(PyError) in
          try auditRead(g!, "cr_code")
          return Owned(
            retaining: UnsafeMutableRawPointer(Generator.code(g!)).assumingMemoryBound(to: PyObject.self))
        }
      })
    g.add("cr_origin", get: { g, _ in newRef(Generator.object(g!).pointee.gi_origin_or_finalizer ?? none) })
    g.add(
      "cr_suspended",
      get: { g, _ in
        let s = Generator.object(g!).pointee.gi_frame_state
        return newRef(pyBool(s == Generator.suspended || s == Generator.delegating))
      })
    t.pointee.tp_getset = g.build()
    installWrapper()
    AnextAwaitable.install()
  }
  /// What `coroutine.__await__()` returns: an iterator over the coroutine.
  private static func installWrapper() {
    let t = Types.coroWrapper
    t.define(
      "coroutine_wrapper", basicSize: 24, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION),
      doc: "A wrapper object implementing __await__ for coroutines.")
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { Generator.next($0!.cast(Wrapper.self).pointee.coroutine!) }
    t.pointee.tp_dealloc = { w in
      PyObject_GC_UnTrack(w!.raw)
      GilaCore.clear(&w!.cast(Wrapper.self).pointee.coroutine)
      PyObject_GC_Del(w!.raw)
    }
    t.pointee.tp_traverse = { w, v, c in w!.cast(Wrapper.self).pointee.coroutine.map { v!($0, c) } ?? 0 }
    var m = MethodTable()
    m.one("send", "", "send(arg) -> send 'arg' into coroutine,\nreturn next iterated value or raise StopIteration.") {
      w, v in Generator.send(w!.cast(Wrapper.self).pointee.coroutine!, v!)
    }
    m.positional(
      "throw", "", "throw(value)\n\nRaise an exception in coroutine code and return the next value it yields."
    ) {
      w, args, n in Generator.throwMethod(w!.cast(Wrapper.self).pointee.coroutine!, args, n)
    }
    m.noArguments("close", "", "close() -> raise GeneratorExit inside coroutine.") { w, _ in
      Generator.close(w!.cast(Wrapper.self).pointee.coroutine!)
    }
    t.pointee.tp_methods = m.build()
  }
}

/// `anext(iterator, default)`: an awaitable that turns the end of the iterator into the default.
enum AnextAwaitable {
  struct Object {
    var ob_base: PyObject
    var wrapped: Ref?
    var fallback: Ref?
  }
  /// The iterator of the wrapped awaitable.
  private static func iterator(_ r: Ref) -> Ref? {
    let wrapped = r.cast(Object.self).pointee.wrapped!
    guard let it = Coroutine.iterator(wrapped) else { return nil }
    if it.type.pointee.tp_iternext != nil && !it.isExactly(Types.coro) { return it }
    // A coroutine is iterated through its wrapper.
    guard let getter = it.type.pointee.tp_as_async?.pointee.am_await else {
      gila_decref(it)
      _ = typeError("object \(typeName(of: wrapped)) can't be used in 'await' expression")
      return nil
    }
    let inner = getter(it)
    gila_decref(it)
    guard let inner else { return nil }
    if PyIter_Check(inner) == 0 {
      gila_decref(inner)
      _ = typeError("__await__() must return an iterator, not \(typeName(of: wrapped))")
      return nil
    }
    return inner
  }
  private static func orDefault(_ r: Ref, _ result: Ref?) -> Ref? {
    if result != nil { return result }
    if PyErr_ExceptionMatches(Exc.StopAsyncIteration.object) != 0 {
      PyErr_Clear()
      Generator.setStopValue(r.cast(Object.self).pointee.fallback!)
    }
    return nil
  }
  private static func proxy(_ r: Ref, _ name: String, _ args: ArgumentVector?, _ n: Int) -> Ref? {
    guard let it = iterator(r) else { return nil }
    defer { gila_decref(it) }
    guard let m = PyObject_GetAttrString(it, name) else { return nil }
    defer { gila_decref(m) }
    return orDefault(r, gila_call_vector(m, args, n, nil))
  }
  static func install() {
    let t = Types.anextAwaitable
    t.define(
      "anext_awaitable", basicSize: 32, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.async.pointee.am_await = PyObject_SelfIter
    t.pointee.tp_iternext = { r in
      guard let it = AnextAwaitable.iterator(r!) else { return nil }
      defer { gila_decref(it) }
      return AnextAwaitable.orDefault(r!, it.type.pointee.tp_iternext(it))
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      GilaCore.clear(&r!.cast(Object.self).pointee.wrapped)
      GilaCore.clear(&r!.cast(Object.self).pointee.fallback)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, v, c in
      for x in [r!.cast(Object.self).pointee.wrapped, r!.cast(Object.self).pointee.fallback] {
        if let x {
          let s = v!(x, c)
          if s != 0 { return s }
        }
      }
      return 0
    }
    var m = MethodTable()
    m.positional("send") { r, args, n in AnextAwaitable.proxy(r!, "send", args, n) }
    m.positional("throw") { r, args, n in AnextAwaitable.proxy(r!, "throw", args, n) }
    m.positional("close") { r, args, n in AnextAwaitable.proxy(r!, "close", args, n) }
    t.pointee.tp_methods = m.build()
  }
}
@c @implementation public func PyAnextAwaitable_New(_ awaitable: Ref!, _ fallback: Ref!) -> Ref? {
  guard let r = PyType_GenericAlloc(Types.anextAwaitable, 0) else { return nil }
  r.cast(AnextAwaitable.Object.self).pointee.wrapped = newRef(awaitable!)
  r.cast(AnextAwaitable.Object.self).pointee.fallback = newRef(fallback!)
  return r
}
