import CGila
import GilaCore

// Instructions that build containers from the stack and take them apart.
extension Eval {
  /// A list of the top `n` values, which it takes over; nil with MemoryError and the values left.
  @inline(never) static func listFromStack(_ sp: StackRef, _ n: Int) -> Ref? {
    guard let l = PyList_New(n) else { return nil }
    if n > 0, let items = gila_list_items(l) {
      for i in 0..<n { items[i] = peek(sp, n - i) }
    }
    return l
  }
  @inline(never) static func setFromStack(_ sp: StackRef, _ n: Int) -> Ref? {
    guard let s = PySet_New(nil) else { return nil }
    for i in 0..<n where PySet_Add(s, peek(sp, n - i)) < 0 {
      gila_decref(s)
      return nil
    }
    return s
  }
  @inline(never) static func mapFromStack(_ sp: StackRef, _ n: Int) -> Ref? {
    guard let d = PyDict_New() else { return nil }
    for i in 0..<n where PyDict_SetItem(d, peek(sp, 2 * (n - i)), peek(sp, 2 * (n - i) - 1)) < 0 {
      gila_decref(d)
      return nil
    }
    return d
  }
  /// Keys (a tuple) are on top of the values.
  @inline(never) static func constKeyMap(_ sp: StackRef, _ n: Int) -> Ref? {
    let keys = peek(sp, 1)
    guard keys.isExactly(Types.tuple), keys.size == n else {
      _ = systemError("bad BUILD_CONST_KEY_MAP keys argument")
      return nil
    }
    guard let d = PyDict_New() else { return nil }
    for i in 0..<n where PyDict_SetItem(d, gila_tuple_items(keys)[i], peek(sp, n + 1 - i)) < 0 {
      gila_decref(d)
      return nil
    }
    return d
  }
  @inline(never) static func stringFromStack(_ sp: StackRef, _ n: Int) -> Ref? {
    guard let empty = PyUnicode_FromStringAndSize(nil, 0), let t = PyTuple_New(n) else { return nil }
    for i in 0..<n { gila_tuple_items(t)[i] = newRef(peek(sp, n - i)) }
    let r = PyUnicode_Join(empty, t)
    gila_decref(t)
    gila_decref(empty)
    return r
  }
  @inline(never) static func extendList(_ list: Ref, _ v: Ref) -> Bool {
    guard let r = gila_list_extend(list, v) else {
      if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 && v.type.pointee.tp_iter == nil && PySequence_Check(v) == 0
      {
        PyErr_Clear()
        _ = typeError("Value after * must be an iterable, not \(typeName(of: v))")
      }
      return false
    }
    gila_decref(r)
    return true
  }
  @inline(never) static func updateDict(_ dict: Ref, _ v: Ref) -> Bool {
    if PyDict_Update(dict, v) >= 0 { return true }
    if PyErr_ExceptionMatches(Exc.AttributeError.object) != 0 {
      PyErr_Clear()
      _ = typeError("'\(typeName(of: v))' object is not a mapping")
    }
    return false
  }
  /// `**v` of a call: merges into the keyword dict.
  @inline(never) static func mergeKeywords(_ dict: Ref, _ v: Ref, _ callable: Ref) -> Bool {
    if PyDict_Merge_unique(dict, v) >= 0 { return true }
    // The message names the callable, as CPython's does.
    if PyErr_ExceptionMatches(Exc.AttributeError.object) != 0 {
      PyErr_Clear()
      let name = functionText(callable)
      _ = typeError("\(name) argument after ** must be a mapping, not \(typeName(of: v))")
    } else if PyErr_ExceptionMatches(Exc.KeyError.object) != 0, let e = PyErr_GetRaisedException() {
      defer { gila_decref(e) }
      let args = e.cast(PyBaseExceptionObject.self).pointee.args
      if let args, args.isTuple, args.size == 1 {
        let key = gila_tuple_items(args)[0]!
        let name = functionText(callable)
        if key.isUnicode {
          _ = typeError("\(name) got multiple values for keyword argument '\(swiftString(key))'")
        } else {
          let shown = PyObject_Str(key)
          _ = typeError(
            "\(name) got multiple values for keyword argument '\(shown.map { swiftString($0) } ?? "?")'")
          xdecref(shown)
        }
      } else {
        PyErr_SetRaisedException(newRef(e))
      }
    }
    return false
  }
  private static func PyDict_Merge_unique(_ d: Ref, _ v: Ref) -> Int32 { PyDict_Merge(d, v, 2) }
  /// A callable for messages: its qualified name with the module before it and parentheses behind, or its str.
  static func functionText(_ f: Ref) -> String {
    func attribute(_ name: Dunder) -> Ref? {
      var v: Ref? = nil
      if PyObject_GetOptionalAttr(f, name.ref, &v) < 0 { PyErr_Clear() }
      return v
    }
    guard let qualname = attribute(.qualname) else {
      guard let s = PyObject_Str(f) else {
        PyErr_Clear()
        return typeName(of: f)
      }
      defer { gila_decref(s) }
      return swiftString(s)
    }
    defer { gila_decref(qualname) }
    guard qualname.isUnicode else { return typeName(of: f) }
    let module = attribute(.module)
    defer { xdecref(module) }
    if let module, module.isUnicode, swiftString(module) != "builtins" {
      return "\(swiftString(module)).\(swiftString(qualname))()"
    }
    return "\(swiftString(qualname))()"
  }

