// _multiprocessing.SemLock: a named semaphore that several processes share, as a lock or a counter.

import CGila
import CGilaSystem
import GilaCore
import Glibc

/// Words: the semaphore, the owner's thread, how often it was acquired here, the highest value, the kind, the name.
enum SemaphoreLockType {
  nonisolated(unsafe) static let type = newStaticType()

  private static func handle(_ r: Ref) -> UnsafeMutablePointer<UnsafeMutablePointer<sem_t>?> {
    r.word(0, UnsafeMutablePointer<sem_t>?.self)
  }
  private static func owner(_ r: Ref) -> UnsafeMutablePointer<UInt> { r.word(1, UInt.self) }
  private static func count(_ r: Ref) -> UnsafeMutablePointer<Int32> { r.word(2, Int32.self) }
  private static func highest(_ r: Ref) -> UnsafeMutablePointer<Int32> { r.word(3, Int32.self) }
  private static func kind(_ r: Ref) -> UnsafeMutablePointer<Int32> { r.word(4, Int32.self) }
  private static func name(_ r: Ref) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    r.word(5, UnsafeMutablePointer<CChar>?.self)
  }
  /// A lock that its owner may acquire again.
  private static let recursive: Int32 = 0

  private static let newSignature = Signature("SemLock", "(kind, value, maxvalue, name, unlink)")
  private static let acquireFunction = Function("acquire", "($self, /, block=True, timeout=None)")

  private static func isMine(_ r: Ref) -> Bool { count(r).pointee > 0 && owner(r).pointee == UInt(pthread_self()) }

  private static func make(
    _ type: TypeRef, _ semaphore: UnsafeMutablePointer<sem_t>, kind k: Int32, highest h: Int32,
    name n: UnsafePointer<CChar>?
  ) throws(PyError) -> Owned {
    let r = try owned(type.pointee.tp_alloc(type, 0))
    handle(r.ref).pointee = semaphore
    kind(r.ref).pointee = k
    highest(r.ref).pointee = h
    if let n {
      guard let copy = strdup(n) else { throw memoryError() }
      name(r.ref).pointee = copy
    }
    return r
  }

  private static func text(_ r: Ref, _ argument: Int) throws(PyError) -> UnsafePointer<CChar> {
    guard r.isUnicode else { throw typeError("SemLock() argument \(argument) must be str, not \(typeName(of: r))") }
    guard let p = PyUnicode_AsUTF8(r) else { throw PyError() }
    return p
  }

  private static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    let b = try newSignature.bind(tuple: args, dict: kwargs)
    let kind = try cInt(b[0]!), value = try cInt(b[1]!), highest = try cInt(b[2]!)
    let name = try text(b[3]!, 4)
    let unlink = try truth(b[4]!)
    if kind != recursive, kind != 1 { throw valueError("unrecognized kind") }
    guard let semaphore = gila_sem_open_new(name, UInt32(bitPattern: value)) else { throw systemFailure() }
    if unlink, sem_unlink(name) < 0 {
      let number = errno
      sem_close(semaphore)
      errno = number
      throw systemFailure()
    }
    return try make(type, semaphore, kind: kind, highest: highest, name: unlink ? nil : name)
  }

  private static func acquire(_ r: Ref, _ blocks: Bool, _ timeout: Ref) throws(PyError) -> Bool {
    guard let semaphore = handle(r).pointee else { return false }
    if kind(r).pointee == recursive, isMine(r) {
      count(r).pointee &+= 1
      return true
    }
    var end: timespec? = nil
    if !timeout.isNone {
      let seconds = max(0, try cDouble(timeout))
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      let total = Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9 + seconds
      let whole = min(total.rounded(.down), 9e15)
      end = timespec(tv_sec: Int(whole), tv_nsec: min(999_999_999, max(0, Int((total - whole) * 1e9))))
    }
    // Without waiting first, which needs no hand-over of the lock.
    var result: Int32
    repeat { result = sem_trywait(semaphore) } while result < 0 && errno == EINTR
    if result < 0, errno == EAGAIN, blocks {
      while true {
        result = releasingLock("sem_wait") {
          guard var until = end else { return sem_wait(semaphore) }
          return sem_timedwait(semaphore, &until)
        }
        if result >= 0 || errno != EINTR { break }
        try check(PyErr_CheckSignals())
      }
    }
    if result < 0 {
      if errno == EAGAIN || errno == ETIMEDOUT { return false }
      throw systemFailure()
    }
    count(r).pointee &+= 1
    owner(r).pointee = UInt(pthread_self())
    return true
  }

  private static func release(_ r: Ref) throws(PyError) {
    guard let semaphore = handle(r).pointee else { return }
    if kind(r).pointee == recursive {
      if !isMine(r) { throw raise(Exc.AssertionError, "attempt to release recursive lock not owned by thread") }
      if count(r).pointee > 1 {
        count(r).pointee &-= 1
        return
      }
    } else {
      var value: Int32 = 0
      try checkSystem(sem_getvalue(semaphore, &value))
      if value >= highest(r).pointee { throw valueError("semaphore or lock released too many times") }
    }
    try checkSystem(sem_post(semaphore))
    count(r).pointee &-= 1
  }

  private static func value(_ r: Ref) throws(PyError) -> Int32 {
    guard let semaphore = handle(r).pointee else { return 0 }
    var value: Int32 = 0
    try checkSystem(sem_getvalue(semaphore, &value))
    return max(0, value)
  }

  static func define() {
    type.define(
      "_multiprocessing.SemLock", basicSize: 64, flags: UInt(Py_TPFLAGS_BASETYPE),
      doc: "A semaphore that processes share.")
    type.pointee.tp_alloc = PyType_GenericAlloc
    type.pointee.tp_free = PyObject_Free
    type.pointee.tp_getattro = PyObject_GenericGetAttr
    type.pointee.tp_setattro = PyObject_GenericSetAttr
    type.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in try SemaphoreLockType.new(type!, args, kwargs) }
    }
    type.pointee.tp_dealloc = { r in
      if let semaphore = SemaphoreLockType.handle(r!).pointee { sem_close(semaphore) }
      free(SemaphoreLockType.name(r!).pointee)
      let type = r!.type
      type.pointee.tp_free(r!.raw)
    }
    var members = MemberTable()
    members.add("handle", Py_T_ULONGLONG, offset: 16)
    members.add("kind", Py_T_INT, offset: 48)
    members.add("maxvalue", Py_T_INT, offset: 40)
    members.add("name", Py_T_STRING, offset: 56)
    type.pointee.tp_members = members.build()
    type.pointee.tp_methods = methods()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(acquireFunction, "Take the semaphore, waiting for it if need be; False when it was not to be had.") {
      r, a, n, k in
      answer(SemaphoreLockType.acquireFunction, a, n, k) { (b) throws(PyError) in
        Owned(retaining: pyBool(try SemaphoreLockType.acquire(r!, try b.flag(0, true), b[1] ?? none)))
      }
    }
    m.noArguments("release", "($self, /)", "Give the semaphore back.") { r, _ in
      bridgeNone { () throws(PyError) in try SemaphoreLockType.release(r!) }
    }
    m.noArguments("__enter__", "($self, /)", "Take the semaphore.") { r, _ in
      bridge { () throws(PyError) in
        Owned(retaining: pyBool(try SemaphoreLockType.acquire(r!, true, none)))
      }
    }
    m.positional("__exit__", "($self, exc_type=None, exc_value=None, exc_tb=None, /)", "Give the semaphore back.") {
      r, _, n in
      bridgeNone { () throws(PyError) in
        try checkCount("__exit__", n, 0, 3)
        try SemaphoreLockType.release(r!)
      }
    }
    m.noArguments("_count", "($self, /)", "How often this process holds it.") { r, _ in
      PyLong_FromLong(Int(SemaphoreLockType.count(r!).pointee))
    }
    m.noArguments("_is_mine", "($self, /)", "Whether this thread holds it.") { r, _ in
      newRef(pyBool(SemaphoreLockType.isMine(r!)))
    }
    m.noArguments("_get_value", "($self, /)", "The semaphore's value.") { r, _ in
      bridge { () throws(PyError) in try int(try SemaphoreLockType.value(r!)) }
    }
    m.noArguments("_is_zero", "($self, /)", "Whether nobody else could take it now.") { r, _ in
      bridge { () throws(PyError) in Owned(retaining: pyBool(try SemaphoreLockType.value(r!) == 0)) }
    }
    m.noArguments("_after_fork", "($self, /)", "In a child: it holds nothing.") { r, _ in
      SemaphoreLockType.count(r!).pointee = 0
      return none
    }
    m.positional(
      "_rebuild", "($type, handle, kind, maxvalue, name, /)", "A SemLock of a semaphore that another process made.",
      flags: METH_CLASS
    ) {
      type, a, n in
      bridge { () throws(PyError) in
        try checkCount("_rebuild", n, 4, 4)
        let handle = try cUnsignedLong(a![0]!)
        let kind = try cInt(a![1]!), highest = try cInt(a![2]!)
        var semaphore = UnsafeMutablePointer<sem_t>(bitPattern: UInt(handle))
        var name: UnsafePointer<CChar>? = nil
        if !a![3]!.isNone {
          name = try SemaphoreLockType.text(a![3]!, 4)
          semaphore = gila_sem_open(name)
          if semaphore == nil { throw systemFailure() }
        }
        guard let semaphore else { throw valueError("SemLock handle is 0") }
        return try SemaphoreLockType.make(type!.asType, semaphore, kind: kind, highest: highest, name: name)
      }
    }
    return m.build()
  }
}
