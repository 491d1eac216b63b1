// The native modules of this target.

import CGila
import GilaCore

/// Hands out the names and init functions of the target's modules.
public func registerNumberModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("_operator") { PyModuleDef_Init(OperatorModule.definition) }
  add("_collections") { PyModuleDef_Init(CollectionsModule.definition) }
  add("_functools") { PyModuleDef_Init(FunctoolsModule.definition) }
  add("_heapq") { PyModuleDef_Init(HeapqModule.definition) }
  add("_bisect") { PyModuleDef_Init(BisectModule.definition) }
  add("itertools") { PyModuleDef_Init(ItertoolsModule.definition) }
}
