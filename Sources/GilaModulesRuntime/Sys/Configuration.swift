import CGila
import GilaCore
import Glibc

/// What the command line, the environment and the place of the standard library say: read once at start, then constant.
///
/// File names are bytes as the system gave them.
public final class Configuration {
  public typealias Name = [UInt8]

  // Flags, as `sys.flags` shows them.
  public var debug = 0
  public var inspect = 0
  public var interactive = 0
  public var optimize = 0
  public var dontWriteBytecode = false
  public var userSite = true
  public var site = true
  public var useEnvironment = true
  public var verbose = 0
  public var bytesWarning = 0
  public var quiet = false
  public var hashRandomization = true
  /// -R: the hashes of str are random, whatever PYTHONHASHSEED says.
  public var randomizeHashes = false
  public var isolated = false
  public var developmentMode = false
  public var utf8Mode = false
  /// Whether an option or variable said so; the C and POSIX locales turn the mode on otherwise.
  public var utf8ModeIsChosen = false
  /// LC_CTYPE is the C or POSIX locale, which says nothing about an encoding.
  public static var isPlainLocale: Bool {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      if let p = getenv(name), p.pointee != 0 { return strcmp(p, "C") == 0 || strcmp(p, "POSIX") == 0 }
    }
    return true
  }
  public var warnDefaultEncoding = false
  public var safePath = false
  public var maximumIntDigits = 4300
  /// Not flags, but from the command line too.
  public var unbuffered = false
  public var skipFirstLine = false
  public var showImportTimes = false
  public var faultHandler = false
  /// How many frames tracemalloc records of each allocation from the start; 0 leaves it off.
  public var tracedFrames = 0
  public var noDebugRanges = false
  public var codeDebugRanges = true
  public var pycChecks = "default"
  public var cpuCount = -1
  public var frozenModules = true

  public var extraOptions: [(Name, Name?)] = []
  public var warnOptions: [Name] = []
  public var originalArguments: [Name] = []
  /// `sys.argv`.
  public var arguments: [Name] = []

  // Places.
  public var executable: Name = []
  public var baseExecutable: Name = []
  public var prefix: Name = []
  public var basePrefix: Name = []
  public var library: Name = []
  public var searchPath: [Name] = []
  public var pycachePrefix: Name? = nil
  /// The directory of the program that was put in front of `sys.path`, if one was.
  public var firstPath: Name? = nil
  public var standardEncoding: Name? = nil
  public var standardErrors: Name? = nil

  public init() {}

  /// Makes this the configuration of an interpreter, for its whole life.
  public func install(in interpreter: InterpreterRef) {
    interpreter.pointee.config = Unmanaged.passRetained(self).toOpaque()
    interpreter.pointee.int_max_str_digits = Int32(truncatingIfNeeded: maximumIntDigits)
  }
  /// Takes the configuration, and the import lock, from an interpreter that ends.
  public static func remove(from interpreter: InterpreterRef) {
    ImportLock.remove(from: interpreter)
    guard let p = interpreter.pointee.config else { return }
    interpreter.pointee.config = nil
    Unmanaged<Configuration>.fromOpaque(p).release()
  }
  /// The current interpreter's configuration.
  public static var current: Configuration {
    of(currentInterpreter) ?? Configuration()
  }
  /// An interpreter's configuration.
  public static func of(_ interpreter: InterpreterRef) -> Configuration? {
    interpreter.pointee.config.map { Unmanaged<Configuration>.fromOpaque($0).takeUnretainedValue() }
  }
  /// A file name as a str.
  public static func text(_ name: Name) throws(PyError) -> Owned {
    try owned(
      name.withUnsafeBytes {
        PyUnicode_DecodeFSDefaultAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
      })
  }
  static func list(_ names: [Name]) throws(PyError) -> Owned {
    let l = try owned(PyList_New(0))
    for n in names {
      let s = try text(n)
      try check(PyList_Append(l.ref, s.ref))
    }
    return l
  }
}
