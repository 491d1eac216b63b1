// The module gila.interpreters: interpreters as a program makes and uses them that embeds Python, for tests.

import CGila
import GilaCore
import GilaModuleSupport

enum EmbeddedInterpreters {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "gila.interpreters", doc: "Interpreters as a program uses them that embeds Python.", methods: methods())

  private static let create = Function("create", "($module, config, whence)")
  private static let run = Function("run", "($module, id, code, main)")

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(create, "Makes an interpreter that came to be in another way than by _interpreters; returns its number.") {
      _, a, n, names in
      answer(EmbeddedInterpreters.create, a, n, names) { (b) throws(PyError) in
        let whence = try intArgument(b[1]!)
        return try int(InterpreterConfiguration(argument: b[0]).create(whence: whence).pointee.id)
      }
    }
    m.add(
      run,
      "Runs source text in __main__ of an interpreter. What it raises is shown; then -1 is returned, otherwise 0.\n\nOnly with main the interpreter counts as one that runs its main program."
    ) { _, a, n, names in
      answer(EmbeddedInterpreters.run, a, n, names) { (b) throws(PyError) in
        guard let text = PyUnicode_AsUTF8(b[1]!) else { throw PyError() }
        let held = Owned(retaining: b[1]!)
        let isMain = try truth(b[2]!)
        let interp = try InterpreterTable.find(b[0]!, restricted: false, to: "run code in")
        let result = try InterpreterRun.entering(interp, asMain: isMain) { PyRun_SimpleStringFlags(text, nil) }
        _ = held.ref
        return try int(result)
      }
    }
    m.noArguments("next_id", "($module, /)", "Returns the number that the next interpreter will have.") { _, _ in
      bridge { () throws(PyError) in
        let interp = try InterpreterConfiguration(argument: nil).create(whence: 0)
        let id = interp.pointee.id
        try InterpreterTable.end(interp)
        return try int(id &+ 1)
      }
    }
    return m.build()
  }
}
