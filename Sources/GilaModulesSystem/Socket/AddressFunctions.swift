// Numbers of networks: byte order, addresses as bytes and text, interfaces.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum AddressFunctions {
  static func add(_ m: inout MethodTable) {
    byteOrder(&m)
    addresses(&m)
    interfaces(&m)
  }

  private static func short(_ r: Ref, _ name: StaticString) throws(PyError) -> UInt16 {
    let n = try cInt(r)
    if n < 0 {
      throw overflowError("\(name): can't convert negative Python int to C 16-bit unsigned integer")
    }
    guard let value = UInt16(exactly: n) else {
      throw overflowError("\(name): Python int too large to convert to C 16-bit unsigned integer")
    }
    return value
  }
  private static func long(_ r: Ref) throws(PyError) -> UInt32 {
    guard r.isLong else { throw typeError("expected int, \(typeName(of: r)) found") }
    let n = PyLong_AsUnsignedLong(r)
    if n == UInt.max, errorIsSet { throw PyError() }
    guard let value = UInt32(exactly: n) else { throw overflowError("int larger than 32 bits") }
    return value
  }
  private static func byteOrder(_ m: inout MethodTable) {
    m.one("ntohs", "($module, x, /)", "A 16-bit number from network to host byte order.") { _, r in
      bridge { () throws(PyError) in try int(Int32(UInt16(bigEndian: try AddressFunctions.short(r!, "ntohs")))) }
    }
    m.one("htons", "($module, x, /)", "A 16-bit number from host to network byte order.") { _, r in
      bridge { () throws(PyError) in try int(Int32(try AddressFunctions.short(r!, "htons").bigEndian)) }
    }
    m.one("ntohl", "", "ntohl(integer) -> integer\n\nA 32-bit number from network to host byte order.") { _, r in
      bridge { () throws(PyError) in try int(UInt32(bigEndian: try AddressFunctions.long(r!))) }
    }
    m.one("htonl", "", "htonl(integer) -> integer\n\nA 32-bit number from host to network byte order.") { _, r in
      bridge { () throws(PyError) in try int(try AddressFunctions.long(r!).bigEndian) }
    }
  }

  private static func text(_ r: Ref, _ function: StaticString, _ position: String) throws(PyError)
    -> UnsafePointer<CChar>
  {
    guard r.isUnicode else { throw typeError("\(function)() argument\(position) must be str, not \(typeName(of: r))") }
    guard let p = PyUnicode_AsUTF8(r) else { throw PyError() }
    return p
  }
  private static func addresses(_ m: inout MethodTable) {
    m.one("inet_aton", "($module, ip_addr, /)", "An IPv4 address from text to 4 bytes.") { _, r in
      bridge { () throws(PyError) in
        var a = in_addr()
        if inet_aton(try AddressFunctions.text(r!, "inet_aton", ""), &a) == 0 {
          throw raise(Exc.OSError, "illegal IP address string passed to inet_aton")
        }
        return try owned(
          withUnsafeBytes(of: &a) { PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), 4) })
      }
    }
    m.one("inet_ntoa", "($module, packed_ip, /)", "An IPv4 address from 4 bytes to text.") { _, r in
      bridge { () throws(PyError) in
        let buffer = try Buffer(r!)
        if buffer.count != 4 { throw raise(Exc.OSError, "packed IP wrong length for inet_ntoa") }
        let b = UnsafeRawBufferPointer(start: buffer.start, count: 4)
        return try string("\(b[0]).\(b[1]).\(b[2]).\(b[3])")
      }
    }
    m.positional(
      "inet_pton", "", "inet_pton(af, ip) -> packed IP address string\n\nAn address of a family from text to bytes."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("inet_pton", n, 2, 2)
        let family = try intArgument(a![0]!)
        var packed = in6_addr()
        let result = inet_pton(family, try AddressFunctions.text(a![1]!, "inet_pton", " 2"), &packed)
        if result < 0 { throw systemFailure() }
        if result == 0 { throw raise(Exc.OSError, "illegal IP address string passed to inet_pton") }
        return try owned(
          withUnsafeBytes(of: &packed) {
            PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), family == AF_INET ? 4 : 16)
          })
      }
    }
    m.positional(
      "inet_ntop", "",
      "inet_ntop(af, packed_ip) -> string formatted IP address\n\nAn address of a family from bytes to text."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("inet_ntop", n, 2, 2)
        let family = try intArgument(a![0]!)
        let buffer = try Buffer(a![1]!)
        if family != AF_INET, family != AF_INET6 { throw valueError("unknown address family \(family)") }
        if buffer.count != (family == AF_INET ? 4 : 16) {
          throw valueError("invalid length of packed IP address string")
        }
        var text = [CChar](repeating: 0, count: 64)
        if inet_ntop(family, buffer.start, &text, 64) == nil { throw systemFailure() }
        return try owned(PyUnicode_FromString(text))
      }
    }
  }

  private static func interfaces(_ m: inout MethodTable) {
    m.noArguments("if_nameindex", "", "if_nameindex()\n\nNumbers and names of the network interfaces.") { _, _ in
      bridge { () throws(PyError) in
        guard let all = if_nameindex() else { throw systemFailure() }
        defer { if_freenameindex(all) }
        let list = try owned(PyList_New(0))
        var p = all
        while p.pointee.if_index != 0, let name = p.pointee.if_name {
          try append(list.ref, try pair(try int(p.pointee.if_index), try fileName(name)))
          p += 1
        }
        return list
      }
    }
    m.one("if_nametoindex", "($module, oname, /)", "The number of a network interface.") { _, r in
      bridge { () throws(PyError) in
        let name = try fileSystemBytes(r!)
        let index = if_nametoindex(PyBytes_AsString(name.ref))
        if index == 0 { throw raise(Exc.OSError, "no interface with this name") }
        return try int(index)
      }
    }
    m.one("if_indextoname", "", "if_indextoname(if_index)\n\nThe name of a network interface.") { _, r in
      bridge { () throws(PyError) in
        let n = PyLong_AsUnsignedLong(r)
        if n == UInt.max, errorIsSet { throw PyError() }
        guard let index = UInt32(exactly: n) else {
          throw overflowError("Python int too large to convert to C unsigned int")
        }
        var buffer = [CChar](repeating: 0, count: 64)
        if if_indextoname(index, &buffer) == nil { throw systemFailure() }
        return try fileName(buffer)
      }
    }
  }
}
