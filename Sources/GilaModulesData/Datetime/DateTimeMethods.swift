// The methods of datetime.

import CGila
import GilaCore
import GilaText

private let nowZone = Signature("now", "(tz=None)")
private let stampZone = Signature("fromtimestamp", "(timestamp, tz=None)")
private let combineParts = Signature("combine", "(date, time, tzinfo=None)")
private let isoFormat = Signature("isoformat", "(sep='T', timespec='auto')")
private let replaceFields = Signature(
  "replace", "(year=0, month=0, day=0, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)")
private let targetZone = Signature("astimezone", "(tz=None)")

private func stamped(_ type: Ref, _ stamp: (seconds: Int, microseconds: Int), _ zone: Ref?) throws(PyError) -> Owned {
  let zone = try Make.checkZone(zone)
  if zone.isNone { return try LocalTime.datetime(type, stamp, utc: false, none) }
  let r = try LocalTime.datetime(type, stamp, utc: true, zone)
  return try call(zone, "fromutc", r.ref)
}

private func warnUTC(_ name: String, _ better: String) throws(PyError) {
  let text =
    "datetime.datetime.\(name)() is deprecated and scheduled for removal in a future version. Use timezone-aware objects to represent datetimes in UTC: \(better)."
  try check(PyErr_WarnEx(Exc.DeprecationWarning.object, text, 1))
}

/// Local seconds of a datetime as UTC seconds since 1970.
private func localStamp(_ r: Ref) throws(PyError) -> Int {
  let c = r.clock
  let t = Calendar.seconds(r.year, r.month, r.day, c.hour, c.minute, c.second)
  return try LocalTime.universal(t, fold: r.fold) - Calendar.epoch
}

/// The machine's zone at a datetime without one. In a gap the fold chooses the side that it would choose in a fold.
private func localZone(_ r: Ref) throws(PyError) -> Owned {
  let c = r.clock
  let t = Calendar.seconds(r.year, r.month, r.day, c.hour, c.minute, c.second)
  let first = try LocalTime.universal(t, fold: r.fold)
  let second = try LocalTime.universal(t, fold: 1 - r.fold)
  let useSecond = second != first && (second > first) == (r.fold != 0)
  return try LocalTime.zone((useSecond ? second : first) - Calendar.epoch)
}

private func toZone(_ r: Ref, _ target: Ref?) throws(PyError) -> Owned {
  let target = try Make.checkZone(target)
  let own = r.zone.isNone ? try localZone(r) : Owned(retaining: r.zone)
  if own.ref == target { return Owned(retaining: r) }
  var offset = try Zone.offset(own.ref, "utcoffset", r)
  if offset == nil {
    // A zone that does not know: the machine's is meant.
    let local = try localZone(r)
    if local.ref == target { return Owned(retaining: r) }
    offset = try Zone.offset(local.ref, "utcoffset", r)
  }
  guard let offset else { throw valueError("the local time zone has no offset") }
  let moved = try DateTimeType.add(r, offset.ref, -1)
  let zone: Owned
  if target.isNone {
    let c = moved.ref.clock
    let utc = Calendar.seconds(moved.ref.year, moved.ref.month, moved.ref.day, c.hour, c.minute, c.second)
    zone = try LocalTime.zone(utc - Calendar.epoch)
  } else {
    zone = Owned(retaining: target)
  }
  let utc = try Make.datetime(
    of: r.type.object, moved.ref.year, moved.ref.month, moved.ref.day, moved.ref.clock, zone.ref)
  if zone.ref == DatetimeTypes.utc { return utc }
  return try call(zone.ref, "fromutc", utc.ref)
}

