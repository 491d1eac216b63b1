// The module _queue: SimpleQueue, an unbounded queue whose put never blocks and may be called from anywhere, even from
// a destructor that interrupts another put of the same thread.

import CGila
import GilaCore

/// The items, a ring in raw memory; the lock is held while the queue is empty and somebody waits.
private struct Queue {
  var base: PyObject
  var lock: PyThread_type_lock?
  var items: UnsafeMutablePointer<Ref?>?
  var capacity: Int
  var first: Int
  var count: Int
  var isLocked: Bool
  var weakReferences: Ref?

  mutating func append(_ r: Ref) -> Bool {
    if count == capacity && !grow() { return false }
    items.unsafelyUnwrapped[(first &+ count) & (capacity &- 1)] = r
    count &+= 1
    return true
  }

  private mutating func grow() -> Bool {
    let size = max(8, capacity &* 2)
    guard let memory = PyMem_Malloc(size &* 8) else { return false }
    let new = memory.assumingMemoryBound(to: Ref?.self)
    for i in 0..<count { new[i] = items.unsafelyUnwrapped[(first &+ i) & (capacity &- 1)] }
    PyMem_Free(items)
    items = new
    capacity = size
    first = 0
    return true
  }

  mutating func removeFirst() -> Ref? {
    if count == 0 { return nil }
    let r = items.unsafelyUnwrapped[first]
    first = (first &+ 1) & (capacity &- 1)
    count &-= 1
    return r
  }

  mutating func wake() {
    if isLocked {
      isLocked = false
      PyThread_release_lock(lock)
    }
  }
}

