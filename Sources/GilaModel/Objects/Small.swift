import CGila
import GilaCore

/// None, Ellipsis, NotImplemented, cells.
enum SmallObjects {
  static func install() {
    let n = Types.none
    n.define("NoneType", basicSize: 16, doc: "NoneType()\n--\n\nThe type of the None singleton.")
    n.pointee.tp_repr = { _ in PyUnicode_FromString("None") }
    n.pointee.tp_hash = { _ in 0xFCA8_6420 }
    n.pointee.tp_richcompare = { a, b, op in Types.baseObject.pointee.tp_richcompare(a, b, op) }
    n.number.pointee.nb_bool = { _ in 0 }
    n.pointee.tp_new = { _, args, kwargs in SmallObjects.singleton(none, args, kwargs) }
    n.pointee.tp_dealloc = { _ in }
    let e = Types.ellipsis
    e.define("ellipsis", basicSize: 16, doc: "ellipsis()\n--\n\nThe type of the Ellipsis singleton.")
    e.pointee.tp_repr = { _ in PyUnicode_FromString("Ellipsis") }
    e.pointee.tp_new = { _, args, kwargs in SmallObjects.singleton(ellipsis, args, kwargs) }
    e.pointee.tp_methods = SmallObjects.reducing { _, _ in PyUnicode_FromString("Ellipsis") }
    e.pointee.tp_dealloc = { _ in }
    let x = Types.notImplemented
    x.define(
      "NotImplementedType", basicSize: 16, doc: "NotImplementedType()\n--\n\nThe type of the NotImplemented singleton.")
    x.pointee.tp_repr = { _ in PyUnicode_FromString("NotImplemented") }
    x.pointee.tp_new = { _, args, kwargs in SmallObjects.singleton(notImplemented, args, kwargs) }
    x.pointee.tp_methods = SmallObjects.reducing { _, _ in PyUnicode_FromString("NotImplemented") }
    x.number.pointee.nb_bool = { _ in
      PyErr_WarnEx(
        Exc.DeprecationWarning.object, "NotImplemented should not be used in a boolean context", 1) < 0 ? -1 : 1
    }
    x.pointee.tp_dealloc = { _ in }
    cell()
  }
  /// The one instance of a type that takes no arguments.
  static func singleton(_ r: Ref, _ args: Ref?, _ kwargs: Ref?) -> Ref? {
    if (args?.size ?? 0) > 0 || (kwargs.map { PyDict_Size($0) } ?? 0) > 0 {
      _ = typeError("\(typeName(of: r)) takes no arguments")
      return nil
    }
    return r
  }
  /// A method table with `__reduce__`, by which pickle finds the singleton under its global name.
  static func reducing(_ f: @convention(c) (Ref?, Ref?) -> Ref?) -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("__reduce__", "", "", f)
    return m.build()
  }
  private static func cell() {
    let c = Types.cell
    c.define("cell", basicSize: 24, flags: UInt(Py_TPFLAGS_HAVE_GC), doc: "cell([contents])\n--\n\n")
    c.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      xdecref(r!.cast(PyCellObject.self).pointee.ob_ref)
      PyObject_GC_Del(r!.raw)
    }
    c.pointee.tp_traverse = { r, v, k in r!.cast(PyCellObject.self).pointee.ob_ref.map { v!($0, k) } ?? 0 }
    c.pointee.tp_clear = { r in
      GilaCore.clear(&r!.cast(PyCellObject.self).pointee.ob_ref)
      return 0
    }
    c.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("cell", kwargs)
        try checkCount("cell", args!.size, 0, 1)
        return try owned(PyCell_New(args!.size > 0 ? gila_tuple_items(args!)[0] : nil))
      }
    }
    c.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let at = "0x" + String(UInt(bitPattern: r!), radix: 16)
        guard let v = r!.cast(PyCellObject.self).pointee.ob_ref else { return try string("<cell at \(at): empty>") }
        return try string("<cell at \(at): \(typeName(of: v)) object at 0x\(String(UInt(bitPattern: v), radix: 16))>")
      }
    }
    c.pointee.tp_richcompare = { a, b, op in
      guard a!.isExactly(Types.cell), b!.isExactly(Types.cell) else { return newRef(notImplemented) }
      let x = a!.cast(PyCellObject.self).pointee.ob_ref, y = b!.cast(PyCellObject.self).pointee.ob_ref
      if let x, let y { return PyObject_RichCompare(x, y, op) }
      // An empty cell is less than a full one.
      let order = (x == nil ? 0 : 1) - (y == nil ? 0 : 1)
      let holds: Bool
      switch op {
      case Py_EQ: holds = order == 0
      case Py_NE: holds = order != 0
      case Py_LT: holds = order < 0
      case Py_LE: holds = order <= 0
      case Py_GT: holds = order > 0
      default: holds = order >= 0
      }
      return newRef(pyBool(holds))
    }
    c.pointee.tp_hash = PyObject_HashNotImplemented
    var g = GetSetTable()
    g.add(
      "cell_contents",
      get: { r, _ in
        if let v = r!.cast(PyCellObject.self).pointee.ob_ref { return newRef(v) }
        _ = valueError("cell is empty")
        return nil
      }, set: { r, v, _ in PyCell_Set(r, v) })
    c.pointee.tp_getset = g.build()
  }
}
@c @implementation public func PyCell_New(_ v: Ref!) -> Ref? {
  guard let c = _PyObject_GC_New(Types.cell) else { return nil }
  c.cast(PyCellObject.self).pointee.ob_ref = xnewRef(v)
  gila_gc_track(c)
  return c
}
@c @implementation public func PyCell_Set(_ c: Ref!, _ v: Ref!) -> Int32 {
  replace(&c.cast(PyCellObject.self).pointee.ob_ref, with: xnewRef(v))
  return 0
}
@c @implementation public func PyCell_Get(_ c: Ref!) -> Ref? { xnewRef(c.cast(PyCellObject.self).pointee.ob_ref) }
/// Fills in the types of this target, then completes every static type that is filled in.
public func installModelTypes() {
  ObjectType.install()
  TypeType.install()
  NativeDescriptors.install()
  Callables.install()
  SmallObjects.install()
  ModuleType.install()
  PropertyType.install()
  GenericAliasType.install()
  UnionType.install()
  NamespaceType.install()
  CapsuleType.install()
  Super.install()
  BufferSlots.install()
}
