import CGila
import GilaCore

/// Local variables seen from outside (PEP 667): `frame.f_locals` of a function is a mapping that writes through to the
/// frame; `locals()` is a snapshot.
enum FrameLocals {
  struct Proxy {
    var ob_base: PyObject
    var frame: Ref?
  }
  static func isOptimized(_ f: FrameRef) -> Bool { f.pointee.code.pointee.co_flags & 0x1 != 0 }
  static func kind(_ c: CodeRef, _ i: Int) -> UInt8 {
    UInt8(bitPattern: PyBytes_AsString(c.pointee.co_localspluskinds)![i])
  }
  /// The value of local `i` (borrowed), looking into cells; nil if unset or hidden.
  static func value(_ f: FrameRef, _ i: Int) -> Ref? {
    let k = kind(f.pointee.code, i)
    guard let v = Eval.locals(f)[i] else { return nil }
    if k & 0xc0 != 0, v.isExactly(Types.cell) { return v.cast(PyCellObject.self).pointee.ob_ref }
    return v
  }
  static func hasHidden(_ f: FrameRef) -> Bool {
    let c = f.pointee.code!
    for i in 0..<Int(c.pointee.co_nlocalsplus) where kind(c, i) & 0x10 != 0 && Eval.locals(f)[i] != nil { return true }
    return false
  }
  /// A new dict of what `locals()` shows.
  static func snapshot(_ f: FrameRef, _ object: FrameObject.Object?) throws(PyError) -> Owned {
    let d = try owned(PyDict_New())
    let c = f.pointee.code!
    let names = c.pointee.co_localsplusnames!
    for i in 0..<Int(c.pointee.co_nlocalsplus) {
      if kind(c, i) & 0x10 != 0 && !isOptimized(f) && Eval.locals(f)[i] == nil { continue }
      if let v = value(f, i) { try check(PyDict_SetItem(d.ref, gila_tuple_items(names)[i], v)) }
    }
    if let extra = object?.pointee.f_extra_locals { try check(PyDict_Update(d.ref, extra)) }
    return d
  }
  static func proxy(_ r: Ref) throws(PyError) -> Owned {
    let p = try owned(PyType_GenericAlloc(Types.frameLocalsProxy, 0))
    p.ref.cast(Proxy.self).pointee.frame = newRef(r)
    return p
  }
  static func frame(_ p: Ref) throws(PyError) -> FrameRef {
    guard let f = FrameObject.object(p.cast(Proxy.self).pointee.frame!).pointee.f_frame else {
      throw runtimeError("the frame is gone")
    }
    return f
  }
  /// Index of a variable, or -1. `reading` accepts only those that are set.
  static func index(_ f: FrameRef, _ key: Ref, reading: Bool) throws(PyError) -> Int {
    let c = f.pointee.code!
    let names = c.pointee.co_localsplusnames!
    for i in 0..<Int(c.pointee.co_nlocalsplus) {
      let n = gila_tuple_items(names)[i]!
      if n == key {
        if reading && value(f, i) == nil { continue }
        if !reading && kind(c, i) & 0x10 != 0 && !isOptimized(f) { continue }
        return i
      }
    }
    if PyObject_Hash(key) == -1 { throw PyError() }
    for i in 0..<Int(c.pointee.co_nlocalsplus) {
      let n = gila_tuple_items(names)[i]!
      let r = PyObject_RichCompareBool(n, key, Py_EQ)
      if r < 0 { throw PyError() }
      if r > 0 {
        if reading && value(f, i) == nil { continue }
        return i
      }
    }
    return -1
  }
  static func get(_ p: Ref, _ key: Ref) throws(PyError) -> Owned? {
    let f = try frame(p)
    let i = try index(f, key, reading: true)
    if i >= 0, let v = value(f, i) { return Owned(retaining: v) }
    if let extra = FrameObject.object(p.cast(Proxy.self).pointee.frame!).pointee.f_extra_locals {
      var v: Ref? = nil
      try check(PyDict_GetItemRef(extra, key, &v))
      if let v { return Owned(taking: v) }
    }
    return nil
  }
  static func set(_ p: Ref, _ key: Ref, _ value: Ref?) throws(PyError) {
    let f = try frame(p)
    let i = try index(f, key, reading: false)
    if i >= 0 {
      guard let value else { throw typeError("cannot remove variables from FrameLocalsProxy") }
      let slot = Eval.locals(f) + i
      let k = kind(f.pointee.code, i)
      if let old = slot.pointee, k & 0xc0 != 0, old.isExactly(Types.cell) {
        replace(&old.cast(PyCellObject.self).pointee.ob_ref, with: newRef(value))
      } else {
        replace(slot, with: newRef(value))
      }
      return
    }
    let o = FrameObject.object(p.cast(Proxy.self).pointee.frame!)
    if o.pointee.f_extra_locals == nil {
      guard value != nil else { throw typeError("cannot remove variables from FrameLocalsProxy") }
      o.pointee.f_extra_locals = try owned(PyDict_New()).take()
    }
    if let value {
      try check(PyDict_SetItem(o.pointee.f_extra_locals, key, value))
    } else {
      try check(PyDict_DelItem(o.pointee.f_extra_locals, key))
    }
  }
  static func dict(_ p: Ref) throws(PyError) -> Owned {
    try snapshot(try frame(p), FrameObject.object(p.cast(Proxy.self).pointee.frame!))
  }
  static func list(_ p: Ref, _ part: (Ref?) -> Ref?) throws(PyError) -> Owned {
    let d = try dict(p)
    return try owned(part(d.ref))
  }

