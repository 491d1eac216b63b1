// The C functions PyImport_*.

import CGila
import GilaCore

@c @implementation public func PyImport_GetMagicNumber() -> Int { 0x0A0D_0DF3 }
@c @implementation public func PyImport_GetMagicTag() -> UnsafePointer<CChar>? { cString("cpython-313") }

@c @implementation public func PyImport_GetModuleDict() -> Ref? { currentInterpreter.pointee.modules }
@c @implementation public func PyImport_GetModule(_ name: Ref!) -> Ref? {
  do throws(PyError) {
    guard let m = try Importing.loaded(name) else { return nil }
    let held = Owned(taking: m)
    if held.ref != none { try Importing.ensureInitialized(held.ref, name) }
    return held.take()
  } catch { return nil }
}
/// Borrowed: sys.modules holds it.
@c @implementation public func PyImport_AddModuleObject(_ name: Ref!) -> Ref? {
  do throws(PyError) {
    if let m = try Importing.loaded(name), ModuleObject.isModule(m) {
      decref(m)
      return m
    }
    let m = try owned(PyModule_NewObject(name))
    guard let modules = Importing.modules else { return nil }
    try check(PyObject_SetItem(modules, name, m.ref))
    return m.ref
  } catch { return nil }
}
@c @implementation public func PyImport_AddModuleRef(_ name: UnsafePointer<CChar>!) -> Ref? {
  guard let s = PyUnicode_FromString(name) else { return nil }
  defer { decref(s) }
  return xnewRef(PyImport_AddModuleObject(s))
}
@c @implementation public func PyImport_AddModule(_ name: UnsafePointer<CChar>!) -> Ref? {
  guard let s = PyUnicode_FromString(name) else { return nil }
  defer { decref(s) }
  return PyImport_AddModuleObject(s)
}
@c @implementation public func PyImport_ImportModuleLevelObject(
  _ name: Ref!, _ globals: Ref!, _ locals: Ref!, _ fromList: Ref!, _ level: Int32
) -> Ref? {
  bridge { () throws(PyError) in try Importing.importLevel(name, globals, fromList, level) }
}
@c @implementation public func PyImport_ImportModuleLevel(
  _ name: UnsafePointer<CChar>!, _ globals: Ref!, _ locals: Ref!, _ fromList: Ref!, _ level: Int32
) -> Ref? {
  bridge { () throws(PyError) in
    let s = try owned(PyUnicode_FromString(name))
    return try Importing.importLevel(s.ref, globals, fromList, level)
  }
}
@c @implementation public func PyImport_ImportModule(_ name: UnsafePointer<CChar>!) -> Ref? {
  bridge { () throws(PyError) in
    let s = try owned(PyUnicode_FromString(name))
    return try owned(PyImport_Import(s.ref))
  }
}
@c @implementation public func PyImport_ImportModuleNoBlock(_ name: UnsafePointer<CChar>!) -> Ref? {
  PyImport_ImportModule(name)
}
/// Imports a module by its full name through the `__import__` that is in force, and returns that very module.
@c @implementation public func PyImport_Import(_ name: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let name else { throw badInternalCall() }
    var globals = Owned(retaining: none), f = Owned(retaining: none)
    if let g = PyEval_GetGlobals() {
      globals = Owned(retaining: g)
      let builtins = try owned(PyObject_GetItem(g, Dunder.builtins.ref))
      if builtins.ref.isDict {
        f = try owned(PyObject_GetItem(builtins.ref, Dunder.import.ref))
      } else {
        f = try owned(PyObject_GetAttr(builtins.ref, Dunder.import.ref))
      }
    } else {
      PyErr_Clear()
      guard let b = currentInterpreter.pointee.builtins else { throw runtimeError("lost builtins module") }
      globals = try owned(PyDict_New())
      try check(PyDict_SetItem(globals.ref, Dunder.builtins.ref, b))
      f = try owned(PyObject_GetItem(b, Dunder.import.ref))
    }
    let zero = try int(0)
    let fromList = try owned(PyList_New(0))
    var v: (Ref?, Ref?, Ref?, Ref?, Ref?) = (name, globals.ref, globals.ref, fromList.ref, zero.ref)
    let top = try owned(
      withUnsafePointer(to: &v) {
        PyObject_Vectorcall(f.ref, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), 5, nil)
      })
    _ = top.ref
    guard let m = try Importing.loaded(name) else { throw keyError(name) }
    return Owned(taking: m)
  }
}
@c @implementation public func PyImport_ReloadModule(_ m: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let importlib = try owned(PyImport_ImportModule("importlib"))
    return try callMethod(importlib.ref, "reload", m)
  }
}
/// 1 if the frozen module was run, 0 if there is none of that name.
@c @implementation public func PyImport_ImportFrozenModuleObject(_ name: Ref!) -> Int32 {
  guard let name, let module = FrozenModules.find(name) else { return 0 }
  do throws(PyError) {
    let m = try FrozenModules.run(module, name)
    _ = m.ref
    return 1
  } catch { return -1 }
}
@c @implementation public func PyImport_ImportFrozenModule(_ name: UnsafePointer<CChar>!) -> Int32 {
  guard let text = PyUnicode_FromString(name) else { return -1 }
  let held = Owned(taking: text)
  return PyImport_ImportFrozenModuleObject(held.ref)
}

