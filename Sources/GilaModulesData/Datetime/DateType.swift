// The type date, and the named tuple of isocalendar().

import CGila
import GilaCore
import GilaText

/// A struct_time of a day.
func timeTuple(_ y: Int, _ m: Int, _ d: Int, _ c: Clock, dst: Int) throws(PyError) -> Owned {
  let type = try imported("time", "struct_time")
  let fields = try owned(PyTuple_New(9))
  let day = Calendar.weekday(y, m, d)
  let all: InlineArray<9, Int> = [
    y, m, d, c.hour, c.minute, c.second, day, Calendar.daysBeforeMonth(y, m) + d, dst,
  ]
  for i in 0..<9 { fields.ref.tupleItems[i] = try int(all[i]).take() }
  return try owned(PyObject_CallOneArg(type.ref, fields.ref))
}

/// The state of a pickled object: bytes, or a str from Python 2.
func pickledState(_ args: Ref?, _ n: Int, monthAt: Int) throws(PyError) -> [UInt8]? {
  guard let args, args.size >= 1, args.size <= 2, let state = args.tupleItems[0] else { return nil }
  var bytes: [UInt8] = []
  if state.isBytes, PyBytes_Size(state) == n {
    let p = UnsafeRawBufferPointer(start: PyBytes_AsString(state), count: n)
    bytes = Array(p)
  } else if state.isUnicode, state.strLength == n {
    let data = state.chars
    for i in 0..<n {
      guard data[i] < 256 else { return nil }
      bytes.append(UInt8(data[i]))
    }
  } else {
    return nil
  }
  if monthAt >= 0 {
    let month = bytes[monthAt] & 0x7F
    return month >= 1 && month <= 12 ? bytes : nil
  }
  return bytes[0] & 0x7F < 24 ? bytes : nil
}

/// The hash of the first bytes of an object's fields.
func fieldHash(_ r: Ref, _ n: Int) -> Int { _Py_HashBytes(r.fieldBytes, n) }

/// A method's arguments that replace fields; those not given are nil.
func integers(_ b: Signature.Bound, _ n: Int, _ defaults: [Int]) throws(PyError) -> [Int] {
  var all = defaults
  for i in 0..<n { if let r = b[i] { all[i] = Int(try intArgument(r)) } }
  return all
}

enum DateType {
  private static let new = Signature("date", "(year, month, day)")
  private static let replaceFields = Signature("replace", "(year=0, month=0, day=0)")
  private static let iso = Signature("fromisocalendar", "(year, week, day)")
  private static let formatText = Signature("strftime", "(format)")

  static func fromOrdinal(_ type: Ref, _ n: Int) throws(PyError) -> Owned {
    if n < 1 { throw valueError("ordinal must be >= 1") }
    if n > Calendar.maxOrdinal { throw valueError("year is out of range") }
    let (y, m, d) = Calendar.date(n)
    return try make(type, y, m, d)
  }
  /// A date of a class, which may be that of datetimes.
  static func make(_ type: Ref, _ y: Int, _ m: Int, _ d: Int) throws(PyError) -> Owned {
    if type == DatetimeTypes.datetime.object { return try Make.datetime(y, m, d, Clock(), none) }
    return try Make.date(of: type, y, m, d)
  }
  private static func add(_ r: Ref, _ days: Int) throws(PyError) -> Owned {
    let n = r.ordinal + days
    if n < 1 || n > Calendar.maxOrdinal { throw overflowError("date value out of range") }
    let (y, m, d) = Calendar.date(n)
    return try Make.date(of: r.type.object, y, m, d)
  }
  static func formatted(_ r: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) -> Owned {
    let b = try formatText.bind(args, n, names)
    guard b[0]!.isUnicode else { throw typeError("strftime() argument 1 must be str, not \(argumentTypeName(b[0]!))") }
    let time = r.isTime ? try TimeType.tuple(r) : try call(r, "timetuple")
    return try ISOText.format(r, b[0]!, time.ref, r.isTime ? none : r)
  }
  /// `__format__`: str() without a format, else strftime().
  static func formatMethod(_ r: Ref, _ format: Ref) throws(PyError) -> Owned {
    guard format.isUnicode else {
      throw typeError("__format__() argument 1 must be str, not \(argumentTypeName(format))")
    }
    if format.strLength == 0 { return try owned(PyObject_Str(r)) }
    return try call(r, "strftime", format)
  }

