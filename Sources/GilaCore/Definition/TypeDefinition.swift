import CGila

extension UnsafeMutablePointer where Pointee == PyTypeObject {
  /// Name, instance size, flags and base of a static builtin type; slots are then set one by one and `PyType_Ready`
  /// is called once all builtin types are filled in.
  public func define(
    _ name: StaticString, basicSize: Int, itemSize: Int = 0, flags: UInt = UInt(Py_TPFLAGS_DEFAULT),
    base: TypeRef? = nil,
    doc: StaticString = ""
  ) {
    pointee.tp_name = cString(name)
    pointee.tp_basicsize = basicSize
    pointee.tp_itemsize = itemSize
    pointee.tp_flags = flags | UInt(_Py_TPFLAGS_STATIC_BUILTIN) | UInt(Py_TPFLAGS_IMMUTABLETYPE)
    pointee.tp_base = base
    pointee.tp_doc = doc.utf8CodeUnitCount == 0 ? nil : cString(doc)
  }
  /// The type's number methods, made on first use.
  public var number: UnsafeMutablePointer<PyNumberMethods> {
    suite(pointee.tp_as_number, PyNumberMethods()) { self.pointee.tp_as_number = $0 }
  }
  /// The type's sequence methods, made on first use.
  public var sequence: UnsafeMutablePointer<PySequenceMethods> {
    suite(pointee.tp_as_sequence, PySequenceMethods()) { self.pointee.tp_as_sequence = $0 }
  }
  /// The type's mapping methods, made on first use.
  public var mapping: UnsafeMutablePointer<PyMappingMethods> {
    suite(pointee.tp_as_mapping, PyMappingMethods()) { self.pointee.tp_as_mapping = $0 }
  }
  /// The type's async methods, made on first use.
  public var async: UnsafeMutablePointer<PyAsyncMethods> {
    suite(pointee.tp_as_async, PyAsyncMethods()) { self.pointee.tp_as_async = $0 }
  }
  /// The type's buffer methods, made on first use.
  public var buffer: UnsafeMutablePointer<PyBufferProcs> {
    suite(pointee.tp_as_buffer, PyBufferProcs()) { self.pointee.tp_as_buffer = $0 }
  }
  private func suite<T>(
    _ existing: UnsafeMutablePointer<T>?, _ empty: T, _ store: (UnsafeMutablePointer<T>) -> Void
  ) -> UnsafeMutablePointer<T> {
    if let existing { return existing }
    let made = UnsafeMutablePointer<T>.allocate(capacity: 1)
    made.initialize(to: empty)
    store(made)
    return made
  }
}

/// A permanent, zeroed, immortal type object for builtin and module types that extensions do not address by name.
public func newStaticType() -> TypeRef {
  let t = TypeRef.allocate(capacity: 1)
  t.initialize(to: PyTypeObject())
  t.pointee.ob_base.ob_base.ob_refcnt = Int(_Py_IMMORTAL_REFCNT)
  t.pointee.ob_base.ob_base.ob_type = Types.type
  return t
}

/// The address of a C function pointer (0 for none), to compare slots with.
@inlinable @inline(__always) public func address<T>(_ function: T) -> UInt { unsafeBitCast(function, to: UInt.self) }