/// The finder for an entry of sys.path (a new reference), None if no path hook takes it.
@c @implementation public func PyImport_GetImporter(_ path: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    guard let cache = sysObject("path_importer_cache"), let hooks = sysObject("path_hooks"), hooks.isList else {
      throw runtimeError("unable to get sys.path_hooks")
    }
    if let known = PyDict_GetItemWithError(cache, path) { return Owned(retaining: known) }
    if errorIsSet { throw PyError() }
    try check(PyDict_SetItem(cache, path, none))
    var i = 0
    while i < hooks.size {
      let hook = Owned(retaining: gila_list_items(hooks)![i]!)
      if let r = PyObject_CallOneArg(hook.ref, path) {
        let importer = Owned(taking: r)
        try check(PyDict_SetItem(cache, path, importer.ref))
        return importer
      }
      guard PyErr_ExceptionMatches(Exc.ImportError.object) != 0 else { throw PyError() }
      PyErr_Clear()
      i += 1
    }
    return Owned(retaining: none)
  }
}

@c @implementation public func PyImport_ExecCodeModule(_ name: UnsafePointer<CChar>!, _ code: Ref!) -> Ref? {
  PyImport_ExecCodeModuleWithPathnames(name, code, nil, nil)
}
@c @implementation public func PyImport_ExecCodeModuleEx(
  _ name: UnsafePointer<CChar>!, _ code: Ref!, _ path: UnsafePointer<CChar>!
) -> Ref? { PyImport_ExecCodeModuleWithPathnames(name, code, path, nil) }
@c @implementation public func PyImport_ExecCodeModuleWithPathnames(
  _ name: UnsafePointer<CChar>!, _ code: Ref!, _ path: UnsafePointer<CChar>!, _ cached: UnsafePointer<CChar>!
) -> Ref? {
  bridge { () throws(PyError) in
    let n = try owned(PyUnicode_FromString(name))
    let p = path == nil ? nil : PyUnicode_DecodeFSDefault(path)
    let c = cached == nil ? nil : PyUnicode_DecodeFSDefault(cached)
    defer {
      xdecref(p)
      xdecref(c)
    }
    if errorIsSet { throw PyError() }
    return try owned(PyImport_ExecCodeModuleObject(n.ref, code, p, c))
  }
}
@c @implementation public func PyImport_ExecCodeModuleObject(_ name: Ref!, _ code: Ref!, _ path: Ref!, _ cached: Ref!)
  -> Ref?
{
  bridge { () throws(PyError) in
    guard let m = PyImport_AddModuleObject(name), let d = PyModule_GetDict(m) else { throw PyError() }
    if PyDict_Contains(d, Dunder.builtins.ref) == 0 {
      try check(PyDict_SetItem(d, Dunder.builtins.ref, currentInterpreter.pointee.builtins ?? none))
    }
    let file = path ?? code.cast(PyCodeObject.self).pointee.co_filename ?? none
    let external = try owned(PyImport_ImportModule("_frozen_importlib_external"))
    let fix = try attribute(external.ref, "_fix_up_module")
    let arguments = try owned(PyTuple_New(cached == nil ? 3 : 4))
    gila_tuple_items(arguments.ref)[0] = newRef(d)
    gila_tuple_items(arguments.ref)[1] = newRef(name)
    gila_tuple_items(arguments.ref)[2] = newRef(file)
    if let cached { gila_tuple_items(arguments.ref)[3] = newRef(cached) }
    _ = try owned(PyObject_Call(fix.ref, arguments.ref, nil))
    let r = try owned(PyEval_EvalCode(code, d, d))
    _ = r.ref
    guard let made = try Importing.loaded(name) else {
      throw raise(Exc.ImportError, "Loaded module \(try reprText(name)) not found in sys.modules")
    }
    return Owned(taking: made)
  }
}
@c @implementation public func PyUnstable_InterpreterState_GetMainModule(_ interp: InterpreterRef!) -> Ref? {
  guard let modules = interp?.pointee.modules else {
    _ = runtimeError("interpreter not initialized")
    return nil
  }
  var r: Ref? = nil
  _ = PyMapping_GetOptionalItemString(modules, "__main__", &r)
  return r
}
