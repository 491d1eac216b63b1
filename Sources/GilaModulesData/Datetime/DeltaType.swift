// The type timedelta. Its arithmetic is that of microseconds in 128 bits.

import CGila
import GilaCore
import Glibc

enum WideInt {
  /// A Python int, or nil where it does not fit.
  static func value(_ r: Ref) throws(PyError) -> Int128? {
    var overflow: Int32 = 0
    let small = PyLong_AsLongLongAndOverflow(r, &overflow)
    if overflow == 0 {
      if small == -1 && errorIsSet { throw PyError() }
      return Int128(small)
    }
    let shift = try int(64)
    let high = try owned(PyNumber_Rshift(r, shift.ref))
    let top = PyLong_AsLongLongAndOverflow(high.ref, &overflow)
    if overflow != 0 { return nil }
    let low = PyLong_AsUnsignedLongLongMask(r)
    return Int128(top) << 64 | Int128(low)
  }
  static func object(_ v: Int128) throws(PyError) -> Owned {
    if let small = Int(exactly: v) { return try int(small) }
    let high = try int(Int(truncatingIfNeeded: v >> 64))
    let shift = try int(64)
    let shifted = try owned(PyNumber_Lshift(high.ref, shift.ref))
    let low = try owned(PyLong_FromUnsignedLongLong(UInt64(truncatingIfNeeded: v)))
    return try owned(PyNumber_Add(shifted.ref, low.ref))
  }
  /// The sign of a Python int that is too large for 64 bits.
  static func sign(_ r: Ref) -> Int {
    var overflow: Int32 = 0
    _ = PyLong_AsLongLongAndOverflow(r, &overflow)
    return Int(overflow)
  }
  static func floorDivide(_ a: Int128, _ b: Int128) -> (Int128, Int128) {
    var (q, r) = a.quotientAndRemainder(dividingBy: b)
    if r != 0 && (r < 0) != (b < 0) {
      q -= 1
      r += b
    }
    return (q, r)
  }
  /// The nearest quotient, the even one of two.
  static func divideNearest(_ a: Int128, _ b: Int128) -> Int128 {
    let (q, r) = floorDivide(a, b)
    let twice = r * 2
    let up = b > 0 ? twice > b : twice < b
    return up || (twice == b && q & 1 != 0) ? q + 1 : q
  }
}

enum DeltaType {
  private static let signature = Signature(
    "timedelta", "(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)")
  private static let names = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"]
  private static let factors: [Int128] = [
    86_400_000_000, 1_000_000, 1, 1000, 60_000_000, 3_600_000_000, 604_800_000_000,
  ]

  @inline(never) private static func tooLarge() -> PyError {
    overflowError("Python int too large to convert to C int")
  }

  static func microseconds(_ r: Ref) -> Int128 {
    Int128(r.days) * 86_400_000_000 + Int128(r.seconds * 1_000_000 + r.microseconds)
  }
  static func make(_ us: Int128, _ type: TypeRef = DatetimeTypes.delta) throws(PyError) -> Owned {
    let (days, rest) = WideInt.floorDivide(us, 86_400_000_000)
    guard let d = Int(exactly: days), Int32(exactly: d) != nil else { throw tooLarge() }
    return try Make.delta(d, Int(rest / 1_000_000), Int(rest % 1_000_000), type)
  }

