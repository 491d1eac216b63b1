// The command's arguments and the PYTHON* variables. An interpreter's command line is peculiar: options may be joined
// ("-Ecm"), and everything behind -c, -m or the file belongs to the program.

import GilaModulesRuntime
import Glibc

public struct CommandLineOptions {
  public enum Program {
    case file([UInt8])
    case command([UInt8])
    case module([UInt8])
    case standardInput
  }
  /// Answered without starting an interpreter.
  public enum Information {
    case version, longVersion, help, environmentHelp, optionHelp, allHelp
  }
  public enum Outcome {
    case run(Program)
    case inform(Information)
    /// The message of a wrong command line; the usage follows it.
    case wrong(String)
  }

  public let configuration = Configuration()
  public private(set) var outcome: Outcome = .run(.standardInput)
  private var commandWarnings: [[UInt8]] = []

  /// Reads the command line. The first argument is the program itself.
  public init(_ arguments: [[UInt8]]) {
    let c = configuration
    c.originalArguments = arguments
    let rest = parse(arguments)
    switch outcome {
    case .run(.command): c.arguments = [Array("-c".utf8)] + rest
    case .run(.module): c.arguments = [Array("-m".utf8)] + rest
    case .run(.file(let f)): c.arguments = [f] + rest
    default: c.arguments = rest.isEmpty ? [[]] : rest
    }
    if c.isolated {
      c.useEnvironment = false
      c.userSite = false
      c.safePath = true
    }
    if case .run = outcome {
      EnvironmentVariables.apply(to: c)
      if c.useEnvironment, EnvironmentVariables.maximumIntDigits == -1 {
        fatal(
          "config_init_int_max_str_digits",
          "PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 or 0 for unlimited.")
      }
      if c.useEnvironment, EnvironmentVariables.tracedFrames == -1 {
        fatal("config_init_tracemalloc", "PYTHONTRACEMALLOC: invalid number of frames")
      }
      if c.useEnvironment, let v = EnvironmentVariables.value("PYTHONUTF8"), v != [48], v != [49] {
        fatal("preconfig_init_utf8_mode", "invalid PYTHONUTF8 environment variable value")
      }
      applyExtraOptions()
      if !c.utf8ModeIsChosen { c.utf8Mode = Configuration.isPlainLocale }
      collectWarningOptions()
    }
  }

  // MARK: options

  /// What is left for the program.
  private mutating func parse(_ arguments: [[UInt8]]) -> [[UInt8]] {
    let c = configuration
    var i = 1
    while i < arguments.count {
      let argument = arguments[i]
      guard argument.count > 1, argument[0] == 45 else {
        if argument == [45] {
          outcome = .run(.standardInput)
          return Array(arguments[i...])
        }
        outcome = .run(.file(argument))
        return Array(arguments[(i + 1)...])
      }
      i += 1
      if argument[1] == 45 {
        if argument.count == 2 {
          guard i < arguments.count else { return [] }
          outcome = .run(.file(arguments[i]))
          return Array(arguments[(i + 1)...])
        }
        if !long(argument, arguments, &i) { return [] }
        continue
      }
      var k = 1
      while k < argument.count {
        let letter = argument[k]
        k += 1
        switch letter {
        case UInt8(ascii: "c"), UInt8(ascii: "m"), UInt8(ascii: "W"), UInt8(ascii: "X"):
          var value: [UInt8]
          if k < argument.count {
            value = Array(argument[k...])
          } else if i < arguments.count {
            value = arguments[i]
            i += 1
          } else {
            outcome = .wrong("Argument expected for the -\(Character(UnicodeScalar(letter))) option")
            return []
          }
          k = argument.count
          switch letter {
          case UInt8(ascii: "c"):
            outcome = .run(.command(value + [10]))
            return Array(arguments[i...])
          case UInt8(ascii: "m"):
            outcome = .run(.module(value))
            return Array(arguments[i...])
          case UInt8(ascii: "W"): commandWarnings.append(value)
          default: extraOption(value)
          }
        case UInt8(ascii: "b"): c.bytesWarning += 1
        case UInt8(ascii: "B"): c.dontWriteBytecode = true
        case UInt8(ascii: "d"): c.debug += 1
        case UInt8(ascii: "E"): c.useEnvironment = false
        case UInt8(ascii: "i"):
          c.inspect += 1
          c.interactive += 1
        case UInt8(ascii: "I"): c.isolated = true
        case UInt8(ascii: "O"): c.optimize += 1
        case UInt8(ascii: "P"): c.safePath = true
        case UInt8(ascii: "q"): c.quiet = true
        case UInt8(ascii: "R"): c.randomizeHashes = true
        case UInt8(ascii: "s"): c.userSite = false
        case UInt8(ascii: "S"): c.site = false
        case UInt8(ascii: "t"), UInt8(ascii: "J"): break
        case UInt8(ascii: "u"): c.unbuffered = true
        case UInt8(ascii: "v"): c.verbose += 1
        case UInt8(ascii: "x"): c.skipFirstLine = true
        case UInt8(ascii: "V"):
          if case .inform(.version) = outcome { outcome = .inform(.longVersion) } else { outcome = .inform(.version) }
        case UInt8(ascii: "h"), UInt8(ascii: "?"):
          outcome = .inform(.help)
          return []
        default:
          outcome = .wrong("Unknown option: -\(Character(UnicodeScalar(letter)))")
          return []
        }
      }
      c.optimize = min(c.optimize, 2)
    }
    return []
  }
  private mutating func long(_ argument: [UInt8], _ arguments: [[UInt8]], _ i: inout Int) -> Bool {
    switch String(decoding: argument, as: UTF8.self) {
    case "--help": outcome = .inform(.help)
    case "--help-env": outcome = .inform(.environmentHelp)
    case "--help-xoptions": outcome = .inform(.optionHelp)
    case "--help-all": outcome = .inform(.allHelp)
    case "--version":
      if case .inform(.version) = outcome { outcome = .inform(.longVersion) } else { outcome = .inform(.version) }
      return true
    case "--check-hash-based-pycs":
      guard i < arguments.count else {
        outcome = .wrong("Argument expected for the --check-hash-based-pycs option")
        return false
      }
      let mode = String(decoding: arguments[i], as: UTF8.self)
      i += 1
      guard ["always", "never", "default"].contains(mode) else {
        outcome = .wrong("--check-hash-based-pycs must be one of 'default', 'always', or 'never'")
        return false
      }
      configuration.pycChecks = mode
      return true
    default: outcome = .wrong("unknown option \(String(decoding: argument, as: UTF8.self))")
    }
    return false
  }

