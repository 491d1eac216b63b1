// xml.etree.ElementTree.XMLParser: expat's events go to a target, mostly a tree builder.

import CExpat
import CGila
import GilaCore
import GilaModuleSupport
import Glibc

final class XMLParser: NativeState {
  var parser: OpaquePointer?
  private(set) var target: Ref?
  private(set) var entity: Ref?
  /// Names of tags and attributes as expat gives them, to strs.
  private var names: Ref?
  /// Methods of a target that is no tree builder.
  private var methods: [Ref?] = Array(repeating: nil, count: Handler.count.rawValue)
  enum Handler: Int { case start, data, end, comment, pi, close, doctype, startNamespace, endNamespace, count }
  private var own: Ref?

  deinit {
    if let parser { XML_ParserFree(parser) }
    release()
  }
  private func release() {
    let all = [target, entity, names] + methods
    target = nil
    entity = nil
    names = nil
    methods = Array(repeating: nil, count: methods.count)
    for r in all { xdecref(r) }
  }
  override func clear() { release() }
  override func traverse(_ visit: visitproc, _ context: UnsafeMutableRawPointer?) -> Int32 {
    for r in [target, entity, names] + methods {
      let v = visiting(r, visit, context)
      if v != 0 { return v }
    }
    return 0
  }

  private var builder: TreeBuilder? {
    guard let target, target.type == TreeBuilderType.type else { return nil }
    return TreeBuilderType.state(target)
  }

  func configure(_ me: Ref, target given: Ref?, encoding: UnsafePointer<CChar>?) throws(PyError) {
    release()
    if let old = parser { XML_ParserFree(old) }
    entity = try owned(PyDict_New()).take()
    names = try owned(PyDict_New()).take()
    guard let made = XML_ParserCreate_MM(encoding, nil, "}") else { throw memoryError() }
    parser = made
    own = me
    XML_SetHashSalt(made, UInt.random(in: 1...UInt.max))
    if let given, given != none {
      target = newRef(given)
      let wanted: [(Handler, StaticString)] = [
        (.start, "start"), (.data, "data"), (.end, "end"), (.comment, "comment"), (.pi, "pi"), (.close, "close"),
        (.doctype, "doctype"), (.startNamespace, "start_ns"), (.endNamespace, "end_ns"),
      ]
      for (h, name) in wanted {
        var found: Ref? = nil
        try check(PyObject_GetOptionalAttrString(given, cString(name), &found))
        methods[h.rawValue] = found
      }
    } else {
      target = try TreeBuilderType.make().take()
    }
    XMLParserEvents.install(made, self, namespaces: methods)
  }
  func requireReady() throws(PyError) -> OpaquePointer {
    guard let parser else { throw valueError("XMLParser.__init__() wasn't called") }
    return parser
  }

  // MARK: parsing

