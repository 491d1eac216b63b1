// The type datetime: construction, arithmetic and comparison.

import CGila
import GilaCore
import GilaText

enum DateTimeType {
  private static let new = Signature(
    "datetime", "(year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)")

  private static func make(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    if let state = try pickledState(args, 10, monthAt: 2) {
      let zone = args!.size > 1 ? args!.tupleItems[1]! : none
      if !zone.isNone && !zone.isZone { throw typeError("bad tzinfo state arg") }
      let r = try owned(type.pointee.tp_alloc(type, 0))
      r.ref.cachedHash = -1
      for i in 0..<10 { r.ref.fieldBytes[i] = state[i] }
      if state[2] & 0x80 != 0 {
        r.ref.fieldBytes[10] = 1
        r.ref.fieldBytes[2] = state[2] & 0x7F
      }
      Make.storeZone(r.ref, zone, 40)
      return r
    }
    let b = try new.bind(tuple: args, dict: kwargs)
    let v = try integers(b, 7, [0, 0, 0, 0, 0, 0, 0])
    let fold = b[8] == nil ? 0 : Int(try intArgument(b[8]!))
    let zone = try Make.checkZone(b[7])
    let clock = Clock(hour: v[3], minute: v[4], second: v[5], microsecond: v[6])
    return try Make.datetime(v[0], v[1], v[2], clock, zone, fold: fold, type)
  }

  /// A datetime and a timedelta; the result has the datetime's class and zone.
  static func add(_ r: Ref, _ delta: Ref, _ sign: Int) throws(PyError) -> Owned {
    let p = r.fieldBytes
    var us = (Int(p[7]) << 16 | Int(p[8]) << 8 | Int(p[9])) &+ sign &* delta.microseconds
    var s = Int(p[4]) &* 3600 &+ Int(p[5]) &* 60 &+ Int(p[6]) &+ sign &* delta.seconds
    var days = sign &* delta.days
    // Both parts of a timedelta are less than what carries.
    if us < 0 {
      us &+= 1_000_000
      s &-= 1
    } else if us >= 1_000_000 {
      us &-= 1_000_000
      s &+= 1
    }
    if s < 0 {
      s &+= 86400
      days &-= 1
    } else if s >= 86400 {
      s &-= 86400
      days &+= 1
    }
    var (y, m, d) = (r.year, Int(p[2]), Int(p[3]) &+ days)
    if d < 1 || d > 28 {
      let n = Calendar.ordinal(y, m, d &- days) &+ days
      if n < 1 || n > Calendar.maxOrdinal { throw overflowError("date value out of range") }
      (y, m, d) = Calendar.date(n)
    }
    let clock = Clock(hour: s / 3600, minute: s / 60 % 60, second: s % 60, microsecond: us)
    let zone = r.isAware ? r.slot(40).pointee ?? none : none
    if r.type == DatetimeTypes.datetime { return try Make.sound(y, m, d, clock, zone) }
    return try Make.datetime(of: r.type.object, y, m, d, clock, zone)
  }

  /// Microseconds since the start of year 1, as the clock shows them.
  private static func microseconds(_ r: Ref) -> Int128 {
    Int128(r.ordinal) * 86_400_000_000 + Int128(r.clock.seconds * 1_000_000 + r.clock.microsecond)
  }

  private static func subtract(_ a: Ref, _ b: Ref) throws(PyError) -> Owned {
    let one = a.isAware ? a.slot(40).pointee : nil
    let other = b.isAware ? b.slot(40).pointee : nil
    if one == other {
      let (p, q) = (a.fieldBytes, b.fieldBytes)
      @inline(__always) func seconds(_ p: UnsafeMutablePointer<UInt8>) -> Int {
        Int(p[4]) &* 3600 &+ Int(p[5]) &* 60 &+ Int(p[6])
      }
      @inline(__always) func microseconds(_ p: UnsafeMutablePointer<UInt8>) -> Int {
        Int(p[7]) << 16 | Int(p[8]) << 8 | Int(p[9])
      }
      return try Make.delta(a.ordinal &- b.ordinal, seconds(p) &- seconds(q), microseconds(p) &- microseconds(q))
    }
    var difference = microseconds(a) - microseconds(b)
    if a.zone != b.zone {
      let x = try Zone.microseconds(a.zone, a)
      let y = try Zone.microseconds(b.zone, b)
      if (x == nil) != (y == nil) { throw typeError("can't subtract offset-naive and offset-aware datetimes") }
      if let x, let y { difference -= x - y }
    }
    return try DeltaType.make(difference)
  }

