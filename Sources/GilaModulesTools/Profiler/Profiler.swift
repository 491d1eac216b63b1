// Who called whom how often and for how long: what cProfile counts.

import CGila
import GilaCore
import GilaModuleSupport
import Glibc

/// The counts of a function, or of its calls from one other function.
final class ProfileEntry {
  /// The code object, or the text for a native function.
  let object: Ref
  var total: Int64 = 0
  var inline: Int64 = 0
  var calls = 0
  var recursiveCalls = 0
  /// How many of its calls are running.
  var level = 0
  /// By the function called.
  var callees: [UInt: ProfileEntry] = [:]

  init(_ object: Ref) { self.object = newRef(object) }
  deinit { decref(object) }
}

final class Profiler: NativeState {
  private struct Call {
    let key: UInt
    let entry: ProfileEntry
    var start: Int64 = 0
    /// Time that the functions called by it took.
    var callees: Int64 = 0
  }
  private var entries: [UInt: ProfileEntry] = [:]
  private var running: [Call] = []
  var timer: Ref?
  /// Seconds of a unit of the timer; 0: it returns floats.
  var unit = 0.0
  var countsCallees = true
  var countsNative = true
  var isEnabled = false
  private(set) var isInTimer = false
  /// Floats are kept in units of 2**-32.
  private static let precision = 4294967296.0

  deinit { xdecref(timer) }
  override func traverse(_ visit: visitproc, _ context: UnsafeMutableRawPointer?) -> Int32 {
    for e in entries.values {
      let v = visit(e.object, context)
      if v != 0 { return v }
    }
    return visiting(timer, visit, context)
  }
  override func clear() {
    reset()
    let old = timer
    timer = nil
    xdecref(old)
  }
  func reset() {
    let old = entries
    entries = [:]
    running = []
    // The objects go after the tables are empty: their end may run Python code.
    _ = old
  }

  // MARK: time

  private func now() -> Int64 {
    guard let timer else {
      var t = timespec()
      clock_gettime(CLOCK_MONOTONIC, &t)
      return Int64(t.tv_sec) &* 1_000_000_000 &+ Int64(t.tv_nsec)
    }
    let held = Owned(retaining: timer)
    isInTimer = true
    let answer = PyObject_CallNoArgs(held.ref)
    isInTimer = false
    guard let answer else {
      PyErr_WriteUnraisable(held.ref)
      return 0
    }
    let value = Owned(taking: answer)
    var result: Int64 = 0
    if unit > 0 {
      result = PyLong_AsLongLong(value.ref)
    } else {
      let v = PyFloat_AsDouble(value.ref) * Profiler.precision
      result = Int64(exactly: v.rounded(.towardZero)) ?? 0
    }
    if errorIsSet {
      PyErr_WriteUnraisable(held.ref)
      return 0
    }
    return result
  }
  private var factor: Double { timer == nil ? 1e-9 : unit > 0 ? unit : 1 / Profiler.precision }

  // MARK: calls

  func enter(_ key: UInt, _ describe: () throws(PyError) -> Owned) {
    let pending = PyErr_GetRaisedException()
    defer { PyErr_SetRaisedException(pending) }
    let entry: ProfileEntry
    if let known = entries[key] {
      entry = known
    } else {
      do throws(PyError) {
        let object = try describe()
        entry = ProfileEntry(object.ref)
      } catch {
        PyErr_Clear()
        return
      }
      entries[key] = entry
    }
    entry.level += 1
    if countsCallees, let caller = running.last {
      let sub: ProfileEntry
      if let known = caller.entry.callees[key] {
        sub = known
      } else {
        sub = ProfileEntry(entry.object)
        caller.entry.callees[key] = sub
      }
      sub.level += 1
    }
    running.append(Call(key: key, entry: entry))
    let t = now()
    if !running.isEmpty { running[running.count - 1].start = t }
  }
  func leave(_ key: UInt) {
    let pending = PyErr_GetRaisedException()
    defer { PyErr_SetRaisedException(pending) }
    guard running.last != nil else { return }
    guard let entry = entries[key] else {
      running.removeLast()
      return
    }
    stop(key, entry)
  }
  private func stop(_ key: UInt, _ entry: ProfileEntry) {
    let t = now()
    guard let call = running.popLast() else { return }
    let total = t &- call.start
    let inline = total &- call.callees
    func count(_ e: ProfileEntry) {
      e.level -= 1
      if e.level == 0 { e.total &+= total } else { e.recursiveCalls += 1 }
      e.inline &+= inline
      e.calls += 1
    }
    count(entry)
    if !running.isEmpty {
      running[running.count - 1].callees &+= total
      if countsCallees, let sub = running[running.count - 1].entry.callees[key] { count(sub) }
    }
  }
  /// Ends the calls that are still running when profiling ends.
  func finish() {
    while let call = running.last { stop(call.key, call.entry) }
  }

  // MARK: results

  func statistics(_ entryType: Ref, _ subentryType: Ref) throws(PyError) -> Owned {
    let list = try owned(PyList_New(0))
    for e in entries.values where e.calls > 0 {
      let made = try values(e, entryType, e.callees)
      try check(PyList_Append(list.ref, made.ref))
    }
    func values(_ e: ProfileEntry, _ type: Ref, _ callees: [UInt: ProfileEntry]?) throws(PyError) -> Owned {
      let r = try owned(PyStructSequence_New(type.asType))
      PyStructSequence_SetItem(r.ref, 0, newRef(e.object))
      PyStructSequence_SetItem(r.ref, 1, try int(e.calls).take())
      PyStructSequence_SetItem(r.ref, 2, try int(e.recursiveCalls).take())
      PyStructSequence_SetItem(r.ref, 3, try owned(PyFloat_FromDouble(factor * Double(e.total))).take())
      PyStructSequence_SetItem(r.ref, 4, try owned(PyFloat_FromDouble(factor * Double(e.inline))).take())
      guard let callees else { return r }
      if callees.isEmpty {
        PyStructSequence_SetItem(r.ref, 5, none)
        return r
      }
      let calls = try owned(PyList_New(0))
      for c in callees.values where c.calls > 0 {
        let made = try values(c, subentryType, nil)
        try check(PyList_Append(calls.ref, made.ref))
      }
      PyStructSequence_SetItem(r.ref, 5, calls.take())
      return r
    }
    return list
  }
}
