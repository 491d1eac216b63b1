// From pickled bytes to objects.

import CGila
import GilaCore
import GilaText
import Glibc

extension UnsafeMutablePointer where Pointee == UnpicklerState {
  private func error(_ text: String) -> PyError { PickleModule.unpicklingError(text) }

  func run(_ r: Ref) throws(PyError) -> Owned {
    while true {
      let code: UInt8
      do throws(PyError) { code = try take(1).pointee } catch {
        if PickleModule.isUnpicklingError {
          PyErr_Clear()
          throw raise(Exc.EOFError, "Ran out of input")
        }
        throw error
      }
      switch code {
      case 46: return try pop()
      case 78: try push(Owned(retaining: none))
      case 0x88: try push(Owned(retaining: pyTrue))
      case 0x89: try push(Owned(retaining: pyFalse))
      case 75: try push(int(number(1)))
      case 77: try push(int(number(2)))
      case 74: try push(int(Int(Int32(truncatingIfNeeded: try number(4)))))
      case 73: try loadInt()
      case 76: try loadLong()
      case 0x8A: try loadLong(bytes: number(1))
      case 0x8B: try loadLong(bytes: Int(Int32(truncatingIfNeeded: try number(4))))
      case 70: try loadFloat()
      case 71:
        let p = try take(8)
        let bits = UnsafeRawPointer(p).loadUnaligned(as: UInt64.self)
        try push(float(Double(bitPattern: UInt64(bigEndian: bits))))
      case 0x8C: try loadText(number(1))
      case 88: try loadText(number(4))
      case 0x8D: try loadText(size("BINUNICODE8"))
      case 86: try loadEscaped()
      case 67: try loadBytes(number(1))
      case 66: try loadBytes(number(4))
      case 0x8E: try loadBytes(size("BINBYTES"))
      case 0x96: try loadByteArray(size("BYTEARRAY8"))
      case 83: try loadQuoted()
      case 84:
        let n = Int(Int32(truncatingIfNeeded: try number(4)))
        if n < 0 { throw error("BINSTRING pickle has negative byte count") }
        try loadOldString(take(n), n)
      case 85:
        let n = try number(1)
        try loadOldString(take(n), n)
      case 41: try push(owned(PyTuple_New(0)))
      case 93: try push(owned(PyList_New(0)))
      case 125: try push(owned(PyDict_New()))
      case 0x8F: try push(owned(PySet_New(nil)))
      case 40: try pushMark()
      case 116: try push(popTuple(popMark()))
      case 0x85, 0x86, 0x87:
        let start = pointee.count - Int(code - 0x84)
        if start < fence { throw underflow() }
        try push(popTuple(start))
      case 108: try push(popList(popMark()))
      case 100: try loadDict()
      case 0x91:
        let items = try popTuple(popMark())
        try push(owned(PyFrozenSet_New(items.ref)))
      case 97:
        if pointee.count - 1 <= fence { throw underflow() }
        try append(pointee.count - 1)
      case 101: try append(popMark())
      case 115:
        if pointee.count - 2 <= fence { throw underflow() }
        try setItems(pointee.count - 2)
      case 117: try setItems(popMark())
      case 0x90: try addItems(popMark())
      case 48:
        // Taking away from an empty stack takes the last mark away.
        if pointee.markCount > 0 && fence == pointee.count {
          pointee.markCount -= 1
        } else {
          _ = try pop()
        }
      case 49: drop(to: try popMark())
      case 50: try push(Owned(retaining: top()))
      case 0x94: try memoPut(pointee.memoCount, top())
      case 113: try memoPut(number(1), top())
      case 114: try memoPut(number(4), top())
      case 112: try loadPut()
      case 104: try memoGet(number(1))
      case 106: try memoGet(number(4))
      case 103:
        let (p, n) = try fullLine()
        let key = try decimal(p, n)
        let i = PyLong_AsSsize_t(key.ref)
        if i == -1 && errorIsSet { throw PyError() }
        try memoGet(i)
      case 99: try loadGlobal(r)
      case 0x93:
        let name = try pop()
        let module = try pop()
        guard name.ref.isUnicode && module.ref.isUnicode else { throw error("STACK_GLOBAL requires str") }
        try push(find(r, module.ref, name.ref))
      case 0x82: try loadExtension(r, number(1))
      case 0x83: try loadExtension(r, number(2))
      case 0x84: try loadExtension(r, Int(Int32(truncatingIfNeeded: try number(4))))
      case 82:
        let args = try pop()
        let callable = try pop()
        guard args.ref.isTuple else { throw typeError("argument list must be a tuple") }
        try push(owned(PyObject_CallObject(callable.ref, args.ref)))
      case 0x81: try loadNew(withKeywords: false)
      case 0x92: try loadNew(withKeywords: true)
      case 98: try build()
      case 105: try loadInstance(r)
      case 111: try loadObject()
      case 80:
        let (p, n) = try line()
        guard let text = PyUnicode_DecodeASCII(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), n - 1, "strict")
        else {
          if PyErr_ExceptionMatches(Exc.UnicodeDecodeError.object) == 0 { throw PyError() }
          PyErr_Clear()
          throw error("persistent IDs in protocol 0 must be ASCII strings")
        }
        let id = Owned(taking: text)
        try push(call(r, "persistent_load", id.ref))
      case 81:
        let id = try pop()
        try push(call(r, "persistent_load", id.ref))
      case 0x80:
        let n = try number(1)
        if n > PickleModule.highestProtocol { throw valueError("unsupported pickle protocol: \(n)") }
        pointee.protocolNumber = n
      case 0x95:
        let n = try size("FRAME length", text: "FRAME length exceeds system's maximum of \(Int.max) bytes")
        // The whole frame comes into memory at once.
        _ = try take(n)
        pointee.position -= n
      case 0x97: try loadBuffer()
      case 0x98: try makeReadOnly()
      default:
        let shown =
          code >= 32 && code < 127 && code != 39 && code != 92
          ? String(Unicode.Scalar(code)) : "\\x" + (code < 16 ? "0" : "") + String(code, radix: 16)
        throw error("invalid load key, '\(shown)'.")
      }
    }
  }

  private func size(_ name: String, text: String? = nil) throws(PyError) -> Int {
    let n = try number(8)
    if n < 0 { throw overflowError(text ?? "\(name) exceeds system's maximum size of \(Int.max) bytes") }
    return n
  }

  // MARK: Atoms

  /// A line that has something before its end.
  private func fullLine() throws(PyError) -> (UnsafePointer<UInt8>, Int) {
    let (p, n) = try line()
    if n < 2 { throw error("pickle data was truncated") }
    return (p, n)
  }
  private func lineText(_ p: UnsafePointer<UInt8>, _ n: Int) -> String {
    String(decoding: UnsafeBufferPointer(start: p, count: n), as: UTF8.self)
  }
  private func decimal(_ p: UnsafePointer<UInt8>, _ n: Int, base: Int32 = 10) throws(PyError) -> Owned {
    let text = lineText(p, n)
    return try owned(PyLong_FromString(text, nil, base))
  }
  private func loadInt() throws(PyError) {
    let (p, n) = try fullLine()
    if n == 3 && p[0] == 48 && (p[1] == 48 || p[1] == 49) { return try push(Owned(retaining: pyBool(p[1] == 49))) }
    guard let v = PyLong_FromString(lineText(p, n), nil, 0) else {
      PyErr_Clear()
      throw valueError("could not convert string to int")
    }
    try push(Owned(taking: v))
  }
  private func loadLong() throws(PyError) {
    let (p, n) = try fullLine()
    let digits = n >= 2 && p[n - 2] == 76 ? n - 2 : n
    try push(decimal(p, digits, base: 10))
  }
  private func loadLong(bytes n: Int) throws(PyError) {
    if n < 0 { throw error("LONG pickle has negative byte count") }
    let p = try take(n)
    if n == 0 { return try push(int(0)) }
    try push(owned(_PyLong_FromByteArray(p, n, 1, 1)))
  }
  private func loadFloat() throws(PyError) {
    let (p, n) = try fullLine()
    let text = try GilaCore.string(lineText(p, n))
    guard let v = PyFloat_FromString(text.ref) else { throw PyError() }
    try push(Owned(taking: v))
  }
  private func loadText(_ n: Int) throws(PyError) {
    let p = try take(n)
    try push(owned(PyUnicode_DecodeUTF8(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), n, "surrogatepass")))
  }
  private func loadEscaped() throws(PyError) {
    let (p, n) = try line()
    try push(
      owned(PyUnicode_DecodeRawUnicodeEscape(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), n - 1, nil)))
  }
  private func loadBytes(_ n: Int) throws(PyError) {
    let p = try take(n)
    try push(owned(PyBytes_FromStringAndSize(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), n)))
  }
  private func loadByteArray(_ n: Int) throws(PyError) {
    let p = try take(n)
    try push(owned(PyByteArray_FromStringAndSize(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), n)))
  }
  private func loadQuoted() throws(PyError) {
    var (p, n) = try line()
    n -= 1
    while n > 0 && p[n - 1] == 13 { n -= 1 }
    guard n >= 2, p[0] == p[n - 1], p[0] == 34 || p[0] == 39 else {
      throw error("the STRING opcode argument must be quoted")
    }
    let bytes = try owned(
      PyBytes_DecodeEscape(UnsafeRawPointer(p + 1).assumingMemoryBound(to: CChar.self), n - 2, nil, 0, nil))
    try pushOld(bytes)
  }
  private func loadOldString(_ p: UnsafePointer<UInt8>, _ n: Int) throws(PyError) {
    try pushOld(owned(PyBytes_FromStringAndSize(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), n)))
  }
  /// A str of Python 2: text by the encoding given, or bytes.
  private func pushOld(_ bytes: consuming Owned) throws(PyError) {
    if let e = pointee.encoding, strcmp(e, "bytes") == 0 { return try push(bytes) }
    let encoding = pointee.encoding.map { UnsafePointer($0) } ?? cString("ASCII")
    let errors = pointee.errors.map { UnsafePointer($0) } ?? cString("strict")
    try push(owned(PyUnicode_FromEncodedObject(bytes.ref, encoding, errors)))
  }
  private func loadPut() throws(PyError) {
    let (p, n) = try fullLine()
    let key = try decimal(p, n)
    let value = try top()
    let i = PyLong_AsSsize_t(key.ref)
    if i == -1 && errorIsSet { throw PyError() }
    if i < 0 { throw valueError("negative PUT argument") }
    try memoPut(i, value)
  }

  // MARK: Containers

  private func loadDict() throws(PyError) {
    let start = try popMark()
    if (pointee.count - start) % 2 != 0 { throw error("odd number of items for DICT") }
    let d = try owned(PyDict_New())
    var i = start
    while i + 1 < pointee.count {
      try check(PyDict_SetItem(d.ref, pointee.stack![i], pointee.stack![i + 1]))
      i += 2
    }
    drop(to: start)
    try push(d)
  }
  /// The object below `start`, which the items from there on go into (borrowed).
  private func container(_ start: Int) throws(PyError) -> Ref {
    if start > pointee.count || start <= fence { throw underflow() }
    return pointee.stack![start - 1]!
  }
  private func append(_ start: Int) throws(PyError) {
    let list = try container(start)
    if start == pointee.count { return }
    if list.isExactly(Types.list) {
      if pointee.count - start == 1 {
        let item = try pop()
        try check(PyList_Append(list, item.ref))
        return
      }
      let items = try popList(start)
      let n = PyList_Size(list)
      return try _ = check(PyList_SetSlice(list, n, n, items.ref))
    }
    let held = Owned(retaining: list)
    if let extend = try optionalAttribute(held.ref, "extend") {
      let items = try popList(start)
      _ = try owned(PyObject_CallOneArg(extend.ref, items.ref))
      return
    }
    let method = try attribute(held.ref, "append")
    let items = try popList(start)
    for i in 0..<PyList_Size(items.ref) { _ = try owned(PyObject_CallOneArg(method.ref, PyList_GetItem(items.ref, i))) }
  }
  private func setItems(_ start: Int) throws(PyError) {
    let held = Owned(retaining: try container(start))
    if start == pointee.count { return }
    if (pointee.count - start) % 2 != 0 { throw error("odd number of items for SETITEMS") }
    if held.ref.isExactly(Types.dict) {
      var i = start
      while i &+ 1 < pointee.count {
        let items = pointee.stack.unsafelyUnwrapped + i
        try check(PyDict_SetItem(held.ref, items[0], items[1]))
        i &+= 2
      }
      return drop(to: start)
    }
    let items = try popTuple(start)
    var i = 0
    while i + 1 < items.ref.size {
      try check(PyObject_SetItem(held.ref, items.ref.tupleItems[i], items.ref.tupleItems[i + 1]))
      i += 2
    }
  }
  private func addItems(_ start: Int) throws(PyError) {
    let held = Owned(retaining: try container(start))
    if start == pointee.count { return }
    if held.ref.isInstance(of: Types.set) {
      let items = try popTuple(start)
      try check(_PySet_Update(held.ref, items.ref))
      return
    }
    let method = try attribute(held.ref, "add")
    let items = try popTuple(start)
    for i in 0..<items.ref.size { _ = try owned(PyObject_CallOneArg(method.ref, items.ref.tupleItems[i])) }
  }

  // MARK: Objects

  func findClass(_ moduleName: Ref, _ name: Ref) throws(PyError) -> Owned {
    if gila_audit_active() != 0 {
      let args = try tuple(Owned(retaining: moduleName), Owned(retaining: name))
      try check(PySys_AuditTuple("pickle.find_class", args.ref))
    }
    var m = Owned(retaining: moduleName)
    var n = Owned(retaining: name)
    if pointee.protocolNumber < 3 && pointee.fixImports {
      let names = try imported("_compat_pickle", "NAME_MAPPING")
      let key = try tuple(Owned(retaining: moduleName), Owned(retaining: name))
      var value: Ref? = nil
      try check(PyDict_GetItemRef(names.ref, key.ref, &value))
      if let value {
        let pair = Owned(taking: value)
        guard pair.ref.isTuple, pair.ref.size == 2 else {
          throw runtimeError("_compat_pickle.NAME_MAPPING values should be 2-tuples")
        }
        m = Owned(retaining: pair.ref.tupleItems[0]!)
        n = Owned(retaining: pair.ref.tupleItems[1]!)
      } else {
        let modules = try imported("_compat_pickle", "IMPORT_MAPPING")
        try check(PyDict_GetItemRef(modules.ref, moduleName, &value))
        if let value { m = Owned(taking: value) }
      }
    }
    let module: Owned
    if let known = PyImport_GetModule(m.ref) {
      module = Owned(taking: known)
    } else {
      if errorIsSet { throw PyError() }
      _ = try owned(PyImport_Import(m.ref))
      guard let now = PyImport_GetModule(m.ref) else {
        if !errorIsSet { throw keyError(m.ref) }
        throw PyError()
      }
      module = Owned(taking: now)
    }
    if pointee.protocolNumber < 4 { return try owned(PyObject_GetAttr(module.ref, n.ref)) }
    guard n.ref.isUnicode else { throw typeError("attribute name must be string") }
    let path = try attributePath(n.ref, of: module.ref)
    guard let found = try follow(path.ref, from: module.ref) else {
      throw raise(
        Exc.AttributeError, "Can't get attribute \(try reprText(n.ref)) on \(try reprText(module.ref))")
    }
    decref(found.parent)
    return Owned(taking: found.value)
  }
  private func find(_ r: Ref, _ module: Ref, _ name: Ref) throws(PyError) -> Owned {
    if r.isExactly(UnpicklerType.type) { return try findClass(module, name) }
    return try call(r, "find_class", module, name)
  }
  private func nameLine() throws(PyError) -> Owned {
    let (p, n) = try fullLine()
    return try owned(PyUnicode_DecodeUTF8(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self), n - 1, "strict"))
  }
  private func loadGlobal(_ r: Ref) throws(PyError) {
    let module = try nameLine()
    let name = try nameLine()
    try push(find(r, module.ref, name.ref))
  }
  private func loadExtension(_ r: Ref, _ code: Int) throws(PyError) {
    if code <= 0 { throw error("EXT specifies code <= 0") }
    let key = try int(code)
    let cache = try imported("copyreg", "_extension_cache")
    var value: Ref? = nil
    try check(PyDict_GetItemRef(cache.ref, key.ref, &value))
    if let value { return try push(Owned(taking: value)) }
    let registry = try imported("copyreg", "_inverted_registry")
    try check(PyDict_GetItemRef(registry.ref, key.ref, &value))
    guard let value else { throw valueError("unregistered extension code \(code)") }
    let pair = Owned(taking: value)
    guard pair.ref.isTuple, pair.ref.size == 2, pair.ref.tupleItems[0]!.isUnicode, pair.ref.tupleItems[1]!.isUnicode
    else { throw valueError("_inverted_registry[\(code)] isn't a 2-tuple of strings") }
    let found = try find(r, pair.ref.tupleItems[0]!, pair.ref.tupleItems[1]!)
    try check(PyDict_SetItem(cache.ref, key.ref, found.ref))
    try push(found)
  }
  private func loadNew(withKeywords: Bool) throws(PyError) {
    let name = withKeywords ? "NEWOBJ_EX" : "NEWOBJ"
    let keywords = withKeywords ? try pop() : Owned(retaining: none)
    let args = try pop()
    let type = try pop()
    guard type.ref.isType else { throw error("\(name) class argument must be a type, not \(typeName(of: type.ref))") }
    guard let new = type.ref.asType.pointee.tp_new else {
      throw error("\(name) class argument '\(typeName(type.ref.asType))' doesn't have __new__")
    }
    guard args.ref.isTuple else { throw error("\(name) args argument must be a tuple, not \(typeName(of: args.ref))") }
    if withKeywords && !keywords.ref.isDict {
      throw error("\(name) kwargs argument must be a dict, not \(typeName(of: keywords.ref))")
    }
    try push(owned(new(type.ref.asType, args.ref, withKeywords ? keywords.ref : nil)))
  }
  /// An instance of an old class: made without a call where it has no arguments.
  private func instance(_ type: Ref, _ args: Ref) throws(PyError) -> Owned {
    if args.size == 0, type.isType {
      guard try optionalAttribute(type, "__getinitargs__") != nil else { return try call(type, "__new__", type) }
    }
    return try owned(PyObject_CallObject(type, args))
  }
  private func loadInstance(_ r: Ref) throws(PyError) {
    let start = try popMark()
    let args = try popTuple(start)
    let module = try nameLine()
    let name = try nameLine()
    let type = try find(r, module.ref, name.ref)
    try push(instance(type.ref, args.ref))
  }
  private func loadObject() throws(PyError) {
    let start = try popMark()
    if pointee.count - start < 1 { throw underflow() }
    let args = try popTuple(start + 1)
    let type = try pop()
    try push(instance(type.ref, args.ref))
  }
  private func build() throws(PyError) {
    if pointee.count - 2 < fence { throw underflow() }
    let state = try pop()
    let object = Owned(retaining: try top())
    if let set = try optionalAttribute(object.ref, "__setstate__") {
      _ = try owned(PyObject_CallOneArg(set.ref, state.ref))
      return
    }
    var values = state.ref
    var slots: Ref? = nil
    if values.isTuple && values.size == 2 {
      slots = values.tupleItems[1]
      values = values.tupleItems[0]!
    }
    if !values.isNone {
      guard values.isDict else { throw error("state is not a dictionary") }
      let dict = try attribute(object.ref, "__dict__")
      try forEachItem(values) { (k, v) throws(PyError) in
        var key: Ref? = newRef(k)
        if k.isExactly(Types.unicode) { PyUnicode_InternInPlace(&key) }
        let held = Owned(taking: key!)
        try check(PyObject_SetItem(dict.ref, held.ref, v))
      }
    }
    if let slots, !slots.isNone {
      guard slots.isDict else { throw error("slot state is not a dictionary") }
      try forEachItem(slots) { (k, v) throws(PyError) in try check(PyObject_SetAttr(object.ref, k, v)) }
    }
  }
  private func forEachItem(_ d: Ref, _ body: (Ref, Ref) throws(PyError) -> Void) throws(PyError) {
    var position = 0
    var key: Ref? = nil
    var value: Ref? = nil
    while PyDict_Next(d, &position, &key, &value) != 0 {
      let k = Owned(retaining: key!)
      let v = Owned(retaining: value!)
      try body(k.ref, v.ref)
    }
  }

  // MARK: Buffers

  private func loadBuffer() throws(PyError) {
    guard let buffers = pointee.buffers else {
      throw error("pickle stream refers to out-of-band data but no *buffers* argument was given")
    }
    guard let next = PyIter_Next(buffers) else {
      if errorIsSet { throw PyError() }
      throw error("not enough out-of-band buffers")
    }
    try push(Owned(taking: next))
  }
  private func makeReadOnly() throws(PyError) {
    let r = try top()
    let view = try owned(PyMemoryView_FromObject(r))
    let flag = try attribute(view.ref, "readonly")
    if try truth(flag.ref) { return }
    let frozen = try call(view.ref, "toreadonly")
    _ = try pop()
    try push(frozen)
  }
}
