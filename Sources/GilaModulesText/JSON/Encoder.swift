// _json.make_encoder: the encoder of values as JSON text, in one piece.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText

struct JSONEncoderObject {
  var head: PyObject
  var markers: Ref?
  var defaultFunction: Ref?
  var encoder: Ref?
  var indent: Ref?
  var keySeparator: Ref?
  var itemSeparator: Ref?
  var sortKeys: CChar
  var skipKeys: CChar
  var allowNaN: CChar
  /// 0: call `encoder`; 1: ASCII; 2: any characters.
  var fast: UInt8
}

extension UnsafeMutablePointer where Pointee == PyObject {
  var jsonEncoder: UnsafeMutablePointer<JSONEncoderObject> { cast(JSONEncoderObject.self) }
}

private typealias EncoderRef = UnsafeMutablePointer<JSONEncoderObject>

private func encodeText(_ e: EncoderRef, _ s: Ref, _ w: inout StringWriter) throws(PyError) {
  if e.pointee.fast != 0 {
    try writeString(s, ascii: e.pointee.fast == 1, &w)
    return
  }
  let encoded = try owned(PyObject_CallOneArg(e.pointee.encoder, s))
  if !encoded.ref.isUnicode {
    throw typeError("encoder() must return a string, not \(typeName(of: encoded.ref))")
  }
  try w.append(encoded.ref.chars)
}

/// The text of a float.
private func floatText(_ e: EncoderRef, _ r: Ref) throws(PyError) -> Owned {
  let x = PyFloat_AsDouble(r)
  if !x.isFinite {
    if e.pointee.allowNaN == 0 {
      throw valueError("Out of range float values are not JSON compliant: \(try reprText(r))")
    }
    return try string(x.isNaN ? "NaN" : x > 0 ? "Infinity" : "-Infinity")
  }
  return try owned(Types.float.pointee.tp_repr(r))
}

private func encode(_ e: EncoderRef, _ r: Ref, _ level: Int, _ w: inout StringWriter) throws(PyError) {
  if r.isNone {
    try w.append("null")
  } else if r == pyTrue {
    try w.append("true")
  } else if r == pyFalse {
    try w.append("false")
  } else if r.isUnicode {
    try encodeText(e, r, &w)
  } else if r.isLong {
    let text = try owned(Types.long.pointee.tp_repr(r))
    try w.append(text.ref)
  } else if r.isInstance(of: Types.float) {
    let text = try floatText(e, r)
    try w.append(text.ref)
  } else if r.isList || r.isTuple {
    try check(gila_enter_recursive_call(" while encoding a JSON object"))
    try encodeList(e, r, level, &w)
  } else if r.isDict {
    try check(gila_enter_recursive_call(" while encoding a JSON object"))
    try encodeDict(e, r, level, &w)
  } else {
    try check(gila_enter_recursive_call(" while encoding a JSON object"))
    let mark = try enter(e, r)
    let other = try owned(PyObject_CallOneArg(e.pointee.defaultFunction, r))
    try encode(e, other.ref, level, &w)
    try leave(e, mark)
  }
}

/// Notes that an object is being encoded; nil without markers.
private func enter(_ e: EncoderRef, _ r: Ref) throws(PyError) -> Ref? {
  guard let markers = e.pointee.markers, !markers.isNone else { return nil }
  let key = try owned(PyLong_FromVoidPtr(r.raw))
  if try check(PyDict_Contains(markers, key.ref)) != 0 { throw valueError("Circular reference detected") }
  try check(PyDict_SetItem(markers, key.ref, r))
  return key.take()
}

private func leave(_ e: EncoderRef, _ mark: Ref?) throws(PyError) {
  guard let mark else { return }
  let key = Owned(taking: mark)
  if let markers = e.pointee.markers { try check(PyDict_DelItem(markers, key.ref)) }
}

/// With an indent, each item begins a line.
private func newLine(_ e: EncoderRef, _ level: Int, _ w: inout StringWriter) throws(PyError) {
  guard let indent = e.pointee.indent, indent.isUnicode else { return }
  try w.append(0x0A)
  for _ in 0..<max(level, 0) { try w.append(indent.chars) }
}

