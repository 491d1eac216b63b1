// The module _bz2.

import CBzip2
import CGila
import GilaCore
import Glibc

/// The errors of libbzip2 as Python exceptions; nil for the statuses of success.
private func failure(_ status: Int32) -> PyError? {
  switch status {
  case BZ_OK, BZ_RUN_OK, BZ_FLUSH_OK, BZ_FINISH_OK, BZ_STREAM_END: nil
  case BZ_PARAM_ERROR: valueError("Internal error - invalid parameters passed to libbzip2")
  case BZ_MEM_ERROR: memoryError()
  case BZ_DATA_ERROR, BZ_DATA_ERROR_MAGIC: raise(Exc.OSError, "Invalid data stream")
  case BZ_IO_ERROR: raise(Exc.OSError, "Unknown I/O error")
  case BZ_UNEXPECTED_EOF:
    raise(Exc.EOFError, "Compressed file ended before the logical end-of-stream was detected")
  case BZ_SEQUENCE_ERROR: runtimeError("Internal error - Invalid sequence of commands sent to libbzip2")
  case BZ_CONFIG_ERROR: systemError("libbzip2 was not compiled correctly")
  default: raise(Exc.OSError, "Unrecognized error from libbzip2: \(status)")
  }
}

private final class Bzip2Compressor: NativeState {
  let stream = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)
  let lock = ObjectLock()
  private var flushed = false

  init(_ level: Int32) throws(PyError) {
    stream.initialize(to: bz_stream())
    super.init()
    if let error = failure(BZ2_bzCompressInit(stream, level, 0, 0)) { throw error }
  }
  deinit {
    BZ2_bzCompressEnd(stream)
    stream.deallocate()
  }

  private func run(_ input: UnsafeMutablePointer<UInt8>?, _ count: Int, _ action: Int32) throws(PyError) -> Owned {
    var output = OutputBuffer()
    var used = 0
    let s = stream
    s.pointee.avail_in = 0
    while true {
      if s.pointee.avail_in == 0, used < count {
        let part = min(count - used, 1 << 30)
        s.pointee.next_in = input.map { UnsafeMutableRawPointer($0 + used).assumingMemoryBound(to: CChar.self) }
        s.pointee.avail_in = UInt32(part)
        used += part
      }
      if action == BZ_RUN, s.pointee.avail_in == 0 { break }
      let room = try output.room()
      s.pointee.next_out = UnsafeMutableRawPointer(room.baseAddress)?.assumingMemoryBound(to: CChar.self)
      s.pointee.avail_out = UInt32(room.count)
      let status = releasingLock("bzip2") { BZ2_bzCompress(s, action) }
      output.advance(room.count - Int(s.pointee.avail_out))
      if let error = failure(status) { throw error }
      if action == BZ_FINISH, status == BZ_STREAM_END { break }
    }
    return try output.bytes()
  }
  func compress(_ data: Ref) throws(PyError) -> Owned {
    let b = try Buffer(data)
    return try lock.alone { () throws(PyError) in
      if flushed { throw valueError("Compressor has been flushed") }
      return try run(b.bytes, b.count, BZ_RUN)
    }
  }
  func flush() throws(PyError) -> Owned {
    try lock.alone { () throws(PyError) in
      if flushed { throw valueError("Repeated call to flush()") }
      flushed = true
      return try run(nil, 0, BZ_FINISH)
    }
  }
}

private final class Bzip2Decompressor: StreamDecompressor {
  let stream = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)

  override init() { stream.initialize(to: bz_stream()) }
  deinit {
    BZ2_bzDecompressEnd(stream)
    stream.deallocate()
  }
  override func step(
    _ input: UnsafePointer<UInt8>?, _ inputCount: Int, _ output: UnsafeMutablePointer<UInt8>?, _ outputCount: Int
  ) -> (used: Int, made: Int, status: Int32) {
    let s = stream
    s.pointee.next_in = UnsafeMutableRawPointer(mutating: input)?.assumingMemoryBound(to: CChar.self)
    s.pointee.avail_in = UInt32(inputCount)
    s.pointee.next_out = UnsafeMutableRawPointer(output)?.assumingMemoryBound(to: CChar.self)
    s.pointee.avail_out = UInt32(outputCount)
    let status = BZ2_bzDecompress(s)
    return (inputCount - Int(s.pointee.avail_in), outputCount - Int(s.pointee.avail_out), status)
  }
  override func judge(_ status: Int32) throws(PyError) -> StreamStep {
    if let error = failure(status) { throw error }
    return status == BZ_STREAM_END ? .end : .more
  }
}

enum Bzip2Module {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_bz2",
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try addType(module!, "BZ2Compressor", Bzip2Module.compressorType)
        try addType(module!, "BZ2Decompressor", Bzip2Module.decompressorType)
      }
    })

  private static let compressorSignature = Signature("BZ2Compressor", "(compresslevel=9, /)")
  private static let decompressorSignature = Signature("BZ2Decompressor", "()")

  nonisolated(unsafe) private static let compressorType = {
    let t = Native.makeType(
      "_bz2.BZ2Compressor",
      doc: "BZ2Compressor(compresslevel=9, /)\n--\n\nA compressor for data that comes in pieces; levels are 1 to 9.")
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("BZ2Compressor", kwargs)
        try checkCount("BZ2Compressor", args!.size, 0, 1)
        let level = try cInt(args!.size == 1 ? gila_tuple_items(args!)[0] : nil, 9)
        if level < 1 || level > 9 { throw valueError("compresslevel must be between 1 and 9") }
        return try Native.make(type!, Bzip2Compressor(level))
      }
    }
    var m = MethodTable()
    m.one("compress", "($self, data, /)", "Compress data; returns what is ready.") { r, data in
      bridge { () throws(PyError) in try Native.state(r!, Bzip2Compressor.self).compress(data!) }
    }
    m.noArguments("flush", "($self, /)", "Finish the stream and return what is left.") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, Bzip2Compressor.self).flush() }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()

  nonisolated(unsafe) private static let decompressorType = {
    let t = Native.makeType("_bz2.BZ2Decompressor", doc: "BZ2Decompressor()\n--\n\nA decompressor of one stream.")
    StreamDecompressor.define(t)
    var g = GetSetTable()
    StreamDecompressor.attributes(&g)
    t.pointee.tp_getset = g.build()
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("BZ2Decompressor", kwargs)
        try checkCount("BZ2Decompressor", args!.size, 0, 0)
        let s = Bzip2Decompressor()
        if let error = failure(BZ2_bzDecompressInit(s.stream, 0, 0)) { throw error }
        return try Native.make(type!, s)
      }
    }
    return t
  }()
}
