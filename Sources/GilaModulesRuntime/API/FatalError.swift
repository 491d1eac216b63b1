// Errors that end the process, for extension modules.

import CGila
import GilaCore
import GilaEval
import Glibc

/// Says what happened and where, and aborts. The exception that is set is shown, too.
private func die(_ function: UnsafePointer<CChar>?, _ message: UnsafePointer<CChar>?) -> Never {
  let place = function.map { String(cString: $0) + ": " } ?? ""
  RawOutput.write(2, "Fatal Python error: \(place)\(message.map { String(cString: $0) } ?? "<message not set>")\n")
  let ts = gila_ts_or_null() ?? gila_gilstate_ts()
  let isInitialized = PyInterpreterState_Main()?.pointee.initialized == 1
  RawOutput.write(2, "Python runtime state: \(isInitialized ? "initialized" : "unknown")\n")
  if gila_ts_or_null() != nil, let e = PyErr_GetRaisedException() {
    PyErr_DisplayException(e)
  }
  RawOutput.write(2, "\n")
  dumpTraceback(2, mainInterpreter, ts, true)
  abort()
}
private var mainInterpreter: UnsafeMutableRawPointer? {
  PyInterpreterState_Main().map { UnsafeMutableRawPointer($0) }
}
@c @implementation public func Py_FatalError(_ message: UnsafePointer<CChar>!) { die(nil, message) }
@c @implementation public func _Py_FatalErrorFunc(_ function: UnsafePointer<CChar>!, _ message: UnsafePointer<CChar>!) {
  die(function, message)
}
