// The state of a ctypes instance: memory of its own, or a part of another instance's.

import CFFI
import CGila
import GilaCore
import Glibc

class CData: NativeState {
  let info: CTypeInfo
  var memory: UnsafeMutableRawPointer
  var size: Int
  private let owns: Bool
  /// The instance whose memory this is a part of (owned).
  let base: Ref?
  /// Its place in that instance.
  let index: Int
  /// What the memory refers to and must stay alive, see `CKeeping.swift` (owned).
  var kept: Ref?

  /// Memory of its own, zeroed.
  init(_ info: CTypeInfo) throws(PyError) {
    guard let p = calloc(1, max(info.size, 16)) else { throw memoryError() }
    self.info = info
    memory = p
    size = info.size
    owns = true
    base = nil
    index = 0
  }
  /// A view of memory that `base` keeps alive, or nobody.
  init(_ info: CTypeInfo, at memory: UnsafeMutableRawPointer, base: Ref?, index: Int = 0) {
    self.info = info
    self.memory = memory
    size = info.size
    owns = false
    self.base = xnewRef(base)
    self.index = index
  }
  deinit {
    if owns || isResized { free(memory) }
    xdecref(base)
    xdecref(kept)
  }
  private var isResized = false
  func resize(_ n: Int) throws(PyError) {
    guard owns || isResized else {
      throw valueError("Memory cannot be resized because this object doesn't own it")
    }
    guard let p = realloc(memory, max(n, 16)) else { throw memoryError() }
    if n > size { memset(p + size, 0, n - size) }
    memory = p
    size = n
  }
  override func traverse(_ visit: visitproc, _ c: UnsafeMutableRawPointer?) -> Int32 {
    let status = visiting(base, visit, c)
    return status != 0 ? status : visiting(kept, visit, c)
  }
  override func clear() {
    let old = kept
    kept = nil
    xdecref(old)
  }
}

/// What a function is beyond its pointer.
final class CFunctionData: CData {
  var argumentTypes: Ref?, resultType: Ref?, errorCheck: Ref?, parameters: Ref?
  /// The callback this function is, kept alive.
  var callback: CCallback?
  deinit { for r in [argumentTypes, resultType, errorCheck, parameters] { xdecref(r) } }
  override func traverse(_ visit: visitproc, _ c: UnsafeMutableRawPointer?) -> Int32 {
    for r in [argumentTypes, resultType, errorCheck, parameters, callback?.callable] {
      let status = visiting(r, visit, c)
      if status != 0 { return status }
    }
    return super.traverse(visit, c)
  }
}

enum CDataObjects {
  static func isInstance(_ r: Ref) -> Bool { r.isInstance(of: CTypes.base) }
  static func data(_ r: Ref) -> CData? { isInstance(r) ? Native.state(r, CData.self) : nil }

