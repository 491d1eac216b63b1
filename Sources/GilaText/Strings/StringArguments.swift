// Reading the arguments of str and bytes methods.

import CGila
import GilaAlgorithms
import GilaCore

/// A slice bound: None means the default, other values need __index__.
public func sliceBound(_ r: Ref?, _ missing: Int) throws(PyError) -> Int {
  guard let r, !r.isNone else { return missing }
  guard PyIndex_Check(r) != 0 else {
    throw typeError("slice indices must be integers or None or have an __index__ method")
  }
  let n = PyNumber_AsSsize_t(r, nil)
  if n == -1, errorIsSet { throw PyError() }
  return n
}

/// The arguments (sub[, start[, end]]).
struct RangeArguments {
  let sub: Ref
  let start: Int
  let end: Int

  @inline(__always)
  init(_ name: StaticString, _ arguments: ArgumentVector?, _ count: Int) throws(PyError) {
    try checkCount(name, count, 1, 3)
    let p = arguments.unsafelyUnwrapped
    sub = p[0].unsafelyUnwrapped
    start = count > 1 ? try sliceBound(p[1], 0) : 0
    end = count > 2 ? try sliceBound(p[2], Int.max) : Int.max
  }
}

/// TypeError for an argument that is no str, in the words of CPython's argument parser.
@inline(never) public func badArgument(_ name: StaticString, _ number: Int, _ expected: String, _ r: Ref) -> PyError {
  let place = number == 0 ? "argument" : "argument \(number)"
  return typeError("\(name)() \(place) must be \(expected), not \(argumentTypeName(r))")
}

/// How the argument parser names the type of a value: None is "None".
public func argumentTypeName(_ r: Ref) -> String { r.isNone ? "None" : typeName(of: r) }

/// A str argument.
@inline(__always) public func stringArgument(_ name: StaticString, _ number: Int, _ r: Ref?) throws(PyError) -> Ref {
  let value = r.unsafelyUnwrapped
  if !value.isUnicode { throw badArgument(name, number, "str", value) }
  return value
}

/// An integer argument (__index__).
public func integerArgument(_ r: Ref) throws(PyError) -> Int {
  let index = try owned(PyNumber_Index(r))
  let n = PyLong_AsSsize_t(index.ref)
  if n == -1, errorIsSet { throw PyError() }
  return n
}

/// A fill character argument.
func fillArgument(_ r: Ref) throws(PyError) -> UInt32 {
  guard r.isUnicode else {
    throw typeError("The fill character must be a unicode character, not \(typeName(of: r))")
  }
  guard r.strLength == 1 else { throw typeError("The fill character must be exactly one character long") }
  return r.chars[0]
}

/// Up to two optional arguments given by position or name: (a=..., b=...).
public func twoArguments(
  _ name: StaticString, _ first: StaticString, _ second: StaticString, _ arguments: ArgumentVector?, _ count: Int,
  _ names: Ref?
) throws(PyError) -> (Ref?, Ref?) {
  let given = count & Int.max
  let named = names.map { $0.size } ?? 0
  if given &+ named > 2 {
    throw typeError(
      "\(name)() takes at most 2 \(named > 0 && given == 0 ? "keyword " : "")arguments (\(given &+ named) given)")
  }
  var a: Ref? = given > 0 ? arguments.unsafelyUnwrapped[0] : nil
  var b: Ref? = given > 1 ? arguments.unsafelyUnwrapped[1] : nil
  guard let names else { return (a, b) }
  for k in 0..<named {
    let key = PyTuple_GetItem(names, k).unsafelyUnwrapped
    let value = arguments.unsafelyUnwrapped[given &+ k]
    if _PyUnicode_EqualToASCIIString(key, cString(first)) != 0 {
      if a != nil { throw typeError("argument for \(name)() given by name ('\(first)') and position (1)") }
      a = value
    } else if _PyUnicode_EqualToASCIIString(key, cString(second)) != 0 {
      if b != nil { throw typeError("argument for \(name)() given by name ('\(second)') and position (2)") }
      b = value
    } else {
      throw typeError("\(name)() got an unexpected keyword argument '\(swiftString(key))'")
    }
  }
  return (a, b)
}
