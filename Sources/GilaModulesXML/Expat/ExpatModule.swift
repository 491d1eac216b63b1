// The module pyexpat and the type of its parsers.

import CExpat
import CGila
import GilaCore
import GilaModuleSupport
import Glibc

enum ExpatModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "pyexpat", doc: "The XML parser of the library expat.", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try ExpatModule.fill(module!) } })

  private static let createFunction = Function(
    "ParserCreate", "($module, /, encoding=None, namespace_separator=None, intern=<unrepresentable>)")

  // MARK: making parsers

  private static func create(_ b: Bound) throws(PyError) -> Owned {
    func text(_ i: Int, _ name: String) throws(PyError) -> UnsafePointer<CChar>? {
      guard let r = b[i], !r.isNone else { return nil }
      guard r.isUnicode else {
        throw typeError("ParserCreate() argument '\(name)' must be str or None, not \(typeName(of: r))")
      }
      return try cText(r, "ParserCreate", "argument")
    }
    let encoding = try text(0, "encoding"), separator = try text(1, "namespace_separator")
    if let separator, strlen(separator) > 1 {
      throw valueError("namespace_separator must be at most one character, omitted, or None")
    }
    var interned: Ref? = nil
    if let given = b[2] {
      if given.isDict {
        interned = newRef(given)
      } else if !given.isNone {
        throw typeError("intern must be a dictionary")
      }
    } else {
      interned = try owned(PyDict_New()).take()
    }
    defer { xdecref(interned) }
    guard let p = XML_ParserCreate_MM(encoding, nil, separator) else {
      throw runtimeError("XML_ParserCreate failed")
    }
    // A secret of the process keeps crafted documents from slowing down expat's tables.
    let seed = try owned(PyUnicode_FromString("expat"))
    let secret = PyObject_Hash(seed.ref)
    XML_SetHashSalt(p, UInt(bitPattern: secret) | 1)
    return try Native.make(parserType, ExpatParser(p, interned: interned))
  }

  private static func createSubparser(_ r: Ref, _ context: Ref, _ encoding: Ref?) throws(PyError) -> Owned {
    let s = Native.state(r, ExpatParser.self)
    let c = context.isNone ? nil : try cText(context, "ExternalEntityParserCreate", "argument 1")
    let e = encoding == nil ? nil : try cText(encoding!, "ExternalEntityParserCreate", "argument 2")
    guard let p = XML_ExternalEntityParserCreate(s.parser, c, e) else { throw memoryError() }
    let child = ExpatParser(p, interned: s.interned, parent: r)
    child.bufferSize = s.bufferSize
    if s.collectsText { try child.collectText(true) }
    child.orderedAttributes = s.orderedAttributes
    child.specifiedAttributes = s.specifiedAttributes
    child.namespacePrefixes = s.namespacePrefixes
    for h in ExpatHandler.allCases {
      if let f = s.handlers[h.rawValue] {
        child.handlers[h.rawValue] = newRef(f)
        ExpatEvents.install(h, p, true)
      }
    }
    return try Native.make(parserType, child)
  }

  private static func parse(_ s: ExpatParser, _ data: Ref, _ final: Bool) throws(PyError) -> Owned {
    if data.isUnicode {
      var n = 0
      guard let p = PyUnicode_AsUTF8AndSize(data, &n) else { throw PyError() }
      // The str is UTF-8 now, whatever the document says.
      XML_SetEncoding(s.parser, "utf-8")
      return try s.parse(p, n, final: final)
    }
    let b = try Buffer(data)
    return try s.parse(b.start, b.count, final: final)
  }
  private static func parseFile(_ s: ExpatParser, _ file: Ref) throws(PyError) -> Owned {
    guard let m = PyObject_GetAttrString(file, "read") else {
      if PyErr_ExceptionMatches(Exc.AttributeError.object) != 0 {
        PyErr_Clear()
        throw typeError("argument must have 'read' attribute")
      }
      throw PyError()
    }
    let read = Owned(taking: m), size = try int(2048)
    while true {
      let piece = try owned(PyObject_CallOneArg(read.ref, size.ref))
      let isByteArray = piece.ref.isInstance(of: Types.byteArray)
      guard piece.ref.isBytes || isByteArray else {
        throw typeError("read() did not return a bytes object (type=\(typeName(of: piece.ref)))")
      }
      let b = try Buffer(piece.ref)
      if b.count > 2048 { throw valueError("read() returned too much data: 2048 bytes requested, \(b.count) returned") }
      let result = try s.parse(b.start, b.count, final: b.count == 0)
      if b.count == 0 { return result }
    }
  }

  // MARK: the type

  private static let handlerNames: [(StaticString, ExpatHandler)] = [
    ("StartElementHandler", .startElement), ("EndElementHandler", .endElement),
    ("ProcessingInstructionHandler", .processingInstruction), ("CharacterDataHandler", .characterData),
    ("UnparsedEntityDeclHandler", .unparsedEntityDecl), ("NotationDeclHandler", .notationDecl),
    ("StartNamespaceDeclHandler", .startNamespaceDecl), ("EndNamespaceDeclHandler", .endNamespaceDecl),
    ("CommentHandler", .comment), ("StartCdataSectionHandler", .startCdataSection),
    ("EndCdataSectionHandler", .endCdataSection), ("DefaultHandler", .default),
    ("DefaultHandlerExpand", .defaultExpand), ("NotStandaloneHandler", .notStandalone),
    ("ExternalEntityRefHandler", .externalEntityRef), ("StartDoctypeDeclHandler", .startDoctypeDecl),
    ("EndDoctypeDeclHandler", .endDoctypeDecl), ("EntityDeclHandler", .entityDecl), ("XmlDeclHandler", .xmlDecl),
    ("ElementDeclHandler", .elementDecl), ("AttlistDeclHandler", .attlistDecl),
    ("SkippedEntityHandler", .skippedEntity),
  ]

  /// Numbers and switches, told apart by the closure of their getter.
  private enum Value: Int {
    case errorCode = 1, errorLine, errorColumn, errorIndex, currentLine, currentColumn, currentIndex
    case bufferSize, bufferText, bufferUsed, prefixes, ordered, specified
  }
  private static func get(_ s: ExpatParser, _ v: Value) throws(PyError) -> Owned {
    let p = s.parser
    switch v {
    case .errorCode: return try int(XML_GetErrorCode(p).rawValue)
    case .errorLine, .currentLine: return try int(XML_GetCurrentLineNumber(p))
    case .errorColumn, .currentColumn: return try int(XML_GetCurrentColumnNumber(p))
    case .errorIndex, .currentIndex: return try int(XML_GetCurrentByteIndex(p))
    case .bufferSize: return try int(s.bufferSize)
    case .bufferText: return bool(s.collectsText)
    case .bufferUsed: return try int(s.text?.count ?? 0)
    case .prefixes: return bool(s.namespacePrefixes)
    case .ordered: return bool(s.orderedAttributes)
    case .specified: return bool(s.specifiedAttributes)
    }
  }
  private static func set(_ s: ExpatParser, _ v: Value, _ value: Ref?) throws(PyError) {
    guard let value else { throw runtimeError("Cannot delete attribute") }
    switch v {
    case .bufferSize:
      guard value.isLong else { throw typeError("buffer_size must be an integer") }
      let n = PyLong_AsLong(value)
      if n == -1, errorIsSet { throw PyError() }
      if n <= 0 { throw valueError("buffer_size must be greater than zero") }
      if n > Int(Int32.max) { throw valueError("buffer_size must not be greater than \(Int32.max)") }
      if n == s.bufferSize { return }
      try s.flushText()
      s.bufferSize = n
    case .bufferText: try s.collectText(truth(value))
    case .prefixes:
      s.namespacePrefixes = try truth(value)
      XML_SetReturnNSTriplet(s.parser, s.namespacePrefixes ? 1 : 0)
    case .ordered: s.orderedAttributes = try truth(value)
    case .specified: s.specifiedAttributes = try truth(value)
    default: break
    }
  }

  nonisolated(unsafe) static let parserType = {
    let t = Native.makeType(
      "pyexpat.xmlparser", flags: Native.noInstantiation, collected: true, doc: "XML parser")
    var g = GetSetTable()
    for (name, h) in handlerNames {
      g.add(
        name,
        get: { r, closure in
          newRef(Native.state(r!, ExpatParser.self).handlers[Int(bitPattern: closure) - 1] ?? none)
        },
        set: { r, value, closure in
          bridgeStatus { () throws(PyError) in
            guard let value else { throw runtimeError("Cannot delete attribute") }
            guard let h = ExpatHandler(rawValue: Int(bitPattern: closure) - 1) else { return }
            try Native.state(r!, ExpatParser.self).setHandler(h, value)
          }
        }, closure: UnsafeMutableRawPointer(bitPattern: h.rawValue + 1))
    }
    let values: [(StaticString, Value)] = [
      ("ErrorCode", .errorCode), ("ErrorLineNumber", .errorLine), ("ErrorColumnNumber", .errorColumn),
      ("ErrorByteIndex", .errorIndex), ("CurrentLineNumber", .currentLine), ("CurrentColumnNumber", .currentColumn),
      ("CurrentByteIndex", .currentIndex), ("buffer_used", .bufferUsed),
    ]
    for (name, v) in values {
      g.add(
        name,
        get: { r, closure in
          bridge { () throws(PyError) in
            try ExpatModule.get(Native.state(r!), Value(rawValue: Int(bitPattern: closure))!)
          }
        }, closure: UnsafeMutableRawPointer(bitPattern: v.rawValue))
    }
    let switches: [(StaticString, Value)] = [
      ("buffer_size", .bufferSize), ("buffer_text", .bufferText), ("namespace_prefixes", .prefixes),
      ("ordered_attributes", .ordered), ("specified_attributes", .specified),
    ]
    for (name, v) in switches {
      g.add(
        name,
        get: { r, closure in
          bridge { () throws(PyError) in
            try ExpatModule.get(Native.state(r!), Value(rawValue: Int(bitPattern: closure))!)
          }
        },
        set: { r, value, closure in
          bridgeStatus { () throws(PyError) in
            try ExpatModule.set(Native.state(r!), Value(rawValue: Int(bitPattern: closure))!, value)
          }
        }, closure: UnsafeMutableRawPointer(bitPattern: v.rawValue))
    }
    g.add("intern", get: { r, _ in newRef(Native.state(r!, ExpatParser.self).interned ?? none) })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_methods = parserMethods()
    return t
  }()

  private static func parserMethods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional("Parse", "($self, data, isfinal=False, /)", "Parse a piece; isfinal says that it is the last.") {
      r, a, n in
      bridge { () throws(PyError) in
        try checkCount("Parse", n, 1, 2)
        return try ExpatModule.parse(Native.state(r!), a![0]!, n > 1 ? truth(a![1]!) : false)
      }
    }
    m.one("ParseFile", "($self, file, /)", "Parse what file.read() gives.") { r, file in
      bridge { () throws(PyError) in try ExpatModule.parseFile(Native.state(r!), file!) }
    }
    m.one("SetBase", "($self, base, /)", "Set the base of relative system identifiers.") { r, base in
      bridgeNone { () throws(PyError) in
        if XML_SetBase(Native.state(r!, ExpatParser.self).parser, try cText(base!, "SetBase", "argument"))
          == XML_STATUS_ERROR
        {
          throw memoryError()
        }
      }
    }
    m.noArguments("GetBase", "($self, /)", "The base of relative system identifiers.") { r, _ in
      ExpatText.decode(XML_GetBase(Native.state(r!, ExpatParser.self).parser))
    }
    m.noArguments("GetInputContext", "($self, /)", "The piece of text that caused the present event.") { r, _ in
      let s = Native.state(r!, ExpatParser.self)
      guard s.isInCallback else { return none }
      var offset: Int32 = 0, size: Int32 = 0
      guard let p = XML_GetInputContext(s.parser, &offset, &size) else { return none }
      return PyBytes_FromStringAndSize(p + Int(offset), Int(size - offset))
    }
    m.positional(
      "ExternalEntityParserCreate", "($self, context, encoding=<unrepresentable>, /)",
      "A parser for an external entity."
    ) { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("ExternalEntityParserCreate", n, 1, 2)
        return try ExpatModule.createSubparser(r!, a![0]!, n > 1 ? a![1] : nil)
      }
    }
    m.one("SetParamEntityParsing", "($self, flag, /)", "When parameter entities are read.") { r, flag in
      bridge { () throws(PyError) in
        let n = try cInt(flag!)
        return try int(
          XML_SetParamEntityParsing(
            Native.state(r!, ExpatParser.self).parser, XML_ParamEntityParsing(UInt32(bitPattern: n))))
      }
    }
    m.positional("UseForeignDTD", "($self, flag=True, /)", "Let the application supply the DTD.") { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("UseForeignDTD", n, 0, 1)
        let s = Native.state(r!, ExpatParser.self)
        let flag = n == 0 ? true : try truth(a![0]!)
        let status = XML_UseForeignDTD(s.parser, flag ? 1 : 0)
        if status != XML_ERROR_NONE { throw s.failure(status) }
      }
    }
    m.one("SetReparseDeferralEnabled", "($self, enabled, /)", "No effect: this expat has no reparse deferral.") {
      _, flag in bridgeNone { () throws(PyError) in _ = try truth(flag!) }
    }
    m.noArguments("GetReparseDeferralEnabled", "($self, /)", "False: this expat has no reparse deferral.") { _, _ in
      pyFalse
    }
    return m.build()
  }

  // MARK: the module

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(createFunction, "A new parser.") { _, a, n, k in
      answer(ExpatModule.createFunction, a, n, k) { (b) throws(PyError) in try ExpatModule.create(b) }
    }
    m.one("ErrorString", "($module, code, /)", "The text of an error's number.") { _, code in
      bridge { () throws(PyError) in
        let n = try cLong(code!)
        guard let p = XML_ErrorString(XML_Error(UInt32(truncatingIfNeeded: n))) else { return noneOwned() }
        return try string(String(cString: p))
      }
    }
    return m.build()
  }

  private static func submodule(_ module: Ref, _ name: StaticString, _ doc: String) throws(PyError) -> Ref {
    let full = "pyexpat.\(name)"
    let m = try borrowed(PyImport_AddModule(full))
    let text = try string(doc)
    try check(PyObject_SetAttrString(m, "__doc__", text.ref))
    try add(module, name, m)
    return m
  }
  private static let errorNames: [StaticString] = [
    "NO_MEMORY", "SYNTAX", "NO_ELEMENTS", "INVALID_TOKEN", "UNCLOSED_TOKEN", "PARTIAL_CHAR", "TAG_MISMATCH",
    "DUPLICATE_ATTRIBUTE", "JUNK_AFTER_DOC_ELEMENT", "PARAM_ENTITY_REF", "UNDEFINED_ENTITY", "RECURSIVE_ENTITY_REF",
    "ASYNC_ENTITY", "BAD_CHAR_REF", "BINARY_ENTITY_REF", "ATTRIBUTE_EXTERNAL_ENTITY_REF", "MISPLACED_XML_PI",
    "UNKNOWN_ENCODING", "INCORRECT_ENCODING", "UNCLOSED_CDATA_SECTION", "EXTERNAL_ENTITY_HANDLING",
    "NOT_STANDALONE", "UNEXPECTED_STATE", "ENTITY_DECLARED_IN_PE", "FEATURE_REQUIRES_XML_DTD",
    "CANT_CHANGE_FEATURE_ONCE_PARSING", "UNBOUND_PREFIX", "UNDECLARING_PREFIX", "INCOMPLETE_PE", "XML_DECL",
    "TEXT_DECL", "PUBLICID", "SUSPENDED", "NOT_SUSPENDED", "ABORTED", "FINISHED", "SUSPEND_PE",
    "RESERVED_PREFIX_XML", "RESERVED_PREFIX_XMLNS", "RESERVED_NAMESPACE_URI", "INVALID_ARGUMENT", "NO_BUFFER",
    "AMPLIFICATION_LIMIT_BREACH",
  ]

  private static func fill(_ module: Ref) throws(PyError) {
    try addType(module, "XMLParserType", parserType)
    let error = try owned(PyErr_NewException("xml.parsers.expat.ExpatError", nil, nil))
    try XMLState.objects.set(.expatError, error.ref)
    try add(module, "error", error.ref)
    try add(module, "ExpatError", error.ref)
    try addText(module, "EXPAT_VERSION", XML_ExpatVersion())
    let v = XML_ExpatVersionInfo()
    let a = try int(v.major), b = try int(v.minor), c = try int(v.micro)
    let version = try tuple(a.ref, b.ref, c.ref)
    try add(module, "version_info", version.ref)
    try addText(module, "native_encoding", "UTF-8")
    try add(module, "XML_PARAM_ENTITY_PARSING_NEVER", int: 0)
    try add(module, "XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE", int: 1)
    try add(module, "XML_PARAM_ENTITY_PARSING_ALWAYS", int: 2)

    let errors = try submodule(module, "errors", "The texts of errors and their numbers.")
    let codes = try owned(PyDict_New()), messages = try owned(PyDict_New())
    for (i, name) in errorNames.enumerated() {
      guard let p = XML_ErrorString(XML_Error(UInt32(i + 1))) else { continue }
      let text = try string(String(cString: p)), number = try int(i + 1)
      try check(PyModule_AddObjectRef(errors, "XML_ERROR_\(name)", text.ref))
      try check(PyDict_SetItem(codes.ref, text.ref, number.ref))
      try check(PyDict_SetItem(messages.ref, number.ref, text.ref))
    }
    try add(errors, "codes", codes.ref)
    try add(errors, "messages", messages.ref)

    let model = try submodule(module, "model", "The numbers in content models.")
    for (i, name) in (["EMPTY", "ANY", "MIXED", "NAME", "CHOICE", "SEQ"] as [StaticString]).enumerated() {
      try check(PyModule_AddIntConstant(model, "XML_CTYPE_\(name)", i + 1))
    }
    for (i, name) in (["NONE", "OPT", "REP", "PLUS"] as [StaticString]).enumerated() {
      try check(PyModule_AddIntConstant(model, "XML_CQUANT_\(name)", i))
    }

    let features = try owned(PyList_New(0))
    var p = XML_GetFeatureList()
    while let feature = p, feature.pointee.feature != XML_FEATURE_END, let name = feature.pointee.name {
      let text = try string(String(cString: name)), value = try int(feature.pointee.value)
      try append(features.ref, tuple(text.ref, value.ref))
      p = feature + 1
    }
    try add(module, "features", features.ref)
  }
}
