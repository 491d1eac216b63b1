import CGila
import GilaCore

// Calls and operations that come down to a Python function of the class: its frame is pushed without native code between
// the caller and it. None of this while calls are observed.
extension Eval {
  /// The `__call__` of an object, if it is a Python function.
  @inline(__always) static func callMethod(_ callable: Ref, _ ts: ThreadRef) -> Ref? {
    guard callable.type.pointee.tp_flags & UInt(Py_TPFLAGS_HEAPTYPE) != 0, !observesCalls(ts) else { return nil }
    return functionOfClass(callable, Dunder.call.ref)
  }
  /// A frame for `x[y]`, if `__getitem__` of the object is a Python function of two parameters. The operands stay borrowed.
  @inline(__always) static func itemCall(_ ts: ThreadRef, _ x: Ref, _ y: Ref) -> FrameRef? {
    guard x.type.pointee.tp_flags & UInt(Py_TPFLAGS_HEAPTYPE) != 0, ts.pointee.py_recursion_remaining > 0,
      !observesCalls(ts)
    else { return nil }
    return itemFrame(ts, x, y)
  }
  @inline(never) private static func itemFrame(_ ts: ThreadRef, _ x: Ref, _ y: Ref) -> FrameRef? {
    guard let f = functionOfClass(x, Dunder.getitem.ref), isSimple(f), Function.code(f).pointee.co_argcount == 2
    else { return nil }
    guard let callee = newFrame(ts, f) else {
      // No memory: the general way says so, if there is none then.
      PyErr_Clear()
      return nil
    }
    locals(callee)[0] = newRef(x)
    locals(callee)[1] = newRef(y)
    return callee
  }
  @inline(__always) private static func observesCalls(_ ts: ThreadRef) -> Bool {
    ts.pointee.c_profilefunc != nil || Tracing.monitorsCalls(ts)
  }
  @inline(never) private static func functionOfClass(_ o: Ref, _ name: Ref) -> Ref? {
    guard let f = _PyType_Lookup(o.type, name), f.isExactly(Types.function) else { return nil }
    return f
  }

  // MARK: Classes

  // Of classes that make an instance as `object.__new__` does and set it up by a Python function. The new object lies on the
  // caller's stack meanwhile, and is the value of the call when the frame of `__init__` returns.

  /// The `__init__` of such a class; nil for other objects and classes.
  @inline(__always) static func initializer(_ callable: Ref, _ ts: ThreadRef) -> Ref? {
    // What `type.__call__` serves is a class.
    guard address(callable.type.pointee.tp_call) == address(Types.type.pointee.tp_call),
      callable.asType.pointee.tp_flags & UInt(Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_IS_ABSTRACT)
        == UInt(Py_TPFLAGS_HEAPTYPE),
      ts.pointee.py_recursion_remaining > 0, !observesCalls(ts)
    else { return nil }
    let cache = specializationCache(callable)
    let version = callable.asType.pointee.tp_version_tag
    let known = version != 0 && cache.pointee.getitem_version == version
    guard let f = known ? cache.pointee.`init` : findInitializer(callable.asType),
      Function.code(f).pointee.co_flags & makesGenerator == 0
    else { return nil }
    return f
  }
  /// CO_GENERATOR, CO_COROUTINE and CO_ASYNC_GENERATOR: such a function returns before it runs. A function can be given
  /// other code at any time.
  private static var makesGenerator: Int32 { 0x20 | 0x80 | 0x200 }
  private static func specializationCache(_ t: Ref) -> UnsafeMutablePointer<_specialization_cache> {
    (t.raw + MemoryLayout<PyHeapTypeObject>.offset(of: \._spec_cache).unsafelyUnwrapped)
      .assumingMemoryBound(to: _specialization_cache.self)
  }
  /// Looks for the function and remembers what was found, as long as the class's version stays: no reference is needed.
  @inline(never) private static func findInitializer(_ t: TypeRef) -> Ref? {
    guard PyUnstable_Type_AssignVersionTag(t) != 0 else {
      PyErr_Clear()
      return nil
    }
    var found: Ref? = nil
    if address(t.pointee.tp_new) == address(Types.baseObject.pointee.tp_new),
      address(t.pointee.tp_alloc) == address(PyType_GenericAlloc as allocfunc),
      let f = _PyType_Lookup(t, Dunder.`init`.ref),
      f.isExactly(Types.function)
    {
      found = f
    }
    let cache = specializationCache(t.object)
    cache.pointee.getitem_version = t.pointee.tp_version_tag
    cache.pointee.`init` = found
    return found
  }
  /// Makes an instance and a frame for its `__init__`. `args` begins with a free place, which the object takes and keeps;
  /// the `n` arguments are counted with it and stay borrowed.
  @inline(never) static func construct(
    _ ts: ThreadRef, _ cls: Ref, _ initializer: Ref, _ args: StackRef, _ n: Int, _ names: Ref?
  ) -> FrameRef? {
    guard let o = PyType_GenericAlloc(cls.asType, 0) else { return nil }
    args.pointee = o
    guard let callee = bindCall(ts, initializer, args, n, names) else { return nil }
    callee.pointee.flags = FrameFlag.initializer
    return callee
  }
  /// Raises for an `__init__` that returned something. Takes the value over.
  @inline(never) static func badInitializer(_ value: Ref) {
    _ = typeError("__init__() should return None, not '\(typeName(of: value))'")
    gila_decref(value)
  }
}
