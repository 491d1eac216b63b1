import CGila
import CGilaLibraries
import GilaCore
import GilaModuleSupport

/// Hands `_curses` and `_curses_panel` to the import system.
public func registerCursesModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("_curses") { module(CursesModule.definition, on: GILA_CURSES) }
  add("_curses_panel") { module(PanelModule.definition, on: GILA_CURSES, GILA_PANEL) }
}
