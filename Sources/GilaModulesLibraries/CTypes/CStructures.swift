// Structures and unions: layout as the C compiler makes it, attributes of fields, positional and named initial values.

import CFFI
import CGila
import GilaCore
import Glibc

enum CStructures {
  static func prepare(_ t: TypeRef, _ kind: CKind) throws(PyError) {
    try CTypes.checkNew(t)
    let info = CTypeInfo(kind)
    if PyDict_ContainsString(_PyType_GetDict(t), "_abstract_") > 0 {
      info.isAbstract = true
      CTypeInfo.set(t, info)
      return
    }
    if let parent = t.pointee.tp_base.flatMap({ CTypeInfo.find($0) }), !parent.isAbstract {
      parent.isFinal = true
      (info.size, info.alignment, info.format) = (parent.size, parent.alignment, parent.format)
      info.fields = parent.fields.map {
        incref($0.type.object)
        return $0
      }
    }
    CTypeInfo.set(t, info)
    guard let dict = _PyType_GetDict(t), let fields = PyDict_GetItemString(dict, "_fields_") else {
      finish(info)
      return
    }
    // By assignment: the metaclass of types in the other byte order has its own idea of the fields.
    let held = Owned(retaining: fields), name = try string("_fields_")
    try check(PyObject_SetAttr(t.object, name.ref, held.ref))
  }
  static func setAttribute(_ r: Ref, _ name: Ref, _ value: Ref?, _ kind: CKind) -> Int32 {
    if Types.type.pointee.tp_setattro(r, name, value) < 0 { return -1 }
    guard name.isUnicode, PyUnicode_EqualToUTF8(name, "_fields_") != 0, let value else { return 0 }
    return bridgeStatus { () throws(PyError) in
      guard let info = CTypeInfo.own(r.asType) else { throw typeError("ctypes state is not initialized") }
      if info.isFinal { throw raise(Exc.AttributeError, "_fields_ is final") }
      try layOut(r.asType, info, value)
    }
  }

  private static func number(_ t: TypeRef, _ name: StaticString) throws(PyError) -> Int? {
    guard let r = try CTypes.attribute(t, name) else { return nil }
    let n = PyLong_AsLong(r.ref)
    if n == -1, errorIsSet {
      PyErr_Clear()
      throw valueError("\(name) must be a non-negative integer")
    }
    if n < 0 || n > Int(Int32.max) { throw valueError("\(name) must be a non-negative integer") }
    return n
  }

