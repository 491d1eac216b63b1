// The module _posixshmem: named shared memory.

import CGila
import GilaCore
import Glibc

enum SharedMemoryModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_posixshmem", doc: "Shared memory with names, for multiprocessing.", methods: methods())

  private static let openFunction = Function("shm_open", "($module, /, path, flags, mode=511)")
  private static let unlinkFunction = Function("shm_unlink", "($module, /, path)")

  private static func name(_ b: Arguments) throws(PyError) -> Owned {
    let r = b.object(0)
    guard r.isUnicode else {
      throw typeError("\(b.function.name)() argument 1 must be str, not \(typeName(of: r))")
    }
    let bytes = try owned(PyUnicode_AsUTF8String(r))
    if strlen(PyBytes_AsString(bytes.ref)) != bytes.ref.size { throw valueError("embedded null character") }
    return bytes
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(openFunction, "Open a shared memory object and return its descriptor.") { _, a, n, k in
      answer(SharedMemoryModule.openFunction, a, n, k) { (b) throws(PyError) in
        let name = try SharedMemoryModule.name(b)
        let flags = try b.int(1), mode = try b.int(2, 0o777)
        let text = PyBytes_AsString(name.ref)!
        let fd = try retryingInterrupts("shm_open") { shm_open(text, flags, mode_t(truncatingIfNeeded: mode)) }
        if fd < 0 {
          PyErr_SetFromErrnoWithFilenameObject(Exc.OSError.object, b.object(0))
          throw PyError()
        }
        return try int(fd)
      }
    }
    m.add(unlinkFunction, "Remove the name of a shared memory object; it goes when nobody maps it any more.") {
      _, a, n, k in
      perform(SharedMemoryModule.unlinkFunction, a, n, k) { (b) throws(PyError) in
        let name = try SharedMemoryModule.name(b)
        let text = PyBytes_AsString(name.ref)!
        if try retryingInterrupts("shm_unlink", { shm_unlink(text) }) < 0 {
          PyErr_SetFromErrnoWithFilenameObject(Exc.OSError.object, b.object(0))
          throw PyError()
        }
      }
    }
    return m.build()
  }
}
