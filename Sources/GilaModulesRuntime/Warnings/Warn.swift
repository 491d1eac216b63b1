// Issuing a warning: where it comes from, whether it is shown, raised or dropped.

import CGila
import GilaCore

enum Warn {
  typealias FrameObject = UnsafeMutablePointer<PyFrameObject>

  /// Where a warning points to: names and numbers from a frame some levels up.
  struct Place: ~Copyable {
    let fileName: Owned
    let line: Int
    let module: Owned
    let registry: Owned
  }

  static func category(_ message: Ref, _ category: Ref?) throws(PyError) -> Ref {
    if message.isInstance(of: Exc.Warning) { return message.type.object }
    let c = category == nil || category == none ? Exc.UserWarning.object : category!
    guard c.isType, PyType_IsSubtype(c.asType, Exc.Warning) != 0 else {
      throw typeError("category must be a Warning subclass, not '\(typeName(of: c))'")
    }
    return c
  }

  /// The warning `message` of a category, `level` frames up (1 is the caller).
  static func issue(
    _ category: Ref, _ message: Ref, level: Int, source: Ref? = nil, skipping prefixes: Ref? = nil
  ) throws(PyError) {
    try WarningFilters.prepare()
    let place = try find(level, prefixes)
    try explicit(
      category, message, fileName: place.fileName.ref, line: place.line, module: place.module.ref,
      registry: place.registry.ref, source: source)
  }

  // MARK: the frame

  private static func frameCode(_ f: FrameObject) throws(PyError) -> Ref {
    guard let c = PyFrame_GetCode(f) else { throw PyError() }
    let r = UnsafeMutableRawPointer(c).assumingMemoryBound(to: PyObject.self)
    decref(r)  // the frame still holds it
    return r
  }
  private static func fileName(_ f: FrameObject) throws(PyError) -> Ref {
    try frameCode(f).cast(PyCodeObject.self).pointee.co_filename ?? none
  }
  /// importlib's own frames do not count.
  private static func isInternal(_ f: FrameObject, _ prefixes: Ref?) throws(PyError) -> Bool {
    let name = try fileName(f)
    guard name.isUnicode else { return false }
    let text = swiftString(name)
    if contains(text, "importlib") && contains(text, "_bootstrap") { return true }
    guard let prefixes else { return false }
    for i in 0..<prefixes.size {
      if try checkSize(PyUnicode_Tailmatch(name, gila_tuple_items(prefixes)[i], 0, Int.max, -1)) > 0 { return true }
    }
    return false
  }
  private static func contains(_ text: String, _ part: String) -> Bool {
    var rest = Substring(text)
    while !rest.isEmpty {
      if rest.hasPrefix(part) { return true }
      rest = rest.dropFirst()
    }
    return false
  }
  private static func back(_ f: FrameObject) -> FrameObject? {
    let b = PyFrame_GetBack(f)
    decref(UnsafeMutableRawPointer(f).assumingMemoryBound(to: PyObject.self))
    return b
  }
  private static func find(_ level: Int, _ prefixes: Ref?) throws(PyError) -> Place {
    var frame = currentThread.pointee.current_frame == nil ? nil : PyThreadState_GetFrame(currentThread)
    if frame == nil && errorIsSet { PyErr_Clear() }
    var level = level
    var plain = level <= 0
    if !plain, let f = frame { plain = try isInternal(f, nil) }
    level -= 1
    while level > 0, let f = frame {
      frame = back(f)
      if !plain {
        while let g = frame, try isInternal(g, prefixes) { frame = back(g) }
      }
      level -= 1
    }
    let globals: Owned, name: Owned
    var line = 0
    if let frame {
      let held = Owned(taking: UnsafeMutableRawPointer(frame).assumingMemoryBound(to: PyObject.self))
      _ = held.ref
      globals = try owned(PyFrame_GetGlobals(frame))
      name = Owned(retaining: try fileName(frame))
      line = Int(PyFrame_GetLineNumber(frame))
    } else {
      globals = Owned(retaining: currentInterpreter.pointee.sysdict ?? none)
      name = try string("<sys>")
    }
    guard globals.ref.isDict else { throw typeError("globals of a frame must be a dict") }
    let registry: Owned
    if let known = PyDict_GetItemWithError(globals.ref, Dunder.warningregistry.ref) {
      registry = Owned(retaining: known)
    } else {
      if errorIsSet { throw PyError() }
      registry = try owned(PyDict_New())
      try check(PyDict_SetItem(globals.ref, Dunder.warningregistry.ref, registry.ref))
    }
    var module = Owned(retaining: text("<string>"))
    if let m = try dictValue(globals.ref, "__name__"), m == none || m.isUnicode { module = Owned(retaining: m) }
    return Place(fileName: name, line: line, module: module, registry: registry)
  }

  // MARK: the decision

