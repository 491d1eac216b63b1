// What a ctypes instance keeps alive: `_objects`.
//
// The instance that owns the memory holds, by place, the objects that its memory refers to. A place is the index of a
// field or item, behind it the indexes of the instances it is a part of: item 0 of field 2 is "0:2". An instance
// without parts, such as a c_char_p, holds its one object itself.

import CFFI
import CGila
import GilaCore

extension CData {
  /// The instance whose memory this is a part of, or this one.
  var owner: CData {
    var d = self
    while let b = d.base, let next = CDataObjects.data(b) { d = next }
    return d
  }

  /// What the owner of the memory keeps (borrowed): a dict, or None or an object for instances without parts.
  func keptObjects() throws(PyError) -> Ref {
    let root = owner
    if let kept = root.kept { return kept }
    let made = root.info.parts > 0 ? try owned(PyDict_New()) : noneOwned()
    let r = made.take()
    root.kept = r
    return r
  }

  /// Keeps an object alive for a place of this instance; a later object for the same place replaces it.
  func keep(_ r: Ref?, at index: Int) throws(PyError) {
    guard let r, r != none else { return }
    let held = try keptObjects()
    guard held.isExactly(Types.dict) else {
      let root = owner
      root.kept = newRef(r)
      decref(held)
      return
    }
    func text(_ index: Int) -> String { String(UInt32(truncatingIfNeeded: index), radix: 16) }
    var place = text(index)
    var d = self
    while let b = d.base, let next = CDataObjects.data(b) {
      place += ":" + text(d.index)
      d = next
    }
    let key = try string(place)
    try check(PyDict_SetItem(held, key.ref, r))
  }

  /// What must be kept by somebody who copies this instance's memory (borrowed).
  func keptByCopies(_ me: Ref) throws(PyError) -> Ref {
    // The code of a callback belongs to the function object itself.
    info.kind == .function ? me : try keptObjects()
  }
}

extension CTypeInfo {
  /// How many places an instance has that refer to objects.
  var parts: Int {
    switch kind {
    case .simple: 0
    case .pointer, .function: 1
    case .array: length
    case .structure, .union: fields.count
    }
  }
  /// Whether instances contain addresses, which mean nothing to another process.
  var hasPointers: Bool {
    switch kind {
    case .pointer, .function: true
    case .simple: "PzZO".utf8.contains(code)
    case .array: item.flatMap { CTypeInfo.find($0)?.hasPointers } ?? false
    case .structure, .union: fields.contains { CTypeInfo.find($0.type)?.hasPointers ?? false }
    }
  }
}
