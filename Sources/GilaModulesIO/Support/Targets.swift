// Arguments that are read into.

import CGila
import GilaCore
import GilaText

/// The memory of an argument that is filled; TypeError for one without memory to write to.
func writableArgument(_ r: Ref, _ function: StaticString) throws(PyError) -> BufferLock {
  do throws(PyError) {
    return try BufferLock(writable: r)
  } catch {
    PyErr_Clear()
    throw typeError("\(function)() argument must be read-write bytes-like object, not \(typeName(of: r))")
  }
}
