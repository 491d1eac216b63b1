import CGila
import GilaCore
import Glibc

/// Heap types that extensions describe by a table of numbered slots (`PyType_FromSpec` and its relatives).
enum TypeFromSpec {
  /// Alignment of what a type adds behind its base's data.
  private static let alignment = 16
  static func align(_ n: Int) -> Int { (n + alignment - 1) & ~(alignment - 1) }

  /// What the slots hold that is not simply stored.
  private struct Scan {
    var members: UnsafeMutablePointer<PyMemberDef>? = nil
    var memberCount = 0
    var weaklistOffset = 0, dictOffset = 0, vectorcallOffset = 0
    var doc: UnsafePointer<CChar>? = nil
    var base: TypeRef? = nil
    var bases: Ref? = nil

    init(_ spec: UnsafePointer<PyType_Spec>) throws(PyError) {
      guard var s = spec.pointee.slots else { return }
      while s.pointee.slot != 0 {
        let value = s.pointee.pfunc
        switch s.pointee.slot {
        case Py_tp_members:
          if members != nil { throw systemError("Multiple Py_tp_members slots are not supported.") }
          members = value?.assumingMemoryBound(to: PyMemberDef.self)
          try scanMembers()
        case Py_tp_doc: doc = UnsafePointer(value?.assumingMemoryBound(to: CChar.self))
        case Py_tp_base: base = value?.assumingMemoryBound(to: PyTypeObject.self)
        case Py_tp_bases: bases = value?.assumingMemoryBound(to: PyObject.self)
        default:
          if SlotNumbers.place(s.pointee.slot) == nil { throw runtimeError("invalid slot offset") }
        }
        s += 1
      }
    }
    private mutating func scanMembers() throws(PyError) {
      guard var m = members else { return }
      while let name = m.pointee.name {
        let offset = m.pointee.offset
        if strcmp(name, "__weaklistoffset__") == 0 { weaklistOffset = offset }
        if strcmp(name, "__dictoffset__") == 0 { dictOffset = offset }
        if strcmp(name, "__vectorcalloffset__") == 0 { vectorcallOffset = offset }
        memberCount += 1
        m += 1
      }
    }
  }

  private static func bases(_ scan: Scan, _ given: Ref?) throws(PyError) -> Owned {
    if let given {
      if given.isTuple { return Owned(retaining: given) }
      return try tuple(given)
    }
    if let bases = scan.bases {
      guard bases.isTuple else { throw systemError("Py_tp_bases is not a tuple") }
      return Owned(retaining: bases)
    }
    return try tuple((scan.base ?? Types.baseObject).object)
  }

