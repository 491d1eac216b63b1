// The type decimal.Context.

import CGila
import GilaCore
import GilaDecimal
import GilaModuleSupport

enum ContextType {
  nonisolated(unsafe) static var type: TypeRef! = nil
  /// In the order of `Rounding`.
  static let roundingNames = [
    "ROUND_UP", "ROUND_DOWN", "ROUND_CEILING", "ROUND_FLOOR", "ROUND_HALF_UP", "ROUND_HALF_DOWN", "ROUND_HALF_EVEN",
    "ROUND_05UP",
  ]
  static func roundingName(_ r: UInt8) -> Ref { gila_intern(roundingNames[Int(r) % roundingNames.count])! }
  private static let initSignature = Signature(
    "function", "(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)")

  static func isContext(_ r: Ref) -> Bool { r.type == type || PyType_IsSubtype(r.type, type) != 0 }

  /// A context with the settings of another one, or with the defaults.
  static func make(_ type: TypeRef, like model: Ref?) throws(PyError) -> Owned {
    let r = try owned(type.pointee.tp_alloc(type, 0))
    let c = r.ref.context
    let defaults = DecimalContext()
    c.pointee.precision = model?.context.pointee.precision ?? defaults.precision
    c.pointee.maximum = model?.context.pointee.maximum ?? defaults.maximum
    c.pointee.minimum = model?.context.pointee.minimum ?? defaults.minimum
    c.pointee.rounding = model?.context.pointee.rounding ?? defaults.rounding.rawValue
    c.pointee.clamp = model?.context.pointee.clamp ?? false
    c.pointee.capitals = model?.context.pointee.capitals ?? true
    let standard: Conditions = [.invalid, .divisionByZero, .overflow]
    c.pointee.flags = try SignalDict.make(model?.context.status.pointee ?? 0).take()
    c.pointee.traps = try SignalDict.make(model?.context.trapped.pointee ?? standard.rawValue).take()
    return r
  }
  static func copy(_ r: Ref) throws(PyError) -> Owned { try make(type, like: r) }

  // MARK: settings

  private static func size(_ v: Ref) throws(PyError) -> Int {
    guard v.isLong else { throw typeError("an integer is required") }
    let n = PyLong_AsSsize_t(v)
    if n == -1, errorIsSet { throw PyError() }
    return n
  }
  static func set(_ r: Ref, _ name: StaticString, _ v: Ref) throws(PyError) {
    let c = r.context
    switch name.description {
    case "prec":
      let n = try size(v)
      guard n >= 1, n <= DecimalContext.maxPrecision else { throw valueError("valid range for prec is [1, MAX_PREC]") }
      c.pointee.precision = n
    case "Emax":
      let n = try size(v)
      guard n >= 0, n <= DecimalContext.maxExponent else { throw valueError("valid range for Emax is [0, MAX_EMAX]") }
      c.pointee.maximum = n
    case "Emin":
      let n = try size(v)
      guard n <= 0, n >= DecimalContext.minExponent else { throw valueError("valid range for Emin is [MIN_EMIN, 0]") }
      c.pointee.minimum = n
    case "capitals":
      let n = try size(v)
      guard n == 0 || n == 1 else { throw valueError("valid values for capitals are 0 or 1") }
      c.pointee.capitals = n == 1
    case "clamp":
      let n = try size(v)
      guard n == 0 || n == 1 else { throw valueError("valid values for clamp are 0 or 1") }
      c.pointee.clamp = n == 1
    case "rounding": c.pointee.rounding = try DecimalMethods.rounding(v).rawValue
    case "flags": c.status.pointee = v.isList ? try Signals.bits(list: v) : try Signals.bits(dict: v)
    default: c.trapped.pointee = v.isList ? try Signals.bits(list: v) : try Signals.bits(dict: v)
    }
  }
  static let settingNames: [StaticString] = [
    "prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps",
  ]
  private static func assign(_ r: Ref, _ name: StaticString, _ v: Ref?) -> Int32 {
    bridgeStatus { () throws(PyError) in
      guard let v else { throw raise(Exc.AttributeError, "context attributes cannot be deleted") }
      if name.description == "flags" || name.description == "traps", v.isList {
        throw typeError("argument must be a signal dict")
      }
      try set(r, name, v)
    }
  }

