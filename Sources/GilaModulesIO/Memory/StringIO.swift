// _io.StringIO: a stream of text in memory, four bytes a character.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

private let signature = Signature("StringIO", "(initial_value='', newline='\\n')")

private func checkOpen(_ r: Ref) throws(PyError) {
  if !r.stringIO.pointee.ok { throw valueError("I/O operation on uninitialized object") }
  if r.stringIO.pointee.closed { throw closedError("I/O operation on closed file") }
}

/// Room for `size` characters.
private func reserve(_ r: Ref, _ size: Int) throws(PyError) {
  let s = r.stringIO
  if size <= s.pointee.capacity { return }
  if size > Int.max / 16 { throw overflowError("new buffer size too large") }
  let wanted = size &+ size >> 3 &+ 64
  guard let memory = PyMem_Realloc(s.pointee.buffer, wanted &* 4) else { throw memoryError() }
  s.pointee.buffer = memory.assumingMemoryBound(to: UInt32.self)
  s.pointee.capacity = wanted
}

/// Writes at the position, with the newlines of the stream.
private func write(_ r: Ref, _ text: Ref) throws(PyError) {
  let s = r.stringIO
  var decoded: Owned
  if let decoder = s.pointee.decoder {
    decoded = try translateNewlines(decoder, Owned(retaining: text), final: true)
  } else {
    decoded = Owned(retaining: text)
  }
  if let newline = s.pointee.writeNewline {
    let lf = try owned(newCharacter(10))
    decoded = try owned(PyUnicode_Replace(decoded.ref, lf.ref, newline, -1))
  }
  let n = decoded.ref.strLength
  if n == 0 { return }
  let (end, overflow) = s.pointee.position.addingReportingOverflow(n)
  if overflow { throw overflowError("new position too large") }
  try reserve(r, end)
  let p = s.pointee.buffer.unsafelyUnwrapped
  if s.pointee.position > s.pointee.length {
    memset(p + s.pointee.length, 0, (s.pointee.position &- s.pointee.length) &* 4)
  }
  decoded.ref.chars.copy(to: p + s.pointee.position, targetWidth: 4)
  s.pointee.position = end
  s.pointee.length = max(s.pointee.length, end)
}

private func text(_ r: Ref, _ start: Int, _ end: Int) throws(PyError) -> Owned {
  guard end > start, let p = r.stringIO.pointee.buffer else { return try string("") }
  return try owned(newString(CharacterData(width: 4, base: p + start, count: end &- start)))
}

/// End of a line in text, per the stream's idea of newlines: past its newline; or -1 and how far to keep.
func findLineEnd(_ chars: CharacterData, universal: Bool, translated: Bool, newline: Ref?) -> Int {
  if translated {
    let hit = chars.find(character: 10)
    return hit < 0 ? -1 : hit &+ 1
  }
  if universal {
    var i = 0
    while i < chars.count {
      let c = chars[i]
      i &+= 1
      if c == 10 { return i }
      if c == 13 { return i < chars.count && chars[i] == 10 ? i &+ 1 : i }
    }
    return -1
  }
  guard let newline else {
    let hit = chars.find(character: 10)
    return hit < 0 ? -1 : hit &+ 1
  }
  let hit = chars.find(newline.chars)
  return hit < 0 ? -1 : hit &+ newline.strLength
}

private func takeLine(_ r: Ref, _ limit: Int) throws(PyError) -> Owned {
  let s = r.stringIO
  let start = s.pointee.position
  guard start < s.pointee.length, let p = s.pointee.buffer else { return try string("") }
  var most = s.pointee.length &- start
  if limit >= 0, limit < most { most = limit }
  let chars = CharacterData(width: 4, base: p + start, count: most)
  let end = findLineEnd(
    chars, universal: s.pointee.universal, translated: s.pointee.translate, newline: s.pointee.readNewline)
  let n = end < 0 ? most : end
  s.pointee.position = start &+ n
  return try text(r, start, start &+ n)
}