  /// An instance of a type over memory.
  static func view(_ type: TypeRef, _ info: CTypeInfo, _ p: UnsafeMutableRawPointer, base: Ref?, index: Int = 0)
    throws(PyError) -> Owned
  {
    info.isFinal = true
    let s =
      info.kind == .function
      ? CFunctionData(info, at: p, base: base, index: index) : CData(info, at: p, base: base, index: index)
    return try Native.make(type, s)
  }
  /// The value in memory as Python gets it: simple types as values, unless the program derived from them.
  static func get(_ type: TypeRef, _ p: UnsafeMutableRawPointer, base: Ref?, index: Int) throws(PyError) -> Owned {
    guard let info = CTypeInfo.find(type) else { throw typeError("this type has no size") }
    if info.kind == .simple, type.pointee.tp_base == CTypes.simple { return try CSimple.get(info, p) }
    return try view(type, info, p, base: base, index: index)
  }
  /// Stores a Python value in memory of a type; `owner` keeps alive what it refers to.
  static func set(
    _ type: TypeRef, _ p: UnsafeMutableRawPointer, _ size: Int, _ value: Ref, owner: CData?, index: Int = 0
  ) throws(PyError) {
    guard let info = CTypeInfo.find(type) else { throw typeError("this type has no size") }
    if value.isInstance(of: type), let d = data(value) {
      memcpy(p, d.memory, min(size, d.size))
      if let owner, info.kind != .simple || d.kept != nil { try owner.keep(d.keptByCopies(value), at: index) }
      return
    }
    switch info.kind {
    case .simple:
      let kept = try CSimple.set(info, p, value)
      defer { xdecref(kept) }
      try owner?.keep(kept, at: index)
    case .pointer:
      if value.isNone {
        p.storeBytes(of: 0, as: UInt.self)
        return
      }
      if let d = data(value), d.info.kind == .array, let mine = info.item, let item = d.info.item,
        PyType_IsSubtype(item, mine) != 0
      {
        p.storeBytes(of: UInt(bitPattern: d.memory), as: UInt.self)
        if let owner {
          let both = try tuple(d.keptObjects(), value)
          try owner.keep(both.ref, at: index)
        }
        return
      }
      throw wrongType(type, value)
    case .array, .structure, .union:
      if info.kind == .array, let item = info.item.flatMap({ CTypeInfo.find($0) }), item.kind == .simple,
        item.code == UInt8(ascii: "c") || item.code == UInt8(ascii: "u"), value.isBytes || value.isUnicode
      {
        try setText(info, item, p, value)
        return
      }
      guard value.isTuple else { throw wrongType(type, value) }
      guard let new = PyObject_Call(type.object, value, nil) else { throw inside(typeName(type)) }
      let made = Owned(taking: new)
      try set(type, p, size, made.ref, owner: owner, index: index)
    case .function:
      if value.isNone {
        p.storeBytes(of: 0, as: UInt.self)
        return
      }
      throw wrongType(type, value)
    }
  }
  private static func wrongType(_ type: TypeRef, _ value: Ref) -> PyError {
    isInstance(value)
      ? typeError("incompatible types, \(typeName(of: value)) instance instead of \(typeName(type)) instance")
      : typeError("expected \(typeName(type)) instance, got \(typeName(of: value))")
  }
  /// RuntimeError that says in which type another exception came up.
  private static func inside(_ name: String) -> PyError {
    guard let e = PyErr_GetRaisedException() else { return PyError() }
    let held = Owned(taking: e)
    var text = "???"
    if let shown = PyObject_Str(held.ref) {
      text = swiftString(shown)
      decref(shown)
    } else {
      PyErr_Clear()
    }
    return runtimeError("(\(name)) \(typeName(of: held.ref)): \(text)")
  }
  /// A field that is an array of characters: the text up to its first null character.
  static func setFieldText(_ info: CTypeInfo, _ item: CTypeInfo, _ p: UnsafeMutableRawPointer, _ value: Ref)
    throws(PyError)
  {
    if item.code == UInt8(ascii: "c") {
      guard value.isBytes else { throw typeError("expected bytes, \(typeName(of: value)) found") }
      guard let text = PyBytes_AsString(value) else { throw PyError() }
      let n = strlen(text)
      if n > info.size { throw valueError("bytes too long (\(n), maximum length \(info.size))") }
      memcpy(p, text, min(n + 1, info.size))
      return
    }
    guard value.isUnicode else {
      throw typeError("unicode string expected instead of \(typeName(of: value)) instance")
    }
    let n = PyUnicode_GetLength(value)
    if n > info.length { throw valueError("string too long (\(n), maximum length \(info.length))") }
    try setText(info, item, p, value)
  }
  /// An array of characters from bytes or text.
  static func setText(_ info: CTypeInfo, _ item: CTypeInfo, _ p: UnsafeMutableRawPointer, _ value: Ref) throws(PyError)
  {
    if item.code == UInt8(ascii: "c") {
      guard value.isBytes else { throw typeError("bytes expected instead of \(typeName(of: value)) instance") }
      let n = value.size
      if n > info.size { throw valueError("byte string too long") }
      memcpy(p, PyBytes_AsString(value), n)
      if n < info.size { (p + n).storeBytes(of: 0, as: UInt8.self) }
    } else {
      guard value.isUnicode else {
        throw typeError("unicode string expected instead of \(typeName(of: value)) instance")
      }
      let n = PyUnicode_GetLength(value)
      if n > info.length { throw valueError("string too long") }
      for i in 0..<n { (p + i * 4).storeBytes(of: PyUnicode_ReadChar(value, i), as: UInt32.self) }
      if n < info.length { (p + n * 4).storeBytes(of: 0, as: UInt32.self) }
    }
  }
}
