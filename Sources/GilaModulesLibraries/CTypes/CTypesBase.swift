// The types of ctypes and their metatypes: what a class statement makes of `_fields_`, `_type_` and `_length_`.

import CFFI
import CGila
import GilaCore
import Glibc

enum CTypes {
  // MARK: metatypes

  private static func metatype(_ name: StaticString) -> TypeRef {
    let t = GilaCore.newStaticType()
    t.define(
      name, basicSize: Types.type.pointee.tp_basicsize, itemSize: Types.type.pointee.tp_itemsize,
      flags: UInt(Py_TPFLAGS_DEFAULT) | UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE)
        | UInt(Py_TPFLAGS_TYPE_SUBCLASS),
      base: Types.type)
    t.pointee.tp_dealloc = { r in
      CTypeInfo.set(r!.asType, nil)
      Types.type.pointee.tp_dealloc(r)
    }
    t.pointee.tp_traverse = { r, visit, context in
      if let info = CTypeInfo.own(r!.asType) {
        let status = info.traverse(visit!, context)
        if status != 0 { return status }
      }
      return Types.type.pointee.tp_traverse(r, visit, context)
    }
    t.pointee.tp_clear = { r in
      CTypeInfo.set(r!.asType, nil)
      return Types.type.pointee.tp_clear(r)
    }
    t.pointee.tp_methods = CTypesMethods.metatypeMethods
    t.sequence.pointee.sq_repeat = { r, n in
      bridge { () throws(PyError) in try CTypes.arrayType(r!.asType, n) }
    }
    return t
  }
  nonisolated(unsafe) static let simpleMeta: TypeRef = {
    let t = metatype("_ctypes.PyCSimpleType")
    t.pointee.tp_init = { r, args, _ in
      bridgeStatus { () throws(PyError) in try CTypes.prepareSimple(r!.asType, args!) }
    }
    return t
  }()
  nonisolated(unsafe) static let pointerMeta: TypeRef = {
    let t = metatype("_ctypes.PyCPointerType")
    t.pointee.tp_methods = CTypesMethods.pointerMetaMethods
    t.pointee.tp_init = { r, args, _ in bridgeStatus { () throws(PyError) in try CTypes.preparePointer(r!.asType) } }
    return t
  }()
  nonisolated(unsafe) static let arrayMeta: TypeRef = {
    let t = metatype("_ctypes.PyCArrayType")
    t.pointee.tp_init = { r, args, _ in bridgeStatus { () throws(PyError) in try CTypes.prepareArray(r!.asType) } }
    return t
  }()
  nonisolated(unsafe) static let structureMeta: TypeRef = {
    let t = metatype("_ctypes.PyCStructType")
    t.pointee.tp_init = { r, _, _ in
      bridgeStatus { () throws(PyError) in try CStructures.prepare(r!.asType, .structure) }
    }
    t.pointee.tp_setattro = { r, name, value in CStructures.setAttribute(r!, name!, value, .structure) }
    return t
  }()
  nonisolated(unsafe) static let unionMeta: TypeRef = {
    let t = metatype("_ctypes.UnionType")
    t.pointee.tp_init = { r, _, _ in bridgeStatus { () throws(PyError) in try CStructures.prepare(r!.asType, .union) } }
    t.pointee.tp_setattro = { r, name, value in CStructures.setAttribute(r!, name!, value, .union) }
    return t
  }()
  nonisolated(unsafe) static let functionMeta: TypeRef = {
    let t = metatype("_ctypes.PyCFuncPtrType")
    t.pointee.tp_init = { r, _, _ in bridgeStatus { () throws(PyError) in try CTypes.prepareFunction(r!.asType) } }
    return t
  }()

  // MARK: types

  private static func type(_ name: StaticString, _ meta: TypeRef?, base: TypeRef?) -> TypeRef {
    let t = Native.makeType(name, flags: Native.subclassable, collected: true, base: base)
    if let meta { t.pointee.ob_base.ob_base.ob_type = meta }
    return t
  }
  nonisolated(unsafe) static let base: TypeRef = {
    let t = type("_ctypes._CData", nil, base: nil)
    t.pointee.tp_flags |= Native.noInstantiation
    t.pointee.tp_hash = { _ in
      PyErr_SetString(Exc.TypeError.object, "unhashable type")
      return -1
    }
    var g = GetSetTable()
    g.add("_b_base_", "the base object", get: { r, _ in newRef(Native.state(r!, CData.self).base ?? none) })
    g.add(
      "_b_needsfree_", "whether the object owns the memory or not",
      get: { r, _ in
        newRef(pyBool(Native.state(r!, CData.self).base == nil))
      })
    g.add(
      "_objects", "internal objects tree (NEVER CHANGE THIS OBJECT!)",
      get: { r, _ in
        newRef(Native.state(r!, CData.self).kept ?? none)
      })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_methods = CTypesMethods.instanceMethods
    t.buffer.pointee.bf_getbuffer = { r, view, flags in CTypesMethods.buffer(r!, view, flags) }
    t.buffer.pointee.bf_releasebuffer = { _, view in CTypesMethods.releaseBuffer(view) }
    return t
  }()
  nonisolated(unsafe) static let simple: TypeRef = {
    let t = type("_ctypes._SimpleCData", simpleMeta, base: base)
    t.pointee.tp_new = instantiate
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try rejectKeywords("__init__", kwargs)
        try checkCount("__init__", args!.size, 0, 1)
        if args!.size == 1 { try CTypes.setValue(r!, gila_tuple_items(args!)[0]!) }
      }
    }
    var g = GetSetTable()
    g.add(
      "value", "current value",
      get: { r, _ in
        let d = Native.state(r!, CData.self)
        return bridge { () throws(PyError) in try CSimple.get(d.info, d.memory) }
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw typeError("can't delete attribute") }
          try CTypes.setValue(r!, v)
        }
      })
    t.pointee.tp_getset = g.build()
    t.number.pointee.nb_bool = { r in
      let d = Native.state(r!, CData.self)
      for i in 0..<d.size where d.memory.load(fromByteOffset: i, as: UInt8.self) != 0 { return 1 }
      return 0
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let d = Native.state(r!, CData.self)
        if r!.type.pointee.tp_base != CTypes.simple {
          return try string("<\(typeName(of: r!)) object at 0x\(String(UInt(bitPattern: r!.raw), radix: 16))>")
        }
        let v = try CSimple.get(d.info, d.memory)
        return try string("\(typeName(r!.type))(\(try reprText(v.ref)))")
      }
    }
    return t
  }()
  static func setValue(_ r: Ref, _ v: Ref) throws(PyError) {
    let d = Native.state(r, CData.self)
    let kept = try CSimple.set(d.info, d.memory, v)
    defer { xdecref(kept) }
    try d.keep(kept, at: 0)
  }
  static let instantiate: @Sendable @convention(c) (TypeRef?, Ref?, Ref?) -> Ref? = { type, _, _ in
    bridge { () throws(PyError) in
      guard let info = CTypeInfo.find(type!), !info.isAbstract else { throw typeError("abstract class") }
      info.isFinal = true
      return try Native.make(type!, info.kind == .function ? CFunctionData(info) : CData(info))
    }
  }
  nonisolated(unsafe) static let pointer: TypeRef = {
    let t = type("_ctypes._Pointer", pointerMeta, base: base)
    CSequences.definePointer(t)
    return t
  }()
  nonisolated(unsafe) static let array: TypeRef = {
    let t = type("_ctypes.Array", arrayMeta, base: base)
    CSequences.defineArray(t)
    return t
  }()
  nonisolated(unsafe) static let structure: TypeRef = {
    let t = type("_ctypes.Structure", structureMeta, base: base)
    CStructures.define(t)
    return t
  }()
  nonisolated(unsafe) static let union: TypeRef = {
    let t = type("_ctypes.Union", unionMeta, base: base)
    CStructures.define(t)
    return t
  }()
  nonisolated(unsafe) static let function: TypeRef = {
    let t = type("_ctypes.CFuncPtr", functionMeta, base: base)
    CFunctions.define(t)
    return t
  }()

  // MARK: preparing classes

  static func attribute(_ t: TypeRef, _ name: StaticString) throws(PyError) -> Owned? {
    var r: Ref? = nil
    if PyObject_GetOptionalAttrString(t.object, cString(name), &r) < 0 { throw PyError() }
    return r.map { Owned(taking: $0) }
  }

  /// A class is prepared once.
  static func checkNew(_ t: TypeRef) throws(PyError) {
    if CTypeInfo.own(t) != nil { throw systemError("StgInfo of '\(typeName(t))' is already initialized.") }
  }

  private static func prepareSimple(_ t: TypeRef, _ args: Ref) throws(PyError) {
    try checkNew(t)
    if args.size != 3, args.size != 1 { throw typeError("type.__init__() takes 1 or 3 arguments") }
    guard let letter = try attribute(t, "_type_") else {
      throw raise(Exc.AttributeError, "class must define a '_type_' attribute")
    }
    guard letter.ref.isUnicode else { throw typeError("class must define a '_type_' string attribute") }
    guard PyUnicode_GetLength(letter.ref) == 1 else {
      throw valueError("class must define a '_type_' attribute which must be a string of length 1")
    }
    let c = PyUnicode_ReadChar(letter.ref, 0)
    guard c < 128, let layout = CSimple.layout(UInt8(c)) else {
      throw raise(
        Exc.AttributeError,
        "class must define a '_type_' attribute which must be\na single character string containing one of 'cbBhHiIlLdfuzZqQPXOv?g'."
      )
    }
    let info = CTypeInfo(.simple)
    info.code = UInt8(c)
    info.size = layout.size
    info.alignment = layout.size
    info.ffi = layout.ffi
    info.format = layout.format
    CTypeInfo.set(t, info)
    // The same type with the bytes in the other order.
    guard t.object.type == simpleMeta, layout.size > 1, !"PzZOugv".utf8.contains(info.code) else { return }
    let names = try owned(PyDict_New())
    try set(names.ref, "_type_", Owned(retaining: letter.ref))
    try set(names.ref, "_swapped_", bool(true))
    let name = try string(typeName(t) + "_be")
    let arguments = try tuple(name.ref, t.pointee.tp_bases, names.ref)
    let twin = try owned(Types.type.pointee.tp_new(simpleMeta, arguments.ref, nil))
    let other = CTypeInfo(.simple)
    (other.code, other.size, other.alignment, other.ffi) = (info.code, info.size, info.alignment, info.ffi)
    other.format = ">" + info.format.dropFirst()
    other.isSwapped = true
    CTypeInfo.set(twin.ref.asType, other)
    try check(PyObject_SetAttrString(t.object, "__ctype_be__", twin.ref))
    try check(PyObject_SetAttrString(t.object, "__ctype_le__", t.object))
    try check(PyObject_SetAttrString(twin.ref, "__ctype_le__", t.object))
    try check(PyObject_SetAttrString(twin.ref, "__ctype_be__", twin.ref))
  }

  private static func preparePointer(_ t: TypeRef) throws(PyError) {
    let info = CTypeInfo(.pointer)
    (info.size, info.alignment, info.ffi) = (8, 8, gila_ffi(Int32(FFI_TYPE_POINTER)))
    try checkNew(t)
    // A class that derives from a pointer type does not take its target over.
    if let own = PyDict_GetItemString(_PyType_GetDict(t), "_type_") {
      let item = Owned(retaining: own)
      guard CTypeInfo.of(item.ref) != nil else { throw typeError("_type_ must have storage info") }
      info.item = newRef(item.ref).asType
      info.format = "&" + (CTypeInfo.of(item.ref).map { $0.shapeText + $0.format } ?? "B")
    } else {
      info.isAbstract = true
    }
    CTypeInfo.set(t, info)
  }
  static func setTarget(_ t: TypeRef, _ item: Ref) throws(PyError) {
    guard CTypeInfo.of(item) != nil, let info = CTypeInfo.own(t) else {
      throw typeError("_type_ must have storage info")
    }
    let old = info.item
    info.item = newRef(item).asType
    info.isAbstract = false
    xdecref(old?.object)
    try check(PyObject_SetAttrString(t.object, "_type_", item))
  }

  private static func prepareArray(_ t: TypeRef) throws(PyError) {
    try checkNew(t)
    guard let length = try attribute(t, "_length_") else {
      throw raise(Exc.AttributeError, "class must define a '_length_' attribute")
    }
    guard length.ref.isLong else { throw typeError("The '_length_' attribute must be an integer") }
    if _PyLong_Sign(length.ref) < 0 { throw valueError("The '_length_' attribute must not be negative") }
    let n = PyLong_AsSsize_t(length.ref)
    if n == -1, errorIsSet { throw overflowError("The '_length_' attribute is too large") }
    guard let item = try attribute(t, "_type_") else {
      throw raise(Exc.AttributeError, "class must define a '_type_' attribute")
    }
    guard let of = CTypeInfo.of(item.ref), !of.isAbstract else { throw typeError("_type_ must have storage info") }
    let (size, overflow) = of.size.multipliedReportingOverflow(by: n)
    if overflow { throw overflowError("array too large") }
    of.isFinal = true
    let info = CTypeInfo(.array)
    (info.size, info.alignment, info.length) = (size, of.alignment, n)
    info.item = newRef(item.ref).asType
    info.format = of.format
    info.ffi = gila_ffi(Int32(FFI_TYPE_POINTER))
    CTypeInfo.set(t, info)
    // Arrays of characters have the value as text too.
    if of.kind == .simple, of.code == UInt8(ascii: "c") || of.code == UInt8(ascii: "u") {
      for def in [CSequences.textAttributes, CSequences.textAttributes + 1] {
        if of.code == UInt8(ascii: "u"), def == CSequences.textAttributes + 1 { continue }
        let d = try owned(PyDescr_NewGetSet(t, def))
        try check(PyDict_SetItemString(_PyType_GetDict(t), def.pointee.name, d.ref))
      }
      PyType_Modified(t)
    }
  }
  /// The type of arrays of n items, one for each pair.
  static func arrayType(_ item: TypeRef, _ n: Int) throws(PyError) -> Owned {
    if n < 0 { throw valueError("Array length must be >= 0, not \(n)") }
    guard let cache = LibraryObject.ctypesArrays.ref else { throw systemError("_ctypes is not initialized") }
    let number = try int(n)
    let key = try tuple(item.object, number.ref)
    if let known = PyDict_GetItemWithError(cache, key.ref) { return Owned(retaining: known) }
    let names = try owned(PyDict_New())
    try set(names.ref, "_length_", int(n))
    try set(names.ref, "_type_", Owned(retaining: item.object))
    let name = try string("\(typeName(item))_Array_\(n)"), bases = try tuple(array.object)
    let made = try call(arrayMeta.object, name.ref, bases.ref, names.ref)
    try check(PyDict_SetItem(cache, key.ref, made.ref))
    return made
  }

  private static func prepareFunction(_ t: TypeRef) throws(PyError) {
    try checkNew(t)
    let info = CTypeInfo(.function)
    (info.size, info.alignment, info.ffi) = (8, 8, gila_ffi(Int32(FFI_TYPE_POINTER)))
    info.format = "X{}"
    guard let flags = try attribute(t, "_flags_"), flags.ref.isLong else {
      throw typeError("class must define _flags_ which must be an integer")
    }
    info.flags = try cInt(flags.ref)
    if let types = try attribute(t, "_argtypes_"), types.ref != none {
      guard types.ref.isTuple else { throw typeError("_argtypes_ must be a sequence of types") }
      try CFunctions.checkTypes(types.ref)
      info.argumentTypes = newRef(types.ref)
    }
    if let type = try attribute(t, "_restype_"), type.ref != none { info.resultType = newRef(type.ref) }
    CTypeInfo.set(t, info)
  }
}
