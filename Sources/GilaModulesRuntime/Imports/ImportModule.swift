// What `import` does: the absolute name, sys.modules, importlib for what is not there yet.

import CGila
import GilaCore

enum Importing {
  static var modules: Ref? { currentInterpreter.pointee.modules }

  /// A module of sys.modules (a new reference); nil if it is not there.
  static func loaded(_ name: Ref) throws(PyError) -> Ref? {
    guard let modules else { throw runtimeError("unable to get sys.modules") }
    if modules.isExactly(Types.dict) {
      let r = PyDict_GetItemWithError(modules, name)
      if r == nil && errorIsSet { throw PyError() }
      return xnewRef(r)
    }
    var r: Ref? = nil
    try check(PyMapping_GetOptionalItem(modules, name, &r))
    return r
  }
  private static func importlib() throws(PyError) -> Ref {
    guard let m = currentInterpreter.pointee.importlib else {
      throw raise(Exc.ImportError, "the import system is not initialized")
    }
    return m
  }

  /// `__import__(name, globals, locals, fromlist, level)`.
  static func importLevel(_ name: Ref?, _ globals: Ref?, _ fromList: Ref?, _ level: Int32) throws(PyError) -> Owned {
    guard let name else { throw valueError("Empty module name") }
    guard name.isUnicode else { throw typeError("module name must be a string") }
    if level < 0 { throw valueError("level must be >= 0") }
    let absolute: Owned
    if level > 0 {
      absolute = try resolve(name, globals, Int(level))
    } else {
      if PyUnicode_GetLength(name) == 0 { throw valueError("Empty module name") }
      absolute = Owned(retaining: name)
    }
    let module: Owned
    if let known = try loaded(absolute.ref), known != none {
      module = Owned(taking: known)
      try ensureInitialized(module.ref, absolute.ref)
    } else {
      module = try findAndLoad(absolute.ref)
    }
    var hasFrom = false
    if let fromList, fromList != none { hasFrom = try truth(fromList) }
    if hasFrom {
      guard let path = try optionalAttribute(module.ref, "__path__") else { return module }
      decref(path)
      let f = try attribute(try importlib(), "_handle_fromlist")
      guard let importFunction = currentInterpreter.pointee.import_func else { return module }
      let r = PyObject_CallFunctionObjects(f.ref, module.ref, fromList, importFunction)
      if r == nil { ImportFrames.remove() }
      return try owned(r)
    }
    // Without a from list: the module that the first part of the name stands for.
    let length = PyUnicode_GetLength(name)
    if level != 0 && length == 0 { return module }
    let dot = PyUnicode_FindChar(name, 46, 0, length, 1)
    if dot == -1 { return module }
    if dot < -1 { throw PyError() }
    if level == 0 {
      let front = try owned(PyUnicode_Substring(name, 0, dot))
      return try importLevel(front.ref, nil, nil, 0)
    }
    let keep = PyUnicode_GetLength(absolute.ref) - (length - dot)
    let front = try owned(PyUnicode_Substring(absolute.ref, 0, keep))
    guard let top = try loaded(front.ref) else {
      throw keyErrorText("\(try reprText(front.ref)) not in sys.modules as expected")
    }
    return Owned(taking: top)
  }
  private static func keyErrorText(_ s: String) -> PyError { raise(Exc.KeyError, s) }

  static func findAndLoad(_ name: Ref) throws(PyError) -> Owned {
    if gila_audit_active() != 0 {
      let t = try owned(PyTuple_New(5))
      let items = [
        name, none, sysObject("path") ?? none, sysObject("meta_path") ?? none, sysObject("path_hooks") ?? none,
      ]
      for (i, r) in items.enumerated() { gila_tuple_items(t.ref)[i] = newRef(r) }
      try check(PySys_AuditTuple("import", t.ref))
    }
    guard let importFunction = currentInterpreter.pointee.import_func else {
      throw raise(Exc.ImportError, "the import system is not initialized")
    }
    if Configuration.current.showImportTimes {
      return try ImportTimes.measure(name) { () throws(PyError) in try load(name, importFunction) }
    }
    return try load(name, importFunction)
  }
  private static func load(_ name: Ref, _ importFunction: Ref) throws(PyError) -> Owned {
    let f = try attribute(try importlib(), "_find_and_load")
    let r = PyObject_CallFunctionObjects(f.ref, name, importFunction, nil)
    if r == nil { ImportFrames.remove() }
    return try owned(r)
  }
  /// Waits for another thread that is importing the module right now.
  static func ensureInitialized(_ module: Ref, _ name: Ref) throws(PyError) {
    guard let spec = try optionalAttribute(module, "__spec__") else { return }
    let held = Owned(taking: spec)
    guard try ImportErrors.isInitializing(held.ref) else { return }
    let f = try attribute(try importlib(), "_lock_unlock_module")
    guard let r = PyObject_CallOneArg(f.ref, name) else {
      ImportFrames.remove()
      throw PyError()
    }
    decref(r)
  }

  // MARK: relative names

