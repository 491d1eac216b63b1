// Names of files and text of the locale: UTF-8, bytes that are none as surrogates (PEP 383).

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

@c @implementation public func PyUnicode_DecodeFSDefaultAndSize(_ p: UnsafePointer<CChar>!, _ n: Int) -> Ref? {
  PyUnicode_DecodeUTF8Stateful(p, n, "surrogateescape", nil)
}
@c @implementation public func PyUnicode_DecodeFSDefault(_ p: UnsafePointer<CChar>!) -> Ref? {
  PyUnicode_DecodeFSDefaultAndSize(p, strlen(p))
}
@c @implementation public func PyUnicode_EncodeFSDefault(_ s: Ref!) -> Ref? {
  _PyUnicode_AsUTF8String(s, "surrogateescape")
}
@c @implementation public func PyUnicode_DecodeLocaleAndSize(
  _ p: UnsafePointer<CChar>!, _ n: Int, _ errors: UnsafePointer<CChar>!
) -> Ref? { PyUnicode_DecodeUTF8Stateful(p, n, errors, nil) }
@c @implementation public func PyUnicode_DecodeLocale(_ p: UnsafePointer<CChar>!, _ errors: UnsafePointer<CChar>!)
  -> Ref?
{ PyUnicode_DecodeUTF8Stateful(p, strlen(p), errors, nil) }
@c @implementation public func PyUnicode_EncodeLocale(_ s: Ref!, _ errors: UnsafePointer<CChar>!) -> Ref? {
  _PyUnicode_AsUTF8String(s, errors)
}

@c @implementation public func PyUnicode_FSConverter(_ o: Ref!, _ place: UnsafeMutableRawPointer!) -> Int32 {
  let slot = place.assumingMemoryBound(to: Ref?.self)
  guard let o else {
    clear(slot)
    return 1
  }
  guard let path = PyOS_FSPath(o) else { return 0 }
  var result: Ref? = path
  if path.isUnicode {
    result = PyUnicode_EncodeFSDefault(path)
    decref(path)
  }
  guard let result else { return 0 }
  if result.bytesView.find(character: 0) >= 0 {
    decref(result)
    PyErr_SetString(Exc.ValueError.object, "embedded null byte")
    return 0
  }
  slot.pointee = result
  return 0x20000
}

@c @implementation public func PyUnicode_FSDecoder(_ o: Ref!, _ place: UnsafeMutableRawPointer!) -> Int32 {
  let slot = place.assumingMemoryBound(to: Ref?.self)
  guard let o else {
    clear(slot)
    return 1
  }
  guard let path = PyOS_FSPath(o) else { return 0 }
  var result: Ref? = path
  if path.isBytes {
    result = PyUnicode_DecodeFSDefaultAndSize(PyBytes_AsString(path), path.size)
    decref(path)
  }
  guard let result else { return 0 }
  if result.chars.find(character: 0) >= 0 {
    decref(result)
    PyErr_SetString(Exc.ValueError.object, "embedded null character")
    return 0
  }
  slot.pointee = result
  return 0x20000
}

@c @implementation public func PyOS_FSPath(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    if o.isUnicode || o.isBytes { return Owned(retaining: o) }
    guard let method = _PyObject_LookupSpecial(o, gila_intern("__fspath__")) else {
      if errorIsSet { throw PyError() }
      throw typeError("expected str, bytes or os.PathLike object, not \(typeName(of: o))")
    }
    let bound = Owned(taking: method)
    if bound.ref == none { throw typeError("expected str, bytes or os.PathLike object, not \(typeName(of: o))") }
    let path = try owned(PyObject_CallNoArgs(bound.ref))
    if path.ref.isUnicode || path.ref.isBytes { return path }
    throw typeError(
      "expected \(typeName(of: o)).__fspath__() to return str or bytes, not \(typeName(of: path.ref))")
  }
}
