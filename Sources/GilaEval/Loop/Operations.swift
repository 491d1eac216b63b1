import CGila
import GilaCore

// Operators: what instructions do with operands that are not the plain numbers of IntFast.swift.
extension Eval {
  @inline(__always) static func isTrue(_ v: Ref) -> Int32 {
    if v == none { return 0 }
    if v.isExactly(Types.long) { return intTag(v) & 3 == 1 ? 0 : 1 }
    if v.isExactly(Types.unicode) { return v.cast(PyASCIIObject.self).pointee.length != 0 ? 1 : 0 }
    if v.isExactly(Types.list) { return v.size != 0 ? 1 : 0 }
    return PyObject_IsTrue(v)
  }
  /// An operator by its number in BINARY_OP.
  @inline(never) static func binary(_ a: Ref, _ b: Ref, _ op: Int) -> Ref? {
    if isShortInt(a) && isShortInt(b) {
      let x = shortIntValue(a), y = shortIntValue(b)
      switch op {
      case 1, 14: return newInt(x & y)
      case 7, 20: return newInt(x | y)
      case 12, 25: return newInt(x ^ y)
      case 2, 15:
        if y != 0 {
          let q = x / y
          return newInt(x % y != 0 && (x < 0) != (y < 0) ? q &- 1 : q)
        }
      case 6, 19:
        if y != 0 {
          let r = x % y
          return newInt(r != 0 && (r < 0) != (y < 0) ? r &+ y : r)
        }
      case 9, 22: if y >= 0 { return newInt(y > 63 ? (x < 0 ? -1 : 0) : x >> y) }
      case 3, 16: if y >= 0 && y < 30 && x > -(1 << 30) && x < 1 << 30 { return newInt(x << y) }
      default: break
      }
    } else if op == 11 || op == 24, a.isExactly(Types.float), b.isExactly(Types.float), floatValue(b) != 0 {
      return newFloat(floatValue(a) / floatValue(b))
    }
    switch op {
    case 0: return PyNumber_Add(a, b)
    case 1: return PyNumber_And(a, b)
    case 2: return PyNumber_FloorDivide(a, b)
    case 3: return PyNumber_Lshift(a, b)
    case 4: return PyNumber_MatrixMultiply(a, b)
    case 5: return PyNumber_Multiply(a, b)
    case 6: return PyNumber_Remainder(a, b)
    case 7: return PyNumber_Or(a, b)
    case 8: return PyNumber_Power(a, b, none)
    case 9: return PyNumber_Rshift(a, b)
    case 10: return PyNumber_Subtract(a, b)
    case 11: return PyNumber_TrueDivide(a, b)
    case 12: return PyNumber_Xor(a, b)
    case 13: return PyNumber_InPlaceAdd(a, b)
    case 14: return PyNumber_InPlaceAnd(a, b)
    case 15: return PyNumber_InPlaceFloorDivide(a, b)
    case 16: return PyNumber_InPlaceLshift(a, b)
    case 17: return PyNumber_InPlaceMatrixMultiply(a, b)
    case 18: return PyNumber_InPlaceMultiply(a, b)
    case 19: return PyNumber_InPlaceRemainder(a, b)
    case 20: return PyNumber_InPlaceOr(a, b)
    case 21: return PyNumber_InPlacePower(a, b, none)
    case 22: return PyNumber_InPlaceRshift(a, b)
    case 23: return PyNumber_InPlaceSubtract(a, b)
    case 24: return PyNumber_InPlaceTrueDivide(a, b)
    default: return PyNumber_InPlaceXor(a, b)
    }
  }
  /// An arithmetic operation whose operands are locals: held during the call, since it may rebind them.
  @inline(never) static func borrowingBoth<A: FastArithmetic>(_: A.Type, _ x: Ref, _ y: Ref, _ inPlace: Int) -> Ref? {
    gila_incref(x)
    gila_incref(y)
    let r = A.objects(x, y, inPlace != 0)
    gila_decref(x)
    gila_decref(y)
    return r
  }
  @inline(never) static func borrowingRight<A: FastArithmetic>(_: A.Type, _ x: Ref, _ y: Ref, _ inPlace: Int) -> Ref? {
    gila_incref(y)
    let r = A.objects(x, y, inPlace != 0)
    gila_decref(y)
    return r
  }
  /// The local that the next instruction stores to, or -1.
  @inline(__always) private static func storedLocal(_ ip: InstructionPointer) -> Int {
    let w = ip.pointee
    return UInt8(truncatingIfNeeded: w) == Op.storeFast.rawValue ? Int(w >> 32) : -1
  }
  /// `x + y`, both consumed. A string that only the local to be overwritten holds grows in place.
  @inline(never) static func addConsuming(
    _ x: Ref, _ y: Ref, _ inPlace: Int, _ ip: InstructionPointer, _ fast: StackRef
  ) -> Ref? {
    if x.isExactly(Types.unicode) && y.isExactly(Types.unicode) {
      let local = storedLocal(ip)
      if local >= 0 && fast[local] == x && x.refCount == 2 {
        fast[local] = nil
        gila_decref(x)
      }
      var s: Ref? = x
      PyUnicode_Append(&s, y)
      gila_decref(y)
      return s
    }
    let r = Addition.objects(x, y, inPlace != 0)
    gila_decref(x)
    gila_decref(y)
    return r
  }
  /// `local + y`, where the left operand is local `i`.
  @inline(never) static func addLocals(
    _ x: Ref, _ y: Ref, _ inPlace: Int, _ i: Int, _ fast: StackRef, _ ip: InstructionPointer
  ) -> Ref? {
    if x.isExactly(Types.unicode) && y.isExactly(Types.unicode) && x != y && storedLocal(ip) == i {
      var s: Ref? = x
      fast[i] = nil
      PyUnicode_Append(&s, y)
      return s
    }
    return borrowingBoth(Addition.self, x, y, inPlace)
  }