  // MARK: -X and -W

  private func extraOption(_ value: [UInt8]) {
    if let equals = value.firstIndex(of: 61) {
      configuration.extraOptions.append((Array(value[..<equals]), Array(value[(equals + 1)...])))
    } else {
      configuration.extraOptions.append((value, nil))
    }
  }
  private mutating func applyExtraOptions() {
    let c = configuration
    for (name, value) in c.extraOptions {
      let text = value.map { String(decoding: $0, as: UTF8.self) }
      switch String(decoding: name, as: UTF8.self) {
      case "dev": c.developmentMode = true
      case "utf8":
        c.utf8ModeIsChosen = true
        switch text {
        case nil, "1": c.utf8Mode = true
        case "0": c.utf8Mode = false
        default: return fatal("config_init_utf8_mode", "invalid -X utf8 option value")
        }
      case "frozen_modules":
        switch text {
        case nil, "", "on": c.frozenModules = true
        case "off": c.frozenModules = false
        default:
          outcome = .wrong("Fatal Python error: bad value for option -X frozen_modules (expected \"on\" or \"off\")")
          return
        }
      case "warn_default_encoding": c.warnDefaultEncoding = true
      case "pycache_prefix": c.pycachePrefix = value?.isEmpty ?? true ? nil : value
      case "no_debug_ranges": c.codeDebugRanges = false
      case "importtime": c.showImportTimes = true
      case "faulthandler": c.faultHandler = true
      case "tracemalloc":
        guard let n = text == nil ? 1 : Int(text ?? ""), (0...Tracemalloc.mostFrames).contains(n) else {
          return fatal("config_init_tracemalloc", "-X tracemalloc=NFRAME: invalid number of frames")
        }
        c.tracedFrames = n
      case "int_max_str_digits":
        guard let text, let n = Int(text), n == 0 || n >= 640, n <= Int(Int32.max) else {
          return fatal(
            "config_init_int_max_str_digits", "-X int_max_str_digits: invalid limit; must be >= 640 or 0 for unlimited."
          )
        }
        c.maximumIntDigits = n
      case "cpu_count":
        if text == "default" {
          c.cpuCount = -1
        } else if let text, let n = Int(text), n >= 1 {
          c.cpuCount = n
        } else {
          return fatal(
            "config_init_cpu_count",
            "-X cpu_count=n option: n is missing or an invalid number, n must be greater than 0")
        }
      default: break
      }
    }
  }
  private mutating func fatal(_ function: String, _ message: String) {
    outcome = .wrong("Fatal Python error: \(function): \(message)")
  }

