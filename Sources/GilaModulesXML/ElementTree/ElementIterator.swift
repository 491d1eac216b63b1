// iter() and itertext(): the elements below one in document order, or their texts.

import CGila
import GilaCore
import GilaModuleSupport

/// Words: 0 root that was not yet visited, 1 tag wanted, 2 stack (a list of elements), then plain words: 3 the
/// positions within the elements of the stack (an array), 4 its capacity, 5 whether texts are wanted.
enum ElementIterator {
  nonisolated(unsafe) static var type: TypeRef! = nil
  private typealias Positions = UnsafeMutablePointer<Int>

  static func make(_ root: Ref, tag: Ref, texts: Bool) throws(PyError) -> Owned {
    let r = try owned(PyType_GenericAlloc(type, 0))
    r.ref.word(0).pointee = newRef(root)
    let any = tag.isUnicode && PyUnicode_EqualToUTF8(tag, "*") != 0
    r.ref.word(1).pointee = newRef(any ? none : tag)
    r.ref.word(2).pointee = try owned(PyList_New(0)).take()
    (r.ref.raw + 16 + 5 * 8).storeBytes(of: texts ? 1 : 0, as: Int.self)
    return r
  }
  private static func positions(_ r: Ref) -> UnsafeMutablePointer<Positions?> {
    (r.raw + 16 + 3 * 8).assumingMemoryBound(to: Positions?.self)
  }
  private static func push(_ r: Ref, _ element: Ref) throws(PyError) {
    let stack = r.word(2).pointee!
    let depth = stack.size
    let capacity = (r.raw + 16 + 4 * 8).load(as: Int.self)
    if depth == capacity {
      let grown = Positions.allocate(capacity: max(8, capacity * 2))
      if let old = positions(r).pointee {
        grown.update(from: old, count: depth)
        old.deallocate()
      }
      positions(r).pointee = grown
      (r.raw + 16 + 4 * 8).storeBytes(of: max(8, capacity * 2), as: Int.self)
    }
    try check(PyList_Append(stack, element))
    positions(r).pointee![depth] = 0
  }
  private static func matches(_ r: Ref, _ element: Ref) throws(PyError) -> Bool {
    let wanted = r.word(1).pointee ?? none
    if wanted == none { return true }
    let tag = Owned(retaining: element.word(0).pointee ?? none)
    if tag.ref == wanted { return true }
    return try check(PyObject_RichCompareBool(tag.ref, wanted, Py_EQ)) != 0
  }
  /// A text worth handing out, or nil.
  private static func text(_ r: Ref?) throws(PyError) -> Owned? {
    guard let r, r != none else { return nil }
    let held = Owned(retaining: r)
    if try truth(held.ref) { return held }
    return nil
  }

  static func next(_ r: Ref) throws(PyError) -> Owned? {
    let texts = (r.raw + 16 + 5 * 8).load(as: Int.self) != 0
    while true {
      let element: Owned
      if let root = r.word(0).pointee {
        r.word(0).pointee = nil
        element = Owned(taking: root)
      } else {
        guard let stack = r.word(2).pointee, stack.size > 0 else { return nil }
        let depth = stack.size - 1
        let parent = Owned(retaining: gila_list_items(stack)![depth]!)
        let at = positions(r).pointee![depth]
        guard let child = Element.child(parent.ref, at) else {
          // The stack is nobody else's: its reference goes without the list's own ways.
          stack.size = depth
          decref(parent.ref)
          // The root's tail is outside.
          if texts, depth > 0, let tail = try text(parent.ref.word(2).pointee) { return tail }
          continue
        }
        positions(r).pointee![depth] = at + 1
        element = Owned(retaining: child)
      }
      try Element.expectChild(element.ref)
      try push(r, element.ref)
      if texts {
        if let t = try text(element.ref.word(1).pointee) { return t }
      } else if try matches(r, element.ref) {
        return element
      }
    }
  }

  static func install() {
    let t = newStaticType()
    t.define("_elementtree._element_iterator", basicSize: 16 + 6 * 8, flags: UInt(Py_TPFLAGS_HAVE_GC))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_iter = { newRef($0!) }
    t.pointee.tp_iternext = { r in
      do throws(PyError) {
        guard let found = try ElementIterator.next(r!) else { return nil }
        return found.take()
      } catch { return nil }
    }
    t.pointee.tp_dealloc = { r in
      ElementIterator.positions(r!).pointee?.deallocate()
      Words.deallocate(r!, 0..<3)
    }
    t.pointee.tp_traverse = { r, f, c in Words.traverse(r!, 0..<3, f, c) }
    t.pointee.tp_clear = { r in Words.clear(r!, 0..<3) }
    type = t
  }
}
extension Element {
  /// Children of an element are elements; a subclass may have been given another base meanwhile.
  static func expectChild(_ r: Ref) throws(PyError) {
    if !isElement(r) { throw raise(Exc.AttributeError, "'\(typeName(of: r))' object has no attribute 'iter'") }
  }
}
