// The builder of a tree out of the events of a parser.

import CGila
import GilaCore
import GilaModuleSupport

/// The events that iterparse and XMLPullParser can ask for.
enum TreeEvent: Int, CaseIterable {
  case start, end, startNamespace, endNamespace, comment, instruction
  var text: String {
    switch self {
    case .start: return "start"
    case .end: return "end"
    case .startNamespace: return "start-ns"
    case .endNamespace: return "end-ns"
    case .comment: return "comment"
    case .instruction: return "pi"
    }
  }
}

final class TreeBuilder: NativeState {
  private(set) var root: Ref?
  /// The open element, the one that began or ended last, and the one whose tail is being read.
  private var current: Ref = newRef(none)
  private var last: Ref = newRef(none)
  private var tailOwner: Ref?
  private var stack: [Ref] = []
  /// Texts that follow each other (strs).
  private var data: [Ref] = []
  private var elementFactory: Ref?, commentFactory: Ref?, instructionFactory: Ref?
  var insertsComments = false, insertsInstructions = false
  private var appendEvent: Ref?
  private var events: [Ref?] = Array(repeating: nil, count: TreeEvent.allCases.count)

  deinit { release() }
  private func release() {
    let all = stack + data + [current, last]
    let some = [root, tailOwner, elementFactory, commentFactory, instructionFactory, appendEvent] + events
    stack = []
    data = []
    current = newRef(none)
    last = newRef(none)
    root = nil
    tailOwner = nil
    elementFactory = nil
    commentFactory = nil
    instructionFactory = nil
    appendEvent = nil
    events = Array(repeating: nil, count: events.count)
    for r in all { decref(r) }
    for r in some { xdecref(r) }
  }
  override func clear() { release() }
  override func traverse(_ visit: visitproc, _ context: UnsafeMutableRawPointer?) -> Int32 {
    for r in stack + data + [current, last] {
      let v = visit(r, context)
      if v != 0 { return v }
    }
    for r in [root, tailOwner, elementFactory, commentFactory, instructionFactory, appendEvent] + events {
      let v = visiting(r, visit, context)
      if v != 0 { return v }
    }
    return 0
  }

  func configure(_ b: Bound) throws(PyError) {
    let comments = try cFlag(b[3], false), instructions = try cFlag(b[4], false)
    assign(&elementFactory, b[0])
    let comment = (b[1] ?? none) != none ? b[1] : XMLState.objects[.commentFactory]
    assign(&commentFactory, comments || b[1] != nil ? comment : nil)
    let instruction = (b[2] ?? none) != none ? b[2] : XMLState.objects[.instructionFactory]
    assign(&instructionFactory, instructions || b[2] != nil ? instruction : nil)
    if commentFactory == nil { assign(&commentFactory, XMLState.objects[.commentFactory]) }
    if instructionFactory == nil { assign(&instructionFactory, XMLState.objects[.instructionFactory]) }
    insertsComments = comments
    insertsInstructions = instructions
  }
  private func assign(_ place: inout Ref?, _ value: Ref?) {
    let old = place
    place = value == none ? nil : xnewRef(value)
    xdecref(old)
  }
  private func assign(_ place: inout Ref, _ value: Ref) {
    let old = place
    place = newRef(value)
    decref(old)
  }

  // MARK: texts