enum QueueModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_queue", doc: "Queues between threads, in native code.\nThe module queue is the one to use.",
    exec: { module in
      bridgeStatus { () throws(PyError) in
        let empty = try owned(
          PyErr_NewExceptionWithDoc(
            "_queue.Empty", "Raised by Queue.get with block=0 or by get_nowait() of an empty queue.", nil, nil))
        try GilaCore.add(module!, "Empty", empty.ref)
        replace(currentInterpreter.slot(QueueModule.emptySlot), with: empty.take())
        try addType(module!, QueueModule.type)
      }
    })
  private static let emptySlot = InterpreterSlot(206)

  private static let put = Signature("put", "(item, block=True, timeout=None)")
  private static let putNow = Signature("put_nowait", "(item)")
  private static let get = Signature("get", "(block=True, timeout=None)")

  @inline(__always) private static func queue(_ r: Ref?) -> UnsafeMutablePointer<Queue> {
    r.unsafelyUnwrapped.cast(Queue.self)
  }

  nonisolated(unsafe) private static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_queue.SimpleQueue", basicSize: MemoryLayout<Queue>.size,
      flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_BASETYPE),
      doc: "SimpleQueue()\n--\n\nSimple, unbounded, reentrant FIFO queue.")
    t.pointee.tp_weaklistoffset = MemoryLayout<Queue>.offset(of: \Queue.weakReferences) ?? 0
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        if type == QueueModule.type {
          if let args, args.size > 0 { throw typeError("SimpleQueue() takes no positional arguments") }
          try rejectKeywords("SimpleQueue", kwargs)
        }
        let r = try owned(type!.pointee.tp_alloc(type, 0))
        guard let lock = PyThread_allocate_lock() else { throw runtimeError("can't allocate lock") }
        QueueModule.queue(r.ref).pointee.lock = lock
        return r
      }
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      let q = QueueModule.queue(r)
      if q.pointee.weakReferences != nil { PyObject_ClearWeakRefs(r) }
      while let item = q.pointee.removeFirst() { decref(item) }
      if let lock = q.pointee.lock {
        q.pointee.wake()
        PyThread_free_lock(lock)
      }
      PyMem_Free(q.pointee.items)
      r!.type.pointee.tp_free(r!.raw)
    }
    t.pointee.tp_traverse = { r, f, context in
      let q = QueueModule.queue(r)
      for i in 0..<q.pointee.count {
        let v = visit(q.pointee.items![(q.pointee.first &+ i) & (q.pointee.capacity &- 1)], f, context)
        if v != 0 { return v }
      }
      return 0
    }
    t.pointee.tp_clear = { r in
      while let item = QueueModule.queue(r).pointee.removeFirst() { decref(item) }
      return 0
    }
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_methods = QueueModule.methods()
    return t
  }()

  private static func append(_ r: Ref?, _ item: Ref) throws(PyError) {
    let q = queue(r)
    incref(item)
    guard q.pointee.append(item) else {
      decref(item)
      throw memoryError()
    }
    q.pointee.wake()
  }

  /// The quick ways, for the calls that everybody makes. Nil and false: take the long one.
  @inline(__always) private static func takeNow(_ r: Ref?) -> Ref? {
    let q = queue(r)
    if q.pointee.count == 0 { return nil }
    q.pointee.wake()
    return q.pointee.removeFirst()
  }
  @inline(__always) private static func appendNow(_ r: Ref?, _ item: Ref) -> Bool {
    let q = queue(r)
    incref(item)
    guard q.pointee.append(item) else {
      decref(item)
      return false
    }
    q.pointee.wake()
    return true
  }

  /// Takes the first item, waiting for one up to `limit` nanoseconds (negative: for ever).
  private static func take(_ r: Ref?, _ limit: Int) throws(PyError) -> Owned {
    let q = queue(r)
    let end = limit > 0 ? monotonic() &+ limit : 0
    while q.pointee.count == 0 {
      var left = limit
      if limit > 0 { left = max(0, end &- monotonic()) }
      switch gila_acquire_lock(q.pointee.lock, Int64(left), 1) {
      case PY_LOCK_ACQUIRED: q.pointee.isLocked = true
      case PY_LOCK_INTR: try check(PyErr_CheckSignals())
      default:
        if q.pointee.count > 0 { break }
        PyErr_SetNone(currentInterpreter.slot(emptySlot).pointee ?? Exc.Exception.object)
        throw PyError()
      }
    }
    // Somebody else may wait for the next item.
    q.pointee.wake()
    guard let item = q.pointee.removeFirst() else { throw systemError("the queue lost an item") }
    return Owned(taking: item)
  }

  private static func monotonic() -> Int {
    var t: PyTime_t = 0
    return PyTime_Monotonic(&t) == 0 ? Int(t) : 0
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("__class_getitem__", "($type, object, /)", "See PEP 585", flags: METH_CLASS) { Py_GenericAlias($0, $1) }
    m.noArguments("empty", "($self, /)", "Whether the queue is empty (which may have changed already).") { r, _ in
      pyBool(QueueModule.queue(r).pointee.count == 0)
    }
    m.noArguments("qsize", "($self, /)", "The number of items (which may have changed already).") { r, _ in
      PyLong_FromSsize_t(QueueModule.queue(r).pointee.count)
    }
    m.noArguments(
      "get_nowait", "($self, /)", "Takes an item, or raises Empty: the same as get(block=False)."
    ) { r, _ in
      bridge { () throws(PyError) in try QueueModule.take(r, 0) }
    }
    m.keywords(
      "get", "($self, /, block=True, timeout=None)",
      "Takes the first item and returns it.\n\nAn empty queue is waited for, for ever or for `timeout` seconds; then Empty is raised, as it is at once if `block` is\nfalse."
    ) { r, args, n, names in
      if n == 0 && names == nil, let item = QueueModule.takeNow(r) { return item }
      return bridge { () throws(PyError) in
        let b = try QueueModule.get.bind(args, n, names)
        if let block = b[0], try !truth(block) { return try QueueModule.take(r, 0) }
        guard let timeout = b[1], !timeout.isNone else { return try QueueModule.take(r, -1) }
        let limit = try Timeout.nanoseconds(timeout)
        if limit < 0 { throw valueError("'timeout' must be a non-negative number") }
        return try QueueModule.take(r, limit)
      }
    }
    m.keywords(
      "put", "($self, /, item, block=True, timeout=None)",
      "Adds an item at the end.\n\nThis never blocks; the other arguments are there for likeness to Queue."
    ) { r, args, n, names in
      if n == 1 && names == nil && QueueModule.appendNow(r, args![0]!) { return none }
      return bridgeNone { () throws(PyError) in
        let b = try QueueModule.put.bind(args, n, names)
        try QueueModule.append(r, b[0]!)
      }
    }
    m.keywords("put_nowait", "($self, /, item)", "Adds an item at the end: the same as put(item).") {
      r, args, n, names in
      bridgeNone { () throws(PyError) in
        let b = try QueueModule.putNow.bind(args, n, names)
        try QueueModule.append(r, b[0]!)
      }
    }
    return m.build()
  }
}
