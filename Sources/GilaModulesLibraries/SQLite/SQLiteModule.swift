// The module _sqlite3.

import CGila
import CSQLite
import GilaCore
import Glibc

enum SQLiteModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_sqlite3", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try SQLiteModule.fill(module!) } })

  nonisolated(unsafe) static let protocolType: TypeRef = {
    let t = Native.makeType(
      "sqlite3.PrepareProtocol", collected: true, doc: "PEP 246 style object adaption protocol type.")
    t.pointee.tp_new = { type, _, _ in bridge { () throws(PyError) in try Native.make(type!, NativeState()) } }
    t.pointee.tp_init = { _, _, _ in 0 }
    return t
  }()

  /// What calling a connection gives: a prepared statement that Python can only hold.
  final class StatementState: NativeState {
    let statement: SQLiteStatement?
    init(_ statement: SQLiteStatement?) { self.statement = statement }
  }
  nonisolated(unsafe) static let statementType: TypeRef = Native.makeType(
    "sqlite3.Statement", flags: Native.noInstantiation, collected: true)
  /// Whether plain numbers and text may have adapters.
  nonisolated(unsafe) static var adaptsPlainTypes = false

  private static let connectFunction = Function(
    "connect",
    "($module, /, database, timeout=5.0, detect_types=0, isolation_level='', check_same_thread=True, factory=ConnectionType, cached_statements=128, uri=False, *, autocommit=-1)"
  )
  private static let completeFunction = Function("complete_statement", "($module, /, statement)")

  /// An object as SQLite can store it: by an adapter, by its `__conform__`, or the fallback.
  static func adapt(_ r: Ref, _ proto: Ref, fallback: Ref?) throws(PyError) -> Owned {
    guard let adapters = LibraryObject.sqliteAdapters.ref else { throw systemError("no adapters") }
    let key = try tuple(r.type.object, proto)
    if let adapter = PyDict_GetItemWithError(adapters, key.ref) {
      let held = Owned(retaining: adapter)
      return try call(held.ref, r)
    }
    if errorIsSet { throw PyError() }
    // Neither bytes nor the protocol can be given a method.
    if r.isExactly(Types.bytes), proto == protocolType.object, let fallback { return Owned(retaining: fallback) }
    if let result = try conversion(proto, gila_intern("__adapt__"), r) { return result }
    if let result = try conversion(r, gila_intern("__conform__"), proto) { return result }
    if let fallback { return Owned(retaining: fallback) }
    throw SQLiteErrors.programming("can't adapt")
  }

  /// What a method of `object` makes of `argument`; nil if there is no such method, or it gives None or TypeError.
  private static func conversion(_ object: Ref, _ name: Ref, _ argument: Ref) throws(PyError) -> Owned? {
    var method: Ref? = nil
    try check(PyObject_GetOptionalAttr(object, name, &method))
    guard let method else { return nil }
    let f = Owned(taking: method)
    guard let result = PyObject_CallOneArg(f.ref, argument) else {
      if PyErr_ExceptionMatches(Exc.TypeError.object) == 0 { throw PyError() }
      PyErr_Clear()
      return nil
    }
    let made = Owned(taking: result)
    if made.ref == none { return nil }
    return made
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.tupleAndDict(
      "connect",
      "($module, /, database, timeout=5.0, detect_types=0,\n        isolation_level='', check_same_thread=True,\n        factory=ConnectionType, cached_statements=128, uri=False, *,\n        autocommit=sqlite3.LEGACY_TRANSACTION_CONTROL)",
      "Open a database."
    ) { _, args, kwargs in
      bridge { () throws(PyError) in
        if args!.size > 1, args!.size <= 8 {
          try check(
            PyErr_WarnEx(
              Exc.DeprecationWarning.object,
              "Passing more than 1 positional argument to sqlite3.connect() is deprecated. Parameters 'timeout', 'detect_types', 'isolation_level', 'check_same_thread', 'factory', 'cached_statements' and 'uri' will become keyword-only parameters in Python 3.15.",
              1))
        }
        let b = try SQLiteModule.connectFunction.signature.bind(tuple: args, dict: kwargs)
        let factory = Owned(retaining: b[5] ?? SQLiteConnectionType.type.object)
        return try owned(PyObject_Call(factory.ref, args, kwargs))
      }
    }
    m.add(completeFunction, "Whether text ends with a complete statement.") { _, a, n, k in
      answer(SQLiteModule.completeFunction, a, n, k) { (b) throws(PyError) in
        bool(sqlite3_complete(try cText(b[0]!, "complete_statement", "argument 'statement'")) != 0)
      }
    }
    m.positional(
      "adapt", "($module, obj, proto=PrepareProtocolType, alt=<unrepresentable>, /)",
      "An object as SQLite can store it."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("adapt", n, 1, 3)
        return try SQLiteModule.adapt(
          a![0]!, n > 1 ? a![1]! : SQLiteModule.protocolType.object, fallback: n > 2 ? a![2] : nil)
      }
    }
    m.positional("register_adapter", "($module, type, adapter, /)", "Have objects of a type stored by a function.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("register_adapter", n, 2, 2)
        guard let adapters = LibraryObject.sqliteAdapters.ref else { return }
        let t = a![0]!
        for plain in [Types.long, Types.float, Types.unicode, Types.byteArray] where t == plain.object {
          SQLiteModule.adaptsPlainTypes = true
        }
        let key = try tuple(t, SQLiteModule.protocolType.object)
        try check(PyDict_SetItem(adapters, key.ref, a![1]))
      }
    }
    m.positional(
      "register_converter", "($module, typename, converter, /)", "Have values of a declared type made by a function."
    ) {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("register_converter", n, 2, 2)
        guard let converters = LibraryObject.sqliteConverters.ref else { return }
        guard a![0]!.isUnicode else {
          throw typeError("register_converter() argument 1 must be str, not \(typeName(of: a![0]!))")
        }
        let key = try callMethod(a![0]!, "upper")
        try check(PyDict_SetItem(converters, key.ref, a![1]))
      }
    }
    m.one("enable_callback_tracebacks", "($module, enable, /)", "Whether exceptions of callbacks are shown.") { _, r in
      bridgeNone { () throws(PyError) in SQLiteCallbacks.showsTracebacks = try cInt(r!) != 0 }
    }
    return m.build()
  }

  private static func fill(_ module: Ref) throws(PyError) {
    if sqlite3_libversion_number() < 3_015_002 {
      throw raise(Exc.ImportError, "sqlite3: SQLite 3.15.2 or higher required")
    }
    try SQLiteErrors.add(to: module)
    try addType(module, "Connection", SQLiteConnectionType.type)
    try addType(module, "Cursor", SQLiteCursorType.type)
    try addType(module, "Row", SQLiteRow.type)
    try addType(module, "Blob", SQLiteBlobType.type)
    try check(PyType_Ready(statementType))
    try addType(module, "PrepareProtocol", protocolType)
    let adapters = try owned(PyDict_New()), converters = try owned(PyDict_New())
    try LibraryObject.sqliteAdapters.set(adapters.ref)
    try LibraryObject.sqliteConverters.set(converters.ref)
    try add(module, "adapters", adapters.ref)
    try add(module, "converters", converters.ref)
    for (name, value) in SQLiteConstants.numbers { try add(module, name, int: Int(value)) }
    try add(module, "PARSE_DECLTYPES", int: 1)
    try add(module, "PARSE_COLNAMES", int: 2)
    try add(module, "LEGACY_TRANSACTION_CONTROL", int: -1)
    // SQLite's way of working in threads as the DB-API counts it.
    try add(module, "threadsafety", int: [0, 3, 1][max(0, min(2, Int(sqlite3_threadsafe())))])
    try addText(module, "sqlite_version", sqlite3_libversion())
    try addText(module, "_deprecated_version", "2.6.0")
  }
}
