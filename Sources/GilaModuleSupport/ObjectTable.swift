// Objects that a module keeps for each interpreter: a list of fixed length in one slot of the interpreter.

import CGila
import GilaCore

/// A table of objects, indexed by an enum of the module. Reading one is three loads.
public struct ObjectTable<Key: RawRepresentable & Sendable>: Sendable where Key.RawValue == Int {
  @usableFromInline let slot: InterpreterSlot
  let count: Int

  /// The slot's number is the module's own (see `InterpreterSlot`).
  public init(slot: Int, count: Int) {
    self.slot = InterpreterSlot(slot)
    self.count = count
  }

  /// Makes the table of the current interpreter if there is none; entries hold None.
  public func prepare() throws(PyError) {
    let place = currentInterpreter.slot(slot)
    if place.pointee != nil { return }
    let list = try owned(PyList_New(count))
    for i in 0..<count { PyList_SetItem(list.ref, i, none) }
    place.pointee = list.take()
  }
  @inlinable @inline(__always) public var isReady: Bool { currentInterpreter.slot(slot).pointee != nil }

  /// The entry (borrowed). The table has been prepared: its module was imported.
  @inlinable @inline(__always) public subscript(_ key: Key) -> Ref {
    gila_list_items(currentInterpreter.slot(slot).pointee.unsafelyUnwrapped).unsafelyUnwrapped[key.rawValue]
      .unsafelyUnwrapped
  }
  public func set(_ key: Key, _ value: Ref) throws(PyError) {
    try prepare()
    try check(PyList_SetItem(currentInterpreter.slot(slot).pointee, key.rawValue, newRef(value)))
  }
  /// The attribute of a module (borrowed), imported at first use.
  public func imported(_ key: Key, _ module: StaticString, _ name: StaticString) throws(PyError) -> Ref {
    let kept = self[key]
    if kept != none { return kept }
    let m = try owned(PyImport_ImportModule(cString(module)))
    let value = try owned(PyObject_GetAttrString(m.ref, cString(name)))
    try set(key, value.ref)
    return self[key]
  }
}
