import CGila
import GilaCore

/// Asynchronous generators (PEP 525): a generator whose yielded values are wrapped, so that they can be told from what
/// an `await` inside passes on, and the awaitables that resume it.
enum AsyncGenerator {
  struct Wrapped {
    var ob_base: PyObject
    var value: Ref?
  }
  /// An awaitable of `__anext__`, `asend`, `athrow` or `aclose`. `arguments` is the value to send, or what to throw (a
  /// tuple; nil to close).
  struct Awaitable {
    var ob_base: PyObject
    var generator: Ref?
    var arguments: Ref?
    var state: Int32
  }
  static let fresh: Int32 = 0
  static let running: Int32 = 1
  static let closed: Int32 = 2

  static func wrap(_ v: Ref) -> Ref? {
    guard let w = PyType_GenericAlloc(Types.asyncGenWrappedValue, 0) else { return nil }
    w.cast(Wrapped.self).pointee.value = newRef(v)
    return w
  }
  private static func isWrapped(_ r: Ref) -> Bool { r.isExactly(Types.asyncGenWrappedValue) }
  private static func object(_ g: Ref) -> Generator.Object { Generator.object(g) }

  /// At first use: the event loop's hooks (sys.set_asyncgen_hooks).
  private static func initHooks(_ g: Ref) -> Bool {
    let o = object(g)
    if o.pointee.gi_hooks_inited != 0 { return true }
    o.pointee.gi_hooks_inited = 1
    let ts = gila_ts()
    if let f = ts.pointee.async_gen_finalizer { o.pointee.gi_origin_or_finalizer = newRef(f) }
    if let f = ts.pointee.async_gen_firstiter {
      gila_incref(f)
      let r = PyObject_CallOneArg(f, g)
      gila_decref(f)
      guard let r else { return false }
      gila_decref(r)
    }
    return true
  }
  private static func awaitable(_ t: TypeRef, _ g: Ref, _ arguments: Ref?) -> Ref? {
    if !initHooks(g) { return nil }
    guard let a = PyType_GenericAlloc(t, 0) else { return nil }
    a.cast(Awaitable.self).pointee.generator = newRef(g)
    a.cast(Awaitable.self).pointee.arguments = xnewRef(arguments)
    return a
  }
  /// A result of the generator: a wrapped value ends the awaitable with StopIteration(value).
  private static func unwrap(_ g: Ref, _ result: Ref?) -> Ref? {
    guard let result else {
      if !errorIsSet { PyErr_SetNone(Exc.StopAsyncIteration.object) }
      if PyErr_ExceptionMatches(Exc.StopAsyncIteration.object) != 0
        || PyErr_ExceptionMatches(Exc.GeneratorExit.object) != 0
      {
        object(g).pointee.gi_closed = 1
      }
      object(g).pointee.gi_running_async = 0
      return nil
    }
    if isWrapped(result) {
      Generator.setStopValue(result.cast(Wrapped.self).pointee.value!)
      gila_decref(result)
      object(g).pointee.gi_running_async = 0
      return nil
    }
    return result
  }

  // MARK: asend and anext

  private static func sendSend(_ a: Ref, _ value: Ref?) -> Ref? {
    let o = a.cast(Awaitable.self)
    let g = o.pointee.generator!
    var value = value
    if o.pointee.state == closed {
      _ = runtimeError("cannot reuse already awaited __anext__()/asend()")
      return nil
    }
    if o.pointee.state == fresh {
      if object(g).pointee.gi_running_async != 0 {
        o.pointee.state = closed
        _ = runtimeError("anext(): asynchronous generator is already running")
        return nil
      }
      if value == nil || value == none { value = o.pointee.arguments }
      o.pointee.state = running
    }
    object(g).pointee.gi_running_async = 1
    let r = unwrap(g, Generator.send(g, value ?? none))
    if r == nil { o.pointee.state = closed }
    return r
  }
  private static func sendThrow(_ a: Ref, _ args: ArgumentVector?, _ n: Int) -> Ref? {
    let o = a.cast(Awaitable.self)
    let g = o.pointee.generator!
    if o.pointee.state == closed {
      _ = runtimeError("cannot reuse already awaited __anext__()/asend()")
      return nil
    }
    if o.pointee.state == fresh {
      if object(g).pointee.gi_running_async != 0 {
        o.pointee.state = closed
        _ = runtimeError("anext(): asynchronous generator is already running")
        return nil
      }
      o.pointee.state = running
      object(g).pointee.gi_running_async = 1
    }
    let r = unwrap(g, Generator.throwMethod(g, args, n))
    if r == nil { o.pointee.state = closed }
    return r
  }

