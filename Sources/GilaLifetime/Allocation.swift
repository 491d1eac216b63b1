import CGila
import GilaCore
import Glibc

/// Words before an object: the GC head (16 bytes at -16), and for types with a managed dict or weak list two more words
/// before that: the dict at -24, the weak list at -32.
@inline(__always) func prefixSize(_ type: TypeRef) -> Int {
  let flags = type.pointee.tp_flags
  var n = 0
  if flags & UInt(Py_TPFLAGS_HAVE_GC) != 0 { n = 16 }
  if flags & UInt(Py_TPFLAGS_PREHEADER) != 0 { n = 32 }
  return n
}
@inline(__always) private func itemsSize(_ type: TypeRef, _ n: Int) -> Int? {
  let (product, overflow) = n.multipliedReportingOverflow(by: type.pointee.tp_itemsize)
  if overflow || product > Int.max - 1 << 20 || n < 0 { return nil }
  return (type.pointee.tp_basicsize + product + 7) & ~7
}
/// Room behind an instance for the attribute values of its class.
@inline(__always) private func inlineValuesSize(_ type: TypeRef) -> Int {
  if type.pointee.tp_flags & UInt(Py_TPFLAGS_INLINE_VALUES) == 0 { return 0 }
  let heap = UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyHeapTypeObject.self)
  guard let keys = heap.pointee.ht_cached_keys else { return 0 }
  return (keys.pointee.usable + keys.pointee.nentries) * 8
}

/// A collection may be due: counts the allocation and asks the eval loop to collect at its next safe point.
@inline(__always) private func countAllocation() {
  let g = GC.generation(0)
  g.pointee.count &+= 1
  if g.pointee.count > g.pointee.threshold && g.pointee.threshold != 0 {
    gila_atomic_or(gila_eval_breaker(gila_ts()), UInt(GILA_BREAK_GC))
  }
}

@c @implementation public func PyType_GenericAlloc(_ type: TypeRef!, _ n: Int) -> Ref? {
  let type = type.unsafelyUnwrapped
  guard let size = itemsSize(type, type.pointee.tp_itemsize == 0 ? 0 : n &+ 1) else { return PyErr_NoMemory() }
  let prefix = prefixSize(type)
  let total = prefix + size + inlineValuesSize(type)
  guard let memory = SmallBlocks.allocate(total) else { return PyErr_NoMemory() }
  memset(memory, 0, total)
  let o = (memory + prefix).assumingMemoryBound(to: PyObject.self)
  o.pointee.ob_refcnt = 1
  o.pointee.ob_type = type
  if type.pointee.tp_flags & UInt(Py_TPFLAGS_HEAPTYPE) != 0 { gila_incref(type.object) }
  if type.pointee.tp_itemsize != 0 && type.pointee.tp_flags & UInt(Py_TPFLAGS_LONG_SUBCLASS) == 0 { o.size = n }
  if prefix != 0 {
    countAllocation()
    GC.track(o)
  }
  return o
}
@c @implementation public func PyType_GenericNew(_ type: TypeRef!, _ args: Ref!, _ kwargs: Ref!) -> Ref? {
  type.pointee.tp_alloc(type, 0)
}
@c @implementation public func PyObject_Init(_ o: Ref!, _ type: TypeRef!) -> Ref? {
  o.pointee.ob_type = type
  if type.pointee.tp_flags & UInt(Py_TPFLAGS_HEAPTYPE) != 0 { gila_incref(type.object) }
  o.pointee.ob_refcnt = 1
  return o
}
@c @implementation public func PyObject_InitVar(
  _ o: UnsafeMutablePointer<PyVarObject>!, _ type: TypeRef!, _ n: Int
) -> UnsafeMutablePointer<PyVarObject>? {
  o.pointee.ob_size = n
  _ = PyObject_Init(UnsafeMutableRawPointer(o).assumingMemoryBound(to: PyObject.self), type)
  return o
}
@c @implementation public func _PyObject_New(_ type: TypeRef!) -> Ref? {
  guard let memory = SmallBlocks.allocate(type.pointee.tp_basicsize) else { return PyErr_NoMemory() }
  return PyObject_Init(memory.assumingMemoryBound(to: PyObject.self), type)
}
@c @implementation public func _PyObject_NewVar(_ type: TypeRef!, _ n: Int) -> UnsafeMutablePointer<PyVarObject>? {
  guard let size = itemsSize(type, n), let memory = SmallBlocks.allocate(size) else {
    PyErr_NoMemory()
    return nil
  }
  return PyObject_InitVar(memory.assumingMemoryBound(to: PyVarObject.self), type, n)
}
@c @implementation public func _PyObject_GC_New(_ type: TypeRef!) -> Ref? {
  let prefix = prefixSize(type)
  let total = prefix + type.pointee.tp_basicsize + inlineValuesSize(type)
  guard let memory = SmallBlocks.allocate(total) else { return PyErr_NoMemory() }
  memset(memory, 0, prefix)
  if type.pointee.tp_flags & UInt(Py_TPFLAGS_INLINE_VALUES) != 0 { memset(memory, 0, total) }
  countAllocation()
  return PyObject_Init((memory + prefix).assumingMemoryBound(to: PyObject.self), type)
}
@c @implementation public func _PyObject_GC_NewVar(_ type: TypeRef!, _ n: Int) -> UnsafeMutablePointer<PyVarObject>? {
  let prefix = prefixSize(type)
  guard let size = itemsSize(type, n), let memory = SmallBlocks.allocate(prefix + size) else {
    PyErr_NoMemory()
    return nil
  }
  memset(memory, 0, prefix)
  countAllocation()
  return PyObject_InitVar((memory + prefix).assumingMemoryBound(to: PyVarObject.self), type, n)
}
@c @implementation public func PyUnstable_Object_GC_NewWithExtraData(_ type: TypeRef!, _ extra: Int) -> Ref? {
  let prefix = prefixSize(type)
  let total = prefix + type.pointee.tp_basicsize + extra
  guard let memory = SmallBlocks.allocate(total) else { return PyErr_NoMemory() }
  memset(memory, 0, total)
  countAllocation()
  return PyObject_Init((memory + prefix).assumingMemoryBound(to: PyObject.self), type)
}
@c @implementation public func _PyObject_GC_Resize(
  _ o: UnsafeMutablePointer<PyVarObject>!, _ n: Int
) -> UnsafeMutablePointer<PyVarObject>? {
  let type = o.pointee.ob_base.ob_type!
  let prefix = prefixSize(type)
  guard let size = itemsSize(type, n),
    let memory = SmallBlocks.reallocate(UnsafeMutableRawPointer(o) - prefix, prefix + size)
  else {
    PyErr_NoMemory()
    return nil
  }
  let moved = (memory + prefix).assumingMemoryBound(to: PyVarObject.self)
  moved.pointee.ob_size = n
  return moved
}
@c @implementation public func PyObject_GC_Del(_ p: UnsafeMutableRawPointer!) {
  let o = p.assumingMemoryBound(to: PyObject.self)
  GC.untrackIfTracked(o)
  let g = GC.generation(0)
  if g.pointee.count > 0 { g.pointee.count &-= 1 }
  SmallBlocks.free(p - prefixSize(o.type))
}
