// Host names as the system takes them, and addresses of them.

import CGila
import CGilaSystem
import GilaCore
import Glibc

/// A host argument's bytes (owned). ASCII names go as they are; others through the codec idna.
func hostName(_ r: Ref) throws(PyError) -> Owned {
  let bytes: Owned
  if r.isBytes {
    bytes = Owned(retaining: r)
  } else if r.isUnicode {
    if let ascii = PyUnicode_AsASCIIString(r) {
      bytes = Owned(taking: ascii)
    } else {
      guard PyErr_ExceptionMatches(Exc.UnicodeEncodeError.object) != 0 else { throw PyError() }
      PyErr_Clear()
      bytes = try owned(PyUnicode_AsEncodedString(r, "idna", nil))
    }
  } else if r.isInstance(of: Types.byteArray) {
    bytes = try owned(PyBytes_FromStringAndSize(PyByteArray_AsString(r), PyByteArray_Size(r)))
  } else {
    throw typeError("str, bytes or bytearray expected, not \(typeName(of: r))")
  }
  if strlen(PyBytes_AsString(bytes.ref)) != bytes.ref.size {
    throw typeError("host name must not contain null character")
  }
  return bytes
}

/// The result of getaddrinfo, given back at the end of the scope.
struct AddressList: ~Copyable {
  let first: UnsafeMutablePointer<addrinfo>?

  private init(_ first: UnsafeMutablePointer<addrinfo>?) { self.first = first }
  deinit { if let first { freeaddrinfo(first) } }

  static func look(_ host: UnsafePointer<CChar>?, _ service: UnsafePointer<CChar>?, _ hints: addrinfo) throws(PyError)
    -> AddressList
  {
    var hints = hints
    var result: UnsafeMutablePointer<addrinfo>? = nil
    let error = releasingLock("getaddrinfo") { getaddrinfo(host, service, &hints, &result) }
    if error != 0 { throw addressFailure(error) }
    return AddressList(result)
  }
}

enum HostNames {
  /// Finds the address of a host, as `connect` and `bind` do: "" is any address, "<broadcast>" all of them.
  static func resolve(_ name: UnsafePointer<CChar>, _ family: Int32) throws(PyError) -> gila_address {
    var a = gila_address()
    if name.pointee == 0 {
      var hints = addrinfo()
      hints.ai_family = family
      hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
      hints.ai_flags = AI_PASSIVE
      let found = try AddressList.look(nil, "0", hints)
      guard let one = found.first, one.pointee.ai_next == nil else {
        throw raise(Exc.OSError, "wildcard resolved to multiple address")
      }
      copy(one.pointee, &a)
      return a
    }
    if strcmp(name, "255.255.255.255") == 0 || strcmp(name, "<broadcast>") == 0 {
      if family != AF_INET, family != AF_UNSPEC { throw raise(Exc.OSError, "address family mismatched") }
      setIPv4(&a, in_addr(s_addr: UInt32.max))
      return a
    }
    // Numbers need no look-up.
    if family == AF_UNSPEC || family == AF_INET {
      var v4 = in_addr()
      if inet_pton(AF_INET, name, &v4) > 0 {
        setIPv4(&a, v4)
        return a
      }
    }
    if family == AF_UNSPEC || family == AF_INET6, strchr(name, Int32(UInt8(ascii: "%"))) == nil {
      var v6 = in6_addr()
      if inet_pton(AF_INET6, name, &v6) > 0 {
        var s = sockaddr_in6()
        s.sin6_family = sa_family_t(AF_INET6)
        s.sin6_addr = v6
        store(s, &a)
        return a
      }
    }
    var hints = addrinfo()
    hints.ai_family = family
    let found = try AddressList.look(name, nil, hints)
    if let one = found.first { copy(one.pointee, &a) }
    return a
  }

  private static func setIPv4(_ a: inout gila_address, _ v4: in_addr) {
    var s = sockaddr_in()
    s.sin_family = sa_family_t(AF_INET)
    s.sin_addr = v4
    store(s, &a)
  }
  /// Puts an address struct into the storage.
  static func store<T>(_ s: T, _ a: inout gila_address) {
    withUnsafeMutableBytes(of: &a.storage) { $0.storeBytes(of: s, as: T.self) }
    a.size = socklen_t(MemoryLayout<T>.size)
  }
  static func load<T>(_ a: gila_address, _: T.Type) -> T {
    withUnsafeBytes(of: a.storage) { $0.loadUnaligned(as: T.self) }
  }
  static func copy(_ info: addrinfo, _ a: inout gila_address) {
    let n = min(Int(info.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
    if let source = info.ai_addr {
      withUnsafeMutableBytes(of: &a.storage) { _ = memcpy($0.baseAddress.unsafelyUnwrapped, source, n) }
    }
    a.size = socklen_t(n)
  }

  /// An IPv4 or IPv6 address as text.
  static func numeric(_ a: gila_address) throws(PyError) -> Owned {
    var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let error = withUnsafeBytes(of: a.storage) {
      getnameinfo(
        $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), a.size, &buffer, socklen_t(buffer.count), nil, 0,
        NI_NUMERICHOST)
    }
    if error != 0 { throw addressFailure(error) }
    return try owned(PyUnicode_FromString(buffer))
  }
}
