// The type Unpickler.

import CGila
import GilaCore
import GilaText
import Glibc

enum UnpicklerType {
  static func state(_ r: Ref?) -> UnpicklerRef { r.unsafelyUnwrapped.cast(UnpicklerState.self) }

  private static let initialize = Signature(
    "Unpickler", "(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())")
  private static let slots: [Int] = [
    MemoryLayout<UnpicklerState>.offset(of: \.read)!, MemoryLayout<UnpicklerState>.offset(of: \.readLine)!,
    MemoryLayout<UnpicklerState>.offset(of: \.readInto)!, MemoryLayout<UnpicklerState>.offset(of: \.buffers)!,
    MemoryLayout<UnpicklerState>.offset(of: \.persistentLoadAttribute)!,
    MemoryLayout<UnpicklerState>.offset(of: \.source)!,
  ]

  static func setUp(
    _ r: Ref, _ fixImports: Ref?, _ encoding: Ref?, _ errors: Ref?, _ buffers: Ref?
  ) throws(PyError) {
    let u = state(r)
    let fix = fixImports == nil ? true : try truth(fixImports!)
    let encoding = try text("encoding", encoding), errors = try text("errors", errors)
    free(u.pointee.encoding)
    free(u.pointee.errors)
    u.pointee.encoding = encoding.flatMap { strdup($0) }
    u.pointee.errors = errors.flatMap { strdup($0) }
    u.pointee.fixImports = fix
    u.pointee.protocolNumber = 0
    if let buffers, !buffers.isNone {
      replace(r.slot(slots[3]), with: try owned(PyObject_GetIter(buffers)).take())
    } else {
      clear(r.slot(slots[3]))
    }
    u.pointee.isReady = true
  }
  /// The text of an argument, which the argument holds; nil without one.
  private static func text(_ name: StaticString, _ r: Ref?) throws(PyError) -> UnsafePointer<CChar>? {
    guard let r else { return nil }
    guard r.isUnicode else { throw typeError("Unpickler() argument '\(name)' must be str, not \(argumentTypeName(r))") }
    guard let text = PyUnicode_AsUTF8(r) else { throw PyError() }
    return text
  }
  static func setFile(_ r: Ref, _ file: Ref) throws(PyError) {
    let into = try optionalAttribute(file, "readinto")
    let read = try optionalAttribute(file, "read")
    let line = try optionalAttribute(file, "readline")
    guard let read, let line else { throw typeError("file must have 'read' and 'readline' attributes") }
    replace(r.slot(slots[0]), with: read.take())
    replace(r.slot(slots[1]), with: line.take())
    if let into { replace(r.slot(slots[2]), with: into.take()) } else { clear(r.slot(slots[2])) }
  }
  static func load(_ r: Ref, bytes: Ref) throws(PyError) -> Owned {
    try state(r).setSource(bytes)
    return try load(r)
  }
  static func load(_ r: Ref) throws(PyError) -> Owned {
    let u = state(r)
    if !u.pointee.isReady {
      throw PickleModule.unpicklingError("Unpickler.__init__() was not called by \(typeName(of: r)).__init__()")
    }
    if u.pointee.isRunning { throw runtimeError("Unpickler object is already used") }
    u.pointee.isRunning = true
    defer {
      u.pointee.isRunning = false
      u.pointee.markCount = 0
      u.drop(to: 0)
      // What a frame held more than one object for stays for the next load.
      if u.pointee.read == nil || u.pointee.position >= u.pointee.end { u.dropSource() }
    }
    u.pointee.protocolNumber = 0
    u.pointee.markCount = 0
    u.drop(to: 0)
    return try u.run(r)
  }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_pickle.Unpickler", basicSize: MemoryLayout<UnpicklerState>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE),
      doc:
        "Unpickler(file, *, fix_imports=True, encoding='ASCII', errors='strict',\n          buffers=())\n--\n\nReads objects from a file that has their pickled form."
    )
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let b = try UnpicklerType.initialize.bind(tuple: args, dict: kwargs)
        let u = UnpicklerType.state(r)
        u.pointee.isReady = false
        if u.pointee.isRunning { throw runtimeError("Unpickler object is already used") }
        try UnpicklerType.setFile(r!, b[0]!)
        u.clearMemo()
        u.dropSource()
        try UnpicklerType.setUp(r!, b[1], b[2], b[3], b[4])
      }
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      let u = UnpicklerType.state(r)
      for s in UnpicklerType.slots { clear(r!.slot(s)) }
      u.dropSource()
      u.pointee.markCount = 0
      u.drop(to: 0)
      u.clearMemo()
      PyMem_Free(u.pointee.stack)
      PyMem_Free(u.pointee.marks)
      free(u.pointee.encoding)
      free(u.pointee.errors)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      let u = UnpicklerType.state(r)
      for s in UnpicklerType.slots {
        let v = visit(r!.slot(s).pointee, f, context)
        if v != 0 { return v }
      }
      for i in 0..<u.pointee.count {
        let v = visit(u.pointee.stack![i], f, context)
        if v != 0 { return v }
      }
      for i in 0..<u.pointee.memoSize {
        let v = visit(u.pointee.memo![i], f, context)
        if v != 0 { return v }
      }
      return 0
    }
    t.pointee.tp_clear = { r in
      for s in UnpicklerType.slots { clear(r!.slot(s)) }
      UnpicklerType.state(r).clearMemo()
      return 0
    }
    t.pointee.tp_getattro = { r, name in
      if PyUnicode_EqualToUTF8(name, "persistent_load") != 0, let own = r!.slot(UnpicklerType.slots[4]).pointee {
        return newRef(own)
      }
      return PyObject_GenericGetAttr(r, name)
    }
    t.pointee.tp_setattro = { r, name, value in
      if PyUnicode_EqualToUTF8(name, "persistent_load") != 0 {
        if value == nil && r!.slot(UnpicklerType.slots[4]).pointee == nil {
          return PyObject_GenericSetAttr(r, name, nil)
        }
        replace(r!.slot(UnpicklerType.slots[4]), with: xnewRef(value))
        return 0
      }
      return PyObject_GenericSetAttr(r, name, value)
    }
    var m = MethodTable()
    m.one(
      "persistent_load", "($self, pid, /)", "Raises an exception: what a persistent id means is for subclasses to know."
    ) { _, _ in
      bridge { () throws(PyError) in
        throw PickleModule.unpicklingError(
          "A load persistent id instruction was encountered, but no persistent_load function was specified.")
      }
    }
    m.noArguments("load", "($self, /)", "Reads an object.") { r, _ in
      bridge { () throws(PyError) in try UnpicklerType.load(r!) }
    }
    m.positional("find_class", "($self, module_name, global_name, /)", "The object of a name in a module.") {
      r, args, n in
      bridge { () throws(PyError) in
        try checkCount("find_class", n, 2, 2)
        return try UnpicklerType.state(r).findClass(args![0]!, args![1]!)
      }
    }
    m.noArguments("__sizeof__", "($self, /)", "Size in memory, in bytes.") { r, _ in
      let u = UnpicklerType.state(r)
      return PyLong_FromSsize_t(
        r!.type.pointee.tp_basicsize &+ u.pointee.memoSize &* 8 &+ u.pointee.capacity &* 8 &+ u.pointee.markCapacity
          &* 8)
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add(
      "memo", get: { r, _ in MemoProxies.make(MemoProxies.unpickler, r!) },
      set: { r, value, _ in bridgeStatus { () throws(PyError) in try UnpicklerType.setMemo(r!, value) } })
    t.pointee.tp_getset = g.build()
    return t
  }()

  private static func setMemo(_ r: Ref, _ value: Ref?) throws(PyError) {
    guard let value else { throw typeError("attribute deletion is not supported") }
    let contents: Owned
    if value.isExactly(MemoProxies.unpickler) {
      contents = try call(value, "copy")
    } else if value.isDict {
      contents = Owned(retaining: value)
    } else {
      throw typeError("'memo' attribute must be an UnpicklerMemoProxy object or dict, not \(typeName(of: value))")
    }
    var position = 0
    var key: Ref? = nil
    var item: Ref? = nil
    while PyDict_Next(contents.ref, &position, &key, nil) != 0 {
      guard key!.isLong else { throw typeError("memo key must be integers") }
      let n = PyLong_AsSsize_t(key)
      if n == -1 && errorIsSet { throw PyError() }
      if n < 0 { throw valueError("memo key must be positive integers.") }
    }
    let u = state(r)
    u.clearMemo()
    position = 0
    while PyDict_Next(contents.ref, &position, &key, &item) != 0 { try u.memoPut(PyLong_AsSsize_t(key), item!) }
  }
}
