// The module binascii: bytes to text codings and checksums.

import CGila
import GilaCore

enum BinasciiModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "binascii", doc: "Conversion between binary data and ASCII", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try ModuleSlot.exception(
          module!, ModuleSlot.binasciiError, "binascii.Error", "Error", base: Exc.ValueError)
        try ModuleSlot.exception(
          module!, ModuleSlot.binasciiIncomplete, "binascii.Incomplete", "Incomplete", base: nil)
      }
    })

  static func error(_ message: String) -> PyError { raise(ModuleSlot.get(ModuleSlot.binasciiError).asType, message) }

  /// Calls a body with the bytes of a bytes-like object.
  static func withBytes(
    _ r: Ref, _ body: (UnsafeBufferPointer<UInt8>) throws(PyError) -> Owned
  ) throws(PyError) -> Owned {
    let buffer = try Buffer(r)
    return try body(buffer.bytes)
  }
  /// Calls a body with the bytes of a bytes-like object or an ASCII str.
  static func withText(
    _ r: Ref, _ body: (UnsafeBufferPointer<UInt8>) throws(PyError) -> Owned
  ) throws(PyError) -> Owned {
    if r.isUnicode {
      if gila_unicode_state(r) & 0x40 == 0 { throw valueError("string argument should contain only ASCII characters") }
      var n = 0
      guard let p = PyUnicode_AsUTF8AndSize(r, &n) else { throw PyError() }
      return try body(UnsafeBufferPointer(start: UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self), count: n))
    }
    if PyObject_CheckBuffer(r) == 0 {
      throw typeError("argument should be bytes, buffer or ASCII string, not '\(typeName(of: r))'")
    }
    return try withBytes(r, body)
  }
  static func made(_ out: [UInt8]) throws(PyError) -> Owned {
    try bytes(out.count) { p in
      out.withUnsafeBufferPointer { if $0.count > 0 { p.update(from: $0.baseAddress!, count: $0.count) } }
    }
  }

  private static let hexSignature = Signature("hexlify", "(data, sep=None, bytes_per_sep=1)")
  private static let hexSignature2 = Signature("b2a_hex", "(data, sep=None, bytes_per_sep=1)")
  private static let a2bBase64 = Signature("a2b_base64", "(data, /, *, strict_mode=False)")
  private static let b2aBase64 = Signature("b2a_base64", "(data, /, *, newline=True)")
  private static let b2aUU = Signature("b2a_uu", "(data, /, *, backtick=False)")
  private static let a2bQP = Signature("a2b_qp", "(data, header=False)")
  private static let b2aQP = Signature("b2a_qp", "(data, quotetabs=False, istext=True, header=False)")

  private static func flag(_ r: Ref?, _ fallback: Bool) throws(PyError) -> Bool {
    guard let r else { return fallback }
    return try truth(r)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    let hexDoc: StaticString =
      "Hexadecimal representation of binary data.\n\n  sep\n    An optional single character or byte to separate hex bytes.\n  bytes_per_sep\n    How many bytes between separators.  Positive values count from the\n    right, negative values count from the left.\n\nThe return value is a bytes object.  This function is also\navailable as \"hexlify()\" or \"b2a_hex()\".\n\nExample:\n>>> binascii.b2a_hex(b'\\xb9\\x01\\xef')\nb'b901ef'\n>>> binascii.hexlify(b'\\xb9\\x01\\xef', ':')\nb'b9:01:ef'\n>>> binascii.b2a_hex(b'\\xb9\\x01\\xef', b'_', 2)\nb'b9_01ef'"
    m.keywords("hexlify", "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)", hexDoc) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try BinasciiModule.hexSignature.bind(args, n, names)
        return try Hex.encode(b[0]!, b[1], b[2])
      }
    }
    m.keywords("b2a_hex", "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)", hexDoc) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try BinasciiModule.hexSignature2.bind(args, n, names)
        return try Hex.encode(b[0]!, b[1], b[2])
      }
    }
    m.one(
      "unhexlify", "($module, hexstr, /)",
      "Binary data of hexadecimal representation.\n\nhexstr must contain an even number of hex digits (upper or lower case)."
    ) { _, text in
      bridge { () throws(PyError) in try BinasciiModule.withText(text!) { t throws(PyError) in try Hex.decode(t) } }
    }
    m.one(
      "a2b_hex", "($module, hexstr, /)",
      "Binary data of hexadecimal representation.\n\nhexstr must contain an even number of hex digits (upper or lower case).\nThis function is also available as \"unhexlify()\"."
    ) { _, text in
      bridge { () throws(PyError) in try BinasciiModule.withText(text!) { t throws(PyError) in try Hex.decode(t) } }
    }
    m.keywords(
      "a2b_base64", "($module, data, /, *, strict_mode=False)",
      "Decode a line of base64 data.\n\n  strict_mode\n    When set to True, bytes that are not in the base64 standard are not allowed.\n    The same applies to excess data after padding (= / ==)."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try BinasciiModule.a2bBase64.bind(args, n, names)
        let strict = try BinasciiModule.flag(b[1], false)
        return try BinasciiModule.withText(b[0]!) { t throws(PyError) in try Base64.decode(t, strict: strict) }
      }
    }
    m.keywords("b2a_base64", "($module, data, /, *, newline=True)", "Base64-code line of data.") { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try BinasciiModule.b2aBase64.bind(args, n, names)
        let newline = try BinasciiModule.flag(b[1], true)
        return try BinasciiModule.withBytes(b[0]!) { t throws(PyError) in try Base64.encode(t, newline: newline) }
      }
    }
    m.one("a2b_uu", "($module, data, /)", "Decode a line of uuencoded data.") { _, text in
      bridge { () throws(PyError) in try BinasciiModule.withText(text!) { t throws(PyError) in try UUCode.decode(t) } }
    }
    m.keywords("b2a_uu", "($module, data, /, *, backtick=False)", "Uuencode line of data.") { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try BinasciiModule.b2aUU.bind(args, n, names)
        let backtick = try BinasciiModule.flag(b[1], false)
        return try BinasciiModule.withBytes(b[0]!) { t throws(PyError) in try UUCode.encode(t, backtick: backtick) }
      }
    }
    m.keywords("a2b_qp", "($module, /, data, header=False)", "Decode a string of qp-encoded data.") {
      _, args, n, names in
      bridge { () throws(PyError) in
        let b = try BinasciiModule.a2bQP.bind(args, n, names)
        let header = try BinasciiModule.flag(b[1], false)
        return try BinasciiModule.withText(b[0]!) { t throws(PyError) in
          try BinasciiModule.made(QuotedPrintable.decode(t, header: header))
        }
      }
    }
    m.keywords(
      "b2a_qp", "($module, /, data, quotetabs=False, istext=True, header=False)",
      "Encode a string using quoted-printable encoding.\n\nOn encoding, when istext is set, newlines are not encoded, and white\nspace at end of lines is.  When istext is not set, \\r and \\n (CR/LF)\nare both encoded.  When quotetabs is set, space and tabs are encoded."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try BinasciiModule.b2aQP.bind(args, n, names)
        let tabs = try BinasciiModule.flag(b[1], false)
        let text = try BinasciiModule.flag(b[2], true)
        let header = try BinasciiModule.flag(b[3], false)
        return try BinasciiModule.withBytes(b[0]!) { t throws(PyError) in
          try BinasciiModule.made(QuotedPrintable.encode(t, quoteTabs: tabs, isText: text, header: header))
        }
      }
    }
    m.positional("crc32", "($module, data, crc=0, /)", "Compute CRC-32 incrementally.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("crc32", n, 1, 2)
        var crc: UInt32 = 0
        if n > 1 {
          let v = PyLong_AsUnsignedLongMask(args![1])
          if v == .max && errorIsSet { throw PyError() }
          crc = UInt32(truncatingIfNeeded: v)
        }
        return try BinasciiModule.withBytes(args![0]!) { t throws(PyError) in
          try owned(PyLong_FromUnsignedLong(UInt(Checksum.crc32(t, crc))))
        }
      }
    }
    m.positional("crc_hqx", "($module, data, crc, /)", "Compute CRC-CCITT incrementally.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("crc_hqx", n, 2, 2)
        let v = PyLong_AsUnsignedLongMask(args![1])
        if v == .max && errorIsSet { throw PyError() }
        return try BinasciiModule.withBytes(args![0]!) { t throws(PyError) in
          try int(Int(Checksum.crcCCITT(t, UInt32(truncatingIfNeeded: v) & 0xFFFF)))
        }
      }
    }
    return m.build()
  }
}
