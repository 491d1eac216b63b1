// Functions of _curses about the terminal, its keyboard and its mouse.

import CCurses
import CGila
import GilaCore
import GilaModuleSupport
import Glibc

enum CursesTerminal {
  private static func bytes(_ p: UnsafePointer<CChar>?) throws(PyError) -> Owned {
    guard let p else { return noneOwned() }
    return try bytesObject(p, strlen(p))
  }
  /// The name of something the terminal can do, as an argument.
  private static func capability(_ r: Ref, _ function: StaticString) throws(PyError) -> UnsafeMutablePointer<CChar> {
    try Curses.needTerminal()
    guard r.isUnicode else { throw typeError("\(function)() argument must be str, not \(typeName(of: r))") }
    return UnsafeMutablePointer(mutating: try cText(r, function, "argument"))
  }

  static func add(_ m: inout MethodTable) {
    m.noArguments("baudrate", "($module, /)", "The output speed.") { _, _ in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        return try int(baudrate())
      }
    }
    m.noArguments("erasechar", "($module, /)", "The user's erase character.") { _, _ in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        var c = erasechar()
        return try bytesObject(&c, 1)
      }
    }
    m.noArguments("killchar", "($module, /)", "The user's line kill character.") { _, _ in
      bridge { () throws(PyError) in
        var c = killchar()
        return try bytesObject(&c, 1)
      }
    }
    m.noArguments("has_ic", "($module, /)", "Whether the terminal inserts and deletes characters.") { _, _ in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        return bool(has_ic())
      }
    }
    m.noArguments("has_il", "($module, /)", "Whether the terminal inserts and deletes lines.") { _, _ in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        return bool(has_il())
      }
    }
    m.noArguments("longname", "($module, /)", "What the terminal is.") { _, _ in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        return try CursesTerminal.bytes(longname())
      }
    }
    m.noArguments("termname", "($module, /)", "The value of TERM.") { _, _ in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        return try CursesTerminal.bytes(termname())
      }
    }
    m.noArguments("termattrs", "($module, /)", "All attributes that the terminal has.") { _, _ in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        return try int(termattrs())
      }
    }
    m.one("tigetflag", "($module, capname, /)", "A property: 1 or 0, -1 if it is none of this kind.") { _, v in
      bridge { () throws(PyError) in try int(tigetflag(CursesTerminal.capability(v!, "tigetflag"))) }
    }
    m.one("tigetnum", "($module, capname, /)", "A number: -1 if the terminal has none, -2 if it is none of this kind.")
    {
      _, v in bridge { () throws(PyError) in try int(tigetnum(CursesTerminal.capability(v!, "tigetnum"))) }
    }
    m.one("tigetstr", "($module, capname, /)", "A string of the terminal, or None.") { _, v in
      bridge { () throws(PyError) in
        let p = tigetstr(try CursesTerminal.capability(v!, "tigetstr"))
        return gila_is_no_string(p) ? noneOwned() : try CursesTerminal.bytes(p)
      }
    }
    m.one("putp", "($module, string, /)", "Write a string of the terminal.") { _, v in
      bridgeNone { () throws(PyError) in
        guard v!.isBytes, let p = PyBytes_AsString(v!) else {
          throw typeError("a bytes-like object is required, not '\(typeName(of: v!))'")
        }
        try Curses.check(putp(p), "putp")
      }
    }
    m.one("keyname", "($module, key, /)", "The name of a key.") { _, v in
      bridge { () throws(PyError) in
        let key = try cInt(v!)
        if key < 0 { throw valueError("invalid key number") }
        guard let p = keyname(key) else { return try bytesObject("", 0) }
        return try CursesTerminal.bytes(p)
      }
    }
    m.one("has_key", "($module, key, /)", "Whether the terminal has a key.") { _, v in
      bridge { () throws(PyError) in
        let key = try cInt(v!)
        try Curses.needScreen()
        return bool(has_key(key) != 0)
      }
    }
    m.one("unctrl", "($module, ch, /)", "A character as text, with a caret for control.") { _, v in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        let encoding = try string("utf-8")
        return try CursesTerminal.bytes(unctrl(Cell.byte(v!, encoding.ref)))
      }
    }
    m.one("ungetch", "($module, ch, /)", "Make a character the next that getch() gets.") { _, v in
      bridgeNone { () throws(PyError) in
        try Curses.needScreen()
        let encoding = try string("utf-8")
        try Curses.check(CCurses.ungetch(Int32(bitPattern: Cell.byte(v!, encoding.ref))), "ungetch")
      }
    }
    m.one("unget_wch", "($module, ch, /)", "Make a character the next that get_wch() gets.") { _, v in
      bridgeNone { () throws(PyError) in
        try Curses.needScreen()
        let v = v!
        let c: wchar_t
        if v.isUnicode {
          let n = PyUnicode_GetLength(v)
          if n != 1 { throw typeError("expect str of length 1 or int, got a str of length \(n)") }
          c = wchar_t(truncatingIfNeeded: PyUnicode_ReadChar(v, 0))
        } else if v.isLong {
          let n = try cLong(v)
          guard let small = wchar_t(exactly: n) else { throw overflowError("character doesn't fit in wchar_t") }
          c = small
        } else {
          throw typeError("expect str of length 1 or int, got \(typeName(of: v))")
        }
        try Curses.check(unget_wch(c), "unget_wch")
      }
    }
    // The mouse.
    m.noArguments("getmouse", "($module, /)", "The mouse event in the queue: (id, x, y, z, bstate).") { _, _ in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        var e = MEVENT()
        try Curses.check(CCurses.getmouse(&e), "getmouse")
        let id = try int(e.id), x = try int(e.x), y = try int(e.y), z = try int(e.z), state = try int(e.bstate)
        return try tuple(id.ref, x.ref, y.ref, z.ref, state.ref)
      }
    }
    m.positional("ungetmouse", "($module, id, x, y, z, bstate, /)", "Put a mouse event into the queue.") { _, a, n in
      bridgeNone { () throws(PyError) in
        var g = Given(a, n)
        try g.exactly("ungetmouse", 5)
        var e = MEVENT()
        e.id = Int16(truncatingIfNeeded: try g.int())
        e.x = try g.int()
        e.y = try g.int()
        e.z = try g.int()
        e.bstate = mmask_t(truncatingIfNeeded: try cLong(g.next()))
        try Curses.needScreen()
        try Curses.check(CCurses.ungetmouse(&e), "ungetmouse")
      }
    }
    m.one("mousemask", "($module, newmask, /)", "Which mouse events are reported: (available, old mask).") { _, v in
      bridge { () throws(PyError) in
        let mask = mmask_t(truncatingIfNeeded: try cLong(v!))
        try Curses.needScreen()
        var old: mmask_t = 0
        let available = mousemask(mask, &old)
        let a = try int(available), b = try int(old)
        return try tuple(a.ref, b.ref)
      }
    }
    m.one("mouseinterval", "($module, interval, /)", "How long a click may take, in milliseconds.") { _, v in
      bridgeNone { () throws(PyError) in
        let n = try cInt(v!)
        try Curses.needScreen()
        try Curses.check(mouseinterval(n), "mouseinterval")
      }
    }
    // Variables of the library.
    m.noArguments("get_escdelay", "($module, /)", "How long to wait for the rest of an escape sequence.") { _, _ in
      PyLong_FromLong(Int(gila_escape_delay()))
    }
    m.one("set_escdelay", "($module, ms, /)", "How long to wait for the rest of an escape sequence.") { _, v in
      bridgeNone { () throws(PyError) in
        let n = try cInt(v!)
        if n <= 0 { throw valueError("ms must be > 0") }
        try Curses.check(set_escdelay(n), "set_escdelay")
      }
    }
    m.noArguments("get_tabsize", "($module, /)", "Columns of a tab.") { _, _ in PyLong_FromLong(Int(gila_tab_size())) }
    m.one("set_tabsize", "($module, size, /)", "Columns of a tab.") { _, v in
      bridgeNone { () throws(PyError) in
        let n = try cInt(v!)
        if n <= 0 { throw valueError("size must be > 0") }
        try Curses.check(set_tabsize(n), "set_tabsize")
      }
    }
  }
}
