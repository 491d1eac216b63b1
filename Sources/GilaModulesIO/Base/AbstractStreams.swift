// _RawIOBase, _BufferedIOBase and _TextIOBase.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

/// Reads until the end with `read`, for raw streams; nil in place of None when nothing was there yet.
func readAllRaw(_ r: Ref) throws(PyError) -> Ref? {
  var out = ByteBuffer()
  let size = try number(8192)
  var isFirst = true
  while true {
    let part: Owned
    do throws(PyError) { part = try callMethod(r, "read", size.ref) } catch {
      if try trapInterrupt() { continue }
      throw error
    }
    if part.ref.isNone {
      if isFirst { return nil }
      break
    }
    if !part.ref.isBytes { throw typeError("read() should return bytes") }
    if part.ref.size == 0 { break }
    isFirst = false
    out.append(part.ref.bytesData, part.ref.size)
  }
  return try owned(newBytes(out)).take()
}

enum RawIOBaseType {
  static func define() {
    let t = IOTypes.rawIOBase
    t.define(
      "_io._RawIOBase", basicSize: MemoryLayout<IOBaseObject>.size, flags: streamFlags, base: IOTypes.ioBase,
      doc: "Base class for raw binary I/O.")
    var m = MethodTable()
    m.positional("read", "($self, size=-1, /)") { r, a, n in
      bridge { () throws(PyError) in
        let size = try sizeOrNone(try optionalArgument("read", a, n))
        if size < 0 { return try callMethod(r!, "readall") }
        let b = try owned(PyByteArray_FromStringAndSize(nil, size))
        let result = try callMethod(r!, "readinto", b.ref)
        if result.ref.isNone { return result }
        let count = PyNumber_AsSsize_t(result.ref, Exc.ValueError.object)
        if count == -1, errorIsSet { throw PyError() }
        if count < 0 || count > b.ref.size {
          throw valueError("readinto returned \(count) outside buffer size \(b.ref.size)")
        }
        return try owned(newBytes(b.ref.byteView.base, count))
      }
    }
    m.noArguments("readall", "($self, /)", "Read until EOF, using multiple read() call.") { r, _ in
      bridge { () throws(PyError) in Owned(taking: try readAllRaw(r!) ?? none) }
    }
    m.one("readinto") { _, _ in
      PyErr_SetNone(Exc.NotImplementedError.object)
      return nil
    }
    m.one("write") { _, _ in
      PyErr_SetNone(Exc.NotImplementedError.object)
      return nil
    }
    t.pointee.tp_methods = m.build()
  }
}

/// readinto and readinto1 in terms of read and read1.
private func readInto(
  _ r: Ref, _ target: Ref, _ method: StaticString, _ function: StaticString
) throws(PyError) -> Owned {
  let lock = try writableArgument(target, function)
  let size = try number(lock.view.len)
  let data = try callMethod(r, method, size.ref)
  if !data.ref.isBytes { throw typeError("read() should return bytes") }
  let n = data.ref.size
  if n > lock.view.len {
    throw valueError("read() returned too much data: \(lock.view.len) bytes requested, \(n) returned")
  }
  memcpy(lock.view.buf, data.ref.bytesData, n)
  return try number(n)
}

enum BufferedIOBaseType {
  static func define() {
    let t = IOTypes.bufferedIOBase
    t.define(
      "_io._BufferedIOBase", basicSize: MemoryLayout<IOBaseObject>.size, flags: streamFlags, base: IOTypes.ioBase,
      doc:
        "Base class for buffered IO objects.\n\nThe main difference with RawIOBase is that the read() method\nsupports omitting the size argument, and does not have a default\nimplementation that defers to readinto().\n\nIn addition, read(), readinto() and write() may raise\nBlockingIOError if the underlying raw stream is in non-blocking\nmode and not ready; unlike their raw counterparts, they will never\nreturn None.\n\nA typical implementation should not inherit from a RawIOBase\nimplementation, but wrap one.\n"
    )
    var m = MethodTable()
    m.noArguments(
      "detach", "($self, /)",
      "Disconnect this buffer from its underlying raw stream and return it.\n\nAfter the raw stream has been detached, the buffer is in an unusable\nstate."
    ) { _, _ in
      bridge { () throws(PyError) in throw unsupported("detach") }
    }
    m.positional("read", "($self, size=-1, /)", "Read and return up to n bytes.") { _, _, _ in
      bridge { () throws(PyError) in throw unsupported("read") }
    }
    m.positional(
      "read1", "($self, size=-1, /)",
      "Read and return up to size bytes, with at most one read() call to the underlying raw stream."
    ) { _, _, _ in
      bridge { () throws(PyError) in throw unsupported("read1") }
    }
    m.one("write", "($self, b, /)", "Write buffer b to the IO stream.") { _, _ in
      bridge { () throws(PyError) in throw unsupported("write") }
    }
    m.one("readinto", "($self, buffer, /)") { r, target in
      bridge { () throws(PyError) in try readInto(r!, target!, "read", "readinto") }
    }
    m.one("readinto1", "($self, buffer, /)") { r, target in
      bridge { () throws(PyError) in try readInto(r!, target!, "read1", "readinto1") }
    }
    t.pointee.tp_methods = m.build()
  }
}

enum TextIOBaseType {
  static func define() {
    let t = IOTypes.textIOBase
    t.define(
      "_io._TextIOBase", basicSize: MemoryLayout<IOBaseObject>.size, flags: streamFlags, base: IOTypes.ioBase,
      doc:
        "Base class for text I/O.\n\nThis class provides a character and line based interface to stream\nI/O. There is no readinto method because Python's character strings\nare immutable.\n"
    )
    var m = MethodTable()
    m.noArguments(
      "detach", "($self, /)",
      "Separate the underlying buffer from the TextIOBase and return it.\n\nAfter the underlying buffer has been detached, the TextIO is in an unusable state."
    ) { _, _ in
      bridge { () throws(PyError) in throw unsupported("detach") }
    }
    m.positional("read", "($self, size=-1, /)", "Read at most size characters from stream.") { _, _, _ in
      bridge { () throws(PyError) in throw unsupported("read") }
    }
    m.positional(
      "readline", "($self, size=-1, /)",
      "Read until newline or EOF.\n\nReturn an empty string if EOF is hit immediately."
    ) { _, _, _ in
      bridge { () throws(PyError) in throw unsupported("readline") }
    }
    m.one("write", "($self, s, /)", "Write string s to stream.") { _, _ in
      bridge { () throws(PyError) in throw unsupported("write") }
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add("encoding", "Encoding of the text stream.\n\nSubclasses should override.", get: { _, _ in none })
    g.add(
      "newlines",
      "Line endings translated so far.\n\nOnly line endings translated during reading are considered.\n\nSubclasses should override.",
      get: { _, _ in none })
    g.add(
      "errors", "The error setting of the decoder or encoder.\n\nSubclasses should override.", get: { _, _ in none })
    t.pointee.tp_getset = g.build()
  }
}
