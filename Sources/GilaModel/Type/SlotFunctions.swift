import CGila
import GilaCore

/// Binary operators of classes defined in Python: the left operand's method, then the right one's reflected method,
/// the latter first if the right operand is of a subclass that overrides it.
enum BinarySlot {
  static func call(_ a: Ref, _ b: Ref, _ name: Dunder, _ reflected: Dunder, _ offset: Int) -> Ref? {
    let own = SlotTable.numberFunctions[offset / 8]
    let leftHas = number(a.type, offset) == own
    var tryRight = a.type != b.type && number(b.type, offset) == own
    if leftHas {
      if tryRight && PyType_IsSubtype(b.type, a.type) != 0 && overrides(b.type, a.type, reflected.ref) {
        let r = invoke(b, a, reflected)
        if r != notImplemented { return r }
        gila_decref(notImplemented)
        tryRight = false
      }
      let r = invoke(a, b, name)
      if r != notImplemented || a.type == b.type { return r }
      gila_decref(notImplemented)
    }
    if tryRight { return invoke(b, a, reflected) }
    return newRef(notImplemented)
  }
  private static func number(_ t: TypeRef, _ offset: Int) -> UInt {
    guard let suite = t.pointee.tp_as_number else { return 0 }
    return (UnsafeMutableRawPointer(suite) + offset).load(as: UInt.self)
  }
  static func overrides(_ type: TypeRef, _ base: TypeRef, _ name: Ref) -> Bool {
    guard let mine = TypeLookup.find(type, name) else { return false }
    guard let theirs = TypeLookup.find(base, name) else { return true }
    let a = Owned(retaining: mine)
    let b = Owned(retaining: theirs)
    return a.ref != b.ref && PyObject_RichCompareBool(a.ref, b.ref, Py_NE) > 0
  }
  static func invoke(_ o: Ref, _ other: Ref, _ name: Dunder) -> Ref? {
    bridge { () throws(PyError) in
      guard let f = try Special.find(o, name.ref) else { return Owned(retaining: notImplemented) }
      return try owned(f(o, other))
    }
  }
}

/// What goes into the slots of classes defined in Python: each looks the method up on the type and calls it.
enum SlotFunctions {
  static func method0(_ o: Ref, _ name: Dunder) -> Ref? {
    bridge { () throws(PyError) in
      let f = try Special.require(o, name)
      return try owned(f(o))
    }
  }
  static func method1(_ o: Ref, _ a: Ref?, _ name: Dunder) -> Ref? {
    bridge { () throws(PyError) in
      let f = try Special.require(o, name)
      return try owned(f(o, a))
    }
  }