  /// Stores `n` items at the stack pointer and above, last first. False with an exception and nothing stored.
  @inline(never) static func unpack(_ s: Ref, _ n: Int, _ sp: StackRef) -> Bool {
    if s.isExactly(Types.list) && s.size == n {
      for i in 0..<n { (sp + (n - 1 - i)).pointee = newRef(gila_list_items(s)![i]!) }
      return true
    }
    guard let it = PyObject_GetIter(s) else {
      if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 && s.type.pointee.tp_iter == nil
        && PySequence_Check(s) == 0
      {
        PyErr_Clear()
        _ = typeError("cannot unpack non-iterable \(typeName(of: s)) object")
      }
      return false
    }
    defer { gila_decref(it) }
    var got = 0
    while got < n {
      guard let v = PyIter_Next(it) else {
        let failed = errorIsSet
        for i in 0..<got { gila_decref((sp + (n - 1 - i)).pointee!) }
        if !failed { _ = valueError("not enough values to unpack (expected \(n), got \(got))") }
        return false
      }
      (sp + (n - 1 - got)).pointee = v
      got += 1
    }
    let more = PyIter_Next(it)
    if more == nil && !errorIsSet { return true }
    for i in 0..<got { gila_decref((sp + (n - 1 - i)).pointee!) }
    if let more {
      gila_decref(more)
      _ = valueError("too many values to unpack (expected \(n))")
    }
    return false
  }
  /// `a, *b, c = s`: stores `before`, a list, `after`, last first.
  @inline(never) static func unpackStarred(_ s: Ref, _ before: Int, _ after: Int, _ sp: StackRef) -> Bool {
    guard let it = PyObject_GetIter(s) else {
      if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 && s.type.pointee.tp_iter == nil
        && PySequence_Check(s) == 0
      {
        PyErr_Clear()
        _ = typeError("cannot unpack non-iterable \(typeName(of: s)) object")
      }
      return false
    }
    defer { gila_decref(it) }
    let total = before + 1 + after
    var stored = 0
    func fail() -> Bool {
      for i in 0..<stored { gila_decref((sp + (total - 1 - i)).pointee!) }
      return false
    }
    while stored < before {
      guard let v = PyIter_Next(it) else {
        if !errorIsSet {
          _ = valueError(
            after == 0
              ? "not enough values to unpack (expected at least \(before), got \(stored))"
              : "not enough values to unpack (expected at least \(before + after), got \(stored))")
        }
        return fail()
      }
      (sp + (total - 1 - stored)).pointee = v
      stored += 1
    }
    guard let list = PySequence_List(it) else { return fail() }
    let n = list.size
    if n < after {
      gila_decref(list)
      _ = valueError("not enough values to unpack (expected at least \(before + after), got \(before + n))")
      return fail()
    }
    (sp + (total - 1 - stored)).pointee = list
    for i in 0..<after { (sp + (after - 1 - i)).pointee = newRef(gila_list_items(list)![n - after + i]!) }
    if after > 0 && PyList_SetSlice(list, n - after, n, nil) < 0 { PyErr_Clear() }
    return true
  }
}
