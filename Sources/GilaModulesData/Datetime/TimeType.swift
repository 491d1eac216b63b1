// The type time.

import CGila
import GilaCore
import GilaText

enum TimeType {
  private static let new = Signature(
    "time", "(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)")
  private static let replaceFields = Signature(
    "replace", "(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)")
  private static let isoformat = Signature("isoformat", "(timespec='auto')")

  /// The tuple that strftime formats: the day is one that C knows.
  static func tuple(_ r: Ref) throws(PyError) -> Owned {
    let all = try owned(PyTuple_New(9))
    let c = r.clock
    let values: InlineArray<9, Int> = [1900, 1, 1, c.hour, c.minute, c.second, 0, 1, -1]
    for i in 0..<9 { all.ref.tupleItems[i] = try int(values[i]).take() }
    return all
  }

  private static func make(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    if let state = try pickledState(args, 6, monthAt: -1) {
      let zone = args!.size > 1 ? args!.tupleItems[1]! : none
      if !zone.isNone && !zone.isZone { throw typeError("bad tzinfo state arg") }
      let r = try owned(type.pointee.tp_alloc(type, 0))
      r.ref.cachedHash = -1
      for i in 0..<6 { r.ref.fieldBytes[i] = state[i] }
      if state[0] & 0x80 != 0 {
        r.ref.fieldBytes[6] = 1
        r.ref.fieldBytes[0] = state[0] & 0x7F
      }
      Make.storeZone(r.ref, zone, 32)
      return r
    }
    let b = try new.bind(tuple: args, dict: kwargs)
    let v = try integers(b, 4, [0, 0, 0, 0])
    let fold = b[5] == nil ? 0 : Int(try intArgument(b[5]!))
    let zone = try Make.checkZone(b[4])
    return try Make.time(Clock(hour: v[0], minute: v[1], second: v[2], microsecond: v[3]), zone, fold: fold, type)
  }

  private static func compare(_ a: Ref, _ b: Ref, _ op: Int32) throws(PyError) -> Ref? {
    if a.zone == b.zone { return answer(memoryOrder(a, b, 6), op) }
    let x = try Zone.microseconds(a.zone, none)
    let y = try Zone.microseconds(b.zone, none)
    if x == y { return answer(memoryOrder(a, b, 6), op) }
    if let x, let y {
      let left = Int128(a.clock.seconds * 1_000_000 + a.clock.microsecond) - x
      let right = Int128(b.clock.seconds * 1_000_000 + b.clock.microsecond) - y
      return answer(left < right ? -1 : left == right ? 0 : 1, op)
    }
    if op == Py_EQ { return pyFalse }
    if op == Py_NE { return pyTrue }
    throw typeError("can't compare offset-naive and offset-aware times")
  }

  private static func hash(_ r: Ref) throws(PyError) -> Int {
    if r.cachedHash != -1 { return r.cachedHash }
    let first = r.fold == 0 ? Owned(retaining: r) : try Make.time(r.clock, r.zone)
    if let offset = try Zone.offset(first.ref.zone, "utcoffset", none) {
      let delta = try Make.delta(0, r.clock.seconds, r.clock.microsecond)
      let utc = try owned(PyNumber_Subtract(delta.ref, offset.ref))
      r.cachedHash = try DeltaType.hash(utc.ref)
    } else {
      r.cachedHash = fieldHash(r, 6)
    }
    return r.cachedHash
  }

