// The iterator that csv.reader gives: lines go through a machine of nine states, one character at a time.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText

private enum State: UInt8 {
  case startRecord, startField, escaped, inField, inQuotes, escapedInQuotes, quoteInQuotes, endOfLine, afterEscapedEnd
}

/// What stands for the end of a line.
private let endOfLine: UInt32 = 0xFFFF_FFFE

private struct Reader {
  var base: PyObject
  var lines: Ref?
  var dialect: Ref?
  var fields: Ref?
  var lineNumber: UInt
  var field: UnsafeMutablePointer<UInt32>?
  var length: Int
  var capacity: Int
  /// Every character so far, to find the width of the field.
  var bits: UInt32
  var state: State
  var isUnquoted: Bool

  @inline(__always) mutating func append(_ c: UInt32, _ limit: Int) throws(PyError) {
    if length >= limit { throw CSVModule.error("field larger than field limit (\(limit))") }
    if length == capacity { try grow() }
    field.unsafelyUnwrapped[length] = c
    length &+= 1
    bits |= c
  }
  @inline(never) private mutating func grow() throws(PyError) {
    let size = max(256, capacity &* 2)
    guard let memory = PyMem_Realloc(field, size &* 4) else { throw memoryError() }
    field = memory.assumingMemoryBound(to: UInt32.self)
    capacity = size
  }

  mutating func save(_ rule: Quoting) throws(PyError) {
    let empty = length == 0
    let isValue = isUnquoted && (rule == .strings || (empty ? rule == .notNull : rule == .nonNumeric))
    if isValue && empty {
      try check(PyList_Append(fields, none))
    } else {
      let data = CharacterData(width: 4, base: UnsafeRawPointer(field ?? emptyField), count: length)
      var text = try owned(empty ? newRef(gila_empty_str()) : newString(data, maxChar: storageClass(of: bits)))
      length = 0
      bits = 0
      if isValue { text = try owned(PyNumber_Float(text.ref)) }
      try check(PyList_Append(fields, text.ref))
    }
  }

  mutating func process(_ input: UInt32, _ d: UnsafeMutablePointer<Dialect>, _ limit: Int) throws(PyError) {
    let c = input
    let rule = d.pointee.rule
    let isEnd = c == 10 || c == 13 || c == endOfLine
    switch state {
    case .startRecord where c == endOfLine: return
    case .startRecord where isEnd: state = .endOfLine
    case .startRecord, .startField:
      isUnquoted = true
      if isEnd {
        try save(rule)
        state = c == endOfLine ? .startRecord : .endOfLine
      } else if c == d.pointee.quote && rule != .none {
        isUnquoted = false
        state = .inQuotes
      } else if c == d.pointee.escape {
        state = .escaped
      } else if c == 32 && d.pointee.skipInitialSpace {
        state = .startField
      } else if c == d.pointee.delimiter {
        try save(rule)
        state = .startField
      } else {
        try append(c, limit)
        state = .inField
      }
    case .escaped:
      try append(c == endOfLine ? 10 : c, limit)
      state = c == 10 || c == 13 ? .afterEscapedEnd : .inField
    case .afterEscapedEnd where c == endOfLine: return
    case .inField, .afterEscapedEnd:
      if isEnd {
        try save(rule)
        state = c == endOfLine ? .startRecord : .endOfLine
      } else if c == d.pointee.escape {
        state = .escaped
      } else if c == d.pointee.delimiter {
        try save(rule)
        state = .startField
      } else {
        try append(c, limit)
        state = .inField
      }
    case .inQuotes:
      if c == endOfLine {
        return
      } else if c == d.pointee.escape {
        state = .escapedInQuotes
      } else if c == d.pointee.quote && rule != .none {
        state = d.pointee.doubleQuote ? .quoteInQuotes : .inField
      } else {
        try append(c, limit)
      }
    case .escapedInQuotes:
      try append(c == endOfLine ? 10 : c, limit)
      state = .inQuotes
    case .quoteInQuotes:
      if rule != .none && c == d.pointee.quote {
        try append(c, limit)
        state = .inQuotes
      } else if c == d.pointee.delimiter {
        try save(rule)
        state = .startField
      } else if isEnd {
        try save(rule)
        state = c == endOfLine ? .startRecord : .endOfLine
      } else if !d.pointee.strict {
        try append(c, limit)
        state = .inField
      } else {
        throw CSVModule.error("'\(shown(d.pointee.delimiter))' expected after '\(shown(d.pointee.quote))'")
      }
    case .endOfLine:
      if c == endOfLine {
        state = .startRecord
      } else if !isEnd {
        throw CSVModule.error(
          "new-line character seen in unquoted field - do you need to open the file with newline=''?")
      }
    }
  }

