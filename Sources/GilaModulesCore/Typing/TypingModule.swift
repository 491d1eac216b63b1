import CGila
import GilaCore

/// `typing.Generic`.
enum GenericBase {
  /// The class, made on first use. It is no static type: what pickles of old protocols restore with must be `object`.
  static func type() throws(PyError) -> Ref {
    let slot = currentInterpreter.slot(slot)
    if let known = slot.pointee { return known }
    let slots = UnsafeMutablePointer<PyType_Slot>.allocate(capacity: 3)
    defer { slots.deallocate() }
    slots[0] = PyType_Slot(slot: Py_tp_doc, pfunc: UnsafeMutableRawPointer(mutating: cString(text)))
    slots[1] = PyType_Slot(slot: Py_tp_methods, pfunc: UnsafeMutableRawPointer(methods))
    slots[2] = PyType_Slot(slot: 0, pfunc: nil)
    var spec = PyType_Spec(
      name: cString("typing.Generic"), basicsize: 16, itemsize: 0,
      flags: UInt32(Py_TPFLAGS_DEFAULT) | UInt32(Py_TPFLAGS_BASETYPE), slots: slots)
    let made = try owned(PyType_FromSpec(&spec))
    slot.pointee = newRef(made.ref)
    return made.ref
  }
  private static let slot = InterpreterSlot(251)
  private static let text: StaticString =
    "Abstract base class for generic types\n\nOn Python 3.12 and newer, generic classes implicitly inherit from\nGeneric when they declare a parameter list after the class's name::\n\n    class Mapping[KT, VT]:\n        def __getitem__(self, key: KT) -> VT:\n            ...\n            # Etc.\n\nOn older versions of Python, however, generic classes have to\nexplicitly inherit from Generic.\n\nAfter a class has been declared to be generic, it can then be used as\nfollows::\n\n    def lookup_name[KT, VT](mapping: Mapping[KT, VT], key: KT, default: VT) -> VT:\n        try:\n            return mapping[key]\n        except KeyError:\n            return default\n"
  nonisolated(unsafe) private static let methods: UnsafeMutablePointer<PyMethodDef> = {
    var m = MethodTable()
    m.tupleAndDict("__class_getitem__", "", "Parameterizes a generic class.", flags: METH_CLASS) { cls, args, kwargs in
      GenericBase.call("_generic_class_getitem", cls!, args, kwargs)
    }
    m.tupleAndDict("__init_subclass__", "", "Function to initialize subclasses.", flags: METH_CLASS) {
      cls, args, kwargs in
      GenericBase.call("_generic_init_subclass", cls!, args, kwargs)
    }
    return m.build()
  }()
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
    return try TypingCall.call("_GenericAlias", try GenericBase.type(), unpacked.ref)
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
        try add(m!, "Generic", GenericBase.type())
        try add(m!, "NoDefault", NoDefault.value)
      }
    })
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("_idfunc", "($module, x, /)", "") { _, x in newRef(x!) }
    return m.build()
  }
}
