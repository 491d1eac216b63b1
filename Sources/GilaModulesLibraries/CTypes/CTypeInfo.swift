// What is known of a ctypes type: its size and layout, the form in which libffi passes it.

import CFFI
import CGila
import GilaCore
import Glibc

enum CKind { case simple, pointer, array, structure, union, function }

/// One field of a structure or union.
struct CFieldInfo {
  let name: String
  let type: TypeRef
  let offset: Int
  let size: Int
  /// Bits from the low end of the storage unit, or nil for a whole field.
  let bits: (shift: Int, count: Int)?
  /// Which field it is, those of bases included.
  let index: Int
}

final class CTypeInfo {
  let kind: CKind
  var size = 0, alignment = 1
  /// The letter of a simple type.
  var code: UInt8 = 0
  var isSwapped = false
  /// The type of items, or what a pointer points to (owned).
  var item: TypeRef?
  var length = 0
  var fields: [CFieldInfo] = []
  /// Once an instance or a derived type used the layout, `_fields_` stays as it is.
  var isFinal = false
  /// Abstract types have no instances.
  var isAbstract = false
  var ffi: UnsafeMutablePointer<ffi_type>?
  private var ffiParts: UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>?
  // Functions: what they take and return (owned).
  var flags: Int32 = 1
  var argumentTypes: Ref?, resultType: Ref?
  /// The format of the buffer protocol.
  var format = "B"

  init(_ kind: CKind) { self.kind = kind }
  deinit {
    if let ffiParts {
      ffi?.deallocate()
      ffiParts.deallocate()
    }
    xdecref(item?.object)
    xdecref(argumentTypes)
    xdecref(resultType)
    for f in fields { decref(f.type.object) }
  }

  /// Shows the collector what the description owns.
  func traverse(_ visit: visitproc, _ context: UnsafeMutableRawPointer?) -> Int32 {
    for r in [item?.object, argumentTypes, resultType] {
      if let r, case let status = visit(r, context), status != 0 { return status }
    }
    for f in fields {
      let status = visit(f.type.object, context)
      if status != 0 { return status }
    }
    return 0
  }

  /// libffi's description of a structure with these members.
  func describe(_ members: [UnsafeMutablePointer<ffi_type>]) {
    let parts = UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>.allocate(capacity: members.count + 1)
    for (i, m) in members.enumerated() { (parts + i).initialize(to: m) }
    (parts + members.count).initialize(to: nil)
    let t = UnsafeMutablePointer<ffi_type>.allocate(capacity: 1)
    t.initialize(
      to: ffi_type(
        size: size, alignment: UInt16(truncatingIfNeeded: alignment), type: UInt16(FFI_TYPE_STRUCT), elements: parts))
    ffi = t
    ffiParts = parts
  }

  /// The shape of an array as the buffer protocol's formats show it: "(2,3)"; else nothing.
  var shapeText: String {
    var lengths: [String] = []
    var info = self
    while info.kind == .array, let next = info.item.flatMap({ CTypeInfo.find($0) }) {
      lengths.append(String(info.length))
      info = next
    }
    return lengths.isEmpty ? "" : "(\(lengths.joined(separator: ",")))"
  }

  // MARK: the table of types

  nonisolated(unsafe) private static var table: [UnsafeMutableRawPointer: CTypeInfo] = [:]
  nonisolated(unsafe) private static let lock = ObjectLock()

  /// The description of a type, or of the first of its bases that has one.
  static func find(_ type: TypeRef) -> CTypeInfo? {
    lock.enter()
    defer { lock.leave() }
    var t: TypeRef? = type
    while let current = t {
      if let found = table[UnsafeMutableRawPointer(current)] { return found }
      t = current.pointee.tp_base
    }
    return nil
  }
  static func own(_ type: TypeRef) -> CTypeInfo? {
    lock.enter()
    defer { lock.leave() }
    return table[UnsafeMutableRawPointer(type)]
  }
  static func set(_ type: TypeRef, _ info: CTypeInfo?) {
    lock.enter()
    let old = table[UnsafeMutableRawPointer(type)]
    table[UnsafeMutableRawPointer(type)] = info
    lock.leave()
    withExtendedLifetime(old) {}
  }
  /// The description of an argument that must be a ctypes type.
  static func of(_ r: Ref) -> CTypeInfo? { r.isType ? find(r.asType) : nil }
}

