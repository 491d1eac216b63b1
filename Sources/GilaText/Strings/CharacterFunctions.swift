// The C functions about single characters.

import CGila
import GilaAlgorithms
import GilaCore

@inline(__always) private func test(_ c: UInt32, _ flag: UnicodeFlags) -> Int32 {
  UnicodeRecord(c).flags.contains(flag) ? 1 : 0
}

@c @implementation public func _PyUnicode_IsLowercase(_ c: UInt32) -> Int32 { test(c, .lower) }
@c @implementation public func _PyUnicode_IsUppercase(_ c: UInt32) -> Int32 { test(c, .upper) }
@c @implementation public func _PyUnicode_IsTitlecase(_ c: UInt32) -> Int32 { test(c, .title) }
@c @implementation public func _PyUnicode_IsWhitespace(_ c: UInt32) -> Int32 { isUnicodeSpace(c) ? 1 : 0 }
@c @implementation public func _PyUnicode_ToLowercase(_ c: UInt32) -> UInt32 { UnicodeRecord(c).lower }
@c @implementation public func _PyUnicode_ToDecimalDigit(_ c: UInt32) -> Int32 { Int32(UnicodeRecord(c).decimal) }
@c @implementation public func _PyUnicode_ToDigit(_ c: UInt32) -> Int32 { Int32(UnicodeRecord(c).digit) }
@c @implementation public func _PyUnicode_ToNumeric(_ c: UInt32) -> Double { numericValue(c) ?? -1 }
@c @implementation public func _PyUnicode_IsDecimalDigit(_ c: UInt32) -> Int32 { test(c, .decimal) }
@c @implementation public func _PyUnicode_IsDigit(_ c: UInt32) -> Int32 { test(c, .digit) }
@c @implementation public func _PyUnicode_IsNumeric(_ c: UInt32) -> Int32 { test(c, .numeric) }
@c @implementation public func _PyUnicode_IsPrintable(_ c: UInt32) -> Int32 { isPrintableCharacter(c) ? 1 : 0 }
@c @implementation public func _PyUnicode_IsAlpha(_ c: UInt32) -> Int32 { test(c, .alpha) }

@c @implementation public func PyUnicode_IsIdentifier(_ s: Ref!) -> Int32 { s.chars.isIdentifier ? 1 : 0 }
@c @implementation public func PyUnicode_GetDefaultEncoding() -> UnsafePointer<CChar>? { cString("utf-8") }
