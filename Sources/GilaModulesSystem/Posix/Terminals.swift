// Terminals.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum Terminals {
  static func add(_ m: inout MethodTable) {
    m.one("ttyname", "($module, fd, /)", "The name of a terminal's device.") { _, r in
      bridge { () throws(PyError) in
        var buffer = [CChar](repeating: 0, count: 512)
        try checkNumber(ttyname_r(try cInt(r!), &buffer, buffer.count - 1))
        return try fileName(buffer)
      }
    }
    m.noArguments("ctermid", "($module, /)", "The name of the controlling terminal.") { _, _ in
      bridge { () throws(PyError) in
        var buffer = [CChar](repeating: 0, count: 512)
        return try fileName(ctermid(&buffer))
      }
    }
    m.one("tcgetpgrp", "($module, fd, /)", "The process group in a terminal's foreground.") { _, r in
      bridge { () throws(PyError) in try int(try checkSystem(tcgetpgrp(try cInt(r!)))) }
    }
    m.positional("tcsetpgrp", "($module, fd, pgid, /)", "Bring a process group to a terminal's foreground.") {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try Files.exactly("tcsetpgrp", n, 2)
        try checkSystem(tcsetpgrp(try cInt(a![0]!), try intArgument(a![1]!)))
      }
    }
    m.noArguments("openpty", "($module, /)", "A new pseudo-terminal: the descriptors of its master and its slave end.")
    {
      _, _ in
      bridge { () throws(PyError) in
        var (master, slave): (Int32, Int32) = (-1, -1)
        try checkSystem(openpty(&master, &slave, nil, nil, nil))
        for fd in [master, slave] { _ = gila_set_cloexec(fd, true) }
        return try pair(try int(master), try int(slave))
      }
    }
    m.one("login_tty", "($module, fd, /)", "Make a terminal the controlling one and all standard streams.") { _, r in
      bridgeNone { () throws(PyError) in try checkSystem(login_tty(try fileDescriptor(r!))) }
    }
    m.one("posix_openpt", "($module, oflag, /)", "Open the master end of a new pseudo-terminal.") { _, r in
      bridge { () throws(PyError) in try int(try checkSystem(posix_openpt(try cInt(r!) | O_CLOEXEC))) }
    }
    m.one("grantpt", "($module, fd, /)", "Let this user use the slave end of a pseudo-terminal.") { _, r in
      bridgeNone { () throws(PyError) in try checkSystem(grantpt(try fileDescriptor(r!))) }
    }
    m.one("unlockpt", "($module, fd, /)", "Let the slave end of a pseudo-terminal be opened.") { _, r in
      bridgeNone { () throws(PyError) in try checkSystem(unlockpt(try fileDescriptor(r!))) }
    }
    m.one("ptsname", "($module, fd, /)", "The name of the slave end of a pseudo-terminal.") { _, r in
      bridge { () throws(PyError) in
        var buffer = [CChar](repeating: 0, count: 256)
        try checkNumber(ptsname_r(try fileDescriptor(r!), &buffer, buffer.count))
        return try fileName(buffer)
      }
    }
  }
}