  /// Whether the other fold of a datetime has another offset: then it equals nothing in another zone.
  private static func isAmbiguous(_ r: Ref, _ offset: Int128?) throws(PyError) -> Bool {
    if r.zone.isNone { return false }
    let flipped = try Make.datetime(r.year, r.month, r.day, r.clock, r.zone, fold: 1 - r.fold)
    return try Zone.microseconds(r.zone, flipped.ref) != offset
  }

  private static func compare(_ a: Ref, _ b: Ref, _ op: Int32) throws(PyError) -> Ref? {
    if a.zone == b.zone { return answer(memoryOrder(a, b, 10), op) }
    let x = try Zone.microseconds(a.zone, a)
    let y = try Zone.microseconds(b.zone, b)
    var sign: Int
    if x == y {
      sign = memoryOrder(a, b, 10)
    } else if let x, let y {
      let left = microseconds(a) - x
      let right = microseconds(b) - y
      sign = left < right ? -1 : left == right ? 0 : 1
    } else {
      if op == Py_EQ { return pyFalse }
      if op == Py_NE { return pyTrue }
      throw typeError("can't compare offset-naive and offset-aware datetimes")
    }
    if sign == 0 && (op == Py_EQ || op == Py_NE) {
      let first = try isAmbiguous(a, x)
      let second = first ? false : try isAmbiguous(b, y)
      if first || second { sign = 1 }
    }
    return answer(sign, op)
  }

  private static func hash(_ r: Ref) throws(PyError) -> Int {
    if r.cachedHash != -1 { return r.cachedHash }
    let first = r.fold == 0 ? Owned(retaining: r) : try Make.datetime(r.year, r.month, r.day, r.clock, r.zone)
    if let offset = try Zone.offset(first.ref.zone, "utcoffset", first.ref) {
      let delta = try Make.delta(r.ordinal, r.clock.seconds, r.clock.microsecond)
      let utc = try owned(PyNumber_Subtract(delta.ref, offset.ref))
      r.cachedHash = try DeltaType.hash(utc.ref)
    } else {
      r.cachedHash = fieldHash(r, 10)
    }
    return r.cachedHash
  }

  static func install() {
    let t = DatetimeTypes.datetime
    t.define(
      "datetime.datetime", basicSize: 48, flags: UInt(Py_TPFLAGS_BASETYPE), base: DatetimeTypes.date,
      doc:
        "datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])\n\nA date and a time of the day: ints, and a time zone or None.\n"
    )
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in try DateTimeType.make(type!, args, kwargs) }
    }
    t.pointee.tp_dealloc = { r in
      let zone = r!.isAware ? r!.slot(40).pointee : nil
      r!.type.pointee.tp_free(r!.raw)
      xdecref(zone)
    }
    t.pointee.tp_hash = { r in bridgeSize { () throws(PyError) in try DateTimeType.hash(r!) } }
    t.pointee.tp_richcompare = { a, b, op in
      guard b!.isDateTime else { return notImplemented }
      do throws(PyError) { return try DateTimeType.compare(a!, b!, op) } catch { return nil }
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let c = r!.clock
        var text = "\(r!.year), \(r!.month), \(r!.day), \(c.hour), \(c.minute)"
        if c.second != 0 || c.microsecond != 0 { text += ", \(c.second)" }
        if c.microsecond != 0 { text += ", \(c.microsecond)" }
        return try GilaCore.string("\(GilaCore.typeName(of: r!))(\(text)\(try zoneText(r!)))")
      }
    }
    t.pointee.tp_str = { r in
      bridge { () throws(PyError) in
        let space = try string(" ")
        return try call(r!, "isoformat", space.ref)
      }
    }
    t.number.pointee.nb_add = { a, b in
      bridge { () throws(PyError) in
        if a!.isDateTime && b!.isDelta { return try DateTimeType.add(a!, b!, 1) }
        if a!.isDelta && b!.isDateTime { return try DateTimeType.add(b!, a!, 1) }
        return Owned(retaining: notImplemented)
      }
    }
    t.number.pointee.nb_subtract = { a, b in
      bridge { () throws(PyError) in
        guard a!.isDateTime else { return Owned(retaining: notImplemented) }
        if b!.isDateTime { return try DateTimeType.subtract(a!, b!) }
        if b!.isDelta { return try DateTimeType.add(a!, b!, -1) }
        return Owned(retaining: notImplemented)
      }
    }
    var g = GetSetTable()
    addClockFields(&g)
    t.pointee.tp_getset = g.build()
    var m = MethodTable()
    addConstructors(&m)
    addMethods(&m)
    t.pointee.tp_methods = m.build()
  }
}
