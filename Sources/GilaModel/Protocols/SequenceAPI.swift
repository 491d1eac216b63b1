import CGila
import GilaCore

// The rest of the sequence protocol: concatenation, slices, searching.

private func index(_ i: Int, _ s: Ref) throws(PyError) -> Int {
  guard i < 0, let length = s.type.pointee.tp_as_sequence?.pointee.sq_length else { return i }
  return i + (try checkSize(length(s)))
}
private func sliceObject(_ i: Int, _ j: Int) throws(PyError) -> Owned {
  let start = try owned(PyLong_FromSsize_t(i)), stop = try owned(PyLong_FromSsize_t(j))
  return try owned(PySlice_New(start.ref, stop.ref, nil))
}

@c @implementation public func PySequence_Length(_ s: Ref!) -> Int { PySequence_Size(s) }
@c @implementation public func PyObject_Length(_ o: Ref!) -> Int { PyObject_Size(o) }
@c @implementation public func PyMapping_Length(_ o: Ref!) -> Int { PyMapping_Size(o) }

@c @implementation public func PySequence_Concat(_ a: Ref!, _ b: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let a = a!, b = b!
    if let f = a.type.pointee.tp_as_sequence?.pointee.sq_concat { return try owned(f(a, b)) }
    if PySequence_Check(a) != 0, PySequence_Check(b) != 0 {
      let r = try owned(
        NumberProtocol.binary1(a, b, MemoryLayout<PyNumberMethods>.offset(of: \.nb_add).unsafelyUnwrapped))
      if r.ref != notImplemented { return r }
    }
    throw typeError("'\(typeName(of: a))' object can't be concatenated")
  }
}
@c @implementation public func PySequence_InPlaceConcat(_ a: Ref!, _ b: Ref!) -> Ref? {
  if let f = a.type.pointee.tp_as_sequence?.pointee.sq_inplace_concat { return f(a, b) }
  if a.type.pointee.tp_as_sequence?.pointee.sq_concat == nil, PySequence_Check(a) != 0, PySequence_Check(b) != 0 {
    return PyNumber_InPlaceAdd(a, b)
  }
  return PySequence_Concat(a, b)
}
@c @implementation public func PySequence_Repeat(_ s: Ref!, _ n: Int) -> Ref? {
  bridge { () throws(PyError) in
    let s = s!
    if let f = s.type.pointee.tp_as_sequence?.pointee.sq_repeat { return try owned(f(s, n)) }
    if PySequence_Check(s) != 0 {
      let count = try owned(PyLong_FromSsize_t(n))
      return try owned(PyNumber_Multiply(s, count.ref))
    }
    throw typeError("'\(typeName(of: s))' object can't be repeated")
  }
}
@c @implementation public func PySequence_InPlaceRepeat(_ s: Ref!, _ n: Int) -> Ref? {
  if let f = s.type.pointee.tp_as_sequence?.pointee.sq_inplace_repeat { return f(s, n) }
  return PySequence_Repeat(s, n)
}

@c @implementation public func PySequence_GetSlice(_ s: Ref!, _ i: Int, _ j: Int) -> Ref? {
  bridge { () throws(PyError) in
    guard let f = s.type.pointee.tp_as_mapping?.pointee.mp_subscript else {
      throw typeError("'\(typeName(of: s))' object is unsliceable")
    }
    let slice = try sliceObject(i, j)
    return try owned(f(s, slice.ref))
  }
}
@c @implementation public func PySequence_SetSlice(_ s: Ref!, _ i: Int, _ j: Int, _ v: Ref!) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let f = s.type.pointee.tp_as_mapping?.pointee.mp_ass_subscript else {
      throw typeError("'\(typeName(of: s))' object doesn't support slice \(v == nil ? "deletion" : "assignment")")
    }
    let slice = try sliceObject(i, j)
    try check(f(s, slice.ref, v))
  }
}
@c @implementation public func PySequence_DelSlice(_ s: Ref!, _ i: Int, _ j: Int) -> Int32 {
  PySequence_SetSlice(s, i, j, nil)
}
@c @implementation public func PySequence_DelItem(_ s: Ref!, _ i: Int) -> Int32 {
  bridgeStatus { () throws(PyError) in
    let s = s!
    guard let f = s.type.pointee.tp_as_sequence?.pointee.sq_ass_item else {
      throw typeError("'\(typeName(of: s))' object doesn't support item deletion")
    }
    try check(f(s, try index(i, s), nil))
  }
}

/// Walks a sequence until `body` is true for the item's equality with `wanted`.
private func search(_ s: Ref, _ wanted: Ref, _ body: (Int) -> Bool) throws(PyError) {
  guard let i = PyObject_GetIter(s) else {
    guard PyErr_ExceptionMatches(Exc.TypeError.object) != 0 else { throw PyError() }
    PyErr_Clear()
    throw typeError("argument of type '\(typeName(of: s))' is not iterable")
  }
  let iterator = Owned(taking: i)
  var at = 0
  while let next = PyIter_Next(iterator.ref) {
    let item = Owned(taking: next)
    if try check(PyObject_RichCompareBool(item.ref, wanted, Py_EQ)) > 0 && body(at) { return }
    at += 1
  }
  if errorIsSet { throw PyError() }
}
@c @implementation public func PySequence_Count(_ s: Ref!, _ v: Ref!) -> Int {
  bridgeSize { () throws(PyError) in
    var n = 0
    try search(s!, v!) { _ in
      n += 1
      return false
    }
    return n
  }
}
@c @implementation public func PySequence_Index(_ s: Ref!, _ v: Ref!) -> Int {
  bridgeSize { () throws(PyError) in
    var found = -1
    try search(s!, v!) {
      found = $0
      return true
    }
    if found < 0 { throw valueError("sequence.index(x): x not in sequence") }
    return found
  }
}
@c @implementation public func PySequence_In(_ s: Ref!, _ v: Ref!) -> Int32 { PySequence_Contains(s, v) }
