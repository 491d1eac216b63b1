// The types tzinfo and timezone, and what datetime and time ask a time zone.

import CGila
import GilaCore
import GilaText

enum Zone {
  /// utcoffset() or dst() of a zone for a datetime or None: nil for None.
  static func offset(_ zone: Ref, _ method: StaticString, _ argument: Ref) throws(PyError) -> Owned? {
    if zone.isNone { return nil }
    let r = try call(zone, method, argument)
    if r.ref.isNone { return nil }
    guard r.ref.isDelta else {
      throw typeError("tzinfo.\(method)() must return None or a timedelta, not '\(typeName(of: r.ref))'")
    }
    if !isInRange(r.ref) {
      throw valueError("offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24).")
    }
    return r
  }
  /// utcoffset() in microseconds, nil for None.
  static func microseconds(_ zone: Ref, _ argument: Ref) throws(PyError) -> Int128? {
    guard let delta = try offset(zone, "utcoffset", argument) else { return nil }
    return DeltaType.microseconds(delta.ref)
  }
  static func isInRange(_ delta: Ref) -> Bool {
    // Strictly within a day: what a negative one has of seconds counts forward from the day before.
    delta.days == 0 || (delta.days == -1 && (delta.seconds != 0 || delta.microseconds != 0))
  }
  /// tzname(): a str or None.
  static func name(_ zone: Ref, _ argument: Ref) throws(PyError) -> Owned {
    if zone.isNone { return Owned(retaining: none) }
    let r = try call(zone, "tzname", argument)
    if r.ref.isNone || r.ref.isUnicode { return r }
    throw typeError("tzinfo.tzname() must return None or a string, not '\(typeName(of: r.ref))'")
  }
  /// An offset as text: +hh:mm, with seconds and microseconds where there are some.
  static func text(_ delta: Ref, separator: String = ":") -> String {
    var us = Int(DeltaType.microseconds(delta))
    let sign = us < 0 ? "-" : "+"
    us = abs(us)
    let s = us / 1_000_000
    var text = sign + padded(s / 3600, 2) + separator + padded(s / 60 % 60, 2)
    if s % 60 != 0 || us % 1_000_000 != 0 { text += separator + padded(s % 60, 2) }
    if us % 1_000_000 != 0 { text += "." + padded(us % 1_000_000, 6) }
    return text
  }
  static func make(_ offset: Ref, _ name: Ref?) throws(PyError) -> Owned {
    if !isInRange(offset) {
      throw valueError(
        "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not \(try reprText(offset))."
      )
    }
    if name == nil && offset.days == 0 && offset.seconds | offset.microseconds == 0 {
      return Owned(retaining: DatetimeTypes.utc)
    }
    return try make(offset, name, DatetimeTypes.timezone)
  }
  static func make(_ offset: Ref, _ name: Ref?, _ type: TypeRef) throws(PyError) -> Owned {
    let r = try Make.allocate(type, DatetimeTypes.timezone, 32)
    r.ref.slot(16).pointee = newRef(offset)
    r.ref.slot(24).pointee = xnewRef(name)
    return r
  }
}

enum ZoneTypes {
  private static func refuse(_ name: String) -> Ref? {
    _ = raise(Exc.NotImplementedError, "a tzinfo subclass must implement \(name)()")
    return nil
  }

  static func installAbstract() {
    let t = DatetimeTypes.tzinfo
    t.define(
      "datetime.tzinfo", basicSize: 16, flags: UInt(Py_TPFLAGS_BASETYPE),
      doc: "Abstract base class of time zones.")
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    var m = MethodTable()
    m.one("tzname", "($self, object, /)", "The name of the zone at a datetime.") { _, _ in ZoneTypes.refuse("tzname") }
    m.one("utcoffset", "($self, object, /)", "The distance from UTC as a timedelta, negative to the west.") { _, _ in
      ZoneTypes.refuse("utcoffset")
    }
    m.one("dst", "($self, object, /)", "The part of the distance that is daylight saving time.") { _, _ in
      ZoneTypes.refuse("dst")
    }
    m.one("fromutc", "($self, object, /)", "Local time for a datetime in UTC.") { zone, dt in
      bridge { () throws(PyError) in try ZoneTypes.fromUTC(zone!, dt!) }
    }
    m.noArguments("__reduce__", "($self, /)", "For pickling: the type, its arguments and its state.") { r, _ in
      bridge { () throws(PyError) in
        let arguments = try optionalAttribute(r!, "__getinitargs__")
        let args: Owned
        if let arguments {
          args = try owned(PyObject_CallNoArgs(arguments.ref))
        } else {
          args = try owned(PyTuple_New(0))
        }
        let state = try call(r!, "__getstate__")
        return try tuple(Owned(retaining: r!.type.object), args, state)
      }
    }
    t.pointee.tp_methods = m.build()
  }

