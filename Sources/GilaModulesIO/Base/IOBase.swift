// _io._IOBase: what all streams can do, in terms of methods that classes override.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

/// The object's own idea of being closed: its `closed` attribute.
func isClosed(_ r: Ref) throws(PyError) -> Bool {
  guard let value = try optionalAttribute(r, "closed") else { return false }
  let flag = Owned(taking: value)
  return try truth(flag.ref)
}

func checkClosed(_ r: Ref, _ message: String = "I/O operation on closed file.") throws(PyError) {
  if try isClosed(r) { throw closedError(message) }
}

func checkSeekable(_ r: Ref) throws(PyError) {
  if try !askMethod(r, "seekable") { throw unsupported("File or stream is not seekable.") }
}
func checkReadable(_ r: Ref) throws(PyError) {
  if try !askMethod(r, "readable") { throw unsupported("File or stream is not readable.") }
}
func checkWritable(_ r: Ref) throws(PyError) {
  if try !askMethod(r, "writable") { throw unsupported("File or stream is not writable.") }
}

/// Whether _IOBase itself has been closed.
private func isMarkedClosed(_ r: Ref) throws(PyError) -> Bool {
  guard let value = try optionalAttribute(r, "__IOBase_closed") else { return false }
  decref(value)
  return true
}

/// __del__: closes a stream that is still open.
private func finalize(_ r: Ref) {
  let saved = PyErr_GetRaisedException()
  var closed = false
  do throws(PyError) { closed = try isClosed(r) } catch {
    PyErr_Clear()
    closed = true
  }
  if !closed {
    // Tells close() that it is called from here.
    if PyObject_SetAttrString(r, "_finalizing", pyTrue) < 0 { PyErr_Clear() }
    do throws(PyError) { _ = try callMethod(r, "close") } catch { PyErr_WriteUnraisable(r) }
  }
  if let saved { PyErr_SetRaisedException(saved) }
}

/// A line read with peek and read.
private func readLine(_ r: Ref, _ limit: Int) throws(PyError) -> Owned {
  let peek = try optionalAttribute(r, "peek")
  defer { xdecref(peek) }
  var out = ByteBuffer()
  while limit < 0 || out.count < limit {
    var wanted = 1
    if let peek {
      let one = try number(1)
      guard let answer = PyObject_CallOneArg(peek, one.ref) else {
        if try trapInterrupt() { continue }
        throw PyError()
      }
      let ahead = Owned(taking: answer)
      if !ahead.ref.isBytes {
        throw raise(Exc.OSError, "peek() should have returned a bytes object, not '\(typeName(of: ahead.ref))'")
      }
      let view = ahead.ref.bytesView
      if view.count > 0 {
        let most = limit < 0 ? view.count : min(view.count, limit &- out.count)
        let newline = view.slice(0, most).find(character: 10)
        wanted = newline < 0 ? most : newline &+ 1
      }
    }
    let count = try number(wanted)
    var result: Ref? = nil
    do throws(PyError) { result = try callMethod(r, "read", count.ref).take() } catch {
      if try trapInterrupt() { continue }
      throw error
    }
    let part = try owned(result)
    if part.ref.isNone { break }
    if !part.ref.isBytes {
      throw raise(Exc.OSError, "read() should have returned a bytes object, not '\(typeName(of: part.ref))'")
    }
    let view = part.ref.bytesView
    if view.count == 0 { break }
    out.append(view.base, view.count)
    if view[view.count &- 1] == 10 { break }
  }
  return try owned(newBytes(out))
}