  // MARK: Comparison

  /// Whether `a op b` holds, as 0 or 1.
  @inline(__always) static func holds(_ x: Int, _ y: Int, _ op: Int) -> Int {
    switch Int32(truncatingIfNeeded: op) {
    case Py_LT: return x < y ? 1 : 0
    case Py_LE: return x <= y ? 1 : 0
    case Py_EQ: return x == y ? 1 : 0
    case Py_NE: return x != y ? 1 : 0
    case Py_GT: return x > y ? 1 : 0
    default: return x >= y ? 1 : 0
    }
  }
  @inline(__always) static func compare(_ a: Ref, _ b: Ref, _ op: Int32) -> Ref? {
    if isShortInt(a) && isShortInt(b) {
      return pyBool(holds(shortIntValue(a), shortIntValue(b), Int(op)) != 0)
    }
    if isTextEquality(a, b, Int(op)) { return pyBool(isSameText(a, b) == (op == Py_EQ)) }
    return PyObject_RichCompare(a, b, op)
  }
  /// Whether the comparison is `==` or `!=` of two objects that are exactly str.
  @inline(__always) static func isTextEquality(_ a: Ref, _ b: Ref, _ op: Int) -> Bool {
    a.isExactly(Types.unicode) && b.isExactly(Types.unicode) && UInt(bitPattern: op &- Int(Py_EQ)) < 2
  }
  /// Equality of two str objects; lengths are read here, at offset 16.
  @inline(__always) static func isSameText(_ a: Ref, _ b: Ref) -> Bool {
    if a == b { return true }
    if a.raw.load(fromByteOffset: 16, as: Int.self) != b.raw.load(fromByteOffset: 16, as: Int.self) { return false }
    return _PyUnicode_Equal(a, b) != 0
  }
  /// The truth of a comparison: 0, 1, or -1 with an exception.
  @inline(never) static func compareTruth(_ a: Ref, _ b: Ref, _ op: Int) -> Int {
    if isTextEquality(a, b, op) { return isSameText(a, b) == (op == Int(Py_EQ)) ? 1 : 0 }
    if a.isExactly(Types.float) && b.isExactly(Types.float) {
      let x = floatValue(a), y = floatValue(b)
      switch Int32(truncatingIfNeeded: op) {
      case Py_LT: return x < y ? 1 : 0
      case Py_LE: return x <= y ? 1 : 0
      case Py_EQ: return x == y ? 1 : 0
      case Py_NE: return x != y ? 1 : 0
      case Py_GT: return x > y ? 1 : 0
      default: return x >= y ? 1 : 0
      }
    }
    guard let r = PyObject_RichCompare(a, b, Int32(truncatingIfNeeded: op)) else { return -1 }
    if r == pyTrue { return 1 }
    if r == pyFalse { return 0 }
    let t = PyObject_IsTrue(r)
    gila_decref(r)
    return Int(t)
  }
  @inline(never) static func compareBorrowing(_ a: Ref, _ b: Ref, _ op: Int) -> Int {
    gila_incref(a)
    gila_incref(b)
    let r = compareTruth(a, b, op)
    gila_decref(a)
    gila_decref(b)
    return r
  }
  @inline(never) static func contains(_ container: Ref, _ item: Ref) -> Int32 {
    if container.isExactly(Types.dict) { return PyDict_Contains(container, item) }
    return PySequence_Contains(container, item)
  }

