// Starting the import system: importlib's inner half is run before anything can be imported.

import CGila
import GilaCore
import GilaModulesRuntime
import Glibc

enum Bootstrap {
  /// Runs importlib and makes it the import system of this interpreter.
  static func importlib() throws(PyError) {
    let interp = currentInterpreter
    guard let builtins = interp.pointee.builtins, let sys = interp.slot(RuntimeSlot.sys).pointee else {
      throw systemError("sys is missing")
    }
    interp.pointee.import_func = xnewRef(PyDict_GetItem(builtins, Dunder.import.ref))
    let name = try string("_frozen_importlib")
    let inner = try FrozenModules.run(named: name.ref)
    interp.pointee.importlib = newRef(inner.ref)
    let imp = try makeImp()
    let install = try owned(PyObject_GetAttrString(inner.ref, "_install"))
    try call(install.ref, sys, imp.ref)
    // The outer half is a frozen module, which can be imported from here on.
    let external = try owned(PyObject_GetAttrString(inner.ref, "_install_external_importers"))
    try call(external.ref)
  }
  private static func call(_ f: Ref, _ a: Ref? = nil, _ b: Ref? = nil) throws(PyError) {
    var v: (Ref?, Ref?) = (a, b)
    let r = try owned(
      withUnsafePointer(to: &v) {
        PyObject_Vectorcall(
          f, UnsafeRawPointer($0).assumingMemoryBound(to: Ref?.self), a == nil ? 0 : b == nil ? 1 : 2, nil)
      })
    _ = r.ref
  }
  /// `_imp` is needed before builtin modules can be imported by name.
  private static func makeImp() throws(PyError) -> Owned {
    let name = try string("_imp")
    let d = try owned(PyDict_New())
    try check(PyDict_SetItemString(d.ref, "name", name.ref))
    let spec = try owned(_PyNamespace_New(d.ref))
    let m = try owned(RuntimeModules.makeImp(spec.ref))
    try check(PyDict_SetItem(currentInterpreter.pointee.modules, name.ref, m.ref))
    return m
  }
}

/// Files read without Python.
public enum Files {
  public static func read(_ path: String) -> [UInt8]? {
    let fd = open(path, O_RDONLY | O_CLOEXEC)
    if fd < 0 { return nil }
    defer { close(fd) }
    return read(fd)
  }
  public static func read(_ fd: Int32) -> [UInt8]? {
    var info = stat()
    var bytes: [UInt8] = []
    if fstat(fd, &info) == 0, info.st_size > 0 { bytes.reserveCapacity(Int(info.st_size) + 1) }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let n = Glibc.read(fd, &chunk, chunk.count)
      if n < 0 {
        if errno == EINTR { continue }
        return nil
      }
      if n == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<n])
    }
  }
}
