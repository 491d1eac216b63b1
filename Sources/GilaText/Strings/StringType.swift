// The str type: slots, construction, and the methods that are no text operations.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// Frees a str and what it owns. Interned ones leave the table first.
private func deallocate(_ s: Ref) {
  switch s.strState & StringState.internedMask {
  case 0: break
  case StringState.mortalInterned: forgetInterned(s)
  default:
    // Immortal: somebody gave back one reference too many.
    gila_set_immortal(s)
    return
  }
  let state = s.strState
  if state & StringState.compact == 0 {
    let data = s.raw.load(fromByteOffset: 56, as: UnsafeMutableRawPointer?.self)
    if let cache = s.strUTF8, UnsafeMutableRawPointer(cache) != data { PyMem_Free(cache) }
    if let data { PyMem_Free(data) }
  } else if state & StringState.ascii == 0, let cache = s.strUTF8 {
    PyMem_Free(cache)
  }
  s.type.pointee.tp_free(s)
}

/// An instance of a subclass: not compact, with its characters in memory of its own.
private func subtypeInstance(_ type: TypeRef, _ text: Ref) throws(PyError) -> Owned {
  guard let alloc = type.pointee.tp_alloc else { throw systemError("no tp_alloc") }
  let r = try owned(alloc(type, 0))
  let n = text.strLength
  let width = text.strKind
  guard let data = PyMem_Malloc((n &+ 1) &* width) else {
    r.ref.strState = StringState.make(kind: 1, ascii: true, compact: false)
    throw memoryError()
  }
  memcpy(data, text.strData, n &* width)
  store(0, data, width, n)
  r.ref.strLength = n
  r.ref.strHash = text.strHash
  r.ref.strState = StringState.make(kind: width, ascii: text.strIsASCII, compact: false)
  r.ref.raw.storeBytes(of: data, toByteOffset: 56, as: UnsafeMutableRawPointer.self)
  if text.strIsASCII {
    // The same memory is the UTF-8 form.
    r.ref.strUTF8 = data.assumingMemoryBound(to: CChar.self)
    r.ref.strUTF8Length = n
  } else {
    r.ref.strUTF8 = nil
    r.ref.strUTF8Length = 0
  }
  return r
}

private let newSignature = Signature("str", "(object='', encoding='utf-8', errors='strict')")

private func encodingName(_ r: Ref?, _ parameter: StaticString) throws(PyError) -> UnsafePointer<CChar>? {
  guard let r else { return nil }
  if !r.isUnicode { throw typeError("str() argument '\(parameter)' must be str, not \(argumentTypeName(r))") }
  var n = 0
  guard let p = PyUnicode_AsUTF8AndSize(r, &n) else { throw PyError() }
  if strlen(p) != n { throw valueError("embedded null character") }
  return p
}

private func make(_ type: TypeRef, _ o: Ref?, _ encoding: Ref?, _ errors: Ref?) throws(PyError) -> Owned {
  let name = try encodingName(encoding, "encoding")
  let handler = try encodingName(errors, "errors")
  let text: Owned
  if let o {
    text = try owned(
      encoding == nil && errors == nil ? PyObject_Str(o) : PyUnicode_FromEncodedObject(o, name, handler))
  } else {
    text = Owned(taking: gila_empty_str())
  }
  if type == Types.unicode { return text }
  return try subtypeInstance(type, text.ref)
}

private func item(_ s: Ref, _ i: Int) throws(PyError) -> Owned {
  if i < 0 || i >= s.strLength { throw indexError("string index out of range") }
  return try owned(newCharacter(s.chars[i]))
}

/// s[key]
private func subscript_(_ s: Ref, _ key: Ref) throws(PyError) -> Owned {
  if PyIndex_Check(key) != 0 {
    let i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
    if i == -1, errorIsSet { throw PyError() }
    return try item(s, i < 0 ? i &+ s.strLength : i)
  }
  guard key.isExactly(Types.slice) else {
    throw typeError("string indices must be integers, not '\(typeName(of: key))'")
  }
  var start = 0
  var stop = 0
  var step = 0
  try check(PySlice_Unpack(key, &start, &stop, &step))
  let n = PySlice_AdjustIndices(s.strLength, &start, &stop, step)
  if n <= 0 { return Owned(taking: gila_empty_str()) }
  if step == 1 { return try owned(substring(s, start, start &+ n)) }
  let text = s.chars
  var maxChar: UInt32 = 127
  if !s.strIsASCII {
    var bits: UInt32 = 0
    for k in 0..<n { bits |= text[start &+ k &* step] }
    maxChar = storageClass(of: bits)
  }
  if n == 1 { return try owned(newCharacter(text[start])) }
  let r = try owned(allocateString(n, maxChar))
  let data = r.ref.strData
  let kind = r.ref.strKind
  for k in 0..<n { store(text[start &+ k &* step], data, kind, k) }
  return r
}

