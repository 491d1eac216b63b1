// The module zlib.

import CGila
import CZlib
import GilaCore
import Glibc

enum ZlibModule {
  static let bufferSize = 16384

  nonisolated(unsafe) static let definition = moduleDefinition(
    "zlib", doc: "Compression and decompression with the zlib library, and its two checksums.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try ZlibModule.fill(module!)
      }
    })

  private static func fill(_ module: Ref) throws(PyError) {
    try check(PyType_Ready(compressType))
    try check(PyType_Ready(decompressType))
    try addType(module, "_ZlibDecompressor", streamType)
    try LibraryObject.zlibError.addException(module, "zlib", "error", base: Exc.Exception.object)
    let numbers: [(StaticString, Int32)] = [
      ("MAX_WBITS", MAX_WBITS), ("DEFLATED", Z_DEFLATED), ("DEF_MEM_LEVEL", 8),
      ("DEF_BUF_SIZE", Int32(bufferSize)), ("Z_NO_COMPRESSION", Z_NO_COMPRESSION),
      ("Z_BEST_SPEED", Z_BEST_SPEED), ("Z_BEST_COMPRESSION", Z_BEST_COMPRESSION),
      ("Z_DEFAULT_COMPRESSION", Z_DEFAULT_COMPRESSION), ("Z_FILTERED", Z_FILTERED),
      ("Z_HUFFMAN_ONLY", Z_HUFFMAN_ONLY), ("Z_RLE", Z_RLE), ("Z_FIXED", Z_FIXED),
      ("Z_DEFAULT_STRATEGY", Z_DEFAULT_STRATEGY), ("Z_FINISH", Z_FINISH), ("Z_NO_FLUSH", Z_NO_FLUSH),
      ("Z_PARTIAL_FLUSH", Z_PARTIAL_FLUSH), ("Z_SYNC_FLUSH", Z_SYNC_FLUSH), ("Z_FULL_FLUSH", Z_FULL_FLUSH),
      ("Z_BLOCK", Z_BLOCK), ("Z_TREES", Z_TREES),
    ]
    for (name, value) in numbers { try add(module, name, int: Int(value)) }
    try addText(module, "ZLIB_VERSION", ZLIB_VERSION)
    try addText(module, "ZLIB_RUNTIME_VERSION", zlibVersion())
    try addText(module, "__version__", "1.0")
  }

  // MARK: types

  nonisolated(unsafe) static let compressType = {
    let t = Native.makeType("zlib.Compress", flags: Native.noInstantiation)
    var m = MethodTable()
    m.one("compress", "($self, data, /)", "Compress data; returns what is ready, the rest comes with flush().") {
      r, data in
      bridge { () throws(PyError) in try Native.state(r!, ZlibCompressor.self).compress(data!) }
    }
    m.positional("flush", "($self, mode=zlib.Z_FINISH, /)", "Compress what is left.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("flush", n, 0, 1)
        return try Native.state(r!, ZlibCompressor.self).flush(n == 1 ? try cInt(a![0]!) : Z_FINISH)
      }
    }
    m.noArguments("copy", "($self, /)", "A copy of the compressor in its present state.") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, ZlibCompressor.self).copy() }
    }
    m.noArguments("__copy__", "($self, /)") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, ZlibCompressor.self).copy() }
    }
    m.one("__deepcopy__", "($self, memo, /)") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, ZlibCompressor.self).copy() }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()

  private static let decompressMethod = Function("decompress", "($self, data, /, max_length=0)")
  nonisolated(unsafe) static let decompressType = {
    let t = Native.makeType("zlib.Decompress", flags: Native.noInstantiation)
    var m = MethodTable()
    m.add(
      decompressMethod,
      "Decompress data; with a max_length at most so many bytes, what was not read is the unconsumed_tail."
    ) { r, a, n, k in
      answer(ZlibModule.decompressMethod, a, n, k) { (b) throws(PyError) in
        let limit = b[1] == nil ? 0 : try cSize(b[1]!)
        if limit < 0 { throw valueError("max_length must be non-negative") }
        return try Native.state(r!, ZlibDecompressor.self).decompress(b[0]!, limit: limit)
      }
    }
    m.positional("flush", "($self, length=zlib.DEF_BUF_SIZE, /)", "Decompress what is left.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("flush", n, 0, 1)
        return try Native.state(r!, ZlibDecompressor.self).flush(n == 1 ? try cSize(a![0]!) : ZlibModule.bufferSize)
      }
    }
    m.noArguments("copy", "($self, /)", "A copy of the decompressor in its present state.") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, ZlibDecompressor.self).copy() }
    }
    m.noArguments("__copy__", "($self, /)") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, ZlibDecompressor.self).copy() }
    }
    m.one("__deepcopy__", "($self, memo, /)") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, ZlibDecompressor.self).copy() }
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add(
      "unused_data",
      get: { r, _ in
        let s = Native.state(r!, ZlibDecompressor.self)
        return bridge { () throws(PyError) in try bytesObject(s.unused, s.unused.count) }
      })
    g.add(
      "unconsumed_tail",
      get: { r, _ in
        let s = Native.state(r!, ZlibDecompressor.self)
        return bridge { () throws(PyError) in try bytesObject(s.tail, s.tail.count) }
      })
    g.add("eof", get: { r, _ in newRef(pyBool(Native.state(r!, ZlibDecompressor.self).isAtEnd)) })
    t.pointee.tp_getset = g.build()
    return t
  }()

  private static let streamSignature = Signature("_ZlibDecompressor", "(wbits=MAX_WBITS, zdict=b'')")
  nonisolated(unsafe) static let streamType = {
    let t = Native.makeType(
      "zlib._ZlibDecompressor", doc: "_ZlibDecompressor(wbits=15, zdict=b'')\n--\n\nA decompressor of one stream.")
    StreamDecompressor.define(t)
    var g = GetSetTable()
    StreamDecompressor.attributes(&g)
    t.pointee.tp_getset = g.build()
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let b = try ZlibModule.streamSignature.bind(tuple: args, dict: kwargs)
        let bits = try cInt(b[0], MAX_WBITS)
        let s = ZlibStreamDecompressor()
        s.dictionary = try ZlibModule.dictionary(b[1])
        try ZlibModule.startInflate(s.stream, bits, s.dictionary)
        return try Native.make(type!, s)
      }
    }
    return t
  }()

  private static func dictionary(_ r: Ref?) throws(PyError) -> [UInt8]? {
    guard let r else { return nil }
    if PyObject_CheckBuffer(r) == 0 { throw typeError("zdict argument must support the buffer protocol") }
    let b = try Buffer(r)
    return Array(UnsafeBufferPointer(start: b.bytes, count: b.count))
  }
  private static func startInflate(_ stream: ZlibStream, _ bits: Int32, _ dictionary: [UInt8]?) throws(PyError) {
    let status = stream.startInflate(bits)
    switch status {
    case Z_OK: break
    case Z_STREAM_ERROR: throw valueError("Invalid initialization option")
    case Z_MEM_ERROR: throw raise(Exc.MemoryError, "Can't allocate memory for decompression object")
    default: throw stream.failure(status, "while creating decompression object")
    }
    // A raw stream never asks for its dictionary.
    if let dictionary, bits < 0 {
      let set = inflateSetDictionary(stream.z, dictionary, UInt32(clamping: dictionary.count))
      if set != Z_OK { throw stream.failure(set, "while setting zdict") }
    }
  }

  // MARK: functions

  private static let compressFunction = Function(
    "compress", "($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)")
  private static let decompressFunction = Function(
    "decompress", "($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)")
  private static let compressobjFunction = Function(
    "compressobj",
    "($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED, wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL, strategy=Z_DEFAULT_STRATEGY, zdict=None)"
  )
  private static let decompressobjFunction = Function("decompressobj", "($module, /, wbits=MAX_WBITS, zdict=b'')")

  private static func compress(_ b: Bound) throws(PyError) -> Owned {
    let buffer = try Buffer(b[0]!)
    let level = try cInt(b[1], Z_DEFAULT_COMPRESSION), bits = try cInt(b[2], MAX_WBITS)
    let stream = ZlibStream()
    let started = stream.startDeflate(level, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY)
    switch started {
    case Z_OK: break
    case Z_MEM_ERROR: throw raise(Exc.MemoryError, "Out of memory while compressing data")
    case Z_STREAM_ERROR: throw raise(LibraryObject.zlibError.exception, "Bad compression level")
    default: throw stream.failure(started, "while compressing data")
    }
    var output = OutputBuffer(bufferSize)
    let status = try stream.deflateAll(buffer.bytes, buffer.count, Z_FINISH, &output)
    if status == Z_STREAM_ERROR { throw stream.failure(status, "while compressing data") }
    let ended = stream.end()
    if ended != Z_OK { throw stream.failure(ended, "while finishing compression") }
    return try output.bytes()
  }

  private static func decompress(_ b: Bound) throws(PyError) -> Owned {
    let buffer = try Buffer(b[0]!)
    let bits = try cInt(b[1], MAX_WBITS)
    let size = b[2] == nil ? bufferSize : try cSize(b[2]!)
    if size < 0 { throw valueError("bufsize must be non-negative") }
    let stream = ZlibStream()
    let started = stream.startInflate(bits)
    switch started {
    case Z_OK: break
    case Z_MEM_ERROR: throw raise(Exc.MemoryError, "Out of memory while decompressing data")
    default: throw stream.failure(started, "while preparing to decompress data")
    }
    var output = OutputBuffer(size)
    var used = 0
    var status = Z_OK
    let z = stream.z
    repeat {
      let part = min(buffer.count - used, 1 << 30)
      z.pointee.next_in = buffer.bytes.map { $0 + used }
      z.pointee.avail_in = UInt32(part)
      used += part
      let mode = used == buffer.count ? Z_FINISH : Z_SYNC_FLUSH
      repeat {
        let room = try output.room()
        z.pointee.next_out = room.baseAddress
        z.pointee.avail_out = UInt32(room.count)
        status = releasingLock("inflate") { inflate(z, mode) }
        output.advance(room.count - Int(z.pointee.avail_out))
        switch status {
        case Z_OK, Z_BUF_ERROR, Z_STREAM_END: break
        case Z_MEM_ERROR: throw raise(Exc.MemoryError, "Out of memory while decompressing data")
        default: throw stream.failure(status, "while decompressing data")
        }
      } while z.pointee.avail_out == 0
    } while status != Z_STREAM_END && used < buffer.count
    if status != Z_STREAM_END { throw stream.failure(status, "while decompressing data") }
    let ended = stream.end()
    if ended != Z_OK { throw stream.failure(ended, "while finishing decompression") }
    return try output.bytes()
  }

  private static func compressobj(_ b: Bound) throws(PyError) -> Owned {
    let level = try cInt(b[0], Z_DEFAULT_COMPRESSION), method = try cInt(b[1], Z_DEFLATED)
    let bits = try cInt(b[2], MAX_WBITS), memory = try cInt(b[3], 8), strategy = try cInt(b[4], Z_DEFAULT_STRATEGY)
    let given = b[5].flatMap { $0.isNone ? nil : $0 }
    let dictionary = try ZlibModule.dictionary(given)
    let s = ZlibCompressor()
    let status = s.stream.startDeflate(level, method, bits, memory, strategy)
    switch status {
    case Z_OK: break
    case Z_STREAM_ERROR: throw valueError("Invalid initialization option")
    case Z_MEM_ERROR: throw raise(Exc.MemoryError, "Can't allocate memory for compression object")
    default: throw s.stream.failure(status, "while creating compression object")
    }
    if let dictionary {
      let set = deflateSetDictionary(s.stream.z, dictionary, UInt32(clamping: dictionary.count))
      if set == Z_STREAM_ERROR { throw valueError("Invalid dictionary") }
      if set != Z_OK { throw valueError("deflateSetDictionary()") }
    }
    return try Native.make(compressType, s)
  }

  /// A checksum over memory, in pieces that the library's length type can say.
  private static func checksum(
    _ name: StaticString, _ a: ArgumentVector?, _ n: Int, _ start: UInt,
    _ f: @convention(c) (UInt, UnsafePointer<UInt8>?, UInt32) -> UInt
  ) throws(PyError) -> Owned {
    try checkCount(name, n, 1, 2)
    let buffer = try Buffer(a![0]!)
    var value = start
    if n == 2 {
      let r = a![1]!
      let index = try owned(PyNumber_Index(r))
      value = PyLong_AsUnsignedLongMask(index.ref)
      if value == UInt.max, errorIsSet { throw PyError() }
      value &= 0xffff_ffff
    }
    let (p, count) = (buffer.bytes, buffer.count)
    func run() -> UInt {
      var v = value
      var at = 0
      while at < count {
        let part = min(count - at, 1 << 30)
        v = f(v, p.map { UnsafePointer($0 + at) }, UInt32(part))
        at += part
      }
      return v
    }
    let result = count > 5 * 1024 ? releasingLock("checksum", run) : run()
    return try int(result & 0xffff_ffff)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(compressFunction, "Compress data at once.") { _, a, n, k in
      answer(ZlibModule.compressFunction, a, n, k) { (b) throws(PyError) in try ZlibModule.compress(b) }
    }
    m.add(decompressFunction, "Decompress data at once.") { _, a, n, k in
      answer(ZlibModule.decompressFunction, a, n, k) { (b) throws(PyError) in try ZlibModule.decompress(b) }
    }
    m.add(compressobjFunction, "A compressor for data that comes in pieces.") { _, a, n, k in
      answer(ZlibModule.compressobjFunction, a, n, k) { (b) throws(PyError) in try ZlibModule.compressobj(b) }
    }
    m.add(decompressobjFunction, "A decompressor for data that comes in pieces.") { _, a, n, k in
      answer(ZlibModule.decompressobjFunction, a, n, k) { (b) throws(PyError) in
        let bits = try cInt(b[0], MAX_WBITS)
        let s = ZlibDecompressor()
        s.dictionary = try ZlibModule.dictionary(b[1])
        try ZlibModule.startInflate(s.stream, bits, s.dictionary)
        return try Native.make(ZlibModule.decompressType, s)
      }
    }
    m.positional("adler32", "($module, data, value=1, /)", "The Adler-32 checksum of data, going on from value.") {
      _, a, n in
      bridge { () throws(PyError) in try ZlibModule.checksum("adler32", a, n, 1) { adler32($0, $1, $2) } }
    }
    m.positional("crc32", "($module, data, value=0, /)", "The CRC-32 checksum of data, going on from value.") {
      _, a, n in
      bridge { () throws(PyError) in try ZlibModule.checksum("crc32", a, n, 0) { crc32($0, $1, $2) } }
    }
    return m.build()
  }
}
