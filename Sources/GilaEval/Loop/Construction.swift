import CGila
import GilaCore

// Calls of classes that make an instance as `object.__new__` does and set it up by a Python function: the frame of
// `__init__` is pushed without native code between the caller and it. The new object lies on the caller's stack
// meanwhile, and is the value of the call when the frame returns.
extension Eval {
  /// The `__init__` of such a class; nil for other objects and classes, and while calls are observed.
  @inline(__always) static func initializer(_ callable: Ref, _ ts: ThreadRef) -> Ref? {
    // What `type.__call__` serves is a class.
    guard address(callable.type.pointee.tp_call) == address(Types.type.pointee.tp_call),
      callable.asType.pointee.tp_flags & UInt(Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_IS_ABSTRACT)
        == UInt(Py_TPFLAGS_HEAPTYPE),
      ts.pointee.py_recursion_remaining > 0, ts.pointee.c_profilefunc == nil, !Tracing.monitorsCalls(ts)
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
