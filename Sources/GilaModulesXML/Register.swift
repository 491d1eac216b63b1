import CGila
import GilaCore

/// Hands `pyexpat` and `_elementtree` to the import system.
public func registerXMLModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("pyexpat") { PyModuleDef_Init(ExpatModule.definition) }
  add("_elementtree") { PyModuleDef_Init(ElementTreeModule.definition) }
}
