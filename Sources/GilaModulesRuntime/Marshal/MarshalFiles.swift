// Marshalled values in C files, for extension modules.

import CGila
import GilaCore
import Glibc

public typealias CFile = UnsafeMutablePointer<FILE>

@c @implementation public func PyMarshal_WriteLongToFile(_ value: Int, _ file: CFile!, _ version: Int32) {
  write(UInt32(truncatingIfNeeded: value), 4, file)
}
@c @implementation public func PyMarshal_WriteObjectToFile(_ value: Ref!, _ file: CFile!, _ version: Int32) {
  guard let b = PyMarshal_WriteObjectToString(value, version) else { return }
  fwrite(PyBytes_AsString(b), 1, PyBytes_Size(b), file)
  decref(b)
}
@c @implementation public func PyMarshal_ReadShortFromFile(_ file: CFile!) -> Int32 {
  guard let n = read(2, file) else { return -1 }
  return Int32(Int16(truncatingIfNeeded: n))
}
@c @implementation public func PyMarshal_ReadLongFromFile(_ file: CFile!) -> Int {
  guard let n = read(4, file) else { return -1 }
  return Int(Int32(truncatingIfNeeded: n))
}
@c @implementation public func PyMarshal_ReadLastObjectFromFile(_ file: CFile!) -> Ref? {
  PyMarshal_ReadObjectFromFile(file)
}
/// Reads ahead and goes back to behind the value, which takes a file that can seek to have a second value read.
@c @implementation public func PyMarshal_ReadObjectFromFile(_ file: CFile!) -> Ref? {
  bridge { () throws(PyError) in
    let start = ftell(file)
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let n = fread(&block, 1, block.count, file)
      if n == 0 { break }
      bytes += block[..<n]
    }
    let result: Result<Ref, PyError>
    let rest: Int
    (result, rest) = bytes.withUnsafeBufferPointer { p in
      let nothing = UnsafePointer<UInt8>(bitPattern: 16).unsafelyUnwrapped
      var reader = MarshalReader(p.baseAddress ?? nothing, p.count)
      do throws(PyError) { return (.success(try reader.read().take()), reader.remaining) } catch {
        return (.failure(error), reader.remaining)
      }
    }
    if start >= 0 { fseek(file, start + bytes.count - rest, SEEK_SET) }
    return Owned(taking: try result.get())
  }
}

private func write(_ value: UInt32, _ count: Int, _ file: CFile) {
  for i in 0..<count { putc(Int32(value >> UInt32(8 * i) & 0xFF), file) }
}
private func read(_ count: Int, _ file: CFile) -> UInt32? {
  var n: UInt32 = 0
  for i in 0..<count {
    let c = getc(file)
    if c < 0 {
      _ = raise(Exc.EOFError, "EOF read where data expected")
      return nil
    }
    n |= UInt32(c) << UInt32(8 * i)
  }
  return n
}
