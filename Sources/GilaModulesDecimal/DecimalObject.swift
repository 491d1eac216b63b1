// decimal.Decimal in memory.

import CGila
import GilaCore
import GilaDecimal
import GilaModuleSupport
import Glibc

struct DecimalObject {
  var ob_base: PyObject
  /// -1: not computed yet.
  var hash: Int
  var exponent: Int
  var count: Int32
  var kind: UInt8
  var negative: Bool
  /// The limbs, if they are more than fit into the object.
  var heap: UnsafeMutablePointer<UInt64>?
  var inline: (UInt64, UInt64, UInt64, UInt64)

  static let inlineLimbs = 4
  static let inlineOffset = 48
}
typealias DecimalRef = UnsafeMutablePointer<DecimalObject>

extension UnsafeMutablePointer where Pointee == PyObject {
  @inline(__always) var decimal: DecimalRef { cast(DecimalObject.self) }
}

/// A look at a number in memory, for the arithmetic of ordinary numbers.
struct DecimalView {
  var limbs: UnsafePointer<UInt64>
  var count: Int
  var exponent: Int
  var negative: Bool
  var isFinite: Bool

  @inline(__always) init(_ r: Ref) {
    let d = r.decimal
    limbs = UnsafePointer(DecimalType.limbs(r))
    count = Int(d.pointee.count)
    exponent = d.pointee.exponent
    negative = d.pointee.negative
    isFinite = d.pointee.kind == 0
  }
}

extension DecimalType {
  @inline(__always) static func limbs(_ r: Ref) -> UnsafeMutablePointer<UInt64> {
    r.decimal.pointee.heap ?? (r.raw + DecimalObject.inlineOffset).assumingMemoryBound(to: UInt64.self)
  }
  @inline(__always) static func isDecimal(_ r: Ref) -> Bool {
    r.type == type || PyType_IsSubtype(r.type, type) != 0
  }
  /// A new Decimal (nil: MemoryError).
  @inline(__always) static func make(
    _ limbs: UnsafePointer<UInt64>, _ n: Int, exponent: Int, negative: Bool, kind: UInt8 = 0
  ) -> Ref? {
    guard let memory = PyObject_Malloc(MemoryLayout<DecimalObject>.size) else { return PyErr_NoMemory() }
    let r = memory.assumingMemoryBound(to: PyObject.self)
    r.pointee.ob_refcnt = 1
    r.pointee.ob_type = type
    return fill(r, limbs, n, exponent: exponent, negative: negative, kind: kind)
  }
  /// A new Decimal that takes over limbs from malloc, more than fit into the object (nil: MemoryError).
  static func make(taking limbs: UnsafeMutablePointer<UInt64>, _ n: Int, exponent: Int, negative: Bool) -> Ref? {
    guard let r = make(limbs, 0, exponent: exponent, negative: negative) else {
      free(limbs)
      return nil
    }
    r.decimal.pointee.heap = limbs
    r.decimal.pointee.count = Int32(truncatingIfNeeded: n)
    return r
  }
  @inline(__always) static func fill(
    _ r: Ref, _ limbs: UnsafePointer<UInt64>, _ n: Int, exponent: Int, negative: Bool, kind: UInt8
  ) -> Ref? {
    let d = r.decimal
    d.pointee.hash = -1
    d.pointee.exponent = exponent
    d.pointee.count = Int32(truncatingIfNeeded: n)
    d.pointee.kind = kind
    d.pointee.negative = negative
    d.pointee.heap = nil
    if n > DecimalObject.inlineLimbs {
      guard n <= Int(Int32.max), let memory = malloc(n &* 8) else {
        d.pointee.count = 0
        decref(r)
        return PyErr_NoMemory()
      }
      d.pointee.heap = memory.assumingMemoryBound(to: UInt64.self)
    }
    let to = DecimalType.limbs(r)
    for i in 0..<n { to[i] = limbs[i] }
    return r
  }
  static func make(_ d: Decimal, _ type: TypeRef? = nil) throws(PyError) -> Owned {
    let n = d.coefficient.limbs.count
    let r: Ref?
    if let type, type != DecimalType.type {
      let made = try owned(type.pointee.tp_alloc(type, 0))
      r = d.coefficient.limbs.withUnsafeBufferPointer { b in
        withUnsafePointer(to: UInt64(0)) { zero in
          DecimalType.fill(
            made.ref, b.baseAddress ?? zero, n, exponent: d.exponent, negative: d.negative, kind: d.kind.rawValue)
        }
      }
      if r == nil { throw PyError() }
      return made
    }
    r = d.coefficient.limbs.withUnsafeBufferPointer { b in
      withUnsafePointer(to: UInt64(0)) { zero in
        DecimalType.make(
          b.baseAddress ?? zero, n, exponent: d.exponent, negative: d.negative, kind: d.kind.rawValue)
      }
    }
    return try owned(r)
  }
  /// The number as a value of the arithmetic.
  static func value(_ r: Ref) -> Decimal {
    let d = r.decimal
    var v = Decimal(
      Natural(UnsafePointer(limbs(r)), Int(d.pointee.count)), exponent: d.pointee.exponent,
      negative: d.pointee.negative)
    v.kind = Decimal.Kind(rawValue: d.pointee.kind) ?? .finite
    return v
  }
}
