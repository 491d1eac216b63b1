import CGila
import GilaCore

// Names, attributes and imports.
extension Eval {
  /// A global or builtin (new reference); nil with or without an exception.
  @inline(never) static func global(_ f: FrameRef, _ name: Ref) -> Ref? {
    let globals = f.pointee.globals!, builtins = f.pointee.builtins!
    if globals.isExactly(Types.dict) {
      if let v = PyDict_GetItemWithError(globals, name) { return newRef(v) }
    } else {
      if let v = PyObject_GetItem(globals, name) { return v }
      if PyErr_ExceptionMatches(Exc.KeyError.object) != 0 { PyErr_Clear() }
    }
    if errorIsSet { return nil }
    if builtins.isExactly(Types.dict) { return xnewRef(PyDict_GetItemWithError(builtins, name)) }
    if let v = PyObject_GetItem(builtins, name) { return v }
    if PyErr_ExceptionMatches(Exc.KeyError.object) != 0 { PyErr_Clear() }
    return nil
  }
  @inline(never) static func loadName(_ f: FrameRef, _ name: Ref) -> Ref? {
    guard let l = f.pointee.locals else {
      _ = systemError("no locals when loading \(swiftString(name))")
      return nil
    }
    var v: Ref? = nil
    if optionalItem(l, name, &v) < 0 { return nil }
    if v == nil { v = global(f, name) }
    if v == nil && !errorIsSet { nameError(name) }
    return v
  }
  /// A name of a class body that may come from its enclosing scope: the mapping, then the cell (or the globals).
  @inline(never) static func loadFromDict(_ d: Ref, _ f: FrameRef, _ name: Ref, _ cell: Ref?) -> Ref? {
    var v: Ref? = nil
    if optionalItem(d, name, &v) < 0 { return nil }
    if v != nil { return v }
    if let cell { return xnewRef(cell.cast(PyCellObject.self).pointee.ob_ref) }
    v = global(f, name)
    if v == nil && !errorIsSet { nameError(name) }
    return v
  }
  @inline(never) static func storeName(_ f: FrameRef, _ name: Ref, _ v: Ref) -> Int32 {
    guard let l = f.pointee.locals else {
      _ = systemError("no locals found when storing \(swiftString(name))")
      return -1
    }
    return l.isExactly(Types.dict) ? PyDict_SetItem(l, name, v) : PyObject_SetItem(l, name, v)
  }
  @inline(never) static func deleteName(_ f: FrameRef, _ name: Ref) -> Int32 {
    guard let l = f.pointee.locals else {
      _ = systemError("no locals when deleting \(swiftString(name))")
      return -1
    }
    if PyObject_DelItem(l, name) >= 0 { return 0 }
    if PyErr_ExceptionMatches(Exc.KeyError.object) != 0 {
      PyErr_Clear()
      nameError(name)
    }
    return -1
  }
  private static func optionalItem(_ d: Ref, _ key: Ref, _ out: inout Ref?) -> Int32 {
    if d.isExactly(Types.dict) { return PyDict_GetItemRef(d, key, &out) }
    out = PyObject_GetItem(d, key)
    if out != nil { return 1 }
    if PyErr_ExceptionMatches(Exc.KeyError.object) == 0 { return -1 }
    PyErr_Clear()
    return 0
  }
  @inline(never) static func nameError(_ name: Ref) {
    _ = raise(Exc.NameError, "name '\(swiftString(name))' is not defined")
    setExceptionName(name)
  }
  private static func setExceptionName(_ name: Ref) {
    if let e = gila_ts().pointee.current_exception {
      replace((e.raw + 72).assumingMemoryBound(to: Ref?.self), with: newRef(name))
    }
  }
  @inline(never) static func unboundLocal(_ c: CodeRef?, _ i: Int) {
    let name = gila_tuple_items(c!.pointee.co_localsplusnames)[i]!
    _ = raise(
      Exc.UnboundLocalError,
      "cannot access local variable '\(swiftString(name))' where it is not associated with a value")
  }
  @inline(never) static func unboundFree(_ c: CodeRef?, _ i: Int) {
    let c = c!
    if i < Int(c.pointee.co_nlocalsplus - c.pointee.co_nfreevars) { return unboundLocal(c, i) }
    let name = gila_tuple_items(c.pointee.co_localsplusnames)[i]!
    _ = raise(
      Exc.NameError,
      "cannot access free variable '\(swiftString(name))' where it is not associated with a value in enclosing scope")
    setExceptionName(name)
  }