  static func install() {
    let t = Types.frameLocalsProxy
    t.define(
      "FrameLocalsProxy", basicSize: 24,
      flags: UInt(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_MAPPING),
      doc: "A write-through view of the local variables of a frame.")
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_new = { _, args, kwargs in
      bridge { () throws(PyError) in
        if let kwargs, PyDict_Size(kwargs) > 0 { throw typeError("FrameLocalsProxy takes no keyword arguments") }
        guard let args, args.size == 1, gila_tuple_items(args)[0]!.isExactly(Types.frame) else {
          throw typeError(
            "expect frame, not \(args.map { $0.size > 0 ? typeName(of: gila_tuple_items($0)[0]!) : "nothing" } ?? "nothing")"
          )
        }
        return try FrameLocals.proxy(gila_tuple_items(args)[0]!)
      }
    }
    t.pointee.tp_dealloc = { p in
      PyObject_GC_UnTrack(p!.raw)
      GilaCore.clear(&p!.cast(Proxy.self).pointee.frame)
      PyObject_GC_Del(p!.raw)
    }
    t.pointee.tp_traverse = { p, v, c in p!.cast(Proxy.self).pointee.frame.map { v!($0, c) } ?? 0 }
    t.pointee.tp_clear = { _ in 0 }
    t.pointee.tp_repr = { p in
      bridge { () throws(PyError) in
        let entered = Py_ReprEnter(p)
        if entered < 0 { throw PyError() }
        if entered > 0 { return try string("{...}") }
        defer { Py_ReprLeave(p) }
        let d = try FrameLocals.dict(p!)
        return try owned(PyObject_Repr(d.ref))
      }
    }
    t.pointee.tp_richcompare = { a, b, op in
      bridge { () throws(PyError) in
        if op != Py_EQ && op != Py_NE { return Owned(retaining: notImplemented) }
        if b!.isExactly(Types.frameLocalsProxy) {
          let same = a!.cast(Proxy.self).pointee.frame == b!.cast(Proxy.self).pointee.frame
          return Owned(retaining: pyBool(same == (op == Py_EQ)))
        }
        guard b!.isDict else { return Owned(retaining: notImplemented) }
        let d = try FrameLocals.dict(a!)
        return try owned(PyObject_RichCompare(d.ref, b, op))
      }
    }
    t.pointee.tp_iter = { p in
      bridge { () throws(PyError) in
        let k = try FrameLocals.list(p!, PyDict_Keys)
        return try owned(PyObject_GetIter(k.ref))
      }
    }
    t.mapping.pointee.mp_length = { p in
      bridgeSize { () throws(PyError) in
        let d = try FrameLocals.dict(p!)
        return PyDict_Size(d.ref)
      }
    }
    t.mapping.pointee.mp_subscript = { p, k in
      bridge { () throws(PyError) in
        if let v = try FrameLocals.get(p!, k!) { return v }
        throw raise(Exc.KeyError, "local variable '\(swiftString(k!))' is not defined")
      }
    }
    t.mapping.pointee.mp_ass_subscript = { p, k, v in
      bridgeStatus { () throws(PyError) in try FrameLocals.set(p!, k!, v) }
    }
    t.sequence.pointee.sq_contains = { p, k in
      bridgeBool { () throws(PyError) in try FrameLocals.get(p!, k!) != nil }
    }
    t.number.pointee.nb_or = { a, b in
      bridge { () throws(PyError) in
        let left: Owned
        if a!.isExactly(Types.frameLocalsProxy) {
          left = try FrameLocals.dict(a!)
        } else {
          guard a!.isDict else { return Owned(retaining: notImplemented) }
          left = try owned(PyDict_Copy(a))
        }
        if !b!.isDict && !b!.isExactly(Types.frameLocalsProxy) { return Owned(retaining: notImplemented) }
        try check(PyDict_Update(left.ref, b))
        return left
      }
    }
    t.number.pointee.nb_inplace_or = { a, b in
      bridge { () throws(PyError) in
        if !b!.isDict && !b!.isExactly(Types.frameLocalsProxy) { return Owned(retaining: notImplemented) }
        try FrameLocals.update(a!, b!)
        return Owned(retaining: a!)
      }
    }
    var m = MethodTable()
    m.positional("get", "($self, key, default=None, /)", "The value of a variable, or the default.") { p, args, n in
      bridge { () throws(PyError) in
        try checkCount("get", n, 1, 2)
        if let v = try FrameLocals.get(p!, args![0]!) { return v }
        return Owned(retaining: n > 1 ? args![1]! : none)
      }
    }
    m.positional("setdefault", "($self, key, default=None, /)", "The value of a variable, set to the default if unset.")
    {
      p, args, n in
      bridge { () throws(PyError) in
        try checkCount("setdefault", n, 1, 2)
        if let v = try FrameLocals.get(p!, args![0]!) { return v }
        let v = n > 1 ? args![1]! : none
        try FrameLocals.set(p!, args![0]!, v)
        return Owned(retaining: v)
      }
    }
    m.one("update", "($self, other, /)", "Set variables from a mapping.") { p, o in
      bridgeNone { () throws(PyError) in try FrameLocals.update(p!, o!) }
    }
    m.noArguments("keys") { p, _ in bridge { () throws(PyError) in try FrameLocals.list(p!, PyDict_Keys) } }
    m.noArguments("values") { p, _ in bridge { () throws(PyError) in try FrameLocals.list(p!, PyDict_Values) } }
    m.noArguments("items") { p, _ in bridge { () throws(PyError) in try FrameLocals.list(p!, PyDict_Items) } }
    m.noArguments("copy") { p, _ in bridge { () throws(PyError) in try FrameLocals.dict(p!) } }
    m.noArguments("__reversed__") { p, _ in
      bridge { () throws(PyError) in
        let k = try FrameLocals.list(p!, PyDict_Keys)
        try check(PyList_Reverse(k.ref))
        return k
      }
    }
    t.pointee.tp_methods = m.build()
  }
  static func update(_ p: Ref, _ other: Ref) throws(PyError) {
    guard other.isDict || other.isExactly(Types.frameLocalsProxy) else {
      throw typeError("update() argument must be dict or another FrameLocalsProxy")
    }
    let items = try owned(PyMapping_Items(other))
    for i in 0..<items.ref.size {
      let pair = gila_list_items(items.ref)![i]!
      try set(p, gila_tuple_items(pair)[0]!, gila_tuple_items(pair)[1]!)
    }
  }
}

