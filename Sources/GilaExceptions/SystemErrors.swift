// OSError: an error number picks the subclass, and the C API makes one from `errno`.

import CGila
import GilaCore
import Glibc

/// The words of an OSError behind those of every exception.
private struct Fields {
  let base: UnsafeMutableRawPointer
  init(_ r: Ref) { base = r.raw + 72 }
  private func slot(_ i: Int) -> UnsafeMutablePointer<Ref?> { (base + i &* 8).assumingMemoryBound(to: Ref?.self) }
  var number: UnsafeMutablePointer<Ref?> { slot(0) }
  var text: UnsafeMutablePointer<Ref?> { slot(1) }
  var filename: UnsafeMutablePointer<Ref?> { slot(2) }
  var filename2: UnsafeMutablePointer<Ref?> { slot(3) }
  /// How much a blocked write took; -1 when unknown.
  var written: UnsafeMutablePointer<Int> { (base + 32).assumingMemoryBound(to: Int.self) }
}

enum SystemErrors {
  /// The subclass for an error number.
  private static func subclass(_ number: Int) -> TypeRef? {
    switch Int32(truncatingIfNeeded: number) {
    case EAGAIN, EALREADY, EINPROGRESS: Exc.BlockingIOError
    case EPIPE, ESHUTDOWN: Exc.BrokenPipeError
    case ECHILD: Exc.ChildProcessError
    case ECONNABORTED: Exc.ConnectionAbortedError
    case ECONNREFUSED: Exc.ConnectionRefusedError
    case ECONNRESET: Exc.ConnectionResetError
    case EEXIST: Exc.FileExistsError
    case ENOENT: Exc.FileNotFoundError
    case EISDIR: Exc.IsADirectoryError
    case ENOTDIR: Exc.NotADirectoryError
    case EINTR: Exc.InterruptedError
    case EACCES, EPERM: Exc.PermissionError
    case ESRCH: Exc.ProcessLookupError
    case ETIMEDOUT: Exc.TimeoutError
    default: nil
    }
  }

  /// A subclass with an `__init__` of its own but OSError's `__new__` gets its arguments there.
  private static func usesInit(_ type: TypeRef) -> Bool {
    func raw<T>(_ f: T) -> UnsafeRawPointer? { unsafeBitCast(f, to: UnsafeRawPointer?.self) }
    return raw(type.pointee.tp_init) != raw(Exc.OSError.pointee.tp_init)
      && raw(type.pointee.tp_new) == raw(Exc.OSError.pointee.tp_new)
  }

  static func new(_ given: TypeRef, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    var type = given
    let late = usesInit(type)
    if !late {
      try rejectKeywords(type, kwargs)
      if type == Exc.OSError, (2...5).contains(args.size), let number = gila_tuple_items(args)[0], number.isLong {
        var overflow: Int32 = 0
        let n = PyLong_AsLongAndOverflow(number, &overflow)
        if overflow == 0, let found = subclass(n) { type = found }
      }
    }
    let r = try owned(type.pointee.tp_alloc(type, 0))
    Fields(r.ref).written.pointee = -1
    ExceptionTypes.base(r.ref).pointee.args = newRef(late ? gila_empty_tuple_object() : args)
    if !late { try fill(r.ref, args) }
    return r
  }

  static func initialize(_ r: Ref, _ args: Ref, _ kwargs: Ref?) throws(PyError) {
    if !usesInit(r.type) { return }
    try rejectKeywords(r.type, kwargs)
    try fill(r, args)
  }

  private static func rejectKeywords(_ type: TypeRef, _ kwargs: Ref?) throws(PyError) {
    if let kwargs, PyDict_Size(kwargs) > 0 {
      throw typeError("\(String(cString: type.pointee.tp_name))() takes no keyword arguments")
    }
  }

  /// (errno, strerror[, filename[, winerror[, filename2]]]); `args` keeps the first two.
  private static func fill(_ r: Ref, _ args: Ref) throws(PyError) {
    let fields = Fields(r)
    let n = args.size
    let items = gila_tuple_items(args)
    var kept = Owned(retaining: args)
    if (2...5).contains(n) {
      if n >= 3, let filename = items[2], !filename.isNone {
        if r.type == Exc.BlockingIOError, PyNumber_Check(filename) != 0 {
          let written = PyNumber_AsSsize_t(filename, Exc.ValueError.object)
          if written == -1, errorIsSet { throw PyError() }
          fields.written.pointee = written
        } else {
          replace(fields.filename, with: newRef(filename))
          if n >= 5, let second = items[4], !second.isNone { replace(fields.filename2, with: newRef(second)) }
          kept = try owned(PyTuple_GetSlice(args, 0, 2))
        }
      }
      replace(fields.number, with: xnewRef(items[0]))
      replace(fields.text, with: xnewRef(items[1]))
    }
    replace(&ExceptionTypes.base(r).pointee.args, with: kept.take())
  }

