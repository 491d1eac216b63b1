// The ASCII methods of bytes and bytearray: case, questions about characters, padding.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// Each byte mapped.
private func map(_ s: Ref, _ f: (Int, UInt8) -> UInt8) throws(PyError) -> Owned {
  let r = try makeUninitialized(s, s.size)
  if s.size == 0 { return r }
  let from = s.byteView
  let to = mutableBytes(r.ref)
  for i in 0..<from.count { to[i] = f(i, UInt8(truncatingIfNeeded: from[i])) }
  return r
}

/// True when there are bytes and all of them pass.
private func all(_ s: Ref?, _ test: (UInt8) -> Bool) -> Ref? {
  let text = s!.byteView
  for i in 0..<text.count where !test(UInt8(truncatingIfNeeded: text[i])) { return pyFalse }
  return pyBool(text.count > 0)
}

@inline(__always) private func isUpper(_ c: UInt8) -> Bool { c &- 65 < 26 }
@inline(__always) private func isLower(_ c: UInt8) -> Bool { c &- 97 < 26 }

private func oneCase(_ s: Ref, _ wanted: (UInt8) -> Bool, _ other: (UInt8) -> Bool) -> Ref? {
  let text = s.byteView
  var found = false
  for i in 0..<text.count {
    let c = UInt8(truncatingIfNeeded: text[i])
    if other(c) { return pyFalse }
    if wanted(c) { found = true }
  }
  return pyBool(found)
}

/// Pads on both sides with a byte.
private func pad(_ s: Ref, _ left: Int, _ right: Int, _ fill: UInt8) throws(PyError) -> Owned {
  if left <= 0, right <= 0 { return try unchangedBytes(s) }
  let before = max(left, 0)
  let after = max(right, 0)
  if before > Int.max / 4 || after > Int.max / 4 { throw memoryError() }
  let r = try makeUninitialized(s, before &+ s.size &+ after)
  let p = mutableBytes(r.ref)
  memset(p, Int32(fill), before)
  memcpy(p + before, s.byteView.base, s.size)
  memset(p + before + s.size, Int32(fill), after)
  return r
}

private func padArguments(
  _ name: StaticString, _ s: Ref, _ a: ArgumentVector?, _ n: Int
) throws(PyError) -> (missing: Int, fill: UInt8) {
  try checkCount(name, n, 1, 2)
  let width = try integerArgument(a.unsafelyUnwrapped[0].unsafelyUnwrapped)
  var fill: UInt8 = 32
  if n > 1, let f = a.unsafelyUnwrapped[1] {
    guard f.isBytes || f.isByteArray, f.size == 1 else {
      throw typeError("\(name)() argument 2 must be a byte string of length 1, not \(argumentTypeName(f))")
    }
    fill = UInt8(truncatingIfNeeded: f.byteView[0])
  }
  return (width > s.size ? width &- s.size : 0, fill)
}

