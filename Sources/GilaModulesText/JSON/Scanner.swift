// _json.make_scanner: the decoder of JSON text.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText

struct JSONScannerObject {
  var head: PyObject
  var strict: Ref?
  var objectHook: Ref?
  var objectPairsHook: Ref?
  var parseFloat: Ref?
  var parseInt: Ref?
  var parseConstant: Ref?
  /// Keys seen in this call, so that equal ones are one object.
  var memo: Ref?
  var isStrict: Bool
}

enum JSONTypes {
  nonisolated(unsafe) static let scanner = newStaticType()
  nonisolated(unsafe) static let encoder = newStaticType()
}

extension UnsafeMutablePointer where Pointee == PyObject {
  var jsonScanner: UnsafeMutablePointer<JSONScannerObject> { cast(JSONScannerObject.self) }
}

/// One decoding: the scanner, and the text.
private struct Decoder {
  let scanner: UnsafeMutablePointer<JSONScannerObject>
  let memo: Ref
  let text: Ref
  let chars: CharacterData

  @inline(__always) func skipBlanks(_ i: Int) -> Int {
    var k = i
    while k < chars.count {
      let c = chars[k]
      if c != 32, c != 9, c != 10, c != 13 { break }
      k &+= 1
    }
    return k
  }

  /// StopIteration with the position at which no value begins.
  func noValue(_ i: Int) -> PyError {
    if let n = PyLong_FromSsize_t(i) {
      PyErr_SetObject(Exc.StopIteration.object, n)
      decref(n)
    }
    return PyError()
  }

  func matches(_ literal: StaticString, _ i: Int) -> Bool {
    chars.matches(CharacterData(bytes: literal.utf8Start, count: literal.utf8CodeUnitCount), at: i)
  }

  /// The value that begins at `i`, which moves past it.
  func value(_ i: inout Int) throws(PyError) -> Owned {
    guard i < chars.count else { throw noValue(i) }
    switch chars[i] {
    case 0x22: return try scanString(text, i &+ 1, strict: scanner.pointee.isStrict, &i)
    case 0x7B:
      try check(gila_enter_recursive_call(" while decoding a JSON object from a unicode string"))
      i &+= 1
      return try object(&i)
    case 0x5B:
      try check(gila_enter_recursive_call(" while decoding a JSON array from a unicode string"))
      i &+= 1
      return try array(&i)
    case 0x6E where matches("null", i):
      i &+= 4
      return Owned(taking: none)
    case 0x74 where matches("true", i):
      i &+= 4
      return Owned(taking: pyTrue)
    case 0x66 where matches("false", i):
      i &+= 5
      return Owned(taking: pyFalse)
    case 0x4E where matches("NaN", i): return try constant("NaN", &i)
    case 0x49 where matches("Infinity", i): return try constant("Infinity", &i)
    case 0x2D where matches("-Infinity", i): return try constant("-Infinity", &i)
    default: return try number(&i)
    }
  }

  private func constant(_ name: StaticString, _ i: inout Int) throws(PyError) -> Owned {
    let text = try owned(PyUnicode_InternFromString(cString(name)))
    let result = try owned(PyObject_CallOneArg(scanner.pointee.parseConstant, text.ref))
    i &+= name.utf8CodeUnitCount
    return result
  }

  private func isDigit(_ i: Int) -> Bool { i < chars.count && chars[i] >= 0x30 && chars[i] <= 0x39 }