  private static func layOut(_ t: TypeRef, _ info: CTypeInfo, _ fields: Ref) throws(PyError) {
    if PySequence_Check(fields) == 0 { throw typeError("'_fields_' must be a sequence of pairs") }
    let pack = try number(t, "_pack_") ?? 0
    let wantedAlignment = try number(t, "_align_") ?? 0
    let isSwapped = try CTypes.attribute(t, "_swappedbytes_") != nil
    let n = try checkSize(PySequence_Size(fields))
    var end = info.kind == .union ? 0 : info.size
    var largest = info.size, alignment = info.alignment
    // The storage unit of bit fields that is being filled: start of the unit, its size, bits used.
    var unit: (start: Int, size: Int, used: Int)? = nil
    var shown = ""
    for i in 0..<n {
      let entry = try owned(PySequence_GetItem(fields, i))
      guard entry.ref.isTuple, entry.ref.size == 2 || entry.ref.size == 3,
        let nameObject = gila_tuple_items(entry.ref)[0],
        let typeObject = gila_tuple_items(entry.ref)[1], nameObject.isUnicode
      else { throw typeError("'_fields_' must be a sequence of (name, C type) pairs") }
      guard let of = CTypeInfo.of(typeObject), !of.isAbstract || of.kind == .pointer else {
        throw typeError("second item in _fields_ tuple (index \(i)) must be a C type")
      }
      if of === info { throw raise(Exc.AttributeError, "Structure or union cannot contain itself") }
      of.isFinal = true
      let type = typeObject.asType
      let align = pack > 0 ? min(pack, of.alignment) : of.alignment
      alignment = max(alignment, align)
      let field: CFieldInfo
      if entry.ref.size == 3 {
        let bits = Int(try cInt(gila_tuple_items(entry.ref)[2]!))
        guard of.kind == .simple, !"fdgcuzZPO".utf8.contains(of.code) else {
          throw typeError("bit fields not allowed for type \(typeName(type))")
        }
        if bits <= 0 || bits > of.size * 8 {
          throw valueError("number of bits invalid for bit field")
        }
        // GCC's way: a field goes where the last one ended unless it would cross a unit of its own type.
        var bit = unit.map { $0.start * 8 + $0.used } ?? end * 8
        if info.kind == .union { bit = 0 }
        let unitBits = of.size * 8
        if pack == 0, bit / unitBits != (bit + bits - 1) / unitBits { bit = (bit + unitBits - 1) / unitBits * unitBits }
        let start = bit / unitBits * of.size
        unit = (start, of.size, bit + bits - start * 8)
        end = max(end, (bit + bits + 7) / 8)
        var shift = bit - start * 8
        if isSwapped { shift = unitBits - shift - bits }
        field = CFieldInfo(
          name: swiftString(nameObject), type: type, offset: start, size: of.size, bits: (shift, bits),
          index: info.fields.count)
        largest = max(largest, info.kind == .union ? of.size : 0)
      } else {
        unit = nil
        let offset = info.kind == .union ? 0 : (end + align - 1) / align * align
        field = CFieldInfo(
          name: swiftString(nameObject), type: type, offset: offset, size: of.size, bits: nil,
          index: info.fields.count)
        let (next, overflow) = offset.addingReportingOverflow(of.size)
        if overflow { throw overflowError("structure too large") }
        if offset > end { shown += "\(offset - end)x" }
        end = next
        largest = max(largest, of.size)
      }
      incref(type.object)
      info.fields.append(field)
      shown += "\(of.shapeText)\(of.format):\(field.name):"
      let descriptor = try CField.make(field, owner: t)
      try check(PyDict_SetItem(_PyType_GetDict(t), nameObject, descriptor.ref))
    }
    alignment = max(alignment, wantedAlignment)
    let whole = info.kind == .union ? largest : end
    info.size = (whole + alignment - 1) / alignment * alignment
    info.alignment = alignment
    info.format = info.kind == .union ? "B" : "T{\(shown)}"
    try addAnonymous(t, info)
    PyType_Modified(t)
    finish(info)
    info.isFinal = true
  }
  /// `_anonymous_`: the fields of those members are attributes of the whole, too.
  private static func addAnonymous(_ t: TypeRef, _ info: CTypeInfo) throws(PyError) {
    guard let names = PyDict_GetItemString(_PyType_GetDict(t), "_anonymous_") else { return }
    guard PySequence_Check(names) != 0 else { throw typeError("_anonymous_ must be a sequence") }
    for i in 0..<(try checkSize(PySequence_Size(names))) {
      let name = try owned(PySequence_GetItem(names, i))
      let text = swiftString(name.ref)
      let isAttribute = PyObject_HasAttr(t.object, name.ref) != 0
      guard let outer = info.fields.first(where: { $0.name == text }) else {
        if isAttribute { throw raise(Exc.AttributeError, "'\(text)' is specified in _anonymous_ but not in _fields_") }
        throw raise(Exc.AttributeError, "type object '\(typeName(t))' has no attribute '\(text)'")
      }
      guard let inner = CTypeInfo.find(outer.type), inner.kind == .structure || inner.kind == .union else { continue }
      // A member's own anonymous members are attributes of it already: they are taken over with their offsets.
      try copyFields(inner, outer, t)
    }
  }
  private static func copyFields(_ inner: CTypeInfo, _ outer: CFieldInfo, _ t: TypeRef) throws(PyError) {
    guard let dict = _PyType_GetDict(outer.type) else { return }
    var position = 0
    var key: Ref? = nil, value: Ref? = nil
    var found: [(Ref, CFieldInfo)] = []
    while PyDict_Next(dict, &position, &key, &value) != 0 {
      if let key, let value, value.isExactly(CField.type) {
        found.append((key, Native.state(value, CField.State.self).field))
      }
    }
    for (name, f) in found {
      let moved = CFieldInfo(
        name: f.name, type: f.type, offset: f.offset + outer.offset, size: f.size, bits: f.bits,
        index: f.index + outer.index)
      let descriptor = try CField.make(moved, owner: t)
      try check(PyDict_SetItem(_PyType_GetDict(t), name, descriptor.ref))
    }
  }
  private static func finish(_ info: CTypeInfo) {
    var members: [UnsafeMutablePointer<ffi_type>] = []
    func add(_ t: TypeRef) {
      guard let i = CTypeInfo.find(t) else { return }
      if i.kind == .array {
        if let item = i.item { for _ in 0..<min(i.length, 64) { add(item) } }
      } else if let f = i.ffi {
        members.append(f)
      }
    }
    if info.kind == .union {
      // libffi has no unions: the largest member stands for all.
      if let f = info.fields.max(by: { $0.size < $1.size }) { add(f.type) }
    } else {
      var units = Set<Int>()
      for f in info.fields where f.bits == nil || units.insert(f.offset).inserted { add(f.type) }
    }
    info.describe(members)
  }

