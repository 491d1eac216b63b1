// A prepared statement: its parameters and the Python values of its columns.

import CGila
import CSQLite
import GilaCore
import Glibc

final class SQLiteStatement {
  let handle: OpaquePointer
  let changesData: Bool
  let isReturning: Bool
  var isInUse = false
  /// How many values are to be bound, and whether all of them are nameless.
  private var parameterCount = -1
  private var isNameless = false
  /// Whether the last step came to an end: then nothing is left that resetting could wait for.
  private var hasEnded = false

  /// nil for text without a statement.
  init?(_ connection: SQLiteConnection, _ sql: Ref) throws(PyError) {
    var n = 0
    guard let text = PyUnicode_AsUTF8AndSize(sql, &n) else {
      throw PyError()
    }
    let db = try connection.open()
    if n > Int(sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, -1)) {
      throw raise(LibraryObject.sqliteDataError.exception, "query string is too large")
    }
    if memchr(text, 0, n) != nil { throw SQLiteErrors.programming("the query contains a null character") }
    var made: OpaquePointer? = nil
    var tail: UnsafePointer<CChar>? = nil
    let status = releasingLock("sqlite3_prepare") { sqlite3_prepare_v2(db, text, Int32(n) + 1, &made, &tail) }
    if status != SQLITE_OK {
      if errorIsSet { throw PyError() }
      throw SQLiteErrors.last(db)
    }
    if let tail, SQLiteText.skipBlanks(tail).pointee != 0 {
      sqlite3_finalize(made)
      throw SQLiteErrors.programming("You can only execute one statement at a time.")
    }
    guard let made else { return nil }
    handle = made
    let start = SQLiteText.skipBlanks(text)
    changesData = ["insert", "update", "delete", "replace"].contains { (word: String) in
      strncasecmp(start, word, word.utf8.count) == 0
    }
    isReturning = sqlite3_column_count(made) > 0
  }
  deinit {
    let h = handle
    sqlite3_finalize(h)
  }
  func reset() {
    if isInUse {
      let h = handle
      if hasEnded { _ = sqlite3_reset(h) } else { _ = releasingLock("sqlite3_reset") { sqlite3_reset(h) } }
      isInUse = false
    }
  }
  func step() -> Int32 {
    let h = handle
    hasEnded = false
    let status = releasingLock("sqlite3_step") { sqlite3_step(h) }
    hasEnded = status == SQLITE_DONE
    return status
  }

  // MARK: parameters

  /// Binds values; `untilStepped` says that `parameters` stays until the statement has come to its end and is given other
  /// values before it runs again. Then SQLite need not copy what a tuple keeps alive.
  func bind(_ connection: SQLiteConnection, _ parameters: Ref, untilStepped: Bool = false) throws(PyError) {
    if parameterCount < 0 {
      parameterCount = Int(sqlite3_bind_parameter_count(handle))
      isNameless = true
      for i in 0..<parameterCount {
        if let name = sqlite3_bind_parameter_name(handle, Int32(i + 1)), name.pointee != 63 { isNameless = false }
      }
    }
    let wanted = parameterCount
    let stays = untilStepped && parameters.isExactly(Types.tuple)
    let isSequence =
      parameters.isTuple || parameters.isList || (!parameters.isDict && PySequence_Check(parameters) != 0)
    if isSequence {
      let given = try checkSize(PySequence_Size(parameters))
      if given != wanted {
        throw SQLiteErrors.programming(
          "Incorrect number of bindings supplied. The current statement uses \(wanted), and there are \(given) supplied."
        )
      }
      for i in 0..<wanted {
        if !isNameless, let name = sqlite3_bind_parameter_name(handle, Int32(i + 1)), name.pointee != 63 {
          try check(
            PyErr_WarnEx(
              Exc.DeprecationWarning.object,
              "Binding \(i + 1) ('\(String(cString: name))') is a named parameter, but you supplied a sequence which requires nominal (qmark) placeholders. Starting with Python 3.14 an sqlite3.ProgrammingError will be raised.",
              1))
        }
        let item =
          parameters.isExactly(Types.tuple) && i < parameters.size
          ? Owned(retaining: gila_tuple_items(parameters)[i]!) : try owned(PySequence_GetItem(parameters, i))
        try bindAdapted(connection, i, item.ref, stays: stays, "parameter \(i + 1)")
      }
    } else if PyMapping_Check(parameters) != 0 {
      for i in 0..<wanted {
        guard let p = sqlite3_bind_parameter_name(handle, Int32(i + 1)) else {
          throw SQLiteErrors.programming(
            "Binding \(i + 1) has no name, but you supplied a dictionary (which has only names).")
        }
        let key = try owned(PyUnicode_FromString(p + 1))
        guard let value = PyObject_GetItem(parameters, key.ref) else {
          if PyErr_ExceptionMatches(Exc.LookupError.object) != 0 {
            PyErr_Clear()
            throw SQLiteErrors.programming("You did not supply a value for binding parameter :\(swiftString(key.ref)).")
          }
          throw PyError()
        }
        let held = Owned(taking: value)
        try bindAdapted(connection, i, held.ref, stays: false, "parameter ':\(swiftString(key.ref))'")
      }
    } else {
      throw SQLiteErrors.programming("parameters are of unsupported type")
    }
  }
  private func bindAdapted(
    _ connection: SQLiteConnection, _ i: Int, _ r: Ref, stays: Bool, _ what: @autoclosure () -> String
  ) throws(PyError) {
    let isPlain =
      !SQLiteModule.adaptsPlainTypes
      && (r.isExactly(Types.long) || r.isExactly(Types.float) || r.isExactly(Types.unicode)
        || r.isExactly(Types.byteArray))
    let value =
      isPlain ? Owned(retaining: r) : try SQLiteModule.adapt(r, SQLiteModule.protocolType.object, fallback: r)
    let stays = stays && value.ref == r && (r.isExactly(Types.unicode) || r.isExactly(Types.bytes))
    let status = try bindValue(Int32(i + 1), value.ref, stays ? nil : SQLiteText.transient, what())
    if status != SQLITE_OK {
      if errorIsSet { throw PyError() }
      let code = sqlite3_errcode(try connection.open())
      if code == SQLITE_TOOBIG || status == SQLITE_TOOBIG {
        throw raise(LibraryObject.sqliteDataError.exception, "string or blob too big")
      }
      throw SQLiteErrors.last(try connection.open())
    }
  }
  private func bindValue(
    _ i: Int32, _ r: Ref, _ memory: sqlite3_destructor_type?, _ what: @autoclosure () -> String
  ) throws(PyError) -> Int32 {
    if r.isNone { return sqlite3_bind_null(handle, i) }
    if r.isLong { return sqlite3_bind_int64(handle, i, try SQLiteValue.integer(r)) }
    if r.isInstance(of: Types.float) { return sqlite3_bind_double(handle, i, PyFloat_AsDouble(r)) }
    if r.isUnicode {
      var n = 0
      guard let p = PyUnicode_AsUTF8AndSize(r, &n) else { throw PyError() }
      if n > Int(Int32.max) { throw overflowError("string longer than INT_MAX bytes") }
      return sqlite3_bind_text(handle, i, p, Int32(n), memory)
    }
    if r.isExactly(Types.bytes), r.size > 0, r.size <= Int(Int32.max) {
      return sqlite3_bind_blob(handle, i, r.raw + 32, Int32(r.size), memory)
    }
    if PyObject_CheckBuffer(r) != 0 {
      let b = try Buffer(r)
      if b.count > Int(Int32.max) { throw overflowError("BLOB longer than INT_MAX bytes") }
      return b.count == 0
        ? sqlite3_bind_zeroblob(handle, i, 0)
        : sqlite3_bind_blob(handle, i, b.start, Int32(b.count), SQLiteText.transient)
    }
    throw SQLiteErrors.programming("Error binding \(what()): type '\(typeName(of: r))' is not supported")
  }
}

