// What _decimal keeps for an interpreter.

import CGila
import GilaCore
import GilaModuleSupport

enum DecimalStateObject: Int {
  case exception
  // Signals, in the order in which the first that applies is raised.
  case invalidOperation, floatOperation, divisionByZero, overflow, underflow, subnormal, inexact, rounded, clamped
  // Conditions that are the signal InvalidOperation.
  case conversionSyntax, divisionImpossible, divisionUndefined, invalidContext
  case contextVariable, defaultContext, basicContext, extendedContext
  case decimalTuple, rational, signals, signalDict, python
  case count
}
enum DecimalState {
  static let objects = ObjectTable<DecimalStateObject>(slot: 243, count: DecimalStateObject.count.rawValue)
  @inline(__always) static subscript(_ key: DecimalStateObject) -> Ref {
    gila_list_items(currentInterpreter.slot(InterpreterSlot(243)).pointee.unsafelyUnwrapped).unsafelyUnwrapped[
      key.rawValue
    ].unsafelyUnwrapped
  }
}
