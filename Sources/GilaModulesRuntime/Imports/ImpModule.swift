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
    let message = try string("No such frozen object named \(swiftString(name))")
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
    m.one("_override_multi_interp_extensions_check", "($module, override, /)", "For tests.") { _, o in
      bridge { () throws(PyError) in
        _ = try intArgument(o!)
        throw runtimeError("_imp._override_multi_interp_extensions_check() cannot be used in the main interpreter")
      }
    }
    return m.build()
  }
  private static let hashSignature = Signature("source_hash", "(key, source)")

  private static func addLock(_ m: inout MethodTable) {
    m.noArguments("lock_held", "($module, /)", "Says whether a thread holds the import lock.") { _, _ in
      newRef(pyBool(Configuration.current.importLock.isHeld))
    }
    m.noArguments("acquire_lock", "($module, /)", "Takes the import lock.") { _, _ in
      Configuration.current.importLock.acquire()
      return newRef(none)
    }
    m.noArguments("release_lock", "($module, /)", "Gives the import lock back.") { _, _ in
      if Configuration.current.importLock.release() { return newRef(none) }
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
  /// Nothing is frozen in Gila: importlib's own two modules are read from the standard library at start.
  private static func addFrozen(_ m: inout MethodTable) {
    m.one("is_frozen", "($module, name, /)", "Always False: Gila has no frozen modules.") { _, n in
      bridge { () throws(PyError) in
        _ = try ImpModule.name("is_frozen", n)
        return Owned(retaining: pyFalse)
      }
    }
    m.one("is_frozen_package", "($module, name, /)", "Raises ImportError: Gila has no frozen modules.") { _, n in
      bridge { () throws(PyError) in
        _ = try ImpModule.name("is_frozen_package", n)
        throw try ImpModule.notFrozen(n!)
      }
    }
    m.keywords("find_frozen", "($module, name, /, *, withdata=False)", "Always None: Gila has no frozen modules.") {
      _, a, n, names in
      bridge { () throws(PyError) in
        let b = try Signature("find_frozen", "(name, /, *, withdata=False)").bind(a, n, names)
        _ = try ImpModule.name("find_frozen", b[0])
        return Owned(retaining: none)
      }
    }
    m.positional("get_frozen_object", "($module, name, data=None, /)", "Makes the code object of marshalled data.") {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("get_frozen_object", n, 1, 2)
        _ = try ImpModule.name("get_frozen_object", a![0])
        guard n > 1, a![1] != none else { throw try ImpModule.notFrozen(a![0]!) }
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
    m.one("init_frozen", "($module, name, /)", "Always None: Gila has no frozen modules.") { _, n in
      bridge { () throws(PyError) in
        _ = try ImpModule.name("init_frozen", n)
        return Owned(retaining: none)
      }
    }
    m.noArguments("_frozen_module_names", "($module, /)", "Always empty: Gila has no frozen modules.") { _, _ in
      PyList_New(0)
    }
    m.one("_override_frozen_modules_for_tests", "($module, override, /)", "Without effect.") { _, o in
      bridgeNone { () throws(PyError) in _ = try intArgument(o!) }
    }
  }
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
