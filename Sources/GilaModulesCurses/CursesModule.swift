// The module _curses: the screen, the terminal, colors, the keyboard and the mouse.

import CCurses
import CGila
import GilaCore
import GilaModuleSupport
import Glibc

enum CursesModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_curses", doc: "The screen of a terminal.", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try CursesModule.fill(module!) } })

  private static func fill(_ module: Ref) throws(PyError) {
    let error = try Curses.exception("_curses.error")
    Curses.remember(module: module, error: error.ref)
    try add(module, "error", error.ref)
    try addType(module, "window", WindowType.type)
    let version = try bytesObject("2.2", 3)
    try add(module, "version", version.ref)
    try add(module, "__version__", version.ref)
    try addLibraryVersion(module)
    guard let names = PyModule_GetDict(module) else { throw PyError() }
    var at = gila_curses_constants()!
    while let name = at.pointee.name {
      let value = try int(at.pointee.value)
      try check(PyDict_SetItemString(names, name, value.ref))
      at += 1
    }
    // The library knows the names of its keys.
    for key in Int32(0o401)...Int32(0o777) {
      guard let p = keyname(key), strcmp(p, "UNKNOWN KEY") != 0 else { continue }
      var name = String(cString: p)
      if name.hasPrefix("KEY_F(") { name = "KEY_F" + name.dropFirst(6).dropLast() }
      if !name.hasPrefix("KEY_") { continue }
      let value = try int(key)
      try check(PyDict_SetItemString(names, name, value.ref))
    }
    for (name, value) in [("KEY_MIN", 0o401), ("KEY_MAX", 0o777)] as [(StaticString, Int)] {
      try GilaCore.add(module, name, int: value)
    }
  }
  private static func addLibraryVersion(_ module: Ref) throws(PyError) {
    let collections = try owned(PyImport_ImportModule("collections"))
    let make = try owned(PyObject_GetAttrString(collections.ref, "namedtuple"))
    let name = try string("ncurses_version"), fields = try string("major minor patch")
    let type = try call(make.ref, name.ref, fields.ref)
    let home = try string("curses")
    try check(PyObject_SetAttrString(type.ref, "__module__", home.ref))
    let major = try int(NCURSES_VERSION_MAJOR), minor = try int(NCURSES_VERSION_MINOR)
    let patch = try int(NCURSES_VERSION_PATCH)
    let version = try call(type.ref, major.ref, minor.ref, patch.ref)
    try add(module, "ncurses_version", version.ref)
  }

  // MARK: The screen

  private static func setNumber(_ module: Ref, _ name: StaticString, _ n: Int32) throws(PyError) {
    let value = try int(n)
    guard let names = PyModule_GetDict(module) else { throw PyError() }
    try check(PyDict_SetItemString(names, cString(name), value.ref))
  }
  /// LINES and COLS in this module, and in `curses` if it is there.
  fileprivate static func updateSize() throws(PyError) {
    if let module = Curses.module {
      try setNumber(module, "LINES", gila_lines())
      try setNumber(module, "COLS", gila_columns())
    }
    let name = try string("curses")
    if let module = PyImport_GetModule(name.ref) {
      let held = Owned(taking: module)
      try setNumber(held.ref, "LINES", gila_lines())
      try setNumber(held.ref, "COLS", gila_columns())
    }
    if errorIsSet { throw PyError() }
  }
  private static func start() throws(PyError) -> Owned {
    if Curses.isStarted {
      wrefresh(gila_screen())
      return try WindowType.make(gila_screen(), "initscr")
    }
    guard let screen = initscr() else { throw Curses.error("initscr() returned NULL") }
    Curses.isSetUp = true
    Curses.isStarted = true
    if let module = Curses.module, let names = PyModule_GetDict(module) {
      var at = gila_curses_drawing()!
      while let name = at.pointee.name {
        let value = try int(gila_acs(Int32(at.pointee.value)))
        try check(PyDict_SetItemString(names, name, value.ref))
        at += 1
      }
      try setNumber(module, "LINES", gila_lines())
      try setNumber(module, "COLS", gila_columns())
    }
    return try WindowType.make(screen, "initscr")
  }
  private static func setUpTerminal(_ term: Ref?, _ fd: Int32) throws(PyError) {
    var fd = fd
    if fd == -1 {
      guard let out = PySys_GetObject("stdout"), !out.isNone else { throw Curses.error("lost sys.stdout") }
      let held = Owned(retaining: out)
      fd = PyObject_AsFileDescriptor(held.ref)
      if fd == -1 { throw PyError() }
    }
    if Curses.isSetUp { return }
    var name: UnsafePointer<CChar>? = nil
    if let term, !term.isNone { name = try cText(term, "setupterm", "argument 1") }
    var problem: Int32 = 0
    let code = name.map { setupterm(UnsafeMutablePointer(mutating: $0), fd, &problem) } ?? setupterm(nil, fd, &problem)
    if code == CCurses.ERR {
      throw Curses.error(
        problem == 0
          ? "setupterm: could not find terminal"
          : problem == -1 ? "setupterm: could not find terminfo database" : "setupterm: unknown error")
    }
    Curses.isSetUp = true
  }

  private static let setup = Function("setupterm", "(term=None, fd=-1)")
  private static let parameters = Function(
    "tparm", "(str, i1=0, i2=0, i3=0, i4=0, i5=0, i6=0, i7=0, i8=0, i9=0, /)")

  /// A function without arguments that returns the library's code.
  private static func plain(_ name: StaticString, needsScreen: Bool = true, _ body: () -> Int32) -> Ref? {
    bridgeNone { () throws(PyError) in
      if needsScreen { try Curses.needScreen() }
      try Curses.check(body(), name)
    }
  }
  /// A function with an optional flag: what it does for true and for false.
  private static func switched(
    _ a: ArgumentVector?, _ n: Int, _ name: StaticString, _ on: () -> Int32, _ off: () -> Int32
  ) -> Ref? {
    bridgeNone { () throws(PyError) in
      try checkCount(name, n, 0, 1)
      let flag = n > 0 ? try truth(a![0]!) : true
      try Curses.needScreen()
      try Curses.check(flag ? on() : off(), name)
    }
  }
  private static func screenFlag(_ body: () -> Bool) -> Ref? {
    bridge { () throws(PyError) in
      try Curses.needScreen()
      return bool(body())
    }
  }
  /// A number from `least` to `most`, however large the int is.
  private static func number(
    _ r: Ref, _ what: StaticString, _ least: Int, _ most: Int, _ limit: String
  ) throws(PyError) -> Int32 {
    var overflow: Int32 = 0
    let n = PyLong_AsLongAndOverflow(r, &overflow)
    if n == -1 && errorIsSet { throw PyError() }
    if overflow < 0 || (overflow == 0 && n < least) { throw valueError("\(what) is less than 0.") }
    if overflow > 0 || n > most { throw valueError("\(what) is greater than \(limit).") }
    return Int32(truncatingIfNeeded: n)
  }
  fileprivate static func colorNumber(_ r: Ref, least: Int = 0) throws(PyError) -> Int32 {
    let most = Int(gila_colors()) - 1
    return try number(r, "Color number", least, most, "COLORS-1 (\(most))")
  }
  fileprivate static func pairNumber(_ r: Ref) throws(PyError) -> Int32 {
    let most = Int(gila_color_pairs()) - 1
    return try number(r, "Color pair", 0, most, "COLOR_PAIRS-1 (\(most))")
  }
  fileprivate static func component(_ r: Ref) throws(PyError) -> Int32 {
    try number(r, "Color component", 0, 1000, "1000")
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("initscr", "($module, /)", "Begin: the window of the whole screen.") { _, _ in
      bridge { () throws(PyError) in try CursesModule.start() }
    }
    m.noArguments("endwin", "($module, /)", "Give the terminal back.") { _, _ in
      CursesModule.plain("endwin") { endwin() }
    }
    m.noArguments("isendwin", "($module, /)", "Whether endwin() has been called.") { _, _ in
      CursesModule.screenFlag { isendwin() }
    }
    m.noArguments("doupdate", "($module, /)", "Update the physical screen.") { _, _ in
      CursesModule.plain("doupdate") { releasingLock("curses") { CCurses.doupdate() } }
    }
    addModes(&m)
    addWindows(&m)
    CursesTerminal.add(&m)
    m.add(CursesModule.setup, "Prepare the terminal.") { _, a, n, names in
      perform(CursesModule.setup, a, n, names) { (b) throws(PyError) in
        try CursesModule.setUpTerminal(b[0], try cInt(b[1], -1))
      }
    }
    m.add(CursesModule.parameters, "A string of the terminal with its parameters filled in.") { _, a, n, names in
      answer(CursesModule.parameters, a, n, names) { (b) throws(PyError) in
        try Curses.needTerminal()
        guard b[0]!.isBytes, let text = PyBytes_AsString(b[0]!) else {
          throw typeError("tparm() argument 1 must be read-only bytes-like object, not \(typeName(of: b[0]!))")
        }
        var v = [Int32](repeating: 0, count: 9)
        for i in 0..<9 { v[i] = try cInt(b[i + 1], 0) }
        guard let made = gila_tparm(text, v) else { throw Curses.error("tparm() returned NULL") }
        return try bytesObject(made, strlen(made))
      }
    }
    return m.build()
  }
  private static func addModes(_ m: inout MethodTable) {
    m.positional("cbreak", "($module, flag=True, /)", "Keys arrive one by one.") { _, a, n in
      CursesModule.switched(a, n, "cbreak", { cbreak() }, { nocbreak() })
    }
    m.positional("echo", "($module, flag=True, /)", "Keys show on the screen.") { _, a, n in
      CursesModule.switched(a, n, "echo", { echo() }, { noecho() })
    }
    m.positional("nl", "($module, flag=True, /)", "Return is newline.") { _, a, n in
      CursesModule.switched(a, n, "nl", { nl() }, { nonl() })
    }
    m.positional("raw", "($module, flag=True, /)", "Keys arrive one by one, also those that make signals.") { _, a, n in
      CursesModule.switched(a, n, "raw", { raw() }, { noraw() })
    }
    m.positional("qiflush", "($module, flag=True, /)", "Signals empty the queues.") { _, a, n in
      CursesModule.switched(
        a, n, "qiflush",
        {
          qiflush()
          return CCurses.OK
        },
        {
          noqiflush()
          return CCurses.OK
        })
    }
    m.noArguments("nocbreak", "($module, /)", "Leave cbreak mode.") { _, _ in
      CursesModule.plain("nocbreak") { nocbreak() }
    }
    m.noArguments("noecho", "($module, /)", "Leave echo mode.") { _, _ in CursesModule.plain("noecho") { noecho() } }
    m.noArguments("nonl", "($module, /)", "Leave newline mode.") { _, _ in CursesModule.plain("nonl") { nonl() } }
    m.noArguments("noraw", "($module, /)", "Leave raw mode.") { _, _ in CursesModule.plain("noraw") { noraw() } }
    m.noArguments("noqiflush", "($module, /)", "Signals leave the queues alone.") { _, _ in
      CursesModule.plain("noqiflush") {
        noqiflush()
        return CCurses.OK
      }
    }
    m.noArguments("beep", "($module, /)", "Emit a short sound.") { _, _ in CursesModule.plain("beep") { beep() } }
    m.noArguments("flash", "($module, /)", "Flash the screen.") { _, _ in CursesModule.plain("flash") { flash() } }
    m.noArguments("flushinp", "($module, /)", "Throw typed keys away.") { _, _ in
      CursesModule.plain("flushinp") { CCurses.flushinp() }
    }
    m.noArguments("def_prog_mode", "($module, /)", "Remember the terminal's state as the program's.") { _, _ in
      CursesModule.plain("def_prog_mode") { def_prog_mode() }
    }
    m.noArguments("def_shell_mode", "($module, /)", "Remember the terminal's state as the shell's.") { _, _ in
      CursesModule.plain("def_shell_mode") { def_shell_mode() }
    }
    m.noArguments("reset_prog_mode", "($module, /)", "Restore the program's state.") { _, _ in
      CursesModule.plain("reset_prog_mode") { reset_prog_mode() }
    }
    m.noArguments("reset_shell_mode", "($module, /)", "Restore the shell's state.") { _, _ in
      CursesModule.plain("reset_shell_mode") { reset_shell_mode() }
    }
    m.noArguments("savetty", "($module, /)", "Save the terminal's modes.") { _, _ in
      CursesModule.plain("savetty") { savetty() }
    }
    m.noArguments("resetty", "($module, /)", "Restore what savetty() saved.") { _, _ in
      CursesModule.plain("resetty") { resetty() }
    }
    m.noArguments("filter", "($module, /)", "Before initscr(): use one line only.") { _, _ in
      CCurses.filter()
      return none
    }
    m.one("use_env", "($module, flag, /)", "Before initscr(): whether LINES and COLUMNS count.") { _, flag in
      bridgeNone { () throws(PyError) in use_env(try truth(flag!)) }
    }
    m.one("curs_set", "($module, visibility, /)", "The cursor: 0 invisible, 1 normal, 2 very visible.") { _, v in
      bridge { () throws(PyError) in
        let n = try cInt(v!)
        try Curses.needScreen()
        let old = curs_set(n)
        try Curses.check(old, "curs_set")
        return try int(old)
      }
    }
    m.one("halfdelay", "($module, tenths, /)", "Like cbreak, but getch() gives up after some tenths of a second.") {
      _, v in
      bridgeNone { () throws(PyError) in
        let n = try cInt(v!)
        try Curses.needScreen()
        try Curses.check(halfdelay(n), "halfdelay")
      }
    }
    m.one("intrflush", "($module, flag, /)", "Whether an interrupt key empties the output.") { _, v in
      bridgeNone { () throws(PyError) in
        let flag = try truth(v!)
        try Curses.needScreen()
        try Curses.check(intrflush(nil, flag), "intrflush")
      }
    }
    m.one("meta", "($module, yes, /)", "Whether keys have eight bits.") { _, v in
      bridgeNone { () throws(PyError) in
        let flag = try truth(v!)
        try Curses.needScreen()
        try Curses.check(meta(gila_screen(), flag), "meta")
      }
    }
    m.one("typeahead", "($module, fd, /)", "Where typeahead is looked for, -1 for nowhere.") { _, v in
      bridgeNone { () throws(PyError) in
        let fd = try cInt(v!)
        try Curses.needScreen()
        try Curses.check(typeahead(fd), "typeahead")
      }
    }
    m.one("napms", "($module, ms, /)", "Sleep.") { _, v in
      bridge { () throws(PyError) in
        let ms = try cInt(v!)
        try Curses.needScreen()
        let code = releasingLock("curses") { napms(ms) }
        return try int(code)
      }
    }
    m.one("delay_output", "($module, ms, /)", "Pause the output.") { _, v in
      bridgeNone { () throws(PyError) in
        let ms = try cInt(v!)
        try Curses.needScreen()
        try Curses.check(releasingLock("curses") { delay_output(ms) }, "delay_output")
      }
    }
  }
  private static func addWindows(_ m: inout MethodTable) {
    m.positional("newwin", "", "newwin(nlines, ncols, [begin_y=0, begin_x=0])\nA new window.") { _, a, n in
      bridge { () throws(PyError) in
        var g = Given(a, n)
        try g.expect("_curses.newwin", 2, 4)
        let lines = try g.int(), columns = try g.int()
        let y = n == 4 ? try g.int() : 0, x = n == 4 ? try g.int() : 0
        try Curses.needScreen()
        let w = newwin(lines, columns, y, x)
        if let w { keypad(w, false) }
        return try WindowType.make(w, "newwin")
      }
    }
    m.positional("newpad", "($module, nlines, ncols, /)", "A window that need not fit on the screen.") { _, a, n in
      bridge { () throws(PyError) in
        var g = Given(a, n)
        try g.exactly("newpad", 2)
        let lines = try g.int(), columns = try g.int()
        try Curses.needScreen()
        return try WindowType.make(newpad(lines, columns), "newpad")
      }
    }
    m.one("getwin", "($module, file, /)", "A window from a file that putwin() wrote.") { _, file in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        let data = try callMethod(file!, "read")
        guard data.ref.isBytes else { throw typeError("f.read() returned \(typeName(of: data.ref)) instead of bytes") }
        return try WindowType.make(WindowReading.restore(data.ref), "getwin")
      }
    }
    m.noArguments("getsyx", "($module, /)", "The cursor on the virtual screen.") { _, _ in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        var y: Int32 = 0, x: Int32 = 0
        gila_get_cursor(&y, &x)
        return try WindowType.pair(y, x)
      }
    }
    m.positional("setsyx", "($module, y, x, /)", "Set the cursor on the virtual screen.") { _, a, n in
      bridgeNone { () throws(PyError) in
        var g = Given(a, n)
        try g.exactly("setsyx", 2)
        let y = try g.int(), x = try g.int()
        try Curses.needScreen()
        gila_set_cursor(y, x)
      }
    }
    m.positional("is_term_resized", "($module, nlines, ncols, /)", "Whether resize_term() would do something.") {
      _, a, n in
      bridge { () throws(PyError) in
        var g = Given(a, n)
        try g.exactly("is_term_resized", 2)
        let y = try g.int(), x = try g.int()
        try Curses.needScreen()
        return bool(is_term_resized(y, x))
      }
    }
    m.positional("resizeterm", "($module, nlines, ncols, /)", "Resize the windows, and put a key into the queue.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        var g = Given(a, n)
        try g.exactly("resizeterm", 2)
        let y = try g.int(), x = try g.int()
        try Curses.needScreen()
        try Curses.check(resizeterm(y, x), "resizeterm")
        try CursesModule.updateSize()
      }
    }
    m.positional("resize_term", "($module, nlines, ncols, /)", "Resize the windows.") { _, a, n in
      bridgeNone { () throws(PyError) in
        var g = Given(a, n)
        try g.exactly("resize_term", 2)
        let y = try g.int(), x = try g.int()
        try Curses.needScreen()
        try Curses.check(resize_term(y, x), "resize_term")
        try CursesModule.updateSize()
      }
    }
    m.noArguments("update_lines_cols", "($module, /)", "Bring LINES and COLS up to date.") { _, _ in
      bridgeNone { () throws(PyError) in try CursesModule.updateSize() }
    }
    // Colors.
    m.noArguments("start_color", "($module, /)", "Before any other function of colors.") { _, _ in
      bridgeNone { () throws(PyError) in
        try Curses.needScreen()
        try Curses.check(start_color(), "start_color")
        Curses.hasColors = true
        if let module = Curses.module {
          try CursesModule.setNumber(module, "COLORS", gila_colors())
          try CursesModule.setNumber(module, "COLOR_PAIRS", gila_color_pairs())
        }
      }
    }
    m.noArguments("has_colors", "($module, /)", "Whether the terminal has colors.") { _, _ in
      CursesModule.screenFlag { has_colors() }
    }
    m.noArguments("can_change_color", "($module, /)", "Whether colors can be defined.") { _, _ in
      CursesModule.screenFlag { can_change_color() }
    }
    m.noArguments("has_extended_color_support", "($module, /)", "Whether there may be more than 256 pairs.") { _, _ in
      newRef(pyTrue)
    }
    m.noArguments("use_default_colors", "($module, /)", "Allow -1 for the terminal's own colors.") { _, _ in
      bridgeNone { () throws(PyError) in
        try Curses.needColors()
        try Curses.check(use_default_colors(), "use_default_colors")
      }
    }
    m.positional("init_color", "($module, color_number, r, g, b, /)", "Define a color.") { _, a, n in
      bridgeNone { () throws(PyError) in
        var g = Given(a, n)
        try g.exactly("init_color", 4)
        try Curses.needColors()
        let color = try CursesModule.colorNumber(g.next()), red = try CursesModule.component(g.next())
        let green = try CursesModule.component(g.next()), blue = try CursesModule.component(g.next())
        try Curses.check(init_extended_color(color, red, green, blue), "init_extended_color")
      }
    }
    m.positional("init_pair", "($module, pair_number, fg, bg, /)", "Define a pair of colors.") { _, a, n in
      bridgeNone { () throws(PyError) in
        var g = Given(a, n)
        try g.exactly("init_pair", 3)
        try Curses.needColors()
        let pair = try CursesModule.pairNumber(g.next())
        let front = try CursesModule.colorNumber(g.next(), least: -1)
        let back = try CursesModule.colorNumber(g.next(), least: -1)
        try Curses.check(init_extended_pair(pair, front, back), "init_extended_pair")
      }
    }
    m.one("color_content", "($module, color_number, /)", "Red, green and blue of a color.") { _, v in
      bridge { () throws(PyError) in
        try Curses.needColors()
        let color = try CursesModule.colorNumber(v!)
        var r: Int32 = 0, g: Int32 = 0, b: Int32 = 0
        try Curses.check(extended_color_content(color, &r, &g, &b), "extended_color_content")
        let x = try int(r), y = try int(g), z = try int(b)
        return try tuple(x.ref, y.ref, z.ref)
      }
    }
    m.one("pair_content", "($module, pair_number, /)", "The colors of a pair.") { _, v in
      bridge { () throws(PyError) in
        try Curses.needColors()
        let pair = try CursesModule.pairNumber(v!)
        var front: Int32 = 0, back: Int32 = 0
        try Curses.check(extended_pair_content(pair, &front, &back), "extended_pair_content")
        return try WindowType.pair(front, back)
      }
    }
    m.one("color_pair", "($module, pair_number, /)", "The attribute that stands for a pair of colors.") { _, v in
      bridge { () throws(PyError) in
        try Curses.needColors()
        return try int(gila_color_pair(CursesModule.pairNumber(v!)))
      }
    }
    m.one("pair_number", "($module, attr, /)", "The pair of colors in an attribute.") { _, v in
      bridge { () throws(PyError) in
        let n = try cInt(v!)
        try Curses.needColors()
        return try int(gila_pair_number(attr_t(bitPattern: n)))
      }
    }
  }
}
