// Methods of sockets: timeouts and options.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SocketOptions {
  static func add(_ m: inout MethodTable) {
    m.one("setblocking", "", "setblocking(flag)\n\nLet operations wait for ever, or not at all.") { r, flag in
      bridgeNone { () throws(PyError) in
        let blocks = try truth(flag!)
        let s = SocketObject(r: r!)
        s.timeout.pointee = blocks ? -1 : 0
        try s.setBlocking(blocks)
      }
    }
    m.noArguments("getblocking", "", "getblocking()\n\nWhether operations wait at all.") { r, _ in
      newRef(pyBool(SocketObject(r: r!).timeout.pointee != 0))
    }
    m.one("settimeout", "", "settimeout(timeout)\n\nLet operations wait for some seconds; None for ever, 0 not at all.")
    { r, t in
      bridgeNone { () throws(PyError) in
        let ns = try socketTimeout(t!)
        let s = SocketObject(r: r!)
        s.timeout.pointee = ns
        try s.setBlocking(ns < 0)
      }
    }
    m.noArguments("gettimeout", "", "gettimeout() -> timeout\n\nHow long operations wait, in seconds; None for ever.") {
      r, _ in
      bridge { () throws(PyError) in try timeoutObject(SocketObject(r: r!).timeout.pointee) }
    }
    m.positional(
      "getsockopt", "",
      "getsockopt(level, option[, buffersize]) -> value\n\nAn option, as int or, with a size, as bytes."
    ) {
      r, a, n in
      bridge { () throws(PyError) in
        try checkCount("getsockopt", n, 2, 3)
        let level = try intArgument(a![0]!), name = try intArgument(a![1]!)
        let size = n > 2 ? try intArgument(a![2]!) : 0
        let fd = SocketObject(r: r!).fd.pointee
        if size == 0 {
          var value: Int32 = 0
          var length = socklen_t(4)
          try checkSystem(getsockopt(fd, level, name, &value, &length))
          return try int(value)
        }
        if size <= 0 || size > 1024 { throw raise(Exc.OSError, "getsockopt buflen out of range") }
        return try bytes(Int(size)) { (p) throws(PyError) in
          var length = socklen_t(size)
          try checkSystem(getsockopt(fd, level, name, p, &length))
          return Int(length)
        }
      }
    }
    m.positional(
      "setsockopt", "",
      "setsockopt(level, option, value: int)\nsetsockopt(level, option, value: buffer)\nsetsockopt(level, option, None, optlen: int)\n\nSet an option."
    ) { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("setsockopt", n, 3, 4)
        let level = try intArgument(a![0]!), name = try intArgument(a![1]!)
        let fd = SocketObject(r: r!).fd.pointee
        let value = a![2]!
        if n == 4 {
          guard value.isNone else {
            throw typeError("setsockopt() argument 3 must be None, not \(typeName(of: value))")
          }
          let length = socklen_t(try cUnsigned(a![3]!))
          try checkSystem(setsockopt(fd, level, name, nil, length))
        } else if value.isLong || PyIndex_Check(value) != 0 {
          var number = try intArgument(value)
          try checkSystem(setsockopt(fd, level, name, &number, 4))
        } else {
          let buffer = try Buffer(value)
          try checkSystem(setsockopt(fd, level, name, buffer.start, socklen_t(clamping: buffer.count)))
        }
      }
    }
  }
}