enum IOBaseType {
  static func define() {
    let t = IOTypes.ioBase
    t.define(
      "_io._IOBase", basicSize: MemoryLayout<IOBaseObject>.size, flags: streamFlags,
      doc:
        "The abstract base class for all I/O classes.\n\nThis class provides dummy implementations for many methods that\nderived classes can override selectively; the default implementations\nrepresent a file that cannot be read, written or seeked.\n\nEven though IOBase does not declare read, readinto, or write because\ntheir signatures will vary, implementations and clients should\nconsider those methods part of the interface. Also, implementations\nmay raise UnsupportedOperation when operations they do not support are\ncalled.\n\nThe basic type used for binary data read from or written to a file is\nbytes. Other bytes-like objects are accepted as method arguments too.\nIn some cases (such as readinto), a writable object is required. Text\nI/O classes work with str data.\n\nNote that calling any method (except additional calls to close(),\nwhich are ignored) on a closed stream should raise a ValueError.\n\nIOBase (and its subclasses) support the iterator protocol, meaning\nthat an IOBase object can be iterated over yielding the lines in a\nstream.\n\nIOBase also supports the :keyword:`with` statement. In this example,\nfp is closed after the suite of the with statement is complete:\n\nwith open('spam.txt', 'r') as fp:\n    fp.write('Spam and eggs!')\n"
    )
    t.pointee.tp_new = { PyType_GenericNew($0, $1, $2) }
    t.pointee.tp_dictoffset = 16
    t.pointee.tp_weaklistoffset = 24
    t.pointee.tp_dealloc = { r in if beginDealloc(r!) { endDealloc(r!) } }
    t.pointee.tp_traverse = { r, visit, argument in
      if let dict = r!.ioBase.pointee.dict { return visit!(dict, argument) }
      return 0
    }
    t.pointee.tp_clear = { r in
      clear(&r!.ioBase.pointee.dict)
      return 0
    }
    t.pointee.tp_finalize = { finalize($0!) }
    t.pointee.tp_iter = { r in
      bridge { () throws(PyError) in
        try checkClosed(r!)
        return Owned(retaining: r!)
      }
    }
    t.pointee.tp_iternext = { r in
      guard let line = PyObject_CallMethodNoArgs(r!, "readline") else { return nil }
      let n = PyObject_Size(line)
      if n <= 0 {
        decref(line)
        return nil
      }
      return line
    }
    t.pointee.tp_methods = methods()
    var g = GetSetTable()
    g.add("__dict__", get: { PyObject_GenericGetDict($0, $1) }, set: { PyObject_GenericSetDict($0, $1, $2) })
    g.add(
      "closed",
      get: { r, _ in
        bridge { () throws(PyError) in Owned(taking: pyBool(try isMarkedClosed(r!))) }
      })
    t.pointee.tp_getset = g.build()
  }

  /// A method that only says what it is not.
  private static func refuse(_ m: inout MethodTable) {
    m.positional(
      "seek", "($self, offset, whence=os.SEEK_SET, /)", "Change the stream position to the given byte offset."
    ) { _, _, _ in
      bridge { () throws(PyError) in throw unsupported("seek") }
    }
    m.noArguments(
      "fileno", "($self, /)",
      "Return underlying file descriptor if one exists.\n\nRaise OSError if the IO object does not use a file descriptor."
    ) { _, _ in
      bridge { () throws(PyError) in throw unsupported("fileno") }
    }
    m.positional("truncate", "($self, size=None, /)", "Truncate file to size bytes.") { _, _, _ in
      bridge { () throws(PyError) in throw unsupported("truncate") }
    }
    m.noArguments(
      "seekable", "($self, /)",
      "Return whether object supports random access.\n\nIf False, seek(), tell() and truncate() will raise OSError.\nThis method may need to do a test seek()."
    ) { _, _ in pyFalse }
    m.noArguments(
      "readable", "($self, /)", "Return whether object was opened for reading.\n\nIf False, read() will raise OSError."
    ) { _, _ in pyFalse }
    m.noArguments(
      "writable", "($self, /)", "Return whether object was opened for writing.\n\nIf False, write() will raise OSError."
    ) { _, _ in pyFalse }
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    refuse(&m)
    m.noArguments("tell", "($self, /)", "Return current stream position.") { r, _ in
      bridge { () throws(PyError) in
        let zero = try number(0)
        let one = try number(1)
        return try callMethod(r!, "seek", zero.ref, one.ref)
      }
    }
    m.noArguments(
      "flush", "($self, /)",
      "Flush write buffers, if applicable.\n\nThis is not implemented for read-only and non-blocking streams."
    ) { r, _ in
      bridgeNone { () throws(PyError) in if try isMarkedClosed(r!) { throw closedError() } }
    }
    m.noArguments(
      "close", "($self, /)",
      "Flush and close the IO object.\n\nThis method has no effect if the file is already closed."
    ) { r, _ in
      bridgeNone { () throws(PyError) in
        if try isMarkedClosed(r!) { return }
        do throws(PyError) { _ = try callMethod(r!, "flush") } catch {}
        let first = PyErr_GetRaisedException()
        _ = PyObject_SetAttrString(r, "__IOBase_closed", pyTrue)
        chaining(first)
        if errorIsSet { throw PyError() }
      }
    }
    m.noArguments(
      "isatty", "($self, /)",
      "Return whether this is an 'interactive' stream.\n\nReturn False if it can't be determined."
    ) { r, _ in
      bridge { () throws(PyError) in
        try checkClosed(r!)
        return Owned(taking: pyFalse)
      }
    }
    addChecks(&m)
    addLines(&m)
    return m.build()
  }

