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
    c.pointee.co_framesize = Int32(truncatingIfNeeded: n + p.stackSize + Eval.frameHead / 8)
    c.pointee._co_firsttraceable = firstTraceable(r.ref)
    return r
  }
  /// The unit of the first RESUME.
  private static func firstTraceable(_ r: Ref) -> Int32 {
    let bytes = (r.raw + 200).assumingMemoryBound(to: UInt8.self)
    for i in 0..<r.size where bytes[2 * i] == 149 { return Int32(truncatingIfNeeded: i) }
    return 0
  }
  /// The line of the instruction at byte offset `at`; -1 where there is none, the first line before the first.
  static func line(_ c: CodeRef, _ at: Int) -> Int {
    if at < 0 { return Int(c.pointee.co_firstlineno) }
    return CodeLocations.of(c, at / 2)?.line ?? -1
  }
  /// A tuple of the names of variables whose kind has a bit of `mask`, in order (new reference).
  static func variables(_ c: CodeRef, _ mask: UInt8) -> Ref? {
    let names = c.pointee.co_localsplusnames!
    let kinds = PyBytes_AsString(c.pointee.co_localspluskinds)!
    var n = 0
    for i in 0..<names.size where UInt8(bitPattern: kinds[i]) & mask != 0 { n += 1 }
    guard let t = PyTuple_New(n) else { return nil }
    var j = 0
    for i in 0..<names.size where UInt8(bitPattern: kinds[i]) & mask != 0 {
      gila_tuple_items(t)[j] = newRef(gila_tuple_items(names)[i]!)
      j += 1
    }
    return t
  }
  /// The bytecode (new bytes).
  static func bytecode(_ c: CodeRef) -> Ref? {
    let r = UnsafeMutableRawPointer(c).assumingMemoryBound(to: PyObject.self)
    return PyBytes_FromStringAndSize((r.raw + 200).assumingMemoryBound(to: CChar.self), r.size * 2)
  }

  // MARK: Comparison

  /// Constants compare by type too: 0 and 0.0 differ, and so do 0.0 and -0.0.
  private static func key(_ constants: Ref) throws(PyError) -> Owned {
    let list = try owned(PyList_New(0))
    for i in 0..<constants.size {
      let k = try constantKey(gila_tuple_items(constants)[i]!)
      try check(PyList_Append(list.ref, k.ref))
    }
    return try owned(PyList_AsTuple(list.ref))
  }
  private static func constantKey(_ v: Ref) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(2))
    gila_tuple_items(t.ref)[0] = newRef(v.type.object)
    if v.isExactly(Types.tuple) {
      gila_tuple_items(t.ref)[1] = try key(v).take()
    } else if v.isExactly(Types.frozenSet) {
      let items = try owned(PySequence_Tuple(v))
      let keys = try key(items.ref)
      gila_tuple_items(t.ref)[1] = try owned(PyFrozenSet_New(keys.ref)).take()
    } else if v.isExactly(Types.float) || v.isExactly(Types.complex) {
      gila_tuple_items(t.ref)[1] = try owned(PyObject_Repr(v)).take()
    } else {
      gila_tuple_items(t.ref)[1] = newRef(v)
    }
    return t
  }
  private static func equal(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    let x = a.cast(PyCodeObject.self), y = b.cast(PyCodeObject.self)
    func same(_ p: Ref, _ q: Ref) throws(PyError) -> Bool {
      let r = PyObject_RichCompareBool(p, q, Py_EQ)
      if r < 0 { throw PyError() }
      return r > 0
    }
    guard x.pointee.co_argcount == y.pointee.co_argcount, x.pointee.co_posonlyargcount == y.pointee.co_posonlyargcount,
      x.pointee.co_kwonlyargcount == y.pointee.co_kwonlyargcount, x.pointee.co_flags == y.pointee.co_flags,
      x.pointee.co_firstlineno == y.pointee.co_firstlineno, a.size == b.size,
      memcmp(a.raw + 200, b.raw + 200, a.size * 2) == 0
    else { return false }
    let k = try key(x.pointee.co_consts), l = try key(y.pointee.co_consts)
    if try !same(x.pointee.co_name, y.pointee.co_name) { return false }
    if try !same(k.ref, l.ref) { return false }
    if try !same(x.pointee.co_names, y.pointee.co_names) { return false }
    if try !same(x.pointee.co_localsplusnames, y.pointee.co_localsplusnames) { return false }
    if try !same(x.pointee.co_localspluskinds, y.pointee.co_localspluskinds) { return false }
    if try !same(x.pointee.co_linetable, y.pointee.co_linetable) { return false }
    return try same(x.pointee.co_exceptiontable, y.pointee.co_exceptiontable)
  }
  private static func hash(_ r: Ref) throws(PyError) -> Int {
    let c = r.cast(PyCodeObject.self)
    var h: UInt = 20_221_211
    func mix(_ v: Int) { h = (h ^ UInt(bitPattern: v)) &* 0xf4243 }
    func mix(_ o: Ref) throws(PyError) {
      let v = PyObject_Hash(o)
      if v == -1 { throw PyError() }
      mix(v)
    }
    try mix(c.pointee.co_name)
    let k = try key(c.pointee.co_consts)
    try mix(k.ref)
    try mix(c.pointee.co_names)
    try mix(c.pointee.co_localsplusnames)
    try mix(c.pointee.co_linetable)
    try mix(c.pointee.co_exceptiontable)
    mix(Int(c.pointee.co_argcount))
    mix(Int(c.pointee.co_posonlyargcount))
    mix(Int(c.pointee.co_kwonlyargcount))
    mix(Int(c.pointee.co_flags))
    mix(Int(c.pointee.co_firstlineno))
    let bytes = (r.raw + 200).assumingMemoryBound(to: UInt8.self)
    for i in 0..<(r.size * 2) { mix(Int(bytes[i])) }
    let result = Int(bitPattern: h)
    return result == -1 ? -2 : result
  }

  // MARK: Type

  static func install() {
    let t = Types.code
    t.define(
      "code", basicSize: 200, itemSize: 2,
      doc:
        "code(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize,\n     flags, codestring, constants, names, varnames, filename, name,\n     qualname, firstlineno, linetable, exceptiontable, freevars=(),\n     cellvars=(), /)\n--\n\nCreate a code object.  Not for mere mortals."
    )
    t.pointee.tp_weaklistoffset = 144
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_dealloc = { r in
      let c = r!.cast(PyCodeObject.self)
      if c.pointee.co_weakreflist != nil { PyObject_ClearWeakRefs(r) }
      gila_code_extra_free(r)
      Executable.free(c)
      for o in [24, 32, 40, 96, 104, 112, 120, 128, 136] { xdecref((r!.raw + o).load(as: Ref?.self)) }
      PyObject_Free(r!.raw)
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let c = r!.cast(PyCodeObject.self)
        let line = c.pointee.co_firstlineno != 0 ? Int(c.pointee.co_firstlineno) : -1
        return try string(
          "<code object \(swiftString(c.pointee.co_name)) at 0x\(String(UInt(bitPattern: r!), radix: 16)), file \"\(swiftString(c.pointee.co_filename))\", line \(line)>"
        )
      }
    }
    t.pointee.tp_hash = { r in bridgeSize { () throws(PyError) in try Code.hash(r!) } }
    t.pointee.tp_richcompare = { a, b, op in
      bridge { () throws(PyError) in
        guard op == Py_EQ || op == Py_NE, b!.isExactly(Types.code), a!.isExactly(Types.code) else {
          return Owned(retaining: notImplemented)
        }
        var same = a! == b!
        if !same { same = try Code.equal(a!, b!) }
        return Owned(retaining: pyBool(same == (op == Py_EQ)))
      }
    }
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in try CodeConstructor.make(args!, kwargs) }
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
    var g = GetSetTable()
    g.add("co_code", get: { r, _ in Code.bytecode(r!.cast(PyCodeObject.self)) })
    g.add("_co_code_adaptive", get: { r, _ in Code.bytecode(r!.cast(PyCodeObject.self)) })
    g.add("co_varnames", get: { r, _ in Code.variables(r!.cast(PyCodeObject.self), 0x20) })
    g.add("co_cellvars", get: { r, _ in Code.variables(r!.cast(PyCodeObject.self), 0x40) })
    g.add("co_freevars", get: { r, _ in Code.variables(r!.cast(PyCodeObject.self), 0x80) })
    g.add("co_lnotab", get: { r, _ in CodeConstructor.oldLineTable(r!) })
    t.pointee.tp_getset = g.build()
    var d = MethodTable()
    d.noArguments("co_lines", "($self, /)", "An iterator over (start, end, line) of the bytecode.") { r, _ in
      CodeIterators.make(Types.lineIterator, r!)
    }
    d.noArguments(
      "co_positions", "($self, /)", "An iterator over (line, end line, column, end column) of each code unit."
    ) { r, _ in CodeIterators.make(Types.positionsIterator, r!) }
    d.one("_varname_from_oparg", "($self, /, oparg)", "The variable that an instruction's argument means.") { r, a in
      bridge { () throws(PyError) in
        let i = Int(try intArgument(a!))
        let names = r!.cast(PyCodeObject.self).pointee.co_localsplusnames!
        guard i >= 0 && i < names.size else { throw indexError("tuple index out of range") }
        return Owned(retaining: gila_tuple_items(names)[i]!)
      }
    }
    d.noArguments("__sizeof__", "($self, /)", "The size of the object in memory, in bytes.") { r, _ in
      PyLong_FromLong(200 + r!.size * 2)
    }
    for name in ["replace", "__replace__"] as [StaticString] {
      d.tupleAndDict(name, "($self, /, **changes)", "A copy of the code object with new values for some fields.") {
        r, args, kwargs in
        bridge { () throws(PyError) in try CodeConstructor.replace(r!, args!, kwargs) }
      }
    }
    t.pointee.tp_methods = d.build()
  }
}
