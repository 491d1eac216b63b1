// Extended attributes of files.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum ExtendedAttributes {
  private static let getFunction = Function("getxattr", "($module, /, path, attribute, *, follow_symlinks=True)")
  private static let setFunction = Function(
    "setxattr", "($module, /, path, attribute, value, flags=0, *,\n         follow_symlinks=True)")
  private static let removeFunction = Function("removexattr", "($module, /, path, attribute, *, follow_symlinks=True)")
  private static let listFunction = Function("listxattr", "($module, /, path=None, *, follow_symlinks=True)")

  private static func checkFollow(_ name: StaticString, _ path: borrowing Path, _ follow: Bool) throws(PyError) {
    if path.descriptor != -1, !follow { throw valueError("\(name): cannot use fd and follow_symlinks together") }
  }

  static func add(_ m: inout MethodTable) {
    m.add(getFunction, "The value of a file's attribute, as bytes.") { _, a, n, k in
      answer(ExtendedAttributes.getFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, descriptor: true), attribute = try b.path(1, "attribute")
        let follow = try b.flag(2, true)
        try ExtendedAttributes.checkFollow("getxattr", path, follow)
        try audit("os.getxattr", path.object, attribute.object)
        let (text, fd, name) = (path.characters, path.descriptor, attribute.characters)
        return try ExtendedAttributes.growing(path, [128, 65536]) { p, n in
          fd != -1 ? fgetxattr(fd, name, p, n) : follow ? getxattr(text, name, p, n) : lgetxattr(text, name, p, n)
        }
      }
    }
    m.add(setFunction, "Set an attribute of a file.") { _, a, n, k in
      perform(ExtendedAttributes.setFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, descriptor: true), attribute = try b.path(1, "attribute")
        let value = try Buffer(b.object(2))
        let flags = try b.int(3, 0), follow = try b.flag(4, true)
        try ExtendedAttributes.checkFollow("setxattr", path, follow)
        let number = try int(flags)
        try audit("os.setxattr", path.object, attribute.object, b.object(2), number.ref)
        let (text, fd, name) = (path.characters, path.descriptor, attribute.characters)
        let (start, count) = (value.start, value.count)
        try path.check(
          releasingLock("setxattr") {
            fd != -1
              ? fsetxattr(fd, name, start, count, flags)
              : follow ? setxattr(text, name, start, count, flags) : lsetxattr(text, name, start, count, flags)
          })
      }
    }
    m.add(removeFunction, "Remove an attribute of a file.") { _, a, n, k in
      perform(ExtendedAttributes.removeFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, descriptor: true), attribute = try b.path(1, "attribute")
        let follow = try b.flag(2, true)
        try ExtendedAttributes.checkFollow("removexattr", path, follow)
        try audit("os.removexattr", path.object, attribute.object)
        let (text, fd, name) = (path.characters, path.descriptor, attribute.characters)
        try path.check(
          releasingLock("removexattr") {
            fd != -1 ? fremovexattr(fd, name) : follow ? removexattr(text, name) : lremovexattr(text, name)
          })
      }
    }
    m.add(listFunction, "The names of a file's attributes.") { _, a, n, k in
      answer(ExtendedAttributes.listFunction, a, n, k) { (b) throws(PyError) in
        let path = try b.path(0, nullable: true, descriptor: true)
        let follow = try b.flag(1, true)
        try ExtendedAttributes.checkFollow("listxattr", path, follow)
        try audit("os.listxattr", path.object)
        let (text, fd) = (path.text ?? cString("."), path.descriptor)
        let block = try ExtendedAttributes.growing(path, [256, 65536]) { p, n in
          let list = p.assumingMemoryBound(to: CChar.self)
          return fd != -1 ? flistxattr(fd, list, n) : follow ? listxattr(text, list, n) : llistxattr(text, list, n)
        }
        return try ExtendedAttributes.names(block.ref)
      }
    }
  }

  /// Bytes that a call fills; a larger buffer when the first is too small.
  private static func growing(
    _ path: borrowing Path, _ sizes: [Int], _ body: (UnsafeMutableRawPointer, Int) -> Int
  ) throws(PyError) -> Owned {
    for (i, size) in sizes.enumerated() {
      let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
      defer { buffer.deallocate() }
      let n = releasingLock("xattr") { body(buffer, size) }
      if n >= 0 {
        return try owned(PyBytes_FromStringAndSize(buffer.assumingMemoryBound(to: CChar.self), n))
      }
      if errno != ERANGE || i == sizes.count - 1 { throw path.failure() }
    }
    throw path.failure()
  }
  /// A list of str from names that each end with a null byte.
  private static func names(_ block: Ref) throws(PyError) -> Owned {
    let list = try owned(PyList_New(0))
    let p = PyBytes_AsString(block)!
    var start = 0
    for i in 0..<block.size where p[i] == 0 {
      try append(list.ref, try owned(PyUnicode_DecodeFSDefaultAndSize(p + start, i - start)))
      start = i + 1
    }
    return list
  }
}
