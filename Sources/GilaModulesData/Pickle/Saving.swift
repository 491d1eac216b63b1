// From objects to pickled bytes.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText

typealias PicklerRef = UnsafeMutablePointer<PicklerState>

private let mark: UInt8 = 40
private let batch = 1000

extension UnsafeMutablePointer where Pointee == PicklerState {
  private var number: Int { pointee.protocolNumber }
  private var isBinary: Bool { pointee.bin != 0 }

  func save(_ r: Ref, persistent: Bool = true) throws(PyError) {
    try boundary()
    if persistent, let function = pointee.persistentID, try savePersistent(r, function) { return }
    let t = r.type
    if t == Types.long { return try saveInt(r) }
    if t == Types.unicode { return try saveString(r) }
    if r == none { return try put(78) }
    if r == pyTrue || r == pyFalse { return try saveBool(r == pyTrue) }
    if t == Types.float { return try saveFloat(r) }
    let known = pointee.memo.find(r)
    if known >= 0 { return try getMemo(known) }
    if t == Types.bytes { return try saveBytes(r) }
    if gila_enter_recursive_call(" while pickling an object") != 0 { throw PyError() }
    if t == Types.dict { return try saveDict(r) }
    if t == Types.list { return try saveList(r) }
    if t == Types.tuple { return try saveTuple(r) }
    if t == Types.set { return try saveSet(r) }
    if t == Types.frozenSet { return try saveFrozenSet(r) }
    if t == Types.byteArray { return try saveByteArray(r) }
    if t == PickleBufferType.type { return try saveBuffer(r) }
    try saveObject(r, t)
  }
  /// An item of a container, which is kept alive where saving it may run code.
  @inline(__always) private func saveItem(_ r: Ref) throws(PyError) {
    if isPlainInt(r) { return try saveInt(r) }
    let item = Owned(retaining: r)
    try save(item.ref)
  }
  /// Whether saving an object is to write an int, and nothing else.
  @inline(__always) private func isPlainInt(_ r: Ref) -> Bool {
    r.type == Types.long && pointee.persistentID == nil && pointee.count < pointee.frameEnd
  }

  private func saveObject(_ r: Ref, _ t: TypeRef) throws(PyError) {
    if let override = pointee.reducerOverride {
      let value = try owned(PyObject_CallOneArg(override, r))
      if value.ref != notImplemented { return try saveReduced(value.ref, r) }
    }
    if t == Types.type { return try saveType(r) }
    if t == Types.function { return try saveGlobal(r, nil) }
    var reduce: Ref? = nil
    if let table = pointee.dispatchTable {
      reduce = PyObject_GetItem(table, t.object)
      if reduce == nil {
        if PyErr_ExceptionMatches(Exc.KeyError.object) == 0 { throw PyError() }
        PyErr_Clear()
      }
    } else {
      try check(PyDict_GetItemRef(try PickleModule.dispatchTable(), t.object, &reduce))
    }
    if let reduce {
      let f = Owned(taking: reduce)
      let value = try owned(PyObject_CallOneArg(f.ref, r))
      return try saveReduced(value.ref, r)
    }
    if r.isType { return try saveGlobal(r, nil) }
    var method: Ref? = nil
    let generic: getattrofunc? = PyObject_GenericGetAttr
    if address(t.pointee.tp_getattro) == address(generic), _PyType_Lookup(t, Dunder.reduce_ex.ref) != nil {
      // There is one: no bound method need be made of it.
      let n = try int(number)
      let value = try withArguments(r, n.ref) { (p) throws(PyError) in
        try owned(PyObject_VectorcallMethod(Dunder.reduce_ex.ref, p, 2, nil))
      }
      return try saveReduced(value.ref, r)
    }
    try check(PyObject_GetOptionalAttr(r, Dunder.reduce_ex.ref, &method))
    if let method {
      let method = Owned(taking: method)
      let n = try int(number)
      let value = try owned(PyObject_CallOneArg(method.ref, n.ref))
      return try saveReduced(value.ref, r)
    }
    guard let method = try optionalAttribute(r, "__reduce__") else {
      throw PickleModule.picklingError("can't pickle '\(typeName(of: r))' object: \(try reprText(r))")
    }
    let value = try owned(PyObject_CallNoArgs(method.ref))
    try saveReduced(value.ref, r)
  }
  private func saveReduced(_ value: Ref, _ r: Ref) throws(PyError) {
    if value.isUnicode { return try saveGlobal(r, value) }
    guard value.isTuple else { throw PickleModule.picklingError("__reduce__ must return a string or tuple") }
    try saveReduce(value, r)
  }