  static func make(
    _ meta: TypeRef?, _ module: Ref?, _ spec: UnsafePointer<PyType_Spec>, _ givenBases: Ref?
  ) throws(PyError) -> Owned {
    let scan = try Scan(spec)
    guard let specName = spec.pointee.name else { throw systemError("Type spec does not define the name field.") }
    let bases = try bases(scan, givenBases)
    let meta = try HeapType.winner(meta ?? Types.type, bases.ref)
    if let new = meta.pointee.tp_new, address(new) != address(Types.type.pointee.tp_new) {
      throw typeError("Metaclasses with custom tp_new are not supported.")
    }
    let base = try Layout.bestBase(bases.ref)
    let made = try owned(meta.pointee.tp_alloc(meta, scan.memberCount))
    let t = made.ref.asType
    let h = HeapType.heap(t)
    // Names.
    let full = String(cString: specName)
    let dot = full.lastIndex(of: ".")
    let name = try string(dot.map { String(full[full.index(after: $0)...]) } ?? full)
    h.pointee.ht_name = newRef(name.ref)
    h.pointee.ht_qualname = newRef(name.ref)
    h.pointee.ht_module = xnewRef(module)
    h.pointee._ht_tpname = try copy(specName)
    t.pointee.tp_name = UnsafePointer(h.pointee._ht_tpname)
    // Layout.
    let (size, dataOffset) = layout(Int(spec.pointee.basicsize), base)
    t.pointee.tp_basicsize = size
    t.pointee.tp_itemsize = Int(spec.pointee.itemsize)
    t.pointee.tp_flags = UInt(spec.pointee.flags) | UInt(Py_TPFLAGS_HEAPTYPE)
    t.pointee.tp_base = base
    gila_incref(base.object)
    t.pointee.tp_bases = newRef(bases.ref)
    t.pointee.tp_as_async = suite(t, .async)
    t.pointee.tp_as_number = suite(t, .number)
    t.pointee.tp_as_mapping = suite(t, .mapping)
    t.pointee.tp_as_sequence = suite(t, .sequence)
    t.pointee.tp_as_buffer = suite(t, .buffer)
    fill(t, spec)
    if let doc = scan.doc { t.pointee.tp_doc = UnsafePointer(try copy(doc)) }
    if let members = scan.members, scan.memberCount > 0 {
      t.pointee.tp_members = try copyMembers(t, meta, members, scan.memberCount, dataOffset)
    }
    if t.pointee.tp_dealloc == nil { t.pointee.tp_dealloc = Instance.deallocator }
    t.pointee.tp_vectorcall_offset = scan.vectorcallOffset
    t.pointee.tp_weaklistoffset = scan.weaklistOffset
    t.pointee.tp_dictoffset = scan.dictOffset
    if t.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_WEAKREF) != 0 { t.pointee.tp_weaklistoffset = -32 }
    if t.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 { t.pointee.tp_dictoffset = -1 }
    // Memory: before PyType_Ready, which would take the base's.
    if t.pointee.tp_alloc == nil { t.pointee.tp_alloc = PyType_GenericAlloc }
    let dict = try owned(PyDict_New())
    t.pointee.tp_dict = newRef(dict.ref)
    if let dot {
      let moduleName = try string(String(full[..<dot]))
      try check(PyDict_SetItem(dict.ref, Dunder.module.ref, moduleName.ref))
    }
    try Ready.ready(t)
    if t.hasFlag(UInt(Py_TPFLAGS_HAVE_GC)) && t.pointee.tp_traverse == nil {
      throw systemError("type \(full) has the Py_TPFLAGS_HAVE_GC flag but has no traverse function")
    }
    return made
  }

  /// `size` > 0: all of the instance; 0: as the base; < 0: so much more than the base. Also where the type's own data is.
  private static func layout(_ size: Int, _ base: TypeRef) -> (size: Int, dataOffset: Int) {
    if size > 0 { return (size, size) }
    if size == 0 { return (base.pointee.tp_basicsize, base.pointee.tp_basicsize) }
    let offset = align(base.pointee.tp_basicsize)
    return (offset + align(-size), offset)
  }
  private static func copy(_ text: UnsafePointer<CChar>) throws(PyError) -> UnsafeMutablePointer<CChar> {
    let n = strlen(text) + 1
    guard let memory = PyMem_Malloc(n) else { throw memoryError() }
    memcpy(memory, text, n)
    return memory.assumingMemoryBound(to: CChar.self)
  }
  private static func suite<T>(_ t: TypeRef, _ s: SlotNumbers.Suite) -> UnsafeMutablePointer<T> {
    (UnsafeMutableRawPointer(t) + SlotNumbers.base(s)).assumingMemoryBound(to: T.self)
  }
  private static func fill(_ t: TypeRef, _ spec: UnsafePointer<PyType_Spec>) {
    guard var s = spec.pointee.slots else { return }
    while s.pointee.slot != 0 {
      defer { s += 1 }
      switch s.pointee.slot {
      case Py_tp_base, Py_tp_bases, Py_tp_doc, Py_tp_members: continue
      default:
        guard let place = SlotNumbers.place(s.pointee.slot) else { continue }
        let at = UnsafeMutableRawPointer(t) + SlotNumbers.base(place.suite) + place.offset
        at.storeBytes(of: s.pointee.pfunc, as: UnsafeMutableRawPointer?.self)
      }
    }
  }
  /// The members stand behind the type object; offsets relative to the type's own data become absolute.
  private static func copyMembers(
    _ t: TypeRef, _ meta: TypeRef, _ from: UnsafeMutablePointer<PyMemberDef>, _ n: Int, _ dataOffset: Int
  ) throws(PyError) -> UnsafeMutablePointer<PyMemberDef> {
    let to = (UnsafeMutableRawPointer(t) + meta.pointee.tp_basicsize).assumingMemoryBound(to: PyMemberDef.self)
    for i in 0..<n {
      to[i] = from[i]
      if to[i].flags & Py_RELATIVE_OFFSET != 0 {
        to[i].flags &= ~Py_RELATIVE_OFFSET
        to[i].offset += dataOffset
      }
    }
    return to
  }
}

