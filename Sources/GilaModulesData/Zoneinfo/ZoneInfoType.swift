// The type zoneinfo.ZoneInfo.

import CGila
import GilaCore

enum ZoneInfoType {
  // Behind the head: the zone's data (a retained Swift object), the key, what the file was (str or NULL), weak
  // references, whether it came from the cache.
  private static let dataOffset = 16, keyOffset = 24, fileOffset = 32, weakOffset = 40, sourceOffset = 48
  private static let fromFile = 0, uncached = 1, cached = 2

  private static let slot = InterpreterSlot(252)
  /// The class; nil before the module is made.
  static var type: TypeRef? { currentInterpreter.slot(slot).pointee.map { asType($0) } }

  /// Makes the class: not a static type, because programs look at what `gc` says of it.
  static func make() throws(PyError) -> Ref {
    if let known = currentInterpreter.slot(slot).pointee { return known }
    let new: newfunc = { type, args, kwargs in
      bridge { () throws(PyError) in try ZoneInfoType.new(type!, args, kwargs) }
    }
    let dealloc: destructor = { ZoneInfoType.deallocate($0!) }
    let repr: reprfunc = { r in bridge { () throws(PyError) in try ZoneInfoType.repr(r!) } }
    let str: reprfunc = { r in bridge { () throws(PyError) in try ZoneInfoType.text(r!) } }
    var members = MemberTable()
    members.add("key", _Py_T_OBJECT, offset: keyOffset)
    members.add("__weaklistoffset__", Py_T_PYSSIZET, offset: weakOffset)
    let slots: [(Int32, UnsafeMutableRawPointer?)] = [
      (Py_tp_new, unsafeBitCast(new, to: UnsafeMutableRawPointer.self)),
      (Py_tp_dealloc, unsafeBitCast(dealloc, to: UnsafeMutableRawPointer.self)),
      (Py_tp_repr, unsafeBitCast(repr, to: UnsafeMutableRawPointer.self)),
      (Py_tp_str, unsafeBitCast(str, to: UnsafeMutableRawPointer.self)),
      (Py_tp_members, UnsafeMutableRawPointer(members.build())),
      (Py_tp_methods, UnsafeMutableRawPointer(methods())), (0, nil),
    ]
    let table = UnsafeMutablePointer<PyType_Slot>.allocate(capacity: slots.count)
    defer { table.deallocate() }
    for (i, s) in slots.enumerated() { table[i] = PyType_Slot(slot: s.0, pfunc: s.1) }
    var spec = PyType_Spec(
      name: cString("zoneinfo.ZoneInfo"), basicsize: 56, itemsize: 0,
      flags: UInt32(Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE), slots: table)
    let made = try owned(PyType_FromSpecWithBases(&spec, DatetimeTypes.tzinfo.object))
    currentInterpreter.slot(slot).pointee = newRef(made.ref)
    return made.ref
  }
  private static func deallocate(_ r: Ref) {
    let type = r.type
    if r.slot(weakOffset).pointee != nil { PyObject_ClearWeakRefs(r) }
    if let p = box(r).pointee { Unmanaged<ZoneData>.fromOpaque(p).release() }
    xdecref(r.slot(keyOffset).pointee)
    xdecref(r.slot(fileOffset).pointee)
    type.pointee.tp_free(r.raw)
    // Instances of a class of this kind hold it.
    decref(type.object)
  }
  private static func text(_ r: Ref) throws(PyError) -> Owned {
    key(r).isNone ? try repr(r) : try owned(PyObject_Str(key(r)))
  }
  private static func box(_ r: Ref) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    (r.raw + dataOffset).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }
  private static func key(_ r: Ref) -> Ref { r.slot(keyOffset).pointee ?? none }
  private static func source(_ r: Ref) -> Int { r.raw.load(fromByteOffset: sourceOffset, as: Int.self) }
  private static func setSource(_ r: Ref, _ source: Int) {
    r.raw.storeBytes(of: source, toByteOffset: sourceOffset, as: Int.self)
  }
  private static func data(_ r: Ref) throws(PyError) -> ZoneData {
    guard let p = box(r).pointee else { throw valueError("the time zone was not loaded") }
    return Unmanaged<ZoneData>.fromOpaque(p).takeUnretainedValue()
  }

  // MARK: Making

  private static func load(_ type: TypeRef, _ file: Ref, _ key: Ref) throws(PyError) -> Owned {
    let load = try imported("zoneinfo._common", "load_data")
    let raw = try owned(PyObject_CallOneArg(load.ref, file))
    let data = try ZoneData(raw.ref)
    let r = try owned(type.pointee.tp_alloc(type, 0))
    box(r.ref).pointee = Unmanaged.passRetained(data).toOpaque()
    r.ref.slot(keyOffset).pointee = newRef(key)
    return r
  }
  private static func instance(_ type: TypeRef, _ key: Ref) throws(PyError) -> Owned {
    let find = try imported("zoneinfo._tzpath", "find_tzfile")
    let path = try owned(PyObject_CallOneArg(find.ref, key))
    let file: Owned
    if path.ref.isNone {
      let load = try imported("zoneinfo._common", "load_tzdata")
      file = try owned(PyObject_CallOneArg(load.ref, key))
    } else {
      let open = try imported("io", "open"), mode = try string("rb")
      file = try withArguments(path.ref, mode.ref) { (p) throws(PyError) in
        try owned(PyObject_Vectorcall(open.ref, p, 2, nil))
      }
    }
    let made: Owned
    do throws(PyError) { made = try load(type, file.ref, key) } catch {
      let exception = PyErr_GetRaisedException()
      if let r = PyObject_CallMethodOrNil(file.ref, "close") { decref(r) }
      PyErr_SetRaisedException(exception)
      throw error
    }
    _ = try call(file.ref, "close")
    return made
  }
  private static func PyObject_CallMethodOrNil(_ r: Ref, _ name: StaticString) -> Ref? {
    do throws(PyError) { return try call(r, name).take() } catch {
      PyErr_Clear()
      return nil
    }
  }
  private static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    let given = (args?.size ?? 0) + (kwargs.map { PyDict_Size($0) } ?? 0)
    if given > 1 { throw typeError("function takes at most 1 argument (\(given) given)") }
    var key = args.flatMap { $0.size == 1 ? PyTuple_GetItem($0, 0) : nil }
    if key == nil, let kwargs { key = PyDict_GetItemString(kwargs, "key") }
    guard let key else { throw typeError("function missing required argument 'key' (pos 1)") }
    let held = Owned(retaining: key)
    let weak = try ZoneCache.weak(type)
    var found = try call(weak.ref, "get", held.ref, none)
    if found.ref.isNone {
      let made = try instance(type, held.ref)
      setSource(made.ref, cached)
      found = try call(weak.ref, "setdefault", held.ref, made.ref)
    }
    try ZoneCache.keep(type, held.ref, found.ref)
    return found
  }
  private static func repr(_ r: Ref) throws(PyError) -> Owned {
    let name = String(cString: r.type.pointee.tp_name)
    if !key(r).isNone { return try string("\(name)(key=\(try reprText(key(r))))") }
    let file = r.slot(fileOffset).pointee.map { swiftString($0) } ?? "None"
    return try string("\(name).from_file(\(file))")
  }

  // MARK: Asking

  /// Seconds of a datetime as its clock shows them, since 1970.
  private static func second(_ dt: Ref) throws(PyError) -> Int {
    if dt.isDateTime { return (dt.ordinal - TransitionRule.epoch) * 86400 + dt.clock.seconds }
    let ordinal = try call(dt, "toordinal")
    let days = try sizeArgument(ordinal.ref)
    let h = try number(dt, "hour"), m = try number(dt, "minute"), s = try number(dt, "second")
    return (days &- TransitionRule.epoch) &* 86400 &+ h &* 3600 &+ m &* 60 &+ s
  }
  private static func number(_ r: Ref, _ name: StaticString) throws(PyError) -> Int {
    let v = try attribute(r, name)
    return try sizeArgument(v.ref)
  }
  /// The period at a datetime; nil for None where it depends on the time.
  fileprivate static func period(_ r: Ref, _ dt: Ref) throws(PyError) -> ZoneData.Period? {
    let data = try data(r)
    if dt.isNone { return data.isFixed ? data.only : nil }
    let second = try second(dt)
    if dt.isDateTime { return data.period(local: second, year: dt.year, fold: dt.fold) }
    let year = try number(dt, "year"), fold = try number(dt, "fold")
    guard (1...9999).contains(year) else { throw valueError("year \(year) is out of range") }
    return data.period(local: second, year: year, fold: fold)
  }
  private static func fromUTC(_ r: Ref, _ dt: Ref) throws(PyError) -> Owned {
    guard dt.isDateTime else { throw typeError("fromutc: argument must be a datetime") }
    guard dt.zone == r else { throw valueError("fromutc: dt.tzinfo is not self") }
    let (period, fold) = try data(r).period(utc: second(dt), year: dt.year)
    let local = try owned(PyNumber_Add(dt, period.offsetObject))
    if !fold { return local }
    if local.ref.isExactly(DatetimeTypes.datetime) {
      local.ref.fieldBytes[10] = 1
      return local
    }
    let replace = try attribute(local.ref, "replace")
    let args = try owned(PyTuple_New(0)), keywords = try owned(PyDict_New())
    try check(PyDict_SetItemString(keywords.ref, "fold", gila_small_int(1)))
    return try owned(PyObject_Call(replace.ref, args.ref, keywords.ref))
  }

  // MARK: Methods

  private static let noCache = Signature("no_cache", "(key)")
  private static let fileArguments = Signature("from_file", "(file_obj, /, key=None)")
  private static let clearing = Signature("clear_cache", "(*, only_keys=None)")
  private static func asType(_ r: Ref) -> TypeRef { r.raw.assumingMemoryBound(to: PyTypeObject.self) }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("utcoffset", "($self, dt, /)", "The distance from UTC at a datetime, as a timedelta.") { r, dt in
      bridge { () throws(PyError) in Owned(retaining: try ZoneInfoType.period(r!, dt!)?.offsetObject ?? none) }
    }
    m.one("dst", "($self, dt, /)", "The part of utcoffset that is daylight saving time.") { r, dt in
      bridge { () throws(PyError) in Owned(retaining: try ZoneInfoType.period(r!, dt!)?.savingObject ?? none) }
    }
    m.one("tzname", "($self, dt, /)", "What the zone is called at a datetime.") { r, dt in
      bridge { () throws(PyError) in Owned(retaining: try ZoneInfoType.period(r!, dt!)?.name ?? none) }
    }
    m.one("fromutc", "($self, dt, /)", "Local time for a datetime in UTC.") { r, dt in
      bridge { () throws(PyError) in try ZoneInfoType.fromUTC(r!, dt!) }
    }
    m.keywords("no_cache", "($type, /, key)", "A zone that is made anew.", flags: METH_CLASS) { cls, args, n, names in
      bridge { () throws(PyError) in
        let a = try ZoneInfoType.noCache.bind(args, n, names)
        let held = Owned(retaining: a[0]!)
        let r = try ZoneInfoType.instance(ZoneInfoType.asType(cls!), held.ref)
        ZoneInfoType.setSource(r.ref, ZoneInfoType.uncached)
        return r
      }
    }
    m.keywords(
      "from_file", "($type, file_obj, /, key=None)", "A zone from an open file in binary mode.", flags: METH_CLASS
    ) { cls, args, n, names in
      bridge { () throws(PyError) in
        let a = try ZoneInfoType.fileArguments.bind(args, n, names)
        let text = try owned(PyObject_Repr(a[0]!))
        let r = try ZoneInfoType.load(ZoneInfoType.asType(cls!), a[0]!, a[1] ?? none)
        r.ref.slot(ZoneInfoType.fileOffset).pointee = text.take()
        return r
      }
    }
    m.keywords(
      "clear_cache", "($type, /, *, only_keys=None)", "Forget zones, all or those of the keys.", flags: METH_CLASS
    ) { cls, args, n, names in
      bridgeNone { () throws(PyError) in
        let a = try ZoneInfoType.clearing.bind(args, n, names)
        try ZoneCache.clear(ZoneInfoType.asType(cls!), only: a[0].flatMap { $0.isNone ? nil : $0 })
      }
    }
    m.tupleAndDict("__init_subclass__", "", "Gives a subclass a cache of its own.", flags: METH_CLASS) { cls, _, _ in
      bridgeNone { () throws(PyError) in
        let cache = try ZoneCache.makeWeak()
        try check(PyObject_SetAttr(cls, internedLiteral("_weak_cache"), cache.ref))
      }
    }
    m.noArguments("__reduce__", "($self, /)", "For pickling: by key, unless it is from a file.") { r, _ in
      bridge { () throws(PyError) in
        let source = ZoneInfoType.source(r!)
        if source == ZoneInfoType.fromFile {
          let type = try imported("pickle", "PicklingError")
          PyErr_SetString(type.ref, "Cannot pickle a ZoneInfo file from a file stream.")
          throw PyError()
        }
        let function = try attribute(r!, "_unpickle")
        let flag = try int(source == ZoneInfoType.cached ? 1 : 0)
        return try tuple(function, tuple(Owned(retaining: ZoneInfoType.key(r!)), flag))
      }
    }
    m.positional("_unpickle", "($type, key, from_cache, /)", "What pickles call.", flags: METH_CLASS) { cls, args, n in
      bridge { () throws(PyError) in
        if n != 2 { throw typeError("_unpickle() takes exactly 2 positional arguments (\(n) given)") }
        let held = Owned(retaining: args![0]!)
        if try intArgument(args![1]!) != 0 { return try owned(PyObject_CallOneArg(cls, held.ref)) }
        let r = try ZoneInfoType.instance(ZoneInfoType.asType(cls!), held.ref)
        ZoneInfoType.setSource(r.ref, ZoneInfoType.uncached)
        return r
      }
    }
    return m.build()
  }
}
