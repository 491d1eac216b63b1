// _io.BytesIO: a stream of bytes in memory. The buffer is a bytes object, so that getvalue can hand it out without a
// copy; a write to a buffer that somebody else has makes a private one first.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

private let signature = Signature("BytesIO", "(initial_bytes=b'')")

private func checkOpen(_ r: Ref) throws(PyError) {
  if r.bytesIO.pointee.buffer == nil { throw closedError() }
}

private func checkExports(_ r: Ref) throws(PyError) {
  if r.bytesIO.pointee.exports > 0 {
    throw raise(Exc.BufferError, "Existing exports of data: object cannot be re-sized")
  }
}

/// Makes the buffer private, with room for `size` bytes.
private func unshare(_ r: Ref, _ size: Int) throws(PyError) {
  let b = r.bytesIO
  let old = b.pointee.buffer.unsafelyUnwrapped
  let fresh = try owned(allocateBytes(size))
  memcpy(fresh.ref.bytesData, old.bytesData, min(b.pointee.length, size))
  b.pointee.buffer = fresh.take()
  decref(old)
}

private func isShared(_ r: Ref) -> Bool {
  let buffer = r.bytesIO.pointee.buffer.unsafelyUnwrapped
  return buffer.refCount > 1 || buffer.size == 0
}

/// Room for `size` bytes, growing generously.
private func reserve(_ r: Ref, _ size: Int) throws(PyError) {
  let b = r.bytesIO
  let capacity = b.pointee.buffer.unsafelyUnwrapped.size
  if size > Int.max / 2 { throw overflowError("new buffer size too large") }
  if isShared(r) {
    try unshare(r, max(size, capacity, 1))
    return
  }
  var wanted = capacity
  if size < capacity / 2 {
    wanted = size &+ 1
  } else if size < capacity {
    return
  } else if size <= capacity &+ capacity / 8 {
    wanted = size &+ size >> 3 &+ (size < 9 ? 3 : 6)
  } else {
    wanted = size &+ 1
  }
  if _PyBytes_Resize(&b.pointee.buffer, wanted) < 0 { throw PyError() }
}

/// Writes at the position.
private func write(_ r: Ref, _ data: CharacterData) throws(PyError) {
  let b = r.bytesIO
  let n = data.count
  if n == 0 { return }
  let (end, overflow) = b.pointee.position.addingReportingOverflow(n)
  if overflow { throw overflowError("new position too large") }
  let capacity = b.pointee.buffer.unsafelyUnwrapped.size
  if end > capacity {
    try reserve(r, end)
  } else if isShared(r) {
    try unshare(r, max(end, b.pointee.length, capacity))
  }
  let p = b.pointee.buffer.unsafelyUnwrapped.bytesData
  if b.pointee.position > b.pointee.length {
    memset(p + b.pointee.length, 0, b.pointee.position &- b.pointee.length)
  }
  memcpy(p + b.pointee.position, data.base, n)
  b.pointee.position = end
  b.pointee.length = max(b.pointee.length, end)
}

private func writeObject(_ r: Ref, _ data: Ref) throws(PyError) -> Int {
  try checkOpen(r)
  try checkExports(r)
  if data.isExactly(Types.bytes) {
    try write(r, CharacterData(bytes: data.bytesData, count: data.size))
    return data.size
  }
  let lock = try BufferLock(data)
  try checkOpen(r)
  try write(r, lock.data)
  return lock.data.count
}

/// Takes up to `size` bytes from the position; all that is left when negative.
private func take(_ r: Ref, _ size: Int) throws(PyError) -> Owned {
  let b = r.bytesIO
  let left = max(0, b.pointee.length &- b.pointee.position)
  let n = size < 0 || size > left ? left : size
  let buffer = b.pointee.buffer.unsafelyUnwrapped
  if n > 1, b.pointee.position == 0, n == buffer.size, b.pointee.exports == 0 {
    b.pointee.position &+= n
    return Owned(retaining: buffer)
  }
  if n == 0 { return try owned(allocateBytes(0)) }
  let part = try owned(newBytes(buffer.bytesData + b.pointee.position, n))
  b.pointee.position &+= n
  return part
}