  static func install() {
    let t = DatetimeTypes.date
    t.define(
      "datetime.date", basicSize: 32, flags: UInt(Py_TPFLAGS_BASETYPE), doc: "date(year, month, day) --> date object")
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        if args!.size == 1, let state = try pickledState(args, 4, monthAt: 2) {
          let r = try owned(type!.pointee.tp_alloc(type, 0))
          r.ref.cachedHash = -1
          for i in 0..<4 { r.ref.fieldBytes[i] = state[i] }
          return r
        }
        let b = try DateType.new.bind(tuple: args, dict: kwargs)
        let v = try integers(b, 3, [0, 0, 0])
        return try Make.date(v[0], v[1], v[2], type!)
      }
    }
    t.pointee.tp_hash = { r in
      if r!.cachedHash == -1 { r!.cachedHash = fieldHash(r!, 4) }
      return r!.cachedHash
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        try GilaCore.string("\(GilaCore.typeName(of: r!))(\(r!.year), \(r!.month), \(r!.day))")
      }
    }
    t.pointee.tp_str = { r in bridge { () throws(PyError) in try call(r!, "isoformat") } }
    t.pointee.tp_richcompare = { a, b, op in
      // A datetime is no date here.
      guard b!.isDate && !b!.isDateTime else { return notImplemented }
      return answer(memoryOrder(a!, b!, 4), op)
    }
    t.number.pointee.nb_add = { a, b in
      if a!.isDateTime || b!.isDateTime { return notImplemented }
      return bridge { () throws(PyError) in
        if a!.isDate && b!.isDelta { return try DateType.add(a!, b!.days) }
        if a!.isDelta && b!.isDate { return try DateType.add(b!, a!.days) }
        return Owned(retaining: notImplemented)
      }
    }
    t.number.pointee.nb_subtract = { a, b in
      if a!.isDateTime || b!.isDateTime { return notImplemented }
      return bridge { () throws(PyError) in
        guard a!.isDate else { return Owned(retaining: notImplemented) }
        if b!.isDate { return try Make.delta(a!.ordinal - b!.ordinal, 0, 0) }
        if b!.isDelta { return try DateType.add(a!, -b!.days) }
        return Owned(retaining: notImplemented)
      }
    }
    var g = GetSetTable()
    g.add("year", get: { r, _ in PyLong_FromLong(r!.year) })
    g.add("month", get: { r, _ in PyLong_FromLong(r!.month) })
    g.add("day", get: { r, _ in PyLong_FromLong(r!.day) })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_methods = methods()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("fromtimestamp", "($type, timestamp, /)", "The local date at a time stamp.", flags: METH_CLASS) { type, r in
      bridge { () throws(PyError) in
        let t = try LocalTime.broken(LocalTime.timestamp(r!, floor: true).seconds, utc: false)
        return try DateType.make(type!, Int(t.tm_year) + 1900, Int(t.tm_mon) + 1, Int(t.tm_mday))
      }
    }
    m.one("fromordinal", "", "The date of a day counted from January 1 of year 1.", flags: METH_CLASS) { type, r in
      bridge { () throws(PyError) in try DateType.fromOrdinal(type!, Int(try intArgument(r!))) }
    }
    m.one("fromisoformat", "($type, object, /)", "The date of a text in ISO 8601 format.", flags: METH_CLASS) {
      type, r in
      bridge { () throws(PyError) in
        guard r!.isUnicode else { throw typeError("fromisoformat: argument must be str") }
        if let c = CommonISOForm(r!, dateOnly: true) { return try DateType.make(type!, c.year, c.month, c.day) }
        guard let p = ISOParser(r!), let (y, m, d) = p.date(p.count) else {
          throw valueError("Invalid isoformat string: \(try reprText(r!))")
        }
        return try DateType.make(type!, y, m, d)
      }
    }
    m.keywords("fromisocalendar", "", "The date of an ISO year, week and day.", flags: METH_CLASS) {
      type, args, n, names in
      bridge { () throws(PyError) in
        let b = try DateType.iso.bind(args, n, names)
        let v: [Int]
        do throws(PyError) { v = try integers(b, 3, [0, 0, 0]) } catch {
          if PyErr_ExceptionMatches(Exc.OverflowError.object) == 0 { throw error }
          throw valueError("ISO calendar component out of range")
        }
        let o: Int
        do throws(Calendar.ISOFault) { o = try Calendar.ordinal(isoYear: v[0], week: v[1], day: v[2]) } catch {
          switch error {
          case .year: throw valueError("Year is out of range: \(v[0])")
          case .week: throw valueError("Invalid week: \(v[1])")
          case .day: throw valueError("Invalid weekday: \(v[2]) (range is [1, 7])")
          }
        }
        if o < 1 || o > Calendar.maxOrdinal { throw valueError("year \(o < 1 ? 0 : 10000) is out of range") }
        let (y, mm, d) = Calendar.date(o)
        return try DateType.make(type!, y, mm, d)
      }
    }
    m.noArguments("today", "($type, /)", "The current local date, or datetime.", flags: METH_CLASS) { type, _ in
      bridge { () throws(PyError) in
        let clock = try imported("time", "time")
        let now = try owned(PyObject_CallNoArgs(clock.ref))
        return try call(type!, "fromtimestamp", now.ref)
      }
    }
    m.noArguments("ctime", "($self, /)", "The text that the C function ctime() gives.") { r, _ in
      bridge { () throws(PyError) in try GilaCore.string(ISOText.ctime(r!, Clock())) }
    }
    m.keywords("strftime", "", "Text by a format.") { r, args, n, names in
      bridge { () throws(PyError) in try DateType.formatted(r!, args, n, names) }
    }
    m.one("__format__", "", "Text by a format, or as str() gives it.") { r, format in
      bridge { () throws(PyError) in try DateType.formatMethod(r!, format!) }
    }
    m.noArguments("timetuple", "($self, /)", "A time tuple, as time.localtime() gives.") { r, _ in
      bridge { () throws(PyError) in try timeTuple(r!.year, r!.month, r!.day, Clock(), dst: -1) }
    }
    m.noArguments("isocalendar", "($self, /)", "A named tuple of ISO year, week and day.") { r, _ in
      bridge { () throws(PyError) in
        let (y, w, d) = Calendar.isoCalendar(r!.year, r!.month, r!.day)
        return try ISODateType.make(DatetimeTypes.isoDate, y, w, d)
      }
    }
    m.noArguments("isoformat", "($self, /)", "Text in ISO 8601 format, YYYY-MM-DD.") { r, _ in
      bridge { () throws(PyError) in try GilaCore.string(ISOText.date(r!)) }
    }
    m.noArguments("isoweekday", "($self, /)", "The day of the week: 1 is Monday.") { r, _ in
      PyLong_FromLong(Calendar.weekday(r!.year, r!.month, r!.day) + 1)
    }
    m.noArguments("weekday", "($self, /)", "The day of the week: 0 is Monday.") { r, _ in
      PyLong_FromLong(Calendar.weekday(r!.year, r!.month, r!.day))
    }
    m.noArguments("toordinal", "($self, /)", "The day counted from January 1 of year 1.") { r, _ in
      PyLong_FromLong(r!.ordinal)
    }
    let replace: @convention(c) (Ref?, ArgumentVector?, Int, Ref?) -> Ref? = { r, args, n, names in
      bridge { () throws(PyError) in
        let b = try DateType.replaceFields.bind(args, n, names)
        let v = try integers(b, 3, [r!.year, r!.month, r!.day])
        return try Make.date(of: r!.type.object, v[0], v[1], v[2])
      }
    }
    m.keywords(
      "replace", "($self, /, year=unchanged, month=unchanged, day=unchanged)", "A date with other fields.", replace)
    m.keywords("__replace__", "($self, /, **changes)", "The same as replace().", replace)
    m.noArguments("__reduce__", "($self, /)", "For pickling: the type and its state.") { r, _ in
      bridge { () throws(PyError) in
        let state = try owned(
          PyBytes_FromStringAndSize(UnsafeRawPointer(r!.fieldBytes).assumingMemoryBound(to: CChar.self), 4))
        return try tuple(Owned(retaining: r!.type.object), tuple(state))
      }
    }
    return m.build()
  }
}

