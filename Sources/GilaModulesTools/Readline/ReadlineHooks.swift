// What the line editor calls back: they take the interpreter's lock for the Python functions set.

import CGila
import GilaCore
import GilaModuleSupport
import Glibc

enum ReadlineHooks {
  /// Calls a hook without arguments; its result is a number, None stands for 0.
  static func run(_ key: ReadlineObject) -> Int32 {
    let lock = PyGILState_Ensure()
    defer { PyGILState_Release(lock) }
    guard ReadlineModule.objects.isReady, ReadlineModule.objects[key] != none else { return 0 }
    let hook = Owned(retaining: ReadlineModule.objects[key])
    guard let answer = PyObject_CallNoArgs(hook.ref) else {
      PyErr_Clear()
      return 0
    }
    let r = Owned(taking: answer)
    if r.ref == none { return 0 }
    let n = PyLong_AsLong(r.ref)
    if n == -1, errorIsSet { PyErr_Clear() }
    return Int32(truncatingIfNeeded: n)
  }

  /// The completions of a word.
  static func complete(_ text: UnsafePointer<CChar>?, _ start: Int32, _ end: Int32) -> UnsafeMutablePointer<CText?>? {
    let lock = PyGILState_Ensure()
    defer { PyGILState_Release(lock) }
    guard let l = LineReading.library else { return nil }
    l.set("rl_completion_append_character", Int32(0))
    l.set("rl_completion_suppress_append", Int32(0))
    // Bytes to characters.
    func characters(_ count: Int32) -> Int {
      guard let line = l.get("rl_line_buffer", CText?.self) ?? nil, count > 0 else { return 0 }
      guard let copy = strndup(line, Int(count)) else { return Int(count) }
      defer { free(copy) }
      guard let s = PyUnicode_DecodeLocale(copy, "surrogateescape") else {
        PyErr_Clear()
        return Int(count)
      }
      defer { decref(s) }
      return PyUnicode_GetLength(s)
    }
    do throws(PyError) {
      let b = try int(characters(start)), e = try int(characters(end))
      try ReadlineModule.objects.set(.begin, b.ref)
      try ReadlineModule.objects.set(.end, e.ref)
    } catch { PyErr_Clear() }
    return l.completionMatches(text) { text, state in ReadlineHooks.completion(text, state) }
  }
  private static func completion(_ text: UnsafePointer<CChar>?, _ state: Int32) -> CText? {
    let lock = PyGILState_Ensure()
    defer { PyGILState_Release(lock) }
    guard ReadlineModule.objects[.completer] != none else { return nil }
    let completer = Owned(retaining: ReadlineModule.objects[.completer])
    // No completion of file names behind ours.
    LineReading.library.set("rl_attempted_completion_over", Int32(1))
    do throws(PyError) {
      let word = try ReadlineModule.decode(text), n = try int(state)
      let answer = try call(completer.ref, word.ref, n.ref)
      if answer.ref == none { return nil }
      let b = try ReadlineModule.encode(answer.ref)
      return strdup(PyBytes_AsString(b.ref))
    } catch {
      PyErr_Clear()
      return nil
    }
  }
  static func display(_ matches: UnsafeMutablePointer<CText?>?, _ count: Int32, _ longest: Int32) {
    let lock = PyGILState_Ensure()
    defer { PyGILState_Release(lock) }
    guard let matches, ReadlineModule.objects[.displayHook] != none else { return }
    let hook = Owned(retaining: ReadlineModule.objects[.displayHook])
    do throws(PyError) {
      let list = try owned(PyList_New(0))
      for i in 0..<Int(count) {
        let s = try ReadlineModule.decode(matches[i + 1])
        try check(PyList_Append(list.ref, s.ref))
      }
      let common = try ReadlineModule.decode(matches[0]), n = try int(longest)
      let done = try call(hook.ref, common.ref, list.ref, n.ref)
      _ = done.ref
    } catch { PyErr_Clear() }
  }
}
