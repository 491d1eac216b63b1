// The type Pickler.

import CGila
import GilaCore
import GilaText

enum PicklerType {
  static func state(_ r: Ref?) -> PicklerRef { r.unsafelyUnwrapped.cast(PicklerState.self) }

  private static let initialize = Signature("Pickler", "(file, protocol=None, fix_imports=True, buffer_callback=None)")
  private static let slots: [Int] = [
    MemoryLayout<PicklerState>.offset(of: \.write)!, MemoryLayout<PicklerState>.offset(of: \.dispatchTable)!,
    MemoryLayout<PicklerState>.offset(of: \.persistentID)!,
    MemoryLayout<PicklerState>.offset(of: \.persistentIDAttribute)!,
    MemoryLayout<PicklerState>.offset(of: \.reducerOverride)!,
    MemoryLayout<PicklerState>.offset(of: \.bufferCallback)!,
  ]

  static func setUp(_ r: Ref, _ number: Ref?, _ fixImports: Ref?, _ callback: Ref?) throws(PyError) {
    let p = state(r)
    var n = PickleModule.defaultProtocol
    if let number, !number.isNone {
      n = Int(try intArgument(number))
      if n < 0 { n = PickleModule.highestProtocol }
      if n > PickleModule.highestProtocol {
        throw valueError("pickle protocol must be <= \(PickleModule.highestProtocol)")
      }
    }
    let fix = fixImports == nil ? true : try truth(fixImports!)
    let given = callback.flatMap { $0.isNone ? nil : $0 }
    if given != nil && n < 5 { throw valueError("buffer_callback needs protocol >= 5") }
    p.pointee.protocolNumber = n
    p.pointee.bin = n > 0 ? 1 : 0
    p.pointee.fast = 0
    p.pointee.fixImports = fix && n < 3
    p.startOver()
    p.pointee.isReady = true
    replace(r.slot(slots[5]), with: xnewRef(given))
  }
  static func setFile(_ r: Ref, _ file: Ref) throws(PyError) {
    guard let write = try optionalAttribute(file, "write") else {
      throw typeError("file must have a 'write' attribute")
    }
    replace(r.slot(slots[0]), with: write.take())
  }

