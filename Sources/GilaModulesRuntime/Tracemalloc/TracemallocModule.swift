// The module _tracemalloc, on which Lib/tracemalloc.py stands.

import CGila
import GilaCore
import Glibc

enum TracemallocModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_tracemalloc", doc: "Who asked for the memory that is in use.", methods: methods())

  /// The frames as a tuple of (file name, line), innermost first.
  fileprivate static func frames(_ t: TracebackRef) throws(PyError) -> Owned {
    let result = try owned(PyTuple_New(t.pointee.count))
    for i in 0..<t.pointee.count {
      let line = try owned(PyLong_FromLong(t.frames[i].line))
      gila_tuple_items(result.ref)[i] = try tuple(t.frames[i].file, line.ref).take()
    }
    return result
  }
  /// A list of (domain, size, frames, number of frames there were).
  fileprivate static func traces() throws(PyError) -> Owned {
    let list = try owned(PyList_New(0))
    if !Tracemalloc.isTracing { return list }
    Tracemalloc.isPaused = true
    defer { Tracemalloc.isPaused = false }
    // Equal tracebacks become one tuple.
    var made: [TracebackRef: Ref] = [:]
    defer { for v in made.values { decref(v) } }
    try collect(0, Tracemalloc.blocks, list.ref, &made)
    for (domain, table) in Tracemalloc.others { try collect(domain, table, list.ref, &made) }
    return list
  }
  private static func collect(
    _ domain: UInt32, _ table: TraceTable, _ list: Ref, _ made: inout [TracebackRef: Ref]
  ) throws(PyError) {
    guard var copy = table.copy() else { throw memoryError() }
    defer { free(copy.baseAddress) }
    // The largest first: addresses, which order the table, are others in each run.
    copy.sort { $0.size > $1.size }
    let number = try owned(PyLong_FromLong(Int(domain)))
    for e in copy {
      let inner: Ref
      if let known = made[e.traceback] {
        inner = known
      } else {
        inner = try frames(e.traceback).take()
        made[e.traceback] = inner
      }
      let size = try owned(PyLong_FromLong(e.size)), total = try owned(PyLong_FromLong(e.traceback.pointee.total))
      let trace = try owned(PyTuple_New(4))
      let items = gila_tuple_items(trace.ref)
      items[0] = newRef(number.ref)
      items[1] = newRef(size.ref)
      items[2] = newRef(inner)
      items[3] = newRef(total.ref)
      try check(PyList_Append(list, trace.ref))
    }
  }
  /// Where the block of an object begins: before the object if the collector knows it.
  fileprivate static func block(_ o: Ref) -> UInt {
    var prefix = 0
    if o.type.hasFlag(UInt(Py_TPFLAGS_HAVE_GC)) { prefix = 16 }
    if o.type.hasFlag(UInt(Py_TPFLAGS_PREHEADER)) { prefix = 32 }
    return UInt(bitPattern: o) &- UInt(prefix)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("is_tracing", "($module, /)", "Whether allocations are recorded.") { _, _ in
      newRef(Tracemalloc.isTracing ? pyTrue : pyFalse)
    }
    m.positional(
      "start", "($module, nframe=1, /)", "Begin to record allocations, each with at most so many frames."
    ) { _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("start", n, 0, 1)
        let frames = n == 0 ? 1 : Int(try intArgument(args![0]!))
        guard (1...Tracemalloc.mostFrames).contains(frames) else {
          throw raise(Exc.ValueError, "the number of frames must be in range [1; \(Tracemalloc.mostFrames)]")
        }
        if !Tracemalloc.start(frames: frames) { throw memoryError() }
      }
    }
    m.noArguments("stop", "($module, /)", "Record no more, and forget what was recorded.") { _, _ in
      Tracemalloc.stop()
      return none
    }
    m.noArguments("clear_traces", "($module, /)", "Forget what was recorded so far.") { _, _ in
      Tracemalloc.clear()
      return none
    }
    m.noArguments("reset_peak", "($module, /)", "The peak is now what is in use now.") { _, _ in
      if Tracemalloc.isTracing { Tracemalloc.peak = Tracemalloc.size }
      return none
    }
    m.noArguments("get_traceback_limit", "($module, /)", "How many frames are kept of each allocation.") { _, _ in
      PyLong_FromLong(Tracemalloc.limit)
    }
    m.noArguments("_get_traces", "($module, /)", "All traces, as tuples of domain, size, frames, frame count.") {
      _, _ in bridge { () throws(PyError) in try TracemallocModule.traces() }
    }
    m.one("_get_object_traceback", "($module, obj, /)", "The frames that an object was made in, or None.") { _, o in
      bridge { () throws(PyError) in
        guard let t = Tracemalloc.traceback(0, TracemallocModule.block(o!)) else { return Owned(retaining: none) }
        return try TracemallocModule.frames(t)
      }
    }
    m.noArguments("get_traced_memory", "($module, /)", "Bytes in use and their peak, of what was recorded.") { _, _ in
      bridge { () throws(PyError) in
        let now = Tracemalloc.size, peak = Tracemalloc.peak
        let a = try owned(PyLong_FromLong(now)), b = try owned(PyLong_FromLong(peak))
        return try tuple(a.ref, b.ref)
      }
    }
    m.noArguments("get_tracemalloc_memory", "($module, /)", "Bytes that the records themselves take.") { _, _ in
      PyLong_FromLong(Tracemalloc.memory)
    }
    return m.build()
  }
}

/// For tests: the frames of a block of any domain.
@c public func _PyTraceMalloc_GetTraceback(_ domain: UInt32, _ address: UInt) -> Ref? {
  bridge { () throws(PyError) in
    guard let t = Tracemalloc.traceback(domain, address) else { return Owned(retaining: none) }
    return try TracemallocModule.frames(t)
  }
}
