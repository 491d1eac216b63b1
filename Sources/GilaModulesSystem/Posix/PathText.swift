// Paths as text: what os.path does in native code.

import CGila
import GilaCore

enum PathText {
  private static let normalize = Function("_path_normpath", "($module, /, path)")
  private static let split = Function("_path_splitroot_ex", "($module, /, path)")
  private static let fileSystemPath = Function("fspath", "($module, /, path)")

  static func add(_ m: inout MethodTable) {
    m.add(normalize, "A path without superfluous slashes, '.' and '..'.") { _, a, n, k in
      answer(PathText.normalize, a, n, k) { (b) throws(PyError) in
        let text = try Text("_path_normpath", b.object(0))
        return try text.made(PathText.normalized(text.bytes))
      }
    }
    m.add(split, "Split a path into drive (empty here), root and the rest.") { _, a, n, k in
      answer(PathText.split, a, n, k) { (b) throws(PyError) in
        let text = try Text("_path_splitroot_ex", b.object(0))
        let bytes = text.bytes
        // Two slashes are a root of their own, three or more are one.
        let slashes = bytes.prefix { $0 == UInt8(ascii: "/") }.count
        let root = slashes == 2 ? 2 : min(slashes, 1)
        return try triple(try text.made([]), try text.made(Array(bytes[..<root])), try text.made(Array(bytes[root...])))
      }
    }
    m.add(fileSystemPath, "The path of an object as str or bytes: itself, or what its __fspath__ method returns.") {
      _, a, n, k in
      answer(PathText.fileSystemPath, a, n, k) { (b) throws(PyError) in try owned(PyOS_FSPath(b.object(0))) }
    }
  }

  private static func normalized(_ path: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    let slash = UInt8(ascii: "/"), dot = UInt8(ascii: ".")
    let slashes = path.prefix { $0 == slash }.count
    let root = slashes == 2 ? 2 : min(slashes, 1)
    var result = [UInt8](repeating: slash, count: root)
    result.reserveCapacity(path.count)
    // Where each kept component that ".." may take back begins, in `result`.
    var starts: [Int] = []
    for part in path.split(separator: slash) {
      if part.count == 1, part.first == dot { continue }
      let isParent = part.count == 2 && part.allSatisfy { $0 == dot }
      if isParent {
        if let start = starts.popLast() {
          result.removeSubrange(start...)
          continue
        }
        if root > 0 { continue }
      }
      let start = result.count
      if start > root { result.append(slash) }
      result.append(contentsOf: part)
      if !isParent { starts.append(start) }
    }
    return result.isEmpty ? [dot] : result
  }
}

/// The characters of a path argument as UTF-8 (lone surrogates too), or its bytes; null characters are allowed.
private struct Text: ~Copyable {
  private let object: Ref
  private let isBytes: Bool

  init(_ function: StaticString, _ argument: Ref) throws(PyError) {
    let (encoded, wasBytes) = try Text.encoded(function, argument)
    object = encoded
    isBytes = wasBytes
  }
  private static func encoded(_ function: StaticString, _ argument: Ref) throws(PyError) -> (Ref, Bool) {
    let path = try path(function, argument)
    if path.ref.isBytes { return (newRef(path.ref), true) }
    return (try owned(PyUnicode_AsEncodedString(path.ref, "utf-8", "surrogatepass")).take(), false)
  }
  private static func path(_ function: StaticString, _ argument: Ref) throws(PyError) -> Owned {
    if argument.isUnicode || argument.isBytes { return Owned(retaining: argument) }
    guard let method = _PyObject_LookupSpecial(argument, gila_intern("__fspath__")) else {
      if errorIsSet { throw PyError() }
      throw typeError("\(function): path should be string, bytes or os.PathLike, not \(typeName(of: argument))")
    }
    decref(method)
    return try owned(PyOS_FSPath(argument))
  }
  deinit { decref(object) }

  var bytes: UnsafeBufferPointer<UInt8> {
    let start = UnsafeRawPointer(PyBytes_AsString(object)).map { $0.assumingMemoryBound(to: UInt8.self) }
    return UnsafeBufferPointer(start: start, count: object.size)
  }
  /// Text of the argument's type.
  func made(_ bytes: [UInt8]) throws(PyError) -> Owned {
    var result: Ref? = nil
    bytes.withUnsafeBytes { buffer in
      let p = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
      result =
        isBytes ? PyBytes_FromStringAndSize(p, buffer.count) : PyUnicode_DecodeUTF8(p, buffer.count, "surrogatepass")
    }
    return try owned(result)
  }
}
