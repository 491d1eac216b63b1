// Functions: calls into C, and Python functions that C calls.

import CFFI
import CGila
import GilaCore
import Glibc

/// A Python function in C's hands.
final class CCallback {
  let callable: Ref
  let info: CTypeInfo
  let code: UnsafeMutableRawPointer
  private let closure: UnsafeMutableRawPointer
  private let cif = UnsafeMutablePointer<ffi_cif>.allocate(capacity: 1)
  private let types: UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>
  fileprivate let parameters: [TypeRef]
  fileprivate let result: TypeRef?
  fileprivate let resultSize: Int

  init(_ callable: Ref, _ info: CTypeInfo) throws(PyError) {
    var parameters: [TypeRef] = []
    if let all = info.argumentTypes { for i in 0..<all.size { parameters.append(gila_tuple_items(all)[i]!.asType) } }
    types = .allocate(capacity: parameters.count + 1)
    for (i, p) in parameters.enumerated() {
      (types + i).initialize(to: CTypeInfo.find(p)?.ffi ?? gila_ffi(Int32(FFI_TYPE_POINTER)))
    }
    var resultFFI = gila_ffi(Int32(FFI_TYPE_VOID))
    var resultType: TypeRef? = nil
    if let r = info.resultType, !r.isNone {
      guard let of = CTypeInfo.of(r) else { throw typeError("invalid result type for callback function") }
      guard of.kind == .simple else { throw typeError("invalid result type for callback function") }
      resultFFI = of.ffi ?? resultFFI
      resultType = r.asType
    }
    var code: UnsafeMutableRawPointer? = nil
    guard let closure = ffi_closure_alloc(MemoryLayout<ffi_closure>.size, &code), let code else { throw memoryError() }
    self.closure = closure
    self.code = code
    self.callable = newRef(callable)
    self.info = info
    self.parameters = parameters
    result = resultType
    resultSize = resultType.flatMap { CTypeInfo.find($0)?.size } ?? 0
    cif.initialize(to: ffi_cif())
    guard gila_ffi_prepare(cif, UInt32(parameters.count), resultFFI, types) == FFI_OK,
      ffi_prep_closure_loc(
        closure.assumingMemoryBound(to: ffi_closure.self), cif,
        { _, out, arguments, context in
          guard let context else { return }
          let state = PyGILState_Ensure()
          Unmanaged<CCallback>.fromOpaque(context).takeUnretainedValue().run(out, arguments)
          PyGILState_Release(state)
        }, Unmanaged.passUnretained(self).toOpaque(), code) == FFI_OK
    else { throw runtimeError("ffi_prep_closure failed") }
  }
  deinit {
    ffi_closure_free(closure)
    cif.deallocate()
    types.deallocate()
    decref(callable)
  }

