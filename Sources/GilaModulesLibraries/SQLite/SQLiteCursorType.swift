// The type sqlite3.Cursor.

import CGila
import CSQLite
import GilaCore
import Glibc

enum SQLiteCursorType {
  private static func state(_ r: Ref?) -> SQLiteCursor {
    let s = Native.state(r!, SQLiteCursor.self)
    s.object = r
    return s
  }
  private static let manyFunction = Function("fetchmany", "($self, /, size=1)")

  static func rows(_ s: SQLiteCursor, limit: Int) throws(PyError) -> Owned {
    let list = try owned(PyList_New(0))
    var left = limit
    while left != 0, let row = try s.next() {
      try append(list.ref, row)
      left &-= 1
    }
    return list
  }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = Native.makeType(
      "sqlite3.Cursor", flags: Native.subclassable, collected: true, doc: "SQLite database cursor class.")
    t.pointee.tp_new = { type, _, _ in
      bridge { () throws(PyError) in try Native.make(type!, SQLiteCursor()) }
    }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try rejectKeywords("Cursor", kwargs)
        try checkCount("Cursor", args!.size, 1, 1)
        try SQLiteCursorType.state(r).initialize(gila_tuple_items(args!)[0]!)
      }
    }
    t.pointee.tp_iter = { r in newRef(r!) }
    t.pointee.tp_iternext = { r in
      do throws(PyError) {
        guard let row = try SQLiteCursorType.state(r).next() else { return nil }
        return row.take()
      } catch { return nil }
    }
    var m = MethodTable()
    m.positional("execute", "($self, sql, parameters=(), /)", "Run a statement.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("execute", n, 1, 2)
        try SQLiteCursorType.state(r).execute(a![0]!, n > 1 ? a![1] : nil, many: false)
        return Owned(retaining: r!)
      }
    }
    m.positional("executemany", "($self, sql, seq_of_parameters, /)", "Run a statement once for each parameters.") {
      r, a, n in
      bridge { () throws(PyError) in
        try checkCount("executemany", n, 2, 2)
        try SQLiteCursorType.state(r).execute(a![0]!, a![1], many: true)
        return Owned(retaining: r!)
      }
    }
    m.one("executescript", "($self, sql_script, /)", "Run several statements.") { r, script in
      bridge { () throws(PyError) in
        try SQLiteCursorType.state(r).executeScript(script!)
        return Owned(retaining: r!)
      }
    }
    m.noArguments("fetchone", "($self, /)", "The next row or None.") { r, _ in
      bridge { () throws(PyError) in
        guard let row = try SQLiteCursorType.state(r).next() else { return noneOwned() }
        return row
      }
    }
    m.add(manyFunction, "The next size rows.") { r, a, n, k in
      answer(SQLiteCursorType.manyFunction, a, n, k) { (b) throws(PyError) in
        let s = SQLiteCursorType.state(r)
        let limit = b[0] == nil ? s.arraySize : Int(try cInt(b[0]!))
        return try SQLiteCursorType.rows(s, limit: limit == 0 ? -1 : limit)
      }
    }
    m.noArguments("fetchall", "($self, /)", "All rows that are left.") { r, _ in
      bridge { () throws(PyError) in try SQLiteCursorType.rows(SQLiteCursorType.state(r), limit: -1) }
    }
    m.noArguments("close", "($self, /)", "Close the cursor.") { r, _ in
      bridgeNone { () throws(PyError) in try SQLiteCursorType.state(r).close() }
    }
    m.one("setinputsizes", "($self, sizes, /)", "Does nothing.") { _, _ in none }
    m.positional("setoutputsize", "($self, size, column=None, /)", "Does nothing.") { _, _, n in
      bridgeNone { () throws(PyError) in try checkCount("setoutputsize", n, 1, 2) }
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add("connection", get: { r, _ in newRef(SQLiteCursorType.state(r).connection ?? none) })
    g.add("description", get: { r, _ in newRef(SQLiteCursorType.state(r).description ?? none) })
    g.add("lastrowid", get: { r, _ in newRef(SQLiteCursorType.state(r).lastRowID) })
    g.add("rowcount", get: { r, _ in PyLong_FromLong(SQLiteCursorType.state(r).rowCount) })
    g.add(
      "arraysize", get: { r, _ in PyLong_FromLong(SQLiteCursorType.state(r).arraySize) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw typeError("can't delete numeric/char attribute") }
          SQLiteCursorType.state(r).arraySize = Int(try cInt(v))
        }
      })
    g.add(
      "row_factory", get: { r, _ in newRef(SQLiteCursorType.state(r).rowFactory) },
      set: { r, v, _ in
        let s = SQLiteCursorType.state(r)
        let old = s.rowFactory
        s.rowFactory = newRef(v ?? none)
        decref(old)
        return 0
      })
    t.pointee.tp_getset = g.build()
    return t
  }()
}
