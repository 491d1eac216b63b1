// Arrays of C strings, as exec and its relatives take them.

import CGila
import GilaCore
import Glibc

/// An array of strings that ends with NULL; it owns the strings.
struct CStrings: ~Copyable {
  private(set) var count = 0
  private var capacity = 8
  private(set) var start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  init() {
    start = .allocate(capacity: 8)
    start[0] = nil
  }
  deinit {
    for i in 0..<count { free(start[i]) }
    start.deallocate()
  }

  /// Appends a copy of bytes without null bytes.
  mutating func append(_ bytes: Ref) throws(PyError) {
    guard let copy = strdup(PyBytes_AsString(bytes)) else { throw memoryError() }
    append(taking: copy)
  }
  /// Appends `name=value`.
  mutating func append(name: Ref, value: Ref) throws(PyError) {
    let (n, m) = (name.size, value.size)
    guard let copy = malloc(n + m + 2)?.assumingMemoryBound(to: CChar.self) else { throw memoryError() }
    memcpy(copy, PyBytes_AsString(name), n)
    copy[n] = CChar(UInt8(ascii: "="))
    memcpy(copy + n + 1, PyBytes_AsString(value), m + 1)
    append(taking: copy)
  }
  private mutating func append(taking text: UnsafeMutablePointer<CChar>) {
    if count + 1 == capacity {
      let larger = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: capacity * 2)
      larger.update(from: start, count: count)
      start.deallocate()
      start = larger
      capacity *= 2
    }
    start[count] = text
    count += 1
    start[count] = nil
  }

  /// Program arguments from a tuple or list.
  mutating func addArguments(_ r: Ref) throws(PyError) {
    let n = try checkSize(PySequence_Size(r))
    for i in 0..<n {
      let item = try owned(PySequence_GetItem(r, i))
      let text = try fileSystemBytes(item.ref)
      try append(text.ref)
    }
  }
  /// Environment variables from a mapping.
  mutating func addEnvironment(_ r: Ref) throws(PyError) {
    let keys = try owned(PyMapping_Keys(r)), values = try owned(PyMapping_Values(r))
    guard keys.ref.isList, values.ref.isList else { throw typeError("env.keys() or env.values() is not a list") }
    let n = PyList_Size(keys.ref)
    guard n == PyList_Size(values.ref) else { throw valueError("env.keys() and env.values() differ in length") }
    for i in 0..<n {
      let key = try fileSystemBytes(PyList_GetItem(keys.ref, i))
      let value = try fileSystemBytes(PyList_GetItem(values.ref, i))
      let text = PyBytes_AsString(key.ref)!
      // A name may begin with "=", as the shells of other systems have it.
      if text.pointee == 0 || strchr(text + 1, Int32(UInt8(ascii: "="))) != nil {
        throw valueError("illegal environment variable name")
      }
      try append(name: key.ref, value: value.ref)
    }
  }
}
