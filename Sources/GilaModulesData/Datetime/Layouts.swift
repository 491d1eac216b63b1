// The objects of _datetime as extension modules see them, and how they are made.

import CGila
import GilaCore

extension UnsafeMutablePointer where Pointee == PyObject {
  var cachedHash: Int {
    get { raw.load(fromByteOffset: 16, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 16, as: Int.self) }
  }
  // timedelta
  var days: Int { Int(raw.load(fromByteOffset: 24, as: Int32.self)) }
  var seconds: Int { Int(raw.load(fromByteOffset: 28, as: Int32.self)) }
  var microseconds: Int { Int(raw.load(fromByteOffset: 32, as: Int32.self)) }
  // date, datetime and time: bytes from offset 25 on
  var fieldBytes: UnsafeMutablePointer<UInt8> { (raw + 25).assumingMemoryBound(to: UInt8.self) }
  var isAware: Bool { (raw + 24).load(as: UInt8.self) != 0 }
  var year: Int { Int(fieldBytes[0]) << 8 | Int(fieldBytes[1]) }
  var month: Int { Int(fieldBytes[2]) }
  var day: Int { Int(fieldBytes[3]) }
  var ordinal: Int { Calendar.ordinal(year, month, day) }
  /// Where the time of a datetime or of a time starts.
  var clockOffset: Int { isDateTime ? 4 : 0 }
  var clock: Clock {
    let p = fieldBytes + clockOffset
    return Clock(
      hour: Int(p[0]), minute: Int(p[1]), second: Int(p[2]), microsecond: Int(p[3]) << 16 | Int(p[4]) << 8 | Int(p[5]))
  }
  var fold: Int { Int(isDateTime ? fieldBytes[10] : fieldBytes[6]) }
  /// The time zone object of a datetime or time, None if there is none (borrowed).
  var zone: Ref {
    guard isAware else { return none }
    return raw.load(fromByteOffset: isDateTime ? 40 : 32, as: Ref?.self) ?? none
  }
  var isDelta: Bool { isInstance(of: DatetimeTypes.delta) }
  var isDate: Bool { isInstance(of: DatetimeTypes.date) }
  var isDateTime: Bool { isInstance(of: DatetimeTypes.datetime) }
  var isTime: Bool { isInstance(of: DatetimeTypes.time) }
  var isZone: Bool { isInstance(of: DatetimeTypes.tzinfo) }
}

/// A time of the day.
struct Clock {
  var hour = 0
  var minute = 0
  var second = 0
  var microsecond = 0
  var seconds: Int { hour * 3600 + minute * 60 + second }

  func check(fold: Int = 0) throws(PyError) {
    if hour < 0 || hour > 23 { throw valueError("hour must be in 0..23") }
    if minute < 0 || minute > 59 { throw valueError("minute must be in 0..59") }
    if second < 0 || second > 59 { throw valueError("second must be in 0..59") }
    if microsecond < 0 || microsecond > 999_999 { throw valueError("microsecond must be in 0..999999") }
    if fold != 0 && fold != 1 { throw valueError("fold must be either 0 or 1") }
  }
  func store(_ p: UnsafeMutablePointer<UInt8>) {
    p[0] = UInt8(truncatingIfNeeded: hour)
    p[1] = UInt8(truncatingIfNeeded: minute)
    p[2] = UInt8(truncatingIfNeeded: second)
    p[3] = UInt8(truncatingIfNeeded: microsecond >> 16)
    p[4] = UInt8(truncatingIfNeeded: microsecond >> 8)
    p[5] = UInt8(truncatingIfNeeded: microsecond)
  }
}

/// The types. Their memory is made at first use; a variable that begins as nil is read without the check that a lazy
/// constant has.
enum DatetimeTypes {
  @inline(__always) static var delta: TypeRef { made.delta ?? make(\.delta) }
  @inline(__always) static var date: TypeRef { made.date ?? make(\.date) }
  @inline(__always) static var datetime: TypeRef { made.datetime ?? make(\.datetime) }
  @inline(__always) static var time: TypeRef { made.time ?? make(\.time) }
  @inline(__always) static var tzinfo: TypeRef { made.tzinfo ?? make(\.tzinfo) }
  @inline(__always) static var timezone: TypeRef { made.timezone ?? make(\.timezone) }
  @inline(__always) static var isoDate: TypeRef { made.isoDate ?? make(\.isoDate) }

