import CGila
import GilaCore

/// Hands out the modules about the runtime itself: name and init function of each. (`sys` is made by start-up.)
public func registerRuntimeModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("marshal") { PyModuleDef_Init(MarshalModule.definition) }
  add("_imp") { PyModuleDef_Init(ImpModule.definition) }
  add("gila.imports") { PyModuleDef_Init(ImportsModule.definition) }
  add("gila.interpreters") { PyModuleDef_Init(EmbeddedInterpreters.definition) }
  add("_interpreters") { PyModuleDef_Init(InterpretersModule.definition) }
  add("_interpqueues") { PyModuleDef_Init(QueuesModule.definition) }
  add("_interpchannels") { PyModuleDef_Init(ChannelsModule.definition) }
  add("_tracemalloc") { PyModuleDef_Init(TracemallocModule.definition) }
  add("_warnings") { PyModuleDef_Init(WarningsModule.definition) }
}

/// Modules that start-up needs before they can be imported.
public enum RuntimeModules {
  /// `_imp`, made and executed for a spec that has its name.
  public static func makeImp(_ spec: Ref) -> Ref? {
    guard let m = PyModule_FromDefAndSpec2(ImpModule.definition, spec, 1013) else { return nil }
    if PyModule_ExecDef(m, ImpModule.definition) == 0 { return m }
    decref(m)
    return nil
  }
}
