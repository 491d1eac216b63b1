// The object that csv.writer gives.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText

private struct Writer {
  var base: PyObject
  var write: Ref?
  var dialect: Ref?
}

/// A row under construction.
private struct Row: ~Copyable {
  var text = CodePointBuffer()
  var fields = 0

  /// Adds one field; `isNull` for None, which has no text.
  mutating func append(_ s: Ref?, quoted: Bool, isNull: Bool, _ d: UnsafeMutablePointer<Dialect>) throws(PyError) {
    let rule = d.pointee.rule
    if fields > 0 { text.append(d.pointee.delimiter) }
    fields += 1
    var quoted = quoted
    if !quoted { quoted = try needsQuotes(s, isNull: isNull, d) }
    if quoted { text.append(d.pointee.quote) }
    if let s {
      let data = s.chars
      for i in 0..<data.count {
        let c = data[i]
        if isSpecial(c, d) {
          var escapes = rule == .none
          if !escapes {
            if c == d.pointee.quote {
              if d.pointee.doubleQuote { text.append(c) } else { escapes = true }
            } else if c == d.pointee.escape {
              escapes = true
            }
          }
          if escapes {
            if d.pointee.escape == noCharacter { throw CSVModule.error("need to escape, but no escapechar set") }
            text.append(d.pointee.escape)
          }
        }
        text.append(c)
      }
    }
    if quoted { text.append(d.pointee.quote) }
  }

  private func isSpecial(_ c: UInt32, _ d: UnsafeMutablePointer<Dialect>) -> Bool {
    if c == d.pointee.delimiter || c == d.pointee.escape || c == d.pointee.quote || c == 10 || c == 13 { return true }
    guard let end = d.pointee.lineTerminator else { return false }
    let data = end.chars
    for i in 0..<data.count where data[i] == c { return true }
    return false
  }

  /// Whether a field must be quoted for what is in it.
  private func needsQuotes(_ s: Ref?, isNull: Bool, _ d: UnsafeMutablePointer<Dialect>) throws(PyError) -> Bool {
    let rule = d.pointee.rule
    if (s?.strLength ?? 0) == 0 {
      guard d.pointee.delimiter == 32 && d.pointee.skipInitialSpace else { return false }
      if rule == .none || (isNull && (rule == .strings || rule == .notNull)) {
        throw CSVModule.error("empty field must be quoted if delimiter is a space and skipinitialspace is true")
      }
      return true
    }
    if rule == .none { return false }
    let data = s!.chars
    for i in 0..<data.count {
      let c = data[i]
      guard isSpecial(c, d) else { continue }
      if c == d.pointee.quote {
        if d.pointee.doubleQuote { return true }
      } else if c != d.pointee.escape {
        return true
      }
    }
    return false
  }
}

enum WriterType {
  @inline(__always) private static func writer(_ r: Ref?) -> UnsafeMutablePointer<Writer> {
    r.unsafelyUnwrapped.cast(Writer.self)
  }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_csv.writer", basicSize: MemoryLayout<Writer>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION),
      doc: "Writes rows to a CSV file.")
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(WriterType.writer(r).pointee.write)
      xdecref(WriterType.writer(r).pointee.dialect)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      let v = visit(WriterType.writer(r).pointee.write, f, context)
      return v != 0 ? v : visit(WriterType.writer(r).pointee.dialect, f, context)
    }
    t.pointee.tp_clear = { r in
      clear(r!.slot(MemoryLayout<Writer>.offset(of: \Writer.write)!))
      return 0
    }
    t.pointee.tp_free = PyObject_GC_Del
    var members = MemberTable()
    members.add("dialect", _Py_T_OBJECT, offset: MemoryLayout<Writer>.offset(of: \Writer.dialect)!)
    t.pointee.tp_members = members.build()
    var m = MethodTable()
    m.one("writerow", "", "writerow(iterable)\n\nWrites a row; values that are no str are written as str() gives them.")
    {
      r, row in
      bridge { () throws(PyError) in try WriterType.writeRow(r!, row!) }
    }
    m.one("writerows", "", "writerows(iterable)\n\nWrites several rows.") { r, rows in
      bridgeNone { () throws(PyError) in
        let iterator = try owned(PyObject_GetIter(rows))
        while let row = PyIter_Next(iterator.ref) {
          let held = Owned(taking: row)
          _ = try WriterType.writeRow(r!, held.ref)
        }
        if errorIsSet { throw PyError() }
      }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()

  static func make(_ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    try checkCount("", args.size, 1, 2)
    let r = try owned(PyType_GenericAlloc(type, 0))
    let p = writer(r.ref)
    p.pointee.dialect = try CSVModule.dialect(args.size > 1 ? args.tupleItems[1] : nil, kwargs).take()
    guard let write = try optionalAttribute(args.tupleItems[0]!, "write") else {
      throw typeError("argument 1 must have a \"write\" method")
    }
    if PyCallable_Check(write.ref) == 0 { throw typeError("argument 1 must have a \"write\" method") }
    p.pointee.write = write.take()
    return r
  }

  private static func writeRow(_ r: Ref, _ row: Ref) throws(PyError) -> Owned {
    guard let dialect = writer(r).pointee.dialect, let write = writer(r).pointee.write else {
      throw CSVModule.error("the writer has been cleared")
    }
    let d = DialectType.dialect(dialect)
    let rule = d.pointee.rule
    guard let iterator = PyObject_GetIter(row) else {
      if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 {
        PyErr_Clear()
        throw CSVModule.error("iterable expected, not \(typeName(of: row))")
      }
      throw PyError()
    }
    let items = Owned(taking: iterator)
    var line = Row()
    var isNull = false
    while let value = PyIter_Next(items.ref) {
      let field = Owned(taking: value)
      let quoted: Bool
      switch rule {
      case .nonNumeric: quoted = PyNumber_Check(field.ref) == 0
      case .all: quoted = true
      case .strings: quoted = field.ref.isUnicode
      case .notNull: quoted = !field.ref.isNone
      default: quoted = false
      }
      isNull = field.ref.isNone
      if field.ref.isUnicode {
        try line.append(field.ref, quoted: quoted, isNull: false, d)
      } else if isNull {
        try line.append(nil, quoted: quoted, isNull: true, d)
      } else {
        let text = try owned(PyObject_Str(field.ref))
        try line.append(text.ref, quoted: quoted, isNull: false, d)
      }
    }
    if errorIsSet { throw PyError() }
    if line.fields > 0 && line.text.count == 0 {
      if rule == .none || (isNull && (rule == .strings || rule == .notNull)) {
        throw CSVModule.error("single empty field record must be quoted")
      }
      line.fields -= 1
      try line.append(nil, quoted: true, isNull: isNull, d)
    }
    if let end = d.pointee.lineTerminator { line.text.append(end.chars) }
    let text = try owned(newString(line.text))
    return try owned(PyObject_CallOneArg(write, text.ref))
  }
}