  private struct Made {
    var delta: TypeRef?, date: TypeRef?, datetime: TypeRef?, time: TypeRef?, tzinfo: TypeRef?, timezone: TypeRef?,
      isoDate: TypeRef?
  }
  nonisolated(unsafe) private static var made = Made()
  @inline(never) private static func make(_ place: WritableKeyPath<Made, TypeRef?>) -> TypeRef {
    let t = newStaticType()
    made[keyPath: place] = t
    return t
  }
  /// timezone.utc, immortal (borrowed); made with the types.
  nonisolated(unsafe) static var utc: Ref = none
}

/// Making objects of checked values; a subclass is made by calling it.
enum Make {
  /// Memory of an object of a type, all of which the caller fills in; `exact` is the type that needs no allocator.
  @inline(__always) static func allocate(_ type: TypeRef, _ exact: TypeRef, _ size: Int) throws(PyError) -> Owned {
    if type != exact { return try owned(type.pointee.tp_alloc(type, 0)) }
    guard let memory = SmallBlocks.allocate(size) else { throw memoryError() }
    memory.storeBytes(of: 1, as: Int.self)
    memory.storeBytes(of: type, toByteOffset: 8, as: TypeRef.self)
    return Owned(taking: memory.assumingMemoryBound(to: PyObject.self))
  }
  static func checkDate(_ y: Int, _ m: Int, _ d: Int) throws(PyError) {
    if y < Calendar.minYear || y > Calendar.maxYear { throw valueError("year \(y) is out of range") }
    if m < 1 || m > 12 { throw valueError("month must be in 1..12") }
    if d < 1 || d > Calendar.daysInMonth(y, m) { throw valueError("day is out of range for month") }
  }
  static func storeDate(_ r: Ref, _ y: Int, _ m: Int, _ d: Int) {
    r.cachedHash = -1
    r.fieldBytes[0] = UInt8(truncatingIfNeeded: y >> 8)
    r.fieldBytes[1] = UInt8(truncatingIfNeeded: y)
    r.fieldBytes[2] = UInt8(truncatingIfNeeded: m)
    r.fieldBytes[3] = UInt8(truncatingIfNeeded: d)
  }
  static func storeZone(_ r: Ref, _ zone: Ref, _ offset: Int) {
    let aware = !zone.isNone
    r.raw.storeBytes(of: aware ? 1 : 0, toByteOffset: 24, as: UInt8.self)
    if aware { r.raw.storeBytes(of: newRef(zone), toByteOffset: offset, as: Ref?.self) }
  }
  static func checkZone(_ zone: Ref?) throws(PyError) -> Ref {
    guard let zone, !zone.isNone else { return none }
    if !zone.isZone {
      throw typeError("tzinfo argument must be None or of a tzinfo subclass, not type '\(typeName(of: zone))'")
    }
    return zone
  }

