// `from module import name`, and the messages when a name is not there.

import CGila
import GilaCore
import Glibc

enum ImportErrors {
  static func isInitializing(_ spec: Ref) throws(PyError) -> Bool {
    guard spec != none, let v = try optionalAttribute(spec, "_initializing") else { return false }
    let held = Owned(taking: v)
    return try truth(held.ref)
  }
  /// The file that a spec names, if it has a place.
  static func origin(_ spec: Ref) throws(PyError) -> Owned? {
    guard spec != none, let has = try optionalAttribute(spec, "has_location") else { return nil }
    let located = Owned(taking: has)
    guard try truth(located.ref), let o = try optionalAttribute(spec, "origin") else { return nil }
    let held = Owned(taking: o)
    if held.ref.isUnicode { return held }
    return nil
  }
  /// Whether a module's file lies where the program itself does, so that it may hide another module of its name.
  static func mayShadow(_ origin: String) -> Bool {
    let c = Configuration.current
    guard !c.safePath, let first = c.firstPath else { return false }
    var parts = origin.split(separator: "/", omittingEmptySubsequences: false)
    if parts.last == "__init__.py" { parts.removeLast() }
    if !parts.isEmpty { parts.removeLast() }
    var place = String(decoding: first, as: UTF8.self)
    if place.isEmpty, let p = getcwd(nil, 0) {
      place = String(cString: p)
      free(p)
    }
    return place == parts.joined(separator: "/")
  }
  static func isStandardName(_ name: Ref) -> Bool {
    guard let names = sysObject("stdlib_module_names"), PyAnySet(names) else { return false }
    let r = PySet_Contains(names, name)
    if r < 0 { PyErr_Clear() }
    return r == 1
  }
  /// For the errors of modules without an attribute.
  static func shadowing(_ origin: Ref, _ name: Ref) -> Int32 {
    mayShadow(swiftString(origin)) ? isStandardName(name) ? 2 : 1 : 0
  }
  private static func PyAnySet(_ r: Ref) -> Bool { r.isInstance(of: Types.frozenSet) || r.isInstance(of: Types.set) }

  static func missingName(_ module: Ref, _ name: Ref, _ moduleName: Ref?) throws(PyError) -> PyError {
    let unknown = try string("<unknown module name>")
    let shown = moduleName ?? unknown.ref
    var from: Ref? = nil
    var initializing = false
    if let spec = try optionalAttribute(module, "__spec__") {
      let held = Owned(taking: spec)
      if let o = try origin(held.ref) { from = o.take() }
      initializing = try isInitializing(held.ref)
    }
    defer { xdecref(from) }
    let place = from.map(swiftString)
    let what = "cannot import name \(try reprText(name)) from"
    let moduleText = try reprText(shown)
    let shadows = place.map(mayShadow) ?? false
    let message: String
    if shadows && isStandardName(shown) {
      message =
        "\(what) \(moduleText) (consider renaming \(try reprText(from!)) since it has the same name as the standard library module named \(moduleText) and prevents importing that standard library module)"
    } else if initializing {
      if shadows {
        message =
          "\(what) \(moduleText) (consider renaming \(try reprText(from!)) if it has the same name as a library you intended to import)"
      } else {
        message =
          "\(what) partially initialized module \(moduleText) (most likely due to a circular import)"
          + (place == nil ? "" : " (\(place!))")
      }
    } else {
      message = "\(what) \(moduleText) (\(place ?? "unknown location"))"
    }
    let m = try string(message)
    let arguments = try tuple(m.ref)
    let keywords = try owned(PyDict_New())
    try check(PyDict_SetItemString(keywords.ref, "name", moduleName ?? none))
    try check(PyDict_SetItemString(keywords.ref, "path", from ?? none))
    try check(PyDict_SetItemString(keywords.ref, "name_from", name))
    let e = try owned(PyObject_Call(Exc.ImportError.object, arguments.ref, keywords.ref))
    PyErr_SetObject(Exc.ImportError.object, e.ref)
    return PyError()
  }
}

@c @implementation public func gila_shadows(_ origin: Ref!, _ name: Ref!) -> Int32 {
  ImportErrors.shadowing(origin, name)
}
/// IMPORT_NAME: through `builtins.__import__`, straight to the import system if that is the original.
@c @implementation public func gila_import_name(
  _ builtins: Ref!, _ globals: Ref!, _ locals: Ref!, _ name: Ref!, _ fromList: Ref!, _ level: Ref!
) -> Ref? {
  bridge { () throws(PyError) in
    var f = Owned(retaining: none)
    if builtins.isDict {
      guard let found = PyDict_GetItemWithError(builtins, Dunder.import.ref) else {
        if errorIsSet { throw PyError() }
        throw raise(Exc.ImportError, "__import__ not found")
      }
      f = Owned(retaining: found)
    } else {
      var found: Ref? = nil
      if try check(PyMapping_GetOptionalItem(builtins, Dunder.import.ref, &found)) == 0 {
        throw raise(Exc.ImportError, "__import__ not found")
      }
      f = Owned(taking: found!)
    }
    if f.ref == currentInterpreter.pointee.import_func {
      return try Importing.importLevel(name, globals, fromList, try intArgument(level!))
    }
    var v: (Ref?, Ref?, Ref?, Ref?, Ref?) = (name, globals, locals ?? none, fromList, level)
    return try owned(
      withUnsafePointer(to: &v) {
        PyObject_Vectorcall(f.ref, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), 5, nil)
      })
  }
}
/// IMPORT_FROM: an attribute, or a submodule that is being imported.
@c @implementation public func gila_import_from(_ module: Ref!, _ name: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    var r: Ref? = nil
    if try check(PyObject_GetOptionalAttr(module, name, &r)) != 0 { return Owned(taking: r!) }
    var moduleName: Ref? = nil
    try check(PyObject_GetOptionalAttr(module, Dunder.name.ref, &moduleName))
    if let n = moduleName {
      let held = Owned(taking: n)
      if held.ref.isUnicode {
        let full = try string("\(swiftString(held.ref)).\(swiftString(name!))")
        if let m = try Importing.loaded(full.ref) { return Owned(taking: m) }
        throw try ImportErrors.missingName(module!, name!, held.ref)
      }
    }
    throw try ImportErrors.missingName(module!, name!, nil)
  }
}
