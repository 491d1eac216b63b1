// PyState_*: the module that an extension's definition made in this interpreter (only for one-phase initialisation).

import CGila
import GilaCore

private func place(_ d: UnsafeMutablePointer<PyModuleDef>) -> (list: Ref, index: Int)? {
  guard let list = currentInterpreter.slot(RuntimeSlot.modulesByIndex).pointee else { return nil }
  let i = d.pointee.m_base.m_index
  return i > 0 && i < list.size ? (list, i) : nil
}
@c @implementation public func PyState_FindModule(_ d: UnsafeMutablePointer<PyModuleDef>!) -> Ref? {
  guard let d, d.pointee.m_slots == nil, let (list, i) = place(d), let m = gila_list_items(list)?[i] else { return nil }
  return m == none ? nil : m
}
@c @implementation public func PyState_AddModule(_ m: Ref!, _ d: UnsafeMutablePointer<PyModuleDef>!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let m, let d else { throw systemError("module definition is NULL") }
    if d.pointee.m_slots != nil { throw systemError("PyState_AddModule called on module with slots") }
    try ModuleStates.store(m, d)
  }
}
@c @implementation public func PyState_RemoveModule(_ d: UnsafeMutablePointer<PyModuleDef>!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let d else { throw badInternalCall() }
    if d.pointee.m_slots != nil { throw systemError("PyState_RemoveModule called on module with slots") }
    guard let (list, i) = place(d) else { throw systemError("Module index out of bounds.") }
    try check(PyList_SetItem(list, i, none))
  }
}
enum ModuleStates {
  static func store(_ m: Ref, _ d: UnsafeMutablePointer<PyModuleDef>) throws(PyError) {
    let slot = currentInterpreter.slot(RuntimeSlot.modulesByIndex)
    if slot.pointee == nil { slot.pointee = try owned(PyList_New(0)).take() }
    _ = PyModuleDef_Init(d)
    guard let list = slot.pointee else { return }
    while list.size <= d.pointee.m_base.m_index { try check(PyList_Append(list, none)) }
    try check(PyList_SetItem(list, d.pointee.m_base.m_index, newRef(m)))
  }
}
