// Arrays and pointers: items, slices, contents.

import CFFI
import CGila
import GilaCore
import Glibc

enum CSequences {
  private static func item(_ r: Ref, _ i: Int) throws(PyError) -> Owned {
    let d = Native.state(r, CData.self)
    guard let type = d.info.item, let of = CTypeInfo.find(type) else { throw typeError("no item type") }
    if d.info.kind == .array {
      if i < 0 || i >= d.info.length { throw indexError("invalid index") }
      return try CDataObjects.get(type, d.memory + i * of.size, base: r, index: i)
    }
    return try CDataObjects.get(type, try target(d, i, of), base: r, index: i)
  }
  private static func target(_ d: CData, _ i: Int, _ of: CTypeInfo) throws(PyError) -> UnsafeMutableRawPointer {
    guard let p = UnsafeMutableRawPointer(bitPattern: d.memory.load(as: UInt.self)) else {
      throw valueError("NULL pointer access")
    }
    return p + i &* of.size
  }
  private static func setItem(_ r: Ref, _ i: Int, _ value: Ref?) throws(PyError) {
    let d = Native.state(r, CData.self)
    guard let value else {
      throw typeError(
        d.info.kind == .array ? "Array does not support item deletion" : "Pointer does not support item deletion")
    }
    guard let type = d.info.item, let of = CTypeInfo.find(type) else { throw typeError("no item type") }
    if d.info.kind == .array {
      if i < 0 || i >= d.info.length { throw indexError("invalid index") }
      return try CDataObjects.set(type, d.memory + i * of.size, of.size, value, owner: d, index: i)
    }
    try CDataObjects.set(type, try target(d, i, of), of.size, value, owner: d, index: i)
  }

  private static func subscript_(_ r: Ref, _ key: Ref) throws(PyError) -> Owned {
    let d = Native.state(r, CData.self)
    if PyIndex_Check(key) != 0 {
      var i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
      if i == -1, errorIsSet { throw PyError() }
      if d.info.kind == .array, i < 0 { i += d.info.length }
      return try item(r, i)
    }
    guard key.isExactly(Types.slice) else {
      throw typeError(d.info.kind == .array ? "indices must be integers" : "Pointer indices must be integer")
    }
    var (start, stop, step, count) = (0, 0, 0, 0)
    if d.info.kind == .array {
      try check(PySlice_Unpack(key, &start, &stop, &step))
      count = PySlice_AdjustIndices(d.info.length, &start, &stop, step)
    } else {
      // A pointer has no length: the end must be said.
      let s = key.cast(PySliceObject.self).pointee
      step = s.step!.isNone ? 1 : try cSize(s.step!)
      if step == 0 { throw valueError("slice step cannot be zero") }
      if s.start!.isNone {
        if step < 0 { throw valueError("slice start is required for step < 0") }
        start = 0
      } else {
        start = try cSize(s.start!)
      }
      if s.stop!.isNone { throw valueError("slice stop is required") }
      stop = try cSize(s.stop!)
      if step > 0 {
        count = stop > start ? (stop - start - 1) / step + 1 : 0
      } else {
        count = stop < start ? (start - stop - 1) / -step + 1 : 0
      }
    }
    let of = d.info.item.flatMap { CTypeInfo.find($0) }
    let list = try owned(PyList_New(0))
    for i in 0..<count { try append(list.ref, item(r, start + i * step)) }
    if let of, of.kind == .simple, of.code == UInt8(ascii: "c") {
      let empty = try bytesObject(nil, 0)
      let join = try owned(PyObject_GetAttrString(empty.ref, "join"))
      return try call(join.ref, list.ref)
    }
    if let of, of.kind == .simple, of.code == UInt8(ascii: "u") {
      let empty = try string("")
      return try owned(PyUnicode_Join(empty.ref, list.ref))
    }
    return list
  }
  private static func setSubscript(_ r: Ref, _ key: Ref, _ value: Ref?) throws(PyError) {
    let d = Native.state(r, CData.self)
    if PyIndex_Check(key) != 0 {
      var i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
      if i == -1, errorIsSet { throw PyError() }
      if d.info.kind == .array, i < 0 { i += d.info.length }
      return try setItem(r, i, value)
    }
    guard key.isExactly(Types.slice), d.info.kind == .array else { throw typeError("indices must be integer") }
    guard let value else { throw typeError("Array does not support item deletion") }
    var (start, stop, step) = (0, 0, 0)
    try check(PySlice_Unpack(key, &start, &stop, &step))
    let count = PySlice_AdjustIndices(d.info.length, &start, &stop, step)
    if try checkSize(PySequence_Size(value)) != count { throw valueError("Can only assign sequence of same size") }
    for i in 0..<count {
      let one = try owned(PySequence_GetItem(value, i))
      try setItem(r, start + i * step, one.ref)
    }
  }

