// What the modules _curses and _curses_panel share: the state of the library, errors, arguments.

import CCurses
import CGila
import GilaCore
import GilaModuleSupport
import Glibc

typealias Window = UnsafeMutablePointer<WINDOW>

/// The library knows one screen a process.
enum Curses {
  nonisolated(unsafe) static var isSetUp = false
  nonisolated(unsafe) static var isStarted = false
  nonisolated(unsafe) static var hasColors = false
  private static let errorSlot = InterpreterSlot(248)
  private static let moduleSlot = InterpreterSlot(249)

  static var module: Ref? { currentInterpreter.slot(moduleSlot).pointee }
  static func remember(module: Ref, error: Ref) {
    replace(currentInterpreter.slot(moduleSlot), with: newRef(module))
    replace(currentInterpreter.slot(errorSlot), with: newRef(error))
  }
  /// An exception class of a module.
  static func exception(_ module: StaticString) throws(PyError) -> Owned {
    try owned(PyErr_NewException(cString(module), nil, nil))
  }

  static func error(_ text: String) -> PyError {
    guard let type = currentInterpreter.slot(errorSlot).pointee else { return systemError(text) }
    PyErr_SetString(type, text)
    return PyError()
  }
  static func check(_ code: Int32, _ function: StaticString) throws(PyError) {
    if code == CCurses.ERR { throw error("\(function)() returned ERR") }
  }
  static func needScreen() throws(PyError) {
    if !isStarted { throw error("must call initscr() first") }
  }
  static func needTerminal() throws(PyError) {
    if !isSetUp { throw error("must call (at least) setupterm() first") }
  }
  static func needColors() throws(PyError) {
    try needScreen()
    if !hasColors { throw error("must call start_color() first") }
  }
}

/// Positional arguments, read from the front.
struct Given {
  let items: ArgumentVector?
  let count: Int
  private var at = 0

  init(_ items: ArgumentVector?, _ count: Int) {
    self.items = items
    self.count = count
  }
  var left: Int { count - at }
  mutating func next() -> Ref {
    at += 1
    return items.unsafelyUnwrapped[at - 1].unsafelyUnwrapped
  }
  mutating func int() throws(PyError) -> Int32 { try cInt(next()) }
  mutating func attributes() throws(PyError) -> attr_t { attr_t(truncatingIfNeeded: try cLong(next())) }
  mutating func flag() throws(PyError) -> Bool { try truth(next()) }

  /// Optional arguments come in groups: only these numbers of them are possible.
  func expect(_ function: StaticString, _ counts: Int...) throws(PyError) {
    if counts.contains(count) { return }
    guard let least = counts.min(), let most = counts.max() else { return }
    throw typeError("\(function) requires \(least) to \(most) arguments")
  }
  func exactly(_ function: StaticString, _ n: Int) throws(PyError) {
    if count == n { return }
    throw typeError(
      n == 1
        ? "\(function)() takes exactly one argument (\(count) given)"
        : "\(function) expected \(n) argument\(n == 1 ? "" : "s"), got \(count)")
  }
}

/// A character to draw.
enum Cell {
  case narrow(chtype)
  case wide(wchar_t)

  init(_ r: Ref) throws(PyError) {
    if r.isUnicode {
      guard PyUnicode_GetLength(r) == 1 else {
        throw typeError("expect bytes or str of length 1, or int, got a str of length \(PyUnicode_GetLength(r))")
      }
      self = .wide(wchar_t(truncatingIfNeeded: PyUnicode_ReadChar(r, 0)))
    } else if r.isBytes, r.size == 1 {
      self = .narrow(chtype(UInt8(bitPattern: PyBytes_AsString(r)!.pointee)))
    } else if r.isLong {
      var overflow: Int32 = 0
      let n = PyLong_AsLongAndOverflow(r, &overflow)
      if n == -1 && errorIsSet { throw PyError() }
      guard overflow == 0, let c = chtype(exactly: n) else {
        throw overflowError(overflow != 0 ? "int doesn't fit in long" : "byte doesn't fit in chtype")
      }
      self = .narrow(c)
    } else {
      throw typeError("expect bytes or str of length 1, or int, got \(typeName(of: r))")
    }
  }
  /// As the library's functions for one byte take it.
  static func byte(_ r: Ref, _ encoding: Ref) throws(PyError) -> chtype {
    switch try Cell(r) {
    case .narrow(let c): return c
    case .wide(let c):
      if c < 128 { return chtype(c) }
      let bytes = try owned(PyUnicode_AsEncodedString(r, PyUnicode_AsUTF8(encoding), nil))
      guard bytes.ref.isBytes, bytes.ref.size == 1 else { throw overflowError("byte doesn't fit in chtype") }
      return chtype(UInt8(bitPattern: PyBytes_AsString(bytes.ref)!.pointee))
    }
  }
}

/// A text to draw: characters of a str or bytes, with the zero that ends them.
enum Text {
  case wide([wchar_t])
  case narrow([CChar])

  init(_ r: Ref) throws(PyError) {
    if r.isUnicode {
      var all: [wchar_t] = []
      let n = PyUnicode_GetLength(r)
      all.reserveCapacity(n + 1)
      for i in 0..<n {
        let c = PyUnicode_ReadChar(r, i)
        if c == 0 { throw valueError("embedded null character") }
        all.append(wchar_t(truncatingIfNeeded: c))
      }
      self = .wide(all + [0])
    } else if r.isBytes {
      guard let p = PyBytes_AsString(r) else { throw PyError() }
      if strlen(p) != r.size { throw valueError("embedded null byte") }
      self = .narrow(Array(UnsafeBufferPointer(start: p, count: r.size + 1)))
    } else {
      throw typeError("expect bytes or str, got \(typeName(of: r))")
    }
  }
}