private func vectorcall(_ type: Ref?, _ args: UnsafePointer<Ref?>?, _ nargsf: Int, _ names: Ref?) -> Ref? {
  bridge { () throws(PyError) in
    let n = nargsf & Int.max
    if names == nil, n == 1, let o = args.unsafelyUnwrapped[0] {
      if o.isExactly(Types.unicode) { return Owned(retaining: o) }
      return try owned(PyObject_Str(o))
    }
    // Without keywords the message is that of a plain function.
    if names == nil { try checkCount("str", n, 0, 3) }
    let b = try newSignature.bind(args, n, names)
    return try make(type!.asType, b[0], b[1], b[2])
  }
}

enum StringType {
  static func install() {
    let t = Types.unicode
    t.define(
      "str", basicSize: 64,
      flags: UInt(Py_TPFLAGS_BASETYPE) | UInt(Py_TPFLAGS_UNICODE_SUBCLASS) | UInt(_Py_TPFLAGS_MATCH_SELF),
      doc:
        "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nCreate a new string object from the given object. If encoding or\nerrors is specified, then the object must expose a data buffer\nthat will be decoded using the given encoding and error handler.\nOtherwise, returns the result of object.__str__() (if defined)\nor repr(object).\nencoding defaults to sys.getdefaultencoding().\nerrors defaults to 'strict'."
    )
    t.pointee.tp_dealloc = { me in deallocate(me!) }
    t.pointee.tp_repr = { me in bridge { () throws(PyError) in try repr(me!) } }
    t.pointee.tp_str = { me in unchanged(me!) }
    t.pointee.tp_hash = { me in stringHash(me!) }
    t.pointee.tp_richcompare = { a, b, op in PyUnicode_RichCompare(a, b, op) }
    t.pointee.tp_iter = { me in iterate(me!) }
    t.pointee.tp_new = { type, tuple, dict in
      bridge { () throws(PyError) in
        let b = try newSignature.bind(tuple: tuple, dict: dict)
        return try make(type!, b[0], b[1], b[2])
      }
    }
    t.pointee.tp_vectorcall = { type, args, nargsf, names in
      vectorcall(type, UnsafePointer(args), nargsf, names)
    }
    t.pointee.tp_free = { PyObject_Free($0) }
    t.sequence.pointee.sq_length = { $0!.strLength }
    t.sequence.pointee.sq_concat = { PyUnicode_Concat($0, $1) }
    t.sequence.pointee.sq_repeat = { repeated($0!, $1) }
    t.sequence.pointee.sq_item = { me, i in bridge { () throws(PyError) in try item(me!, i) } }
    t.sequence.pointee.sq_contains = { PyUnicode_Contains($0, $1) }
    t.mapping.pointee.mp_length = { $0!.strLength }
    t.mapping.pointee.mp_subscript = { me, key in bridge { () throws(PyError) in try subscript_(me!, key!) } }
    t.number.pointee.nb_remainder = { a, b in
      a!.isUnicode ? PyUnicode_Format(a, b) : newRef(notImplemented)
    }
    var m = MethodTable()
    StringMethods.addSearching(&m)
    StringCaseMethods.add(&m)
    addConversions(&m)
    t.pointee.tp_methods = m.build()
  }

