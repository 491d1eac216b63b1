// The state of a cursor: a statement that runs, and its rows.

import CGila
import CSQLite
import GilaCore
import Glibc

final class SQLiteCursor: NativeState {
  /// The connection object, owned; nil until __init__ ran.
  private(set) var connection: Ref?
  var description: Ref?
  var rowFactory: Ref = newRef(gila_none())
  var lastRowID: Ref = newRef(gila_none())
  var arraySize: Int = 1
  var rowCount: Int = -1
  private var statement: SQLiteStatement?
  private var converters: [Ref?] = []
  private var isClosed = false, isLocked = false

  deinit {
    endStatement()
    xdecref(connection)
    xdecref(description)
    decref(rowFactory)
    decref(lastRowID)
    for c in converters { xdecref(c) }
  }
  override func traverse(_ visit: visitproc, _ c: UnsafeMutableRawPointer?) -> Int32 {
    for r in [connection, description, rowFactory, lastRowID] {
      let status = visiting(r, visit, c)
      if status != 0 { return status }
    }
    return 0
  }
  override func clear() {
    endStatement()
    let old = connection
    connection = nil
    xdecref(old)
  }
  private func endStatement() {
    statement?.reset()
    statement = nil
  }

  func initialize(_ r: Ref) throws(PyError) {
    if isLocked { throw SQLiteErrors.programming("Recursive use of cursors not allowed.") }
    guard r.isInstance(of: SQLiteConnectionType.type) else {
      throw typeError("Cursor() argument 1 must be sqlite3.Connection, not \(typeName(of: r))")
    }
    let old = connection
    connection = newRef(r)
    xdecref(old)
    endStatement()
    isClosed = false
    setDescription(nil)
    rowCount = -1
    arraySize = 1
    try Native.state(r, SQLiteConnection.self).checkThread()
  }
  private func setDescription(_ r: Ref?) {
    let old = description
    description = r
    xdecref(old)
  }

  /// The connection, when the cursor may be used.
  private func ready() throws(PyError) -> SQLiteConnection {
    guard let connection else { throw SQLiteErrors.programming("Base Cursor.__init__ not called.") }
    if isClosed { throw SQLiteErrors.programming("Cannot operate on a closed cursor.") }
    if isLocked { throw SQLiteErrors.programming("Recursive use of cursors not allowed.") }
    let c = Native.state(connection, SQLiteConnection.self)
    try c.usable()
    return c
  }

  // MARK: running

  func execute(_ sql: Ref, _ parameters: Ref?, many: Bool) throws(PyError) {
    let c = try ready()
    isLocked = true
    defer { isLocked = false }
    endStatement()
    guard sql.isUnicode else {
      throw typeError("\(many ? "executemany" : "execute")() argument 1 must be str, not \(typeName(of: sql))")
    }
    var iterator: Ref? = nil
    if many {
      let rows = parameters!
      iterator = try owned(PyIter_Check(rows) != 0 ? newRef(rows) : PyObject_GetIter(rows)).take()
    }
    defer { xdecref(iterator) }
    // Callbacks of SQLite may use this very cursor; the statement of a failed run is reset.
    do throws(PyError) {
      try run(c, sql, parameters, iterator)
    } catch {
      endStatement()
      rowCount = -1
      throw error
    }
  }
  private func run(_ c: SQLiteConnection, _ sql: Ref, _ parameters: Ref?, _ rows: Ref?) throws(PyError) {
    setDescription(nil)
    guard let s = try c.statement(sql) else {
      rowCount = -1
      return
    }
    statement = s
    s.reset()
    rowCount = s.changesData ? 0 : -1
    if rows != nil, !s.changesData {
      throw SQLiteErrors.programming("executemany() can only execute DML statements.")
    }
    try c.beginIfDue(s)
    let empty = try owned(PyTuple_New(0))
    var isFirst = true
    while true {
      var row: Owned
      if let rows {
        guard let next = PyIter_Next(rows) else {
          if errorIsSet { throw PyError() }
          break
        }
        row = Owned(taking: next)
      } else {
        row = Owned(retaining: parameters ?? empty.ref)
      }
      s.isInUse = true
      try s.bind(c, row.ref, untilStepped: rows != nil)
      let status = s.step()
      if status != SQLITE_DONE, status != SQLITE_ROW {
        if errorIsSet { throw PyError() }
        throw SQLiteErrors.last(c.db)
      }
      if errorIsSet { throw PyError() }
      if isFirst {
        isFirst = false
        try describe(c, s)
      }
      if status == SQLITE_DONE, s.changesData { rowCount += Int(sqlite3_changes(c.db)) }
      if rows == nil {
        let id = try int(sqlite3_last_insert_rowid(c.db))
        let old = lastRowID
        lastRowID = id.take()
        decref(old)
        if status == SQLITE_DONE { endStatement() }
        return
      }
      // Rows that a changing statement returns are passed over.
      if status == SQLITE_ROW {
        while s.step() == SQLITE_ROW {}
        rowCount += Int(sqlite3_changes(c.db))
      }
      s.reset()
    }
    endStatement()
  }

