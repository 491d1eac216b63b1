// The module sys: made before anything is imported, filled in as start-up goes on.

import CGila
import GilaCore

public enum SysModule {
  /// The text of `sys.version`.
  public static var version: String { SysValues.version }
  nonisolated(unsafe) static let definition = moduleDefinition(
    "sys", doc: "Objects that the interpreter uses or keeps, and functions that act on the interpreter.",
    methods: SysMethods.table())

  /// Makes `sys` in the current interpreter: everything but the paths and the streams.
  public static func make(builtinNames: [String]) throws(PyError) {
    let interp = currentInterpreter
    let m = try owned(PyModule_NewObject(text("sys")))
    ModuleObject.definition(m.ref).pointee = definition
    _ = PyModuleDef_Init(definition)
    guard let d = PyModule_GetDict(m.ref) else { throw PyError() }
    try check(PyModule_AddFunctions(m.ref, definition.pointee.m_methods))
    try check(PyModule_SetDocString(m.ref, definition.pointee.m_doc))
    interp.pointee.sysdict = newRef(d)
    interp.pointee.modules = try owned(PyDict_New()).take()
    try check(PyDict_SetItemString(d, "modules", interp.pointee.modules))
    try check(PyDict_SetItemString(interp.pointee.modules, "sys", m.ref))
    try fill(d, builtinNames)
    interp.slot(RuntimeSlot.sys).pointee = m.take()
  }
  private static func fill(_ d: Ref, _ builtinNames: [String]) throws(PyError) {
    let put = SysValues.put
    for (hook, name) in [
      ("displayhook", "__displayhook__"), ("excepthook", "__excepthook__"), ("breakpointhook", "__breakpointhook__"),
      ("unraisablehook", "__unraisablehook__"),
    ] {
      if let f = PyDict_GetItemString(d, hook) { try check(PyDict_SetItemString(d, name, f)) }
    }
    try put(d, "monitoring", MonitoringModule.make())
    try put(d, "version", string(SysValues.version))
    try put(d, "hexversion", int(SysValues.hexVersion))
    try put(d, "api_version", int(1013))
    try put(d, "copyright", string("Gila and its authors."))
    try put(d, "platform", string("linux"))
    try put(d, "maxsize", int(Int.max))
    try put(d, "maxunicode", int(0x10FFFF))
    try put(d, "byteorder", string("little"))
    try put(d, "float_repr_style", string("short"))
    try put(d, "abiflags", string(""))
    try put(d, "platlibdir", string("lib"))
    try put(d, "_framework", string(""))
    let git = try owned(PyTuple_New(3))
    for (i, s) in ["Gila", "", ""].enumerated() { gila_tuple_items(git.ref)[i] = try string(s).take() }
    try put(d, "_git", git)
    let version = try SysValues.makeVersion()
    try put(d, "implementation", SysValues.makeImplementation(version.ref))
    try put(d, "version_info", version)
    SysValues.versionInfo.forbidInstances()
    try put(d, "float_info", owned(PyFloat_GetInfo()))
    try put(d, "int_info", owned(PyLong_GetInfo()))
    try put(d, "hash_info", SysValues.makeHashInfo())
    try put(d, "thread_info", SysValues.makeThreadInfo())
    try put(d, "builtin_module_names", names(builtinNames.sorted()))
    let library = try names(StandardLibrary.moduleNames)
    try put(d, "stdlib_module_names", owned(PyFrozenSet_New(library.ref)))
    try put(d, "meta_path", owned(PyList_New(0)))
    try put(d, "path_hooks", owned(PyList_New(0)))
    try put(d, "path_importer_cache", owned(PyDict_New()))
    try put(d, "warnoptions", owned(PyList_New(0)))
    try put(d, "_xoptions", owned(PyDict_New()))
  }
  private static func names(_ list: [String]) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(list.count))
    for (i, s) in list.enumerated() {
      var r: Ref? = try string(s).take()
      PyUnicode_InternInPlace(&r)
      gila_tuple_items(t.ref)[i] = r
    }
    return t
  }

  /// Adds what the configuration says: flags, paths, arguments.
  public static func configure(_ c: Configuration) throws(PyError) {
    guard let d = currentInterpreter.pointee.sysdict else { throw systemError("sys is missing") }
    let put = SysValues.put
    try put(d, "flags", SysValues.makeFlags(c))
    SysValues.flagsType.forbidInstances()
    try put(d, "dont_write_bytecode", Owned(retaining: pyBool(c.dontWriteBytecode)))
    try put(d, "executable", Configuration.text(c.executable))
    try put(d, "_base_executable", Configuration.text(c.baseExecutable))
    try put(d, "prefix", Configuration.text(c.prefix))
    try put(d, "exec_prefix", Configuration.text(c.prefix))
    try put(d, "base_prefix", Configuration.text(c.basePrefix))
    try put(d, "base_exec_prefix", Configuration.text(c.basePrefix))
    try put(d, "_stdlib_dir", Configuration.text(c.library))
    try put(d, "path", Configuration.list(c.searchPath))
    try put(d, "argv", Configuration.list(c.arguments))
    try put(d, "orig_argv", Configuration.list(c.originalArguments))
    try put(d, "warnoptions", Configuration.list(c.warnOptions))
    try put(
      d, "pycache_prefix", c.pycachePrefix == nil ? Owned(retaining: none) : Configuration.text(c.pycachePrefix!))
    let x = try owned(PyDict_New())
    for (name, value) in c.extraOptions {
      let key = try Configuration.text(name)
      let v = try value == nil ? Owned(retaining: pyTrue) : Configuration.text(value!)
      try check(PyDict_SetItem(x.ref, key.ref, v.ref))
    }
    try put(d, "_xoptions", x)
  }
}
