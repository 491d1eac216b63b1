// The functions of sys. Those about tracing and frames are in SysTracing.swift, the hooks in SysHooks.swift.

import CGila
import GilaCore
import Glibc

enum SysMethods {
  static func table() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    addExceptions(&m)
    addProperties(&m)
    addLimits(&m)
    addMemory(&m)
    SysTracing.add(&m)
    SysHooks.add(&m)
    return m.build()
  }

  private static func addExceptions(_ m: inout MethodTable) {
    m.noArguments(
      "exc_info", "($module, /)", "Returns (type, value, traceback) of the exception that is being handled."
    ) { _, _ in
      bridge { () throws(PyError) in
        let t = try owned(PyTuple_New(3))
        let e = PyErr_GetHandledException()
        let tb = e.flatMap { PyException_GetTraceback($0) }
        gila_tuple_items(t.ref)[0] = newRef(e.map { $0.type.object } ?? none)
        gila_tuple_items(t.ref)[1] = e ?? newRef(none)
        gila_tuple_items(t.ref)[2] = tb ?? newRef(none)
        return t
      }
    }
    m.noArguments("exception", "($module, /)", "Returns the exception that is being handled, or None.") { _, _ in
      PyErr_GetHandledException() ?? newRef(none)
    }
    m.positional("exit", "($module, status=None, /)", "Ends the program by raising SystemExit(status).") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("exit", n, 0, 1)
        PyErr_SetObject(Exc.SystemExit.object, n > 0 ? a![0] : none)
        throw PyError()
      }
    }
  }

  private static func addProperties(_ m: inout MethodTable) {
    m.noArguments("getdefaultencoding", "($module, /)", "Returns the encoding of str.encode() by default.") { _, _ in
      newString("utf-8")
    }
    m.noArguments("getfilesystemencoding", "($module, /)", "Returns the encoding of file names.") { _, _ in
      newString("utf-8")
    }
    m.noArguments("getfilesystemencodeerrors", "($module, /)", "Returns the error handler for file names.") { _, _ in
      newString("surrogateescape")
    }
    m.one("intern", "($module, string, /)", "Returns the one interned str that is equal to the argument.") { _, s in
      bridge { () throws(PyError) in
        guard s!.isUnicode else {
          throw typeError("intern() argument must be str, not \(s == none ? "None" : typeName(of: s!))")
        }
        guard s!.isExactly(Types.unicode) else { throw typeError("can't intern \(typeName(of: s!))") }
        var r: Ref? = newRef(s!)
        PyUnicode_InternInPlace(&r)
        return Owned(taking: r!)
      }
    }
    m.one("_is_interned", "($module, string, /)", "Says whether a str is interned.") { _, s in
      bridge { () throws(PyError) in
        guard s!.isUnicode else {
          throw typeError("_is_interned() argument must be str, not \(s == none ? "None" : typeName(of: s!))")
        }
        return Owned(retaining: pyBool(gila_unicode_state(s!) & 3 != 0))
      }
    }
    m.noArguments("getswitchinterval", "($module, /)", "How long a thread may compute while another waits, in seconds.")
    {
      _, _ in PyFloat_FromDouble(gila_switch_interval())
    }
    m.one("setswitchinterval", "($module, interval, /)", "Sets how long a thread may compute while another waits.") {
      _, v in
      bridgeNone { () throws(PyError) in
        let seconds = PyFloat_AsDouble(v)
        if seconds == -1 && errorIsSet { throw PyError() }
        guard seconds > 0 else { throw valueError("switch interval must be strictly positive") }
        gila_set_switch_interval(seconds)
      }
    }
    m.noArguments("_current_frames", "($module, /)", "A dict of the frame each thread runs, by the thread's number.") {
      _, _ in
      gila_current_frames()
    }
    m.noArguments(
      "_current_exceptions", "($module, /)", "A dict of the exception each thread handles, by the thread's number."
    ) { _, _ in gila_current_exceptions() }
    m.noArguments("is_finalizing", "($module, /)", "Says whether the interpreter is shutting down.") { _, _ in
      newRef(pyBool(currentInterpreter.pointee.finalizing != 0))
    }
    m.noArguments("_is_gil_enabled", "($module, /)", "Says whether the global lock is in use.") { _, _ in newRef(pyTrue)
    }
    m.noArguments("_get_cpu_count_config", "($module, /)", "Returns -X cpu_count, or -1.") { _, _ in
      PyLong_FromLong(Configuration.current.cpuCount)
    }
    m.noArguments("getdlopenflags", "($module, /)", "Returns the flags with which extensions are opened.") { _, _ in
      PyLong_FromLong(Int(ExtensionModules.openFlags))
    }
    m.one("setdlopenflags", "($module, flags, /)", "Sets the flags with which extensions are opened.") { _, f in
      bridgeNone { () throws(PyError) in ExtensionModules.openFlags = try intArgument(f!) }
    }
  }

  private static func addLimits(_ m: inout MethodTable) {
    m.noArguments("getrecursionlimit", "($module, /)", "Returns how deep Python calls may nest.") { _, _ in
      PyLong_FromLong(Int(currentInterpreter.pointee.recursion_limit))
    }
    m.one("setrecursionlimit", "($module, limit, /)", "Sets how deep Python calls may nest.") { _, n in
      bridgeNone { () throws(PyError) in
        let limit = try intArgument(n!)
        if limit < 1 { throw valueError("recursion limit must be greater or equal than 1") }
        let ts = currentThread
        let depth = ts.pointee.py_recursion_limit &- ts.pointee.py_recursion_remaining
        if depth >= limit {
          throw raise(
            Exc.RecursionError,
            "cannot set the recursion limit to \(limit) at the recursion depth \(depth): the limit is too low")
        }
        currentInterpreter.pointee.recursion_limit = limit
        var each: ThreadRef? = currentInterpreter.pointee.threads_head
        while let t = each {
          t.pointee.py_recursion_remaining &+= limit &- t.pointee.py_recursion_limit
          t.pointee.py_recursion_limit = limit
          each = t.pointee.next
        }
      }
    }
    m.noArguments(
      "get_int_max_str_digits", "($module, /)", "Returns how many digits conversions between int and text may have."
    ) { _, _ in PyLong_FromLong(Int(currentInterpreter.pointee.int_max_str_digits)) }
    m.keywords(
      "set_int_max_str_digits", "($module, /, maxdigits)",
      "Sets how many digits conversions between int and text may have; 0 is without limit."
    ) { _, a, n, names in
      bridgeNone { () throws(PyError) in
        let b = try SysMethods.digitsSignature.bind(a, n, names)
        let digits = try intArgument(b[0]!)
        if digits != 0 && digits < 640 { throw valueError("maxdigits must be 0 or larger than 640") }
        currentInterpreter.pointee.int_max_str_digits = digits
      }
    }
    m.noArguments(
      "get_coroutine_origin_tracking_depth", "($module, /)", "Returns how many frames of a coroutine's origin are kept."
    ) { _, _ in PyLong_FromLong(Int(currentThread.pointee.coroutine_origin_tracking_depth)) }
    m.keywords(
      "set_coroutine_origin_tracking_depth", "($module, /, depth)",
      "Sets how many frames of a coroutine's origin are kept."
    ) { _, a, n, names in
      bridgeNone { () throws(PyError) in
        let b = try SysMethods.depthSignature.bind(a, n, names)
        let depth = try intArgument(b[0]!)
        if depth < 0 { throw valueError("depth must be >= 0") }
        currentThread.pointee.coroutine_origin_tracking_depth = depth
      }
    }
    for (name, value) in [("activate_stack_trampoline", 1), ("deactivate_stack_trampoline", 0)] as [(StaticString, Int)]
    {
      if value == 1 {
        m.one(name, "($module, backend, /)", "The perf trampoline does not exist in Gila.") { _, _ in
          _ = valueError("perf trampoline not available")
          return nil
        }
      } else {
        m.noArguments(name, "($module, /)", "The perf trampoline does not exist in Gila.") { _, _ in newRef(none) }
      }
    }
    m.noArguments("is_stack_trampoline_active", "($module, /)", "The perf trampoline does not exist in Gila.") { _, _ in
      newRef(pyFalse)
    }
  }

  private static func addMemory(_ m: inout MethodTable) {
    m.one("getrefcount", "($module, object, /)", "Returns the object's reference count, the argument included.") {
      _, o in PyLong_FromSsize_t(o!.refCount)
    }
    m.keywords("getsizeof", "", "getsizeof(object [, default]) -> int\n\nThe size of an object in bytes.") {
      _, a, n, names in
      bridge { () throws(PyError) in
        let b = try SysMethods.sizeSignature.bind(a, n, names)
        let size = _PySys_GetSizeOf(b[0])
        if size == -1 && errorIsSet {
          if let fallback = b[1], PyErr_ExceptionMatches(Exc.TypeError.object) != 0 {
            PyErr_Clear()
            return Owned(retaining: fallback)
          }
          throw PyError()
        }
        // Sizes are unsigned.
        return try owned(PyLong_FromSize_t(size))
      }
    }
    m.noArguments("getallocatedblocks", "($module, /)", "Returns how many small memory blocks are in use.") { _, _ in
      PyLong_FromSsize_t(SmallBlocks.inUse)
    }
    m.keywords(
      "getunicodeinternedsize", "($module, /, *, _only_immortal=False)", "Returns how many str objects are interned."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        _ = try SysMethods.internedSignature.bind(a, n, names)
        return try int(gila_interned_count())
      }
    }
    m.noArguments("_clear_type_cache", "($module, /)", "Empties the cache of type attributes.") { _, _ in
      _ = PyType_ClearCache()
      return errorIsSet ? nil : newRef(none)
    }
    m.noArguments("_clear_internal_caches", "($module, /)", "Empties caches of the interpreter.") { _, _ in
      _ = PyType_ClearCache()
      return errorIsSet ? nil : newRef(none)
    }
    m.noArguments("_debugmallocstats", "($module, /)", "Prints how small memory blocks are used to stderr.") { _, _ in
      var text = "Small block threshold = 512, in 32 size classes.\n\(SmallBlocks.inUse) small blocks in use\n"
      // The lists that CPython keeps of freed objects; here their blocks go back to the pools at once.
      for (type, size) in [("PyDictObject", 48), ("PyFloatObject", 24), ("PyListObject", 40), ("PyTupleObject", 24)] {
        text += "0 free \(type)s * \(size) bytes each = 0\n"
      }
      let line = Array(text.utf8)
      _ = write(2, line, line.count)
      return newRef(none)
    }
  }
  private static let digitsSignature = Signature("set_int_max_str_digits", "(maxdigits)")
  private static let depthSignature = Signature("set_coroutine_origin_tracking_depth", "(depth)")
  private static let sizeSignature = Signature("getsizeof", "(object, default=None)")
  private static let internedSignature = Signature("getunicodeinternedsize", "(*, _only_immortal=False)")
}

/// The object's size with what lies in front of it.
@c @implementation public func _PySys_GetSizeOf(_ o: Ref!) -> Int {
  bridgeSize { () throws(PyError) in
    guard let f = _PyObject_LookupSpecial(o, Dunder.sizeof.ref) else {
      if errorIsSet { throw PyError() }
      throw typeError("Type \(typeName(of: o)) doesn't define __sizeof__")
    }
    let method = Owned(taking: f)
    let r = try owned(PyObject_CallNoArgs(method.ref))
    let size = PyLong_AsSsize_t(r.ref)
    if size == -1 && errorIsSet { throw PyError() }
    if size < 0 { throw valueError("__sizeof__() should return >= 0") }
    var before = 0
    if PyObject_IS_GC(o) != 0 { before += 16 }
    if o.type.pointee.tp_flags & (3 << 3) != 0 { before += 16 }
    return size &+ before
  }
}
