// split, rsplit, splitlines, partition.

import CGila
import GilaAlgorithms
import GilaCore

/// Appends a part of a str to a list.
private func append(_ list: Ref, _ s: Ref, _ start: Int, _ end: Int) throws(PyError) {
  let part = try owned(substring(s, start, end))
  try check(PyList_Append(list, part.ref))
}

/// str.split; a nil separator is blanks, a negative limit is none.
func splitString(_ s: Ref, _ separator: Ref?, _ limit: Int) throws(PyError) -> Owned {
  let list = try owned(PyList_New(0))
  let text = s.chars
  var left = limit < 0 ? Int.max : limit
  guard let separator else {
    var i = text.skipBlanks(.unicode)
    while i < text.count, left > 0 {
      let end = text.findBlank(.unicode, from: i)
      try append(list.ref, s, i, end)
      i = text.skipBlanks(.unicode, from: end)
      left &-= 1
    }
    // The limit is used up: the rest as it is.
    if i < text.count { try append(list.ref, s, i, text.count) }
    return list
  }
  let needle = separator.chars
  if needle.count == 0 { throw valueError("empty separator") }
  var i = 0
  while left > 0 {
    let hit = text.slice(i, text.count).find(needle)
    if hit < 0 { break }
    try append(list.ref, s, i, i &+ hit)
    i &+= hit &+ needle.count
    left &-= 1
  }
  try append(list.ref, s, i, text.count)
  return list
}

/// str.rsplit
func splitStringFromRight(_ s: Ref, _ separator: Ref?, _ limit: Int) throws(PyError) -> Owned {
  let list = try owned(PyList_New(0))
  let text = s.chars
  var left = limit < 0 ? Int.max : limit
  var end: Int
  if let separator {
    let needle = separator.chars
    if needle.count == 0 { throw valueError("empty separator") }
    end = text.count
    while left > 0 {
      let hit = text.slice(0, end).findLast(needle)
      if hit < 0 { break }
      try append(list.ref, s, hit &+ needle.count, end)
      end = hit
      left &-= 1
    }
    try append(list.ref, s, 0, end)
  } else {
    end = text.skipBlanksBackwards(.unicode, from: text.count)
    while end > 0, left > 0 {
      let start = text.findBlankBackwards(.unicode, from: end)
      try append(list.ref, s, start, end)
      end = text.skipBlanksBackwards(.unicode, from: start)
      left &-= 1
    }
    if end > 0 { try append(list.ref, s, 0, end) }
  }
  try check(PyList_Reverse(list.ref))
  return list
}

/// str.splitlines
func splitLines(_ s: Ref, keepEnds: Bool) throws(PyError) -> Owned {
  let list = try owned(PyList_New(0))
  let text = s.chars
  var i = 0
  while i < text.count {
    let (end, next) = text.lineEnd(from: i, isBytes: false)
    try append(list.ref, s, i, keepEnds ? next : end)
    i = next
  }
  return list
}

/// str.partition and, from the right, str.rpartition.
func partitionString(_ s: Ref, _ separator: Ref, fromRight: Bool) throws(PyError) -> Owned {
  if !separator.isUnicode { throw typeError("must be str, not \(typeName(of: separator))") }
  let text = s.chars
  let needle = separator.chars
  if needle.count == 0 { throw valueError("empty separator") }
  let hit = fromRight ? text.findLast(needle) : text.find(needle)
  let tuple = try owned(PyTuple_New(3))
  if hit < 0 {
    let whole = try owned(unchanged(s))
    PyTuple_SetItem(tuple.ref, fromRight ? 2 : 0, whole.take())
    PyTuple_SetItem(tuple.ref, 1, gila_empty_str())
    PyTuple_SetItem(tuple.ref, fromRight ? 0 : 2, gila_empty_str())
    return tuple
  }
  PyTuple_SetItem(tuple.ref, 0, try owned(substring(s, 0, hit)).take())
  PyTuple_SetItem(tuple.ref, 1, newRef(separator as Ref))
  PyTuple_SetItem(tuple.ref, 2, try owned(substring(s, hit &+ needle.count, text.count)).take())
  return tuple
}

@c @implementation public func PyUnicode_Split(_ s: Ref!, _ separator: Ref!, _ limit: Int) -> Ref? {
  bridge { () throws(PyError) in
    try requireString(s)
    if let separator { try requireString(separator) }
    return try splitString(s, separator, limit)
  }
}
@c @implementation public func PyUnicode_RSplit(_ s: Ref!, _ separator: Ref!, _ limit: Int) -> Ref? {
  bridge { () throws(PyError) in
    try requireString(s)
    if let separator { try requireString(separator) }
    return try splitStringFromRight(s, separator, limit)
  }
}
@c @implementation public func PyUnicode_Splitlines(_ s: Ref!, _ keepEnds: Int32) -> Ref? {
  bridge { () throws(PyError) in
    try requireString(s)
    return try splitLines(s, keepEnds: keepEnds != 0)
  }
}
@c @implementation public func PyUnicode_Partition(_ s: Ref!, _ separator: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    try requireString(s)
    return try partitionString(s, separator, fromRight: false)
  }
}
@c @implementation public func PyUnicode_RPartition(_ s: Ref!, _ separator: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    try requireString(s)
    return try partitionString(s, separator, fromRight: true)
  }
}
