import CGila
import GilaCore
import Glibc

/// `Py_BuildValue`: Python objects made from C values by a format string.
struct ValueBuilder {
  private var format: UnsafePointer<CChar>
  private let values: UnsafeMutablePointer<gila_va>

  init(_ format: UnsafePointer<CChar>, _ values: UnsafeMutablePointer<gila_va>) {
    self.format = format
    self.values = values
  }
  private var current: Unicode.Scalar { Unicode.Scalar(UInt8(bitPattern: format.pointee)) }

  /// The number of units up to `end` (or the end of the text).
  private func count(until end: Unicode.Scalar) throws(PyError) -> Int {
    var n = 0, depth = 0
    var p = format
    while depth > 0 || Unicode.Scalar(UInt8(bitPattern: p.pointee)) != end {
      let c = Unicode.Scalar(UInt8(bitPattern: p.pointee))
      switch c {
      case "\0": throw systemError("unmatched paren in format")
      case "(", "[", "{":
        if depth == 0 { n += 1 }
        depth += 1
      case ")", "]", "}": depth -= 1
      case "#", "&", ",", ":", " ", "\t": break
      default: if depth == 0 { n += 1 }
      }
      p += 1
    }
    return n
  }

  /// The whole format: None for none, the object for one, else a tuple.
  mutating func build() throws(PyError) -> Owned {
    let n = try count(until: "\0")
    if n == 0 { return Owned(retaining: none) }
    if n == 1 { return try value() }
    return try tuple(n, "\0")
  }
  private mutating func finish(_ end: Unicode.Scalar) throws(PyError) {
    skipSeparators()
    guard current == end else { throw systemError("Unmatched paren in format") }
    if end != "\0" { format += 1 }
  }
  private mutating func skipSeparators() {
    while current == "," || current == ":" || current == " " || current == "\t" { format += 1 }
  }
  private mutating func tuple(_ n: Int, _ end: Unicode.Scalar) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(n))
    var failure: Ref? = nil
    for i in 0..<n {
      // After a failure the rest is still consumed, since `N` hands references over.
      do throws(PyError) {
        let v = try value()
        gila_tuple_items(t.ref)[i] = v.take()
      } catch { keep(&failure) }
    }
    try raiseAgain(failure)
    try finish(end)
    return t
  }
  private func keep(_ failure: inout Ref?) {
    let e = PyErr_GetRaisedException()
    if failure == nil { failure = e } else { xdecref(e) }
  }
  private func raiseAgain(_ failure: Ref?) throws(PyError) {
    guard let failure else { return }
    PyErr_SetRaisedException(failure)
    throw PyError()
  }
  private mutating func list() throws(PyError) -> Owned {
    let n = try count(until: "]")
    let l = try owned(PyList_New(0))
    var failure: Ref? = nil
    for _ in 0..<n {
      do throws(PyError) {
        let v = try value()
        try check(PyList_Append(l.ref, v.ref))
      } catch { keep(&failure) }
    }
    try raiseAgain(failure)
    try finish("]")
    return l
  }
  private mutating func dict() throws(PyError) -> Owned {
    let n = try count(until: "}")
    if n % 2 != 0 { throw systemError("Bad dict format") }
    let d = try owned(PyDict_New())
    var failure: Ref? = nil
    for _ in 0..<(n / 2) {
      do throws(PyError) {
        let k = try value()
        let v = try value()
        try check(PyDict_SetItem(d.ref, k.ref, v.ref))
      } catch { keep(&failure) }
    }
    try raiseAgain(failure)
    try finish("}")
    return d
  }

  private mutating func value() throws(PyError) -> Owned {
    skipSeparators()
    let c = current
    format += 1
    switch c {
    case "(":
      let n = try count(until: ")")
      return try tuple(n, ")")
    case "[": return try list()
    case "{": return try dict()
    case "b", "B", "h", "i": return try owned(PyLong_FromLong(Int(gila_va_int(values))))
    case "H": return try owned(PyLong_FromLong(Int(gila_va_int(values))))
    case "I": return try owned(PyLong_FromUnsignedLong(UInt(gila_va_uint(values))))
    case "n", "l": return try owned(PyLong_FromLong(gila_va_long(values)))
    case "k": return try owned(PyLong_FromUnsignedLong(gila_va_ulong(values)))
    case "L": return try owned(PyLong_FromLongLong(gila_va_longlong(values)))
    case "K": return try owned(PyLong_FromUnsignedLongLong(UInt64(bitPattern: gila_va_longlong(values))))
    case "p": return Owned(retaining: pyBool(gila_va_int(values) != 0))
    case "f", "d": return try owned(PyFloat_FromDouble(gila_va_double(values)))
    case "D":
      guard let z = gila_va_pointer(values)?.assumingMemoryBound(to: Py_complex.self) else { throw missing() }
      return try owned(PyComplex_FromCComplex(z.pointee))
    case "c":
      var byte = CChar(truncatingIfNeeded: gila_va_int(values))
      return try owned(PyBytes_FromStringAndSize(&byte, 1))
    case "C": return try owned(PyUnicode_FromOrdinal(gila_va_int(values)))
    case "s", "z", "U", "y": return try text(isBytes: c == "y")
    case "u":
      let s = gila_va_pointer(values)?.assumingMemoryBound(to: wchar_t.self)
      let n = takeSize()
      guard let s else { return Owned(retaining: none) }
      return try owned(PyUnicode_FromWideChar(s, n ?? -1))
    case "N", "S", "O": return try object(c)
    default: throw systemError("bad format char passed to Py_BuildValue")
    }
  }
  /// The length that `#` announces; nil without one.
  private mutating func takeSize() -> Int? {
    guard current == "#" else { return nil }
    format += 1
    return gila_va_long(values)
  }
  private mutating func text(isBytes: Bool) throws(PyError) -> Owned {
    let s = gila_va_pointer(values)?.assumingMemoryBound(to: CChar.self)
    let size = takeSize()
    guard let s else { return Owned(retaining: none) }
    let n = size.flatMap { $0 < 0 ? nil : $0 } ?? Int(strlen(s))
    return try owned(isBytes ? PyBytes_FromStringAndSize(s, n) : PyUnicode_FromStringAndSize(s, n))
  }
  private mutating func object(_ c: Unicode.Scalar) throws(PyError) -> Owned {
    if current == "&" {
      format += 1
      let function = unsafeBitCast(
        gila_va_pointer(values), to: (@convention(c) (UnsafeMutableRawPointer?) -> Ref?).self)
      let argument = gila_va_pointer(values)
      return try owned(function(argument))
    }
    guard let p = gila_va_pointer(values) else { throw missing() }
    let r = p.assumingMemoryBound(to: PyObject.self)
    return c == "N" ? Owned(taking: r) : Owned(retaining: r)
  }
  private func missing() -> PyError {
    errorIsSet ? PyError() : systemError("NULL object passed to Py_BuildValue")
  }
}

@c @implementation public func gila_build_value(
  _ format: UnsafePointer<CChar>!, _ values: UnsafeMutablePointer<gila_va>!, _ flags: Int32
) -> Ref? {
  bridge { () throws(PyError) in
    var builder = ValueBuilder(format, values)
    return try builder.build()
  }
}
/// Calls with what a format built: a tuple is the arguments, anything else the one argument. Takes `built` over.
@c @implementation public func gila_call_built(_ callable: Ref!, _ built: Ref!) -> Ref? {
  guard let built else { return nil }
  defer { gila_decref(built) }
  return built.isTuple ? PyObject_Call(callable, built, nil) : PyObject_CallOneArg(callable, built)
}
