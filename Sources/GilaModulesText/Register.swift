import CGila
import GilaCore

/// Hands out the modules about text: name and init function of each.
public func registerTextModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("_codecs", { PyModuleDef_Init(CodecsModule.definition) })
  add("_string", { PyModuleDef_Init(StringModule.definition) })
  add("_json", { PyModuleDef_Init(JSONModule.definition) })
  add("_sre", { PyModuleDef_Init(SREModule.definition) })
}
