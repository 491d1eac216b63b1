import CGila
import GilaCore

/// `typing.Generic`.
enum GenericBase {
  static func install() {
    let t = Types.generic
    t.define(
      "typing.Generic", basicSize: 16, flags: UInt(Py_TPFLAGS_BASETYPE),
      doc:
        "Abstract base class for generic types\n\nOn Python 3.12 and newer, generic classes implicitly inherit from\nGeneric when they declare a parameter list after the class's name::\n\n    class Mapping[KT, VT]:\n        def __getitem__(self, key: KT) -> VT:\n            ...\n            # Etc.\n\nOn older versions of Python, however, generic classes have to\nexplicitly inherit from Generic.\n\nAfter a class has been declared to be generic, it can then be used as\nfollows::\n\n    def lookup_name[KT, VT](mapping: Mapping[KT, VT], key: KT, default: VT) -> VT:\n        try:\n            return mapping[key]\n        except KeyError:\n            return default\n"
    )
    t.pointee.tp_flags &= ~UInt(Py_TPFLAGS_IMMUTABLETYPE)
    // Static types do not inherit `object.__new__`.
    t.pointee.tp_new = Types.baseObject.pointee.tp_new
    t.pointee.tp_init = Types.baseObject.pointee.tp_init
    var m = MethodTable()
    m.tupleAndDict("__class_getitem__", "", "Parameterizes a generic class.", flags: METH_CLASS) { cls, args, kwargs in
      GenericBase.call("_generic_class_getitem", cls!, args, kwargs)
    }
    m.tupleAndDict("__init_subclass__", "", "Function to initialize subclasses.", flags: METH_CLASS) {
      cls, args, kwargs in
      GenericBase.call("_generic_init_subclass", cls!, args, kwargs)
    }
    t.pointee.tp_methods = m.build()
  }
  private static func call(_ name: StaticString, _ cls: Ref, _ args: Ref?, _ kwargs: Ref?) -> Ref? {
    bridge { () throws(PyError) in
      let module = try owned(PyImport_ImportModule("typing"))
      let f = try owned(PyObject_GetAttrString(module.ref, cString(name)))
      let n = args?.size ?? 0
      let all = try owned(PyTuple_New(n + 1))
      gila_tuple_items(all.ref)[0] = newRef(cls)
      for i in 0..<n { gila_tuple_items(all.ref)[i + 1] = newRef(gila_tuple_items(args!)[i]!) }
      return try owned(PyObject_Call(f.ref, all.ref, kwargs))
    }
  }
}
@c @implementation public func gila_subscript_generic(_ parameters: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    try TypingTypes.ready()
    let unpacked = try unpackTuples(parameters!)
    return try TypingCall.call("_GenericAlias", Types.generic.object, unpacked.ref)
  }
}

/// The module `_typing`.
enum TypingModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_typing", doc: "Primitives and accelerators for the typing module.\n", methods: methods(),
    exec: { m in
      bridgeStatus { () throws(PyError) in
        try TypingTypes.ready()
        try add(m!, "TypeVar", Types.typeVar.object)
        try add(m!, "ParamSpec", Types.paramSpec.object)
        try add(m!, "ParamSpecArgs", Types.paramSpecArgs.object)
        try add(m!, "ParamSpecKwargs", Types.paramSpecKwargs.object)
        try add(m!, "TypeVarTuple", Types.typeVarTuple.object)
        try add(m!, "TypeAliasType", Types.typeAlias.object)
        try add(m!, "Generic", Types.generic.object)
        try add(m!, "NoDefault", NoDefault.value)
      }
    })
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("_idfunc", "($module, x, /)", "") { _, x in newRef(x!) }
    return m.build()
  }
}