  private func run(_ out: UnsafeMutableRawPointer?, _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) {
    let name = Owned(retaining: callable)
    var doing = "calling"
    if let out, resultSize > 0 { memset(out, 0, max(resultSize, 8)) }
    do throws(PyError) {
      let t = try owned(PyTuple_New(parameters.count))
      for (i, p) in parameters.enumerated() {
        guard let source = arguments?[i], let of = CTypeInfo.find(p) else {
          throw systemError("argument without a type")
        }
        let value: Owned
        if of.kind == .simple, p.pointee.tp_base == CTypes.simple {
          value = try CSimple.get(of, source)
        } else {
          // The callee may keep the argument: it gets memory of its own.
          let d = of.kind == .function ? try CFunctionData(of) : try CData(of)
          memcpy(d.memory, source, of.size)
          value = try Native.make(p, d)
        }
        gila_tuple_items(t.ref)[i] = newRef(value.ref)
      }
      let answer = try owned(PyObject_Call(callable, t.ref, nil))
      guard let result, let out, let of = CTypeInfo.find(result) else { return }
      doing = "converting result of"
      if answer.ref == none, of.kind != .simple || of.code == UInt8(ascii: "P") || of.code == UInt8(ascii: "z") {
        return
      }
      try CDataObjects.set(result, out, of.size, answer.ref, owner: nil)
      if of.kind == .simple, of.code == UInt8(ascii: "O") { incref(answer.ref) }
      // libffi wants small integers as whole words.
      if of.kind == .simple, of.size < 8 {
        switch (of.code, of.size) {
        case (UInt8(ascii: "b"), _), (UInt8(ascii: "c"), _):
          out.storeBytes(of: Int(out.load(as: Int8.self)), as: Int.self)
        case (UInt8(ascii: "h"), _): out.storeBytes(of: Int(out.load(as: Int16.self)), as: Int.self)
        case (UInt8(ascii: "i"), _), (UInt8(ascii: "u"), _):
          out.storeBytes(of: Int(out.load(as: Int32.self)), as: Int.self)
        default: break
        }
      }
    } catch {
      if let e = PyErr_GetRaisedException() {
        var text = "?"
        if let shown = PyObject_Repr(name.ref) {
          text = swiftString(shown)
          decref(shown)
        }
        PyErr_SetRaisedException(e)
        gila_unraisable(newString("Exception ignored on \(doing) ctypes callback function \(text)"))
      }
    }
  }
}

