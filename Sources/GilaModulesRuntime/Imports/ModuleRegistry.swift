import CGila
import GilaCore

/// The native modules that are part of the program: name and init function. Filled in before the first interpreter.
public enum ModuleRegistry {
  public typealias Initializer = @convention(c) () -> Ref?
  struct Entry {
    let name: String
    let initialize: Initializer
  }
  nonisolated(unsafe) static private(set) var entries: [Entry] = []

  public static func add(_ name: String, _ initialize: @escaping Initializer) {
    entries.append(Entry(name: name, initialize: initialize))
  }
  public static func add(_ name: StaticString, _ initialize: @escaping Initializer) {
    add(name.description, initialize)
  }
  static func find(_ name: String) -> Initializer? { entries.first { $0.name == name }?.initialize }
  /// The names, with the modules that start-up makes itself.
  public static var names: [String] { entries.map { $0.name } + ["sys", "builtins"] }
}

@c @implementation public func PyImport_AppendInittab(
  _ name: UnsafePointer<CChar>!, _ initialize: (@convention(c) () -> Ref?)!
) -> Int32 {
  guard let name, let initialize else { return -1 }
  ModuleRegistry.add(String(cString: name), initialize)
  return 0
}