  /// Gives the collected text to the element it belongs to.
  func flush() throws(PyError) {
    if data.isEmpty { return }
    let text: Owned
    if data.count == 1 {
      text = Owned(taking: data[0])
      data.removeAll(keepingCapacity: true)
    } else {
      let pieces = data
      data = []
      defer { for p in pieces { decref(p) } }
      let list = try owned(PyList_New(pieces.count))
      for (i, p) in pieces.enumerated() { PyList_SetItem(list.ref, i, newRef(p)) }
      let empty = try string("")
      text = try owned(PyUnicode_Join(empty.ref, list.ref))
    }
    let isTail = tailOwner != nil
    let element = Owned(retaining: tailOwner ?? last)
    if Element.isExact(element.ref) {
      let place = element.ref.word(isTail ? 2 : 1)
      if let old = place.pointee, old != none {
        let held = Owned(retaining: old)
        replace(place, with: try owned(PyNumber_Add(held.ref, text.ref)).take())
      } else {
        replace(place, with: newRef(text.ref))
      }
      return
    }
    let name = isTail ? "tail" : "text"
    let old = try owned(PyObject_GetAttrString(element.ref, name))
    let joined = old.ref == none ? Owned(retaining: text.ref) : try owned(PyNumber_Add(old.ref, text.ref))
    try check(PyObject_SetAttrString(element.ref, name, joined.ref))
  }
  func addData(_ text: Ref) {
    if data.isEmpty, last == none { return }
    data.append(newRef(text))
  }

  // MARK: events

  private func report(_ event: TreeEvent, _ node: Ref) throws(PyError) {
    guard let name = events[event.rawValue], let append = appendEvent else { return }
    let pair = try tuple(name, node)
    let done = try owned(PyObject_CallOneArg(append, pair.ref))
    _ = done.ref
  }
  func wants(_ event: TreeEvent) -> Bool { events[event.rawValue] != nil }
  private func addChild(_ parent: Ref, _ child: Ref) throws(PyError) {
    if Element.isExact(parent), Element.isElement(child) { return try Element.append(parent, child) }
    let method = try owned(PyObject_GetAttrString(parent, "append"))
    let done = try owned(PyObject_CallOneArg(method.ref, child))
    _ = done.ref
  }

  func start(_ tag: Ref, _ attributes: Ref?) throws(PyError) -> Owned {
    try flush()
    let node: Owned
    if let factory = elementFactory {
      let held = Owned(retaining: factory)
      if let attributes {
        node = try call(held.ref, tag, attributes)
      } else {
        let empty = try owned(PyDict_New())
        node = try call(held.ref, tag, empty.ref)
      }
    } else {
      node = try Element.make(tag, attributes.map { PyDict_Size($0) == 0 ? nil : $0 } ?? nil)
    }
    assign(&tailOwner, nil)
    if current != none {
      let parent = Owned(retaining: current)
      try addChild(parent.ref, node.ref)
    } else {
      if root != nil {
        PyErr_SetString(try ElementTreeModule.parseError(), "multiple elements on top level")
        throw PyError()
      }
      root = newRef(node.ref)
    }
    stack.append(newRef(current))
    assign(&current, node.ref)
    assign(&last, node.ref)
    try report(.start, node.ref)
    return node
  }
  func end() throws(PyError) -> Owned {
    try flush()
    guard let parent = stack.popLast() else { throw indexError("pop from empty stack") }
    let ended = Owned(retaining: current)
    assign(&last, ended.ref)
    assign(&tailOwner, ended.ref)
    assign(&current, parent)
    decref(parent)
    try report(.end, ended.ref)
    return ended
  }
  func comment(_ text: Ref) throws(PyError) -> Owned {
    try flush()
    guard let factory = commentFactory else { return try noted(.comment, Owned(retaining: text)) }
    let held = Owned(retaining: factory)
    let node = try owned(PyObject_CallOneArg(held.ref, text))
    return try noted(.comment, try placed(node, insertsComments))
  }
  func instruction(_ target: Ref, _ text: Ref?) throws(PyError) -> Owned {
    try flush()
    guard let factory = instructionFactory else { return try noted(.instruction, try tuple(target, text)) }
    let held = Owned(retaining: factory)
    let node = try call(held.ref, target, text ?? none)
    return try noted(.instruction, try placed(node, insertsInstructions))
  }
  private func placed(_ node: consuming Owned, _ inserts: Bool) throws(PyError) -> Owned {
    if inserts, current != none {
      let parent = Owned(retaining: current)
      try addChild(parent.ref, node.ref)
      assign(&tailOwner, node.ref)
    }
    return node
  }
  private func noted(_ event: TreeEvent, _ node: consuming Owned) throws(PyError) -> Owned {
    try report(event, node.ref)
    return node
  }
  func startNamespace(_ prefix: Ref, _ uri: Ref) throws(PyError) {
    if !wants(.startNamespace) { return }
    let pair = try tuple(prefix, uri)
    try report(.startNamespace, pair.ref)
  }
  func endNamespace() throws(PyError) { try report(.endNamespace, none) }

