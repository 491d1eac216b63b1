import CGila
import GilaCore

/// Hands out the names and init functions of the target's modules.
public func registerDataModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("unicodedata") { PyModuleDef_Init(UnicodedataModule.definition) }
  add("_queue") { PyModuleDef_Init(QueueModule.definition) }
  add("_csv") { PyModuleDef_Init(CSVModule.definition) }
  add("_datetime") { PyModuleDef_Init(DatetimeModule.definition) }
  add("_zoneinfo") { PyModuleDef_Init(ZoneInfoModule.definition) }
  add("_pickle") { PyModuleDef_Init(PickleModule.definition) }
}