  func failure(_ code: UInt32, line: UInt, column: UInt, _ message: String? = nil) -> PyError {
    let what = message ?? XML_ErrorString(XML_Error(code)).map { String(cString: $0) } ?? ""
    do throws(PyError) {
      let type = try ElementTreeModule.parseError()
      let text = try string("\(what): line \(line), column \(column)")
      let e = try owned(PyObject_CallOneArg(type, text.ref))
      let number = try int(code)
      try check(PyObject_SetAttrString(e.ref, "code", number.ref))
      let l = try int(line), c = try int(column)
      let position = try tuple(l.ref, c.ref)
      try check(PyObject_SetAttrString(e.ref, "position", position.ref))
      PyErr_SetObject(type, e.ref)
    } catch {}
    return PyError()
  }
  func parse(_ p: UnsafePointer<CChar>?, _ count: Int, final: Bool) throws(PyError) {
    let parser = try requireReady()
    var at = 0
    repeat {
      let n = min(count - at, 1 << 30)
      let isLast = final && at + n == count
      let status = XML_Parse(parser, p.map { $0 + at }, Int32(n), isLast ? 1 : 0)
      if errorIsSet { throw PyError() }
      if status == XML_STATUS_ERROR {
        throw failure(
          XML_GetErrorCode(parser).rawValue, line: XML_GetCurrentLineNumber(parser),
          column: XML_GetCurrentColumnNumber(parser))
      }
      at += n
    } while at < count
  }
  func feed(_ data: Ref) throws(PyError) {
    let parser = try requireReady()
    if data.isUnicode {
      var n = 0
      guard let p = PyUnicode_AsUTF8AndSize(data, &n) else { throw PyError() }
      XML_SetEncoding(parser, "utf-8")
      try parse(p, n, final: false)
    } else {
      let buffer = try Buffer(data)
      try parse(UnsafeRawPointer(buffer.start)?.assumingMemoryBound(to: CChar.self), buffer.count, final: false)
    }
  }
  func close() throws(PyError) -> Owned {
    try parse("", 0, final: true)
    if let builder { return builder.done() }
    if let method = methods[Handler.close.rawValue] {
      let held = Owned(retaining: method)
      return try owned(PyObject_CallNoArgs(held.ref))
    }
    return noneOwned()
  }
  func parseWhole(_ file: Ref) throws(PyError) -> Owned {
    _ = try requireReady()
    let read = try owned(PyObject_GetAttrString(file, "read"))
    let size = try int(65536)
    while true {
      let piece = try owned(PyObject_CallOneArg(read.ref, size.ref))
      if piece.ref.isUnicode {
        if PyUnicode_GetLength(piece.ref) == 0 { break }
        let bytes = try owned(PyUnicode_AsEncodedString(piece.ref, "utf-8", "surrogatepass"))
        XML_SetEncoding(parser, "utf-8")
        try parse(PyBytes_AsString(bytes.ref), bytes.ref.size, final: false)
      } else {
        if !piece.ref.isExactly(Types.bytes) || piece.ref.size == 0 { break }
        try parse(PyBytes_AsString(piece.ref), piece.ref.size, final: false)
      }
    }
    try parse("", 0, final: true)
    return builder?.done() ?? noneOwned()
  }
  func setEvents(_ queue: Ref, _ wanted: Ref) throws(PyError) {
    let parser = try requireReady()
    guard let builder else {
      throw typeError("event handling only supported for ElementTree.TreeBuilder targets")
    }
    try builder.setEvents(queue, wanted)
    XMLParserEvents.installOptional(parser, builder)
  }

  // MARK: events