  private static func addChecks(_ m: inout MethodTable) {
    m.positional("_checkClosed") { r, _, _ in
      bridge { () throws(PyError) in
        try checkClosed(r!)
        return Owned(taking: pyTrue)
      }
    }
    m.positional("_checkSeekable") { r, _, _ in
      bridge { () throws(PyError) in
        try checkSeekable(r!)
        return Owned(taking: pyTrue)
      }
    }
    m.positional("_checkReadable") { r, _, _ in
      bridge { () throws(PyError) in
        try checkReadable(r!)
        return Owned(taking: pyTrue)
      }
    }
    m.positional("_checkWritable") { r, _, _ in
      bridge { () throws(PyError) in
        try checkWritable(r!)
        return Owned(taking: pyTrue)
      }
    }
    m.noArguments("__enter__") { r, _ in
      bridge { () throws(PyError) in
        try checkClosed(r!)
        return Owned(retaining: r!)
      }
    }
    m.positional("__exit__") { r, _, _ in bridge { () throws(PyError) in try callMethod(r!, "close") } }
  }

  private static func addLines(_ m: inout MethodTable) {
    m.positional(
      "readline", "($self, size=-1, /)",
      "Read and return a line from the stream.\n\nIf size is specified, at most size bytes will be read.\n\nThe line terminator is always b'\\n' for binary files; for text\nfiles, the newlines argument to open can be used to select the line\nterminator(s) recognized."
    ) { r, a, n in
      bridge { () throws(PyError) in
        try readLine(r!, try sizeOrNone(try optionalArgument("readline", a, n)))
      }
    }
    m.positional(
      "readlines", "($self, hint=-1, /)",
      "Return a list of lines from the stream.\n\nhint can be specified to control the number of lines read: no more\nlines will be read if the total size (in bytes/characters) of all\nlines so far exceeds hint."
    ) { r, a, n in
      bridge { () throws(PyError) in
        let hint = try sizeOrNone(try optionalArgument("readlines", a, n))
        let list = try owned(PyList_New(0))
        if hint <= 0 {
          let nothing = try callMethod(list.ref, "extend", r!)
          _ = nothing.ref
          return list
        }
        let it = try owned(PyObject_GetIter(r))
        var total = 0
        while let line = PyIter_Next(it.ref) {
          let item = Owned(taking: line)
          try check(PyList_Append(list.ref, item.ref))
          total &+= try checkSize(PyObject_Size(item.ref))
          if total >= hint { break }
        }
        if errorIsSet { throw PyError() }
        return list
      }
    }
    m.one(
      "writelines", "($self, lines, /)",
      "Write a list of lines to stream.\n\nLine separators are not added, so it is usual for each of the\nlines provided to have a line separator at the end."
    ) { r, lines in
      bridgeNone { () throws(PyError) in
        try checkClosed(r!)
        let it = try owned(PyObject_GetIter(lines))
        while let line = PyIter_Next(it.ref) {
          let item = Owned(taking: line)
          while true {
            do throws(PyError) {
              _ = try callMethod(r!, "write", item.ref)
              break
            } catch {
              if try trapInterrupt() { continue }
              throw error
            }
          }
        }
        if errorIsSet { throw PyError() }
      }
    }
  }
}

/// A method call in the style of the C API.
func PyObject_CallMethodNoArgs(_ r: Ref, _ name: StaticString) -> Ref? {
  do throws(PyError) { return try callMethod(r, name).take() } catch { return nil }
}
