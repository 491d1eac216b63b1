// The module _imp: what importlib needs from the runtime.

import CGila
import GilaAlgorithms
import GilaCore

public enum ImpModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_imp", doc: "The part of the import system that is not written in Python.", methods: methods(),
    exec: { m in
      bridgeStatus { () throws(PyError) in
        let mode = try string(Configuration.current.pycChecks)
        try add(m!, "check_hash_based_pycs", mode.ref)
      }
    })

  private static func name(_ function: StaticString, _ r: Ref?) throws(PyError) -> String {
    guard let r, r.isUnicode else {
      throw typeError("\(function)() argument must be str, not \(r == none ? "None" : typeName(of: r ?? none))")
    }
    return swiftString(r)
  }
  private static func notFrozen(_ name: Ref) throws(PyError) -> PyError {
    let message = try string("No such frozen object named \(try reprText(name))")
    PyErr_SetImportError(message.ref, name, nil)
    return PyError()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    addLock(&m)
    addBuiltin(&m)
    addFrozen(&m)
    m.noArguments("extension_suffixes", "($module, /)", "Returns the endings of extension modules' file names.") {
      _, _ in
      bridge { () throws(PyError) in
        let l = try owned(PyList_New(0))
        for s in SysValues.extensionSuffixes {
          let t = try string(s)
          try check(PyList_Append(l.ref, t.ref))
        }
        return l
      }
    }
    m.positional("create_dynamic", "($module, spec, file=None, /)", "Opens an extension module and makes its module.") {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("create_dynamic", n, 1, 2)
        return try ExtensionModules.create(a![0]!)
      }
    }
    m.one("exec_dynamic", "($module, mod, /)", "Initialises an extension module.") { _, mod in
      bridge { () throws(PyError) in
        try ExtensionModules.execute(mod!)
        return try int(0)
      }
    }
    m.positional("_fix_co_filename", "($module, code, path, /)", "Changes the file name of a code object.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("_fix_co_filename", n, 2, 2)
        guard a![0]!.isExactly(Types.code) else {
          throw typeError("_fix_co_filename() argument 1 must be code, not \(typeName(of: a![0]!))")
        }
        guard a![1]!.isUnicode else {
          throw typeError("_fix_co_filename() argument 2 must be str, not \(typeName(of: a![1]!))")
        }
        CodeFiles.rename(a![0]!, to: a![1]!)
      }
    }
    m.keywords("source_hash", "($module, /, key, source)", "Returns the hash of source text for hash-based .pyc files.")
    {
      _, a, n, names in
      bridge { () throws(PyError) in
        let b = try ImpModule.hashSignature.bind(a, n, names)
        let key = PyLong_AsLong(b[0])
        if key == -1 && errorIsSet { throw PyError() }
        var view = Py_buffer()
        try check(PyObject_GetBuffer(b[1], &view, PyBUF_SIMPLE))
        defer { PyBuffer_Release(&view) }
        var hash = SipHash.hash13(
          view.buf ?? UnsafeMutableRawPointer(bitPattern: 16)!, view.len, UInt64(bitPattern: Int64(key)), 0
        ).littleEndian
        return try owned(
          withUnsafeBytes(of: &hash) {
            PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), 8)
          })
      }
    }
    m.one(
      "_override_multi_interp_extensions_check", "($module, override, /)",
      "Turns the check for interpreter support on (1), off (-1) or neither (0) in this interpreter; returns the old value."
    ) { _, o in
      bridge { () throws(PyError) in
        let interp = currentInterpreter
        let old = interp.pointee.extension_check_override
        let new = try intArgument(o!)
        if interp.isMain {
          throw runtimeError("_imp._override_multi_interp_extensions_check() cannot be used in the main interpreter")
        }
        interp.pointee.extension_check_override = new
        return try int(Int(old))
      }
    }
    return m.build()
  }
  private static let hashSignature = Signature("source_hash", "(key, source)")

  private static func addLock(_ m: inout MethodTable) {
    m.noArguments("lock_held", "($module, /)", "Says whether a thread holds the import lock.") { _, _ in
      newRef(pyBool(ImportLock.current.isHeld))
    }
    m.noArguments("acquire_lock", "($module, /)", "Takes the import lock.") { _, _ in
      ImportLock.current.acquire()
      return newRef(none)
    }
    m.noArguments("release_lock", "($module, /)", "Gives the import lock back.") { _, _ in
      if ImportLock.current.release() { return newRef(none) }
      _ = runtimeError("not holding the import lock")
      return nil
    }
  }
  private static func addBuiltin(_ m: inout MethodTable) {
    m.one("is_builtin", "($module, name, /)", "1 for a builtin module, -1 for one that cannot be made again, else 0.") {
      _, n in
      bridge { () throws(PyError) in
        let name = try ImpModule.name("is_builtin", n)
        if name == "sys" || name == "builtins" { return try int(-1) }
        return try int(ModuleRegistry.find(name) == nil ? 0 : 1)
      }
    }
    m.one("create_builtin", "($module, spec, /)", "Makes a builtin module.") { _, spec in
      bridge { () throws(PyError) in try BuiltinModules.create(spec!) }
    }
    m.one("exec_builtin", "($module, mod, /)", "Initialises a builtin module.") { _, mod in
      bridge { () throws(PyError) in
        try ExtensionModules.execute(mod!)
        return try int(0)
      }
    }
  }
  private static func frozen(_ function: StaticString, _ name: Ref?) throws(PyError) -> FrozenModules.Module? {
    _ = try ImpModule.name(function, name)
    return FrozenModules.find(name!)
  }
  private static func addFrozen(_ m: inout MethodTable) {
    m.one("is_frozen", "($module, name, /)", "Says whether a module is frozen.") { _, n in
      bridge { () throws(PyError) in Owned(retaining: pyBool(try ImpModule.frozen("is_frozen", n) != nil)) }
    }
    m.one("is_frozen_package", "($module, name, /)", "Says whether a frozen module is a package.") { _, n in
      bridge { () throws(PyError) in
        guard let module = try ImpModule.frozen("is_frozen_package", n) else { throw try ImpModule.notFrozen(n!) }
        return Owned(retaining: pyBool(module.isPackage))
      }
    }
    m.keywords(
      "find_frozen", "($module, name, /, *, withdata=False)",
      "Returns a frozen module's code in bytes if asked for, whether it is a package, and its name; None for others."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        let b = try ImpModule.findSignature.bind(a, n, names)
        guard let module = try ImpModule.frozen("find_frozen", b[0]) else { return Owned(retaining: none) }
        var data = Owned(retaining: none)
        if try truth(b[1] ?? pyFalse) {
          let code = try FrozenModules.code(module)
          let bytes = try owned(PyMarshal_WriteObjectToString(code.ref, 4))
          data = try owned(PyMemoryView_FromObject(bytes.ref))
        }
        let origin = try string(module.origin.description)
        return try tuple(data.ref, pyBool(module.isPackage), origin.ref)
      }
    }
    m.positional("get_frozen_object", "($module, name, data=None, /)", "The code of a frozen module, or of given data.")
    {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("get_frozen_object", n, 1, 2)
        let module = try ImpModule.frozen("get_frozen_object", a![0])
        guard n > 1, a![1] != none else {
          guard let module else { throw try ImpModule.notFrozen(a![0]!) }
          return try FrozenModules.code(module)
        }
        var view = Py_buffer()
        try check(PyObject_GetBuffer(a![1], &view, PyBUF_SIMPLE))
        defer { PyBuffer_Release(&view) }
        guard let p = view.buf, view.len > 0 else { throw try ImpModule.notFrozen(a![0]!) }
        guard let read = PyMarshal_ReadObjectFromString(p.assumingMemoryBound(to: CChar.self), view.len) else {
          PyErr_Clear()
          throw raise(Exc.ImportError, "Frozen object named \(try reprText(a![0]!)) is invalid")
        }
        let code = Owned(taking: read)
        guard code.ref.isExactly(Types.code) else {
          throw typeError("frozen object \(try reprText(a![0]!)) is not a code object")
        }
        return code
      }
    }
    m.one("init_frozen", "($module, name, /)", "Runs a frozen module and returns it; None for others.") { _, n in
      bridge { () throws(PyError) in
        guard let module = try ImpModule.frozen("init_frozen", n) else { return Owned(retaining: none) }
        return try FrozenModules.run(module, n!)
      }
    }
    m.noArguments("_frozen_module_names", "($module, /)", "The names of the frozen modules.") { _, _ in
      bridge { () throws(PyError) in
        let l = try owned(PyList_New(0))
        for text in FrozenModules.names {
          let name = try string(text.description)
          try check(PyList_Append(l.ref, name.ref))
        }
        return l
      }
    }
    m.one("_override_frozen_modules_for_tests", "($module, override, /)", "Turns frozen modules on, off, or neither.") {
      _, o in
      bridgeNone { () throws(PyError) in FrozenModules.override = Int(try intArgument(o!)) }
    }
  }
  private static let findSignature = Signature("find_frozen", "(name, /, *, withdata=False)")
}

/// The file names in code objects.
enum CodeFiles {
  /// Gives a code object, and those inside it that have the same file name, another one.
  static func rename(_ code: Ref, to path: Ref) {
    guard let old = code.cast(PyCodeObject.self).pointee.co_filename, !sameText(old, path) else { return }
    let held = Owned(retaining: old)
    change(code, held.ref, path)
  }
  private static func change(_ code: Ref, _ old: Ref, _ path: Ref) {
    let c = code.cast(PyCodeObject.self)
    guard let now = c.pointee.co_filename, sameText(now, old) else { return }
    replace(&c.pointee.co_filename, with: newRef(path))
    guard let consts = c.pointee.co_consts else { return }
    for i in 0..<consts.size {
      if let r = gila_tuple_items(consts)[i], r.isExactly(Types.code) { change(r, old, path) }
    }
  }
}