private func initialize(_ r: Ref, _ value: Ref?, _ newlineArgument: Ref?) throws(PyError) {
  let s = r.stringIO
  var newline: Ref? = gila_latin1(10)
  if let given = newlineArgument {
    if given.isNone {
      newline = nil
    } else {
      if !given.isUnicode {
        throw typeError("newline must be str or None, not \(typeName(of: given))")
      }
      newline = given
      let ok = given.strLength == 0 || isNewline(given)
      if !ok { throw valueError("illegal newline value: \(try reprText(given))") }
    }
  }
  if let value, !value.isNone, !value.isUnicode {
    throw typeError("initial_value must be str or None, not \(typeName(of: value))")
  }
  s.pointee.ok = false
  clear(&s.pointee.decoder)
  clear(&s.pointee.readNewline)
  clear(&s.pointee.writeNewline)
  replace(&s.pointee.readNewline, with: newline.map { newRef($0) })
  s.pointee.universal = newline == nil || newline!.strLength == 0
  s.pointee.translate = newline == nil
  if let newline, newline.strLength > 0, newline.chars[0] == 13 {
    replace(&s.pointee.writeNewline, with: newRef(newline))
  }
  if s.pointee.universal {
    s.pointee.decoder = try newNewlineDecoder(none, translate: s.pointee.translate).take()
  }
  s.pointee.length = 0
  s.pointee.position = 0
  s.pointee.closed = false
  s.pointee.ok = true
  if let value, !value.isNone {
    try write(r, value)
    s.pointee.position = 0
  }
}

/// "\n", "\r" or "\r\n".
func isNewline(_ s: Ref) -> Bool {
  let c = s.chars
  if c.count == 1 { return c[0] == 10 || c[0] == 13 }
  return c.count == 2 && c[0] == 13 && c[1] == 10
}

