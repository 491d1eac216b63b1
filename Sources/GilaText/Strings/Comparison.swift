// Comparing str objects, with each other and with C text.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// Equality of two str objects.
@inline(__always) public func stringsEqual(_ a: Ref, _ b: Ref) -> Bool {
  if a == b { return true }
  let n = a.strLength
  if n != b.strLength || a.strKind != b.strKind { return false }
  let (x, y) = (a.strData, b.strData)
  // Most texts that differ do so at once; behind the last character there is a zero to look at.
  if x.load(as: UInt8.self) != y.load(as: UInt8.self) { return false }
  return memcmp(x, y, n &* a.strKind) == 0
}

@c @implementation public func _PyUnicode_Equal(_ a: Ref!, _ b: Ref!) -> Int32 { stringsEqual(a, b) ? 1 : 0 }

@c @implementation
public func _PyUnicode_EqualToASCIIString(_ a: Ref!, _ text: UnsafePointer<CChar>!) -> Int32 {
  guard a.strIsASCII else { return 0 }
  let n = strlen(text)
  return n == a.strLength && memcmp(a.strData, text, n) == 0 ? 1 : 0
}

@c @implementation public func PyUnicode_Compare(_ a: Ref!, _ b: Ref!) -> Int32 {
  guard a.isUnicode, b.isUnicode else {
    return bridgeInt { () throws(PyError) in
      throw typeError("Can't compare \(typeName(of: a)) and \(typeName(of: b))")
    }
  }
  return a == b ? 0 : Int32(truncatingIfNeeded: a.chars.compare(b.chars))
}

@c @implementation
public func PyUnicode_CompareWithASCIIString(_ a: Ref!, _ text: UnsafePointer<CChar>!) -> Int32 {
  Int32(truncatingIfNeeded: a.chars.compare(CharacterData(bytes: text, count: strlen(text))))
}

@c @implementation public func PyUnicode_EqualToUTF8(_ a: Ref!, _ text: UnsafePointer<CChar>!) -> Int32 {
  PyUnicode_EqualToUTF8AndSize(a, text, strlen(text))
}

@c @implementation
public func PyUnicode_EqualToUTF8AndSize(_ a: Ref!, _ text: UnsafePointer<CChar>!, _ n: Int) -> Int32 {
  guard let text else { return n == 0 && a.strLength == 0 ? 1 : 0 }
  if a.strIsASCII { return n == a.strLength && memcmp(a.strData, text, n) == 0 ? 1 : 0 }
  if let cache = a.strUTF8 { return n == a.strUTF8Length && memcmp(cache, text, n) == 0 ? 1 : 0 }
  let scan = UTF8Scan(bytePointer(text), n)
  guard scan.validBytes == n, scan.characters == a.strLength, a.chars.firstSurrogate() < 0 else { return 0 }
  guard let other = newValidUTF8(bytePointer(text), n) else {
    PyErr_Clear()
    return 0
  }
  defer { decref(other) }
  return stringsEqual(a, other) ? 1 : 0
}

/// The answer of a comparison operator to an order of -1, 0 or 1.
@inline(__always) func answer(_ order: Int, _ op: Int32) -> Bool {
  switch op {
  case Py_LT: order < 0
  case Py_LE: order <= 0
  case Py_EQ: order == 0
  case Py_NE: order != 0
  case Py_GT: order > 0
  default: order >= 0
  }
}

@c @implementation public func PyUnicode_RichCompare(_ a: Ref!, _ b: Ref!, _ op: Int32) -> Ref? {
  guard a.isUnicode, b.isUnicode else { return notImplemented }
  if op == Py_EQ || op == Py_NE { return pyBool(stringsEqual(a, b) == (op == Py_EQ)) }
  return pyBool(answer(a == b ? 0 : a.chars.compare(b.chars), op))
}