/// The simple types by their letters.
enum CSimple {
  static func layout(_ code: UInt8) -> (size: Int, ffi: UnsafeMutablePointer<ffi_type>, format: String)? {
    switch code {
    case UInt8(ascii: "c"): (1, gila_ffi(Int32(FFI_TYPE_SINT8)), "<c")
    case UInt8(ascii: "b"): (1, gila_ffi(Int32(FFI_TYPE_SINT8)), "<b")
    case UInt8(ascii: "B"): (1, gila_ffi(Int32(FFI_TYPE_UINT8)), "<B")
    case UInt8(ascii: "?"): (1, gila_ffi(Int32(FFI_TYPE_UINT8)), "<?")
    case UInt8(ascii: "h"): (2, gila_ffi(Int32(FFI_TYPE_SINT16)), "<h")
    case UInt8(ascii: "H"): (2, gila_ffi(Int32(FFI_TYPE_UINT16)), "<H")
    case UInt8(ascii: "i"): (4, gila_ffi(Int32(FFI_TYPE_SINT32)), "<i")
    case UInt8(ascii: "I"): (4, gila_ffi(Int32(FFI_TYPE_UINT32)), "<I")
    case UInt8(ascii: "v"): (2, gila_ffi(Int32(FFI_TYPE_SINT16)), "<v")
    case UInt8(ascii: "l"), UInt8(ascii: "q"): (8, gila_ffi(Int32(FFI_TYPE_SINT64)), "<q")
    case UInt8(ascii: "L"), UInt8(ascii: "Q"): (8, gila_ffi(Int32(FFI_TYPE_UINT64)), "<Q")
    case UInt8(ascii: "f"): (4, gila_ffi(Int32(FFI_TYPE_FLOAT)), "<f")
    case UInt8(ascii: "d"): (8, gila_ffi(Int32(FFI_TYPE_DOUBLE)), "<d")
    case UInt8(ascii: "g"): (16, gila_ffi(Int32(FFI_TYPE_LONGDOUBLE)), "<g")
    case UInt8(ascii: "u"): (4, gila_ffi(Int32(FFI_TYPE_SINT32)), "<u")
    case UInt8(ascii: "P"), UInt8(ascii: "z"), UInt8(ascii: "Z"), UInt8(ascii: "O"):
      (8, gila_ffi(Int32(FFI_TYPE_POINTER)), "<\(Character(Unicode.Scalar(code)))")
    default: nil
    }
  }

