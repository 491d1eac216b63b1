// The modules _multibytecodec and _codecs_cn, _hk, _iso2022, _jp, _kr, _tw.

import CGila
import CGilaLibraries
import GilaCore
import GilaModuleSupport

/// Hands the East Asian codecs to the import system.
public func registerCJKModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("_multibytecodec") { PyModuleDef_Init(MultibyteModule.definition) }
  add("_codecs_cn") { PyModuleDef_Init(MultibyteModule.chinese) }
  add("_codecs_hk") { PyModuleDef_Init(MultibyteModule.hongKong) }
  add("_codecs_iso2022") { PyModuleDef_Init(MultibyteModule.iso2022) }
  add("_codecs_jp") { PyModuleDef_Init(MultibyteModule.japanese) }
  add("_codecs_kr") { PyModuleDef_Init(MultibyteModule.korean) }
  add("_codecs_tw") { PyModuleDef_Init(MultibyteModule.taiwanese) }
}

enum MultibyteModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_multibytecodec",
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try MultibyteModule.prepare()
        try addType(module!, "MultibyteIncrementalEncoder", MultibyteTypes.encoder)
        try addType(module!, "MultibyteIncrementalDecoder", MultibyteTypes.decoder)
        try addType(module!, "MultibyteStreamReader", MultibyteTypes.reader)
        try addType(module!, "MultibyteStreamWriter", MultibyteTypes.writer)
      }
    })
  static func prepare() throws(PyError) {
    MultibyteTypes.install()
    try check(PyType_Ready(MultibyteTypes.codec))
  }

  private static func codec(_ name: Ref, _ module: String) -> Ref? {
    bridge { () throws(PyError) in
      guard name.isUnicode else { throw typeError("encoding name must be a string.") }
      try load(GILA_LZMA)  // the tables are packed
      guard let codec = CJKCodec.named(swiftString(name), module) else {
        throw raise(Exc.LookupError, "no such codec is supported.")
      }
      try prepare()
      return try Native.make(MultibyteTypes.codec, CodecObject(codec))
    }
  }
  private static func module(
    _ name: StaticString, _ get: @convention(c) (Ref?, Ref?) -> Ref?
  ) -> UnsafeMutablePointer<PyModuleDef> {
    var m = MethodTable()
    m.one("getcodec", "", "", get)
    return moduleDefinition(name, methods: m.build())
  }
  nonisolated(unsafe) static let chinese = module("_codecs_cn") { _, name in MultibyteModule.codec(name!, "cn") }
  nonisolated(unsafe) static let hongKong = module("_codecs_hk") { _, name in MultibyteModule.codec(name!, "hk") }
  nonisolated(unsafe) static let iso2022 = module("_codecs_iso2022") { _, name in
    MultibyteModule.codec(name!, "iso2022")
  }
  nonisolated(unsafe) static let japanese = module("_codecs_jp") { _, name in MultibyteModule.codec(name!, "jp") }
  nonisolated(unsafe) static let korean = module("_codecs_kr") { _, name in MultibyteModule.codec(name!, "kr") }
  nonisolated(unsafe) static let taiwanese = module("_codecs_tw") { _, name in MultibyteModule.codec(name!, "tw") }
}
