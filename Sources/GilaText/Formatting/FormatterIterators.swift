// What the _string module offers to string.Formatter: the parsers of templates and field names as iterators.

import CGila
import GilaAlgorithms
import GilaCore

/// Layout of both iterators: object head, the str at 16, position at 24, end at 32.
extension UnsafeMutablePointer where Pointee == PyObject {
  fileprivate var text: UnsafeMutablePointer<Ref?> { (raw + 16).assumingMemoryBound(to: Ref?.self) }
  fileprivate var position: Int {
    get { raw.load(fromByteOffset: 24, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 24, as: Int.self) }
  }
  fileprivate var end: Int {
    get { raw.load(fromByteOffset: 32, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 32, as: Int.self) }
  }
}

private func makeIterator(_ type: TypeRef, _ s: Ref, _ start: Int, _ end: Int) throws(PyError) -> Owned {
  let it = try owned(PyType_GenericAlloc(type, 0))
  it.ref.text.pointee = newRef(s)
  it.ref.position = start
  it.ref.end = end
  return it
}

private func partText(_ s: Ref, _ part: Part) throws(PyError) -> Ref {
  part.isEmpty ? gila_empty_str() : try owned(substring(s, part.start, part.end)).take()
}

private func nextItem(_ it: Ref) throws(PyError) -> Owned? {
  guard let s = it.text.pointee else { return nil }
  var parser = TemplateParser(text: s.chars, position: it.position, end: it.end)
  guard let item = try parser.next() else { return nil }
  it.position = parser.position
  let tuple = try owned(PyTuple_New(4))
  PyTuple_SetItem(tuple.ref, 0, try partText(s, item.literal))
  PyTuple_SetItem(tuple.ref, 1, item.hasField ? try partText(s, item.name) : none)
  PyTuple_SetItem(tuple.ref, 2, item.hasField ? try partText(s, item.spec) : none)
  PyTuple_SetItem(
    tuple.ref, 3, item.conversion == 0 ? none : try owned(newCharacter(item.conversion)).take())
  return tuple
}

private func nextStep(_ it: Ref) throws(PyError) -> Owned? {
  guard let s = it.text.pointee else { return nil }
  var parser = FieldNameParser(text: s.chars, position: it.position, end: it.end)
  guard let step = try parser.next() else { return nil }
  it.position = parser.position
  let tuple = try owned(PyTuple_New(2))
  PyTuple_SetItem(tuple.ref, 0, pyBool(step.isAttribute))
  if let index = step.index {
    PyTuple_SetItem(tuple.ref, 1, try owned(PyLong_FromSsize_t(index)).take())
  } else {
    PyTuple_SetItem(tuple.ref, 1, try partText(s, step.name))
  }
  return tuple
}

@c @implementation public func gila_formatter_parser(_ s: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    if !s.isUnicode { throw typeError("expected str, got \(typeName(of: s))") }
    return try makeIterator(Types.formatterIter, s, 0, s.strLength)
  }
}

@c @implementation public func gila_formatter_field_name_split(_ s: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    if !s.isUnicode { throw typeError("expected str, got \(typeName(of: s))") }
    let first = FieldNameParser.firstPart(s.chars, Part(start: 0, end: s.strLength))
    let tuple = try owned(PyTuple_New(2))
    if let index = try templateInteger(s.chars, first) {
      PyTuple_SetItem(tuple.ref, 0, try owned(PyLong_FromSsize_t(index)).take())
    } else {
      PyTuple_SetItem(tuple.ref, 0, try partText(s, first))
    }
    PyTuple_SetItem(tuple.ref, 1, try makeIterator(Types.fieldNameIter, s, first.end, s.strLength).take())
    return tuple
  }
}

enum FormatterIteratorTypes {
  static func install() {
    define(Types.formatterIter, "formatteriterator") { me in
      do throws(PyError) { return try nextItem(me!)?.take() } catch { return nil }
    }
    define(Types.fieldNameIter, "fieldnameiterator") { me in
      do throws(PyError) { return try nextStep(me!)?.take() } catch { return nil }
    }
  }

  private static func define(_ t: TypeRef, _ name: StaticString, _ next: @escaping @convention(c) (Ref?) -> Ref?) {
    t.define(name, basicSize: 40)
    t.pointee.tp_dealloc = { me in
      xdecref(me!.text.pointee)
      PyObject_Free(me)
    }
    t.pointee.tp_iter = { newRef($0!) }
    t.pointee.tp_iternext = next
  }
}
