// Numbers that system calls take, from Python objects, with CPython's messages; and back.

import CGila
import GilaCore

/// AT_FDCWD: relative to the current directory.
let currentDirectory: Int32 = -100

@inline(__always) func int(_ v: Int) throws(PyError) -> Owned { try owned(PyLong_FromSsize_t(v)) }
@inline(__always) func int(_ v: Int32) throws(PyError) -> Owned { try owned(PyLong_FromLong(Int(v))) }
@inline(__always) func int(_ v: UInt32) throws(PyError) -> Owned { try owned(PyLong_FromLong(Int(v))) }
@inline(__always) func int(_ v: UInt) throws(PyError) -> Owned { try owned(PyLong_FromUnsignedLong(v)) }
@inline(__always) func float(_ v: Double) throws(PyError) -> Owned { try owned(PyFloat_FromDouble(v)) }
@inline(__always) func noneOwned() -> Owned { Owned(retaining: none) }

/// A C int.
func cInt(_ r: Ref) throws(PyError) -> Int32 {
  let n = PyLong_AsInt(r)
  if n == -1, errorIsSet { throw PyError() }
  return n
}
/// A C long.
func cLong(_ r: Ref) throws(PyError) -> Int {
  let n = PyLong_AsLong(r)
  if n == -1, errorIsSet { throw PyError() }
  return n
}
/// A C ssize_t.
func cSize(_ r: Ref) throws(PyError) -> Int {
  let index = try owned(PyNumber_Index(r))
  let n = PyLong_AsSsize_t(index.ref)
  if n == -1, errorIsSet { throw PyError() }
  return n
}
/// A C double.
func cDouble(_ r: Ref) throws(PyError) -> Double {
  let v = PyFloat_AsDouble(r)
  if v == -1, errorIsSet { throw PyError() }
  return v
}
/// A C unsigned int, wrapping as CPython's unchecked conversions do.
func cUnsigned(_ r: Ref) throws(PyError) -> UInt32 {
  let n = PyLong_AsUnsignedLongMask(r)
  if n == UInt.max, errorIsSet { throw PyError() }
  return UInt32(truncatingIfNeeded: n)
}

/// A C unsigned int that must fit.
func cUnsignedInt(_ r: Ref) throws(PyError) -> UInt32 {
  guard r.isLong else { throw typeError("an integer is required") }
  if _PyLong_Sign(r) < 0 { throw valueError("value must be positive") }
  var overflow: Int32 = 0
  let n = PyLong_AsLongAndOverflow(r, &overflow)
  if n == -1, errorIsSet { throw PyError() }
  guard overflow == 0, let value = UInt32(exactly: n) else {
    throw overflowError("Python int too large for C unsigned int")
  }
  return value
}
/// A C unsigned long long that must fit.
func cUnsignedLong(_ r: Ref) throws(PyError) -> UInt64 {
  let n = PyLong_AsUnsignedLongLong(r)
  if n == UInt64.max, errorIsSet { throw PyError() }
  return n
}

/// The number of an open file: an int, or what `fileno()` of an object says.
func fileDescriptor(_ r: Ref) throws(PyError) -> Int32 {
  let fd = PyObject_AsFileDescriptor(r)
  if fd < 0 { throw PyError() }
  return fd
}

/// A descriptor where a path may stand too: `dir_fd` and paths given as ints.
func descriptorNumber(_ r: Ref) throws(PyError) -> Int32 {
  guard PyIndex_Check(r) != 0 else {
    throw typeError("argument should be integer or None, not \(typeName(of: r))")
  }
  if r.isExactly(Types.bool) {
    try check(PyErr_WarnEx(Exc.RuntimeWarning.object, "bool is used as a file descriptor", 1))
  }
  let index = try owned(PyNumber_Index(r))
  var overflow: Int32 = 0
  let n = PyLong_AsLongAndOverflow(index.ref, &overflow)
  if n == -1, errorIsSet { throw PyError() }
  if overflow > 0 || n > Int(Int32.max) { throw overflowError("fd is greater than maximum") }
  if overflow < 0 || n < Int(Int32.min) { throw overflowError("fd is less than minimum") }
  return Int32(truncatingIfNeeded: n)
}

/// The C API's way to a descriptor.
@c @implementation public func PyObject_AsFileDescriptor(_ r: Ref!) -> Int32 {
  bridgeInt { () throws(PyError) in
    let fd: Int32
    if r.isLong {
      if r.isExactly(Types.bool) {
        try check(PyErr_WarnEx(Exc.RuntimeWarning.object, "bool is used as a file descriptor", 1))
      }
      fd = try cInt(r)
    } else {
      var method: Ref? = nil
      try check(PyObject_GetOptionalAttrString(r, "fileno", &method))
      guard let method else { throw typeError("argument must be an int, or have a fileno() method.") }
      let bound = Owned(taking: method)
      let result = try owned(PyObject_CallNoArgs(bound.ref))
      guard result.ref.isLong else { throw typeError("fileno() returned a non-integer") }
      fd = try cInt(result.ref)
    }
    if fd < 0 { throw valueError("file descriptor cannot be a negative integer (\(fd))") }
    return fd
  }
}

/// A user's or group's number; -1 stands for "leave as it is".
func identity(_ r: Ref, _ what: StaticString) throws(PyError) -> UInt32 {
  guard PyIndex_Check(r) != 0 else { throw typeError("\(what) should be integer, not \(typeName(of: r))") }
  let index = try owned(PyNumber_Index(r))
  var overflow: Int32 = 0
  let n = PyLong_AsLongAndOverflow(index.ref, &overflow)
  if n == -1, errorIsSet { throw PyError() }
  if overflow > 0 { throw overflowError("\(what) is greater than maximum") }
  if overflow == 0, n == -1 { return UInt32.max }
  // CPython says "less" for every C long that is no number of a user.
  guard overflow == 0, let id = UInt32(exactly: n) else { throw overflowError("\(what) is less than minimum") }
  return id
}
/// A user's or group's number as Python shows it.
func identity(_ id: UInt32) throws(PyError) -> Owned { id == UInt32.max ? try int(-1) : try int(id) }
