// The flags and traps of a context as a mapping from signals to bools.

import CGila
import GilaCore
import GilaDecimal
import GilaModuleSupport

enum SignalDict {
  /// The native base of the class SignalDict, which is also a MutableMapping.
  nonisolated(unsafe) static var mixin: TypeRef! = nil

  static func isSignalDict(_ r: Ref) -> Bool { r.isInstance(of: mixin) }
  static func bits(_ r: Ref) throws(PyError) -> UInt32 {
    guard r.cast(SignalDictObject.self).pointee.isValid else { throw valueError("invalid signal dict") }
    return r.signalBits.pointee
  }
  static func make(_ bits: UInt32) throws(PyError) -> Owned {
    let r = try owned(PyObject_CallNoArgs(DecimalState[.signalDict]))
    let d = r.ref.cast(SignalDictObject.self)
    d.pointee.bits = bits
    d.pointee.isValid = true
    return r
  }
  private static func dictionary(_ bits: UInt32) throws(PyError) -> Owned {
    let d = try owned(PyDict_New())
    for (key, c) in Signals.all {
      try check(PyDict_SetItem(d.ref, DecimalState[key], pyBool(bits & c.rawValue != 0)))
    }
    return d
  }

  static func install() {
    if mixin != nil { return }
    let t = newStaticType()
    t.define(
      "decimal.SignalDictMixin", basicSize: MemoryLayout<SignalDictObject>.size + 7 & ~7,
      flags: UInt(Py_TPFLAGS_BASETYPE))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_dealloc = { r in r!.type.pointee.tp_free(r!.raw) }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let bits = try SignalDict.bits(r!)
        var parts: [String] = []
        for (key, c) in Signals.all {
          parts.append("\(try reprText(DecimalState[key])):\(bits & c.rawValue != 0 ? "True" : "False")")
        }
        return try string("{" + parts.joined(separator: ", ") + "}")
      }
    }
    t.pointee.tp_iter = { r in
      bridge { () throws(PyError) in
        _ = try SignalDict.bits(r!)
        return try owned(PyObject_GetIter(DecimalState[.signals]))
      }
    }
    t.mapping.pointee.mp_length = { r in
      bridgeSize { () throws(PyError) in
        _ = try SignalDict.bits(r!)
        return Signals.all.count
      }
    }
    t.mapping.pointee.mp_subscript = { r, key in
      bridge { () throws(PyError) in
        let bits = try SignalDict.bits(r!)
        return bool(bits & (try Signals.bits(key!)) != 0)
      }
    }
    t.mapping.pointee.mp_ass_subscript = { r, key, value in
      bridgeStatus { () throws(PyError) in
        _ = try SignalDict.bits(r!)
        guard let value else { throw valueError("signal keys cannot be deleted") }
        let bit = try Signals.bits(key!)
        if try truth(value) { r!.signalBits.pointee |= bit } else { r!.signalBits.pointee &= ~bit }
      }
    }
    t.pointee.tp_richcompare = { a, b, op in
      bridge { () throws(PyError) in
        let x = try SignalDict.bits(a!)
        guard op == Py_EQ || op == Py_NE else { return Owned(retaining: notImplemented) }
        if SignalDict.isSignalDict(b!) {
          let y = try SignalDict.bits(b!)
          return bool((x == y) == (op == Py_EQ))
        }
        guard b!.isDict else { return Owned(retaining: notImplemented) }
        do throws(PyError) {
          let y = try Signals.bits(dict: b!)
          var mine: UInt32 = 0
          for (_, c) in Signals.all where x & c.rawValue != 0 { mine |= c.rawValue }
          return bool((mine == y) == (op == Py_EQ))
        } catch {
          // A dict with other keys is just different.
          if PyErr_ExceptionMatches(Exc.KeyError.object) == 0 { throw error }
          PyErr_Clear()
          return Owned(retaining: notImplemented)
        }
      }
    }
    var m = MethodTable()
    m.noArguments("copy", "") { r, _ in
      bridge { () throws(PyError) in try SignalDict.dictionary(try SignalDict.bits(r!)) }
    }
    t.pointee.tp_methods = m.build()
    mixin = t
  }
}
