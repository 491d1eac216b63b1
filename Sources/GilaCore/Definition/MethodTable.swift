import CGila

/// Builds the permanent method table of a builtin type or module, one statement a method.
///
/// Each entry takes the name, the text signature as Python shows it (`"($self, object, /)"`, may be empty), the doc
/// string, and a C function written as a closure without captures.
public struct MethodTable: ~Copyable {
  private var entries: [PyMethodDef] = []
  public init() {}

  public mutating func add(
    _ name: StaticString, _ flags: Int32, _ signature: StaticString, _ doc: StaticString, _ function: PyCFunction?
  ) {
    entries.append(
      PyMethodDef(
        ml_name: cString(name), ml_meth: function, ml_flags: flags, ml_doc: documentation(name, signature, doc)))
  }
  /// No arguments: `{ self, _ in … }`.
  public mutating func noArguments(
    _ name: StaticString, _ signature: StaticString = "", _ doc: StaticString = "", flags: Int32 = 0,
    _ f: @convention(c) (Ref?, Ref?) -> Ref?
  ) { add(name, METH_NOARGS | flags, signature, doc, f) }
  /// Exactly one positional argument: `{ self, argument in … }`.
  public mutating func one(
    _ name: StaticString, _ signature: StaticString = "", _ doc: StaticString = "", flags: Int32 = 0,
    _ f: @convention(c) (Ref?, Ref?) -> Ref?
  ) { add(name, METH_O | flags, signature, doc, f) }
  /// Positional arguments: `{ self, arguments, count in … }`.
  public mutating func positional(
    _ name: StaticString, _ signature: StaticString = "", _ doc: StaticString = "", flags: Int32 = 0,
    _ f: @convention(c) (Ref?, ArgumentVector?, Int) -> Ref?
  ) { add(name, METH_FASTCALL | flags, signature, doc, unsafeBitCast(f, to: PyCFunction.self)) }
  /// Positional and keyword arguments: `{ self, arguments, count, keywordNames in … }`.
  public mutating func keywords(
    _ name: StaticString, _ signature: StaticString = "", _ doc: StaticString = "", flags: Int32 = 0,
    _ f: @convention(c) (Ref?, ArgumentVector?, Int, Ref?) -> Ref?
  ) { add(name, METH_FASTCALL | METH_KEYWORDS | flags, signature, doc, unsafeBitCast(f, to: PyCFunction.self)) }
  /// An argument tuple and an optional dict: `{ self, tuple, dict in … }`.
  public mutating func tupleAndDict(
    _ name: StaticString, _ signature: StaticString = "", _ doc: StaticString = "", flags: Int32 = 0,
    _ f: @convention(c) (Ref?, Ref?, Ref?) -> Ref?
  ) { add(name, METH_VARARGS | METH_KEYWORDS | flags, signature, doc, unsafeBitCast(f, to: PyCFunction.self)) }

  /// Copies the entries into permanent memory, with the zero entry that ends a table.
  public consuming func build() -> UnsafeMutablePointer<PyMethodDef> { permanent(entries, PyMethodDef()) }
}

/// Builds the permanent table of computed attributes of a type.
public struct GetSetTable: ~Copyable {
  private var entries: [PyGetSetDef] = []
  public init() {}
  public mutating func add(
    _ name: StaticString, _ doc: StaticString = "",
    get: @escaping @convention(c) (Ref?, UnsafeMutableRawPointer?) -> Ref?,
    set: (@convention(c) (Ref?, Ref?, UnsafeMutableRawPointer?) -> Int32)? = nil,
    closure: UnsafeMutableRawPointer? = nil
  ) {
    entries.append(
      PyGetSetDef(
        name: cString(name), get: get, set: set, doc: doc.utf8CodeUnitCount == 0 ? nil : cString(doc), closure: closure)
    )
  }
  public consuming func build() -> UnsafeMutablePointer<PyGetSetDef> { permanent(entries, PyGetSetDef()) }
}

/// Builds the permanent table of attributes stored at fixed offsets.
public struct MemberTable: ~Copyable {
  private var entries: [PyMemberDef] = []
  public init() {}
  /// `type` is a `Py_T_*` code, `flags` may be `Py_READONLY`.
  public mutating func add(
    _ name: StaticString, _ type: Int32, offset: Int, flags: Int32 = Py_READONLY, _ doc: StaticString = ""
  ) {
    entries.append(
      PyMemberDef(
        name: cString(name), type: type, offset: offset, flags: flags,
        doc: doc.utf8CodeUnitCount == 0 ? nil : cString(doc)))
  }
  public consuming func build() -> UnsafeMutablePointer<PyMemberDef> { permanent(entries, PyMemberDef()) }
}

/// The characters of a literal, which live as long as the program.
@inlinable public func cString(_ s: StaticString) -> UnsafePointer<CChar> {
  UnsafeRawPointer(s.utf8Start).assumingMemoryBound(to: CChar.self)
}

private func permanent<T>(_ entries: [T], _ end: T) -> UnsafeMutablePointer<T> {
  let table = UnsafeMutablePointer<T>.allocate(capacity: entries.count + 1)
  table.initialize(from: entries, count: entries.count)
  (table + entries.count).initialize(to: end)
  return table
}

/// A doc string in the form from which `__text_signature__` and `__doc__` are split: name and signature, a line of two
/// dashes, the text.
private func documentation(_ name: StaticString, _ signature: StaticString, _ doc: StaticString) -> UnsafePointer<
  CChar
>? {
  if signature.utf8CodeUnitCount == 0 { return doc.utf8CodeUnitCount == 0 ? nil : cString(doc) }
  let separator: StaticString = "\n--\n\n"
  let parts = [name, signature, separator, doc]
  var total = 1
  for p in parts { total += p.utf8CodeUnitCount }
  let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: total)
  var at = memory
  for p in parts {
    at.update(from: p.utf8Start, count: p.utf8CodeUnitCount)
    at += p.utf8CodeUnitCount
  }
  at.pointee = 0
  return UnsafeRawPointer(memory).assumingMemoryBound(to: CChar.self)
}
