// A function with named parameters: its text signature, written once, is what Python shows and what binds arguments.

import CGila
import CGilaSystem
import GilaCore

/// Name and parameters of a module's function; a constant beside the table of methods that uses it.
final class Function: Sendable {
  let name: StaticString
  let text: StaticString
  let signature: Signature

  init(_ name: StaticString, _ text: StaticString) {
    self.name = name
    self.text = text
    signature = Signature(name.description, text)
  }
}

extension MethodTable {
  mutating func add(
    _ f: Function, _ doc: StaticString, flags: Int32 = 0,
    _ body: @convention(c) (Ref?, ArgumentVector?, Int, Ref?) -> Ref?
  ) { keywords(f.name, f.text, doc, flags: flags, body) }
}

/// Binds a call's arguments and returns what `body` makes of them.
@inline(__always)
func answer(
  _ f: Function, _ a: ArgumentVector?, _ n: Int, _ names: Ref?, _ body: (Arguments) throws(PyError) -> Owned
) -> Ref? {
  do throws(PyError) { return try body(Arguments(f, f.signature.bind(a, n, names))).take() } catch { return nil }
}
/// The same for a function that returns None.
@inline(__always)
func perform(
  _ f: Function, _ a: ArgumentVector?, _ n: Int, _ names: Ref?, _ body: (Arguments) throws(PyError) -> Void
) -> Ref? {
  do throws(PyError) {
    try body(Arguments(f, f.signature.bind(a, n, names)))
    return none
  } catch { return nil }
}

/// The bound arguments of a call, converted one by one as CPython converts them.
struct Arguments {
  let function: Function
  let bound: Signature.Bound

  init(_ function: Function, _ bound: Signature.Bound) {
    self.function = function
    self.bound = bound
  }

  /// The argument as it is (borrowed), nil when there is none.
  subscript(_ i: Int) -> Ref? { bound[i] }
  /// A required argument.
  func object(_ i: Int) -> Ref { bound[i].unsafelyUnwrapped }

  /// A C int.
  func int(_ i: Int) throws(PyError) -> Int32 { try cInt(object(i)) }
  func int(_ i: Int, _ missing: Int32) throws(PyError) -> Int32 {
    if let r = bound[i] { return try cInt(r) }
    return missing
  }
  /// A C long or long long.
  func long(_ i: Int) throws(PyError) -> Int { try cLong(object(i)) }
  /// A C ssize_t.
  func size(_ i: Int) throws(PyError) -> Int { try cSize(object(i)) }
  /// Whether an argument is true.
  func flag(_ i: Int, _ missing: Bool) throws(PyError) -> Bool {
    if let r = bound[i] { return try truth(r) }
    return missing
  }
  /// Anything with a file descriptor: an int, or an object with `fileno()`.
  func file(_ i: Int) throws(PyError) -> Int32 { try fileDescriptor(object(i)) }
  /// `dir_fd`: the descriptor of a directory, or the current directory.
  func directory(_ i: Int) throws(PyError) -> Int32 {
    guard let r = bound[i], !r.isNone else { return currentDirectory }
    return try descriptorNumber(r)
  }
  func path(_ i: Int, _ name: StaticString = "path", nullable: Bool = false, descriptor: Bool = false) throws(PyError)
    -> Path
  {
    try Path(function.name, name, bound[i], nullable: nullable, descriptor: descriptor)
  }
}
