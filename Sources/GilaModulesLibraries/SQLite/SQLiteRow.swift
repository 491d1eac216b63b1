// The type sqlite3.Row: a tuple whose items have names.

import CGila
import GilaCore
import Glibc

enum SQLiteRow {
  final class State: NativeState {
    let data: Ref, description: Ref
    init(_ data: Ref, _ description: Ref) {
      self.data = newRef(data)
      self.description = newRef(description)
    }
    deinit {
      decref(data)
      decref(description)
    }
    override func traverse(_ visit: visitproc, _ c: UnsafeMutableRawPointer?) -> Int32 {
      let status = visiting(data, visit, c)
      return status != 0 ? status : visiting(description, visit, c)
    }
  }

  private static func item(_ s: State, _ key: Ref) throws(PyError) -> Owned {
    if key.isLong {
      var i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
      if i == -1, errorIsSet { throw PyError() }
      if i < 0 { i += s.data.size }
      if i < 0 || i >= s.data.size { throw indexError("tuple index out of range") }
      return Owned(retaining: gila_tuple_items(s.data)[i]!)
    }
    if key.isUnicode {
      let wanted = swiftString(key)
      if s.description.isTuple {
        for i in 0..<s.description.size {
          guard let column = gila_tuple_items(s.description)[i], column.isTuple, let name = gila_tuple_items(column)[0]
          else { continue }
          // ASCII letters are equal in both cases, all others must be the same.
          if PyObject_RichCompareBool(name, key, Py_EQ) == 1 || (name.isUnicode && folds(swiftString(name), wanted)) {
            if i < s.data.size { return Owned(retaining: gila_tuple_items(s.data)[i]!) }
          }
        }
      }
      throw indexError("No item with that key")
    }
    if key.isExactly(Types.slice) { return try owned(PyObject_GetItem(s.data, key)) }
    throw indexError("Index must be int or string")
  }
  private static func folds(_ a: String, _ lowered: String) -> Bool {
    let x = a.utf8, y = lowered.utf8
    func lower(_ c: UInt8) -> UInt8 { c >= 65 && c <= 90 ? c + 32 : c }
    guard x.count == y.count else { return false }
    return zip(x, y).allSatisfy { p, q in lower(p) == lower(q) }
  }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = Native.makeType("sqlite3.Row", flags: Native.subclassable, collected: true)
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("Row", kwargs)
        try checkCount("Row", args!.size, 2, 2)
        let items = gila_tuple_items(args!)
        guard items[0]!.isInstance(of: SQLiteCursorType.type) else {
          throw typeError("Row() argument 1 must be sqlite3.Cursor, not \(typeName(of: items[0]!))")
        }
        guard items[1]!.isTuple else {
          throw typeError("Row() argument 2 must be tuple, not \(typeName(of: items[1]!))")
        }
        let cursor = Native.state(items[0]!, SQLiteCursor.self)
        return try Native.make(type!, State(items[1]!, cursor.description ?? none))
      }
    }
    t.sequence.pointee.sq_length = { r in Native.state(r!, State.self).data.size }
    t.sequence.pointee.sq_item = { r, i in
      bridge { () throws(PyError) in
        let s = Native.state(r!, State.self)
        if i < 0 || i >= s.data.size { throw indexError("tuple index out of range") }
        return Owned(retaining: gila_tuple_items(s.data)[i]!)
      }
    }
    t.mapping.pointee.mp_length = t.sequence.pointee.sq_length
    t.mapping.pointee.mp_subscript = { r, key in
      bridge { () throws(PyError) in try SQLiteRow.item(Native.state(r!), key!) }
    }
    t.pointee.tp_iter = { r in PyObject_GetIter(Native.state(r!, State.self).data) }
    t.pointee.tp_hash = { r in
      let s = Native.state(r!, State.self)
      let a = PyObject_Hash(s.description)
      if a == -1 { return -1 }
      let b = PyObject_Hash(s.data)
      if b == -1 { return -1 }
      return a ^ b == -1 ? -2 : a ^ b
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard op == Py_EQ || op == Py_NE, b!.isInstance(of: SQLiteRow.type) else { return notImplemented }
      let x = Native.state(a!, State.self), y = Native.state(b!, State.self)
      let same = PyObject_RichCompareBool(x.description, y.description, Py_EQ)
      if same < 0 { return nil }
      if same == 0 { return pyBool(op == Py_NE) }
      return PyObject_RichCompare(x.data, y.data, op)
    }
    var m = MethodTable()
    m.noArguments("keys", "($self, /)", "The names of the columns.") { r, _ in
      bridge { () throws(PyError) in
        let list = try owned(PyList_New(0))
        let d = Native.state(r!, State.self).description
        if d.isTuple {
          for i in 0..<d.size {
            let column = gila_tuple_items(d)[i]!
            try append(list.ref, Owned(retaining: gila_tuple_items(column)[0]!))
          }
        }
        return list
      }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()
}
