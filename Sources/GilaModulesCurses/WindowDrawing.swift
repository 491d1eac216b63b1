// Methods of windows that draw.

import CCurses
import CGila
import GilaCore
import GilaModuleSupport
import Glibc

enum WindowDrawing {
  typealias W = WindowType

  /// Moves to the coordinates in front of the other arguments if there are more than `most` arguments.
  @inline(__always) private static func moved(_ w: Window, _ g: inout Given, _ most: Int) throws(PyError) -> Bool {
    if g.count <= most { return true }
    let y = try g.int(), x = try g.int()
    return wmove(w, y, x) != CCurses.ERR
  }
  /// The attributes that a last argument names, for the time that `body` draws.
  private static func with(_ attributes: attr_t?, _ w: Window, _ body: () -> Int32) -> Int32 {
    guard let attributes else { return body() }
    var old: attr_t = 0
    var pair: Int16 = 0
    _ = wattr_get(w, &old, &pair, nil)
    _ = wattrset(w, Int32(bitPattern: attributes))
    let code = body()
    _ = wattr_set(w, old, pair, nil)
    return code
  }

  // MARK: Characters and text

  private static func draw(_ r: Ref, _ a: ArgumentVector?, _ n: Int, insert: Bool) throws(PyError) {
    var g = Given(a, n)
    try g.expect(insert ? "_curses.window.insch" : "_curses.window.addch", 1, 2, 3, 4)
    let w = try W.window(r)
    let isInside = try moved(w, &g, 2)
    let item = g.next()
    let cell = try Cell(item)
    let attributes = g.left > 0 ? try g.attributes() : 0
    switch cell {
    case .narrow(let c):
      let code = !isInside ? CCurses.ERR : insert ? winsch(w, c | attributes) : waddch(w, c | attributes)
      try Curses.check(code, insert ? "insch" : "addch")
    case .wide(let c):
      if insert {
        let byte = try Cell.byte(item, W.encoding(r))
        return try Curses.check(isInside ? winsch(w, byte | attributes) : CCurses.ERR, "insch")
      }
      var complex = cchar_t()
      let text: [wchar_t] = [c, 0]
      try Curses.check(gila_cell(&complex, text, attributes, gila_pair_number(attributes)), "setcchar")
      try Curses.check(isInside ? wadd_wch(w, &complex) : CCurses.ERR, "add_wch")
    }
  }
  private static func write(_ r: Ref, _ a: ArgumentVector?, _ n: Int, insert: Bool, limited: Bool) throws(PyError) {
    var g = Given(a, n)
    if limited {
      try g.expect(insert ? "_curses.window.insnstr" : "_curses.window.addnstr", 2, 3, 4, 5)
    } else {
      try g.expect(insert ? "_curses.window.insstr" : "_curses.window.addstr", 1, 2, 3, 4)
    }
    let w = try W.window(r)
    let isInside = try moved(w, &g, limited ? 3 : 2)
    let text = try Text(g.next())
    let limit = limited ? try g.int() : -1
    let attributes: attr_t? = g.left > 0 ? try g.attributes() : nil
    let code = with(attributes, w) {
      if !isInside { return CCurses.ERR }
      switch text {
      case .wide(let s): return insert ? wins_nwstr(w, s, limit) : waddnwstr(w, s, limit)
      case .narrow(let s): return insert ? winsnstr(w, s, limit) : waddnstr(w, s, limit)
      }
    }
    var isWide = false
    if case .wide = text { isWide = true }
    let name =
      (insert ? "ins" : "add") + (limited ? "n" : "") + (insert && isWide && limited ? "_" : "")
      + (isWide ? "wstr" : "str")
    if code == CCurses.ERR { throw Curses.error("\(name)() returned ERR") }
  }
  private static func line(_ r: Ref, _ a: ArgumentVector?, _ n: Int, vertical: Bool) throws(PyError) {
    var g = Given(a, n)
    try g.expect(vertical ? "_curses.window.vline" : "_curses.window.hline", 2, 3, 4, 5)
    let w = try W.window(r)
    let isInside = try moved(w, &g, 3)
    let c = try Cell.byte(g.next(), W.encoding(r)), count = try g.int()
    let attributes = g.left > 0 ? try g.attributes() : 0
    if !isInside { throw Curses.error("wmove() returned ERR") }
    try Curses.check(
      vertical ? wvline(w, c | attributes, count) : whline(w, c | attributes, count), vertical ? "vline" : "hline")
  }
  private static func changeAttributes(_ r: Ref, _ a: ArgumentVector?, _ n: Int) throws(PyError) {
    var g = Given(a, n)
    if !(1...4).contains(n) { throw typeError("_curses.window.chgat requires 1 to 4 arguments") }
    let w = try W.window(r)
    let isInside = try moved(w, &g, 2)
    let count = g.left > 1 ? try g.int() : -1
    let attributes = try g.attributes()
    let pair = gila_pair_number(attributes)
    let line = getcury(w)
    let code =
      isInside
      ? wchgat(w, count, attributes & ~chtype(gila_color_pair(255)), Int16(truncatingIfNeeded: pair), nil) : CCurses.ERR
    touchline(w, line, 1)
    try Curses.check(code, n > 2 ? "mvwchgat" : "wchgat")
  }
  private static func border(_ r: Ref, _ a: ArgumentVector?, _ n: Int) throws(PyError) {
    try checkCount("border", n, 0, 8)
    var sides = [chtype](repeating: 0, count: 8)
    for i in 0..<n { sides[i] = try Cell.byte(a![i]!, W.encoding(r)) }
    try Curses.check(
      wborder(
        W.window(r), sides[0], sides[1], sides[2], sides[3], sides[4], sides[5], sides[6], sides[7]), "wborder")
  }
  private static func background(
    _ r: Ref, _ a: ArgumentVector?, _ n: Int, _ function: StaticString
  ) throws(PyError) -> (Window, chtype) {
    try checkCount(function, n, 1, 2)
    let c = try Cell.byte(a![0]!, W.encoding(r))
    return (try W.window(r), c | (n > 1 ? attr_t(truncatingIfNeeded: try cLong(a![1]!)) : 0))
  }
  private static func copy(_ r: Ref, _ a: ArgumentVector?, _ n: Int, opaque: Bool) throws(PyError) {
    let name: StaticString = opaque ? "overwrite" : "overlay"
    if n != 1 && n != 7 { throw typeError("_curses.window.\(name) requires 1 to 7 arguments") }
    guard let target = a![0], target.isExactly(W.type) else {
      throw typeError("\(name)() argument 1 must be _curses.window, not \(typeName(of: a![0]!))")
    }
    let from = try W.window(r), to = try W.window(target)
    if n == 1 { return try Curses.check(opaque ? overwrite(from, to) : overlay(from, to), name) }
    var v: [Int32] = []
    for i in 1..<7 { v.append(try cInt(a![i]!)) }
    try Curses.check(copywin(from, to, v[0], v[1], v[2], v[3], v[4], v[5], opaque ? 0 : 1), "copywin")
  }