enum StringIOType {
  static func define() {
    let t = IOTypes.stringIO
    t.define(
      "_io.StringIO", basicSize: MemoryLayout<StringIOObject>.size, flags: streamFlags, base: IOTypes.textIOBase,
      doc:
        "StringIO(initial_value='', newline='\\n')\n--\n\nText I/O implementation using an in-memory buffer.\n\nThe initial_value argument sets the value of object.  The newline\nargument is like the one of TextIOWrapper's constructor."
    )
    t.pointee.tp_new = { PyType_GenericNew($0, $1, $2) }
    t.pointee.tp_init = { r, tuple, dict in
      bridgeStatus { () throws(PyError) in
        let b = try signature.bind(tuple: tuple, dict: dict)
        try initialize(r!, b[0], b[1])
      }
    }
    t.pointee.tp_dealloc = { r in
      let o = r!
      beginQuietDealloc(o)
      PyMem_Free(o.stringIO.pointee.buffer)
      clear(&o.stringIO.pointee.decoder)
      clear(&o.stringIO.pointee.readNewline)
      clear(&o.stringIO.pointee.writeNewline)
      endDealloc(o)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      for object in [r!.ioBase.pointee.dict, r!.stringIO.pointee.decoder] {
        if let object {
          let status = visit!(object, argument)
          if status != 0 { return status }
        }
      }
      return 0
    }
    t.pointee.tp_clear = { r in
      clear(&r!.ioBase.pointee.dict)
      clear(&r!.stringIO.pointee.decoder)
      return 0
    }
    t.pointee.tp_iternext = { r in
      let line: Ref? = bridge { () throws(PyError) in
        try checkOpen(r!)
        if r!.isExactly(IOTypes.stringIO) { return try takeLine(r!, -1) }
        let line = try callMethod(r!, "readline")
        if !line.ref.isUnicode {
          throw raise(Exc.OSError, "readline() should have returned a str object, not '\(typeName(of: line.ref))'")
        }
        return line
      }
      guard let line else { return nil }
      if line.strLength == 0 {
        decref(line)
        return nil
      }
      return line
    }
    var m = MethodTable()
    addContent(&m)
    addPositions(&m)
    addPickling(&m)
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add(
      "closed",
      get: { r, _ in
        bridge { () throws(PyError) in
          if !r!.stringIO.pointee.ok { throw valueError("I/O operation on uninitialized object") }
          return Owned(taking: pyBool(r!.stringIO.pointee.closed))
        }
      })
    g.add(
      "newlines",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkOpen(r!)
          guard let decoder = r!.stringIO.pointee.decoder else { return Owned(taking: none) }
          return try newlinesSeen(decoder.newlineDecoder.pointee.seen)
        }
      })
    g.add(
      "line_buffering",
      get: { r, _ in
        bridge { () throws(PyError) in
          try checkOpen(r!)
          return Owned(taking: pyFalse)
        }
      })
    t.pointee.tp_getset = g.build()
  }

  private static func addContent(_ m: inout MethodTable) {
    m.noArguments("getvalue", "($self, /)", "Retrieve the entire contents of the object.") { r, _ in
      bridge { () throws(PyError) in
        try checkOpen(r!)
        return try text(r!, 0, r!.stringIO.pointee.length)
      }
    }
    m.positional(
      "read", "($self, size=-1, /)",
      "Read at most size characters, returned as a string.\n\nIf the argument is negative or omitted, read until EOF\nis reached. Return an empty string at EOF."
    ) { r, a, n in
      bridge { () throws(PyError) in
        let size = try sizeOrNone(try optionalArgument("read", a, n))
        try checkOpen(r!)
        let s = r!.stringIO
        let left = max(0, s.pointee.length &- s.pointee.position)
        let count = size < 0 || size > left ? left : size
        let result = try text(r!, s.pointee.position, s.pointee.position &+ count)
        s.pointee.position &+= count
        return result
      }
    }
    m.positional(
      "readline", "($self, size=-1, /)",
      "Read until newline or EOF.\n\nReturns an empty string if EOF is hit immediately."
    ) { r, a, n in
      bridge { () throws(PyError) in
        let size = try sizeOrNone(try optionalArgument("readline", a, n))
        try checkOpen(r!)
        return try takeLine(r!, size)
      }
    }
    m.one(
      "write", "($self, s, /)",
      "Write string to file.\n\nReturns the number of characters written, which is always equal to\nthe length of the string."
    ) { r, value in
      bridge { () throws(PyError) in
        if !r!.stringIO.pointee.ok { throw valueError("I/O operation on uninitialized object") }
        if !value!.isUnicode { throw typeError("string argument expected, got '\(typeName(of: value!))'") }
        try checkOpen(r!)
        if value!.strLength > 0 { try write(r!, value!) }
        return try number(value!.strLength)
      }
    }
    m.positional(
      "truncate", "($self, pos=None, /)",
      "Truncate size to pos.\n\nThe pos argument defaults to the current file position, as\nreturned by tell().  The current file position is unchanged.\nReturns the new absolute position."
    ) { r, a, n in
      bridge { () throws(PyError) in
        let given = try optionalArgument("truncate", a, n)
        try checkOpen(r!)
        let size = try sizeOrNone(given, r!.stringIO.pointee.position)
        if size < 0 { throw valueError("Negative size value \(size)") }
        r!.stringIO.pointee.length = min(r!.stringIO.pointee.length, size)
        return try number(size)
      }
    }
    m.noArguments(
      "close", "($self, /)",
      "Close the IO object.\n\nAttempting any further operation after the object is closed\nwill raise a ValueError.\n\nThis method has no effect if the file is already closed."
    ) { r, _ in
      let s = r!.stringIO
      s.pointee.closed = true
      PyMem_Free(s.pointee.buffer)
      s.pointee.buffer = nil
      s.pointee.capacity = 0
      s.pointee.length = 0
      return none
    }
  }

  private static func addPositions(_ m: inout MethodTable) {
    m.noArguments("tell", "($self, /)", "Tell the current file position.") { r, _ in
      bridge { () throws(PyError) in
        try checkOpen(r!)
        return try number(r!.stringIO.pointee.position)
      }
    }
    m.positional(
      "seek", "($self, pos, whence=0, /)",
      "Change stream position.\n\nSeek to character offset pos relative to position indicated by whence:\n    0  Start of stream (the default).  pos should be >= 0;\n    1  Current position - pos must be 0;\n    2  End of stream - pos must be 0.\nReturns the new absolute position."
    ) { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("seek", n, 1, 2)
        let offset = try integerArgument(a.unsafelyUnwrapped[0].unsafelyUnwrapped)
        let whence = n > 1 ? try intArgument(a.unsafelyUnwrapped[1].unsafelyUnwrapped) : 0
        try checkOpen(r!)
        if whence < 0 || whence > 2 { throw valueError("Invalid whence (\(whence), should be 0, 1 or 2)") }
        if offset < 0, whence == 0 { throw valueError("Negative seek position \(offset)") }
        if whence != 0, offset != 0 { throw raise(Exc.OSError, "Can't do nonzero cur-relative seeks") }
        let s = r!.stringIO
        s.pointee.position = whence == 0 ? offset : whence == 1 ? s.pointee.position : s.pointee.length
        return try number(s.pointee.position)
      }
    }
    for name in ["readable", "writable", "seekable"] as [StaticString] {
      m.noArguments(name, "($self, /)", "Returns True if the IO object can be used so.") { r, _ in
        bridge { () throws(PyError) in
          try checkOpen(r!)
          return Owned(taking: pyTrue)
        }
      }
    }
  }

  private static func addPickling(_ m: inout MethodTable) {
    m.noArguments("__getstate__") { r, _ in
      bridge { () throws(PyError) in
        try checkOpen(r!)
        let s = r!.stringIO
        let tuple = try owned(PyTuple_New(4))
        PyTuple_SetItem(tuple.ref, 0, try text(r!, 0, s.pointee.length).take())
        PyTuple_SetItem(tuple.ref, 1, newRef(s.pointee.readNewline ?? none))
        PyTuple_SetItem(tuple.ref, 2, try number(s.pointee.position).take())
        if let dict = r!.ioBase.pointee.dict {
          PyTuple_SetItem(tuple.ref, 3, try owned(PyDict_Copy(dict)).take())
        } else {
          PyTuple_SetItem(tuple.ref, 3, none)
        }
        return tuple
      }
    }
    m.one("__setstate__") { r, state in
      bridgeNone { () throws(PyError) in
        guard state!.isTuple, state!.size >= 4 else {
          throw typeError("\(typeName(of: r!)).__setstate__ argument should be 4-tuple, got \(typeName(of: state!))")
        }
        if r!.stringIO.pointee.closed { throw closedError("I/O operation on closed file") }
        try initialize(r!, nil, PyTuple_GetItem(state, 1))
        // The content as it is, without translation.
        let content = PyTuple_GetItem(state, 0)!
        if !content.isUnicode { throw typeError("initial_value must be str or None, not \(typeName(of: content))") }
        try reserve(r!, content.strLength)
        if content.strLength > 0 { content.chars.copy(to: r!.stringIO.pointee.buffer!, targetWidth: 4) }
        r!.stringIO.pointee.length = content.strLength
        let place = PyTuple_GetItem(state, 2)!
        if !place.isLong { throw typeError("third item of state must be an integer, got \(typeName(of: place))") }
        let position = PyLong_AsSsize_t(place)
        if position == -1, errorIsSet { throw PyError() }
        if position < 0 { throw valueError("position value cannot be negative") }
        r!.stringIO.pointee.position = position
        let dict = PyTuple_GetItem(state, 3)!
        if !dict.isNone {
          guard dict.isDict else {
            throw typeError("fourth item of state should be a dict, got a \(typeName(of: dict))")
          }
          if let own = r!.ioBase.pointee.dict {
            try check(PyDict_Update(own, dict))
          } else {
            r!.ioBase.pointee.dict = newRef(dict)
          }
        }
      }
    }
  }
}
