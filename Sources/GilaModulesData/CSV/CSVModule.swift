// The module _csv.

import CGila
import GilaCore

enum CSVModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_csv", doc: "CSV parsing and writing.\n", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        let module = module!
        let dialects = try owned(PyDict_New())
        try GilaCore.add(module, "_dialects", dialects.ref)
        replace(currentInterpreter.slot(CSVModule.dialectsSlot), with: dialects.take())
        try GilaCore.add(module, "QUOTE_MINIMAL", int: 0)
        try GilaCore.add(module, "QUOTE_ALL", int: 1)
        try GilaCore.add(module, "QUOTE_NONNUMERIC", int: 2)
        try GilaCore.add(module, "QUOTE_NONE", int: 3)
        try GilaCore.add(module, "QUOTE_STRINGS", int: 4)
        try GilaCore.add(module, "QUOTE_NOTNULL", int: 5)
        try addType(module, DialectType.type)
        for (name, type) in [("Reader", ReaderType.type), ("Writer", WriterType.type)] as [(StaticString, TypeRef)] {
          try check(PyType_Ready(type))
          try GilaCore.add(module, name, type.object)
        }
        let error = try owned(PyErr_NewException("_csv.Error", nil, nil))
        try GilaCore.add(module, "Error", error.ref)
        replace(currentInterpreter.slot(CSVModule.errorSlot), with: error.take())
        replace(currentInterpreter.slot(CSVModule.limitSlot), with: try int(128 * 1024).take())
      }
    })
  private static let errorSlot = InterpreterSlot(207)
  private static let dialectsSlot = InterpreterSlot(230)
  private static let limitSlot = InterpreterSlot(231)

  /// Sets _csv.Error.
  @inline(never) static func error(_ message: String) -> PyError {
    guard let text = newString(message) else { return PyError() }
    PyErr_SetObject(currentInterpreter.slot(errorSlot).pointee ?? Exc.Exception.object, text)
    decref(text)
    return PyError()
  }

  /// The longest field that readers accept.
  static var fieldLimit: Int { currentInterpreter.slot(limitSlot).pointee.map { PyLong_AsLong($0) } ?? Int.max }

  private static func dialects() throws(PyError) -> Ref {
    guard let d = currentInterpreter.slot(dialectsSlot).pointee else { throw systemError("_csv is not initialised") }
    return d
  }

  /// The dialect registered under a name.
  static func registered(_ name: Ref) throws(PyError) -> Owned {
    var value: Ref? = nil
    try check(PyDict_GetItemRef(dialects(), name, &value))
    guard let value else { throw error("unknown dialect") }
    return Owned(taking: value)
  }

  /// A dialect from the arguments of `reader`, `writer` or `register_dialect`.
  static func dialect(_ basis: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    let args = try basis == nil ? owned(PyTuple_New(0)) : tuple(Owned(retaining: basis!))
    return try owned(PyObject_Call(DialectType.type.object, args.ref, kwargs))
  }

  private static let name = Signature("get_dialect", "(name)")
  private static let unregisterName = Signature("unregister_dialect", "(name)")
  private static let limit = Signature("field_size_limit", "(new_limit=0)")

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.tupleAndDict(
      "reader", "",
      "reader(iterable, dialect='excel', **options)\n\nAn iterator of the rows of a CSV file as lists of str; `iterable` gives its lines.\nThe dialect is an object, the name of a registered one or made of keyword arguments."
    ) { _, args, kwargs in
      bridge { () throws(PyError) in try ReaderType.make(args!, kwargs) }
    }
    m.tupleAndDict(
      "writer", "",
      "writer(file, dialect='excel', **options)\n\nAn object that writes rows to a file, any object with a method write().\nThe dialect is given as to reader()."
    ) { _, args, kwargs in
      bridge { () throws(PyError) in try WriterType.make(args!, kwargs) }
    }
    m.noArguments("list_dialects", "($module, /)", "The names of all registered dialects.") { _, _ in
      bridge { () throws(PyError) in try owned(PyDict_Keys(try CSVModule.dialects())) }
    }
    m.tupleAndDict(
      "register_dialect", "", "register_dialect(name, dialect=None, **options)\n\nGives a dialect a name."
    ) { _, args, kwargs in
      bridgeNone { () throws(PyError) in
        try checkCount("", args!.size, 1, 2)
        let name = args!.tupleItems[0]!
        if !name.isUnicode { throw typeError("dialect name must be a string") }
        let d = try CSVModule.dialect(args!.size > 1 ? args!.tupleItems[1] : nil, kwargs)
        try check(PyDict_SetItem(CSVModule.dialects(), name, d.ref))
      }
    }
    m.keywords("unregister_dialect", "($module, /, name)", "Forgets the dialect of a name.") { _, args, n, names in
      bridgeNone { () throws(PyError) in
        let b = try CSVModule.unregisterName.bind(args, n, names)
        let found = try check(PyDict_Pop(CSVModule.dialects(), b[0]!, nil))
        if found == 0 { throw CSVModule.error("unknown dialect") }
      }
    }
    m.keywords("get_dialect", "($module, /, name)", "The dialect of a name.") { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try CSVModule.name.bind(args, n, names)
        return try CSVModule.registered(b[0]!)
      }
    }
    m.keywords(
      "field_size_limit", "($module, /, new_limit=<unrepresentable>)",
      "The longest field that is read; a new limit may be given.\n\nThe limit before is returned."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try CSVModule.limit.bind(args, n, names)
        let old = try int(CSVModule.fieldLimit)
        if let new = b[0] {
          if !new.isExactly(Types.long) { throw typeError("limit must be an integer") }
          let value = PyLong_AsLong(new)
          if value == -1 && errorIsSet { throw PyError() }
          replace(currentInterpreter.slot(CSVModule.limitSlot), with: newRef(new))
        }
        return old
      }
    }
    return m.build()
  }
}
