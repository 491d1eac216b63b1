import CGila
import GilaCore

/// `threading.excepthook`: an exception that ended a thread.
enum ExceptHook {
  nonisolated(unsafe) static let argumentsType: TypeRef = {
    let fields = UnsafeMutablePointer<PyStructSequence_Field>.allocate(capacity: 5)
    let names: [(StaticString, StaticString)] = [
      ("exc_type", "Exception type"), ("exc_value", "Exception value"), ("exc_traceback", "Exception traceback"),
      ("thread", "Thread"),
    ]
    for (i, f) in names.enumerated() {
      (fields + i).initialize(to: PyStructSequence_Field(name: cString(f.0), doc: cString(f.1)))
    }
    (fields + 4).initialize(to: PyStructSequence_Field(name: nil, doc: nil))
    var d = PyStructSequence_Desc(
      name: cString("_thread._ExceptHookArgs"),
      doc: cString("ExceptHookArgs\n\nType used to pass arguments to threading.excepthook."),
      fields: fields, n_in_sequence: 4)
    return PyStructSequence_NewType(&d)!
  }()
  static func show(_ args: Ref) -> Ref? {
    bridgeNone { () throws(PyError) in
      guard args.isExactly(argumentsType) else {
        throw typeError("_thread._excepthook argument type must be ExceptHookArgs")
      }
      let items = gila_tuple_items(args)
      let type = items[0]!, value = items[1]!, tb = items[2]!, thread = items[3]!
      if type == Exc.SystemExit.object { return }
      var file = PySys_GetObject("stderr")
      if file == nil || file == none {
        if thread == none { return }
        let attribute = try owned(PyObject_GetAttrString(thread, "_stderr"))
        if attribute.ref == none { return }
        file = attribute.ref
        return try print(attribute.ref, type, value, tb, thread)
      }
      let held = Owned(retaining: file!)
      try print(held.ref, type, value, tb, thread)
    }
  }
  private static func print(_ file: Ref, _ type: Ref, _ value: Ref, _ tb: Ref, _ thread: Ref) throws(PyError) {
    var name = String(gila_ts().pointee.thread_id)
    if thread != none {
      var n: Ref? = nil
      try check(PyObject_GetOptionalAttrString(thread, "name", &n))
      if let n {
        let s = try owned(PyObject_Str(n))
        name = swiftString(s.ref)
        decref(n)
      }
    }
    let head = try string("Exception in thread \(name):\n")
    try check(PyFile_WriteObject(head.ref, file, Py_PRINT_RAW))
    let shown: Ref
    if value == none { shown = try owned(PyObject_CallNoArgs(type)).take() } else { shown = newRef(value) }
    defer { decref(shown) }
    if tb != none, shown.isException { PyException_SetTraceback(shown, tb) }
    // Through sys.excepthook's printing, on the thread's own file.
    let traceback = try owned(PyImport_ImportModule("traceback"))
    let f = try owned(PyObject_GetAttrString(traceback.ref, "print_exception"))
    let a = try owned(PyTuple_New(1))
    gila_tuple_items(a.ref)[0] = newRef(shown)
    let k = try owned(PyDict_New())
    try check(PyDict_SetItemString(k.ref, "file", file))
    _ = try owned(PyObject_Call(f.ref, a.ref, k.ref)).ref
    let flush = try owned(PyObject_GetAttrString(file, "flush"))
    _ = try owned(PyObject_CallNoArgs(flush.ref)).ref
  }
}
