// The module _ctypes.

import CFFI
import CGila
import GilaCore
import Glibc

enum CTypesModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_ctypes", doc: "Create and manipulate C compatible data types in Python.", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try CTypesModule.fill(module!) } })

  private static func fill(_ module: Ref) throws(PyError) {
    let arrays = try owned(PyDict_New()), pointers = try owned(PyDict_New())
    try LibraryObject.ctypesArrays.set(arrays.ref)
    try LibraryObject.ctypesPointers.set(pointers.ref)
    for t in [
      CTypes.simpleMeta, CTypes.pointerMeta, CTypes.arrayMeta, CTypes.structureMeta, CTypes.unionMeta,
      CTypes.functionMeta,
      CTypes.base, CArguments.type, CField.type,
    ] { try check(PyType_Ready(t)) }
    let abstract: [(TypeRef, CKind)] = [
      (CTypes.simple, .simple), (CTypes.pointer, .pointer), (CTypes.array, .array), (CTypes.structure, .structure),
      (CTypes.union, .union), (CTypes.function, .function),
    ]
    for (t, kind) in abstract where CTypeInfo.own(t) == nil {
      let info = CTypeInfo(kind)
      info.isAbstract = true
      CTypeInfo.set(t, info)
    }
    try addType(module, "_SimpleCData", CTypes.simple)
    try addType(module, "_Pointer", CTypes.pointer)
    try addType(module, "Array", CTypes.array)
    try addType(module, "Structure", CTypes.structure)
    try addType(module, "Union", CTypes.union)
    try addType(module, "CFuncPtr", CTypes.function)
    try add(module, "_pointer_type_cache", pointers.ref)
    try LibraryObject.ctypesArgumentError.addException(module, "ctypes", "ArgumentError", base: Exc.Exception.object)
    for (name, value) in [
      ("FUNCFLAG_CDECL", 1), ("FUNCFLAG_PYTHONAPI", 4), ("FUNCFLAG_USE_ERRNO", 8), ("FUNCFLAG_USE_LASTERROR", 16),
      ("RTLD_LOCAL", 0), ("RTLD_GLOBAL", 256), ("CTYPES_MAX_ARGCOUNT", 1024), ("SIZEOF_TIME_T", 8),
    ] as [(StaticString, Int)] { try add(module, name, int: value) }
    try addText(module, "__version__", "1.1.0")
    let addresses: [(StaticString, UInt)] = [
      ("_memmove_addr", address(of: "memmove")), ("_memset_addr", address(of: "memset")),
      ("_string_at_addr", unsafeBitCast(stringAt, to: UInt.self)), ("_cast_addr", unsafeBitCast(cast, to: UInt.self)),
      ("_wstring_at_addr", unsafeBitCast(wideStringAt, to: UInt.self)),
    ]
    for (name, value) in addresses {
      let n = try int(value)
      try add(module, name, n.ref)
    }
  }
  private static func address(of name: String) -> UInt { UInt(bitPattern: dlsym(nil, name)) }

  // Functions that ctypes calls through their addresses.
  private static let stringAt: @Sendable @convention(c) (UnsafePointer<CChar>?, Int32) -> Ref? = { p, n in
    PyBytes_FromStringAndSize(p, n == -1 ? (p.map { strlen($0) } ?? 0) : Int(n))
  }
  private static let wideStringAt: @Sendable @convention(c) (UnsafePointer<wchar_t>?, Int32) -> Ref? = { p, n in
    if n < -1 {
      PyErr_SetString(Exc.SystemError.object, "Negative size passed to PyUnicode_New")
      return nil
    }
    return PyUnicode_FromWideChar(p, n == -1 ? (p.map { wcslen($0) } ?? 0) : Int(n))
  }
  private static let cast: @Sendable @convention(c) (UnsafeMutableRawPointer?, Ref?, Ref?) -> Ref? = {
    p, source, type in
    bridge { () throws(PyError) in
      guard let type, let info = CTypeInfo.of(type),
        info.kind == .pointer || info.kind == .function || "sPzUZXO".utf8.contains(info.code)
      else {
        throw typeError(
          "cast() argument 2 must be a pointer type, not \(type.map { $0.isType ? typeName($0.asType) : typeName(of: $0) } ?? "NULL")"
        )
      }
      let made = try owned(PyObject_CallNoArgs(type))
      let d = Native.state(made.ref, CData.self)
      d.memory.storeBytes(of: UInt(bitPattern: p), as: UInt.self)
      if let source, let other = CDataObjects.data(source) {
        // Both share what they keep; the source itself is kept under its address.
        let shared = try other.keptObjects()
        let old = d.kept
        d.kept = newRef(shared)
        xdecref(old)
        if shared.isExactly(Types.dict) {
          let key = try owned(PyLong_FromVoidPtr(source.raw))
          try check(PyDict_SetItem(shared, key.ref, source))
        } else {
          d.kept = nil
          decref(shared)
          let own = try owned(PyDict_New()), key = try owned(PyLong_FromVoidPtr(source.raw))
          try check(PyDict_SetItem(own.ref, key.ref, source))
          d.kept = own.take()
        }
      } else if let source, source.isBytes || source.isUnicode {
        try d.keep(source, at: 0)
      }
      return made
    }
  }

  // MARK: functions

  private static func data(_ r: Ref, _ what: String) throws(PyError) -> CData {
    guard let d = CDataObjects.data(r) else { throw typeError(what) }
    return d
  }
  private static func pointerType(_ item: Ref) throws(PyError) -> Owned {
    guard let cache = LibraryObject.ctypesPointers.ref else { throw systemError("_ctypes is not initialized") }
    if let known = PyDict_GetItemWithError(cache, item) { return Owned(retaining: known) }
    if errorIsSet { throw PyError() }
    let bases = try tuple(CTypes.pointer.object), names = try owned(PyDict_New())
    if item.isUnicode {
      let name = try string("LP_\(swiftString(item))")
      let made = try call(CTypes.pointerMeta.object, name.ref, bases.ref, names.ref)
      let key = try owned(PyLong_FromVoidPtr(made.ref.raw))
      try check(PyDict_SetItem(cache, key.ref, made.ref))
      return made
    }
    guard item.isType || item.isNone else { throw typeError("must have a ctypes type") }
    if item.isNone { throw typeError("must have a ctypes type") }
    let name = try string("LP_\(typeName(item.asType))")
    try set(names.ref, "_type_", Owned(retaining: item))
    let made = try call(CTypes.pointerMeta.object, name.ref, bases.ref, names.ref)
    try check(PyDict_SetItem(cache, item, made.ref))
    return made
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("POINTER", "($module, type, /)", "The type of pointers to a type.") { _, t in
      bridge { () throws(PyError) in try CTypesModule.pointerType(t!) }
    }
    m.one("pointer", "($module, obj, /)", "A pointer to an instance.") { _, r in
      bridge { () throws(PyError) in
        _ = try CTypesModule.data(r!, "_type_ must have storage info")
        let t = try CTypesModule.pointerType(r!.type.object)
        return try owned(PyObject_CallOneArg(t.ref, r))
      }
    }
    m.one("sizeof", "($self, object, /)", "The size of a type or instance in bytes.") { _, r in
      bridge { () throws(PyError) in
        if let info = CTypeInfo.of(r!), !info.isAbstract || info.kind == .pointer { return try int(info.size) }
        return try int(CTypesModule.data(r!, "this type has no size").size)
      }
    }
    m.one("alignment", "($self, object, /)", "The alignment of a type or instance.") { _, r in
      bridge { () throws(PyError) in
        if let info = CTypeInfo.of(r!), !info.isAbstract { return try int(info.alignment) }
        return try int(CTypesModule.data(r!, "no alignment info").info.alignment)
      }
    }
    m.positional(
      "byref", "", "byref(C instance[, offset=0]) -> byref-object\nThe address of an instance, as an argument."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("byref", n, 1, 2)
        let offset = n > 1 ? try cSize(a![1]!) : 0
        let d = try CTypesModule.data(
          a![0]!, "byref() argument must be a ctypes instance, not '\(typeName(of: a![0]!))'")
        return try CArguments.wrap(CFunctions.pointerArgument(d.memory + offset, keeping: a![0]))
      }
    }
    m.one("addressof", "($self, object, /)", "The address of an instance's memory.") { _, r in
      bridge { () throws(PyError) in
        let d = try CTypesModule.data(r!, "invalid type")
        try audit("ctypes.addressof", r)
        return try int(UInt(bitPattern: d.memory))
      }
    }
    m.positional("resize", "", "Resize the memory buffer of a ctypes instance") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("resize", n, 2, 2)
        let d = try CTypesModule.data(a![0]!, "excepted ctypes instance"), size = try cSize(a![1]!)
        if size < d.info.size { throw valueError("minimum size is \(d.info.size)") }
        try d.resize(size)
      }
    }
    m.positional("dlopen", "", "dlopen(name, flag={RTLD_GLOBAL|RTLD_LOCAL}) open a shared library") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("dlopen", n, 1, 2)
        let mode = (n > 1 ? try cInt(a![1]!) : Int32(RTLD_NOW)) | Int32(RTLD_NOW)
        var bytes: Ref? = nil
        if !a![0]!.isNone, PyUnicode_FSConverter(a![0], &bytes) == 0 { throw PyError() }
        let name = bytes.map { Owned(taking: $0) } ?? noneOwned()
        try audit("ctypes.dlopen", a![0])
        let path = name.ref == none ? nil : PyBytes_AsString(name.ref)
        guard let handle = releasingLock("dlopen", { dlopen(path, mode) }) else {
          throw raise(Exc.OSError, dlerror().map { String(cString: $0) } ?? "dlopen() error")
        }
        return try owned(PyLong_FromVoidPtr(handle))
      }
    }
    m.one("dlclose", "", "dlclose a library") { _, r in
      bridgeNone { () throws(PyError) in
        let p = PyLong_AsVoidPtr(r)
        if p == nil, errorIsSet { throw PyError() }
        if let p, dlclose(p) != 0 {
          throw raise(Exc.OSError, dlerror().map { String(cString: $0) } ?? "dlclose() error")
        }
      }
    }
    m.positional("dlsym", "", "find symbol in shared library") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("dlsym", n, 2, 2)
        try audit("ctypes.dlsym/handle", a![0], a![1])
        _ = dlerror()
        guard let p = dlsym(PyLong_AsVoidPtr(a![0]), try cText(a![1]!, "dlsym", "argument 2")) else {
          throw raise(Exc.OSError, dlerror().map { String(cString: $0) } ?? "symbol not found")
        }
        return try owned(PyLong_FromVoidPtr(p))
      }
    }
    m.noArguments("get_errno", "($self, /)", "The errno of ctypes' calls.") { _, _ in
      bridge { () throws(PyError) in
        try audit("ctypes.get_errno")
        return try int(Int(CFunctions.savedErrno.pointee))
      }
    }
    m.one("set_errno", "", "Set it; returns the old one.") { _, r in
      bridge { () throws(PyError) in
        try audit("ctypes.set_errno", r)
        let n = try cInt(r!), old = CFunctions.savedErrno.pointee
        CFunctions.savedErrno.pointee = n
        return try int(old)
      }
    }
    m.positional("call_function", "", "Call the function at an address.") { _, a, n in
      bridge { () throws(PyError) in try CTypesModule.callAddress(a!, n, flags: 0) }
    }
    m.positional("call_cdeclfunction", "", "Call the function at an address.") { _, a, n in
      bridge { () throws(PyError) in try CTypesModule.callAddress(a!, n, flags: 1) }
    }
    m.one("PyObj_FromPtr", "", "The object at an address.") { _, r in
      bridge { () throws(PyError) in
        guard let p = PyLong_AsVoidPtr(r) else { throw errorIsSet ? PyError() : valueError("NULL pointer") }
        return Owned(retaining: p.assumingMemoryBound(to: PyObject.self))
      }
    }
    m.one("Py_INCREF", "($self, object, /)", "Add a reference.") { _, r in
      incref(r!)
      return newRef(r!)
    }
    m.one("Py_DECREF", "($self, object, /)", "Give a reference back.") { _, r in
      incref(r!)
      decref(r!)
      let result = newRef(r!)
      decref(r!)
      return result
    }
    m.one("buffer_info", "($self, object, /)", "Format, dimensions and shape.") { _, r in
      bridge { () throws(PyError) in
        guard let start = CTypeInfo.of(r!) ?? CDataObjects.data(r!)?.info else {
          throw typeError("not a ctypes type or object")
        }
        var info = start
        let shape = try owned(PyList_New(0))
        while info.kind == .array, let next = info.item.flatMap({ CTypeInfo.find($0) }) {
          try append(shape.ref, int(info.length))
          info = next
        }
        let format = try string(info.format), n = try int(PyList_Size(shape.ref)),
          t = try owned(PyList_AsTuple(shape.ref))
        return try tuple(format.ref, n.ref, t.ref)
      }
    }
    m.positional("_unpickle", "", "") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("_unpickle", n, 2, 2)
        let new = try owned(PyObject_GetAttrString(a![0], "__new__"))
        let made = try call(new.ref, a![0])
        let f = try owned(PyObject_GetAttrString(made.ref, "__setstate__"))
        guard a![1]!.isTuple else {
          throw typeError("_unpickle() argument 2 must be tuple, not \(typeName(of: a![1]!))")
        }
        _ = try owned(PyObject_CallObject(f.ref, a![1]))
        return made
      }
    }
    return m.build()
  }
  private static func callAddress(_ a: ArgumentVector, _ n: Int, flags: Int32) throws(PyError) -> Owned {
    try checkCount("call_function", n, 2, 2)
    guard let p = PyLong_AsVoidPtr(a[0]) else { throw errorIsSet ? PyError() : valueError("NULL pointer") }
    guard a[1]!.isTuple else { throw typeError("argument 2 must be tuple, not \(typeName(of: a[1]!))") }
    let items = (0..<a[1]!.size).map { gila_tuple_items(a[1]!)[$0]! }
    let intType = try owned(PyImport_ImportModule("ctypes"))
    let type = try owned(PyObject_GetAttrString(intType.ref, "c_int"))
    return try CFunctions.call(
      p, items, converters: nil, result: type.ref, flags: flags)
  }
}
