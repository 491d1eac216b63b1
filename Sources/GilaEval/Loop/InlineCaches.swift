import CGila
import GilaCore

// What inline caches hold and how an instruction learns it. An instruction is rewritten to a special form when its
// operand has been seen a few times; a form whose guard fails takes the general way and is rewritten again after more
// failures. Guards compare version numbers, so nothing in a cache keeps an object alive: a version that matches proves
// that the dict or type still holds what was found.

extension Eval {
  /// How often the general way is taken before a form is tried, and before it is tried again.
  static let warmUp = 2
  static let coolDown: UInt64 = 64

  @inline(__always) static func setOp(_ at: InstructionPointer, _ op: Op) {
    at.pointee = at.pointee & ~0xff | UInt64(op.rawValue)
  }
  /// Counts a passage of the general way (in `b`); true when it is time to specialize.
  @inline(__always) static func countDown(_ at: InstructionPointer) -> Bool {
    if at.pointee & 0xffff_0000 == 0 {
      at.pointee |= coolDown << 16
      return true
    }
    at.pointee &-= 0x1_0000
    return false
  }
  /// After a failed guard: the general form, left alone for a while.
  @inline(never) static func miss(_ at: InstructionPointer, _ op: Op) {
    at.pointee = at.pointee & ~0xffff_00ff | coolDown << 16 | UInt64(op.rawValue)
  }

  /// The version of a dict's key table, given one if need be; 0 if the dict cannot have one.
  static func keysVersion(_ keys: UnsafeMutablePointer<_dictkeysobject>) -> UInt32 {
    if keys == gila_empty_keys_head() { return 0 }
    if keys.pointee.version != 0 { return keys.pointee.version }
    let interp = currentInterpreter.owner
    if interp.pointee.dict_version >= UInt64(UInt32.max) - 1 { return 0 }
    interp.pointee.dict_version += 1
    keys.pointee.version = UInt32(interp.pointee.dict_version)
    return keys.pointee.version
  }
  /// Byte offset from the key table of the value stored under an interned name, or nil.
  static func valueOffset(_ dict: Ref, _ name: Ref) -> UInt32? {
    let keys = dict.cast(PyDictObject.self).pointee.ma_keys!
    var failed: Int32 = 0
    guard let slot = gila_dict_value_slot(dict, name, &failed) else {
      if failed != 0 { PyErr_Clear() }
      return nil
    }
    let offset = UnsafeRawPointer(slot) - UnsafeRawPointer(keys)
    return UInt32(exactly: offset)
  }

  /// Rewrites a LOAD_GLOBAL.
  @inline(never) static func specializeGlobal(_ at: InstructionPointer, _ f: FrameRef, _ name: Ref) {
    let globals = f.pointee.globals!, builtins = f.pointee.builtins!
    guard globals.isExactly(Types.dict), builtins.isExactly(Types.dict), name.isExactly(Types.unicode) else { return }
    let gv = keysVersion(globals.cast(PyDictObject.self).pointee.ma_keys)
    if gv == 0 { return }
    if let offset = valueOffset(globals, name) {
      at[2] = UInt64(gv)
      at[3] = UInt64(offset)
      setOp(at, .loadGlobalModule)
      return
    }
    let bv = keysVersion(builtins.cast(PyDictObject.self).pointee.ma_keys)
    guard bv != 0, let offset = valueOffset(builtins, name) else { return }
    at[2] = UInt64(gv) | UInt64(bv) << 32
    at[3] = UInt64(offset)
    setOp(at, .loadGlobalBuiltin)
  }

  private static func isGeneric(_ t: TypeRef) -> Bool {
    address(t.pointee.tp_getattro) == address(PyObject_GenericGetAttr as getattrofunc)
  }
  private static func sharedKeys(_ t: TypeRef) -> UnsafeMutablePointer<_dictkeysobject>? {
    guard t.pointee.tp_flags & UInt(Py_TPFLAGS_INLINE_VALUES) != 0 else { return nil }
    return UnsafeMutableRawPointer(t).assumingMemoryBound(to: PyHeapTypeObject.self).pointee.ht_cached_keys
  }
  private static func version(_ t: TypeRef) -> UInt32 {
    PyUnstable_Type_AssignVersionTag(t) != 0 ? t.pointee.tp_version_tag : 0
  }

