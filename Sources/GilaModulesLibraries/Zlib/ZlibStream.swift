// A zlib stream with its lock, and zlib's errors.

import CGila
import CZlib
import GilaCore
import Glibc

/// zlib's own structure at a fixed place, which zlib insists on.
final class ZlibStream {
  enum Kind { case none, deflate, inflate }
  let z: UnsafeMutablePointer<z_stream>
  let lock = ObjectLock()
  var kind = Kind.none

  init() {
    z = .allocate(capacity: 1)
    z.initialize(to: z_stream())
  }
  deinit {
    end()
    z.deallocate()
  }
  @discardableResult func end() -> Int32 {
    defer { kind = .none }
    return switch kind {
    case .none: Z_OK
    case .deflate: deflateEnd(z)
    case .inflate: inflateEnd(z)
    }
  }

  func startDeflate(_ level: Int32, _ method: Int32, _ bits: Int32, _ memory: Int32, _ strategy: Int32) -> Int32 {
    let status = gila_deflate_init(z, level, method, bits, memory, strategy)
    if status == Z_OK { kind = .deflate }
    return status
  }
  func startInflate(_ bits: Int32) -> Int32 {
    let status = gila_inflate_init(z, bits)
    if status == Z_OK { kind = .inflate }
    return status
  }

  /// zlib.error for a status; the library's own message where it has one.
  func failure(_ status: Int32, _ what: String) -> PyError {
    var reason: String? = status == Z_VERSION_ERROR ? "library version mismatch" : nil
    if reason == nil, let p = z.pointee.msg { reason = String(cString: p) }
    if reason == nil {
      switch status {
      case Z_BUF_ERROR: reason = "incomplete or truncated stream"
      case Z_STREAM_ERROR: reason = "inconsistent stream state"
      case Z_DATA_ERROR: reason = "invalid input data"
      default: break
      }
    }
    return raise(LibraryObject.zlibError.exception, "Error \(status) \(what)" + (reason.map { ": \($0)" } ?? ""))
  }

  /// Compresses all of the input, then does what `flush` says. Returns the last status.
  func deflateAll(
    _ input: UnsafeMutablePointer<UInt8>?, _ count: Int, _ flush: Int32, _ output: inout OutputBuffer
  ) throws(PyError) -> Int32 {
    var used = 0
    var status = Z_OK
    let z = self.z
    repeat {
      let part = min(count - used, 1 << 30)
      z.pointee.next_in = input.map { $0 + used }
      z.pointee.avail_in = UInt32(part)
      used += part
      let mode = used == count ? flush : Z_NO_FLUSH
      repeat {
        let room = try output.room()
        z.pointee.next_out = room.baseAddress
        z.pointee.avail_out = UInt32(room.count)
        status = releasingLock("deflate") { deflate(z, mode) }
        output.advance(room.count - Int(z.pointee.avail_out))
        if status == Z_STREAM_ERROR { return status }
      } while z.pointee.avail_out == 0
    } while used < count
    return status
  }
}
