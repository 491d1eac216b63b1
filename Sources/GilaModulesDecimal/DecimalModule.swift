// The module _decimal.

import CGila
import GilaCore
import GilaDecimal
import GilaModuleSupport

/// Hands `_decimal` to the import system.
public func registerDecimalModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("_decimal") { PyModuleDef_Init(DecimalModule.definition) }
}

enum DecimalModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_decimal", doc: "Decimal floating-point arithmetic in native code.", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try DecimalModule.fill(module!) } })
  private static let localSignature = Signature(
    "function",
    "(ctx=None, *, prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)")

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("getcontext", "($module, /)", "The context of this thread or task.") { _, _ in
      bridge { () throws(PyError) in Owned(retaining: try CurrentContext.get()) }
    }
    m.one("setcontext", "($module, context, /)", "Make a context the current one.") { _, c in
      bridgeNone { () throws(PyError) in try CurrentContext.set(c!) }
    }
    m.keywords(
      "localcontext", "($module, /, ctx=None, **kwargs)",
      "A context manager that makes a copy of a context the current one, with settings changed."
    ) { _, a, n, k in
      bridge { () throws(PyError) in
        let b = try DecimalModule.localSignature.bind(a, n, k)
        let global = Owned(retaining: try CurrentContext.get())
        let local = try ContextType.copy(try CurrentContext.argument(b[0]))
        for (i, name) in ContextType.settingNames.enumerated() {
          if let v = b[i + 1], v != none { try ContextType.set(local.ref, name, v) }
        }
        return try ContextManager.make(local.ref, global.ref)
      }
    }
    return m.build()
  }

  private static func exception(
    _ key: DecimalStateObject, _ name: StaticString, _ bases: Ref...
  ) throws(PyError) -> Ref {
    if DecimalState[key] != none { return DecimalState[key] }
    let t = try owned(PyTuple_New(bases.count))
    for (i, b) in bases.enumerated() { gila_tuple_items(t.ref)[i] = newRef(b) }
    let made = try owned(PyErr_NewException("decimal.\(name)", t.ref, nil))
    try DecimalState.objects.set(key, made.ref)
    return made.ref
  }
  private static func exceptions(_ module: Ref) throws(PyError) {
    let base = try exception(.exception, "DecimalException", Exc.ArithmeticError.object)
    let invalid = try exception(.invalidOperation, "InvalidOperation", base)
    let zero = try exception(.divisionByZero, "DivisionByZero", base, Exc.ZeroDivisionError.object)
    let float = try exception(.floatOperation, "FloatOperation", base, Exc.TypeError.object)
    let clamped = try exception(.clamped, "Clamped", base)
    let rounded = try exception(.rounded, "Rounded", base)
    let inexact = try exception(.inexact, "Inexact", base)
    let subnormal = try exception(.subnormal, "Subnormal", base)
    let overflow = try exception(.overflow, "Overflow", inexact, rounded)
    let underflow = try exception(.underflow, "Underflow", inexact, rounded, subnormal)
    let syntax = try exception(.conversionSyntax, "ConversionSyntax", invalid)
    let impossible = try exception(.divisionImpossible, "DivisionImpossible", invalid)
    let undefined = try exception(
      .divisionUndefined, "DivisionUndefined", invalid, Exc.ZeroDivisionError.object)
    let context = try exception(.invalidContext, "InvalidContext", invalid)
    let all: [(StaticString, Ref)] = [
      ("DecimalException", base), ("InvalidOperation", invalid), ("DivisionByZero", zero), ("FloatOperation", float),
      ("Clamped", clamped), ("Rounded", rounded), ("Inexact", inexact), ("Subnormal", subnormal),
      ("Overflow", overflow), ("Underflow", underflow), ("ConversionSyntax", syntax),
      ("DivisionImpossible", impossible), ("DivisionUndefined", undefined), ("InvalidContext", context),
    ]
    for (name, r) in all { try add(module, name, r) }
    let signals = try owned(PyTuple_New(Signals.all.count))
    for (i, entry) in Signals.all.enumerated() { gila_tuple_items(signals.ref)[i] = newRef(DecimalState[entry.0]) }
    try DecimalState.objects.set(.signals, signals.ref)
  }

  private static func fill(_ module: Ref) throws(PyError) {
    try DecimalState.objects.prepare()
    DecimalType.install()
    SignalDict.install()
    ContextType.install()
    for t in [SignalDict.mixin, ContextManager.type] { try check(PyType_Ready(t)) }
    try addType(module, "Decimal", DecimalType.type)
    try addType(module, "Context", ContextType.type)
    try exceptions(module)

    let numbers = try owned(PyImport_ImportModule("numbers"))
    let rational = try owned(PyObject_GetAttrString(numbers.ref, "Rational"))
    try DecimalState.objects.set(.rational, rational.ref)
    let number = try owned(PyObject_GetAttrString(numbers.ref, "Number"))
    let register = try owned(PyObject_GetAttrString(number.ref, "register"))
    let done = try owned(PyObject_CallOneArg(register.ref, DecimalType.type.object))
    _ = done.ref

    if DecimalState[.signalDict] == none {
      let abc = try owned(PyImport_ImportModule("collections.abc"))
      let mapping = try owned(PyObject_GetAttrString(abc.ref, "MutableMapping"))
      let bases = try tuple(SignalDict.mixin.object, mapping.ref)
      let name = try string("SignalDict"), members = try owned(PyDict_New())
      let made = try call(Types.type.object, name.ref, bases.ref, members.ref)
      try DecimalState.objects.set(.signalDict, made.ref)
    }
    if DecimalState[.decimalTuple] == none {
      let collections = try owned(PyImport_ImportModule("collections"))
      let factory = try owned(PyObject_GetAttrString(collections.ref, "namedtuple"))
      let tupleName = try string("DecimalTuple"), fields = try string("sign digits exponent")
      let decimalTuple = try call(factory.ref, tupleName.ref, fields.ref)
      let home = try string("decimal")
      try check(PyObject_SetAttrString(decimalTuple.ref, "__module__", home.ref))
      try DecimalState.objects.set(.decimalTuple, decimalTuple.ref)
    }
    try add(module, "DecimalTuple", DecimalState[.decimalTuple])

    try contexts(module)
    try add(module, "MAX_PREC", int: DecimalContext.maxPrecision)
    try add(module, "MAX_EMAX", int: DecimalContext.maxExponent)
    try add(module, "MIN_EMIN", int: DecimalContext.minExponent)
    try add(module, "MIN_ETINY", int: DecimalContext.minTiny)
    try add(module, "HAVE_CONTEXTVAR", pyTrue)
    try add(module, "HAVE_THREADS", pyTrue)
    for (i, name) in ContextType.roundingNames.enumerated() {
      try check(PyModule_AddObjectRef(module, name, ContextType.roundingName(UInt8(i))))
    }
    try addText(module, "__version__", "1.70")
    try addText(module, "__libmpdec_version__", "2.5.1")
  }
  private static func contexts(_ module: Ref) throws(PyError) {
    if DecimalState[.contextVariable] == none {
      let variable = try owned(PyContextVar_New("decimal_context", nil))
      try DecimalState.objects.set(.contextVariable, variable.ref)
      let standard = try ContextType.make(ContextType.type, like: nil)
      try DecimalState.objects.set(.defaultContext, standard.ref)
      let basic = try ContextType.copy(standard.ref)
      let b = basic.ref.context
      b.pointee.precision = 9
      b.pointee.rounding = Rounding.halfUp.rawValue
      b.trapped.pointee |= Conditions([.underflow, .clamped]).rawValue
      try DecimalState.objects.set(.basicContext, basic.ref)
      let extended = try ContextType.copy(standard.ref)
      extended.ref.context.pointee.precision = 9
      extended.ref.context.trapped.pointee = 0
      try DecimalState.objects.set(.extendedContext, extended.ref)
    }
    try add(module, "DefaultContext", DecimalState[.defaultContext])
    try add(module, "BasicContext", DecimalState[.basicContext])
    try add(module, "ExtendedContext", DecimalState[.extendedContext])
  }
}
