// decimal.Context in memory, the signals it reports, and the current context.

import CGila
import GilaCore
import GilaDecimal
import GilaModuleSupport

struct ContextObject {
  var ob_base: PyObject
  var precision: Int
  var maximum: Int
  var minimum: Int
  var rounding: UInt8
  var clamp: Bool
  var capitals: Bool
  /// SignalDict objects: they hold the bits.
  var flags: Ref?
  var traps: Ref?
}
typealias ContextRef = UnsafeMutablePointer<ContextObject>

struct SignalDictObject {
  var ob_base: PyObject
  var bits: UInt32
  var isValid: Bool
}

extension UnsafeMutablePointer where Pointee == PyObject {
  @inline(__always) var context: ContextRef { cast(ContextObject.self) }
  @inline(__always) var signalBits: UnsafeMutablePointer<UInt32> {
    (raw + 16).assumingMemoryBound(to: UInt32.self)
  }
}
extension UnsafeMutablePointer where Pointee == ContextObject {
  @inline(__always) var status: UnsafeMutablePointer<UInt32> { pointee.flags.unsafelyUnwrapped.signalBits }
  @inline(__always) var trapped: UnsafeMutablePointer<UInt32> { pointee.traps.unsafelyUnwrapped.signalBits }
  /// The settings, without conditions.
  var settings: DecimalContext {
    var c = DecimalContext()
    c.precision = pointee.precision
    c.maximum = pointee.maximum
    c.minimum = pointee.minimum
    c.rounding = Rounding(rawValue: pointee.rounding) ?? .halfEven
    c.clamp = pointee.clamp
    return c
  }
}

enum Signals {
  /// Signals in order, with their bits.
  static let all: [(DecimalStateObject, Conditions)] = [
    (.invalidOperation, .invalid), (.floatOperation, .floatOperation), (.divisionByZero, .divisionByZero),
    (.overflow, .overflow), (.underflow, .underflow), (.subnormal, .subnormal), (.inexact, .inexact),
    (.rounded, .rounded), (.clamped, .clamped),
  ]
  static let conditions: [(DecimalStateObject, Conditions)] = [
    (.invalidOperation, .invalidOperation), (.conversionSyntax, .conversionSyntax),
    (.divisionImpossible, .divisionImpossible), (.divisionUndefined, .divisionUndefined),
    (.invalidContext, .invalidContext),
  ]
  static func list(_ bits: UInt32) throws(PyError) -> Owned {
    let list = try owned(PyList_New(0))
    for (key, c) in conditions + all.dropFirst() where c.rawValue & bits != 0 {
      try check(PyList_Append(list.ref, DecimalState[key]))
    }
    return list
  }
  /// The signals alone, as pickles and copies of contexts list them.
  static func names(_ bits: UInt32) throws(PyError) -> Owned {
    let list = try owned(PyList_New(0))
    for (key, c) in all where c.rawValue & bits != 0 { try check(PyList_Append(list.ref, DecimalState[key])) }
    return list
  }
  @inline(never) static func raise(_ bits: UInt32) -> PyError {
    if bits & Conditions.memory.rawValue != 0 { return memoryError() }
    do throws(PyError) {
      let list = try list(bits)
      for (key, c) in all where c.rawValue & bits != 0 {
        PyErr_SetObject(DecimalState[key], list.ref)
        return PyError()
      }
    } catch {}
    return PyError()
  }
  static let message =
    "valid values for signals are:\n  [InvalidOperation, FloatOperation, DivisionByZero,\n   Overflow, Underflow, Subnormal, Inexact, Rounded,\n   Clamped]"
  /// The bits of a signal given as exception class.
  static func bits(_ key: Ref) throws(PyError) -> UInt32 {
    for (signal, c) in all where DecimalState[signal] == key { return c.rawValue }
    throw GilaCore.raise(Exc.KeyError, message)
  }
  static func bits(list: Ref) throws(PyError) -> UInt32 {
    var bits: UInt32 = 0
    for i in 0..<PyList_Size(list) {
      let key = PyList_GetItem(list, i)!
      var found: UInt32? = nil
      for (signal, c) in all + conditions.dropFirst() where DecimalState[signal] == key {
        found = found ?? c.rawValue
      }
      guard let found else { throw GilaCore.raise(Exc.KeyError, message) }
      bits |= found
    }
    return bits
  }
  static func bits(dict value: Ref) throws(PyError) -> UInt32 {
    if SignalDict.isSignalDict(value) { return try SignalDict.bits(value) }
    if !value.isDict { throw typeError("argument must be a signal dict") }
    if PyDict_Size(value) != all.count { throw GilaCore.raise(Exc.KeyError, "invalid signal dict") }
    var result: UInt32 = 0
    var position = 0
    var key: Ref? = nil, item: Ref? = nil
    while PyDict_Next(value, &position, &key, &item) != 0 {
      let b = try bits(key!)
      let held = Owned(retaining: item!)
      if try truth(held.ref) { result |= b }
    }
    return result
  }
}

enum CurrentContext {
  /// The context found last, valid for one thread state as long as that neither enters nor leaves a context of variables
  /// and nobody sets the decimal context, which only `set` does.
  nonisolated(unsafe) private static var cached: (thread: UInt64, version: UInt64, context: Ref?) = (0, 0, nil)

  /// The current context (borrowed: the context variable holds it).
  @inline(__always) static func get() throws(PyError) -> Ref {
    let ts = currentThread
    if cached.thread == ts.pointee.id, cached.version == ts.pointee.context_ver, let c = cached.context { return c }
    return try find()
  }
  @inline(never) private static func find() throws(PyError) -> Ref {
    var found: Ref? = nil
    let variable = DecimalState[.contextVariable]
    try check(PyContextVar_Get(variable, nil, &found))
    if found == nil {
      let made = try ContextType.copy(DecimalState[.defaultContext])
      made.ref.context.status.pointee = 0
      let token = try owned(PyContextVar_Set(variable, made.ref))
      _ = token.ref
      found = newRef(made.ref)
    }
    let context = Owned(taking: found.unsafelyUnwrapped)
    let ts = currentThread
    cached = (ts.pointee.id, ts.pointee.context_ver, context.ref)
    return context.ref
  }
  static func set(_ given: Ref) throws(PyError) {
    guard ContextType.isContext(given) else { throw typeError("argument must be a context") }
    let isTemplate =
      given == DecimalState[.defaultContext] || given == DecimalState[.basicContext]
      || given == DecimalState[.extendedContext]
    let context = isTemplate ? try ContextType.copy(given) : Owned(retaining: given)
    if isTemplate { context.ref.context.status.pointee = 0 }
    cached.context = nil
    let token = try owned(PyContextVar_Set(DecimalState[.contextVariable], context.ref))
    _ = token.ref
  }
  /// The context of an argument `context`: the current one for None.
  static func argument(_ r: Ref?) throws(PyError) -> Ref {
    guard let r, r != none else { return try get() }
    guard ContextType.isContext(r) else { throw typeError("optional argument must be a context") }
    return r
  }
  /// Notes conditions in a context and raises what it traps.
  @inline(__always) static func note(_ conditions: Conditions, _ context: Ref) throws(PyError) {
    let bits = conditions.rawValue
    if bits == 0 { return }
    let c = context.context
    c.status.pointee |= bits
    let trapped = bits & (c.trapped.pointee | Conditions.memory.rawValue)
    if trapped != 0 { throw Signals.raise(trapped) }
  }
}