  /// Rewrites a LOAD_ATTR for objects like `o`.
  @inline(never) static func specializeAttribute(_ at: InstructionPointer, _ o: Ref, _ name: Ref) {
    let w = at.pointee
    let wantsMethod = w & 0x100 != 0, fast = w & 0x200 != 0
    guard name.isExactly(Types.unicode), gila_unicode_state(name) & 3 != 0 else { return }
    let t = o.type
    if o.isExactly(Types.module) {
      guard let dict = PyModule_GetDict(o), dict.isExactly(Types.dict) else { return }
      // A data descriptor of the module type itself comes first.
      if let d = _PyType_Lookup(t, name), d.type.pointee.tp_descr_set != nil { return }
      let v = keysVersion(dict.cast(PyDictObject.self).pointee.ma_keys)
      guard v != 0, let offset = valueOffset(dict, name) else { return }
      at[2] = UInt64(v)
      at[3] = UInt64(offset)
      setOp(at, .loadAttrModule)
      return
    }
    if t.pointee.tp_flags & UInt(Py_TPFLAGS_TYPE_SUBCLASS) != 0 {
      guard address(t.pointee.tp_getattro) == address(Types.type.pointee.tp_getattro) else { return }
      let mv = version(t), cv = version(o.asType)
      guard mv != 0, cv != 0 else { return }
      if let d = _PyType_Lookup(t, name), d.type.pointee.tp_descr_set != nil { return }
      guard let found = _PyType_Lookup(o.asType, name) else { return }
      // Found objects that bind themselves need a call.
      if found.type.pointee.tp_descr_get != nil && !found.isExactly(Types.function) { return }
      at[2] = UInt64(mv) | UInt64(cv) << 32
      at[3] = UInt64(UInt(bitPattern: found))
      setOp(at, .loadAttrClass)
      return
    }
    guard isGeneric(t) else { return }
    let tv = version(t)
    if tv == 0 { return }
    let found = _PyType_Lookup(t, name)
    if let found {
      if found.isExactly(Types.memberDescr) && !wantsMethod {
        guard let offset = memberOffset(found, t) else { return }
        at[2] = UInt64(tv) | UInt64(offset) << 32
        setOp(at, .loadAttrMember)
        return
      }
      if found.isExactly(Types.property) && !wantsMethod {
        guard let getter = (found.raw + 16).load(as: Ref?.self), getter.isExactly(Types.function), isSimple(getter),
          Function.code(getter).pointee.co_argcount == 1
        else { return }
        at[2] = UInt64(tv)
        // The property, not its function: a property can be given another.
        at[3] = UInt64(UInt(bitPattern: found))
        setOp(at, .loadAttrProperty)
        return
      }
      // Data descriptors come before what the instance has.
      if found.type.pointee.tp_descr_set != nil { return }
    }
    // What the class has comes as it is: a method for a call, a value that does not bind itself.
    let takes = found.map {
      wantsMethod ? $0.has(UInt(Py_TPFLAGS_METHOD_DESCRIPTOR)) : $0.type.pointee.tp_descr_get == nil
    }
    guard let place = attributePlace(o, t) else {
      // There is nothing but the class.
      guard let found, takes == true, t.pointee.tp_dictoffset == 0 else { return }
      at[2] = UInt64(tv)
      at[3] = UInt64(UInt(bitPattern: found))
      setOp(at, .loadAttrMethodPlain)
      return
    }
    if case .slots(let keys) = place {
      let index = gila_shared_keys_index(keys, name)
      if index >= 0 {
        guard !wantsMethod, let offset = UInt32(exactly: t.pointee.tp_basicsize + index * 8) else { return }
        at[2] = UInt64(tv) | UInt64(offset) << 32
        setOp(at, fast ? .loadAttrSlotFast : .loadAttrSlot)
      } else if let found, takes == true {
        // No instance of the class has an attribute of this name, at this version of the keys.
        let kv = keysVersion(keys)
        if kv == 0 { return }
        at[2] = UInt64(tv) | UInt64(kv) << 32
        at[3] = UInt64(UInt(bitPattern: found))
        setOp(at, fast && wantsMethod ? .loadAttrMethodFast : .loadAttrMethod)
      }
      return
    }
    guard case .dict(let offset) = place else { return }
    let dict = (o.raw + Int(offset)).load(as: Ref?.self)
    if let dict, let index = entry(dict, name) {
      if wantsMethod { return }
      at[2] = UInt64(tv) | UInt64(UInt32(bitPattern: offset)) << 32
      at[3] = UInt64(index)
      setOp(at, .loadAttrDict)
    } else if let found, takes == true {
      at[2] = UInt64(tv) | UInt64(UInt32(bitPattern: offset)) << 32
      at[3] = UInt64(UInt(bitPattern: found))
      setOp(at, .loadAttrMethodDict)
    }
  }
  /// Where the attributes of an instance of its own are.
  private enum AttributePlace {
    /// In the slots that the class's table names.
    case slots(UnsafeMutablePointer<_dictkeysobject>)
    /// In a dict, whose pointer is so many bytes from the object.
    case dict(Int32)
  }
  private static func attributePlace(_ o: Ref, _ t: TypeRef) -> AttributePlace? {
    if t.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 {
      if (o.raw - 24).load(as: Ref?.self) != nil { return .dict(-24) }
      return sharedKeys(t).map { .slots($0) }
    }
    guard t.pointee.tp_dictoffset > 0 else { return nil }
    return Int32(exactly: t.pointee.tp_dictoffset).map { .dict($0) }
  }
  /// The index of an interned name in a table of strings.
  private static func entry(_ dict: Ref, _ name: Ref) -> UInt32? {
    let keys = DictKeys(dict.cast(PyDictObject.self).pointee.ma_keys)
    guard keys.isUnicode else { return nil }
    return UInt32(exactly: keys.find(unicode: name, name.cast(PyASCIIObject.self).pointee.hash))
  }
  /// Where a dict has the value of an interned name: at the entry where it was last time, or elsewhere; nil if it is
  /// absent or the table is not one of strings.
  @inline(__always) static func valueSlot(_ dict: Ref, _ name: Ref, hint: UInt64) -> StackRef? {
    let keys = DictKeys(dict.cast(PyDictObject.self).pointee.ma_keys.unsafelyUnwrapped)
    guard keys.isUnicode else { return nil }
    let i = Int(hint)
    if i < keys.count && keys.key(i).pointee == name { return keys.value(i) }
    return searchedSlot(keys, name)
  }
  @inline(never) private static func searchedSlot(_ keys: DictKeys, _ name: Ref) -> StackRef? {
    let i = keys.find(unicode: name, name.cast(PyASCIIObject.self).pointee.hash)
    return i < 0 ? nil : keys.value(i)
  }
  /// Whether an object certainly has no attribute of its own of an interned name: its dict lacks it, or there is none
  /// where only a dict can be.
  @inline(__always) static func isAbsent(_ o: Ref, _ offset: Int, _ name: Ref) -> Bool {
    guard let dict = (o.raw + offset).load(as: Ref?.self) else { return offset > 0 }
    return lacks(dict, name)
  }
  @inline(never) private static func lacks(_ dict: Ref, _ name: Ref) -> Bool {
    let keys = DictKeys(dict.cast(PyDictObject.self).pointee.ma_keys)
    return keys.isUnicode && keys.find(unicode: name, name.cast(PyASCIIObject.self).pointee.hash) < 0
  }
  /// A dict of plain values is not followed by the collector until it gets another kind.
  @inline(__always) static func track(_ dict: Ref, holding value: Ref) {
    if (dict.raw - 16).load(as: UInt.self) == 0, value.has(UInt(Py_TPFLAGS_HAVE_GC)) { gila_gc_track(dict) }
  }
  /// The offset of an object that a member descriptor of `__slots__` stands for. A slot of another class, put into this
  /// one by assignment, must fail as the general way does.
  private static func memberOffset(_ descriptor: Ref, _ t: TypeRef) -> UInt32? {
    let m = descriptor.cast(PyMemberDescrObject.self)
    guard PyType_IsSubtype(t, m.pointee.d_common.d_type) != 0, let d = m.pointee.d_member,
      d.pointee.type == Py_T_OBJECT_EX, d.pointee.offset >= 16, d.pointee.flags & Py_AUDIT_READ == 0
    else { return nil }
    return UInt32(exactly: d.pointee.offset)
  }
  /// Rewrites a STORE_ATTR for objects like `o`.
  @inline(never) static func specializeStore(_ at: InstructionPointer, _ o: Ref, _ name: Ref) {
    let t = o.type
    guard name.isExactly(Types.unicode), gila_unicode_state(name) & 3 != 0,
      address(t.pointee.tp_setattro) == address(PyObject_GenericSetAttr as setattrofunc)
    else { return }
    let tv = version(t)
    if tv == 0 { return }
    if let found = _PyType_Lookup(t, name), found.type.pointee.tp_descr_set != nil {
      guard found.isExactly(Types.memberDescr),
        found.cast(PyMemberDescrObject.self).pointee.d_member.pointee.flags & Py_READONLY == 0,
        let offset = memberOffset(found, t)
      else { return }
      at[2] = UInt64(tv) | UInt64(offset) << 32
      setOp(at, .storeAttrMember)
      return
    }
    switch attributePlace(o, t) {
    case .slots(let keys):
      let index = gila_shared_keys_index(keys, name)
      guard index >= 0, let offset = UInt32(exactly: t.pointee.tp_basicsize + index * 8) else { return }
      at[2] = UInt64(tv) | UInt64(offset) << 32
      at[3] = UInt64(UInt(bitPattern: keys))
      setOp(at, .storeAttrSlot)
    case .dict(let offset):
      guard let dict = (o.raw + Int(offset)).load(as: Ref?.self), let index = entry(dict, name) else { return }
      at[2] = UInt64(tv) | UInt64(UInt32(bitPattern: offset)) << 32
      at[3] = UInt64(index)
      setOp(at, .storeAttrDict)
    case nil: return
    }
  }
  /// Whether the slots from `slot` on, up to the class's last name, are unset: then assigning to `slot` keeps the order.
  @inline(__always) static func isLastSlot(_ o: Ref, _ slot: StackRef, _ keys: UnsafeMutablePointer<_dictkeysobject>)
    -> Bool
  {
    let first = (o.raw + o.type.pointee.tp_basicsize).assumingMemoryBound(to: Ref?.self)
    let end = first + keys.pointee.nentries
    var p = slot + 1
    while p < end {
      if p.pointee != nil { return false }
      p += 1
    }
    return true
  }
}