  /// The bytes of a number in the other order.
  private static func swapped(_ p: UnsafeRawPointer, _ n: Int) -> (UInt64, UInt64) {
    var out: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &out) { b in
      for i in 0..<min(n, 16) { b[i] = p.load(fromByteOffset: n - 1 - i, as: UInt8.self) }
    }
    return out
  }

  /// The Python value of a simple type in memory.
  static func get(_ info: CTypeInfo, _ memory: UnsafeRawPointer) throws(PyError) -> Owned {
    if info.isSwapped, info.size > 1 {
      var value = swapped(memory, info.size)
      return try read(info.code, &value)
    }
    return try read(info.code, memory)
  }
  private static func read(_ code: UInt8, _ p: UnsafeRawPointer) throws(PyError) -> Owned {
    switch code {
    case UInt8(ascii: "c"): return try bytesObject(p, 1)
    case UInt8(ascii: "b"): return try int(p.loadUnaligned(as: Int8.self))
    case UInt8(ascii: "B"): return try int(p.loadUnaligned(as: UInt8.self))
    case UInt8(ascii: "?"): return bool(p.loadUnaligned(as: UInt8.self) != 0)
    case UInt8(ascii: "v"): return bool(p.loadUnaligned(as: Int16.self) != 0)
    case UInt8(ascii: "h"): return try int(p.loadUnaligned(as: Int16.self))
    case UInt8(ascii: "H"): return try int(p.loadUnaligned(as: UInt16.self))
    case UInt8(ascii: "i"): return try int(p.loadUnaligned(as: Int32.self))
    case UInt8(ascii: "I"): return try int(p.loadUnaligned(as: UInt32.self))
    case UInt8(ascii: "l"), UInt8(ascii: "q"): return try int(p.loadUnaligned(as: Int64.self))
    case UInt8(ascii: "L"), UInt8(ascii: "Q"): return try int(p.loadUnaligned(as: UInt64.self))
    case UInt8(ascii: "f"): return try owned(PyFloat_FromDouble(Double(p.loadUnaligned(as: Float.self))))
    case UInt8(ascii: "d"): return try owned(PyFloat_FromDouble(p.loadUnaligned(as: Double.self)))
    case UInt8(ascii: "g"): return try owned(PyFloat_FromDouble(gila_long_double_get(p)))
    case UInt8(ascii: "u"):
      return try owned(PyUnicode_FromOrdinal(p.loadUnaligned(as: Int32.self)))
    case UInt8(ascii: "P"):
      let v = p.loadUnaligned(as: UInt.self)
      return v == 0 ? noneOwned() : try int(v)
    case UInt8(ascii: "z"):
      guard let s = UnsafePointer<CChar>(bitPattern: p.loadUnaligned(as: UInt.self)) else { return noneOwned() }
      return try bytesObject(s, strlen(s))
    case UInt8(ascii: "Z"):
      guard let s = UnsafePointer<wchar_t>(bitPattern: p.loadUnaligned(as: UInt.self)) else { return noneOwned() }
      return try owned(PyUnicode_FromWideChar(s, wcslen(s)))
    case UInt8(ascii: "O"):
      guard let r = Ref(bitPattern: p.loadUnaligned(as: UInt.self)) else {
        throw valueError("PyObject is NULL")
      }
      return Owned(retaining: r)
    default: throw systemError("unknown simple type")
    }
  }

  /// Stores a Python value; returns what must stay alive with it (owned), if anything.
  static func set(_ info: CTypeInfo, _ memory: UnsafeMutableRawPointer, _ r: Ref) throws(PyError) -> Ref? {
    var value: (UInt64, UInt64) = (0, 0)
    let kept = try withUnsafeMutableBytes(of: &value) { (b) throws(PyError) in try write(info.code, b.baseAddress!, r) }
    if info.isSwapped, info.size > 1 {
      var other = swapped(&value, info.size)
      memcpy(memory, &other, info.size)
    } else {
      memcpy(memory, &value, info.size)
    }
    return kept
  }
  private static func write(_ code: UInt8, _ p: UnsafeMutableRawPointer, _ r: Ref) throws(PyError) -> Ref? {
    switch code {
    case UInt8(ascii: "c"):
      if (r.isBytes || r.isInstance(of: Types.byteArray)), PyObject_Length(r) == 1 {
        let b = try Buffer(r)
        p.storeBytes(of: b.bytes![0], as: UInt8.self)
      } else if r.isLong {
        let n = PyLong_AsLong(r)
        if n == -1, errorIsSet { throw PyError() }
        guard n >= 0, n < 256 else {
          throw typeError("one character bytes, bytearray or integer expected")
        }
        p.storeBytes(of: UInt8(n), as: UInt8.self)
      } else {
        throw typeError("one character bytes, bytearray or integer expected")
      }
    case UInt8(ascii: "?"): p.storeBytes(of: try truth(r) ? 1 : 0, as: UInt8.self)
    case UInt8(ascii: "v"): p.storeBytes(of: try truth(r) ? -1 : 0, as: Int16.self)
    case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "h"), UInt8(ascii: "H"), UInt8(ascii: "i"),
      UInt8(ascii: "I"), UInt8(ascii: "l"), UInt8(ascii: "L"), UInt8(ascii: "q"), UInt8(ascii: "Q"):
      guard r.isLong else {
        if PyIndex_Check(r) == 0 {
          throw typeError("'\(typeName(of: r))' object cannot be interpreted as an integer")
        }
        let index = try owned(PyNumber_Index(r))
        return try write(code, p, index.ref)
      }
      // Numbers wrap, as C's do.
      let n = PyLong_AsUnsignedLongLongMask(r)
      if n == UInt64.max, errorIsSet { throw PyError() }
      p.storeBytes(of: n, as: UInt64.self)
    case UInt8(ascii: "f"): p.storeBytes(of: Float(try cDouble(r)), as: Float.self)
    case UInt8(ascii: "d"): p.storeBytes(of: try cDouble(r), as: Double.self)
    case UInt8(ascii: "g"): gila_long_double_set(p, try cDouble(r))
    case UInt8(ascii: "u"):
      guard r.isUnicode else { throw typeError("unicode string expected instead of \(typeName(of: r)) instance") }
      guard PyUnicode_GetLength(r) == 1 else { throw typeError("one character unicode string expected") }
      p.storeBytes(of: PyUnicode_ReadChar(r, 0), as: UInt32.self)
    case UInt8(ascii: "P"):
      if r.isNone { return nil }
      guard r.isLong else { throw typeError("cannot be converted to pointer") }
      p.storeBytes(of: PyLong_AsUnsignedLongMask(r), as: UInt.self)
    case UInt8(ascii: "z"):
      if r.isNone { return nil }
      if r.isBytes {
        p.storeBytes(of: UInt(bitPattern: PyBytes_AsString(r)), as: UInt.self)
        return newRef(r)
      }
      guard r.isLong else {
        throw typeError("bytes or integer address expected instead of \(typeName(of: r)) instance")
      }
      p.storeBytes(of: PyLong_AsUnsignedLongMask(r), as: UInt.self)
    case UInt8(ascii: "Z"):
      if r.isNone { return nil }
      if r.isLong {
        p.storeBytes(of: PyLong_AsUnsignedLongMask(r), as: UInt.self)
        return nil
      }
      guard r.isUnicode else {
        throw typeError("unicode string or integer address expected instead of \(typeName(of: r)) instance")
      }
      let keeper = try wideText(r)
      p.storeBytes(of: UInt(bitPattern: PyBytes_AsString(keeper.ref)), as: UInt.self)
      return keeper.take()
    case UInt8(ascii: "O"):
      p.storeBytes(of: UInt(bitPattern: r.raw), as: UInt.self)
      return newRef(r)
    default: throw systemError("unknown simple type")
    }
    return nil
  }
  /// The characters of a str as C's wide ones, in a bytes object.
  static func wideText(_ r: Ref) throws(PyError) -> Owned {
    let n = PyUnicode_GetLength(r)
    var wide = [UInt32](repeating: 0, count: n + 1)
    for i in 0..<n { wide[i] = PyUnicode_ReadChar(r, i) }
    return try bytesObject(wide, (n + 1) * 4)
  }
}
