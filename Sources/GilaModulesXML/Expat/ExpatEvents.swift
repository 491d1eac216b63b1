// Expat's callbacks: each makes Python arguments of an event and calls the handler.

import CExpat
import CGila
import GilaCore
import GilaModuleSupport
import Glibc

enum ExpatEvents {
  /// Has expat report a kind of event, or not.
  static func install(_ h: ExpatHandler, _ p: OpaquePointer, _ on: Bool) {
    switch h {
    case .startElement: XML_SetStartElementHandler(p, on ? startElement : nil)
    case .endElement:
      XML_SetEndElementHandler(
        p,
        on
          ? { d, name in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.endElement, [s.name(name)])
            }
          } : nil)
    case .processingInstruction:
      XML_SetProcessingInstructionHandler(
        p,
        on
          ? { d, target, data in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.processingInstruction, [s.name(target), ExpatText.decode(data)])
            }
          } : nil)
    case .characterData:
      XML_SetCharacterDataHandler(
        p,
        on
          ? { d, text, n in
            ExpatParser.event(d, flush: false) { (s) throws(PyError) in
              try s.addText(text, Int(n))
            }
          } : nil)
    case .unparsedEntityDecl:
      XML_SetUnparsedEntityDeclHandler(
        p,
        on
          ? { d, name, base, system, publicId, notation in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(
                .unparsedEntityDecl, [s.name(name), s.name(base), s.name(system), s.name(publicId), s.name(notation)])
            }
          } : nil)
    case .notationDecl:
      XML_SetNotationDeclHandler(
        p,
        on
          ? { d, name, base, system, publicId in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.notationDecl, [s.name(name), s.name(base), s.name(system), s.name(publicId)])
            }
          } : nil)
    case .startNamespaceDecl:
      XML_SetStartNamespaceDeclHandler(
        p,
        on
          ? { d, prefix, uri in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.startNamespaceDecl, [s.name(prefix), s.name(uri)])
            }
          } : nil)
    case .endNamespaceDecl:
      XML_SetEndNamespaceDeclHandler(
        p,
        on
          ? { d, prefix in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.endNamespaceDecl, [s.name(prefix)])
            }
          } : nil)
    case .comment:
      XML_SetCommentHandler(
        p,
        on
          ? { d, text in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.comment, [ExpatText.decode(text)])
            }
          } : nil)
    case .startCdataSection:
      XML_SetStartCdataSectionHandler(
        p,
        on
          ? { d in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.startCdataSection, [])
            }
          } : nil)
    case .endCdataSection:
      XML_SetEndCdataSectionHandler(
        p,
        on
          ? { d in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.endCdataSection, [])
            }
          } : nil)
    case .default:
      XML_SetDefaultHandler(
        p,
        on
          ? { d, text, n in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.default, [ExpatText.decode(text, Int(n))])
            }
          } : nil)
    case .defaultExpand:
      XML_SetDefaultHandlerExpand(
        p,
        on
          ? { d, text, n in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.defaultExpand, [ExpatText.decode(text, Int(n))])
            }
          } : nil)
    case .notStandalone:
      XML_SetNotStandaloneHandler(
        p,
        on
          ? { d in
            var result: Int32 = 0
            ExpatParser.event(d) { (s) throws(PyError) in result = try s.call(.notStandalone, [], number: true) }
            return result
          } : nil)
    case .externalEntityRef:
      XML_SetExternalEntityRefHandler(
        p,
        on
          ? { parser, context, base, system, publicId in
            var result: Int32 = 0
            ExpatParser.event(parser.flatMap { XML_GetUserDataOf($0) }) { (s) throws(PyError) in
              result = try s.call(
                .externalEntityRef, [ExpatText.decode(context), s.name(base), s.name(system), s.name(publicId)],
                number: true)
            }
            return result
          } : nil)
    case .startDoctypeDecl:
      XML_SetStartDoctypeDeclHandler(
        p,
        on
          ? { d, name, system, publicId, internalSubset in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(
                .startDoctypeDecl,
                [s.name(name), s.name(system), s.name(publicId), PyLong_FromLong(Int(internalSubset))])
            }
          } : nil)
    case .endDoctypeDecl:
      XML_SetEndDoctypeDeclHandler(
        p,
        on
          ? { d in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.endDoctypeDecl, [])
            }
          } : nil)
    case .entityDecl:
      XML_SetEntityDeclHandler(
        p,
        on
          ? { d, name, isParameter, value, n, base, system, publicId, notation in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(
                .entityDecl,
                [
                  s.name(name), PyLong_FromLong(Int(isParameter)),
                  value == nil ? none : ExpatText.decode(value, Int(n)),
                  s.name(base), s.name(system), s.name(publicId), s.name(notation),
                ])
            }
          } : nil)
    case .xmlDecl:
      XML_SetXmlDeclHandler(
        p,
        on
          ? { d, version, encoding, standalone in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(
                .xmlDecl, [ExpatText.decode(version), ExpatText.decode(encoding), PyLong_FromLong(Int(standalone))])
            }
          } : nil)
    case .elementDecl:
      XML_SetElementDeclHandler(
        p,
        on
          ? { d, name, model in
            ExpatParser.event(d) { (s) throws(PyError) in
              guard let model else { return }
              try s.call(.elementDecl, [s.name(name), ExpatEvents.describe(model, s, 0)])
            }
            XML_FreeContentModel(ExpatParser.from(d).parser, model)
          } : nil)
    case .attlistDecl:
      XML_SetAttlistDeclHandler(
        p,
        on
          ? { d, element, attribute, type, value, required in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(
                .attlistDecl,
                [
                  s.name(element), s.name(attribute), ExpatText.decode(type), ExpatText.decode(value),
                  PyLong_FromLong(Int(required)),
                ])
            }
          } : nil)
    case .skippedEntity:
      XML_SetSkippedEntityHandler(
        p,
        on
          ? { d, name, isParameter in
            ExpatParser.event(d) { (s) throws(PyError) in
              try s.call(.skippedEntity, [s.name(name), PyLong_FromLong(Int(isParameter))])
            }
          } : nil)
    }
  }

  private static let startElement: XML_StartElementHandler = { d, name, attributes in
    ExpatParser.event(d) { (s) throws(PyError) in
      var count = 0
      if let attributes {
        if s.specifiedAttributes {
          count = Int(XML_GetSpecifiedAttributeCount(s.parser))
        } else {
          while attributes[count] != nil { count += 2 }
        }
      }
      let container = try owned(s.orderedAttributes ? PyList_New(count) : PyDict_New())
      var i = 0
      while i < count, let attributes {
        guard let key = s.name(attributes[i]) else { throw PyError() }
        guard let value = ExpatText.decode(attributes[i + 1]) else {
          decref(key)
          throw PyError()
        }
        if s.orderedAttributes {
          PyList_SetItem(container.ref, i, key)
          PyList_SetItem(container.ref, i + 1, value)
        } else {
          let status = PyDict_SetItem(container.ref, key, value)
          decref(key)
          decref(value)
          try check(status)
        }
        i += 2
      }
      try s.call(.startElement, [s.name(name), newRef(container.ref)])
    }
  }

  /// A content model as nested tuples (type, quantifier, name, children).
  private static func describe(_ m: UnsafeMutablePointer<XML_Content>, _ s: ExpatParser, _ depth: Int) -> Ref? {
    if depth > 1000 {
      PyErr_SetString(Exc.RecursionError.object, "maximum recursion depth exceeded in conv_content_model")
      return nil
    }
    let n = Int(m.pointee.numchildren)
    guard let children = PyTuple_New(n) else { return nil }
    for i in 0..<n {
      guard let child = describe(m.pointee.children + i, s, depth + 1) else {
        decref(children)
        return nil
      }
      gila_tuple_items(children)[i] = child
    }
    let parts: [Ref?] = [
      PyLong_FromLong(Int(m.pointee.type.rawValue)), PyLong_FromLong(Int(m.pointee.quant.rawValue)),
      s.name(m.pointee.name), children,
    ]
    defer { for r in parts { xdecref(r) } }
    for r in parts where r == nil { return nil }
    guard let t = PyTuple_New(4) else { return nil }
    for (i, r) in parts.enumerated() { gila_tuple_items(t)[i] = xnewRef(r) }
    return t
  }
}

/// Expat keeps the user data as the first word of a parser, which is how its macro reads it.
private func XML_GetUserDataOf(_ p: OpaquePointer) -> UnsafeMutableRawPointer? {
  UnsafeRawPointer(p).load(as: UnsafeMutableRawPointer?.self)
}
