// The module _interpreters (PEP 734): interpreters beside the current one.

import CGila
import GilaCore

enum InterpretersModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_interpreters", doc: "Making, running and ending interpreters, by number.", methods: methods(),
    exec: { m in
      bridgeStatus { () throws(PyError) in
        for (name, value) in Whence.names { try check(PyModule_AddIntConstant(m, cString(name), value)) }
        try add(m!, "InterpreterError", InterpreterErrors.failure.object)
        try add(m!, "InterpreterNotFoundError", InterpreterErrors.notFound.object)
        try add(m!, "NotShareableError", InterpreterErrors.notShareable.object)
        try add(m!, "CrossInterpreterBufferView", BufferViewType.type.object)
      }
    })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    addMaking(&m)
    addAsking(&m)
    addRunning(&m)
    addSharing(&m)
    return m.build()
  }
  private static func isTrue(_ r: Ref?) throws(PyError) -> Bool {
    try r.map { (r) throws(PyError) in try truth(r) } ?? false
  }

  private static let newConfigName = "_interpreters.new_config"
  private static let createSignature = Signature("create", "(config=None, *, reqrefs=False)")
  private static let idSignature = Signature("destroy", "(id, *, restrict=False)")
  private static let increfSignature = Signature("incref", "(id, *, implieslink=False, restrict=False)")
  private static func addMaking(_ m: inout MethodTable) {
    m.keywords(
      "new_config", "($module, name='isolated', /, **overrides)",
      "Returns the settings of that name, isolated, legacy or empty, with other values for some of them."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        if n > 1 {
          throw typeError("\(InterpretersModule.newConfigName)() takes at most 1 argument (\(n) given)")
        }
        var name = ""
        if n == 1 {
          guard a![0]!.isUnicode else {
            throw typeError(
              "\(InterpretersModule.newConfigName)() argument 1 must be str, not \(typeName(of: a![0]!))")
          }
          name = swiftString(a![0]!)
        }
        var c = try InterpreterConfiguration.named(name)
        if let names, names.size > 0 {
          let overrides = try owned(PyDict_New())
          for i in 0..<names.size { try check(PyDict_SetItem(overrides.ref, gila_tuple_items(names)[i], a![n + i])) }
          try c.update(overrides.ref, complete: false)
        }
        return try c.namespace()
      }
    }
    m.keywords(
      "create", "($module, config=None, *, reqrefs=False)",
      "Makes an interpreter and returns its number. With reqrefs it ends when decref() takes its last reference."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try InterpretersModule.createSignature.bind(a, n, names)
        let counts = try InterpretersModule.isTrue(b[1])
        let interp = try InterpreterConfiguration(argument: b[0]).create(whence: Whence.standardLibrary)
        interp.pointee.counts_id_references = counts ? 1 : 0
        return try owned(PyLong_FromLongLong(interp.pointee.id))
      }
    }
    m.keywords("destroy", "($module, id, *, restrict=False)", "Ends an interpreter that is not running.") {
      _, a, n, names in
      bridgeNone { () throws(PyError) in
        let b = try InterpretersModule.idSignature.bind(a, n, names)
        try InterpreterTable.end(
          InterpreterTable.find(b[0]!, restricted: InterpretersModule.isTrue(b[1]), to: "destroy"))
      }
    }
    m.keywords(
      "incref", "($module, id, *, implieslink=False, restrict=False)", "Counts one more reference to an interpreter."
    ) { _, a, n, names in
      bridgeNone { () throws(PyError) in
        let b = try InterpretersModule.increfSignature.bind(a, n, names)
        let interp = try InterpreterTable.find(b[0]!, restricted: InterpretersModule.isTrue(b[2]), to: "incref")
        interp.pointee.id_references += 1
        if try InterpretersModule.isTrue(b[1]) { interp.pointee.counts_id_references = 1 }
      }
    }
    m.keywords(
      "decref", "($module, id, *, restrict=False)",
      "Counts one reference to an interpreter less; the last one ends it if it was made with reqrefs."
    ) { _, a, n, names in
      bridgeNone { () throws(PyError) in
        let b = try InterpretersModule.idSignature.bind(a, n, names)
        try InterpreterTable.release(
          InterpreterTable.find(b[0]!, restricted: InterpretersModule.isTrue(b[1]), to: "decref"))
      }
    }
  }

  private static let listSignature = Signature("list_all", "(*, require_ready=False)")
  private static let whenceSignature = Signature("whence", "(id)")
  private static func addAsking(_ m: inout MethodTable) {
    m.keywords(
      "list_all", "($module, *, require_ready=False)", "Returns (number, whence) of every interpreter in a list."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        _ = try InterpretersModule.listSignature.bind(a, n, names)
        return try InterpreterTable.all()
      }
    }
    m.noArguments("get_current", "($module, /)", "Returns (number, whence) of the current interpreter.") { _, _ in
      bridge { () throws(PyError) in try InterpreterTable.describe(currentInterpreter) }
    }
    m.noArguments("get_main", "($module, /)", "Returns (number, whence) of the main interpreter.") { _, _ in
      bridge { () throws(PyError) in try InterpreterTable.describe(PyInterpreterState_Main()!) }
    }
    m.keywords("whence", "($module, id)", "Returns how an interpreter came to be: one of the WHENCE constants.") {
      _, a, n, names in
      bridge { () throws(PyError) in
        let b = try InterpretersModule.whenceSignature.bind(a, n, names)
        return try int(Int(InterpreterTable.find(b[0]!, restricted: false, to: "look up").pointee.whence))
      }
    }
    m.keywords("get_config", "($module, id, *, restrict=False)", "Returns the settings of an interpreter.") {
      _, a, n, names in
      bridge { () throws(PyError) in
        let b = try InterpretersModule.idSignature.bind(a, n, names)
        let interp = try InterpreterTable.find(
          b[0]!, restricted: InterpretersModule.isTrue(b[1]), to: "get the config of")
        return try InterpreterConfiguration(of: interp).namespace()
      }
    }
    m.keywords(
      "is_running", "($module, id, *, restrict=False)", "Whether code runs in __main__ of an interpreter."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try InterpretersModule.idSignature.bind(a, n, names)
        let interp = try InterpreterTable.find(
          b[0]!, restricted: InterpretersModule.isTrue(b[1]), to: "check if running for")
        return Owned(retaining: pyBool(InterpreterTable.isRunning(interp)))
      }
    }
  }

  private static let codeSignature = Signature("exec", "(id, code, shared=None, *, restrict=False)")
  private static let callSignature = Signature("call", "(id, callable, args=None, kwargs=None, *, restrict=False)")
  private static let attributesSignature = Signature("set___main___attrs", "(id, ns, *, restrict=False)")
  /// The `shared` argument of the functions that run code.
  private static func shared(_ r: Ref?) throws(PyError) -> Ref? {
    guard let r, r != none else { return nil }
    guard r.isDict else { throw typeError("expected 'shared' to be a dict, got \(typeName(of: r))") }
    return r
  }
  private static func run(
    _ b: Signature.Bound, _ code: PortableCode, restrict: Ref?
  ) throws(PyError) -> Owned {
    let interp = try InterpreterTable.find(b[0]!, restricted: isTrue(restrict), to: "exec code for")
    return try InterpreterRun.run(interp, code, shared(b[2]))
  }
  private static func addRunning(_ m: inout MethodTable) {
    m.keywords(
      "exec", "($module, id, code, shared=None, *, restrict=False)",
      "Runs source text, or a function or code object without parameters, in __main__ of an interpreter.\n\nReturns None, or a namespace that describes the exception that was not caught."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try InterpretersModule.codeSignature.bind(a, n, names)
        return try InterpretersModule.run(b, PortableCode(b[1]!, "exec"), restrict: b[3])
      }
    }
    m.keywords(
      "run_string", "($module, id, script, shared=None, *, restrict=False)", "Runs source text: see exec()."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try InterpretersModule.scriptSignature.bind(a, n, names)
        guard b[1]!.isUnicode else {
          throw typeError("_interpreters.run_string() argument 2 must be str, not \(typeName(of: b[1]!))")
        }
        return try InterpretersModule.run(b, PortableCode(b[1]!, "run_string"), restrict: b[3])
      }
    }
    m.keywords(
      "run_func", "($module, id, func, shared=None, *, restrict=False)",
      "Runs the code of a function: see exec()."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try InterpretersModule.functionSignature.bind(a, n, names)
        let code = try PortableCode(function: b[1]!, "exec", codeAllowed: true, textAllowed: false)
        return try InterpretersModule.run(b, code, restrict: b[3])
      }
    }
    m.keywords(
      "call", "($module, id, callable, args=None, kwargs=None, *, restrict=False)",
      "Runs the code of a function without parameters: see exec(). Arguments are refused."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try InterpretersModule.callSignature.bind(a, n, names)
        let interp = try InterpreterTable.find(
          b[0]!, restricted: InterpretersModule.isTrue(b[4]), to: "make a call in")
        if b[2] != nil || b[3] != nil { throw valueError("got unexpected args") }
        let code = try PortableCode(function: b[1]!, "call", codeAllowed: false, textAllowed: false)
        return try InterpreterRun.run(interp, code, nil)
      }
    }
    m.keywords(
      "set___main___attrs", "($module, id, ns, *, restrict=False)", "Binds names in __main__ of an interpreter."
    ) { _, a, n, names in
      bridgeNone { () throws(PyError) in
        let b = try InterpretersModule.attributesSignature.bind(a, n, names)
        let interp = try InterpreterTable.find(
          b[0]!, restricted: InterpretersModule.isTrue(b[2]), to: "update __main__ for")
        let length = PyObject_Size(b[1])
        if length < 0 { throw PyError() }
        if length == 0 { throw valueError("arg 2 must be a non-empty mapping") }
        guard b[1]!.isDict else { throw typeError("expected a dict") }
        _ = try InterpreterRun.run(interp, nil, b[1])
      }
    }
  }
  private static let scriptSignature = Signature("run_string", "(id, script, shared=None, *, restrict=False)")
  private static let functionSignature = Signature("run_func", "(id, func, shared=None, *, restrict=False)")

  private static let shareableSignature = Signature("is_shareable", "(obj)")
  private static let captureSignature = Signature("capture_exception", "(exc=None)")
  private static func addSharing(_ m: inout MethodTable) {
    m.keywords("is_shareable", "($module, obj)", "Whether a value may be handed to another interpreter.") {
      _, a, n, names in
      bridge { () throws(PyError) in
        let b = try InterpretersModule.shareableSignature.bind(a, n, names)
        return Owned(retaining: pyBool(SharedForms.isShareable(b[0]!)))
      }
    }
    m.keywords(
      "capture_exception", "($module, exc=None)",
      "Describes an exception as exec() does; None without one."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try InterpretersModule.captureSignature.bind(a, n, names)
        if let exception = b[0], exception != none {
          guard exception.isInstance(of: Exc.BaseException) else {
            throw typeError("expected exception, got \(try reprText(exception))")
          }
          return try ExceptionSnapshot(exception).namespace()
        }
        // One that is raised, not one that is handled: there is none while a function is called.
        return Owned(retaining: none)
      }
    }
  }
}
