// format(str, spec)

import CGila
import GilaAlgorithms
import GilaCore

/// How CPython shows a character in these messages.
func messageCharacter(_ c: UInt32) -> String {
  c > 32 && c < 128 ? String(Character(Unicode.Scalar(UInt8(c)))) : "\\x" + String(c, radix: 16)
}

/// Sets the ValueError that a faulty format specification stands for.
func raise(_ failure: FormatSpec.Failure, _ spec: Ref, typeName: String) -> PyError {
  switch failure {
  case .tooManyDigits: valueError("Too many decimal digits in format string")
  case .missingPrecision: valueError("Format specifier missing precision")
  case .bothSeparators: valueError("Cannot specify both ',' and '_'.")
  case .invalid: valueError("Invalid format specifier '\(swiftString(spec))' for object of type '\(typeName)'")
  case .separatorWithType(let separator, let type):
    valueError("Cannot specify '\(messageCharacter(UInt32(separator)))' with '\(messageCharacter(type))'.")
  }
}

private func format(_ s: Ref, _ specText: Ref) throws(PyError) -> Owned {
  if specText.strLength == 0 {
    return s.isExactly(Types.unicode) ? Owned(retaining: s) : try owned(PyObject_Str(s))
  }
  let spec: FormatSpec
  do throws(FormatSpec.Failure) {
    let text = specText.chars
    spec = try FormatSpec(
      parsing: text.base, kind: text.width, count: text.count, defaultType: 0x73, defaultAlign: UInt8(ascii: "<"))
  } catch { throw raise(error, specText, typeName: typeName(of: s)) }
  if spec.type != 0x73 {
    throw valueError("Unknown format code '\(messageCharacter(spec.type))' for object of type '\(typeName(of: s))'")
  }
  if spec.sign != 0 {
    throw valueError("\(spec.sign == 32 ? "Space" : "Sign") not allowed in string format specifier")
  }
  if spec.noNegativeZero {
    throw valueError("Negative zero coercion (z) not allowed in string format specifier")
  }
  if spec.alternate { throw valueError("Alternate form (#) not allowed in string format specifier") }
  if spec.align == UInt8(ascii: "=") { throw valueError("'=' alignment not allowed in string format specifier") }
  var text = s.chars
  if spec.precision >= 0, spec.precision < text.count { text = text.slice(0, spec.precision) }
  let missing = max(0, spec.width &- text.count)
  let left = spec.align == UInt8(ascii: ">") ? missing : spec.align == UInt8(ascii: "^") ? missing / 2 : 0
  if missing == 0, text.count == s.strLength { return try owned(unchanged(s)) }
  if missing > Int.max / 8 { throw memoryError() }
  var writer = StringWriter(minimum: text.count &+ missing)
  try writer.fill(spec.fill, left)
  try writer.append(text)
  try writer.fill(spec.fill, missing &- left)
  return try writer.finish()
}

@c @implementation public func gila_unicode_format_spec(_ s: Ref!, _ spec: Ref!) -> Ref? {
  bridge { () throws(PyError) in try format(s, spec) }
}
