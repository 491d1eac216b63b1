import CGila
import GilaCore

/// Assignment to `cls.__bases__`.
enum BaseChange {
  static func assign(_ t: TypeRef, _ value: Ref?) throws(PyError) {
    let bases = try checked(t, value)
    try auditChange(t.object, "__bases__", bases)
    let newBase = try Layout.bestBase(bases)
    let oldBase = t.pointee.tp_base!
    try requireSameLayout(oldBase, newBase)
    let oldBases = t.pointee.tp_bases!
    t.pointee.tp_bases = newRef(bases)
    t.pointee.tp_base = newBase
    gila_incref(newBase.object)
    // The orders of the class and of all below it: either all change, or none.
    var changed: [(type: TypeRef, order: Ref?)] = []
    defer { for c in changed { xdecref(c.order) } }
    do throws(PyError) {
      try updateOrders(t, &changed)
    } catch {
      // `mro()` methods may have assigned bases themselves; theirs stay.
      for c in changed.reversed() {
        let new = c.type.pointee.tp_mro
        c.type.pointee.tp_mro = xnewRef(c.order)
        xdecref(new)
        TypeLookup.invalidate(c.type)
      }
      if t.pointee.tp_bases == bases {
        t.pointee.tp_bases = oldBases
        t.pointee.tp_base = oldBase
        gila_decref(bases)
        gila_decref(newBase.object)
      } else {
        gila_decref(oldBases)
        gila_decref(oldBase.object)
      }
      throw error
    }
    defer {
      gila_decref(oldBases)
      gila_decref(oldBase.object)
    }
    if t.pointee.tp_bases != bases { return }
    for i in 0..<oldBases.size { TypeLookup.removeSubclass(gila_tuple_items(oldBases)[i]!.asType, t) }
    for i in 0..<bases.size { try TypeLookup.addSubclass(gila_tuple_items(bases)[i]!.asType, t) }
    updateSlots(t)
  }

  private static func checked(_ t: TypeRef, _ value: Ref?) throws(PyError) -> Ref {
    let name = String(cString: t.pointee.tp_name)
    if t.hasFlag(UInt(Py_TPFLAGS_IMMUTABLETYPE)) {
      throw typeError("cannot set '__bases__' attribute of immutable type '\(name)'")
    }
    guard let value else { throw typeError("cannot delete '__bases__' attribute of immutable type '\(name)'") }
    guard value.isTuple else {
      throw typeError("can only assign tuple to \(name).__bases__, not \(typeName(of: value))")
    }
    if value.size == 0 { throw typeError("can only assign non-empty tuple to \(name).__bases__, not ()") }
    for i in 0..<value.size {
      let base = gila_tuple_items(value)[i]!
      guard base.isType else {
        throw typeError("\(name).__bases__ must be tuple of classes, not '\(typeName(of: base))'")
      }
      var chain: TypeRef? = base.asType
      while let at = chain, at != t { chain = at.pointee.tp_base }
      if chain == t || PyType_IsSubtype(base.asType, t) != 0 {
        throw typeError("a __bases__ item causes an inheritance cycle")
      }
    }
    return value
  }
  private static func requireSameLayout(_ old: TypeRef, _ new: TypeRef) throws(PyError) {
    if address(old.pointee.tp_dealloc) != address(new.pointee.tp_dealloc) {
      throw typeError("__bases__ assignment: '\(typeName(new))' deallocator differs from '\(typeName(old))'")
    }
    let layout = UInt(Py_TPFLAGS_PREHEADER | Py_TPFLAGS_HAVE_GC)
    guard Layout.solidBase(old) == Layout.solidBase(new), old.pointee.tp_basicsize == new.pointee.tp_basicsize,
      old.pointee.tp_flags & layout == new.pointee.tp_flags & layout
    else { throw typeError("__bases__ assignment: '\(typeName(new))' object layout differs from '\(typeName(old))'") }
  }
  private static func subclasses(_ t: TypeRef) -> [TypeRef] {
    var all: [TypeRef] = []
    TypeLookup.forEachSubclass(t) { all.append($0) }
    return all
  }
  private static func updateOrders(_ t: TypeRef, _ changed: inout [(type: TypeRef, order: Ref?)]) throws(PyError) {
    changed.append((t, xnewRef(t.pointee.tp_mro)))
    try MRO.set(t)
    let below = subclasses(t)
    for sub in below { gila_incref(sub.object) }
    defer { for sub in below { gila_decref(sub.object) } }
    for sub in below where isBelow(sub, t) { try updateOrders(sub, &changed) }
  }
  /// Whether a class still has `t` among its bases.
  private static func isBelow(_ sub: TypeRef, _ t: TypeRef) -> Bool {
    guard let bases = sub.pointee.tp_bases else { return false }
    for i in 0..<bases.size where gila_tuple_items(bases)[i] == t.object { return true }
    return false
  }
  private static func updateSlots(_ t: TypeRef) {
    TypeLookup.invalidate(t)
    SlotUpdate.all(t)
    for sub in subclasses(t) { updateSlots(sub) }
  }
}
