// zlib.Compress, zlib.Decompress and zlib._ZlibDecompressor.

import CGila
import CZlib
import GilaCore
import Glibc

/// The state of a Compress object.
final class ZlibCompressor: NativeState {
  let stream = ZlibStream()
  var finished = false

  func compress(_ data: Ref) throws(PyError) -> Owned {
    let buffer = try Buffer(data)
    return try stream.lock.alone { () throws(PyError) in
      var output = OutputBuffer(ZlibModule.bufferSize)
      let status = try stream.deflateAll(buffer.bytes, buffer.count, Z_NO_FLUSH, &output)
      if status == Z_STREAM_ERROR { throw stream.failure(status, "while compressing data") }
      return try output.bytes()
    }
  }
  func flush(_ mode: Int32) throws(PyError) -> Owned {
    if mode == Z_NO_FLUSH { return try bytesObject(nil, 0) }
    return try stream.lock.alone { () throws(PyError) in
      var output = OutputBuffer(ZlibModule.bufferSize)
      let status = try stream.deflateAll(nil, 0, mode, &output)
      if status == Z_STREAM_ERROR { throw stream.failure(status, "while flushing") }
      if status == Z_STREAM_END, mode == Z_FINISH {
        let ended = stream.end()
        if ended != Z_OK { throw stream.failure(ended, "while finishing compression") }
      } else if status != Z_OK, status != Z_BUF_ERROR {
        throw stream.failure(status, "while flushing")
      }
      return try output.bytes()
    }
  }
  func copy() throws(PyError) -> Owned {
    let other = ZlibCompressor()
    return try stream.lock.alone { () throws(PyError) in
      let status = deflateCopy(other.stream.z, stream.z)
      switch status {
      case Z_OK: break
      case Z_STREAM_ERROR: throw valueError("Inconsistent stream state")
      case Z_MEM_ERROR: throw raise(Exc.MemoryError, "Can't allocate memory for compression object")
      default: throw stream.failure(status, "while copying compression object")
      }
      other.stream.kind = .deflate
      return try Native.make(ZlibModule.compressType, other)
    }
  }
}

/// The state of a Decompress object.
final class ZlibDecompressor: NativeState {
  let stream = ZlibStream()
  var dictionary: [UInt8]?
  var unused: [UInt8] = []
  var tail: [UInt8] = []
  var isAtEnd = false

  func setDictionary() throws(PyError) {
    guard let dictionary else { return }
    let status = inflateSetDictionary(stream.z, dictionary, UInt32(clamping: dictionary.count))
    if status != Z_OK { throw stream.failure(status, "while setting zdict") }
  }

  /// Decompresses; keeps what was not used, in the tail or, behind the end, in the unused data.
  private func inflateAll(
    _ input: UnsafeMutablePointer<UInt8>?, _ count: Int, _ last: Int32, _ output: inout OutputBuffer
  ) throws(PyError) -> Int32 {
    var used = 0
    var status = Z_OK
    let z = stream.z
    repeat {
      let part = min(count - used, 1 << 30)
      z.pointee.next_in = input.map { $0 + used }
      z.pointee.avail_in = UInt32(part)
      let mode = used + part == count ? last : Z_SYNC_FLUSH
      repeat {
        let room = try output.room()
        z.pointee.next_out = room.baseAddress
        z.pointee.avail_out = UInt32(room.count)
        status = releasingLock("inflate") { inflate(z, mode) }
        output.advance(room.count - Int(z.pointee.avail_out))
        if status == Z_NEED_DICT, dictionary != nil {
          try setDictionary()
          status = Z_OK
          continue
        }
        if status != Z_OK, status != Z_BUF_ERROR, status != Z_STREAM_END { break }
        if output.isFull { break }
      } while (z.pointee.avail_out == 0 || z.pointee.avail_in > 0 && status == Z_OK) && status != Z_STREAM_END
      used += part - Int(z.pointee.avail_in)
      if z.pointee.avail_in > 0 { break }
    } while status != Z_STREAM_END && status != Z_NEED_DICT && used < count && !output.isFull
    let rest = Array(UnsafeBufferPointer(start: input.map { $0 + used }, count: count - used))
    if status == Z_STREAM_END {
      if !isAtEnd { unused += rest }
      tail = []
      isAtEnd = true
    } else {
      tail = rest
    }
    return status
  }