  private func shown(_ c: UInt32) -> String { Unicode.Scalar(c).map { String(Character($0)) } ?? "?" }
}

nonisolated(unsafe) private let emptyField = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)

enum ReaderType {
  @inline(__always) private static func reader(_ r: Ref?) -> UnsafeMutablePointer<Reader> {
    r.unsafelyUnwrapped.cast(Reader.self)
  }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_csv.reader", basicSize: MemoryLayout<Reader>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION),
      doc: "An iterator of the rows of a CSV file: each is a list of str.")
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      let p = ReaderType.reader(r)
      xdecref(p.pointee.lines)
      xdecref(p.pointee.dialect)
      xdecref(p.pointee.fields)
      PyMem_Free(p.pointee.field)
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      let p = ReaderType.reader(r)
      for item in [p.pointee.lines, p.pointee.dialect, p.pointee.fields] {
        let v = visit(item, f, context)
        if v != 0 { return v }
      }
      return 0
    }
    t.pointee.tp_clear = { r in
      clear(r!.slot(MemoryLayout<Reader>.offset(of: \Reader.lines)!))
      clear(r!.slot(MemoryLayout<Reader>.offset(of: \Reader.fields)!))
      return 0
    }
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { r in bridgeNext { () throws(PyError) in try ReaderType.next(r!) } }
    var members = MemberTable()
    members.add("dialect", _Py_T_OBJECT, offset: MemoryLayout<Reader>.offset(of: \Reader.dialect)!)
    members.add("line_num", Py_T_ULONG, offset: MemoryLayout<Reader>.offset(of: \Reader.lineNumber)!)
    t.pointee.tp_members = members.build()
    return t
  }()

  static func make(_ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    try checkCount("", args.size, 1, 2)
    let r = try owned(PyType_GenericAlloc(type, 0))
    let p = reader(r.ref)
    p.pointee.lines = try owned(PyObject_GetIter(args.tupleItems[0])).take()
    p.pointee.dialect = try CSVModule.dialect(args.size > 1 ? args.tupleItems[1] : nil, kwargs).take()
    return r
  }

  private static func next(_ r: Ref) throws(PyError) -> Owned? {
    let p = reader(r)
    guard let lines = p.pointee.lines, let dialect = p.pointee.dialect else { return nil }
    let d = DialectType.dialect(dialect)
    replace(r.slot(MemoryLayout<Reader>.offset(of: \Reader.fields)!), with: try owned(PyList_New(0)).take())
    p.pointee.length = 0
    p.pointee.bits = 0
    p.pointee.state = .startRecord
    p.pointee.isUnquoted = false
    let limit = CSVModule.fieldLimit
    repeat {
      guard let item = PyIter_Next(lines) else {
        if errorIsSet { throw PyError() }
        guard p.pointee.length > 0 || p.pointee.state == .inQuotes else { return nil }
        if d.pointee.strict { throw CSVModule.error("unexpected end of data") }
        try p.pointee.save(d.pointee.rule)
        break
      }
      let line = Owned(taking: item)
      if !line.ref.isUnicode {
        throw CSVModule.error(
          "iterator should return strings, not \(typeName(of: line.ref)) (the file should be opened in text mode)")
      }
      if p.pointee.fields == nil { throw CSVModule.error("iterator has already advanced the reader") }
      p.pointee.lineNumber &+= 1
      let data = line.ref.chars
      for i in 0..<data.count { try p.pointee.process(data[i], d, limit) }
      try p.pointee.process(endOfLine, d, limit)
    } while p.pointee.state != .startRecord
    guard let fields = p.pointee.fields else { return nil }
    p.pointee.fields = nil
    return Owned(taking: fields)
  }
}