  /// The name of the module of a source file.
  private static func moduleName(_ fileName: Ref) throws(PyError) -> Owned {
    let n = PyUnicode_GetLength(fileName)
    if n == 0 { return try string("<unknown>") }
    if n >= 3, PyUnicode_Tailmatch(fileName, text(".py"), 0, n, 1) == 1 {
      return try owned(PyUnicode_Substring(fileName, 0, n - 3))
    }
    return Owned(retaining: fileName)
  }
  static func explicit(
    _ category: Ref, _ message: Ref, fileName: Ref, line: Int, module: Ref?, registry: Ref?, sourceLine: Ref? = nil,
    source: Ref? = nil
  ) throws(PyError) {
    try WarningFilters.prepare()
    if module == none { return }
    if let registry, registry != none, !registry.isDict {
      throw typeError("'registry' must be a dict or None")
    }
    let registry = registry == none ? nil : registry
    let moduleName = try module == nil ? moduleName(fileName) : Owned(retaining: module!)
    let textValue: Owned, instance: Owned
    var category = category
    if message.isInstance(of: Exc.Warning) {
      textValue = try owned(PyObject_Str(message))
      instance = Owned(retaining: message)
      category = message.type.object
    } else {
      textValue = Owned(retaining: message)
      instance = try call(category, message)
    }
    let number = try int(line)
    let key = try owned(PyTuple_New(3))
    gila_tuple_items(key.ref)[0] = newRef(textValue.ref)
    gila_tuple_items(key.ref)[1] = newRef(category)
    gila_tuple_items(key.ref)[2] = newRef(number.ref)
    if let registry, try WarningFilters.seen(registry, key.ref, adding: false) { return }
    let found = try WarningFilters.action(category, textValue.ref, line, moduleName.ref)
    switch found.action {
    case "error":
      PyErr_SetObject(category, instance.ref)
      throw PyError()
    case "ignore": return
    case "always": break
    default:
      if let registry { try check(PyDict_SetItem(registry, key.ref, pyTrue)) }
      var already = false
      switch found.action {
      case "once":
        let short = try tuple(textValue.ref, category)
        if let registry {
          already = try WarningFilters.seen(registry, short.ref, adding: true)
        } else {
          let once = try WarningFilters.onceRegistry()
          already = try WarningFilters.seen(once.ref, short.ref, adding: true)
        }
      case "module":
        let short = try tuple(textValue.ref, category)
        if let registry { already = try WarningFilters.seen(registry, short.ref, adding: true) }
      case "default": break
      default:
        let item = try found.item == nil ? "???" : reprText(found.item!)
        throw runtimeError("Unrecognized action ('\(found.action)') in warnings.filters:\n \(item)")
      }
      if already { return }
    }
    try show(category, textValue.ref, instance.ref, fileName, number.ref, sourceLine, source)
  }

  // MARK: showing

  private static func show(
    _ category: Ref, _ message: Ref, _ instance: Ref, _ fileName: Ref, _ line: Ref, _ sourceLine: Ref?, _ source: Ref?
  ) throws(PyError) {
    guard let f = try WarningFilters.moduleAttribute("_showwarnmsg", importing: source != nil) else {
      return try showPlain(category, message, fileName, line, sourceLine)
    }
    guard PyCallable_Check(f.ref) != 0 else {
      throw typeError("warnings._showwarnmsg() must be set to a callable")
    }
    guard let make = try WarningFilters.moduleAttribute("WarningMessage") else {
      throw runtimeError("unable to get warnings.WarningMessage")
    }
    let arguments = try owned(PyTuple_New(7))
    for (i, r) in [instance, category, fileName, line, none, none, source ?? none].enumerated() {
      gila_tuple_items(arguments.ref)[i] = newRef(r)
    }
    let record = try owned(PyObject_Call(make.ref, arguments.ref, nil))
    _ = try call(f.ref, record.ref)
  }
  /// Without the module `warnings`: a line on stderr.
  private static func showPlain(_ category: Ref, _ message: Ref, _ fileName: Ref, _ line: Ref, _ sourceLine: Ref?)
    throws(PyError)
  {
    guard let err = sysObject("stderr"), err != none else { return }
    let name = try attribute(category, "__name__")
    let number = PyLong_AsLong(line)
    let shown = try owned(PyObject_Str(message))
    var lines = "\(swiftString(fileName)):\(number): \(swiftString(name.ref)): \(swiftString(shown.ref))\n"
    if let sourceLine, sourceLine.isUnicode {
      lines += "  \(swiftString(sourceLine).drop { $0 == " " || $0 == "\t" || $0 == "\u{C}" })\n"
    } else if let source = ErrorDisplay.sourceLine(swiftString(fileName), number) {
      lines += "  \(source)\n"
    }
    let s = try string(lines)
    if PyFile_WriteObject(s.ref, err, Py_PRINT_RAW) < 0 { PyErr_Clear() }
  }
}