@c @implementation public func PyType_FromMetaclass(
  _ meta: TypeRef!, _ module: Ref!, _ spec: UnsafeMutablePointer<PyType_Spec>!, _ bases: Ref!
) -> Ref? {
  bridge { () throws(PyError) in try TypeFromSpec.make(meta, module, spec, bases) }
}
@c @implementation public func PyType_FromModuleAndSpec(
  _ module: Ref!, _ spec: UnsafeMutablePointer<PyType_Spec>!, _ bases: Ref!
) -> Ref? {
  PyType_FromMetaclass(nil, module, spec, bases)
}
@c @implementation public func PyType_FromSpecWithBases(_ spec: UnsafeMutablePointer<PyType_Spec>!, _ bases: Ref!)
  -> Ref?
{
  PyType_FromMetaclass(nil, nil, spec, bases)
}
@c @implementation public func PyType_FromSpec(_ spec: UnsafeMutablePointer<PyType_Spec>!) -> Ref? {
  PyType_FromMetaclass(nil, nil, spec, nil)
}

// MARK: The module and the data of a type

@c @implementation public func PyType_GetModule(_ t: TypeRef!) -> Ref? {
  guard t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)) else {
    _ = typeError("PyType_GetModule: Type '\(String(cString: t.pointee.tp_name))' is not a heap type")
    return nil
  }
  guard let m = HeapType.heap(t).pointee.ht_module else {
    _ = typeError("PyType_GetModule: Type '\(String(cString: t.pointee.tp_name))' has no associated module")
    return nil
  }
  return m
}
@c @implementation public func PyType_GetModuleState(_ t: TypeRef!) -> UnsafeMutableRawPointer? {
  guard let m = PyType_GetModule(t) else { return nil }
  return PyModule_GetState(m)
}
@c @implementation public func PyType_GetModuleByDef(_ t: TypeRef!, _ d: UnsafeMutablePointer<PyModuleDef>!) -> Ref? {
  if let mro = t.pointee.tp_mro {
    for i in 0..<mro.size {
      let base = gila_tuple_items(mro)[i]!.asType
      guard base.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)), let m = HeapType.heap(base).pointee.ht_module,
        ModuleType.isModule(m), ModuleType.object(m).pointee.definition == d
      else { continue }
      return m
    }
  }
  _ = typeError(
    "PyType_GetModuleByDef: No superclass of '\(String(cString: t.pointee.tp_name))' has the given module")
  return nil
}
@c @implementation public func PyObject_GetTypeData(_ o: Ref!, _ cls: TypeRef!) -> UnsafeMutableRawPointer? {
  o.raw + TypeFromSpec.align(cls.pointee.tp_base?.pointee.tp_basicsize ?? 0)
}
@c @implementation public func PyType_GetTypeDataSize(_ cls: TypeRef!) -> Int {
  max(0, cls.pointee.tp_basicsize - TypeFromSpec.align(cls.pointee.tp_base?.pointee.tp_basicsize ?? 0))
}
@c @implementation public func PyObject_GetItemData(_ o: Ref!) -> UnsafeMutableRawPointer? {
  guard o.type.hasFlag(UInt(Py_TPFLAGS_ITEMS_AT_END)) else {
    _ = typeError("type '\(typeName(of: o))' does not have Py_TPFLAGS_ITEMS_AT_END")
    return nil
  }
  return o.raw + o.type.pointee.tp_basicsize
}
@c @implementation public func PyType_GetFullyQualifiedName(_ t: TypeRef!) -> Ref? {
  bridge { () throws(PyError) in
    if t.pointee.tp_flags & UInt(Py_TPFLAGS_HEAPTYPE) == 0 {
      return try owned(PyUnicode_FromString(t.pointee.tp_name))
    }
    let name = try owned(PyType_GetQualName(t))
    let module = try owned(PyType_GetModuleName(t))
    let place = module.ref.isUnicode ? swiftString(module.ref) : "builtins"
    if place == "builtins" || place == "__main__" { return name }
    return try string("\(place).\(swiftString(name.ref))")
  }
}
