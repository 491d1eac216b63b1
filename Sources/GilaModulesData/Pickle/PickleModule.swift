// The module _pickle.

import CGila
import GilaCore
import GilaText

enum PickleModule {
  static let highestProtocol = 5
  static let defaultProtocol = 4

  nonisolated(unsafe) static let definition = moduleDefinition(
    "_pickle", doc: "Optimized C implementation for the Python pickle module.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        let module = module!
        try check(PyType_Ready(PickleBufferType.type))
        try GilaCore.add(module, "PickleBuffer", PickleBufferType.type.object)
        try addType(module, PicklerType.type)
        try addType(module, UnpicklerType.type)
        try check(PyType_Ready(MemoProxies.pickler))
        try check(PyType_Ready(MemoProxies.unpickler))
        let base = try owned(PyErr_NewException("_pickle.PickleError", nil, nil))
        try GilaCore.add(module, "PickleError", base.ref)
        let pickling = try owned(PyErr_NewException("_pickle.PicklingError", base.ref, nil))
        try GilaCore.add(module, "PicklingError", pickling.ref)
        let unpickling = try owned(PyErr_NewException("_pickle.UnpicklingError", base.ref, nil))
        try GilaCore.add(module, "UnpicklingError", unpickling.ref)
        replace(currentInterpreter.slot(PickleModule.picklingSlot), with: pickling.take())
        replace(currentInterpreter.slot(PickleModule.unpicklingSlot), with: unpickling.take())
      }
    })
  private static let dispatchSlot = InterpreterSlot(234)
  /// `copyreg.dispatch_table` (borrowed), found once.
  static func dispatchTable() throws(PyError) -> Ref {
    if let known = currentInterpreter.slot(dispatchSlot).pointee { return known }
    let table = try imported("copyreg", "dispatch_table")
    guard table.ref.isDict else {
      throw runtimeError("copyreg.dispatch_table should be a dict, not \(typeName(of: table.ref))")
    }
    let r = table.take()
    replace(currentInterpreter.slot(dispatchSlot), with: r)
    return r
  }
  private static let picklingSlot = InterpreterSlot(232)
  private static let unpicklingSlot = InterpreterSlot(233)

  @inline(never) static func picklingError(_ message: String) -> PyError { raised(picklingSlot, message) }
  @inline(never) static func unpicklingError(_ message: String) -> PyError { raised(unpicklingSlot, message) }
  private static func raised(_ slot: InterpreterSlot, _ message: String) -> PyError {
    guard let text = newString(message) else { return PyError() }
    PyErr_SetObject(currentInterpreter.slot(slot).pointee ?? Exc.Exception.object, text)
    decref(text)
    return PyError()
  }
  static var isUnpicklingError: Bool {
    PyErr_ExceptionMatches(currentInterpreter.slot(unpicklingSlot).pointee ?? Exc.Exception.object) != 0
  }

  private static let dump = Signature("dump", "(obj, file, protocol=None, *, fix_imports=True, buffer_callback=None)")
  private static let dumps = Signature("dumps", "(obj, protocol=None, *, fix_imports=True, buffer_callback=None)")
  private static let load = Signature(
    "load", "(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())")
  private static let loads = Signature(
    "loads", "(data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())")

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.keywords(
      "dump", "($module, /, obj, file, protocol=None, *, fix_imports=True,\n     buffer_callback=None)",
      "Writes the pickled form of an object to a file."
    ) { _, args, n, names in
      bridgeNone { () throws(PyError) in
        let b = try PickleModule.dump.bind(args, n, names)
        let p = try owned(PyType_GenericAlloc(PicklerType.type, 0))
        try PicklerType.setUp(p.ref, b[2], b[3], b[4])
        try PicklerType.setFile(p.ref, b[1]!)
        try PicklerType.dump(p.ref, b[0]!)
        try PicklerType.state(p.ref).flush()
      }
    }
    m.keywords(
      "dumps", "($module, /, obj, protocol=None, *, fix_imports=True,\n      buffer_callback=None)",
      "The pickled form of an object, as bytes."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try PickleModule.dumps.bind(args, n, names)
        let p = try owned(PyType_GenericAlloc(PicklerType.type, 0))
        try PicklerType.setUp(p.ref, b[1], b[2], b[3])
        try PicklerType.dump(p.ref, b[0]!)
        return try PicklerType.state(p.ref).takeOutput()
      }
    }
    m.keywords(
      "load", "($module, /, file, *, fix_imports=True, encoding='ASCII',\n     errors='strict', buffers=())",
      "Reads an object from a file that has its pickled form."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try PickleModule.load.bind(args, n, names)
        let u = try owned(PyType_GenericAlloc(UnpicklerType.type, 0))
        try UnpicklerType.setUp(u.ref, b[1], b[2], b[3], b[4])
        try UnpicklerType.setFile(u.ref, b[0]!)
        return try UnpicklerType.load(u.ref)
      }
    }
    m.keywords(
      "loads", "($module, data, /, *, fix_imports=True, encoding='ASCII',\n      errors='strict', buffers=())",
      "The object of which bytes are the pickled form."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try PickleModule.loads.bind(args, n, names)
        let u = try owned(PyType_GenericAlloc(UnpicklerType.type, 0))
        try UnpicklerType.setUp(u.ref, b[1], b[2], b[3], b[4])
        return try UnpicklerType.load(u.ref, bytes: b[0]!)
      }
    }
    return m.build()
  }
}

/// A name's path in a module: parts between dots. `<locals>` cannot be reached.
func attributePath(_ name: Ref, of owner: Ref?) throws(PyError) -> Owned {
  let parts: Owned
  if name.isUnicode, PyUnicode_FindChar(name, 46, 0, PyUnicode_GetLength(name), 1) == -1 {
    parts = try owned(PyList_New(1))
    PyList_SetItem(parts.ref, 0, newRef(name))
  } else {
    let dot = try string(".")
    parts = try owned(PyUnicode_Split(name, dot.ref, -1))
  }
  for i in 0..<PyList_Size(parts.ref) {
    let part = PyList_GetItem(parts.ref, i)!
    if PyUnicode_EqualToUTF8(part, "<locals>") != 0 {
      if let owner {
        throw raise(Exc.AttributeError, "Can't get local attribute \(try reprText(name)) on \(try reprText(owner))")
      }
      throw raise(Exc.AttributeError, "Can't get local object \(try reprText(name))")
    }
  }
  return parts
}

/// Follows a path; nil where some attribute is missing. `parent` gets the object before the last.
func follow(_ path: Ref, from start: Ref) throws(PyError) -> (value: Ref, parent: Ref)? {
  var parent = newRef(start)
  var value = newRef(start)
  for i in 0..<PyList_Size(path) {
    var next: Ref? = nil
    let status = PyObject_GetOptionalAttr(value, PyList_GetItem(path, i), &next)
    decref(parent)
    parent = value
    guard status > 0, let next else {
      decref(parent)
      if status < 0 { throw PyError() }
      return nil
    }
    value = next
  }
  return (value, parent)
}
