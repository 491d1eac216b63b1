// find, count, replace, startswith as functions on str objects.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// Clips slice bounds to a length, as indices of a slice.
@inline(__always) func clip(_ start: inout Int, _ end: inout Int, _ length: Int) {
  if end > length {
    end = length
  } else if end < 0 {
    end &+= length
    if end < 0 { end = 0 }
  }
  if start < 0 {
    start &+= length
    if start < 0 { start = 0 }
  }
}

/// Position of `needle` in `text` between `start` and `end`, or -1.
func findPart(
  _ text: CharacterData, _ needle: CharacterData, _ start: Int, _ end: Int, forward: Bool
) -> Int {
  var from = start
  var to = end
  clip(&from, &to, text.count)
  if to &- from < needle.count { return -1 }
  let part = text.slice(from, to)
  let hit = forward ? part.find(needle) : part.findLast(needle)
  return hit < 0 ? -1 : hit &+ from
}

/// Number of `needle`s in `text` between `start` and `end`.
func countPart(_ text: CharacterData, _ needle: CharacterData, _ start: Int, _ end: Int) -> Int {
  var from = start
  var to = end
  clip(&from, &to, text.count)
  if to &- from < needle.count { return 0 }
  return text.slice(from, to).count(of: needle)
}

/// Whether `part` stands at the start (or the end) of `text` between `start` and `end`.
func tailMatches(
  _ text: CharacterData, _ part: CharacterData, _ start: Int, _ end: Int, atStart: Bool
) -> Bool {
  var from = start
  var to = end
  clip(&from, &to, text.count)
  if to &- from < part.count { return false }
  return text.matches(part, at: atStart ? from : to &- part.count)
}

@c @implementation
public func PyUnicode_Find(_ s: Ref!, _ sub: Ref!, _ start: Int, _ end: Int, _ direction: Int32) -> Int {
  guard s.isUnicode, sub.isUnicode else {
    return Int(
      bridgeInt { () throws(PyError) in
        throw typeError("must be str, not \(typeName(of: s.isUnicode ? sub : s))")
      }) &- 1
  }
  return findPart(s.chars, sub.chars, start, end, forward: direction > 0)
}

@c @implementation
public func PyUnicode_FindChar(_ s: Ref!, _ c: UInt32, _ start: Int, _ end: Int, _ direction: Int32) -> Int {
  if end < 0 || start < 0 {
    PyErr_SetString(Exc.IndexError.object, "string index out of range")
    return -2
  }
  let to = min(end, s.strLength)
  if to &- start < 1 { return -1 }
  let part = s.chars.slice(start, to)
  let hit = direction > 0 ? part.find(character: c) : part.findLast(character: c)
  return hit < 0 ? -1 : hit &+ start
}

@c @implementation
public func PyUnicode_Count(_ s: Ref!, _ sub: Ref!, _ start: Int, _ end: Int) -> Int {
  guard s.isUnicode, sub.isUnicode else {
    return bridgeSize { () throws(PyError) in
      throw typeError("must be str, not \(typeName(of: s.isUnicode ? sub : s))")
    }
  }
  return countPart(s.chars, sub.chars, start, end)
}

@c @implementation public func PyUnicode_Contains(_ s: Ref!, _ sub: Ref!) -> Int32 {
  bridgeBool { () throws(PyError) in
    if !sub.isUnicode {
      throw typeError("'in <string>' requires string as left operand, not \(typeName(of: sub))")
    }
    try requireString(s)
    return s.chars.find(sub.chars) >= 0
  }
}

@c @implementation
public func PyUnicode_Tailmatch(_ s: Ref!, _ sub: Ref!, _ start: Int, _ end: Int, _ direction: Int32) -> Int {
  bridgeSize { () throws(PyError) in
    try requireString(s)
    try requireString(sub)
    return tailMatches(s.chars, sub.chars, start, end, atStart: direction <= 0) ? 1 : 0
  }
}

@c @implementation
public func PyUnicode_Replace(_ s: Ref!, _ old: Ref!, _ new: Ref!, _ limit: Int) -> Ref? {
  bridge { () throws(PyError) in
    try requireString(s)
    try requireString(old)
    try requireString(new)
    return try replaced(s, old, new, limit)
  }
}

/// str.replace of one character by one that is not wider, in a str of bytes.
private func replacedCharacter(_ s: Ref, _ old: UInt32, _ new: UInt32) throws(PyError) -> Owned {
  let text = s.chars
  let from = text.base.assumingMemoryBound(to: UInt8.self)
  guard old < 256, memchr(from, Int32(old), text.count) != nil else { return try owned(unchanged(s)) }
  if text.count == 1 { return try owned(newCharacter(new)) }
  let result = try owned(allocateString(text.count, s.strMaxChar))
  let to = result.ref.strData.assumingMemoryBound(to: UInt8.self)
  let (x, y) = (UInt8(truncatingIfNeeded: old), UInt8(truncatingIfNeeded: new))
  for i in 0..<text.count {
    let c = from[i]
    to[i] = c == x ? y : c
  }
  // The only characters above ASCII may be gone.
  return result.ref.strMaxChar > 127 ? try owned(newString(result.ref.chars)) : result
}

/// str.replace; a negative limit is none.
func replaced(_ s: Ref, _ old: Ref, _ new: Ref, _ limit: Int) throws(PyError) -> Owned {
  let text = s.chars
  let needle = old.chars
  let most = limit < 0 ? Int.max : limit
  if most == 0 || needle.count > text.count || old == new { return try owned(unchanged(s)) }
  let insert = new.chars
  if needle.count == 1, insert.count == 1, limit < 0, text.width == 1, new.strMaxChar <= s.strMaxChar {
    return try replacedCharacter(s, needle[0], insert[0])
  }
  let hits = text.count(of: needle, limit: most)
  if hits == 0 { return try owned(unchanged(s)) }
  let (growth, o1) = (insert.count &- needle.count).multipliedReportingOverflow(by: hits)
  let (total, o2) = text.count.addingReportingOverflow(growth)
  if o1 || o2 || total > Int.max / 8 { throw overflowError("replace string is too long") }
  if total == 0 { return Owned(taking: gila_empty_str()) }
  let result = try owned(allocateString(total, max(s.strMaxChar, insert.count > 0 ? new.strMaxChar : 127)))
  let width = result.ref.strKind
  var at = result.ref.strData
  @inline(__always) func put(_ data: CharacterData) {
    data.copy(to: at, targetWidth: width)
    at += data.count &* width
  }
  var position = 0
  if needle.count == 0 {
    // Before each character, then at the end.
    for i in 0..<hits {
      put(insert)
      if i < text.count { put(text.slice(i, i &+ 1)) }
    }
    position = min(hits, text.count)
  } else {
    for _ in 0..<hits {
      let hit = text.slice(position, text.count).find(needle)
      if hit < 0 { break }
      put(text.slice(position, position &+ hit))
      put(insert)
      position &+= hit &+ needle.count
    }
  }
  put(text.slice(position, text.count))
  // A wide character may have been replaced away.
  if result.ref.strMaxChar > 127 { return try owned(newString(result.ref.chars)) }
  if total == 1 { return try owned(newCharacter(result.ref.chars[0])) }
  return result
}
