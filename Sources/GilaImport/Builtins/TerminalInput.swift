// input() at a terminal with a line editor: the function that the module readline has set reads the line.

import CGila
import GilaCore
import GilaModulesRuntime
import Glibc
import Synchronization

enum TerminalInput {
  private typealias Reader =
    @convention(c) (OpaquePointer?, OpaquePointer?, UnsafePointer<CChar>?) -> UnsafeMutablePointer<CChar>?
  /// One editor for all threads.
  private static let editor = Mutex(())

  private static func isTerminal(_ stream: Ref, _ fd: Int) -> Bool {
    var arguments: Ref? = stream
    guard let r = PyObject_VectorcallMethod(gila_intern("fileno"), &arguments, 1, nil) else {
      PyErr_Clear()
      return false
    }
    defer { decref(r) }
    let n = PyLong_AsLong(r)
    if n == -1, errorIsSet { PyErr_Clear() }
    return n == fd && isatty(Int32(fd)) != 0
  }
  private static func text(_ stream: Ref, _ name: StaticString) throws(PyError) -> Owned {
    let r = try owned(PyObject_GetAttrString(stream, cString(name)))
    if r.ref.isUnicode { return r }
    return try string(name.description == "encoding" ? "utf-8" : "strict")
  }

  /// A line without its newline; nil if there is no editor or no terminal.
  static func read(_ prompt: Ref?, _ input: Ref, _ output: Ref) throws(PyError) -> Owned? {
    guard let place = dlsym(nil, "PyOS_ReadlineFunctionPointer"), let reader = place.load(as: Reader?.self),
      isTerminal(input, 0), isTerminal(output, 1)
    else { return nil }
    let encoding = try text(input, "encoding"), errors = try text(input, "errors")
    let shown = prompt == nil ? try string("") : try owned(PyObject_Str(prompt))
    let outEncoding = try text(output, "encoding"), outErrors = try text(output, "errors")
    let bytes = try owned(
      PyUnicode_AsEncodedString(shown.ref, PyUnicode_AsUTF8(outEncoding.ref), PyUnicode_AsUTF8(outErrors.ref)))
    if memchr(PyBytes_AsString(bytes.ref), 0, bytes.ref.size) != nil {
      throw valueError("input: prompt string cannot contain null characters")
    }
    var arguments: Ref? = output
    if let r = PyObject_VectorcallMethod(gila_intern("flush"), &arguments, 1, nil) { decref(r) } else { PyErr_Clear() }
    let from = dlsym(nil, "stdin")?.load(as: OpaquePointer?.self)
    let to = dlsym(nil, "stdout")?.load(as: OpaquePointer?.self)
    let p = UnsafePointer(PyBytes_AsString(bytes.ref))
    let line = releasingLock("readline") {
      TerminalInput.editor.withLock { _ in UInt(bitPattern: reader(from ?? nil, to ?? nil, p)) }
    }
    guard let made = UnsafeMutablePointer<CChar>(bitPattern: line) else {
      try check(PyErr_CheckSignals())
      if !errorIsSet { PyErr_SetNone(Exc.KeyboardInterrupt.object) }
      throw PyError()
    }
    defer { PyMem_RawFree(made) }
    var n = strlen(made)
    if n == 0 {
      PyErr_SetNone(Exc.EOFError.object)
      throw PyError()
    }
    if made[n - 1] == 10 { n -= 1 }
    return try owned(PyUnicode_Decode(made, n, PyUnicode_AsUTF8(encoding.ref), PyUnicode_AsUTF8(errors.ref)))
  }
}

/// A line with its end in memory of PyMem_Malloc: "" at the end of input, NULL with an exception after a signal that
/// raised. By the line editor if both files are terminals.
@c @implementation public func PyOS_Readline(
  _ input: UnsafeMutablePointer<FILE>!, _ output: UnsafeMutablePointer<FILE>!, _ prompt: UnsafePointer<CChar>!
) -> UnsafeMutablePointer<CChar>! { TerminalInput.line(input, output, prompt) }

extension TerminalInput {
  fileprivate static func line(
    _ input: UnsafeMutablePointer<FILE>?, _ output: UnsafeMutablePointer<FILE>?, _ prompt: UnsafePointer<CChar>?
  ) -> UnsafeMutablePointer<CChar>? {
    guard let input, let output else { return nil }
    if isatty(fileno(input)) != 0, isatty(fileno(output)) != 0,
      let reader = dlsym(nil, "PyOS_ReadlineFunctionPointer")?.load(as: Reader?.self)
    {
      let made = releasingLock("readline") {
        TerminalInput.editor.withLock { _ in
          UInt(bitPattern: reader(OpaquePointer(input), OpaquePointer(output), prompt))
        }
      }
      guard let line = UnsafeMutablePointer<CChar>(bitPattern: made) else {
        if PyErr_CheckSignals() == 0 && !errorIsSet { PyErr_SetNone(Exc.KeyboardInterrupt.object) }
        return nil
      }
      defer { PyMem_RawFree(line) }
      return copy(line, strlen(line))
    }
    if let prompt { RawOutput.write(2, String(cString: prompt)) }
    var text: UnsafeMutablePointer<CChar>? = nil
    var size = 0
    defer { free(text) }
    while true {
      let n = withUnsafeMutablePointer(to: &text) { text in
        withUnsafeMutablePointer(to: &size) { size in
          releasingLock("getline") { getline(text, size, input) }
        }
      }
      if n > 0, let text { return copy(text, n) }
      if n < 0, ferror(input) != 0, errno == EINTR {
        clearerr(input)
        if PyErr_CheckSignals() < 0 { return nil }
        continue
      }
      return copy("", 0)
    }
  }
  private static func copy(_ text: UnsafePointer<CChar>, _ n: Int) -> UnsafeMutablePointer<CChar>? {
    guard let memory = PyMem_Malloc(n &+ 1) else {
      _ = PyErr_NoMemory()
      return nil
    }
    let line = memory.assumingMemoryBound(to: CChar.self)
    line.update(from: text, count: n)
    line[n] = 0
    return line
  }
}
