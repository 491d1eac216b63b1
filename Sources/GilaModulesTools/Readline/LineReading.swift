// Reading one line with the editor: called by input() and the prompt, without the interpreter's lock.

import CGila
import GilaCore
import Glibc

enum LineReading {
  nonisolated(unsafe) static var library: ReadlineLibrary! = nil
  nonisolated(unsafe) private static var line: CText? = nil
  nonisolated(unsafe) private static var isDone = false
  nonisolated(unsafe) static var addsToHistory = true

  /// What PyOS_ReadlineFunctionPointer points to. NULL after a signal that raised, "" at the end of input, otherwise
  /// the line with its newline; the caller frees it.
  static func read(_ input: OpaquePointer?, _ output: OpaquePointer?, _ prompt: UnsafePointer<CChar>?) -> CText? {
    let l = library!
    if l.get("rl_instream", OpaquePointer?.self) != input || l.get("rl_outstream", OpaquePointer?.self) != output {
      l.set("rl_instream", input)
      l.set("rl_outstream", output)
      l.prepareTerminal(1)
    }
    var wasInterrupted = false
    guard let text = untilLine(prompt, &wasInterrupted) else {
      if wasInterrupted { return nil }
      return PyMem_RawCalloc(1, 1)?.assumingMemoryBound(to: CChar.self)
    }
    defer { free(text) }
    let n = strlen(text)
    if addsToHistory, n > 0 {
      var last: CText? = nil
      let count = l.historyCount()
      if count > 0, let e = l.historyEntry(l.isEditline ? count - 1 : count) { last = ReadlineLibrary.line(e) }
      if last.map({ strcmp($0, text) != 0 }) ?? true { l.addHistory(text) }
    }
    guard let memory = PyMem_RawMalloc(n + 2)?.assumingMemoryBound(to: CChar.self) else { return nil }
    memcpy(memory, text, n)
    memory[n] = 10
    memory[n + 1] = 0
    return memory
  }

  private static func untilLine(_ prompt: UnsafePointer<CChar>?, _ wasInterrupted: inout Bool) -> CText? {
    let l = library!
    // The library's own handlers would swallow Python's signals.
    l.set("rl_catch_signals", Int32(0))
    isDone = false
    line = nil
    l.installHandler(prompt) { text in
      LineReading.library.removeHandler()
      LineReading.line = text
      LineReading.isDone = true
    }
    while !isDone {
      var p = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      let hook = inputHook()
      let ready = poll(&p, 1, hook == nil ? -1 : 100)
      let e = errno
      if ready > 0 {
        l.readCharacter()
      } else if ready == 0 {
        _ = hook?()
      } else if e == EINTR {
        let state = PyGILState_Ensure()
        let failed = PyErr_CheckSignals() < 0
        PyGILState_Release(state)
        if failed {
          l.freeLineState?()
          l.signalCleanup?()
          l.cleanAfterSignal?()
          l.removeHandler()
          wasInterrupted = true
          return nil
        }
      } else {
        break
      }
    }
    return line
  }
  private static func inputHook() -> Hook? {
    dlsym(nil, "PyOS_InputHook")?.load(as: Hook?.self)
  }
}
