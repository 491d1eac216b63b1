// The codec registry of an interpreter: search functions, a cache of what they found, and the error handlers.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

/// Makes the registry on first use and imports the `encodings` package, which registers the standard search function.
func prepareRegistry() throws(PyError) {
  let interpreter = currentInterpreter
  if interpreter.pointee.codec_search_path != nil { return }
  let path = try owned(PyList_New(0))
  let cache = try owned(PyDict_New())
  interpreter.pointee.codec_search_path = path.take()
  interpreter.pointee.codec_search_cache = cache.take()
  guard let module = PyImport_ImportModule("encodings") else { throw PyError() }
  decref(module)
}

@c @implementation public func PyCodec_Register(_ search: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    try prepareRegistry()
    guard let search else { throw badInternalCall() }
    if PyCallable_Check(search) == 0 { throw typeError("argument must be callable") }
    try check(PyList_Append(currentInterpreter.pointee.codec_search_path, search))
  }
}

@c @implementation public func PyCodec_Unregister(_ search: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let path = currentInterpreter.pointee.codec_search_path else { return }
    for i in 0..<path.size where path.fastItems[i] == search {
      if let cache = currentInterpreter.pointee.codec_search_cache { PyDict_Clear(cache) }
      try check(PyList_SetSlice(path, i, i &+ 1, nil))
      return
    }
  }
}

/// The error handlers, made on first use. They need no import.
private func errorHandlers() throws(PyError) -> Ref {
  let interpreter = currentInterpreter
  if let known = interpreter.pointee.codec_error_registry { return known }
  let handlers = try owned(PyDict_New())
  try addStandardHandlers(handlers.ref)
  let r = handlers.take()
  interpreter.pointee.codec_error_registry = r
  return r
}

/// The name under which codecs are looked up: lower case, one underscore for whatever is no ASCII letter, digit or dot.
private func normalized(_ name: UnsafePointer<CChar>) throws(PyError) -> Owned {
  var out = ByteBuffer()
  var p = bytePointer(name)
  var isApart = false
  while p.pointee != 0 {
    let c = asciiLower(p.pointee)
    if c >= 97 && c <= 122 || c >= 48 && c <= 57 || c == 46 {
      if isApart && out.count > 0 { out.append(UInt8(ascii: "_")) }
      isApart = false
      out.append(c)
    } else {
      isApart = true
    }
    p += 1
  }
  let s = try owned(
    out.isExhausted
      ? noMemory()
      : PyUnicode_DecodeUTF8(
        out.base.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }, out.count, "replace"))
  var place: Ref? = s.take()
  PyUnicode_InternInPlace(&place)
  return Owned(taking: place.unsafelyUnwrapped)
}

@c @implementation public func _PyCodec_Lookup(_ encoding: UnsafePointer<CChar>!) -> Ref? {
  bridge { () throws(PyError) in
    guard let encoding else { throw badInternalCall() }
    try prepareRegistry()
    let interpreter = currentInterpreter
    let name = try normalized(encoding)
    if let known = PyDict_GetItemWithError(interpreter.pointee.codec_search_cache, name.ref) {
      return Owned(retaining: known)
    }
    if errorIsSet { throw PyError() }
    guard let path = interpreter.pointee.codec_search_path, path.size > 0 else {
      throw raise(
        Exc.LookupError, "no codec search functions registered: can't find encoding: \(String(cString: encoding))")
    }
    var i = 0
    while i < path.size {
      let search = Owned(retaining: path.fastItems[i].unsafelyUnwrapped)
      let info = try owned(PyObject_CallOneArg(search.ref, name.ref))
      i &+= 1
      if info.ref.isNone { continue }
      if !info.ref.isTuple || info.ref.size != 4 {
        throw typeError("codec search functions must return 4-tuples")
      }
      try check(PyDict_SetItem(interpreter.pointee.codec_search_cache, name.ref, info.ref))
      return info
    }
    throw raise(Exc.LookupError, "unknown encoding: \(String(cString: encoding))")
  }
}

@c @implementation public func PyCodec_KnownEncoding(_ encoding: UnsafePointer<CChar>!) -> Int32 {
  guard let info = _PyCodec_Lookup(encoding) else {
    PyErr_Clear()
    return 0
  }
  decref(info)
  return 1
}

/// One of the four functions of a codec: encode, decode, stream reader, stream writer.
private func part(_ encoding: UnsafePointer<CChar>?, _ i: Int) throws(PyError) -> Owned {
  let info = try owned(_PyCodec_Lookup(encoding))
  return Owned(retaining: PyTuple_GetItem(info.ref, i).unsafelyUnwrapped)
}

@c @implementation public func PyCodec_Encoder(_ encoding: UnsafePointer<CChar>!) -> Ref? {
  bridge { () throws(PyError) in try part(encoding, 0) }
}
@c @implementation public func PyCodec_Decoder(_ encoding: UnsafePointer<CChar>!) -> Ref? {
  bridge { () throws(PyError) in try part(encoding, 1) }
}

private func callWithErrors(_ f: Ref, _ first: Ref?, _ errors: UnsafePointer<CChar>?) throws(PyError) -> Owned {
  guard let errors else {
    return try owned(first == nil ? PyObject_CallNoArgs(f) : PyObject_CallOneArg(f, first))
  }
  let handler = try owned(PyUnicode_FromString(errors))
  guard let first else { return try owned(PyObject_CallOneArg(f, handler.ref)) }
  return try call(f, first, handler.ref)
}

