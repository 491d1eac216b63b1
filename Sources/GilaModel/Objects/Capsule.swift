import CGila
import GilaCore
import Glibc

/// Capsules: C pointers that extension modules hand each other through Python.
enum CapsuleType {
  struct Object {
    var ob_base: PyObject
    var pointer: UnsafeMutableRawPointer?
    var name: UnsafePointer<CChar>?
    var context: UnsafeMutableRawPointer?
    var destructor: PyCapsule_Destructor?
    var traverse: traverseproc?
    var clear: inquiry?
  }
  static func install() {
    let t = Types.capsule
    t.define(
      "PyCapsule", basicSize: MemoryLayout<Object>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION),
      doc:
        "Capsule objects let you wrap a C \"void *\" pointer in a Python\nobject.  They're a way of passing data through the Python interpreter\nwithout creating your own custom type.\n\nCapsules are used for communication between extension modules.\nThey provide a way for an extension module to export a C interface\nto other extension modules, so that extension modules can use the\nPython import mechanism to link to one another."
    )
    t.pointee.tp_dealloc = { c in
      PyObject_GC_UnTrack(c!.raw)
      if let f = c!.cast(Object.self).pointee.destructor { f(c) }
      PyObject_GC_Del(c!.raw)
    }
    t.pointee.tp_traverse = { c, visit, context in
      c!.cast(Object.self).pointee.traverse.map { $0(c, visit, context) } ?? 0
    }
    t.pointee.tp_clear = { c in c!.cast(Object.self).pointee.clear.map { $0(c) } ?? 0 }
    t.pointee.tp_repr = { c in
      let name = c!.cast(Object.self).pointee.name.map { "\"\(String(cString: $0))\"" } ?? "NULL"
      return newString("<capsule object \(name) at 0x\(String(UInt(bitPattern: c!), radix: 16))>")
    }
  }
  /// The capsule, if it is one that still holds a pointer.
  static func valid(_ c: Ref?, _ function: StaticString) -> UnsafeMutablePointer<Object>? {
    guard let c, c.isExactly(Types.capsule), c.cast(Object.self).pointee.pointer != nil else {
      _ = valueError("\(function) called with invalid PyCapsule object")
      return nil
    }
    return c.cast(Object.self)
  }
  static func sameName(_ a: UnsafePointer<CChar>?, _ b: UnsafePointer<CChar>?) -> Bool {
    guard let a, let b else { return a == b }
    return strcmp(a, b) == 0
  }
}

@c @implementation public func PyCapsule_New(
  _ pointer: UnsafeMutableRawPointer!, _ name: UnsafePointer<CChar>!, _ destructor: PyCapsule_Destructor!
) -> Ref? {
  guard let pointer else {
    _ = valueError("PyCapsule_New called with null pointer")
    return nil
  }
  guard let c = _PyObject_GC_New(Types.capsule) else { return nil }
  let x = c.cast(CapsuleType.Object.self)
  x.pointee.pointer = pointer
  x.pointee.name = name
  x.pointee.context = nil
  x.pointee.destructor = destructor
  x.pointee.traverse = nil
  x.pointee.clear = nil
  return c
}
@c @implementation public func PyCapsule_IsValid(_ c: Ref!, _ name: UnsafePointer<CChar>!) -> Int32 {
  guard let c, c.isExactly(Types.capsule), c.cast(CapsuleType.Object.self).pointee.pointer != nil else { return 0 }
  return CapsuleType.sameName(c.cast(CapsuleType.Object.self).pointee.name, name) ? 1 : 0
}
@c @implementation public func PyCapsule_GetPointer(_ c: Ref!, _ name: UnsafePointer<CChar>!)
  -> UnsafeMutableRawPointer?
{
  guard let x = CapsuleType.valid(c, "PyCapsule_GetPointer") else { return nil }
  if !CapsuleType.sameName(name, x.pointee.name) {
    _ = valueError("PyCapsule_GetPointer called with incorrect name")
    return nil
  }
  return x.pointee.pointer
}
@c @implementation public func PyCapsule_GetName(_ c: Ref!) -> UnsafePointer<CChar>? {
  CapsuleType.valid(c, "PyCapsule_GetName")?.pointee.name
}
@c @implementation public func PyCapsule_GetDestructor(_ c: Ref!) -> PyCapsule_Destructor? {
  CapsuleType.valid(c, "PyCapsule_GetDestructor")?.pointee.destructor
}
@c @implementation public func PyCapsule_GetContext(_ c: Ref!) -> UnsafeMutableRawPointer? {
  CapsuleType.valid(c, "PyCapsule_GetContext")?.pointee.context
}
@c @implementation public func PyCapsule_SetPointer(_ c: Ref!, _ pointer: UnsafeMutableRawPointer!) -> Int32 {
  guard let pointer else {
    _ = valueError("PyCapsule_SetPointer called with null pointer")
    return -1
  }
  guard let x = CapsuleType.valid(c, "PyCapsule_SetPointer") else { return -1 }
  x.pointee.pointer = pointer
  return 0
}
@c @implementation public func PyCapsule_SetName(_ c: Ref!, _ name: UnsafePointer<CChar>!) -> Int32 {
  guard let x = CapsuleType.valid(c, "PyCapsule_SetName") else { return -1 }
  x.pointee.name = name
  return 0
}
@c @implementation public func PyCapsule_SetDestructor(_ c: Ref!, _ destructor: PyCapsule_Destructor!) -> Int32 {
  guard let x = CapsuleType.valid(c, "PyCapsule_SetDestructor") else { return -1 }
  x.pointee.destructor = destructor
  return 0
}
@c @implementation public func PyCapsule_SetContext(_ c: Ref!, _ context: UnsafeMutableRawPointer!) -> Int32 {
  guard let x = CapsuleType.valid(c, "PyCapsule_SetContext") else { return -1 }
  x.pointee.context = context
  return 0
}
@c @implementation public func PyCapsule_Import(_ name: UnsafePointer<CChar>!, _ noBlock: Int32)
  -> UnsafeMutableRawPointer?
{
  do throws(PyError) {
    let path = String(cString: name).split(separator: ".", omittingEmptySubsequences: false)
    let object: Owned
    do throws(PyError) {
      var at = try owned(String(path[0]).withCString { PyImport_ImportModule($0) })
      for part in path.dropFirst() {
        at = try owned(String(part).withCString { PyObject_GetAttrString(at.ref, $0) })
      }
      object = at
    } catch {
      if path.count > 1 { throw error }
      PyErr_Clear()
      throw raise(Exc.ImportError, "PyCapsule_Import could not import module \"\(path[0])\"")
    }
    guard PyCapsule_IsValid(object.ref, name) != 0 else {
      throw raise(Exc.AttributeError, "PyCapsule_Import \"\(String(cString: name))\" is not valid")
    }
    return object.ref.cast(CapsuleType.Object.self).pointee.pointer
  } catch { return nil }
}
