// The _io module: its types, exceptions and functions.

import CGila
import GilaCore
import GilaText

enum IOModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_io",
    doc:
      "The io module provides the Python interfaces to stream handling. The\nbuiltin open function is defined in this module.",
    methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try IOModule.execute(module!) } })

  private static let definesOnce: Void = {
    IOBaseType.define()
    RawIOBaseType.define()
    BufferedIOBaseType.define()
    TextIOBaseType.define()
    FileIOType.define()
    BytesIOType.define()
    StringIOType.define()
    BufferedTypes.define()
    BufferedPairType.define()
    NewlineDecoderType.define()
    TextIOWrapperType.define()
  }()

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.keywords(
      "open",
      "($module, /, file, mode='r', buffering=-1, encoding=None,\n     errors=None, newline=None, closefd=True, opener=None)",
      "Open file and return a stream.  Raise OSError upon failure."
    ) { _, a, n, names in
      bridge { () throws(PyError) in try openFile(a, n, names) }
    }
    m.keywords(
      "open_code", "($module, /, path)",
      "Opens the provided file with the intent to import the contents.\n\nThis may perform extra validation beyond open(), but is otherwise interchangeable\nwith calling open(path, 'rb')."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try openCodeSignature.bind(a, n, names)
        return try owned(PyFile_OpenCodeObject(try stringArgument("open_code", 0, b[0])))
      }
    }
    m.positional(
      "text_encoding", "($module, encoding, stacklevel=2, /)",
      "A helper function to choose the text encoding.\n\nWhen encoding is not None, this function returns it.\nOtherwise, this function returns the default text encoding\n(i.e. \"locale\" or \"utf-8\" depends on UTF-8 mode)."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("text_encoding", n, 1, 2)
        let encoding = a.unsafelyUnwrapped[0].unsafelyUnwrapped
        if !encoding.isNone { return Owned(retaining: encoding) }
        try warnOfDefaultEncoding(n > 1 ? try sizeArgument(a.unsafelyUnwrapped[1].unsafelyUnwrapped) : 2)
        let name = try localeEncoding()
        return try string(_PyUnicode_EqualToASCIIString(name.ref, "utf-8") != 0 ? "utf-8" : "locale")
      }
    }
    return m.build()
  }

  private static func execute(_ module: Ref) throws(PyError) {
    _ = definesOnce
    try add(module, "DEFAULT_BUFFER_SIZE", int: 8192)
    try addUnsupported(module)
    try add(module, "BlockingIOError", Exc.BlockingIOError.object)
    let types: [(StaticString, TypeRef)] = [
      ("_IOBase", IOTypes.ioBase), ("_RawIOBase", IOTypes.rawIOBase), ("_BufferedIOBase", IOTypes.bufferedIOBase),
      ("_TextIOBase", IOTypes.textIOBase), ("FileIO", IOTypes.fileIO), ("BytesIO", IOTypes.bytesIO),
      ("_BytesIOBuffer", IOTypes.bytesIOBuffer), ("StringIO", IOTypes.stringIO),
      ("BufferedReader", IOTypes.bufferedReader), ("BufferedWriter", IOTypes.bufferedWriter),
      ("BufferedRandom", IOTypes.bufferedRandom), ("BufferedRWPair", IOTypes.bufferedPair),
      ("IncrementalNewlineDecoder", IOTypes.newlineDecoder), ("TextIOWrapper", IOTypes.textIOWrapper),
    ]
    for (name, type) in types {
      try check(PyType_Ready(type))
      try add(module, name, type.object)
    }
  }

  /// io.UnsupportedOperation is an OSError and a ValueError.
  private static func addUnsupported(_ module: Ref) throws(PyError) {
    let bases = try owned(PyTuple_New(2))
    PyTuple_SetItem(bases.ref, 0, newRef(Exc.OSError.object))
    PyTuple_SetItem(bases.ref, 1, newRef(Exc.ValueError.object))
    let name = try string("UnsupportedOperation")
    let dict = try owned(PyDict_New())
    let moduleName = try string("io")
    try check(PyDict_SetItemString(dict.ref, "__module__", moduleName.ref))
    let type = try call(Types.type.object, name.ref, bases.ref, dict.ref)
    try add(module, "UnsupportedOperation", type.ref)
    replace(currentInterpreter.slot(unsupportedSlot), with: type.take())
  }
}

private let openCodeSignature = Signature("open_code", "(path)")

private func withUnsafeArguments(
  _ arguments: inout (Ref?, Ref?), _ body: (ArgumentVector) throws(PyError) -> Owned
) throws(PyError) -> Owned {
  var result: Ref? = nil
  withUnsafePointer(to: &arguments) { p in
    p.withMemoryRebound(to: Ref?.self, capacity: 2) { q in
      do throws(PyError) { result = try body(q).take() } catch {}
    }
  }
  return try owned(result)
}
