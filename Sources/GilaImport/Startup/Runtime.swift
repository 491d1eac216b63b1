import CGila
import GilaAlgorithms
import GilaCore
import GilaEval
import GilaModulesRuntime
import Glibc

/// The main interpreter with its main thread, in this process.
public enum Runtime {
  /// The module `builtins` (owned by the slot).
  static let builtinsModule = InterpreterSlot(96)
  /// The program ended by a KeyboardInterrupt that nobody caught: the process then ends as SIGINT ends it.
  nonisolated(unsafe) static var interrupted = false

  /// Makes the interpreter and the thread state, before any type exists.
  public static func prepareState(_ configuration: Configuration) {
    prepareMemory(configuration)
    prepareHashing(configuration)
    let interp = InterpreterRef.allocate(capacity: 1)
    memset(interp, 0, MemoryLayout<PyInterpreterState>.size)
    let thread = UnsafeMutablePointer<gila_thread>.allocate(capacity: 1)
    memset(thread, 0, MemoryLayout<gila_thread>.size)
    let ts = UnsafeMutableRawPointer(thread).assumingMemoryBound(to: PyThreadState.self)
    interp.pointee.owner = interp
    interp.pointee.features = InterpreterFeatures.legacy.rawValue
    interp.pointee.whence = 1
    ts.pointee.interp = interp
    thread.pointee.heap = interp.heap
    ts.pointee.py_recursion_limit = 1000
    ts.pointee.py_recursion_remaining = 1000
    ts.pointee.c_recursion_remaining = 10000
    ts.pointee.exc_info = (UnsafeMutableRawPointer(ts) + MemoryLayout<PyThreadState>.offset(of: \.exc_state)!)
      .assumingMemoryBound(to: _PyErr_StackItem.self)
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit)
    let size = limit.rlim_cur == UInt.max ? 8 << 20 : min(limit.rlim_cur, 64 << 20)
    thread.pointee.stack_limit = gila_stack_pointer() &- size &+ (size / 8 + 131072)
    interp.pointee.threads_head = ts
    interp.pointee.main_thread = ts
    interp.pointee.int_max_str_digits = 4300
    interp.pointee.recursion_limit = 1000
    gila_thread_adopt(ts)
  }
  /// PYTHONMALLOC=malloc leaves every object to libc, where valgrind and the address sanitizer see each one.
  private static func prepareMemory(_ c: Configuration) {
    if c.useEnvironment, let p = getenv("PYTHONMALLOC"), p.pointee != 0 {
      let name = String(cString: p)
      switch name {
      case "malloc", "malloc_debug": return
      case "default", "debug", "pymalloc", "pymalloc_debug", "mimalloc", "mimalloc_debug": break
      default:
        RawOutput.write(2, "Fatal Python error: preconfig_init_allocator: PYTHONMALLOC: unknown allocator: \(name)\n")
        exit(1)
      }
    }
    SmallBlocks.reserve()
    // The objects of a start fill this much; to ask for it at once is cheaper than a page fault for every 4 KiB.
    madvise(UnsafeMutableRawPointer(bitPattern: gila_get_pools_start()), 1 << 20, Int32(MADV_POPULATE_WRITE))
  }
  /// The key of str hashes: from PYTHONHASHSEED, else random.
  private static func prepareHashing(_ c: Configuration) {
    if c.useEnvironment && !c.randomizeHashes, let p = getenv("PYTHONHASHSEED"), p.pointee != 0,
      strcmp(p, "random") != 0
    {
      guard let seed = UInt32(String(cString: p)) else {
        RawOutput.write(
          2,
          "Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]\n"
        )
        exit(1)
      }
      let key = seed == 0 ? (k0: 0, k1: 0) : SipHash.key(seed: seed)
      return gila_set_hash_key(key.k0, key.k1)
    }
    gila_set_hash_key(UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max))
  }

  /// Starts the main interpreter. The types are ready and the native modules registered. False with an exception set.
  public static func start(_ configuration: Configuration, library: String) -> Bool {
    Paths.apply(to: configuration, library: library)
    configuration.install(in: currentInterpreter)
    if configuration.tracedFrames > 0 { Tracemalloc.start(frames: configuration.tracedFrames) }
    return bringUp(configuration)
  }
  /// Makes `sys` and `builtins`, starts the import system, opens the streams, imports `site`: in the current
  /// interpreter, which is empty. False with an exception set.
  static func bringUp(_ configuration: Configuration) -> Bool {
    do throws(PyError) {
      let interp = currentInterpreter
      try SysModule.make(builtinNames: ModuleRegistry.names)
      try SysModule.configure(configuration)
      let m = try Builtins.make()
      interp.pointee.builtins = newRef(PyModule_GetDict(m.ref)!)
      try check(PyDict_SetItemString(interp.pointee.modules, "builtins", m.ref))
      interp.slot(builtinsModule).pointee = m.take()
      interp.pointee.initialized = 1
      let early = try owned(PyFile_NewStdPrinter(STDERR_FILENO))
      try check(PySys_SetObject("stderr", early.ref))
      try check(PySys_SetObject("__stderr__", early.ref))
      try Bootstrap.importlib()
      try importZip()
      try startModule("encodings")
      if interp.isMain { gila_check_codec_names(configuration.developmentMode) }
      if interp.isMain { try startSignals() }
      try Streams.open()
      if interp.isMain, configuration.faultHandler || configuration.developmentMode { try startFaultHandler() }
      try MainProgram.makeModule()
      if !configuration.warnOptions.isEmpty { try startModule("warnings") }
      if configuration.site { try startModule("site") }
      // The directory of the program, which the main interpreter got when it ran it. `site` would change an empty one.
      if !interp.isMain, let first = configuration.firstPath, let path = PySys_GetObject("path"), path.isList {
        let text = try Configuration.text(first)
        try check(PyList_Insert(path, 0, text.ref))
      }
      return true
    } catch { return false }
  }
  private static func startModule(_ name: String) throws(PyError) {
    let m = try owned(PyImport_ImportModule(name))
    _ = m.ref
  }
  private static func startFaultHandler() throws(PyError) {
    let m = try owned(PyImport_ImportModule("faulthandler"))
    let enable = try owned(PyObject_GetAttrString(m.ref, "enable"))
    let r = try owned(PyObject_CallNoArgs(enable.ref))
    _ = r.ref
  }
  /// zipimport's hook comes before that of directories.
  private static func importZip() throws(PyError) {
    let m = try owned(PyImport_ImportModule("zipimport"))
    let importer = try owned(PyObject_GetAttrString(m.ref, "zipimporter"))
    guard let hooks = PySys_GetObject("path_hooks"), hooks.isList else { return }
    try check(PyList_Insert(hooks, 0, importer.ref))
  }
  /// SIGINT raises KeyboardInterrupt unless it is ignored; SIGPIPE and SIGXFSZ become errors of system calls.
  private static func startSignals() throws(PyError) {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    guard ModuleRegistry.names.contains("_signal") else { return }
    try startModule("_signal")
  }

  /// Shows the pending exception of a failed start and ends the process.
  public static func failStart() -> Never {
    RawOutput.write(2, "Fatal Python error: init: start-up failed\n")
    if let e = PyErr_GetRaisedException() {
      PyErr_DisplayException(e)
      decref(e)
    }
    exit(1)
  }

  /// Runs the program and ends the interpreter. The exit status of the process.
  public static func runMain(_ program: CommandLineOptions.Program) -> Int32 {
    var status = MainProgram.run(program)
    if Py_FinalizeEx() < 0 { status = 120 }
    if interrupted {
      signal(SIGINT, SIG_DFL)
      kill(getpid(), SIGINT)
      return 130
    }
    return status
  }
}
