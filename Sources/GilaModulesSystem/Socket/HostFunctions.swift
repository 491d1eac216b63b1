// Names of hosts and services.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum HostFunctions {
  private static let addressSignature = Signature(
    "getaddrinfo", "(host, port, family=0, type=0, proto=0, flags=0)")

  static func add(_ m: inout MethodTable) {
    m.keywords(
      "getaddrinfo", "",
      "getaddrinfo(host, port [, family, type, proto, flags])\n    -> list of (family, type, proto, canonname, sockaddr)\n\nThe addresses of a host and service."
    ) { _, a, n, names in
      bridge { () throws(PyError) in
        try HostFunctions.addresses(try HostFunctions.addressSignature.bind(a, n, names))
      }
    }
    m.positional("getnameinfo", "", "getnameinfo(sockaddr, flags) --> (host, port)\n\nThe names of an address.") {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("getnameinfo", n, 2, 2)
        return try HostFunctions.names(a![0]!, try intArgument(a![1]!))
      }
    }
    hosts(&m)
    services(&m)
  }

  private static func addresses(_ b: Signature.Bound) throws(PyError) -> Owned {
    let host = b[0]!, port = b[1]!
    var hostBytes: Owned? = nil
    if !host.isNone {
      guard host.isUnicode || host.isBytes else {
        throw typeError("getaddrinfo() argument 1 must be string or None")
      }
      hostBytes = try hostName(host)
    }
    var service: Owned? = nil
    if port.isLong {
      let text = try owned(PyObject_Str(try checkedLong(port)))
      service = try owned(PyUnicode_AsUTF8String(text.ref))
    } else if port.isUnicode {
      service = try owned(PyUnicode_AsUTF8String(port))
    } else if port.isBytes {
      service = Owned(retaining: port)
    } else if !port.isNone {
      throw raise(Exc.OSError, "Int or String expected")
    }
    var hints = addrinfo()
    hints.ai_family = b[2] == nil ? 0 : try intArgument(b[2]!)
    hints.ai_socktype = b[3] == nil ? 0 : try intArgument(b[3]!)
    hints.ai_protocol = b[4] == nil ? 0 : try intArgument(b[4]!)
    hints.ai_flags = b[5] == nil ? 0 : try intArgument(b[5]!)
    if isAudited {
      try GilaCore.audit(
        "socket.getaddrinfo", [host, port],
        numbers: Int(hints.ai_family), Int(hints.ai_socktype), Int(hints.ai_protocol))
    }
    var (hostText, serviceText): (UnsafePointer<CChar>?, UnsafePointer<CChar>?) = (nil, nil)
    switch hostBytes {
    case .some(let r): hostText = UnsafePointer(PyBytes_AsString(r.ref))
    case .none: break
    }
    switch service {
    case .some(let r): serviceText = UnsafePointer(PyBytes_AsString(r.ref))
    case .none: break
    }
    let found = try AddressList.look(hostText, serviceText, hints)
    let list = try owned(PyList_New(0))
    var p = found.first
    while let info = p?.pointee {
      var a = gila_address()
      HostNames.copy(info, &a)
      let t = try owned(PyTuple_New(5))
      let items = gila_tuple_items(t.ref)
      items[0] = try int(info.ai_family).take()
      items[1] = try int(info.ai_socktype).take()
      items[2] = try int(info.ai_protocol).take()
      if let name = info.ai_canonname {
        items[3] = try localeText(name).take()
      } else {
        items[3] = try string("").take()
      }
      items[4] = try SocketAddress.object(a).take()
      try append(list.ref, t)
      p = info.ai_next
    }
    return list
  }
  private static func checkedLong(_ r: Ref) throws(PyError) -> Ref {
    _ = try cLong(r)
    return r
  }

  private static func names(_ r: Ref, _ flags: Int32) throws(PyError) -> Owned {
    guard r.isTuple else { throw typeError("getnameinfo() argument 1 must be a tuple") }
    guard (2...4).contains(r.size), let host = gila_tuple_items(r)[0], host.isUnicode else {
      throw typeError("getnameinfo(): illegal sockaddr argument")
    }
    let items = gila_tuple_items(r)
    guard let name = PyUnicode_AsUTF8(host) else { throw PyError() }
    let port = try intArgument(items[1]!)
    let flow = r.size > 2 ? try cUnsigned(items[2]!) : 0, scope = r.size > 3 ? try cUnsigned(items[3]!) : 0
    if flow > 0xFFFFF { throw overflowError("getnameinfo(): flowinfo must be 0-1048575.") }
    try audit("socket.getnameinfo", r)
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    hints.ai_flags = AI_NUMERICHOST
    let service = Array("\(port)".utf8CString)
    let found = try AddressList.look(name, service, hints)
    guard let one = found.first, one.pointee.ai_next == nil else {
      throw raise(Exc.OSError, "sockaddr resolved to multiple addresses")
    }
    var a = gila_address()
    HostNames.copy(one.pointee, &a)
    if one.pointee.ai_family == AF_INET {
      if r.size != 2 { throw raise(Exc.OSError, "IPv4 sockaddr must be 2 tuple") }
    } else if one.pointee.ai_family == AF_INET6 {
      var v6 = HostNames.load(a, sockaddr_in6.self)
      v6.sin6_flowinfo = flow.bigEndian
      v6.sin6_scope_id = scope
      HostNames.store(v6, &a)
    }
    var hostText = [CChar](repeating: 0, count: Int(NI_MAXHOST)), serviceText = [CChar](repeating: 0, count: 64)
    let error = releasingLock("getnameinfo") {
      SocketAddress.with(&a) {
        getnameinfo($0, $1, &hostText, socklen_t(NI_MAXHOST), &serviceText, 64, flags)
      }
    }
    if error != 0 { throw addressFailure(error) }
    return try pair(try localeText(hostText), try owned(PyUnicode_FromString(serviceText)))
  }

  // MARK: older functions

  private static func hosts(_ m: inout MethodTable) {
    m.noArguments("gethostname", "", "gethostname() -> string\n\nThe name of this machine.") { _, _ in
      bridge { () throws(PyError) in
        try audit("socket.gethostname")
        var buffer = [CChar](repeating: 0, count: 1025)
        try checkSystem(gethostname(&buffer, 1024))
        return try fileName(buffer)
      }
    }
    m.one("sethostname", "", "sethostname(name)\n\nSet the name of this machine.") { _, r in
      bridgeNone { () throws(PyError) in
        let name = r!.isBytes ? Owned(retaining: r!) : try fileSystemBytes(r!)
        try audit("socket.sethostname", r!)
        try checkSystem(sethostname(PyBytes_AsString(name.ref), name.ref.size))
      }
    }
    m.one("gethostbyname", "", "gethostbyname(host) -> address\n\nThe IPv4 address of a host.") { _, r in
      bridge { () throws(PyError) in
        let name = try hostName(r!)
        try audit("socket.gethostbyname", r!)
        return try HostNames.numeric(try HostNames.resolve(PyBytes_AsString(name.ref), AF_INET))
      }
    }
    m.one(
      "gethostbyname_ex", "",
      "gethostbyname_ex(host) -> (name, aliaslist, addresslist)\n\nThe names and IPv4 addresses of a host."
    ) {
      _, r in
      bridge { () throws(PyError) in
        let name = try hostName(r!)
        try audit("socket.gethostbyname", r!)
        let text = PyBytes_AsString(name.ref)!
        _ = try HostNames.resolve(text, AF_INET)
        return try HostFunctions.entry { gethostbyname_r(text, $0, $1, $2, $3, $4) }
      }
    }
    m.one(
      "gethostbyaddr", "",
      "gethostbyaddr(host) -> (name, aliaslist, addresslist)\n\nThe names and addresses of the host with an address."
    ) {
      _, r in
      bridge { () throws(PyError) in
        let name = try hostName(r!)
        try audit("socket.gethostbyaddr", r!)
        let a = try HostNames.resolve(PyBytes_AsString(name.ref), AF_UNSPEC)
        let family = Int32(a.storage.ss_family)
        var v4 = HostNames.load(a, sockaddr_in.self).sin_addr, v6 = HostNames.load(a, sockaddr_in6.self).sin6_addr
        switch family {
        case AF_INET: return try HostFunctions.entry { gethostbyaddr_r(&v4, 4, family, $0, $1, $2, $3, $4) }
        case AF_INET6: return try HostFunctions.entry { gethostbyaddr_r(&v6, 16, family, $0, $1, $2, $3, $4) }
        default: throw raise(Exc.OSError, "unsupported address family")
        }
      }
    }
  }

  /// Name, aliases and addresses that a look-up of the C library finds.
  private static func entry(
    _ call: (
      UnsafeMutablePointer<hostent>, UnsafeMutablePointer<CChar>, Int,
      UnsafeMutablePointer<UnsafeMutablePointer<hostent>?>, UnsafeMutablePointer<Int32>
    ) -> Int32
  ) throws(PyError) -> Owned {
    var size = 16384
    while true {
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { buffer.deallocate() }
      var record = hostent()
      var found: UnsafeMutablePointer<hostent>? = nil
      var error: Int32 = 0
      let number = releasingLock("gethostbyname") { call(&record, buffer, size, &found, &error) }
      if number == ERANGE, size < 1 << 22 {
        size *= 2
        continue
      }
      guard let h = found?.pointee else { throw hostFailure(error) }
      let aliases = try owned(PyList_New(0)), addresses = try owned(PyList_New(0))
      var p = h.h_aliases
      while let place = p, let name = place.pointee {
        try append(aliases.ref, try localeText(name))
        p = place + 1
      }
      p = h.h_addr_list
      while let place = p, let address = place.pointee {
        var text = [CChar](repeating: 0, count: 64)
        if inet_ntop(h.h_addrtype, address, &text, 64) != nil {
          try append(addresses.ref, try owned(PyUnicode_FromString(text)))
        }
        p = place + 1
      }
      return try triple(try localeText(h.h_name), aliases, addresses)
    }
  }

  private static func optionalText(_ a: ArgumentVector?, _ i: Int, _ n: Int, _ function: StaticString) throws(PyError)
    -> UnsafePointer<CChar>?
  {
    if i >= n { return nil }
    let r = a![i]!
    guard r.isUnicode else { throw typeError("\(function)() argument \(i + 1) must be str, not \(typeName(of: r))") }
    guard let p = PyUnicode_AsUTF8(r) else { throw PyError() }
    return p
  }
  private static func services(_ m: inout MethodTable) {
    m.positional("getservbyname", "", "getservbyname(servicename[, protocolname]) -> integer\n\nThe port of a service.")
    {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("getservbyname", n, 1, 2)
        let name = try HostFunctions.optionalText(a, 0, n, "getservbyname")
        let kind = try HostFunctions.optionalText(a, 1, n, "getservbyname")
        try GilaCore.audit("socket.getservbyname", a![0]!, n > 1 ? a![1] : nil)
        guard let s = getservbyname(name, kind) else { throw raise(Exc.OSError, "service/proto not found") }
        return try int(Int32(UInt16(bigEndian: UInt16(truncatingIfNeeded: s.pointee.s_port))))
      }
    }
    m.positional("getservbyport", "", "getservbyport(port[, protocolname]) -> string\n\nThe service of a port.") {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("getservbyport", n, 1, 2)
        let port = try intArgument(a![0]!)
        let kind = try HostFunctions.optionalText(a, 1, n, "getservbyport")
        guard let value = UInt16(exactly: port) else { throw overflowError("getservbyport: port must be 0-65535.") }
        try GilaCore.audit("socket.getservbyport", a![0]!, n > 1 ? a![1] : nil)
        guard let s = getservbyport(Int32(value.bigEndian), kind), let name = s.pointee.s_name else {
          throw raise(Exc.OSError, "port/proto not found")
        }
        return try owned(PyUnicode_FromString(name))
      }
    }
    m.positional("getprotobyname", "", "getprotobyname(name) -> integer\n\nThe number of a protocol.") { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("getprotobyname", n, 1, 1)
        guard let p = getprotobyname(try HostFunctions.optionalText(a, 0, n, "getprotobyname")) else {
          throw raise(Exc.OSError, "protocol not found")
        }
        return try int(p.pointee.p_proto)
      }
    }
  }
}