  static func install() {
    let t = DatetimeTypes.time
    t.define(
      "datetime.time", basicSize: 40, flags: UInt(Py_TPFLAGS_BASETYPE),
      doc:
        "time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object\n\nA time of the day: ints, 0 by default, and a time zone or None."
    )
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in try TimeType.make(type!, args, kwargs) }
    }
    t.pointee.tp_dealloc = { r in
      let zone = r!.isAware ? r!.slot(32).pointee : nil
      r!.type.pointee.tp_free(r!.raw)
      xdecref(zone)
    }
    t.pointee.tp_hash = { r in bridgeSize { () throws(PyError) in try TimeType.hash(r!) } }
    t.pointee.tp_richcompare = { a, b, op in
      guard b!.isTime else { return notImplemented }
      do throws(PyError) { return try TimeType.compare(a!, b!, op) } catch { return nil }
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let c = r!.clock
        var text = "\(c.hour), \(c.minute)"
        if c.second != 0 || c.microsecond != 0 { text += ", \(c.second)" }
        if c.microsecond != 0 { text += ", \(c.microsecond)" }
        return try GilaCore.string("\(GilaCore.typeName(of: r!))(\(text)\(try zoneText(r!)))")
      }
    }
    t.pointee.tp_str = { r in bridge { () throws(PyError) in try call(r!, "isoformat") } }
    var g = GetSetTable()
    addClockFields(&g)
    t.pointee.tp_getset = g.build()
    var m = MethodTable()
    m.keywords("isoformat", "", "Text in ISO 8601 format; timespec says how precise.") { r, args, n, names in
      bridge { () throws(PyError) in
        let b = try TimeType.isoformat.bind(args, n, names)
        if let spec = b[0], !spec.isUnicode {
          throw typeError("isoformat() argument 1 must be str, not \(argumentTypeName(spec))")
        }
        var text = try ISOText.time(r!.clock, b[0])
        if let offset = try Zone.offset(r!.zone, "utcoffset", none) { text += Zone.text(offset.ref) }
        return try GilaCore.string(text)
      }
    }
    m.keywords("strftime", "", "Text by a format.") { r, args, n, names in
      bridge { () throws(PyError) in try DateType.formatted(r!, args, n, names) }
    }
    m.one("__format__", "", "Text by a format, or as str() gives it.") { r, format in
      bridge { () throws(PyError) in try DateType.formatMethod(r!, format!) }
    }
    m.noArguments("utcoffset", "($self, /)", "What the zone's utcoffset() says.") { r, _ in
      bridge { () throws(PyError) in try Zone.offset(r!.zone, "utcoffset", none) ?? Owned(retaining: none) }
    }
    m.noArguments("dst", "($self, /)", "What the zone's dst() says.") { r, _ in
      bridge { () throws(PyError) in try Zone.offset(r!.zone, "dst", none) ?? Owned(retaining: none) }
    }
    m.noArguments("tzname", "($self, /)", "What the zone's tzname() says.") { r, _ in
      bridge { () throws(PyError) in try Zone.name(r!.zone, none) }
    }
    let replace: @convention(c) (Ref?, ArgumentVector?, Int, Ref?) -> Ref? = { r, args, n, names in
      bridge { () throws(PyError) in
        let b = try TimeType.replaceFields.bind(args, n, names)
        let c = r!.clock
        let v = try integers(b, 4, [c.hour, c.minute, c.second, c.microsecond])
        let zone = b[4] == nil ? r!.zone : try Make.checkZone(b[4])
        let fold = b[5] == nil ? r!.fold : Int(try intArgument(b[5]!))
        let new = Clock(hour: v[0], minute: v[1], second: v[2], microsecond: v[3])
        try new.check(fold: fold)
        return try Make.time(of: r!.type.object, new, zone, fold: fold)
      }
    }
    m.keywords(
      "replace",
      "($self, /, hour=unchanged, minute=unchanged, second=unchanged,\n        microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)",
      "A time with other fields.", replace)
    m.keywords("__replace__", "($self, /, **changes)", "The same as replace().", replace)
    m.one("fromisoformat", "($type, object, /)", "The time of a text in ISO 8601 format.", flags: METH_CLASS) {
      type, r in
      bridge { () throws(PyError) in
        guard r!.isUnicode else { throw typeError("fromisoformat: argument must be str") }
        if let p = ISOParser(r!), p.count > 0, let parsed = p.time(p[0] == 84 ? 1 : 0) {
          let zone = try ISOParser.zone(parsed.offset)
          return try Make.time(of: type!, parsed.clock, zone.ref)
        }
        throw valueError("Invalid isoformat string: \(try reprText(r!))")
      }
    }
    m.one("__reduce_ex__", "", "For pickling by a protocol: the type and its state.") { r, protocolNumber in
      bridge { () throws(PyError) in
        try TimeType.reduce(r!, fold: try intArgument(protocolNumber!) > 3 ? r!.fold : 0)
      }
    }
    m.noArguments("__reduce__", "($self, /)", "For pickling: the type and its state.") { r, _ in
      bridge { () throws(PyError) in try TimeType.reduce(r!, fold: 0) }
    }
    t.pointee.tp_methods = m.build()
  }

  private static func reduce(_ r: Ref, fold: Int) throws(PyError) -> Owned {
    try reducedState(r, 6, mark: fold != 0 ? 0 : -1)
  }
}

/// Type and state of a datetime or time; the byte at `mark` gets its highest bit.
func reducedState(_ r: Ref, _ n: Int, mark: Int) throws(PyError) -> Owned {
  let state = try owned(PyBytes_FromStringAndSize(nil, n))
  let p = UnsafeMutableRawPointer(PyBytes_AsString(state.ref)!).assumingMemoryBound(to: UInt8.self)
  for i in 0..<n { p[i] = r.fieldBytes[i] }
  if mark >= 0 { p[mark] |= 0x80 }
  let args = r.zone.isNone ? try tuple(state) : try tuple(state, Owned(retaining: r.zone))
  return try tuple(Owned(retaining: r.type.object), args)
}

/// The end of a repr: zone and fold.
func zoneText(_ r: Ref) throws(PyError) -> String {
  var text = ""
  if !r.zone.isNone { text += ", tzinfo=" + (try reprText(r.zone)) }
  if r.fold != 0 { text += ", fold=\(r.fold)" }
  return text
}

func addClockFields(_ g: inout GetSetTable) {
  g.add("hour", get: { r, _ in PyLong_FromLong(r!.clock.hour) })
  g.add("minute", get: { r, _ in PyLong_FromLong(r!.clock.minute) })
  g.add("second", get: { r, _ in PyLong_FromLong(r!.clock.second) })
  g.add("microsecond", get: { r, _ in PyLong_FromLong(r!.clock.microsecond) })
  g.add("tzinfo", get: { r, _ in newRef(r!.zone) })
  g.add("fold", get: { r, _ in PyLong_FromLong(r!.fold) })
}
