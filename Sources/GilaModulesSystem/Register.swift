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
  add("termios") { PyModuleDef_Init(TermiosModule.definition) }
  add("syslog") { PyModuleDef_Init(SystemLogModule.definition) }
  add("mmap") { PyModuleDef_Init(MemoryMapModule.definition) }
  add("_posixsubprocess") { PyModuleDef_Init(SubprocessModule.definition) }
  add("_posixshmem") { PyModuleDef_Init(SharedMemoryModule.definition) }
  add("_multiprocessing") { PyModuleDef_Init(MultiprocessingModule.definition) }
  add("_opcode") { PyModuleDef_Init(OpcodeModule.definition) }
  add("_sysconfig") { PyModuleDef_Init(SysconfigModule.definition) }
  add("_suggestions") { PyModuleDef_Init(SuggestionsModule.definition) }
  add("faulthandler") { PyModuleDef_Init(FaulthandlerModule.definition) }
  add("_socket") { PyModuleDef_Init(SocketModule.definition) }
}