func addConstructors(_ m: inout MethodTable) {
  m.keywords("now", "($type, /, tz=None)", "The current time, local or in a zone.", flags: METH_CLASS) {
    type, args, n, names in
    bridge { () throws(PyError) in
      let b = try nowZone.bind(args, n, names)
      return try stamped(type!, LocalTime.now(), b[0])
    }
  }
  m.noArguments("utcnow", "($type, /)", "The current time in UTC, without a zone.", flags: METH_CLASS) { type, _ in
    bridge { () throws(PyError) in
      try warnUTC("utcnow", "datetime.datetime.now(datetime.UTC)")
      return try LocalTime.datetime(type!, LocalTime.now(), utc: true, none)
    }
  }
  m.keywords("fromtimestamp", "", "The time at a time stamp, local or in a zone.", flags: METH_CLASS) {
    type, args, n, names in
    bridge { () throws(PyError) in
      let b = try stampZone.bind(args, n, names)
      _ = try Make.checkZone(b[1])
      return try stamped(type!, LocalTime.timestamp(b[0]!), b[1])
    }
  }
  m.one("utcfromtimestamp", "", "The time at a time stamp in UTC, without a zone.", flags: METH_CLASS) { type, r in
    bridge { () throws(PyError) in
      try warnUTC("utcfromtimestamp", "datetime.datetime.fromtimestamp(timestamp, datetime.UTC)")
      return try LocalTime.datetime(type!, LocalTime.timestamp(r!), utc: true, none)
    }
  }
  m.positional("strptime", "", "The datetime of a text by a format.", flags: METH_CLASS) { type, args, n in
    bridge { () throws(PyError) in
      try checkCount("strptime", n, 2, 2)
      for i in 0..<2 where !args![i]!.isUnicode {
        throw typeError("strptime() argument \(i + 1) must be str, not \(argumentTypeName(args![i]!))")
      }
      let function = try imported("_strptime", "_strptime_datetime")
      let all = try tuple(Owned(retaining: type!), Owned(retaining: args![0]!), Owned(retaining: args![1]!))
      return try owned(PyObject_CallObject(function.ref, all.ref))
    }
  }
  m.keywords("combine", "", "A datetime of a date and a time.", flags: METH_CLASS) { type, args, n, names in
    bridge { () throws(PyError) in
      let b = try combineParts.bind(args, n, names)
      let date = b[0]!
      let time = b[1]!
      guard date.isDate else {
        throw typeError("combine() argument 1 must be datetime.date, not \(argumentTypeName(date))")
      }
      guard time.isTime else {
        throw typeError("combine() argument 2 must be datetime.time, not \(argumentTypeName(time))")
      }
      let zone = b[2] == nil ? time.zone : try Make.checkZone(b[2])
      return try Make.datetime(
        of: type!, date.year, date.month, date.day, time.clock, zone, fold: time.fold)
    }
  }
  m.one("fromisoformat", "($type, object, /)", "The datetime of a text in most ISO 8601 formats.", flags: METH_CLASS) {
    type, r in
    bridge { () throws(PyError) in
      guard r!.isUnicode else { throw typeError("fromisoformat: argument must be str") }
      if let c = CommonISOForm(r!, dateOnly: false) {
        let zone: Owned
        if let offset = c.offset {
          let delta = try Make.delta(0, offset, 0)
          zone = try Zone.make(delta.ref, nil)
        } else {
          zone = Owned(retaining: none)
        }
        return try Make.datetime(of: type!, c.year, c.month, c.day, c.clock, zone.ref)
      }
      if let p = ISOParser(r!), let end = p.dateEnd(), let (y, mm, d) = p.date(end) {
        if p.count == end { return try Make.datetime(of: type!, y, mm, d, Clock(), none) }
        if let parsed = p.time(end + 1) {
          let zone = try ISOParser.zone(parsed.offset)
          return try Make.datetime(of: type!, y, mm, d, parsed.clock, zone.ref)
        }
      }
      throw valueError("Invalid isoformat string: \(try reprText(r!))")
    }
  }
}

