import CGila
import GilaCore

// Calls that are not the plain case of the loop: arguments bound by name, native callables, `f(*args, **kwargs)`.
extension Eval {
  @inline(never) static func recursionError() {
    _ = raise(Exc.RecursionError, "maximum recursion depth exceeded")
  }
  /// Sets the locals after the arguments to unset.
  @inline(__always) static func clearLocals(_ l: StackRef, from first: Int, _ f: FrameRef) {
    var i = first
    let n = Int(f.pointee.code.unsafelyUnwrapped.pointee.co_nlocalsplus)
    while i < n {
      l[i] = nil
      i &+= 1
    }
  }
  /// A frame for the call of a Python function with borrowed arguments.
  @inline(never) static func bindCall(
    _ ts: ThreadRef, _ f: Ref, _ args: StackRef, _ n: Int, _ names: Ref?
  ) -> FrameRef? {
    guard let callee = newFrame(ts, f) else { return nil }
    do throws(PyError) { try Function.bind(f, UnsafePointer(args), n, names, locals(callee)) } catch {
      dropFrame(ts, callee)
      return nil
    }
    return callee
  }
  @inline(never) static func bindSpread(_ ts: ThreadRef, _ f: Ref, _ args: Ref, _ kwargs: Ref?) -> FrameRef? {
    guard let callee = newFrame(ts, f) else { return nil }
    do throws(PyError) {
      let n = args.size
      let k = kwargs.map { PyDict_Size($0) } ?? 0
      if k == 0 {
        try Function.bind(f, UnsafePointer(gila_tuple_items(args)), n, nil, locals(callee))
      } else {
        let names = try owned(PyTuple_New(k))
        let all = UnsafeMutablePointer<Ref?>.allocate(capacity: n + k)
        defer { all.deallocate() }
        for i in 0..<n { all[i] = gila_tuple_items(args)[i] }
        var position = 0, i = 0
        var key: Ref? = nil, value: Ref? = nil
        while i < k, PyDict_Next(kwargs, &position, &key, &value) != 0 {
          guard key!.isUnicode else { throw typeError("keywords must be strings") }
          gila_tuple_items(names.ref)[i] = newRef(key!)
          all[n + i] = value
          i += 1
        }
        try Function.bind(f, UnsafePointer(all), n, names.ref, locals(callee))
      }
    } catch {
      dropFrame(ts, callee)
      return nil
    }
    return callee
  }
  /// Marks that the word before the first argument may be written to by the callee.
  private static let offsetFlag = Int(bitPattern: 1 << 63)

