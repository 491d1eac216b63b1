// Addresses of sockets: from Python's tuples, paths and numbers, and back.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SocketAddress {
  /// The items of an address tuple.
  private static func tuple(_ r: Ref, _ family: StaticString, _ caller: StaticString) throws(PyError)
    -> UnsafeMutablePointer<Ref?>
  {
    guard r.isTuple else { throw typeError("\(caller)(): \(family) address must be tuple, not \(typeName(of: r))") }
    return gila_tuple_items(r)
  }
  private static func port(_ r: Ref, _ caller: StaticString) throws(PyError) -> UInt16 {
    let n = try intArgument(r)
    guard let port = UInt16(exactly: n) else { throw overflowError("\(caller)(): port must be 0-65535.") }
    return port.bigEndian
  }
  private static func interface(_ r: Ref, _ fd: Int32) throws(PyError) -> Int32 {
    let name = try fileSystemBytes(r)
    if name.ref.size == 0 { return 0 }
    let index = if_nametoindex(PyBytes_AsString(name.ref))
    if index == 0 { throw systemFailure() }
    return Int32(bitPattern: index)
  }

  /// The address that an argument of a socket's method says.
  static func make(_ s: SocketObject, _ r: Ref, _ caller: StaticString) throws(PyError) -> gila_address {
    var a = gila_address()
    switch s.family.pointee {
    case AF_UNIX: try makeUnix(&a, r)
    case AF_INET:
      let items = try tuple(r, "AF_INET", caller)
      guard r.size == 2 else { throw typeError("AF_INET address must be a pair (host, port)") }
      let host = try hostName(items[0]!)
      let port = try self.port(items[1]!, caller)
      a = try HostNames.resolve(PyBytes_AsString(host.ref), AF_INET)
      var v4 = HostNames.load(a, sockaddr_in.self)
      v4.sin_family = sa_family_t(AF_INET)
      v4.sin_port = port
      HostNames.store(v4, &a)
    case AF_INET6:
      let items = try tuple(r, "AF_INET6", caller)
      guard (2...4).contains(r.size) else {
        throw typeError("AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])")
      }
      let host = try hostName(items[0]!)
      let port = try self.port(items[1]!, caller)
      let flow = r.size > 2 ? try cUnsigned(items[2]!) : 0, scope = r.size > 3 ? try cUnsigned(items[3]!) : 0
      if flow > 0xFFFFF { throw overflowError("\(caller)(): flowinfo must be 0-1048575.") }
      a = try HostNames.resolve(PyBytes_AsString(host.ref), AF_INET6)
      var v6 = HostNames.load(a, sockaddr_in6.self)
      v6.sin6_family = sa_family_t(AF_INET6)
      v6.sin6_port = port
      v6.sin6_flowinfo = flow.bigEndian
      v6.sin6_scope_id = scope
      HostNames.store(v6, &a)
    default: try makeOther(s, &a, r, caller)
    }
    return a
  }

  private static func makeUnix(_ a: inout gila_address, _ r: Ref) throws(PyError) {
    let path: Owned
    if r.isUnicode {
      path = try owned(PyUnicode_EncodeFSDefault(r))
    } else {
      let buffer = try Buffer(r)
      path = try owned(PyBytes_FromStringAndSize(buffer.start?.assumingMemoryBound(to: CChar.self), buffer.count))
    }
    let n = path.ref.size
    let text = PyBytes_AsString(path.ref)!
    // A path that begins with a null byte is a name outside the file system and may use all the room.
    let isAbstract = n > 0 && text[0] == 0
    let room = gila_unix_path_room()
    if n > room || (!isAbstract && n >= room) { throw raise(Exc.OSError, "AF_UNIX path too long") }
    let offset = gila_unix_path_offset()
    withUnsafeMutableBytes(of: &a.storage) { bytes in
      bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
      if let base = bytes.baseAddress { memcpy(base + offset, text, n) }
    }
    // An empty path has the system choose a name.
    a.size = socklen_t(offset + n + (isAbstract || n == 0 ? 0 : 1))
  }

  private static func makeOther(_ s: SocketObject, _ a: inout gila_address, _ r: Ref, _ caller: StaticString)
    throws(PyError)
  {
    let fd = s.fd.pointee
    switch s.family.pointee {
    case 16:  // AF_NETLINK
      let items = try tuple(r, "AF_NETLINK", caller)
      guard r.size == 2 else { throw typeError("AF_NETLINK address must be a pair (pid, groups)") }
      gila_make_netlink(&a, try cUnsigned(items[0]!), try cUnsigned(items[1]!))
    case 17:  // AF_PACKET
      let items = try tuple(r, "AF_PACKET", caller)
      guard (2...5).contains(r.size) else {
        throw typeError("AF_PACKET address must be a tuple of two to five elements")
      }
      let index = try interface(items[0]!, fd)
      guard let number = UInt16(exactly: try intArgument(items[1]!)) else {
        throw overflowError("\(caller)(): proto must be 0-65535.")
      }
      let kind = r.size > 2 ? try intArgument(items[2]!) : 0, hardware = r.size > 3 ? try intArgument(items[3]!) : 0
      let address = r.size > 4 ? try owned(PyBytes_FromObject(items[4])) : try owned(PyBytes_FromStringAndSize("", 0))
      if address.ref.size > 8 { throw valueError("Hardware address must be 8 bytes or less") }
      let p = UnsafeRawPointer(PyBytes_AsString(address.ref)!).assumingMemoryBound(to: UInt8.self)
      gila_make_packet(
        &a, index, number.bigEndian, UInt8(truncatingIfNeeded: kind), UInt16(truncatingIfNeeded: hardware), p,
        UInt8(address.ref.size))
    case 40:  // AF_VSOCK
      let items = try tuple(r, "AF_VSOCK", caller)
      guard r.size == 2 else { throw typeError("AF_VSOCK address must be a pair (CID, port)") }
      gila_make_vsock(&a, try cUnsigned(items[0]!), try cUnsigned(items[1]!))
    case 42:  // AF_QIPCRTR
      let items = try tuple(r, "AF_QIPCRTR", caller)
      guard r.size == 2 else { throw typeError("AF_QIPCRTR address must be a pair (node, port)") }
      gila_make_qrtr(&a, try cUnsigned(items[0]!), try cUnsigned(items[1]!))
    case 29:  // AF_CAN
      let items = try tuple(r, "AF_CAN", caller)
      guard r.size == 1 || r.size == 3 else {
        throw typeError("AF_CAN address must be a tuple (interface, ) or (interface, rx_addr, tx_addr)")
      }
      let index = try interface(items[0]!, fd)
      let receive = r.size > 1 ? try cUnsigned(items[1]!) : 0, send = r.size > 2 ? try cUnsigned(items[2]!) : 0
      gila_make_can(&a, index, receive, send)
    case 38:  // AF_ALG
      let items = try tuple(r, "AF_ALG", caller)
      guard (2...4).contains(r.size) else {
        throw typeError("AF_ALG address must be a tuple (type, name[, feat[, mask]])")
      }
      let type = try fileSystemBytes(items[0]!), name = try fileSystemBytes(items[1]!)
      if type.ref.size >= 14 { throw valueError("AF_ALG type too long.") }
      if name.ref.size >= 64 { throw valueError("AF_ALG name too long.") }
      let features = r.size > 2 ? try cUnsigned(items[2]!) : 0, mask = r.size > 3 ? try cUnsigned(items[3]!) : 0
      gila_make_alg(&a, PyBytes_AsString(type.ref), PyBytes_AsString(name.ref), features, mask)
    default: throw raise(Exc.OSError, "\(caller)(): bad family")
    }
  }

  /// What Python shows of an address; None for no address.
  static func object(_ a: gila_address) throws(PyError) -> Owned {
    if a.size == 0 { return noneOwned() }
    switch Int32(a.storage.ss_family) {
    case AF_INET:
      let v4 = HostNames.load(a, sockaddr_in.self)
      return try pair(try HostNames.numeric(a), try int(Int32(UInt16(bigEndian: v4.sin_port))))
    case AF_INET6:
      let v6 = HostNames.load(a, sockaddr_in6.self)
      let t = try owned(PyTuple_New(4))
      let items = gila_tuple_items(t.ref)
      items[0] = try HostNames.numeric(a).take()
      items[1] = try int(Int32(UInt16(bigEndian: v6.sin6_port))).take()
      items[2] = try int(UInt32(bigEndian: v6.sin6_flowinfo)).take()
      items[3] = try int(v6.sin6_scope_id).take()
      return t
    case AF_UNIX: return try unixObject(a)
    default: return try otherObject(a)
    }
  }

  private static func unixObject(_ a: gila_address) throws(PyError) -> Owned {
    let offset = gila_unix_path_offset()
    let n = Int(a.size) - offset
    var result: Ref? = nil
    withUnsafeBytes(of: a.storage) { bytes in
      guard n > 0, let base = bytes.baseAddress else { return result = PyUnicode_FromString("") }
      let p = (base + offset).assumingMemoryBound(to: CChar.self)
      result = p[0] == 0 ? PyBytes_FromStringAndSize(p, n) : PyUnicode_DecodeFSDefaultAndSize(p, strnlen(p, n))
    }
    return try owned(result)
  }

  private static func otherObject(_ given: gila_address) throws(PyError) -> Owned {
    var a = given
    var (x, y): (UInt32, UInt32) = (0, 0)
    switch Int32(a.storage.ss_family) {
    case 16:
      gila_read_netlink(&a, &x, &y)
      return try pair(try int(x), try int(y))
    case 40:
      gila_read_vsock(&a, &x, &y)
      return try pair(try int(x), try int(y))
    case 42:
      gila_read_qrtr(&a, &x, &y)
      return try pair(try int(x), try int(y))
    case 17:
      var (index, number, kind, hardware, n): (Int32, UInt16, UInt8, UInt16, UInt8) = (0, 0, 0, 0, 0)
      var address = [UInt8](repeating: 0, count: 8)
      gila_read_packet(&a, &index, &number, &kind, &hardware, &address, &n)
      let t = try owned(PyTuple_New(5))
      let items = gila_tuple_items(t.ref)
      items[0] = try interfaceName(index).take()
      items[1] = try int(Int32(UInt16(bigEndian: number))).take()
      items[2] = try int(Int32(kind)).take()
      items[3] = try int(Int32(hardware)).take()
      items[4] = try bytes(Int(n)) { (p) throws(PyError) in
        memcpy(p, address, Int(n))
        return Int(n)
      }.take()
      return t
    case 29:
      let t = try owned(PyTuple_New(1))
      gila_tuple_items(t.ref)[0] = try interfaceName(gila_read_can(&a)).take()
      return t
    default:
      let family = Int32(a.storage.ss_family)
      let n = max(0, Int(a.size) - 2)
      let data = try bytes(n) { (p) throws(PyError) in
        withUnsafeBytes(of: a.storage) { if let base = $0.baseAddress { memcpy(p, base + 2, min(n, 126)) } }
        return min(n, 126)
      }
      return try pair(try int(family), data)
    }
  }
  private static func interfaceName(_ index: Int32) throws(PyError) -> Owned {
    var buffer = [CChar](repeating: 0, count: 64)
    if index == 0 || if_indextoname(UInt32(bitPattern: index), &buffer) == nil { return try string("") }
    return try fileName(buffer)
  }

  /// Calls `body` with the memory of an address.
  static func with<R>(_ a: inout gila_address, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> R) -> R {
    let n = a.size
    return withUnsafeMutableBytes(of: &a.storage) {
      body($0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: sockaddr.self), n)
    }
  }
  /// An address that `body` fills; the size that it gets is the room.
  static func filled<R>(
    _ a: inout gila_address, _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> R
  ) -> R {
    var n = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutableBytes(of: &a.storage) {
      body($0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: sockaddr.self), &n)
    }
    a.size = min(n, socklen_t(MemoryLayout<sockaddr_storage>.size))
    return result
  }
}
