// The module resource: what processes use, and what limits them.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum ResourceModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "resource", doc: "What processes use of the machine, and limits of it.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try addConstants(module!, gila_resource_table())
        try add(module!, "error", Exc.OSError.object)
        try ResourceUsage.description.add(to: module!, SystemSlot.structRusage, as: "struct_rusage")
      }
    })

  private static let kinds: Int32 = 16

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("getrusage", "($module, who, /)", "The resources that this process or its children used.") { _, r in
      bridge { () throws(PyError) in
        let who = try cInt(r!)
        var u = rusage()
        if getrusage(__rusage_who_t(who), &u) < 0 {
          if errno == EINVAL { throw valueError("invalid who parameter") }
          throw systemFailure()
        }
        return try ResourceUsage.object(u)
      }
    }
    m.one("getrlimit", "($module, resource, /)", "The current and the highest limit of a resource.") { _, r in
      bridge { () throws(PyError) in
        let kind = try ResourceModule.kind(r!)
        var limit = rlimit()
        try checkSystem(gila_prlimit(0, kind, nil, &limit))
        return try ResourceModule.object(limit)
      }
    }
    m.positional("setrlimit", "($module, resource, limits, /)", "Set the current and the highest limit of a resource.")
    {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("setrlimit", n, 2, 2)
        let kind = try ResourceModule.kind(a![0]!)
        if isAudited { try audit("resource.setrlimit", a![0]!, a![1]!) }
        var limit = try ResourceModule.limit(a![1]!)
        if gila_prlimit(0, kind, &limit, nil) < 0 { throw ResourceModule.failure() }
      }
    }
    m.positional(
      "prlimit", "($module, pid, resource, limits=None, /)",
      "The limits of a resource of any process, and setting them."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("prlimit", n, 2, 3)
        let pid = try intArgument(a![0]!)
        let kind = try ResourceModule.kind(a![1]!)
        let given = n > 2 ? a![2]! : none
        if isAudited { try audit("resource.prlimit", a![0]!, a![1]!, given) }
        var old = rlimit()
        let result: Int32
        if given.isNone {
          result = gila_prlimit(pid, kind, nil, &old)
        } else {
          var new = try ResourceModule.limit(given)
          result = gila_prlimit(pid, kind, &new, &old)
        }
        if result < 0 { throw errno == EINVAL ? ResourceModule.failure() : systemFailure() }
        return try ResourceModule.object(old)
      }
    }
    m.noArguments("getpagesize", "($module, /)", "The size of a page of memory.") { _, _ in
      PyLong_FromLong(Int(getpagesize()))
    }
    return m.build()
  }

  private static func kind(_ r: Ref) throws(PyError) -> Int32 {
    let kind = try cInt(r)
    if kind < 0 || kind >= kinds { throw valueError("invalid resource specified") }
    return kind
  }
  private static func failure() -> PyError {
    if errno == EINVAL { return valueError("current limit exceeds maximum limit") }
    if errno == EPERM { return valueError("not allowed to raise maximum limit") }
    return systemFailure()
  }
  /// Limits from a pair of ints; RLIM_INFINITY is -1.
  private static func limit(_ r: Ref) throws(PyError) -> rlimit {
    let both = try owned(PySequence_Tuple(r))
    if both.ref.size != 2 { throw valueError("expected a tuple of 2 integers") }
    let items = gila_tuple_items(both.ref)
    let current = try cLong(items[0]!), highest = try cLong(items[1]!)
    return rlimit(rlim_cur: rlim_t(bitPattern: current), rlim_max: rlim_t(bitPattern: highest))
  }
  private static func object(_ l: rlimit) throws(PyError) -> Owned {
    try pair(try int(Int(bitPattern: UInt(l.rlim_cur))), try int(Int(bitPattern: UInt(l.rlim_max))))
  }
}
