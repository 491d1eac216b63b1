// What byref() and from_param() give: an argument that is no instance.

import CFFI
import CGila
import GilaCore
import Glibc

/// One argument ready for libffi.
struct CArgument {
  var ffi: UnsafeMutablePointer<ffi_type>
  /// The letter of the type, for people to read.
  var tag = UInt8(ascii: "P")
  var value: (UInt64, UInt64) = (0, 0)
  /// For values larger than two words: where they are.
  var memory: UnsafeMutableRawPointer?
  var kept: Ref?
}

final class CArgumentState: NativeState {
  let argument: CArgument
  init(_ a: CArgument) { argument = a }
  deinit { xdecref(argument.kept) }
  override func traverse(_ visit: visitproc, _ c: UnsafeMutableRawPointer?) -> Int32 {
    visiting(argument.kept, visit, c)
  }
}

enum CArguments {
  nonisolated(unsafe) static let type: TypeRef = {
    let t = Native.makeType("_ctypes.CArgObject", flags: Native.noInstantiation, collected: true)
    t.pointee.tp_repr = { r in bridge { () throws(PyError) in try string(CArguments.text(r!)) } }
    var g = GetSetTable()
    g.add(
      "_obj", "the wrapped object",
      get: { r, _ in newRef(Native.state(r!, CArgumentState.self).argument.kept ?? none) })
    t.pointee.tp_getset = g.build()
    return t
  }()

  private static func text(_ r: Ref) throws(PyError) -> String {
    let a = Native.state(r, CArgumentState.self).argument
    let letter = Character(Unicode.Scalar(a.tag))
    let bits = a.value.0
    switch a.tag {
    case UInt8(ascii: "b"), UInt8(ascii: "B"):
      return "<cparam '\(letter)' (\(Int8(truncatingIfNeeded: bits)))>"
    case UInt8(ascii: "h"), UInt8(ascii: "H"): return "<cparam '\(letter)' (\(Int16(truncatingIfNeeded: bits)))>"
    case UInt8(ascii: "i"), UInt8(ascii: "I"): return "<cparam '\(letter)' (\(Int32(truncatingIfNeeded: bits)))>"
    case UInt8(ascii: "l"), UInt8(ascii: "L"), UInt8(ascii: "q"), UInt8(ascii: "Q"):
      return "<cparam '\(letter)' (\(Int64(bitPattern: bits)))>"
    case UInt8(ascii: "f"), UInt8(ascii: "d"):
      let v =
        a.tag == UInt8(ascii: "d")
        ? Double(bitPattern: bits) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      let number = try owned(PyFloat_FromDouble(v))
      return "<cparam '\(letter)' (\(try reprText(number.ref)))>"
    case UInt8(ascii: "c"):
      let c = UInt8(truncatingIfNeeded: bits)
      if c >= 32, c < 127, c != 39, c != 92 { return "<cparam 'c' ('\(Character(Unicode.Scalar(c)))')>" }
      return "<cparam 'c' ('\\x\(c < 16 ? "0" : "")\(String(c, radix: 16))')>"
    case UInt8(ascii: "z"), UInt8(ascii: "Z"), UInt8(ascii: "P"):
      return "<cparam '\(letter)' (0x\(String(bits, radix: 16)))>"
    default: return "<cparam '\(letter)' at 0x\(String(UInt(bitPattern: r.raw), radix: 16))>"
    }
  }

  static func wrap(_ a: CArgument) throws(PyError) -> Owned {
    try Native.make(type, CArgumentState(a))
  }
}
