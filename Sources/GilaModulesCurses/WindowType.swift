// The type of windows: what they are, and what asks about them or changes how they behave.

import CCurses
import CGila
import GilaCore
import GilaModuleSupport
import Glibc

enum WindowType {
  // Behind the head: the library's window, the encoding (str), the window this is a part of.
  private static let windowOffset = 16, encodingOffset = 24, parentOffset = 32

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define("_curses.window", basicSize: 40, flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_dealloc = { r in
      let r = r!
      let w = WindowType.place(r).pointee
      if let w, w != gila_screen() { delwin(w) }
      xdecref(r.word(1).pointee)
      xdecref(r.word(2).pointee)
      r.type.pointee.tp_free(r.raw)
    }
    var m = MethodTable()
    WindowType.addState(&m)
    WindowDrawing.add(&m)
    WindowReading.add(&m)
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add(
      "encoding", "the typecode character used to create the array",
      get: { r, _ in newRef(WindowType.encoding(r!)) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw typeError("encoding may not be deleted") }
          guard v.isUnicode else { throw typeError("setting encoding to a non-string") }
          replace(r!.word(1), with: newRef(v))
        }
      })
    t.pointee.tp_getset = g.build()
    return t
  }()
  private static func place(_ r: Ref) -> UnsafeMutablePointer<Window?> {
    (r.raw + windowOffset).assumingMemoryBound(to: Window?.self)
  }
  static func window(_ r: Ref) throws(PyError) -> Window {
    guard let w = place(r).pointee else { throw Curses.error("the window is gone") }
    return w
  }
  static func encoding(_ r: Ref) -> Ref { r.word(1).pointee ?? none }

  /// An object for a window of the library; a part of another keeps that one alive.
  static func make(_ w: Window?, encoding: Ref? = nil, parent: Ref? = nil, _ function: StaticString)
    throws(PyError) -> Owned
  {
    guard let w else { throw Curses.error("\(function)() returned NULL") }
    let name: Owned
    if let encoding {
      name = Owned(retaining: encoding)
    } else {
      let codeset = nl_langinfo(Int32(CODESET)).map { String(cString: $0) } ?? ""
      name = try string(codeset.isEmpty ? "utf-8" : codeset)
    }
    let r = try owned(type.pointee.tp_alloc(type, 0))
    place(r.ref).pointee = w
    r.ref.word(1).pointee = name.take()
    r.ref.word(2).pointee = xnewRef(parent)
    return r
  }

  /// A pair of numbers.
  static func pair(_ a: Int32, _ b: Int32) throws(PyError) -> Owned {
    let x = try int(a), y = try int(b)
    return try tuple(x.ref, y.ref)
  }
  /// Calls `body` for its code of success.
  static func ok(_ r: Ref?, _ function: StaticString, _ body: (Window) throws(PyError) -> Int32) -> Ref? {
    bridgeNone { () throws(PyError) in try Curses.check(body(WindowType.window(r!)), function) }
  }
  /// The same with arguments, of which there must be one number of a list.
  static func ok(
    _ r: Ref?, _ a: ArgumentVector?, _ n: Int, _ function: StaticString, _ counts: Int...,
    body: (Window, inout Given) throws(PyError) -> Int32
  ) -> Ref? {
    bridgeNone { () throws(PyError) in
      var given = Given(a, n)
      if !counts.contains(n) {
        if let only = counts.first, counts.count == 1 { try given.exactly(function, only) }
        throw typeError("\(function) requires \(counts.min() ?? 0) to \(counts.max() ?? 0) arguments")
      }
      try Curses.check(body(WindowType.window(r!), &given), function)
    }
  }
  static func flagged(_ r: Ref?, _ flag: Ref?, _ function: StaticString, _ body: (Window, Bool) -> Int32) -> Ref? {
    bridgeNone { () throws(PyError) in
      let on = try truth(flag!)
      try Curses.check(body(WindowType.window(r!), on), function)
    }
  }

  private static func addState(_ m: inout MethodTable) {
    m.noArguments("getyx", "", "Return a tuple (y, x) of the cursor position.") { r, _ in
      bridge { () throws(PyError) in
        let w = try WindowType.window(r!)
        return try WindowType.pair(getcury(w), getcurx(w))
      }
    }
    m.noArguments("getbegyx", "", "Return a tuple (y, x) of the upper-left corner.") { r, _ in
      bridge { () throws(PyError) in
        let w = try WindowType.window(r!)
        return try WindowType.pair(getbegy(w), getbegx(w))
      }
    }
    m.noArguments("getmaxyx", "", "Return a tuple (y, x) of the window height and width.") { r, _ in
      bridge { () throws(PyError) in
        let w = try WindowType.window(r!)
        return try WindowType.pair(getmaxy(w), getmaxx(w))
      }
    }
    m.noArguments("getparyx", "", "Return (y, x) relative to the parent window, or (-1, -1).") { r, _ in
      bridge { () throws(PyError) in
        let w = try WindowType.window(r!)
        return try WindowType.pair(getpary(w), getparx(w))
      }
    }
    m.noArguments("getbkgd", "($self, /)", "Return the window's current background character/attribute pair.") { r, _ in
      bridge { () throws(PyError) in try int(GilaCurses.background(WindowType.window(r!))) }
    }
    m.one("is_linetouched", "($self, line, /)", "Whether a line was modified since the last refresh.") { r, line in
      bridge { () throws(PyError) in
        let w = try WindowType.window(r!), n = try cInt(line!)
        if n < 0 || n >= getmaxy(w) { throw typeError("is_linetouched: line number outside of boundaries") }
        return bool(is_linetouched(w, n))
      }
    }
    m.noArguments("is_wintouched", "", "Whether the window was modified since the last refresh.") { r, _ in
      bridge { () throws(PyError) in bool(is_wintouched(try WindowType.window(r!))) }
    }
    m.positional("enclose", "($self, y, x, /)", "Whether the screen-relative coordinates are inside the window.") {
      r, a, n in
      bridge { () throws(PyError) in
        var given = Given(a, n)
        try given.exactly("enclose", 2)
        let y = try given.int(), x = try given.int()
        return bool(wenclose(try WindowType.window(r!), y, x))
      }
    }
    // How it behaves.
    m.one("clearok", "", "If flag is True, the next refresh clears the screen.") { r, f in
      WindowType.flagged(r, f, "clearok") { clearok($0, $1) }
    }
    m.one("idlok", "", "Whether hardware line editing may be used.") { r, f in
      WindowType.flagged(r, f, "idlok") { idlok($0, $1) }
    }
    m.one("idcok", "", "Whether hardware character editing may be used.") { r, f in
      WindowType.flagged(r, f, "idcok") {
        idcok($0, $1)
        return CCurses.OK
      }
    }
    m.one("immedok", "", "Whether every change refreshes the window.") { r, f in
      WindowType.flagged(r, f, "immedok") {
        immedok($0, $1)
        return CCurses.OK
      }
    }
    m.one("keypad", "", "Whether escape sequences of function keys are interpreted.") { r, f in
      WindowType.flagged(r, f, "keypad") { keypad($0, $1) }
    }
    m.one("leaveok", "", "Whether the cursor stays where an update leaves it.") { r, f in
      WindowType.flagged(r, f, "leaveok") { leaveok($0, $1) }
    }
    m.one("nodelay", "", "Whether getch() does not wait.") { r, f in
      WindowType.flagged(r, f, "nodelay") { nodelay($0, $1) }
    }
    m.one("notimeout", "", "Whether escape sequences have no time limit.") { r, f in
      WindowType.flagged(r, f, "notimeout") { notimeout($0, $1) }
    }
    m.one("scrollok", "", "Whether the window scrolls at its end.") { r, f in
      WindowType.flagged(r, f, "scrollok") { scrollok($0, $1) }
    }
    m.one("syncok", "", "Whether changes reach the parent windows at once.") { r, f in
      WindowType.flagged(r, f, "syncok") { syncok($0, $1) }
    }
    m.one("timeout", "", "How long getch() waits, in milliseconds; negative: as long as it takes.") { r, delay in
      bridgeNone { () throws(PyError) in
        let n = try cInt(delay!)
        wtimeout(try WindowType.window(r!), n)
      }
    }
    m.positional("setscrreg", "($self, top, bottom, /)", "The lines that scroll.") { r, a, n in
      WindowType.ok(r, a, n, "wsetscrreg", 2) { (w, g) throws(PyError) in
        let top = try g.int(), bottom = try g.int()
        return wsetscrreg(w, top, bottom)
      }
    }
    m.noArguments("cursyncup", "", "The parents' cursors follow the window's.") { r, _ in
      WindowType.ok(r, "wcursyncup") {
        wcursyncup($0)
        return CCurses.OK
      }
    }
    m.noArguments("syncdown", "", "Touch what was touched in the parent windows.") { r, _ in
      WindowType.ok(r, "wsyncdown") {
        wsyncdown($0)
        return CCurses.OK
      }
    }
    m.noArguments("syncup", "", "Touch in the parent windows what was touched.") { r, _ in
      WindowType.ok(r, "wsyncup") {
        wsyncup($0)
        return CCurses.OK
      }
    }
    // Where it is.
    m.positional("mvwin", "", "mvwin(new_y, new_x)\nMove the window.") { r, a, n in
      WindowType.ok(r, a, n, "mvwin", 2) { (w, g) throws(PyError) in
        let y = try g.int(), x = try g.int()
        return mvwin(w, y, x)
      }
    }
    m.positional("mvderwin", "", "mvderwin(y, x)\nMove the window inside its parent window.") { r, a, n in
      WindowType.ok(r, a, n, "mvderwin", 2) { (w, g) throws(PyError) in
        let y = try g.int(), x = try g.int()
        return mvderwin(w, y, x)
      }
    }
    m.positional("resize", "", "resize(nlines, ncols)\nChange the size of the window.") { r, a, n in
      WindowType.ok(r, a, n, "wresize", 2) { (w, g) throws(PyError) in
        let lines = try g.int(), columns = try g.int()
        return wresize(w, lines, columns)
      }
    }
    m.positional("derwin", "", "derwin([nlines=0, ncols=0,] begin_y, begin_x)\nCreate a sub-window (window-relative).")
    {
      r, a, n in WindowType.part(r!, a, n, "_curses.window.derwin", relative: true)
    }
    m.positional("subwin", "", "subwin([nlines=0, ncols=0,] begin_y, begin_x)\nCreate a sub-window (screen-relative).")
    {
      r, a, n in WindowType.part(r!, a, n, "_curses.window.subwin", relative: false)
    }
    m.positional("subpad", "", "subpad([nlines=0, ncols=0,] begin_y, begin_x)\nCreate a sub-window of a pad.") {
      r, a, n in WindowType.part(r!, a, n, "_curses.window.subpad", relative: false)
    }
  }
  private static func part(_ r: Ref, _ a: ArgumentVector?, _ n: Int, _ function: StaticString, relative: Bool) -> Ref? {
    bridge { () throws(PyError) in
      var g = Given(a, n)
      try g.expect(function, 2, 4)
      let w = try window(r)
      var lines: Int32 = 0, columns: Int32 = 0
      if n == 4 {
        lines = try g.int()
        columns = try g.int()
      }
      let y = try g.int(), x = try g.int()
      let made: Window?
      if relative {
        made = derwin(w, lines, columns, y, x)
      } else if is_pad(w) {
        made = subpad(w, lines, columns, y, x)
      } else {
        made = subwin(w, lines, columns, y, x)
      }
      return try make(made, encoding: encoding(r), parent: r, relative ? "derwin" : "subwin")
    }
  }
}

enum GilaCurses {
  static func background(_ w: Window) -> UInt32 { UInt32(getbkgd(w)) }
}
