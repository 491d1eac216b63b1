// The type xml.etree.ElementTree.Element.

import CGila
import GilaCore
import GilaModuleSupport

enum ElementType {
  private static let getFunction = Function("get", "($self, /, key, default=None)")
  private static let findFunction = Function("find", "($self, /, path, namespaces=None)")
  private static let textFunction = Function("findtext", "($self, /, path, default=None, namespaces=None)")
  private static let allFunction = Function("findall", "($self, /, path, namespaces=None)")
  private static let lazyFunction = Function("iterfind", "($self, /, path, namespaces=None)")
  private static let iterFunction = Function("iter", "($self, /, tag=None)")

  static func install() {
    if Element.type != nil { return }
    let t = newStaticType()
    t.define(
      "xml.etree.ElementTree.Element", basicSize: 16 + 6 * 8,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE))
    t.pointee.tp_weaklistoffset = 16 + 5 * 8
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_setattro = PyObject_GenericSetAttr
    t.pointee.tp_new = { type, _, _ in
      guard let r = PyType_GenericAlloc(type, 0) else { return nil }
      for i in 0..<3 { r.word(i).pointee = newRef(none) }
      return r
    }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in try Element.initialize(r!, args!, kwargs) }
    }
    t.pointee.tp_dealloc = { r in
      Words.deallocate(r!, Element.references, weakList: 5)
    }
    t.pointee.tp_traverse = { r, f, c in Words.traverse(r!, Element.references, f, c) }
    t.pointee.tp_clear = { r in Words.clear(r!, Element.references) }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let entered = Py_ReprEnter(r)
        if entered < 0 { throw PyError() }
        if entered > 0 { throw runtimeError("reentrant call inside \(typeName(of: r!)).__repr__") }
        defer { Py_ReprLeave(r) }
        let tag = Owned(retaining: r!.word(0).pointee ?? none)
        let address = String(UInt(bitPattern: r!.raw), radix: 16)
        return try string("<Element \(try reprText(tag.ref)) at 0x\(address)>")
      }
    }
    t.number.pointee.nb_bool = { r in
      bridgeBool { () throws(PyError) in
        try check(
          PyErr_WarnEx(
            Exc.DeprecationWarning.object,
            "Testing an element's truth value will always return True in future versions.  Use specific 'len(elem)' or 'elem is not None' test instead.",
            1))
        return Element.count(r!) > 0
      }
    }
    t.sequence.pointee.sq_length = { Element.count($0!) }
    t.sequence.pointee.sq_item = { r, i in bridge { () throws(PyError) in try ElementSequence.item(r!, i) } }
    t.sequence.pointee.sq_ass_item = { r, i, v in
      bridgeStatus { () throws(PyError) in try ElementSequence.assign(r!, at: i, v) }
    }
    t.mapping.pointee.mp_length = { Element.count($0!) }
    t.mapping.pointee.mp_subscript = { r, k in
      bridge { () throws(PyError) in try ElementSequence.subscripted(r!, k!) }
    }
    t.mapping.pointee.mp_ass_subscript = { r, k, v in
      bridgeStatus { () throws(PyError) in try ElementSequence.assign(r!, k!, v) }
    }
    t.pointee.tp_methods = methods()
    t.pointee.tp_getset = attributes()
    Element.type = t
    ElementIterator.install()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("clear", "($self, /)") { r, _ in
      Words.clear(r!, 3..<5)
      replace(r!.word(1), with: newRef(none))
      replace(r!.word(2), with: newRef(none))
      return none
    }
    m.add(getFunction, "") { r, a, n, k in
      answer(ElementType.getFunction, a, n, k) { (b) throws(PyError) in
        if let d = r!.word(3).pointee {
          let held = Owned(retaining: d)
          if let v = PyDict_GetItemWithError(held.ref, b[0]) { return Owned(retaining: v) }
          if errorIsSet { throw PyError() }
        }
        return Owned(retaining: b[1] ?? none)
      }
    }
    m.positional("set", "($self, key, value, /)") { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("set", n, 2, 2)
        try check(PyDict_SetItem(try Element.attributes(r!), a![0], a![1]))
      }
    }
    m.add(findFunction, "") { r, a, n, k in
      answer(ElementType.findFunction, a, n, k) { (b) throws(PyError) in try ElementSequence.find(r!, b[0]!, b[1]) }
    }
    m.add(textFunction, "") { r, a, n, k in
      answer(ElementType.textFunction, a, n, k) { (b) throws(PyError) in
        try ElementSequence.findText(r!, b[0]!, b[1], b[2])
      }
    }
    m.add(allFunction, "") { r, a, n, k in
      answer(ElementType.allFunction, a, n, k) { (b) throws(PyError) in
        try ElementSequence.findAll(r!, b[0]!, b[1])
      }
    }
    m.one("append", "($self, subelement, /)") { r, c in
      bridgeNone { () throws(PyError) in
        try Element.requireElement(c!, "append() argument 1")
        try Element.append(r!, c!)
      }
    }
    m.one("extend", "($self, elements, /)") { r, c in
      bridgeNone { () throws(PyError) in try ElementSequence.extend(r!, c!) }
    }
    m.positional("insert", "($self, index, subelement, /)") { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("insert", n, 2, 2)
        try ElementSequence.insert(r!, a![0]!, a![1]!)
      }
    }
    m.one("remove", "($self, subelement, /)") { r, c in
      bridgeNone { () throws(PyError) in try ElementSequence.remove(r!, c!) }
    }
    m.add(iterFunction, "") { r, a, n, k in
      answer(ElementType.iterFunction, a, n, k) { (b) throws(PyError) in
        try ElementIterator.make(r!, tag: b[0] ?? none, texts: false)
      }
    }
    m.noArguments("itertext", "($self, /)") { r, _ in
      bridge { () throws(PyError) in try ElementIterator.make(r!, tag: none, texts: true) }
    }
    m.add(lazyFunction, "") { r, a, n, k in
      answer(ElementType.lazyFunction, a, n, k) { (b) throws(PyError) in
        try ElementSequence.elementPath("iterfind", r, b[0], b[1])
      }
    }
    m.noArguments("items", "($self, /)") { r, _ in
      r!.word(3).pointee == nil ? PyList_New(0) : PyDict_Items(r!.word(3).pointee)
    }
    m.noArguments("keys", "($self, /)") { r, _ in
      r!.word(3).pointee == nil ? PyList_New(0) : PyDict_Keys(r!.word(3).pointee)
    }
    m.tupleAndDict("makeelement", "($self, tag, attrib, /)") { _, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("makeelement", kwargs)
        let n = args!.size
        if n != 2 { throw typeError("makeelement() takes exactly 2 positional arguments (\(n) given)") }
        let given = gila_tuple_items(args!)[1]!
        if !given.isDict { throw typeError("makeelement() argument 2 must be dict, not \(Element.describe(given))") }
        let copy = try owned(PyDict_Copy(given))
        return try Element.make(gila_tuple_items(args!)[0]!, copy.ref)
      }
    }
    m.noArguments("__copy__", "($self, /)") { r, _ in bridge { () throws(PyError) in try Element.copy(r!) } }
    m.one("__deepcopy__", "($self, memo, /)") { r, memo in
      bridge { () throws(PyError) in
        if !memo!.isDict { throw typeError("__deepcopy__() argument must be dict, not \(Element.describe(memo!))") }
        return try Element.deepCopy(r!, memo!)
      }
    }
    m.noArguments("__sizeof__", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        let list = r!.word(4).pointee.map { 40 + $0.cast(PyListObject.self).pointee.allocated * 8 } ?? 0
        return try int(Int(r!.type.pointee.tp_basicsize) + list)
      }
    }
    m.noArguments("__getstate__", "($self, /)") { r, _ in bridge { () throws(PyError) in try Element.state(r!) } }
    m.one("__setstate__", "($self, state, /)") { r, d in
      bridgeNone { () throws(PyError) in try Element.setState(r!, d!) }
    }
    return m.build()
  }

  private static func set(_ r: Ref, _ i: Int, _ v: Ref?) -> Int32 {
    bridgeStatus { () throws(PyError) in
      guard let v else { throw raise(Exc.AttributeError, "can't delete element attribute") }
      if i == 3, !v.isDict { throw typeError("attrib must be dict, not \(typeName(of: v))") }
      replace(r.word(i), with: newRef(v))
    }
  }
  private static func attributes() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add("tag", get: { r, _ in newRef(r!.word(0).pointee ?? none) }, set: { r, v, _ in ElementType.set(r!, 0, v) })
    g.add("text", get: { r, _ in newRef(r!.word(1).pointee ?? none) }, set: { r, v, _ in ElementType.set(r!, 1, v) })
    g.add("tail", get: { r, _ in newRef(r!.word(2).pointee ?? none) }, set: { r, v, _ in ElementType.set(r!, 2, v) })
    g.add(
      "attrib", get: { r, _ in bridge { () throws(PyError) in Owned(retaining: try Element.attributes(r!)) } },
      set: { r, v, _ in ElementType.set(r!, 3, v) })
    return g.build()
  }
}