  // MARK: athrow and aclose

  private static func name(_ a: Ref) -> String { a.cast(Awaitable.self).pointee.arguments == nil ? "aclose" : "athrow" }
  private static func ignoredExit(_ a: Ref) -> Ref? {
    let o = a.cast(Awaitable.self)
    object(o.pointee.generator!).pointee.gi_running_async = 0
    o.pointee.state = closed
    _ = runtimeError("async generator ignored GeneratorExit")
    return nil
  }
  /// An exception came out: for `aclose` the end of the generator is success.
  private static func ended(_ a: Ref) -> Ref? {
    let o = a.cast(Awaitable.self)
    object(o.pointee.generator!).pointee.gi_running_async = 0
    o.pointee.state = closed
    if o.pointee.arguments == nil,
      PyErr_ExceptionMatches(Exc.StopAsyncIteration.object) != 0
        || PyErr_ExceptionMatches(Exc.GeneratorExit.object) != 0
    {
      PyErr_Clear()
      PyErr_SetNone(Exc.StopIteration.object)
    }
    return nil
  }
  private static func throwSend(_ a: Ref, _ value: Ref?) -> Ref? {
    let o = a.cast(Awaitable.self)
    let g = o.pointee.generator!
    if o.pointee.state == closed {
      _ = runtimeError("cannot reuse already awaited aclose()/athrow()")
      return nil
    }
    if Generator.isFinished(g) {
      o.pointee.state = closed
      PyErr_SetNone(Exc.StopIteration.object)
      return nil
    }
    if o.pointee.state == fresh {
      if object(g).pointee.gi_running_async != 0 {
        o.pointee.state = closed
        _ = runtimeError("\(name(a))(): asynchronous generator is already running")
        return nil
      }
      if object(g).pointee.gi_closed != 0 {
        o.pointee.state = closed
        PyErr_SetNone(Exc.StopAsyncIteration.object)
        return nil
      }
      if let value, value != none {
        _ = runtimeError("can't send non-None value to a just-started coroutine")
        return nil
      }
      o.pointee.state = running
      object(g).pointee.gi_running_async = 1
      guard let args = o.pointee.arguments else {
        object(g).pointee.gi_closed = 1
        guard let r = Generator.throwInto(g, Exc.GeneratorExit.object, nil, nil, closesOnExit: false) else {
          return ended(a)
        }
        if isWrapped(r) {
          gila_decref(r)
          return ignoredExit(a)
        }
        return r
      }
      let items = gila_tuple_items(args)
      let r = Generator.throwInto(
        g, items[0]!, args.size > 1 ? items[1] : nil, args.size > 2 ? items[2] : nil, closesOnExit: false)
      return unwrap(g, r) ?? ended(a)
    }
    let r = Generator.send(g, value ?? none)
    if o.pointee.arguments != nil {
      let u = unwrap(g, r)
      if u == nil { o.pointee.state = closed }
      return u
    }
    guard let r else { return ended(a) }
    if isWrapped(r) {
      gila_decref(r)
      return ignoredExit(a)
    }
    return r
  }
  private static func throwThrow(_ a: Ref, _ args: ArgumentVector?, _ n: Int) -> Ref? {
    let o = a.cast(Awaitable.self)
    let g = o.pointee.generator!
    if o.pointee.state == closed {
      _ = runtimeError("cannot reuse already awaited aclose()/athrow()")
      return nil
    }
    if o.pointee.state == fresh {
      if object(g).pointee.gi_running_async != 0 {
        o.pointee.state = closed
        _ = runtimeError("\(name(a))(): asynchronous generator is already running")
        return nil
      }
      o.pointee.state = running
      object(g).pointee.gi_running_async = 1
    }
    let r = Generator.throwMethod(g, args, n)
    if o.pointee.arguments != nil {
      let u = unwrap(g, r)
      if u == nil { o.pointee.state = closed }
      return u
    }
    guard let r else { return ended(a) }
    if isWrapped(r) {
      gila_decref(r)
      return ignoredExit(a)
    }
    return r
  }
  /// `close()` of either awaitable.
  private static func closeAwaitable(_ a: Ref, _ throwing: (Ref, ArgumentVector?, Int) -> Ref?) -> Ref? {
    if a.cast(Awaitable.self).pointee.state == closed { return newRef(none) }
    var exit: Ref? = Exc.GeneratorExit.object
    let r = withUnsafePointer(to: &exit) { throwing(a, $0, 1) }
    if let r {
      gila_decref(r)
      _ = runtimeError("coroutine ignored GeneratorExit")
      return nil
    }
    if PyErr_ExceptionMatches(Exc.StopIteration.object) != 0
      || PyErr_ExceptionMatches(Exc.StopAsyncIteration.object) != 0
      || PyErr_ExceptionMatches(Exc.GeneratorExit.object) != 0
    {
      PyErr_Clear()
      return newRef(none)
    }
    return nil
  }
  /// An awaitable of the generator that nobody awaited.
  private static func warnUnused(_ a: Ref, _ method: String) {
    let o = a.cast(Awaitable.self)
    guard o.pointee.state == fresh, let g = o.pointee.generator else { return }
    let saved = PyErr_GetRaisedException()
    let name = swiftString(object(g).pointee.gi_qualname!)
    if PyErr_WarnEx(Exc.RuntimeWarning.object, "coroutine method '\(method)' of '\(name)' was never awaited", 1) < 0 {
      PyErr_WriteUnraisable(a)
    }
    PyErr_SetRaisedException(saved)
  }

