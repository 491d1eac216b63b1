// How decoders and encoders talk to whoever handles their errors.
//
// A codec runs until it is done or meets a fault; then it stops, with the place and CPython's reason. The caller may
// write a replacement to the output, choose where to go on (`position`), and run it again. So the error handlers, which
// are Python objects, stay outside this target.

/// Why a codec stopped.
@frozen public enum CodecStop {
  /// All input that can be used has been used.
  case finished
  /// The input from `start` up to `end` is at fault.
  case fault(start: Int, end: Int, reason: StaticString)
}

/// The order of bytes in UTF-16 and UTF-32 text.
@frozen public enum ByteOrder: Int {
  /// Least significant byte first.
  case little = -1
  /// Most significant byte first.
  case big = 1
}

@inlinable @inline(__always) func isSurrogate(_ c: UInt32) -> Bool { c & 0xFFFF_F800 == 0xD800 }