  private static func fromUTC(_ zone: Ref, _ dt: Ref) throws(PyError) -> Owned {
    guard dt.isDateTime else { throw typeError("fromutc: argument must be a datetime") }
    guard dt.zone == zone else { throw valueError("fromutc: dt.tzinfo is not self") }
    guard let offset = try Zone.offset(zone, "utcoffset", dt) else {
      throw valueError("fromutc: non-None utcoffset() result required")
    }
    guard let first = try Zone.offset(zone, "dst", dt) else {
      throw valueError("fromutc: non-None dst() result required")
    }
    let standard = try owned(PyNumber_Subtract(offset.ref, first.ref))
    let local = try DateTimeType.add(dt, standard.ref, 1)
    guard let dst = try Zone.offset(zone, "dst", local.ref) else {
      throw valueError("fromutc: tz.dst() gave inconsistent results; cannot convert")
    }
    return try DateTimeType.add(local.ref, dst.ref, 1)
  }

  private static let signature = Signature("timezone", "(offset, name='')")

  static func install() {
    let t = DatetimeTypes.timezone
    t.define(
      "datetime.timezone", basicSize: 32, base: DatetimeTypes.tzinfo, doc: "A time zone of fixed distance from UTC.")
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let b = try ZoneTypes.signature.bind(tuple: args, dict: kwargs)
        guard b[0]!.isDelta else {
          throw typeError("timezone() argument 1 must be datetime.timedelta, not \(argumentTypeName(b[0]!))")
        }
        if let name = b[1], !name.isUnicode {
          throw typeError("timezone() argument 2 must be str, not \(argumentTypeName(name))")
        }
        return try Zone.make(b[0]!, b[1])
      }
    }
    t.pointee.tp_dealloc = { r in
      clear(r!.slot(16))
      clear(r!.slot(24))
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, b!.isInstance(of: DatetimeTypes.timezone) else { return notImplemented }
      return answer(DeltaType.compare(a!.slot(16).pointee!, b!.slot(16).pointee!), op)
    }
    t.pointee.tp_hash = { r in bridgeSize { () throws(PyError) in try DeltaType.hash(r!.slot(16).pointee!) } }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        if r == DatetimeTypes.utc { return try GilaCore.string("datetime.timezone.utc") }
        var text = try reprText(r!.slot(16).pointee!)
        if let name = r!.slot(24).pointee { text += ", " + (try reprText(name)) }
        return try GilaCore.string("\(GilaCore.typeName(of: r!))(\(text))")
      }
    }
    t.pointee.tp_str = { r in bridge { () throws(PyError) in try ZoneTypes.name(r!) } }
    var m = MethodTable()
    m.one("tzname", "($self, object, /)", "The name given, or one made of the distance from UTC.") { r, dt in
      bridge { () throws(PyError) in
        try ZoneTypes.check("tzname", dt!)
        return try ZoneTypes.name(r!)
      }
    }
    m.one("utcoffset", "($self, object, /)", "The fixed distance from UTC.") { r, dt in
      bridge { () throws(PyError) in
        try ZoneTypes.check("utcoffset", dt!)
        return Owned(retaining: r!.slot(16).pointee!)
      }
    }
    m.one("dst", "($self, object, /)", "None: there is no daylight saving time.") { _, dt in
      bridgeNone { () throws(PyError) in try ZoneTypes.check("dst", dt!) }
    }
    m.one("fromutc", "($self, object, /)", "Local time for a datetime in UTC.") { r, dt in
      bridge { () throws(PyError) in
        guard dt!.isDateTime else { throw typeError("fromutc: argument must be a datetime instance") }
        guard dt!.zone == r! else { throw valueError("fromutc: dt.tzinfo is not self") }
        return try DateTimeType.add(dt!, r!.slot(16).pointee!, 1)
      }
    }
    m.noArguments("__getinitargs__", "($self, /)", "For pickling: the arguments.") { r, _ in
      bridge { () throws(PyError) in
        let offset = Owned(retaining: r!.slot(16).pointee!)
        if let name = r!.slot(24).pointee { return try tuple(offset, Owned(retaining: name)) }
        return try tuple(offset)
      }
    }
    t.pointee.tp_methods = m.build()
  }

  private static func check(_ name: String, _ dt: Ref) throws(PyError) {
    if !dt.isNone && !dt.isDateTime {
      throw typeError("\(name)(dt) argument must be a datetime instance or None, not \(typeName(of: dt))")
    }
  }
  private static func name(_ r: Ref) throws(PyError) -> Owned {
    if let name = r.slot(24).pointee { return Owned(retaining: name) }
    let offset = r.slot(16).pointee!
    if offset.days == 0 && offset.seconds | offset.microseconds == 0 { return try string("UTC") }
    return try GilaCore.string("UTC" + Zone.text(offset))
  }
}
