// Where the Python half of the standard library is: the Lib/ of an installed CPython 3.13.

import Glibc

public enum LibraryLocator {
  /// What a missing library is answered with.
  public static let help = """
    no CPython 3.13 standard library found.
      Gila runs the library of an installed CPython 3.13 (its lib/python3.13). Install Python 3.13 with pyenv, uv or the
      system's packages, or set GILA_STDLIB to such a directory.
    """

  public enum Failure: Error {
    case unusable(variable: String, String), notFound
  }

  /// The first usable directory: GILA_STDLIB, python3.13 on PATH, version managers, the usual prefixes. PYTHONHOME comes
  /// before all of them if the environment is to be used.
  public static func find(useEnvironment: Bool) throws(Failure) -> String {
    if useEnvironment, let home = variable("PYTHONHOME") {
      let prefix = home.split(separator: ":", maxSplits: 1).first ?? ""
      let library = "\(prefix)/lib/python3.13"
      if isUsable(library) { return absolute(library) }
      throw .unusable(variable: "PYTHONHOME", home)
    }
    if let set = variable("GILA_STDLIB") {
      if isUsable(set) { return absolute(set) }
      throw .unusable(variable: "GILA_STDLIB", set)
    }
    guard let first = besidePython().first(where: isUsable) ?? managed() ?? prefixed().first(where: isUsable) else {
      throw .notFound
    }
    return absolute(first)
  }
  private static func absolute(_ path: String) -> String {
    guard let p = realpath(path, nil) else { return path }
    defer { free(p) }
    return String(cString: p)
  }
  /// The user's home directory, also where the environment does not tell it.
  private static var home: String? {
    variable("HOME") ?? getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
  }
  private static func variable(_ name: String) -> String? {
    guard let p = getenv(name), p.pointee != 0 else { return nil }
    return String(cString: p)
  }

  /// Whether a directory is the library of 3.13: a few of its files, and the byte code's magic number.
  static func isUsable(_ directory: String) -> Bool {
    for file in [
      "os.py", "io.py", "abc.py", "site.py", "codecs.py", "encodings/__init__.py", "encodings/utf_8.py",
      "importlib/_bootstrap.py",
    ] {
      if access(directory + "/" + file, R_OK) != 0 { return false }
    }
    return hasByteCode(directory) || saysMagicNumber(directory)
  }
  /// Byte code of the expected kind is there. That is told by four bytes, the source tells it after 20,000.
  private static func hasByteCode(_ directory: String) -> Bool {
    let fd = open(directory + "/importlib/__pycache__/_bootstrap_external.cpython-313.pyc", O_RDONLY | O_CLOEXEC)
    if fd < 0 { return false }
    defer { close(fd) }
    var magic: UInt32 = 0
    return read(fd, &magic, 4) == 4 && UInt32(littleEndian: magic) == 0x0A0D_0DF3
  }
  private static func saysMagicNumber(_ directory: String) -> Bool {
    guard let f = fopen(directory + "/importlib/_bootstrap_external.py", "re") else { return false }
    defer { fclose(f) }
    var line: UnsafeMutablePointer<CChar>? = nil
    var size = 0
    defer { free(line) }
    while getline(&line, &size, f) > 0 {
      if let line, strncmp(line, "MAGIC_NUMBER = (3571)", 21) == 0 { return true }
    }
    return false
  }

  /// python3.13 on PATH: its library is beside its bin directory, unless it is a version manager's shim.
  private static func besidePython() -> [String] {
    var found: [String] = []
    for directory in (variable("PATH") ?? "").split(separator: ":") {
      let program = "\(directory)/python3.13"
      guard access(program, X_OK) == 0, let p = realpath(program, nil) else { continue }
      let parts = String(cString: p).split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
      free(p)
      found.append(parts.joined(separator: "/") + "/lib/python3.13")
    }
    return found
  }
  /// The first usable library of a version manager.
  private static func managed() -> String? {
    guard let home else { return nil }
    let data = variable("XDG_DATA_HOME") ?? home + "/.local/share"
    for pattern in [
      (variable("PYENV_ROOT") ?? home + "/.pyenv") + "/versions/3.13*/lib/python3.13",
      (variable("UV_PYTHON_INSTALL_DIR") ?? data + "/uv/python") + "/cpython-3.13*/lib/python3.13",
      (variable("ASDF_DATA_DIR") ?? home + "/.asdf") + "/installs/python/3.13*/lib/python3.13",
      (variable("MISE_DATA_DIR") ?? data + "/mise") + "/installs/python/3.13*/lib/python3.13",
    ] {
      if let usable = matches(pattern).first(where: isUsable) { return usable }
    }
    return nil
  }
  private static func prefixed() -> [String] {
    var found: [String] = []
    for prefix in [variable("HOMEBREW_PREFIX") ?? "", "/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"]
    where !prefix.isEmpty {
      found.append(prefix + "/opt/python@3.13/Frameworks/Python.framework/Versions/3.13/lib/python3.13")
      found.append(prefix + "/opt/python@3.13/lib/python3.13")
    }
    found += [
      "/Library/Frameworks/Python.framework/Versions/3.13/lib/python3.13", "/usr/local/lib/python3.13",
      "/usr/lib/python3.13",
    ]
    if let home {
      found.append((variable("XDG_DATA_HOME") ?? home + "/.local/share") + "/gila/stdlib-3.13/usr/lib/python3.13")
    }
    return found
  }
  /// The paths that a shell pattern matches, the newest name first.
  private static func matches(_ pattern: String) -> [String] {
    var result = glob_t()
    guard glob(pattern, 0, nil, &result) == 0 else { return [] }
    defer { globfree(&result) }
    var paths: [String] = []
    for i in 0..<Int(result.gl_pathc) {
      if let p = result.gl_pathv[i] { paths.append(String(cString: p)) }
    }
    return paths.reversed()
  }
}
