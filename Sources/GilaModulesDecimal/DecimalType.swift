// The type decimal.Decimal: construction, operators, comparison, hash.

import CGila
import GilaCore
import GilaDecimal
import GilaModuleSupport
import Glibc

enum DecimalType {
  /// The type; made when the module is imported, immortal.
  nonisolated(unsafe) static var type: TypeRef! = nil
  private static let newSignature = Signature("function", "(value='0', context=None)")

  static func install() {
    if type != nil { return }
    let t = newStaticType()
    t.define(
      "decimal.Decimal", basicSize: MemoryLayout<DecimalObject>.size, flags: UInt(Py_TPFLAGS_BASETYPE),
      doc:
        "Decimal(value='0', context=None)\n--\n\nA decimal number. The value can be an int, a str, a tuple, a float or a Decimal; it is taken over exactly. The context only says whether an invalid value raises InvalidOperation."
    )
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        // Decimal(value), the usual way.
        if args!.size == 1, kwargs == nil {
          return try DecimalConversion.exact(type!, gila_tuple_items(args!)[0]!, try CurrentContext.get())
        }
        let b = try DecimalType.newSignature.bind(tuple: args, dict: kwargs)
        return try DecimalConversion.exact(type!, b[0], try CurrentContext.argument(b[1]))
      }
    }
    t.pointee.tp_dealloc = { r in
      if let heap = r!.decimal.pointee.heap { free(heap) }
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let text = try DecimalType.text(r!)
        return try string("Decimal('\(text)')")
      }
    }
    t.pointee.tp_str = { r in
      bridge { () throws(PyError) in
        let capitals = try CurrentContext.get().context.pointee.capitals
        if let text = FastText.text(r!, capitals: capitals) { return Owned(taking: text) }
        if errorIsSet { throw PyError() }
        return try string(try DecimalType.text(r!))
      }
    }
    t.pointee.tp_hash = { r in bridgeSize { () throws(PyError) in try DecimalType.hash(r!) } }
    t.pointee.tp_richcompare = { a, b, op in
      bridge { () throws(PyError) in try DecimalType.compare(a!, b!, op) }
    }
    operators(t)
    t.pointee.tp_methods = DecimalMethods.table()
    t.pointee.tp_getset = DecimalMethods.attributes()
    type = t
  }

  static func text(_ r: Ref) throws(PyError) -> String {
    let context = try CurrentContext.get()
    return String(decoding: value(r).text(capitals: context.context.pointee.capitals), as: UTF8.self)
  }

  // MARK: operators

  typealias Binary = (Decimal, Decimal, inout DecimalContext) -> Decimal
  typealias Unary = (Decimal, inout DecimalContext) -> Decimal

  /// The general way of an operation of two numbers.
  @inline(never) static func general(_ a: Ref, _ b: Ref, _ context: Ref, _ f: Binary) throws(PyError) -> Owned {
    var c = context.context.settings
    let r = f(value(a), value(b), &c)
    try CurrentContext.note(c.status, context)
    return try make(r)
  }
  static func general(_ a: Ref, _ context: Ref, _ f: Unary) throws(PyError) -> Owned {
    var c = context.context.settings
    let r = f(value(a), &c)
    try CurrentContext.note(c.status, context)
    return try make(r)
  }
  @inline(__always) private static func binary(
    _ a: Ref, _ b: Ref, _ fast: (DecimalView, DecimalView, Ref) -> FastArithmetic.Answer, _ slow: Binary
  ) -> Ref? {
    if a.type == type, b.type == type {
      do throws(PyError) {
        let context = try CurrentContext.get()
        switch fast(DecimalView(a), DecimalView(b), context) {
        case .made(let r): return r
        case .failed: return nil
        case .general: return try general(a, b, context, slow).take()
        }
      } catch { return nil }
    }
    return mixed(a, b, fast, slow)
  }
  @inline(never) private static func mixed(
    _ a: Ref, _ b: Ref, _ fast: (DecimalView, DecimalView, Ref) -> FastArithmetic.Answer, _ slow: Binary
  ) -> Ref? {
    do throws(PyError) {
      guard let x = try DecimalConversion.operand(a) else { return newRef(notImplemented) }
      guard let y = try DecimalConversion.operand(b) else { return newRef(notImplemented) }
      let context = try CurrentContext.get()
      switch fast(DecimalView(x.ref), DecimalView(y.ref), context) {
      case .made(let r): return r
      case .failed: return nil
      case .general: return try general(x.ref, y.ref, context, slow).take()
      }
    } catch { return nil }
  }
  private static func unary(_ a: Ref, _ f: Unary) -> Ref? {
    bridge { () throws(PyError) in try general(a, try CurrentContext.get(), f) }
  }

  private static func operators(_ t: TypeRef) {
    let n = t.number
    n.pointee.nb_add = { a, b in
      DecimalType.binary(
        a!, b!, { FastArithmetic.add($0, $1, negated: false, $2) }, { Decimal.add($0, $1, &$2) })
    }
    n.pointee.nb_subtract = { a, b in
      DecimalType.binary(
        a!, b!, { FastArithmetic.add($0, $1, negated: true, $2) }, { Decimal.subtract($0, $1, &$2) })
    }
    n.pointee.nb_multiply = { a, b in
      DecimalType.binary(a!, b!, { FastArithmetic.multiply($0, $1, $2) }, { Decimal.multiply($0, $1, &$2) })
    }
    n.pointee.nb_true_divide = { a, b in
      DecimalType.binary(a!, b!, { FastArithmetic.divide($0, $1, $2) }, { Decimal.divide($0, $1, &$2) })
    }
    n.pointee.nb_floor_divide = { a, b in
      DecimalType.binary(a!, b!, { _, _, _ in .general }, { Decimal.divideInteger($0, $1, &$2) })
    }
    n.pointee.nb_remainder = { a, b in
      DecimalType.binary(a!, b!, { _, _, _ in .general }, { Decimal.remainder($0, $1, &$2) })
    }
    n.pointee.nb_divmod = { a, b in
      bridge { () throws(PyError) in
        guard let x = try DecimalConversion.operand(a!) else { return Owned(retaining: notImplemented) }
        guard let y = try DecimalConversion.operand(b!) else { return Owned(retaining: notImplemented) }
        return try DecimalType.divmod(x.ref, y.ref, try CurrentContext.get())
      }
    }
    n.pointee.nb_power = { a, b, m in
      bridge { () throws(PyError) in
        guard let x = try DecimalConversion.operand(a!) else { return Owned(retaining: notImplemented) }
        guard let y = try DecimalConversion.operand(b!) else { return Owned(retaining: notImplemented) }
        if m! == none { return try DecimalType.power(x.ref, y.ref, nil, try CurrentContext.get()) }
        guard let z = try DecimalConversion.operand(m!) else { return Owned(retaining: notImplemented) }
        return try DecimalType.power(x.ref, y.ref, z.ref, try CurrentContext.get())
      }
    }
    n.pointee.nb_negative = { r in
      do throws(PyError) {
        switch FastArithmetic.negate(DecimalView(r!), try CurrentContext.get()) {
        case .made(let made): return made
        case .failed: return nil
        case .general: break
        }
      } catch { return nil }
      return DecimalType.unary(r!) { Decimal.minus($0, &$1) }
    }
    n.pointee.nb_positive = { DecimalType.unary($0!) { Decimal.plus($0, &$1) } }
    n.pointee.nb_absolute = { DecimalType.unary($0!) { Decimal.abs($0, &$1) } }
    n.pointee.nb_bool = { r in r!.decimal.pointee.kind != 0 || r!.decimal.pointee.count > 0 ? 1 : 0 }
    n.pointee.nb_int = { r in
      bridge { () throws(PyError) in try DecimalConversion.int(DecimalType.value(r!), .down) }
    }
    n.pointee.nb_float = { r in bridge { () throws(PyError) in try DecimalType.float(r!) } }
  }
  static func divmod(_ a: Ref, _ b: Ref, _ context: Ref) throws(PyError) -> Owned {
    var c = context.context.settings
    let (q, r) = Decimal.divideWithRemainder(value(a), value(b), &c)
    try CurrentContext.note(c.status, context)
    let x = try make(q), y = try make(r)
    return try tuple(x.ref, y.ref)
  }
  static func power(_ a: Ref, _ b: Ref, _ m: Ref?, _ context: Ref) throws(PyError) -> Owned {
    var c = context.context.settings
    let r =
      m == nil
      ? Decimal.power(value(a), value(b), &c) : Decimal.power(value(a), value(b), modulo: value(m!), &c)
    try CurrentContext.note(c.status, context)
    return try make(r)
  }
  static func float(_ r: Ref) throws(PyError) -> Owned {
    let d = value(r)
    if d.isNaN {
      if d.kind == .signaling { throw valueError("cannot convert signaling NaN to float") }
      return try owned(PyFloat_FromDouble(d.negative ? -Double.nan : Double.nan))
    }
    let text = try string(String(decoding: d.text(), as: UTF8.self))
    return try owned(PyFloat_FromString(text.ref))
  }

  // MARK: comparison

  private static func compare(_ a: Ref, _ b: Ref, _ op: Int32) throws(PyError) -> Owned {
    if b.type == type, a.type == type, let o = FastArithmetic.compare(DecimalView(a), DecimalView(b)) {
      return bool(holds(o, op))
    }
    return try general(a, b, op)
  }
  @inline(__always) private static func holds(_ o: Int, _ op: Int32) -> Bool {
    switch op {
    case Py_LT: return o < 0
    case Py_LE: return o <= 0
    case Py_EQ: return o == 0
    case Py_NE: return o != 0
    case Py_GT: return o > 0
    default: return o >= 0
    }
  }
  private static func general(_ a: Ref, _ b: Ref, _ op: Int32) throws(PyError) -> Owned {
    let context = try CurrentContext.get()
    let isEquality = op == Py_EQ || op == Py_NE
    var x = value(a)
    let y: Decimal
    if isDecimal(b) {
      y = value(b)
    } else if b.isLong {
      y = DecimalConversion.decimal(int: b)
    } else if b.isInstance(of: Types.float) {
      if isEquality {
        context.context.status.pointee |= Conditions.floatOperation.rawValue
      } else {
        try CurrentContext.note(.floatOperation, context)
      }
      y = DecimalConversion.decimal(float: PyFloat_AsDouble(b))
    } else if b.isInstance(of: Types.complex), isEquality {
      let c = PyComplex_AsCComplex(b)
      if c.imag != 0 { return bool(op == Py_NE) }
      context.context.status.pointee |= Conditions.floatOperation.rawValue
      y = DecimalConversion.decimal(float: c.real)
    } else if try check(PyObject_IsInstance(b, DecimalState[.rational])) != 0 {
      let top = try owned(PyObject_GetAttrString(b, "numerator"))
      let bottom = try owned(PyObject_GetAttrString(b, "denominator"))
      guard top.ref.isLong, bottom.ref.isLong else { return Owned(retaining: notImplemented) }
      y = DecimalConversion.decimal(int: top.ref)
      if x.kind == .finite {
        x = Decimal(
          x.coefficient * DecimalConversion.natural(bottom.ref).0, exponent: x.exponent, negative: x.negative)
      }
    } else {
      return Owned(retaining: notImplemented)
    }
    if x.isNaN || y.isNaN {
      // Only an equality with quiet NaNs is silent.
      if !isEquality || x.kind == .signaling || y.kind == .signaling {
        try CurrentContext.note(.invalidOperation, context)
      }
      return bool(op == Py_NE)
    }
    return bool(holds(Decimal.order(x, y), op))
  }

  // MARK: hash

  private static let modulus: UInt64 = (1 << 61) - 1
  private static func multiplied(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (high, low) = a.multipliedFullWidth(by: b)
    return modulus.dividingFullWidth((high, low)).remainder
  }
  private static func power(_ base: UInt64, _ k: Int) -> UInt64 {
    var result: UInt64 = 1, base = base, k = k
    while k > 0 {
      if k & 1 != 0 { result = multiplied(result, base) }
      base = multiplied(base, base)
      k >>= 1
    }
    return result
  }
  static func hash(_ r: Ref) throws(PyError) -> Int {
    let d = r.decimal
    if d.pointee.hash != -1 { return d.pointee.hash }
    switch Decimal.Kind(rawValue: d.pointee.kind) {
    case .signaling: throw typeError("Cannot hash a signaling NaN value")
    case .quiet: return PyObject_GenericHash(r)
    case .infinite: return d.pointee.negative ? -314159 : 314159
    default: break
    }
    let e = d.pointee.exponent
    // 10 and its inverse.
    let scale = e >= 0 ? power(10, e) : power(2_075_258_708_292_324_556, 0 &- e)
    var h: UInt64 = 0
    let p = limbs(r)
    var i = Int(d.pointee.count)
    while i > 0 {
      i -= 1
      h = (multiplied(h, limbRadix % modulus) + p[i] % modulus) % modulus
    }
    h = multiplied(h, scale)
    var result = d.pointee.negative ? 0 &- Int(h) : Int(h)
    if result == -1 { result = -2 }
    d.pointee.hash = result
    return result
  }
}
