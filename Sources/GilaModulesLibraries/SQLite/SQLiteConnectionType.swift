// The type sqlite3.Connection.

import CGila
import CSQLite
import GilaCore
import Glibc

enum SQLiteConnectionType {
  private static func state(_ r: Ref?) -> SQLiteConnection { Native.state(r!) }
  private static let initialize = Signature(
    "Connection",
    "(database, timeout=5.0, detect_types=0, isolation_level='', check_same_thread=True, factory=ConnectionType, cached_statements=128, uri=False, *, autocommit=-1)"
  )
  private static let cursorFunction = Function("cursor", "($self, /, factory=<unrepresentable>)")
  private static let createFunction = Function(
    "create_function", "($self, /, name, narg, func, *, deterministic=False)")
  private static let createAggregate = Function("create_aggregate", "($self, /, name, n_arg, aggregate_class)")
  private static let setAuthorizer = Function("set_authorizer", "($self, /, authorizer_callback)")
  private static let setProgress = Function("set_progress_handler", "($self, /, progress_handler, n)")
  private static let setTrace = Function("set_trace_callback", "($self, /, trace_callback)")
  private static let dumpFunction = Function("iterdump", "($self, /, *, filter=None)")
  private static let backupFunction = Function(
    "backup", "($self, /, target, *, pages=-1, progress=None, name='main', sleep=0.25)")
  private static let serializeFunction = Function("serialize", "($self, /, *, name='main')")
  private static let deserializeFunction = Function("deserialize", "($self, data, /, *, name='main')")
  private static let blobFunction = Function(
    "blobopen", "($self, table, column, row, /, *, readonly=False, name='main')")

  static func cursor(_ r: Ref, _ factory: Ref?) throws(PyError) -> Owned {
    let c = state(r)
    try c.usable()
    let cursor = try call(factory ?? SQLiteCursorType.type.object, r)
    guard cursor.ref.isInstance(of: SQLiteCursorType.type) else {
      throw typeError("factory must return a cursor, not \(typeName(of: cursor.ref))")
    }
    if !c.rowFactory.isNone {
      let s = Native.state(cursor.ref, SQLiteCursor.self)
      let old = s.rowFactory
      s.rowFactory = newRef(c.rowFactory)
      decref(old)
    }
    return cursor
  }
  /// Makes a cursor and calls one of its methods.
  private static func forward(_ r: Ref, _ name: StaticString, _ a: ArgumentVector?, _ n: Int) throws(PyError) -> Owned {
    let cursor = try callMethod(r, "cursor")
    let f = try owned(PyObject_GetAttrString(cursor.ref, cString(name)))
    return try owned(PyObject_Vectorcall(f.ref, a, n, nil))
  }
  private static func text(_ r: Ref?, _ missing: StaticString, _ function: StaticString) throws(PyError)
    -> UnsafePointer<CChar>
  {
    guard let r else { return cString(missing) }
    return try cText(r, function, "argument")
  }

  // MARK: functions

