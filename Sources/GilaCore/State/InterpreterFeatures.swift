import CGila

/// What an interpreter allows its programs (PEP 684). The bits are those that CPython keeps for the same settings.
public struct InterpreterFeatures: OptionSet, Sendable {
  public let rawValue: UInt
  @inlinable public init(rawValue: UInt) { self.rawValue = rawValue }

  /// Objects come from the memory of the main interpreter.
  public static let sharedMemory = InterpreterFeatures(rawValue: 1 << 5)
  /// Extension modules that do not say they support several interpreters are refused.
  public static let checksExtensions = InterpreterFeatures(rawValue: 1 << 8)
  public static let threads = InterpreterFeatures(rawValue: 1 << 10)
  public static let daemonThreads = InterpreterFeatures(rawValue: 1 << 11)
  public static let fork = InterpreterFeatures(rawValue: 1 << 15)
  public static let exec = InterpreterFeatures(rawValue: 1 << 16)
  /// A lock of its own was asked for. The interpreters of a process share one lock so far, whatever this says.
  public static let ownLock = InterpreterFeatures(rawValue: 1 << 20)

  /// The main interpreter's, and those of interpreters made by `Py_NewInterpreter`.
  public static let legacy: InterpreterFeatures = [.sharedMemory, .threads, .daemonThreads, .fork, .exec]
}

extension UnsafeMutablePointer where Pointee == PyInterpreterState {
  public var features: InterpreterFeatures { InterpreterFeatures(rawValue: pointee.features) }
  /// The interpreter that the process began with.
  @inlinable public var isMain: Bool { pointee.id == 0 }
}