  func done() -> Owned { Owned(retaining: root ?? none) }

  /// `_setevents`: where events go and which of them.
  func setEvents(_ queue: Ref, _ wanted: Ref) throws(PyError) {
    let append = try owned(PyObject_GetAttrString(queue, "append"))
    assign(&appendEvent, append.ref)
    for i in events.indices { assign(&events[i], nil) }
    if wanted == none {
      let end = try string("end")
      assign(&events[TreeEvent.end.rawValue], end.ref)
      return
    }
    guard let given = PySequence_Tuple(wanted) else {
      if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 {
        PyErr_Clear()
        throw typeError("events must be a sequence")
      }
      throw PyError()
    }
    let names = Owned(taking: given)
    for i in 0..<names.ref.size {
      let name = gila_tuple_items(names.ref)[i]!
      let text: String
      if name.isUnicode {
        text = swiftString(name)
      } else if name.isBytes {
        text = String(cString: PyBytes_AsString(name))
      } else {
        throw valueError("invalid events sequence")
      }
      guard let event = TreeEvent.allCases.first(where: { $0.text == text }) else {
        throw valueError("unknown event '\(text)'")
      }
      assign(&events[event.rawValue], name)
    }
  }
}

enum TreeBuilderType {
  nonisolated(unsafe) static var type: TypeRef! = nil
  private static let signature = Signature(
    "TreeBuilder",
    "(element_factory=None, *, comment_factory=None, pi_factory=None, insert_comments=False, insert_pis=False)")

  static func make() throws(PyError) -> Owned {
    let b = TreeBuilder()
    try b.configure(Bound(repeating: nil))
    return try Native.make(type, b)
  }
  @inline(__always) static func state(_ r: Ref) -> TreeBuilder { Native.state(r) }

  static func install() {
    if type != nil { return }
    let t = Native.makeType("xml.etree.ElementTree.TreeBuilder", flags: Native.subclassable, collected: true)
    t.pointee.tp_new = { type, _, _ in bridge { () throws(PyError) in try Native.make(type!, TreeBuilder()) } }
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        let b = try TreeBuilderType.signature.bind(tuple: args, dict: kwargs)
        try TreeBuilderType.state(r!).configure(b)
      }
    }
    var m = MethodTable()
    m.one("data", "($self, data, /)") { r, text in
      TreeBuilderType.state(r!).addData(text!)
      return none
    }
    m.positional("start", "($self, tag, attrs, /)") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("start", n, 2, 2)
        if !a![1]!.isDict { throw typeError("start() argument 2 must be dict, not \(Element.describe(a![1]!))") }
        return try TreeBuilderType.state(r!).start(a![0]!, a![1]!)
      }
    }
    m.one("end", "($self, tag, /)") { r, _ in
      bridge { () throws(PyError) in try TreeBuilderType.state(r!).end() }
    }
    m.one("comment", "($self, text, /)") { r, text in
      bridge { () throws(PyError) in try TreeBuilderType.state(r!).comment(text!) }
    }
    m.positional("pi", "($self, target, text=None, /)") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("pi", n, 1, 2)
        return try TreeBuilderType.state(r!).instruction(a![0]!, n > 1 ? a![1] : nil)
      }
    }
    m.noArguments("close", "($self, /)") { r, _ in
      bridge { () throws(PyError) in TreeBuilderType.state(r!).done() }
    }
    t.pointee.tp_methods = m.build()
    type = t
  }
}