@c @implementation public func PyCodec_StreamReader(
  _ encoding: UnsafePointer<CChar>!, _ stream: Ref!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let f = try part(encoding, 2)
    return try callWithErrors(f.ref, stream, errors)
  }
}
@c @implementation public func PyCodec_StreamWriter(
  _ encoding: UnsafePointer<CChar>!, _ stream: Ref!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let f = try part(encoding, 3)
    return try callWithErrors(f.ref, stream, errors)
  }
}

private func incremental(
  _ info: Ref, _ attribute: StaticString, _ errors: UnsafePointer<CChar>?
) throws(PyError) -> Owned {
  let f = try owned(PyObject_GetAttrString(info, cString(attribute)))
  return try callWithErrors(f.ref, nil, errors)
}

@c @implementation public func _PyCodecInfo_GetIncrementalDecoder(
  _ info: Ref!, _ errors: UnsafePointer<CChar>!
) -> Ref? { bridge { () throws(PyError) in try incremental(info, "incrementaldecoder", errors) } }
@c @implementation public func _PyCodecInfo_GetIncrementalEncoder(
  _ info: Ref!, _ errors: UnsafePointer<CChar>!
) -> Ref? { bridge { () throws(PyError) in try incremental(info, "incrementalencoder", errors) } }

@c @implementation public func PyCodec_IncrementalEncoder(
  _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let info = try owned(_PyCodec_Lookup(encoding))
    return try incremental(info.ref, "incrementalencoder", errors)
  }
}
@c @implementation public func PyCodec_IncrementalDecoder(
  _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let info = try owned(_PyCodec_Lookup(encoding))
    return try incremental(info.ref, "incrementaldecoder", errors)
  }
}

/// Calls a codec function and takes the first of the two values it returns. An exception gets a note that names codec
/// and direction.
private func run(
  _ info: Ref, _ i: Int, _ o: Ref, _ encoding: UnsafePointer<CChar>, _ errors: UnsafePointer<CChar>?
) throws(PyError) -> Owned {
  let f = Owned(retaining: PyTuple_GetItem(info, i).unsafelyUnwrapped)
  let result: Owned
  do throws(PyError) { result = try callWithErrors(f.ref, o, errors) } catch {
    addNote("\(i == 0 ? "encoding" : "decoding") with '\(String(cString: encoding))' codec failed")
    throw error
  }
  guard result.ref.isTuple, result.ref.size == 2 else {
    throw typeError("\(i == 0 ? "encoder" : "decoder") must return a tuple (object,integer)")
  }
  return Owned(retaining: PyTuple_GetItem(result.ref, 0).unsafelyUnwrapped)
}

/// Adds a note to the pending exception.
private func addNote(_ text: String) {
  guard let e = PyErr_GetRaisedException() else { return }
  if let note = newString(text), let f = PyObject_GetAttrString(e, "add_note") {
    xdecref(PyObject_CallOneArg(f, note))
    decref(f)
    decref(note)
  }
  if errorIsSet { PyErr_Clear() }
  PyErr_SetRaisedException(e)
}

@c @implementation public func PyCodec_Encode(
  _ o: Ref!, _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let info = try owned(_PyCodec_Lookup(encoding))
    return try run(info.ref, 0, o, encoding, errors)
  }
}
@c @implementation public func PyCodec_Decode(
  _ o: Ref!, _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let info = try owned(_PyCodec_Lookup(encoding))
    return try run(info.ref, 1, o, encoding, errors)
  }
}

@c @implementation public func _PyCodec_LookupTextEncoding(
  _ encoding: UnsafePointer<CChar>!, _ alternate: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let info = try owned(_PyCodec_Lookup(encoding))
    if !info.ref.isExactly(Types.tuple) {
      var flag: Ref? = nil
      try check(PyObject_GetOptionalAttrString(info.ref, "_is_text_encoding", &flag))
      if let flag {
        let value = Owned(taking: flag)
        if try !truth(value.ref) {
          throw raise(
            Exc.LookupError,
            "'\(String(cString: encoding))' is not a text encoding; use \(String(cString: alternate)) to handle arbitrary codecs"
          )
        }
      }
    }
    return info
  }
}

@c @implementation public func _PyCodec_EncodeText(
  _ o: Ref!, _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let info = try owned(_PyCodec_LookupTextEncoding(encoding, "codecs.encode()"))
    return try run(info.ref, 0, o, encoding, errors)
  }
}
@c @implementation public func _PyCodec_DecodeText(
  _ o: Ref!, _ encoding: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let info = try owned(_PyCodec_LookupTextEncoding(encoding, "codecs.decode()"))
    return try run(info.ref, 1, o, encoding, errors)
  }
}

// Error handlers

@c @implementation public func PyCodec_RegisterError(_ name: UnsafePointer<CChar>!, _ handler: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    if PyCallable_Check(handler) == 0 { throw typeError("handler must be callable") }
    try check(PyDict_SetItemString(try errorHandlers(), name, handler))
  }
}

@c @implementation public func PyCodec_LookupError(_ name: UnsafePointer<CChar>!) -> Ref? {
  bridge { () throws(PyError) in
    let wanted: UnsafePointer<CChar> = name ?? cString("strict")
    let key = try owned(PyUnicode_FromString(wanted))
    if let found = PyDict_GetItemWithError(try errorHandlers(), key.ref) {
      return Owned(retaining: found)
    }
    if errorIsSet { throw PyError() }
    throw raise(Exc.LookupError, "unknown error handler name '\(String(cString: wanted))'")
  }
}