  /// `{uri}name` of expat's `uri}name`.
  func name(_ p: UnsafePointer<CChar>?) throws(PyError) -> Owned {
    guard let p else { return noneOwned() }
    let n = strlen(p)
    let key = try owned(PyBytes_FromStringAndSize(p, n))
    if let known = PyDict_GetItemWithError(names, key.ref) { return Owned(retaining: known) }
    if errorIsSet { throw PyError() }
    let made: Owned
    if memchr(p, 0x7d, n) != nil {
      made = try withUnsafeTemporaryAllocation(of: CChar.self, capacity: n + 1) { b throws(PyError) in
        b[0] = 0x7b
        memcpy(b.baseAddress! + 1, p, n)
        return try owned(PyUnicode_DecodeUTF8(b.baseAddress, n + 1, "strict"))
      }
    } else {
      made = try owned(PyUnicode_DecodeUTF8(p, n, "strict"))
    }
    if let names { try check(PyDict_SetItem(names, key.ref, made.ref)) }
    return made
  }
  /// Calls a method of the target with arguments, if it has the method.
  private func tell(_ h: Handler, _ a: Ref?, _ b: Ref? = nil, _ c: Ref? = nil) throws(PyError) {
    guard let method = methods[h.rawValue] else { return }
    let held = Owned(retaining: method)
    var words = (Ref?.none, a, b, c)
    let n = a == nil ? 0 : b == nil ? 1 : c == nil ? 2 : 3
    let r = withUnsafeMutablePointer(to: &words) { p in
      PyObject_Vectorcall(
        held.ref, UnsafeRawPointer(p).assumingMemoryBound(to: Ref?.self) + 1, n | Int.min, nil)
    }
    let done = try owned(r)
    _ = done.ref
  }
  func start(
    _ tag: UnsafePointer<CChar>?, _ pairs: UnsafeMutablePointer<UnsafePointer<CChar>?>?
  ) throws(PyError) {
    let name = try self.name(tag)
    var attributes: Ref? = nil
    defer { xdecref(attributes) }
    if var p = pairs, p[0] != nil {
      attributes = try owned(PyDict_New()).take()
      while p[0] != nil {
        let key = try self.name(p[0])
        let value = try owned(PyUnicode_DecodeUTF8(p[1], p[1].map { strlen($0) } ?? 0, "strict"))
        try check(PyDict_SetItem(attributes, key.ref, value.ref))
        p += 2
      }
    }
    if let builder {
      let node = try builder.start(name.ref, attributes)
      _ = node.ref
    } else if methods[Handler.start.rawValue] != nil {
      if attributes == nil { attributes = try owned(PyDict_New()).take() }
      try tell(.start, name.ref, attributes)
    }
  }
  func end(_ tag: UnsafePointer<CChar>?) throws(PyError) {
    if let builder {
      let node = try builder.end()
      _ = node.ref
    } else if methods[Handler.end.rawValue] != nil {
      let name = try self.name(tag)
      try tell(.end, name.ref)
    }
  }
  func data(_ p: UnsafePointer<CChar>?, _ n: Int32) throws(PyError) {
    let text = try owned(PyUnicode_DecodeUTF8(p, Int(n), "strict"))
    try data(text.ref)
  }
  private func data(_ text: Ref) throws(PyError) {
    if let builder { builder.addData(text) } else { try tell(.data, text) }
  }
  func comment(_ p: UnsafePointer<CChar>?) throws(PyError) {
    let text = try owned(ExpatText.decode(p))
    if let builder {
      let node = try builder.comment(text.ref)
      _ = node.ref
    } else {
      try tell(.comment, text.ref)
    }
  }
  func instruction(_ target: UnsafePointer<CChar>?, _ p: UnsafePointer<CChar>?) throws(PyError) {
    let name = try owned(ExpatText.decode(target))
    let text = try owned(ExpatText.decode(p))
    if let builder {
      if builder.wants(.instruction) || builder.insertsInstructions {
        let node = try builder.instruction(name.ref, text.ref)
        _ = node.ref
      }
    } else {
      try tell(.pi, name.ref, text.ref)
    }
  }
  func startNamespace(_ prefix: UnsafePointer<CChar>?, _ uri: UnsafePointer<CChar>?) throws(PyError) {
    let p = prefix == nil ? try string("") : try owned(ExpatText.decode(prefix))
    let u = uri == nil ? try string("") : try owned(ExpatText.decode(uri))
    if let builder { try builder.startNamespace(p.ref, u.ref) } else { try tell(.startNamespace, p.ref, u.ref) }
  }
  func endNamespace(_ prefix: UnsafePointer<CChar>?) throws(PyError) {
    if let builder { return try builder.endNamespace() }
    let p = prefix == nil ? try string("") : try owned(ExpatText.decode(prefix))
    try tell(.endNamespace, p.ref)
  }
  /// What expat has no better name for: references to entities that only `entity` may know.
  func other(_ p: UnsafePointer<CChar>?, _ n: Int32) throws(PyError) {
    guard let p, n >= 2, p[0] == 0x26, let parser else { return }
    let key = try owned(PyUnicode_DecodeUTF8(p + 1, Int(n) - 2, "strict"))
    guard let entity else { return }
    if let value = PyDict_GetItemWithError(entity, key.ref) {
      let held = Owned(retaining: value)
      try data(held.ref)
      return
    }
    if errorIsSet { throw PyError() }
    throw failure(
      XML_ERROR_UNDEFINED_ENTITY.rawValue, line: XML_GetCurrentLineNumber(parser),
      column: XML_GetCurrentColumnNumber(parser), "undefined entity &\(swiftString(key.ref));")
  }
  func doctype(
    _ name: UnsafePointer<CChar>?, _ system: UnsafePointer<CChar>?, _ publicName: UnsafePointer<CChar>?
  ) throws(PyError) {
    let n = try self.name(name)
    let s = try owned(ExpatText.decode(system)), p = try owned(ExpatText.decode(publicName))
    if methods[Handler.doctype.rawValue] != nil { return try tell(.doctype, n.ref, p.ref, s.ref) }
    guard let own else { return }
    var found: Ref? = nil
    try check(PyObject_GetOptionalAttrString(own, "doctype", &found))
    if let found {
      decref(found)
      try check(
        PyErr_WarnEx(
          Exc.RuntimeWarning.object,
          "The doctype() method of XMLParser is ignored.  Define doctype() method on the TreeBuilder target.", 1))
    }
  }
}