  private func savePersistent(_ r: Ref, _ function: Ref) throws(PyError) -> Bool {
    let id = try owned(PyObject_CallOneArg(function, r))
    if id.ref.isNone { return false }
    if isBinary {
      try save(id.ref, persistent: false)
      try put(81)
    } else {
      let text = try owned(PyObject_Str(id.ref))
      guard text.ref.strIsASCII else {
        throw PickleModule.picklingError("persistent IDs in protocol 0 must be ASCII strings")
      }
      try put(80)
      try put(text.ref.strData, text.ref.strLength)
      try put(10)
    }
    return true
  }

  // MARK: Atoms

  private func saveBool(_ v: Bool) throws(PyError) {
    if number >= 2 { return try put(v ? 0x88 : 0x89) }
    try put(v ? "I01\n" : "I00\n")
  }
  @inline(__always) private func saveInt(_ r: Ref) throws(PyError) {
    // One digit or none, not negative: what most ints are.
    let tag = r.raw.load(fromByteOffset: 16, as: UInt.self)
    if isBinary, tag < 2 << 3, tag & 3 != 2 {
      let digit = Int(r.raw.load(fromByteOffset: 24, as: UInt32.self))
      if tag & 3 == 1 { return try put(75, 0, bytes: 1) }
      return digit < 256
        ? try put(75, digit, bytes: 1) : digit < 65536 ? try put(77, digit, bytes: 2) : try put(74, digit, bytes: 4)
    }
    try saveLargeInt(r)
  }
  @inline(never) private func saveLargeInt(_ r: Ref) throws(PyError) {
    var overflow: Int32 = 0
    let v = Int(PyLong_AsLongLongAndOverflow(r, &overflow))
    if v == -1 && errorIsSet { throw PyError() }
    if overflow == 0, Int32(exactly: v) != nil {
      if !isBinary { return try put("I\(v)\n") }
      if v >= 0 && v < 256 { return try put(75, v, bytes: 1) }
      if v >= 0 && v < 65536 { return try put(77, v, bytes: 2) }
      return try put(74, v, bytes: 4)
    }
    if number < 2 {
      let text = try reprText(r)
      return try put("L\(text)L\n")
    }
    let size = PyLong_AsNativeBytes(r, nil, 0, 1)
    if size < 0 { throw PyError() }
    let bytes = try owned(PyBytes_FromStringAndSize(nil, size))
    let p = UnsafeMutableRawPointer(PyBytes_AsString(bytes.ref)!).assumingMemoryBound(to: UInt8.self)
    if PyLong_AsNativeBytes(r, p, size, 1) < 0 { throw PyError() }
    var n = size
    // As few bytes as keep the sign.
    while n > 1 {
      let high = p[n - 1]
      let next = p[n - 2] & 0x80
      guard (high == 0 && next == 0) || (high == 0xFF && next != 0) else { break }
      n -= 1
    }
    if n < 256 { try put(0x8A, n, bytes: 1) } else { try put(0x8B, n, bytes: 4) }
    try put(p, n)
  }
  private func saveFloat(_ r: Ref) throws(PyError) {
    if isBinary {
      let bits = r.raw.load(fromByteOffset: 16, as: Double.self).bitPattern.bigEndian
      return try put(71, Int(bitPattern: UInt(bits.littleEndian)), bytes: 8)
    }
    let text = try reprText(r)
    try put("F\(text)\n")
  }
  private func saveString(_ r: Ref) throws(PyError) {
    if r.strIsASCII && r.strLength < 256 && number >= 4 && pointee.fast == 0 {
      let known = pointee.memo.number(r)
      return known >= 0 ? try getMemo(known) : try putRemembered(0x8C, r.strData, r.strLength)
    }
    let known = pointee.memo.find(r)
    if known >= 0 { return try getMemo(known) }
    if !isBinary { return try saveEscaped(r) }
    if r.strIsASCII { return try saveText(r.strData, r.strLength, r) }
    let bytes = try owned(_PyUnicode_AsUTF8String(r, "surrogatepass"))
    try saveText(UnsafeRawPointer(PyBytes_AsString(bytes.ref)!), PyBytes_Size(bytes.ref), r, payload: bytes.ref)
  }
  private func saveText(_ p: UnsafeRawPointer, _ n: Int, _ r: Ref, payload: Ref? = nil) throws(PyError) {
    if n < 256 && number >= 4 {
      try putBytes(0x8C, 1, p, n, payload: nil)
    } else if n <= 0xFFFF_FFFF {
      var payload = payload
      var held: Owned? = nil
      if n >= PicklerState.frameTarget && payload == nil && pointee.write != nil {
        held = try owned(PyBytes_FromStringAndSize(p.assumingMemoryBound(to: CChar.self), n))
        payload = held?.ref
      }
      try putBytes(88, 4, p, n, payload: payload)
      _ = consume held
    } else if number >= 4 {
      try putBytes(0x8D, 8, p, n, payload: payload)
    } else {
      throw overflowError("serializing a string larger than 4 GiB requires pickle protocol 4 or higher")
    }
    try putMemo(r)
  }
  private func saveEscaped(_ r: Ref) throws(PyError) {
    try put(86)
    let data = r.chars
    for i in 0..<data.count {
      let c = data[i]
      if c >= 0x10000 {
        let digits = String(c, radix: 16)
        try put("\\U" + String(repeating: "0", count: 8 - digits.count) + digits)
      } else if c >= 256 || c == 92 || c == 0 || c == 10 || c == 13 || c == 0x1A {
        let digits = String(c, radix: 16)
        try put("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
      } else {
        try put(UInt8(c))
      }
    }
    try put(10)
    try putMemo(r)
  }
  private func saveBytes(_ r: Ref) throws(PyError) {
    let n = PyBytes_Size(r)
    if number >= 3 { return try saveRawBytes(r, UnsafeRawPointer(PyBytes_AsString(r)!), n, payload: r) }
    let args: Owned
    if n == 0 {
      args = try tuple(Owned(retaining: Types.bytes.object), owned(PyTuple_New(0)))
    } else {
      let text = try owned(PyUnicode_DecodeLatin1(PyBytes_AsString(r), n, nil))
      args = try tuple(imported("codecs", "encode"), tuple(text, string("latin1")))
    }
    try saveReduce(args.ref, r)
  }
  private func saveRawBytes(_ r: Ref, _ p: UnsafeRawPointer, _ n: Int, payload: Ref?) throws(PyError) {
    if n < 256 {
      try putBytes(67, 1, p, n, payload: payload)
    } else if n <= 0xFFFF_FFFF {
      try putBytes(66, 4, p, n, payload: payload)
    } else if number >= 4 {
      try putBytes(0x8E, 8, p, n, payload: payload)
    } else {
      throw overflowError("serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher")
    }
    try putMemo(r)
  }
  private func saveByteArray(_ r: Ref) throws(PyError) {
    let n = PyByteArray_Size(r)
    if number >= 5 {
      try putBytes(0x96, 8, UnsafeRawPointer(PyByteArray_AsString(r)!), n, payload: r)
      return try putMemo(r)
    }
    let args = n == 0 ? try owned(PyTuple_New(0)) : try tuple(owned(PyBytes_FromObject(r)))
    let reduced = try tuple(Owned(retaining: Types.byteArray.object), args)
    try saveReduce(reduced.ref, r)
  }
  private func saveBuffer(_ r: Ref) throws(PyError) {
    if number < 5 { throw PickleModule.picklingError("PickleBuffer can only be pickled with protocol >= 5") }
    let view = try PickleBufferType.view(r)
    if PyBuffer_IsContiguous(view, CChar(UInt8(ascii: "A"))) == 0 {
      throw PickleModule.picklingError("PickleBuffer can not be pickled when pointing to a non-contiguous buffer")
    }
    var inBand = true
    if let callback = pointee.bufferCallback {
      let answer = try owned(PyObject_CallOneArg(callback, r))
      inBand = try truth(answer.ref)
    }
    let readOnly = view.pointee.readonly != 0
    if inBand {
      let p = UnsafeRawPointer(view.pointee.buf) ?? UnsafeRawPointer(self)
      if readOnly { return try saveRawBytes(r, p, view.pointee.len, payload: nil) }
      try putBytes(0x96, 8, p, view.pointee.len, payload: nil)
      return try putMemo(r)
    }
    try put(0x97)
    if readOnly { try put(0x98) }
  }

  // MARK: Containers

  private func saveTuple(_ r: Ref) throws(PyError) {
    let n = r.size
    if n == 0 {
      if isBinary { return try put(41) }
      try put(mark)
      return try put(116)
    }
    let short = n <= 3 && number >= 2
    if !short { try put(mark) }
    for i in 0..<n {
      let item = r.tupleItems[i].unsafelyUnwrapped
      if isPlainInt(item) { try saveInt(item) } else { try save(item) }
    }
    let fresh = pointee.memo.count
    let known = pointee.fast == 0 ? pointee.memo.number(r) : pointee.memo.find(r)
    if known >= 0 {
      // It contains itself: what was put is dropped.
      if short {
        for _ in 0..<n { try put(48) }
      } else if isBinary {
        try put(49)
      } else {
        for _ in 0...n { try put(48) }
      }
      return try getMemo(known)
    }
    let code: UInt8 = short ? UInt8(truncatingIfNeeded: 0x84 &+ n) : 116
    if pointee.fast != 0 { return try put(code) }
    if number < 4 {
      try put(code)
      return try putRemember(fresh)
    }
    try room(2).storeBytes(of: UInt16(code) | 0x9400, as: UInt16.self)
    pointee.count &+= 2
  }
  private func saveList(_ r: Ref) throws(PyError) {
    if isBinary { try put(93) } else { try put("(l") }
    try putMemo(r)
    if PyList_Size(r) == 0 { return }
    if !isBinary {
      let iterator = try owned(PyObject_GetIter(r))
      return try saveItems(iterator.ref)
    }
    if PyList_Size(r) == 1 {
      let item = Owned(retaining: PyList_GetItem(r, 0)!)
      try save(item.ref)
      return try put(97)
    }
    var i = 0
    repeat {
      try put(mark)
      let end = i &+ batch
      // The list may change while its items are saved.
      while i < end && i < r.size {
        try saveItem(r.raw.load(fromByteOffset: 24, as: Items.self)[i].unsafelyUnwrapped)
        i &+= 1
      }
      try put(101)
    } while i < r.size
  }
  /// The items of an iterator, to be appended.
  private func saveItems(_ iterator: Ref) throws(PyError) {
    func next() throws(PyError) -> Owned? {
      if let item = PyIter_Next(iterator) { return Owned(taking: item) }
      if errorIsSet { throw PyError() }
      return nil
    }
    if number == 0 {
      while let item = try next() {
        try save(item.ref)
        try put(97)
      }
      return
    }
    while let first = try next() {
      guard let second = try next() else {
        try save(first.ref)
        return try put(97)
      }
      try put(mark)
      try save(first.ref)
      try save(second.ref)
      var n = 2
      while n < batch, let item = try next() {
        try save(item.ref)
        n += 1
      }
      try put(101)
      if n < batch { return }
    }
  }
  private func saveDict(_ r: Ref) throws(PyError) {
    if isBinary { try put(125) } else { try put("(d") }
    try putMemo(r)
    let size = PyDict_Size(r)
    if size == 0 { return }
    if !isBinary {
      let items = try call(r, "items")
      let iterator = try owned(PyObject_GetIter(items.ref))
      return try savePairs(iterator.ref)
    }
    var position = 0
    var key: Ref? = nil
    var value: Ref? = nil
    var done = 0
    while done < size {
      if size > 1 { try put(mark) }
      var n = 0
      while n < batch, PyDict_Next(r, &position, &key, &value) != 0 {
        let v = Owned(retaining: value.unsafelyUnwrapped)
        try saveItem(key.unsafelyUnwrapped)
        try saveItem(v.ref)
        if r.cast(PyDictObject.self).pointee.ma_used != size {
          throw runtimeError("dictionary changed size during iteration")
        }
        n += 1
      }
      try put(size > 1 ? 117 : 115)
      if n == 0 { break }
      done += n
    }
  }
  /// The pairs of an iterator, to be set as items.
  private func savePairs(_ iterator: Ref) throws(PyError) {
    func next() throws(PyError) -> Owned? {
      guard let item = PyIter_Next(iterator) else {
        if errorIsSet { throw PyError() }
        return nil
      }
      let pair = Owned(taking: item)
      guard pair.ref.isTuple && pair.ref.size == 2 else { throw typeError("dict items iterator must return 2-tuples") }
      return pair
    }
    func put(pair: Ref) throws(PyError) {
      try save(pair.tupleItems[0]!)
      try save(pair.tupleItems[1]!)
    }
    if number == 0 {
      while let pair = try next() {
        try put(pair: pair.ref)
        try self.put(115)
      }
      return
    }
    while let first = try next() {
      guard let second = try next() else {
        try put(pair: first.ref)
        return try self.put(115)
      }
      try self.put(mark)
      try put(pair: first.ref)
      try put(pair: second.ref)
      var n = 2
      while n < batch, let pair = try next() {
        try put(pair: pair.ref)
        n += 1
      }
      try self.put(117)
      if n < batch { return }
    }
  }
  private func saveSet(_ r: Ref) throws(PyError) {
    if number < 4 { return try saveSetAsList(r, Types.set) }
    try put(0x8F)
    try putMemo(r)
    let size = PySet_Size(r)
    if size == 0 { return }
    let iterator = try owned(PyObject_GetIter(r))
    var n = 0
    repeat {
      n = 0
      try put(mark)
      while n < batch, let item = PyIter_Next(iterator.ref) {
        let held = Owned(taking: item)
        try save(held.ref)
        n += 1
      }
      if errorIsSet { throw PyError() }
      try put(0x90)
      if PySet_Size(r) != size { throw runtimeError("set changed size during iteration") }
    } while n == batch
  }
  private func saveFrozenSet(_ r: Ref) throws(PyError) {
    if number < 4 { return try saveSetAsList(r, Types.frozenSet) }
    try put(mark)
    let iterator = try owned(PyObject_GetIter(r))
    while let item = PyIter_Next(iterator.ref) {
      let held = Owned(taking: item)
      try save(held.ref)
    }
    if errorIsSet { throw PyError() }
    let known = pointee.memo.find(r)
    if known >= 0 {
      try put(49)
      return try getMemo(known)
    }
    try put(0x91)
    try putMemo(r)
  }
  private func saveSetAsList(_ r: Ref, _ type: TypeRef) throws(PyError) {
    let args = try tuple(owned(PySequence_List(r)))
    let reduced = try tuple(Owned(retaining: type.object), args)
    try saveReduce(reduced.ref, r)
  }

  // MARK: Objects

  func saveReduce(_ t: Ref, _ r: Ref) throws(PyError) {
    func error(_ text: String) -> PyError { PickleModule.picklingError(text) }
    let n = t.size
    if n < 2 || n > 6 { throw error("tuple returned by __reduce__ must contain 2 through 6 elements") }
    let callable = t.tupleItems[0]!
    let args = t.tupleItems[1]!
    func optional(_ i: Int) -> Ref? { n > i && !t.tupleItems[i]!.isNone ? t.tupleItems[i] : nil }
    let state = optional(2)
    let items = optional(3)
    let pairs = optional(4)
    let setter = optional(5)
    if PyCallable_Check(callable) == 0 {
      throw error("first item of the tuple returned by __reduce__ must be callable")
    }
    if !args.isTuple { throw error("second item of the tuple returned by __reduce__ must be a tuple") }
    if let items, PyIter_Check(items) == 0 {
      throw error("fourth element of the tuple returned by __reduce__ must be an iterator, not \(typeName(of: items))")
    }
    if let pairs, PyIter_Check(pairs) == 0 {
      throw error("fifth element of the tuple returned by __reduce__ must be an iterator, not \(typeName(of: pairs))")
    }
    if let setter, PyCallable_Check(setter) == 0 {
      throw error("sixth element of the tuple returned by __reduce__ must be a function, not \(typeName(of: setter))")
    }
    var (isNew, isNewWithKeywords) = (false, false)
    if number >= 2, let own = try name(of: callable), own.ref.isUnicode {
      isNew = own.ref == internedLiteral("__newobj__") || PyUnicode_EqualToUTF8(own.ref, "__newobj__") != 0
      isNewWithKeywords = !isNew && PyUnicode_EqualToUTF8(own.ref, "__newobj_ex__") != 0
    }
    if isNewWithKeywords {
      try saveNewWithKeywords(args)
    } else if isNew {
      try saveNew(args, r)
    } else {
      try save(callable)
      try save(args)
      try put(82)
    }
    let known = pointee.memo.find(r)
    if known >= 0 {
      // Its arguments contain it.
      try put(48)
      return try getMemo(known)
    }
    try putMemo(r)
    if let items { try saveItems(items) }
    if let pairs { try savePairs(pairs) }
    if let state {
      if let setter {
        try save(setter)
        try save(r)
        try save(state)
        try put(0x86)
        try put(82)
        try put(48)
      } else {
        try save(state)
        try put(98)
      }
    }
  }
  private func name(of callable: Ref) throws(PyError) -> Owned? {
    if callable.isExactly(Types.function), let own = callable.cast(PyFunctionObject.self).pointee.func_name {
      return Owned(retaining: own)
    }
    return try optionalAttribute(callable, "__name__")
  }
  private func saveNewWithKeywords(_ args: Ref) throws(PyError) {
    if args.size != 3 {
      throw PickleModule.picklingError("length of the NEWOBJ_EX argument tuple must be exactly 3, not \(args.size)")
    }
    let type = args.tupleItems[0]!
    let positional = args.tupleItems[1]!
    let keywords = args.tupleItems[2]!
    if !type.isType {
      throw PickleModule.picklingError(
        "first item from NEWOBJ_EX argument tuple must be a class, not \(typeName(of: type))")
    }
    if !positional.isTuple {
      throw PickleModule.picklingError(
        "second item from NEWOBJ_EX argument tuple must be a tuple, not \(typeName(of: positional))")
    }
    if !keywords.isDict {
      throw PickleModule.picklingError(
        "third item from NEWOBJ_EX argument tuple must be a dict, not \(typeName(of: keywords))")
    }
    if number >= 4 {
      try save(type)
      try save(positional)
      try save(keywords)
      return try put(0x92)
    }
    let partial = try imported("functools", "partial")
    let new = try attribute(type, "__new__")
    let head = try tuple(new, Owned(retaining: type))
    let all = try owned(PySequence_Concat(head.ref, positional))
    let bound = try owned(PyObject_Call(partial.ref, all.ref, keywords))
    let empty = try owned(PyTuple_New(0))
    try save(bound.ref)
    try save(empty.ref)
    try put(82)
  }
  private func saveNew(_ args: Ref, _ r: Ref) throws(PyError) {
    if args.size < 1 { throw PickleModule.picklingError("__newobj__ arglist is empty") }
    let type = args.tupleItems[0]!
    if type.isType && type.asType.pointee.tp_new != nil {
      // It has one.
    } else if try optionalAttribute(type, "__new__") == nil {
      throw PickleModule.picklingError("args[0] from __newobj__ args has no __new__")
    }
    let own = try attribute(r, "__class__")
    if own.ref != type { throw PickleModule.picklingError("args[0] from __newobj__ args has the wrong class") }
    try save(type)
    if args.size == 1 && pointee.persistentID == nil {
      try boundary()
      try put(41)
    } else {
      let rest = try owned(PyTuple_GetSlice(args, 1, args.size))
      try save(rest.ref)
    }
    try put(0x81)
  }

  private func saveType(_ r: Ref) throws(PyError) {
    for single in [none, ellipsis, notImplemented] where r == single.type.object {
      let reduced = try tuple(Owned(retaining: Types.type.object), tuple(Owned(retaining: single)))
      return try saveReduce(reduced.ref, r)
    }
    try saveGlobal(r, nil)
  }

  private func saveGlobal(_ r: Ref, _ given: Ref?) throws(PyError) {
    var name: Owned
    if let given {
      name = Owned(retaining: given)
    } else if let qualified = try optionalAttribute(r, "__qualname__") {
      name = qualified
    } else {
      name = try attribute(r, "__name__")
    }
    guard name.ref.isUnicode else { throw typeError("attribute name must be string, not '\(typeName(of: name.ref))'") }
    let path = try attributePath(name.ref, of: nil)
    let moduleName = try self.moduleName(r, path.ref)
    let heldModule = try self.module(moduleName.ref, of: r)
    guard let found = try follow(path.ref, from: heldModule.ref) else {
      throw PickleModule.picklingError(
        "Can't pickle \(try reprText(r)): attribute lookup \(swiftString(name.ref)) on \(swiftString(moduleName.ref)) failed"
      )
    }
    let value = Owned(taking: found.value)
    decref(found.parent)
    if value.ref != r {
      throw PickleModule.picklingError(
        "Can't pickle \(try reprText(r)): it's not the same object as \(swiftString(moduleName.ref)).\(swiftString(name.ref))"
      )
    }
    if number >= 2, try saveExtension(moduleName.ref, name.ref) { return }
    if number >= 4 {
      try save(moduleName.ref)
      try save(name.ref)
      try put(0x93)
    } else if PyList_Size(path.ref) > 1 {
      // getattr(getattr(..., name), name) of what is at the module's top.
      let getter = try imported("builtins", "getattr")
      let depth = PyList_Size(path.ref) - 1
      for _ in 0..<depth {
        try save(getter.ref)
        if number < 2 { try put(mark) }
      }
      try saveGlobalText(moduleName.ref, PyList_GetItem(path.ref, 0)!)
      for i in 1...depth {
        try save(PyList_GetItem(path.ref, i)!)
        try put(number < 2 ? 116 : 0x86)
        try put(82)
      }
    } else {
      try saveGlobalText(moduleName.ref, name.ref)
    }
    try putMemo(r)
  }
  /// The module of that name, which is usually loaded.
  private func module(_ name: Ref, of r: Ref) throws(PyError) -> Owned {
    if let loaded = PyImport_GetModule(name) {
      let m = Owned(taking: loaded)
      if !m.ref.isNone { return m }
    } else if errorIsSet {
      throw PyError()
    }
    if let m = PyImport_Import(name) {
      decref(m)
      if let module = PyImport_GetModule(name) { return Owned(taking: module) }
    }
    PyErr_Clear()
    throw PickleModule.picklingError("Can't pickle \(try reprText(r)): import of module \(try reprText(name)) failed")
  }
  private func saveGlobalText(_ moduleName: Ref, _ name: Ref) throws(PyError) {
    var m = Owned(retaining: moduleName)
    var n = Owned(retaining: name)
    if number < 3 && pointee.fixImports {
      let names = try imported("_compat_pickle", "REVERSE_NAME_MAPPING")
      let key = try tuple(Owned(retaining: moduleName), Owned(retaining: name))
      var value: Ref? = nil
      try check(PyDict_GetItemRef(names.ref, key.ref, &value))
      if let value {
        let pair = Owned(taking: value)
        guard pair.ref.isTuple, pair.ref.size == 2 else {
          throw runtimeError("_compat_pickle.REVERSE_NAME_MAPPING values should be 2-tuples")
        }
        m = Owned(retaining: pair.ref.tupleItems[0]!)
        n = Owned(retaining: pair.ref.tupleItems[1]!)
      } else {
        let modules = try imported("_compat_pickle", "REVERSE_IMPORT_MAPPING")
        try check(PyDict_GetItemRef(modules.ref, moduleName, &value))
        if let value { m = Owned(taking: value) }
      }
    }
    try put(99)
    for r in [m.ref, n.ref] {
      let text = try? owned(number >= 3 ? PyUnicode_AsUTF8String(r) : PyUnicode_AsASCIIString(r)).take()
      guard let text else {
        if PyErr_ExceptionMatches(Exc.UnicodeEncodeError.object) == 0 { throw PyError() }
        PyErr_Clear()
        throw PickleModule.picklingError(
          "can't pickle global identifier '\(swiftString(m.ref)).\(swiftString(n.ref))' using pickle protocol \(number)"
        )
      }
      let bytes = Owned(taking: text)
      try put(UnsafeRawPointer(PyBytes_AsString(bytes.ref)!), PyBytes_Size(bytes.ref))
      try put(10)
    }
  }
  private func saveExtension(_ moduleName: Ref, _ name: Ref) throws(PyError) -> Bool {
    let registry = try imported("copyreg", "_extension_registry")
    if registry.ref.isDict && PyDict_Size(registry.ref) == 0 { return false }
    let key = try tuple(Owned(retaining: moduleName), Owned(retaining: name))
    var value: Ref? = nil
    try check(PyDict_GetItemRef(registry.ref, key.ref, &value))
    guard let value else { return false }
    let code = Owned(taking: value)
    let n = PyLong_AsLong(code.ref)
    if n == -1 && errorIsSet { throw PyError() }
    if n <= 0 || n > 0x7FFF_FFFF {
      throw runtimeError("Can't pickle \(try reprText(key.ref)): extension code \(n) is out of range")
    }
    if n < 256 {
      try put(0x82, n, bytes: 1)
    } else if n < 65536 {
      try put(0x83, n, bytes: 2)
    } else {
      try put(0x84, n, bytes: 4)
    }
    return true
  }
  /// The module where an object is found.
  private func moduleName(_ r: Ref, _ path: Ref) throws(PyError) -> Owned {
    if let own = try optionalAttribute(r, "__module__"), !own.ref.isNone {
      return own
    }
    let modules = try owned(PyMapping_Items(PyImport_GetModuleDict()))
    for i in 0..<PyList_Size(modules.ref) {
      let pair = PyList_GetItem(modules.ref, i)!
      guard pair.isTuple, pair.size == 2 else { continue }
      let name = pair.tupleItems[0]!
      let module = pair.tupleItems[1]!
      if module.isNone || !name.isUnicode { continue }
      if PyUnicode_EqualToUTF8(name, "__main__") != 0 || PyUnicode_EqualToUTF8(name, "__mp_main__") != 0 { continue }
      guard let found = try follow(path, from: module) else { continue }
      decref(found.parent)
      decref(found.value)
      if found.value == r { return Owned(retaining: name) }
    }
    return try string("__main__")
  }
}
