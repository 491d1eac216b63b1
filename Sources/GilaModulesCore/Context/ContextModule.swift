import CGila
import GilaCore

/// The module `_contextvars`.
enum ContextModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_contextvars", doc: "Context Variables", methods: methods(),
    exec: { m in
      bridgeStatus { () throws(PyError) in
        try ContextTypes.ready()
        try check(PyModule_AddType(m, Types.context))
        try check(PyModule_AddType(m, Types.contextVar))
        try check(PyModule_AddType(m, Types.contextToken))
      }
    })
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("copy_context", "($module, /)", "") { _, _ in PyContext_CopyCurrent() }
    return m.build()
  }
}
