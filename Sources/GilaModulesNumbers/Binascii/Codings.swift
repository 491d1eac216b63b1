// The codings of binascii: hexadecimal, base64, uuencode, quoted-printable, and the checksums.

import CGila
import GilaCore

private typealias Input = UnsafeBufferPointer<UInt8>

private let hexDigits: StaticString = "0123456789abcdef"

private func hexValue(_ c: UInt8) -> UInt8? {
  switch c {
  case 48...57: c - 48
  case 97...102: c - 87
  case 65...70: c - 55
  default: nil
  }
}

enum Hex {
  static func encode(_ data: Ref, _ separator: Ref?, _ group: Ref?) throws(PyError) -> Owned {
    let buffer = try Buffer(data)
    let n = buffer.count
    var every = 0
    var mark: UInt8 = 0
    if let separator {
      let length = try checkSize(PyObject_Size(separator))
      if length != 1 { throw valueError("sep must be length 1.") }
      if separator.isUnicode {
        let c = PyUnicode_ReadChar(separator, 0)
        if c > 255 { throw valueError("sep must be ASCII.") }
        mark = UInt8(truncatingIfNeeded: c)
      } else if separator.isBytes {
        mark = (separator.raw + 32).load(as: UInt8.self)
      } else {
        throw typeError("sep must be str or bytes.")
      }
      every = 1
    }
    if let group {
      let g = Int(try intArgument(group))
      if separator != nil { every = g }
    }
    let step = every.magnitude
    let marks = step == 0 || n == 0 ? 0 : (UInt(n) - 1) / step
    let source = buffer.bytes
    return try bytes(n * 2 + Int(marks)) { out in
      var at = 0
      if step == 0 {
        while at < n {
          let (high, low) = (source[at] >> 4, source[at] & 15)
          out[2 &* at] = high &+ (high < 10 ? 48 : 87)
          out[2 &* at &+ 1] = low &+ (low < 10 ? 48 : 87)
          at &+= 1
        }
        return
      }
      for i in 0..<n {
        // Positive groups count from the right.
        if step > 0 && i > 0 {
          let distance = every > 0 ? n - i : i
          if UInt(distance) % step == 0 {
            out[at] = mark
            at += 1
          }
        }
        out[at] = hexDigits.utf8Start[Int(source[i] >> 4)]
        out[at + 1] = hexDigits.utf8Start[Int(source[i] & 15)]
        at += 2
      }
    }
  }

  static func decode(_ text: UnsafeBufferPointer<UInt8>) throws(PyError) -> Owned {
    if text.count % 2 != 0 { throw BinasciiModule.error("Odd-length string") }
    for c in text where hexValue(c) == nil { throw BinasciiModule.error("Non-hexadecimal digit found") }
    return try bytes(text.count / 2) { out in
      for i in 0..<text.count / 2 {
        out[i] = (hexValue(text[2 * i]) ?? 0) << 4 | (hexValue(text[2 * i + 1]) ?? 0)
      }
    }
  }
}

enum Base64 {
  private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  private static func value(_ c: UInt8) -> UInt8? {
    switch c {
    case 65...90: c - 65
    case 97...122: c - 71
    case 48...57: c + 4
    case 43: 62
    case 47: 63
    default: nil
    }
  }

  static func encode(_ data: UnsafeBufferPointer<UInt8>, newline: Bool) throws(PyError) -> Owned {
    let n = data.count
    return try bytes((n + 2) / 3 * 4 + (newline ? 1 : 0)) { out in
      var at = 0
      var i = 0
      func put(_ v: UInt32) {
        out[at] = alphabet.utf8Start[Int(v & 63)]
        at += 1
      }
      while i < n {
        let left = n - i
        let word =
          UInt32(data[i]) << 16 | (left > 1 ? UInt32(data[i + 1]) << 8 : 0) | (left > 2 ? UInt32(data[i + 2]) : 0)
        put(word >> 18)
        put(word >> 12)
        if left > 1 {
          put(word >> 6)
        } else {
          out[at] = 61
          at += 1
        }
        if left > 2 {
          put(word)
        } else {
          out[at] = 61
          at += 1
        }
        i += 3
      }
      if newline { out[at] = 10 }
    }
  }

  /// The value of each character; 255 for one that is no letter of the alphabet.
  private static let values: [UInt8] = (0...255).map { value(UInt8($0)) ?? 255 }

