// The prompt: the library's own editor on a terminal, a plain loop over the lines of standard input elsewhere.

import CGila
import GilaCore
import GilaModulesRuntime
import GilaSyntax
import Glibc

enum InteractiveLoop {
  /// Texts that were compiled so far.
  nonisolated(unsafe) private static var count = 0
  /// What `from __future__` has turned on so far.
  nonisolated(unsafe) private static var features: CompilerFlags = []

  /// Reads and runs statements until the end of input. The exit status.
  static func run(in names: Ref) -> Int32 {
    setPrompts()
    var pending: [UInt8] = []
    while true {
      guard let line = readLine(prompt: pending.isEmpty ? "ps1" : "ps2") else {
        // Interrupted: what was typed is forgotten.
        pending = []
        if let status = shown() { return status }
        continue
      }
      // The end of input ends the line, and what is open.
      let isEnd = line.last != 10
      if isEnd {
        if !line.isEmpty { write("ps2") }
        RawOutput.write(2, "\n")
        if pending.isEmpty && line.isEmpty { return 0 }
      }
      if pending.isEmpty, let first = line.first(where: { $0 != 32 && $0 != 9 }), first == 10 || first == 35 {
        count += 1
        continue
      }
      pending += isEnd && !line.isEmpty ? line + [10] : line
      // So does an empty line, except in a bracket or string.
      let isWhole = isEnd || (line == [10] && !TokenReader.endsInside(pending))
      let outcome = execute(pending, names, isWhole: isWhole)
      if let status = outcome.status { return status }
      if !outcome.isIncomplete { pending = [] }
    }
  }
  /// Whether standard input is a terminal on which the library's editor is wanted.
  static var wantsEditor: Bool {
    isatty(0) != 0 && isatty(1) != 0
      && (!Configuration.current.useEnvironment || getenv("PYTHON_BASIC_REPL").map { $0.pointee == 0 } ?? true)
  }
  /// What comes before the first prompt: the text of PYTHONSTARTUP's file, then sys.__interactivehook__.
  static func prepare(_ names: Ref) {
    let c = Configuration.current
    if c.useEnvironment, let p = getenv("PYTHONSTARTUP"), p.pointee != 0 { runStartupFile(String(cString: p), names) }
    if c.isolated { return }
    guard let hook = PySys_GetObject("__interactivehook__") else { return PyErr_Clear() }
    let held = Owned(retaining: hook)
    if let r = PyObject_CallNoArgs(held.ref) {
      decref(r)
    } else {
      RawOutput.write(2, "Failed calling sys.__interactivehook__\n")
      PyErr_Print()
    }
  }
  private static func runStartupFile(_ path: String, _ names: Ref) {
    guard let source = Files.read(path) else {
      RawOutput.write(2, "Could not open PYTHONSTARTUP\n")
      return RawOutput.write(2, "FileNotFoundError: [Errno \(errno)] \(String(cString: strerror(errno))): '\(path)'\n")
    }
    do throws(PyError) {
      let name = try string(path)
      var options = ParseOptions()
      options.isFile = true
      let code = try Compiling.compile(source, name.ref, options)
      let r = try owned(PyEval_EvalCode(code.ref, names, names))
      _ = r.ref
    } catch { PyErr_Print() }
  }

  private static func setPrompts() {
    for (name, text) in [("ps1", ">>> "), ("ps2", "... ")] where PySys_GetObject(name) == nil {
      guard let s = PyUnicode_FromString(text) else { return PyErr_Clear() }
      if PySys_SetObject(name, s) < 0 { PyErr_Clear() }
      decref(s)
    }
  }
  /// The pending exception, shown; a status if it is SystemExit.
  private static func shown() -> Int32? {
    if let status = ErrorPrint.systemExitStatus() { return status }
    PyErr_Print()
    ErrorDisplay.flush("stderr")
    return nil
  }

  /// Shows a prompt.
  private static func write(_ name: String) {
    guard let p = PySys_GetObject(name) else { return }
    if let s = PyObject_Str(p) {
      RawOutput.write(2, swiftString(s))
      decref(s)
    } else {
      PyErr_Clear()
    }
  }
  /// A line with its end, empty at the end of input, nil with KeyboardInterrupt.
  private static func readLine(prompt name: String) -> [UInt8]? {
    ErrorDisplay.flush("stdout")
    write(name)
    var line: [UInt8] = []
    while line.last != 10 {
      var byte: UInt8 = 0
      let n = withUnsafeMutablePointer(to: &byte) { p in releasingLock("read") { read(0, p, 1) } }
      if n > 0 { line.append(byte) }
      if n == 0 { break }
      if n < 0 {
        if errno != EINTR { break }
        if PyErr_CheckSignals() < 0 { return nil }
      }
    }
    return line
  }

  private static func execute(_ source: [UInt8], _ names: Ref, isWhole: Bool) -> (status: Int32?, isIncomplete: Bool) {
    do throws(PyError) {
      // A name of its own for each text, which tracebacks show as <stdin>.
      let name = try string("<stdin>-\(count)"), shown = try string("<stdin>")
      var options = ParseOptions()
      options.mode = .interactive
      options.flags.formUnion(features)
      let code: Owned
      if isWhole {
        code = try Compiling.compile(source, name.ref, options, parsedAs: shown.ref)
      } else {
        // An error in front of the line's end is one at once, whatever follows.
        try Compiling.checkBeginning(source, shown.ref, options)
        if source.dropLast().last == UInt8(ascii: "\\") { return (nil, true) }
        // Without its end the last line is complete only if nothing can follow.
        options.flags.insert([.dontImplyDedent, .allowIncompleteInput])
        code = try Compiling.compile(source.dropLast(), name.ref, options, parsedAs: shown.ref)
      }
      count += 1
      let flags = CompilerFlags(rawValue: UInt32(bitPattern: code.ref.cast(PyCodeObject.self).pointee.co_flags))
      features.formUnion(flags.intersection(.futureMask))
      register(name.ref, source, shown.ref)
      let r = try owned(PyEval_EvalCode(code.ref, names, names))
      _ = r.ref
    } catch {
      if !isWhole, PyErr_ExceptionMatches(Exc.IncompleteInputError.object) != 0 {
        PyErr_Clear()
        return (nil, true)
      }
      return (shown(), false)
    }
    return (nil, false)
  }
  /// Tracebacks show the lines that were typed.
  private static func register(_ name: Ref, _ source: [UInt8], _ shown: Ref) {
    do throws(PyError) {
      let linecache = try owned(PyImport_ImportModule("linecache"))
      let f = try owned(PyObject_GetAttrString(linecache.ref, "_register_code"))
      let text = try CodeObjects.text(source)
      let t = try owned(PyTuple_New(3))
      for (i, r) in [name, text.ref, shown].enumerated() { gila_tuple_items(t.ref)[i] = newRef(r) }
      let r = try owned(PyObject_Call(f.ref, t.ref, nil))
      _ = r.ref
    } catch { PyErr_Clear() }
  }
}
