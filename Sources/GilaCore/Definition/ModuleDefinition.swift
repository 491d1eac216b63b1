import CGila

/// Makes the permanent `PyModuleDef` of a native module, initialised in two phases (PEP 489).
///
/// `exec` gets the new module (borrowed) and adds what is not in `methods`; it is a C function: 0, or -1 with an
/// exception set. Write it as `{ module in bridgeStatus { () throws(PyError) in … } }`.
public func moduleDefinition(
  _ name: StaticString, doc: StaticString = "", methods: UnsafeMutablePointer<PyMethodDef>? = nil, stateSize: Int = 0,
  traverse: traverseproc? = nil, clear: inquiry? = nil, free: freefunc? = nil,
  exec: (@convention(c) (Ref?) -> Int32)? = nil
) -> UnsafeMutablePointer<PyModuleDef> {
  let slots = UnsafeMutablePointer<PyModuleDef_Slot>.allocate(capacity: 4)
  var n = 0
  if let exec {
    slots[n] = PyModuleDef_Slot(slot: Py_mod_exec, value: unsafeBitCast(exec, to: UnsafeMutableRawPointer.self))
    n += 1
  }
  slots[n] = PyModuleDef_Slot(slot: Py_mod_multiple_interpreters, value: UnsafeMutableRawPointer(bitPattern: 2))
  slots[n + 1] = PyModuleDef_Slot(slot: 0, value: nil)
  let def = UnsafeMutablePointer<PyModuleDef>.allocate(capacity: 1)
  def.initialize(to: PyModuleDef())
  def.pointee.m_base.ob_base.ob_refcnt = Int(_Py_IMMORTAL_REFCNT)
  def.pointee.m_name = cString(name)
  def.pointee.m_doc = doc.utf8CodeUnitCount == 0 ? nil : cString(doc)
  def.pointee.m_size = stateSize
  def.pointee.m_methods = methods
  def.pointee.m_slots = slots
  def.pointee.m_traverse = traverse
  def.pointee.m_clear = clear
  def.pointee.m_free = free
  return def
}

/// Adds an object (borrowed) to a module under construction.
public func add(_ module: Ref, _ name: StaticString, _ value: Ref) throws(PyError) {
  try check(PyModule_AddObjectRef(module, cString(name), value))
}
/// Adds an int constant.
public func add(_ module: Ref, _ name: StaticString, int value: Int) throws(PyError) {
  try check(PyModule_AddIntConstant(module, cString(name), value))
}