func addMethods(_ m: inout MethodTable) {
  m.noArguments("date", "($self, /)", "The date part.") { r, _ in
    bridge { () throws(PyError) in try Make.date(r!.year, r!.month, r!.day) }
  }
  m.noArguments("time", "($self, /)", "The time part without its zone.") { r, _ in
    bridge { () throws(PyError) in try Make.time(r!.clock, none, fold: r!.fold) }
  }
  m.noArguments("timetz", "($self, /)", "The time part with its zone.") { r, _ in
    bridge { () throws(PyError) in try Make.time(r!.clock, r!.zone, fold: r!.fold) }
  }
  m.noArguments("ctime", "($self, /)", "The text that the C function ctime() gives.") { r, _ in
    bridge { () throws(PyError) in try GilaCore.string(ISOText.ctime(r!, r!.clock)) }
  }
  m.noArguments("timetuple", "($self, /)", "A time tuple, as time.localtime() gives.") { r, _ in
    bridge { () throws(PyError) in
      var dst = -1
      if let d = try Zone.offset(r!.zone, "dst", r!) { dst = DeltaType.microseconds(d.ref) != 0 ? 1 : 0 }
      return try timeTuple(r!.year, r!.month, r!.day, r!.clock, dst: dst)
    }
  }
  m.noArguments("utctimetuple", "($self, /)", "A time tuple in UTC.") { r, _ in
    bridge { () throws(PyError) in
      guard let offset = try Zone.offset(r!.zone, "utcoffset", r!) else {
        return try timeTuple(r!.year, r!.month, r!.day, r!.clock, dst: 0)
      }
      let naive = try Make.datetime(r!.year, r!.month, r!.day, r!.clock, none)
      let utc = try DateTimeType.add(naive.ref, offset.ref, -1)
      return try timeTuple(utc.ref.year, utc.ref.month, utc.ref.day, utc.ref.clock, dst: 0)
    }
  }
  m.noArguments("timestamp", "($self, /)", "The time stamp, as a float.") { r, _ in
    bridge { () throws(PyError) in
      if r!.zone.isNone {
        return try float(Double(localStamp(r!)) + Double(r!.clock.microsecond) / 1e6)
      }
      let epoch = try Make.datetime(1970, 1, 1, Clock(), DatetimeTypes.utc)
      let delta = try owned(PyNumber_Subtract(r!, epoch.ref))
      return try call(delta.ref, "total_seconds")
    }
  }
  m.keywords("isoformat", "", "Text in ISO 8601 format; sep stands between date and time, timespec says how precise.") {
    r, args, n, names in
    bridge { () throws(PyError) in
      let b = try isoFormat.bind(args, n, names)
      var separator: UInt32 = 84
      if let s = b[0] {
        guard s.isUnicode else {
          throw typeError("isoformat() argument 1 must be a unicode character, not \(argumentTypeName(s))")
        }
        guard s.strLength == 1 else {
          throw typeError("isoformat() argument 1 must be a unicode character, not a string of length \(s.strLength)")
        }
        separator = s.chars[0]
      }
      if let spec = b[1], !spec.isUnicode {
        throw typeError("isoformat() argument 2 must be str, not \(argumentTypeName(spec))")
      }
      var writer = StringWriter()
      try writer.append(ascii: ISOText.date(r!))
      try writer.append(separator)
      try writer.append(ascii: ISOText.time(r!.clock, b[1]))
      if let offset = try Zone.offset(r!.zone, "utcoffset", r!) { try writer.append(ascii: Zone.text(offset.ref)) }
      return try writer.finish()
    }
  }
  m.noArguments("utcoffset", "($self, /)", "What the zone's utcoffset() says.") { r, _ in
    bridge { () throws(PyError) in try Zone.offset(r!.zone, "utcoffset", r!) ?? Owned(retaining: none) }
  }
  m.noArguments("dst", "($self, /)", "What the zone's dst() says.") { r, _ in
    bridge { () throws(PyError) in try Zone.offset(r!.zone, "dst", r!) ?? Owned(retaining: none) }
  }
  m.noArguments("tzname", "($self, /)", "What the zone's tzname() says.") { r, _ in
    bridge { () throws(PyError) in try Zone.name(r!.zone, r!) }
  }
  m.keywords("astimezone", "", "The same moment in another zone, by default the local one.") { r, args, n, names in
    bridge { () throws(PyError) in
      let b = try targetZone.bind(args, n, names)
      return try toZone(r!, b[0])
    }
  }
  let replace: @convention(c) (Ref?, ArgumentVector?, Int, Ref?) -> Ref? = { r, args, n, names in
    bridge { () throws(PyError) in
      let b = try replaceFields.bind(args, n, names)
      let c = r!.clock
      let v = try integers(b, 7, [r!.year, r!.month, r!.day, c.hour, c.minute, c.second, c.microsecond])
      let zone = b[7] == nil ? r!.zone : try Make.checkZone(b[7])
      let fold = b[8] == nil ? r!.fold : Int(try intArgument(b[8]!))
      if fold != 0 && fold != 1 { throw valueError("fold must be either 0 or 1") }
      let clock = Clock(hour: v[3], minute: v[4], second: v[5], microsecond: v[6])
      return try Make.datetime(of: r!.type.object, v[0], v[1], v[2], clock, zone, fold: fold)
    }
  }
  m.keywords(
    "replace",
    "($self, /, year=unchanged, month=unchanged, day=unchanged,\n        hour=unchanged, minute=unchanged, second=unchanged,\n        microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)",
    "A datetime with other fields.", replace)
  m.keywords("__replace__", "($self, /, **changes)", "The same as replace().", replace)
  m.one("__reduce_ex__", "", "For pickling by a protocol: the type and its state.") { r, protocolNumber in
    bridge { () throws(PyError) in
      try reducedState(r!, 10, mark: try intArgument(protocolNumber!) > 3 && r!.fold != 0 ? 2 : -1)
    }
  }
  m.noArguments("__reduce__", "($self, /)", "For pickling: the type and its state.") { r, _ in
    bridge { () throws(PyError) in try reducedState(r!, 10, mark: -1) }
  }
}
