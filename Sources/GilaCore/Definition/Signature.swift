import CGila
import Glibc

/// A Python signature that binds vectorcall arguments to parameters, written as Python shows it:
/// `Signature("sort", "(*, key=None, reverse=False)")`. Only names, `/`, `*` and whether a default exists matter; the
/// values of defaults are the function's business.
///
/// Errors are CPython's texts for functions in C.
public final class Signature: @unchecked Sendable {
  public static let capacity = 20

  let function: String
  let names: [String]
  let positionalOnly: Int
  let positional: Int
  let required: [Bool]
  let requiredPositional: Int

  public init(_ function: String, _ parameters: StaticString) {
    self.function = function
    var names: [String] = [], required: [Bool] = [], positionalOnly = 0
    var positional: Int? = nil
    // Bytes, not characters: hundreds of signatures are read at start-up.
    parameters.withUTF8Buffer { text in
      let end = text.last == UInt8(ascii: ")") ? text.count - 1 : text.count
      var at = text.first == UInt8(ascii: "(") ? 1 : 0
      while at < end {
        let next = text[at..<end].firstIndex(of: UInt8(ascii: ",")) ?? end
        while at < next, text[at] <= 32 { at += 1 }
        let item = UnsafeBufferPointer(rebasing: text[at..<next])
        at = next + 1
        switch item.first {
        case nil, UInt8(ascii: "$"): continue
        case UInt8(ascii: "/"): positionalOnly = names.count
        case UInt8(ascii: "*") where item.count == 1: positional = names.count
        default:
          let length = item.firstIndex { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") || $0 == 32 } ?? item.count
          names.append(String(decoding: item[..<length], as: UTF8.self))
          required.append(!item.contains(UInt8(ascii: "=")))
        }
      }
    }
    self.names = names
    self.required = required
    self.positionalOnly = positionalOnly
    self.positional = positional ?? names.count
    requiredPositional = required.prefix(self.positional).count { $0 }
  }

  /// Arguments in the order of the parameters, borrowed; nil where none was given.
  public typealias Bound = InlineArray<20, Ref?>

  /// Binds the arguments of a vectorcall.
  public func bind(_ arguments: ArgumentVector?, _ count: Int, _ keywordNames: Ref?) throws(PyError) -> Bound {
    var bound = Bound(repeating: nil)
    let given = count & Int.max
    let keywordCount = keywordNames.map { $0.size } ?? 0
    if given > positional || given &+ keywordCount > names.count { throw tooMany(given, keywordCount) }
    for i in 0..<given { bound[unchecked: i] = arguments.unsafelyUnwrapped[i] }
    var unknown: Ref? = nil
    if let keywordNames {
      let items = gila_tuple_items(keywordNames)
      for k in 0..<keywordCount {
        let name = items[k].unsafelyUnwrapped
        if try !place(name, arguments.unsafelyUnwrapped[given &+ k], &bound, given) { unknown = unknown ?? name }
      }
    }
    try requireAll(bound, given)
    if let unknown { throw unexpected(unknown) }
    return bound
  }
  /// Binds an argument tuple and an optional dict, as `tp_new` and `tp_init` get them.
  public func bind(tuple: Ref?, dict: Ref?) throws(PyError) -> Bound {
    var bound = Bound(repeating: nil)
    let given = tuple.map { $0.size } ?? 0
    let keywordCount = dict.map { PyDict_Size($0) } ?? 0
    if given > positional || given &+ keywordCount > names.count { throw tooMany(given, keywordCount) }
    if let tuple {
      let items = gila_tuple_items(tuple)
      for i in 0..<given { bound[unchecked: i] = items[i] }
    }
    var unknown: Ref? = nil
    if let dict, keywordCount > 0 {
      var position = 0
      var key: Ref? = nil, value: Ref? = nil
      while PyDict_Next(dict, &position, &key, &value) != 0 {
        guard key!.isUnicode else { throw typeError("keywords must be strings") }
        if try !place(key!, value, &bound, given) { unknown = unknown ?? key }
      }
    }
    try requireAll(bound, given)
    if let unknown { throw unexpected(unknown) }
    return bound
  }

  /// False if there is no parameter of that name.
  private func place(_ name: Ref, _ value: Ref?, _ bound: inout Bound, _ given: Int) throws(PyError) -> Bool {
    for i in positionalOnly..<names.count where isName(name, i) {
      if i < given {
        throw typeError("argument for \(function)() given by name ('\(names[i])') and position (\(i + 1))")
      }
      bound[i] = value
      return true
    }
    if positionalOnly == names.count && positional == names.count {
      throw typeError("\(function)() takes no keyword arguments")
    }
    return false
  }
  /// The error of a keyword that is no parameter, with the parameter that may have been meant.
  @inline(never) private func unexpected(_ name: Ref) -> PyError {
    let message = "\(function)() got an unexpected keyword argument '\(swiftString(name))'"
    do throws(PyError) {
      let candidates = try owned(PyList_New(0))
      for known in names[positionalOnly...] {
        let text = try string(known)
        try check(PyList_Append(candidates.ref, text.ref))
      }
      let best = try owned(gila_suggestion(candidates.ref, name))
      if best.ref.isUnicode { return typeError("\(message). Did you mean '\(swiftString(best.ref))'?") }
      return typeError(message)
    } catch { return error }
  }
  /// Whether a keyword is the name of a parameter. Names are ASCII.
  @inline(__always) private func isName(_ key: Ref, _ i: Int) -> Bool {
    // The bits of a compact ASCII str.
    guard key.raw.load(fromByteOffset: 32, as: UInt32.self) & 0x60 == 0x60 else {
      return PyUnicode_EqualToUTF8(key, names[i]) != 0
    }
    let n = key.raw.load(fromByteOffset: 16, as: Int.self)
    var own = names[i]
    return own.withUTF8 { $0.count == n && memcmp($0.baseAddress.unsafelyUnwrapped, key.raw + 40, n) == 0 }
  }
  private func requireAll(_ bound: Bound, _ given: Int) throws(PyError) {
    // The positional ones are there.
    for i in min(given, names.count)..<names.count where required[i] && bound[i] == nil {
      if i < positionalOnly || (positionalOnly > 0 && i < positionalOnly) {
        let few = requiredPositional < positional ? "at least" : "exactly"
        throw typeError(
          "\(function)() takes \(few) \(requiredPositional) positional argument\(requiredPositional == 1 ? "" : "s") (\(given) given)"
        )
      }
      throw typeError("\(function)() missing required argument '\(names[i])' (pos \(i + 1))")
    }
  }
  @inline(never) private func tooMany(_ given: Int, _ keywords: Int) -> PyError {
    if names.isEmpty && keywords == 0 { return typeError("\(function)() takes no arguments (\(given) given)") }
    if positionalOnly == names.count && positional == names.count && keywords > 0 {
      return typeError("\(function)() takes no keyword arguments")
    }
    let total = given &+ keywords, count = names.count
    if total > count && positionalOnly < count {
      let kind = given == 0 ? "keyword " : ""
      return typeError("\(function)() takes at most \(count) \(kind)argument\(count == 1 ? "" : "s") (\(total) given)")
    }
    if positional == 0 { return typeError("\(function)() takes no positional arguments") }
    let most = requiredPositional == positional ? "exactly" : "at most"
    return typeError(
      "\(function)() takes \(most) \(positional) positional argument\(positional == 1 ? "" : "s") (\(given) given)")
  }
}

/// Checks the number of positional arguments as CPython's `_PyArg_CheckPositional` does.
@inlinable @inline(__always)
public func checkCount(_ name: StaticString, _ count: Int, _ least: Int, _ most: Int) throws(PyError) {
  if count < least || count > most { throw wrongCount(name, count, least, most) }
}
@inline(never) @usableFromInline
func wrongCount(_ name: StaticString, _ count: Int, _ least: Int, _ most: Int) -> PyError {
  let bound = count < least ? least : most
  let word = least == most ? "" : count < least ? "at least " : "at most "
  return typeError("\(name) expected \(word)\(bound) argument\(bound == 1 ? "" : "s"), got \(count)")
}
/// TypeError when a function without keywords got some.
public func rejectKeywords(_ name: StaticString, _ dict: Ref?) throws(PyError) {
  if let dict, PyDict_Size(dict) > 0 { throw typeError("\(name)() takes no keyword arguments") }
}

/// An index argument (`__index__`), as a C ssize_t; OverflowError if it does not fit.
public func sizeArgument(_ r: Ref) throws(PyError) -> Int {
  let n = PyNumber_AsSsize_t(r, Exc.OverflowError.object)
  if n == -1 && errorIsSet { throw PyError() }
  return n
}
/// An argument converted to C int with CPython's overflow messages.
public func intArgument(_ r: Ref) throws(PyError) -> Int32 {
  let n = PyLong_AsLong(r)
  if n == -1 && errorIsSet { throw PyError() }
  if n > Int(Int32.max) { throw overflowError("signed integer is greater than maximum") }
  if n < Int(Int32.min) { throw overflowError("signed integer is less than minimum") }
  return Int32(n)
}
/// The truth of an argument.
public func truth(_ r: Ref) throws(PyError) -> Bool {
  if r == gila_true() { return true }
  if r == gila_false() || r == gila_none() { return false }
  return try check(PyObject_IsTrue(r)) != 0
}
