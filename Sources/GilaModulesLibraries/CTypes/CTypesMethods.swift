// What every ctypes type and instance can do: from_param, from_address, from_buffer, in_dll, the buffer protocol.

import CFFI
import CGila
import GilaCore
import Glibc

enum CTypesMethods {
  private static func info(_ r: Ref?) throws(PyError) -> CTypeInfo {
    guard let i = CTypeInfo.find(r!.asType), !i.isAbstract else { throw typeError("abstract class") }
    return i
  }

  /// `type.from_param(value)`: what a call may pass for an argument of the type.
  private static func parameter(_ type: TypeRef, _ value: Ref) throws(PyError) -> Owned {
    let info = try info(type.object)
    if value.isInstance(of: type) { return Owned(retaining: value) }
    switch info.kind {
    case .simple:
      if "PzZ".utf8.contains(info.code) { return try address(type, info, value) }
      var a = CArgument(ffi: info.ffi ?? gila_ffi(Int32(FFI_TYPE_POINTER)))
      a.tag = info.code
      do throws(PyError) {
        var kept: Ref? = nil
        try withUnsafeMutableBytes(of: &a.value) { (b) throws(PyError) in
          kept = try CSimple.set(info, b.baseAddress!, value)
        }
        a.kept = kept
        return try wrap(a)
      } catch {
        if PyErr_ExceptionMatches(Exc.TypeError.object) == 0 { throw error }
        if let other = try converted(value) {
          PyErr_Clear()
          return try parameter(type, other.ref)
        }
        if "bBhHiIlLqQ".utf8.contains(info.code) {
          PyErr_Clear()
          throw typeError("'\(typeName(of: value))' object cannot be interpreted as an integer")
        }
        throw error
      }
    case .pointer:
      if value.isNone { return noneOwned() }
      if let target = info.item, value.isInstance(of: target), let d = CDataObjects.data(value) {
        return try wrap(CFunctions.pointerArgument(d.memory, keeping: value))
      }
      if let d = CDataObjects.data(value), d.info.kind == .array || d.info.kind == .pointer, let mine = info.item,
        let item = d.info.item, PyType_IsSubtype(item, mine) != 0
      {
        return Owned(retaining: value)
      }
      if value.isExactly(CArguments.type), let kept = Native.state(value, CArgumentState.self).argument.kept,
        let mine = info.item, kept.isInstance(of: mine)
      {
        return Owned(retaining: value)
      }
    case .array:
      if let item = info.item.flatMap({ CTypeInfo.find($0) }), item.kind == .simple, item.code == UInt8(ascii: "c"),
        value.isBytes
      {
        if value.size > info.length { throw valueError("Invalid length") }
        let made = try owned(PyObject_CallNoArgs(type.object))
        try CDataObjects.setText(info, item, Native.state(made.ref, CData.self).memory, value)
        return made
      }
      if value.isTuple { return try owned(PyObject_Call(type.object, value, nil)) }
    case .structure, .union, .function: break
    }
    if let other = try converted(value) { return try parameter(type, other.ref) }
    let expected =
      info.kind == .array || info.kind == .structure || info.kind == .union || info.kind == .function
      || info.kind == .pointer
    throw typeError(expected ? "expected \(typeName(type)) instance instead of \(typeName(of: value))" : "wrong type")
  }
  /// An argument for `c_void_p`, `c_char_p` or `c_wchar_p`.
  private static func address(_ type: TypeRef, _ info: CTypeInfo, _ value: Ref) throws(PyError) -> Owned {
    let isVoid = info.code == UInt8(ascii: "P")
    let letter: UInt8 = info.code == UInt8(ascii: "z") ? UInt8(ascii: "c") : UInt8(ascii: "u")
    func isText(_ i: CTypeInfo?) -> Bool { i?.kind == .simple && i?.code == letter }
    if value.isNone { return noneOwned() }
    if value.isLong, isVoid {
      let p = UnsafeRawPointer(bitPattern: UInt(PyLong_AsUnsignedLongMask(value)))
      if errorIsSet { throw PyError() }
      return try CArguments.wrap(CFunctions.pointerArgument(p, keeping: nil))
    }
    if value.isBytes, isVoid || info.code == UInt8(ascii: "z") {
      return try CArguments.wrap(CFunctions.pointerArgument(PyBytes_AsString(value), keeping: value, tag: "z"))
    }
    if value.isUnicode, isVoid || info.code == UInt8(ascii: "Z") {
      let w = try CSimple.wideText(value)
      return try CArguments.wrap(CFunctions.pointerArgument(PyBytes_AsString(w.ref), keeping: w.ref, tag: "Z"))
    }
    if let d = CDataObjects.data(value) {
      switch d.info.kind {
      case .array, .pointer:
        if isVoid || isText(d.info.item.flatMap { CTypeInfo.find($0) }) { return Owned(retaining: value) }
      case .function where isVoid, .simple where isVoid && "zZ".utf8.contains(d.info.code):
        let p = UnsafeRawPointer(bitPattern: d.memory.load(as: UInt.self))
        return try CArguments.wrap(
          CFunctions.pointerArgument(p, keeping: value, tag: d.info.kind == .function ? "P" : "Z"))
      default: break
      }
    }
    if value.isExactly(CArguments.type) {
      let a = Native.state(value, CArgumentState.self).argument
      if isVoid ? a.tag == UInt8(ascii: "P") : isText(a.kept.flatMap { CDataObjects.data($0) }?.info) {
        return Owned(retaining: value)
      }
    }
    if let other = try converted(value) { return try parameter(type, other.ref) }
    let name = isVoid ? "c_void_p" : info.code == UInt8(ascii: "z") ? "c_char_p" : "c_wchar_p"
    throw typeError("'\(typeName(of: value))' object cannot be interpreted as ctypes.\(name)")
  }
  private static func converted(_ value: Ref) throws(PyError) -> Owned? {
    var other: Ref? = nil
    let pending = PyErr_GetRaisedException()
    let status = PyObject_GetOptionalAttrString(value, "_as_parameter_", &other)
    if let pending { if status < 0 { decref(pending) } else { PyErr_SetRaisedException(pending) } }
    if status < 0 { throw PyError() }
    return other.map { Owned(taking: $0) }
  }
  private static func wrap(_ a: CArgument) throws(PyError) -> Owned { try CArguments.wrap(a) }

