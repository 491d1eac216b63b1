// int: the named methods.

import CGila
import GilaAlgorithms
import GilaCore

/// Methods of int.
enum IntMethods {
  static func table() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("conjugate", "($self, /)", "Returns self, the complex conjugate of any int.") { r, _ in exactInt(r!) }
    m.noArguments(
      "bit_length", "($self, /)",
      "Number of bits necessary to represent self in binary.\n\n>>> bin(37)\n'0b100101'\n>>> (37).bit_length()\n6"
    ) { r, _ in newInt(Digits.bitLength(r!.digits, r!.digitCount)) }
    m.noArguments(
      "bit_count", "($self, /)",
      "Number of ones in the binary representation of the absolute value of self.\n\nAlso known as the population count.\n\n>>> bin(13)\n'0b1101'\n>>> (13).bit_count()\n3"
    ) { r, _ in newInt(Digits.bitCount(r!.digits, r!.digitCount)) }
    m.keywords(
      "to_bytes", "($self, /, length=1, byteorder=\'big\', *, signed=False)",
      """
      Return an array of bytes representing an integer.

        length
          Length of bytes object to use.  An OverflowError is raised if the
          integer is not representable with the given number of bytes.  Default
          is length 1.
        byteorder
          The byte order used to represent the integer.  If byteorder is 'big',
          the most significant byte is at the beginning of the byte array.  If
          byteorder is 'little', the most significant byte is at the end of the
          byte array.  To request the native byte order of the host system, use
          `sys.byteorder' as the byte order value.  Default is to use 'big'.
        signed
          Determines whether two's complement is used to represent the integer.
          If signed is False and a negative integer is given, an OverflowError
          is raised.
      """
    ) { r, args, n, names in bridge { () throws(PyError) in try IntMethods.toBytes(r!, args, n, names) } }
    m.keywords(
      "from_bytes", "($type, /, bytes, byteorder=\'big\', *, signed=False)",
      """
      Return the integer represented by the given array of bytes.

        bytes
          Holds the array of bytes to convert.  The argument must either
          support the buffer protocol or be an iterable object producing bytes.
          Bytes and bytearray are examples of built-in objects that support the
          buffer protocol.
        byteorder
          The byte order used to represent the integer.  If byteorder is 'big',
          the most significant byte is at the beginning of the byte array.  If
          byteorder is 'little', the most significant byte is at the end of the
          byte array.  To request the native byte order of the host system, use
          `sys.byteorder' as the byte order value.  Default is to use 'big'.
        signed
          Indicates whether two's complement is used to represent the integer.
      """, flags: METH_CLASS
    ) { type, args, n, names in bridge { () throws(PyError) in try IntMethods.fromBytes(type!, args, n, names) } }
    m.noArguments(
      "as_integer_ratio", "($self, /)",
      "Return a pair of integers, whose ratio is equal to the original int.\n\nThe ratio is in lowest terms and has a positive denominator.\n\n>>> (10).as_integer_ratio()\n(10, 1)\n>>> (-10).as_integer_ratio()\n(-10, 1)\n>>> (0).as_integer_ratio()\n(0, 1)"
    ) { r, _ in
      guard let v = exactInt(r!) else { return nil }
      return IntArithmetic.pair(v, gila_small_int(1))
    }
    m.noArguments("__trunc__", "($self, /)", "Truncating an Integral returns itself.") { r, _ in exactInt(r!) }
    m.noArguments("__floor__", "($self, /)", "Flooring an Integral returns itself.") { r, _ in exactInt(r!) }
    m.noArguments("__ceil__", "($self, /)", "Ceiling of an Integral returns itself.") { r, _ in exactInt(r!) }
    m.positional(
      "__round__", "($self, ndigits=<unrepresentable>, /)",
      "Rounding an Integral returns itself.\n\nRounding with an ndigits argument also returns an integer."
    ) { r, args, n in bridge { () throws(PyError) in try IntMethods.round(r!, args, n) } }
    m.noArguments("__getnewargs__", "($self, /)") { r, _ in
      guard let v = exactInt(r!) else { return nil }
      guard let t = PyTuple_New(1) else {
        decref(v)
        return nil
      }
      (t.raw + 24).storeBytes(of: v, as: Ref.self)
      return t
    }
    m.one("__format__", "($self, format_spec, /)", "Convert to a string according to format_spec.") { r, spec in
      guard let spec, spec.isUnicode else { return IntMethods.badFormatArgument(spec!) }
      return gila_long_format(r, spec)
    }
    m.noArguments("__sizeof__", "($self, /)", "Returns size in memory, in bytes.") { r, _ in
      newInt(r!.type.pointee.tp_basicsize &+ max(r!.digitCount, 1) &* 4)
    }
    m.noArguments(
      "is_integer", "($self, /)",
      "Returns True. Exists for duck type compatibility with float.is_integer."
    ) { _, _ in pyTrue }
    return m.build()
  }

  private static let toBytesSignature = Signature("to_bytes", "(length=1, byteorder='big', *, signed=False)")
  private static let fromBytesSignature = Signature("from_bytes", "(bytes, byteorder='big', *, signed=False)")

  private static func isLittleEndian(_ order: Ref?) throws(PyError) -> Bool {
    guard let order else { return false }
    if !order.isUnicode {
      throw typeError("byteorder must be str, not \(typeName(of: order))")
    }
    if _PyUnicode_EqualToASCIIString(order, cString("little")) != 0 { return true }
    if _PyUnicode_EqualToASCIIString(order, cString("big")) != 0 { return false }
    throw valueError("byteorder must be either 'little' or 'big'")
  }

  private static func toBytes(_ r: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) -> Owned {
    let bound = try toBytesSignature.bind(args, n, names)
    var length = 1
    if let l = bound[0], l.isExactly(Types.long), l.digitCount <= 1, !l.isNegativeInt {
      length = l.digitCount == 0 ? 0 : Int(l.digits[0])
    } else if let l = bound[0] {
      let index = try owned(_PyNumber_Index(l))
      length = PyLong_AsSsize_t(index.ref)
      if length == -1 && errorIsSet { throw PyError() }
    }
    if let order = bound[1], !order.isUnicode {
      throw typeError("to_bytes() argument 'byteorder' must be str, not \(typeName(of: order))")
    }
    let signed = try bound[2].map { (s: Ref) throws(PyError) -> Bool in try truth(s) } ?? false
    let little = try isLittleEndian(bound[1])
    if length < 0 { throw valueError("length argument must be non-negative") }
    let bytes = try owned(PyBytes_FromStringAndSize(nil, length))
    let data = (bytes.ref.raw + 32).assumingMemoryBound(to: UInt8.self)
    let count = r.digitCount
    if count <= 2, length > 0, length <= 8, signed || !r.isNegativeInt {
      // Less than 2 ** 60 either way: one word holds it.
      let size = count == 0 ? 0 : Int(r.digits[0]) | (count == 2 ? Int(r.digits[1]) << 30 : 0)
      let value = r.isNegativeInt ? 0 &- size : size
      let room = length &* 8 &- (signed ? 1 : 0)
      if length == 8 || (value >> room == 0) || (signed && value >> room == -1) {
        let word = UInt64(bitPattern: Int64(value))
        if length == 8 {
          UnsafeMutableRawPointer(data).storeBytes(of: little ? word : word.byteSwapped, as: UInt64.self)
        } else {
          for i in 0..<length {
            data[little ? i : length &- 1 &- i] = UInt8(truncatingIfNeeded: word &>> UInt64(i &* 8))
          }
        }
        return bytes
      }
    }
    try check(
      _PyLong_AsByteArray(r.cast(PyLongObject.self), data, length, little ? 1 : 0, signed ? 1 : 0, 1))
    return bytes
  }

  private static func fromBytes(_ type: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) -> Owned
  {
    let bound = try fromBytesSignature.bind(args, n, names)
    if let order = bound[1], !order.isUnicode {
      throw typeError("from_bytes() argument 'byteorder' must be str, not \(typeName(of: order))")
    }
    let signed = try bound[2].map { (s: Ref) throws(PyError) -> Bool in try truth(s) } ?? false
    let little = try isLittleEndian(bound[1])
    let bytes = try owned(PyObject_Bytes(bound[0]!))
    let data = (bytes.ref.raw + 32).assumingMemoryBound(to: UInt8.self)
    if bytes.ref.size == 8, type.asType == Types.long {
      let word = UnsafeRawPointer(data).loadUnaligned(as: UInt64.self)
      let n = little ? word : word.byteSwapped
      return try owned(signed ? PyLong_FromLongLong(Int64(bitPattern: n)) : PyLong_FromUnsignedLongLong(n))
    }
    let value = try owned(_PyLong_FromByteArray(data, bytes.ref.size, little ? 1 : 0, signed ? 1 : 0))
    if type.asType == Types.long { return value }
    return try owned(PyObject_CallOneArg(type, value.ref))
  }

  private static func round(_ r: Ref, _ args: ArgumentVector?, _ n: Int) throws(PyError) -> Owned {
    try checkCount("__round__", n, 0, 1)
    if n == 0 { return try owned(exactInt(r)) }
    // round(r, -k) = r minus its remainder near multiples of 10 ** k.
    let places = try owned(_PyNumber_Index(args![0]!))
    if !places.ref.isNegativeInt { return try owned(exactInt(r)) }
    let k = try owned(IntArithmetic.negate(places.ref))
    let power = try owned(IntArithmetic.power(gila_small_int(10), k.ref, nil))
    guard let (quotient, remainder) = divideNear(r, power.ref) else { throw PyError() }
    decref(quotient)
    let rest = Owned(taking: remainder)
    return try owned(IntArithmetic.subtract(r, rest.ref))
  }

  /// TypeError for a format specification that is no str.
  static func badFormatArgument(_ spec: Ref) -> Ref? {
    _ = typeError("__format__() argument must be str, not \(typeName(of: spec))")
    return nil
  }
}
