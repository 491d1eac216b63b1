// Conversions of times that CPython exports for its own extension modules.

import CGila
import GilaCore
import Glibc

extension Rounding {
  /// What C code calls it.
  init(_ number: Int32) {
    switch number {
    case 0: self = .floor
    case 1: self = .ceiling
    case 2: self = .halfEven
    default: self = .up
    }
  }
  /// `n / unit`, exactly.
  func divide(_ n: Int, _ unit: Int) -> Int {
    let q = n / unit, rest = n % unit
    if rest == 0 { return q }
    let away = rest < 0 ? -1 : 1
    switch self {
    case .floor: return rest < 0 ? q - 1 : q
    case .ceiling: return rest > 0 ? q + 1 : q
    case .up: return q + away
    case .halfEven:
      let twice = abs(rest), half = unit - twice
      return twice > half || (twice == half && q & 1 != 0) ? q + away : q
    }
  }
}

/// A number of seconds as whole seconds and `unit`ths of one.
private func parts(_ r: Ref, _ unit: Double, _ rounding: Rounding) throws(PyError) -> (Int, Int) {
  if unit == 1e9 || !r.isInstance(of: Types.float) { return try systemTime(r, rounding) }
  let value = PyFloat_AsDouble(r)
  if value.isNaN { throw valueError("Invalid value NaN (not a number)") }
  var whole = value.rounded(.towardZero)
  var rest = rounding((value - whole) * unit)
  if rest >= unit {
    rest -= unit
    whole += 1
  } else if rest < 0 {
    rest += unit
    whole -= 1
  }
  guard let seconds = Int(exactly: whole), let fraction = Int(exactly: rest) else {
    throw overflowError("timestamp out of range for platform time_t")
  }
  return (seconds, fraction)
}

@c public func _PyTime_FromSeconds(_ seconds: Int32) -> Int64 { Int64(seconds) * 1_000_000_000 }
@c public func _PyTime_FromSecondsObject(_ t: UnsafeMutablePointer<Int64>?, _ r: Ref?, _ rounding: Int32) -> Int32 {
  bridgeStatus { () throws(PyError) in t?.pointee = Int64(try nanoseconds(r!, Rounding(rounding))) }
}
@c public func _PyTime_ObjectToTime_t(_ r: Ref?, _ seconds: UnsafeMutablePointer<Int>?, _ rounding: Int32) -> Int32 {
  bridgeStatus { () throws(PyError) in seconds?.pointee = try wholeSeconds(r!, Rounding(rounding)) }
}
@c public func _PyTime_ObjectToTimeval(
  _ r: Ref?, _ seconds: UnsafeMutablePointer<Int>?, _ microseconds: UnsafeMutablePointer<Int>?, _ rounding: Int32
) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let (s, us) = try parts(r!, 1e6, Rounding(rounding))
    seconds?.pointee = s
    microseconds?.pointee = us
  }
}
@c public func _PyTime_ObjectToTimespec(
  _ r: Ref?, _ seconds: UnsafeMutablePointer<Int>?, _ nanoseconds: UnsafeMutablePointer<Int>?, _ rounding: Int32
) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let (s, ns) = try parts(r!, 1e9, Rounding(rounding))
    seconds?.pointee = s
    nanoseconds?.pointee = ns
  }
}
@c public func _PyTime_AsMilliseconds(_ t: Int64, _ rounding: Int32) -> Int64 {
  Int64(Rounding(rounding).divide(Int(t), 1_000_000))
}
@c public func _PyTime_AsMicroseconds(_ t: Int64, _ rounding: Int32) -> Int64 {
  Int64(Rounding(rounding).divide(Int(t), 1000))
}
@c public func _PyTime_AsTimeval(_ t: Int64, _ out: UnsafeMutablePointer<timeval>?, _ rounding: Int32) -> Int32 {
  let us = Rounding(rounding).divide(Int(t), 1000)
  let s = Rounding.floor.divide(us, 1_000_000)
  out?.pointee = timeval(tv_sec: s, tv_usec: us &- s &* 1_000_000)
  return 0
}
@c public func _PyTime_AsTimespec(_ t: Int64, _ out: UnsafeMutablePointer<timespec>?) -> Int32 {
  out?.pointee = timeSpec(Int(t))
  return 0
}
