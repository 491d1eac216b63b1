// The methods of mmap objects.

import CGila
import GilaCore
import Glibc

enum MemoryMapMethods {
  static func table() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("close", "", "Unmap the memory; further use raises ValueError.") { r, _ in
      bridgeNone { () throws(PyError) in
        let map = MemoryMap(r: r!)
        if map.exports.pointee > 0 { throw raise(Exc.BufferError, "cannot close exported pointers exist") }
        map.release()
      }
    }
    m.positional("find", "", "The first place of some bytes from the position on, or within limits; -1 without.") {
      r, a, n in bridge { () throws(PyError) in try MemoryMapMethods.find(r!, a!, n, "find", backwards: false) }
    }
    m.positional("rfind", "", "The last place of some bytes from the position on, or within limits; -1 without.") {
      r, a, n in bridge { () throws(PyError) in try MemoryMapMethods.find(r!, a!, n, "rfind", backwards: true) }
    }
    m.positional("flush", "", "Have changes written to the file.") { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("flush", n, 0, 2)
        let map = MemoryMap(r: r!)
        let from = n > 0 ? try cSize(a![0]!) : 0
        try map.flush(from, n > 1 ? try cSize(a![1]!) : map.size.pointee)
      }
    }
    m.positional("madvise", "", "Tell the system how the memory will be used.") { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("madvise", n, 1, 3)
        let option = try intArgument(a![0]!)
        let from = n > 1 ? try cSize(a![1]!) : 0
        try MemoryMap(r: r!).advise(option, from, n > 2 ? try cSize(a![2]!) : nil)
      }
    }
    m.positional("move", "", "Copy bytes within the memory: move(dest, src, count).") { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("move", n, 3, 3)
        try MemoryMap(r: r!).move(try cSize(a![0]!), try cSize(a![1]!), try cSize(a![2]!))
      }
    }
    m.positional("read", "", "The bytes from the position on, all or a number.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("read", n, 0, 1)
        let count = n > 0 && !a![0]!.isNone ? try cSizeOrTypeError(a![0]!) : nil
        return try MemoryMap(r: r!).read(count)
      }
    }
    m.noArguments("read_byte", "", "The byte at the position, as int.") { r, _ in
      bridge { () throws(PyError) in
        let map = MemoryMap(r: r!)
        let p = try map.memory()
        if map.position.pointee >= map.size.pointee { throw valueError("read byte out of range") }
        let byte = p[map.position.pointee]
        map.position.pointee += 1
        return try int(Int32(byte))
      }
    }
    m.noArguments("readline", "", "The bytes from the position on up to a newline, which is the last.") { r, _ in
      bridge { () throws(PyError) in try MemoryMap(r: r!).readLine() }
    }
    m.positional("resize", "", "Change the size of the map, and of the file.") { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("resize", n, 1, 1)
        _ = try MemoryMap(r: r!).memory()
        try MemoryMap(r: r!).checkResizable()
        try MemoryMap(r: r!).resize(try cSize(a![0]!))
      }
    }
    m.positional("seek", "", "Move the position: seek(pos[, whence]).") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("seek", n, 1, 2)
        return try MemoryMap(r: r!).seek(try cSize(a![0]!), n > 1 ? try intArgument(a![1]!) : 0)
      }
    }
    m.noArguments("seekable", "", "True.") { _, _ in newRef(pyTrue) }
    m.noArguments("size", "", "The size of the file, which may be larger than the map.") { r, _ in
      bridge { () throws(PyError) in try MemoryMap(r: r!).fileSize() }
    }
    m.noArguments("tell", "", "The position.") { r, _ in
      bridge { () throws(PyError) in
        _ = try MemoryMap(r: r!).memory()
        return try int(MemoryMap(r: r!).position.pointee)
      }
    }
    m.positional("write", "", "Write bytes at the position; returns how many.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("write", n, 1, 1)
        return try MemoryMap(r: r!).write(a![0]!)
      }
    }
    m.positional("write_byte", "", "Write one byte, an int, at the position.") { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("write_byte", n, 1, 1)
        let map = MemoryMap(r: r!)
        _ = try map.memory()
        let value = try cLong(a![0]!)
        if value < 0 { throw overflowError("unsigned byte integer is less than minimum") }
        guard let byte = UInt8(exactly: value) else {
          throw overflowError("unsigned byte integer is greater than maximum")
        }
        try map.checkWritable()
        let p = try map.memory()
        if map.position.pointee >= map.size.pointee { throw valueError("write byte out of range") }
        p[map.position.pointee] = byte
        map.position.pointee += 1
      }
    }
    m.noArguments("__enter__") { r, _ in
      bridge { () throws(PyError) in
        _ = try MemoryMap(r: r!).memory()
        return Owned(retaining: r!)
      }
    }
    m.positional("__exit__") { r, _, _ in
      bridgeNone { () throws(PyError) in
        let map = MemoryMap(r: r!)
        if map.exports.pointee > 0 { throw raise(Exc.BufferError, "cannot close exported pointers exist") }
        map.release()
      }
    }
    return m.build()
  }

  private static func find(_ r: Ref, _ a: ArgumentVector, _ n: Int, _ name: StaticString, backwards: Bool)
    throws(PyError) -> Owned
  {
    try checkCount(name, n, 1, 3)
    return try MemoryMap(r: r).find(a[0]!, n > 1 ? a[1] : nil, n > 2 ? a[2] : nil, backwards: backwards)
  }
}

private func cSizeOrTypeError(_ r: Ref) throws(PyError) -> Int {
  if PyIndex_Check(r) == 0 { throw typeError("argument should be integer or None, not '\(typeName(of: r))'") }
  return try cSize(r)
}
