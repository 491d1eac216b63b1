import CGila

/// A pointer to a Python object. Borrowed unless a function's comment says that it gives ownership.
public typealias Ref = UnsafeMutablePointer<PyObject>
/// A pointer to a type object.
public typealias TypeRef = UnsafeMutablePointer<PyTypeObject>
/// A pointer to a thread's state.
public typealias ThreadRef = UnsafeMutablePointer<PyThreadState>
/// A pointer to an interpreter's state.
public typealias InterpreterRef = UnsafeMutablePointer<PyInterpreterState>
/// Positional arguments of a vectorcall: borrowed pointers.
public typealias ArgumentVector = UnsafePointer<Ref?>

/// Adds a reference.
@inlinable @inline(__always) public func incref(_ r: Ref) { gila_incref(r) }
/// Adds a reference if there is an object.
@inlinable @inline(__always) public func xincref(_ r: Ref?) { if let r { gila_incref(r) } }
/// Gives a reference back; the object may be freed.
@inlinable @inline(__always) public func decref(_ r: Ref) { gila_decref(r) }
/// Gives a reference back if there is an object.
@inlinable @inline(__always) public func xdecref(_ r: Ref?) { if let r { gila_decref(r) } }

/// Adds a reference and returns the pointer: for storing a borrowed reference somewhere that owns.
@inlinable @inline(__always) public func newRef(_ r: Ref) -> Ref {
  gila_incref(r)
  return r
}
@inlinable @inline(__always) public func xnewRef(_ r: Ref?) -> Ref? {
  if let r { gila_incref(r) }
  return r
}

/// Empties a slot first and gives its reference back afterwards, so that code run by the release finds the slot empty.
@inlinable @inline(__always) public func clear(_ slot: UnsafeMutablePointer<Ref?>) {
  if let old = slot.pointee {
    slot.pointee = nil
    gila_decref(old)
  }
}
/// Stores an owned reference (or nothing) in a slot and releases what was there.
@inlinable @inline(__always) public func replace(_ slot: UnsafeMutablePointer<Ref?>, with new: Ref?) {
  let old = slot.pointee
  slot.pointee = new
  if let old { gila_decref(old) }
}

extension UnsafeMutablePointer where Pointee == PyObject {
  /// The object's type (borrowed).
  @inlinable @inline(__always) public var type: TypeRef { pointee.ob_type.unsafelyUnwrapped }
  /// The same memory seen as another layout.
  @inlinable @inline(__always) public func cast<T>(_: T.Type) -> UnsafeMutablePointer<T> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: T.self)
  }
  /// The raw memory of the object.
  @inlinable @inline(__always) public var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }
  /// `ob_size` of a variable-sized object.
  @inlinable @inline(__always) public var size: Int {
    get { cast(PyVarObject.self).pointee.ob_size }
    nonmutating set { cast(PyVarObject.self).pointee.ob_size = newValue }
  }
  /// Whether the type is exactly `t`.
  @inlinable @inline(__always) public func isExactly(_ t: TypeRef) -> Bool { type == t }
  /// Whether the type is `t` or inherits from it.
  @inlinable @inline(__always) public func isInstance(of t: TypeRef) -> Bool {
    type == t || PyType_IsSubtype(type, t) != 0
  }
  @inlinable @inline(__always) public func has(_ flag: UInt) -> Bool { type.pointee.tp_flags & flag != 0 }
  @inlinable @inline(__always) public var isLong: Bool { has(0x100_0000) }
  @inlinable @inline(__always) public var isList: Bool { has(0x200_0000) }
  @inlinable @inline(__always) public var isTuple: Bool { has(0x400_0000) }
  @inlinable @inline(__always) public var isBytes: Bool { has(0x800_0000) }
  @inlinable @inline(__always) public var isUnicode: Bool { has(0x1000_0000) }
  @inlinable @inline(__always) public var isDict: Bool { has(0x2000_0000) }
  @inlinable @inline(__always) public var isException: Bool { has(0x4000_0000) }
  @inlinable @inline(__always) public var isType: Bool { has(0x8000_0000) }
  @inlinable @inline(__always) public var isNone: Bool { self == gila_none() }
  /// The object as a type; only for objects known to be types.
  @inlinable @inline(__always) public var asType: TypeRef { cast(PyTypeObject.self) }
  /// The pointer with the type the C API's object-specific functions want.
  @inlinable @inline(__always) public var refCount: Int { pointee.ob_refcnt }
}

extension UnsafeMutablePointer where Pointee == PyTypeObject {
  /// The type as an object.
  @inlinable @inline(__always) public var object: Ref {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: PyObject.self)
  }
  /// `tp_flags` has all bits of `flag`.
  @inlinable @inline(__always) public func hasFlag(_ flag: UInt) -> Bool { pointee.tp_flags & flag == flag }
}

/// None, True, False, NotImplemented and Ellipsis: borrowed, immortal.
@inlinable @inline(__always) public var none: Ref { gila_none() }
@inlinable @inline(__always) public var pyTrue: Ref { gila_true() }
@inlinable @inline(__always) public var pyFalse: Ref { gila_false() }
@inlinable @inline(__always) public var notImplemented: Ref { gila_not_implemented() }
@inlinable @inline(__always) public var ellipsis: Ref { gila_ellipsis() }
/// The Python bool for a Swift one (borrowed, immortal).
@inlinable @inline(__always) public func pyBool(_ b: Bool) -> Ref { b ? gila_true() : gila_false() }
