import CGila
import GilaCore

/// What the running Python code sees as its globals and locals.
enum CurrentFrame {
  static func globals() throws(PyError) -> Owned {
    guard let g = PyEval_GetGlobals() else {
      if errorIsSet { throw PyError() }
      throw systemError("frame does not exist")
    }
    return Owned(retaining: g)
  }
  static func locals() throws(PyError) -> Owned {
    try owned(PyEval_GetFrameLocals())
  }
}
