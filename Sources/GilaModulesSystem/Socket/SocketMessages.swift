// Methods of sockets: messages with several buffers and ancillary data.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SocketMessages {
  static func add(_ m: inout MethodTable) {
    m.positional(
      "recvmsg", "",
      "recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)\n\nReceive bytes and ancillary data, a list of (level, type, bytes)."
    ) { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("recvmsg", n, 1, 3)
        let size = try cSize(a![0]!)
        if size < 0 { throw valueError("negative buffer size in recvmsg()") }
        let ancillary = n > 1 ? try cSize(a![1]!) : 0, flags = n > 2 ? try intArgument(a![2]!) : 0
        let buffer = try owned(PyBytes_FromStringAndSize(nil, size))
        var part = iovec(iov_base: PyBytes_AsString(buffer.ref), iov_len: size)
        var count = 0
        let rest = try SocketMessages.receive(SocketObject(r: r!), &part, 1, ancillary, flags, &count)
        var data: Ref? = buffer.take()
        if count != size, _PyBytes_Resize(&data, count) < 0 { throw PyError() }
        return try SocketMessages.result(try owned(data), rest)
      }
    }
    m.positional(
      "recvmsg_into", "",
      "recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)\n\nLike recvmsg(), into writable buffers."
    ) { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("recvmsg_into", n, 1, 3)
        let ancillary = n > 1 ? try cSize(a![1]!) : 0, flags = n > 2 ? try intArgument(a![2]!) : 0
        let list = try SocketMessages.iterable(a![0]!, "recvmsg_into() argument 1 must be an iterable")
        let v = try SocketMessages.writableBuffers(list.ref)
        var count = 0
        let rest = try SocketMessages.receive(SocketObject(r: r!), v.parts, v.count, ancillary, flags, &count)
        return try SocketMessages.result(try int(count), rest)
      }
    }
    m.positional(
      "sendmsg", "",
      "sendmsg(buffers[, ancdata[, flags[, address]]]) -> count\n\nSend several buffers with ancillary data, an iterable of (level, type, bytes)."
    ) { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("sendmsg", n, 1, 4)
        return try SocketMessages.send(SocketObject(r: r!), a!, n)
      }
    }
    m.tupleAndDict(
      "sendmsg_afalg", "",
      "sendmsg_afalg([msg], *, op[, iv[, assoclen[, flags=MSG_MORE]]])\n\nRaises NotImplementedError."
    ) {
      _, _, _ in
      bridge { () throws(PyError) in
        throw raise(Exc.NotImplementedError, "socket.sendmsg_afalg() is not implemented in Gila")
      }
    }
  }

  private static func writableBuffers(_ list: Ref) throws(PyError) -> BufferVector {
    do throws(PyError) { return try BufferVector.make(list, writable: true) } catch {
      if PyErr_ExceptionMatches(Exc.BufferError.object) == 0, PyErr_ExceptionMatches(Exc.TypeError.object) == 0 {
        throw error
      }
      PyErr_Clear()
      throw typeError("recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers")
    }
  }
  private static func iterable(_ r: Ref, _ message: StaticString) throws(PyError) -> Owned {
    try owned(PySequence_Fast(r, cString(message)))
  }

  /// Receives into parts; (ancillary data, flags, address) as a tuple.
  private static func receive(
    _ s: SocketObject, _ parts: UnsafeMutablePointer<iovec>, _ partCount: Int, _ room: Int, _ flags: Int32,
    _ count: inout Int
  ) throws(PyError) -> Owned {
    if room < 0 || room > Int(Int32.max) { throw valueError("invalid ancillary data buffer length") }
    var address = gila_address()
    let control = room == 0 ? nil : UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 8)
    defer { control?.deallocate() }
    var message = msghdr()
    count = try s.call("recvmsg", writing: false) { fd in
      withUnsafeMutableBytes(of: &address.storage) { storage in
        message = msghdr()
        message.msg_name = storage.baseAddress
        message.msg_namelen = socklen_t(storage.count)
        message.msg_iov = parts
        message.msg_iovlen = partCount
        message.msg_control = control
        message.msg_controllen = room
        return recvmsg(fd, &message, flags)
      }
    }
    address.size = message.msg_namelen
    let list = try owned(PyList_New(0))
    var c = room == 0 ? nil : gila_cmsg_first(&message)
    while let header = c {
      // The last one may be cut off.
      let start = UnsafeMutableRawPointer(gila_cmsg_data(header)!)
      let offset = start - (message.msg_control ?? start)
      let whole = Int(header.pointee.cmsg_len) - Int(gila_cmsg_len(0))
      let n = max(0, min(whole, Int(message.msg_controllen) - offset))
      let data = try owned(PyBytes_FromStringAndSize(start.assumingMemoryBound(to: CChar.self), n))
      try append(
        list.ref, try triple(try int(header.pointee.cmsg_level), try int(header.pointee.cmsg_type), data))
      if n < whole { break }
      c = gila_cmsg_next(&message, header)
    }
    return try triple(list, try int(message.msg_flags), try SocketAddress.object(address))
  }
  private static func result(_ first: consuming Owned, _ rest: borrowing Owned) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(4))
    let items = gila_tuple_items(t.ref)
    items[0] = first.take()
    for i in 0..<3 { items[i + 1] = xnewRef(gila_tuple_items(rest.ref)[i]) }
    return t
  }

  private static func send(_ s: SocketObject, _ a: ArgumentVector, _ n: Int) throws(PyError) -> Owned {
    let list = try iterable(a[0]!, "sendmsg() argument 1 must be an iterable")
    let v = try BufferVector.make(list.ref, writable: false)
    let flags = n > 2 ? try intArgument(a[2]!) : 0
    var address = gila_address()
    if n > 3, !a[3]!.isNone {
      address = try SocketAddress.make(s, a[3]!, "sendmsg")
      try audit("socket.sendmsg", s.r, a[3]!)
    } else {
      try audit("socket.sendmsg", s.r, none)
    }
    let control = n > 1 ? try ancillaryData(a[1]!) : []
    let sent = try s.call("sendmsg", writing: true) { fd in
      var copy = control
      return copy.withUnsafeMutableBytes { block in
        withUnsafeMutableBytes(of: &address.storage) { storage in
          var message = msghdr()
          if address.size > 0 {
            message.msg_name = storage.baseAddress
            message.msg_namelen = address.size
          }
          message.msg_iov = v.parts
          message.msg_iovlen = v.count
          if !block.isEmpty {
            message.msg_control = block.baseAddress
            message.msg_controllen = block.count
          }
          return sendmsg(fd, &message, flags)
        }
      }
    }
    return try int(sent)
  }

  /// The control block of (level, type, data) items, in words so that it is aligned.
  private static func ancillaryData(_ r: Ref) throws(PyError) -> [UInt] {
    let list = try iterable(r, "sendmsg() argument 2 must be an iterable")
    var block: [UInt] = []
    for i in 0..<max(0, PySequence_Size(list.ref)) {
      let item = try owned(PySequence_GetItem(list.ref, i))
      guard item.ref.isTuple || item.ref.isList, PySequence_Size(item.ref) == 3 else {
        let what = item.ref.isTuple || item.ref.isList ? "\(PySequence_Size(item.ref))" : typeName(of: item.ref)
        throw typeError(
          "[sendmsg() ancillary data items]() argument must be \(item.ref.isTuple || item.ref.isList ? "sequence of length 3" : "3-item sequence"), not \(what)"
        )
      }
      let first = try owned(PySequence_GetItem(item.ref, 0)), second = try owned(PySequence_GetItem(item.ref, 1))
      let third = try owned(PySequence_GetItem(item.ref, 2))
      let level = try intArgument(first.ref), kind = try intArgument(second.ref)
      let data = try Buffer(third.ref)
      if data.count > Int(Int32.max) { throw raise(Exc.OSError, "ancillary data item too large") }
      let start = block.count
      block.append(contentsOf: [UInt](repeating: 0, count: Int(gila_cmsg_space(data.count)) / 8))
      block.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        let header = (base + start * 8).assumingMemoryBound(to: cmsghdr.self)
        header.pointee.cmsg_level = level
        header.pointee.cmsg_type = kind
        header.pointee.cmsg_len = gila_cmsg_len(data.count)
        if let source = data.start { memcpy(gila_cmsg_data(header), source, data.count) }
      }
    }
    return block
  }
}