  /// For a call `o.name(...)`: true and the bound attribute, or false and the unbound method (to be called with `o`).
  @inline(never) static func loadMethod(_ o: Ref, _ name: Ref, _ out: inout Ref?) -> Bool {
    let t = o.type
    if address(t.pointee.tp_getattro) == address(PyObject_GenericGetAttr as getattrofunc),
      let d = _PyType_Lookup(t, name),
      d.has(UInt(Py_TPFLAGS_METHOD_DESCRIPTOR))
    {
      gila_incref(d)
      if t.pointee.tp_flags & UInt(Py_TPFLAGS_MANAGED_DICT) != 0 {
        if let own = gila_instance_get(o, name) {
          gila_decref(d)
          out = own
          return true
        }
        if errorIsSet {
          gila_decref(d)
          return true
        }
      } else if t.pointee.tp_dictoffset > 0 {
        if let dict = (o.raw + t.pointee.tp_dictoffset).load(as: Ref?.self) {
          gila_incref(dict)
          defer { gila_decref(dict) }
          if let own = PyDict_GetItemWithError(dict, name) {
            gila_decref(d)
            out = newRef(own)
            return true
          }
          if errorIsSet {
            gila_decref(d)
            return true
          }
        }
      } else if t.pointee.tp_dictoffset != 0 {
        gila_decref(d)
        out = PyObject_GetAttr(o, name)
        return true
      }
      out = d
      return false
    }
    out = PyObject_GetAttr(o, name)
    return true
  }
  /// LOAD_SUPER_ATTR. For a method call (`flags` & 1) with an unshadowed `super`, the plain function, and `selfIsBound`
  /// tells that the object goes before the arguments.
  @inline(never) static func superAttribute(
    _ global: Ref, _ cls: Ref, _ o: Ref, _ name: Ref, _ flags: Int, _ selfIsBound: inout Bool
  ) -> Ref? {
    let made = flags & 2 != 0 ? call2(global, cls, o) : PyObject_CallNoArgs(global)
    if Monitoring.active != 0, let f = currentThread.pointee.current_frame,
      !Monitoring.returned(currentThread, f, global, flags & 2 != 0 ? cls : nil, raised: made == nil)
    {
      xdecref(made)
      return nil
    }
    guard let made else { return nil }
    let r = PyObject_GetAttr(made, name)
    gila_decref(made)
    return r
  }
  @inline(never) static func buildClass(_ f: FrameRef) -> Ref? {
    var v: Ref? = nil
    if optionalItem(f.pointee.builtins!, Dunder.build_class.ref, &v) < 0 { return nil }
    if v == nil { _ = raise(Exc.NameError, "__build_class__ not found") }
    return v
  }
  @inline(never) static func setupAnnotations(_ f: FrameRef) -> Bool {
    guard let l = f.pointee.locals else {
      _ = systemError("no locals found when setting up annotations")
      return false
    }
    var v: Ref? = nil
    if optionalItem(l, Dunder.annotations.ref, &v) < 0 { return false }
    if let v {
      gila_decref(v)
      return true
    }
    guard let d = PyDict_New() else { return false }
    defer { gila_decref(d) }
    return storeName(f, Dunder.annotations.ref, d) >= 0
  }

  /// GET_YIELD_FROM_ITER.
  @inline(never) static func yieldFromIterator(_ v: Ref, _ f: FrameRef) -> Ref? {
    if v.isExactly(Types.coro) {
      if f.pointee.code.pointee.co_flags & 0x180 == 0 {
        _ = typeError("cannot 'yield from' a coroutine object in a non-coroutine generator")
        return nil
      }
      return newRef(v)
    }
    if v.isExactly(Types.gen) { return newRef(v) }
    return PyObject_GetIter(v)
  }

  // MARK: Imports

  @inline(never) static func importName(_ frame: FrameRef, _ name: Ref, _ from: Ref, _ level: Ref) -> Ref? {
    gila_import_name(frame.pointee.builtins, frame.pointee.globals, frame.pointee.locals, name, from, level)
  }
  /// `from module import name`: the attribute, or a submodule that is being imported.
  @inline(never) static func importFrom(_ module: Ref, _ name: Ref) -> Ref? { gila_import_from(module, name) }
  static func importStar(_ frame: FrameRef, _ module: Ref) throws(PyError) {
    guard let target = frame.pointee.locals else { throw systemError("no locals found during 'import *'") }
    var all: Ref? = nil
    try check(PyObject_GetOptionalAttr(module, Dunder.all.ref, &all))
    var skipsPrivate = false
    if all == nil {
      var dict: Ref? = nil
      try check(PyObject_GetOptionalAttr(module, Dunder.dict.ref, &dict))
      guard let dict else { throw raise(Exc.ImportError, "from-import-* object has no __dict__ and no __all__") }
      defer { gila_decref(dict) }
      all = try owned(PyMapping_Keys(dict)).take()
      skipsPrivate = true
    }
    let names = Owned(taking: all!)
    var i = 0
    while true {
      guard let name = PySequence_GetItem(names.ref, i) else {
        if PyErr_ExceptionMatches(Exc.IndexError.object) == 0 { throw PyError() }
        PyErr_Clear()
        return
      }
      i += 1
      let held = Owned(taking: name)
      guard name.isUnicode else {
        let m = try owned(PyObject_GetAttr(module, Dunder.name.ref))
        throw typeError(
          skipsPrivate
            ? "Key in \(swiftString(m.ref)).__dict__ must be str, not \(typeName(of: name))"
            : "Item in \(swiftString(m.ref)).__all__ must be str, not \(typeName(of: name))")
      }
      if skipsPrivate && PyUnicode_GetLength(name) > 0 && PyUnicode_ReadChar(name, 0) == 95 { continue }
      let value = try owned(PyObject_GetAttr(module, held.ref))
      try check(
        target.isExactly(Types.dict)
          ? PyDict_SetItem(target, name, value.ref) : PyObject_SetItem(target, name, value.ref))
    }
  }
}
