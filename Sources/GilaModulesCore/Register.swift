import CGila
import GilaCore

/// Hands out the names and init functions of the target's modules.
public func registerCoreModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("gc") { PyModuleDef_Init(GCModule.definition) }
  add("_contextvars") { PyModuleDef_Init(ContextModule.definition) }
  add("gila.maps") { PyModuleDef_Init(PersistentMap.module) }
  add("_abc") { PyModuleDef_Init(ABCModule.definition) }
  add("_typing") { PyModuleDef_Init(TypingModule.definition) }
  add("_weakref") { PyModuleDef_Init(WeakrefModule.definition) }
}