  static func define(_ t: TypeRef) {
    t.pointee.tp_new = CTypes.instantiate
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let info = Native.state(r!, CData.self).info
        let n = args!.size
        if n > info.fields.count { throw typeError("too many initializers") }
        for i in 0..<n {
          let name = try string(info.fields[i].name)
          if let kwargs, PyDict_Contains(kwargs, name.ref) > 0 {
            throw typeError("duplicate values for field \(try reprText(name.ref))")
          }
          try check(PyObject_SetAttr(r, name.ref, gila_tuple_items(args!)[i]))
        }
        guard let kwargs else { return }
        var position = 0
        var key: Ref? = nil, value: Ref? = nil
        while PyDict_Next(kwargs, &position, &key, &value) != 0 { try check(PyObject_SetAttr(r, key, value)) }
      }
    }
  }
}

/// The descriptor of a field.
enum CField {
  final class State: NativeState {
    let field: CFieldInfo
    init(_ field: CFieldInfo) {
      self.field = field
      incref(field.type.object)
    }
    deinit { decref(field.type.object) }
    override func traverse(_ visit: visitproc, _ c: UnsafeMutableRawPointer?) -> Int32 {
      visiting(field.type.object, visit, c)
    }
  }
  static func make(_ field: CFieldInfo, owner: TypeRef) throws(PyError) -> Owned {
    try Native.make(type, State(field))
  }

  private static func bits(_ d: CData, _ f: CFieldInfo, _ info: CTypeInfo) throws(PyError) -> Owned {
    guard let b = f.bits else { return noneOwned() }
    var raw = unit(d, f, info)
    raw = (raw >> UInt64(b.shift)) & mask(b.count)
    let signed = "bhilq".utf8.contains(info.code)
    if signed, b.count < 64, raw >> UInt64(b.count - 1) & 1 == 1 { raw |= ~mask(b.count) }
    return signed ? try int(Int64(bitPattern: raw)) : info.code == UInt8(ascii: "?") ? bool(raw != 0) : try int(raw)
  }
  private static func mask(_ n: Int) -> UInt64 { n >= 64 ? UInt64.max : (1 << UInt64(n)) - 1 }
  private static func unit(_ d: CData, _ f: CFieldInfo, _ info: CTypeInfo) -> UInt64 {
    var raw: UInt64 = 0
    for i in 0..<f.size where f.offset + i < d.size {
      let byte = UInt64(d.memory.load(fromByteOffset: f.offset + i, as: UInt8.self))
      raw |= byte << UInt64((info.isSwapped ? f.size - 1 - i : i) * 8)
    }
    return raw
  }

