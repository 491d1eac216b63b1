// Zones in use: each key has one object as long as anything holds it, and the last few are held.

import CGila
import GilaCore

enum ZoneCache {
  /// Of ZoneInfo itself: a WeakValueDictionary, and an OrderedDict of the last ones, the latest at the end. A subclass
  /// keeps the former in an attribute and has no latter.
  private static let weakSlot = InterpreterSlot(246)
  private static let strongSlot = InterpreterSlot(247)
  private static let strongCount = 8

  static func makeWeak() throws(PyError) -> Owned {
    let type = try imported("weakref", "WeakValueDictionary")
    return try owned(PyObject_CallNoArgs(type.ref))
  }
  static func weak(_ type: TypeRef) throws(PyError) -> Owned {
    if type != ZoneInfoType.type { return try attribute(type.object, "_weak_cache") }
    let slot = currentInterpreter.slot(weakSlot)
    if let known = slot.pointee { return Owned(retaining: known) }
    let made = try makeWeak()
    slot.pointee = newRef(made.ref)
    return made
  }
  private static func strong() throws(PyError) -> Owned {
    let slot = currentInterpreter.slot(strongSlot)
    if let known = slot.pointee { return Owned(retaining: known) }
    let made = try owned(PyODict_New())
    slot.pointee = newRef(made.ref)
    return made
  }
  /// The zone is the last one used.
  static func keep(_ type: TypeRef, _ key: Ref, _ zone: Ref) throws(PyError) {
    if type != ZoneInfoType.type { return }
    let last = try strong()
    if PyODict_SetItem(last.ref, key, zone) < 0 { throw PyError() }
    _ = try call(last.ref, "move_to_end", key)
    if PyDict_Size(last.ref) > strongCount { _ = try call(last.ref, "popitem", pyFalse) }
  }
  static func clear(_ type: TypeRef, only keys: Ref?) throws(PyError) {
    let weak = try weak(type)
    guard let keys else {
      _ = try call(weak.ref, "clear")
      if type == ZoneInfoType.type {
        let last = try strong()
        _ = try call(last.ref, "clear")
      }
      return
    }
    let iterator = try owned(PyObject_GetIter(keys))
    while let next = PyIter_Next(iterator.ref) {
      let key = Owned(taking: next)
      if type == ZoneInfoType.type {
        let last = try strong()
        _ = try call(last.ref, "pop", key.ref, none)
      }
      _ = try call(weak.ref, "pop", key.ref, none)
    }
    if errorIsSet { throw PyError() }
  }
}
