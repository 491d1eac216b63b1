// complex(...): from numbers, from objects with __complex__, from text.

import CGila
import GilaAlgorithms
import GilaCore

enum ComplexConstruction {
  private static let signature = Signature("complex", "(real=0, imag=0)")

  static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    if type == Types.complex, kwargs == nil, let args, args.size == 2 {
      // Two plain floats or ints, as a rule.
      let items = gila_tuple_items(args)
      if let real = plain(items[0].unsafelyUnwrapped), let imag = plain(items[1].unsafelyUnwrapped) {
        return try owned(newComplex(Py_complex(real: real, imag: imag)))
      }
    }
    let bound = try signature.bind(tuple: args, dict: kwargs)
    let imag = bound[1]
    guard let real = bound[0] ?? (imag == nil ? nil : gila_small_int(0)) else {
      return try make(type, Py_complex(real: 0, imag: 0))
    }
    if imag == nil && real.isExactly(Types.complex) && type == Types.complex { return Owned(retaining: real) }
    if real.isUnicode {
      if imag != nil { throw typeError("complex() can't take second arg if first is a string") }
      return try fromText(type, real)
    }
    if let imag, imag.isUnicode { throw typeError("complex() second arg can't be a string") }

    // real may itself be complex, and so may imag: real + imag * 1j.
    let converted = special(real)
    if converted == nil && errorIsSet { throw PyError() }
    let first = Owned(taking: converted ?? newRef(real))
    if !isNumber(first.ref) {
      throw typeError("complex() first argument must be a string or a number, not '\(typeName(of: real))'")
    }
    if let imag, !isNumber(imag) {
      throw typeError("complex() second argument must be a number, not '\(typeName(of: imag))'")
    }
    var value = Py_complex(real: 0, imag: 0)
    let firstIsComplex = first.ref.isComplex
    if firstIsComplex {
      value = first.ref.complexField
    } else {
      let f = try owned(PyNumber_Float(first.ref))
      value.real = f.ref.doubleField
    }
    guard let imag else { return try make(type, value) }
    var second = Py_complex(real: 0, imag: 0)
    if imag.isComplex {
      second = imag.complexField
      value.real -= second.imag
    } else {
      let f = try owned(PyNumber_Float(imag))
      second.real = f.ref.doubleField
    }
    if firstIsComplex { second.real += value.imag }
    value.imag = second.real
    return try make(type, value)
  }

  /// The value of an exact float, or of an int of one digit.
  @inline(__always) private static func plain(_ r: Ref) -> Double? {
    if r.isExactly(Types.float) { return r.doubleField }
    guard r.isExactly(Types.long), r.digitCount <= 1 else { return nil }
    let magnitude = r.digitCount == 0 ? 0 : Double(r.digits[0])
    return r.isNegativeInt ? -magnitude : magnitude
  }
  private static func isNumber(_ r: Ref) -> Bool {
    guard let n = r.type.pointee.tp_as_number else { return false }
    return n.pointee.nb_float != nil || n.pointee.nb_index != nil || r.isComplex
  }

  private static func make(_ type: TypeRef, _ v: Py_complex) throws(PyError) -> Owned {
    if type == Types.complex { return try owned(newComplex(v)) }
    let r = try owned(type.pointee.tp_alloc!(type, 0))
    r.ref.raw.storeBytes(of: v, toByteOffset: 16, as: Py_complex.self)
    return r
  }

  /// The result of `__complex__` (new reference); nil when there is none, or with an exception set.
  static func special(_ r: Ref) -> Ref? {
    if r.isExactly(Types.complex) { return newRef(r) }
    guard let method = _PyObject_LookupSpecial(r, gila_intern("__complex__")) else { return nil }
    defer { decref(method) }
    guard let result = PyObject_CallNoArgs(method) else { return nil }
    if result.isExactly(Types.complex) { return result }
    if !result.isComplex {
      _ = typeError("\(typeName(of: r)).__complex__() returned non-complex (type \(typeName(of: result)))")
      decref(result)
      return nil
    }
    let text =
      "\(typeName(of: r)).__complex__() returned non-complex (type \(typeName(of: result))).  The ability to return an instance of a strict subclass of complex is deprecated, and may not be supported in a future version of Python."
    if PyErr_WarnEx(Exc.DeprecationWarning.object, text, 1) < 0 {
      decref(result)
      return nil
    }
    return result
  }

  // MARK: text

  private static func fromText(_ type: TypeRef, _ s: Ref) throws(PyError) -> Owned {
    var value: Py_complex? = nil
    var badUnderscores = false
    withASCIIDigits(s) { text, count in
      var plain: [UInt8] = []
      plain.reserveCapacity(count)
      for i in 0..<count {
        if text[i] != 95 {
          plain.append(text[i])
        } else {
          func isDigit(_ c: UInt8) -> Bool { c >= 48 && c <= 57 }
          if i == 0 || i + 1 >= count || !isDigit(text[i - 1]) || !isDigit(text[i + 1]) { badUnderscores = true }
        }
      }
      if !badUnderscores { value = plain.withUnsafeBufferPointer { parse($0) } }
    }
    if badUnderscores { throw valueError("could not convert string to complex: \(try reprText(s))") }
    guard let value else { throw valueError("complex() arg is a malformed string") }
    return try make(type, value)
  }

  /// Blanks, perhaps in parentheses: a number, a number with j, or both.
  private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Py_complex? {
    var i = 0
    let n = text.count
    func at(_ k: Int) -> UInt8 { k < n ? text[k] : 0 }
    func skipBlanks() { while i < n && (text[i] == 32 || (text[i] >= 9 && text[i] <= 13)) { i += 1 } }
    func number() -> Double? {
      guard i < n, let base = text.baseAddress else { return nil }
      let r = FloatParse.parse(base + i, n - i)
      if r.length == 0 { return nil }
      i += r.length
      return r.value
    }
    skipBlanks()
    let parenthesis = at(i) == UInt8(ascii: "(")
    if parenthesis {
      i += 1
      skipBlanks()
    }
    var v = Py_complex(real: 0, imag: 0)
    let plus = UInt8(ascii: "+")
    let minus = UInt8(ascii: "-")
    func unit() -> Double {
      i += 1
      return text[i - 1] == plus ? 1 : -1
    }
    if let first = number() {
      if at(i) == plus || at(i) == minus {
        v.real = first
        v.imag = number() ?? unit()
        if at(i) | 0x20 != UInt8(ascii: "j") { return nil }
        i += 1
      } else if at(i) | 0x20 == UInt8(ascii: "j") {
        i += 1
        v.imag = first
      } else {
        v.real = first
      }
    } else {
      v.imag = at(i) == plus || at(i) == minus ? unit() : 1
      if at(i) | 0x20 != UInt8(ascii: "j") { return nil }
      i += 1
    }
    skipBlanks()
    if parenthesis {
      if at(i) != UInt8(ascii: ")") { return nil }
      i += 1
      skipBlanks()
    }
    return i == n ? v : nil
  }
}
