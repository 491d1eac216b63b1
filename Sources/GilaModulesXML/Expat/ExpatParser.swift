// The state of a parser object: expat's parser, the handlers, the text collected between two other events.

import CExpat
import CGila
import GilaCore
import GilaModuleSupport
import Glibc

/// The handlers in the order of the parser's table.
enum ExpatHandler: Int, CaseIterable {
  case startElement, endElement, processingInstruction, characterData, unparsedEntityDecl, notationDecl
  case startNamespaceDecl, endNamespaceDecl, comment, startCdataSection, endCdataSection, `default`, defaultExpand
  case notStandalone, externalEntityRef, startDoctypeDecl, endDoctypeDecl, entityDecl, xmlDecl, elementDecl
  case attlistDecl, skippedEntity
}

final class ExpatParser: NativeState {
  let parser: OpaquePointer
  var handlers = [Ref?](repeating: nil, count: ExpatHandler.allCases.count)
  /// A dict that makes equal names one object, or none.
  var interned: Ref?
  /// An external entity's parser needs its parent alive.
  private let parent: Ref?
  var orderedAttributes = false, specifiedAttributes = false, namespacePrefixes = false
  private(set) var isInCallback = false
  /// Text that waits to be handed over in one piece; nil when text is not collected.
  private(set) var text: [UInt8]?
  var bufferSize = 8192

  init(_ parser: OpaquePointer, interned: Ref?, parent: Ref? = nil) {
    self.parser = parser
    self.interned = xnewRef(interned)
    self.parent = xnewRef(parent)
    super.init()
    XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    XML_SetUnknownEncodingHandler(parser, { _, name, info in ExpatParser.describeEncoding(name, info) }, nil)
  }
  deinit {
    XML_ParserFree(parser)
    for h in handlers { xdecref(h) }
    xdecref(interned)
    xdecref(parent)
  }
  override func traverse(_ visit: visitproc, _ context: UnsafeMutableRawPointer?) -> Int32 {
    for h in handlers {
      let status = visiting(h, visit, context)
      if status != 0 { return status }
    }
    let status = visiting(parent, visit, context)
    return status != 0 ? status : visiting(interned, visit, context)
  }
  override func clear() {
    for i in handlers.indices {
      let old = handlers[i]
      handlers[i] = nil
      xdecref(old)
    }
    let old = interned
    interned = nil
    xdecref(old)
  }
  static func from(_ data: UnsafeMutableRawPointer?) -> ExpatParser {
    Unmanaged<ExpatParser>.fromOpaque(data.unsafelyUnwrapped).takeUnretainedValue()
  }

  // MARK: collected text

