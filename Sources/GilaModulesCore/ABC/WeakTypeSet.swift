import CGila
import GilaCore

/// A set of classes that it does not keep alive: a set of weak references, each of which takes itself out when its class
/// dies. The slot is empty until something is added.
enum WeakTypeSet {
  typealias Slot = UnsafeMutablePointer<Ref?>

  static func contains(_ slot: Slot, _ o: Ref) throws(PyError) -> Bool {
    guard let set = slot.pointee, PySet_Size(set) > 0 else { return false }
    guard let weak = PyWeakref_NewRef(o, nil) else {
      if PyErr_ExceptionMatches(Exc.TypeError.object) == 0 { throw PyError() }
      PyErr_Clear()
      return false
    }
    let held = Owned(taking: weak)
    return try check(PySet_Contains(set, held.ref)) > 0
  }
  static func add(_ slot: Slot, _ o: Ref) throws(PyError) {
    if slot.pointee == nil { slot.pointee = try owned(PySet_New(nil)).take() }
    let set = Owned(retaining: slot.pointee!)
    let back = try owned(PyWeakref_NewRef(set.ref, nil))
    let remove = try owned(PyCFunction_NewEx(removal, back.ref, nil))
    let weak = try owned(PyWeakref_NewRef(o, remove.ref))
    try check(PySet_Add(set.ref, weak.ref))
  }
  /// The callback of the weak references: `self` is a weak reference to the set.
  private nonisolated(unsafe) static let removal: UnsafeMutablePointer<PyMethodDef> = {
    var m = MethodTable()
    m.one("_destroy") { back, weak in
      bridgeNone { () throws(PyError) in
        var set: Ref? = nil
        try check(PyWeakref_GetRef(back, &set))
        guard let set else { return }
        let held = Owned(taking: set)
        try check(PySet_Discard(held.ref, weak))
      }
    }
    return m.build()
  }()
  static func clear(_ slot: Slot) throws(PyError) {
    if let set = slot.pointee { try check(PySet_Clear(set)) }
  }
  /// A new list of the classes that are still alive.
  static func members(_ slot: Slot) throws(PyError) -> Owned {
    let result = try owned(PyList_New(0))
    guard let set = slot.pointee else { return result }
    let references = try owned(PySequence_List(set))
    for i in 0..<references.ref.size {
      var o: Ref? = nil
      try check(PyWeakref_GetRef(gila_list_items(references.ref)![i], &o))
      guard let o else { continue }
      let held = Owned(taking: o)
      try check(PyList_Append(result.ref, held.ref))
    }
    return result
  }
}
