import CGila
import CGilaLibraries
import GilaCore
import GilaModuleSupport

/// Hands `pyexpat` and `_elementtree` to the import system.
public func registerXMLModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("pyexpat") { module(ExpatModule.definition, on: GILA_EXPAT) }
  add("_elementtree") { module(ElementTreeModule.definition, on: GILA_EXPAT) }
}
