/// Errors of UTF-8 text in the words of Python's decoder.
public enum UTF8Decoding {
  /// Where the first bytes that are not UTF-8 begin.
  public static func firstInvalid(_ bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { text in
      var place = 0
      while place < text.count {
        if text[place] < 0x80 {
          place += 1
          continue
        }
        guard let (_, width) = Tokenizer.decode(text, at: place) else { return place }
        place += width
      }
      return nil
    }
  }
  /// The message for the bytes at `place`, which are not UTF-8.
  static func message(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> String {
    let first = text[place]
    var reason = "invalid start byte"
    var length = 1
    let width = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0
    if width > 0 {
      reason = "invalid continuation byte"
      var index = 1
      while index < width {
        if place + index >= text.count {
          reason = "unexpected end of data"
          break
        }
        let byte = text[place + index]
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
        if index == 1 {
          switch first {
          case 0xE0: low = 0xA0
          case 0xED: high = 0x9F
          case 0xF0: low = 0x90
          case 0xF4: high = 0x8F
          default: break
          }
        }
        if byte < low || byte > high { break }
        index += 1
      }
      length = index
    }
    if length == 1 {
      let digits = String(first, radix: 16)
      let code = digits.utf8.count == 1 ? "0" + digits : digits
      return "(unicode error) 'utf-8' codec can't decode byte 0x\(code) in position \(place): \(reason)"
    }
    return "(unicode error) 'utf-8' codec can't decode bytes in position \(place)-\(place + length - 1): \(reason)"
  }

  /// The message for the first bytes that are not UTF-8; nil if all are.
  static func firstError(_ text: UnsafeBufferPointer<UInt8>) -> String? {
    var place = 0
    while place < text.count {
      if text[place] < 0x80 {
        place += 1
        continue
      }
      guard let (_, width) = Tokenizer.decode(text, at: place) else { return message(text, at: place) }
      place += width
    }
    return nil
  }
}
