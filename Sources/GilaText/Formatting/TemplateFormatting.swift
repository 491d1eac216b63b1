// str.format and str.format_map: filling a template with values.

import CGila
import GilaAlgorithms
import GilaCore

/// Whether fields are numbered by the template or by themselves; mixing is an error.
private struct AutoNumber {
  enum State { case undecided, automatic, manual }
  var state = State.undecided
  var next = 0
}

/// The values: a tuple (nil for format_map) and a mapping (nil without keywords).
private struct Values {
  let arguments: Ref?
  let keywords: Ref?
}

/// Fills the template `s`.
func formatTemplate(_ s: Ref, _ arguments: Ref?, _ keywords: Ref?) throws(PyError) -> Owned {
  var number = AutoNumber()
  return try build(s, Part(start: 0, end: s.strLength), Values(arguments: arguments, keywords: keywords), 2, &number)
}

private func build(
  _ s: Ref, _ part: Part, _ values: Values, _ depth: Int, _ number: inout AutoNumber
) throws(PyError) -> Owned {
  if depth <= 0 { throw valueError("Max string recursion exceeded") }
  let text = s.chars
  let isASCII = s.strIsASCII
  var writer = StringWriter(minimum: part.end &- part.start &+ 100)
  var parser = TemplateParser(text: text, position: part.start, end: part.end)
  while let item = try parser.next() {
    if !item.literal.isEmpty {
      let literal = text.slice(item.literal.start, item.literal.end)
      if isASCII { try writer.append(literal, most: 127) } else { try writer.append(literal) }
    }
    if item.hasField { try writeField(s, item, values, depth, &number, &writer) }
  }
  return try writer.finish()
}

private func writeField(
  _ s: Ref, _ item: TemplateItem, _ values: Values, _ depth: Int, _ number: inout AutoNumber,
  _ writer: inout StringWriter
) throws(PyError) {
  var value = try fieldValue(s, item.name, values, &number)
  switch item.conversion {
  case 0: break
  case 0x72: value = try owned(PyObject_Repr(value.ref))
  case 0x73: value = try owned(PyObject_Str(value.ref))
  case 0x61: value = try owned(PyObject_ASCII(value.ref))
  default: throw valueError("Unknown conversion specifier \(messageCharacter(item.conversion))")
  }
  let spec: Owned
  if item.specHasFields {
    spec = try build(s, item.spec, values, depth &- 1, &number)
  } else if item.spec.isEmpty {
    if value.ref.isExactly(Types.unicode) { return try writer.append(value.ref) }
    if value.ref.isExactly(Types.long) || value.ref.isExactly(Types.float) {
      let text = try owned(PyObject_Str(value.ref))
      return try writer.append(text.ref)
    }
    spec = Owned(taking: gila_empty_str())
  } else {
    spec = try owned(substring(s, item.spec.start, item.spec.end))
  }
  let result: Owned
  if value.ref.isExactly(Types.long) {
    result = try owned(gila_long_format(value.ref, spec.ref))
  } else if value.ref.isExactly(Types.float) {
    result = try owned(gila_float_format(value.ref, spec.ref))
  } else {
    result = try owned(PyObject_Format(value.ref, spec.ref))
  }
  try writer.append(result.ref)
}

private func fieldValue(
  _ s: Ref, _ name: Part, _ values: Values, _ number: inout AutoNumber
) throws(PyError) -> Owned {
  let text = s.chars
  let first = FieldNameParser.firstPart(text, name)
  var index = try templateInteger(text, first)
  if first.isEmpty || index != nil {
    let wanted: AutoNumber.State = first.isEmpty ? .automatic : .manual
    if number.state == .undecided {
      number.state = wanted
    } else if number.state != wanted {
      throw valueError(
        number.state == .manual
          ? "cannot switch from manual field specification to automatic field numbering"
          : "cannot switch from automatic field numbering to manual field specification")
    }
    if first.isEmpty {
      index = number.next
      number.next &+= 1
    }
  }
  var value: Owned
  if let index {
    guard let arguments = values.arguments else { throw valueError("Format string contains positional fields") }
    guard index < arguments.size else {
      throw indexError("Replacement index \(index) out of range for positional args tuple")
    }
    value = Owned(retaining: PyTuple_GetItem(arguments, index).unsafelyUnwrapped)
  } else {
    let key = try owned(substring(s, first.start, first.end))
    guard let keywords = values.keywords else { throw keyError(key.ref) }
    if keywords.isExactly(Types.dict) {
      guard let found = PyDict_GetItemWithError(keywords, key.ref) else {
        if errorIsSet { throw PyError() }
        throw keyError(key.ref)
      }
      value = Owned(retaining: found)
    } else {
      value = try owned(PyObject_GetItem(keywords, key.ref))
    }
  }
  var steps = FieldNameParser(text: text, position: first.end, end: name.end)
  while let step = try steps.next() {
    if let index = step.index {
      if PySequence_Check(value.ref) != 0 {
        value = try owned(PySequence_GetItem(value.ref, index))
      } else {
        let key = try owned(PyLong_FromSsize_t(index))
        value = try owned(PyObject_GetItem(value.ref, key.ref))
      }
      continue
    }
    let key = try owned(substring(s, step.name.start, step.name.end))
    value = try owned(step.isAttribute ? PyObject_GetAttr(value.ref, key.ref) : PyObject_GetItem(value.ref, key.ref))
  }
  return value
}