private func encodeList(_ e: EncoderRef, _ r: Ref, _ level: Int, _ w: inout StringWriter) throws(PyError) {
  let items = try owned(PySequence_Fast(r, "_iterencode_list needs a sequence"))
  if items.ref.size == 0 {
    try w.append("[]")
    return
  }
  let mark = try enter(e, r)
  do throws(PyError) {
    try w.append(0x5B)
    var i = 0
    while i < items.ref.size {
      if i > 0 { try w.append(e.pointee.itemSeparator.unsafelyUnwrapped.chars) }
      try newLine(e, level &+ 1, &w)
      let item = Owned(retaining: items.ref.fastItems[i].unsafelyUnwrapped)
      try encode(e, item.ref, level &+ 1, &w)
      i &+= 1
    }
    try newLine(e, level, &w)
    try w.append(0x5D)
  } catch {
    xdecref(mark)
    throw error
  }
  try leave(e, mark)
}

/// The text of a key; nil when it is to be left out.
private func keyText(_ e: EncoderRef, _ key: Ref) throws(PyError) -> Ref? {
  if key.isUnicode { return newRef(key) }
  if key.isInstance(of: Types.float) { return try floatText(e, key).take() }
  if key == pyTrue { return try string("true").take() }
  if key == pyFalse { return try string("false").take() }
  if key.isNone { return try string("null").take() }
  if key.isLong { return try owned(Types.long.pointee.tp_repr(key)).take() }
  if e.pointee.skipKeys != 0 { return nil }
  throw typeError("keys must be str, int, float, bool or None, not \(typeName(of: key))")
}

private func encodePair(
  _ e: EncoderRef, _ key: Ref, _ value: Ref, _ level: Int, _ isFirst: inout Bool, _ w: inout StringWriter
) throws(PyError) {
  guard let text = try keyText(e, key) else { return }
  let name = Owned(taking: text)
  if !isFirst { try w.append(e.pointee.itemSeparator.unsafelyUnwrapped.chars) }
  isFirst = false
  try newLine(e, level, &w)
  try encodeText(e, name.ref, &w)
  try w.append(e.pointee.keySeparator.unsafelyUnwrapped.chars)
  try encode(e, value, level, &w)
}

private func encodeDict(_ e: EncoderRef, _ r: Ref, _ level: Int, _ w: inout StringWriter) throws(PyError) {
  if PyDict_Size(r) == 0 {
    try w.append("{}")
    return
  }
  let mark = try enter(e, r)
  do throws(PyError) {
    try w.append(0x7B)
    var isFirst = true
    if e.pointee.sortKeys != 0 || !r.isExactly(Types.dict) {
      let items = try owned(PyMapping_Items(r))
      if e.pointee.sortKeys != 0 { try check(PyList_Sort(items.ref)) }
      var i = 0
      while i < items.ref.size {
        let item = Owned(retaining: items.ref.fastItems[i].unsafelyUnwrapped)
        guard item.ref.isTuple, item.ref.size == 2 else { throw valueError("items must return 2-tuples") }
        try encodePair(
          e, PyTuple_GetItem(item.ref, 0).unsafelyUnwrapped, PyTuple_GetItem(item.ref, 1).unsafelyUnwrapped, level &+ 1,
          &isFirst, &w)
        i &+= 1
      }
    } else {
      var position = 0
      var key: Ref? = nil
      var value: Ref? = nil
      while PyDict_Next(r, &position, &key, &value) != 0 {
        let k = Owned(retaining: key.unsafelyUnwrapped)
        let v = Owned(retaining: value.unsafelyUnwrapped)
        try encodePair(e, k.ref, v.ref, level &+ 1, &isFirst, &w)
      }
    }
    if !isFirst { try newLine(e, level, &w) }
    try w.append(0x7D)
  } catch {
    xdecref(mark)
    throw error
  }
  try leave(e, mark)
}

private let newSignature = Signature(
  "make_encoder",
  "(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)")
private let callSignature = Signature("_iterencode", "(obj, _current_indent_level)")

