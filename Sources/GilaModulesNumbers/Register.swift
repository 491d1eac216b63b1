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
  add("math") { PyModuleDef_Init(MathModule.definition) }
  add("_struct") { PyModuleDef_Init(StructModule.definition) }
  add("_random") { PyModuleDef_Init(RandomModule.definition) }
  add("_statistics") { PyModuleDef_Init(StatisticsModule.definition) }
  add("binascii") { PyModuleDef_Init(BinasciiModule.definition) }
  add("cmath") { PyModuleDef_Init(ComplexMathModule.definition) }
  add("array") { PyModuleDef_Init(ArrayModule.definition) }
  add("itertools") { PyModuleDef_Init(ItertoolsModule.definition) }
}
