// BufferedReader, BufferedWriter and BufferedRandom.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

private let readerSignature = Signature("BufferedReader", "(raw, buffer_size=8192)")
private let writerSignature = Signature("BufferedWriter", "(raw, buffer_size=8192)")
private let randomSignature = Signature("BufferedRandom", "(raw, buffer_size=8192)")

private func initialize(
  _ r: Ref, _ signature: Signature, _ tuple: Ref?, _ dict: Ref?, readable: Bool, writable: Bool, _ type: TypeRef
) throws(PyError) {
  let arguments = try signature.bind(tuple: tuple, dict: dict)
  let raw = arguments[0].unsafelyUnwrapped
  var size = 8192
  if let s = arguments[1] { size = try integerArgument(s) }
  let b = r.buffered
  b.pointee.ok = false
  b.pointee.detached = false
  if readable, writable { try checkSeekable(raw) }
  if readable { try checkReadable(raw) }
  if writable { try checkWritable(raw) }
  replace(&b.pointee.raw, with: newRef(raw))
  b.pointee.readable = readable
  b.pointee.writable = writable
  b.pointee.fastClosedChecks = r.isExactly(type) && raw.isExactly(IOTypes.fileIO)
  try initializeBuffer(r, size)
  b.resetRead()
  b.resetWrite()
  b.pointee.position = 0
  b.pointee.rawPosition = 0
  b.pointee.ok = true
}

/// Forwards to the raw stream.
private func forward(_ r: Ref?, _ name: StaticString) -> Ref? {
  bridge { () throws(PyError) in
    try checkInitialized(r!)
    guard let raw = r!.buffered.pointee.raw else { throw uninitialized(r!) }
    return try callMethod(raw, name)
  }
}

private func forwardAttribute(_ r: Ref?, _ name: StaticString) -> Ref? {
  bridge { () throws(PyError) in
    try checkInitialized(r!)
    guard let raw = r!.buffered.pointee.raw else { throw uninitialized(r!) }
    return try attribute(raw, name)
  }
}

private func close(_ r: Ref) throws(PyError) -> Owned {
  try checkInitialized(r)
  let b = r.buffered
  let closed = try withStreamLock(r) { () throws(PyError) in
    let closed = try bufferedIsClosed(r)
    if !closed, b.pointee.finalizing != 0, let raw = b.pointee.raw {
      do throws(PyError) { _ = try callMethod(r, "_dealloc_warn", r) } catch { PyErr_Clear() }
      _ = raw
    }
    return closed
  }
  if closed { return Owned(taking: none) }
  // flush() and close() are called as methods, since classes override them; flush() without the lock, which it takes.
  do throws(PyError) { _ = try callMethod(r, "flush") } catch {}
  let first = PyErr_GetRaisedException()
  var result: Ref? = nil
  // Who writes meanwhile waits, and finds the stream closed.
  do throws(PyError) {
    result = try withStreamLock(r) { () throws(PyError) in
      var result: Ref? = nil
      if let raw = b.pointee.raw {
        let held = Owned(retaining: raw)
        do throws(PyError) { result = try callMethod(held.ref, "close").take() } catch {}
      }
      if let memory = b.pointee.memory {
        b.pointee.memory = nil
        PyMem_Free(memory)
        b.pointee.capacity = 0
        b.resetRead()
        b.resetWrite()
        b.pointee.position = 0
      }
      return result
    }
  } catch {}
  if first != nil {
    xdecref(result)
    result = nil
  }
  chaining(first)
  return try owned(result)
}

private func repr(_ r: Ref) throws(PyError) -> Owned {
  let type = typeName(of: r)
  var name: Ref? = nil
  do throws(PyError) { name = try optionalAttribute(r, "name") } catch {
    // A detached stream has no name to ask for.
    if PyErr_ExceptionMatches(Exc.ValueError.object) == 0 { throw error }
    PyErr_Clear()
  }
  guard let name else { return try string("<\(type)>") }
  let held = Owned(taking: name)
  let status = Py_ReprEnter(r)
  if status != 0 {
    if status > 0 { throw runtimeError("reentrant call inside \(type).__repr__") }
    throw PyError()
  }
  defer { Py_ReprLeave(r) }
  let shown = try owned(PyObject_Repr(held.ref))
  var writer = StringWriter()
  try writer.append(ascii: "<\(type) name=")
  try writer.append(shown.ref)
  try writer.append(">")
  return try writer.finish()
}

