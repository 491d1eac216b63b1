// mmap as a sequence of bytes: m[i], m[i:j], and assignment to them.

import CGila
import GilaCore
import Glibc

enum MemoryMapItems {
  static func define(_ type: TypeRef) {
    type.sequence.pointee.sq_length = { r in
      bridgeSize { () throws(PyError) in
        let m = MemoryMap(r: r!)
        _ = try m.memory()
        return m.size.pointee
      }
    }
    type.sequence.pointee.sq_item = { r, i in
      bridge { () throws(PyError) in
        let m = MemoryMap(r: r!)
        let p = try m.memory()
        if i < 0 || i >= m.size.pointee { throw indexError("mmap index out of range") }
        return try m.bytes(p + i, 1)
      }
    }
    type.mapping.pointee.mp_length = type.sequence.pointee.sq_length
    type.mapping.pointee.mp_subscript = { r, key in
      bridge { () throws(PyError) in try MemoryMapItems.get(MemoryMap(r: r!), key!) }
    }
    type.mapping.pointee.mp_ass_subscript = { r, key, value in
      bridgeStatus { () throws(PyError) in try MemoryMapItems.set(MemoryMap(r: r!), key!, value) }
    }
  }

  private static func index(_ m: MemoryMap, _ key: Ref) throws(PyError) -> Int {
    var i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
    if i == -1, errorIsSet { throw PyError() }
    if i < 0 { i += m.size.pointee }
    if i < 0 || i >= m.size.pointee { throw indexError("mmap index out of range") }
    return i
  }
  private static func slice(_ m: MemoryMap, _ key: Ref) throws(PyError) -> (start: Int, step: Int, count: Int) {
    var (start, stop, step) = (0, 0, 0)
    try check(PySlice_Unpack(key, &start, &stop, &step))
    let count = PySlice_AdjustIndices(m.size.pointee, &start, &stop, step)
    return (start, step, count)
  }

  private static func get(_ m: MemoryMap, _ key: Ref) throws(PyError) -> Owned {
    _ = try m.memory()
    if PyIndex_Check(key) != 0 {
      let i = try index(m, key)
      return try int(Int32(try m.memory()[i]))
    }
    guard key.isExactly(Types.slice) else { throw typeError("mmap indices must be integers") }
    let s = try slice(m, key)
    let p = try m.memory()
    if s.count <= 0 { return try owned(PyBytes_FromStringAndSize("", 0)) }
    if s.step == 1 { return try m.bytes(p + s.start, s.count) }
    return try bytes(s.count) { (target) throws(PyError) in
      let out = target.assumingMemoryBound(to: UInt8.self)
      for i in 0..<s.count { out[i] = p[s.start &+ i &* s.step] }
      return s.count
    }
  }

  private static func set(_ m: MemoryMap, _ key: Ref, _ value: Ref?) throws(PyError) {
    _ = try m.memory()
    try m.checkWritable()
    if PyIndex_Check(key) != 0 {
      let i = try index(m, key)
      guard let value else { throw typeError("mmap doesn't support item deletion") }
      guard PyIndex_Check(value) != 0 else { throw typeError("mmap item value must be an int") }
      let v = PyNumber_AsSsize_t(value, Exc.TypeError.object)
      if v == -1, errorIsSet { throw PyError() }
      guard let byte = UInt8(exactly: v) else { throw valueError("mmap item value must be in range(0, 256)") }
      try m.memory()[i] = byte
      return
    }
    guard key.isExactly(Types.slice) else { throw typeError("mmap indices must be integer") }
    let s = try slice(m, key)
    guard let value else { throw typeError("mmap object doesn't support slice deletion") }
    let buffer = try Buffer(value)
    if buffer.count != s.count { throw indexError("mmap slice assignment is wrong size") }
    let p = try m.memory()
    guard let source = buffer.start?.assumingMemoryBound(to: UInt8.self) else { return }
    if s.step == 1 {
      memmove(p + s.start, source, s.count)
    } else {
      for i in 0..<max(0, s.count) { p[s.start &+ i &* s.step] = source[i] }
    }
  }
}
