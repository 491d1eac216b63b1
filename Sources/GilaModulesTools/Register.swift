import CGila
import GilaCore

/// Hands `_lsprof`, `_uuid` and `readline` to the import system.
public func registerToolModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("_lsprof") { PyModuleDef_Init(ProfilerModule.definition) }
  add("readline") { PyModuleDef_Init(ReadlineModule.definition) }
  add("_uuid") { PyModuleDef_Init(UUIDModule.definition) }
}
