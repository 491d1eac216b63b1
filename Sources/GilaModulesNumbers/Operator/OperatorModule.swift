// The module _operator: operators as functions, and the getters.

import CGila
import GilaCore

enum OperatorModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_operator",
    doc:
      "Operator interface.\n\nThis module exports a set of functions implemented in C corresponding\nto the intrinsic operators of Python.  For example, operator.add(x, y)\nis equivalent to the expression x+y.",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try addType(module!, ItemGetter.type)
        try addType(module!, AttributeGetter.type)
        try addType(module!, MethodCaller.type)
      }
    })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    addNumberFunctions(&m)
    addComparisonFunctions(&m)
    addSequenceFunctions(&m)
    return m.build()
  }

  private static func addSequenceFunctions(_ m: inout MethodTable) {
    m.one("truth", "($module, a, /)", "Return True if a is true, False otherwise.") { _, a in
      let b = PyObject_IsTrue(a)
      return b < 0 ? nil : pyBool(b != 0)
    }
    m.one("not_", "($module, a, /)", "Same as not a.") { _, a in
      let b = PyObject_Not(a)
      return b < 0 ? nil : pyBool(b != 0)
    }
    m.positional("is_", "($module, a, b, /)", "Same as a is b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("is_", n, 2, 2)
        return Owned(retaining: pyBool(args![0] == args![1]))
      }
    }
    m.positional("is_not", "($module, a, b, /)", "Same as a is not b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("is_not", n, 2, 2)
        return Owned(retaining: pyBool(args![0] != args![1]))
      }
    }
    m.positional("concat", "($module, a, b, /)", "Same as a + b, for a and b sequences.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("concat", n, 2, 2)
        return try owned(PySequence_Concat(args![0], args![1]))
      }
    }
    m.positional("iconcat", "($module, a, b, /)", "Same as a += b, for a and b sequences.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("iconcat", n, 2, 2)
        return try owned(PySequence_InPlaceConcat(args![0], args![1]))
      }
    }
    m.positional("contains", "($module, a, b, /)", "Same as b in a (note reversed operands).") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("contains", n, 2, 2)
        return Owned(retaining: pyBool(try check(PySequence_Contains(args![0], args![1])) != 0))
      }
    }
    m.positional(
      "indexOf", "($module, a, b, /)", "Return the first index of b in a."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("indexOf", n, 2, 2)
        return try int(checkSize(PySequence_Index(args![0], args![1])))
      }
    }
    m.positional(
      "countOf", "($module, a, b, /)", "Return the number of items in a which are, or which equal, b."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("countOf", n, 2, 2)
        return try int(checkSize(PySequence_Count(args![0], args![1])))
      }
    }
    m.positional("getitem", "($module, a, b, /)", "Same as a[b].") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("getitem", n, 2, 2)
        return try owned(PyObject_GetItem(args![0], args![1]))
      }
    }
    m.positional("setitem", "($module, a, b, c, /)", "Same as a[b] = c.") { _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("setitem", n, 3, 3)
        try check(PyObject_SetItem(args![0], args![1], args![2]))
      }
    }
    m.positional("delitem", "($module, a, b, /)", "Same as del a[b].") { _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("delitem", n, 2, 2)
        try check(PyObject_DelItem(args![0], args![1]))
      }
    }
    m.positional(
      "length_hint", "($module, obj, default=0, /)",
      "Return an estimate of the number of items in obj.\n\nThis is useful for presizing containers when building from an iterable.\n\nIf the object supports len(), the result will be exact.\nOtherwise, it may over- or under-estimate by an arbitrary amount.\nThe result will be an integer >= 0."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("length_hint", n, 1, 2)
        let fallback = n > 1 ? try sizeValue(args![1]!) : 0
        return try int(checkSize(PyObject_LengthHint(args![0], fallback)))
      }
    }
    m.keywords("call", "($module, obj, /, *args, **kwargs)", "Same as obj(*args, **kwargs).") { _, args, n, names in
      bridge { () throws(PyError) in
        if n < 1 { throw typeError("call expected at least 1 argument, got 0") }
        return try owned(PyObject_Vectorcall(args![0], args! + 1, n - 1, names))
      }
    }
    m.positional(
      "_compare_digest", "($module, a, b, /)",
      "Return \'a == b\'.\n\nThis function uses an approach designed to prevent\ntiming analysis, making it appropriate for cryptography.\n\na and b must both be of the same type: either str (ASCII only),\nor any bytes-like object.\n\nNote: If a and b are of different lengths, or if an error occurs,\na timing attack could theoretically reveal information about the\ntypes and lengths of a and b--but not their values."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("_compare_digest", n, 2, 2)
        return Owned(retaining: pyBool(try compareDigest(args![0]!, args![1]!)))
      }
    }
  }

}

/// Whether two texts or byte strings are equal, in a time that depends on the second one's length only.
private func compareDigest(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
  func same(_ x: UnsafeRawPointer?, _ nx: Int, _ y: UnsafeRawPointer?, _ ny: Int) -> Bool {
    var difference: UInt8 = nx == ny ? 0 : 1
    guard let y, ny > 0 else { return difference == 0 }
    let left = nx == ny ? x ?? y : y
    for i in 0..<ny {
      difference |= left.load(fromByteOffset: i, as: UInt8.self) ^ y.load(fromByteOffset: i, as: UInt8.self)
    }
    return difference == 0
  }
  if a.isUnicode && b.isUnicode {
    if gila_unicode_state(a) & gila_unicode_state(b) & 0x40 == 0 {
      throw typeError("comparing strings with non-ASCII characters is not supported")
    }
    var (na, nb) = (0, 0)
    guard let x = PyUnicode_AsUTF8AndSize(a, &na), let y = PyUnicode_AsUTF8AndSize(b, &nb) else { throw PyError() }
    return same(x, na, y, nb)
  }
  if PyObject_CheckBuffer(a) == 0 && PyObject_CheckBuffer(b) == 0 {
    throw typeError(
      "unsupported operand types(s) or combination of types: '\(typeName(of: a))' and '\(typeName(of: b))'")
  }
  let x = try Buffer(a)
  let y = try Buffer(b)
  if x.view.ndim > 1 || y.view.ndim > 1 { throw raise(Exc.BufferError, "Buffer must be single dimension") }
  return same(x.view.buf, x.view.len, y.view.buf, y.view.len)
}
