// Running the program: a file, -c, -m, a directory or zip file, standard input.

import CGila
import GilaCore
import GilaModulesRuntime
import GilaSyntax
import Glibc

enum MainProgram {
  /// `__main__`, as it is before the program is known.
  static func makeModule() throws(PyError) {
    guard let m = PyImport_AddModule("__main__"), let d = PyModule_GetDict(m) else { throw PyError() }
    if let builtins = currentInterpreter.slot(Runtime.builtinsModule).pointee {
      try check(PyDict_SetItem(d, Dunder.builtins.ref, builtins))
    }
    let annotations = try owned(PyDict_New())
    try check(PyDict_SetItem(d, Dunder.annotations.ref, annotations.ref))
    if let importlib = currentInterpreter.pointee.importlib {
      let loader = try owned(PyObject_GetAttrString(importlib, "BuiltinImporter"))
      try check(PyDict_SetItem(d, Dunder.loader.ref, loader.ref))
    }
  }

  /// Runs the program, then the prompt if -i asks for it. The exit status.
  static func run(_ program: CommandLineOptions.Program) -> Int32 {
    let status = runProgram(program)
    if case .standardInput = program { return status }
    let c = Configuration.current
    if c.useEnvironment, let p = getenv("PYTHONINSPECT"), p.pointee != 0 { c.inspect = 1 }
    if c.inspect == 0 || (isatty(0) == 0 && c.interactive == 0) { return status }
    c.inspect = 0
    do throws(PyError) { return try interact(startup: false) } catch { return failed() }
  }
  private static func runProgram(_ program: CommandLineOptions.Program) -> Int32 {
    do throws(PyError) {
      switch program {
      case .command(let source):
        try prependPath([])
        try run(command: source)
      case .module(let name):
        try prependPath(Paths.currentDirectory ?? [])
        let text = try Configuration.text(name)
        try run(module: text.ref, settingArgument: true)
      case .standardInput:
        try prependPath([])
        if isatty(0) != 0 || Configuration.current.interactive > 0 {
          header()
          Configuration.current.inspect = 0
          return try interact(startup: true)
        } else {
          guard let source = Files.read(0) else { return 1 }
          let name = try string("<stdin>")
          try runSource(source, name.ref)
        }
      case .file(let path): return try run(file: path)
      }
      return 0
    } catch { return failed() }
  }
  /// The status after an uncaught exception, which is shown, or the one that SystemExit asks for.
  private static func failed() -> Int32 {
    if Configuration.current.inspect == 0, let status = ErrorPrint.systemExitStatus() { return status }
    let interrupted = PyErr_ExceptionMatches(Exc.KeyboardInterrupt.object) != 0
    PyErr_Print()
    if interrupted { Runtime.interrupted = true }
    return 1
  }
  private static func prependPath(_ directory: [UInt8]) throws(PyError) {
    let c = Configuration.current
    if c.safePath { return }
    c.firstPath = directory
    guard let path = PySys_GetObject("path"), path.isList else { return }
    let text = try Configuration.text(directory)
    try check(PyList_Insert(path, 0, text.ref))
  }
  private static func mainDict() throws(PyError) -> Owned {
    guard let m = PyImport_AddModule("__main__"), let d = PyModule_GetDict(m) else { throw PyError() }
    return Owned(retaining: d)
  }

  private static func runSource(_ source: [UInt8], _ name: Ref, register: Bool = false, isFile: Bool = false)
    throws(PyError)
  {
    let dict = try mainDict()
    var options = ParseOptions()
    options.isFile = isFile
    // The text of -c came as arguments do, whatever encoding a comment in it declares.
    if register { options.flags.insert([.sourceIsUTF8, .ignoreCookie]) }
    let code = try Compiling.compile(source, name, options)
    if register { registerSource(source, name) }
    let r = try owned(PyEval_EvalCode(code.ref, dict.ref, dict.ref))
    _ = r.ref
  }
  /// The source of -c for tracebacks.
  private static func registerSource(_ source: [UInt8], _ name: Ref) {
    guard let linecache = PyImport_ImportModule("linecache") else { return PyErr_Clear() }
    let held = Owned(taking: linecache)
    do throws(PyError) {
      let f = try owned(PyObject_GetAttrString(held.ref, "_register_code"))
      let text = try CodeObjects.text(source)
      let t = try owned(PyTuple_New(3))
      for (i, r) in [name, text.ref, name].enumerated() { gila_tuple_items(t.ref)[i] = newRef(r) }
      let r = try owned(PyObject_Call(f.ref, t.ref, nil))
      _ = r.ref
    } catch { PyErr_Clear() }
  }
  private static func run(command source: [UInt8]) throws(PyError) {
    let name = try string("<string>")
    if UTF8Decoding.firstInvalid(source) != nil {
      RawOutput.write(2, "Unable to decode the command from the command line:\n")
      let text = try Configuration.text(source)
      let bytes = try owned(PyUnicode_AsUTF8String(text.ref))
      _ = bytes.ref
    }
    try runSource(source, name.ref, register: true)
  }
  private static func run(module name: Ref, settingArgument: Bool) throws(PyError) {
    let runpy = try owned(PyImport_ImportModule("runpy"))
    let f = try owned(PyObject_GetAttrString(runpy.ref, "_run_module_as_main"))
    let t = try owned(PyTuple_New(2))
    gila_tuple_items(t.ref)[0] = newRef(name)
    gila_tuple_items(t.ref)[1] = newRef(pyBool(settingArgument))
    let r = try owned(PyObject_Call(f.ref, t.ref, nil))
    _ = r.ref
  }

