import CGila

/// Whether anybody listens to audit events (PEP 578); arguments that cost something are made only then.
@inlinable public var isAudited: Bool { gila_audit_active() != 0 }

/// Tells the audit hooks, if there are any, of an event; an argument that is absent is None.
public func audit(_ event: StaticString, _ items: Ref?...) throws(PyError) {
  if !isAudited { return }
  let t = try owned(PyTuple_New(items.count))
  for (i, r) in items.enumerated() { gila_tuple_items(t.ref)[i] = newRef(r ?? none) }
  try check(PySys_AuditTuple(cString(event), t.ref))
}
/// The same for an event whose first arguments are objects and whose last are numbers.
public func audit(
  _ event: StaticString, _ items: [Ref?] = [], numbers first: Int, _ rest: Int...
) throws(PyError) {
  if !isAudited { return }
  let numbers = [first] + rest
  let t = try owned(PyTuple_New(items.count &+ numbers.count))
  for (i, r) in items.enumerated() { gila_tuple_items(t.ref)[i] = newRef(r ?? none) }
  for (i, n) in numbers.enumerated() {
    gila_tuple_items(t.ref)[items.count &+ i] = try owned(PyLong_FromLong(n)).take()
  }
  try check(PySys_AuditTuple(cString(event), t.ref))
}

/// Events of reading, setting and deleting attributes that let a program out of its bounds: `object.__getattr__` and so
/// on. A value of nil deletes.
public func auditRead(_ object: Ref, _ name: String) throws(PyError) {
  if !isAudited { return }
  let text = try string(name)
  try audit("object.__getattr__", object, text.ref)
}
public func auditChange(_ object: Ref, _ name: String, _ value: Ref?) throws(PyError) {
  if !isAudited { return }
  let text = try string(name)
  if let value {
    try audit("object.__setattr__", object, text.ref, value)
  } else {
    try audit("object.__delattr__", object, text.ref)
  }
}