/// Length of the line at the position, at most `limit` if that is not negative.
private func lineLength(_ r: Ref, _ limit: Int) -> Int {
  let b = r.bytesIO
  if b.pointee.position >= b.pointee.length { return 0 }
  var n = b.pointee.length &- b.pointee.position
  if limit >= 0, limit < n { n = limit }
  let view = CharacterData(bytes: b.pointee.buffer.unsafelyUnwrapped.bytesData + b.pointee.position, count: n)
  let hit = view.find(character: 10)
  return hit < 0 ? n : hit &+ 1
}

private func takeLine(_ r: Ref, _ limit: Int) throws(PyError) -> Owned {
  let n = lineLength(r, limit)
  return n == 0 ? try owned(allocateBytes(0)) : try take(r, n)
}

/// The whole content.
private func value(_ r: Ref) throws(PyError) -> Owned {
  let b = r.bytesIO
  let buffer = b.pointee.buffer.unsafelyUnwrapped
  if b.pointee.length <= 1 || b.pointee.exports > 0 { return try owned(newBytes(buffer.bytesData, b.pointee.length)) }
  if b.pointee.length != buffer.size {
    if isShared(r) {
      try unshare(r, b.pointee.length)
    } else if _PyBytes_Resize(&b.pointee.buffer, b.pointee.length) < 0 {
      throw PyError()
    }
  }
  return Owned(retaining: b.pointee.buffer.unsafelyUnwrapped)
}

private func setContent(_ r: Ref, _ initial: Ref?) throws(PyError) {
  let b = r.bytesIO
  try checkExports(r)
  b.pointee.length = 0
  b.pointee.position = 0
  if let initial, !initial.isNone {
    if initial.isExactly(Types.bytes) {
      let old = b.pointee.buffer
      b.pointee.buffer = newRef(initial)
      b.pointee.length = initial.size
      xdecref(old)
      return
    }
    if b.pointee.buffer == nil { b.pointee.buffer = try owned(allocateBytes(0)).take() }
    _ = try writeObject(r, initial)
    b.pointee.position = 0
    return
  }
  let old = b.pointee.buffer
  b.pointee.buffer = try owned(allocateBytes(0)).take()
  xdecref(old)
}

enum BytesIOType {
  static func define() {
    let t = IOTypes.bytesIO
    t.define(
      "_io.BytesIO", basicSize: MemoryLayout<BytesIOObject>.size, flags: streamFlags, base: IOTypes.bufferedIOBase,
      doc: "BytesIO(initial_bytes=b'')\n--\n\nBuffered I/O implementation using an in-memory bytes buffer.")
    t.pointee.tp_new = { type, _, _ in
      guard let r = type!.pointee.tp_alloc(type, 0) else { return nil }
      r.bytesIO.pointee.buffer = allocateBytes(0)
      return r
    }
    t.pointee.tp_init = { r, tuple, dict in
      bridgeStatus { () throws(PyError) in
        let b = try signature.bind(tuple: tuple, dict: dict)
        try setContent(r!, b[0])
      }
    }
    t.pointee.tp_dealloc = { r in
      let o = r!
      beginQuietDealloc(o)
      clear(&o.bytesIO.pointee.buffer)
      endDealloc(o)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      if let dict = r!.ioBase.pointee.dict {
        let status = visit!(dict, argument)
        if status != 0 { return status }
      }
      if let b = r!.bytesIO.pointee.buffer { return visit!(b, argument) }
      return 0
    }
    t.pointee.tp_iter = { r in
      bridge { () throws(PyError) in
        try checkOpen(r!)
        return Owned(retaining: r!)
      }
    }
    t.pointee.tp_iternext = { r in
      guard r!.bytesIO.pointee.buffer != nil else { return bridge { () throws(PyError) in throw closedError() } }
      let n = lineLength(r!, -1)
      if n == 0 { return nil }
      return bridge { () throws(PyError) in try take(r!, n) }
    }
    var m = MethodTable()
    addReading(&m)
    addWriting(&m)
    addState(&m)
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add("closed", "True if the file is closed.", get: { r, _ in pyBool(r!.bytesIO.pointee.buffer == nil) })
    t.pointee.tp_getset = g.build()
    BytesIOBufferType.define()
  }