enum ByteCaseMethods {
  static func add(_ m: inout MethodTable) {
    m.noArguments(
      "capitalize", "",
      "B.capitalize() -> copy of B\n\nReturn a copy of B with only its first character capitalized (ASCII)\nand the rest lower-cased."
    ) { me, _ in
      bridge { () throws(PyError) in try map(me!) { $0 == 0 ? asciiUpper($1) : asciiLower($1) } }
    }
    m.noArguments(
      "lower", "", "B.lower() -> copy of B\n\nReturn a copy of B with all ASCII characters converted to lowercase."
    ) { me, _ in
      bridge { () throws(PyError) in try map(me!) { asciiLower($1) } }
    }
    m.noArguments(
      "upper", "", "B.upper() -> copy of B\n\nReturn a copy of B with all ASCII characters converted to uppercase."
    ) { me, _ in
      bridge { () throws(PyError) in try map(me!) { asciiUpper($1) } }
    }
    m.noArguments(
      "swapcase", "",
      "B.swapcase() -> copy of B\n\nReturn a copy of B with uppercase ASCII characters converted\nto lowercase ASCII and vice versa."
    ) { me, _ in
      bridge { () throws(PyError) in try map(me!) { isUpper($1) ? $1 &+ 32 : isLower($1) ? $1 &- 32 : $1 } }
    }
    m.noArguments(
      "title", "",
      "B.title() -> copy of B\n\nReturn a titlecased version of B, i.e. ASCII words start with uppercase\ncharacters, all remaining cased characters have lowercase."
    ) { me, _ in
      bridge { () throws(PyError) in
        var afterCased = false
        return try map(me!) { _, c in
          let mapped = afterCased ? asciiLower(c) : asciiUpper(c)
          afterCased = isASCIIAlpha(c)
          return mapped
        }
      }
    }
    m.noArguments(
      "isalnum", "",
      "B.isalnum() -> bool\n\nReturn True if all characters in B are alphanumeric\nand there is at least one character in B, False otherwise."
    ) { me, _ in
      all(me) { isASCIIAlpha($0) || isASCIIDigit($0) }
    }
    m.noArguments(
      "isalpha", "",
      "B.isalpha() -> bool\n\nReturn True if all characters in B are alphabetic\nand there is at least one character in B, False otherwise."
    ) { me, _ in
      all(me, isASCIIAlpha)
    }
    m.noArguments(
      "isascii", "",
      "B.isascii() -> bool\n\nReturn True if B is empty or all characters in B are ASCII,\nFalse otherwise."
    ) { me, _ in
      pyBool(me!.byteView.isASCII)
    }
    m.noArguments(
      "isdigit", "",
      "B.isdigit() -> bool\n\nReturn True if all characters in B are digits\nand there is at least one character in B, False otherwise."
    ) { me, _ in
      all(me, isASCIIDigit)
    }
    m.noArguments(
      "isspace", "",
      "B.isspace() -> bool\n\nReturn True if all characters in B are whitespace\nand there is at least one character in B, False otherwise."
    ) { me, _ in
      all(me) { isByteSpace(UInt32($0)) }
    }
    m.noArguments(
      "islower", "",
      "B.islower() -> bool\n\nReturn True if all cased characters in B are lowercase and there is\nat least one cased character in B, False otherwise."
    ) { me, _ in
      oneCase(me!, isLower, isUpper)
    }
    m.noArguments(
      "isupper", "",
      "B.isupper() -> bool\n\nReturn True if all cased characters in B are uppercase and there is\nat least one cased character in B, False otherwise."
    ) { me, _ in
      oneCase(me!, isUpper, isLower)
    }
    m.noArguments(
      "istitle", "",
      "B.istitle() -> bool\n\nReturn True if B is a titlecased string and there is at least one\ncharacter in B, i.e. uppercase characters may only follow uncased\ncharacters and lowercase characters only cased ones. Return False\notherwise."
    ) { me, _ in
      let text = me!.byteView
      var found = false
      var afterCased = false
      for i in 0..<text.count {
        let c = UInt8(truncatingIfNeeded: text[i])
        if isUpper(c) {
          if afterCased { return pyFalse }
          afterCased = true
          found = true
        } else if isLower(c) {
          if !afterCased { return pyFalse }
          found = true
        } else {
          afterCased = false
        }
      }
      return pyBool(found)
    }
    m.positional(
      "center", "($self, width, fillchar=b' ', /)",
      "Return a centered string of length width.\n\nPadding is done using the specified fill character."
    ) { me, a, n in
      bridge { () throws(PyError) in
        let (missing, fill) = try padArguments("center", me!, a, n)
        let left = missing / 2 &+ (missing & (missing &+ me!.size) & 1)
        return try pad(me!, left, missing &- left, fill)
      }
    }
    m.positional(
      "ljust", "($self, width, fillchar=b' ', /)",
      "Return a left-justified string of length width.\n\nPadding is done using the specified fill character."
    ) { me, a, n in
      bridge { () throws(PyError) in
        let (missing, fill) = try padArguments("ljust", me!, a, n)
        return try pad(me!, 0, missing, fill)
      }
    }
    m.positional(
      "rjust", "($self, width, fillchar=b' ', /)",
      "Return a right-justified string of length width.\n\nPadding is done using the specified fill character."
    ) { me, a, n in
      bridge { () throws(PyError) in
        let (missing, fill) = try padArguments("rjust", me!, a, n)
        return try pad(me!, missing, 0, fill)
      }
    }
    m.one(
      "zfill", "($self, width, /)",
      "Pad a numeric string with zeros on the left, to fill a field of the given width.\n\nThe original string is never truncated."
    ) { me, width in
      bridge { () throws(PyError) in
        let missing = try integerArgument(width!) &- me!.size
        if missing <= 0 { return try unchangedBytes(me!) }
        let r = try pad(me!, missing, 0, 48)
        let p = mutableBytes(r.ref)
        if me!.size > 0, p[missing] == 43 || p[missing] == 45 {
          p[0] = p[missing]
          p[missing] = 48
        }
        return r
      }
    }
  }
}