/// The order of the first `n` bytes of two objects' fields.
func memoryOrder(_ a: Ref, _ b: Ref, _ n: Int) -> Int {
  for i in 0..<n where a.fieldBytes[i] != b.fieldBytes[i] { return a.fieldBytes[i] < b.fieldBytes[i] ? -1 : 1 }
  return 0
}

enum ISODateType {
  private static let signature = Signature("IsoCalendarDate", "(year, week, weekday)")

  static func make(_ type: TypeRef, _ y: Int, _ w: Int, _ d: Int) throws(PyError) -> Owned {
    let r = try owned(type.pointee.tp_alloc(type, 3))
    r.ref.tupleItems[0] = try int(y).take()
    r.ref.tupleItems[1] = try int(w).take()
    r.ref.tupleItems[2] = try int(d).take()
    return r
  }

  static func install() {
    let t = DatetimeTypes.isoDate
    t.define(
      "datetime.IsoCalendarDate", basicSize: 24, itemSize: 8, flags: UInt(Py_TPFLAGS_DEFAULT), base: Types.tuple,
      doc: "What isocalendar() gives.")
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let b = try ISODateType.signature.bind(tuple: args, dict: kwargs)
        let v = try integers(b, 3, [0, 0, 0])
        return try ISODateType.make(type!, v[0], v[1], v[2])
      }
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let y = try reprText(r!.tupleItems[0]!)
        let w = try reprText(r!.tupleItems[1]!)
        let d = try reprText(r!.tupleItems[2]!)
        return try GilaCore.string("\(GilaCore.typeName(of: r!))(year=\(y), week=\(w), weekday=\(d))")
      }
    }
    var g = GetSetTable()
    g.add("year", get: { r, _ in newRef(r!.tupleItems[0]!) })
    g.add("week", get: { r, _ in newRef(r!.tupleItems[1]!) })
    g.add("weekday", get: { r, _ in newRef(r!.tupleItems[2]!) })
    t.pointee.tp_getset = g.build()
    var m = MethodTable()
    m.noArguments("__reduce__") { r, _ in
      bridge { () throws(PyError) in
        let all = try owned(PyTuple_New(3))
        for i in 0..<3 { all.ref.tupleItems[i] = newRef(r!.tupleItems[i]!) }
        return try tuple(Owned(retaining: Types.tuple.object), tuple(all))
      }
    }
    t.pointee.tp_methods = m.build()
  }
}