  static let repr: reprfunc = { o in
    bridge { () throws(PyError) in
      guard let f = try Special.find(o!, Dunder.repr.ref) else {
        return try string("<\(typeName(of: o!)) object at 0x\(String(UInt(bitPattern: o!), radix: 16))>")
      }
      return try owned(f(o!))
    }
  }
  static let str: reprfunc = { SlotFunctions.method0($0!, .str) }
  static let iter: getiterfunc = { o in
    bridge { () throws(PyError) in
      let o = o!
      if let method = TypeLookup.find(o.type, Dunder.iter.ref) {
        if method == none { throw typeError("'\(typeName(of: o))' object is not iterable") }
        let f = try Special.require(o, .iter)
        return try owned(f(o))
      }
      guard TypeLookup.find(o.type, Dunder.getitem.ref) != nil else {
        throw typeError("'\(typeName(of: o))' object is not iterable")
      }
      return try owned(PySeqIter_New(o))
    }
  }
  static let next: iternextfunc = { SlotFunctions.method0($0!, .next) }
  static let await_: unaryfunc = { o in
    bridge { () throws(PyError) in
      guard let f = try Special.find(o!, Dunder.await.ref) else {
        throw raise(Exc.AttributeError, "object \(typeName(of: o!)) does not have __await__ method")
      }
      return try owned(f(o!))
    }
  }
  static let aiter: unaryfunc = { o in
    bridge { () throws(PyError) in
      guard let f = try Special.find(o!, Dunder.aiter.ref) else {
        throw raise(Exc.AttributeError, "object \(typeName(of: o!)) does not have __aiter__ method")
      }
      return try owned(f(o!))
    }
  }
  static let anext: unaryfunc = { o in
    bridge { () throws(PyError) in
      guard let f = try Special.find(o!, Dunder.anext.ref) else {
        throw raise(Exc.AttributeError, "object \(typeName(of: o!)) does not have __anext__ method")
      }
      return try owned(f(o!))
    }
  }
  static let hash: hashfunc = { o in
    bridgeSize { () throws(PyError) in
      guard let f = try Special.find(o!, Dunder.hash.ref), f.function.ref != none else {
        return try checkHash(PyObject_HashNotImplemented(o))
      }
      let value = try owned(f(o!))
      guard value.ref.isLong else { throw typeError("__hash__ method should return an integer") }
      var h = PyLong_AsSsize_t(value.ref)
      if h == -1 && errorIsSet {
        PyErr_Clear()
        // A big number: its own hash has the right width.
        h = Types.long.pointee.tp_hash(value.ref)
      }
      return h == -1 ? -2 : h
    }
  }
  private static func checkHash(_ h: Int) throws(PyError) -> Int {
    if h == -1 { throw PyError() }
    return h
  }
  static let call: ternaryfunc = { o, args, kwargs in
    bridge { () throws(PyError) in
      let f = try Special.require(o!, .call)
      if !f.unbound { return try owned(PyObject_Call(f.function.ref, args, kwargs)) }
      let full = try owned(PyTuple_New(args!.size + 1))
      gila_tuple_items(full.ref)[0] = newRef(o!)
      for i in 0..<args!.size { gila_tuple_items(full.ref)[i + 1] = newRef(gila_tuple_items(args!)[i]!) }
      return try owned(PyObject_Call(f.function.ref, full.ref, kwargs))
    }
  }
  static let getattr: getattrofunc = { o, name in SlotFunctions.method1(o!, name, .getattribute) }
  /// `__getattribute__` first, `__getattr__` when that raises AttributeError. A class without `__getattr__` gets the
  /// simpler slot at the first call.
  static let getattrHook: getattrofunc = { o, name in
    let o = o!
    guard let getattr = TypeLookup.find(o.type, Dunder.getattr.ref) else {
      if TypeLookup.find(o.type, Dunder.getattribute.ref) == nil || usesGenericGetattribute(o.type) {
        return PyObject_GenericGetAttr(o, name)
      }
      return SlotFunctions.method1(o, name, .getattribute)
    }
    gila_incref(getattr)
    defer { gila_decref(getattr) }
    if usesGenericGetattribute(o.type) {
      // A plain miss makes no exception.
      if let r = GenericAttributes.get(o, name!, quiet: true) { return r }
      if errorIsSet { return nil }
    } else {
      let r = SlotFunctions.method1(o, name, .getattribute)
      if r != nil || PyErr_ExceptionMatches(Exc.AttributeError.object) == 0 { return r }
      PyErr_Clear()
    }
    if getattr.has(UInt(Py_TPFLAGS_METHOD_DESCRIPTOR)) { return GilaModel.call(getattr, o, name) }
    return bridge { () throws(PyError) in
      let f = try Special.require(o, .getattr)
      return try owned(f(o, name))
    }
  }
  private static func usesGenericGetattribute(_ t: TypeRef) -> Bool {
    guard let f = TypeLookup.find(t, Dunder.getattribute.ref), f.isExactly(Types.wrapperDescr) else { return false }
    return UInt(bitPattern: f.cast(PyWrapperDescrObject.self).pointee.d_wrapped)
      == address(Types.baseObject.pointee.tp_getattro)
  }
  static let setattr: setattrofunc = { o, name, value in
    bridgeStatus { () throws(PyError) in
      if let value {
        let f = try Special.require(o!, .setattr)
        _ = try owned(f(o!, name, value))
      } else {
        let f = try Special.require(o!, .delattr)
        _ = try owned(f(o!, name))
      }
    }
  }
  static let richcompare: richcmpfunc = { a, b, op in
    bridge { () throws(PyError) in
      let names: [Dunder] = [.lt, .le, .eq, .ne, .gt, .ge]
      // As CPython: what cannot even be had, an attribute that raises, say, compares nothing.
      guard let f = try? Special.find(a!, names[Int(op)].ref) else {
        PyErr_Clear()
        return Owned(retaining: notImplemented)
      }
      return try owned(f(a!, b))
    }
  }
  static let descrGet: descrgetfunc = { d, o, type in
    guard let f = TypeLookup.find(d!.type, Dunder.get.ref) else { return newRef(d!) }
    return GilaModel.call(f, d, o ?? none, type ?? none)
  }
  static let descrSet: descrsetfunc = { d, o, value in
    bridgeStatus { () throws(PyError) in
      if let value {
        let f = try Special.require(d!, .set)
        _ = try owned(f(d!, o, value))
      } else {
        let f = try Special.require(d!, .delete)
        _ = try owned(f(d!, o))
      }
    }
  }
  static let initialize: initproc = { o, args, kwargs in
    bridgeStatus { () throws(PyError) in
      let f = try Special.require(o!, .`init`)
      let result: Owned
      if f.unbound {
        let n = args!.size
        if kwargs == nil && n < 6 {
          var vector: (Ref?, Ref?, Ref?, Ref?, Ref?, Ref?, Ref?) = (nil, o, nil, nil, nil, nil, nil)
          let r = withUnsafeMutablePointer(to: &vector) { v -> Ref? in
            let p = UnsafeMutableRawPointer(v).assumingMemoryBound(to: Ref?.self) + 1
            for i in 0..<min(n, 5) { p[i + 1] = gila_tuple_items(args!)[i] }
            return gila_call_vector(f.function.ref, p, (n + 1) | Int.min, nil)
          }
          result = try owned(r)
        } else {
          let full = try owned(PyTuple_New(n + 1))
          gila_tuple_items(full.ref)[0] = newRef(o!)
          for i in 0..<n { gila_tuple_items(full.ref)[i + 1] = newRef(gila_tuple_items(args!)[i]!) }
          result = try owned(PyObject_Call(f.function.ref, full.ref, kwargs))
        }
      } else {
        result = try owned(PyObject_Call(f.function.ref, args, kwargs))
      }
      if result.ref != none {
        throw typeError("__init__() should return None, not '\(typeName(of: result.ref))'")
      }
    }
  }
  static let new: newfunc = { type, args, kwargs in
    bridge { () throws(PyError) in
      let f = try owned(PyObject_GetAttr(type!.object, Dunder.new.ref))
      let full = try owned(PyTuple_New(args!.size + 1))
      gila_tuple_items(full.ref)[0] = newRef(type!.object)
      for i in 0..<args!.size { gila_tuple_items(full.ref)[i + 1] = newRef(gila_tuple_items(args!)[i]!) }
      return try owned(PyObject_Call(f.ref, full.ref, kwargs))
    }
  }
  static let finalize: destructor = { o in
    let saved = PyErr_GetRaisedException()
    do throws(PyError) {
      if let f = try Special.find(o!, Dunder.del.ref) {
        if let r = f(o!) { gila_decref(r) } else { PyErr_WriteUnraisable(f.function.ref) }
      }
    } catch { PyErr_WriteUnraisable(o) }
    PyErr_SetRaisedException(saved)
  }
  static let power: ternaryfunc = { a, b, modulus in
    let a = a!, b = b!
    if modulus == none { return BinarySlot.call(a, b, .pow, .rpow, 40) }
    // Three-argument pow dispatches on the first operand only.
    if let suite = a.type.pointee.tp_as_number, address(suite.pointee.nb_power) == address(SlotFunctions.power) {
      return bridge { () throws(PyError) in
        guard let f = try Special.find(a, Dunder.pow.ref) else { return Owned(retaining: notImplemented) }
        return try owned(f(a, b, modulus))
      }
    }
    return newRef(notImplemented)
  }
  static let neg: unaryfunc = { SlotFunctions.method0($0!, .neg) }
  static let pos: unaryfunc = { SlotFunctions.method0($0!, .pos) }
  static let abs: unaryfunc = { SlotFunctions.method0($0!, .abs) }
  static let invert: unaryfunc = { SlotFunctions.method0($0!, .invert) }
  static let int: unaryfunc = { SlotFunctions.method0($0!, .int) }
  static let float: unaryfunc = { SlotFunctions.method0($0!, .float) }
  static let index: unaryfunc = { SlotFunctions.method0($0!, .index) }
  static let bool: inquiry = { o in
    bridgeBool { () throws(PyError) in
      if let f = try Special.find(o!, Dunder.bool.ref) {
        let value = try owned(f(o!))
        guard value.ref.isExactly(Types.bool) else {
          throw typeError("__bool__ should return bool, returned \(typeName(of: value.ref))")
        }
        return value.ref == pyTrue
      }
      guard let f = try Special.find(o!, Dunder.len.ref) else { return true }
      let value = try owned(f(o!))
      return try lengthValue(value.ref) != 0
    }
  }
  static func lengthValue(_ value: Ref) throws(PyError) -> Int {
    let index = try owned(PyNumber_Index(value))
    let n = PyNumber_AsSsize_t(index.ref, nil)
    if n < 0 {
      if errorIsSet { throw PyError() }
      throw valueError("__len__() should return >= 0")
    }
    let exact = PyLong_AsSsize_t(index.ref)
    if exact == -1 && errorIsSet { throw PyError() }
    return exact
  }
  static let length: lenfunc = { o in
    bridgeSize { () throws(PyError) in
      let f = try Special.require(o!, .len)
      let value = try owned(f(o!))
      return try lengthValue(value.ref)
    }
  }
  static let getitem: binaryfunc = { SlotFunctions.method1($0!, $1, .getitem) }
  static let setitem: objobjargproc = { o, key, value in
    bridgeStatus { () throws(PyError) in
      if let value {
        let f = try Special.require(o!, .setitem)
        _ = try owned(f(o!, key, value))
      } else {
        let f = try Special.require(o!, .delitem)
        _ = try owned(f(o!, key))
      }
    }
  }
  static let item: ssizeargfunc = { o, i in
    bridge { () throws(PyError) in
      let f = try Special.require(o!, .getitem)
      let index = try owned(PyLong_FromSsize_t(i))
      return try owned(f(o!, index.ref))
    }
  }
  static let assignItem: ssizeobjargproc = { o, i, value in
    bridgeStatus { () throws(PyError) in
      let index = try owned(PyLong_FromSsize_t(i))
      try check(SlotFunctions.setitem(o, index.ref, value))
    }
  }
  static let contains: objobjproc = { o, item in
    bridgeBool { () throws(PyError) in
      if let f = try Special.find(o!, Dunder.contains.ref) {
        if f.function.ref == none { throw typeError("'\(typeName(of: o!))' object is not a container") }
        let r = try owned(f(o!, item))
        return try truth(r.ref)
      }
      return try check(Int32(PySequenceSearch.contains(o!, item!))) != 0
    }
  }
  static let getBuffer: getbufferproc = { o, view, flags in
    bridgeStatus { () throws(PyError) in try BufferSlots.get(o!, view!, flags) }
  }
  static let releaseBuffer: releasebufferproc = { o, view in BufferSlots.release(o!, view!) }
}
