// str.translate and str.maketrans.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// str.translate: `table[code point]` is a code point, a str, or None for deletion; a LookupError keeps the character.
func translate(_ s: Ref, _ table: Ref) throws(PyError) -> Owned {
  let text = s.chars
  // For ASCII: the mapped character, 0xFF for not yet looked up, 0xFE for deleted.
  var cache: InlineArray<128, UInt8> = .init(repeating: 0xFF)
  var first = 0
  var writer = StringWriter(minimum: text.count)
  if s.strIsASCII {
    // ASCII that stays ASCII goes straight into a new str.
    let result = try owned(allocateString(text.count, 127))
    let to = result.ref.strData.assumingMemoryBound(to: UInt8.self)
    let from = text.base.assumingMemoryBound(to: UInt8.self)
    var n = 0
    while first < text.count {
      let c = from[first]
      var known = cache[unchecked: Int(c)]
      if known == 0xFF {
        guard let value = try asciiTranslation(c, table) else { break }
        known = value
        cache[unchecked: Int(c)] = known
      }
      if known != 0xFE {
        to[n] = known
        n &+= 1
      }
      first &+= 1
    }
    if first == text.count {
      if n == text.count, n > 1 { return result }
      if n < 2 { return try owned(newString(result.ref.chars.slice(0, n), maxChar: 127)) }
      // Cut where it is: a long text is not copied.
      var place: Ref? = result.take()
      guard PyUnicode_Resize(&place, n) == 0, let cut = place else {
        xdecref(place)
        throw PyError()
      }
      return Owned(taking: cut)
    }
    try writer.append(result.ref.chars.slice(0, n))
  }
  for i in first..<text.count {
    let c = text[i]
    if c < 128 {
      let known = cache[Int(c)]
      if known < 128 {
        try writer.append(UInt32(known))
        continue
      }
      if known == 0xFE { continue }
    }
    let key = try owned(PyLong_FromLong(Int(c)))
    guard let found = PyObject_GetItem(table, key.ref) else {
      guard PyErr_ExceptionMatches(Exc.LookupError.object) != 0 else { throw PyError() }
      PyErr_Clear()
      if c < 128 { cache[Int(c)] = UInt8(c) }
      try writer.append(c)
      continue
    }
    let value = Owned(taking: found)
    if value.ref.isNone {
      if c < 128 { cache[Int(c)] = 0xFE }
    } else if value.ref.isLong {
      let n = PyLong_AsLong(value.ref)
      if n == -1, errorIsSet { PyErr_Clear() }
      if n < 0 || n > 0x10FFFF {
        throw valueError("character mapping must be in range(0x110000)")
      }
      if c < 128, n < 128 { cache[Int(c)] = UInt8(n) }
      try writer.append(UInt32(n))
    } else if value.ref.isUnicode {
      if c < 128, value.ref.strLength == 1, value.ref.chars[0] < 128 { cache[Int(c)] = UInt8(value.ref.chars[0]) }
      try writer.append(value.ref.chars)
    } else {
      throw typeError("character mapping must return integer, None or str")
    }
  }
  return try writer.finish()
}

/// What a table makes of an ASCII character: an ASCII character, 0xFE for deletion, nil for anything else.
private func asciiTranslation(_ c: UInt8, _ table: Ref) throws(PyError) -> UInt8? {
  guard let found = PyObject_GetItem(table, gila_small_int(Int(c))) else {
    guard PyErr_ExceptionMatches(Exc.LookupError.object) != 0 else { throw PyError() }
    PyErr_Clear()
    return c
  }
  let value = Owned(taking: found)
  if value.ref.isNone { return 0xFE }
  if value.ref.isLong {
    let n = PyLong_AsLong(value.ref)
    if n == -1, errorIsSet { PyErr_Clear() }
    return n >= 0 && n < 128 ? UInt8(n) : nil
  }
  if value.ref.isUnicode, value.ref.strLength == 1, value.ref.chars[0] < 128 { return UInt8(value.ref.chars[0]) }
  return nil
}

@c @implementation
public func PyUnicode_Translate(_ s: Ref!, _ table: Ref!, _ errors: UnsafePointer<CChar>!) -> Ref? {
  bridge { () throws(PyError) in
    try requireString(s)
    return try translate(s, table)
  }
}

/// str.maketrans
func makeTranslation(_ x: Ref, _ y: Ref?, _ z: Ref?) throws(PyError) -> Owned {
  let result = try owned(PyDict_New())
  if let y {
    guard x.isUnicode else {
      throw typeError("first maketrans argument must be a string if there is a second argument")
    }
    if !y.isUnicode { throw badArgument("maketrans", 2, "str", y) }
    if x.strLength != y.strLength {
      throw valueError("the first two maketrans arguments must have equal length")
    }
    let from = x.chars
    let to = y.chars
    for i in 0..<from.count {
      let key = try owned(PyLong_FromLong(Int(from[i])))
      let value = try owned(PyLong_FromLong(Int(to[i])))
      try check(PyDict_SetItem(result.ref, key.ref, value.ref))
    }
    if let z {
      if !z.isUnicode { throw badArgument("maketrans", 3, "str", z) }
      let drop = z.chars
      for i in 0..<drop.count {
        let key = try owned(PyLong_FromLong(Int(drop[i])))
        try check(PyDict_SetItem(result.ref, key.ref, none))
      }
    }
    return result
  }
  guard x.isExactly(Types.dict) || x.isDict else {
    throw typeError("if you give only one argument to maketrans it must be a dict")
  }
  var position = 0
  var key: Ref? = nil
  var value: Ref? = nil
  while PyDict_Next(x, &position, &key, &value) != 0 {
    let k = key.unsafelyUnwrapped
    if k.isUnicode {
      if k.strLength != 1 { throw valueError("string keys in translate table must be of length 1") }
      let number = try owned(PyLong_FromLong(Int(k.chars[0])))
      try check(PyDict_SetItem(result.ref, number.ref, value))
    } else if k.isLong {
      try check(PyDict_SetItem(result.ref, k, value))
    } else {
      throw typeError("keys in translate table must be strings or integers")
    }
  }
  return result
}
