// Reading and making bytes.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

extension UnsafeMutablePointer where Pointee == PyObject {
  @inlinable @inline(__always) public var bytesHash: Int {
    get { raw.load(fromByteOffset: 24, as: Int.self) }
    nonmutating set { raw.storeBytes(of: newValue, toByteOffset: 24, as: Int.self) }
  }
  /// The first byte of a bytes object.
  @inlinable @inline(__always) public var bytesData: UnsafeMutablePointer<UInt8> {
    (raw + 32).assumingMemoryBound(to: UInt8.self)
  }
  /// The content of a bytes object, borrowed.
  @inlinable @inline(__always) public var bytesView: CharacterData { CharacterData(bytes: raw + 32, count: size) }
}

/// A fresh bytes object whose content the caller stores; nil with an exception set. Never a singleton, except for
/// length 0.
@inline(__always) public func allocateBytes(_ count: Int) -> Ref? {
  if count == 0 { return gila_empty_bytes() }
  if count > Int.max &- 64 {
    PyErr_SetString(Exc.OverflowError.object, "byte string is too large")
    return nil
  }
  guard let memory = SmallBlocks.allocate(33 &+ count) else { return noMemory() }
  let r = memory.assumingMemoryBound(to: PyObject.self)
  r.pointee.ob_refcnt = 1
  r.pointee.ob_type = Types.bytes
  r.size = count
  r.bytesHash = -1
  r.bytesData[count] = 0
  return r
}

/// A bytes object with a copy of memory.
public func newBytes(_ p: UnsafeRawPointer, _ n: Int) -> Ref? {
  if n == 1 { return gila_byte(UInt32(p.load(as: UInt8.self))) }
  guard let r = allocateBytes(n) else { return nil }
  if n > 0 { memcpy(r.bytesData, p, n) }
  return r
}

/// The bytes object of a finished buffer.
public func newBytes(_ buffer: borrowing ByteBuffer) -> Ref? {
  if buffer.isExhausted { return noMemory() }
  guard let base = buffer.base else { return gila_empty_bytes() }
  return newBytes(base, buffer.count)
}

@c @implementation public func PyBytes_FromStringAndSize(_ p: UnsafePointer<CChar>!, _ n: Int) -> Ref? {
  if n < 0 {
    PyErr_SetString(Exc.SystemError.object, "Negative size passed to PyBytes_FromStringAndSize")
    return nil
  }
  guard let p else { return allocateBytes(n) }
  return newBytes(p, n)
}

@c @implementation public func PyBytes_FromString(_ p: UnsafePointer<CChar>!) -> Ref? { newBytes(p, strlen(p)) }

@inline(never) private func expectedBytes(_ r: Ref) -> PyError {
  typeError("expected bytes, \(typeName(of: r)) found")
}

@c @implementation public func PyBytes_Size(_ r: Ref!) -> Int {
  if r.isBytes { return r.size }
  return bridgeSize { () throws(PyError) in throw expectedBytes(r) }
}

@c @implementation public func PyBytes_AsString(_ r: Ref!) -> UnsafeMutablePointer<CChar>? {
  if r.isBytes { return (r.raw + 32).assumingMemoryBound(to: CChar.self) }
  _ = expectedBytes(r)
  return nil
}

@c @implementation public func PyBytes_AsStringAndSize(
  _ r: Ref!, _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!, _ size: UnsafeMutablePointer<Int>!
) -> Int32 {
  guard let place else {
    PyErr_BadInternalCall()
    return -1
  }
  guard r.isBytes else {
    _ = expectedBytes(r)
    return -1
  }
  let p = (r.raw + 32).assumingMemoryBound(to: CChar.self)
  place.pointee = p
  if let size {
    size.pointee = r.size
  } else if strlen(p) != r.size {
    PyErr_SetString(Exc.ValueError.object, "embedded null byte")
    return -1
  }
  return 0
}

@c @implementation
public func _PyBytes_Resize(_ place: UnsafeMutablePointer<Ref?>!, _ count: Int) -> Int32 {
  guard let r = place.pointee, r.isBytes, count >= 0 else {
    clear(place)
    PyErr_BadInternalCall()
    return -1
  }
  if r.size == count { return 0 }
  if r.size == 0 || count == 0 {
    place.pointee = allocateBytes(count)
    decref(r)
    return place.pointee == nil ? -1 : 0
  }
  guard r.refCount == 1 else {
    place.pointee = nil
    decref(r)
    PyErr_BadInternalCall()
    return -1
  }
  guard count < Int.max &- 64, let memory = SmallBlocks.reallocate(r.raw, 33 &+ count) else {
    place.pointee = nil
    decref(r)
    PyErr_NoMemory()
    return -1
  }
  let moved = memory.assumingMemoryBound(to: PyObject.self)
  moved.size = count
  moved.bytesHash = -1
  moved.bytesData[count] = 0
  place.pointee = moved
  return 0
}

@c @implementation public func PyBytes_Concat(_ place: UnsafeMutablePointer<Ref?>!, _ other: Ref!) {
  guard let left = place.pointee else { return }
  guard let other else {
    clear(place)
    return
  }
  replace(place, with: concatenateBytes(left, other))
}

@c @implementation public func PyBytes_ConcatAndDel(_ place: UnsafeMutablePointer<Ref?>!, _ other: Ref!) {
  PyBytes_Concat(place, other)
  xdecref(other)
}