  private func number(_ i: inout Int) throws(PyError) -> Owned {
    let start = i
    var k = i
    let negative = chars[k] == 0x2D
    if negative { k &+= 1 }
    guard isDigit(k) else { throw noValue(start) }
    let firstDigit = k
    if chars[k] == 0x30 { k &+= 1 } else { while isDigit(k) { k &+= 1 } }
    let integerEnd = k
    var isFloat = false
    if k < chars.count, chars[k] == 0x2E, isDigit(k &+ 1) {
      isFloat = true
      k &+= 1
      while isDigit(k) { k &+= 1 }
    }
    if k < chars.count, chars[k] == 0x65 || chars[k] == 0x45 {
      var e = k &+ 1
      if e < chars.count, chars[e] == 0x2B || chars[e] == 0x2D { e &+= 1 }
      if isDigit(e) {
        isFloat = true
        while isDigit(e) { e &+= 1 }
        k = e
      }
    }
    i = k
    let parser = isFloat ? scanner.pointee.parseFloat : scanner.pointee.parseInt
    if !isFloat, parser == Types.long.object, integerEnd &- firstDigit <= 18 {
      var n = 0
      for d in firstDigit..<integerEnd { n = n &* 10 &+ Int(chars[d] &- 0x30) }
      return try owned(PyLong_FromLong(negative ? 0 &- n : n))
    }
    let part = try owned(substring(text, start, k))
    if isFloat, parser == Types.float.object { return try owned(PyFloat_FromString(part.ref)) }
    if !isFloat, parser == Types.long.object { return try owned(PyLong_FromUnicodeObject(part.ref, 10)) }
    return try owned(PyObject_CallOneArg(parser, part.ref))
  }

  private func object(_ i: inout Int) throws(PyError) -> Owned {
    let hasPairsHook = scanner.pointee.objectPairsHook.map { !$0.isNone } ?? false
    let result = try owned(hasPairsHook ? PyList_New(0) : PyDict_New())
    var k = skipBlanks(i)
    if k >= chars.count || chars[k] != 0x7D {
      while true {
        if k >= chars.count || chars[k] != 0x22 {
          throw decodeError("Expecting property name enclosed in double quotes", text, k)
        }
        let read = try scanString(text, k &+ 1, strict: scanner.pointee.isStrict, &k)
        let key = Owned(retaining: try borrowed(PyDict_SetDefault(memo, read.ref, read.ref)))
        k = skipBlanks(k)
        if k >= chars.count || chars[k] != 0x3A { throw decodeError("Expecting ':' delimiter", text, k) }
        k = skipBlanks(k &+ 1)
        let item = try value(&k)
        if hasPairsHook {
          let pair = try owned(PyTuple_New(2))
          PyTuple_SetItem(pair.ref, 0, key.take())
          PyTuple_SetItem(pair.ref, 1, item.take())
          try check(PyList_Append(result.ref, pair.ref))
        } else {
          try check(PyDict_SetItem(result.ref, key.ref, item.ref))
        }
        k = skipBlanks(k)
        if k < chars.count, chars[k] == 0x7D { break }
        if k >= chars.count || chars[k] != 0x2C { throw decodeError("Expecting ',' delimiter", text, k) }
        let comma = k
        k = skipBlanks(k &+ 1)
        if k < chars.count, chars[k] == 0x7D {
          throw decodeError("Illegal trailing comma before end of object", text, comma)
        }
      }
    }
    i = k &+ 1
    if hasPairsHook { return try owned(PyObject_CallOneArg(scanner.pointee.objectPairsHook, result.ref)) }
    if let hook = scanner.pointee.objectHook, !hook.isNone { return try owned(PyObject_CallOneArg(hook, result.ref)) }
    return result
  }

  private func array(_ i: inout Int) throws(PyError) -> Owned {
    let result = try owned(PyList_New(0))
    var k = skipBlanks(i)
    if k >= chars.count || chars[k] != 0x5D {
      while true {
        let item = try value(&k)
        try check(PyList_Append(result.ref, item.ref))
        k = skipBlanks(k)
        if k < chars.count, chars[k] == 0x5D { break }
        if k >= chars.count || chars[k] != 0x2C { throw decodeError("Expecting ',' delimiter", text, k) }
        let comma = k
        k = skipBlanks(k &+ 1)
        if k < chars.count, chars[k] == 0x5D {
          throw decodeError("Illegal trailing comma before end of array", text, comma)
        }
      }
    }
    if k >= chars.count || chars[k] != 0x5D { throw decodeError("Expecting value", text, chars.count) }
    i = k &+ 1
    return result
  }
}

private let callSignature = Signature("scan_once", "(string, idx)")
private let newSignature = Signature("make_scanner", "(context)")

