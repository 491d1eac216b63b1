import CGila
import GilaCore

/// The exception classes: one layout family each, filled in from the class tree.
enum ExceptionTypes {
  typealias Base = UnsafeMutablePointer<PyBaseExceptionObject>
  @inline(__always) static func base(_ r: Ref) -> Base { r.cast(PyBaseExceptionObject.self) }

  /// The object slots of an instance behind the common ones, by size of the layout.
  static func extraSlots(_ size: Int) -> Range<Int> {
    switch size {
    case 80: 72..<80  // one object: StopIteration.value, SystemExit.code, NameError.name
    case 88: 72..<88  // AttributeError, exception groups
    case 104: 72..<104  // ImportError
    case 112: 72..<104  // OSError; UnicodeError has numbers in the middle
    case 136: 72..<136  // SyntaxError
    default: 72..<72
    }
  }
  private static func eachSlot(_ r: Ref, _ body: (UnsafeMutablePointer<Ref?>) -> Void) {
    for offset in stride(from: 16, to: 64, by: 8) { body((r.raw + offset).assumingMemoryBound(to: Ref?.self)) }
    var t = r.type
    while t.hasFlag(UInt(Py_TPFLAGS_HEAPTYPE)), let b = t.pointee.tp_base { t = b }
    if t.pointee.tp_basicsize == 112 && r.isInstance(of: Exc.UnicodeError) {
      for offset in [72, 80, 104] { body((r.raw + offset).assumingMemoryBound(to: Ref?.self)) }
    } else {
      for offset in stride(
        from: extraSlots(t.pointee.tp_basicsize).lowerBound, to: extraSlots(t.pointee.tp_basicsize).upperBound, by: 8)
      {
        body((r.raw + offset).assumingMemoryBound(to: Ref?.self))
      }
    }
  }

