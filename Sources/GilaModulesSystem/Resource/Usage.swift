// resource.struct_rusage, which wait3() and wait4() return too.

import CGila
import GilaCore
import Glibc

enum ResourceUsage {
  static let description = StructDescription(
    name: "resource.struct_rusage",
    doc:
      "Resources that a process used, as getrusage() returns them.\n\nTimes are floats of seconds, sizes are in kilobytes.",
    visible: 16,
    fields: [
      ("ru_utime", "user time used"), ("ru_stime", "system time used"), ("ru_maxrss", "max. resident set size"),
      ("ru_ixrss", "shared memory size"), ("ru_idrss", "unshared data size"), ("ru_isrss", "unshared stack size"),
      ("ru_minflt", "page faults not requiring I/O"), ("ru_majflt", "page faults requiring I/O"),
      ("ru_nswap", "number of swap outs"), ("ru_inblock", "block input operations"),
      ("ru_oublock", "block output operations"), ("ru_msgsnd", "IPC messages sent"),
      ("ru_msgrcv", "IPC messages received"), ("ru_nsignals", "signals received"),
      ("ru_nvcsw", "voluntary context switches"), ("ru_nivcsw", "involuntary context switches"),
    ])

  static func object(_ u: rusage) throws(PyError) -> Owned {
    if SystemSlot.structRusage.object == nil { SystemSlot.structRusage.set(try description.makeType()) }
    var v = try StructValue(SystemSlot.structRusage)
    for t in [u.ru_utime, u.ru_stime] { v.add(try float(Double(t.tv_sec) + Double(t.tv_usec) * 1e-6)) }
    let counts = [
      u.ru_maxrss, u.ru_ixrss, u.ru_idrss, u.ru_isrss, u.ru_minflt, u.ru_majflt, u.ru_nswap, u.ru_inblock,
      u.ru_oublock, u.ru_msgsnd, u.ru_msgrcv, u.ru_nsignals, u.ru_nvcsw, u.ru_nivcsw,
    ]
    for n in counts { v.add(try int(n)) }
    return v.finish()
  }
}