  static func defineArray(_ t: TypeRef) {
    t.pointee.tp_new = CTypes.instantiate
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try rejectKeywords("__init__", kwargs)
        for i in 0..<args!.size { try CSequences.setItem(r!, i, gila_tuple_items(args!)[i]!) }
      }
    }
    t.sequence.pointee.sq_length = { r in Native.state(r!, CData.self).info.length }
    t.sequence.pointee.sq_item = { r, i in bridge { () throws(PyError) in try CSequences.item(r!, i) } }
    t.sequence.pointee.sq_ass_item = { r, i, v in
      bridgeStatus { () throws(PyError) in try CSequences.setItem(r!, i, v) }
    }
    t.mapping.pointee.mp_length = t.sequence.pointee.sq_length
    t.mapping.pointee.mp_subscript = { r, k in bridge { () throws(PyError) in try CSequences.subscript_(r!, k!) } }
    t.mapping.pointee.mp_ass_subscript = { r, k, v in
      bridgeStatus { () throws(PyError) in try CSequences.setSubscript(r!, k!, v) }
    }
    var m = MethodTable()
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { r, item in Py_GenericAlias(r, item) }
    t.pointee.tp_methods = m.build()
  }

  static func definePointer(_ t: TypeRef) {
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        guard let info = CTypeInfo.find(type!), info.item != nil else {
          throw typeError("Cannot create instance: has no _type_")
        }
        return try Native.make(type!, CData(info))
      }
    }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        try rejectKeywords("__init__", kwargs)
        if args!.size == 0 { return }
        try checkCount("POINTER", args!.size, 0, 1)
        try CSequences.setContents(r!, gila_tuple_items(args!)[0]!)
      }
    }
    t.sequence.pointee.sq_item = { r, i in bridge { () throws(PyError) in try CSequences.item(r!, i) } }
    t.sequence.pointee.sq_ass_item = { r, i, v in
      bridgeStatus { () throws(PyError) in try CSequences.setItem(r!, i, v) }
    }
    t.mapping.pointee.mp_subscript = { r, k in bridge { () throws(PyError) in try CSequences.subscript_(r!, k!) } }
    t.mapping.pointee.mp_ass_subscript = { r, k, v in
      bridgeStatus { () throws(PyError) in try CSequences.setSubscript(r!, k!, v) }
    }
    t.number.pointee.nb_bool = { r in Native.state(r!, CData.self).memory.load(as: UInt.self) != 0 ? 1 : 0 }
    var g = GetSetTable()
    g.add(
      "contents", "the object this pointer points to (read-write)",
      get: { r, _ in
        bridge { () throws(PyError) in
          let d = Native.state(r!, CData.self)
          guard let type = d.info.item, let of = CTypeInfo.find(type) else { throw typeError("no item type") }
          let p = try CSequences.target(d, 0, of)
          // The very object that was assigned, as long as the pointer still points to it.
          if d.base == nil, let kept = d.kept, kept.isExactly(Types.dict),
            let known = PyDict_GetItemString(kept, "1"), known.isInstance(of: type),
            let other = CDataObjects.data(known), other.memory == p
          {
            return Owned(retaining: known)
          }
          return try CDataObjects.view(type, of, p, base: r)
        }
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw typeError("Pointer does not support item deletion") }
          try CSequences.setContents(r!, v)
        }
      })
    t.pointee.tp_getset = g.build()
  }
  private static func setContents(_ r: Ref, _ v: Ref) throws(PyError) {
    let d = Native.state(r, CData.self)
    guard let type = d.info.item else { throw typeError("no item type") }
    guard v.isInstance(of: type), let other = CDataObjects.data(v) else {
      throw typeError("expected \(typeName(type)) instead of \(typeName(of: v))")
    }
    d.memory.storeBytes(of: UInt(bitPattern: other.memory), as: UInt.self)
    try d.keep(v, at: 1)
    try d.keep(other.keptObjects(), at: 0)
  }

  /// `value` and `raw` of arrays of characters.
  nonisolated(unsafe) static let textAttributes = {
    var g = GetSetTable()
    g.add(
      "value", "string value",
      get: { r, _ in
        bridge { () throws(PyError) in
          let d = Native.state(r!, CData.self)
          if d.info.item.flatMap({ CTypeInfo.find($0) })?.code == UInt8(ascii: "u") {
            let w = d.memory.assumingMemoryBound(to: wchar_t.self)
            return try owned(PyUnicode_FromWideChar(w, wcsnlen(w, d.size / 4)))
          }
          return try bytesObject(d.memory, strnlen(d.memory.assumingMemoryBound(to: CChar.self), d.size))
        }
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw typeError("cannot delete attribute") }
          let d = Native.state(r!, CData.self)
          guard let item = d.info.item.flatMap({ CTypeInfo.find($0) }) else { return }
          try CDataObjects.setText(d.info, item, d.memory, v)
        }
      })
    g.add(
      "raw", "value",
      get: { r, _ in
        let d = Native.state(r!, CData.self)
        return bridge { () throws(PyError) in try bytesObject(d.memory, d.size) }
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          let d = Native.state(r!, CData.self)
          let b = try Buffer(v)
          if b.count > d.size { throw valueError("byte string too long") }
          if let p = b.start { memcpy(d.memory, p, b.count) }
        }
      })
    return g.build()
  }()
}
