// _io.BufferedRWPair: a reader and a writer of two raw streams as one object.

import CGila
import GilaCore
import GilaText

private func part(_ r: Ref, writer: Bool) throws(PyError) -> Ref {
  let p = writer ? r.bufferedPair.pointee.writer : r.bufferedPair.pointee.reader
  guard let p else { throw valueError("I/O operation on uninitialized object") }
  return p
}

private func forward(_ r: Ref?, _ name: StaticString, writer: Bool, _ a: ArgumentVector?, _ n: Int) -> Ref? {
  bridge { () throws(PyError) in
    let target = try part(r!, writer: writer)
    let f = try attribute(target, name)
    return try owned(PyObject_Vectorcall(f.ref, a, n, nil))
  }
}

enum BufferedPairType {
  static func define() {
    let t = IOTypes.bufferedPair
    t.define(
      "_io.BufferedRWPair", basicSize: MemoryLayout<BufferedPairObject>.size, flags: streamFlags,
      base: IOTypes.bufferedIOBase,
      doc:
        "BufferedRWPair(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)\n--\n\nA buffered reader and writer object together.\n\nA buffered reader object and buffered writer object put together to\nform a sequential IO object that can read and write. This is typically\nused with a socket or two-way pipe.\n\nreader and writer are RawIOBase objects that are readable and\nwriteable respectively. If the buffer_size is omitted it defaults to\nDEFAULT_BUFFER_SIZE."
    )
    t.pointee.tp_new = { PyType_GenericNew($0, $1, $2) }
    t.pointee.tp_init = { r, tuple, dict in
      bridgeStatus { () throws(PyError) in
        try rejectKeywords("BufferedRWPair", dict)
        try checkCount("BufferedRWPair", tuple!.size, 2, 3)
        let reader = PyTuple_GetItem(tuple, 0)!
        let writer = PyTuple_GetItem(tuple, 1)!
        try checkReadable(reader)
        try checkWritable(writer)
        let size = tuple!.size > 2 ? Owned(retaining: PyTuple_GetItem(tuple, 2)!) : try number(8192)
        let newReader = try call(IOTypes.bufferedReader.object, reader, size.ref)
        let newWriter = try call(IOTypes.bufferedWriter.object, writer, size.ref)
        replace(&r!.bufferedPair.pointee.reader, with: newReader.take())
        replace(&r!.bufferedPair.pointee.writer, with: newWriter.take())
      }
    }
    t.pointee.tp_dealloc = { r in
      let o = r!
      guard beginDealloc(o) else { return }
      clear(&o.bufferedPair.pointee.reader)
      clear(&o.bufferedPair.pointee.writer)
      endDealloc(o)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      let p = r!.bufferedPair.pointee
      for object in [p.io.dict, p.reader, p.writer] {
        if let object {
          let status = visit!(object, argument)
          if status != 0 { return status }
        }
      }
      return 0
    }
    t.pointee.tp_clear = { r in
      clear(&r!.bufferedPair.pointee.reader)
      clear(&r!.bufferedPair.pointee.writer)
      clear(&r!.ioBase.pointee.dict)
      return 0
    }
    var m = MethodTable()
    m.positional("read") { r, a, n in forward(r, "read", writer: false, a, n) }
    m.positional("peek") { r, a, n in forward(r, "peek", writer: false, a, n) }
    m.positional("read1") { r, a, n in forward(r, "read1", writer: false, a, n) }
    m.positional("readinto") { r, a, n in forward(r, "readinto", writer: false, a, n) }
    m.positional("readinto1") { r, a, n in forward(r, "readinto1", writer: false, a, n) }
    m.positional("write") { r, a, n in forward(r, "write", writer: true, a, n) }
    m.noArguments("flush") { r, _ in forward(r, "flush", writer: true, nil, 0) }
    m.noArguments("readable") { r, _ in forward(r, "readable", writer: false, nil, 0) }
    m.noArguments("writable") { r, _ in forward(r, "writable", writer: true, nil, 0) }
    m.noArguments("close") { r, _ in
      bridge { () throws(PyError) in
        do throws(PyError) { _ = try callMethod(try part(r!, writer: true), "close") } catch {}
        let first = PyErr_GetRaisedException()
        do throws(PyError) { _ = try callMethod(try part(r!, writer: false), "close") } catch {}
        chaining(first)
        if errorIsSet { throw PyError() }
        return Owned(taking: none)
      }
    }
    m.noArguments("isatty") { r, _ in
      bridge { () throws(PyError) in
        let w = try callMethod(try part(r!, writer: true), "isatty")
        if w.ref != pyFalse { return w }
        return try callMethod(try part(r!, writer: false), "isatty")
      }
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add(
      "closed",
      get: { r, _ in
        bridge { () throws(PyError) in
          guard let writer = r!.bufferedPair.pointee.writer else {
            throw runtimeError("the BufferedRWPair object is being garbage-collected")
          }
          return try attribute(writer, "closed")
        }
      })
    t.pointee.tp_getset = g.build()
  }
}