  static func add(_ m: inout MethodTable) {
    m.positional("addch", "", "addch([y, x,] ch, [attr=_curses.A_NORMAL])\nPaint the character.") { r, a, n in
      bridgeNone { () throws(PyError) in try WindowDrawing.draw(r!, a, n, insert: false) }
    }
    m.positional("insch", "", "insch([y, x,] ch, [attr=_curses.A_NORMAL])\nInsert a character before the current.") {
      r, a, n in bridgeNone { () throws(PyError) in try WindowDrawing.draw(r!, a, n, insert: true) }
    }
    m.positional("addstr", "", "addstr([y, x,] str, [attr])\nPaint the string.") { r, a, n in
      bridgeNone { () throws(PyError) in try WindowDrawing.write(r!, a, n, insert: false, limited: false) }
    }
    m.positional("addnstr", "", "addnstr([y, x,] str, n, [attr])\nPaint at most n characters of the string.") {
      r, a, n in
      bridgeNone { () throws(PyError) in try WindowDrawing.write(r!, a, n, insert: false, limited: true) }
    }
    m.positional("insstr", "", "insstr([y, x,] str, [attr])\nInsert the string before the current character.") {
      r, a, n in bridgeNone { () throws(PyError) in try WindowDrawing.write(r!, a, n, insert: true, limited: false) }
    }
    m.positional("insnstr", "", "insnstr([y, x,] str, n, [attr])\nInsert at most n characters of the string.") {
      r, a, n in bridgeNone { () throws(PyError) in try WindowDrawing.write(r!, a, n, insert: true, limited: true) }
    }
    m.positional("hline", "", "hline([y, x,] ch, n, [attr])\nDisplay a horizontal line.") { r, a, n in
      bridgeNone { () throws(PyError) in try WindowDrawing.line(r!, a, n, vertical: false) }
    }
    m.positional("vline", "", "vline([y, x,] ch, n, [attr])\nDisplay a vertical line.") { r, a, n in
      bridgeNone { () throws(PyError) in try WindowDrawing.line(r!, a, n, vertical: true) }
    }
    m.positional("chgat", "", "chgat([y, x,] [n,] attr)\nSet the attributes of characters.") { r, a, n in
      bridgeNone { () throws(PyError) in try WindowDrawing.changeAttributes(r!, a, n) }
    }
    m.positional("border", "", "border(ls, rs, ts, bs, tl, tr, bl, br)\nDraw a border around the window.") { r, a, n in
      bridgeNone { () throws(PyError) in try WindowDrawing.border(r!, a, n) }
    }
    m.positional("box", "", "box([verch=0, horch=0])\nDraw a border around the window.") { r, a, n in
      W.ok(r, a, n, "box", 0, 2) { (w, g) throws(PyError) in
        if g.count == 0 { return wborder(w, 0, 0, 0, 0, 0, 0, 0, 0) }
        let v = try Cell.byte(g.next(), W.encoding(r!)), h = try Cell.byte(g.next(), W.encoding(r!))
        return wborder(w, v, v, h, h, 0, 0, 0, 0)
      }
    }
    m.positional("echochar", "($self, ch, attr=_curses.A_NORMAL, /)", "Paint a character and refresh the window.") {
      r, a, n in
      bridgeNone { () throws(PyError) in
        let (w, c) = try WindowDrawing.background(r!, a, n, "echochar")
        try Curses.check(is_pad(w) ? pechochar(w, c) : wechochar(w, c), is_pad(w) ? "pechochar" : "wechochar")
      }
    }
    // Attributes and background.
    m.one("attron", "($self, attr, /)", "Add attributes to the set that is in force.") { r, v in
      bridgeNone { () throws(PyError) in
        let n = try cLong(v!)
        try Curses.check(wattron(W.window(r!), Int32(truncatingIfNeeded: n)), "attron")
      }
    }
    m.one("attroff", "($self, attr, /)", "Take attributes from the set that is in force.") { r, v in
      bridgeNone { () throws(PyError) in
        let n = try cLong(v!)
        try Curses.check(wattroff(W.window(r!), Int32(truncatingIfNeeded: n)), "attroff")
      }
    }
    m.one("attrset", "($self, attr, /)", "The set of attributes in force.") { r, v in
      bridgeNone { () throws(PyError) in
        let n = try cLong(v!)
        try Curses.check(wattrset(W.window(r!), Int32(truncatingIfNeeded: n)), "attrset")
      }
    }
    m.noArguments("standout", "", "Turn A_STANDOUT on.") { r, _ in W.ok(r, "wstandout") { wstandout($0) } }
    m.noArguments("standend", "", "Turn all attributes off.") { r, _ in W.ok(r, "wstandend") { wstandend($0) } }
    m.positional("bkgd", "($self, ch, attr=_curses.A_NORMAL, /)", "Set the background, also of what is there.") {
      r, a, n in
      bridgeNone { () throws(PyError) in
        let (w, c) = try WindowDrawing.background(r!, a, n, "bkgd")
        try Curses.check(wbkgd(w, c), "bkgd")
      }
    }
    m.positional("bkgdset", "($self, ch, attr=_curses.A_NORMAL, /)", "Set the background of what comes.") { r, a, n in
      bridgeNone { () throws(PyError) in
        let (w, c) = try WindowDrawing.background(r!, a, n, "bkgdset")
        wbkgdset(w, c)
      }
    }
    // Removing and moving.
    m.noArguments("clear", "", "Clear the window, and the screen at the next refresh.") { r, _ in
      W.ok(r, "wclear") { wclear($0) }
    }
    m.noArguments("erase", "", "Clear the window.") { r, _ in W.ok(r, "werase") { werase($0) } }
    m.noArguments("clrtobot", "", "Clear from the cursor to the end.") { r, _ in W.ok(r, "wclrtobot") { wclrtobot($0) }
    }
    m.noArguments("clrtoeol", "", "Clear to the end of the line.") { r, _ in W.ok(r, "wclrtoeol") { wclrtoeol($0) } }
    m.noArguments("deleteln", "", "Delete the line of the cursor.") { r, _ in W.ok(r, "winsdelln") { winsdelln($0, -1) }
    }
    m.noArguments("insertln", "", "Insert a blank line.") { r, _ in W.ok(r, "winsdelln") { winsdelln($0, 1) } }
    m.positional("delch", "", "delch([y, x])\nDelete a character.") { r, a, n in
      W.ok(r, a, n, "wdelch", 0, 2) { (w, g) throws(PyError) in
        try WindowDrawing.moved(w, &g, 0) ? wdelch(w) : CCurses.ERR
      }
    }
    m.one("insdelln", "($self, nlines, /)", "Insert lines, or delete them if negative.") { r, v in
      bridgeNone { () throws(PyError) in
        let n = try cInt(v!)
        try Curses.check(winsdelln(W.window(r!), n), "winsdelln")
      }
    }
    m.positional("move", "", "move(new_y, new_x)\nMove the cursor.") { r, a, n in
      W.ok(r, a, n, "wmove", 2) { (w, g) throws(PyError) in
        let y = try g.int(), x = try g.int()
        return wmove(w, y, x)
      }
    }
    m.positional("scroll", "", "scroll([lines=1])\nScroll the window upward.") { r, a, n in
      W.ok(r, a, n, "wscrl", 0, 1) { (w, g) throws(PyError) in wscrl(w, g.count > 0 ? try g.int() : 1) }
    }
    m.noArguments("touchwin", "", "Take the whole window as changed.") { r, _ in
      W.ok(r, "touchwin") { wtouchln($0, 0, getmaxy($0), 1) }
    }
    m.noArguments("untouchwin", "", "Take the whole window as unchanged.") { r, _ in
      W.ok(r, "untouchwin") { wtouchln($0, 0, getmaxy($0), 0) }
    }
    m.positional("touchline", "", "touchline(start, count, [changed=True])\nTake lines as changed or unchanged.") {
      r, a, n in
      W.ok(r, a, n, "touchline", 2, 3) { (w, g) throws(PyError) in
        let start = try g.int(), count = try g.int(), changed = g.left > 0 ? try g.flag() : true
        return wtouchln(w, start, count, changed ? 1 : 0)
      }
    }
    m.noArguments("redrawwin", "", "Redraw the whole window at the next refresh.") { r, _ in
      W.ok(r, "redrawwin") { redrawwin($0) }
    }
    m.positional("redrawln", "($self, beg, num, /)", "Redraw lines at the next refresh.") { r, a, n in
      W.ok(r, a, n, "redrawln", 2) { (w, g) throws(PyError) in
        let begin = try g.int(), count = try g.int()
        return wredrawln(w, begin, count)
      }
    }
    m.positional("overlay", "", "overlay(destwin, [sminrow, smincol, dminrow, dmincol, dmaxrow, dmaxcol])") { r, a, n in
      bridgeNone { () throws(PyError) in try WindowDrawing.copy(r!, a, n, opaque: false) }
    }
    m.positional("overwrite", "", "overwrite(destwin, [sminrow, smincol, dminrow, dmincol, dmaxrow, dmaxcol])") {
      r, a, n in bridgeNone { () throws(PyError) in try WindowDrawing.copy(r!, a, n, opaque: true) }
    }
    m.positional(
      "refresh", "", "refresh([pminrow, pmincol, sminrow, smincol, smaxrow, smaxcol])\nUpdate the display now."
    ) { r, a, n in bridgeNone { () throws(PyError) in try WindowDrawing.refresh(r!, a, n, now: true) } }
    m.positional(
      "noutrefresh", "",
      "noutrefresh([pminrow, pmincol, sminrow, smincol, smaxrow, smaxcol])\nMark for an update of the display."
    ) { r, a, n in bridgeNone { () throws(PyError) in try WindowDrawing.refresh(r!, a, n, now: false) } }
  }
  private static func refresh(_ r: Ref, _ a: ArgumentVector?, _ n: Int, now: Bool) throws(PyError) {
    let name: StaticString = now ? "refresh" : "noutrefresh"
    if n != 0 && n != 6 { throw typeError("_curses.window.\(name) requires 0 to 6 arguments") }
    let w = try W.window(r)
    if is_pad(w) {
      if n == 0 { throw Curses.error("\(name)() called for a pad requires 6 arguments") }
      var v: [Int32] = []
      for i in 0..<6 { v.append(try cInt(a![i]!)) }
      let code = releasingLock("curses") {
        now ? prefresh(w, v[0], v[1], v[2], v[3], v[4], v[5]) : pnoutrefresh(w, v[0], v[1], v[2], v[3], v[4], v[5])
      }
      return try Curses.check(code, now ? "prefresh" : "pnoutrefresh")
    }
    if n != 0 { throw typeError("\(name)() takes no arguments (6 required for a pad)") }
    let code = releasingLock("curses") { now ? wrefresh(w) : wnoutrefresh(w) }
    try Curses.check(code, now ? "prefresh" : "wnoutrefresh")
  }
}