  nonisolated(unsafe) static let type: TypeRef = {
    let t = Native.makeType("_ctypes.CField", flags: Native.noInstantiation, collected: true)
    t.pointee.tp_descr_get = { r, instance, _ in
      bridge { () throws(PyError) in
        guard let instance, instance != none else { return Owned(retaining: r!) }
        guard let d = CDataObjects.data(instance) else { throw typeError("not a ctype instance") }
        let f = Native.state(r!, State.self).field
        guard let info = CTypeInfo.find(f.type) else { throw typeError("this type has no size") }
        if f.bits != nil { return try bits(d, f, info) }
        if info.kind == .array, let item = info.item.flatMap({ CTypeInfo.find($0) }), item.kind == .simple {
          let p = d.memory + f.offset
          if item.code == UInt8(ascii: "c") {
            return try bytesObject(p, strnlen(p.assumingMemoryBound(to: CChar.self), info.length))
          }
          if item.code == UInt8(ascii: "u") {
            let w = p.assumingMemoryBound(to: wchar_t.self)
            return try owned(PyUnicode_FromWideChar(w, wcsnlen(w, info.length)))
          }
        }
        return try CDataObjects.get(f.type, d.memory + f.offset, base: instance, index: f.index)
      }
    }
    t.pointee.tp_descr_set = { r, instance, value in
      bridgeStatus { () throws(PyError) in
        guard let d = CDataObjects.data(instance!) else { throw typeError("not a ctype instance") }
        guard let value else { throw typeError("can't delete attribute") }
        let f = Native.state(r!, State.self).field
        guard let info = CTypeInfo.find(f.type) else { throw typeError("this type has no size") }
        guard let b = f.bits else {
          if info.kind == .array, !value.isInstance(of: f.type), let item = info.item.flatMap({ CTypeInfo.find($0) }),
            item.kind == .simple, item.code == UInt8(ascii: "c") || item.code == UInt8(ascii: "u")
          {
            return try CDataObjects.setFieldText(info, item, d.memory + f.offset, value)
          }
          return try CDataObjects.set(f.type, d.memory + f.offset, f.size, value, owner: d, index: f.index)
        }
        let n = info.code == UInt8(ascii: "?") ? (try truth(value) ? 1 : 0) : PyLong_AsUnsignedLongLongMask(value)
        if n == UInt64.max, errorIsSet { throw PyError() }
        let raw = unit(d, f, info) & ~(mask(b.count) << UInt64(b.shift)) | (n & mask(b.count)) << UInt64(b.shift)
        for i in 0..<f.size where f.offset + i < d.size {
          let place = info.isSwapped ? f.size - 1 - i : i
          d.memory.storeBytes(
            of: UInt8(truncatingIfNeeded: raw >> UInt64(place * 8)), toByteOffset: f.offset + i, as: UInt8.self)
        }
      }
    }
    var g = GetSetTable()
    g.add(
      "offset", "offset in bytes of this field",
      get: { r, _ in
        PyLong_FromLong(Native.state(r!, State.self).field.offset)
      })
    g.add(
      "size", "size in bytes of this field",
      get: { r, _ in
        let f = Native.state(r!, State.self).field
        return PyLong_FromLong(f.bits.map { $0.count << 16 | $0.shift } ?? f.size)
      })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let f = Native.state(r!, State.self).field
        if let b = f.bits {
          return try string("<Field type=\(typeName(f.type)), ofs=\(f.offset):\(b.shift), bits=\(b.count)>")
        }
        return try string("<Field type=\(typeName(f.type)), ofs=\(f.offset), size=\(f.size)>")
      }
    }
    return t
  }()
}