  // MARK: Types

  static func install() {
    let t = Types.asyncGen
    t.define(
      "async_generator", basicSize: Generator.frameOffset + Eval.frameHead, itemSize: 8,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    Generator.fill(t)
    t.async.pointee.am_aiter = PyObject_SelfIter
    t.async.pointee.am_anext = { g in AsyncGenerator.awaitable(Types.asyncGenASend, g!, nil) }
    t.async.pointee.am_send = { g, v, r in Generator.resume(g!, v, &r!.pointee) }
    var m = MethodTable()
    m.one("asend", "", "asend(v) -> send 'v' in generator.") { g, v in
      AsyncGenerator.awaitable(Types.asyncGenASend, g!, v)
    }
    m.positional("athrow", "", "athrow(value) -> raise an exception in the generator.") { g, args, n in
      bridge { () throws(PyError) in
        try checkCount("athrow", n, 1, 3)
        if n > 1 {
          try check(
            PyErr_WarnEx(
              Exc.DeprecationWarning.object,
              "the (type, exc, tb) signature of athrow() is deprecated, use the single-arg signature instead.", 1))
        }
        let t = try owned(PyTuple_New(n))
        for i in 0..<n { gila_tuple_items(t.ref)[i] = newRef(args![i]!) }
        return try owned(AsyncGenerator.awaitable(Types.asyncGenAThrow, g!, t.ref))
      }
    }
    m.noArguments("aclose", "", "aclose() -> raise GeneratorExit inside generator.") { g, _ in
      AsyncGenerator.awaitable(Types.asyncGenAThrow, g!, nil)
    }
    Generator.addSizeof(&m)
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { c, a in Py_GenericAlias(c, a) }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    Generator.addNames(&g)
    g.add("ag_await", get: { g, _ in newRef(Generator.delegate(g!) ?? none) })
    g.add("ag_running", get: { g, _ in newRef(pyBool(AsyncGenerator.object(g!).pointee.gi_running_async != 0)) })
    g.add("ag_frame", get: { g, _ in Generator.frameObject(g!, auditedAs: "ag_frame") })
    g.add(
      "ag_code",
      get: { g, _ in
        bridge { () throws(PyError) in
          try auditRead(g!, "ag_code")
          return Owned(
            retaining: UnsafeMutableRawPointer(Generator.code(g!)).assumingMemoryBound(to: PyObject.self))
        }
      })
    g.add(
      "ag_suspended",
      get: { g, _ in
        let s = AsyncGenerator.object(g!).pointee.gi_frame_state
        return newRef(pyBool(s == Generator.suspended || s == Generator.delegating))
      })
    t.pointee.tp_getset = g.build()

    let s = Types.asyncGenASend
    awaitableType(s, "async_generator_asend")
    s.pointee.tp_finalize = { a in AsyncGenerator.warnUnused(a!, "asend") }
    s.pointee.tp_iternext = { a in AsyncGenerator.sendSend(a!, nil) }
    var sm = MethodTable()
    sm.one("send") { a, v in AsyncGenerator.sendSend(a!, v) }
    sm.positional("throw") { a, args, n in AsyncGenerator.sendThrow(a!, args, n) }
    sm.noArguments("close") { a, _ in AsyncGenerator.closeAwaitable(a!) { AsyncGenerator.sendThrow($0, $1, $2) } }
    s.pointee.tp_methods = sm.build()

    let x = Types.asyncGenAThrow
    awaitableType(x, "async_generator_athrow")
    x.pointee.tp_finalize = { a in AsyncGenerator.warnUnused(a!, AsyncGenerator.name(a!)) }
    x.pointee.tp_iternext = { a in AsyncGenerator.throwSend(a!, none) }
    var xm = MethodTable()
    xm.one("send") { a, v in AsyncGenerator.throwSend(a!, v) }
    xm.positional("throw") { a, args, n in AsyncGenerator.throwThrow(a!, args, n) }
    xm.noArguments("close") { a, _ in AsyncGenerator.closeAwaitable(a!) { AsyncGenerator.throwThrow($0, $1, $2) } }
    x.pointee.tp_methods = xm.build()

    let w = Types.asyncGenWrappedValue
    w.define(
      "async_generator_wrapped_value", basicSize: 24,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    w.pointee.tp_alloc = PyType_GenericAlloc
    w.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      GilaCore.clear(&r!.cast(Wrapped.self).pointee.value)
      PyObject_GC_Del(r!.raw)
    }
    w.pointee.tp_traverse = { r, v, c in r!.cast(Wrapped.self).pointee.value.map { v!($0, c) } ?? 0 }
  }
  private static func awaitableType(_ t: TypeRef, _ name: StaticString) {
    t.define(
      name, basicSize: MemoryLayout<Awaitable>.stride,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_iter = PyObject_SelfIter
    t.async.pointee.am_await = PyObject_SelfIter
    t.pointee.tp_dealloc = { a in
      if PyObject_CallFinalizerFromDealloc(a) < 0 { return }
      PyObject_GC_UnTrack(a!.raw)
      GilaCore.clear(&a!.cast(Awaitable.self).pointee.generator)
      GilaCore.clear(&a!.cast(Awaitable.self).pointee.arguments)
      PyObject_GC_Del(a!.raw)
    }
    t.pointee.tp_traverse = { a, v, c in
      for x in [a!.cast(Awaitable.self).pointee.generator, a!.cast(Awaitable.self).pointee.arguments] {
        if let x {
          let s = v!(x, c)
          if s != 0 { return s }
        }
      }
      return 0
    }
  }
}
