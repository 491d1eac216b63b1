import CGila
import GilaCore
import Glibc

/// Code objects: CPython 3.13's layout, with the instructions behind the fields.
public enum Code {
  public struct Parts {
    public var argCount = 0, posOnlyArgCount = 0, kwOnlyArgCount = 0, stackSize = 0, flags = 0, firstLine = 0
    public init() {}
  }
  /// A new code object. The objects are borrowed.
  public static func make(
    _ p: Parts, code: UnsafeRawBufferPointer, consts: Ref, names: Ref, localsPlusNames: Ref, localsPlusKinds: Ref,
    fileName: Ref, name: Ref, qualname: Ref, lineTable: Ref, exceptionTable: Ref
  ) throws(PyError) -> Owned {
    let units = code.count / 2
    let r = try owned(PyObject_Malloc(200 + code.count + 8)?.assumingMemoryBound(to: PyObject.self) ?? PyErr_NoMemory())
    memset(r.ref.raw, 0, 200 + code.count + 8)
    _ = PyObject_InitVar(r.ref.cast(PyVarObject.self), Types.code, units)
    let c = r.ref.cast(PyCodeObject.self)
    c.pointee.co_consts = newRef(consts)
    c.pointee.co_names = newRef(names)
    c.pointee.co_exceptiontable = newRef(exceptionTable)
    c.pointee.co_flags = Int32(truncatingIfNeeded: p.flags)
    c.pointee.co_argcount = Int32(p.argCount)
    c.pointee.co_posonlyargcount = Int32(p.posOnlyArgCount)
    c.pointee.co_kwonlyargcount = Int32(p.kwOnlyArgCount)
    c.pointee.co_stacksize = Int32(p.stackSize)
    c.pointee.co_firstlineno = Int32(truncatingIfNeeded: p.firstLine)
    let n = localsPlusNames.size
    c.pointee.co_nlocalsplus = Int32(n)
    let kinds = UnsafeRawPointer(PyBytes_AsString(localsPlusKinds)).assumingMemoryBound(to: UInt8.self)
    for i in 0..<n {
      if kinds[i] & 0x20 != 0 { c.pointee.co_nlocals += 1 }
      if kinds[i] & 0x40 != 0 { c.pointee.co_ncellvars += 1 }
      if kinds[i] & 0x80 != 0 { c.pointee.co_nfreevars += 1 }
    }
    c.pointee.co_localsplusnames = newRef(localsPlusNames)
    c.pointee.co_localspluskinds = newRef(localsPlusKinds)
    c.pointee.co_filename = newRef(fileName)
    c.pointee.co_name = newRef(name)
    c.pointee.co_qualname = newRef(qualname)
    c.pointee.co_linetable = newRef(lineTable)
    if let from = code.baseAddress { memcpy(r.ref.raw + 200, from, code.count) }
    return r
  }
  /// The line of the instruction at byte offset `at`, from the location table (PEP 626's format of 3.11 and later).
  static func line(_ c: UnsafeMutablePointer<PyCodeObject>, _ at: Int) -> Int {
    let table = c.pointee.co_linetable!
    let p = UnsafeRawPointer(PyBytes_AsString(table)).assumingMemoryBound(to: UInt8.self)
    let n = table.size
    var i = 0, offset = 0
    var line = Int(c.pointee.co_firstlineno)
    func varint() -> Int {
      var v = 0, shift = 0
      while i < n {
        let b = Int(p[i])
        i += 1
        v |= (b & 63) << shift
        shift += 6
        if b & 64 == 0 { break }
      }
      return v
    }
    func signed() -> Int {
      let v = varint()
      return v & 1 != 0 ? -(v >> 1) : v >> 1
    }
    while i < n {
      let head = Int(p[i])
      i += 1
      let length = ((head & 7) + 1) * 2
      let kind = (head >> 3) & 15
      var has = true
      switch kind {
      case 15: has = false
      case 14:
        line += signed()
        _ = varint()
        _ = varint()
        _ = varint()
      case 13: line += signed()
      case 10, 11, 12:
        line += kind - 10
        i += 2
      default: i += 1
      }
      if at < offset + length { return has ? line : 0 }
      offset += length
    }
    return line
  }
  static func install() {
    let t = Types.code
    t.define("code", basicSize: 200, itemSize: 2)
    t.pointee.tp_weaklistoffset = 144
    t.pointee.tp_dealloc = { r in
      let c = r!.cast(PyCodeObject.self)
      if c.pointee.co_weakreflist != nil { PyObject_ClearWeakRefs(r) }
      for o in [24, 32, 40, 96, 104, 112, 120, 128, 136] { xdecref((r!.raw + o).load(as: Ref?.self)) }
      PyObject_Free(r!.raw)
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let c = r!.cast(PyCodeObject.self)
        return try string(
          "<code object \(swiftString(c.pointee.co_name)) at 0x\(String(UInt(bitPattern: r!), radix: 16)), file \"\(swiftString(c.pointee.co_filename))\", line \(c.pointee.co_firstlineno)>"
        )
      }
    }
    var m = MemberTable()
    m.add("co_argcount", Py_T_INT, offset: 52)
    m.add("co_posonlyargcount", Py_T_INT, offset: 56)
    m.add("co_kwonlyargcount", Py_T_INT, offset: 60)
    m.add("co_stacksize", Py_T_INT, offset: 64)
    m.add("co_flags", Py_T_INT, offset: 48)
    m.add("co_nlocals", Py_T_INT, offset: 80)
    m.add("co_firstlineno", Py_T_INT, offset: 68)
    m.add("co_names", _Py_T_OBJECT, offset: 32)
    m.add("co_consts", _Py_T_OBJECT, offset: 24)
    m.add("co_filename", _Py_T_OBJECT, offset: 112)
    m.add("co_name", _Py_T_OBJECT, offset: 120)
    m.add("co_qualname", _Py_T_OBJECT, offset: 128)
    m.add("co_linetable", _Py_T_OBJECT, offset: 136)
    m.add("co_exceptiontable", _Py_T_OBJECT, offset: 40)
    t.pointee.tp_members = m.build()
  }
}