  /// How many groups of four letters a text begins with.
  private static func wholeGroups(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    values.withUnsafeBufferPointer { values in
      var n = 0
      while n &* 4 &+ 4 <= text.count {
        let i = n &* 4
        let all =
          values[Int(text[i])] | values[Int(text[i &+ 1])] | values[Int(text[i &+ 2])] | values[Int(text[i &+ 3])]
        if all > 63 { break }
        n &+= 1
      }
      return n
    }
  }
  private static func decodeGroups(_ text: UnsafeBufferPointer<UInt8>, _ n: Int, _ out: UnsafeMutablePointer<UInt8>) {
    values.withUnsafeBufferPointer { values in
      for k in 0..<n {
        let i = k &* 4
        let high = UInt32(values[Int(text[i])]) << 18 | UInt32(values[Int(text[i &+ 1])]) << 12
        let word = high | UInt32(values[Int(text[i &+ 2])]) << 6 | UInt32(values[Int(text[i &+ 3])])
        out[k &* 3] = UInt8(truncatingIfNeeded: word >> 16)
        out[k &* 3 &+ 1] = UInt8(truncatingIfNeeded: word >> 8)
        out[k &* 3 &+ 2] = UInt8(truncatingIfNeeded: word)
      }
    }
  }

  static func decode(_ text: UnsafeBufferPointer<UInt8>, strict: Bool) throws(PyError) -> Owned {
    // Whole groups of four letters first: most texts are nothing else, but for their end.
    let whole = wholeGroups(text)
    var out = [UInt8](unsafeUninitializedCapacity: (text.count + 3) / 4 * 3) { memory, count in
      count = whole * 3
      if let p = memory.baseAddress { decodeGroups(text, whole, p) }
    }
    if strict && text.first == 61 { throw BinasciiModule.error("Leading padding not allowed") }
    var quad = 0
    var left: UInt8 = 0
    var pads = 0
    var started = false
    for i in whole * 4..<text.count {
      let c = text[i]
      if c == 61 {
        started = true
        if strict && quad == 0 { throw BinasciiModule.error("Excess padding not allowed") }
        pads += 1
        if quad >= 2 && quad + pads >= 4 {
          // A complete group: everything after it is ignored, or wrong.
          if strict && i + 1 < text.count { throw BinasciiModule.error("Excess data after padding") }
          return try BinasciiModule.made(out)
        }
        continue
      }
      guard let v = value(c) else {
        if strict { throw BinasciiModule.error("Only base64 data is allowed") }
        continue
      }
      if strict && started { throw BinasciiModule.error("Discontinuous padding not allowed") }
      pads = 0
      switch quad {
      case 0:
        quad = 1
        left = v
      case 1:
        quad = 2
        out.append(left << 2 | v >> 4)
        left = v & 15
      case 2:
        quad = 3
        out.append(left << 4 | v >> 2)
        left = v & 3
      default:
        quad = 0
        out.append(left << 6 | v)
        left = 0
      }
    }
    if quad != 0 {
      if quad == 1 {
        throw BinasciiModule.error(
          "Invalid base64-encoded string: number of data characters (\(out.count / 3 * 4 + 1)) cannot be 1 more than a multiple of 4"
        )
      }
      throw BinasciiModule.error("Incorrect padding")
    }
    return try BinasciiModule.made(out)
  }
}

enum UUCode {
  static func decode(_ text: UnsafeBufferPointer<UInt8>) throws(PyError) -> Owned {
    // The first character is the length.
    let first = text.first ?? 0
    let length = Int((first &- 32) & 63)
    var out: [UInt8] = []
    out.reserveCapacity(length)
    var i = text.isEmpty ? 0 : 1
    var left: UInt32 = 0
    var bits = 0
    while out.count < length {
      var c: UInt8 = 0
      let exhausted = i >= text.count
      if !exhausted { c = text[i] }
      if exhausted || c == 10 || c == 13 {
        // Blanks at the end of a line may have been lost.
        c = 0
      } else {
        // 96 stands for a blank, too.
        if c < 32 || c > 96 { throw BinasciiModule.error("Illegal char") }
        c = (c - 32) & 63
      }
      i += 1
      left = left << 6 | UInt32(c)
      bits += 6
      if bits >= 8 {
        bits -= 8
        out.append(UInt8(truncatingIfNeeded: left >> UInt32(bits)))
        left &= (1 << UInt32(bits)) - 1
      }
    }
    // Only blanks may follow.
    while i < text.count {
      let c = text[i]
      if c != 32 && c != 96 && c != 10 && c != 13 { throw BinasciiModule.error("Trailing garbage") }
      i += 1
    }
    return try BinasciiModule.made(out)
  }