  private func describe(_ c: SQLiteConnection, _ s: SQLiteStatement) throws(PyError) {
    for old in converters { xdecref(old) }
    converters = []
    let n = sqlite3_column_count(s.handle)
    if n == 0 { return }
    let all = try owned(PyTuple_New(Int(n)))
    for i in 0..<n {
      guard let p = sqlite3_column_name(s.handle, i) else { throw memoryError() }
      var name = String(cString: p)
      if c.detectTypes != 0 { converters.append(try converter(c, s, i, name)) }
      if c.detectTypes & 2 != 0, let bracket = name.firstIndex(of: "["), bracket > name.startIndex,
        name[name.index(before: bracket)] == " "
      {
        name = String(name[..<name.index(before: bracket)])
      }
      let text = try string(name)
      gila_tuple_items(all.ref)[Int(i)] = try tuple(text.ref, none, none, none, none, none, none).take()
    }
    setDescription(all.take())
  }
  /// The function that makes Python values of a column, from its name or its declared type.
  private func converter(
    _ c: SQLiteConnection, _ s: SQLiteStatement, _ i: Int32, _ name: String
  ) throws(PyError) -> Ref? {
    guard let known = LibraryObject.sqliteConverters.ref else { return nil }
    func find(_ key: String) throws(PyError) -> Ref? {
      let text = try string(key.uppercased())
      return xnewRef(PyDict_GetItemWithError(known, text.ref))
    }
    if c.detectTypes & 2 != 0, let open = name.lastIndex(of: "["), let close = name[open...].firstIndex(of: "]") {
      if let f = try find(String(name[name.index(after: open)..<close])) { return f }
    }
    if c.detectTypes & 1 != 0, let p = sqlite3_column_decltype(s.handle, i) {
      let declared = String(cString: p)
      let end = declared.firstIndex { $0 == " " || $0 == "(" } ?? declared.endIndex
      return try find(String(declared[..<end]))
    }
    return nil
  }

  // MARK: rows

  /// The next row; nil when there is none.
  func next() throws(PyError) -> Owned? {
    let c = try ready()
    guard let s = statement else { return nil }
    isLocked = true
    let row: Owned
    do throws(PyError) { row = try self.row(c, s) } catch {
      isLocked = false
      throw error
    }
    isLocked = false
    if statement !== s { return try finished(row) }
    let status = s.step()
    if errorIsSet {
      endStatement()
      throw PyError()
    }
    if status == SQLITE_DONE {
      if s.changesData { rowCount = Int(sqlite3_changes(c.db)) }
      endStatement()
    } else if status != SQLITE_ROW {
      let error = SQLiteErrors.last(c.db)
      endStatement()
      throw error
    }
    return try finished(row)
  }
  private func finished(_ row: borrowing Owned) throws(PyError) -> Owned {
    if rowFactory.isNone { return Owned(retaining: row.ref) }
    let factory = Owned(retaining: rowFactory)
    guard let object else { return Owned(retaining: row.ref) }
    return try call(factory.ref, object, row.ref)
  }
  /// The cursor as Python sees it (borrowed), while a method runs.
  var object: Ref?