  private static func resolve(_ name: Ref, _ globals: Ref?, _ level: Int) throws(PyError) -> Owned {
    guard let globals else { throw keyErrorText("'__name__' not in globals") }
    guard globals.isDict else { throw typeError("globals must be a dict") }
    let package = try packageName(globals)
    if PyUnicode_GetLength(package.ref) == 0 {
      throw raise(Exc.ImportError, "attempted relative import with no known parent package")
    }
    var last = PyUnicode_GetLength(package.ref)
    var up = 1
    while up < level {
      last = PyUnicode_FindChar(package.ref, 46, 0, last, -1)
      if last == -2 { throw PyError() }
      if last == -1 { throw raise(Exc.ImportError, "attempted relative import beyond top-level package") }
      up += 1
    }
    let base = try owned(PyUnicode_Substring(package.ref, 0, last))
    if PyUnicode_GetLength(name) == 0 { return base }
    let dot = try string(".")
    let prefix = try owned(PyUnicode_Concat(base.ref, dot.ref))
    return try owned(PyUnicode_Concat(prefix.ref, name))
  }
  /// `__package__`, or the spec's parent, or what `__name__` and `__path__` say.
  private static func packageName(_ globals: Ref) throws(PyError) -> Owned {
    let package = try dictValue(globals, "__package__")
    let spec = try dictValue(globals, "__spec__")
    if let package, package != none {
      let held = Owned(retaining: package)
      guard package.isUnicode else { throw typeError("package must be a string") }
      if let spec, spec != none {
        let parent = try attribute(spec, "parent")
        if try check(PyObject_RichCompareBool(held.ref, parent.ref, Py_EQ)) == 0 {
          try check(PyErr_WarnEx(Exc.DeprecationWarning.object, "__package__ != __spec__.parent", 1))
        }
      }
      return held
    }
    if let spec, spec != none {
      let parent = try attribute(spec, "parent")
      guard parent.ref.isUnicode else { throw typeError("__spec__.parent must be a string") }
      return parent
    }
    try check(
      PyErr_WarnEx(
        Exc.ImportWarning.object,
        "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__", 1))
    guard let name = try dictValue(globals, "__name__") else { throw keyErrorText("'__name__' not in globals") }
    guard name.isUnicode else { throw typeError("__name__ must be a string") }
    let held = Owned(retaining: name)
    if try dictValue(globals, "__path__") != nil { return held }
    let dot = PyUnicode_FindChar(held.ref, 46, 0, PyUnicode_GetLength(held.ref), -1)
    if dot == -2 { throw PyError() }
    if dot == -1 { throw raise(Exc.ImportError, "attempted relative import with no known parent package") }
    return try owned(PyUnicode_Substring(held.ref, 0, dot))
  }
}

/// Calls with two or three objects.
func PyObject_CallFunctionObjects(_ f: Ref, _ a: Ref?, _ b: Ref?, _ c: Ref?) -> Ref? {
  var arguments: (Ref?, Ref?, Ref?) = (a, b, c)
  return withUnsafePointer(to: &arguments) {
    PyObject_Vectorcall(f, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), c == nil ? 2 : 3, nil)
  }
}

/// importlib's own frames are taken out of tracebacks: all of them for ImportError, else those around
/// `_call_with_frames_removed`.
enum ImportFrames {
  static func remove() {
    guard let e = PyErr_GetRaisedException() else { return }
    defer { PyErr_SetRaisedException(e) }
    if Configuration.current.verbose > 0 { return }
    let always = e.isInstance(of: Exc.ImportError)
    let head = UnsafeMutablePointer<Ref?>.allocate(capacity: 1)
    defer { head.deallocate() }
    head.pointee = PyException_GetTraceback(e)
    var previous = head
    var outer: UnsafeMutablePointer<Ref?>? = nil
    var inChunk = false
    while let tb = previous.pointee {
      let next = (tb.raw + 16).assumingMemoryBound(to: Ref?.self)
      guard let code = code(of: tb) else { break }
      let file = code.pointee.co_filename.map(swiftString) ?? ""
      let isImportlib = file == "<frozen importlib._bootstrap>" || file == "<frozen importlib._bootstrap_external>"
      if isImportlib && !inChunk {
        outer = previous
      }
      inChunk = isImportlib
      let name = code.pointee.co_name.map(swiftString) ?? ""
      if inChunk && (always || name == "_call_with_frames_removed"), let at = outer {
        let after = xnewRef(next.pointee)
        let old = at.pointee
        at.pointee = after
        xdecref(old)
        previous = at
      } else {
        previous = next
      }
    }
    let tb = head.pointee
    PyException_SetTraceback(e, tb ?? none)
    xdecref(tb)
  }
  /// The code of a traceback's frame.
  static func code(of traceback: Ref) -> UnsafeMutablePointer<PyCodeObject>? {
    guard let frame = traceback.cast(PyTracebackObject.self).pointee.tb_frame else { return nil }
    let r = UnsafeMutableRawPointer(frame).assumingMemoryBound(to: PyObject.self)
    if r.isExactly(Types.code) { return r.cast(PyCodeObject.self) }
    guard let code = PyFrame_GetCode(frame) else {
      PyErr_Clear()
      return nil
    }
    decref(UnsafeMutableRawPointer(code).assumingMemoryBound(to: PyObject.self))  // the frame still holds it
    return code
  }
}
