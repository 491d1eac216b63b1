// swift-tools-version: 6.2
import PackageDescription

/// What the dynamic loader does comes before everything else at each start: Swift's library is linked in, and the command
/// stands at a fixed address, as Debian's Python does, so that nothing in it needs to be relocated.
let startsFast = ["-static-stdlib", "-use-ld=lld", "-Xclang-linker", "-no-pie"]
/// Extension modules find the functions and types of the C API in the command, and nothing else.
let exportsTheCAPI = ["--no-export-dynamic", "--export-dynamic-symbol=Py*", "--export-dynamic-symbol=_Py*"].flatMap {
  ["-Xlinker", $0]
}

// The floors of the house, bottom up; a target imports only from floors below it (see Documentation/Architecture.md).
// Object targets of one floor meet through the C functions declared in CGila, never through imports.
let package = Package(
  name: "Gila",
  products: [
    .executable(name: "gila", targets: ["gila"])
  ],
  targets: [
    // Floor 0: C layouts, storage, shims.
    .target(name: "CGila", linkerSettings: [.linkedLibrary("dl"), .linkedLibrary("m")]),
    .target(name: "CGilaSystem"),
    // Floor 1: pure Swift, no Python objects.
    .target(name: "GilaAlgorithms"),
    .target(name: "GilaDecimal"),
    .target(name: "GilaSyntax"),
    // In debug builds an explorer of the tests may decide about every step of the lock (CGilaLock.h).
    .target(name: "CGilaLock", cSettings: [.define("GILA_LOCK_EXPLORE", .when(configuration: .debug))]),
    .target(
      name: "GilaLock", dependencies: ["CGilaLock"],
      swiftSettings: [.unsafeFlags(["-Xcc", "-DGILA_LOCK_EXPLORE", "-O"], .when(configuration: .debug))]),
    // Floor 2.
    .target(name: "GilaCompiler", dependencies: ["GilaSyntax"]),
    .target(name: "GilaCore", dependencies: ["CGila"]),
    // Floor 3: builtin types.
    .target(name: "GilaLifetime", dependencies: ["GilaCore"]),
    .target(name: "GilaMappings", dependencies: ["GilaCore"]),
    .target(name: "GilaExceptions", dependencies: ["GilaCore"]),
    .target(name: "GilaModel", dependencies: ["GilaCore"]),
    .target(name: "GilaNumbers", dependencies: ["GilaCore", "GilaAlgorithms"]),
    .target(name: "GilaText", dependencies: ["GilaCore", "GilaAlgorithms"]),
    .target(name: "GilaContainers", dependencies: ["GilaCore"]),
    // Floor 4: execution.
    .target(
      name: "GilaEval", dependencies: ["GilaCore", "GilaCompiler"],
      swiftSettings: [.unsafeFlags(["-Ounchecked"], .when(configuration: .release))]),
    .target(name: "GilaThreads", dependencies: ["GilaCore", "GilaLock", "CGilaLock"]),
    // Floor 5: imports and native modules.
    .target(name: "GilaModuleSupport", dependencies: ["GilaCore", "CGilaLibraries"]),
    .target(name: "GilaModulesCore", dependencies: ["GilaCore", "GilaLifetime"]),
    .target(name: "GilaModulesNumbers", dependencies: ["GilaCore", "GilaAlgorithms"]),
    .target(name: "GilaModulesText", dependencies: ["GilaCore", "GilaAlgorithms", "GilaText"]),
    .target(name: "GilaModulesIO", dependencies: ["GilaCore", "GilaAlgorithms", "GilaText"]),
    .target(name: "GilaModulesData", dependencies: ["GilaCore", "GilaAlgorithms", "GilaText"]),
    .target(name: "GilaModulesSystem", dependencies: ["GilaCore", "CGilaSystem"]),
    // C libraries: the headers are the system's (Tools/setup.sh), the libraries are loaded when a module needs them.
    .target(name: "CGilaLibraries"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CBzip2"),
    .systemLibrary(name: "CLzma"),
    .systemLibrary(name: "COpenSSL"),
    .systemLibrary(name: "CExpat"),
    .systemLibrary(name: "CSQLite"),
    .systemLibrary(name: "CFFI"),
    .systemLibrary(name: "CCurses"),
    .target(
      name: "GilaModulesLibraries",
      dependencies: [
        "GilaCore", "GilaModuleSupport", "CZlib", "CBzip2", "CLzma", "COpenSSL", "CSQLite", "CFFI",
        "CGilaLibraries",
      ]),
    .target(
      name: "GilaModulesXML", dependencies: ["GilaCore", "GilaModuleSupport", "CExpat", "CGilaLibraries"],
      // The state of a parser is a class whose fields every event touches.
      swiftSettings: [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]),
    .target(name: "GilaModulesDecimal", dependencies: ["GilaCore", "GilaModuleSupport", "GilaDecimal"]),
    .target(name: "GilaModulesCJK", dependencies: ["GilaCore", "GilaModuleSupport", "CLzma", "CGilaLibraries"]),
    .target(name: "GilaModulesTools", dependencies: ["GilaCore", "GilaModuleSupport"]),
    .target(name: "GilaModulesCurses", dependencies: ["GilaCore", "GilaModuleSupport", "CCurses", "CGilaLibraries"]),
    .target(name: "GilaModulesAsync", dependencies: ["GilaCore", "GilaModuleSupport"]),
    .target(name: "GilaModulesRuntime", dependencies: ["GilaCore", "GilaModuleSupport", "GilaAlgorithms", "GilaEval"]),
    .target(
      name: "GilaImport",
      dependencies: [
        "GilaCore", "GilaAlgorithms", "GilaCompiler", "GilaContainers", "GilaSyntax", "GilaEval", "GilaExceptions",
        "GilaLifetime", "GilaModulesRuntime",
      ]),
    // Floor 8: the command.
    .executableTarget(
      name: "gila",
      dependencies: [
        "GilaImport", "GilaModel", "GilaLifetime", "GilaMappings", "GilaExceptions",
        "GilaNumbers", "GilaText", "GilaContainers", "GilaEval", "GilaModulesCore", "GilaModulesNumbers",
        "GilaModulesText", "GilaModulesIO", "GilaModulesData", "GilaModulesSystem", "GilaModulesRuntime",
        "GilaModulesLibraries", "GilaModulesXML", "GilaModulesAsync", "GilaModulesDecimal", "GilaModulesCJK",
        "GilaModulesTools", "GilaModulesCurses",
        "GilaThreads",
      ],
      linkerSettings: [.unsafeFlags(startsFast + exportsTheCAPI, .when(platforms: [.linux]))]),
    // For developers: compares the parser and the compiler with CPython (Tests/Tools).
    .executableTarget(name: "gila-syntax-check", dependencies: ["GilaSyntax", "GilaCompiler"]),
    // Tests.
    .testTarget(name: "GilaSyntaxTests", dependencies: ["GilaSyntax"]),
    .testTarget(
      name: "GilaAlgorithmsTests", dependencies: ["GilaAlgorithms"], exclude: ["numbers.txt", "make-numbers.py"]),
    .target(name: "CGilaFibers", path: "Tests/CGilaFibers"),
    .testTarget(
      name: "GilaLockTests", dependencies: ["GilaLock", "CGilaLock", "CGilaFibers"],
      swiftSettings: [.unsafeFlags(["-Xcc", "-DGILA_LOCK_EXPLORE", "-O"], .when(configuration: .debug))]),
    .testTarget(name: "GilaCompilerTests", dependencies: ["GilaCompiler"]),
  ],
  swiftLanguageModes: [.v6]
)

// The globals of the runtime are guarded by the interpreter's lock; checks of exclusive access at each use would only
// cost time.
for target in package.targets where target.type == .regular && target.name.hasPrefix("Gila") {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
    ]
}
