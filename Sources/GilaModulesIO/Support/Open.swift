// io.open: the stack of streams that a mode asks for.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

private let signature = Signature(
  "open", "(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)")

/// What a mode text says.
private struct OpenMode {
  var creating = false
  var reading = false
  var writing = false
  var appending = false
  var updating = false
  var text = false
  var binary = false
  /// The mode for FileIO.
  var raw = ""

  init(_ mode: Ref) throws(PyError) {
    let chars = mode.chars
    for i in 0..<chars.count {
      let c = chars[i]
      for k in 0..<i where chars[k] == c { throw try OpenMode.invalid(mode) }
      switch c {
      case 0x78: creating = true
      case 0x72: reading = true
      case 0x77: writing = true
      case 0x61: appending = true
      case 0x2B: updating = true
      case 0x74: text = true
      case 0x62: binary = true
      default: throw try OpenMode.invalid(mode)
      }
    }
    if creating { raw += "x" }
    if reading { raw += "r" }
    if writing { raw += "w" }
    if appending { raw += "a" }
    if updating { raw += "+" }
    if text, binary { throw valueError("can't have text and binary mode at once") }
    let kinds = (creating ? 1 : 0) + (reading ? 1 : 0) + (writing ? 1 : 0) + (appending ? 1 : 0)
    if kinds != 1 { throw valueError("must have exactly one of create/read/write/append mode") }
  }

  private static func invalid(_ mode: Ref) throws(PyError) -> PyError {
    valueError("invalid mode: \(try reprText(mode))")
  }
}

private func textArgument(_ r: Ref?, _ name: StaticString) throws(PyError) -> Ref? {
  guard let r, !r.isNone else { return nil }
  if !r.isUnicode { throw typeError("open() argument '\(name)' must be str or None, not \(typeName(of: r))") }
  return r
}

private func buildStream(_ b: Signature.Bound, _ mode: OpenMode, _ modeText: Ref) throws(PyError) -> Owned {
  var buffering = b[2] == nil ? -1 : Int(try intArgument(b[2].unsafelyUnwrapped))
  let encoding = try textArgument(b[3], "encoding")
  let errors = try textArgument(b[4], "errors")
  let newline = try textArgument(b[5], "newline")
  let closeFD = b[6] == nil ? true : try truth(b[6].unsafelyUnwrapped)
  if mode.binary {
    if encoding != nil { throw valueError("binary mode doesn't take an encoding argument") }
    if errors != nil { throw valueError("binary mode doesn't take an errors argument") }
    if newline != nil { throw valueError("binary mode doesn't take a newline argument") }
    if buffering == 1 {
      try check(
        PyErr_WarnEx(
          Exc.RuntimeWarning.object,
          "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used", 1))
    }
  }
  // Paths become text or bytes first, so that `name` shows them.
  let file = b[0].unsafelyUnwrapped
  let path = PyIndex_Check(file) != 0 || file.isLong ? Owned(retaining: file) : try owned(PyOS_FSPath(file))
  let rawMode = try string(mode.raw)
  let raw = try call(
    IOTypes.fileIO.object, path.ref, rawMode.ref, closeFD ? pyTrue : pyFalse, b[7] ?? none)
  var stream = Owned(retaining: raw.ref)
  do throws(PyError) {
    // Interactive streams are line buffered.
    var isTerminal = false
    if buffering < 0 || buffering == 1 {
      let answer = try callMethod(raw.ref, "_isatty_open_only")
      isTerminal = try truth(answer.ref)
    }
    var lineBuffering = false
    if buffering == 1 || (buffering < 0 && isTerminal) {
      buffering = -1
      lineBuffering = true
    }
    if buffering < 0 {
      buffering = Int(raw.ref.fileIO.pointee.blockSize)
      if buffering <= 1 { buffering = 8192 }
    }
    if buffering == 0 {
      if !mode.binary { throw valueError("can't have unbuffered text I/O") }
      return stream
    }
    let type =
      mode.updating
      ? IOTypes.bufferedRandom
      : mode.creating || mode.writing || mode.appending ? IOTypes.bufferedWriter : IOTypes.bufferedReader
    let size = try number(buffering)
    stream = try call(type.object, raw.ref, size.ref)
    if mode.binary { return stream }
    stream = try call(
      IOTypes.textIOWrapper.object, stream.ref, encoding ?? none, errors ?? none, newline ?? none,
      lineBuffering ? pyTrue : pyFalse)
    try check(PyObject_SetAttrString(stream.ref, "mode", modeText))
    return stream
  } catch {
    // What was opened is closed again.
    let first = PyErr_GetRaisedException()
    do throws(PyError) { _ = try callMethod(stream.ref, "close") } catch {}
    chaining(first)
    throw PyError()
  }
}

func openFile(_ a: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) -> Owned {
  let b = try signature.bind(a, n, names)
  let modeText: Owned
  if let m = b[1] {
    if !m.isUnicode { throw typeError("open() argument 'mode' must be str, not \(argumentTypeName(m))") }
    modeText = Owned(retaining: m)
  } else {
    modeText = try string("r")
  }
  let mode = try OpenMode(modeText.ref)
  return try buildStream(b, mode, modeText.ref)
}
