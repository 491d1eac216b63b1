// Where things are: the program itself, the prefix, sys.path.

import GilaModulesRuntime
import Glibc

enum Paths {
  /// Fills in the places of a configuration. `library` is the standard library's directory.
  static func apply(to c: Configuration, library: String) {
    c.library = Array(library.utf8)
    let parts = library.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    let prefix = parts.joined(separator: "/")
    c.prefix = Array((prefix.isEmpty ? "/" : prefix).utf8)
    c.basePrefix = c.prefix
    c.executable = executable(c.originalArguments.first ?? [])
    c.baseExecutable = c.executable
    var path: [[UInt8]] = []
    if c.useEnvironment, let extra = EnvironmentVariables.value("PYTHONPATH") {
      path += extra.split(separator: 58, omittingEmptySubsequences: false).map { Array($0) }
    }
    path.append(Array("\(prefix)/lib/python313.zip".utf8))
    path.append(c.library)
    // For tests that start interpreters with -I, which leaves PYTHONPATH out.
    if let extra = EnvironmentVariables.value("GILA_EXTRA_PATH") {
      path += extra.split(separator: 58).map { Array($0) }
    }
    c.searchPath = path
  }
  /// The program's own file: as it was called, made absolute, or found on PATH.
  private static func executable(_ name: [UInt8]) -> [UInt8] {
    if name.contains(47) {
      if name[0] == 47 { return name }
      var rest = name[...]
      while rest.starts(with: [46, 47]) { rest = rest.dropFirst(2) }
      return (currentDirectory ?? []) + [47] + rest
    }
    if let path = EnvironmentVariables.value("PATH") {
      for directory in path.split(separator: 58) {
        let file = Array(directory) + [47] + name
        if withCString(file, { access($0, X_OK) }) == 0 { return file }
      }
    }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let n = buffer.withUnsafeMutableBytes {
      readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return n > 0 ? Array(buffer[..<n]) : []
  }
  /// A file name made absolute, as text: nothing is resolved.
  static func absolute(_ name: [UInt8]) -> [UInt8] {
    if name.first == 47 { return name }
    guard let directory = currentDirectory else { return name }
    return directory + (directory.last == 47 ? [] : [47]) + name
  }
  static var currentDirectory: [UInt8]? {
    guard let p = getcwd(nil, 0) else { return nil }
    defer { free(p) }
    return EnvironmentVariables.bytes(p)
  }
  static func withCString<T>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> T) -> T {
    (bytes + [0]).withUnsafeBufferPointer {
      body(UnsafeRawPointer($0.baseAddress!).assumingMemoryBound(to: CChar.self))
    }
  }
  /// The directory of a script, links followed; empty for one in no directory.
  static func directory(ofScript file: [UInt8]) -> [UInt8] {
    var full = file
    if let p = withCString(file, { realpath($0, nil) }) {
      full = EnvironmentVariables.bytes(p)
      free(p)
    }
    guard let slash = full.lastIndex(of: 47) else { return [] }
    return slash == 0 ? [47] : Array(full[..<slash])
  }
}
