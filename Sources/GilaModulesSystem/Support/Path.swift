// A path argument: str, bytes, an object with __fspath__, where a function allows it also a descriptor or None.

import CGila
import GilaCore
import Glibc

struct Path: ~Copyable {
  /// What messages show: the argument, after `__fspath__` (owned; None for a missing one).
  let object: Ref
  /// The bytes the system gets (owned), nil for a descriptor or None.
  private let bytes: Ref?
  /// The descriptor given instead of a path, or -1.
  let descriptor: Int32
  /// Names that the system gives back become bytes, as the argument was.
  let isBytes: Bool
  let isNone: Bool

  init(
    _ function: StaticString, _ name: StaticString, _ argument: Ref?, nullable: Bool = false,
    descriptor allowed: Bool = false
  ) throws(PyError) {
    // A noncopyable value must come into being at once: everything that can throw comes first.
    let parts = try Path.parts(function, name, argument, nullable, allowed)
    object = parts.object
    bytes = parts.bytes
    descriptor = parts.descriptor ?? -1
    isBytes = parts.object.isBytes
    isNone = parts.bytes == nil && parts.descriptor == nil
  }
  deinit {
    decref(object)
    xdecref(bytes)
  }

  /// What `init` stores: owned references.
  private static func parts(
    _ function: StaticString, _ name: StaticString, _ argument: Ref?, _ nullable: Bool, _ allowed: Bool
  ) throws(PyError) -> (object: Ref, bytes: Ref?, descriptor: Int32?) {
    guard let argument, !(argument.isNone && nullable) else { return (none, nil, nil) }
    var path = Owned(retaining: argument)
    if !argument.isUnicode && !argument.isBytes {
      if allowed && PyIndex_Check(argument) != 0 {
        let fd = try descriptorNumber(argument)
        return (path.take(), nil, fd)
      }
      path = try fromPathLike(function, name, argument, nullable, allowed)
    }
    let encoded = path.ref.isBytes ? Owned(retaining: path.ref) : try owned(PyUnicode_EncodeFSDefault(path.ref))
    if strlen(PyBytes_AsString(encoded.ref)) != encoded.ref.size {
      throw valueError("\(function): embedded null character in \(name)")
    }
    return (path.take(), encoded.take(), nil)
  }

  private static func fromPathLike(
    _ function: StaticString, _ name: StaticString, _ r: Ref, _ nullable: Bool, _ descriptor: Bool
  ) throws(PyError) -> Owned {
    guard let method = _PyObject_LookupSpecial(r, gila_intern("__fspath__")) else {
      if errorIsSet { throw PyError() }
      let wanted =
        switch (descriptor, nullable) {
        case (true, true): "string, bytes, os.PathLike, integer or None"
        case (true, false): "string, bytes, os.PathLike or integer"
        case (false, true): "string, bytes, os.PathLike or None"
        case (false, false): "string, bytes or os.PathLike"
        }
      throw typeError("\(function): \(name) should be \(wanted), not \(typeName(of: r))")
    }
    let bound = Owned(taking: method)
    let path = try owned(PyObject_CallNoArgs(bound.ref))
    if path.ref.isUnicode || path.ref.isBytes { return path }
    throw typeError("expected \(typeName(of: r)).__fspath__() to return str or bytes, not \(typeName(of: path.ref))")
  }

  /// The path for a system call; nil when a descriptor or nothing was given.
  var text: UnsafePointer<CChar>? { bytes.map { UnsafePointer(PyBytes_AsString($0)) } }
  /// The path for a system call of a function that takes neither descriptor nor None.
  var characters: UnsafePointer<CChar> { text ?? cString("") }
  /// How many bytes the path has.
  var count: Int { bytes.map { $0.size } ?? 0 }

  /// OSError from `errno`, naming this path.
  func failure() -> PyError {
    PyErr_SetFromErrnoWithFilenameObject(Exc.OSError.object, isNone ? nil : object)
    return PyError()
  }
  /// OSError from `errno`, naming both paths.
  func failure(and other: borrowing Path) -> PyError {
    PyErr_SetFromErrnoWithFilenameObjects(Exc.OSError.object, object, other.object)
    return PyError()
  }
  /// A system call's result, which is negative when it failed.
  @discardableResult func check<T: SignedInteger>(_ result: T) throws(PyError) -> T {
    if result < 0 { throw failure() }
    return result
  }

  /// A name from the system in the type of this path.
  func name(_ p: UnsafePointer<CChar>, _ n: Int) throws(PyError) -> Owned {
    isBytes ? try owned(PyBytes_FromStringAndSize(p, n)) : try owned(PyUnicode_DecodeFSDefaultAndSize(p, n))
  }
}

/// OSError from `errno`.
@inline(never) func systemFailure() -> PyError {
  PyErr_SetFromErrno(Exc.OSError.object)
  return PyError()
}
/// A system call's result, which is negative when it failed.
@discardableResult func checkSystem<T: SignedInteger>(_ result: T) throws(PyError) -> T {
  if result < 0 { throw systemFailure() }
  return result
}
/// The same for calls that return the error number itself.
func checkNumber(_ number: Int32) throws(PyError) {
  if number != 0 {
    errno = number
    throw systemFailure()
  }
}