enum BufferedTypes {
  static func define() {
    defineReader()
    defineWriter()
    defineRandom()
  }

  private static func common(_ t: TypeRef, _ name: StaticString, _ doc: StaticString) {
    t.define(
      name, basicSize: MemoryLayout<BufferedObject>.size, flags: streamFlags, base: IOTypes.bufferedIOBase, doc: doc)
    t.pointee.tp_new = { PyType_GenericNew($0, $1, $2) }
    t.pointee.tp_dealloc = { r in
      let o = r!
      guard beginDealloc(o) else { return }
      o.buffered.pointee.ok = false
      clear(&o.buffered.pointee.raw)
      if let memory = o.buffered.pointee.memory { PyMem_Free(memory) }
      o.buffered.pointee.memory = nil
      freeStreamLock(o)
      endDealloc(o)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      if let dict = r!.ioBase.pointee.dict {
        let status = visit!(dict, argument)
        if status != 0 { return status }
      }
      if let raw = r!.buffered.pointee.raw { return visit!(raw, argument) }
      return 0
    }
    t.pointee.tp_clear = { r in
      r!.buffered.pointee.ok = false
      clear(&r!.buffered.pointee.raw)
      clear(&r!.ioBase.pointee.dict)
      return 0
    }
    t.pointee.tp_repr = { r in bridge { () throws(PyError) in try repr(r!) } }
    var members = MemberTable()
    members.add("raw", _Py_T_OBJECT, offset: MemoryLayout<BufferedObject>.offset(of: \.raw)!)
    members.add("_finalizing", Py_T_BOOL, offset: MemoryLayout<BufferedObject>.offset(of: \.finalizing)!, flags: 0)
    t.pointee.tp_members = members.build()
    var g = GetSetTable()
    g.add("closed", get: { r, _ in forwardAttribute(r, "closed") })
    g.add("name", get: { r, _ in forwardAttribute(r, "name") })
    g.add("mode", get: { r, _ in forwardAttribute(r, "mode") })
    t.pointee.tp_getset = g.build()
  }

  private static func defineReader() {
    let t = IOTypes.bufferedReader
    common(
      t, "_io.BufferedReader",
      "BufferedReader(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nCreate a new buffered reader using the given readable raw IO object."
    )
    t.pointee.tp_init = { r, tuple, dict in
      bridgeStatus { () throws(PyError) in
        try initialize(
          r!, readerSignature, tuple, dict, readable: true, writable: false, IOTypes.bufferedReader)
      }
    }
    t.pointee.tp_iternext = { nextLine($0!) }
    var m = MethodTable()
    addCommon(&m)
    addReading(&m)
    m.noArguments("readable", "($self, /)") { r, _ in forward(r, "readable") }
    t.pointee.tp_methods = m.build()
  }

  private static func defineWriter() {
    let t = IOTypes.bufferedWriter
    common(
      t, "_io.BufferedWriter",
      "BufferedWriter(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffer for a writeable sequential RawIO object.\n\nThe constructor creates a BufferedWriter for the given writeable raw\nstream. If the buffer_size is not given, it defaults to\nDEFAULT_BUFFER_SIZE."
    )
    t.pointee.tp_init = { r, tuple, dict in
      bridgeStatus { () throws(PyError) in
        try initialize(
          r!, writerSignature, tuple, dict, readable: false, writable: true, IOTypes.bufferedWriter)
      }
    }
    var m = MethodTable()
    addCommon(&m)
    addWriting(&m)
    m.noArguments("writable", "($self, /)") { r, _ in forward(r, "writable") }
    t.pointee.tp_methods = m.build()
  }