enum SQLiteText {
  /// SQLITE_TRANSIENT: SQLite copies the memory.
  static var transient: sqlite3_destructor_type? { unsafeBitCast(-1, to: sqlite3_destructor_type?.self) }

  /// The first character behind blanks and comments.
  static func skipBlanks(_ text: UnsafePointer<CChar>) -> UnsafePointer<CChar> {
    var p = text
    while true {
      switch UInt8(bitPattern: p.pointee) {
      case 32, 9, 10, 13, 12: p += 1
      case UInt8(ascii: "-") where p[1] == 45:
        while p.pointee != 0, p.pointee != 10 { p += 1 }
      case UInt8(ascii: "/") where p[1] == 42:
        p += 2
        while p.pointee != 0, !(p[0] == 42 && p[1] == 47) { p += 1 }
        if p.pointee == 0 { return p }
        p += 2
      default: return p
      }
    }
  }
}

enum SQLiteValue {
  static func integer(_ r: Ref) throws(PyError) -> Int64 {
    var overflow: Int32 = 0
    let n = PyLong_AsLongLongAndOverflow(r, &overflow)
    if n == -1, errorIsSet { throw PyError() }
    if overflow != 0 { throw overflowError("Python int too large to convert to SQLite INTEGER") }
    return n
  }
  /// Arguments of a function that SQL calls, as a tuple.
  static func arguments(_ n: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(Int(n)))
    for i in 0..<Int(n) {
      guard let v = values?[i] else { continue }
      gila_tuple_items(t.ref)[i] = try object(v).take()
    }
    return t
  }
  private static func object(_ v: OpaquePointer) throws(PyError) -> Owned {
    switch sqlite3_value_type(v) {
    case SQLITE_INTEGER: return try int(sqlite3_value_int64(v))
    case SQLITE_FLOAT: return try owned(PyFloat_FromDouble(sqlite3_value_double(v)))
    case SQLITE_TEXT:
      let p = UnsafeRawPointer(sqlite3_value_text(v))?.assumingMemoryBound(to: CChar.self)
      return try owned(PyUnicode_FromStringAndSize(p, Int(sqlite3_value_bytes(v))))
    case SQLITE_BLOB: return try bytesObject(sqlite3_value_blob(v), Int(sqlite3_value_bytes(v)))
    default: return noneOwned()
    }
  }
  /// Gives a Python value to SQL as the result of a function.
  static func setResult(_ context: OpaquePointer?, _ r: Ref) throws(PyError) {
    if r.isNone { return sqlite3_result_null(context) }
    if r.isLong { return sqlite3_result_int64(context, try integer(r)) }
    if r.isInstance(of: Types.float) { return sqlite3_result_double(context, PyFloat_AsDouble(r)) }
    if r.isUnicode {
      var n = 0
      guard let p = PyUnicode_AsUTF8AndSize(r, &n) else { throw PyError() }
      if n > Int(Int32.max) {
        sqlite3_result_error_toobig(context)
        throw PyError()
      }
      return sqlite3_result_text(context, p, Int32(n), SQLiteText.transient)
    }
    if PyObject_CheckBuffer(r) != 0 {
      let b = try Buffer(r)
      if b.count > Int(Int32.max) {
        sqlite3_result_error_toobig(context)
        throw PyError()
      }
      return b.count == 0
        ? sqlite3_result_zeroblob(context, 0)
        : sqlite3_result_blob(context, b.start, Int32(b.count), SQLiteText.transient)
    }
    throw SQLiteErrors.programming("User-defined functions cannot return '\(typeName(of: r))' values to SQLite")
  }
}
