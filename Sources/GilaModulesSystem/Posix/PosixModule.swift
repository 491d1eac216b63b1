// The module posix, which os is made of: its tables of functions, one file each area.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum PosixModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "posix",
    doc:
      "The operating system's functions, as POSIX standardizes them.\n\nPrograms use them through the module os.",
    methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try PosixModule.execute(module!) } })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    StatResult.add(&m)
    PathText.add(&m)
    Environment.add(&m)
    Directories.add(&m)
    Files.add(&m)
    FileTree.add(&m)
    Permissions.add(&m)
    Identity.add(&m)
    SystemInformation.add(&m)
    Scheduling.add(&m)
    Waiting.add(&m)
    Forking.add(&m)
    Executing.add(&m)
    Spawning.add(&m)
    Transfers.add(&m)
    ExtendedAttributes.add(&m)
    SpecialDescriptors.add(&m)
    Terminals.add(&m)
    return m.build()
  }

  private static let definesOnce: Void = {
    DirectoryEntryType.define()
    DirectoryScanner.define()
  }()

  private static func execute(_ module: Ref) throws(PyError) {
    _ = definesOnce
    try check(PyType_Ready(DirectoryEntryType.type))
    try check(PyType_Ready(DirectoryScanner.type))
    try add(module, "DirEntry", DirectoryEntryType.type.object)
    try add(module, "error", Exc.OSError.object)
    try StatResult.addType(module)
    try SystemInformation.addTypes(module)
    try Scheduling.addTypes(module)
    try Waiting.addTypes(module)
    try addConstants(module, gila_posix_table())
    try add(module, "POSIX_SPAWN_OPEN", int: 0)
    try add(module, "POSIX_SPAWN_CLOSE", int: 1)
    try add(module, "POSIX_SPAWN_DUP2", int: 2)
    try add(module, "POSIX_SPAWN_CLOSEFROM", int: 3)
    try add(module, "confstr_names", taking: try dictionary(gila_confstr_table()))
    try add(module, "pathconf_names", taking: try dictionary(gila_pathconf_table()))
    try add(module, "sysconf_names", taking: try dictionary(gila_sysconf_table()))
    try add(module, "environ", taking: try Environment.dictionary())
    let functions = try owned(PyList_New(0))
    for name in available { try append(functions.ref, try string(name.description)) }
    try add(module, "_have_functions", functions.ref)
  }

  /// What os asks for to know which functions take descriptors and directories.
  private static let available: [StaticString] = [
    "HAVE_EVENTFD", "HAVE_TIMERFD_CREATE", "HAVE_FACCESSAT", "HAVE_FCHDIR", "HAVE_FCHMOD", "HAVE_FCHMODAT",
    "HAVE_FCHOWN", "HAVE_FCHOWNAT", "HAVE_FEXECVE", "HAVE_FDOPENDIR", "HAVE_FPATHCONF", "HAVE_FSTATAT",
    "HAVE_FSTATVFS", "HAVE_FTRUNCATE", "HAVE_FUTIMENS", "HAVE_FUTIMES", "HAVE_FUTIMESAT", "HAVE_LINKAT",
    "HAVE_LCHOWN", "HAVE_LSTAT", "HAVE_LUTIMES", "HAVE_MEMFD_CREATE", "HAVE_MKDIRAT", "HAVE_MKFIFOAT",
    "HAVE_MKNODAT", "HAVE_OPENAT", "HAVE_READLINKAT", "HAVE_RENAMEAT", "HAVE_SYMLINKAT", "HAVE_UNLINKAT",
    "HAVE_UTIMENSAT", "HAVE_PTSNAME_R",
  ]
}
