import CGila
import GilaCore

/// Hands out the modules about input and output: name and init function of each.
public func registerIOModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("_io", { PyModuleDef_Init(IOModule.definition) })
}