  func decompress(_ data: Ref, limit: Int) throws(PyError) -> Owned {
    let buffer = try Buffer(data)
    return try stream.lock.alone { () throws(PyError) in
      if isAtEnd {
        // Behind the end everything is unused.
        unused += Array(UnsafeBufferPointer(start: buffer.bytes, count: buffer.count))
        tail = []
        return try bytesObject(nil, 0)
      }
      var output = OutputBuffer(ZlibModule.bufferSize, limit: limit == 0 ? -1 : limit)
      let status = try inflateAll(buffer.bytes, buffer.count, Z_SYNC_FLUSH, &output)
      if status != Z_STREAM_END, status != Z_OK, status != Z_BUF_ERROR {
        throw stream.failure(status, "while decompressing data")
      }
      return try output.bytes()
    }
  }
  func flush(_ length: Int) throws(PyError) -> Owned {
    if length <= 0 { throw valueError("length must be greater than zero") }
    return try stream.lock.alone { () throws(PyError) in
      if isAtEnd {
        stream.end()
        return try bytesObject(nil, 0)
      }
      var kept = tail
      var output = OutputBuffer(length)
      let status = try kept.withUnsafeMutableBufferPointer { (b) throws(PyError) in
        try inflateAll(b.baseAddress, b.count, Z_FINISH, &output)
      }
      switch status {
      case Z_STREAM_END:
        let ended = stream.end()
        if ended != Z_OK { throw stream.failure(ended, "while finishing decompression") }
      // Faults of the data are of no interest here any more.
      default: break
      }
      return try output.bytes()
    }
  }
  func copy() throws(PyError) -> Owned {
    let other = ZlibDecompressor()
    return try stream.lock.alone { () throws(PyError) in
      let status = inflateCopy(other.stream.z, stream.z)
      switch status {
      case Z_OK: break
      case Z_STREAM_ERROR: throw valueError("Inconsistent stream state")
      case Z_MEM_ERROR: throw raise(Exc.MemoryError, "Can't allocate memory for decompression object")
      default: throw stream.failure(status, "while copying decompression object")
      }
      other.stream.kind = .inflate
      (other.dictionary, other.unused, other.tail, other.isAtEnd) = (dictionary, unused, tail, isAtEnd)
      return try Native.make(ZlibModule.decompressType, other)
    }
  }
}

/// The state of a _ZlibDecompressor, the one behind gzip and zipfile.
final class ZlibStreamDecompressor: StreamDecompressor {
  let stream = ZlibStream()
  var dictionary: [UInt8]?

  override func step(
    _ input: UnsafePointer<UInt8>?, _ inputCount: Int, _ output: UnsafeMutablePointer<UInt8>?, _ outputCount: Int
  ) -> (used: Int, made: Int, status: Int32) {
    let z = stream.z
    z.pointee.next_in = UnsafeMutablePointer(mutating: input)
    z.pointee.avail_in = UInt32(inputCount)
    z.pointee.next_out = output
    z.pointee.avail_out = UInt32(outputCount)
    var status = inflate(z, Z_SYNC_FLUSH)
    if status == Z_NEED_DICT, let dictionary {
      status = inflateSetDictionary(z, dictionary, UInt32(clamping: dictionary.count))
      if status == Z_OK { status = inflate(z, Z_SYNC_FLUSH) }
    }
    return (inputCount - Int(z.pointee.avail_in), outputCount - Int(z.pointee.avail_out), status)
  }
  override func judge(_ status: Int32) throws(PyError) -> StreamStep {
    switch status {
    case Z_STREAM_END: return .end
    case Z_OK, Z_BUF_ERROR: return .more
    default: throw stream.failure(status, "while decompressing data")
    }
  }
}