  private static func addReading(_ m: inout MethodTable) {
    m.positional(
      "read", "($self, size=-1, /)",
      "Read at most size bytes, returned as a bytes object.\n\nIf the size argument is negative, read until EOF is reached.\nReturn an empty bytes object at EOF."
    ) { r, a, n in
      bridge { () throws(PyError) in
        let size = try sizeOrNone(try optionalArgument("read", a, n))
        try checkOpen(r!)
        return try take(r!, size)
      }
    }
    m.positional("read1", "($self, size=-1, /)", "Read at most size bytes, returned as a bytes object.") { r, a, n in
      bridge { () throws(PyError) in
        let size = try sizeOrNone(try optionalArgument("read1", a, n))
        try checkOpen(r!)
        return try take(r!, size)
      }
    }
    m.positional(
      "readline", "($self, size=-1, /)",
      "Next line from the file, as a bytes object.\n\nRetain newline.  A non-negative size argument limits the maximum\nnumber of bytes to return (an incomplete line may be returned then).\nReturn an empty bytes object at EOF."
    ) { r, a, n in
      bridge { () throws(PyError) in
        let size = try sizeOrNone(try optionalArgument("readline", a, n))
        try checkOpen(r!)
        return try takeLine(r!, size)
      }
    }
    m.positional(
      "readlines", "($self, size=None, /)",
      "List of bytes objects, each a line from the file.\n\nCall readline() repeatedly and return a list of the lines so read.\nThe optional size argument, if given, is an approximate bound on the\ntotal number of bytes in the lines returned."
    ) { r, a, n in
      bridge { () throws(PyError) in
        let given = try optionalArgument("readlines", a, n)
        try checkOpen(r!)
        var most = 0
        if let given, !given.isNone {
          guard given.isLong else {
            throw typeError("integer argument expected, got '\(typeName(of: given))'")
          }
          most = PyLong_AsSsize_t(given)
          if most == -1, errorIsSet { throw PyError() }
        }
        let list = try owned(PyList_New(0))
        var total = 0
        while true {
          let count = lineLength(r!, -1)
          if count == 0 { break }
          let line = try take(r!, count)
          try check(PyList_Append(list.ref, line.ref))
          total &+= count
          if most > 0, total >= most { break }
        }
        return list
      }
    }
    m.one(
      "readinto", "($self, buffer, /)",
      "Read bytes into buffer.\n\nReturns number of bytes read (0 for EOF), or None if the object\nis set not to block and has no data to read."
    ) { r, target in
      bridge { () throws(PyError) in
        let lock = try writableArgument(target!, "readinto")
        try checkOpen(r!)
        let b = r!.bytesIO
        let left = max(0, b.pointee.length &- b.pointee.position)
        let n = min(left, lock.view.len)
        if n > 0 { memcpy(lock.view.buf, b.pointee.buffer.unsafelyUnwrapped.bytesData + b.pointee.position, n) }
        b.pointee.position &+= n
        return try number(n)
      }
    }
    m.noArguments("getvalue", "($self, /)", "Retrieve the entire contents of the BytesIO object.") { r, _ in
      bridge { () throws(PyError) in
        try checkOpen(r!)
        return try value(r!)
      }
    }
    m.noArguments("getbuffer", "($self, /)", "Get a read-write view over the contents of the BytesIO object.") { r, _ in
      bridge { () throws(PyError) in
        try checkOpen(r!)
        let b = try owned(PyType_GenericAlloc(IOTypes.bytesIOBuffer, 0))
        (b.ref.raw + 16).assumingMemoryBound(to: Ref?.self).pointee = newRef(r! as Ref)
        return try owned(PyMemoryView_FromObject(b.ref))
      }
    }
  }

