import CGila
import GilaCore

/// Hands the modules of the operating system to the import system.
public func registerSystemModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("_signal") { PyModuleDef_Init(SignalModule.definition) }
  add("errno") { PyModuleDef_Init(ErrnoModule.definition) }
  add("_stat") { PyModuleDef_Init(StatModule.definition) }
  add("posix") { PyModuleDef_Init(PosixModule.definition) }
  add("time") { PyModuleDef_Init(TimeModule.definition) }
  add("atexit") { PyModuleDef_Init(AtexitModule.definition) }
  add("_locale") { PyModuleDef_Init(LocaleModule.definition) }
  add("select") { PyModuleDef_Init(SelectModule.definition) }
  add("fcntl") { PyModuleDef_Init(FileControlModule.definition) }
  add("resource") { PyModuleDef_Init(ResourceModule.definition) }
  add("pwd") { PyModuleDef_Init(PasswordModule.definition) }
  add("grp") { PyModuleDef_Init(GroupModule.definition) }
}