private func fields(_ r: Ref) -> [UnsafeMutablePointer<Ref?>] {
  let base = r.raw + 16
  return (0..<6).map { (base + $0 &* 8).assumingMemoryBound(to: Ref?.self) }
}

/// Which of our own string functions `encoder` is.
private func fastKind(_ r: Ref) -> UInt8 {
  guard r.isExactly(Types.cFunction), let f = PyCFunction_GetFunction(r) else { return 0 }
  let definition = unsafeBitCast(f, to: UInt.self)
  if definition == address(JSONModule.encodeASCII) { return 1 }
  if definition == address(JSONModule.encodeAny) { return 2 }
  return 0
}

private func make(_ type: TypeRef, _ tuple: Ref?, _ dict: Ref?) throws(PyError) -> Owned {
  let b = try newSignature.bind(tuple: tuple, dict: dict)
  func at(_ i: Int) -> Ref { b[i].unsafelyUnwrapped }
  if !at(0).isNone, !at(0).isDict {
    throw typeError("make_encoder() argument 1 must be dict or None, not \(typeName(of: at(0)))")
  }
  for i in 4...5 where !at(i).isUnicode {
    throw typeError("make_encoder() argument \(i &+ 1) must be str, not \(argumentTypeName(at(i)))")
  }
  let sortKeys = try truth(at(6))
  let skipKeys = try truth(at(7))
  let allowNaN = try truth(at(8))
  let r = try owned(type.pointee.tp_alloc(type, 0))
  let targets = fields(r.ref)
  for i in 0..<6 { targets[i].pointee = newRef(at(i)) }
  let e = r.ref.jsonEncoder
  e.pointee.sortKeys = sortKeys ? 1 : 0
  e.pointee.skipKeys = skipKeys ? 1 : 0
  e.pointee.allowNaN = allowNaN ? 1 : 0
  e.pointee.fast = fastKind(at(2))
  return r
}

enum JSONEncoderType {
  static func define() {
    let t = JSONTypes.encoder
    t.define(
      "_json.Encoder", basicSize: MemoryLayout<JSONEncoderObject>.size, flags: UInt(Py_TPFLAGS_HAVE_GC),
      doc: "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)")
    t.pointee.tp_new = { type, tuple, dict in bridge { () throws(PyError) in try make(type!, tuple, dict) } }
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
        var writer = StringWriter()
        let level = try sizeArgument(b[1].unsafelyUnwrapped)
        try encode(r!.jsonEncoder, b[0].unsafelyUnwrapped, level, &writer)
        let text = try writer.finish()
        let result = try owned(PyTuple_New(1))
        PyTuple_SetItem(result.ref, 0, text.take())
        return result
      }
    }
    var m = MemberTable()
    m.add("markers", _Py_T_OBJECT, offset: MemoryLayout<JSONEncoderObject>.offset(of: \.markers)!, "markers")
    m.add("default", _Py_T_OBJECT, offset: MemoryLayout<JSONEncoderObject>.offset(of: \.defaultFunction)!, "default")
    m.add("encoder", _Py_T_OBJECT, offset: MemoryLayout<JSONEncoderObject>.offset(of: \.encoder)!, "encoder")
    m.add("indent", _Py_T_OBJECT, offset: MemoryLayout<JSONEncoderObject>.offset(of: \.indent)!, "indent")
    m.add(
      "key_separator", _Py_T_OBJECT, offset: MemoryLayout<JSONEncoderObject>.offset(of: \.keySeparator)!,
      "key_separator")
    m.add(
      "item_separator", _Py_T_OBJECT, offset: MemoryLayout<JSONEncoderObject>.offset(of: \.itemSeparator)!,
      "item_separator")
    m.add("sort_keys", Py_T_BOOL, offset: MemoryLayout<JSONEncoderObject>.offset(of: \.sortKeys)!, "sort_keys")
    m.add("skipkeys", Py_T_BOOL, offset: MemoryLayout<JSONEncoderObject>.offset(of: \.skipKeys)!, "skipkeys")
    t.pointee.tp_members = m.build()
  }
}
