// The methods of str that change case, ask about characters, and pad.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// An ASCII str mapped byte by byte.
private func mapASCII(_ s: Ref, _ f: (UInt8) -> UInt8) -> Ref? {
  let n = s.strLength
  if n == 1 { return gila_latin1(UInt32(f(s.strData.load(as: UInt8.self)))) }
  guard let r = allocateString(n, 127) else { return nil }
  if n == 0 { return r }
  let from = s.strData.assumingMemoryBound(to: UInt8.self)
  let to = r.strData.assumingMemoryBound(to: UInt8.self)
  for i in 0..<n { to[i] = f(from[i]) }
  return r
}

private func mapped(
  _ s: Ref, _ convert: (CharacterData, inout CodePointBuffer) -> Void
) throws(PyError) -> Owned {
  var output = CodePointBuffer()
  convert(s.chars, &output)
  return try owned(newString(output))
}

private func ask(_ s: Ref?, _ flags: UnicodeFlags) -> Ref? {
  let r = s.unsafelyUnwrapped
  return pyBool(r.chars.all(flags))
}

/// Pads on both sides.
func padded(_ s: Ref, _ left: Int, _ right: Int, _ fill: UInt32) throws(PyError) -> Owned {
  let before = max(left, 0)
  let after = max(right, 0)
  if before == 0, after == 0 { return try owned(unchanged(s)) }
  let n = s.strLength
  if before > Int.max / 4 &- n || after > Int.max / 4 &- n &- before {
    throw overflowError("padded string is too long")
  }
  let result = try owned(allocateString(before &+ n &+ after, max(s.strMaxChar, fill)))
  let data = result.ref.strData
  let kind = result.ref.strKind
  fillCharacters(data, kind, 0, before, fill)
  s.chars.copy(to: data + before &* kind, targetWidth: kind)
  fillCharacters(data, kind, before &+ n, after, fill)
  return result
}

private func padArguments(
  _ name: StaticString, _ s: Ref, _ a: ArgumentVector?, _ n: Int
) throws(PyError) -> (missing: Int, fill: UInt32) {
  try checkCount(name, n, 1, 2)
  let width = try integerArgument(a.unsafelyUnwrapped[0].unsafelyUnwrapped)
  let fill = n > 1 ? try fillArgument(a.unsafelyUnwrapped[1].unsafelyUnwrapped) : 32
  return (width > s.strLength ? width &- s.strLength : 0, fill)
}

private let expandTabsSignature = Signature("expandtabs", "(tabsize=8)")

enum StringCaseMethods {
  static func add(_ m: inout MethodTable) {
    m.noArguments(
      "capitalize", "($self, /)",
      "Return a capitalized version of the string.\n\nMore specifically, make the first character have upper case and the rest lower\ncase."
    ) { me, _ in
      bridge { () throws(PyError) in
        let s = me!
        if s.strLength == 0 { return try owned(unchanged(s)) }
        return try mapped(s) { $0.capitalized(&$1) }
      }
    }
    m.noArguments("casefold", "($self, /)", "Return a version of the string suitable for caseless comparisons.") {
      me, _ in
      let s = me!
      if s.strIsASCII { return mapASCII(s, asciiLower) }
      return bridge { () throws(PyError) in try mapped(s) { $0.caseFolded(&$1) } }
    }
    m.noArguments("lower", "($self, /)", "Return a copy of the string converted to lowercase.") { me, _ in
      let s = me!
      if s.strIsASCII { return mapASCII(s, asciiLower) }
      return bridge { () throws(PyError) in try mapped(s) { $0.lowercased(&$1) } }
    }
    m.noArguments("upper", "($self, /)", "Return a copy of the string converted to uppercase.") { me, _ in
      let s = me!
      if s.strIsASCII { return mapASCII(s, asciiUpper) }
      return bridge { () throws(PyError) in try mapped(s) { $0.uppercased(&$1) } }
    }
    m.noArguments(
      "swapcase", "($self, /)", "Convert uppercase characters to lowercase and lowercase characters to uppercase."
    ) { me, _ in
      bridge { () throws(PyError) in try mapped(me!) { $0.caseSwapped(&$1) } }
    }
    m.noArguments(
      "title", "($self, /)",
      "Return a version of the string where each word is titlecased.\n\nMore specifically, words start with uppercased characters and all remaining\ncased characters have lower case."
    ) { me, _ in
      bridge { () throws(PyError) in try mapped(me!) { $0.titlecased(&$1) } }
    }
    addQuestions(&m)
    addPadding(&m)
  }

