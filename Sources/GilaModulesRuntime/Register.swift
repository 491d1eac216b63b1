import CGila
import GilaCore

/// Hands out the modules about the runtime itself: name and init function of each. (`sys` is made by start-up.)
public func registerRuntimeModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("marshal") { PyModuleDef_Init(MarshalModule.definition) }
  add("_imp") { PyModuleDef_Init(ImpModule.definition) }
  add("_warnings") { PyModuleDef_Init(WarningsModule.definition) }
}
