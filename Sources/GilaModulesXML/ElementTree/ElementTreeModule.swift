// The module _elementtree and the type XMLParser.

import CExpat
import CGila
import GilaCore
import GilaModuleSupport

enum ElementTreeModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_elementtree", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try XMLState.objects.prepare()
        ElementType.install()
        TreeBuilderType.install()
        XMLParserType.install()
        try check(PyType_Ready(ElementIterator.type))
        try addType(module!, "Element", Element.type)
        try addType(module!, "TreeBuilder", TreeBuilderType.type)
        try addType(module!, "XMLParser", XMLParserType.type)
        // A second import of the module finds the same class.
        if XMLState.objects[.parseError] == none {
          let error = try owned(PyErr_NewException("xml.etree.ElementTree.ParseError", Exc.SyntaxError.object, nil))
          try XMLState.objects.set(.parseError, error.ref)
        }
        try add(module!, "ParseError", XMLState.objects[.parseError])
      }
    })
  static func parseError() throws(PyError) -> Ref { XMLState.objects[.parseError] }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.tupleAndDict("SubElement") { _, args, kwargs in
      bridge { () throws(PyError) in
        let n = args!.size
        let items = gila_tuple_items(args!)
        if n < 2 {
          throw typeError("SubElement() takes at least 2 arguments (\(n) given)")
        }
        if n > 3 { throw typeError("SubElement() takes at most 3 arguments (\(n) given)") }
        try Element.requireElement(items[0]!, "SubElement() argument 1")
        if n == 3, !items[2]!.isDict {
          throw typeError("SubElement() argument 3 must be dict, not \(Element.describe(items[2]!))")
        }
        let attributes: Ref? =
          n == 3 || kwargs != nil ? try Element.gather(n == 3 ? items[2] : nil, kwargs).take() : nil
        defer { xdecref(attributes) }
        let child = try Element.make(items[1]!, attributes)
        try Element.append(items[0]!, child.ref)
        return child
      }
    }
    m.positional("_set_factories", "($module, comment_factory, pi_factory, /)") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("_set_factories", n, 2, 2)
        let comment = a![0]!, instruction = a![1]!
        if comment != none, PyCallable_Check(comment) == 0 {
          throw typeError("Comment factory must be callable, not \(typeName(of: comment))")
        }
        if instruction != none, PyCallable_Check(instruction) == 0 {
          throw typeError("PI factory must be callable, not \(typeName(of: instruction))")
        }
        let old = try tuple(XMLState.objects[.commentFactory], XMLState.objects[.instructionFactory])
        try XMLState.objects.set(.commentFactory, comment)
        try XMLState.objects.set(.instructionFactory, instruction)
        return old
      }
    }
    return m.build()
  }
}

enum XMLParserType {
  nonisolated(unsafe) static var type: TypeRef! = nil
  private static let signature = Signature("XMLParser", "(*, target=None, encoding=None)")
  private static func state(_ r: Ref) -> XMLParser { Native.state(r) }

  static func install() {
    if type != nil { return }
    let t = Native.makeType("xml.etree.ElementTree.XMLParser", flags: Native.subclassable, collected: true)
    t.pointee.tp_new = { type, _, _ in bridge { () throws(PyError) in try Native.make(type!, XMLParser()) } }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let b = try XMLParserType.signature.bind(tuple: args, dict: kwargs)
        var encoding: UnsafePointer<CChar>? = nil
        if let e = b[1], e != none {
          if !e.isUnicode {
            throw typeError("XMLParser() argument 'encoding' must be str or None, not \(Element.describe(e))")
          }
          encoding = try cText(e, "XMLParser", "argument 'encoding'")
        }
        try XMLParserType.state(r!).configure(r!, target: b[0], encoding: encoding)
      }
    }
    var m = MethodTable()
    m.one("feed", "($self, data, /)") { r, data in
      bridgeNone { () throws(PyError) in try XMLParserType.state(r!).feed(data!) }
    }
    m.noArguments("close", "($self, /)") { r, _ in
      bridge { () throws(PyError) in try XMLParserType.state(r!).close() }
    }
    m.noArguments("flush", "($self, /)") { r, _ in
      // This expat never holds a complete token back.
      bridgeNone { () throws(PyError) in _ = try XMLParserType.state(r!).requireReady() }
    }
    m.one("_parse_whole", "($self, file, /)") { r, file in
      bridge { () throws(PyError) in try XMLParserType.state(r!).parseWhole(file!) }
    }
    m.positional("_setevents", "($self, events_queue, events_to_report=None, /)") { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("_setevents", n, 1, 2)
        try XMLParserType.state(r!).setEvents(a![0]!, n > 1 ? a![1]! : none)
      }
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add("entity", get: { r, _ in newRef(XMLParserType.state(r!).entity ?? none) })
    g.add("target", get: { r, _ in newRef(XMLParserType.state(r!).target ?? none) })
    g.add(
      "version",
      get: { _, _ in
        let v = XML_ExpatVersionInfo()
        return newString("Expat \(v.major).\(v.minor).\(v.micro)")
      })
    t.pointee.tp_getset = g.build()
    type = t
  }
}
