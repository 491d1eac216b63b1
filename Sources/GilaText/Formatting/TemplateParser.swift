// The markup of str.format: literal text, and fields in braces with name, conversion and specification.

import CGila
import GilaAlgorithms
import GilaCore

/// A range of characters of the template.
struct Part {
  var start: Int
  var end: Int
  var isEmpty: Bool { start >= end }
}

/// One step: literal text, then perhaps a field.
struct TemplateItem {
  var literal: Part
  var hasField = false
  var name = Part(start: 0, end: 0)
  var spec = Part(start: 0, end: 0)
  var conversion: UInt32 = 0
  var specHasFields = false
}

private let openBrace: UInt32 = 0x7B
private let closeBrace: UInt32 = 0x7D

/// Walks through a template.
struct TemplateParser {
  let text: CharacterData
  var position: Int
  let end: Int

  /// The next step, or nil at the end.
  mutating func next() throws(PyError) -> TemplateItem? {
    if position >= end { return nil }
    let start = position
    var c: UInt32 = 0
    var markup = false
    while position < end {
      c = text[position]
      position &+= 1
      if c == openBrace || c == closeBrace {
        markup = true
        break
      }
    }
    let atEnd = position >= end
    var length = position &- start
    if markup {
      if c == closeBrace, atEnd || text[position] != c {
        throw valueError("Single '}' encountered in format string")
      }
      if atEnd { throw valueError("Single '{' encountered in format string") }
      if text[position] == c {
        // A doubled brace: the first one is literal text.
        position &+= 1
        markup = false
      } else {
        length &-= 1
      }
    }
    var item = TemplateItem(literal: Part(start: start, end: start &+ length))
    if markup {
      item.hasField = true
      try parseField(&item)
    }
    return item
  }

  private mutating func parseField(_ item: inout TemplateItem) throws(PyError) {
    var c: UInt32 = 0
    item.name.start = position
    scan: while position < end {
      c = text[position]
      position &+= 1
      switch c {
      case openBrace: throw valueError("unexpected '{' in field name")
      case 0x5B:
        while position < end, text[position] != 0x5D { position &+= 1 }
      case closeBrace, 0x3A, 0x21: break scan
      default: break
      }
    }
    item.name.end = position &- 1
    if c == 0x21 {
      if position >= end { throw valueError("end of string while looking for conversion specifier") }
      item.conversion = text[position]
      position &+= 1
      if position < end {
        c = text[position]
        position &+= 1
        if c == closeBrace { return }
        if c != 0x3A { throw valueError("expected ':' after conversion specifier") }
      }
    } else if c != 0x3A {
      if c != closeBrace { throw valueError("expected '}' before end of string") }
      return
    }
    item.spec.start = position
    var depth = 1
    while position < end {
      c = text[position]
      position &+= 1
      if c == openBrace {
        item.specHasFields = true
        depth &+= 1
      } else if c == closeBrace {
        depth &-= 1
        if depth == 0 {
          item.spec.end = position &- 1
          return
        }
      }
    }
    throw valueError("unmatched '{' in format spec")
  }
}

/// The number that a part is: nil when it is none.
func templateInteger(_ text: CharacterData, _ part: Part) throws(PyError) -> Int? {
  if part.isEmpty { return nil }
  var value = 0
  for i in part.start..<part.end {
    let digit = UnicodeRecord(text[i]).decimal
    if digit < 0 { return nil }
    let (tens, o1) = value.multipliedReportingOverflow(by: 10)
    let (sum, o2) = tens.addingReportingOverflow(digit)
    if o1 || o2 { throw valueError("Too many decimal digits in format string") }
    value = sum
  }
  return value
}

/// One step into an object: an attribute, or an item by number or text.
struct FieldStep {
  let isAttribute: Bool
  let name: Part
  /// The item's number, when the text is one.
  let index: Int?
}

/// The steps of a field's name after its first part.
struct FieldNameParser {
  let text: CharacterData
  var position: Int
  let end: Int

  /// End of the first part of a name.
  static func firstPart(_ text: CharacterData, _ name: Part) -> Part {
    var i = name.start
    while i < name.end, text[i] != 0x2E, text[i] != 0x5B { i &+= 1 }
    return Part(start: name.start, end: i)
  }

  mutating func next() throws(PyError) -> FieldStep? {
    if position >= end { return nil }
    let c = text[position]
    position &+= 1
    var name = Part(start: position, end: position)
    var index: Int? = nil
    if c == 0x2E {
      while position < end, text[position] != 0x2E, text[position] != 0x5B { position &+= 1 }
      name.end = position
    } else if c == 0x5B {
      while position < end, text[position] != 0x5D { position &+= 1 }
      if position >= end { throw valueError("Missing ']' in format string") }
      name.end = position
      position &+= 1
      index = try templateInteger(text, name)
    } else {
      throw valueError("Only '.' or '[' may follow ']' in format field specifier")
    }
    if name.isEmpty { throw valueError("Empty attribute in format string") }
    return FieldStep(isAttribute: c == 0x2E, name: name, index: index)
  }
}