/// expat's callbacks.
enum XMLParserEvents {
  private typealias Text = UnsafePointer<CChar>

  /// Runs `body` unless an earlier event failed.
  @inline(__always)
  private static func event(_ data: UnsafeMutableRawPointer?, _ body: (XMLParser) throws(PyError) -> Void) {
    if errorIsSet { return }
    let parser = Unmanaged<XMLParser>.fromOpaque(data.unsafelyUnwrapped).takeUnretainedValue()
    do throws(PyError) { try body(parser) } catch {}
  }
  static func install(_ p: OpaquePointer, _ state: XMLParser, namespaces methods: [Ref?]) {
    XML_SetUserData(p, Unmanaged.passUnretained(state).toOpaque())
    XML_SetElementHandler(
      p, { d, tag, pairs in XMLParserEvents.event(d) { (s) throws(PyError) in try s.start(tag, pairs) } },
      { d, tag in XMLParserEvents.event(d) { (s) throws(PyError) in try s.end(tag) } })
    XML_SetDefaultHandlerExpand(p) { d, t, n in
      XMLParserEvents.event(d) { (s) throws(PyError) in try s.other(t, n) }
    }
    XML_SetCharacterDataHandler(p) { d, t, n in
      XMLParserEvents.event(d) { (s) throws(PyError) in try s.data(t, n) }
    }
    XML_SetStartDoctypeDeclHandler(p) { d, name, system, publicName, _ in
      XMLParserEvents.event(d) { (s) throws(PyError) in try s.doctype(name, system, publicName) }
    }
    XML_SetUnknownEncodingHandler(p, { _, name, info in ExpatParser.describeEncoding(name, info) }, nil)
    let isBuilder = state.target?.type == TreeBuilderType.type
    if isBuilder || methods[XMLParser.Handler.comment.rawValue] != nil { comments(p) }
    if isBuilder || methods[XMLParser.Handler.pi.rawValue] != nil { instructions(p) }
    if methods[XMLParser.Handler.startNamespace.rawValue] != nil { startNamespaces(p) }
    if methods[XMLParser.Handler.endNamespace.rawValue] != nil { endNamespaces(p) }
  }
  /// Events that are only looked at when somebody wants them.
  static func installOptional(_ p: OpaquePointer, _ builder: TreeBuilder) {
    if builder.wants(.startNamespace) { startNamespaces(p) }
    if builder.wants(.endNamespace) { endNamespaces(p) }
  }
  private static func comments(_ p: OpaquePointer) {
    XML_SetCommentHandler(p) { d, t in XMLParserEvents.event(d) { (s) throws(PyError) in try s.comment(t) } }
  }
  private static func instructions(_ p: OpaquePointer) {
    XML_SetProcessingInstructionHandler(p) { d, target, t in
      XMLParserEvents.event(d) { (s) throws(PyError) in try s.instruction(target, t) }
    }
  }
  private static func startNamespaces(_ p: OpaquePointer) {
    XML_SetStartNamespaceDeclHandler(p) { d, prefix, uri in
      XMLParserEvents.event(d) { (s) throws(PyError) in try s.startNamespace(prefix, uri) }
    }
  }
  private static func endNamespaces(_ p: OpaquePointer) {
    XML_SetEndNamespaceDeclHandler(p) { d, prefix in
      XMLParserEvents.event(d) { (s) throws(PyError) in try s.endNamespace(prefix) }
    }
  }
}
