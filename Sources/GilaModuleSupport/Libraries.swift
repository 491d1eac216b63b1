// C libraries are loaded by the first module that stands on them: a start costs nothing for those it does not need,
// and one that is not installed is an ImportError of its modules.

import CGila
public import CGilaLibraries
import GilaCore

/// Loads a library, once.
public func load(_ library: gila_library) throws(PyError) {
  if let wrong = gila_load_library(library) { throw raise(Exc.ImportError, String(cString: wrong)) }
}

/// What the init function of a module returns that needs libraries: its definition, once they are there.
public func module(
  _ definition: @autoclosure () -> UnsafeMutablePointer<PyModuleDef>, on libraries: gila_library...
) -> Ref? {
  for library in libraries {
    do throws(PyError) { try load(library) } catch { return nil }
  }
  return PyModuleDef_Init(definition())
}
