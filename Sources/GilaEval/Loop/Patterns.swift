import CGila
import GilaCore

/// `match`: mapping and class patterns (PEP 634).
enum Patterns {
  /// The values of the subject for a tuple of keys as a tuple; None if one is missing.
  static func keys(_ subject: Ref, _ keys: Ref) -> Ref? {
    bridge { () throws(PyError) in
      let seen = try owned(PySet_New(nil))
      let get = try owned(PyObject_GetAttrString(subject, "get"))
      let missing = try owned(PyObject_CallNoArgs(Types.baseObject.object))
      let values = try owned(PyTuple_New(keys.size))
      for i in 0..<keys.size {
        let key = gila_tuple_items(keys)[i]!
        let known = PySet_Contains(seen.ref, key)
        if known < 0 { throw PyError() }
        if known > 0 { throw valueError("mapping pattern checks duplicate key (\(try reprText(key)))") }
        try check(PySet_Add(seen.ref, key))
        let v = try owned(Eval.call2(get.ref, key, missing.ref))
        if v.ref == missing.ref { return Owned(retaining: none) }
        gila_tuple_items(values.ref)[i] = v.take()
      }
      return values
    }
  }
  /// The attributes of a subject that a class pattern names, as a tuple; None if it does not match.
  static func matchClass(_ subject: Ref, _ type: Ref, _ count: Int, _ names: Ref) -> Ref? {
    bridge { () throws(PyError) in
      guard type.isType else { throw typeError("called match pattern must be a class") }
      let r = PyObject_IsInstance(subject, type)
      if r < 0 { throw PyError() }
      if r == 0 { return Owned(retaining: none) }
      let seen = try owned(PySet_New(nil))
      let found = try owned(PyList_New(0))
      if count > 0 {
        var matchArgs: Ref? = nil
        try check(PyObject_GetOptionalAttr(type, Dunder.match_args.ref, &matchArgs))
        var takesSelf = false
        if let matchArgs {
          guard matchArgs.isExactly(Types.tuple) else {
            let kind = typeName(of: matchArgs)
            gila_decref(matchArgs)
            throw typeError("\(typeName(type.asType)).__match_args__ must be a tuple (got \(kind))")
          }
        } else {
          takesSelf = type.asType.hasFlag(UInt(_Py_TPFLAGS_MATCH_SELF))
        }
        let args = try owned(matchArgs ?? PyTuple_New(0))
        let allowed = takesSelf ? 1 : args.ref.size
        if allowed < count {
          throw typeError(
            "\(typeName(type.asType))() accepts \(allowed) positional sub-pattern\(allowed == 1 ? "" : "s") (\(count) given)"
          )
        }
        if takesSelf {
          try check(PyList_Append(found.ref, subject))
        } else {
          for i in 0..<count {
            let name = gila_tuple_items(args.ref)[i]!
            guard name.isExactly(Types.unicode) else {
              throw typeError("__match_args__ elements must be strings (got \(typeName(of: name)))")
            }
            guard let v = try attribute(subject, type, name, seen.ref) else { return Owned(retaining: none) }
            try check(PyList_Append(found.ref, v.ref))
          }
        }
      }
      for i in 0..<names.size {
        guard let v = try attribute(subject, type, gila_tuple_items(names)[i]!, seen.ref) else {
          return Owned(retaining: none)
        }
        try check(PyList_Append(found.ref, v.ref))
      }
      return try owned(PyList_AsTuple(found.ref))
    }
  }
  private static func attribute(_ subject: Ref, _ type: Ref, _ name: Ref, _ seen: Ref) throws(PyError) -> Owned? {
    let known = PySet_Contains(seen, name)
    if known < 0 { throw PyError() }
    if known > 0 {
      throw typeError("\(typeName(type.asType))() got multiple sub-patterns for attribute \(try reprText(name))")
    }
    try check(PySet_Add(seen, name))
    var v: Ref? = nil
    try check(PyObject_GetOptionalAttr(subject, name, &v))
    return v.map { Owned(taking: $0) }
  }
}
