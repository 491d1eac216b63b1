// Struct format strings: parsing, and packing and unpacking of single items.

import CGila
import GilaCore

/// A run of equal items in a format.
struct StructCode {
  var format: UInt8
  /// Native, little end first, big end first.
  var order: Order
  /// Where the first item stands.
  var offset: Int
  /// Bytes of one item.
  var size: Int
  /// How many items; for s and p the one item's length is `size`.
  var count: Int

  enum Order: UInt8 { case native, little, big }

  var isBig: Bool { order == .big }
}

/// A parsed format.
struct StructLayout {
  var codes: [StructCode] = []
  var size = 0
  var items = 0
}

enum StructFormat {
  static func error(_ message: String) -> PyError {
    raise(ModuleSlot.get(ModuleSlot.structError).asType, message)
  }

  /// Size and alignment of an item; nil for an unknown character.
  private static func measure(_ c: UInt8, native: Bool) -> (size: Int, alignment: Int)? {
    let n: Int
    switch c {
    case UInt8(ascii: "x"), UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "s"),
      UInt8(ascii: "p"),
      UInt8(ascii: "c"), UInt8(ascii: "?"):
      n = 1
    case UInt8(ascii: "h"), UInt8(ascii: "H"), UInt8(ascii: "e"): n = 2
    case UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "f"): n = 4
    case UInt8(ascii: "l"), UInt8(ascii: "L"): n = native ? 8 : 4
    case UInt8(ascii: "q"), UInt8(ascii: "Q"), UInt8(ascii: "d"): n = 8
    case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "P"):
      if !native { return nil }
      n = 8
    default: return nil
    }
    return (n, native ? n : 1)
  }

  static func parse(_ text: UnsafeBufferPointer<UInt8>) throws(PyError) -> StructLayout {
    var layout = StructLayout()
    var i = 0
    var order = StructCode.Order.native
    var aligned = true
    if let first = text.first {
      i = 1
      switch first {
      case UInt8(ascii: "@"): break
      case UInt8(ascii: "="), UInt8(ascii: "<"): (order, aligned) = (.little, false)
      case UInt8(ascii: ">"), UInt8(ascii: "!"): (order, aligned) = (.big, false)
      default: i = 0
      }
    }
    func tooLong() -> PyError { error("total struct size too long") }
    if text.contains(0) { throw error("embedded null character") }
    while i < text.count {
      var c = text[i]
      i += 1
      if c == 32 || (c >= 9 && c <= 13) { continue }
      var count = 1
      if c >= 48 && c <= 57 {
        count = Int(c) - 48
        while true {
          if i == text.count { throw error("repeat count given without format specifier") }
          c = text[i]
          i += 1
          if c < 48 || c > 57 { break }
          let (tens, o1) = count.multipliedReportingOverflow(by: 10)
          let (sum, o2) = tens.addingReportingOverflow(Int(c) - 48)
          if o1 || o2 { throw tooLong() }
          count = sum
        }
      }
      guard let (size, alignment) = measure(c, native: aligned) else {
        throw error("bad char in struct format")
      }
      // Items stand at multiples of their alignment.
      let start = layout.size
      let padded = (start &+ alignment &- 1) & ~(alignment &- 1)
      if padded < start { throw tooLong() }
      let (bytes, o1) = size.multipliedReportingOverflow(by: count)
      let (end, o2) = padded.addingReportingOverflow(bytes)
      if o1 || o2 { throw tooLong() }
      layout.size = end
      switch c {
      case UInt8(ascii: "x"): break
      case UInt8(ascii: "s"), UInt8(ascii: "p"):
        layout.codes.append(
          StructCode(format: c, order: order, offset: padded, size: count, count: 1))
        layout.items += 1
      default:
        if count > 0 {
          layout.codes.append(
            StructCode(format: c, order: order, offset: padded, size: size, count: count))
          layout.items += count
        }
      }
    }
    return layout
  }

  // MARK: packing

  /// An int for an item; struct.error for anything else (new reference).
  private static func integer(_ v: Ref) throws(PyError) -> Owned {
    if v.isLong { return Owned(retaining: v) }
    guard let n = v.type.pointee.tp_as_number, n.pointee.nb_index != nil else {
      throw error("required argument is not an integer")
    }
    return try owned(_PyNumber_Index(v))
  }

  /// The value of an int of at most one digit.
  /// The value of an int of one digit.
  @inline(__always) static func smallValue(_ v: Ref) -> Int? {
    let tag = v.raw.load(fromByteOffset: 16, as: UInt.self)
    if tag >= 2 << 3 { return nil }
    let digit = Int(v.raw.load(fromByteOffset: 24, as: UInt32.self))
    return tag & 3 == 2 ? 0 &- digit : tag & 3 == 1 ? 0 : digit
  }
  @inline(__always) private static func fits(_ x: Int, _ size: Int) -> Bool {
    let half = 1 << (size &* 8 &- 1)
    return x >= 0 &- half && x < half
  }

  private static func rangeError(_ code: StructCode, signed: Bool) -> PyError {
    let c = Character(Unicode.Scalar(code.format))
    let bits = code.size * 8
    if signed {
      let most = Int(truncatingIfNeeded: UInt64.max >> UInt64(65 - bits))
      return error("'\(c)' format requires \(-most - 1) <= number <= \(most)")
    }
    return error("'\(c)' format requires 0 <= number <= \(UInt64.max >> UInt64(64 - bits))")
  }

  @inline(__always)
  private static func store(_ bits: UInt64, _ code: StructCode, _ out: UnsafeMutablePointer<UInt8>) {
    let p = UnsafeMutableRawPointer(out)
    switch code.size {
    case 1: out[0] = UInt8(truncatingIfNeeded: bits)
    case 2:
      let v = UInt16(truncatingIfNeeded: bits)
      p.storeBytes(of: code.isBig ? v.bigEndian : v, as: UInt16.self)
    case 4:
      let v = UInt32(truncatingIfNeeded: bits)
      p.storeBytes(of: code.isBig ? v.bigEndian : v, as: UInt32.self)
    default: p.storeBytes(of: code.isBig ? bits.bigEndian : bits, as: UInt64.self)
    }
  }

  /// Writes one item; the memory is zero before.
  static func pack(_ code: StructCode, _ v: Ref, _ out: UnsafeMutablePointer<UInt8>) throws(PyError) {
    switch code.format {
    case UInt8(ascii: "b"), UInt8(ascii: "h"), UInt8(ascii: "i"), UInt8(ascii: "l"),
      UInt8(ascii: "q"),
      UInt8(ascii: "n"):
      // Small ints without asking: their one digit is the value.
      if v.isExactly(Types.long), let x = smallValue(v), code.size >= 4 || fits(x, code.size) {
        store(UInt64(bitPattern: Int64(x)), code, out)
        return
      }
      let n = try integer(v)
      var overflow: Int32 = 0
      let x = PyLong_AsLongAndOverflow(n.ref, &overflow)
      let bits = Int64(code.size * 8)
      if overflow != 0 || (bits < 64 && (x >= 1 << (bits - 1) || x < -(1 << (bits - 1)))) {
        throw rangeError(code, signed: true)
      }
      store(UInt64(bitPattern: Int64(x)), code, out)
    case UInt8(ascii: "B"), UInt8(ascii: "H"), UInt8(ascii: "I"), UInt8(ascii: "L"),
      UInt8(ascii: "Q"),
      UInt8(ascii: "N"):
      if v.isExactly(Types.long), let x = smallValue(v), x >= 0,
        code.size >= 4 || x >> (code.size &* 8) == 0
      {
        store(UInt64(bitPattern: Int64(x)), code, out)
        return
      }
      let n = try integer(v)
      if _PyLong_Sign(n.ref) < 0 { throw rangeError(code, signed: false) }
      let x = UInt64(PyLong_AsUnsignedLongLong(n.ref))
      if x == .max && errorIsSet {
        PyErr_Clear()
        throw rangeError(code, signed: false)
      }
      if code.size < 8 && x >> UInt64(code.size * 8) != 0 { throw rangeError(code, signed: false) }
      store(x, code, out)
    case UInt8(ascii: "P"):
      let n = try integer(v)
      let p = PyLong_AsVoidPtr(n.ref)
      if p == nil && errorIsSet {
        if PyErr_ExceptionMatches(Exc.OverflowError.object) != 0 {
          throw error("int too large to convert")
        }
        throw PyError()
      }
      store(UInt64(UInt(bitPattern: p)), code, out)
    case UInt8(ascii: "?"):
      out[0] = try truth(v) ? 1 : 0
    case UInt8(ascii: "c"):
      guard v.isBytes, v.size == 1 else {
        throw error("char format requires a bytes object of length 1")
      }
      out[0] = (v.raw + 32).load(as: UInt8.self)
    case UInt8(ascii: "e"), UInt8(ascii: "f"), UInt8(ascii: "d"):
      try packFloat(code, v, out)
    default:
      try packText(code, v, out)
    }
  }

  private static func packFloat(_ code: StructCode, _ v: Ref, _ out: UnsafeMutablePointer<UInt8>)
    throws(PyError)
  {
    let x = PyFloat_AsDouble(v)
    if x == -1 && errorIsSet { throw error("required argument is not a float") }
    let p = UnsafeMutableRawPointer(out).assumingMemoryBound(to: CChar.self)
    let little: Int32 = code.isBig ? 0 : 1
    let status: Int32
    switch code.format {
    case UInt8(ascii: "d"): status = PyFloat_Pack8(x, p, little)
    case UInt8(ascii: "f"):
      if code.order == .native {
        store(UInt64(Float(x).bitPattern), code, out)
        return
      }
      status = PyFloat_Pack4(x, p, little)
    default: status = PyFloat_Pack2(x, p, little)
    }
    if status < 0 {
      if v.isLong && PyErr_ExceptionMatches(Exc.OverflowError.object) != 0 {
        throw error("int too large to convert")
      }
      throw PyError()
    }
  }

  /// s: bytes, cut or padded; p: the same after a length byte.
  private static func packText(_ code: StructCode, _ v: Ref, _ out: UnsafeMutablePointer<UInt8>)
    throws(PyError)
  {
    let bytes: UnsafePointer<UInt8>
    if v.isBytes {
      bytes = UnsafePointer((v.raw + 32).assumingMemoryBound(to: UInt8.self))
    } else if v.isInstance(of: Types.byteArray), let p = PyByteArray_AsString(v) {
      bytes = UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self)
    } else {
      throw error("argument for '\(Character(Unicode.Scalar(code.format)))' must be a bytes object")
    }
    var n = v.size
    if code.format == UInt8(ascii: "s") {
      n = min(n, code.size)
      if n > 0 { out.update(from: bytes, count: n) }
      return
    }
    if code.size == 0 { return }
    n = min(n, code.size - 1)
    if n > 0 { (out + 1).update(from: bytes, count: n) }
    out[0] = UInt8(min(n, 255))
  }

  // MARK: unpacking

  static func unpack(_ code: StructCode, _ p: UnsafePointer<UInt8>) -> Ref? {
    @inline(__always) func bits() -> UInt64 {
      let p = UnsafeRawPointer(p)
      switch code.size {
      case 1: return UInt64(p.load(as: UInt8.self))
      case 2:
        let v = p.loadUnaligned(as: UInt16.self)
        return UInt64(code.isBig ? v.bigEndian : v)
      case 4:
        let v = p.loadUnaligned(as: UInt32.self)
        return UInt64(code.isBig ? v.bigEndian : v)
      default:
        let v = p.loadUnaligned(as: UInt64.self)
        return code.isBig ? v.bigEndian : v
      }
    }
    let chars = UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self)
    switch code.format {
    case UInt8(ascii: "b"), UInt8(ascii: "h"), UInt8(ascii: "i"), UInt8(ascii: "l"),
      UInt8(ascii: "q"),
      UInt8(ascii: "n"):
      let shift = UInt64(64 - code.size * 8)
      return PyLong_FromLong(
        Int(Int64(bitPattern: bits() &<< shift) &>> Int64(truncatingIfNeeded: shift)))
    case UInt8(ascii: "B"), UInt8(ascii: "H"), UInt8(ascii: "I"), UInt8(ascii: "L"),
      UInt8(ascii: "Q"),
      UInt8(ascii: "N"):
      return PyLong_FromUnsignedLongLong(bits())
    case UInt8(ascii: "P"):
      return PyLong_FromVoidPtr(UnsafeMutableRawPointer(bitPattern: UInt(bits())))
    case UInt8(ascii: "?"): return pyBool(p[0] != 0)
    case UInt8(ascii: "c"): return PyBytes_FromStringAndSize(chars, 1)
    case UInt8(ascii: "e"): return PyFloat_FromDouble(PyFloat_Unpack2(chars, code.isBig ? 0 : 1))
    case UInt8(ascii: "f"): return PyFloat_FromDouble(PyFloat_Unpack4(chars, code.isBig ? 0 : 1))
    case UInt8(ascii: "d"): return PyFloat_FromDouble(Double(bitPattern: bits()))
    case UInt8(ascii: "s"): return PyBytes_FromStringAndSize(chars, code.size)
    default:
      if code.size == 0 { return PyBytes_FromStringAndSize(nil, 0) }
      return PyBytes_FromStringAndSize(chars + 1, min(Int(p[0]), code.size - 1))
    }
  }
}
