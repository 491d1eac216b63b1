// The UTF-8 form of a str: characters themselves when they are ASCII, else a copy that the str keeps.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

@c @implementation public func PyUnicode_AsUTF8AndSize(
  _ r: Ref!, _ size: UnsafeMutablePointer<Int>!
) -> UnsafePointer<CChar>? {
  guard let r, r.isUnicode else {
    PyErr_BadArgument()
    if let size { size.pointee = -1 }
    return nil
  }
  if r.strIsASCII {
    if let size { size.pointee = r.strLength }
    return UnsafePointer(r.strData.assumingMemoryBound(to: CChar.self))
  }
  if r.strUTF8 == nil, !fillUTF8Cache(r) {
    if let size { size.pointee = -1 }
    return nil
  }
  if let size { size.pointee = r.strUTF8Length }
  return UnsafePointer(r.strUTF8)
}

@inline(never) private func fillUTF8Cache(_ r: Ref) -> Bool {
  let text = r.chars
  let fault = text.firstSurrogate()
  if fault >= 0 {
    var end = fault &+ 1
    while end < text.count, text[end] & 0xFFFF_F800 == 0xD800 { end &+= 1 }
    raiseEncodeError("utf-8", r, fault, end, "surrogates not allowed")
    return false
  }
  let n = text.utf8Count
  guard let memory = PyMem_Malloc(n &+ 1) else {
    PyErr_NoMemory()
    return false
  }
  let p = memory.assumingMemoryBound(to: UInt8.self)
  text.encodeUTF8(to: p)
  p[n] = 0
  r.strUTF8 = memory.assumingMemoryBound(to: CChar.self)
  r.strUTF8Length = n
  return true
}

@c @implementation public func PyUnicode_AsUTF8(_ r: Ref!) -> UnsafePointer<CChar>? { PyUnicode_AsUTF8AndSize(r, nil) }

/// Sets UnicodeEncodeError.
func raiseEncodeError(_ encoding: String, _ text: Ref, _ start: Int, _ end: Int, _ reason: String) {
  do throws(PyError) {
    let name = try string(encoding)
    let why = try string(reason)
    let from = try owned(PyLong_FromSsize_t(start))
    let to = try owned(PyLong_FromSsize_t(end))
    let e = try call(Exc.UnicodeEncodeError.object, name.ref, text, from.ref, to.ref, why.ref)
    PyErr_SetObject(Exc.UnicodeEncodeError.object, e.ref)
  } catch {}
}

/// Calls with a fixed number of positional arguments.
public func call(_ f: Ref, _ arguments: Ref?...) throws(PyError) -> Owned {
  var result: Ref? = nil
  arguments.withUnsafeBufferPointer { p in
    result = PyObject_Vectorcall(f, UnsafeMutablePointer(mutating: p.baseAddress), p.count, nil)
  }
  return try owned(result)
}
