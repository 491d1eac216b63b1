// The module gila.imports: what the import system remembers.

import CGila
import GilaCore

enum ImportsModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "gila.imports", doc: "What the import system remembers.", methods: methods())

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "forget_extension", "($module, name, path, /)",
      "Forgets an extension module that was initialised in one phase: its next import calls its init function again.\n\nWhat the extension keeps in C variables stays as it is."
    ) { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("forget_extension", n, 2, 2)
        let name = try textArgument("forget_extension", "1", a![0]),
          path = try textArgument("forget_extension", "2", a![1])
        try ExtensionModules.forget(path, name)
      }
    }
    return m.build()
  }
}
