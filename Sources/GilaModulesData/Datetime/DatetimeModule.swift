// The module _datetime and the capsule through which extension modules make its objects.

import CGila
import GilaCore

enum DatetimeModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_datetime", doc: "Fast implementation of the datetime type.",
    exec: { module in
      bridgeStatus { () throws(PyError) in
        let module = module!
        _ = try DatetimeModule.ready()
        typealias T = DatetimeTypes
        for (name, type) in [
          ("date", T.date), ("datetime", T.datetime), ("time", T.time), ("timedelta", T.delta), ("tzinfo", T.tzinfo),
          ("timezone", T.timezone),
        ] as [(StaticString, TypeRef)] { try GilaCore.add(module, name, type.object) }
        try GilaCore.add(module, "UTC", T.utc)
        try GilaCore.add(module, "MINYEAR", int: Calendar.minYear)
        try GilaCore.add(module, "MAXYEAR", int: Calendar.maxYear)
        try add(
          module, "datetime_CAPI",
          made: owned(
            PyCapsule_New(UnsafeMutableRawPointer(DatetimeModule.access), "datetime.datetime_CAPI", nil)))
      }
    })

  nonisolated(unsafe) private static var isReady = false

  /// Makes the types and their constants, once a process.
  private static func ready() throws(PyError) -> Bool {
    if isReady { return true }
    typealias T = DatetimeTypes
    DeltaType.install()
    DateType.install()
    TimeType.install()
    ZoneTypes.installAbstract()
    ZoneTypes.install()
    DateTimeType.install()
    ISODateType.install()
    for t in [T.delta, T.date, T.time, T.tzinfo, T.timezone, T.datetime, T.isoDate] { try check(PyType_Ready(t)) }
    try constant(T.delta, "resolution", Make.delta(0, 0, 1))
    try constant(T.delta, "min", Make.delta(-999_999_999, 0, 0))
    try constant(T.delta, "max", Make.delta(999_999_999, 86399, 999_999))
    try constant(T.date, "min", Make.date(1, 1, 1))
    try constant(T.date, "max", Make.date(9999, 12, 31))
    try constant(T.date, "resolution", Make.delta(1, 0, 0))
    let last = Clock(hour: 23, minute: 59, second: 59, microsecond: 999_999)
    try constant(T.time, "min", Make.time(Clock(), none))
    try constant(T.time, "max", Make.time(last, none))
    try constant(T.time, "resolution", Make.delta(0, 0, 1))
    try constant(T.datetime, "min", Make.datetime(1, 1, 1, Clock(), none))
    try constant(T.datetime, "max", Make.datetime(9999, 12, 31, last, none))
    try constant(T.datetime, "resolution", Make.delta(0, 0, 1))
    let zero = try Make.delta(0, 0, 0)
    let utc = try Zone.make(zero.ref, nil, T.timezone)
    T.utc = newRef(utc.ref)
    try constant(T.timezone, "utc", utc)
    let day = try Make.delta(0, 86340, 0)
    let minus = try Make.delta(0, -86340, 0)
    try constant(T.timezone, "min", Zone.make(minus.ref, nil))
    try constant(T.timezone, "max", Zone.make(day.ref, nil))
    for t in [T.delta, T.date, T.time, T.timezone, T.datetime] { PyType_Modified(t) }
    isReady = true
    return true
  }
  private static func constant(_ t: TypeRef, _ name: StaticString, _ value: consuming Owned) throws(PyError) {
    try check(PyDict_SetItemString(_PyType_GetDict(t), cString(name), value.ref))
  }

  /// The table of the capsule, in the order that C code knows.
  private struct Access {
    let date = DatetimeTypes.date
    let datetime = DatetimeTypes.datetime
    let time = DatetimeTypes.time
    let delta = DatetimeTypes.delta
    let tzinfo = DatetimeTypes.tzinfo
    let utc = DatetimeTypes.utc
    let makeDate: @convention(c) (Int32, Int32, Int32, TypeRef?) -> Ref? = { y, m, d, type in
      bridge { () throws(PyError) in try Make.date(Int(y), Int(m), Int(d), type ?? DatetimeTypes.date) }
    }
    let makeDateTime: @convention(c) (Int32, Int32, Int32, Int32, Int32, Int32, Int32, Ref?, TypeRef?) -> Ref? = {
      y, m, d, hh, mm, ss, us, zone, type in
      bridge { () throws(PyError) in
        let c = Clock(hour: Int(hh), minute: Int(mm), second: Int(ss), microsecond: Int(us))
        let zone = try Make.checkZone(zone)
        return try Make.datetime(Int(y), Int(m), Int(d), c, zone, type ?? DatetimeTypes.datetime)
      }
    }
    let makeTime: @convention(c) (Int32, Int32, Int32, Int32, Ref?, TypeRef?) -> Ref? = { hh, mm, ss, us, zone, type in
      bridge { () throws(PyError) in
        let c = Clock(hour: Int(hh), minute: Int(mm), second: Int(ss), microsecond: Int(us))
        let zone = try Make.checkZone(zone)
        return try Make.time(c, zone, type ?? DatetimeTypes.time)
      }
    }
    let makeDelta: @convention(c) (Int32, Int32, Int32, Int32, TypeRef?) -> Ref? = { days, seconds, us, _, type in
      bridge { () throws(PyError) in
        try Make.delta(Int(days), Int(seconds), Int(us), type ?? DatetimeTypes.delta)
      }
    }
    let makeZone: @convention(c) (Ref?, Ref?) -> Ref? = { offset, name in
      bridge { () throws(PyError) in
        guard let offset, offset.isDelta else { throw typeError("offset must be a timedelta") }
        return try Zone.make(offset, name)
      }
    }
    let dateTimeFromStamp: @convention(c) (Ref?, Ref?, Ref?) -> Ref? = { type, args, kwargs in
      bridge { () throws(PyError) in
        let method = try attribute(type!, "fromtimestamp")
        return try owned(PyObject_Call(method.ref, args, kwargs))
      }
    }
    let dateFromStamp: @convention(c) (Ref?, Ref?) -> Ref? = { type, args in
      bridge { () throws(PyError) in
        let method = try attribute(type!, "fromtimestamp")
        return try owned(PyObject_CallObject(method.ref, args))
      }
    }
    let makeDateTimeFold:
      @convention(c) (Int32, Int32, Int32, Int32, Int32, Int32, Int32, Ref?, Int32, TypeRef?) -> Ref? = {
        y, m, d, hh, mm, ss, us, zone, fold, type in
        bridge { () throws(PyError) in
          let c = Clock(hour: Int(hh), minute: Int(mm), second: Int(ss), microsecond: Int(us))
          let zone = try Make.checkZone(zone)
          return try Make.datetime(Int(y), Int(m), Int(d), c, zone, fold: Int(fold), type ?? DatetimeTypes.datetime)
        }
      }
    let makeTimeFold: @convention(c) (Int32, Int32, Int32, Int32, Ref?, Int32, TypeRef?) -> Ref? = {
      hh, mm, ss, us, zone, fold, type in
      bridge { () throws(PyError) in
        let c = Clock(hour: Int(hh), minute: Int(mm), second: Int(ss), microsecond: Int(us))
        let zone = try Make.checkZone(zone)
        return try Make.time(c, zone, fold: Int(fold), type ?? DatetimeTypes.time)
      }
    }
  }
  nonisolated(unsafe) private static let access: UnsafeMutablePointer<Access> = {
    let p = UnsafeMutablePointer<Access>.allocate(capacity: 1)
    p.initialize(to: Access())
    return p
  }()
}
