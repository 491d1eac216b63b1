// The module marshal, and the C functions of the same name.

import CGila
import GilaCore
import Glibc

enum MarshalModule {
  static let version = 4
  nonisolated(unsafe) static let definition = moduleDefinition(
    "marshal",
    doc: "Reads and writes values in the binary format of compiled modules. The format may change between versions.",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in try add(module!, "version", int: MarshalModule.version) }
    })

  /// The keyword `allow_code`, the only one.
  static func allowsCode(_ function: StaticString, _ a: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError)
    -> Bool
  {
    guard let names else { return true }
    var allowed = true
    for i in 0..<names.size {
      let word = gila_tuple_items(names)[i].unsafelyUnwrapped
      guard PyUnicode_EqualToUTF8(word, "allow_code") != 0 else {
        throw typeError("\(function)() got an unexpected keyword argument '\(swiftString(word))'")
      }
      allowed = try truth(a.unsafelyUnwrapped[n + i].unsafelyUnwrapped)
    }
    return allowed
  }
  static func checkCount(_ function: StaticString, _ n: Int, _ least: Int, _ most: Int) throws(PyError) {
    if n >= least && n <= most { return }
    let word = least == most ? "exactly" : n < least ? "at least" : "at most"
    let bound = n < least ? least : most
    throw typeError("\(function)() takes \(word) \(bound) positional argument\(bound == 1 ? "" : "s") (\(n) given)")
  }
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.keywords(
      "dump", "($module, value, file, version=version, /, *, allow_code=True)",
      "Writes a value to a binary file that is open for writing."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let allow = try MarshalModule.allowsCode("dump", a, n, names)
        try MarshalModule.checkCount("dump", n, 2, 3)
        let version = n > 2 ? Int(try intArgument(a![2]!)) : MarshalModule.version
        try audit("marshal.dumps", [a![0]], numbers: version)
        let bytes = try MarshalWriter.bytes(of: a![0]!, version: version, allowCode: allow)
        return try callMethod(a![1]!, "write", bytes.ref)
      }
    }
    m.keywords(
      "load", "($module, file, /, *, allow_code=True)", "Reads one value from a binary file that is open for reading."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let allow = try MarshalModule.allowsCode("load", a, n, names)
        try MarshalModule.checkCount("load", n, 1, 1)
        // An empty read tells text files from binary ones.
        let zero = try int(0)
        let nothing = try callMethod(a![0]!, "read", zero.ref)
        guard nothing.ref.isBytes else {
          throw typeError("file.read() returned not bytes but \(typeName(of: nothing.ref))")
        }
        try audit("marshal.load")
        var reader = MarshalReader(file: a![0]!, allowCode: allow)
        return try reader.read()
      }
    }
    m.keywords(
      "dumps", "($module, value, version=version, /, *, allow_code=True)", "Returns the bytes that dump() would write."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let allow = try MarshalModule.allowsCode("dumps", a, n, names)
        try MarshalModule.checkCount("dumps", n, 1, 2)
        let version = n > 1 ? Int(try intArgument(a![1]!)) : MarshalModule.version
        try audit("marshal.dumps", [a![0]], numbers: version)
        return try MarshalWriter.bytes(of: a![0]!, version: version, allowCode: allow)
      }
    }
    m.keywords(
      "loads", "($module, bytes, /, *, allow_code=True)",
      "Makes the value that the bytes hold. Bytes behind it are ignored."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let allow = try MarshalModule.allowsCode("loads", a, n, names)
        try MarshalModule.checkCount("loads", n, 1, 1)
        var view = Py_buffer()
        try check(PyObject_GetBuffer(a![0], &view, PyBUF_SIMPLE))
        defer { PyBuffer_Release(&view) }
        if isAudited {
          let bytes = try owned(PyBytes_FromStringAndSize(view.buf?.assumingMemoryBound(to: CChar.self), view.len))
          try audit("marshal.loads", bytes.ref)
        }
        let start = view.buf ?? UnsafeMutableRawPointer(bitPattern: 16)!
        var reader = MarshalReader(
          UnsafePointer(start.assumingMemoryBound(to: UInt8.self)), view.len, allowCode: allow)
        return try reader.read()
      }
    }
    return m.build()
  }
}

@c @implementation public func PyMarshal_ReadObjectFromString(_ bytes: UnsafePointer<CChar>!, _ n: Int) -> Ref? {
  bridge { () throws(PyError) in
    guard let bytes else { throw badInternalCall() }
    var reader = MarshalReader(UnsafeRawPointer(bytes).assumingMemoryBound(to: UInt8.self), max(n, 0))
    return try reader.read()
  }
}
@c @implementation public func PyMarshal_WriteObjectToString(_ value: Ref!, _ version: Int32) -> Ref? {
  bridge { () throws(PyError) in try MarshalWriter.bytes(of: value!, version: Int(version)) }
}
