// The module _curses_panel: windows in a stack, of which the upper hide the lower.

import CCurses
import CGila
import GilaCore
import GilaModuleSupport
import Glibc

typealias Panel = UnsafeMutablePointer<PANEL>

enum PanelModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_curses_panel", doc: "Windows in a stack.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        // The library is set up by _curses.
        let curses = try owned(PyImport_ImportModule("_curses"))
        let error = try Curses.exception("_curses_panel.error")
        replace(currentInterpreter.slot(PanelModule.errorSlot), with: newRef(error.ref))
        try add(module!, "error", error.ref)
        try addType(module!, "panel", PanelType.type)
        let version = try string("2.1")
        try add(module!, "version", version.ref)
        try add(module!, "__version__", version.ref)
        _ = curses.ref
      }
    })
  private static let errorSlot = InterpreterSlot(250)

  static func error(_ text: String) -> PyError {
    guard let type = currentInterpreter.slot(errorSlot).pointee else { return systemError(text) }
    PyErr_SetString(type, text)
    return PyError()
  }
  static func check(_ code: Int32, _ function: StaticString) throws(PyError) {
    if code == CCurses.ERR { throw error("\(function)() returned ERR") }
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("new_panel", "($module, win, /)", "A panel for a window, on top of the others.") { _, w in
      bridge { () throws(PyError) in
        guard w!.isExactly(WindowType.type) else {
          throw typeError("new_panel() argument must be _curses.window, not \(typeName(of: w!))")
        }
        try Curses.needScreen()
        guard let panel = new_panel(try WindowType.window(w!)) else {
          throw PanelModule.error("curses function returned NULL")
        }
        return try PanelType.make(panel, w!)
      }
    }
    m.noArguments("top_panel", "($module, /)", "The panel on top, or None.") { _, _ in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        return PanelType.object(panel_below(nil))
      }
    }
    m.noArguments("bottom_panel", "($module, /)", "The panel at the bottom, or None.") { _, _ in
      bridge { () throws(PyError) in
        try Curses.needScreen()
        return PanelType.object(panel_above(nil))
      }
    }
    m.noArguments("update_panels", "($module, /)", "Bring the virtual screen up to date; doupdate() shows it.") {
      _, _ in
      bridgeNone { () throws(PyError) in
        try Curses.needScreen()
        update_panels()
      }
    }
    return m.build()
  }
}

enum PanelType {
  // Words behind the head: the window object, the user's object, the library's panel.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define("_curses_panel.panel", basicSize: 40, flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_dealloc = { r in
      let r = r!
      if let p = PanelType.place(r).pointee {
        PanelType.all[p] = nil
        del_panel(p)
      }
      xdecref(r.word(0).pointee)
      xdecref(r.word(1).pointee)
      r.type.pointee.tp_free(r.raw)
    }
    t.pointee.tp_methods = PanelType.methods()
    return t
  }()
  /// The objects by panel, borrowed.
  nonisolated(unsafe) private static var all: [Panel: Ref] = [:]

  private static func place(_ r: Ref) -> UnsafeMutablePointer<Panel?> {
    (r.raw + 32).assumingMemoryBound(to: Panel?.self)
  }
  private static func panel(_ r: Ref?) throws(PyError) -> Panel {
    guard let p = place(r!).pointee else { throw PanelModule.error("the panel is gone") }
    return p
  }
  static func make(_ p: Panel, _ window: Ref) throws(PyError) -> Owned {
    let r = try owned(type.pointee.tp_alloc(type, 0))
    place(r.ref).pointee = p
    r.ref.word(0).pointee = newRef(window)
    all[p] = r.ref
    return r
  }
  /// The object of a panel of the library, or None.
  static func object(_ p: Panel?) -> Owned { p.flatMap { all[$0] }.map { Owned(retaining: $0) } ?? noneOwned() }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("above", "($self, /)", "The panel above this one, or None.") { r, _ in
      bridge { () throws(PyError) in PanelType.object(panel_above(try PanelType.panel(r))) }
    }
    m.noArguments("below", "($self, /)", "The panel below this one, or None.") { r, _ in
      bridge { () throws(PyError) in PanelType.object(panel_below(try PanelType.panel(r))) }
    }
    m.noArguments("bottom", "($self, /)", "Put the panel at the bottom.") { r, _ in
      bridgeNone { () throws(PyError) in try PanelModule.check(bottom_panel(PanelType.panel(r)), "bottom") }
    }
    m.noArguments("top", "($self, /)", "Put the panel on top.") { r, _ in
      bridgeNone { () throws(PyError) in try PanelModule.check(top_panel(PanelType.panel(r)), "top") }
    }
    m.noArguments("hide", "($self, /)", "Take the panel off the screen.") { r, _ in
      bridgeNone { () throws(PyError) in try PanelModule.check(hide_panel(PanelType.panel(r)), "hide") }
    }
    m.noArguments("show", "($self, /)", "Put a hidden panel back, on top.") { r, _ in
      bridgeNone { () throws(PyError) in try PanelModule.check(show_panel(PanelType.panel(r)), "show") }
    }
    m.noArguments("hidden", "($self, /)", "Whether the panel is off the screen.") { r, _ in
      bridge { () throws(PyError) in
        let code = panel_hidden(try PanelType.panel(r))
        try PanelModule.check(code, "panel_hidden")
        return bool(code != 0)
      }
    }
    m.positional("move", "($self, y, x, /)", "Move the panel.") { r, a, n in
      bridgeNone { () throws(PyError) in
        var g = Given(a, n)
        try g.exactly("move", 2)
        let y = try g.int(), x = try g.int()
        try PanelModule.check(move_panel(PanelType.panel(r), y, x), "move_panel")
      }
    }
    m.noArguments("window", "($self, /)", "The window of the panel.") { r, _ in newRef(r!.word(0).pointee ?? none) }
    m.one("replace", "($self, win, /)", "Give the panel another window.") { r, w in
      bridgeNone { () throws(PyError) in
        guard w!.isExactly(WindowType.type) else {
          throw typeError("replace() argument must be _curses.window, not \(typeName(of: w!))")
        }
        try PanelModule.check(replace_panel(PanelType.panel(r), WindowType.window(w!)), "replace_panel")
        replace(r!.word(0), with: newRef(w!))
      }
    }
    m.one("set_userptr", "($self, obj, /)", "Keep an object with the panel.") { r, v in
      replace(r!.word(1), with: newRef(v!))
      return none
    }
    m.noArguments("userptr", "($self, /)", "The object that set_userptr() was given.") { r, _ in
      bridge { () throws(PyError) in
        guard let v = r!.word(1).pointee else { throw PanelModule.error("no userptr set") }
        return Owned(retaining: v)
      }
    }
    return m.build()
  }
}
