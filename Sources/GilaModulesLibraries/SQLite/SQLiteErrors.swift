// SQLite's results as Python exceptions.

import CGila
import CSQLite
import GilaCore
import Glibc

enum SQLiteErrors {
  static func add(to module: Ref) throws(PyError) {
    let error = try LibraryObject.sqliteError.addException(module, "sqlite3", "Error", base: Exc.Exception.object)
    try LibraryObject.sqliteWarning.addException(module, "sqlite3", "Warning", base: Exc.Exception.object)
    try LibraryObject.sqliteInterfaceError.addException(module, "sqlite3", "InterfaceError", base: error)
    let database = try LibraryObject.sqliteDatabaseError.addException(module, "sqlite3", "DatabaseError", base: error)
    try LibraryObject.sqliteInternalError.addException(module, "sqlite3", "InternalError", base: database)
    try LibraryObject.sqliteOperationalError.addException(module, "sqlite3", "OperationalError", base: database)
    try LibraryObject.sqliteProgrammingError.addException(module, "sqlite3", "ProgrammingError", base: database)
    try LibraryObject.sqliteIntegrityError.addException(module, "sqlite3", "IntegrityError", base: database)
    try LibraryObject.sqliteDataError.addException(module, "sqlite3", "DataError", base: database)
    try LibraryObject.sqliteNotSupportedError.addException(module, "sqlite3", "NotSupportedError", base: database)
  }

  static func programming(_ text: String) -> PyError { raise(LibraryObject.sqliteProgrammingError.exception, text) }
  static func operational(_ text: String) -> PyError { raise(LibraryObject.sqliteOperationalError.exception, text) }
  static func interface(_ text: String) -> PyError { raise(LibraryObject.sqliteInterfaceError.exception, text) }

  /// The exception of the database's last error; an exception that a callback raised comes first.
  static func last(_ db: OpaquePointer?, status: Int32 = SQLITE_OK) -> PyError {
    let code = status == SQLITE_OK ? sqlite3_errcode(db) : status
    let kind: LibraryObject
    switch code {
    case SQLITE_OK:
      if errorIsSet { return PyError() }
      kind = .sqliteInternalError
    case SQLITE_INTERNAL, SQLITE_NOTFOUND: kind = .sqliteInternalError
    case SQLITE_NOMEM:
      return memoryError()
    case SQLITE_ERROR, SQLITE_PERM, SQLITE_ABORT, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_INTERRUPT,
      SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_PROTOCOL, SQLITE_EMPTY, SQLITE_SCHEMA:
      kind = .sqliteOperationalError
    case SQLITE_CORRUPT: kind = .sqliteDatabaseError
    case SQLITE_TOOBIG: kind = .sqliteDataError
    case SQLITE_CONSTRAINT, SQLITE_MISMATCH: kind = .sqliteIntegrityError
    case SQLITE_MISUSE, SQLITE_RANGE: kind = .sqliteInterfaceError
    default: kind = .sqliteDatabaseError
    }
    if status == SQLITE_MISUSE {
      return make(LibraryObject.sqliteProgrammingError.exception, status, String(cString: sqlite3_errstr(status)))
    }
    let extended = sqlite3_extended_errcode(db)
    let message = sqlite3_errmsg(db).map { String(cString: $0) } ?? "unknown error"
    return make(kind.exception, extended, message)
  }
  static func make(_ type: TypeRef, _ code: Int32, _ message: String) -> PyError {
    do throws(PyError) {
      let text = try string(message)
      let e = try owned(PyObject_CallOneArg(type.object, text.ref))
      let number = try int(code), name = try string(SQLiteConstants.errorName(code))
      try check(PyObject_SetAttrString(e.ref, "sqlite_errorcode", number.ref))
      try check(PyObject_SetAttrString(e.ref, "sqlite_errorname", name.ref))
      PyErr_SetObject(type.object, e.ref)
    } catch {}
    return PyError()
  }
}
