// Configurations of interpreters as `types.SimpleNamespace` objects.

import CGila
import GilaCore

/// The settings of an interpreter (PEP 684), each with its name.
struct InterpreterConfiguration {
  var features: InterpreterFeatures
  /// `gil`: whose lock the interpreter was asked to have.
  var lock: String

  private static let flags: [(StaticString, InterpreterFeatures)] = [
    ("use_main_obmalloc", .sharedMemory), ("allow_fork", .fork), ("allow_exec", .exec), ("allow_threads", .threads),
    ("allow_daemon_threads", .daemonThreads), ("check_multi_interp_extensions", .checksExtensions),
  ]
  private static let locks = ["default", "shared", "own"]

  static func named(_ name: String) throws(PyError) -> InterpreterConfiguration {
    switch name {
    case "", "default", "isolated":
      return InterpreterConfiguration(features: [.threads, .checksExtensions], lock: "own")
    case "legacy": return InterpreterConfiguration(features: .legacy, lock: "shared")
    case "empty": return InterpreterConfiguration(features: [], lock: "default")
    default: throw valueError("unsupported config name '\(name)'")
    }
  }
  init(features: InterpreterFeatures, lock: String) {
    self.features = features
    self.lock = lock
  }
  /// That of an interpreter.
  init(of interp: InterpreterRef) {
    features = interp.features.subtracting(.ownLock)
    lock = interp.isMain || interp.features.contains(.ownLock) ? "own" : "shared"
  }
  /// That of the `config` argument of `create`: a name, a namespace, or None.
  init(argument r: Ref?) throws(PyError) {
    guard let r, r != none else {
      self = try InterpreterConfiguration.named("")
      return
    }
    if r.isUnicode {
      self = try InterpreterConfiguration.named(swiftString(r))
      return
    }
    guard let attributes = try optionalAttribute(r, "__dict__") else {
      throw typeError("bad config \(try reprText(r))")
    }
    let held = Owned(taking: attributes)
    guard held.ref.isDict else { throw typeError("dict expected") }
    self.init(features: [], lock: "default")
    try update(held.ref, complete: true)
  }

  /// Takes settings over from a dict, which has all of them if it is to be `complete`, and nothing else.
  mutating func update(_ dict: Ref, complete: Bool) throws(PyError) {
    let left = try owned(PyDict_Copy(dict))
    func take(_ name: StaticString) throws(PyError) -> Owned? {
      guard let value = try dictValue(left.ref, name) else {
        if complete { throw valueError("missing config key: \(name)") }
        return nil
      }
      let held = Owned(retaining: value)
      try check(PyDict_DelItemString(left.ref, cString(name)))
      return held
    }
    for (name, feature) in InterpreterConfiguration.flags {
      guard let value = try take(name) else { continue }
      guard value.ref == pyTrue || value.ref == pyFalse else { throw typeError("invalid config type: \(name)") }
      if value.ref == pyTrue { features.insert(feature) } else { features.remove(feature) }
    }
    if let value = try take("gil") {
      guard value.ref.isUnicode else { throw typeError("invalid config type: gil") }
      let text = swiftString(value.ref)
      guard InterpreterConfiguration.locks.contains(text) else {
        throw valueError("unsupported interpreter config .gil value '\(text)'")
      }
      lock = text
    }
    let extra = PyDict_Size(left.ref)
    if extra > 0 {
      throw valueError("config dict has \(extra) extra item\(extra == 1 ? "" : "s") (\(try reprText(left.ref)))")
    }
  }

  func namespace() throws(PyError) -> Owned {
    let dict = try owned(PyDict_New())
    for (name, feature) in InterpreterConfiguration.flags {
      try check(PyDict_SetItemString(dict.ref, cString(name), pyBool(features.contains(feature))))
    }
    let lock = try string(self.lock)
    try check(PyDict_SetItemString(dict.ref, "gil", lock.ref))
    return try owned(_PyNamespace_New(dict.ref))
  }

  /// Makes the interpreter; the current one stays current.
  func create(whence: Int32) throws(PyError) -> InterpreterRef {
    let own = currentThread
    var made: ThreadRef? = nil
    // Without the check, modules that keep their state for the process would find another interpreter's memory.
    if features.contains(.sharedMemory) || features.contains(.checksExtensions) {
      made = gila_interpreter_new(features.union(lock == "own" ? .ownLock : []).rawValue, whence)
    }
    guard let made else {
      PyErr_Clear()
      throw interpreterError("interpreter creation failed", context: "sub-interpreter creation failed")
    }
    let interp = made.pointee.interp!
    interp.pointee.main_thread = nil
    // Nobody ends it before the state is gone.
    interp.pointee.running_main = made
    PyThreadState_Clear(made)
    PyThreadState_Swap(own)
    PyThreadState_Delete(made)
    interp.pointee.running_main = nil
    return interp
  }
}
