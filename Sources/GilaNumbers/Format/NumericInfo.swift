// sys.float_info and sys.int_info.

import CGila
import GilaCore

/// A struct sequence type of fields with values, made once and never freed.
private struct InfoType: @unchecked Sendable {
  let type: TypeRef
  let desc: UnsafeMutablePointer<PyStructSequence_Desc>

  init(_ name: StaticString, _ doc: StaticString, _ fields: [(StaticString, StaticString)]) {
    let table = UnsafeMutablePointer<PyStructSequence_Field>.allocate(capacity: fields.count + 1)
    for (i, f) in fields.enumerated() { table[i] = PyStructSequence_Field(name: cString(f.0), doc: cString(f.1)) }
    table[fields.count] = PyStructSequence_Field()
    desc = .allocate(capacity: 1)
    desc.initialize(
      to: PyStructSequence_Desc(
        name: cString(name), doc: cString(doc), fields: table, n_in_sequence: Int32(fields.count)))
    type = newStaticType()
  }

  /// An instance of given values (new references).
  func make(_ values: [Ref?]) -> Ref? {
    defer { for v in values { xdecref(v) } }
    if type.pointee.tp_flags & UInt(Py_TPFLAGS_READY) == 0 && PyStructSequence_InitType2(type, desc) < 0 { return nil }
    guard let r = PyStructSequence_New(type) else { return nil }
    for (i, v) in values.enumerated() {
      guard let v else {
        decref(r)
        return nil
      }
      PyStructSequence_SetItem(r, i, newRef(v))
    }
    return r
  }
}

private let floatInfo = InfoType(
  "sys.float_info",
  "sys.float_info\n\nA named tuple holding information about the float type. It contains low level\ninformation about the precision and internal representation. Please study\nyour system's :file:`float.h` for more information.",
  [
    ("max", "DBL_MAX -- maximum representable finite float"),
    ("max_exp", "DBL_MAX_EXP -- maximum int e such that radix**(e-1) is representable"),
    ("max_10_exp", "DBL_MAX_10_EXP -- maximum int e such that 10**e is representable"),
    ("min", "DBL_MIN -- Minimum positive normalized float"),
    ("min_exp", "DBL_MIN_EXP -- minimum int e such that radix**(e-1) is a normalized float"),
    ("min_10_exp", "DBL_MIN_10_EXP -- minimum int e such that 10**e is a normalized float"),
    ("dig", "DBL_DIG -- maximum number of decimal digits that can be faithfully represented in a float"),
    ("mant_dig", "DBL_MANT_DIG -- mantissa digits"),
    ("epsilon", "DBL_EPSILON -- Difference between 1 and the next representable float"),
    ("radix", "FLT_RADIX -- radix of exponent"),
    ("rounds", "FLT_ROUNDS -- rounding mode used for arithmetic operations"),
  ])

private let intInfo = InfoType(
  "sys.int_info",
  "sys.int_info\n\nA named tuple that holds information about Python's\ninternal representation of integers.  The attributes are read only.",
  [
    ("bits_per_digit", "size of a digit in bits"),
    ("sizeof_digit", "size in bytes of the C type used to represent a digit"),
    ("default_max_str_digits", "maximum string conversion digits limitation"),
    ("str_digits_check_threshold", "minimum positive value for int_max_str_digits"),
  ])

@c @implementation public func PyFloat_GetInfo() -> Ref? {
  func i(_ v: Int) -> Ref? { newInt(v) }
  return floatInfo.make([
    newFloat(.greatestFiniteMagnitude), i(1024), i(308), newFloat(.leastNormalMagnitude), i(-1021), i(-307), i(15),
    i(53),
    newFloat(.ulpOfOne), i(2), i(1),
  ])
}

@c @implementation public func PyLong_GetInfo() -> Ref? {
  intInfo.make([newInt(30), newInt(4), newInt(4300), newInt(640)])
}
