// The objects that this target's modules keep for each interpreter.

import CGila
import GilaCore

enum ModuleSlot {
  static let structError = InterpreterSlot(80)
  static let structCache = InterpreterSlot(81)
  static let binasciiError = InterpreterSlot(82)
  static let binasciiIncomplete = InterpreterSlot(83)

  /// The object of a slot (borrowed), which is there once its module has been imported.
  static func get(_ s: InterpreterSlot) -> Ref { currentInterpreter.slot(s).pointee ?? Exc.Exception.object }
  /// Stores an object in a slot.
  static func set(_ s: InterpreterSlot, _ r: consuming Owned) { replace(currentInterpreter.slot(s), with: r.take()) }

  /// The exception class of a module, made once, kept in a slot and added to a module under the last part of its name.
  static func exception(
    _ module: Ref, _ s: InterpreterSlot, _ fullName: StaticString, _ name: StaticString, base: TypeRef?
  ) throws(PyError) {
    // One class for all copies of the module: types and functions raise it whichever copy they come from.
    if let known = currentInterpreter.slot(s).pointee {
      try add(module, name, known)
      return
    }
    let e = try owned(PyErr_NewException(cString(fullName), base?.object, nil))
    try add(module, name, e.ref)
    set(s, e)
  }
}