  private func collectWarningOptions() {
    let c = configuration
    var all: [[UInt8]] = []
    if c.developmentMode { all.append(Array("default".utf8)) }
    if c.useEnvironment, let p = getenv("PYTHONWARNINGS"), p.pointee != 0 {
      all += EnvironmentVariables.bytes(p).split(separator: 44).map { Array($0) }
    }
    all += commandWarnings
    if c.bytesWarning > 0 {
      all.append(Array((c.bytesWarning > 1 ? "error::BytesWarning" : "default::BytesWarning").utf8))
    }
    c.warnOptions = all
  }
}

/// The variables PYTHON*.
enum EnvironmentVariables {
  static func bytes(_ p: UnsafePointer<CChar>) -> [UInt8] {
    Array(UnsafeBufferPointer(start: UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self), count: strlen(p)))
  }
  static func value(_ name: String) -> [UInt8]? {
    guard let p = getenv(name), p.pointee != 0 else { return nil }
    return bytes(p)
  }
  /// A number, at least what the command line says; anything that is no number counts as 1.
  private static func raise(_ name: String, _ level: inout Int) {
    guard let v = value(name) else { return }
    let n = Int(String(decoding: v, as: UTF8.self)) ?? 1
    level = max(level, n < 0 ? 1 : n)
  }
  private static func turnOn(_ name: String, _ flag: inout Bool) {
    var n = 0
    raise(name, &n)
    if n > 0 { flag = true }
  }
  /// PYTHONINTMAXSTRDIGITS; -1 if it is no possible limit.
  static var maximumIntDigits: Int? {
    guard let v = value("PYTHONINTMAXSTRDIGITS") else { return nil }
    guard let n = Int(String(decoding: v, as: UTF8.self)), n == 0 || n >= 640, n <= Int(Int32.max) else { return -1 }
    return n
  }
  /// PYTHONTRACEMALLOC; -1 if it is no possible number of frames.
  static var tracedFrames: Int? {
    guard let v = value("PYTHONTRACEMALLOC") else { return nil }
    guard let n = Int(String(decoding: v, as: UTF8.self)), (0...Tracemalloc.mostFrames).contains(n) else { return -1 }
    return n
  }
  static func apply(to c: Configuration) {
    guard c.useEnvironment else { return }
    raise("PYTHONDEBUG", &c.debug)
    raise("PYTHONVERBOSE", &c.verbose)
    raise("PYTHONOPTIMIZE", &c.optimize)
    c.optimize = min(c.optimize, 2)
    raise("PYTHONINSPECT", &c.inspect)
    turnOn("PYTHONDONTWRITEBYTECODE", &c.dontWriteBytecode)
    var noUserSite = false
    turnOn("PYTHONNOUSERSITE", &noUserSite)
    if noUserSite { c.userSite = false }
    turnOn("PYTHONUNBUFFERED", &c.unbuffered)
    if value("PYTHONSAFEPATH") != nil { c.safePath = true }
    turnOn("PYTHONDEVMODE", &c.developmentMode)
    if value("PYTHONFAULTHANDLER") != nil { c.faultHandler = true }
    if let n = tracedFrames { c.tracedFrames = n }
    if value("PYTHONPROFILEIMPORTTIME") != nil { c.showImportTimes = true }
    if let v = value("PYTHONUTF8") {
      c.utf8Mode = v == Array("1".utf8)
      c.utf8ModeIsChosen = true
    }
    if value("PYTHONNODEBUGRANGES") != nil { c.codeDebugRanges = false }
    turnOn("PYTHONWARNDEFAULTENCODING", &c.warnDefaultEncoding)
    if let p = value("PYTHONPYCACHEPREFIX") { c.pycachePrefix = p }
    if let n = maximumIntDigits { c.maximumIntDigits = n }
    if let v = value("PYTHON_CPU_COUNT"), let n = Int(String(decoding: v, as: UTF8.self)), n >= 1 { c.cpuCount = n }
    if let v = value("PYTHONIOENCODING") {
      let parts = v.split(separator: 58, maxSplits: 1, omittingEmptySubsequences: false).map { Array($0) }
      if !parts[0].isEmpty { c.standardEncoding = parts[0] }
      if parts.count > 1, !parts[1].isEmpty { c.standardErrors = parts[1] }
    }
    if let v = value("PYTHONHASHSEED"), !c.randomizeHashes { c.hashRandomization = v != Array("0".utf8) }
  }
}
