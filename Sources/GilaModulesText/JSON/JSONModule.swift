// _json: the speed-ups of the json package.

import CGila
import GilaCore
import GilaText

enum JSONModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_json", doc: "json speedups\n", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try JSONModule.execute(module!) } })

  private static let definesOnce: Void = {
    JSONScannerType.define()
    JSONEncoderType.define()
  }()

  private static func execute(_ module: Ref) throws(PyError) {
    _ = definesOnce
    try check(PyType_Ready(JSONTypes.scanner))
    try check(PyType_Ready(JSONTypes.encoder))
    try add(module, "make_scanner", JSONTypes.scanner.object)
    try add(module, "make_encoder", JSONTypes.encoder.object)
  }

  static let encodeASCII: @convention(c) (Ref?, Ref?) -> Ref? = { _, s in encoded(s!, ascii: true) }
  static let encodeAny: @convention(c) (Ref?, Ref?) -> Ref? = { _, s in encoded(s!, ascii: false) }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one(
      "encode_basestring_ascii", "",
      "encode_basestring_ascii(string) -> string\n\nReturn an ASCII-only JSON representation of a Python string",
      encodeASCII)
    m.one(
      "encode_basestring", "", "encode_basestring(string) -> string\n\nReturn a JSON representation of a Python string",
      encodeAny)
    m.positional(
      "scanstring", "",
      "scanstring(string, end, strict=True) -> (string, end)\n\nScan the string s for a JSON string. End is the index of the\ncharacter in s after the quote that started the JSON string.\nUnescapes all valid JSON string escape sequences and raises ValueError\non attempt to decode an invalid string. If strict is False then literal\ncontrol characters are allowed in the string.\n\nReturns a tuple of the decoded string and the index of the character in s\nafter the end quote."
    ) { _, a, n in
      bridge { () throws(PyError) in
        if n < 2 || n > 3 {
          throw typeError("scanstring() takes \(n < 2 ? "at least 2" : "at most 3") arguments (\(n) given)")
        }
        let p = a.unsafelyUnwrapped
        let end = try integerArgument(p[1].unsafelyUnwrapped)
        let strict = n > 2 ? try truth(p[2].unsafelyUnwrapped) : true
        let s = p[0].unsafelyUnwrapped
        if !s.isUnicode { throw typeError("first argument must be a string, not \(typeName(of: s))") }
        var next = 0
        let text = try scanString(s, end, strict: strict, &next)
        let pair = try owned(PyTuple_New(2))
        PyTuple_SetItem(pair.ref, 0, text.take())
        PyTuple_SetItem(pair.ref, 1, try owned(PyLong_FromSsize_t(next)).take())
        return pair
      }
    }
    return m.build()
  }
}

private func encoded(_ s: Ref, ascii: Bool) -> Ref? {
  bridge { () throws(PyError) in
    if !s.isUnicode { throw typeError("first argument must be a string, not \(typeName(of: s))") }
    var writer = StringWriter(minimum: s.strLength &+ 2)
    try writeString(s, ascii: ascii, &writer)
    return try writer.finish()
  }
}