  private static func fromBuffer(_ type: Ref, _ a: ArgumentVector, _ n: Int, copy: Bool) throws(PyError) -> Owned {
    try checkCount(copy ? "from_buffer_copy" : "from_buffer", n, 1, 2)
    let info = try info(type)
    let offset = n > 1 ? try cSize(a[1]!) : 0
    if offset < 0 { throw valueError("offset cannot be negative") }
    func check(_ count: Int) throws(PyError) {
      if info.size > count - offset {
        throw valueError("Buffer size too small (\(count) instead of at least \(info.size + offset) bytes)")
      }
    }
    if copy {
      let b = try Buffer(a[0]!)
      try check(b.count)
      let d = info.kind == .function ? try CFunctionData(info) : try CData(info)
      if let p = b.start { memcpy(d.memory, p + offset, info.size) }
      return try Native.make(type.asType, d)
    }
    // A memoryview holds the buffer as long as the instance lives.
    let view = try owned(PyMemoryView_FromObject(a[0]))
    let readOnly = try owned(PyObject_GetAttrString(view.ref, "readonly"))
    if readOnly.ref == pyTrue { throw typeError("underlying buffer is not writable") }
    let contiguous = try owned(PyObject_GetAttrString(view.ref, "c_contiguous"))
    if contiguous.ref != pyTrue { throw typeError("underlying buffer is not C contiguous") }
    let b = try Buffer(view.ref, flags: PyBUF_SIMPLE)
    guard let p = b.start else { throw valueError("underlying buffer has no memory") }
    try check(b.count)
    let made = try CDataObjects.view(type.asType, info, p + offset, base: nil)
    try Native.state(made.ref, CData.self).keep(view.ref, at: -1)
    return made
  }

