// Struct sequences of a module: made once per interpreter, kept in a slot, never freed.

import CGila
import GilaCore

/// The description of a struct sequence: places in order, the first `visible` of them items of the tuple.
struct StructDescription {
  let name: StaticString
  let doc: StaticString
  let visible: Int
  /// Name and doc; the name `-` stands for a place without a name.
  let fields: [(StaticString, StaticString)]

  /// A new type of this form.
  func makeType() throws(PyError) -> Owned {
    // The type keeps the names, so they live as long as the process.
    let places = UnsafeMutablePointer<PyStructSequence_Field>.allocate(capacity: fields.count + 1)
    for (i, f) in fields.enumerated() {
      let unnamed = f.0.utf8CodeUnitCount == 1
      (places + i).initialize(
        to: PyStructSequence_Field(
          name: unnamed ? gila_unnamed_field() : cString(f.0), doc: f.1.utf8CodeUnitCount == 0 ? nil : cString(f.1)))
    }
    (places + fields.count).initialize(to: PyStructSequence_Field(name: nil, doc: nil))
    var description = PyStructSequence_Desc(
      name: cString(name), doc: doc.utf8CodeUnitCount == 0 ? nil : cString(doc), fields: places,
      n_in_sequence: Int32(visible))
    let type = newStaticType()
    try check(PyStructSequence_InitType2(type, &description))
    return Owned(retaining: type.object)
  }

  /// The interpreter's type, made on first use; added to the module under the last part of its name.
  func add(to module: Ref, _ slot: InterpreterSlot, as shortName: StaticString) throws(PyError) {
    if slot.object == nil { slot.set(try makeType()) }
    if let type = slot.object { try GilaCore.add(module, shortName, type) }
  }
}

/// A struct sequence under construction: values in the order of its places.
struct StructValue: ~Copyable {
  private let object: Owned
  private var next = 0

  init(_ slot: InterpreterSlot) throws(PyError) {
    guard let type = slot.object else { throw systemError("the module of a struct sequence is not initialized") }
    object = try owned(PyStructSequence_New(type.asType))
  }
  mutating func add(_ value: consuming Owned) {
    PyStructSequence_SetItem(object.ref, next, value.take())
    next += 1
  }
  consuming func finish() -> Owned { Owned(retaining: object.ref) }
}
