import CGila
import GilaCore

/// The type variables in type arguments: finding them, and putting other types in their place.
enum TypeParameters {
  private static func index(_ items: Ref, _ count: Int, _ item: Ref) -> Int? {
    for i in 0..<count where gila_tuple_items(items)[i] == item { return i }
    return nil
  }
  private static func add(_ list: Ref, _ item: Ref) throws(PyError) {
    for i in 0..<list.size where gila_list_items(list)![i] == item { return }
    try check(PyList_Append(list, item))
  }
  private static func optional(_ o: Ref, _ name: Ref) throws(PyError) -> Owned? {
    var v: Ref? = nil
    try check(PyObject_GetOptionalAttr(o, name, &v))
    return v.map { Owned(taking: $0) }
  }
  private static let parametersName = Dunder.parameters

  /// A new tuple of the type variables in a tuple or list of arguments, each once.
  static func find(_ args: Ref) throws(PyError) -> Owned {
    let found = try owned(PyList_New(0))
    let tuple = try owned(PySequence_Tuple(args))
    for i in 0..<tuple.ref.size {
      let t = gila_tuple_items(tuple.ref)[i]!
      // A bare class may define `__parameters__` for its instances.
      if t.isType { continue }
      if try check(PyObject_HasAttrWithError(t, Dunder.typing_subst.ref)) > 0 {
        try add(found.ref, t)
        continue
      }
      var nested: Owned
      if let p = try optional(t, Dunder.parameters.ref) {
        nested = p
      } else if t.isTuple || t.isList {
        nested = try find(t)
      } else {
        continue
      }
      guard nested.ref.isTuple else { continue }
      for j in 0..<nested.ref.size { try add(found.ref, gila_tuple_items(nested.ref)[j]!) }
    }
    return try owned(PyList_AsTuple(found.ref))
  }

  /// Unpacks `*tuple[int, str]` among the items of a subscript: a new tuple.
  private static func unpack(_ item: Ref) throws(PyError) -> Owned {
    let result = try owned(PyList_New(0))
    let items = item.isTuple ? Owned(retaining: item) : try tuple(item)
    for i in 0..<items.ref.size {
      let t = gila_tuple_items(items.ref)[i]!
      if !t.isType, let parts = try optional(t, Dunder.typing_unpacked_tuple_args.ref), parts.ref.isTuple {
        let n = parts.ref.size
        if n == 0 || gila_tuple_items(parts.ref)[n - 1] != ellipsis {
          for j in 0..<n { try check(PyList_Append(result.ref, gila_tuple_items(parts.ref)[j])) }
          continue
        }
      }
      try check(PyList_Append(result.ref, t))
    }
    return try owned(PyList_AsTuple(result.ref))
  }