  nonisolated(unsafe) static let metatypeMethods = {
    var m = MethodTable()
    CTypesMethods.addShared(&m)
    return m.build()
  }()
  nonisolated(unsafe) static let pointerMetaMethods = {
    var m = MethodTable()
    CTypesMethods.addShared(&m)
    m.one("set_type", "($self, type, /)", "Say what pointers of an incomplete type point to.") { r, item in
      bridgeNone { () throws(PyError) in try CTypes.setTarget(r!.asType, item!) }
    }
    return m.build()
  }()
  private static func addShared(_ m: inout MethodTable) {
    m.one("from_param", "($self, value, /)", "Convert a Python object into a function call parameter.") { r, v in
      bridge { () throws(PyError) in try CTypesMethods.parameter(r!.asType, v!) }
    }
    m.one("from_address", "($self, integer, /)", "An instance at an address.") { r, v in
      bridge { () throws(PyError) in
        let info = try CTypesMethods.info(r)
        guard v!.isLong else { throw typeError("integer expected") }
        let n = PyLong_AsUnsignedLongMask(v)
        if n == UInt.max, errorIsSet { throw PyError() }
        try audit("ctypes.cdata", v)
        guard let p = UnsafeMutableRawPointer(bitPattern: n) else { throw valueError("NULL pointer access") }
        return try CDataObjects.view(r!.asType, info, p, base: nil)
      }
    }
    m.positional("from_buffer", "($self, obj, offset=0, /)", "An instance in a writable buffer.") { r, a, n in
      bridge { () throws(PyError) in try CTypesMethods.fromBuffer(r!, a!, n, copy: false) }
    }
    m.positional("from_buffer_copy", "($self, buffer, offset=0, /)", "An instance with a copy of a buffer.") {
      r, a, n in
      bridge { () throws(PyError) in try CTypesMethods.fromBuffer(r!, a!, n, copy: true) }
    }
    m.positional("in_dll", "($self, dll, name, /)", "An instance that is a variable of a library.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("in_dll", n, 2, 2)
        let info = try CTypesMethods.info(r)
        let handle = try owned(PyObject_GetAttrString(a![0], "_handle"))
        guard handle.ref.isLong else {
          throw typeError("the _handle attribute of the second argument must be an integer")
        }
        try audit("ctypes.dlsym", a![0], a![1])
        let name = try cText(a![1]!, "in_dll", "argument 2")
        _ = dlerror()
        guard let p = dlsym(UnsafeMutableRawPointer(bitPattern: PyLong_AsUnsignedLongMask(handle.ref)), name) else {
          throw valueError(dlerror().map { String(cString: $0) } ?? "symbol '\(String(cString: name))' not found")
        }
        return try CDataObjects.view(r!.asType, info, p, base: nil)
      }
    }
  }

  nonisolated(unsafe) static let instanceMethods = {
    var m = MethodTable()
    m.noArguments("__ctypes_from_outparam__", "") { r, _ in
      let d = Native.state(r!, CData.self)
      if d.info.kind == .simple, r!.type.pointee.tp_base == CTypes.simple {
        return bridge { () throws(PyError) in try CSimple.get(d.info, d.memory) }
      }
      return newRef(r!)
    }
    m.noArguments("__reduce__", "") { r, _ in
      bridge { () throws(PyError) in
        let d = Native.state(r!, CData.self)
        if d.info.hasPointers {
          throw valueError("ctypes objects containing pointers cannot be pickled")
        }
        let module = try owned(PyImport_ImportModule("_ctypes"))
        let f = try owned(PyObject_GetAttrString(module.ref, "_unpickle"))
        let data = try bytesObject(d.memory, d.size)
        var dict: Ref? = nil
        if PyObject_GetOptionalAttrString(r, "__dict__", &dict) < 0 { throw PyError() }
        let attributes = dict.map { Owned(taking: $0) } ?? noneOwned()
        let state = try tuple(attributes.ref, data.ref)
        let arguments = try tuple(r!.type.object, state.ref)
        return try tuple(f.ref, arguments.ref)
      }
    }
    m.positional("__setstate__", "") { r, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("__setstate__", n, 2, 2)
        let d = Native.state(r!, CData.self)
        let attributes = args![0]!
        let b = try Buffer(args![1]!)
        if let p = b.start { memcpy(d.memory, p, min(b.count, d.size)) }
        if attributes.isNone { return }
        let mine = try owned(PyObject_GetAttrString(r, "__dict__"))
        guard mine.ref.isDict else {
          throw typeError("\(typeName(of: r!)).__dict__ must be a dictionary, not \(typeName(of: mine.ref))")
        }
        try check(PyDict_Update(mine.ref, attributes))
      }
    }
    return m.build()
  }()

  /// An instance's memory with its shape.
  static func buffer(_ r: Ref, _ view: UnsafeMutablePointer<Py_buffer>?, _ flags: Int32) -> Int32 {
    guard let view else { return -1 }
    let d = Native.state(r, CData.self)
    var shape: [Int] = []
    var info = d.info
    while info.kind == .array, let next = info.item.flatMap({ CTypeInfo.find($0) }) {
      shape.append(info.length)
      info = next
    }
    // The numbers live behind each other in memory that the view owns.
    let extra = UnsafeMutablePointer<Int>.allocate(capacity: max(shape.count, 1) * 2)
    for (i, n) in shape.enumerated() { extra[i] = n }
    view.pointee.buf = d.memory
    view.pointee.obj = newRef(r)
    view.pointee.len = d.size
    view.pointee.readonly = 0
    view.pointee.itemsize = info.size
    view.pointee.format = strdup(info.format)
    view.pointee.ndim = Int32(shape.count)
    view.pointee.shape = shape.isEmpty ? nil : extra
    view.pointee.strides = nil
    view.pointee.suboffsets = nil
    view.pointee.internal = UnsafeMutableRawPointer(extra)
    return 0
  }
  static func releaseBuffer(_ view: UnsafeMutablePointer<Py_buffer>?) {
    guard let view, let extra = view.pointee.internal else { return }
    extra.assumingMemoryBound(to: Int.self).deallocate()
    free(view.pointee.format)
    view.pointee.internal = nil
    view.pointee.format = nil
  }
}
