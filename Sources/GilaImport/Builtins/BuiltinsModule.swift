import CGila
import GilaCore
import GilaExceptions
import GilaModulesRuntime

/// The module `builtins`: types, exceptions, constants, functions.
enum Builtins {
  static func make() throws(PyError) -> Owned {
    let name = try string("builtins")
    let m = try owned(PyModule_NewObject(name.ref))
    try check(PyModule_SetDocString(m.ref, "Functions, types, exceptions and constants that need no import."))
    try check(PyModule_AddFunctions(m.ref, functions()))
    let types: [(StaticString, TypeRef)] = [
      ("object", Types.baseObject), ("type", Types.type), ("int", Types.long), ("bool", Types.bool),
      ("float", Types.float), ("complex", Types.complex), ("str", Types.unicode), ("bytes", Types.bytes),
      ("bytearray", Types.byteArray), ("memoryview", Types.memoryView), ("list", Types.list), ("tuple", Types.tuple),
      ("dict", Types.dict), ("set", Types.set), ("frozenset", Types.frozenSet), ("range", Types.range),
      ("slice", Types.slice), ("enumerate", Types.enumerate), ("zip", Types.zip), ("map", Types.map),
      ("filter", Types.filter), ("reversed", Types.reversed), ("staticmethod", Types.staticMethod),
      ("classmethod", Types.classMethod), ("super", Types.superType), ("property", Types.property),
    ]
    for (n, t) in types where t.pointee.tp_name != nil { try add(m.ref, n, t.object) }
    forEachException { t, n in _ = PyModule_AddObjectRef(m.ref, cString(n), t.object) }
    for n in ["EnvironmentError", "IOError"] { try check(PyModule_AddObjectRef(m.ref, n, Exc.OSError.object)) }
    try add(m.ref, "ExceptionGroup", try exceptionGroupClass())
    try add(m.ref, "None", none)
    try add(m.ref, "True", pyTrue)
    try add(m.ref, "False", pyFalse)
    try add(m.ref, "Ellipsis", ellipsis)
    try add(m.ref, "NotImplemented", notImplemented)
    try add(m.ref, "__debug__", pyBool(Configuration.current.optimize == 0))
    return m
  }
  private static func functions() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    ObjectFunctions.add(&m)
    NumberFunctions.add(&m)
    IterationFunctions.add(&m)
    CodeFunctions.add(&m)
    StreamFunctions.add(&m)
    m.keywords(
      "__build_class__", "",
      "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\nWhat the class statement calls."
    ) { _, args, n, names in
      bridge { () throws(PyError) in try BuildClass.build(args!, n, names) }
    }
    return m.build()
  }
}
