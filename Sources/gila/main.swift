import CGila
import GilaContainers
import GilaCore
import GilaEval
import GilaExceptions
import GilaImport
import GilaLifetime
import GilaMappings
import GilaModel
import GilaModulesAsync
import GilaModulesCJK
import GilaModulesCore
import GilaModulesCurses
import GilaModulesData
import GilaModulesDecimal
import GilaModulesIO
import GilaModulesLibraries
import GilaModulesNumbers
import GilaModulesRuntime
import GilaModulesSystem
import GilaModulesText
import GilaModulesTools
import GilaModulesXML
import GilaNumbers
import GilaText
import GilaThreads
import Glibc

// The command: CPython's command line on Gila.

func put(_ fd: Int32, _ text: String) {
  let bytes = Array(text.utf8)
  _ = write(fd, bytes, bytes.count)
}

/// Makes the builtin types and hands out the native modules.
func prepareRuntime(_ configuration: Configuration) {
  Runtime.prepareState(configuration)
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
  guard readyBuiltinTypes() else { Runtime.failStart() }
  registerRuntimeModules { ModuleRegistry.add($0, $1) }
  registerCoreModules { ModuleRegistry.add($0, $1) }
  registerNumberModules { ModuleRegistry.add($0, $1) }
  registerTextModules { ModuleRegistry.add($0, $1) }
  registerDataModules { ModuleRegistry.add($0, $1) }
  registerIOModules { ModuleRegistry.add($0, $1) }
  registerThreadModules { ModuleRegistry.add($0, $1) }
  registerLibraryModules { ModuleRegistry.add($0, $1) }
  registerXMLModules { ModuleRegistry.add($0, $1) }
  registerCJKModules { ModuleRegistry.add($0, $1) }
  registerToolModules { ModuleRegistry.add($0, $1) }
  registerCursesModules { ModuleRegistry.add($0, $1) }
  registerDecimalModules { ModuleRegistry.add($0, $1) }
  registerAsyncModules { ModuleRegistry.add($0, $1) }
  registerSystemModules { ModuleRegistry.add($0, $1) }
  registerSyntaxModules { ModuleRegistry.add($0, $1) }
}

/// The arguments as the system gave them, which need not be UTF-8.
func commandArguments() -> [[UInt8]] {
  // CommandLine would look for them in the map of the process's memory.
  if let line = Files.read("/proc/self/cmdline"), line.last == 0 {
    return line.dropLast().split(separator: 0, omittingEmptySubsequences: false).map { Array($0) }
  }
  var all: [[UInt8]] = []
  for i in 0..<Int(CommandLine.argc) {
    guard let p = CommandLine.unsafeArgv[i] else { continue }
    all.append(
      Array(UnsafeBufferPointer(start: UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self), count: strlen(p))))
  }
  return all
}

let arguments = commandArguments()
let options = CommandLineOptions(arguments)
let program = arguments.first.map { String(decoding: $0, as: UTF8.self) } ?? "gila"
switch options.outcome {
case .wrong(let message):
  put(2, message + "\n" + Usage.short(program))
  exit(2)
case .inform(let what):
  switch what {
  case .version: put(1, Usage.version + "\n")
  case .longVersion: put(1, "Python \(SysModule.version)\n")
  case .help: put(1, Usage.long(program))
  case .environmentHelp: put(1, Usage.environment)
  case .optionHelp: put(1, Usage.options)
  case .allHelp: put(1, Usage.long(program) + Usage.environment + Usage.options)
  }
  exit(0)
case .run(let main):
  let library: String
  do throws(LibraryLocator.Failure) {
    library = try LibraryLocator.find(useEnvironment: options.configuration.useEnvironment)
  } catch {
    switch error {
    case .unusable(let variable, let directory):
      put(2, "gila: \(variable) is '\(directory)', where no usable library of CPython 3.13 is\n")
    case .notFound: put(2, "gila: \(LibraryLocator.help)\n")
    }
    exit(1)
  }
  prepareRuntime(options.configuration)
  guard Runtime.start(options.configuration, library: library) else { Runtime.failStart() }
  exit(Runtime.runMain(main))
}
