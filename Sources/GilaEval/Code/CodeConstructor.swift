import CGila
import GilaCore
import Glibc

/// `types.CodeType(...)` and `code.replace(...)`: code objects from fields, with CPython's checks.
enum CodeConstructor {
  private static let fields = [
    "argcount", "posonlyargcount", "kwonlyargcount", "nlocals", "stacksize", "flags", "codestring", "constants",
    "names",
    "varnames", "filename", "name", "qualname", "firstlineno", "linetable", "exceptiontable", "freevars", "cellvars",
  ]
  static func make(_ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    if let kwargs, PyDict_Size(kwargs) > 0 { throw typeError("code() takes no keyword arguments") }
    let n = args.size
    guard n >= 16 else { throw typeError("code expected at least 16 arguments, got \(n)") }
    guard n <= 18 else { throw typeError("code expected at most 18 arguments, got \(n)") }
    let empty = try owned(PyTuple_New(0))
    var v: [Ref] = []
    for i in 0..<18 { v.append(i < n ? gila_tuple_items(args)[i]! : empty.ref) }
    return try build(v)
  }
  static func replace(_ r: Ref, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    guard args.size == 0 else { throw typeError("replace() takes 0 positional arguments") }
    let names = [
      "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_stacksize", "co_flags", "co_code",
      "co_consts", "co_names", "co_varnames", "co_filename", "co_name", "co_qualname", "co_firstlineno", "co_linetable",
      "co_exceptiontable", "co_freevars", "co_cellvars",
    ]
    let list = try owned(PyList_New(0))
    for name in names {
      let value = try owned(PyObject_GetAttrString(r, name))
      try check(PyList_Append(list.ref, value.ref))
    }
    if let kwargs {
      var position = 0
      var key: Ref? = nil, value: Ref? = nil
      while PyDict_Next(kwargs, &position, &key, &value) != 0 {
        guard let i = names.firstIndex(of: swiftString(key!)) else {
          throw typeError("replace() got an unexpected keyword argument '\(swiftString(key!))'")
        }
        try check(PyList_SetItem(list.ref, i, newRef(value!)))
      }
    }
    var v: [Ref] = []
    for i in 0..<names.count { v.append(gila_list_items(list.ref)![i]!) }
    return try build(v)
  }
  static func build(_ v: [Ref]) throws(PyError) -> Owned {
    func int(_ i: Int) throws(PyError) -> Int { Int(try intArgument(v[i])) }
    func typed(_ i: Int, _ t: TypeRef, _ expected: String) throws(PyError) -> Ref {
      guard v[i].isInstance(of: t) else {
        throw typeError("code() argument \(i + 1) must be \(expected), not \(typeName(of: v[i]))")
      }
      return v[i]
    }
    let code = try typed(6, Types.bytes, "bytes"), consts = try typed(7, Types.tuple, "tuple")
    let names = try typed(8, Types.tuple, "tuple"), varnames = try typed(9, Types.tuple, "tuple")
    let file = try typed(10, Types.unicode, "str"), name = try typed(11, Types.unicode, "str")
    let qualname = try typed(12, Types.unicode, "str"), lines = try typed(14, Types.bytes, "bytes")
    let table = try typed(15, Types.bytes, "bytes")
    let free = try typed(16, Types.tuple, "tuple"), cells = try typed(17, Types.tuple, "tuple")
    for (t, what) in [(names, "name"), (varnames, "name"), (free, "name"), (cells, "name")] {
      for i in 0..<t.size where !gila_tuple_items(t)[i]!.isUnicode {
        throw typeError("\(what) tuples must contain only strings, not '\(typeName(of: gila_tuple_items(t)[i]!))'")
      }
    }
    var p = Code.Parts()
    p.argCount = try int(0)
    p.posOnlyArgCount = try int(1)
    p.kwOnlyArgCount = try int(2)
    let nlocals = try int(3)
    p.stackSize = try int(4)
    p.flags = try int(5)
    p.firstLine = try int(13)
    if p.argCount < 0 { throw valueError("code: argcount must not be negative") }
    if p.posOnlyArgCount < 0 { throw valueError("code: posonlyargcount must not be negative") }
    if p.kwOnlyArgCount < 0 { throw valueError("code: kwonlyargcount must not be negative") }
    if nlocals < 0 { throw valueError("code: nlocals must not be negative") }
    if p.stackSize < 0 || p.stackSize > 1 << 20 || p.posOnlyArgCount > p.argCount { throw badInternalCall() }
    try audit(
      "code.__new__", [code, file, name], numbers: p.argCount, p.posOnlyArgCount, p.kwOnlyArgCount, nlocals,
      p.stackSize, p.flags)
    let byteCount = code.size
    if byteCount % 2 != 0 { throw valueError("code: co_code is malformed") }
    if nlocals != varnames.size { throw valueError("code: co_nlocals != len(co_varnames)") }
    let extra = (p.flags & 4 != 0 ? 1 : 0) + (p.flags & 8 != 0 ? 1 : 0)
    if p.argCount + p.kwOnlyArgCount + extra > varnames.size { throw valueError("code: varnames is too small") }
    // Locals, then cells that are not locals, then free variables.
    let all = try owned(PyList_New(0))
    var kinds: [UInt8] = []
    for i in 0..<varnames.size {
      try check(PyList_Append(all.ref, gila_tuple_items(varnames)[i]))
      kinds.append(0x20)
    }
    for i in 0..<cells.size {
      let c = gila_tuple_items(cells)[i]!
      var found = false
      for j in 0..<varnames.size where sameText(gila_tuple_items(varnames)[j]!, c) {
        kinds[j] |= 0x40
        found = true
      }
      if !found {
        try check(PyList_Append(all.ref, c))
        kinds.append(0x40)
      }
    }
    for i in 0..<free.size {
      try check(PyList_Append(all.ref, gila_tuple_items(free)[i]))
      kinds.append(0x80)
    }
    // Names are compared by identity while running.
    for i in 0..<all.ref.size { PyUnicode_InternInPlace(gila_list_items(all.ref)! + i) }
    let internedNames = try owned(PyTuple_New(names.size))
    for i in 0..<names.size {
      var n: Ref? = newRef(gila_tuple_items(names)[i]!)
      PyUnicode_InternInPlace(&n)
      gila_tuple_items(internedNames.ref)[i] = n
    }
    let localsPlus = try owned(PyList_AsTuple(all.ref))
    let kindBytes = try owned(
      kinds.withUnsafeBytes { PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
    )
    return try Code.make(
      p, code: UnsafeRawBufferPointer(start: PyBytes_AsString(code), count: byteCount), consts: consts,
      names: internedNames.ref, localsPlusNames: localsPlus.ref, localsPlusKinds: kindBytes.ref, fileName: file,
      name: name, qualname: qualname, lineTable: lines, exceptionTable: table)
  }
  /// The line table in the format before 3.10.
  static func oldLineTable(_ r: Ref) -> Ref? {
    if PyErr_WarnEx(Exc.DeprecationWarning.object, "co_lnotab is deprecated, use co_lines instead.", 1) < 0 {
      return nil
    }
    var out: [UInt8] = []
    let c = r.cast(PyCodeObject.self)
    var t = CodeLocations(c)
    var line = Int(c.pointee.co_firstlineno), offset = 0
    while let e = t.next() {
      if e.line < 0 || e.line == line { continue }
      var bytes = e.start * 2 - offset, lines = e.line - line
      while bytes > 254 {
        out += [254, 0]
        bytes -= 254
      }
      while lines < -128 || lines > 127 {
        let step = lines < 0 ? -128 : 127
        out += [UInt8(bytes), UInt8(bitPattern: Int8(step))]
        bytes = 0
        lines -= step
      }
      out += [UInt8(bytes), UInt8(bitPattern: Int8(lines))]
      offset = e.start * 2
      line = e.line
    }
    return out.withUnsafeBytes {
      PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
    }
  }
}

// MARK: C API

@c @implementation public func PyCode_GetCode(_ c: UnsafeMutablePointer<PyCodeObject>!) -> Ref? { Code.bytecode(c!) }
@c @implementation public func PyCode_GetVarnames(_ c: UnsafeMutablePointer<PyCodeObject>!) -> Ref? {
  Code.variables(c!, 0x20)
}
@c @implementation public func PyCode_GetCellvars(_ c: UnsafeMutablePointer<PyCodeObject>!) -> Ref? {
  Code.variables(c!, 0x40)
}
@c @implementation public func PyCode_GetFreevars(_ c: UnsafeMutablePointer<PyCodeObject>!) -> Ref? {
  Code.variables(c!, 0x80)
}
@c @implementation public func PyCode_Addr2Line(_ c: UnsafeMutablePointer<PyCodeObject>!, _ at: Int32) -> Int32 {
  Int32(truncatingIfNeeded: Code.line(c!, Int(at)))
}
@c @implementation public func PyCode_Addr2Location(
  _ c: UnsafeMutablePointer<PyCodeObject>!, _ at: Int32, _ line: UnsafeMutablePointer<Int32>!,
  _ column: UnsafeMutablePointer<Int32>!, _ endLine: UnsafeMutablePointer<Int32>!,
  _ endColumn: UnsafeMutablePointer<Int32>!
) -> Int32 {
  guard at >= 0, let e = CodeLocations.of(c!, Int(at) / 2) else {
    line.pointee = at < 0 ? c.pointee.co_firstlineno : -1
    column.pointee = 0
    endLine.pointee = line.pointee
    endColumn.pointee = 0
    return 1
  }
  line.pointee = Int32(truncatingIfNeeded: e.line)
  column.pointee = Int32(truncatingIfNeeded: e.column)
  endLine.pointee = Int32(truncatingIfNeeded: e.endLine)
  endColumn.pointee = Int32(truncatingIfNeeded: e.endColumn)
  return 1
}
/// An empty code object that only names a place, as Cython makes for its tracebacks.
@c @implementation public func PyCode_NewEmpty(
  _ file: UnsafePointer<CChar>!, _ name: UnsafePointer<CChar>!, _ line: Int32
) -> UnsafeMutablePointer<PyCodeObject>? {
  do throws(PyError) {
    let f = try owned(PyUnicode_DecodeFSDefault(file)), n = try owned(PyUnicode_FromString(name))
    let empty = try owned(PyTuple_New(0))
    // RESUME, LOAD_ASSERTION_ERROR, RAISE_VARARGS: running it fails.
    let code: [UInt8] = [149, 0, 23, 0, 101, 1]
    // Three units on the first line without columns.
    let lines = try owned(
      [UInt8(0x80 | 13 << 3 | 2), 0].withUnsafeBytes {
        PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), 2)
      })
    let none = try owned(PyBytes_FromStringAndSize(nil, 0))
    var p = Code.Parts()
    p.stackSize = 1
    p.flags = 3
    p.firstLine = Int(line)
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: code.count, alignment: 2)
    defer { copy.deallocate() }
    copy.copyBytes(from: code)
    let r = try Code.make(
      p, code: UnsafeRawBufferPointer(copy), consts: empty.ref, names: empty.ref, localsPlusNames: empty.ref,
      localsPlusKinds: none.ref,
      fileName: f.ref, name: n.ref, qualname: n.ref, lineTable: lines.ref, exceptionTable: none.ref)
    return r.take().cast(PyCodeObject.self)
  } catch { return nil }
}