  /// An object of exactly this type, without calling a constructor.
  static func date(_ y: Int, _ m: Int, _ d: Int, _ type: TypeRef = DatetimeTypes.date) throws(PyError) -> Owned {
    try checkDate(y, m, d)
    let r = try allocate(type, DatetimeTypes.date, 32)
    r.ref.raw.storeBytes(of: 0, toByteOffset: 24, as: Int.self)
    storeDate(r.ref, y, m, d)
    return r
  }
  static func datetime(
    _ y: Int, _ m: Int, _ d: Int, _ clock: Clock, _ zone: Ref, fold: Int = 0, _ type: TypeRef = DatetimeTypes.datetime
  ) throws(PyError) -> Owned {
    try checkDate(y, m, d)
    try clock.check(fold: fold)
    return try sound(y, m, d, clock, zone, fold: fold, type)
  }
  /// A datetime of values that need no check.
  @inline(__always) static func sound(
    _ y: Int, _ m: Int, _ d: Int, _ clock: Clock, _ zone: Ref, fold: Int = 0, _ type: TypeRef = DatetimeTypes.datetime
  ) throws(PyError) -> Owned {
    let r = try allocate(type, DatetimeTypes.datetime, 48)
    r.ref.raw.storeBytes(of: 0, toByteOffset: 24, as: Int.self)
    storeDate(r.ref, y, m, d)
    clock.store(r.ref.fieldBytes + 4)
    r.ref.fieldBytes[10] = UInt8(truncatingIfNeeded: fold)
    storeZone(r.ref, zone, 40)
    return r
  }
  static func time(_ clock: Clock, _ zone: Ref, fold: Int = 0, _ type: TypeRef = DatetimeTypes.time) throws(PyError)
    -> Owned
  {
    try clock.check(fold: fold)
    let r = try owned(type.pointee.tp_alloc(type, 0))
    r.ref.cachedHash = -1
    clock.store(r.ref.fieldBytes)
    r.ref.fieldBytes[6] = UInt8(truncatingIfNeeded: fold)
    storeZone(r.ref, zone, 32)
    return r
  }

  static func call(_ type: Ref, _ numbers: [Int], _ zone: Ref? = nil) throws(PyError) -> Owned {
    let args = try owned(PyTuple_New(numbers.count + (zone == nil ? 0 : 1)))
    for (i, n) in numbers.enumerated() { args.ref.tupleItems[i] = try int(n).take() }
    if let zone { args.ref.tupleItems[numbers.count] = newRef(zone) }
    return try owned(PyObject_Call(type, args.ref, nil))
  }
  static func date(of type: Ref, _ y: Int, _ m: Int, _ d: Int) throws(PyError) -> Owned {
    type == DatetimeTypes.date.object ? try date(y, m, d) : try call(type, [y, m, d])
  }
  static func datetime(
    of type: Ref, _ y: Int, _ m: Int, _ d: Int, _ c: Clock, _ zone: Ref, fold: Int = 0
  ) throws(PyError) -> Owned {
    if type == DatetimeTypes.datetime.object { return try datetime(y, m, d, c, zone, fold: fold) }
    let r = try call(type, [y, m, d, c.hour, c.minute, c.second, c.microsecond], zone)
    if fold != 0 && r.ref.isDateTime { r.ref.fieldBytes[10] = UInt8(truncatingIfNeeded: fold) }
    return r
  }
  static func time(of type: Ref, _ c: Clock, _ zone: Ref, fold: Int = 0) throws(PyError) -> Owned {
    if type == DatetimeTypes.time.object { return try time(c, zone, fold: fold) }
    let r = try call(type, [c.hour, c.minute, c.second, c.microsecond], zone)
    if fold != 0 && r.ref.isTime { r.ref.fieldBytes[6] = UInt8(truncatingIfNeeded: fold) }
    return r
  }

  static func delta(
    _ days: Int, _ seconds: Int, _ microseconds: Int, _ type: TypeRef = DatetimeTypes.delta
  ) throws(PyError) -> Owned {
    let (carry, us) = floorDivide(microseconds, 1_000_000)
    let (more, s) = floorDivide(seconds &+ carry, 86400)
    let d = days &+ more
    if d < -999_999_999 || d > 999_999_999 {
      if Int32(exactly: d) == nil { throw overflowError("Python int too large to convert to C int") }
      throw overflowError("days=\(d); must have magnitude <= 999999999")
    }
    let r = try allocate(type, DatetimeTypes.delta, 40)
    r.ref.cachedHash = -1
    r.ref.raw.storeBytes(of: Int32(d), toByteOffset: 24, as: Int32.self)
    r.ref.raw.storeBytes(of: Int32(s), toByteOffset: 28, as: Int32.self)
    r.ref.raw.storeBytes(of: Int32(us), toByteOffset: 32, as: Int32.self)
    return r
  }
}

/// `%0nd`.
func padded(_ n: Int, _ width: Int) -> String {
  let digits = String(abs(n))
  return (n < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count - (n < 0 ? 1 : 0))) + digits
}
