import CGila
import GilaCore

/// The method resolution order: C3 linearisation of the bases' orders.
enum MRO {
  /// Computes and stores `tp_mro`, through a metaclass's `mro()` if it has one of its own.
  static func set(_ type: TypeRef) throws(PyError) {
    let old = xnewRef(type.pointee.tp_mro)
    defer { xdecref(old) }
    let result: Owned
    let meta = type.object.type
    if meta != Types.type, let custom = customMethod(meta) {
      let list = try owned(PyObject_CallOneArg(custom, type.object))
      let tuple = try owned(PySequence_Tuple(list.ref))
      try verify(type, tuple.ref)
      result = tuple
    } else {
      result = try linearize(type)
    }
    // The metaclass's code may have changed the bases meanwhile; its own change stands then.
    if type.pointee.tp_mro != old { return }
    let previous = type.pointee.tp_mro
    type.pointee.tp_mro = result.take()
    xdecref(previous)
    TypeLookup.invalidate(type)
  }
  private static func customMethod(_ meta: TypeRef) -> Ref? {
    guard let name = gila_intern("mro"), let method = TypeLookup.find(meta, name) else { return nil }
    let own = TypeLookup.find(Types.type, name)
    return method == own ? nil : method
  }
  private static func verify(_ type: TypeRef, _ mro: Ref) throws(PyError) {
    let solid = Layout.solidBase(type)
    for i in 0..<mro.size {
      let base = gila_tuple_items(mro)[i]!
      guard base.isType else {
        throw typeError("mro() returned a non-class ('\(typeName(of: base))')")
      }
      if PyType_IsSubtype(solid, Layout.solidBase(base.asType)) == 0 {
        throw typeError("mro() returned base with unsuitable layout ('\(typeName(base.asType))')")
      }
    }
  }

  static func linearize(_ type: TypeRef) throws(PyError) -> Owned {
    let bases = type.pointee.tp_bases!
    let n = bases.size
    for i in 0..<n {
      let base = gila_tuple_items(bases)[i]!.asType
      if base.pointee.tp_mro == nil {
        throw typeError("Cannot extend an incomplete type '\(typeName(base))'")
      }
    }
    if n == 1 {
      // Single inheritance: the base's order behind the type itself.
      let order = gila_tuple_items(bases)[0]!.asType.pointee.tp_mro!
      let result = try owned(PyTuple_New(order.size + 1))
      let items = gila_tuple_items(result.ref)
      items[0] = newRef(type.object)
      for i in 0..<order.size { items[i + 1] = newRef(gila_tuple_items(order)[i]!) }
      return result
    }
    for i in 0..<n {
      for j in (i + 1)..<max(n, i + 1) where gila_tuple_items(bases)[i] == gila_tuple_items(bases)[j] {
        throw typeError("duplicate base class \(typeName(gila_tuple_items(bases)[i]!.asType))")
      }
    }
    var sequences: [(tuple: Ref, at: Int)] = []
    for i in 0..<n { sequences.append((gila_tuple_items(bases)[i]!.asType.pointee.tp_mro!, 0)) }
    sequences.append((bases, 0))
    var order: [Ref] = [type.object]
    while true {
      var open = false
      var chosen: Ref? = nil
      for s in sequences where s.at < s.tuple.size {
        open = true
        let candidate = gila_tuple_items(s.tuple)[s.at]!
        var inTail = false
        for other in sequences {
          for k in (other.at + 1)..<max(other.tuple.size, other.at + 1)
          where gila_tuple_items(other.tuple)[k] == candidate {
            inTail = true
            break
          }
          if inTail { break }
        }
        if !inTail {
          chosen = candidate
          break
        }
      }
      if !open { break }
      guard let chosen else {
        var names: [String] = []
        for s in sequences where s.at < s.tuple.size {
          let name = typeName(gila_tuple_items(s.tuple)[s.at]!.asType)
          if !names.contains(name) { names.append(name) }
        }
        throw typeError(
          "Cannot create a consistent method resolution order (MRO) for bases " + names.joined(separator: ", "))
      }
      order.append(chosen)
      for i in sequences.indices
      where sequences[i].at < sequences[i].tuple.size && gila_tuple_items(sequences[i].tuple)[sequences[i].at] == chosen
      {
        sequences[i].at += 1
      }
    }
    let result = try owned(PyTuple_New(order.count))
    for (i, r) in order.enumerated() { gila_tuple_items(result.ref)[i] = newRef(r) }
    return result
  }
}

/// Which base decides an instance's memory.
enum Layout {
  /// Whether the type adds fields of its own to its base's.
  static func addsFields(_ type: TypeRef, _ base: TypeRef) -> Bool {
    let size = type.pointee.tp_basicsize
    if type.pointee.tp_itemsize != 0 || base.pointee.tp_itemsize != 0 {
      return size != base.pointee.tp_basicsize || type.pointee.tp_itemsize != base.pointee.tp_itemsize
    }
    var extra = size
    let heap = type.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE))
    if heap && type.pointee.tp_weaklistoffset > 0 && base.pointee.tp_weaklistoffset == 0
      && type.pointee.tp_weaklistoffset + 8 == extra
    {
      extra -= 8
    }
    if heap && type.pointee.tp_dictoffset > 0 && base.pointee.tp_dictoffset == 0
      && type.pointee.tp_dictoffset + 8 == extra
    {
      extra -= 8
    }
    return extra != base.pointee.tp_basicsize
  }
  static func solidBase(_ type: TypeRef) -> TypeRef {
    let base = type.pointee.tp_base.map { solidBase($0) } ?? Types.baseObject
    return addsFields(type, base) ? type : base
  }
  /// The base whose layout the new type extends, checked for conflicts.
  static func bestBase(_ bases: Ref) throws(PyError) -> TypeRef {
    var base: TypeRef? = nil
    var winner: TypeRef? = nil
    for i in 0..<bases.size {
      let candidate = gila_tuple_items(bases)[i]!
      guard candidate.isType else { throw typeError("bases must be types") }
      let t = candidate.asType
      if !t.hasFlag(UInt(Py_TPFLAGS_READY)) { try check(PyType_Ready(t)) }
      guard t.hasFlag(UInt(Py_TPFLAGS_BASETYPE)) else {
        throw typeError("type '\(String(cString: t.pointee.tp_name))' is not an acceptable base type")
      }
      let solid = solidBase(t)
      if winner == nil {
        winner = solid
        base = t
      } else if PyType_IsSubtype(winner, solid) != 0 {
        continue
      } else if PyType_IsSubtype(solid, winner) != 0 {
        winner = solid
        base = t
      } else {
        throw typeError("multiple bases have instance lay-out conflict")
      }
    }
    return base!
  }
}
