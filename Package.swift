// swift-tools-version: 6.2
import PackageDescription

// The floors of the house, bottom up; a target imports only from floors below it (Documentation/Architecture.md).
let package = Package(
  name: "Gila",
  products: [
    .executable(name: "gila", targets: ["gila"])
  ],
  targets: [
    // Floor 1: pure Swift, no Python objects.
    .target(name: "GilaAlgorithms"),
    .target(name: "GilaSyntax"),
    // Floor 2.
    .target(name: "GilaCompiler", dependencies: ["GilaSyntax"]),
    // Floor 8: the command.
    .executableTarget(name: "gila", dependencies: ["GilaCompiler", "GilaAlgorithms"]),
    // For developers: compares the parser and the compiler with CPython (Tests/Tools).
    .executableTarget(name: "gila-syntax-check", dependencies: ["GilaSyntax", "GilaCompiler"]),
    // Tests.
    .testTarget(name: "GilaSyntaxTests", dependencies: ["GilaSyntax"]),
    .testTarget(name: "GilaAlgorithmsTests", dependencies: ["GilaAlgorithms"]),
    .testTarget(name: "GilaCompilerTests", dependencies: ["GilaCompiler"]),
  ],
  swiftLanguageModes: [.v6]
)