private func fields(_ r: Ref) -> [UnsafeMutablePointer<Ref?>] {
  let base = r.raw + 16
  return (0..<7).map { (base + $0 &* 8).assumingMemoryBound(to: Ref?.self) }
}

enum JSONScannerType {
  static func define() {
    let t = JSONTypes.scanner
    t.define(
      "_json.Scanner", basicSize: MemoryLayout<JSONScannerObject>.size, flags: UInt(Py_TPFLAGS_HAVE_GC),
      doc: "JSON scanner object")
    t.pointee.tp_new = { type, tuple, dict in
      bridge { () throws(PyError) in
        let b = try newSignature.bind(tuple: tuple, dict: dict)
        let context = b[0].unsafelyUnwrapped
        let r = try owned(type!.pointee.tp_alloc(type, 0))
        let s = r.ref.jsonScanner
        s.pointee.memo = try owned(PyDict_New()).take()
        s.pointee.strict = try owned(PyObject_GetAttrString(context, "strict")).take()
        s.pointee.isStrict = try truth(s.pointee.strict.unsafelyUnwrapped)
        s.pointee.objectHook = try owned(PyObject_GetAttrString(context, "object_hook")).take()
        s.pointee.objectPairsHook = try owned(PyObject_GetAttrString(context, "object_pairs_hook")).take()
        s.pointee.parseFloat = try owned(PyObject_GetAttrString(context, "parse_float")).take()
        s.pointee.parseInt = try owned(PyObject_GetAttrString(context, "parse_int")).take()
        s.pointee.parseConstant = try owned(PyObject_GetAttrString(context, "parse_constant")).take()
        return r
      }
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r)
      for field in fields(r!) { clear(field) }
      r!.type.pointee.tp_free(r)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      for field in fields(r!) {
        if let object = field.pointee {
          let status = visit!(object, argument)
          if status != 0 { return status }
        }
      }
      return 0
    }
    t.pointee.tp_clear = { r in
      for field in fields(r!) { clear(field) }
      return 0
    }
    t.pointee.tp_call = { r, tuple, dict in
      bridge { () throws(PyError) in
        let b = try callSignature.bind(tuple: tuple, dict: dict)
        let text = b[0].unsafelyUnwrapped
        if !text.isUnicode {
          throw typeError("first argument must be a string, not \(typeName(of: text))")
        }
        var i = try integerArgument(b[1].unsafelyUnwrapped)
        if i < 0 { throw valueError("idx cannot be negative") }
        let s = r!.jsonScanner
        guard let memo = s.pointee.memo else { throw systemError("scanner was cleared") }
        let decoder = Decoder(scanner: s, memo: memo, text: text, chars: text.chars)
        var result: Ref? = nil
        do throws(PyError) { result = try decoder.value(&i).take() } catch {}
        PyDict_Clear(memo)
        let value = try owned(result)
        let pair = try owned(PyTuple_New(2))
        PyTuple_SetItem(pair.ref, 0, value.take())
        PyTuple_SetItem(pair.ref, 1, try owned(PyLong_FromSsize_t(i)).take())
        return pair
      }
    }
    var m = MemberTable()
    m.add("strict", _Py_T_OBJECT, offset: MemoryLayout<JSONScannerObject>.offset(of: \.strict)!, "strict")
    m.add("object_hook", _Py_T_OBJECT, offset: MemoryLayout<JSONScannerObject>.offset(of: \.objectHook)!, "object_hook")
    m.add("object_pairs_hook", _Py_T_OBJECT, offset: MemoryLayout<JSONScannerObject>.offset(of: \.objectPairsHook)!)
    m.add("parse_float", _Py_T_OBJECT, offset: MemoryLayout<JSONScannerObject>.offset(of: \.parseFloat)!, "parse_float")
    m.add("parse_int", _Py_T_OBJECT, offset: MemoryLayout<JSONScannerObject>.offset(of: \.parseInt)!, "parse_int")
    m.add(
      "parse_constant", _Py_T_OBJECT, offset: MemoryLayout<JSONScannerObject>.offset(of: \.parseConstant)!,
      "parse_constant")
    t.pointee.tp_members = m.build()
  }
}