  static func install() {
    if type != nil { return }
    let t = newStaticType()
    t.define(
      "decimal.Context", basicSize: MemoryLayout<ContextObject>.size, flags: UInt(Py_TPFLAGS_BASETYPE),
      doc:
        "Context(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)\n--\n\nThe settings of arithmetic: precision, exponent limits, rounding, and which signals raise. What is not given is taken from DefaultContext.\n\n    >>> Context(prec=5).divide(Decimal(2), Decimal(3))\n    Decimal('0.66667')"
    )
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_new = { type, _, _ in
      bridge { () throws(PyError) in
        let template = DecimalState[.defaultContext]
        let r = try ContextType.make(type!, like: template == none ? nil : template)
        r.ref.context.status.pointee = 0
        return r
      }
    }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        if args!.size > 8 { throw typeError("function takes at most 8 arguments (\(args!.size) given)") }
        let b = try ContextType.initSignature.bind(tuple: args, dict: kwargs)
        for (i, name) in ContextType.settingNames.enumerated() {
          if let v = b[i], v != none { try ContextType.set(r!, name, v) }
        }
      }
    }
    t.pointee.tp_dealloc = { r in
      xdecref(r!.context.pointee.flags)
      xdecref(r!.context.pointee.traps)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_repr = { r in bridge { () throws(PyError) in try ContextType.repr(r!) } }
    t.pointee.tp_getset = attributes()
    t.pointee.tp_methods = ContextMethods.table()
    type = t
    ContextManager.install()
  }

  /// Names of signals by their bits, as the repr of a context lists them.
  private static let names: [(Conditions, String)] = [
    (.clamped, "Clamped"), (.invalid, "InvalidOperation"), (.divisionByZero, "DivisionByZero"),
    (.inexact, "Inexact"), (.floatOperation, "FloatOperation"), (.overflow, "Overflow"), (.rounded, "Rounded"),
    (.subnormal, "Subnormal"), (.underflow, "Underflow"),
  ]
  private static func repr(_ r: Ref) throws(PyError) -> Owned {
    let c = r.context
    func list(_ bits: UInt32) -> String {
      names.filter { $0.0.rawValue & bits != 0 }.map { $0.1 }.joined(separator: ", ")
    }
    return try string(
      "Context(prec=\(c.pointee.precision), rounding=\(roundingNames[Int(c.pointee.rounding) % 8]), Emin=\(c.pointee.minimum), Emax=\(c.pointee.maximum), capitals=\(c.pointee.capitals ? 1 : 0), clamp=\(c.pointee.clamp ? 1 : 0), flags=[\(list(c.status.pointee))], traps=[\(list(c.trapped.pointee))])"
    )
  }
  static func reduce(_ r: Ref) throws(PyError) -> Owned {
    let c = r.context
    let p = try int(c.pointee.precision), low = try int(c.pointee.minimum), high = try int(c.pointee.maximum)
    let capitals = try int(c.pointee.capitals ? 1 : 0), clamp = try int(c.pointee.clamp ? 1 : 0)
    let flags = try Signals.names(c.status.pointee), traps = try Signals.names(c.trapped.pointee)
    let args = try tuple(
      p.ref, roundingName(c.pointee.rounding), low.ref, high.ref, capitals.ref, clamp.ref, flags.ref, traps.ref)
    return try tuple(r.type.object, args.ref)
  }

  private static func attributes() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add(
      "prec", get: { r, _ in PyLong_FromSsize_t(r!.context.pointee.precision) },
      set: { r, v, _ in ContextType.assign(r!, "prec", v) })
    g.add(
      "Emax", get: { r, _ in PyLong_FromSsize_t(r!.context.pointee.maximum) },
      set: { r, v, _ in ContextType.assign(r!, "Emax", v) })
    g.add(
      "Emin", get: { r, _ in PyLong_FromSsize_t(r!.context.pointee.minimum) },
      set: { r, v, _ in ContextType.assign(r!, "Emin", v) })
    g.add(
      "rounding", get: { r, _ in newRef(ContextType.roundingName(r!.context.pointee.rounding)) },
      set: { r, v, _ in ContextType.assign(r!, "rounding", v) })
    g.add(
      "capitals", get: { r, _ in PyLong_FromLong(r!.context.pointee.capitals ? 1 : 0) },
      set: { r, v, _ in ContextType.assign(r!, "capitals", v) })
    g.add(
      "clamp", get: { r, _ in PyLong_FromLong(r!.context.pointee.clamp ? 1 : 0) },
      set: { r, v, _ in ContextType.assign(r!, "clamp", v) })
    g.add(
      "flags", get: { r, _ in newRef(r!.context.pointee.flags ?? none) },
      set: { r, v, _ in ContextType.assign(r!, "flags", v) })
    g.add(
      "traps", get: { r, _ in newRef(r!.context.pointee.traps ?? none) },
      set: { r, v, _ in ContextType.assign(r!, "traps", v) })
    return g.build()
  }
}

/// What localcontext() gives: words 0 the local context, 1 the one to come back to.
enum ContextManager {
  nonisolated(unsafe) static var type: TypeRef! = nil

  static func make(_ local: Ref, _ global: Ref) throws(PyError) -> Owned {
    let r = try owned(PyType_GenericAlloc(type, 0))
    r.ref.word(0).pointee = newRef(local)
    r.ref.word(1).pointee = newRef(global)
    return r
  }
  static func install() {
    let t = newStaticType()
    t.define(
      "decimal.ContextManager", basicSize: 32,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_dealloc = { r in Words.deallocate(r!, 0..<2) }
    t.pointee.tp_traverse = { r, f, c in Words.traverse(r!, 0..<2, f, c) }
    t.pointee.tp_clear = { r in Words.clear(r!, 0..<2) }
    var m = MethodTable()
    m.noArguments("__enter__") { r, _ in
      bridge { () throws(PyError) in
        guard let local = r!.word(0).pointee else { throw runtimeError("context manager was cleared") }
        try CurrentContext.set(local)
        return Owned(retaining: local)
      }
    }
    m.positional("__exit__") { r, _, _ in
      bridge { () throws(PyError) in
        guard let global = r!.word(1).pointee else { throw runtimeError("context manager was cleared") }
        try CurrentContext.set(global)
        return bool(false)
      }
    }
    t.pointee.tp_methods = m.build()
    type = t
  }
}
