// The module readline.

import CGila
import GilaCore
import GilaModuleSupport
import Glibc

enum ReadlineObject: Int { case completer, displayHook, startupHook, inputHook, begin, end, count }

enum ReadlineModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "readline", doc: "Editing of lines read from a terminal.", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try ReadlineModule.fill(module!) } })
  static let objects = ObjectTable<ReadlineObject>(slot: 245, count: ReadlineObject.count.rawValue)
  nonisolated(unsafe) private static var historyLimit: Int32 = -1
  /// The delimiters the library points to.
  nonisolated(unsafe) private static var delimiters: CText? = nil

  private static func library() throws(PyError) -> ReadlineLibrary {
    guard let l = LineReading.library else { throw runtimeError("readline is not loaded") }
    return l
  }

  private static func fill(_ module: Ref) throws(PyError) {
    try objects.prepare()
    if LineReading.library == nil {
      guard let l = ReadlineLibrary() else { throw raise(Exc.ImportError, "no line editing library was found") }
      LineReading.library = l
      setUp(l)
    }
    let l = try library()
    try addText(module, "backend", l.isEditline ? "editline" : "readline")
    try add(module, "_READLINE_VERSION", int: Int(l.get("rl_readline_version", Int32.self) ?? 0))
    try add(module, "_READLINE_RUNTIME_VERSION", int: Int(l.get("rl_readline_version", Int32.self) ?? 0))
    if let version = l.get("rl_library_version", CText?.self) ?? nil {
      try addText(module, "_READLINE_LIBRARY_VERSION", version)
    }
    typealias Reader = @convention(c) (OpaquePointer?, OpaquePointer?, UnsafePointer<CChar>?) -> CText?
    let reader: Reader = { LineReading.read($0, $1, $2) }
    dlsym(nil, "PyOS_ReadlineFunctionPointer")?.storeBytes(of: reader, as: Reader.self)
  }
  private static func setUp(_ l: ReadlineLibrary) {
    l.set("rl_readline_name", strdup("python"))
    if l.isEditline { _ = l.initialize() }
    l.usingHistory()
    if !l.isEditline {
      // Tab inserts itself until somebody binds it to completion.
      _ = l.bindKey(9, l.address("rl_insert"))
      _ = l.bindKeyInMap?(9, l.address("rl_complete"), l.address("emacs_meta_keymap"))
      _ = l.bindKeyInMap?(27, l.address("rl_complete"), l.address("emacs_meta_keymap"))
    }
    let startup: Hook = { ReadlineHooks.run(.startupHook) }
    let input: Hook = { ReadlineHooks.run(.inputHook) }
    l.set("rl_startup_hook", startup)
    l.set("rl_pre_input_hook", input)
    let attempt: Attempt = { text, start, end in ReadlineHooks.complete(text, start, end) }
    l.set("rl_attempted_completion_function", attempt)
    delimiters = strdup(" \t\n`~!@#$%^&*()-=+[{]}\\|;:'\",<>/?")
    l.set("rl_completer_word_break_characters", delimiters)
    if isatty(1) == 0 { _ = l.bindVariable?("enable-meta-key", "off") }
    if !l.isEditline { _ = l.initialize() }
  }

  // MARK: text

  static func encode(_ r: Ref) throws(PyError) -> Owned {
    guard r.isUnicode else { throw typeError("argument must be str, not \(typeName(of: r))") }
    return try owned(PyUnicode_EncodeLocale(r, "surrogateescape"))
  }
  static func decode(_ p: UnsafePointer<CChar>?) throws(PyError) -> Owned {
    try owned(PyUnicode_DecodeLocale(p, "surrogateescape"))
  }
  /// A file's name for the library; nil for None.
  private static func path(_ r: Ref?) throws(PyError) -> Owned? {
    guard let r, r != none else { return nil }
    var made: Ref? = nil
    if PyUnicode_FSConverter(r, &made) == 0 { throw PyError() }
    return try owned(made)
  }
  private static func systemError(_ code: Int32) -> PyError {
    gila_errno_location().pointee = code
    PyErr_SetFromErrno(Exc.OSError.object)
    return PyError()
  }

  // MARK: functions

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    history(&m)
    files(&m)
    completion(&m)
    editing(&m)
    return m.build()
  }
  private static func history(_ m: inout MethodTable) {
    m.one("add_history", "($module, string, /)", "Append a line to the history.") { _, s in
      bridgeNone { () throws(PyError) in
        let b = try ReadlineModule.encode(s!)
        try ReadlineModule.library().addHistory(PyBytes_AsString(b.ref))
      }
    }
    m.noArguments("clear_history", "($module, /)", "Forget the history.") { _, _ in
      bridgeNone { () throws(PyError) in try ReadlineModule.library().clearHistory() }
    }
    m.one("get_history_item", "($module, index, /)", "The line of the history at an index, from 1 on.") { _, i in
      bridge { () throws(PyError) in
        let n = try cInt(i!)
        let l = try ReadlineModule.library()
        guard let e = l.historyEntry(l.isEditline ? n - 1 : n) else { return noneOwned() }
        return try ReadlineModule.decode(ReadlineLibrary.line(e))
      }
    }
    m.noArguments("get_current_history_length", "($module, /)", "How many lines the history has.") { _, _ in
      bridge { () throws(PyError) in
        return try int(try ReadlineModule.library().historyCount())
      }
    }
    m.noArguments("get_history_length", "($module, /)", "The most lines a history file gets; negative: no limit.") {
      _, _ in PyLong_FromLong(Int(ReadlineModule.historyLimit))
    }
    m.one("set_history_length", "($module, length, /)", "Limit the lines of history files.") { _, n in
      bridgeNone { () throws(PyError) in ReadlineModule.historyLimit = try cInt(n!) }
    }
    m.one("remove_history_item", "($module, pos, /)", "Remove a line of the history by its position from 0 on.") {
      _, p in
      bridgeNone { () throws(PyError) in
        let n = try cInt(p!)
        if n < 0 { throw valueError("History index cannot be negative") }
        let l = try ReadlineModule.library()
        guard let e = l.removeHistory(n) else { throw valueError("No history item at position \(n)") }
        if let data = l.freeEntry?(e) { free(data) }
      }
    }
    m.positional(
      "replace_history_item", "($module, pos, line, /)", "Replace a line of the history by its position from 0 on."
    ) { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("replace_history_item", n, 2, 2)
        let at = try cInt(a![0]!)
        let b = try ReadlineModule.encode(a![1]!)
        if at < 0 { throw valueError("History index cannot be negative") }
        let l = try ReadlineModule.library()
        guard let e = l.replaceHistory(at, PyBytes_AsString(b.ref), nil) else {
          throw valueError("No history item at position \(at)")
        }
        if let data = l.freeEntry?(e) { free(data) }
      }
    }
    m.one("set_auto_history", "($module, enabled, /)", "Say whether lines read go into the history.") { _, flag in
      bridgeNone { () throws(PyError) in LineReading.addsToHistory = try truth(flag!) }
    }
  }
  private static func files(_ m: inout MethodTable) {
    m.positional("read_history_file", "($module, filename=None, /)", "Load a history file (~/.history).") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("read_history_file", n, 0, 1)
        let p = try ReadlineModule.path(n > 0 ? a![0] : nil)
        let code = try ReadlineModule.library().readHistory(ReadlineModule.bytes(p))
        if code != 0 { throw ReadlineModule.systemError(code) }
      }
    }
    m.positional("write_history_file", "($module, filename=None, /)", "Save the history to a file (~/.history).") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("write_history_file", n, 0, 1)
        let p = try ReadlineModule.path(n > 0 ? a![0] : nil)
        let name = ReadlineModule.bytes(p)
        let l = try ReadlineModule.library()
        let code = l.writeHistory(name)
        if code != 0 { throw ReadlineModule.systemError(code) }
        if ReadlineModule.historyLimit >= 0 { _ = l.truncateHistory(name, ReadlineModule.historyLimit) }
      }
    }
    m.positional(
      "append_history_file", "($module, nelements, filename=None, /)",
      "Append the last lines of the history to a file (~/.history)."
    ) { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("append_history_file", n, 1, 2)
        let count = try cInt(a![0]!)
        if count < 0 { throw valueError("nelements must be positive") }
        let p = try ReadlineModule.path(n > 1 ? a![1] : nil)
        let name = ReadlineModule.bytes(p)
        let l = try ReadlineModule.library()
        guard let append = l.appendHistory else { throw raise(Exc.NotImplementedError, "append_history_file") }
        let code = append(count, name)
        if code != 0 { throw ReadlineModule.systemError(code) }
        if ReadlineModule.historyLimit >= 0 { _ = l.truncateHistory(name, ReadlineModule.historyLimit) }
      }
    }
    m.positional("read_init_file", "($module, filename=None, /)", "Run a file of settings.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("read_init_file", n, 0, 1)
        let p = try ReadlineModule.path(n > 0 ? a![0] : nil)
        let code = try ReadlineModule.library().readInitFile(ReadlineModule.bytes(p))
        if code != 0 { throw ReadlineModule.systemError(code) }
      }
    }
  }
  private static func bytes(_ r: borrowing Owned?) -> UnsafePointer<CChar>? {
    switch r {
    case .some(let o): return UnsafePointer(PyBytes_AsString(o.ref))
    case .none: return nil
    }
  }
  private static func hook(_ key: ReadlineObject, _ a: ArgumentVector?, _ n: Int, _ name: StaticString) -> Ref? {
    bridgeNone { () throws(PyError) in
      try checkCount(name, n, 0, 1)
      let f = n > 0 ? a![0]! : none
      if f != none, PyCallable_Check(f) == 0 { throw typeError("\(name)(func): argument not callable") }
      try objects.set(key, f)
    }
  }
  private static func completion(_ m: inout MethodTable) {
    m.positional("set_completer", "($module, function=None, /)", "Set the function that completes words.") { _, a, n in
      ReadlineModule.hook(.completer, a, n, "set_completer")
    }
    m.noArguments("get_completer", "($module, /)", "The function that completes words.") { _, _ in
      newRef(ReadlineModule.objects[.completer])
    }
    m.positional("set_startup_hook", "($module, function=None, /)", "Set the function called before the prompt.") {
      _, a, n in ReadlineModule.hook(.startupHook, a, n, "set_startup_hook")
    }
    m.positional(
      "set_pre_input_hook", "($module, function=None, /)", "Set the function called between prompt and first character."
    ) { _, a, n in ReadlineModule.hook(.inputHook, a, n, "set_pre_input_hook") }
    m.positional(
      "set_completion_display_matches_hook", "($module, function=None, /)",
      "Set the function that shows several completions."
    ) { _, a, n in
      let r = ReadlineModule.hook(.displayHook, a, n, "set_completion_display_matches_hook")
      if r != nil, let l = LineReading.library {
        let display: Display = { ReadlineHooks.display($0, $1, $2) }
        let wanted: Display? = ReadlineModule.objects[.displayHook] == none ? nil : display
        l.set("rl_completion_display_matches_hook", wanted)
      }
      return r
    }
    m.noArguments("get_completion_type", "($module, /)", "The kind of completion asked for.") { _, _ in
      bridge { () throws(PyError) in try int(try ReadlineModule.library().get("rl_completion_type", Int32.self) ?? 0) }
    }
    m.noArguments("get_begidx", "($module, /)", "Where the word to complete begins.") { _, _ in
      let r = ReadlineModule.objects[.begin]
      return r == none ? PyLong_FromLong(0) : newRef(r)
    }
    m.noArguments("get_endidx", "($module, /)", "Where the word to complete ends.") { _, _ in
      let r = ReadlineModule.objects[.end]
      return r == none ? PyLong_FromLong(0) : newRef(r)
    }
    m.noArguments("get_completer_delims", "($module, /)", "The characters between words.") { _, _ in
      bridge { () throws(PyError) in
        let l = try ReadlineModule.library()
        return try ReadlineModule.decode(l.get("rl_completer_word_break_characters", CText?.self) ?? nil)
      }
    }
    m.one("set_completer_delims", "($module, string, /)", "Set the characters between words.") { _, s in
      bridgeNone { () throws(PyError) in
        let b = try ReadlineModule.encode(s!)
        guard let copy = strdup(PyBytes_AsString(b.ref)) else { throw memoryError() }
        let old = ReadlineModule.delimiters
        ReadlineModule.delimiters = copy
        try ReadlineModule.library().set("rl_completer_word_break_characters", Optional(copy))
        free(old)
      }
    }
  }
  private static func editing(_ m: inout MethodTable) {
    m.one("parse_and_bind", "($module, string, /)", "Execute a line of settings.") { _, s in
      bridgeNone { () throws(PyError) in
        let b = try ReadlineModule.encode(s!)
        // The library changes the text.
        guard let copy = strdup(PyBytes_AsString(b.ref)) else { throw memoryError() }
        defer { free(copy) }
        _ = try ReadlineModule.library().parseAndBind(copy)
      }
    }
    m.noArguments("get_line_buffer", "($module, /)", "The line as far as it was typed.") { _, _ in
      bridge { () throws(PyError) in
        let text: CText? = try ReadlineModule.library().get("rl_line_buffer", CText?.self) ?? nil
        return text == nil ? try string("") : try ReadlineModule.decode(text)
      }
    }
    m.one("insert_text", "($module, string, /)", "Insert text into the line.") { _, s in
      bridgeNone { () throws(PyError) in
        let b = try ReadlineModule.encode(s!)
        _ = try ReadlineModule.library().insertText(PyBytes_AsString(b.ref))
      }
    }
    m.noArguments("redisplay", "($module, /)", "Show the line as it is now.") { _, _ in
      bridgeNone { () throws(PyError) in try ReadlineModule.library().redisplay() }
    }
  }
}
