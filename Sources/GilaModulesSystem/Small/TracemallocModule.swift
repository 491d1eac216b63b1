// The module _tracemalloc: allocations are not traced, and it says so.

import CGila
import GilaCore

enum TracemallocModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_tracemalloc", doc: "Tracing of memory allocations, which this runtime does not do.", methods: methods())

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("is_tracing", "($module, /)", "False.") { _, _ in newRef(pyFalse) }
    m.positional("start", "($module, nframe=1, /)", "Raises NotImplementedError.") { _, _, n in
      bridge { () throws(PyError) in
        try checkCount("start", n, 0, 1)
        throw raise(Exc.NotImplementedError, "memory allocations are not traced in Gila")
      }
    }
    m.noArguments("stop", "($module, /)", "Nothing to stop.") { _, _ in none }
    m.noArguments("clear_traces", "($module, /)", "Nothing to clear.") { _, _ in none }
    m.noArguments("reset_peak", "($module, /)", "Nothing to reset.") { _, _ in none }
    m.noArguments("get_traceback_limit", "($module, /)", "1, as before tracing began.") { _, _ in PyLong_FromLong(1) }
    m.noArguments("_get_traces", "($module, /)", "An empty list.") { _, _ in PyList_New(0) }
    m.one("_get_object_traceback", "($module, obj, /)", "None.") { _, _ in none }
    m.noArguments("get_traced_memory", "($module, /)", "(0, 0).") { _, _ in
      bridge { () throws(PyError) in try pair(try int(0), try int(0)) }
    }
    m.noArguments("get_tracemalloc_memory", "($module, /)", "0.") { _, _ in PyLong_FromLong(0) }
    return m.build()
  }
}
