import CGila
import GilaCore

/// Hands `_curses` and `_curses_panel` to the import system.
public func registerCursesModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("_curses") { PyModuleDef_Init(CursesModule.definition) }
  add("_curses_panel") { PyModuleDef_Init(PanelModule.definition) }
}