  private static let destroy: @Sendable @convention(c) (UnsafeMutableRawPointer?) -> Void = { p in
    guard let p else { return }
    SQLiteCallbacks.locked { Unmanaged<SQLiteFunction>.fromOpaque(p).release() }
  }
  private static func checkArguments(_ db: OpaquePointer, _ n: Int32) throws(PyError) {
    let most = sqlite3_limit(db, SQLITE_LIMIT_FUNCTION_ARG, -1)
    if n < -1 || n > most { throw SQLiteErrors.programming("'narg' must be between -1 and \(most), not \(n)") }
  }
  private static func define(_ r: Ref?, _ b: Bound) throws(PyError) {
    let c = state(r)
    let db = try c.usable()
    let name = try text(b[0], "", "create_function"), n = try cInt(b[1]!)
    let flags = SQLITE_UTF8 | (try cFlag(b[3], false) ? SQLITE_DETERMINISTIC : 0)
    let status: Int32
    if b[2]!.isNone {
      status = sqlite3_create_function_v2(db, name, n, flags, nil, nil, nil, nil, nil)
    } else {
      let f = SQLiteFunction(b[2]!)
      c.functions["f\(n)" + String(cString: name)] = f
      status = sqlite3_create_function_v2(
        db, name, n, flags, Unmanaged.passRetained(f).toOpaque(), { SQLiteCallbacks.scalar($0, $1, $2) }, nil, nil,
        destroy)
    }
    if status != SQLITE_OK { throw SQLiteErrors.operational("Error creating function") }
  }
  private static func defineAggregate(_ r: Ref?, _ b: Bound) throws(PyError) {
    let c = state(r)
    let db = try c.usable()
    let name = try text(b[0], "", "create_aggregate"), n = try cInt(b[1]!)
    let status: Int32
    if b[2]!.isNone {
      status = sqlite3_create_function_v2(db, name, n, SQLITE_UTF8, nil, nil, nil, nil, nil)
    } else {
      let f = SQLiteFunction(b[2]!)
      c.functions["f\(n)" + String(cString: name)] = f
      status = sqlite3_create_function_v2(
        db, name, n, SQLITE_UTF8, Unmanaged.passRetained(f).toOpaque(), nil,
        { SQLiteCallbacks.step($0, $1, $2, "step") }, { SQLiteCallbacks.result($0, "finalize", ends: true) }, destroy)
    }
    if status != SQLITE_OK { throw SQLiteErrors.operational("Error creating aggregate") }
  }
  private static func defineWindow(_ r: Ref?, _ a: ArgumentVector, _ count: Int) throws(PyError) {
    try checkCount("create_window_function", count, 3, 3)
    let c = state(r)
    let db = try c.usable()
    let name = try text(a[0], "", "create_window_function"), n = try cInt(a[1]!)
    let status: Int32
    if a[2]!.isNone {
      status = sqlite3_create_window_function(db, name, n, SQLITE_UTF8, nil, nil, nil, nil, nil, nil)
    } else {
      let f = SQLiteFunction(a[2]!)
      c.functions["f\(n)" + String(cString: name)] = f
      status = sqlite3_create_window_function(
        db, name, n, SQLITE_UTF8, Unmanaged.passRetained(f).toOpaque(), { SQLiteCallbacks.step($0, $1, $2, "step") },
        { SQLiteCallbacks.result($0, "finalize", ends: true) }, { SQLiteCallbacks.result($0, "value", ends: false) },
        { SQLiteCallbacks.step($0, $1, $2, "inverse") }, destroy)
    }
    if status != SQLITE_OK { throw SQLiteErrors.last(db, status: status) }
  }
  private static func defineCollation(_ r: Ref?, _ a: ArgumentVector, _ count: Int) throws(PyError) {
    try checkCount("create_collation", count, 2, 2)
    let c = state(r)
    let db = try c.usable()
    let name = try text(a[0], "", "create_collation")
    let callable = a[1]!
    let status: Int32
    if callable.isNone {
      status = sqlite3_create_collation_v2(db, name, SQLITE_UTF8, nil, nil, nil)
    } else {
      if PyCallable_Check(callable) == 0 { throw typeError("parameter must be callable") }
      let f = SQLiteFunction(callable)
      c.functions["c" + String(cString: name)] = f
      let p = Unmanaged.passRetained(f).toOpaque()
      status = sqlite3_create_collation_v2(
        db, name, SQLITE_UTF8, p, { SQLiteCallbacks.compare($0, $1, $2, $3, $4) }, destroy)
      // Unlike functions, collations are not given back when this fails.
      if status != SQLITE_OK { Unmanaged<SQLiteFunction>.fromOpaque(p).release() }
    }
    if status != SQLITE_OK { throw SQLiteErrors.last(db) }
  }

  // MARK: copies