  static func encode(_ data: UnsafeBufferPointer<UInt8>, backtick: Bool) throws(PyError) -> Owned {
    if data.count > 45 { throw BinasciiModule.error("At most 45 bytes at once") }
    func character(_ v: UInt8) -> UInt8 { backtick && v == 0 ? 96 : v + 32 }
    var out = [character(UInt8(data.count))]
    var i = 0
    while i < data.count {
      let a = data[i]
      let b = i + 1 < data.count ? data[i + 1] : 0
      let c = i + 2 < data.count ? data[i + 2] : 0
      out.append(character(a >> 2))
      out.append(character((a & 3) << 4 | b >> 4))
      out.append(character((b & 15) << 2 | c >> 6))
      out.append(character(c & 63))
      i += 3
    }
    out.append(10)
    return try BinasciiModule.made(out)
  }
}

enum QuotedPrintable {
  static func decode(_ text: UnsafeBufferPointer<UInt8>, header: Bool) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    var i = 0
    let n = text.count
    while i < n {
      let c = text[i]
      if c == 61 {
        i += 1
        if i >= n { break }
        if text[i] == 10 || text[i] == 13 {
          // A soft line break.
          if text[i] != 10 { while i < n && text[i] != 10 { i += 1 } }
          if i < n { i += 1 }
        } else if text[i] == 61 {
          out.append(61)
          i += 1
        } else if i + 1 < n, let a = hexValue(text[i]), let b = hexValue(text[i + 1]) {
          out.append(a << 4 | b)
          i += 2
        } else {
          out.append(61)
        }
      } else if header && c == 95 {
        out.append(32)
        i += 1
      } else {
        out.append(c)
        i += 1
      }
    }
    return out
  }

  static func encode(
    _ data: UnsafeBufferPointer<UInt8>, quoteTabs: Bool, isText: Bool, header: Bool
  ) -> [UInt8] {
    let most = 76
    var out: [UInt8] = []
    out.reserveCapacity(data.count + data.count / 8)
    let n = data.count
    // Lines end as the first one does.
    var crlf = false
    if let first = data.firstIndex(of: 10), first > 0, data[first - 1] == 13 { crlf = true }
    func upper(_ v: UInt8) -> UInt8 { v < 10 ? 48 + v : 55 + v }
    func softBreak() {
      out.append(61)
      if crlf { out.append(13) }
      out.append(10)
    }
    var line = 0
    var i = 0
    while i < n {
      let c = data[i]
      let endOfData = i + 1 == n
      let quote =
        c > 126 || c == 61 || (header && c == 95)
        || (c == 46 && line == 0 && (endOfData || data[i + 1] == 10 || data[i + 1] == 13 || data[i + 1] == 0))
        || (!isText && (c == 13 || c == 10)) || ((c == 9 || c == 32) && endOfData)
        || (c < 33 && c != 13 && c != 10 && c != 9 && c != 32)
        || (c < 33 && c != 13 && c != 10 && (quoteTabs || (!quoteTabs && c != 9 && c != 32)))
      if quote {
        if line + 3 >= most {
          softBreak()
          line = 0
        }
        out.append(61)
        out.append(upper(c >> 4))
        out.append(upper(c & 15))
        i += 1
        line += 3
      } else if isText && (c == 10 || (c == 13 && i + 1 < n && data[i + 1] == 10)) {
        line = 0
        // A blank before the end of a line is protected.
        if let last = out.last, last == 32 || last == 9 {
          out.removeLast()
          out.append(61)
          out.append(upper(last >> 4))
          out.append(upper(last & 15))
        }
        if crlf { out.append(13) }
        out.append(10)
        i += c == 13 ? 2 : 1
      } else {
        if i + 1 != n && data[i + 1] != 10 && line + 1 >= most {
          softBreak()
          line = 0
        }
        line += 1
        out.append(header && c == 32 ? 95 : c)
        i += 1
      }
    }
    return out
  }
}

enum Checksum {
  private static let table: [UInt32] = (0..<256).map { (i: UInt32) in
    var c = i
    for _ in 0..<8 { c = c & 1 != 0 ? 0xEDB8_8320 ^ (c >> 1) : c >> 1 }
    return c
  }

  static func crc32(_ data: UnsafeBufferPointer<UInt8>, _ start: UInt32) -> UInt32 {
    var c = ~start
    table.withUnsafeBufferPointer { t in
      for b in data { c = t[Int((c ^ UInt32(b)) & 0xFF)] ^ (c >> 8) }
    }
    return ~c
  }

  static func crcCCITT(_ data: UnsafeBufferPointer<UInt8>, _ start: UInt32) -> UInt32 {
    var crc = start
    for b in data {
      crc ^= UInt32(b) << 8
      for _ in 0..<8 { crc = crc & 0x8000 != 0 ? (crc << 1 ^ 0x1021) & 0xFFFF : crc << 1 & 0xFFFF }
    }
    return crc
  }
}
