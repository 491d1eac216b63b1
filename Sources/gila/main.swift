import CGila
import GilaContainers
import GilaCore
import GilaEval
import GilaExceptions
import GilaImport
import GilaLifetime
import GilaMappings
import GilaModel
import GilaModulesCore
import GilaModulesNumbers
import GilaNumbers
import GilaText
import Glibc

/// The command: `gila FILE` or `gila -c CODE`.
func fail(_ message: String) -> Never {
  let line = Array("gila: \(message)\n".utf8)
  _ = write(2, line, line.count)
  exit(2)
}

func start() {
  Runtime.prepareState()
  GC.initialize(currentInterpreter)
  installModelTypes()
  installMappingTypes()
  installLifetimeTypes()
  installExceptionTypes()
  installNumberTypes()
  installTextTypes()
  installContainerTypes()
  installEvalTypes()
  Dunder.prepare()
  guard readyBuiltinTypes(), Runtime.prepareModules() else { fail("start-up failed") }
  hook()
}

func hook() {
  func put(_ name: StaticString, _ f: @convention(c) () -> Ref?) {
    let d = UnsafeMutableRawPointer(f()!).assumingMemoryBound(to: PyModuleDef.self)
    let ns = _PyNamespace_New(nil)!
    PyObject_SetAttrString(ns, "name", newString("\(name)"))
    let m = PyModule_FromDefAndSpec2(d, ns, 1013)
    if m == nil || PyModule_ExecDef(m, d) < 0 { print("module \(name)", swiftString(PyObject_Repr(PyErr_GetRaisedException()!)!)); return }
    PyDict_SetItemString(currentInterpreter.pointee.builtins, cString(name), m)
  }
  registerCoreModules(put)
  if let so = getenv("GILA_EXT") {
    guard let h = dlopen(so, RTLD_NOW) else { fail(String(cString: dlerror())) }
    let f = unsafeBitCast(dlsym(h, "PyInit_proof"), to: (@convention(c) () -> Ref?).self)
    put("proof", f)
  }
  if getenv("GILA_NUMBERS") != nil { registerNumberModules(put) }
}

func readFile(_ path: String) -> [UInt8]? {
  let fd = open(path, O_RDONLY)
  if fd < 0 { return nil }
  defer { close(fd) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let n = read(fd, &chunk, chunk.count)
    if n < 0 { return nil }
    if n == 0 { return bytes }
    bytes.append(contentsOf: chunk[..<n])
  }
}

let arguments = CommandLine.arguments
guard arguments.count >= 2 else { fail("usage: gila FILE | gila -c CODE") }
signal(SIGPIPE, SIG_IGN)
switch arguments[1] {
case "-V", "--version":
  print("Python 3.13.0 (Gila)")
case "-c":
  guard arguments.count >= 3 else { fail("argument expected for the -c option") }
  start()
  exit(Runtime.runMain(Array((arguments[2] + "\n").utf8), "<string>"))
default:
  if arguments[1].hasPrefix("-") { fail("unknown option \(arguments[1]); so far: -c, -V, or a file") }
  guard let source = readFile(arguments[1]) else {
    fail("can't open file '\(arguments[1])': [Errno \(errno)] \(String(cString: strerror(errno)))")
  }
  start()
  exit(Runtime.runMain(source, arguments[1]))
}
