// The type mmap.mmap.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum MemoryMapType {
  nonisolated(unsafe) static let type = newStaticType()
  static let accessNames: [(StaticString, MapAccess)] = [
    ("ACCESS_DEFAULT", .standard), ("ACCESS_READ", .read), ("ACCESS_WRITE", .write), ("ACCESS_COPY", .copy),
  ]
  private static let signature = Signature(
    "mmap",
    "(fileno, length, flags=MAP_SHARED, prot=PROT_WRITE|PROT_READ, access=ACCESS_DEFAULT, offset=0, *, trackfd=True)")

  private static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    let b = try signature.bind(tuple: args, dict: kwargs)
    let fd = try intArgument(b[0]!)
    var length = try cSize(b[1]!)
    var flags = b[2] == nil ? Int32(MAP_SHARED) : try intArgument(b[2]!)
    var protection = b[3] == nil ? Int32(PROT_READ | PROT_WRITE) : try intArgument(b[3]!)
    let accessNumber = b[4] == nil ? 0 : try intArgument(b[4]!)
    let offset = b[5] == nil ? 0 : try cLong(b[5]!)
    let tracks = b[6] == nil ? true : try truth(b[6]!)
    if isAudited {
      let f = try int(fd), n = try int(length), x = try int(accessNumber), o = try int(offset)
      try audit("mmap.__new__", f.ref, n.ref, x.ref, o.ref)
    }
    if length < 0 { throw overflowError("memory mapped length must be positive") }
    if offset < 0 { throw overflowError("memory mapped offset must be positive") }
    let usual = flags == Int32(MAP_SHARED) && protection == Int32(PROT_READ | PROT_WRITE)
    if accessNumber != 0, !usual { throw valueError("mmap can't specify both access and flags, prot.") }
    var access: MapAccess
    switch accessNumber {
    case 1: (access, flags, protection) = (.read, Int32(MAP_SHARED), Int32(PROT_READ))
    case 2: (access, flags, protection) = (.write, Int32(MAP_SHARED), Int32(PROT_READ | PROT_WRITE))
    case 3: (access, flags, protection) = (.copy, Int32(MAP_PRIVATE), Int32(PROT_READ | PROT_WRITE))
    case 0:
      let readable = protection & Int32(PROT_READ) != 0, writable = protection & Int32(PROT_WRITE) != 0
      access = readable && writable ? .standard : writable ? .write : .read
    default: throw valueError("mmap invalid access parameter.")
    }

    var s = stat()
    if fd != -1, releasingLock("fstat", { fstat(fd, &s) }) == 0, s.st_mode & S_IFMT == S_IFREG {
      let available = Int(s.st_size)
      if length == 0 {
        if available == 0 { throw valueError("cannot mmap an empty file") }
        if offset >= available { throw valueError("mmap offset is greater than file size") }
        length = available - offset
      } else if offset > available || available - offset < length {
        throw valueError("mmap length is greater than file size")
      }
    }

    let r = try owned(type.pointee.tp_alloc(type, 0))
    let m = MemoryMap(r: r.ref)
    m.descriptor.pointee = -1
    m.size.pointee = length
    m.offset.pointee = offset
    m.accessWord.pointee = access.rawValue
    m.tracks.pointee = tracks ? 1 : 0
    if fd == -1 {
      flags |= Int32(MAP_ANONYMOUS)
    } else if tracks {
      m.descriptor.pointee = Int(try checkSystem(fcntl(fd, F_DUPFD_CLOEXEC, 0)))
    }
    let p = releasingLock("mmap") { mmap(nil, length, protection, flags, fd, off_t(offset)) }
    if p == UnsafeMutableRawPointer(bitPattern: -1) { throw systemFailure() }
    m.start.pointee = p?.assumingMemoryBound(to: UInt8.self)
    return r
  }

  static func define() {
    type.define(
      "mmap.mmap", basicSize: 16 + MemoryMap.words * 8,
      flags: UInt(Py_TPFLAGS_BASETYPE) | UInt(Py_TPFLAGS_HAVE_GC),
      doc:
        "mmap(fileno, length[, flags[, prot[, access[, offset[, trackfd]]]]])\n\nMaps a file into memory; fileno -1 gives memory of its own. A length of 0 stands for the whole file."
    )
    type.pointee.tp_weaklistoffset = MemoryMap.weakOffset
    type.pointee.tp_alloc = PyType_GenericAlloc
    type.pointee.tp_free = PyObject_GC_Del
    type.pointee.tp_getattro = PyObject_GenericGetAttr
    type.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in try MemoryMapType.new(type!, args, kwargs) }
    }
    type.pointee.tp_traverse = { _, _, _ in 0 }
    type.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      let m = MemoryMap(r: r!)
      m.release()
      if m.weakReferences.pointee != nil { PyObject_ClearWeakRefs(r) }
      r!.type.pointee.tp_free(r!.raw)
    }
    type.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let m = MemoryMap(r: r!)
        let name = typeName(of: r!)
        if m.start.pointee == nil { return try string("<\(name) closed=True>") }
        let access = MemoryMapType.accessNames.first { $0.1 == m.access }?.0.description ?? "UNKNOWN!"
        return try string(
          "<\(name) closed=False, access=\(access), length=\(m.size.pointee), pos=\(m.position.pointee), offset=\(m.offset.pointee)>"
        )
      }
    }
    var g = GetSetTable()
    g.add("closed", get: { r, _ in newRef(pyBool(MemoryMap(r: r!).start.pointee == nil)) })
    type.pointee.tp_getset = g.build()
    type.pointee.tp_methods = MemoryMapMethods.table()
    MemoryMapItems.define(type)
    type.buffer.pointee.bf_getbuffer = { r, view, flags in
      bridgeStatus { () throws(PyError) in
        let m = MemoryMap(r: r!)
        let p = try m.memory()
        try check(PyBuffer_FillInfo(view, r, p, m.size.pointee, m.access == .read ? 1 : 0, flags))
        m.exports.pointee += 1
      }
    }
    type.buffer.pointee.bf_releasebuffer = { r, _ in MemoryMap(r: r!).exports.pointee -= 1 }
  }
}