@c @implementation public func PyFrame_GetLocals(_ f: UnsafeMutablePointer<PyFrameObject>!) -> Ref? {
  bridge { () throws(PyError) in
    guard let frame = f.pointee.f_frame else { return try owned(PyDict_New()) }
    if FrameLocals.isOptimized(frame) || FrameLocals.hasHidden(frame) {
      return try FrameLocals.proxy(FrameObject.ref(f))
    }
    return Owned(retaining: frame.pointee.locals ?? frame.pointee.globals)
  }
}
@c @implementation public func PyEval_GetFrameLocals() -> Ref? {
  bridge { () throws(PyError) in
    guard let f = gila_ts().pointee.current_frame else { throw systemError("frame does not exist") }
    if FrameLocals.isOptimized(f) || FrameLocals.hasHidden(f) {
      // Inside an inlined comprehension of a class or module these are its own names.
      return try FrameLocals.snapshot(f, f.pointee.frame_obj)
    }
    return Owned(retaining: f.pointee.locals ?? f.pointee.globals)
  }
}
@c @implementation public func PyEval_GetLocals() -> Ref? {
  // Borrowed: the frame object keeps it.
  guard let f = gila_ts().pointee.current_frame else {
    _ = systemError("frame does not exist")
    return nil
  }
  guard let v = PyEval_GetFrameLocals(), let o = FrameObject.of(f) else { return nil }
  if v == f.pointee.locals || v == f.pointee.globals {
    gila_decref(v)
    return v
  }
  replace(&FrameObject.object(o).pointee.f_locals_cache, with: v)
  return v
}
@c @implementation public func PyEval_GetFrameGlobals() -> Ref? { xnewRef(PyEval_GetGlobals()) }
@c @implementation public func PyEval_GetFrameBuiltins() -> Ref? { xnewRef(PyEval_GetBuiltins()) }
