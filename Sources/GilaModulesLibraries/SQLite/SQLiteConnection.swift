// The state of a connection: the database, transactions, the cache of statements.

import CGila
import CSQLite
import GilaCore
import Glibc

final class SQLiteConnection: NativeState {
  static let legacy: Int32 = -1
  private(set) var db: OpaquePointer?
  var isInitialized = false
  var isolation: String? = ""
  var autocommit = SQLiteConnection.legacy
  var detectTypes: Int32 = 0
  var rowFactory: Ref = newRef(gila_none())
  var textFactory: Ref = newRef(Types.unicode.object)
  private var checksThread = true
  private var thread = pthread_self()
  private var cacheSize = 128
  private var cache: [(key: [UInt8], statement: SQLiteStatement)] = []
  /// What SQLite calls back, for the collector to see.
  var functions: [String: SQLiteFunction] = [:]
  var authorizer: SQLiteFunction?, progress: SQLiteFunction?, trace: SQLiteFunction?
  private var blobs: [WeakBlob] = []
  struct WeakBlob { weak var blob: SQLiteBlob? }

  deinit {
    closeDatabase()
    decref(rowFactory)
    decref(textFactory)
  }
  override func traverse(_ visit: visitproc, _ c: UnsafeMutableRawPointer?) -> Int32 {
    for r in [rowFactory, textFactory, authorizer?.callable, progress?.callable, trace?.callable] {
      let status = visiting(r, visit, c)
      if status != 0 { return status }
    }
    for f in functions.values {
      let status = visiting(f.callable, visit, c)
      if status != 0 { return status }
    }
    return 0
  }
  override func clear() {
    let (a, b) = (rowFactory, textFactory)
    (rowFactory, textFactory) = (newRef(gila_none()), newRef(gila_none()))
    decref(a)
    decref(b)
    for f in functions.values { f.drop() }
    for f in [authorizer, progress, trace] { f?.drop() }
  }

  // MARK: opening and closing

  func open(_ b: Bound) throws(PyError) {
    try audit("sqlite3.connect", b[0])
    var bytes: Ref? = nil
    if PyUnicode_FSConverter(b[0], &bytes) == 0 { throw PyError() }
    let path = try owned(bytes)
    let timeout = b[1] == nil ? 5.0 : try cDouble(b[1]!)
    detectTypes = try cInt(b[2], 0)
    let level = b[3] == nil ? "" : try SQLiteConnection.level(b[3]!)
    checksThread = try cFlag(b[4], true)
    cacheSize = Int(try cInt(b[6], 128))
    let isURI = try cFlag(b[7], false)
    let mode = b[8] == nil ? SQLiteConnection.legacy : try SQLiteConnection.autocommitMode(b[8]!)
    closeDatabase()
    isInitialized = false
    let (rows, texts) = (rowFactory, textFactory)
    (rowFactory, textFactory) = (newRef(gila_none()), newRef(Types.unicode.object))
    decref(rows)
    decref(texts)
    var made: OpaquePointer? = nil
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | (isURI ? SQLITE_OPEN_URI : 0)
    let p = PyBytes_AsString(path.ref)
    let milliseconds = Int32(
      clamping: Int(exactly: (timeout * 1000).rounded(.towardZero)) ?? (timeout > 0 ? Int.max : 0))
    let status = releasingLock("sqlite3_open") {
      let status = sqlite3_open_v2(p, &made, flags, nil)
      if status == SQLITE_OK { sqlite3_busy_timeout(made, milliseconds) }
      return status
    }
    if made == nil, status == SQLITE_NOMEM { throw memoryError() }
    if status != SQLITE_OK {
      let error = SQLiteErrors.last(made)
      sqlite3_close_v2(made)
      throw error
    }
    db = made
    isolation = level
    autocommit = mode
    thread = pthread_self()
    isInitialized = true
    if autocommit == 0 { try run("BEGIN") }
  }
  private func closeDatabase() {
    cache = []
    for w in blobs { w.blob?.close() }
    blobs = []
    guard let db else { return }
    self.db = nil
    sqlite3_set_authorizer(db, nil, nil)
    sqlite3_progress_handler(db, 0, nil, nil)
    sqlite3_trace_v2(db, 0, nil, nil)
    (authorizer, progress, trace) = (nil, nil, nil)
    releasingLock("sqlite3_close") { _ = sqlite3_close_v2(db) }
    functions = [:]
  }
  func close() throws(PyError) {
    try checkThread()
    if !isInitialized { throw SQLiteErrors.programming("Base Connection.__init__ not called.") }
    // What a connection without autocommit has not committed is undone.
    if db != nil, autocommit == 0 { if sqlite3_get_autocommit(db) == 0 { try run("ROLLBACK") } }
    closeDatabase()
  }
  func track(_ blob: SQLiteBlob) {
    blobs.removeAll { $0.blob == nil }
    blobs.append(WeakBlob(blob: blob))
  }