  private static func addWriting(_ m: inout MethodTable) {
    m.one("write", "($self, b, /)", "Write bytes to file.\n\nReturn the number of bytes written.") { r, data in
      bridge { () throws(PyError) in try number(try writeObject(r!, data!)) }
    }
    m.one(
      "writelines", "($self, lines, /)",
      "Write lines to the file.\n\nNote that newlines are not added.  lines can be any iterable object\nproducing bytes-like objects. This is equivalent to calling write() for\neach element."
    ) { r, lines in
      bridgeNone { () throws(PyError) in
        try checkOpen(r!)
        let it = try owned(PyObject_GetIter(lines))
        while let line = PyIter_Next(it.ref) {
          let item = Owned(taking: line)
          _ = try writeObject(r!, item.ref)
        }
        if errorIsSet { throw PyError() }
      }
    }
    m.positional(
      "truncate", "($self, size=None, /)",
      "Truncate the file to at most size bytes.\n\nSize defaults to the current file position, as returned by tell().\nThe current file position is unchanged.  Returns the new size."
    ) { r, a, n in
      bridge { () throws(PyError) in
        let given = try optionalArgument("truncate", a, n)
        try checkOpen(r!)
        try checkExports(r!)
        let size = try sizeOrNone(given, r!.bytesIO.pointee.position)
        if size < 0 { throw valueError("negative size value \(size)") }
        if size < r!.bytesIO.pointee.length {
          r!.bytesIO.pointee.length = size
          try reserve(r!, size)
        }
        return try number(size)
      }
    }
    m.positional(
      "seek", "($self, pos, whence=0, /)",
      "Change stream position.\n\nSeek to byte offset pos relative to position indicated by whence:\n     0  Start of stream (the default).  pos should be >= 0;\n     1  Current position - pos may be negative;\n     2  End of stream - pos usually negative.\nReturns the new absolute position."
    ) { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("seek", n, 1, 2)
        let offset = try integerArgument(a.unsafelyUnwrapped[0].unsafelyUnwrapped)
        let whence = n > 1 ? try intArgument(a.unsafelyUnwrapped[1].unsafelyUnwrapped) : 0
        try checkOpen(r!)
        if offset < 0, whence == 0 { throw valueError("negative seek value \(offset)") }
        var base = 0
        if whence == 1 {
          base = r!.bytesIO.pointee.position
        } else if whence == 2 {
          base = r!.bytesIO.pointee.length
        } else if whence != 0 {
          throw valueError("invalid whence (\(whence), should be 0, 1 or 2)")
        }
        let (target, overflow) = base.addingReportingOverflow(offset)
        if overflow { throw overflowError("new position too large") }
        r!.bytesIO.pointee.position = max(0, target)
        return try number(r!.bytesIO.pointee.position)
      }
    }
  }

  private static func addState(_ m: inout MethodTable) {
    m.noArguments("tell", "($self, /)", "Current file position, an integer.") { r, _ in
      bridge { () throws(PyError) in
        try checkOpen(r!)
        return try number(r!.bytesIO.pointee.position)
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
    m.noArguments(
      "isatty", "($self, /)", "Always returns False.\n\nBytesIO objects are not connected to a TTY-like device."
    ) { r, _ in
      bridge { () throws(PyError) in
        try checkOpen(r!)
        return Owned(taking: pyFalse)
      }
    }
    m.noArguments("flush", "($self, /)", "Does nothing.") { r, _ in
      bridgeNone { () throws(PyError) in try checkOpen(r!) }
    }
    m.noArguments("close", "($self, /)", "Disable all I/O operations.") { r, _ in
      bridgeNone { () throws(PyError) in
        try checkExports(r!)
        clear(&r!.bytesIO.pointee.buffer)
      }
    }
    m.noArguments("__getstate__") { r, _ in
      bridge { () throws(PyError) in
        try checkOpen(r!)
        let content = try value(r!)
        let tuple = try owned(PyTuple_New(3))
        PyTuple_SetItem(tuple.ref, 0, newRef(content.ref))
        PyTuple_SetItem(tuple.ref, 1, try number(r!.bytesIO.pointee.position).take())
        if let dict = r!.ioBase.pointee.dict {
          PyTuple_SetItem(tuple.ref, 2, try owned(PyDict_Copy(dict)).take())
        } else {
          PyTuple_SetItem(tuple.ref, 2, none)
        }
        return tuple
      }
    }
    m.one("__setstate__") { r, state in
      bridgeNone { () throws(PyError) in
        guard state!.isTuple, state!.size >= 3 else {
          throw typeError(
            "\(typeName(of: r!)).__setstate__ argument should be 3-tuple, got \(typeName(of: state!))")
        }
        try checkOpen(r!)
        try checkExports(r!)
        try setContent(r!, nil)
        _ = try writeObject(r!, PyTuple_GetItem(state, 0)!)
        let place = PyTuple_GetItem(state, 1)!
        guard place.isLong else {
          throw typeError("second item of state must be an integer, not \(typeName(of: place))")
        }
        let position = PyLong_AsSsize_t(place)
        if position == -1, errorIsSet { throw PyError() }
        if position < 0 { throw valueError("position value cannot be negative") }
        r!.bytesIO.pointee.position = position
        let dict = PyTuple_GetItem(state, 2)!
        if !dict.isNone {
          guard dict.isDict else {
            throw typeError("third item of state should be a dict, got a \(typeName(of: dict))")
          }
          if let own = r!.ioBase.pointee.dict {
            try check(PyDict_Update(own, dict))
          } else {
            r!.ioBase.pointee.dict = newRef(dict)
          }
        }
      }
    }
    m.noArguments("__sizeof__") { r, _ in
      PyLong_FromSsize_t(MemoryLayout<BytesIOObject>.size &+ (r!.bytesIO.pointee.buffer.map { 33 &+ $0.size } ?? 0))
    }
  }
}

/// What getbuffer's memoryview looks at: it keeps the stream from changing its size.
enum BytesIOBufferType {
  private static func source(_ r: Ref) -> UnsafeMutablePointer<Ref?> {
    (r.raw + 16).assumingMemoryBound(to: Ref?.self)
  }

  static func define() {
    let t = IOTypes.bytesIOBuffer
    t.define(
      "_io._BytesIOBuffer", basicSize: 24,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r)
      clear(BytesIOBufferType.source(r!))
      PyObject_GC_Del(r)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      if let s = BytesIOBufferType.source(r!).pointee { return visit!(s, argument) }
      return 0
    }
    t.buffer.pointee.bf_getbuffer = { r, view, flags in
      bridgeStatus { () throws(PyError) in
        let stream = BytesIOBufferType.source(r!).pointee.unsafelyUnwrapped
        let b = stream.bytesIO
        if b.pointee.exports == 0, isShared(stream) {
          try unshare(stream, max(b.pointee.length, 1))
        }
        try check(
          PyBuffer_FillInfo(view, r, b.pointee.buffer.unsafelyUnwrapped.bytesData, b.pointee.length, 0, flags))
        b.pointee.exports &+= 1
      }
    }
    t.buffer.pointee.bf_releasebuffer = { r, _ in
      BytesIOBufferType.source(r!).pointee.unsafelyUnwrapped.bytesIO.pointee.exports &-= 1
    }
  }
}