  static func text(_ r: Ref) throws(PyError) -> Owned {
    let fields = Fields(r)
    func shown(_ r: Ref?) throws(PyError) -> String {
      let s = try owned(PyObject_Str(r ?? none))
      return swiftString(s.ref)
    }
    if let filename = fields.filename.pointee {
      let start = "[Errno \(try shown(fields.number.pointee))] \(try shown(fields.text.pointee)): "
      if let second = fields.filename2.pointee {
        return try string("\(start)\(try reprText(filename)) -> \(try reprText(second))")
      }
      return try string("\(start)\(try reprText(filename))")
    }
    if fields.number.pointee != nil, fields.text.pointee != nil {
      return try string("[Errno \(try shown(fields.number.pointee))] \(try shown(fields.text.pointee))")
    }
    return try owned(Exc.BaseException.pointee.tp_str(r))
  }

  /// Pickles with the file names back among the arguments.
  static func reduce(_ r: Ref) throws(PyError) -> Owned {
    let fields = Fields(r)
    let base = ExceptionTypes.base(r)
    let kept = base.pointee.args ?? gila_empty_tuple_object()
    var args = Owned(retaining: kept)
    if kept.size == 2, let filename = fields.filename.pointee {
      let all = [gila_tuple_items(kept)[0], gila_tuple_items(kept)[1], filename, none, fields.filename2.pointee]
      let count = fields.filename2.pointee == nil ? 3 : 5
      args = try owned(PyTuple_New(count))
      for i in 0..<count { gila_tuple_items(args.ref)[i] = xnewRef(all[i]) }
    }
    let t = try owned(PyTuple_New(base.pointee.dict == nil ? 2 : 3))
    gila_tuple_items(t.ref)[0] = newRef(r.type.object)
    gila_tuple_items(t.ref)[1] = args.take()
    if let d = base.pointee.dict { gila_tuple_items(t.ref)[2] = newRef(d) }
    return t
  }

  static func install() {
    let t = Exc.OSError
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in try SystemErrors.new(type!, args!, kwargs) }
    }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in try SystemErrors.initialize(r!, args!, kwargs) }
    }
    t.pointee.tp_str = { r in bridge { () throws(PyError) in try SystemErrors.text(r!) } }
    var m = MethodTable()
    m.noArguments("__reduce__") { r, _ in bridge { () throws(PyError) in try SystemErrors.reduce(r!) } }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add(
      "characters_written",
      get: { r, _ in
        let n = Fields(r!).written.pointee
        if n == -1 {
          PyErr_SetString(Exc.AttributeError.object, "characters_written")
          return nil
        }
        return PyLong_FromSsize_t(n)
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          let place = Fields(r!).written
          guard let v else {
            if place.pointee == -1 { throw raise(Exc.AttributeError, "characters_written") }
            place.pointee = -1
            return
          }
          let n = PyNumber_AsSsize_t(v, Exc.ValueError.object)
          if n == -1, errorIsSet { throw PyError() }
          place.pointee = n
        }
      })
    t.pointee.tp_getset = g.build()
  }
}

// MARK: C API

/// An exception of class `type` from `errno` and the names of the files concerned. EINTR lets signal handlers run first.
@c @implementation public func PyErr_SetFromErrnoWithFilenameObjects(_ type: Ref!, _ name: Ref!, _ other: Ref!) -> Ref?
{
  let number = errno
  if number == EINTR, PyErr_CheckSignals() < 0 { return nil }
  do throws(PyError) {
    let message = try owned(
      number == 0 ? PyUnicode_FromString("Error") : PyUnicode_DecodeLocale(strerror(number), "surrogateescape"))
    let count = name == nil ? 2 : other == nil ? 3 : 5
    let args = try owned(PyTuple_New(count))
    let items = gila_tuple_items(args.ref)
    items[0] = try owned(PyLong_FromLong(Int(number))).take()
    items[1] = message.take()
    if count > 2 { items[2] = newRef(name) }
    if count > 3 {
      items[3] = try owned(PyLong_FromLong(0)).take()
      items[4] = newRef(other)
    }
    let made = try owned(PyObject_Call(type, args.ref, nil))
    PyErr_SetObject(made.ref.type.object, made.ref)
  } catch {}
  return nil
}
@c @implementation public func PyErr_SetFromErrnoWithFilenameObject(_ type: Ref!, _ name: Ref!) -> Ref? {
  PyErr_SetFromErrnoWithFilenameObjects(type, name, nil)
}
@c @implementation public func PyErr_SetFromErrnoWithFilename(_ type: Ref!, _ name: UnsafePointer<CChar>!) -> Ref? {
  guard let name else { return PyErr_SetFromErrnoWithFilenameObjects(type, nil, nil) }
  let number = errno
  guard let text = PyUnicode_DecodeFSDefault(name) else { return nil }
  errno = number
  _ = PyErr_SetFromErrnoWithFilenameObjects(type, text, nil)
  decref(text)
  return nil
}
@c @implementation public func PyErr_SetFromErrno(_ type: Ref!) -> Ref? {
  PyErr_SetFromErrnoWithFilenameObjects(type, nil, nil)
}