  private static func backup(_ r: Ref?, _ b: Bound) throws(PyError) {
    guard b[0]!.isInstance(of: type) else {
      throw typeError("backup() argument 1 must be sqlite3.Connection, not \(typeName(of: b[0]!))")
    }
    var pages = try cInt(b[1], -1)
    let progress = b[2].flatMap { $0.isNone ? nil : $0 }
    let name = try text(b[3], "main", "backup")
    let sleep = b[4] == nil ? 0.25 : try cDouble(b[4]!)
    let source = try state(r).usable()
    let target = state(b[0])
    try target.checkThread()
    let targetDB = try target.open()
    if targetDB == source { throw valueError("target cannot be the same connection instance") }
    if let progress, PyCallable_Check(progress) == 0 { throw typeError("progress argument must be a callable") }
    if pages == 0 { pages = -1 }
    guard let handle = releasingLock("sqlite3_backup_init", { sqlite3_backup_init(targetDB, "main", source, name) })
    else {
      throw SQLiteErrors.last(targetDB)
    }
    var status: Int32
    repeat {
      status = releasingLock("sqlite3_backup_step") { sqlite3_backup_step(handle, pages) }
      if let progress {
        do throws(PyError) {
          let s = try int(status), rest = try int(sqlite3_backup_remaining(handle))
          let all = try int(sqlite3_backup_pagecount(handle))
          _ = try call(progress, s.ref, rest.ref, all.ref)
        } catch {
          sqlite3_backup_finish(handle)
          throw error
        }
      }
      if status == SQLITE_BUSY || status == SQLITE_LOCKED {
        let milliseconds = Int32(clamping: Int(exactly: (sleep * 1000).rounded(.towardZero)) ?? 0)
        releasingLock("sqlite3_sleep") { _ = sqlite3_sleep(milliseconds) }
      }
    } while status == SQLITE_OK || status == SQLITE_BUSY || status == SQLITE_LOCKED
    let ended = releasingLock("sqlite3_backup_finish") { sqlite3_backup_finish(handle) }
    if ended != SQLITE_OK { throw SQLiteErrors.last(targetDB) }
  }
  private static func serialize(_ r: Ref?, _ name: UnsafePointer<CChar>) throws(PyError) -> Owned {
    let db = try state(r).usable()
    var size: sqlite3_int64 = 0
    if let p = sqlite3_serialize(db, name, &size, UInt32(SQLITE_SERIALIZE_NOCOPY)) {
      return try bytesObject(p, Int(size))
    }
    guard let p = releasingLock("sqlite3_serialize", { sqlite3_serialize(db, name, &size, 0) }) else {
      throw SQLiteErrors.operational("unable to serialize '\(String(cString: name))'")
    }
    defer { sqlite3_free(p) }
    return try bytesObject(p, Int(size))
  }
  private static func deserialize(_ r: Ref?, _ data: Ref, _ name: UnsafePointer<CChar>) throws(PyError) {
    let db = try state(r).usable()
    let encoded = data.isUnicode ? try owned(PyUnicode_AsUTF8String(data)) : Owned(retaining: data)
    let b = try Buffer(encoded.ref)
    guard let copy = sqlite3_malloc64(UInt64(max(b.count, 1))) else { throw memoryError() }
    if let p = b.start { memcpy(copy, p, b.count) }
    let n = sqlite3_int64(b.count)
    let status = releasingLock("sqlite3_deserialize") {
      sqlite3_deserialize(
        db, name, copy.assumingMemoryBound(to: UInt8.self), n, n,
        UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE))
    }
    if status != SQLITE_OK { throw SQLiteErrors.last(db) }
  }
  private static func openBlob(_ r: Ref?, _ b: Bound) throws(PyError) -> Owned {
    let table = try text(b[0], "", "blobopen"), column = try text(b[1], "", "blobopen")
    let row = try SQLiteValue.integer(b[2]!)
    let readOnly = try cFlag(b[3], false)
    let name = try text(b[4], "main", "blobopen")
    let c = state(r)
    let db = try c.usable()
    var blob: OpaquePointer? = nil
    let status = releasingLock("sqlite3_blob_open") {
      sqlite3_blob_open(db, name, table, column, row, readOnly ? 0 : 1, &blob)
    }
    guard status == SQLITE_OK, let blob else { throw SQLiteErrors.last(db) }
    let s = SQLiteBlob(r!, blob)
    c.track(s)
    return try Native.make(SQLiteBlobType.type, s)
  }

  // MARK: the type

  nonisolated(unsafe) static let type: TypeRef = {
    let t = Native.makeType(
      "sqlite3.Connection", flags: Native.subclassable, collected: true, doc: "SQLite database connection object.")
    t.pointee.tp_new = { type, _, _ in bridge { () throws(PyError) in try Native.make(type!, SQLiteConnection()) } }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let given = args!.size
        if given > 1, given <= 8 {
          try check(
            PyErr_WarnEx(
              Exc.DeprecationWarning.object,
              "Passing more than 1 positional argument to _sqlite3.Connection() is deprecated. Parameters 'timeout', 'detect_types', 'isolation_level', 'check_same_thread', 'factory', 'cached_statements' and 'uri' will become keyword-only parameters in Python 3.15.",
              1))
        }
        let b = try SQLiteConnectionType.initialize.bind(tuple: args, dict: kwargs)
        try SQLiteConnectionType.state(r).open(b)
        try audit("sqlite3.connect/handle", r)
      }
    }
    t.pointee.tp_finalize = { r in
      let s = SQLiteConnectionType.state(r)
      guard s.db != nil else { return }
      let pending = PyErr_GetRaisedException()
      if warnUnclosed(r!) < 0 {
        if PyErr_ExceptionMatches(Exc.Warning.object) != 0 { PyErr_WriteUnraisable(r) } else { PyErr_Clear() }
      }
      if let pending { PyErr_SetRaisedException(pending) }
    }
    t.pointee.tp_call = { r, args, kwargs in
      bridge { () throws(PyError) in
        let c = SQLiteConnectionType.state(r)
        try c.usable()
        try rejectKeywords("Connection.__call__", kwargs)
        try checkCount("__call__", args!.size, 1, 1)
        let sql = gila_tuple_items(args!)[0]!
        guard sql.isUnicode else { throw typeError("argument 1 must be str, not \(typeName(of: sql))") }
        let s = try c.statement(sql)
        return try Native.make(SQLiteModule.statementType, SQLiteModule.StatementState(s))
      }
    }
    t.pointee.tp_methods = methods()
    t.pointee.tp_getset = attributes()
    return t
  }()
  /// Parameters that used to have names: DeprecationWarning for each call that uses them.
  private static func warnKeywords(
    _ function: String, _ parameters: [String], _ names: Ref?, _ positional: Int
  ) throws(PyError) {
    guard let names, names.size > 0, positional & Int.max < parameters.count else { return }
    let quoted = parameters.map { "'\($0)'" }
    let list =
      quoted.count == 1 ? quoted[0] : quoted.dropLast().joined(separator: ", ") + " and " + quoted[quoted.count - 1]
    let many = quoted.count > 1
    try check(
      PyErr_WarnEx(
        Exc.DeprecationWarning.object,
        "Passing keyword argument\(many ? "s" : "") \(list) to _sqlite3.Connection.\(function)() is deprecated. Parameter\(many ? "s" : "") \(list) will become positional-only in Python 3.15.",
        1))
  }
  private static func warnUnclosed(_ r: Ref) -> Int32 {
    bridgeStatus { () throws(PyError) in
      let text = try string("unclosed database in \(try reprText(r))")
      // The message is taken over.
      try check(gila_warn(Exc.ResourceWarning.object, text.take(), 1, r))
    }
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(cursorFunction, "A new cursor.") { r, a, n, k in
      answer(SQLiteConnectionType.cursorFunction, a, n, k) { (b) throws(PyError) in
        try SQLiteConnectionType.cursor(r!, b[0])
      }
    }
    m.noArguments("close", "($self, /)", "Close the database.") { r, _ in
      bridgeNone { () throws(PyError) in try SQLiteConnectionType.state(r).close() }
    }
    m.noArguments("commit", "($self, /)", "Commit the transaction.") { r, _ in
      bridgeNone { () throws(PyError) in try SQLiteConnectionType.state(r).commit() }
    }
    m.noArguments("rollback", "($self, /)", "Undo the transaction.") { r, _ in
      bridgeNone { () throws(PyError) in try SQLiteConnectionType.state(r).rollback() }
    }
    m.positional("execute", "($self, sql, parameters=<unrepresentable>, /)", "Run a statement on a new cursor.") {
      r, a, n in
      bridge { () throws(PyError) in
        try checkCount("execute", n, 1, 2)
        return try SQLiteConnectionType.forward(r!, "execute", a, n)
      }
    }
    m.positional("executemany", "($self, sql, parameters, /)", "Run a statement once for each parameters.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("executemany", n, 2, 2)
        return try SQLiteConnectionType.forward(r!, "executemany", a, n)
      }
    }
    m.positional("executescript", "($self, sql_script, /)", "Run several statements.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("executescript", n, 1, 1)
        return try SQLiteConnectionType.forward(r!, "executescript", a, n)
      }
    }
    m.add(createFunction, "Have SQL call a Python function.") { r, a, n, k in
      perform(SQLiteConnectionType.createFunction, a, n, k) { (b) throws(PyError) in
        try SQLiteConnectionType.warnKeywords("create_function", ["name", "narg", "func"], k, n)
        try SQLiteConnectionType.define(r, b)
      }
    }
    m.add(createAggregate, "Have SQL aggregate with a Python class.") { r, a, n, k in
      perform(SQLiteConnectionType.createAggregate, a, n, k) { (b) throws(PyError) in
        try SQLiteConnectionType.warnKeywords("create_aggregate", ["name", "n_arg", "aggregate_class"], k, n)
        try SQLiteConnectionType.defineAggregate(r, b)
      }
    }
    m.positional(
      "create_window_function", "($self, name, num_params, aggregate_class, /)", "An aggregate over a window."
    ) {
      r, a, n in bridgeNone { () throws(PyError) in try SQLiteConnectionType.defineWindow(r, a!, n) }
    }
    m.positional("create_collation", "($self, name, callback, /)", "Have SQL compare text with a Python function.") {
      r, a, n in bridgeNone { () throws(PyError) in try SQLiteConnectionType.defineCollation(r, a!, n) }
    }
    m.add(setAuthorizer, "The function that allows or denies actions.") { r, a, n, k in
      perform(SQLiteConnectionType.setAuthorizer, a, n, k) { (b) throws(PyError) in
        try SQLiteConnectionType.warnKeywords("set_authorizer", ["authorizer_callback"], k, n)
        let c = SQLiteConnectionType.state(r)
        let db = try c.usable()
        if b[0]!.isNone {
          sqlite3_set_authorizer(db, nil, nil)
          c.authorizer = nil
          return
        }
        let f = SQLiteFunction(b[0]!)
        sqlite3_set_authorizer(
          db, { p, action, x, y, z, w in SQLiteCallbacks.authorize(p, action, [x, y, z, w]) }, f.opaque)
        c.authorizer = f
      }
    }
    m.add(setProgress, "The function called every n instructions.") { r, a, n, k in
      perform(SQLiteConnectionType.setProgress, a, n, k) { (b) throws(PyError) in
        try SQLiteConnectionType.warnKeywords("set_progress_handler", ["progress_handler"], k, n)
        let c = SQLiteConnectionType.state(r)
        let db = try c.usable()
        let count = try cInt(b[1]!)
        if b[0]!.isNone {
          sqlite3_progress_handler(db, 0, nil, nil)
          c.progress = nil
          return
        }
        let f = SQLiteFunction(b[0]!)
        sqlite3_progress_handler(db, count, { SQLiteCallbacks.progress($0) }, f.opaque)
        c.progress = f
      }
    }
    m.add(setTrace, "The function that sees every statement.") { r, a, n, k in
      perform(SQLiteConnectionType.setTrace, a, n, k) { (b) throws(PyError) in
        try SQLiteConnectionType.warnKeywords("set_trace_callback", ["trace_callback"], k, n)
        let c = SQLiteConnectionType.state(r)
        let db = try c.usable()
        if b[0]!.isNone {
          sqlite3_trace_v2(db, 0, nil, nil)
          c.trace = nil
          return
        }
        let f = SQLiteFunction(b[0]!)
        sqlite3_trace_v2(
          db, UInt32(SQLITE_TRACE_STMT), { SQLiteCallbacks.trace($0, $1, $2, $3) }, f.opaque)
        c.trace = f
      }
    }
    m.noArguments("interrupt", "($self, /)", "Stop what runs.") { r, _ in
      bridgeNone { () throws(PyError) in sqlite3_interrupt(try SQLiteConnectionType.state(r).open()) }
    }
    m.add(dumpFunction, "The statements that make the database anew.") { r, a, n, k in
      answer(SQLiteConnectionType.dumpFunction, a, n, k) { (b) throws(PyError) in
        try SQLiteConnectionType.state(r).usable()
        let module = try owned(PyImport_ImportModule("sqlite3.dump"))
        let f = try owned(PyObject_GetAttrString(module.ref, "_iterdump"))
        let keywords = try owned(PyDict_New()), arguments = try tuple(r)
        try set(keywords.ref, "filter", Owned(retaining: b[0] ?? none))
        return try owned(PyObject_Call(f.ref, arguments.ref, keywords.ref))
      }
    }
    m.add(backupFunction, "Copy the database into another.") { r, a, n, k in
      perform(SQLiteConnectionType.backupFunction, a, n, k) { (b) throws(PyError) in
        try SQLiteConnectionType.backup(r, b)
      }
    }
    m.add(serializeFunction, "The database as bytes.") { r, a, n, k in
      answer(SQLiteConnectionType.serializeFunction, a, n, k) { (b) throws(PyError) in
        try SQLiteConnectionType.serialize(r, SQLiteConnectionType.text(b[0], "main", "serialize"))
      }
    }
    m.add(deserializeFunction, "Replace the database by one in bytes.") { r, a, n, k in
      perform(SQLiteConnectionType.deserializeFunction, a, n, k) { (b) throws(PyError) in
        try SQLiteConnectionType.deserialize(r, b[0]!, SQLiteConnectionType.text(b[1], "main", "deserialize"))
      }
    }
    m.add(blobFunction, "Open one value of a row.") { r, a, n, k in
      answer(SQLiteConnectionType.blobFunction, a, n, k) { (b) throws(PyError) in
        try SQLiteConnectionType.openBlob(r, b)
      }
    }
    m.noArguments("__enter__", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        try SQLiteConnectionType.state(r).usable()
        return Owned(retaining: r!)
      }
    }
    m.positional("__exit__", "($self, type, value, traceback, /)") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("__exit__", n, 3, 3)
        let succeeded = a![0]!.isNone && a![1]!.isNone && a![2]!.isNone
        do throws(PyError) {
          _ = try callMethod(r!, succeeded ? "commit" : "rollback")
        } catch {
          // A commit that fails is undone; its exception is what counts.
          if succeeded, let e = PyErr_GetRaisedException() {
            do throws(PyError) { _ = try callMethod(r!, "rollback") } catch { PyErr_Clear() }
            PyErr_SetRaisedException(e)
          }
          throw PyError()
        }
        return bool(false)
      }
    }
    m.positional("setlimit", "($self, category, limit, /)", "Set a limit; returns the old one.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("setlimit", n, 2, 2)
        let db = try SQLiteConnectionType.state(r).usable()
        let old = sqlite3_limit(db, try cInt(a![0]!), try cInt(a![1]!))
        if old < 0 { throw SQLiteErrors.programming("'category' is out of bounds") }
        return try int(old)
      }
    }
    m.one("getlimit", "($self, category, /)", "A limit.") { r, category in
      bridge { () throws(PyError) in
        let db = try SQLiteConnectionType.state(r).usable()
        let old = sqlite3_limit(db, try cInt(category!), -1)
        if old < 0 { throw SQLiteErrors.programming("'category' is out of bounds") }
        return try int(old)
      }
    }
    m.positional("setconfig", "($self, op, enable=True, /)", "Turn a switch of the connection.") { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("setconfig", n, 1, 2)
        let db = try SQLiteConnectionType.state(r).usable()
        let op = try cInt(a![0]!), on = n > 1 ? try truth(a![1]!) : true
        if op < 1002 || op > 1017 { throw valueError("unknown config 'op': \(op)") }
        var now: Int32 = 0
        if gila_sqlite_config(db, op, on ? 1 : 0, &now) != SQLITE_OK { throw SQLiteErrors.last(db) }
        if (now != 0) != on { throw SQLiteErrors.operational("Unable to set config") }
      }
    }
    m.one("getconfig", "($self, op, /)", "A switch of the connection.") { r, op in
      bridge { () throws(PyError) in
        let db = try SQLiteConnectionType.state(r).usable()
        let op = try cInt(op!)
        if op < 1002 || op > 1017 { throw valueError("unknown config 'op': \(op)") }
        var now: Int32 = 0
        if gila_sqlite_config(db, op, -1, &now) != SQLITE_OK { throw SQLiteErrors.last(db) }
        return bool(now != 0)
      }
    }
    return m.build()
  }

  private static func attributes() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add("__text_signature__", get: { _, _ in PyUnicode_FromString("(sql, /)") })
    let exceptions: [(StaticString, LibraryObject)] = [
      ("Warning", .sqliteWarning), ("Error", .sqliteError), ("InterfaceError", .sqliteInterfaceError),
      ("DatabaseError", .sqliteDatabaseError), ("DataError", .sqliteDataError),
      ("OperationalError", .sqliteOperationalError), ("IntegrityError", .sqliteIntegrityError),
      ("InternalError", .sqliteInternalError), ("ProgrammingError", .sqliteProgrammingError),
      ("NotSupportedError", .sqliteNotSupportedError),
    ]
    for (name, which) in exceptions {
      g.add(
        name,
        get: { _, closure in
          xnewRef(LibraryObject(rawValue: Int(bitPattern: closure))?.ref)
        }, closure: UnsafeMutableRawPointer(bitPattern: which.rawValue))
    }
    g.add(
      "row_factory", get: { r, _ in newRef(SQLiteConnectionType.state(r).rowFactory) },
      set: { r, v, _ in
        let s = SQLiteConnectionType.state(r)
        let old = s.rowFactory
        s.rowFactory = newRef(v ?? none)
        decref(old)
        return 0
      })
    g.add(
      "text_factory", get: { r, _ in newRef(SQLiteConnectionType.state(r).textFactory) },
      set: { r, v, _ in
        let s = SQLiteConnectionType.state(r)
        let old = s.textFactory
        s.textFactory = newRef(v ?? none)
        decref(old)
        return 0
      })
    g.add(
      "isolation_level",
      get: { r, _ in
        bridge { () throws(PyError) in
          let s = SQLiteConnectionType.state(r)
          _ = try s.open()
          return s.isolation == nil ? noneOwned() : try string(s.isolation!)
        }
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          let s = SQLiteConnectionType.state(r)
          let level = try SQLiteConnection.level(v)
          if level == nil {
            // Without a level there is nothing that would commit later.
            s.isolation = nil
            try s.commit()
          } else {
            s.isolation = level
          }
        }
      })
    g.add(
      "total_changes",
      get: { r, _ in
        bridge { () throws(PyError) in try int(sqlite3_total_changes(SQLiteConnectionType.state(r).usable())) }
      })
    g.add(
      "in_transaction",
      get: { r, _ in
        bridge { () throws(PyError) in bool(sqlite3_get_autocommit(try SQLiteConnectionType.state(r).usable()) == 0) }
      })
    g.add(
      "autocommit",
      get: { r, _ in
        bridge { () throws(PyError) in
          let s = SQLiteConnectionType.state(r)
          try s.usable()
          return s.autocommit == SQLiteConnection.legacy ? try int(-1) : bool(s.autocommit == 1)
        }
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          try SQLiteConnectionType.state(r).setAutocommit(v)
        }
      })
    return g.build()
  }
}