  private static func addQuestions(_ m: inout MethodTable) {
    m.noArguments(
      "isalnum", "($self, /)",
      "Return True if the string is an alpha-numeric string, False otherwise.\n\nA string is alpha-numeric if all characters in the string are alpha-numeric and\nthere is at least one character in the string."
    ) { me, _ in
      ask(me, [.alpha, .decimal, .digit, .numeric])
    }
    m.noArguments(
      "isalpha", "($self, /)",
      "Return True if the string is an alphabetic string, False otherwise.\n\nA string is alphabetic if all characters in the string are alphabetic and there\nis at least one character in the string."
    ) { me, _ in ask(me, .alpha) }
    m.noArguments(
      "isascii", "($self, /)",
      "Return True if all characters in the string are ASCII, False otherwise.\n\nASCII characters have code points in the range U+0000-U+007F.\nEmpty string is ASCII too."
    ) { me, _ in
      pyBool(me!.strIsASCII)
    }
    m.noArguments(
      "isdecimal", "($self, /)",
      "Return True if the string is a decimal string, False otherwise.\n\nA string is a decimal string if all characters in the string are decimal and\nthere is at least one character in the string."
    ) { me, _ in ask(me, .decimal) }
    m.noArguments(
      "isdigit", "($self, /)",
      "Return True if the string is a digit string, False otherwise.\n\nA string is a digit string if all characters in the string are digits and there\nis at least one character in the string."
    ) { me, _ in ask(me, .digit) }
    m.noArguments(
      "isnumeric", "($self, /)",
      "Return True if the string is a numeric string, False otherwise.\n\nA string is numeric if all characters in the string are numeric and there is at\nleast one character in the string."
    ) { me, _ in ask(me, .numeric) }
    m.noArguments(
      "isidentifier", "($self, /)",
      "Return True if the string is a valid Python identifier, False otherwise.\n\nCall keyword.iskeyword(s) to test whether string s is a reserved identifier,\nsuch as \"def\" or \"class\"."
    ) { me, _ in
      pyBool(me!.chars.isIdentifier)
    }
    m.noArguments(
      "islower", "($self, /)",
      "Return True if the string is a lowercase string, False otherwise.\n\nA string is lowercase if all cased characters in the string are lowercase and\nthere is at least one cased character in the string."
    ) { me, _ in
      pyBool(me!.chars.isAllCase(upper: false))
    }
    m.noArguments(
      "isupper", "($self, /)",
      "Return True if the string is an uppercase string, False otherwise.\n\nA string is uppercase if all cased characters in the string are uppercase and\nthere is at least one cased character in the string."
    ) { me, _ in
      pyBool(me!.chars.isAllCase(upper: true))
    }
    m.noArguments(
      "isprintable", "($self, /)",
      "Return True if all characters in the string are printable, False otherwise.\n\nA character is printable if repr() may use it in its output."
    ) { me, _ in
      pyBool(me!.chars.isPrintable)
    }
    m.noArguments(
      "isspace", "($self, /)",
      "Return True if the string is a whitespace string, False otherwise.\n\nA string is whitespace if all characters in the string are whitespace and there\nis at least one character in the string."
    ) { me, _ in
      let text = me!.chars
      return pyBool(text.count > 0 && text.skipBlanks(.unicode) == text.count)
    }
    m.noArguments(
      "istitle", "($self, /)",
      "Return True if the string is a title-cased string, False otherwise.\n\nIn a title-cased string, upper- and title-case characters may only\nfollow uncased characters and lowercase characters only cased ones."
    ) { me, _ in
      pyBool(me!.chars.isTitle)
    }
  }

  private static func addPadding(_ m: inout MethodTable) {
    m.positional(
      "center", "($self, width, fillchar=' ', /)",
      "Return a centered string of length width.\n\nPadding is done using the specified fill character (default is a space)."
    ) { me, a, n in
      bridge { () throws(PyError) in
        let (missing, fill) = try padArguments("center", me!, a, n)
        // The odd one goes left when both length and width are odd.
        let left = missing / 2 &+ (missing & (missing &+ me!.strLength) & 1)
        return try padded(me!, left, missing &- left, fill)
      }
    }
    m.positional(
      "ljust", "($self, width, fillchar=' ', /)",
      "Return a left-justified string of length width.\n\nPadding is done using the specified fill character (default is a space)."
    ) { me, a, n in
      bridge { () throws(PyError) in
        let (missing, fill) = try padArguments("ljust", me!, a, n)
        return try padded(me!, 0, missing, fill)
      }
    }
    m.positional(
      "rjust", "($self, width, fillchar=' ', /)",
      "Return a right-justified string of length width.\n\nPadding is done using the specified fill character (default is a space)."
    ) { me, a, n in
      bridge { () throws(PyError) in
        let (missing, fill) = try padArguments("rjust", me!, a, n)
        return try padded(me!, missing, 0, fill)
      }
    }
    m.one(
      "zfill", "($self, width, /)",
      "Pad a numeric string with zeros on the left, to fill a field of the given width.\n\nThe string is never truncated."
    ) { me, width in
      bridge { () throws(PyError) in
        let s = me!
        let missing = try integerArgument(width!) &- s.strLength
        if missing <= 0 { return try owned(unchanged(s)) }
        let r = try padded(s, missing, 0, 48)
        let c = s.strLength > 0 ? s.chars[0] : 0
        if c == 43 || c == 45 {
          store(48, r.ref.strData, r.ref.strKind, missing)
          store(c, r.ref.strData, r.ref.strKind, 0)
        }
        return r
      }
    }
    m.keywords(
      "expandtabs", "($self, /, tabsize=8)",
      "Return a copy where all tab characters are expanded using spaces.\n\nIf tabsize is not given, a tab size of 8 characters is assumed."
    ) { me, a, n, names in
      bridge { () throws(PyError) in
        let b = try expandTabsSignature.bind(a, n, names)
        let size = b[0] == nil ? 8 : Int(try intArgument(b[0].unsafelyUnwrapped))
        let text = me!.chars
        if text.find(character: 9) < 0 { return try owned(unchanged(me!)) }
        var writer = StringWriter(minimum: text.count)
        var column = 0
        for i in 0..<text.count {
          let c = text[i]
          if c == 9 {
            if size > 0 {
              let blanks = size &- column % size
              column &+= blanks
              if writer.count > Int.max / 8 &- blanks { throw overflowError("new string is too long") }
              try writer.fill(32, blanks)
            }
          } else {
            column = c == 10 || c == 13 ? 0 : column &+ 1
            try writer.append(c)
          }
        }
        return try writer.finish()
      }
    }
  }
}
