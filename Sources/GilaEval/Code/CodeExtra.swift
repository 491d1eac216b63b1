import CGila
import GilaCore
import Glibc

// Values that tools attach to code objects (PEP 523): a counted array of pointers per code object, by tickets that
// `PyUnstable_Eval_RequestCodeExtraIndex` hands out with the function that frees them.

private enum CodeExtra {
  static let limit = 8
  /// The interpreter's free functions: a count and up to `limit` pointers.
  static func functions(_ interp: InterpreterRef) -> UnsafeMutablePointer<UInt> {
    let spare = UnsafeMutableRawPointer(interp) + MemoryLayout<PyInterpreterState>.offset(of: \.spare)!
    return (spare + 8 * 8).assumingMemoryBound(to: UInt.self)
  }
  /// The values of a code object, made when asked for.
  static func values(_ c: CodeRef, create: Bool) -> UnsafeMutablePointer<UnsafeMutableRawPointer?>? {
    if c.pointee.co_extra == nil && create { c.pointee.co_extra = calloc(limit, 8) }
    return c.pointee.co_extra?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }
}

@c @implementation public func PyUnstable_Eval_RequestCodeExtraIndex(_ free: freefunc!) -> Int {
  let f = CodeExtra.functions(currentInterpreter.owner)
  if f[0] >= UInt(CodeExtra.limit) { return -1 }
  f[0] += 1
  f[Int(f[0])] = unsafeBitCast(free as freefunc?, to: UInt.self)
  return Int(f[0]) - 1
}
@c @implementation public func PyUnstable_Code_GetExtra(
  _ code: Ref!, _ index: Int, _ value: UnsafeMutablePointer<UnsafeMutableRawPointer?>!
) -> Int32 {
  guard code.isExactly(Types.code) else {
    PyErr_BadInternalCall()
    return -1
  }
  value.pointee = nil
  if index >= 0 && index < CodeExtra.limit, let v = CodeExtra.values(code.cast(PyCodeObject.self), create: false) {
    value.pointee = v[index]
  }
  return 0
}
@c @implementation public func PyUnstable_Code_SetExtra(
  _ code: Ref!, _ index: Int, _ value: UnsafeMutableRawPointer!
) -> Int32 {
  let f = CodeExtra.functions(currentInterpreter.owner)
  guard code.isExactly(Types.code), index >= 0, index < Int(f[0]) else {
    PyErr_BadInternalCall()
    return -1
  }
  guard let v = CodeExtra.values(code.cast(PyCodeObject.self), create: true) else {
    PyErr_NoMemory()
    return -1
  }
  if let old = v[index], let release = unsafeBitCast(f[index + 1], to: freefunc?.self) { release(old) }
  v[index] = value
  return 0
}
/// Frees what is attached to a code object that dies.
@c @implementation public func gila_code_extra_free(_ code: Ref!) {
  let c = code.cast(PyCodeObject.self)
  guard let v = CodeExtra.values(c, create: false) else { return }
  let f = CodeExtra.functions(currentInterpreter.owner)
  for i in 0..<min(Int(f[0]), CodeExtra.limit) {
    if let value = v[i], let release = unsafeBitCast(f[i + 1], to: freefunc?.self) { release(value) }
  }
  free(UnsafeMutableRawPointer(v))
  c.pointee.co_extra = nil
}
