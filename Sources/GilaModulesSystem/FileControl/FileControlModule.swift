// The module fcntl: commands for descriptors, and locks on files.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum FileControlModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "fcntl",
    doc:
      "Commands for open files and devices, and locks on files.\n\nThe descriptor is an int or an object with fileno().",
    methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try addConstants(module!, gila_fcntl_table()) } })

  /// The largest argument that is copied.
  private static let room = 1024

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "fcntl", "($module, fd, cmd, arg=0, /)",
      "Perform a command on a descriptor.\n\nWith bytes as argument the system gets a copy, which is returned as it left it."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("fcntl", n, 2, 3)
        let fd = try fileDescriptor(a![0]!)
        let command = try cInt(a![1]!)
        if isAudited { try audit("fcntl.fcntl", a![0]!, a![1]!, n > 2 ? a![2]! : none) }
        if n > 2, let copy = try FileControlModule.copied(a![2]!, "fcntl") {
          let p = UnsafeMutableRawPointer(PyByteArray_AsString(copy.ref))
          try checkSystem(try retryingInterrupts("fcntl") { gila_fcntl_memory(fd, command, p) })
          return try owned(PyBytes_FromStringAndSize(PyByteArray_AsString(copy.ref), PyByteArray_Size(copy.ref) - 8))
        }
        let argument = n > 2 ? Int(Int32(bitPattern: try cUnsigned(a![2]!))) : 0
        return try int(try checkSystem(try retryingInterrupts("fcntl") { gila_fcntl_number(fd, command, argument) }))
      }
    }
    m.positional(
      "ioctl", "($module, fd, request, arg=0, mutate_flag=True, /)",
      "Perform a request on a device.\n\nA writable buffer as argument is changed in place, unless mutate_flag is false; of other\nbytes the system gets a copy, which is returned as it left it."
    ) { _, a, n in bridge { () throws(PyError) in try FileControlModule.control(a!, n) } }
    m.positional(
      "flock", "($module, fd, operation, /)",
      "Lock or unlock a whole file: LOCK_SH, LOCK_EX, LOCK_UN, with LOCK_NB not to wait."
    ) {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("flock", n, 2, 2)
        let fd = try fileDescriptor(a![0]!), operation = try cInt(a![1]!)
        if isAudited { try audit("fcntl.flock", a![0]!, a![1]!) }
        try checkSystem(try retryingInterrupts("flock") { flock(fd, operation) })
      }
    }
    m.positional(
      "lockf", "($module, fd, cmd, len=0, start=0, whence=0, /)",
      "Lock or unlock a part of a file by fcntl's locks: LOCK_SH, LOCK_EX, LOCK_UN, with LOCK_NB not to wait.\n\nA length of 0 reaches to the end of the file; start is relative to what whence says, as for lseek()."
    ) { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("lockf", n, 2, 5)
        let fd = try fileDescriptor(a![0]!), command = try cInt(a![1]!)
        if isAudited { try audit("fcntl.lockf", a![0]!, a![1]!) }
        let kind: Int32
        if command == LOCK_UN {
          kind = F_UNLCK
        } else if command & LOCK_SH != 0 {
          kind = F_RDLCK
        } else if command & LOCK_EX != 0 {
          kind = F_WRLCK
        } else {
          throw valueError("unrecognized lockf argument")
        }
        let length = n > 2 ? try cLong(a![2]!) : 0, start = n > 3 ? try cLong(a![3]!) : 0
        let whence = n > 4 ? try cInt(a![4]!) : 0
        let waits = command & LOCK_NB == 0
        try checkSystem(
          try retryingInterrupts("lockf") { gila_lock_range(fd, kind, whence, start, length, waits) })
      }
    }
    return m.build()
  }

  /// A copy of a str's or buffer's bytes with 8 bytes more, as a bytearray; nil for a number.
  private static func copied(_ r: Ref, _ function: StaticString) throws(PyError) -> Owned? {
    let source: Owned
    if r.isUnicode {
      source = try owned(PyUnicode_AsUTF8String(r))
    } else if PyObject_CheckBuffer(r) != 0 {
      source = Owned(retaining: r)
    } else {
      return nil
    }
    let buffer = try Buffer(source.ref)
    if buffer.count > room { throw valueError("\(function) string arg too long") }
    let copy = try owned(PyByteArray_FromStringAndSize(nil, buffer.count + 8))
    let p = UnsafeMutableRawPointer(PyByteArray_AsString(copy.ref))!
    memset(p, 0, buffer.count + 8)
    if let start = buffer.start { memcpy(p, start, buffer.count) }
    return copy
  }

  private static func control(_ a: ArgumentVector, _ n: Int) throws(PyError) -> Owned {
    try checkCount("ioctl", n, 2, 4)
    let fd = try fileDescriptor(a[0]!)
    let request = PyLong_AsUnsignedLongMask(a[1])
    if request == UInt.max, errorIsSet { throw PyError() }
    if isAudited { try audit("fcntl.ioctl", a[0]!, a[1]!, n > 2 ? a[2]! : none) }
    let mutates = n > 3 ? try truth(a[3]!) : true
    guard n > 2 else {
      return try int(try checkSystem(try retryingInterrupts("ioctl") { gila_ioctl_number(fd, request, 0) }))
    }
    let r = a[2]!
    if mutates, !r.isBytes, !r.isUnicode, PyObject_CheckBuffer(r) != 0 {
      var view = Py_buffer()
      if PyObject_GetBuffer(r, &view, PyBUF_WRITABLE) == 0 {
        defer { PyBuffer_Release(&view) }
        // A small buffer gets a copy's room behind it, in case the system writes more than the caller thought.
        if view.len <= room {
          let copy = UnsafeMutableRawPointer.allocate(byteCount: room + 8, alignment: 8)
          defer { copy.deallocate() }
          memset(copy, 0, room + 8)
          if let start = view.buf { memcpy(copy, start, view.len) }
          let result = try retryingInterrupts("ioctl") { gila_ioctl_memory(fd, request, copy) }
          let number = errno
          if let start = view.buf { memcpy(start, copy, view.len) }
          errno = number
          return try int(try checkSystem(result))
        }
        let p = view.buf
        return try int(try checkSystem(try retryingInterrupts("ioctl") { gila_ioctl_memory(fd, request, p) }))
      }
      PyErr_Clear()
    }
    if let copy = try copied(r, "ioctl") {
      let p = UnsafeMutableRawPointer(PyByteArray_AsString(copy.ref))
      try checkSystem(try retryingInterrupts("ioctl") { gila_ioctl_memory(fd, request, p) })
      return try owned(PyBytes_FromStringAndSize(PyByteArray_AsString(copy.ref), PyByteArray_Size(copy.ref) - 8))
    }
    let argument = Int(Int32(bitPattern: try cUnsigned(r)))
    return try int(try checkSystem(try retryingInterrupts("ioctl") { gila_ioctl_number(fd, request, argument) }))
  }
}