  func collectText(_ on: Bool) throws(PyError) {
    if on {
      if text == nil { text = [] }
    } else if text != nil {
      try flushText()
      text = nil
    }
  }
  var collectsText: Bool { text != nil }
  func flushText() throws(PyError) {
    guard let waiting = text, !waiting.isEmpty else { return }
    text = []
    guard handlers[ExpatHandler.characterData.rawValue] != nil else { return }
    try call(.characterData, [ExpatText.decode(waiting)])
  }
  func addText(_ p: UnsafePointer<CChar>?, _ n: Int) throws(PyError) {
    guard let p, n > 0 else { return }
    let bytes = UnsafeBufferPointer(start: UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self), count: n)
    guard let waiting = text else {
      try call(.characterData, [ExpatText.decode(Array(bytes))])
      return
    }
    if waiting.count + n > bufferSize {
      try flushText()
      // The handler may have been taken away by the handler.
      if handlers[ExpatHandler.characterData.rawValue] == nil { return }
    }
    if n > bufferSize {
      try call(.characterData, [ExpatText.decode(Array(bytes))])
    } else {
      text?.append(contentsOf: bytes)
    }
  }

  // MARK: calls

  /// Calls a handler with arguments, which are taken over; nil stands for a failed conversion.
  @discardableResult func call(_ h: ExpatHandler, _ arguments: [Ref?], number: Bool = false) throws(PyError) -> Int32 {
    defer { for r in arguments { xdecref(r) } }
    for r in arguments where r == nil { throw PyError() }
    guard let function = handlers[h.rawValue] else { return 1 }
    let held = Owned(retaining: function)
    let t = try owned(PyTuple_New(arguments.count))
    for (i, r) in arguments.enumerated() { gila_tuple_items(t.ref)[i] = xnewRef(r) }
    let nested = isInCallback
    isInCallback = true
    defer { isInCallback = nested }
    let result = try owned(PyObject_Call(held.ref, t.ref, nil))
    return number ? try cInt(result.ref) : 1
  }
  /// An event: flushes the text, runs `body`; after an error the rest of the document passes unseen.
  static func event(_ data: UnsafeMutableRawPointer?, flush: Bool = true, _ body: (ExpatParser) throws(PyError) -> Void)
  {
    let s = from(data)
    if errorIsSet { return }
    do throws(PyError) {
      if flush { try s.flushText() }
      try body(s)
    } catch { s.fail() }
  }
  func fail() {
    for h in ExpatHandler.allCases {
      ExpatEvents.install(h, parser, false)
      let old = handlers[h.rawValue]
      handlers[h.rawValue] = nil
      xdecref(old)
    }
    XML_SetExternalEntityRefHandler(parser) { _, _, _, _, _ in 0 }
  }

  /// A name as an object: the one from the dict of names if there is one.
  func name(_ p: UnsafePointer<CChar>?) -> Ref? {
    guard let r = ExpatText.decode(p) else { return nil }
    guard let interned, r != none else { return r }
    let known = PyDict_SetDefault(interned, r, r)
    xincref(known)
    decref(r)
    return known
  }

  func setHandler(_ h: ExpatHandler, _ value: Ref) throws(PyError) {
    if h == .characterData { try flushText() }
    let isNone = value.isNone
    if isNone, h == .characterData, isInCallback {
      // Expat may still call it while it works on the present event.
      XML_SetCharacterDataHandler(parser) { _, _, _ in }
    } else {
      ExpatEvents.install(h, parser, !isNone)
    }
    let old = handlers[h.rawValue]
    handlers[h.rawValue] = isNone ? nil : newRef(value)
    xdecref(old)
  }

  // MARK: parsing

  func failure(_ code: XML_Error) -> PyError {
    let line = Int(XML_GetCurrentLineNumber(parser)), column = Int(XML_GetCurrentColumnNumber(parser))
    let what = XML_ErrorString(code).map { String(cString: $0) } ?? "None"
    let type = XMLState.objects[.expatError].asType
    do throws(PyError) {
      let text = try string("\(what): line \(line), column \(column)")
      let e = try owned(PyObject_CallOneArg(type.object, text.ref))
      for (key, value) in [("code", Int(code.rawValue)), ("offset", column), ("lineno", line)] {
        let number = try int(value)
        try check(PyObject_SetAttrString(e.ref, key, number.ref))
      }
      PyErr_SetObject(type.object, e.ref)
    } catch {}
    return PyError()
  }
  func finish(_ status: XML_Status) throws(PyError) -> Owned {
    if errorIsSet { throw PyError() }
    if status == XML_STATUS_ERROR { throw failure(XML_GetErrorCode(parser)) }
    try flushText()
    return try int(Int32(status.rawValue))
  }
  func parse(_ bytes: UnsafeRawPointer?, _ count: Int, final: Bool) throws(PyError) -> Owned {
    var at = 0
    let p = bytes?.assumingMemoryBound(to: CChar.self)
    while count - at > 1 << 20 {
      let status = XML_Parse(parser, p.map { $0 + at }, 1 << 20, 0)
      if status == XML_STATUS_ERROR || errorIsSet { return try finish(status) }
      at += 1 << 20
    }
    return try finish(XML_Parse(parser, p.map { $0 + at }, Int32(count - at), final ? 1 : 0))
  }

  /// The 256 characters of an encoding that expat does not know.
  static func describeEncoding(
    _ name: UnsafePointer<CChar>?, _ info: UnsafeMutablePointer<XML_Encoding>?
  ) -> Int32 {
    guard let info, !errorIsSet else { return 0 }
    let all = (0..<256).map { UInt8($0) }
    guard
      let text = all.withUnsafeBytes({
        PyUnicode_Decode($0.baseAddress?.assumingMemoryBound(to: CChar.self), 256, name, "replace")
      })
    else { return 0 }
    let held = Owned(taking: text)
    if PyUnicode_GetLength(held.ref) != 256 {
      PyErr_SetString(Exc.ValueError.object, "multi-byte encodings are not supported")
      return 0
    }
    withUnsafeMutableBytes(of: &info.pointee.map) { map in
      for i in 0..<256 {
        let c = PyUnicode_ReadChar(held.ref, i)
        map.storeBytes(of: c == 0xfffd ? -1 : Int32(bitPattern: c), toByteOffset: i * 4, as: Int32.self)
      }
    }
    info.pointee.data = nil
    info.pointee.convert = nil
    info.pointee.release = nil
    return 1
  }
}

enum ExpatText {
  /// A str from expat's UTF-8; None for NULL.
  static func decode(_ p: UnsafePointer<CChar>?) -> Ref? {
    guard let p else { return none }
    return PyUnicode_DecodeUTF8(p, strlen(p), "strict")
  }
  static func decode(_ p: UnsafePointer<CChar>?, _ n: Int) -> Ref? { PyUnicode_DecodeUTF8(p, n, "strict") }
  static func decode(_ bytes: [UInt8]) -> Ref? {
    bytes.withUnsafeBytes {
      PyUnicode_DecodeUTF8($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, "strict")
    }
  }
}
