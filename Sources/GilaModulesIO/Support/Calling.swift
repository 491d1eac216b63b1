// Calling methods of other stream objects.

import CGila
import GilaCore
import GilaText
import Glibc

/// Calls a method with up to three positional arguments.
func callMethod(_ o: Ref, _ name: StaticString, _ a: Ref? = nil, _ b: Ref? = nil, _ c: Ref? = nil) throws(PyError)
  -> Owned
{
  var arguments: (Ref?, Ref?, Ref?, Ref?) = (o, a, b, c)
  let count = a == nil ? 1 : b == nil ? 2 : c == nil ? 3 : 4
  let key = internedLiteral(name)
  var result: Ref? = nil
  withUnsafePointer(to: &arguments) { p in
    p.withMemoryRebound(to: Ref?.self, capacity: 4) { result = PyObject_VectorcallMethod(key, $0, count, nil) }
  }
  return try owned(result)
}

/// The truth of what a method without arguments returns.
func askMethod(_ o: Ref, _ name: StaticString) throws(PyError) -> Bool {
  let r = try callMethod(o, name)
  return try truth(r.ref)
}

/// An attribute.
func attribute(_ o: Ref, _ name: StaticString) throws(PyError) -> Owned {
  try owned(PyObject_GetAttr(o, internedLiteral(name)))
}

/// An attribute that need not be there.
func optionalAttribute(_ o: Ref, _ name: StaticString) throws(PyError) -> Ref? {
  var r: Ref? = nil
  try check(PyObject_GetOptionalAttr(o, internedLiteral(name), &r))
  return r
}

/// The slot of io.UnsupportedOperation.
let unsupportedSlot = InterpreterSlot(205)

/// Sets io.UnsupportedOperation.
@inline(never) func unsupported(_ message: String) -> PyError {
  guard let type = currentInterpreter.slot(unsupportedSlot).pointee else { return valueError(message) }
  return raise(type.asType, message)
}

/// ValueError for an operation on a closed stream.
@inline(never) func closedError(_ message: String = "I/O operation on closed file.") -> PyError { valueError(message) }

/// A size argument: an int, or None and missing for -1.
func sizeOrNone(_ r: Ref?, _ missing: Int = -1) throws(PyError) -> Int {
  guard let r, !r.isNone else { return missing }
  guard PyIndex_Check(r) != 0 else {
    throw typeError("argument should be integer or None, not '\(typeName(of: r))'")
  }
  let n = PyNumber_AsSsize_t(r, Exc.OverflowError.object)
  if n == -1, errorIsSet { throw PyError() }
  return n
}

/// The only argument of a method that takes at most one.
func optionalArgument(_ name: StaticString, _ a: ArgumentVector?, _ n: Int) throws(PyError) -> Ref? {
  try checkCount(name, n, 0, 1)
  return n > 0 ? a.unsafelyUnwrapped[0] : nil
}

/// A file position from a Python number.
func fileOffset(_ r: Ref) throws(PyError) -> Int {
  let index = try owned(PyNumber_Index(r))
  let n = PyLong_AsLongLong(index.ref)
  if n == -1, errorIsSet { throw PyError() }
  return Int(n)
}

/// A new int.
func number(_ n: Int) throws(PyError) -> Owned { try owned(PyLong_FromSsize_t(n)) }

/// OSError from `errno`.
@inline(never) func systemFailure() -> PyError {
  PyErr_SetFromErrno(Exc.OSError.object)
  return PyError()
}

/// Runs `body` and, when it fails, `cleanup`, with the first exception as the context of a second one.
func chaining(_ first: Ref?) {
  if let first {
    if errorIsSet { _PyErr_ChainExceptions1(first) } else { PyErr_SetRaisedException(first) }
  }
}

/// True when the pending exception is an OSError of EINTR, which is then dropped after signal handlers ran.
func trapInterrupt() throws(PyError) -> Bool {
  guard errorIsSet, PyErr_ExceptionMatches(Exc.InterruptedError.object) != 0 else { return false }
  PyErr_Clear()
  try check(PyErr_CheckSignals())
  return true
}