  private static func addConversions(_ m: inout MethodTable) {
    m.keywords(
      "encode", "($self, /, encoding='utf-8', errors='strict')",
      "Encode the string using the codec registered for encoding.\n\n  encoding\n    The encoding in which to encode the string.\n  errors\n    The error handling scheme to use for encoding errors.\n    The default is 'strict' meaning that encoding errors raise a\n    UnicodeEncodeError.  Other possible values are 'ignore', 'replace' and\n    'xmlcharrefreplace' as well as any other name registered with\n    codecs.register_error that can handle UnicodeEncodeErrors."
    ) { me, a, n, names in
      if n & Int.max == 0, names == nil { return _PyUnicode_AsUTF8String(me, nil) }
      return bridge { () throws(PyError) in
        let (encoding, errors) = try twoArguments("encode", "encoding", "errors", a, n, names)
        let name = try codecArgument("encode", "encoding", encoding)
        let handler = try codecArgument("encode", "errors", errors)
        return try owned(PyUnicode_AsEncodedString(me, name, handler))
      }
    }
    m.one(
      "translate", "($self, table, /)",
      "Replace each character in the string using the given translation table.\n\n  table\n    Translation table, which must be a mapping of Unicode ordinals to\n    Unicode ordinals, strings, or None.\n\nThe table must implement lookup/indexing via __getitem__, for instance a\ndictionary or list.  If this operation raises LookupError, the character is\nleft untouched.  Characters mapped to None are deleted."
    ) { me, table in
      bridge { () throws(PyError) in try translate(me!, table!) }
    }
    m.positional(
      "maketrans", "(x, y=<unrepresentable>, z=<unrepresentable>, /)",
      "Return a translation table usable for str.translate().\n\nIf there is only one argument, it must be a dictionary mapping Unicode\nordinals (integers) or characters to Unicode ordinals, strings or None.\nCharacter keys will be then converted to ordinals.\nIf there are two arguments, they must be strings of equal length, and\nin the resulting dictionary, each character in x will be mapped to the\ncharacter at the same position in y. If there is a third argument, it\nmust be a string, whose characters will be mapped to None in the result.",
      flags: METH_STATIC
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("maketrans", n, 1, 3)
        let p = a.unsafelyUnwrapped
        return try makeTranslation(
          p[0].unsafelyUnwrapped, n > 1 ? p[1] : nil, n > 2 ? p[2] : nil)
      }
    }
    m.tupleAndDict(
      "format", "($self, /, *args, **kwargs)",
      "Return a formatted version of the string, using substitutions from args and kwargs.\n\nThe substitutions are identified by braces ('{' and '}')."
    ) { me, tuple, dict in
      bridge { () throws(PyError) in try formatTemplate(me!, tuple, dict) }
    }
    m.one(
      "format_map", "($self, mapping, /)",
      "Return a formatted version of the string, using substitutions from mapping.\n\nThe substitutions are identified by braces ('{' and '}')."
    ) { me, mapping in
      bridge { () throws(PyError) in try formatTemplate(me!, nil, mapping) }
    }
    m.one(
      "__format__", "($self, format_spec, /)", "Return a formatted version of the string as described by format_spec."
    ) { me, spec in
      guard spec!.isUnicode else {
        return bridge { () throws(PyError) in throw badArgument("__format__", 0, "str", spec!) }
      }
      return gila_unicode_format_spec(me, spec)
    }
    m.noArguments("__sizeof__", "($self, /)", "Return the size of the string in memory, in bytes.") { me, _ in
      let s = me!
      var n = s.strIsCompact ? (s.strIsASCII ? 40 : 56) : 64
      n &+= (s.strLength &+ 1) &* s.strKind
      if !s.strIsCompact || !s.strIsASCII, let cache = s.strUTF8, UnsafeMutableRawPointer(cache) != s.strData {
        n &+= s.strUTF8Length &+ 1
      }
      return PyLong_FromSsize_t(n)
    }
    m.noArguments("__getnewargs__") { me, _ in
      bridge { () throws(PyError) in
        let tuple = try owned(PyTuple_New(1))
        PyTuple_SetItem(tuple.ref, 0, try owned(newString(me!.chars)).take())
        return tuple
      }
    }
  }
}

/// The name of an encoding or error handler given as an argument; nil when missing.
public func codecArgument(_ function: StaticString, _ parameter: StaticString, _ r: Ref?) throws(PyError)
  -> UnsafePointer<CChar>?
{
  guard let r else { return nil }
  if !r.isUnicode {
    throw typeError("\(function)() argument '\(parameter)' must be str, not \(argumentTypeName(r))")
  }
  var n = 0
  guard let p = PyUnicode_AsUTF8AndSize(r, &n) else { throw PyError() }
  if strlen(p) != n { throw valueError("embedded null character") }
  return p
}