  // MARK: files

  private static func run(file given: [UInt8]) throws(PyError) -> Int32 {
    let path = Paths.absolute(given)
    let name = try Configuration.text(path)
    // A directory or zip file is put on sys.path and its __main__ is run.
    if let importer = PyImport_GetImporter(name.ref) {
      let isPlace = importer != none
      decref(importer)
      if isPlace {
        Configuration.current.firstPath = path
        guard let list = PySys_GetObject("path"), list.isList else { throw runtimeError("unable to get sys.path") }
        try check(PyList_Insert(list, 0, name.ref))
        let main = try string("__main__")
        try run(module: main.ref, settingArgument: false)
        return 0
      }
    } else {
      PyErr_Clear()
    }
    try prependPath(Paths.directory(ofScript: path))
    let fd = Paths.withCString(path) { open($0, O_RDONLY | O_CLOEXEC) }
    var info = stat()
    let found = fd >= 0
    if !found || fstat(fd, &info) != 0 {
      complain(
        "can't open file '\(String(decoding: path, as: UTF8.self))': [Errno \(errno)] \(String(cString: strerror(errno)))"
      )
      return 2
    }
    if info.st_mode & S_IFMT == S_IFDIR {
      close(fd)
      complain("'\(String(decoding: path, as: UTF8.self))' is a directory, cannot continue")
      return 1
    }
    guard var source = Files.read(fd) else {
      close(fd)
      return 1
    }
    close(fd)
    let isCompiled = path.suffix(4) == Array(".pyc".utf8)
    let dict = try mainDict()
    let hadFile = PyDict_GetItemString(dict.ref, "__file__") != nil
    try check(PyDict_SetItem(dict.ref, Dunder.file.ref, name.ref))
    try check(PyDict_SetItem(dict.ref, Dunder.cached.ref, none))
    try setLoader(dict.ref, name.ref, isCompiled ? "SourcelessFileLoader" : "SourceFileLoader")
    defer {
      if !hadFile {
        let pending = PyErr_GetRaisedException()
        if PyDict_DelItemString(dict.ref, "__file__") < 0 { PyErr_Clear() }
        if PyDict_DelItemString(dict.ref, "__cached__") < 0 { PyErr_Clear() }
        PyErr_SetRaisedException(pending)
      }
    }
    var status: Int32 = 0
    do throws(PyError) {
      if isCompiled {
        try run(compiled: source, dict.ref)
      } else {
        try Compiling.checkEncoding(source, name.ref)
        if Configuration.current.skipFirstLine, let end = source.firstIndex(of: 10) { source.removeFirst(end) }
        try runSource(source, name.ref, isFile: true)
      }
    } catch { status = failed() }
    return status
  }
  private static func complain(_ message: String) {
    let program = String(decoding: Configuration.current.executable, as: UTF8.self)
    RawOutput.write(2, "\(program): \(message)\n")
  }
  private static func run(compiled bytes: [UInt8], _ dict: Ref) throws(PyError) {
    guard bytes.count > 16, bytes[0] == 0xF3, bytes[1] == 0x0D, bytes[2] == 0x0D, bytes[3] == 0x0A else {
      throw runtimeError("Bad magic number in .pyc file")
    }
    let code = try owned(
      bytes.withUnsafeBufferPointer {
        PyMarshal_ReadObjectFromString(
          UnsafeRawPointer($0.baseAddress! + 16).assumingMemoryBound(to: CChar.self), $0.count - 16)
      })
    guard code.ref.isExactly(Types.code) else { throw runtimeError("Bad code object in .pyc file") }
    let r = try owned(PyEval_EvalCode(code.ref, dict, dict))
    _ = r.ref
  }
  private static func setLoader(_ dict: Ref, _ file: Ref, _ loader: String) throws(PyError) {
    let external = try owned(PyImport_ImportModule("_frozen_importlib_external"))
    let type = try owned(PyObject_GetAttrString(external.ref, loader))
    let main = try string("__main__")
    let t = try owned(PyTuple_New(2))
    gila_tuple_items(t.ref)[0] = newRef(main.ref)
    gila_tuple_items(t.ref)[1] = newRef(file)
    let made = try owned(PyObject_Call(type.ref, t.ref, nil))
    try check(PyDict_SetItem(dict, Dunder.loader.ref, made.ref))
  }

  private static func header() {
    if Configuration.current.quiet { return }
    RawOutput.write(2, "Python \(SysModule.version) on linux\n")
    RawOutput.write(2, "Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.\n")
  }
  /// The prompt in the names of `__main__`. The exit status.
  private static func interact(startup: Bool) throws(PyError) -> Int32 {
    let dict = try mainDict()
    if startup { InteractiveLoop.prepare(dict.ref) }
    if InteractiveLoop.wantsEditor {
      let editor = try string("_pyrepl")
      try run(module: editor.ref, settingArgument: false)
      return 0
    }
    return InteractiveLoop.run(in: dict.ref)
  }
}