  static func dump(_ r: Ref, _ object: Ref) throws(PyError) {
    let p = state(r)
    if !p.pointee.isReady {
      throw PickleModule.picklingError("Pickler.__init__() was not called by \(typeName(of: r)).__init__()")
    }
    if p.pointee.isRunning { throw runtimeError("Pickler object is already used") }
    p.pointee.isRunning = true
    defer {
      p.pointee.isRunning = false
      p.pointee.frameStart = -1
      p.setFraming(false)
      clear(r.slot(slots[2]))
      clear(r.slot(slots[4]))
    }
    if !r.isExactly(PicklerType.type) || p.pointee.persistentIDAttribute != nil {
      if let override = try attribute(r, "reducer_override") {
        replace(r.slot(slots[4]), with: override.take())
      }
      if let function = try attribute(r, "persistent_id"), !isDefault(function.ref) {
        replace(r.slot(slots[2]), with: function.take())
      }
    }
    p.startOver()
    if p.pointee.protocolNumber >= 2 {
      try p.put(0x80, p.pointee.protocolNumber, bytes: 1)
      p.setFraming(p.pointee.protocolNumber >= 4)
    }
    try p.save(object)
    try p.put(46)
    p.closeFrame()
  }
  /// An attribute of a pickler, if it has it. Each new pickler looks for some that it usually does not have.
  private static func attribute(_ r: Ref, _ name: StaticString) throws(PyError) -> Owned? {
    guard address(r.type.pointee.tp_getattro) == address(PicklerType.type.pointee.tp_getattro),
      r.slot(PicklerType.slots[3]).pointee == nil
    else { return try optionalAttribute(r, name) }
    if let value = gila_generic_optional_attribute(r, internedLiteral(name)) { return Owned(taking: value) }
    if errorIsSet { throw PyError() }
    return nil
  }
  private static func isDefault(_ function: Ref) -> Bool {
    function.isExactly(Types.cFunction)
      && address(PyCFunction_GetFunction(function)) == address(defaultPersistentID)
  }
  private static let defaultPersistentID: PyCFunction = { _, _ in none }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_pickle.Pickler", basicSize: MemoryLayout<PicklerState>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE),
      doc:
        "Pickler(file, protocol=None, fix_imports=True, buffer_callback=None)\n--\n\nWrites the pickled form of objects to a file."
    )
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let b = try PicklerType.initialize.bind(tuple: args, dict: kwargs)
        PicklerType.state(r).pointee.isReady = false
        try PicklerType.setUp(r!, b[1], b[2], b[3])
        PicklerType.state(r).pointee.isReady = false
        try PicklerType.setFile(r!, b[0]!)
        PicklerType.state(r).pointee.memo.removeAll()
        if let table = try PicklerType.attribute(r!, "dispatch_table") {
          replace(r!.slot(PicklerType.slots[1]), with: table.take())
        }
        PicklerType.state(r).pointee.isReady = true
      }
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      for s in PicklerType.slots { clear(r!.slot(s)) }
      let p = PicklerType.state(r)
      p.pointee.memo.removeAll()
      clear(&p.pointee.buffer)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      for s in PicklerType.slots {
        let v = visit(r!.slot(s).pointee, f, context)
        if v != 0 { return v }
      }
      let memo = PicklerType.state(r).pointee.memo
      for i in 0..<memo.capacity {
        let v = visit(memo.entries![i].key, f, context)
        if v != 0 { return v }
      }
      return 0
    }
    t.pointee.tp_clear = { r in
      for s in PicklerType.slots { clear(r!.slot(s)) }
      PicklerType.state(r).pointee.memo.removeAll()
      return 0
    }
    t.pointee.tp_getattro = { r, name in
      if PyUnicode_EqualToUTF8(name, "persistent_id") != 0, let own = r!.slot(PicklerType.slots[3]).pointee {
        return newRef(own)
      }
      return PyObject_GenericGetAttr(r, name)
    }
    t.pointee.tp_setattro = { r, name, value in
      if PyUnicode_EqualToUTF8(name, "persistent_id") != 0 {
        if value == nil && r!.slot(PicklerType.slots[3]).pointee == nil { return PyObject_GenericSetAttr(r, name, nil) }
        replace(r!.slot(PicklerType.slots[3]), with: xnewRef(value))
        return 0
      }
      return PyObject_GenericSetAttr(r, name, value)
    }
    var m = MethodTable()
    m.add(
      "persistent_id", METH_O, "($self, obj, /)", "None: no object has a persistent id.",
      PicklerType.defaultPersistentID)
    m.one("dump", "($self, obj, /)", "Writes the pickled form of an object.") { r, object in
      bridgeNone { () throws(PyError) in
        try PicklerType.dump(r!, object!)
        try PicklerType.state(r).flush()
      }
    }
    m.noArguments("clear_memo", "($self, /)", "Forgets which objects have been pickled.") { r, _ in
      PicklerType.state(r).pointee.memo.removeAll()
      return none
    }
    m.noArguments("__sizeof__", "($self, /)", "Size in memory, in bytes.") { r, _ in
      let p = PicklerType.state(r)
      return PyLong_FromSsize_t(
        r!.type.pointee.tp_basicsize &+ p.pointee.memo.capacity &* 16 &+ p.pointee.capacity)
    }
    t.pointee.tp_methods = m.build()
    var members = MemberTable()
    members.add("bin", Py_T_INT, offset: MemoryLayout<PicklerState>.offset(of: \.bin)!, flags: 0)
    members.add("fast", Py_T_INT, offset: MemoryLayout<PicklerState>.offset(of: \.fast)!, flags: 0)
    members.add("dispatch_table", Py_T_OBJECT_EX, offset: PicklerType.slots[1], flags: 0)
    t.pointee.tp_members = members.build()
    var g = GetSetTable()
    g.add(
      "memo", get: { r, _ in MemoProxies.make(MemoProxies.pickler, r!) },
      set: { r, value, _ in bridgeStatus { () throws(PyError) in try PicklerType.setMemo(r!, value) } })
    t.pointee.tp_getset = g.build()
    return t
  }()

  private static func setMemo(_ r: Ref, _ value: Ref?) throws(PyError) {
    guard let value else { throw typeError("attribute deletion is not supported") }
    var new = Memo()
    if value.isExactly(MemoProxies.pickler) {
      let source = state(value.slot(16).pointee).pointee.memo
      for i in 0..<source.capacity { if let k = source.entries![i].key { new.insert(k, source.entries![i].value) } }
    } else if value.isDict {
      var position = 0
      var key: Ref? = nil
      var item: Ref? = nil
      while PyDict_Next(value, &position, &key, &item) != 0 {
        guard let item, item.isTuple, item.size == 2 else {
          new.removeAll()
          throw typeError("'memo' values must be 2-item tuples")
        }
        let n = PyLong_AsSsize_t(item.tupleItems[0])
        if n == -1 && errorIsSet {
          new.removeAll()
          throw PyError()
        }
        new.insert(item.tupleItems[1]!, n)
      }
    } else {
      throw typeError("'memo' attribute must be a PicklerMemoProxy object or dict, not \(typeName(of: value))")
    }
    var old = state(r).pointee.memo
    state(r).pointee.memo = new
    old.removeAll()
  }
}