  @inline(__always) static func callNative(
    _ callable: Ref, _ args: StackRef, _ n: Int, _ ts: ThreadRef, _ frame: FrameRef
  ) -> Ref? {
    if ts.pointee.c_profilefunc != nil || Tracing.monitorsCalls(ts) {
      return Tracing.callReporting(ts, frame, callable, args, n, nil)
    }
    // Methods of builtin types with no or one argument need no argument vector.
    if callable.isExactly(Types.methodDescr) && n >= 1 {
      let d = callable.cast(PyMethodDescrObject.self)
      let m = d.pointee.d_method.unsafelyUnwrapped
      let receiver = args.pointee.unsafelyUnwrapped
      if receiver.isExactly(d.pointee.d_common.d_type.unsafelyUnwrapped) {
        if m.pointee.ml_flags == METH_O && n == 2 {
          return checked(m.pointee.ml_meth.unsafelyUnwrapped(receiver, args[1]), ts, callable)
        }
        if m.pointee.ml_flags == METH_NOARGS && n == 1 {
          return checked(m.pointee.ml_meth.unsafelyUnwrapped(receiver, nil), ts, callable)
        }
        if m.pointee.ml_flags == METH_FASTCALL {
          return checked(
            unsafeBitCast(m.pointee.ml_meth, to: PyCFunctionFast.self)(receiver, UnsafePointer(args + 1), n &- 1), ts,
            callable)
        }
        if m.pointee.ml_flags == METH_FASTCALL | METH_KEYWORDS {
          return checked(
            unsafeBitCast(m.pointee.ml_meth, to: PyCFunctionFastWithKeywords.self)(
              receiver, UnsafePointer(args + 1), n &- 1, nil), ts, callable)
        }
      }
    } else if callable.isExactly(Types.cFunction) {
      let f = callable.cast(PyCFunctionObject.self)
      let m = f.pointee.m_ml.unsafelyUnwrapped
      if m.pointee.ml_flags == METH_O && n == 1 {
        return checked(m.pointee.ml_meth.unsafelyUnwrapped(f.pointee.m_self, args.pointee), ts, callable)
      }
      if m.pointee.ml_flags == METH_NOARGS && n == 0 {
        return checked(m.pointee.ml_meth.unsafelyUnwrapped(f.pointee.m_self, nil), ts, callable)
      }
      if m.pointee.ml_flags == METH_FASTCALL {
        return checked(
          unsafeBitCast(m.pointee.ml_meth, to: PyCFunctionFast.self)(f.pointee.m_self, UnsafePointer(args), n), ts,
          callable)
      }
      if m.pointee.ml_flags == METH_FASTCALL | METH_KEYWORDS {
        return checked(
          unsafeBitCast(m.pointee.ml_meth, to: PyCFunctionFastWithKeywords.self)(
            f.pointee.m_self, UnsafePointer(args), n, nil), ts, callable)
      }
    }
    return checked(gila_call_vector(callable, UnsafePointer(args), n, nil), ts, callable)
  }
  /// A native function's result, held against the pending exception: one of the two there must be, never both.
  @inline(__always) static func checked(_ r: Ref?, _ ts: ThreadRef, _ callable: Ref) -> Ref? {
    if (r == nil) == (ts.pointee.current_exception == nil) { return inconsistent(r, callable) }
    return r
  }
  @inline(never) private static func inconsistent(_ r: Ref?, _ callable: Ref) -> Ref? {
    let name: String
    if let r {
      gila_decref(r)
      let cause = PyErr_GetRaisedException()
      do throws(PyError) { name = try reprText(callable) } catch {
        PyErr_Clear()
        _ = systemError("a function returned a result with an exception set")
        xdecref(cause)
        return nil
      }
      _ = systemError("\(name) returned a result with an exception set")
      if let cause, let e = gila_ts().pointee.current_exception {
        PyException_SetCause(e, newRef(cause))
        PyException_SetContext(e, cause)
      }
    } else {
      do throws(PyError) { name = try reprText(callable) } catch { return nil }
      _ = systemError("\(name) returned NULL without setting an exception")
    }
    return nil
  }
  @inline(never) static func callNativeKeywords(
    _ callable: Ref, _ args: StackRef, _ n: Int, _ names: Ref, _ ts: ThreadRef, _ frame: FrameRef
  ) -> Ref? {
    if ts.pointee.c_profilefunc != nil || Tracing.monitorsCalls(ts) {
      return Tracing.callReporting(ts, frame, callable, args, n, names)
    }
    return checked(gila_call_vector(callable, UnsafePointer(args), n, names), ts, callable)
  }
  @inline(never) static func callSpread(
    _ callable: Ref, _ args: Ref, _ kwargs: Ref?, _ ts: ThreadRef, _ frame: FrameRef
  ) -> Ref? {
    let tuple: Ref
    if args.isExactly(Types.tuple) {
      tuple = newRef(args)
    } else {
      if args.type.pointee.tp_iter == nil && PySequence_Check(args) == 0 {
        _ = typeError(
          "\(functionText(callable)) argument after * must be an iterable, not \(typeName(of: args))")
        return nil
      }
      guard let t = PySequence_Tuple(args) else { return nil }
      tuple = t
    }
    defer { gila_decref(tuple) }
    if ts.pointee.c_profilefunc != nil || Tracing.monitorsCalls(ts) {
      return Tracing.callSpreadReporting(ts, frame, callable, tuple, kwargs)
    }
    return checked(PyObject_Call(callable, tuple, kwargs), ts, callable)
  }
  /// Only positional parameters, so that arguments can be moved as they are.
  static func isSimple(_ f: Ref) -> Bool {
    let c = Function.code(f)
    return c.pointee.co_flags & 0xc == 0 && c.pointee.co_kwonlyargcount == 0
  }
  /// The getter of a property (its address from a cache whose guard holds), if it is a function of one parameter now.
  @inline(__always) static func simpleGetter(_ property: UInt64) -> Ref? {
    guard let p = UnsafeRawPointer(bitPattern: UInt(property)), let f = (p + 16).load(as: Ref?.self),
      f.isExactly(Types.function), isSimple(f), Function.code(f).pointee.co_argcount == 1
    else { return nil }
    return f
  }
  static func call2(_ f: Ref, _ a: Ref, _ b: Ref) -> Ref? {
    var v: (Ref?, Ref?) = (a, b)
    return withUnsafePointer(to: &v) {
      gila_call_vector(f, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), 2, nil)
    }
  }
  static func call3(_ f: Ref, _ a: Ref, _ b: Ref, _ c: Ref) -> Ref? {
    var v: (Ref?, Ref?, Ref?) = (a, b, c)
    return withUnsafePointer(to: &v) {
      gila_call_vector(f, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), 3, nil)
    }
  }
  @inline(never) static func functionAttribute(_ v: Ref, _ kind: Int) -> Ref? {
    // Annotations come as a tuple of names and values.
    guard kind == 4, v.isTuple else { return v }
    defer { gila_decref(v) }
    guard let d = PyDict_New() else { return nil }
    var i = 0
    while i + 1 < v.size {
      if PyDict_SetItem(d, gila_tuple_items(v)[i], gila_tuple_items(v)[i + 1]) < 0 {
        gila_decref(d)
        return nil
      }
      i += 2
    }
    return d
  }
  /// INTRINSIC_1: a new reference, or nil with an exception. `v` stays borrowed.
  @inline(never) static func intrinsic1(_ n: Int, _ v: Ref, _ frame: FrameRef) -> Ref? {
    switch n {
    case 1: return gila_print_expression(v)
    case 2:
      return bridgeNone { () throws(PyError) in try importStar(frame, v) }
    case 3:
      // StopIteration out of a generator or coroutine becomes RuntimeError.
      var message: String? = nil
      let flags = frame.pointee.code.pointee.co_flags
      if v.isInstance(of: Exc.StopIteration) {
        message =
          flags & 0x200 != 0
          ? "async generator raised StopIteration"
          : flags & 0x80 != 0 ? "coroutine raised StopIteration" : "generator raised StopIteration"
      } else if flags & 0x200 != 0 && v.isInstance(of: Exc.StopAsyncIteration) {
        message = "async generator raised StopAsyncIteration"
      }
      guard let message else { return newRef(v) }
      guard let text = newString(message) else { return nil }
      defer { gila_decref(text) }
      guard let e = PyObject_CallOneArg(Exc.RuntimeError.object, text) else { return nil }
      PyException_SetCause(e, newRef(v))
      PyException_SetContext(e, newRef(v))
      return e
    case 4: return AsyncGenerator.wrap(v)
    case 5: return PyNumber_Positive(v)
    case 6: return PyList_AsTuple(v)
    case 7: return gila_make_typevar(v, nil, nil)
    case 8: return gila_make_paramspec(v)
    case 9: return gila_make_typevartuple(v)
    case 10: return gila_subscript_generic(v)
    case 11: return gila_make_typealias(v)
    default:
      _ = systemError("invalid intrinsic \(n)")
      return nil
    }
  }
  @inline(never) static func intrinsic2(_ n: Int, _ x: Ref, _ y: Ref) -> Ref? {
    switch n {
    case 1: return PyUnstable_Exc_PrepReraiseStar(x, y)
    case 2: return gila_make_typevar(x, y, nil)
    case 3: return gila_make_typevar(x, nil, y)
    case 4:
      // The type parameters of a generic function.
      replace((x.raw + 120).assumingMemoryBound(to: Ref?.self), with: newRef(y))
      return newRef(x)
    case 5: return gila_set_typeparam_default(x, y)
    default:
      _ = systemError("invalid intrinsic \(n)")
      return nil
    }
  }
}
