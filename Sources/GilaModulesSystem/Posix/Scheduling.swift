// The scheduler: processors and policies of processes.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum Scheduling {
  private static let parameterDescription = StructDescription(
    name: "posix.sched_param", doc: "The parameter of a scheduling policy.\n\n  sched_priority\n    The priority.",
    visible: 1, fields: [("sched_priority", "the scheduling priority")])
  private static let parameterSignature = Signature("sched_param", "(sched_priority)")

  static func addTypes(_ module: Ref) throws(PyError) {
    try parameterDescription.add(to: module, SystemSlot.schedParam, as: "sched_param")
    // Unlike other struct sequences it is made from its one field, not from a sequence.
    SystemSlot.schedParam.object?.asType.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let b = try Scheduling.parameterSignature.bind(tuple: args, dict: kwargs)
        let r = try owned(PyStructSequence_New(type))
        PyStructSequence_SetItem(r.ref, 0, xnewRef(b[0]))
        return r
      }
    }
  }

  private static let maximumFunction = Function("sched_get_priority_max", "($module, /, policy)")
  private static let minimumFunction = Function("sched_get_priority_min", "($module, /, policy)")

  static func add(_ m: inout MethodTable) {
    affinity(&m)
    policies(&m)
  }

  private static func affinity(_ m: inout MethodTable) {
    m.one("sched_getaffinity", "($module, pid, /)", "The set of processors that a process may run on.") { _, r in
      bridge { () throws(PyError) in
        let pid = try cInt(r!)
        var words = 16
        while true {
          let size = words * 8
          let mask = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
          defer { mask.deallocate() }
          memset(mask, 0, size)
          let set = mask.assumingMemoryBound(to: cpu_set_t.self)
          if sched_getaffinity(pid, size, set) == 0 {
            let result = try owned(PySet_New(nil))
            for cpu in 0..<(size * 8) where gila_cpu_in(Int32(cpu), size, set) {
              let number = try int(cpu)
              try check(PySet_Add(result.ref, number.ref))
            }
            return result
          }
          // Too small for this machine's processors.
          if errno != EINVAL || words > 1 << 16 { throw systemFailure() }
          words *= 2
        }
      }
    }
    m.positional("sched_setaffinity", "($module, pid, mask, /)", "Set the processors that a process may run on.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("sched_setaffinity", n, 2)
        let pid = try cInt(a![0]!)
        let iterator = try owned(PyObject_GetIter(a![1]))
        var words = [UInt](repeating: 0, count: 16)
        while let item = PyIter_Next(iterator.ref) {
          let r = Owned(taking: item)
          guard r.ref.isLong else {
            throw typeError("expected an iterator of ints, but iterator yielded \(try reprText(r.ref.type.object))")
          }
          let cpu = PyLong_AsLong(r.ref)
          if cpu < 0 {
            if !errorIsSet { throw valueError("negative CPU number") }
            throw PyError()
          }
          if cpu > Int(Int32.max) - 1 { throw overflowError("CPU number too large") }
          while cpu / 64 >= words.count { words.append(contentsOf: [UInt](repeating: 0, count: words.count)) }
          words[cpu / 64] |= 1 << UInt(cpu % 64)
        }
        if errorIsSet { throw PyError() }
        let result = words.withUnsafeBytes {
          sched_setaffinity(pid, $0.count, $0.baseAddress?.assumingMemoryBound(to: cpu_set_t.self))
        }
        try checkSystem(result)
      }
    }
  }

  static func parameter(_ r: Ref) throws(PyError) -> sched_param {
    guard let type = SystemSlot.schedParam.object, r.isExactly(type.asType) else {
      throw typeError("must have a sched_param object")
    }
    let value = PyLong_AsLong(PyStructSequence_GetItem(r, 0) ?? none)
    if value == -1, errorIsSet { throw PyError() }
    guard let priority = Int32(exactly: value) else { throw overflowError("sched_priority out of range") }
    var p = sched_param()
    p.sched_priority = priority
    return p
  }

  private static func policies(_ m: inout MethodTable) {
    m.add(maximumFunction, "The highest priority of a scheduling policy.") { _, a, n, k in
      answer(Scheduling.maximumFunction, a, n, k) { (b) throws(PyError) in
        try int(try checkSystem(sched_get_priority_max(try b.int(0))))
      }
    }
    m.add(minimumFunction, "The lowest priority of a scheduling policy.") { _, a, n, k in
      answer(Scheduling.minimumFunction, a, n, k) { (b) throws(PyError) in
        try int(try checkSystem(sched_get_priority_min(try b.int(0))))
      }
    }
    m.one("sched_getscheduler", "($module, pid, /)", "The scheduling policy of a process.") { _, r in
      bridge { () throws(PyError) in try int(try checkSystem(sched_getscheduler(try cInt(r!)))) }
    }
    m.positional("sched_setscheduler", "($module, pid, policy, param, /)", "Set the scheduling policy of a process.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("sched_setscheduler", n, 3)
        var p = try Scheduling.parameter(a![2]!)
        try checkSystem(sched_setscheduler(try cInt(a![0]!), try cInt(a![1]!), &p))
      }
    }
    m.one("sched_getparam", "($module, pid, /)", "The scheduling parameter of a process.") { _, r in
      bridge { () throws(PyError) in
        var p = sched_param()
        try checkSystem(sched_getparam(try cInt(r!), &p))
        var v = try StructValue(SystemSlot.schedParam)
        v.add(try int(p.sched_priority))
        return v.finish()
      }
    }
    m.positional("sched_setparam", "($module, pid, param, /)", "Set the scheduling parameter of a process.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("sched_setparam", n, 2)
        var p = try Scheduling.parameter(a![1]!)
        try checkSystem(sched_setparam(try cInt(a![0]!), &p))
      }
    }
    m.one("sched_rr_get_interval", "($module, pid, /)", "The time slice of the round-robin policy, in seconds.") {
      _, r in
      bridge { () throws(PyError) in
        var t = timespec()
        try checkSystem(sched_rr_get_interval(try cInt(r!), &t))
        return try float(Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec))
      }
    }
    m.noArguments("sched_yield", "($module, /)", "Let other threads run.") { _, _ in
      bridgeNone { () throws(PyError) in
        let result: Int32 = releasingLock("sched_yield") { sched_yield() }
        try checkSystem(result)
      }
    }
  }
}