  private func row(_ c: SQLiteConnection, _ s: SQLiteStatement) throws(PyError) -> Owned {
    let n = sqlite3_data_count(s.handle)
    let row = try owned(PyTuple_New(Int(n)))
    for i in 0..<n {
      if Int(i) < converters.count, let f = converters[Int(i)] {
        if sqlite3_column_type(s.handle, i) == SQLITE_NULL {
          gila_tuple_items(row.ref)[Int(i)] = newRef(none)
          continue
        }
        guard let p = sqlite3_column_blob(s.handle, i) else {
          gila_tuple_items(row.ref)[Int(i)] = newRef(none)
          continue
        }
        let bytes = try bytesObject(p, Int(sqlite3_column_bytes(s.handle, i)))
        gila_tuple_items(row.ref)[Int(i)] = try call(f, bytes.ref).take()
      } else {
        gila_tuple_items(row.ref)[Int(i)] = try value(c, s, i).take()
      }
      if errorIsSet { throw PyError() }
    }
    return row
  }
  private func value(_ c: SQLiteConnection, _ s: SQLiteStatement, _ i: Int32) throws(PyError) -> Owned {
    switch sqlite3_column_type(s.handle, i) {
    case SQLITE_INTEGER: return try int(sqlite3_column_int64(s.handle, i))
    case SQLITE_FLOAT: return try owned(PyFloat_FromDouble(sqlite3_column_double(s.handle, i)))
    case SQLITE_NULL: return noneOwned()
    case SQLITE_TEXT:
      let text = UnsafeRawPointer(sqlite3_column_text(s.handle, i))?.assumingMemoryBound(to: CChar.self)
      let n = Int(sqlite3_column_bytes(s.handle, i))
      let factory = Owned(retaining: c.textFactory)
      if factory.ref == Types.unicode.object {
        if let r = PyUnicode_FromStringAndSize(text, n) { return Owned(taking: r) }
        if PyErr_ExceptionMatches(Exc.UnicodeDecodeError.object) == 0 { throw PyError() }
        PyErr_Clear()
        let column = sqlite3_column_name(s.handle, i).map { String(cString: $0) } ?? ""
        let shown = String(decoding: UnsafeRawBufferPointer(start: text, count: n), as: UTF8.self)
        throw SQLiteErrors.operational("Could not decode to UTF-8 column '\(column)' with text '\(shown)'")
      }
      if factory.ref == Types.bytes.object { return try bytesObject(text, n) }
      if factory.ref == Types.byteArray.object { return try owned(PyByteArray_FromStringAndSize(text, n)) }
      let bytes = try bytesObject(text, n)
      return try call(factory.ref, bytes.ref)
    default:
      let p = sqlite3_column_blob(s.handle, i)
      return try bytesObject(p, Int(sqlite3_column_bytes(s.handle, i)))
    }
  }

  // MARK: scripts, closing

  func executeScript(_ script: Ref) throws(PyError) {
    let c = try ready()
    guard script.isUnicode else {
      throw typeError("executescript() argument must be str, not \(typeName(of: script))")
    }
    var n = 0
    guard let text = PyUnicode_AsUTF8AndSize(script, &n) else { throw PyError() }
    if memchr(text, 0, n) != nil { throw valueError("embedded null character") }
    let db = try c.open()
    if n > Int(sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, -1)) {
      throw raise(LibraryObject.sqliteDataError.exception, "query string is too large")
    }
    if c.autocommit == SQLiteConnection.legacy, sqlite3_get_autocommit(db) == 0 { try c.run("COMMIT") }
    var rest: UnsafePointer<CChar> = text
    while rest.pointee != 0 {
      var s: OpaquePointer? = nil
      var tail: UnsafePointer<CChar>? = nil
      let from = rest
      let status = releasingLock("sqlite3_exec") {
        var status = sqlite3_prepare_v2(db, from, -1, &s, &tail)
        if status == SQLITE_OK {
          repeat { status = sqlite3_step(s) } while status == SQLITE_ROW
          status = sqlite3_finalize(s)
        }
        return status
      }
      if errorIsSet { throw PyError() }
      if status != SQLITE_OK { throw SQLiteErrors.last(db) }
      rest = tail ?? from + strlen(from)
    }
  }
  func close() throws(PyError) {
    guard let connection else { throw SQLiteErrors.programming("Base Cursor.__init__ not called.") }
    if isLocked { throw SQLiteErrors.programming("Recursive use of cursors not allowed.") }
    try Native.state(connection, SQLiteConnection.self).usable()
    endStatement()
    isClosed = true
  }
}