enum CFunctions {
  private static let errnoKey: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { free($0) }
    return key
  }()
  /// The errno that calls with `use_errno` see, one for each thread.
  static var savedErrno: UnsafeMutablePointer<Int32> {
    if let p = pthread_getspecific(errnoKey) { return p.assumingMemoryBound(to: Int32.self) }
    let p = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    p.initialize(to: 0)
    pthread_setspecific(errnoKey, p)
    return p
  }

  static func pointerArgument(_ p: UnsafeRawPointer?, keeping r: Ref?, tag: Character = "P") -> CArgument {
    var a = CArgument(ffi: gila_ffi(Int32(FFI_TYPE_POINTER)))
    a.tag = tag.asciiValue ?? a.tag
    a.value.0 = UInt64(UInt(bitPattern: p))
    a.kept = xnewRef(r)
    return a
  }

  /// An argument as C gets it.
  static func argument(_ r: Ref, _ i: Int) throws(PyError) -> CArgument {
    if r.isExactly(CArguments.type) {
      var a = Native.state(r, CArgumentState.self).argument
      a.kept = newRef(r)
      return a
    }
    if let d = CDataObjects.data(r) {
      if d.info.kind == .array { return pointerArgument(d.memory, keeping: r) }
      var a = CArgument(ffi: d.info.ffi ?? gila_ffi(Int32(FFI_TYPE_POINTER)))
      if d.size <= 16 {
        withUnsafeMutableBytes(of: &a.value) { _ = memcpy($0.baseAddress!, d.memory, d.size) }
      } else {
        a.memory = d.memory
      }
      a.kept = newRef(r)
      return a
    }
    if r.isNone { return pointerArgument(nil, keeping: nil) }
    if r.isLong {
      var a = CArgument(ffi: gila_ffi(Int32(FFI_TYPE_SINT32)))
      let n = PyLong_AsUnsignedLongMask(r)
      if n == UInt.max, errorIsSet { throw PyError() }
      if PyLong_AsLong(r) == -1, errorIsSet { PyErr_Clear(); throw overflowError("int too long to convert") }
      a.value.0 = UInt64(n)
      return a
    }
    if r.isBytes { return pointerArgument(PyBytes_AsString(r), keeping: r) }
    if r.isUnicode {
      let w = try CSimple.wideText(r)
      return pointerArgument(PyBytes_AsString(w.ref), keeping: w.ref)
    }
    var other: Ref? = nil
    if PyObject_GetOptionalAttrString(r, "_as_parameter_", &other) < 0 { throw PyError() }
    if let other {
      let held = Owned(taking: other)
      return try argument(held.ref, i)
    }
    throw typeError("Don't know how to convert parameter \(i + 1)")
  }

  private static let mostArguments = 1024

  static func call(
    _ address: UnsafeMutableRawPointer, _ items: [Ref], converters: Ref?, result: Ref?, flags: Int32
  ) throws(PyError) -> Owned {
    var arguments: [CArgument] = []
    defer { for a in arguments { xdecref(a.kept) } }
    let fixed = converters?.size ?? 0
    if items.count < fixed {
      throw typeError("this function takes at least \(fixed) argument\(fixed == 1 ? "" : "s") (\(items.count) given)")
    }
    if items.count > mostArguments {
      throw raise(
        LibraryObject.ctypesArgumentError.exception, "too many arguments (\(items.count)), maximum is \(mostArguments)")
    }
    for (i, r) in items.enumerated() {
      do throws(PyError) {
        if let converters, i < fixed {
          let convert = try owned(PyObject_GetAttrString(gila_tuple_items(converters)[i], "from_param"))
          let converted = try owned(PyObject_CallOneArg(convert.ref, r))
          arguments.append(try argument(converted.ref, i))
          if arguments[i].kept == nil { arguments[i].kept = newRef(converted.ref) }
        } else {
          arguments.append(try argument(r, i))
        }
      } catch {
        guard let e = PyErr_GetRaisedException() else { throw PyError() }
        let held = Owned(taking: e)
        var text = ""
        if let shown = PyObject_Str(held.ref) {
          text = swiftString(shown)
          decref(shown)
        }
        throw raise(
          LibraryObject.ctypesArgumentError.exception,
          "argument \(i + 1): \(typeName(held.ref.type)): \(text)")
      }
    }
    // The result: a C type, a function that gets an int, or None.
    let of = result.flatMap { CTypeInfo.of($0) }
    let isVoid = result == nil || result!.isNone
    let resultFFI = isVoid ? gila_ffi(Int32(FFI_TYPE_VOID)) : of?.ffi ?? gila_ffi(Int32(FFI_TYPE_SINT32))
    let room = UnsafeMutableRawPointer.allocate(byteCount: max(of?.size ?? 8, 16), alignment: 16)
    defer { room.deallocate() }
    memset(room, 0, max(of?.size ?? 8, 16))
    let n = arguments.count
    let types = UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>.allocate(capacity: n + 1)
    let values = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: n + 1)
    let words = UnsafeMutablePointer<(UInt64, UInt64)>.allocate(capacity: n + 1)
    defer {
      types.deallocate()
      values.deallocate()
      words.deallocate()
    }
    for (i, a) in arguments.enumerated() {
      (types + i).initialize(to: a.ffi)
      (words + i).initialize(to: a.value)
      (values + i).initialize(to: a.memory ?? UnsafeMutableRawPointer(words + i))
    }
    var cif = ffi_cif()
    guard gila_ffi_prepare(&cif, UInt32(n), resultFFI, types) == FFI_OK else {
      throw runtimeError("ffi_prep_cif failed")
    }
    let target = unsafeBitCast(address, to: (@convention(c) () -> Void).self)
    let saved = flags & 8 != 0 ? savedErrno : nil
    func run() {
      if let saved { swap(&errno, &saved.pointee) }
      ffi_call(&cif, target, room, values)
      if let saved { swap(&errno, &saved.pointee) }
    }
    if flags & 4 != 0 { run() } else { releasingLock("ctypes", run) }
    if flags & 4 != 0, errorIsSet { throw PyError() }
    var value: Owned
    if isVoid {
      value = noneOwned()
    } else if let of, let result {
      if of.kind == .simple, of.code == UInt8(ascii: "O") {
        guard let r = Ref(bitPattern: room.load(as: UInt.self)) else {
          if errorIsSet { throw PyError() }
          throw valueError("PyObject is NULL")
        }
        value = Owned(taking: r)
      } else if of.kind == .simple, result.asType.pointee.tp_base == CTypes.simple {
        value = try CSimple.get(of, room)
      } else {
        let d = of.kind == .function ? try CFunctionData(of) : try CData(of)
        memcpy(d.memory, room, of.size)
        value = try Native.make(result.asType, d)
      }
      if let checker = try CTypes.attribute(result.asType, "_check_retval_") {
        value = try GilaModulesLibraries.call(checker.ref, value.ref)
      }
    } else {
      let number = try int(room.load(as: Int32.self))
      value = try GilaModulesLibraries.call(result!, number.ref)
    }
    return value
  }

  // MARK: the type CFuncPtr

  private static func new(_ type: TypeRef, _ args: Ref) throws(PyError) -> Owned {
    guard let info = CTypeInfo.find(type), info.kind == .function, !info.isAbstract else {
      throw typeError("Cannot construct instance of this class: no argtypes")
    }
    let n = args.size
    let d = try CFunctionData(info)
    if n == 0 { return try Native.make(type, d) }
    let first = gila_tuple_items(args)[0]!
    if first.isTuple {
      // (name or number, library)
      guard first.size == 2 else { throw typeError("the first argument must be a pair") }
      let name = gila_tuple_items(first)[0]!, library = gila_tuple_items(first)[1]!
      let handle = try owned(PyObject_GetAttrString(library, "_handle"))
      guard handle.ref.isLong else {
        throw typeError("the _handle attribute of the second argument must be an integer")
      }
      let text = name.isUnicode ? try owned(PyUnicode_AsUTF8String(name)) : Owned(retaining: name)
      guard text.ref.isBytes else {
        throw typeError("bytes or integer address expected instead of \(typeName(of: name)) instance")
      }
      try audit("ctypes.dlsym", library, name)
      _ = dlerror()
      guard
        let p = dlsym(
          UnsafeMutableRawPointer(bitPattern: PyLong_AsUnsignedLongMask(handle.ref)), PyBytes_AsString(text.ref))
      else {
        throw raise(Exc.AttributeError, dlerror().map { String(cString: $0) } ?? "symbol not found")
      }
      d.memory.storeBytes(of: UInt(bitPattern: p), as: UInt.self)
      if n > 1, let p = gila_tuple_items(args)[1], !p.isNone {
        try CParameterFlags.check(p, info.argumentTypes)
        d.parameters = newRef(p)
      }
      try d.keep(library, at: 0)
      return try Native.make(type, d)
    }
    if first.isLong {
      d.memory.storeBytes(of: PyLong_AsUnsignedLongMask(first), as: UInt.self)
      if errorIsSet { throw PyError() }
      return try Native.make(type, d)
    }
    if PyCallable_Check(first) == 0 { throw typeError("argument must be callable or integer function address") }
    guard info.argumentTypes != nil else { throw typeError("cannot construct instance of this class: no argtypes") }
    let callback = try CCallback(first, info)
    d.callback = callback
    d.memory.storeBytes(of: UInt(bitPattern: callback.code), as: UInt.self)
    return try Native.make(type, d)
  }

  /// Raises for a tuple of argument types that is too long or has an item without `from_param`.
  static func checkTypes(_ types: Ref) throws(PyError) {
    if types.size > mostArguments {
      throw raise(
        LibraryObject.ctypesArgumentError.exception,
        "_argtypes_ has too many arguments (\(types.size)), maximum is \(mostArguments)")
    }
    for i in 0..<types.size {
      var convert: Ref? = nil
      if PyObject_GetOptionalAttrString(gila_tuple_items(types)[i], "from_param", &convert) < 0 { throw PyError() }
      guard let convert else { throw typeError("item \(i + 1) in _argtypes_ has no from_param method") }
      decref(convert)
    }
  }

  static func define(_ t: TypeRef) {
    t.pointee.tp_new = { type, args, kwargs in bridge { () throws(PyError) in try CFunctions.new(type!, args!) } }
    t.pointee.tp_init = { _, _, _ in 0 }
    t.number.pointee.nb_bool = { r in Native.state(r!, CData.self).memory.load(as: UInt.self) != 0 ? 1 : 0 }
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        try string("<\(typeName(of: r!)) object at 0x\(String(UInt(bitPattern: r!.raw), radix: 16))>")
      }
    }
    t.pointee.tp_call = { r, args, kwargs in
      bridge { () throws(PyError) in
        let d = Native.state(r!, CFunctionData.self)
        guard let p = UnsafeMutableRawPointer(bitPattern: d.memory.load(as: UInt.self)) else {
          throw valueError("attempt to call a NULL function")
        }
        let declared = d.argumentTypes ?? d.info.argumentTypes
        let call: CParameterFlags.Call
        if let flags = d.parameters, let types = declared, flags.isTuple, flags.size == types.size {
          call = try CParameterFlags.arguments(flags, types, args!, kwargs)
        } else {
          if let kwargs, PyDict_Size(kwargs) > 0 { throw typeError("this function takes no keyword arguments") }
          call = CParameterFlags.Call(arguments: Owned(retaining: args!))
        }
        // What the call needs stays alive even if it changes the function's attributes.
        let converters = Owned(retaining: declared ?? none)
        let result = Owned(retaining: d.resultType ?? d.info.resultType ?? none)
        let all = call.arguments.ref
        let value = try CFunctions.call(
          p, (0..<all.size).map { gila_tuple_items(all)[$0]! }, converters: declared == nil ? nil : converters.ref,
          result: d.resultType == nil && d.info.resultType == nil ? nil : result.ref, flags: d.info.flags)
        if let checker = d.errorCheck {
          let held = Owned(retaining: checker)
          let answer = try GilaModulesLibraries.call(held.ref, value.ref, r!, all)
          if answer.ref != all { return answer }
        }
        return try CParameterFlags.result(value, call)
      }
    }
    var g = GetSetTable()
    g.add(
      "restype", "specify the result type",
      get: { r, _ in
        let d = Native.state(r!, CFunctionData.self)
        return newRef(d.resultType ?? d.info.resultType ?? none)
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          let d = Native.state(r!, CFunctionData.self)
          if let v, !v.isNone, CTypeInfo.of(v) == nil, PyCallable_Check(v) == 0 {
            throw typeError("restype must be a type, a callable, or None")
          }
          let old = d.resultType
          d.resultType = xnewRef(v)
          xdecref(old)
        }
      })
    g.add(
      "argtypes", "specify the argument types",
      get: { r, _ in
        let d = Native.state(r!, CFunctionData.self)
        return newRef(d.argumentTypes ?? d.info.argumentTypes ?? none)
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          let d = Native.state(r!, CFunctionData.self)
          var made: Ref? = nil
          if let v, !v.isNone {
            if PySequence_Check(v) == 0 { throw typeError("_argtypes_ must be a sequence of types") }
            let t = try owned(PySequence_Tuple(v))
            try CFunctions.checkTypes(t.ref)
            made = t.take()
          }
          let old = d.argumentTypes
          d.argumentTypes = made
          xdecref(old)
        }
      })
    g.add(
      "errcheck", "a function to check for errors",
      get: { r, _ in
        newRef(Native.state(r!, CFunctionData.self).errorCheck ?? none)
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          if let v, !v.isNone, PyCallable_Check(v) == 0 { throw typeError("the errcheck attribute must be callable") }
          let d = Native.state(r!, CFunctionData.self)
          let old = d.errorCheck
          d.errorCheck = v == nil || v!.isNone ? nil : newRef(v!)
          xdecref(old)
        }
      })
    t.pointee.tp_getset = g.build()
  }
}
