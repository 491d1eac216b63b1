// LZMACompressor and LZMADecompressor.

import CGila
import CLzma
import GilaCore
import Glibc

enum LzmaFormat: Int32 { case auto, xz, alone, raw }

final class LzmaCompressor: NativeState {
  let stream = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)
  private let lock = ObjectLock()
  private var flushed = false

  override init() { stream.initialize(to: gila_lzma_stream()) }
  deinit {
    lzma_end(stream)
    stream.deallocate()
  }

  convenience init(_ b: Bound) throws(PyError) {
    let format = try cInt(b[0], LzmaFormat.xz.rawValue)
    var checkType = try cInt(b[1], -1)
    let presetObject = b[2].flatMap { $0.isNone ? nil : $0 }, filterObject = b[3].flatMap { $0.isNone ? nil : $0 }
    if presetObject != nil, filterObject != nil {
      throw valueError("Cannot specify both preset and filter chain")
    }
    let preset =
      presetObject == nil ? lzmaDefaultPreset : try lzmaNumber(presetObject!)
    if format != LzmaFormat.xz.rawValue, checkType != -1, checkType != Int32(LZMA_CHECK_NONE.rawValue) {
      throw valueError("Integrity checks are only supported by FORMAT_XZ")
    }
    self.init()
    let status: lzma_ret
    switch LzmaFormat(rawValue: format) {
    case .xz:
      if checkType == -1 { checkType = Int32(LZMA_CHECK_CRC64.rawValue) }
      let kind = lzma_check(UInt32(bitPattern: checkType))
      if let filterObject {
        let filters = try LzmaFilters(filterObject)
        status = lzma_stream_encoder(stream, filters.chain, kind)
      } else {
        status = lzma_easy_encoder(stream, preset, kind)
      }
    case .alone:
      if let filterObject {
        let filters = try LzmaFilters(filterObject)
        guard filters.count == 1, filters.chain[0].id == 0x4000_0000_0000_0001, let o = filters.chain[0].options else {
          throw valueError("Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter")
        }
        status = lzma_alone_encoder(stream, o.assumingMemoryBound(to: lzma_options_lzma.self))
      } else {
        var o = lzma_options_lzma()
        if lzma_lzma_preset(&o, preset) != 0 {
          throw raise(LibraryObject.lzmaError.exception, "Invalid compression preset: \(preset)")
        }
        status = lzma_alone_encoder(stream, &o)
      }
    case .raw:
      guard let filterObject else { throw valueError("Must specify filters for FORMAT_RAW") }
      let filters = try LzmaFilters(filterObject)
      status = lzma_raw_encoder(stream, filters.chain)
    default: throw valueError("Invalid container format: \(format)")
    }
    if let error = lzmaFailure(status) { throw error }
  }

  private func run(_ input: UnsafeMutablePointer<UInt8>?, _ count: Int, _ action: lzma_action) throws(PyError) -> Owned
  {
    var output = OutputBuffer()
    let s = stream
    s.pointee.next_in = UnsafePointer(input)
    s.pointee.avail_in = count
    while true {
      let room = try output.room()
      s.pointee.next_out = room.baseAddress
      s.pointee.avail_out = room.count
      var status = releasingLock("lzma") { lzma_code(s, action) }
      output.advance(room.count - s.pointee.avail_out)
      if status == LZMA_BUF_ERROR, count == 0, s.pointee.avail_out > 0 { status = LZMA_OK }
      if let error = lzmaFailure(status) { throw error }
      if action == LZMA_RUN && s.pointee.avail_in == 0 && s.pointee.avail_out > 0 { break }
      if action == LZMA_FINISH && status == LZMA_STREAM_END { break }
    }
    return try output.bytes()
  }
  func compress(_ data: Ref) throws(PyError) -> Owned {
    let b = try Buffer(data)
    return try lock.alone { () throws(PyError) in
      if flushed { throw valueError("Compressor has been flushed") }
      return try run(b.bytes, b.count, LZMA_RUN)
    }
  }
  func flush() throws(PyError) -> Owned {
    try lock.alone { () throws(PyError) in
      if flushed { throw valueError("Repeated call to flush()") }
      flushed = true
      return try run(nil, 0, LZMA_FINISH)
    }
  }
}

final class LzmaDecompressor: StreamDecompressor {
  let stream = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)
  private(set) var checkType = Int32(16)

  override init() { stream.initialize(to: gila_lzma_stream()) }
  deinit {
    lzma_end(stream)
    stream.deallocate()
  }
  override var atEndMessage: String { "Already at end of stream" }

  convenience init(_ b: Bound) throws(PyError) {
    let format = try cInt(b[0], 0)
    let limitObject = b[1].flatMap { $0.isNone ? nil : $0 }, filterObject = b[2].flatMap { $0.isNone ? nil : $0 }
    var limit = UInt64.max
    if let limitObject {
      if format == LzmaFormat.raw.rawValue { throw valueError("Cannot specify memory limit with FORMAT_RAW") }
      limit = PyLong_AsUnsignedLongLong(limitObject)
      if limit == UInt64.max, errorIsSet { throw PyError() }
    }
    if format == LzmaFormat.raw.rawValue, filterObject == nil {
      throw valueError("Must specify filters for FORMAT_RAW")
    }
    if format != LzmaFormat.raw.rawValue, filterObject != nil {
      throw valueError("Cannot specify filters except with FORMAT_RAW")
    }
    self.init()
    let flags = gila_lzma_tell_checks()
    let status: lzma_ret
    switch LzmaFormat(rawValue: format) {
    case .auto: status = lzma_auto_decoder(stream, limit, flags)
    case .xz: status = lzma_stream_decoder(stream, limit, flags)
    case .alone:
      checkType = Int32(LZMA_CHECK_NONE.rawValue)
      status = lzma_alone_decoder(stream, limit)
    case .raw:
      checkType = Int32(LZMA_CHECK_NONE.rawValue)
      let filters = try LzmaFilters(filterObject!)
      status = lzma_raw_decoder(stream, filters.chain)
    case nil: throw valueError("Invalid container format: \(format)")
    }
    if let error = lzmaFailure(status) { throw error }
  }

  override func step(
    _ input: UnsafePointer<UInt8>?, _ inputCount: Int, _ output: UnsafeMutablePointer<UInt8>?, _ outputCount: Int
  ) -> (used: Int, made: Int, status: Int32) {
    let s = stream
    s.pointee.next_in = input
    s.pointee.avail_in = inputCount
    s.pointee.next_out = output
    s.pointee.avail_out = outputCount
    var status: lzma_ret
    repeat {
      // The status that tells the kind of check comes once, before any more work.
      status = lzma_code(s, LZMA_RUN)
      if status == LZMA_GET_CHECK || status == LZMA_NO_CHECK { checkType = Int32(lzma_get_check(s).rawValue) }
    } while (status == LZMA_GET_CHECK || status == LZMA_NO_CHECK) && s.pointee.avail_in > 0
    // No progress is no error as long as more input may come.
    if status == LZMA_BUF_ERROR { status = LZMA_OK }
    return (inputCount - s.pointee.avail_in, outputCount - s.pointee.avail_out, Int32(status.rawValue))
  }
  override func judge(_ status: Int32) throws(PyError) -> StreamStep {
    let s = lzma_ret(UInt32(bitPattern: status))
    if let error = lzmaFailure(s) { throw error }
    return s == LZMA_STREAM_END ? .end : .more
  }
}
