// The interpreter slots of this target's modules: 208 to 239.

import GilaCore

enum SystemSlot {
  static let statResult = InterpreterSlot(208)
  static let statvfsResult = InterpreterSlot(209)
  static let terminalSize = InterpreterSlot(210)
  static let timesResult = InterpreterSlot(211)
  static let unameResult = InterpreterSlot(212)
  static let waitidResult = InterpreterSlot(213)
  static let schedParam = InterpreterSlot(214)
  static let structTime = InterpreterSlot(215)
  static let localeError = InterpreterSlot(216)
  static let structRusage = InterpreterSlot(217)
  static let structPasswd = InterpreterSlot(218)
  static let structGroup = InterpreterSlot(219)
  static let structSiginfo = InterpreterSlot(220)
  static let signalHandlers = InterpreterSlot(222)
  static let defaultHandler = InterpreterSlot(223)
  static let logName = InterpreterSlot(224)
  static let logIsOpen = InterpreterSlot(225)
  static let termiosError = InterpreterSlot(226)
  static let socketTimeout = InterpreterSlot(227)
  static let gaierror = InterpreterSlot(228)
  static let herror = InterpreterSlot(229)
  static let itimerError = InterpreterSlot(221)
}
