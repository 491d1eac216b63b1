import CGila
import CGilaLock
import GilaCore
import GilaLock
import Glibc

/// `_thread.lock`.
enum LockType {
  struct Object {
    var ob_base: PyObject
    var weakrefs: Ref?
    var lock: ParkingLock
  }
  static func lock(_ r: Ref) -> ParkingLock.Pointer {
    (r.raw + 24).assumingMemoryBound(to: ParkingLock.self)
  }
  private static let signature = Signature("acquire", "(blocking=True, timeout=-1)")
  private static func acquire(_ r: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?) -> Ref? {
    if n == 0 && names == nil && ParkingLock.tryAcquire(lock(r)) { return pyTrue }
    return bridge { () throws(PyError) in
      let b = try signature.bind(args, n, names)
      let limit = try Timeout.ofAcquire(b[0], b[1])
      return Owned(retaining: pyBool(try ParkingLock.acquireHandlingSignals(lock(r), limit)))
    }
  }
  private static func release(_ r: Ref) -> Ref? {
    if !ParkingLock.isHeld(lock(r)) {
      _ = runtimeError("release unlocked lock")
      return nil
    }
    ParkingLock.release(lock(r))
    return none
  }
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_thread.lock", basicSize: MemoryLayout<Object>.stride,
      flags: UInt(Py_TPFLAGS_IMMUTABLETYPE),
      doc: "lock()\n--\n\nA lock object is a synchronization primitive.  To create a lock,\ncall threading.Lock()."
    )
    t.pointee.tp_weaklistoffset = 16
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_new = { t, args, kwargs in
      bridge { () throws(PyError) in
        if args!.size > 0 || (kwargs.map { PyDict_Size($0) } ?? 0) > 0 { throw typeError("lock() takes no arguments") }
        return try owned(PyType_GenericAlloc(t, 0))
      }
    }
    t.pointee.tp_dealloc = { r in
      if r!.cast(Object.self).pointee.weakrefs != nil { PyObject_ClearWeakRefs(r) }
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_repr = { r in
      newString(
        "<\(ParkingLock.isHeld(LockType.lock(r!)) ? "locked" : "unlocked") _thread.lock object at 0x\(String(UInt(bitPattern: r!), radix: 16))>"
      )
    }
    var m = MethodTable()
    for name in ["acquire", "acquire_lock"] as [StaticString] {
      m.keywords(name, "($self, /, blocking=True, timeout=-1)", "Take the lock, waiting for it if need be.") {
        r, args, n, names in LockType.acquire(r!, args, n, names)
      }
    }
    for name in ["release", "release_lock"] as [StaticString] {
      m.noArguments(name, "($self, /)", "Give the lock up. Any thread may.") { r, _ in LockType.release(r!) }
    }
    for name in ["locked", "locked_lock"] as [StaticString] {
      m.noArguments(name, "($self, /)", "Whether the lock is taken.") { r, _ in
        pyBool(ParkingLock.isHeld(LockType.lock(r!)))
      }
    }
    m.noArguments("__enter__", "($self, /)", "Take the lock.") { r, _ in LockType.acquire(r!, nil, 0, nil) }
    m.positional("__exit__", "($self, /, *exc_info)", "Give the lock up.") { r, _, _ in
      LockType.release(r!)
    }
    m.noArguments("_at_fork_reinit", "($self, /)", "Make the lock free in a forked child.") { r, _ in
      LockType.lock(r!).pointee = ParkingLock()
      return none
    }
    t.pointee.tp_methods = m.build()
    _ = PyType_Ready(t)
    return t
  }()
}

