import CGila
import GilaCore

/// The module `_abc`: what `abc.ABCMeta` is made of.
enum ABCModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_abc", doc: "Module contains faster C implementation of abc.ABCMeta", methods: methods(), stateSize: 8,
    exec: { _ in PyType_Ready(ABCData.type) })

  /// How many registrations there have been; a negative answer older than the last one is void.
  private static func counter(_ module: Ref) -> UnsafeMutablePointer<Int> {
    PyModule_GetState(module)!.assumingMemoryBound(to: Int.self)
  }
  private static let collectionFlags = UInt(Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING)

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one(
      "_abc_init", "($module, self, /)",
      "Internal ABC helper for class set-up. Should be never used outside abc module."
    ) {
      module, cls in
      bridgeNone { () throws(PyError) in
        let cls = cls!
        try ABCModule.findAbstractMethods(cls)
        let data = try ABCData.make(ABCModule.counter(module!).pointee)
        try check(PyObject_SetAttrString(cls, "_abc_impl", data.ref))
        if cls.isType { try ABCModule.takeFlags(cls.asType) }
      }
    }
    m.positional(
      "_abc_register", "($module, self, subclass, /)",
      "Internal ABC helper for subclasss registration. Should be never used outside abc module."
    ) { module, args, n in
      bridge { () throws(PyError) in
        try checkCount("_abc_register", n, 2, 2)
        return try ABCModule.register(module!, args![0]!, args![1]!)
      }
    }
    m.positional(
      "_abc_instancecheck", "($module, self, instance, /)",
      "Internal ABC helper for instance checks. Should be never used outside abc module."
    ) { module, args, n in
      bridge { () throws(PyError) in
        try checkCount("_abc_instancecheck", n, 2, 2)
        return try ABCModule.isInstance(module!, args![0]!, args![1]!)
      }
    }
    m.positional(
      "_abc_subclasscheck", "($module, self, subclass, /)",
      "Internal ABC helper for subclasss checks. Should be never used outside abc module."
    ) { module, args, n in
      bridge { () throws(PyError) in
        try checkCount("_abc_subclasscheck", n, 2, 2)
        return Owned(retaining: pyBool(try ABCModule.isSubclass(module!, args![0]!, args![1]!)))
      }
    }
    m.noArguments(
      "get_cache_token", "($module, /)",
      "Returns the current ABC cache token.\n\nThe token is an opaque object (supporting equality testing) identifying the\ncurrent version of the ABC cache for virtual subclasses. The token changes\nwith every call to register() on any ABC."
    ) { module, _ in PyLong_FromSsize_t(ABCModule.counter(module!).pointee) }
    m.one("_reset_registry", "($module, self, /)", "Internal ABC helper to reset registry of a given class.") {
      _, cls in
      bridgeNone { () throws(PyError) in
        let data = try ABCData.of(cls!)
        try WeakTypeSet.clear(data.ref.field(ABCData.registry))
      }
    }
    m.one("_reset_caches", "($module, self, /)", "Internal ABC helper to reset both caches of a given class.") {
      _, cls in
      bridgeNone { () throws(PyError) in
        let data = try ABCData.of(cls!)
        try WeakTypeSet.clear(data.ref.field(ABCData.cache))
        try WeakTypeSet.clear(data.ref.field(ABCData.negative))
      }
    }
    m.one("_get_dump", "($module, self, /)", "Internal ABC helper for cache and registry debugging.") { _, cls in
      bridge { () throws(PyError) in
        let data = try ABCData.of(cls!)
        func copy(_ i: Int) throws(PyError) -> Owned { try owned(PySet_New(data.ref.field(i).pointee)) }
        let registry = try copy(ABCData.registry), cache = try copy(ABCData.cache),
          negative = try copy(ABCData.negative)
        let version = try owned(PyLong_FromSsize_t(ABCData.version(data.ref).pointee))
        return try tuple(registry.ref, cache.ref, negative.ref, version.ref)
      }
    }
    return m.build()
  }

  // MARK: Making a class

  private static func isAbstract(_ o: Ref) throws(PyError) -> Bool {
    guard let mark = try optionalAttribute(o, Dunder.isabstractmethod.ref) else { return false }
    return try truth(mark.ref)
  }
  /// `__abstractmethods__`: names that are abstract in the class itself, or inherited and not overridden.
  private static func findAbstractMethods(_ cls: Ref) throws(PyError) {
    let names = try owned(PySet_New(nil))
    let namespace = try owned(PyObject_GetAttr(cls, Dunder.dict.ref))
    let items = try owned(PyMapping_Items(namespace.ref))
    let list = try owned(PySequence_List(items.ref))
    for i in 0..<list.ref.size {
      let item = gila_list_items(list.ref)![i]!
      guard item.isTuple, item.size == 2 else { throw typeError("Iteration over class __dict__ did not give pairs") }
      if try isAbstract(gila_tuple_items(item)[1]!) { try check(PySet_Add(names.ref, gila_tuple_items(item)[0])) }
    }
    let bases = try owned(PyObject_GetAttr(cls, Dunder.bases.ref))
    guard bases.ref.isTuple else { throw typeError("__bases__ is not tuple") }
    let attribute = try owned(PyUnicode_InternFromString("__abstractmethods__"))
    for i in 0..<bases.ref.size {
      guard let inherited = try optionalAttribute(gila_tuple_items(bases.ref)[i]!, attribute.ref) else { continue }
      let keys = try owned(PySequence_List(inherited.ref))
      for j in 0..<keys.ref.size {
        let key = gila_list_items(keys.ref)![j]!
        guard let value = try optionalAttribute(cls, key) else { continue }
        if try isAbstract(value.ref) { try check(PySet_Add(names.ref, key)) }
      }
    }
    let frozen = try owned(PyFrozenSet_New(names.ref))
    try check(PyObject_SetAttr(cls, attribute.ref, frozen.ref))
  }
  /// `__abc_tpflags__` says whether pattern matching treats instances as sequences or as mappings.
  private static func takeFlags(_ t: TypeRef) throws(PyError) {
    guard let flags = PyDict_GetItemString(t.pointee.tp_dict, "__abc_tpflags__"), flags.isLong else { return }
    let value = PyLong_AsLong(flags)
    if value == -1 && errorIsSet { throw PyError() }
    let wanted = UInt(bitPattern: value) & collectionFlags
    if wanted == collectionFlags {
      throw typeError("__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING")
    }
    t.pointee.tp_flags |= wanted
    try check(PyDict_DelItemString(t.pointee.tp_dict, "__abc_tpflags__"))
    PyType_Modified(t)
  }

  // MARK: Registration

  private static func register(_ module: Ref, _ cls: Ref, _ subclass: Ref) throws(PyError) -> Owned {
    guard subclass.isType else { throw typeError("Can only register classes") }
    if try check(PyObject_IsSubclass(subclass, cls)) > 0 { return Owned(retaining: subclass) }
    if try check(PyObject_IsSubclass(cls, subclass)) > 0 {
      throw runtimeError("Refusing to create an inheritance cycle")
    }
    let data = try ABCData.of(cls)
    try WeakTypeSet.add(data.ref.field(ABCData.registry), subclass)
    counter(module).pointee &+= 1
    if cls.isType {
      let flag = cls.asType.pointee.tp_flags & collectionFlags
      if flag != 0 { try spread(flag, subclass.asType) }
    }
    return Owned(retaining: subclass)
  }
  private static func spread(_ flag: UInt, _ t: TypeRef) throws(PyError) {
    if t.hasFlag(UInt(Py_TPFLAGS_IMMUTABLETYPE)) || t.pointee.tp_flags & collectionFlags == flag { return }
    t.pointee.tp_flags = t.pointee.tp_flags & ~collectionFlags | flag
    let method = try owned(PyObject_GetAttrString(Types.type.object, "__subclasses__"))
    let children = try owned(PyObject_CallOneArg(method.ref, t.object))
    for i in 0..<children.ref.size { try spread(flag, gila_list_items(children.ref)![i]!.asType) }
  }

  // MARK: Checks

  private static func isInstance(_ module: Ref, _ cls: Ref, _ o: Ref) throws(PyError) -> Owned {
    let data = try ABCData.of(cls)
    let subclass = try owned(PyObject_GetAttr(o, Dunder.class.ref))
    if try WeakTypeSet.contains(data.ref.field(ABCData.cache), subclass.ref) { return Owned(retaining: pyTrue) }
    let type = Owned(retaining: o.type.object)
    if type.ref == subclass.ref {
      if ABCData.version(data.ref).pointee == counter(module).pointee,
        try WeakTypeSet.contains(data.ref.field(ABCData.negative), subclass.ref)
      {
        return Owned(retaining: pyFalse)
      }
      return try callMethod(cls, Dunder.subclasscheck.ref, subclass.ref)
    }
    let first = try callMethod(cls, Dunder.subclasscheck.ref, subclass.ref)
    if try truth(first.ref) { return first }
    return try callMethod(cls, Dunder.subclasscheck.ref, type.ref)
  }

  private static func isSubclass(_ module: Ref, _ cls: Ref, _ subclass: Ref) throws(PyError) -> Bool {
    guard subclass.isType else { throw typeError("issubclass() arg 1 must be a class") }
    let data = try ABCData.of(cls)
    let cache = data.ref.field(ABCData.cache), negative = data.ref.field(ABCData.negative)
    if try WeakTypeSet.contains(cache, subclass) { return true }
    let now = counter(module).pointee
    if ABCData.version(data.ref).pointee < now {
      try WeakTypeSet.clear(negative)
      ABCData.version(data.ref).pointee = now
    } else if try WeakTypeSet.contains(negative, subclass) {
      return false
    }
    let answer = try callMethod(cls, Dunder.subclasshook.ref, subclass)
    if answer.ref == pyTrue {
      try WeakTypeSet.add(cache, subclass)
      return true
    }
    if answer.ref == pyFalse {
      try WeakTypeSet.add(negative, subclass)
      return false
    }
    if answer.ref != notImplemented {
      throw raise(Exc.AssertionError, "__subclasshook__ must return either False, True, or NotImplemented")
    }
    var yes = cls.isType && PyType_IsSubtype(subclass.asType, cls.asType) != 0
    if !yes { yes = try isRegistered(data.ref, subclass) }
    if !yes { yes = try isBelowSubclass(cls, subclass) }
    try WeakTypeSet.add(yes ? cache : negative, subclass)
    return yes
  }
  private static func isRegistered(_ data: Ref, _ subclass: Ref) throws(PyError) -> Bool {
    let registry = data.field(ABCData.registry)
    if try WeakTypeSet.contains(registry, subclass) { return true }
    let members = try WeakTypeSet.members(registry)
    for i in 0..<members.ref.size {
      if try check(PyObject_IsSubclass(subclass, gila_list_items(members.ref)![i])) > 0 { return true }
    }
    return false
  }
  private static func isBelowSubclass(_ cls: Ref, _ subclass: Ref) throws(PyError) -> Bool {
    let method = try owned(PyObject_GetAttrString(cls, "__subclasses__"))
    let children = try owned(PyObject_CallNoArgs(method.ref))
    guard children.ref.isList else { throw typeError("__subclasses__() must return a list") }
    var i = 0
    while i < children.ref.size {
      let child = Owned(retaining: gila_list_items(children.ref)![i]!)
      if try check(PyObject_IsSubclass(subclass, child.ref)) > 0 { return true }
      i += 1
    }
    return false
  }
}