  static func install() {
    let b = Exc.BaseException
    define(b, "BaseException", 72, Types.baseObject)
    b.pointee.tp_flags |= UInt(Py_TPFLAGS_BASE_EXC_SUBCLASS)
    b.pointee.tp_dictoffset = 16
    b.pointee.tp_alloc = PyType_GenericAlloc
    b.pointee.tp_free = PyObject_GC_Del
    b.pointee.tp_getattro = PyObject_GenericGetAttr
    b.pointee.tp_setattro = PyObject_GenericSetAttr
    b.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      ExceptionTypes.eachSlot(r!) { GilaCore.clear($0) }
      r!.type.pointee.tp_free(r!.raw)
    }
    b.pointee.tp_traverse = { r, visit, c in
      var failed: Int32 = 0
      ExceptionTypes.eachSlot(r!) { s in if failed == 0, let v = s.pointee { failed = visit!(v, c) } }
      return failed
    }
    b.pointee.tp_clear = { r in
      ExceptionTypes.eachSlot(r!) { GilaCore.clear($0) }
      // Whoever still sees the exception finds one without arguments.
      ExceptionTypes.base(r!).pointee.args = PyTuple_New(0)
      return 0
    }
    b.pointee.tp_new = { t, args, kwargs in
      guard let r = t!.pointee.tp_alloc(t, 0) else { return nil }
      ExceptionTypes.base(r).pointee.args = newRef(args!)
      return r
    }
    b.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        if let kwargs, PyDict_Size(kwargs) > 0 { throw typeError("\(typeName(of: r!))() takes no keyword arguments") }
        replace(&ExceptionTypes.base(r!).pointee.args, with: newRef(args!))
      }
    }
    b.pointee.tp_str = { r in
      let args = ExceptionTypes.base(r!).pointee.args!
      if args.size == 0 { return PyUnicode_FromString("") }
      return PyObject_Str(args.size == 1 ? gila_tuple_items(args)[0] : args)
    }
    b.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let args = ExceptionTypes.base(r!).pointee.args!
        if args.size == 1 { return try string("\(typeName(r!.type))(\(try reprText(gila_tuple_items(args)[0]!)))") }
        return try string("\(typeName(r!.type))\(try reprText(args))")
      }
    }
    b.pointee.tp_getset = getsets()
    b.pointee.tp_methods = methods()
    tree()
    ExceptionFields.install()
    ExceptionGroups.install()
    SystemErrors.install()
  }
  private static func define(_ t: TypeRef, _ name: StaticString, _ size: Int, _ base: TypeRef) {
    t.define(name, basicSize: size, flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE), base: base)
    t.pointee.tp_flags &= ~UInt(_Py_TPFLAGS_STATIC_BUILTIN)
  }
  private static func tree() {
    let rows: [(TypeRef, StaticString, Int, TypeRef)] = [
      (Exc.Exception, "Exception", 72, Exc.BaseException),
      (Exc.BaseExceptionGroup, "BaseExceptionGroup", 88, Exc.BaseException),
      (Exc.GeneratorExit, "GeneratorExit", 72, Exc.BaseException),
      (Exc.KeyboardInterrupt, "KeyboardInterrupt", 72, Exc.BaseException),
      (Exc.SystemExit, "SystemExit", 80, Exc.BaseException),
      (Exc.ArithmeticError, "ArithmeticError", 72, Exc.Exception),
      (Exc.AssertionError, "AssertionError", 72, Exc.Exception),
      (Exc.AttributeError, "AttributeError", 88, Exc.Exception),
      (Exc.BufferError, "BufferError", 72, Exc.Exception), (Exc.EOFError, "EOFError", 72, Exc.Exception),
      (Exc.ImportError, "ImportError", 104, Exc.Exception), (Exc.LookupError, "LookupError", 72, Exc.Exception),
      (Exc.MemoryError, "MemoryError", 72, Exc.Exception), (Exc.NameError, "NameError", 80, Exc.Exception),
      (Exc.OSError, "OSError", 112, Exc.Exception), (Exc.ReferenceError, "ReferenceError", 72, Exc.Exception),
      (Exc.RuntimeError, "RuntimeError", 72, Exc.Exception),
      (Exc.StopAsyncIteration, "StopAsyncIteration", 72, Exc.Exception),
      (Exc.StopIteration, "StopIteration", 80, Exc.Exception), (Exc.SyntaxError, "SyntaxError", 136, Exc.Exception),
      (Exc.SystemError, "SystemError", 72, Exc.Exception), (Exc.TypeError, "TypeError", 72, Exc.Exception),
      (Exc.ValueError, "ValueError", 72, Exc.Exception), (Exc.Warning, "Warning", 72, Exc.Exception),
      (Exc.FloatingPointError, "FloatingPointError", 72, Exc.ArithmeticError),
      (Exc.OverflowError, "OverflowError", 72, Exc.ArithmeticError),
      (Exc.ZeroDivisionError, "ZeroDivisionError", 72, Exc.ArithmeticError),
      (Exc.ModuleNotFoundError, "ModuleNotFoundError", 104, Exc.ImportError),
      (Exc.IndexError, "IndexError", 72, Exc.LookupError), (Exc.KeyError, "KeyError", 72, Exc.LookupError),
      (Exc.UnboundLocalError, "UnboundLocalError", 80, Exc.NameError),
      (Exc.BlockingIOError, "BlockingIOError", 112, Exc.OSError),
      (Exc.ChildProcessError, "ChildProcessError", 112, Exc.OSError),
      (Exc.ConnectionError, "ConnectionError", 112, Exc.OSError),
      (Exc.FileExistsError, "FileExistsError", 112, Exc.OSError),
      (Exc.FileNotFoundError, "FileNotFoundError", 112, Exc.OSError),
      (Exc.InterruptedError, "InterruptedError", 112, Exc.OSError),
      (Exc.IsADirectoryError, "IsADirectoryError", 112, Exc.OSError),
      (Exc.NotADirectoryError, "NotADirectoryError", 112, Exc.OSError),
      (Exc.PermissionError, "PermissionError", 112, Exc.OSError),
      (Exc.ProcessLookupError, "ProcessLookupError", 112, Exc.OSError),
      (Exc.TimeoutError, "TimeoutError", 112, Exc.OSError),
      (Exc.BrokenPipeError, "BrokenPipeError", 112, Exc.ConnectionError),
      (Exc.ConnectionAbortedError, "ConnectionAbortedError", 112, Exc.ConnectionError),
      (Exc.ConnectionRefusedError, "ConnectionRefusedError", 112, Exc.ConnectionError),
      (Exc.ConnectionResetError, "ConnectionResetError", 112, Exc.ConnectionError),
      (Exc.NotImplementedError, "NotImplementedError", 72, Exc.RuntimeError),
      (Exc.RecursionError, "RecursionError", 72, Exc.RuntimeError),
      (Exc.PythonFinalizationError, "PythonFinalizationError", 72, Exc.RuntimeError),
      (Exc.IndentationError, "IndentationError", 136, Exc.SyntaxError),
      (Exc.TabError, "TabError", 136, Exc.IndentationError),
      (Exc.IncompleteInputError, "_IncompleteInputError", 136, Exc.SyntaxError),
      (Exc.UnicodeError, "UnicodeError", 112, Exc.ValueError),
      (Exc.UnicodeEncodeError, "UnicodeEncodeError", 112, Exc.UnicodeError),
      (Exc.UnicodeDecodeError, "UnicodeDecodeError", 112, Exc.UnicodeError),
      (Exc.UnicodeTranslateError, "UnicodeTranslateError", 112, Exc.UnicodeError),
      (Exc.BytesWarning, "BytesWarning", 72, Exc.Warning),
      (Exc.DeprecationWarning, "DeprecationWarning", 72, Exc.Warning),
      (Exc.EncodingWarning, "EncodingWarning", 72, Exc.Warning), (Exc.FutureWarning, "FutureWarning", 72, Exc.Warning),
      (Exc.ImportWarning, "ImportWarning", 72, Exc.Warning),
      (Exc.PendingDeprecationWarning, "PendingDeprecationWarning", 72, Exc.Warning),
      (Exc.ResourceWarning, "ResourceWarning", 72, Exc.Warning),
      (Exc.RuntimeWarning, "RuntimeWarning", 72, Exc.Warning),
      (Exc.SyntaxWarning, "SyntaxWarning", 72, Exc.Warning), (Exc.UnicodeWarning, "UnicodeWarning", 72, Exc.Warning),
      (Exc.UserWarning, "UserWarning", 72, Exc.Warning),
    ]
    for (t, name, size, parent) in rows {
      define(t, name, size, parent)
      all.append((t, name))
    }
    all.append((Exc.BaseException, "BaseException"))
  }
  /// Every exception class with its name, for `builtins`. Constant after start.
  nonisolated(unsafe) static var all: [(TypeRef, StaticString)] = []

  private static func getsets() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add(
      "args", get: { r, _ in newRef(ExceptionTypes.base(r!).pointee.args ?? none) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw typeError("args may not be deleted") }
          replace(&ExceptionTypes.base(r!).pointee.args, with: try owned(PySequence_Tuple(v)).take())
        }
      })
    g.add(
      "__traceback__", get: { r, _ in newRef(ExceptionTypes.base(r!).pointee.traceback ?? none) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw typeError("__traceback__ may not be deleted") }
          guard v == none || v.type == Types.traceBack else {
            throw typeError("__traceback__ must be a traceback or None")
          }
          replace(&ExceptionTypes.base(r!).pointee.traceback, with: v == none ? nil : newRef(v))
        }
      })
    g.add(
      "__context__", get: { r, _ in newRef(ExceptionTypes.base(r!).pointee.context ?? none) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw typeError("__context__ may not be deleted") }
          guard v == none || v.isException else {
            throw typeError("exception context must be None or derive from BaseException")
          }
          replace(&ExceptionTypes.base(r!).pointee.context, with: v == none ? nil : newRef(v))
        }
      })
    g.add(
      "__cause__", get: { r, _ in newRef(ExceptionTypes.base(r!).pointee.cause ?? none) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw typeError("__cause__ may not be deleted") }
          guard v == none || v.isException else {
            throw typeError("exception cause must be None or derive from BaseException")
          }
          PyException_SetCause(r, v == none ? nil : newRef(v))
        }
      })
    g.add(
      "__dict__", get: { o, c in PyObject_GenericGetDict(o, c) }, set: { o, v, c in PyObject_GenericSetDict(o, v, c) })
    g.add(
      "__suppress_context__", get: { r, _ in newRef(pyBool(ExceptionTypes.base(r!).pointee.suppress_context != 0)) },
      set: { r, v, _ in
        let t = PyObject_IsTrue(v)
        if t < 0 { return -1 }
        ExceptionTypes.base(r!).pointee.suppress_context = CChar(t)
        return 0
      })
    return g.build()
  }
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("with_traceback", "", "Exception.with_traceback(tb) --\n    set self.__traceback__ to tb and return self.") {
      r, tb in
      PyException_SetTraceback(r, tb) < 0 ? nil : newRef(r!)
    }
    m.one("add_note", "", "Exception.add_note(note) --\n    add a note to the exception") { r, note in
      bridgeNone { () throws(PyError) in
        guard note!.isUnicode else { throw typeError("note must be a str, not '\(typeName(of: note!))'") }
        var list: Ref? = nil
        try check(PyObject_GetOptionalAttrString(r, "__notes__", &list))
        let notes = list != nil ? Owned(taking: list!) : try owned(PyList_New(0))
        if list == nil { try check(PyObject_SetAttrString(r, "__notes__", notes.ref)) }
        guard notes.ref.isList else { throw typeError("Cannot add note: __notes__ is not a list") }
        try check(PyList_Append(notes.ref, note))
      }
    }
    m.one("__setstate__", "($self, state, /)", "") { r, state in
      bridgeNone { () throws(PyError) in
        guard let state, state != none else { return }
        guard state.isDict else { throw typeError("state is not a dictionary") }
        let items = try owned(PyDict_Items(state))
        for i in 0..<items.ref.size {
          let pair = gila_tuple_items(gila_list_items(items.ref)![i]!)
          try check(PyObject_SetAttr(r, pair[0], pair[1]))
        }
      }
    }
    m.noArguments("__reduce__", "", "") { r, _ in
      bridge { () throws(PyError) in
        let b = ExceptionTypes.base(r!)
        let t = try owned(PyTuple_New(b.pointee.dict == nil ? 2 : 3))
        gila_tuple_items(t.ref)[0] = newRef(r!.type.object)
        gila_tuple_items(t.ref)[1] = newRef(b.pointee.args!)
        if let d = b.pointee.dict { gila_tuple_items(t.ref)[2] = newRef(d) }
        return t
      }
    }
    return m.build()
  }
}
/// Fills in the exception classes.
public func installExceptionTypes() { ExceptionTypes.install() }
/// Calls `body` with each exception class and its name.
public func forEachException(_ body: (TypeRef, StaticString) -> Void) {
  for (t, n) in ExceptionTypes.all { body(t, n) }
}