/// `_thread.RLock`: its owner may take it again.
enum RLockType {
  struct Object {
    var ob_base: PyObject
    var weakrefs: Ref?
    var lock: ParkingLock
    var owner: UInt
    var count: Int
  }
  private static func object(_ r: Ref) -> UnsafeMutablePointer<Object> { r.cast(Object.self) }
  private static func lock(_ r: Ref) -> ParkingLock.Pointer {
    (r.raw + 24).assumingMemoryBound(to: ParkingLock.self)
  }
  private static let signature = Signature("acquire", "(blocking=True, timeout=-1)")
  private static func acquire(_ r: Ref, _ args: ArgumentVector?, _ n: Int, _ names: Ref?) -> Ref? {
    let me = gila_ts().pointee.thread_id
    let o = object(r)
    if n == 0 && names == nil && o.pointee.count == 0 && ParkingLock.tryAcquire(lock(r)) {
      o.pointee.owner = me
      o.pointee.count = 1
      return pyTrue
    }
    return bridge { () throws(PyError) in
      var limit = -1
      if n > 0 || names != nil {
        let b = try signature.bind(args, n, names)
        limit = try Timeout.ofAcquire(b[0], b[1])
      }
      if o.pointee.owner == me && o.pointee.count > 0 {
        if o.pointee.count == Int.max { throw overflowError("Internal lock count overflowed") }
        o.pointee.count += 1
        return Owned(retaining: pyTrue)
      }
      if try !ParkingLock.acquireHandlingSignals(lock(r), limit) { return Owned(retaining: pyFalse) }
      o.pointee.owner = me
      o.pointee.count = 1
      return Owned(retaining: pyTrue)
    }
  }
  private static func release(_ r: Ref) -> Ref? {
    let o = object(r)
    if o.pointee.count == 0 || o.pointee.owner != gila_ts().pointee.thread_id {
      _ = runtimeError("cannot release un-acquired lock")
      return nil
    }
    o.pointee.count -= 1
    if o.pointee.count == 0 {
      o.pointee.owner = 0
      ParkingLock.release(lock(r))
    }
    return none
  }
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_thread.RLock", basicSize: MemoryLayout<Object>.stride,
      flags: UInt(Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE))
    t.pointee.tp_weaklistoffset = 16
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = PyObject_Free
    t.pointee.tp_new = { t, _, _ in PyType_GenericAlloc(t, 0) }
    t.pointee.tp_dealloc = { r in
      if RLockType.object(r!).pointee.weakrefs != nil { PyObject_ClearWeakRefs(r) }
      // An instance of a subclass gives the reference to its class back behind this.
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_repr = { r in
      let o = RLockType.object(r!)
      return newString(
        "<\(o.pointee.count > 0 ? "locked" : "unlocked") \(typeName(of: r!)) object owner=\(o.pointee.owner) count=\(o.pointee.count) at 0x\(String(UInt(bitPattern: r!), radix: 16))>"
      )
    }
    var m = MethodTable()
    m.keywords("acquire", "($self, /, blocking=True, timeout=-1)", "Take the lock, again if this thread has it.") {
      r, args, n, names in RLockType.acquire(r!, args, n, names)
    }
    m.noArguments("release", "($self, /)", "Give the lock up once.") { r, _ in RLockType.release(r!) }
    m.noArguments("__enter__", "($self, /)", "Take the lock.") { r, _ in RLockType.acquire(r!, nil, 0, nil) }
    m.positional("__exit__", "($self, /, *exc_info)", "Give the lock up once.") { r, _, _ in RLockType.release(r!) }
    m.noArguments("_is_owned", "($self, /)", "For internal use by threading.Condition.") { r, _ in
      let o = RLockType.object(r!)
      return pyBool(o.pointee.count > 0 && o.pointee.owner == gila_ts().pointee.thread_id)
    }
    m.noArguments("_recursion_count", "($self, /)", "For internal use by reentrancy checks.") { r, _ in
      let o = RLockType.object(r!)
      return PyLong_FromLong(o.pointee.owner == gila_ts().pointee.thread_id ? o.pointee.count : 0)
    }
    m.noArguments("_release_save", "($self, /)", "For internal use by threading.Condition.") { r, _ in
      bridge { () throws(PyError) in
        let o = RLockType.object(r!)
        if o.pointee.count == 0 { throw runtimeError("cannot release un-acquired lock") }
        let t = try owned(PyTuple_New(2))
        gila_tuple_items(t.ref)[0] = try owned(PyLong_FromLong(o.pointee.count)).take()
        gila_tuple_items(t.ref)[1] = try owned(PyLong_FromUnsignedLong(o.pointee.owner)).take()
        o.pointee.count = 0
        o.pointee.owner = 0
        ParkingLock.release(RLockType.lock(r!))
        return t
      }
    }
    m.one("_acquire_restore", "($self, state, /)", "For internal use by threading.Condition.") { r, state in
      bridgeNone { () throws(PyError) in
        guard state!.isTuple, state!.size == 2 else { throw typeError("_acquire_restore() argument must be a tuple") }
        let count = PyLong_AsLong(gila_tuple_items(state!)[0])
        let owner = PyLong_AsUnsignedLong(gila_tuple_items(state!)[1])
        if errorIsSet { throw PyError() }
        // A signal handler's exception here would lose the lock: it waits until the lock is had.
        while ParkingLock.acquire(RLockType.lock(r!), -1, false) != PY_LOCK_ACQUIRED {}
        let o = RLockType.object(r!)
        o.pointee.count = count
        o.pointee.owner = owner
      }
    }
    m.noArguments("_at_fork_reinit", "($self, /)", "Make the lock free in a forked child.") { r, _ in
      let o = RLockType.object(r!)
      RLockType.lock(r!).pointee = ParkingLock()
      o.pointee.owner = 0
      o.pointee.count = 0
      return none
    }
    t.pointee.tp_methods = m.build()
    _ = PyType_Ready(t)
    return t
  }()
}
