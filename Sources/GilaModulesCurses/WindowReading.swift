// Methods of windows that read: keys from the terminal, characters from the window.

import CCurses
import CGila
import GilaCore
import GilaModuleSupport
import Glibc

enum WindowReading {
  typealias W = WindowType
  /// The most characters of a line.
  private static let longest: Int32 = 2047

  private static func moved(_ w: Window, _ g: inout Given, _ most: Int) throws(PyError) -> Bool {
    if g.count <= most { return true }
    let y = try g.int(), x = try g.int()
    return wmove(w, y, x) != CCurses.ERR
  }
  private static func noInput() throws(PyError) -> PyError {
    try check(PyErr_CheckSignals())
    return Curses.error("no input")
  }
  /// How many characters are wanted: the argument behind optional coordinates.
  private static func limit(_ g: inout Given, _ function: StaticString) throws(PyError) -> Int32 {
    if g.left == 0 { return longest }
    let n = try g.int()
    if n < 0 { throw valueError("'n' must be nonnegative") }
    return min(n, longest)
  }

  static func add(_ m: inout MethodTable) {
    m.positional("getch", "", "getch([y, x])\nGet a character code from the terminal keyboard.") { r, a, n in
      bridge { () throws(PyError) in
        var g = Given(a, n)
        try g.expect("_curses.window.getch", 0, 2)
        let w = try W.window(r!)
        if !(try WindowReading.moved(w, &g, 0)) { return try int(CCurses.ERR) }
        let key = releasingLock("curses") { wgetch(w) }
        return try int(key)
      }
    }
    m.positional("getkey", "", "getkey([y, x])\nGet a character from the terminal keyboard, or the name of a key.") {
      r, a, n in
      bridge { () throws(PyError) in
        var g = Given(a, n)
        try g.expect("_curses.window.getkey", 0, 2)
        let w = try W.window(r!)
        let isInside = try WindowReading.moved(w, &g, 0)
        let key = isInside ? releasingLock("curses") { wgetch(w) } : CCurses.ERR
        if key == CCurses.ERR { throw try WindowReading.noInput() }
        if key <= 255 { return try owned(PyUnicode_FromOrdinal(key)) }
        guard let name = keyname(key) else { return try string("") }
        return try owned(PyUnicode_FromString(name))
      }
    }
    m.positional("get_wch", "", "get_wch([y, x])\nGet a wide character from the terminal keyboard, or a key's code.") {
      r, a, n in
      bridge { () throws(PyError) in
        var g = Given(a, n)
        try g.expect("_curses.window.get_wch", 0, 2)
        let w = try W.window(r!)
        let isInside = try WindowReading.moved(w, &g, 0)
        var c: wint_t = 0
        let code = isInside ? releasingLock("curses") { wget_wch(w, &c) } : CCurses.ERR
        if code == CCurses.ERR { throw try WindowReading.noInput() }
        if code == CCurses.KEY_CODE_YES { return try int(c) }
        return try owned(PyUnicode_FromOrdinal(Int32(bitPattern: c)))
      }
    }
    m.positional("getstr", "", "getstr([[y, x,] n=2047])\nRead a string from the user, with primitive line editing.") {
      r, a, n in
      bridge { () throws(PyError) in
        var g = Given(a, n)
        try g.expect("getstr", 0, 1, 2, 3)
        let w = try W.window(r!)
        let isInside = try WindowReading.moved(w, &g, 1)
        let most = try WindowReading.limit(&g, "getstr")
        var text = [CChar](repeating: 0, count: Int(most) + 1)
        let code = isInside ? releasingLock("curses") { wgetnstr(w, &text, most) } : CCurses.ERR
        if code == CCurses.ERR { text[0] = 0 }
        return try bytesObject(text, strlen(text))
      }
    }
    m.positional("instr", "", "instr([y, x,] n=2047)\nThe characters of a line of the window.") { r, a, n in
      bridge { () throws(PyError) in
        var g = Given(a, n)
        try g.expect("instr", 0, 1, 2, 3)
        let w = try W.window(r!)
        let isInside = try WindowReading.moved(w, &g, 1)
        let most = try WindowReading.limit(&g, "instr")
        var text = [CChar](repeating: 0, count: Int(most) * 4 + 1)
        if !isInside || winnstr(w, &text, most) == CCurses.ERR { text[0] = 0 }
        return try bytesObject(text, strlen(text))
      }
    }
    m.positional("inch", "", "inch([y, x])\nThe character at a place, with its attributes.") { r, a, n in
      bridge { () throws(PyError) in
        var g = Given(a, n)
        try g.expect("_curses.window.inch", 0, 2)
        let w = try W.window(r!)
        if !(try WindowReading.moved(w, &g, 0)) { return try int(UInt32(bitPattern: CCurses.ERR)) }
        return try int(winch(w))
      }
    }
    m.one("putwin", "($self, file, /)", "Write all that belongs to the window to a file.") { r, file in
      bridge { () throws(PyError) in
        let data = try WindowReading.dump(W.window(r!))
        let bytes = try bytesObject(data, data.count)
        let write = try owned(PyObject_GetAttrString(file, "write"))
        return try owned(PyObject_CallOneArg(write.ref, bytes.ref))
      }
    }
  }
  /// What the library writes to a file of a window.
  private static func dump(_ w: Window) throws(PyError) -> [UInt8] {
    guard let stream = tmpfile() else { throw PyErrNo() }
    defer { fclose(stream) }
    try Curses.check(CCurses.putwin(w, stream), "putwin")
    rewind(stream)
    var data: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 8192)
    while true {
      let n = fread(&chunk, 1, chunk.count, stream)
      if n == 0 { return data }
      data += chunk[..<n]
    }
  }
  /// A window from what `dump` made.
  static func restore(_ data: Ref) throws(PyError) -> Window? {
    guard let stream = tmpfile() else { throw PyErrNo() }
    defer { fclose(stream) }
    if fwrite(PyBytes_AsString(data), 1, data.size, stream) != data.size { throw PyErrNo() }
    rewind(stream)
    return getwin(stream)
  }
  /// OSError of errno.
  static func PyErrNo() -> PyError {
    PyErr_SetFromErrno(Exc.OSError.object)
    return PyError()
  }
}