/// A code object from all its parts, as Cython makes them for tracebacks and introspection.
@c @implementation public func PyUnstable_Code_NewWithPosOnlyArgs(
  _ argCount: Int32, _ posOnly: Int32, _ kwOnly: Int32, _ locals: Int32, _ stackSize: Int32, _ flags: Int32,
  _ code: Ref!, _ consts: Ref!, _ names: Ref!, _ varNames: Ref!, _ freeVars: Ref!, _ cellVars: Ref!, _ file: Ref!,
  _ name: Ref!, _ qualname: Ref!, _ firstLine: Int32, _ lineTable: Ref!, _ exceptionTable: Ref!
) -> UnsafeMutablePointer<PyCodeObject>? {
  do throws(PyError) {
    let numbers = try owned(PyList_New(0))
    for n in [argCount, posOnly, kwOnly, locals, stackSize, flags, firstLine] {
      let v = try owned(PyLong_FromLong(Int(n)))
      try check(PyList_Append(numbers.ref, v.ref))
    }
    func number(_ i: Int) -> Ref { gila_list_items(numbers.ref)![i]! }
    let r = try CodeConstructor.build([
      number(0), number(1), number(2), number(3), number(4), number(5), code, consts, names, varNames, file, name,
      qualname, number(6), lineTable, exceptionTable, freeVars, cellVars,
    ])
    return r.take().cast(PyCodeObject.self)
  } catch { return nil }
}
@c @implementation public func PyUnstable_Code_New(
  _ argCount: Int32, _ kwOnly: Int32, _ locals: Int32, _ stackSize: Int32, _ flags: Int32,
  _ code: Ref!, _ consts: Ref!, _ names: Ref!, _ varNames: Ref!, _ freeVars: Ref!, _ cellVars: Ref!, _ file: Ref!,
  _ name: Ref!, _ qualname: Ref!, _ firstLine: Int32, _ lineTable: Ref!, _ exceptionTable: Ref!
) -> UnsafeMutablePointer<PyCodeObject>? {
  PyUnstable_Code_NewWithPosOnlyArgs(
    argCount, 0, kwOnly, locals, stackSize, flags, code, consts, names, varNames, freeVars, cellVars, file, name,
    qualname, firstLine, lineTable, exceptionTable)
}