  private static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    let b = try signature.bind(tuple: args, dict: kwargs)
    var sum: Int128 = 0
    var leftover = 0.0
    for i in 0..<7 {
      guard let r = b[i] else { continue }
      if r.isLong {
        guard let v = try WideInt.value(r) else { throw tooLarge() }
        try accumulate(&sum, v, factors[i])
      } else if r.isInstance(of: Types.float) {
        let value = PyFloat_AsDouble(r)
        if value == -1 && errorIsSet { throw PyError() }
        let whole = value.rounded(.towardZero)
        try accumulate(&sum, integer(whole), factors[i])
        let fraction = value - whole
        if fraction != 0 {
          let scaled = fraction * Double(factors[i])
          let part = scaled.rounded(.towardZero)
          sum += Int128(part)
          leftover += scaled - part
        }
      } else {
        throw typeError("unsupported type for timedelta \(names[i]) component: \(typeName(of: r))")
      }
    }
    if leftover != 0 {
      var whole = leftover.rounded(.toNearestOrAwayFromZero)
      if abs(whole - leftover) == 0.5 {
        // The sum shall be even.
        let odd = sum & 1 != 0 ? 1.0 : 0.0
        whole = 2 * ((leftover + odd) * 0.5).rounded(.toNearestOrAwayFromZero) - odd
      }
      sum += Int128(whole)
    }
    return try make(sum, type)
  }
  private static func accumulate(_ sum: inout Int128, _ v: Int128, _ factor: Int128) throws(PyError) {
    let (product, overflow) = v.multipliedReportingOverflow(by: factor)
    if overflow { throw tooLarge() }
    let (total, more) = sum.addingReportingOverflow(product)
    if more { throw tooLarge() }
    sum = total
  }
  private static func integer(_ d: Double) throws(PyError) -> Int128 {
    if d.isNaN { throw valueError("cannot convert float NaN to integer") }
    if d.isInfinite { throw overflowError("cannot convert float infinity to integer") }
    guard let v = Int128(exactly: d) else { throw tooLarge() }
    return v
  }

  /// delta * a / b for the ratio that a float is, or the other way round.
  private static func scale(_ delta: Ref, _ float: Ref, divide: Bool) throws(PyError) -> Owned {
    let ratio = try call(float, "as_integer_ratio")
    guard ratio.ref.isTuple else {
      throw typeError(
        "unexpected return type from as_integer_ratio(): expected tuple, not '\(typeName(of: ratio.ref))'")
    }
    if ratio.ref.size != 2 { throw valueError("as_integer_ratio() must return a 2-tuple") }
    let us = try WideInt.object(microseconds(delta))
    let product = try owned(PyNumber_Multiply(us.ref, ratio.ref.tupleItems[divide ? 1 : 0]))
    let pair = try owned(_PyLong_DivmodNear(product.ref, ratio.ref.tupleItems[divide ? 0 : 1]))
    guard let v = try WideInt.value(pair.ref.tupleItems[0]!) else { throw tooLarge() }
    return try make(v)
  }
  private static func divisor(_ r: Ref) throws(PyError) -> Int128? {
    guard let v = try WideInt.value(r) else { return nil }
    if v == 0 { throw raise(Exc.ZeroDivisionError, "integer division or modulo by zero") }
    return v
  }

  private static func add(_ a: Ref, _ b: Ref, _ sign: Int) throws(PyError) -> Owned {
    try Make.delta(
      a.days + sign * b.days, a.seconds + sign * b.seconds, a.microseconds + sign * b.microseconds)
  }

  private static func installNumber(_ t: TypeRef) {
    let n = t.number
    n.pointee.nb_add = { a, b in
      guard a!.isDelta && b!.isDelta else { return notImplemented }
      return bridge { () throws(PyError) in try DeltaType.add(a!, b!, 1) }
    }
    n.pointee.nb_subtract = { a, b in
      guard a!.isDelta && b!.isDelta else { return notImplemented }
      return bridge { () throws(PyError) in try DeltaType.add(a!, b!, -1) }
    }
    n.pointee.nb_multiply = { a, b in
      bridge { () throws(PyError) in
        let (delta, other) = a!.isDelta ? (a!, b!) : (b!, a!)
        if other.isLong {
          guard let v = try WideInt.value(other) else { throw DeltaType.tooLarge() }
          var product: Int128 = 0
          try DeltaType.accumulate(&product, DeltaType.microseconds(delta), v)
          return try DeltaType.make(product)
        }
        if other.isInstance(of: Types.float) { return try DeltaType.scale(delta, other, divide: false) }
        return Owned(retaining: notImplemented)
      }
    }
    n.pointee.nb_remainder = { a, b in
      guard a!.isDelta && b!.isDelta else { return notImplemented }
      return bridge { () throws(PyError) in
        let d = DeltaType.microseconds(b!)
        if d == 0 { throw raise(Exc.ZeroDivisionError, "integer modulo by zero") }
        return try DeltaType.make(WideInt.floorDivide(DeltaType.microseconds(a!), d).1)
      }
    }
    n.pointee.nb_divmod = { a, b in
      guard a!.isDelta && b!.isDelta else { return notImplemented }
      return bridge { () throws(PyError) in
        let d = DeltaType.microseconds(b!)
        if d == 0 { throw raise(Exc.ZeroDivisionError, "integer division or modulo by zero") }
        let (q, r) = WideInt.floorDivide(DeltaType.microseconds(a!), d)
        return try tuple(WideInt.object(q), DeltaType.make(r))
      }
    }
    n.pointee.nb_floor_divide = { a, b in
      guard a!.isDelta else { return notImplemented }
      return bridge { () throws(PyError) in
        if b!.isDelta {
          let d = DeltaType.microseconds(b!)
          if d == 0 { throw raise(Exc.ZeroDivisionError, "integer division or modulo by zero") }
          return try WideInt.object(WideInt.floorDivide(DeltaType.microseconds(a!), d).0)
        }
        guard b!.isLong else { return Owned(retaining: notImplemented) }
        let us = DeltaType.microseconds(a!)
        guard let d = try DeltaType.divisor(b!) else {
          return try DeltaType.make(us == 0 || (us > 0) == (WideInt.sign(b!) > 0) ? 0 : -1)
        }
        return try DeltaType.make(WideInt.floorDivide(us, d).0)
      }
    }
    n.pointee.nb_true_divide = { a, b in
      guard a!.isDelta else { return notImplemented }
      return bridge { () throws(PyError) in
        if b!.isDelta {
          let x = try WideInt.object(DeltaType.microseconds(a!))
          let y = try WideInt.object(DeltaType.microseconds(b!))
          return try owned(PyNumber_TrueDivide(x.ref, y.ref))
        }
        if b!.isInstance(of: Types.float) { return try DeltaType.scale(a!, b!, divide: true) }
        guard b!.isLong else { return Owned(retaining: notImplemented) }
        guard let d = try DeltaType.divisor(b!) else { return try DeltaType.make(0) }
        // Twice a remainder of a divisor this large would not fit, and the quotient is nothing.
        if d.magnitude > 1 << 100 { return try DeltaType.make(0) }
        return try DeltaType.make(WideInt.divideNearest(DeltaType.microseconds(a!), d))
      }
    }
    n.pointee.nb_negative = { a in
      bridge { () throws(PyError) in try Make.delta(-a!.days, -a!.seconds, -a!.microseconds) }
    }
    n.pointee.nb_positive = { a in
      bridge { () throws(PyError) in try Make.delta(a!.days, a!.seconds, a!.microseconds) }
    }
    n.pointee.nb_absolute = { a in
      bridge { () throws(PyError) in
        let sign = a!.days < 0 ? -1 : 1
        return try Make.delta(sign * a!.days, sign * a!.seconds, sign * a!.microseconds)
      }
    }
    n.pointee.nb_bool = { a in a!.days != 0 || a!.seconds != 0 || a!.microseconds != 0 ? 1 : 0 }
  }

  static func compare(_ a: Ref, _ b: Ref) -> Int {
    if a.days != b.days { return a.days < b.days ? -1 : 1 }
    if a.seconds != b.seconds { return a.seconds < b.seconds ? -1 : 1 }
    return a.microseconds == b.microseconds ? 0 : a.microseconds < b.microseconds ? -1 : 1
  }

  static func hash(_ r: Ref) throws(PyError) -> Int {
    if r.cachedHash == -1 {
      let key = try tuple(int(r.days), int(r.seconds), int(r.microseconds))
      r.cachedHash = PyObject_Hash(key.ref)
      if r.cachedHash == -1 { throw PyError() }
    }
    return r.cachedHash
  }

  static func install() {
    let t = DatetimeTypes.delta
    t.define(
      "datetime.timedelta", basicSize: 40, flags: UInt(Py_TPFLAGS_BASETYPE),
      doc:
        "A duration: the difference of two points in time.\n\ntimedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)\n\nArguments are ints or floats of any sign."
    )
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in try DeltaType.new(type!, args, kwargs) }
    }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_hash = { r in bridgeSize { () throws(PyError) in try DeltaType.hash(r!) } }
    t.pointee.tp_richcompare = { a, b, op in
      guard b!.isDelta else { return notImplemented }
      return answer(DeltaType.compare(a!, b!), op)
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        var parts: [String] = []
        if r!.days != 0 { parts.append("days=\(r!.days)") }
        if r!.seconds != 0 { parts.append("seconds=\(r!.seconds)") }
        if r!.microseconds != 0 { parts.append("microseconds=\(r!.microseconds)") }
        if parts.isEmpty { parts.append("0") }
        return try GilaCore.string("\(GilaCore.typeName(of: r!))(\(parts.joined(separator: ", ")))")
      }
    }
    t.pointee.tp_str = { r in
      bridge { () throws(PyError) in
        let s = r!.seconds
        var text = r!.days == 0 ? "" : "\(r!.days) day\(abs(r!.days) == 1 ? "" : "s"), "
        text += "\(s / 3600):\(padded(s / 60 % 60, 2)):\(padded(s % 60, 2))"
        if r!.microseconds != 0 { text += "." + padded(r!.microseconds, 6) }
        return try GilaCore.string(text)
      }
    }
    installNumber(t)
    var m = MethodTable()
    m.noArguments("total_seconds", "($self, /)", "The whole duration in seconds, as a float.") { r, _ in
      bridge { () throws(PyError) in
        let us = DeltaType.microseconds(r!)
        if us.magnitude < 1 << 53 { return try float(Double(us) / 1e6) }
        let x = try WideInt.object(us)
        let y = try int(1_000_000)
        return try owned(PyNumber_TrueDivide(x.ref, y.ref))
      }
    }
    m.noArguments("__reduce__", "($self, /)", "For pickling: the type and its arguments.") { r, _ in
      bridge { () throws(PyError) in
        let state = try tuple(int(r!.days), int(r!.seconds), int(r!.microseconds))
        return try tuple(Owned(retaining: r!.type.object), state)
      }
    }
    t.pointee.tp_methods = m.build()
    var members = MemberTable()
    members.add("days", Py_T_INT, offset: 24, "Days, which alone may be negative.")
    members.add("seconds", Py_T_INT, offset: 28, "Seconds, less than a day.")
    members.add("microseconds", Py_T_INT, offset: 32, "Microseconds, less than a second.")
    t.pointee.tp_members = members.build()
  }
}

/// The answer to a comparison whose outcome is a sign.
func answer(_ sign: Int, _ op: Int32) -> Ref? {
  switch op {
  case Py_LT: pyBool(sign < 0)
  case Py_LE: pyBool(sign <= 0)
  case Py_EQ: pyBool(sign == 0)
  case Py_NE: pyBool(sign != 0)
  case Py_GT: pyBool(sign > 0)
  default: pyBool(sign >= 0)
  }
}