  /// The arguments of an alias with `item` in place of its type variables: a new tuple.
  static func substitute(_ alias: Ref, _ args: Ref, _ parameters: Ref, _ item: Ref) throws(PyError) -> Owned {
    let count = parameters.size
    if count == 0 { throw typeError("\(try reprText(alias)) is not a generic class") }
    var item = try unpack(item)
    for i in 0..<count {
      guard let prepare = try optional(gila_tuple_items(parameters)[i]!, Dunder.typing_prepare_subst.ref),
        prepare.ref != none
      else { continue }
      let argument = item.ref.isTuple ? Owned(retaining: item.ref) : try tuple(item.ref)
      item = try owned(call(prepare.ref, alias, argument.ref))
    }
    let items = item.ref.isTuple ? Owned(retaining: item.ref) : try tuple(item.ref)
    if items.ref.size != count {
      throw typeError(
        "Too \(items.ref.size > count ? "many" : "few") arguments for \(try reprText(alias)); actual \(items.ref.size), expected \(count)"
      )
    }
    return try replaceAll(alias, args, parameters, items.ref, item.ref)
  }
  private static func replaceAll(
    _ alias: Ref, _ args: Ref, _ parameters: Ref, _ items: Ref, _ item: Ref
  ) throws(PyError) -> Owned {
    let old = try owned(PySequence_Tuple(args))
    let new = try owned(PyList_New(0))
    for i in 0..<old.ref.size {
      let arg = gila_tuple_items(old.ref)[i]!
      if arg.isType {
        try check(PyList_Append(new.ref, arg))
        continue
      }
      if arg.isTuple || arg.isList {
        let nested = try substitute(alias, arg, parameters, item)
        let same = arg.isTuple ? nested : try owned(PySequence_List(nested.ref))
        try check(PyList_Append(new.ref, same.ref))
        continue
      }
      let spreads = try isUnpackedTypeVarTuple(arg)
      let value: Owned
      if let subst = try optional(arg, Dunder.typing_subst.ref) {
        guard let at = index(parameters, parameters.size, arg) else {
          throw systemError("type variable is not among the parameters")
        }
        value = try owned(call(subst.ref, gila_tuple_items(items)[at]))
      } else {
        value = try replaceInside(arg, parameters, items)
      }
      if spreads {
        guard value.ref.isTuple else {
          throw typeError(
            "expected __typing_subst__ of \(typeName(of: arg)) objects to return a tuple, not \(typeName(of: value.ref))"
          )
        }
        for j in 0..<value.ref.size { try check(PyList_Append(new.ref, gila_tuple_items(value.ref)[j])) }
      } else {
        try check(PyList_Append(new.ref, value.ref))
      }
    }
    return try owned(PyList_AsTuple(new.ref))
  }
  private static func isUnpackedTypeVarTuple(_ arg: Ref) throws(PyError) -> Bool {
    guard let v = try optional(arg, Dunder.typing_is_unpacked_typevartuple.ref) else { return false }
    return try truth(v.ref)
  }
  /// An argument that is generic itself gets its own type variables replaced.
  private static func replaceInside(_ arg: Ref, _ parameters: Ref, _ items: Ref) throws(PyError) -> Owned {
    guard let inner = try optional(arg, Dunder.parameters.ref), inner.ref.isTuple, inner.ref.size > 0 else {
      return Owned(retaining: arg)
    }
    let new = try owned(PyList_New(0))
    for i in 0..<inner.ref.size {
      let parameter = gila_tuple_items(inner.ref)[i]!
      guard let at = index(parameters, parameters.size, parameter) else {
        try check(PyList_Append(new.ref, parameter))
        continue
      }
      let value = gila_tuple_items(items)[at]!
      // Only a TypeVarTuple can be iterated over; its value is a tuple of types.
      if gila_tuple_items(parameters)[at]!.type.pointee.tp_iter != nil && value.isTuple {
        for j in 0..<value.size { try check(PyList_Append(new.ref, gila_tuple_items(value)[j])) }
      } else {
        try check(PyList_Append(new.ref, value))
      }
    }
    let subscript_ = try owned(PyList_AsTuple(new.ref))
    return try owned(PyObject_GetItem(arg, subscript_.ref))
  }
}

@c @implementation public func gila_type_parameters(_ args: Ref!) -> Ref? {
  bridge { () throws(PyError) in try TypeParameters.find(args!) }
}
@c @implementation public func gila_substitute_parameters(_ alias: Ref!, _ args: Ref!, _ parameters: Ref!, _ item: Ref!)
  -> Ref?
{
  bridge { () throws(PyError) in try TypeParameters.substitute(alias!, args!, parameters!, item!) }
}

/// How types are written inside the repr of aliases and unions.
enum GenericText {
  static func item(_ r: Ref) throws(PyError) -> String {
    if r == ellipsis { return "..." }
    if try check(PyObject_HasAttrWithError(r, Dunder.origin.ref)) > 0,
      try check(PyObject_HasAttrWithError(r, Dunder.args.ref)) > 0
    {
      return try reprText(r)
    }
    var q: Ref? = nil
    try check(PyObject_GetOptionalAttr(r, Dunder.qualname.ref, &q))
    guard let q else { return try reprText(r) }
    let qualname = Owned(taking: q)
    var m: Ref? = nil
    try check(PyObject_GetOptionalAttr(r, Dunder.module.ref, &m))
    guard let m else { return try reprText(r) }
    let module = Owned(taking: m)
    if module.ref == none { return try reprText(r) }
    let name = try owned(PyObject_Str(qualname.ref))
    if module.ref.isUnicode && swiftString(module.ref) == "builtins" { return swiftString(name.ref) }
    let place = try owned(PyObject_Str(module.ref))
    return "\(swiftString(place.ref)).\(swiftString(name.ref))"
  }
  /// An argument may be a list of types (of a Callable's parameters).
  static func argument(_ r: Ref) throws(PyError) -> String {
    guard r.isList else { return try item(r) }
    var parts: [String] = []
    var i = 0
    while i < r.size {
      let held = Owned(retaining: gila_list_items(r)![i]!)
      parts.append(try item(held.ref))
      i += 1
    }
    return "[\(parts.joined(separator: ", "))]"
  }
}