  private static func defineRandom() {
    let t = IOTypes.bufferedRandom
    common(
      t, "_io.BufferedRandom",
      "BufferedRandom(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffered interface to random access streams.\n\nThe constructor creates a reader and writer for a seekable stream,\nraw, given in the first argument. If the buffer_size is omitted it\ndefaults to DEFAULT_BUFFER_SIZE."
    )
    t.pointee.tp_init = { r, tuple, dict in
      bridgeStatus { () throws(PyError) in
        try initialize(
          r!, randomSignature, tuple, dict, readable: true, writable: true, IOTypes.bufferedRandom)
      }
    }
    t.pointee.tp_iternext = { nextLine($0!) }
    var m = MethodTable()
    addCommon(&m)
    addReading(&m)
    addWriting(&m)
    m.noArguments("readable", "($self, /)") { r, _ in forward(r, "readable") }
    m.noArguments("writable", "($self, /)") { r, _ in forward(r, "writable") }
    t.pointee.tp_methods = m.build()
  }

  private static func addCommon(_ m: inout MethodTable) {
    m.noArguments("close", "($self, /)") { r, _ in bridge { () throws(PyError) in try close(r!) } }
    m.noArguments("flush", "($self, /)") { r, _ in
      bridgeNone { () throws(PyError) in
        try checkInitialized(r!)
        try checkBufferedOpen(r!, "flush of closed file")
        try withStreamLock(r!) { () throws(PyError) in
          if r!.buffered.pointee.writable { try flushAndRewind(r!) }
        }
        if !r!.buffered.pointee.writable, let raw = r!.buffered.pointee.raw { _ = try callMethod(raw, "flush") }
      }
    }
    m.noArguments("detach", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        try checkInitialized(r!)
        _ = try callMethod(r!, "flush")
        guard let raw = r!.buffered.pointee.raw else { throw uninitialized(r!) }
        r!.buffered.pointee.raw = nil
        r!.buffered.pointee.detached = true
        r!.buffered.pointee.ok = false
        return Owned(taking: raw)
      }
    }
    m.noArguments("seekable", "($self, /)") { r, _ in forward(r, "seekable") }
    m.noArguments("fileno", "($self, /)") { r, _ in forward(r, "fileno") }
    m.noArguments("isatty", "($self, /)") { r, _ in forward(r, "isatty") }
    m.one("_dealloc_warn", "($self, source, /)") { r, source in
      if r!.buffered.pointee.ok, let raw = r!.buffered.pointee.raw {
        do throws(PyError) { _ = try callMethod(raw, "_dealloc_warn", source) } catch { PyErr_Clear() }
      }
      return none
    }
    m.noArguments("__reduce__") { r, _ in
      bridge { () throws(PyError) in throw typeError("cannot pickle '\(typeName(of: r!))' instances") }
    }
    m.one("__reduce_ex__") { r, _ in
      bridge { () throws(PyError) in throw typeError("cannot pickle '\(typeName(of: r!))' instances") }
    }
    m.noArguments("__sizeof__", "($self, /)") { r, _ in
      PyLong_FromSsize_t(MemoryLayout<BufferedObject>.size &+ r!.buffered.pointee.capacity)
    }
    m.noArguments("tell", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        try checkInitialized(r!)
        let position = try rawTell(r!)
        return try number(max(0, position &- r!.buffered.rawOffset))
      }
    }
    m.positional("seek", "($self, target, whence=0, /)") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("seek", n, 1, 2)
        let whence = n > 1 ? Int(try intArgument(a.unsafelyUnwrapped[1].unsafelyUnwrapped)) : 0
        try checkInitialized(r!)
        return try bufferedSeek(r!, a.unsafelyUnwrapped[0].unsafelyUnwrapped, whence)
      }
    }
    m.positional("truncate", "($self, pos=None, /)") { r, a, n in
      bridge { () throws(PyError) in
        let position = try optionalArgument("truncate", a, n) ?? none
        try checkInitialized(r!)
        try checkBufferedOpen(r!, "truncate of closed file")
        let b = r!.buffered
        if !b.pointee.writable { throw unsupported("truncate") }
        return try withStreamLock(r!) { () throws(PyError) in
          try flushAndRewind(r!)
          guard let raw = b.pointee.raw else { throw uninitialized(r!) }
          let result = try callMethod(raw, "truncate", position)
          // The raw stream may have moved.
          do throws(PyError) { _ = try rawTell(r!) } catch { PyErr_Clear() }
          return result
        }
      }
    }
  }

  private static func addReading(_ m: inout MethodTable) {
    m.positional("read", "($self, size=-1, /)") { r, a, n in
      bridge { () throws(PyError) in
        let size = try sizeOrNone(try optionalArgument("read", a, n))
        try checkInitialized(r!)
        if size < -1 { throw valueError("read length must be non-negative or -1") }
        try checkBufferedOpen(r!, "read of closed file")
        if size == -1 {
          return try withStreamLock(r!) { () throws(PyError) in Owned(taking: try bufferedReadAll(r!) ?? none) }
        }
        if size <= r!.buffered.readAhead { return try takeBuffered(r!, size) }
        return try withStreamLock(r!) { () throws(PyError) in Owned(taking: try bufferedRead(r!, size) ?? none) }
      }
    }
    m.positional("read1", "($self, size=-1, /)") { r, a, n in
      bridge { () throws(PyError) in
        let given = try optionalArgument("read1", a, n)
        let size = given == nil ? -1 : try integerArgument(given.unsafelyUnwrapped)
        try checkInitialized(r!)
        try checkBufferedOpen(r!, "read of closed file")
        return try bufferedRead1(r!, size)
      }
    }
    m.positional("peek", "($self, size=0, /)") { r, a, n in
      bridge { () throws(PyError) in
        if let given = try optionalArgument("peek", a, n) { _ = try integerArgument(given) }
        try checkInitialized(r!)
        try checkBufferedOpen(r!, "peek of closed file")
        return try withStreamLock(r!) { () throws(PyError) in
          if r!.buffered.pointee.writable { try flushAndRewind(r!) }
          return try bufferedPeek(r!)
        }
      }
    }
    m.one("readinto", "($self, buffer, /)") { r, target in
      bridge { () throws(PyError) in try readInto(r!, target!, once: false) }
    }
    m.one("readinto1", "($self, buffer, /)") { r, target in
      bridge { () throws(PyError) in try readInto(r!, target!, once: true) }
    }
    m.positional("readline", "($self, size=-1, /)") { r, a, n in
      bridge { () throws(PyError) in
        let size = try sizeOrNone(try optionalArgument("readline", a, n))
        try checkInitialized(r!)
        try checkBufferedOpen(r!, "readline of closed file")
        return try bufferedReadLine(r!, size)
      }
    }
  }

  private static func addWriting(_ m: inout MethodTable) {
    m.one(
      "write", "($self, buffer, /)",
      "Write the given buffer to the IO stream.\n\nReturn the number of bytes written, which is always the length of b in\nbytes.\n\nRaises BlockingIOError if the buffer is full and the\nunderlying raw stream cannot accept more data at the moment."
    ) { r, data in
      bridge { () throws(PyError) in
        let lock = try BufferLock(data!)
        try checkInitialized(r!)
        let count = try withStreamLock(r!) { () throws(PyError) in
          try checkBufferedOpen(r!, "write to closed file")
          return try bufferedWrite(r!, lock.data)
        }
        return try number(count)
      }
    }
  }
}

private func readInto(_ r: Ref, _ target: Ref, once: Bool) throws(PyError) -> Owned {
  let lock = try writableArgument(target, once ? "readinto1" : "readinto")
  try checkInitialized(r)
  try checkBufferedOpen(r, "readinto of closed file")
  guard
    let n = try bufferedReadInto(
      r, lock.view.buf ?? UnsafeMutableRawPointer(gila_bytearray_empty()), lock.view.len, once: once)
  else {
    return Owned(taking: none)
  }
  return try number(n)
}

/// The next line of iteration.
private func nextLine(_ r: Ref) -> Ref? {
  let line: Ref? = bridge { () throws(PyError) in
    try checkInitialized(r)
    if r.isExactly(IOTypes.bufferedReader) || r.isExactly(IOTypes.bufferedRandom) {
      try checkBufferedOpen(r, "readline of closed file")
      return try bufferedReadLine(r, -1)
    }
    let line = try callMethod(r, "readline")
    if !line.ref.isBytes {
      throw raise(Exc.OSError, "readline() should have returned a bytes object, not '\(typeName(of: line.ref))'")
    }
    return line
  }
  guard let line else { return nil }
  if line.size == 0 {
    decref(line)
    return nil
  }
  return line
}
