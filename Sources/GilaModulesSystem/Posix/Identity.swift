// Users, groups, sessions: who the process is.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum Identity {
  private static let getpgidFunction = Function("getpgid", "($module, /, pid)")
  private static let getpriorityFunction = Function("getpriority", "($module, /, which, who)")
  private static let setpriorityFunction = Function("setpriority", "($module, /, which, who, priority)")

  static func add(_ m: inout MethodTable) {
    numbers(&m)
    changes(&m)
    groups(&m)
    processes(&m)
  }

  private static func numbers(_ m: inout MethodTable) {
    m.noArguments("getpid", "($module, /)", "The number of this process.") { _, _ in PyLong_FromLong(Int(getpid())) }
    m.noArguments("getppid", "($module, /)", "The number of the parent process.") { _, _ in
      PyLong_FromLong(Int(getppid()))
    }
    m.noArguments("getuid", "($module, /)", "The real user.") { _, _ in
      bridge { () throws(PyError) in try identity(getuid()) }
    }
    m.noArguments("geteuid", "($module, /)", "The effective user.") { _, _ in
      bridge { () throws(PyError) in try identity(geteuid()) }
    }
    m.noArguments("getgid", "($module, /)", "The real group.") { _, _ in
      bridge { () throws(PyError) in try identity(getgid()) }
    }
    m.noArguments("getegid", "($module, /)", "The effective group.") { _, _ in
      bridge { () throws(PyError) in try identity(getegid()) }
    }
    m.noArguments("getresuid", "($module, /)", "The real, effective and saved user.") { _, _ in
      bridge { () throws(PyError) in
        var (r, e, s): (uid_t, uid_t, uid_t) = (0, 0, 0)
        try checkSystem(getresuid(&r, &e, &s))
        return try triple(try identity(r), try identity(e), try identity(s))
      }
    }
    m.noArguments("getresgid", "($module, /)", "The real, effective and saved group.") { _, _ in
      bridge { () throws(PyError) in
        var (r, e, s): (gid_t, gid_t, gid_t) = (0, 0, 0)
        try checkSystem(getresgid(&r, &e, &s))
        return try triple(try identity(r), try identity(e), try identity(s))
      }
    }
  }

  private static func changes(_ m: inout MethodTable) {
    m.one("setuid", "($module, uid, /)", "Become another user.") { _, r in
      bridgeNone { () throws(PyError) in try checkSystem(setuid(try identity(r!, "uid"))) }
    }
    m.one("seteuid", "($module, euid, /)", "Set the effective user.") { _, r in
      bridgeNone { () throws(PyError) in try checkSystem(seteuid(try identity(r!, "uid"))) }
    }
    m.one("setgid", "($module, gid, /)", "Set the group.") { _, r in
      bridgeNone { () throws(PyError) in try checkSystem(setgid(try identity(r!, "gid"))) }
    }
    m.one("setegid", "($module, egid, /)", "Set the effective group.") { _, r in
      bridgeNone { () throws(PyError) in try checkSystem(setegid(try identity(r!, "gid"))) }
    }
    m.positional("setreuid", "($module, ruid, euid, /)", "Set the real and the effective user.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("setreuid", n, 2)
        try checkSystem(setreuid(try identity(a![0]!, "uid"), try identity(a![1]!, "uid")))
      }
    }
    m.positional("setregid", "($module, rgid, egid, /)", "Set the real and the effective group.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("setregid", n, 2)
        try checkSystem(setregid(try identity(a![0]!, "gid"), try identity(a![1]!, "gid")))
      }
    }
    m.positional("setresuid", "($module, ruid, euid, suid, /)", "Set the real, effective and saved user.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("setresuid", n, 3)
        let r = try identity(a![0]!, "uid"), e = try identity(a![1]!, "uid"), s = try identity(a![2]!, "uid")
        try checkSystem(setresuid(r, e, s))
      }
    }
    m.positional("setresgid", "($module, rgid, egid, sgid, /)", "Set the real, effective and saved group.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("setresgid", n, 3)
        let r = try identity(a![0]!, "gid"), e = try identity(a![1]!, "gid"), s = try identity(a![2]!, "gid")
        try checkSystem(setresgid(r, e, s))
      }
    }
  }

  private static func list(_ groups: [gid_t]) throws(PyError) -> Owned {
    let result = try owned(PyList_New(0))
    for g in groups { try append(result.ref, try identity(g)) }
    return result
  }
  private static func groups(_ m: inout MethodTable) {
    m.noArguments("getgroups", "($module, /)", "The supplementary groups of the process.") { _, _ in
      bridge { () throws(PyError) in
        let count = Int(try checkSystem(getgroups(0, nil)))
        var groups = [gid_t](repeating: 0, count: count)
        let n = Int(try checkSystem(getgroups(Int32(count), &groups)))
        return try Identity.list(Array(groups.prefix(n)))
      }
    }
    m.one("setgroups", "($module, groups, /)", "Set the supplementary groups of the process.") { _, r in
      bridgeNone { () throws(PyError) in
        if PySequence_Check(r!) == 0 { throw typeError("setgroups argument must be a sequence") }
        let n = try checkSize(PySequence_Size(r))
        if n > 65536 { throw valueError("too many groups") }
        var groups: [gid_t] = []
        for i in 0..<n {
          let item = try owned(PySequence_GetItem(r, i))
          guard item.ref.isLong else { throw typeError("groups must be integers") }
          groups.append(try identity(item.ref, "gid"))
        }
        try checkSystem(setgroups(groups.count, groups))
      }
    }
    m.positional("getgrouplist", "($module, user, group, /)", "The groups that a user belongs to, with one more.") {
      _, a, n in
      bridge { () throws(PyError) in
        try Files.exactly("getgrouplist", n, 2)
        let user = try Identity.userName(a![0]!, "getgrouplist")
        let base = try identity(a![1]!, "gid")
        var count: Int32 = 64
        while true {
          var groups = [gid_t](repeating: 0, count: Int(count))
          let had = count
          if getgrouplist(PyBytes_AsString(user.ref), base, &groups, &count) >= 0 {
            return try Identity.list(Array(groups.prefix(Int(count))))
          }
          count = max(count, had &* 2)
          if count > 1 << 20 { throw systemFailure() }
        }
      }
    }
    m.positional("initgroups", "($module, username, gid, /)", "Take on the groups of a user, with one more.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("initgroups", n, 2)
        let user = try fileSystemBytes(a![0]!)
        try checkSystem(initgroups(PyBytes_AsString(user.ref), try identity(a![1]!, "gid")))
      }
    }
  }
  private static func userName(_ r: Ref, _ function: StaticString) throws(PyError) -> Owned {
    guard r.isUnicode else { throw typeError("\(function)() argument 1 must be str, not \(typeName(of: r))") }
    return try fileSystemBytes(r)
  }

  private static func processes(_ m: inout MethodTable) {
    m.noArguments("getpgrp", "($module, /)", "The process group of this process.") { _, _ in
      PyLong_FromLong(Int(getpgrp()))
    }
    m.add(getpgidFunction, "The process group of a process.") { _, a, n, k in
      answer(Identity.getpgidFunction, a, n, k) { (b) throws(PyError) in
        try int(try checkSystem(getpgid(try b.int(0))))
      }
    }
    m.noArguments("setpgrp", "($module, /)", "Make this process the leader of a process group of its own.") { _, _ in
      bridgeNone { () throws(PyError) in try checkSystem(setpgid(0, 0)) }
    }
    m.positional("setpgid", "($module, pid, pgrp, /)", "Move a process to a process group.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("setpgid", n, 2)
        try checkSystem(setpgid(try cInt(a![0]!), try cInt(a![1]!)))
      }
    }
    m.one("getsid", "($module, pid, /)", "The session of a process.") { _, r in
      bridge { () throws(PyError) in try int(try checkSystem(getsid(try cInt(r!)))) }
    }
    m.noArguments("setsid", "($module, /)", "Begin a session of its own.") { _, _ in
      bridgeNone { () throws(PyError) in try checkSystem(setsid()) }
    }
    m.one("nice", "($module, increment, /)", "Add to the niceness of the process and return the new one.") { _, r in
      bridge { () throws(PyError) in
        let step = try cInt(r!)
        // -1 is a niceness too.
        errno = 0
        let value = nice(step)
        if value == -1, errno != 0 { throw systemFailure() }
        return try int(value)
      }
    }
    m.add(getpriorityFunction, "The niceness of a process, a process group or a user's processes.") { _, a, n, k in
      answer(Identity.getpriorityFunction, a, n, k) { (b) throws(PyError) in
        let which = try b.int(0), who = try b.int(1)
        errno = 0
        let value = getpriority(__priority_which_t(which), id_t(bitPattern: who))
        if value == -1, errno != 0 { throw systemFailure() }
        return try int(value)
      }
    }
    m.add(setpriorityFunction, "Set the niceness of a process, a process group or a user's processes.") { _, a, n, k in
      perform(Identity.setpriorityFunction, a, n, k) { (b) throws(PyError) in
        let which = try b.int(0), who = try b.int(1), value = try b.int(2)
        try checkSystem(setpriority(__priority_which_t(which), id_t(bitPattern: who), value))
      }
    }
    m.noArguments("getlogin", "($module, /)", "The name of the user logged in at the controlling terminal.") { _, _ in
      bridge { () throws(PyError) in
        errno = 0
        guard let name = releasingLock("getlogin", { getlogin() }) else {
          if errno == 0 { throw raise(Exc.OSError, "unable to determine login name") }
          throw systemFailure()
        }
        return try fileName(name)
      }
    }
  }
}
