import CGila
import GilaCore

// Binding the arguments of a call to a function's parameters, with CPython's errors.
extension Function {
  /// Stores arguments (borrowed) as owned locals. `locals` has room for all of them and starts empty.
  static func bind(
    _ f: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?, _ locals: UnsafeMutablePointer<Ref?>
  ) throws(PyError) {
    let c = code(f)
    let argCount = Int(c.pointee.co_argcount), kwOnly = Int(c.pointee.co_kwonlyargcount)
    let flags = c.pointee.co_flags
    let total = argCount + kwOnly
    let direct = min(n, argCount)
    for i in 0..<direct { locals[i] = newRef(args.unsafelyUnwrapped[i].unsafelyUnwrapped) }
    if flags & 0x4 != 0 {
      let rest = try owned(PyTuple_New(max(n - argCount, 0)))
      for i in 0..<max(n - argCount, 0) { gila_tuple_items(rest.ref)[i] = newRef(args![argCount + i]!) }
      locals[total] = rest.take()
    }
    let kwSlot = total + (flags & 0x4 != 0 ? 1 : 0)
    if flags & 0x8 != 0 { locals[kwSlot] = try owned(PyDict_New()).take() }
    if let names { try bindKeywords(f, c, args, n, names, locals, flags & 0x8 != 0 ? locals[kwSlot] : nil) }
    if n > argCount && flags & 0x4 == 0 { throw tooMany(f, n, locals) }
    if n < argCount {
      let defaults = object(f).pointee.func_defaults
      let m = argCount - (defaults?.size ?? 0)
      var missing: [Int] = []
      for i in n..<max(m, n) where locals[i] == nil { missing.append(i) }
      if !missing.isEmpty { throw tooFew(f, missing, "positional") }
      if let defaults {
        for i in max(n, m)..<argCount where locals[i] == nil {
          locals[i] = newRef(gila_tuple_items(defaults)[i - m]!)
        }
      }
    }
    if kwOnly > 0 {
      var missing: [Int] = []
      for i in argCount..<total where locals[i] == nil {
        let name = gila_tuple_items(c.pointee.co_localsplusnames!)[i]!
        if let d = object(f).pointee.func_kwdefaults, let v = PyDict_GetItemWithError(d, name) {
          locals[i] = newRef(v)
        } else if errorIsSet {
          throw PyError()
        } else {
          missing.append(i)
        }
      }
      if !missing.isEmpty { throw tooFew(f, missing, "keyword-only") }
    }
  }
  private static func bindKeywords(
    _ f: Ref, _ c: CodeRef, _ args: ArgumentVector?, _ n: Int, _ names: Ref, _ locals: UnsafeMutablePointer<Ref?>,
    _ rest: Ref?
  ) throws(PyError) {
    let total = Int(c.pointee.co_argcount) + Int(c.pointee.co_kwonlyargcount)
    let posOnly = Int(c.pointee.co_posonlyargcount)
    let parameters = gila_tuple_items(c.pointee.co_localsplusnames!)
    for k in 0..<names.size {
      let name = gila_tuple_items(names)[k]!, value = args![n + k]!
      var at = -1
      var i = posOnly
      while i < total {
        if parameters[i] == name {
          at = i
          break
        }
        i += 1
      }
      if at < 0 {
        guard name.isUnicode else { throw typeError("\(qualname(f))() keywords must be strings") }
        for j in posOnly..<max(total, posOnly) {
          let r = PyObject_RichCompareBool(name, parameters[j], Py_EQ)
          if r < 0 { throw PyError() }
          if r > 0 {
            at = j
            break
          }
        }
      }
      if at >= 0 {
        if locals[at] != nil {
          throw typeError("\(qualname(f))() got multiple values for argument '\(swiftString(name))'")
        }
        locals[at] = newRef(value)
        continue
      }
      guard let rest else { throw unexpectedKeyword(f, c, names, name) }
      try check(PyDict_SetItem(rest, name, value))
    }
  }
  private static func qualname(_ f: Ref) -> String { swiftString(object(f).pointee.func_qualname) }
  private static func parameter(_ f: Ref, _ i: Int) -> String {
    swiftString(gila_tuple_items(code(f).pointee.co_localsplusnames!)[i]!)
  }
  @inline(never) private static func unexpectedKeyword(_ f: Ref, _ c: CodeRef, _ names: Ref, _ name: Ref) -> PyError {
    let posOnly = Int(c.pointee.co_posonlyargcount)
    var wrong: [String] = []
    for i in 0..<posOnly {
      for k in 0..<names.size
      where sameText(gila_tuple_items(names)[k]!, gila_tuple_items(c.pointee.co_localsplusnames!)[i]!) {
        wrong.append(parameter(f, i))
      }
    }
    if !wrong.isEmpty {
      return typeError(
        "\(qualname(f))() got some positional-only arguments passed as keyword arguments: '\(wrong.joined(separator: ", "))'"
      )
    }
    var text = "\(qualname(f))() got an unexpected keyword argument '\(swiftString(name))'"
    if let candidates = PyList_New(0) {
      for i in posOnly..<Int(c.pointee.co_argcount + c.pointee.co_kwonlyargcount) {
        PyList_Append(candidates, gila_tuple_items(c.pointee.co_localsplusnames!)[i])
      }
      if let best = gila_suggestion(candidates, name) {
        if best != none { text += ". Did you mean '\(swiftString(best))'?" }
        gila_decref(best)
      }
      gila_decref(candidates)
      PyErr_Clear()
    }
    return typeError(text)
  }
  @inline(never) private static func tooFew(_ f: Ref, _ missing: [Int], _ kind: String) -> PyError {
    let quoted = missing.map { "'\(parameter(f, $0))'" }
    let list =
      quoted.count == 1
      ? quoted[0]
      : quoted.count == 2
        ? "\(quoted[0]) and \(quoted[1])" : quoted.dropLast().joined(separator: ", ") + ", and " + quoted.last!
    return typeError(
      "\(qualname(f))() missing \(missing.count) required \(kind) argument\(missing.count == 1 ? "" : "s"): \(list)")
  }
  @inline(never) private static func tooMany(_ f: Ref, _ n: Int, _ locals: UnsafeMutablePointer<Ref?>) -> PyError {
    let c = code(f)
    let argCount = Int(c.pointee.co_argcount)
    let defaults = object(f).pointee.func_defaults?.size ?? 0
    var keywordOnly = 0
    for i in argCount..<(argCount + Int(c.pointee.co_kwonlyargcount)) where locals[i] != nil { keywordOnly += 1 }
    let takes = defaults > 0 ? "from \(argCount - defaults) to \(argCount)" : "\(argCount)"
    let plural = defaults > 0 || argCount != 1 ? "s" : ""
    let given =
      keywordOnly > 0
      ? "\(n) positional argument\(n != 1 ? "s" : "") (and \(keywordOnly) keyword-only argument\(keywordOnly != 1 ? "s" : "")) were given"
      : "\(n) \(n == 1 && keywordOnly == 0 ? "was" : "were") given"
    return typeError("\(qualname(f))() takes \(takes) positional argument\(plural) but \(given)")
  }
}