  func checkThread() throws(PyError) {
    guard isInitialized, checksThread else { return }
    let here = pthread_self()
    if here != thread {
      throw SQLiteErrors.programming(
        "SQLite objects created in a thread can only be used in that same thread. The object was created in thread id \(thread) and this is thread id \(here)."
      )
    }
  }
  /// The database; ProgrammingError when there is none.
  func open() throws(PyError) -> OpaquePointer {
    if !isInitialized { throw SQLiteErrors.programming("Base Connection.__init__ not called.") }
    guard let db else { throw SQLiteErrors.programming("Cannot operate on a closed database.") }
    return db
  }
  @discardableResult func usable() throws(PyError) -> OpaquePointer {
    try checkThread()
    return try open()
  }

  // MARK: transactions

  static func level(_ r: Ref) throws(PyError) -> String? {
    if r.isNone { return nil }
    guard r.isUnicode else { throw typeError("isolation_level must be str or None") }
    let text = swiftString(r)
    for known in ["", "DEFERRED", "IMMEDIATE", "EXCLUSIVE"] where text.uppercased() == known { return known }
    throw valueError("isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'")
  }
  static func autocommitMode(_ r: Ref) throws(PyError) -> Int32 {
    if r == gila_true() { return 1 }
    if r == gila_false() { return 0 }
    if r.isLong {
      let n = PyLong_AsLong(r)
      if n == -1, errorIsSet { PyErr_Clear() } else if n == -1 { return legacy }
    }
    throw valueError("autocommit must be True, False, or sqlite3.LEGACY_TRANSACTION_CONTROL")
  }
  /// Runs a statement without rows.
  func run(_ sql: String) throws(PyError) {
    let db = try open()
    let status = releasingLock("sqlite3_exec") {
      var statement: OpaquePointer? = nil
      var status = sqlite3_prepare_v2(db, sql, -1, &statement, nil)
      if status == SQLITE_OK {
        _ = sqlite3_step(statement)
        status = sqlite3_finalize(statement)
      }
      return status
    }
    if errorIsSet { throw PyError() }
    if status != SQLITE_OK { throw SQLiteErrors.last(db) }
  }
  func commit() throws(PyError) {
    let db = try usable()
    if autocommit == SQLiteConnection.legacy {
      if sqlite3_get_autocommit(db) == 0 { try run("COMMIT") }
    } else if autocommit == 0 {
      try run("COMMIT")
      try run("BEGIN")
    }
  }
  func rollback() throws(PyError) {
    let db = try usable()
    if autocommit == SQLiteConnection.legacy {
      if sqlite3_get_autocommit(db) == 0 { try run("ROLLBACK") }
    } else if autocommit == 0 {
      try run("ROLLBACK")
      try run("BEGIN")
    }
  }
  func beginIfDue(_ statement: SQLiteStatement) throws(PyError) {
    guard autocommit == SQLiteConnection.legacy, let isolation, statement.changesData, sqlite3_get_autocommit(db) != 0
    else { return }
    try run("BEGIN \(isolation)")
  }
  func setAutocommit(_ r: Ref) throws(PyError) {
    let db = try usable()
    let mode = try SQLiteConnection.autocommitMode(r)
    if mode == 1, sqlite3_get_autocommit(db) == 0 { try run("COMMIT") }
    if mode == 0, sqlite3_get_autocommit(db) != 0 { try run("BEGIN") }
    autocommit = mode
  }

  // MARK: statements

  /// A prepared statement from the cache that nobody uses, or a new one; nil for text without a statement.
  func statement(_ sql: Ref) throws(PyError) -> SQLiteStatement? {
    var n = 0
    guard let p = PyUnicode_AsUTF8AndSize(sql, &n) else { throw PyError() }
    let key = UnsafeBufferPointer(start: p, count: n).map { UInt8(bitPattern: $0) }
    if let i = cache.firstIndex(where: { $0.key == key }) {
      let found = cache.remove(at: i)
      cache.append(found)
      if !found.statement.isInUse { return found.statement }
      return try SQLiteStatement(self, sql)
    }
    guard let made = try SQLiteStatement(self, sql) else { return nil }
    if cacheSize > 0 {
      if cache.count >= cacheSize { cache.removeFirst() }
      cache.append((key, made))
    }
    return made
  }
}
