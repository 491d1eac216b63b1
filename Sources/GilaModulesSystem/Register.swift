import CGila
import GilaCore

/// Hands the modules of the operating system to the import system.
public func registerSystemModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("errno") { PyModuleDef_Init(ErrnoModule.definition) }
  add("_stat") { PyModuleDef_Init(StatModule.definition) }
  add("posix") { PyModuleDef_Init(PosixModule.definition) }
  add("time") { PyModuleDef_Init(TimeModule.definition) }
  add("atexit") { PyModuleDef_Init(AtexitModule.definition) }
  add("_locale") { PyModuleDef_Init(LocaleModule.definition) }
}