  // MARK: Items

  /// The item of a list or tuple at an int index, or of a dict; nil without an exception to take the general way.
  @inline(__always) static func itemQuickly(_ x: Ref, _ y: Ref) -> Ref? {
    if y.isExactly(Types.long) && intTag(y) < 16 {
      let i = shortIntValue(y)
      if x.isExactly(Types.list) {
        let n = x.size
        let at = i < 0 ? i &+ n : i
        if UInt(bitPattern: at) < UInt(bitPattern: n) {
          return newRef(gila_list_items(x).unsafelyUnwrapped[at].unsafelyUnwrapped)
        }
      } else if x.isExactly(Types.tuple) {
        let n = x.size
        let at = i < 0 ? i &+ n : i
        if UInt(bitPattern: at) < UInt(bitPattern: n) { return newRef(gila_tuple_items(x)[at].unsafelyUnwrapped) }
      }
    }
    return nil
  }
  @inline(__always) static func item(_ x: Ref, _ y: Ref) -> Ref? {
    if let r = itemQuickly(x, y) { return r }
    return itemSlowly(x, y)
  }
  @inline(never) static func itemSlowly(_ x: Ref, _ y: Ref) -> Ref? {
    if x.isExactly(Types.dict) {
      if let v = PyDict_GetItemWithError(x, y) { return newRef(v) }
      if !errorIsSet { _PyErr_SetKeyError(y) }
      return nil
    }
    return PyObject_GetItem(x, y)
  }
  @inline(never) static func itemBorrowing(_ x: Ref, _ y: Ref) -> Ref? {
    gila_incref(x)
    gila_incref(y)
    let r = itemSlowly(x, y)
    gila_decref(x)
    gila_decref(y)
    return r
  }
  @inline(__always) static func setItem(_ container: Ref, _ key: Ref, _ value: Ref) -> Int32 {
    if container.isExactly(Types.list) && key.isExactly(Types.long) && intTag(key) < 16 {
      let i = shortIntValue(key), n = container.size
      let at = i < 0 ? i &+ n : i
      if UInt(bitPattern: at) < UInt(bitPattern: n) {
        let slot = gila_list_items(container).unsafelyUnwrapped + at
        let old = slot.pointee.unsafelyUnwrapped
        slot.pointee = newRef(value)
        gila_decref(old)
        return 0
      }
    }
    if container.isExactly(Types.dict) { return PyDict_SetItem(container, key, value) }
    return PyObject_SetItem(container, key, value)
  }
  @inline(never) static func getSlice(_ x: Ref, _ start: Ref, _ stop: Ref) -> Ref? {
    guard let slice = PySlice_New(start, stop, nil) else { return nil }
    let r = PyObject_GetItem(x, slice)
    gila_decref(slice)
    return r
  }
  @inline(never) static func setSlice(_ x: Ref, _ start: Ref, _ stop: Ref, _ value: Ref) -> Bool {
    guard let slice = PySlice_New(start, stop, nil) else { return false }
    let s = PyObject_SetItem(x, slice, value)
    gila_decref(slice)
    return s >= 0
  }
}
