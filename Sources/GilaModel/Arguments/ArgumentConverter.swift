import CGila
import GilaCore
import Glibc

/// Converts one Python object after the other into the C variables that a format names.
struct ArgumentConverter {
  private var format: UnsafePointer<CChar>
  private let variables: UnsafeMutablePointer<gila_va>
  /// Positions (from 1) in nested sequences of the argument being converted, for error messages.
  private var levels: [Int] = []
  /// The 1-based number of the argument being converted.
  private(set) var index = 0
  private var acquired: [Acquired] = []
  /// A description of the mismatch, when the error is this module's to word.
  private var mismatch: String? = nil

  /// What must be given back if a later argument cannot be converted.
  private enum Acquired {
    case buffer(UnsafeMutablePointer<Py_buffer>)
    case memory(UnsafeMutablePointer<UnsafeMutableRawPointer?>)
    case custom(@convention(c) (Ref?, UnsafeMutableRawPointer?) -> Int32, UnsafeMutableRawPointer?)
  }

  init(_ format: UnsafePointer<CChar>, _ variables: UnsafeMutablePointer<gila_va>) {
    self.format = format
    self.variables = variables
  }

  // MARK: The format

  private var current: UInt8 { UInt8(bitPattern: format.pointee) }
  var atEnd: Bool { current == 0 || current == UInt8(ascii: ":") || current == UInt8(ascii: ";") }
  mutating func skipMarks() {
    while current == UInt8(ascii: "|") || current == UInt8(ascii: "$") { format += 1 }
  }
  private mutating func take(_ c: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: c) else { return false }
    format += 1
    return true
  }
  private mutating func pointer<T>(_: T.Type) -> UnsafeMutablePointer<T> {
    gila_va_pointer(variables)!.assumingMemoryBound(to: T.self)
  }

  // MARK: Failure

  private mutating func expected(_ what: String, _ arg: Ref) -> PyError {
    mismatch = "must be \(what), not \(arg == none ? "None" : typeName(of: arg))"
    return PyError()
  }
  mutating func release() {
    for a in acquired.reversed() {
      switch a {
      case .buffer(let b): PyBuffer_Release(b)
      case .memory(let m):
        PyMem_Free(m.pointee)
        m.pointee = nil
      case .custom(let f, let address): _ = f(nil, address)
      }
    }
    acquired.removeAll()
  }
  /// Words the error of a conversion that failed without an exception, and gives back what was acquired.
  mutating func failed(_ shape: ArgumentParser.Shape, _ number: Int) {
    let saved = PyErr_GetRaisedException()
    release()
    PyErr_SetRaisedException(saved)
    if errorIsSet { return }
    if let message = shape.message {
      _ = typeError(message)
      return
    }
    var text = shape.function.map { "\($0)() " } ?? ""
    text += "argument"
    if number != 0 { text += " \(number)" }
    for level in levels { text += ", item \(level - 1)" }
    _ = typeError("\(text) \(mismatch ?? "is invalid")")
  }

  // MARK: Units

  /// Converts the next argument.
  mutating func convert(_ arg: Ref) throws(PyError) {
    index += 1
    levels.removeAll()
    try item(arg)
  }
  private mutating func item(_ arg: Ref) throws(PyError) {
    if take("(") { return try sequence(arg) }
    try simple(arg)
  }
  private mutating func sequence(_ arg: Ref) throws(PyError) {
    var count = 0, depth = 0
    var p = format
    while depth >= 0 && p.pointee != 0 {
      let c = UInt8(bitPattern: p.pointee)
      if c == UInt8(ascii: "(") {
        if depth == 0 { count += 1 }
        depth += 1
      } else if c == UInt8(ascii: ")") {
        depth -= 1
      } else if c == UInt8(ascii: "e") {
        if depth == 0 { count += 1 }
        p += 1
      } else if depth == 0 && isalpha(Int32(c)) != 0 {
        count += 1
      }
      p += 1
    }
    guard PySequence_Check(arg) != 0, !arg.isBytes else {
      throw expected("\(count)-item sequence", arg)
    }
    let n = PySequence_Size(arg)
    if n != count {
      if n < 0 { PyErr_Clear() }
      mismatch = "must be sequence of length \(count), not \(n)"
      throw PyError()
    }
    levels.append(0)
    for i in 0..<count {
      levels[levels.count - 1] = i + 1
      guard let element = PySequence_GetItem(arg, i) else {
        PyErr_Clear()
        mismatch = "is not retrievable"
        throw PyError()
      }
      // Variables borrow from the container, which is supposed to keep its items.
      let held = Owned(taking: element)
      try item(held.ref)
    }
    levels.removeLast()
    _ = take(")")
  }

  /// Steps over a unit and its variables.
  mutating func skip() {
    index += 1
    if take("(") {
      while current != 0 && current != UInt8(ascii: ")") { skip() }
      _ = take(")")
      return
    }
    let c = current
    format += 1
    switch c {
    case UInt8(ascii: "O"):
      if take("!") {
        _ = gila_va_pointer(variables)
      } else if take("&") {
        _ = gila_va_pointer(variables)
      }
      _ = gila_va_pointer(variables)
    case UInt8(ascii: "e"):
      format += current == 0 ? 0 : 1
      _ = gila_va_pointer(variables)
      _ = gila_va_pointer(variables)
      if take("#") { _ = gila_va_pointer(variables) }
    case UInt8(ascii: "s"), UInt8(ascii: "z"), UInt8(ascii: "y"), UInt8(ascii: "w"):
      _ = gila_va_pointer(variables)
      if take("#") {
        _ = gila_va_pointer(variables)
      } else {
        _ = take("*")
      }
    default: _ = gila_va_pointer(variables)
    }
  }

  private mutating func simple(_ arg: Ref) throws(PyError) {
    let c = Unicode.Scalar(current)
    format += 1
    switch c {
    case "b", "B", "h", "H", "i", "I", "l", "k", "L", "K", "n": try integer(c, arg)
    case "f":
      let v = try double(arg)
      pointer(Float.self).pointee = Float(v)
    case "d":
      let v = try double(arg)
      pointer(Double.self).pointee = v
    case "D":
      let v = PyComplex_AsCComplex(arg)
      if errorIsSet { throw PyError() }
      pointer(Py_complex.self).pointee = v
    case "p":
      let v = try check(PyObject_IsTrue(arg))
      pointer(Int32.self).pointee = v > 0 ? 1 : 0
    case "c":
      let out = pointer(CChar.self)
      if arg.isBytes || arg.isInstance(of: Types.byteArray) {
        if arg.size != 1 { throw expected("a byte string of length 1", arg) }
        out.pointee = (arg.isBytes ? PyBytes_AsString(arg) : PyByteArray_AsString(arg))![0]
      } else {
        throw expected("a byte string of length 1", arg)
      }
    case "C":
      let out = pointer(Int32.self)
      guard arg.isUnicode, PyUnicode_GetLength(arg) == 1 else { throw expected("a unicode character", arg) }
      out.pointee = Int32(bitPattern: PyUnicode_ReadChar(arg, 0))
    case "s", "z", "y": try text(c, arg)
    case "w": try writableBuffer(arg)
    case "e": try encoded(arg)
    case "S":
      guard arg.isBytes else { throw expected("bytes", arg) }
      pointer(Ref?.self).pointee = arg
    case "Y":
      guard arg.isInstance(of: Types.byteArray) else { throw expected("bytearray", arg) }
      pointer(Ref?.self).pointee = arg
    case "U":
      guard arg.isUnicode else { throw expected("str", arg) }
      pointer(Ref?.self).pointee = arg
    case "O": try object(arg)
    default: throw systemError("impossible<bad format char>")
    }
  }

  private mutating func object(_ arg: Ref) throws(PyError) {
    if take("!") {
      let type = gila_va_pointer(variables)!.assumingMemoryBound(to: PyTypeObject.self)
      let out = pointer(Ref?.self)
      guard arg.isInstance(of: type) else { throw expected(String(cString: type.pointee.tp_name), arg) }
      out.pointee = arg
    } else if take("&") {
      typealias Function = @convention(c) (Ref?, UnsafeMutableRawPointer?) -> Int32
      let function = unsafeBitCast(gila_va_pointer(variables), to: Function.self)
      let address = gila_va_pointer(variables)
      let result = function(arg, address)
      if result == 0 {
        mismatch = "(unspecified)"
        throw PyError()
      }
      if result == 0x20000 { acquired.append(.custom(function, address)) }
    } else {
      pointer(Ref?.self).pointee = arg
    }
  }

  // MARK: Numbers

  private func double(_ arg: Ref) throws(PyError) -> Double {
    let v = PyFloat_AsDouble(arg)
    if v == -1 && errorIsSet { throw PyError() }
    return v
  }
  private mutating func integer(_ c: Unicode.Scalar, _ arg: Ref) throws(PyError) {
    switch c {
    case "b":
      let v = try long(arg)
      if v < 0 { throw overflowError("unsigned byte integer is less than minimum") }
      if v > 255 { throw overflowError("unsigned byte integer is greater than maximum") }
      pointer(UInt8.self).pointee = UInt8(v)
    case "B":
      let v = try mask(arg)
      pointer(UInt8.self).pointee = UInt8(truncatingIfNeeded: v)
    case "h":
      let v = try long(arg)
      if v < Int(Int16.min) { throw overflowError("signed short integer is less than minimum") }
      if v > Int(Int16.max) { throw overflowError("signed short integer is greater than maximum") }
      pointer(Int16.self).pointee = Int16(v)
    case "H":
      let v = try mask(arg)
      pointer(UInt16.self).pointee = UInt16(truncatingIfNeeded: v)
    case "i":
      let v = try intArgument(arg)
      pointer(Int32.self).pointee = v
    case "I":
      let v = try mask(arg)
      pointer(UInt32.self).pointee = UInt32(truncatingIfNeeded: v)
    case "l":
      let v = try long(arg)
      pointer(Int.self).pointee = v
    case "L":
      let v = PyLong_AsLongLong(arg)
      if v == -1 && errorIsSet { throw PyError() }
      pointer(Int64.self).pointee = v
    case "n":
      let index = try owned(_PyNumber_Index(arg))
      let v = PyLong_AsSsize_t(index.ref)
      if v == -1 && errorIsSet { throw PyError() }
      pointer(Int.self).pointee = v
    default:  // k, K
      guard PyIndex_Check(arg) != 0 else { throw expected("int", arg) }
      let v = try mask(arg)
      pointer(UInt.self).pointee = v
    }
  }
  private func long(_ arg: Ref) throws(PyError) -> Int {
    let v = PyLong_AsLong(arg)
    if v == -1 && errorIsSet { throw PyError() }
    return v
  }
  /// The low bits, without an overflow check.
  private func mask(_ arg: Ref) throws(PyError) -> UInt {
    let v = PyLong_AsUnsignedLongMask(arg)
    if v == UInt.max && errorIsSet { throw PyError() }
    return v
  }

  // MARK: Text and bytes

  private func utf8(_ arg: Ref) throws(PyError) -> (UnsafePointer<CChar>, Int) {
    var n = 0
    guard let s = PyUnicode_AsUTF8AndSize(arg, &n) else { throw PyError() }
    return (s, n)
  }
  /// The memory of a bytes-like object that stays put without being held.
  private mutating func bytes(_ arg: Ref) throws(PyError) -> (UnsafePointer<CChar>?, Int) {
    if arg.type.pointee.tp_as_buffer?.pointee.bf_releasebuffer != nil {
      throw expected("read-only bytes-like object", arg)
    }
    var view = Py_buffer()
    try check(PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE))
    let result = (UnsafeRawPointer(view.buf)?.assumingMemoryBound(to: CChar.self), view.len)
    PyBuffer_Release(&view)
    return result
  }
  private mutating func text(_ c: Unicode.Scalar, _ arg: Ref) throws(PyError) {
    if take("*") {
      let out = pointer(Py_buffer.self)
      if c == "z" && arg == none {
        try check(PyBuffer_FillInfo(out, nil, nil, 0, 1, 0))
      } else if c != "y" && arg.isUnicode {
        let (s, n) = try utf8(arg)
        try check(PyBuffer_FillInfo(out, arg, UnsafeMutableRawPointer(mutating: s), n, 1, 0))
      } else {
        try check(PyObject_GetBuffer(arg, out, PyBUF_SIMPLE))
      }
      acquired.append(.buffer(out))
      return
    }
    let out = pointer(UnsafePointer<CChar>?.self)
    if take("#") {
      let size = pointer(Int.self)
      if c == "z" && arg == none {
        out.pointee = nil
        size.pointee = 0
      } else if c != "y" && arg.isUnicode {
        let (s, n) = try utf8(arg)
        out.pointee = s
        size.pointee = n
      } else {
        let (s, n) = try bytes(arg)
        out.pointee = s
        size.pointee = n
      }
      return
    }
    if c == "y" {
      let (s, n) = try bytes(arg)
      if let s, strlen(s) != n { throw valueError("embedded null byte") }
      out.pointee = s
    } else if c == "z" && arg == none {
      out.pointee = nil
    } else if arg.isUnicode {
      let (s, n) = try utf8(arg)
      if strlen(s) != n { throw valueError("embedded null character") }
      out.pointee = s
    } else {
      throw expected(c == "z" ? "str or None" : "str", arg)
    }
  }
  private mutating func writableBuffer(_ arg: Ref) throws(PyError) {
    guard take("*") else { throw systemError("impossible<bad format char>") }
    let out = pointer(Py_buffer.self)
    if PyObject_GetBuffer(arg, out, PyBUF_WRITABLE) < 0 {
      PyErr_Clear()
      throw expected("read-write bytes-like object", arg)
    }
    acquired.append(.buffer(out))
  }
  /// `es`, `et`, `es#`, `et#`: text encoded into memory that the caller frees.
  private mutating func encoded(_ arg: Ref) throws(PyError) {
    let encoding = gila_va_pointer(variables)?.assumingMemoryBound(to: CChar.self)
    let takesBytes = current == UInt8(ascii: "t")
    guard current == UInt8(ascii: "s") || takesBytes else { throw systemError("impossible<bad format char>") }
    format += 1
    let out = pointer(UnsafeMutableRawPointer?.self)
    let sized = take("#")
    let size = sized ? pointer(Int.self) : nil
    let source: Owned
    if takesBytes && (arg.isBytes || arg.isInstance(of: Types.byteArray)) {
      source = Owned(retaining: arg)
    } else if arg.isUnicode {
      source = try owned(
        encoding.map { PyUnicode_AsEncodedString(arg, $0, nil) } ?? PyUnicode_AsUTF8String(arg))
      guard source.ref.isBytes else {
        throw typeError("(encoder failed to return bytes)")
      }
    } else {
      throw expected(takesBytes ? "str, bytes or bytearray" : "str", arg)
    }
    let memory = source.ref.isBytes ? PyBytes_AsString(source.ref) : PyByteArray_AsString(source.ref)
    guard let memory else { throw PyError() }
    let from = UnsafePointer(memory)
    let n = source.ref.size
    if let size {
      if out.pointee == nil {
        guard let memory = PyMem_Malloc(n + 1) else { throw memoryError() }
        out.pointee = memory
        acquired.append(.memory(out))
      } else if n + 1 > size.pointee {
        throw valueError("encoded string too long (\(n), maximum length \(size.pointee - 1))")
      }
      size.pointee = n
    } else {
      if strlen(from) != n { throw expected("encoded string without null bytes", arg) }
      guard let memory = PyMem_Malloc(n + 1) else { throw memoryError() }
      out.pointee = memory
      acquired.append(.memory(out))
    }
    guard let to = out.pointee else { return }
    memcpy(to, from, n)
    to.storeBytes(of: 0, toByteOffset: n, as: UInt8.self)
  }
}
