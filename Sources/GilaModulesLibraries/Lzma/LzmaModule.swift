// The module _lzma.

import CGila
import CLzma
import GilaCore
import Glibc

enum LzmaModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_lzma", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try LzmaModule.fill(module!) } })

  private static func fill(_ module: Ref) throws(PyError) {
    let numbers: [(StaticString, Int)] = [
      ("FORMAT_AUTO", 0), ("FORMAT_XZ", 1), ("FORMAT_ALONE", 2), ("FORMAT_RAW", 3),
      ("CHECK_NONE", 0), ("CHECK_CRC32", 1), ("CHECK_CRC64", 4), ("CHECK_SHA256", 10), ("CHECK_ID_MAX", 15),
      ("CHECK_UNKNOWN", 16),
      ("FILTER_LZMA1", 0x4000_0000_0000_0001), ("FILTER_LZMA2", 0x21), ("FILTER_DELTA", 3), ("FILTER_X86", 4),
      ("FILTER_POWERPC", 5), ("FILTER_IA64", 6), ("FILTER_ARM", 7), ("FILTER_ARMTHUMB", 8), ("FILTER_SPARC", 9),
      ("MF_HC3", 3), ("MF_HC4", 4), ("MF_BT2", 0x12), ("MF_BT3", 0x13), ("MF_BT4", 0x14),
      ("MODE_FAST", 1), ("MODE_NORMAL", 2), ("PRESET_DEFAULT", 6), ("PRESET_EXTREME", 0x8000_0000),
    ]
    for (name, value) in numbers { try add(module, name, int: value) }
    try LibraryObject.lzmaError.addException(
      module, "_lzma", "LZMAError", base: Exc.Exception.object, doc: "A call of the library liblzma failed.")
    try addType(module, "LZMACompressor", compressorType)
    try addType(module, "LZMADecompressor", decompressorType)
  }

  private static let compressorSignature = Signature(
    "LZMACompressor", "(format=FORMAT_XZ, check=-1, preset=None, filters=None)")
  private static let decompressorSignature = Signature(
    "LZMADecompressor", "(format=FORMAT_AUTO, memlimit=None, filters=None)")

  nonisolated(unsafe) private static let compressorType = {
    let t = Native.makeType(
      "_lzma.LZMACompressor",
      doc:
        "LZMACompressor(format=FORMAT_XZ, check=-1, preset=None, filters=None)\n\nA compressor for data that comes in pieces."
    )
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let b = try LzmaModule.compressorSignature.bind(tuple: args, dict: kwargs)
        return try Native.make(type!, LzmaCompressor(b))
      }
    }
    var m = MethodTable()
    m.one("compress", "($self, data, /)", "Compress data; returns what is ready.") { r, data in
      bridge { () throws(PyError) in try Native.state(r!, LzmaCompressor.self).compress(data!) }
    }
    m.noArguments("flush", "($self, /)", "Finish the stream and return what is left.") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, LzmaCompressor.self).flush() }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()

  nonisolated(unsafe) private static let decompressorType = {
    let t = Native.makeType(
      "_lzma.LZMADecompressor",
      doc:
        "LZMADecompressor(format=FORMAT_AUTO, memlimit=None, filters=None)\n--\n\nA decompressor of one stream.")
    StreamDecompressor.define(t)
    var g = GetSetTable()
    StreamDecompressor.attributes(&g)
    g.add(
      "check", "The kind of integrity check of the stream.",
      get: { r, _ in
        bridge { () throws(PyError) in try int(Native.state(r!, LzmaDecompressor.self).checkType) }
      })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let b = try LzmaModule.decompressorSignature.bind(tuple: args, dict: kwargs)
        return try Native.make(type!, LzmaDecompressor(b))
      }
    }
    return t
  }()

  private static func encode(_ specification: Ref) throws(PyError) -> Owned {
    let filters = LzmaFilters()
    try filters.append(specification)
    var size: UInt32 = 0
    if let error = lzmaFailure(lzma_properties_size(&size, filters.chain)) { throw error }
    let result = try owned(PyBytes_FromStringAndSize(nil, Int(size)))
    let p = UnsafeMutableRawPointer(PyBytes_AsString(result.ref)).assumingMemoryBound(to: UInt8.self)
    if let error = lzmaFailure(lzma_properties_encode(filters.chain, p)) { throw error }
    return result
  }
  private static func decode(_ id: Ref, _ data: Ref) throws(PyError) -> Owned {
    let number = try cUnsigned(id, bits: 64, "unsigned long long")
    let b = try Buffer(data)
    var filter = lzma_filter(id: number, options: nil)
    if let error = lzmaFailure(lzma_properties_decode(&filter, nil, b.bytes, b.count)) { throw error }
    defer { free(filter.options) }
    return try LzmaFilters.describe(filter)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("is_check_supported", "($module, check_id, /)", "Whether the library knows this kind of check.") { _, r in
      bridge { () throws(PyError) in
        let n = try cInt(r!)
        return bool(lzma_check_is_supported(lzma_check(UInt32(bitPattern: n))) != 0)
      }
    }
    m.one("_encode_filter_properties", "($module, filter, /)", "The properties of a filter as bytes.") { _, r in
      bridge { () throws(PyError) in try LzmaModule.encode(r!) }
    }
    m.positional(
      "_decode_filter_properties", "($module, filter_id, encoded_props, /)", "A filter's dict from its properties."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("_decode_filter_properties", n, 2, 2)
        return try LzmaModule.decode(a![0]!, a![1]!)
      }
    }
    return m.build()
  }
}
