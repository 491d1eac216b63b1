/// Which encoding a source file declares (PEP 263), and turning the file into UTF-8.
public enum SourceEncoding {
  public struct Detected: Sendable {
    /// Normalized: `utf-8`, `iso-8859-1`, or as written.
    public var name: String
    public var hasByteOrderMark: Bool
    /// Bytes to skip at the start.
    public var prefixLength: Int
    public var isExplicit: Bool
  }

  /// Looks for a byte order mark and a `coding` comment in the first two lines.
  public static func detect(_ bytes: UnsafeBufferPointer<UInt8>) throws(SyntaxFailure) -> Detected {
    var start = 0
    var hasMark = false
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      start = 3
      hasMark = true
    }
    let prefix = start
    for _ in 0..<2 {
      var end = start
      while end < bytes.count, bytes[end] != 10, bytes[end] != 13 { end += 1 }
      // A declaration on a line that nothing ends is not seen, as in CPython.
      if end == bytes.count { break }
      let line = UnsafeBufferPointer(rebasing: bytes[start..<end])
      if let declared = declaration(in: line) {
        if hasMark, declared != "utf-8" {
          throw problem("encoding problem: \(declared) with BOM")
        }
        return Detected(name: declared, hasByteOrderMark: hasMark, prefixLength: prefix, isExplicit: true)
      }
      if !isBlankOrComment(line) { break }
      start = end + 1
      if end + 1 < bytes.count, bytes[end] == 13, bytes[end + 1] == 10 { start += 1 }
    }
    return Detected(name: "utf-8", hasByteOrderMark: hasMark, prefixLength: prefix, isExplicit: false)
  }

  static func problem(_ message: String) -> SyntaxFailure {
    SyntaxFailure(.syntaxError, message, line: 0, offset: -1, endLine: 0, endOffset: 0, text: nil)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 12 }

  private static func isBlankOrComment(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = line.first(where: { !isSpace($0) }) else { return true }
    return first == 35
  }

  private static func declaration(in line: UnsafeBufferPointer<UInt8>) -> String? {
    guard let hash = line.firstIndex(where: { !isSpace($0) }), line[hash] == 35 else { return nil }
    let word = Array("coding".utf8)
    var index = hash
    while index + 6 < line.count {
      defer { index += 1 }
      if !(0..<6).allSatisfy({ line[index + $0] == word[$0] }) { continue }
      var place = index + 6
      if line[place] != 58, line[place] != 61 { continue }
      repeat { place += 1 } while place < line.count && (line[place] == 32 || line[place] == 9)
      let start = place
      while place < line.count {
        let byte = line[place]
        let isWord =
          Tokenizer.isIdentifierPart(Int32(byte)) && byte < 128 || byte == 45 || byte == 46
        if !isWord { break }
        place += 1
      }
      if start < place { return normalized(String(decoding: line[start..<place], as: UTF8.self)) }
    }
    return nil
  }

  private static func normalized(_ name: String) -> String {
    let key = String(name.utf8.prefix(12).map { Character(UnicodeScalar($0 == 95 ? 45 : $0)) }).lowercased()
    if key == "utf-8" || key.hasPrefix("utf-8-") { return "utf-8" }
    for latin in ["latin-1", "iso-8859-1", "iso-latin-1"] where key == latin || key.hasPrefix(latin + "-") {
      return "iso-8859-1"
    }
    return name
  }

  /// The codec that a declared encoding means, if it is one that needs no table.
  static func builtinCodec(_ name: String) -> String? {
    switch name.lowercased() {
    case "utf-8", "utf8", "utf_8", "u8", "cp65001": "utf-8"
    case "iso-8859-1", "latin1", "latin_1", "l1", "iso8859-1", "8859", "cp819": "iso-8859-1"
    default: nil
    }
  }

  /// UTF-8 text of Latin-1 `bytes`.
  static func fromLatin1(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 8)
    for byte in bytes {
      if byte < 0x80 {
        result.append(byte)
      } else {
        result.append(0xC0 | byte >> 6)
        result.append(0x80 | byte & 0x3F)
      }
    }
    return result
  }
}
