// print, input, open.

import CGila
import GilaCore
import GilaModulesRuntime
import Glibc

enum StreamFunctions {
  static func add(_ m: inout MethodTable) {
    m.keywords(
      "print", "($module, /, *args, sep=' ', end='\\n', file=None, flush=False)",
      "Prints the values to a stream, or to sys.stdout by default."
    ) { _, args, n, names in
      bridgeNone { () throws(PyError) in try StreamFunctions.print(args, n, names) }
    }
    m.positional("input", "($module, prompt='', /)", "Reads a line from standard input, without its newline.") {
      _, args, n in
      bridge { () throws(PyError) in
        try checkCount("input", n, 0, 1)
        return try StreamFunctions.input(n > 0 ? args![0] : nil)
      }
    }
  }

  private static func print(_ args: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) {
    var separator: Ref? = nil, end: Ref? = nil, file: Ref? = nil
    var flush = false
    if let names {
      for i in 0..<names.size {
        let v = args![n + i]!
        let key = gila_tuple_items(names)[i]!
        if PyUnicode_EqualToUTF8(key, "sep") != 0 {
          separator = v
        } else if PyUnicode_EqualToUTF8(key, "end") != 0 {
          end = v
        } else if PyUnicode_EqualToUTF8(key, "file") != 0 {
          file = v == none ? nil : v
        } else if PyUnicode_EqualToUTF8(key, "flush") != 0 {
          flush = try truth(v)
        } else {
          throw typeError("print() got an unexpected keyword argument '\(swiftString(key))'")
        }
      }
    }
    if file == nil {
      guard let out = PySys_GetObject("stdout") else { throw runtimeError("lost sys.stdout") }
      if out == none { return }
      file = out
    }
    let stream = Owned(retaining: file!)
    for (name, v) in [("sep", separator), ("end", end)] {
      if let v, v != none, !v.isUnicode { throw typeError("\(name) must be None or a string, not \(typeName(of: v))") }
    }
    if separator == none { separator = nil }
    if end == none { end = nil }
    for i in 0..<n {
      if i > 0 {
        if let separator {
          try check(PyFile_WriteObject(separator, stream.ref, Py_PRINT_RAW))
        } else {
          try check(PyFile_WriteString(" ", stream.ref))
        }
      }
      try check(PyFile_WriteObject(args![i], stream.ref, Py_PRINT_RAW))
    }
    if let end {
      try check(PyFile_WriteObject(end, stream.ref, Py_PRINT_RAW))
    } else {
      try check(PyFile_WriteString("\n", stream.ref))
    }
    if flush {
      let name = gila_intern("flush")
      var arguments: Ref? = stream.ref
      let r = try owned(PyObject_VectorcallMethod(name, &arguments, 1, nil))
      _ = r.ref
    }
  }

  private static func input(_ prompt: Ref?) throws(PyError) -> Owned {
    func stream(_ name: StaticString) throws(PyError) -> Owned {
      guard let s = PySys_GetObject(cString(name)), s != none else {
        throw runtimeError("input(): lost sys.\(name)")
      }
      return Owned(retaining: s)
    }
    let stdin = try stream("stdin"), stdout = try stream("stdout"), stderr = try stream("stderr")
    if gila_audit_active() != 0 {
      let t = try owned(PyTuple_New(1))
      gila_tuple_items(t.ref)[0] = newRef(prompt ?? none)
      try check(PySys_AuditTuple("builtins.input", t.ref))
    }
    flush(stderr.ref)
    if let line = try TerminalInput.read(prompt, stdin.ref, stdout.ref) { return line }
    if let prompt { try check(PyFile_WriteObject(prompt, stdout.ref, Py_PRINT_RAW)) }
    flush(stdout.ref)
    return try owned(PyFile_GetLine(stdin.ref, -1))
  }
  private static func flush(_ stream: Ref) {
    var arguments: Ref? = stream
    if let r = PyObject_VectorcallMethod(gila_intern("flush"), &arguments, 1, nil) { decref(r) } else { PyErr_Clear() }
  }
}
