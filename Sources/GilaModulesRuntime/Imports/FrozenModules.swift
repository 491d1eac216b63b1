// Frozen modules: the parts of the library that every start needs. CPython carries their byte code in its executable;
// here it is read from the library's __pycache__, past the search of sys.path and importlib's loader of files, and
// written there if it is missing. For programs they are what they are in CPython: their loader is FrozenImporter and
// their code comes from "<frozen os>".

import CGila
import GilaCore
import Glibc

public enum FrozenModules {
  struct Module {
    let name: StaticString
    /// The name of the module whose code this is; "<" before it tells a package's body imported as a module.
    let origin: StaticString
    /// The source in the library, without ".py".
    let file: StaticString
    let isPackage: Bool
    /// Needed before any other import system is there: frozen even where frozen modules are turned off.
    let isEssential: Bool

    init(
      _ name: StaticString, of origin: StaticString? = nil, at file: StaticString? = nil, package: Bool = false,
      essential: Bool = false
    ) {
      self.name = name
      self.origin = origin ?? name
      self.file = file ?? self.origin
      isPackage = package
      isEssential = essential
    }
  }
  static let all = [
    Module("_frozen_importlib", of: "importlib._bootstrap", at: "importlib/_bootstrap", essential: true),
    Module(
      "_frozen_importlib_external", of: "importlib._bootstrap_external", at: "importlib/_bootstrap_external",
      essential: true),
    Module("zipimport", essential: true), Module("abc"), Module("codecs"), Module("io"), Module("_collections_abc"),
    Module("_sitebuiltins"), Module("genericpath"), Module("ntpath"), Module("posixpath"),
    Module("os.path", of: "posixpath"), Module("os"), Module("site"), Module("stat"),
    Module("importlib.util", at: "importlib/util"), Module("importlib.machinery", at: "importlib/machinery"),
    Module("runpy"),
    // For tests of the import system.
    Module("__hello__"), Module("__hello_alias__", of: "__hello__"),
    Module("__phello_alias__", of: "__hello__", package: true), Module("__phello_alias__.spam", of: "__hello__"),
    Module("__phello__", at: "__phello__/__init__", package: true),
    Module("__phello__.__init__", of: "<__phello__", at: "__phello__/__init__"),
    Module("__phello__.spam", at: "__phello__/spam"),
  ]

  /// `_imp._override_frozen_modules_for_tests`: positive turns them on, negative off, 0 leaves it to the command line.
  nonisolated(unsafe) static var override = 0
  private static var areOn: Bool { override == 0 ? Configuration.current.frozenModules : override > 0 }

  /// The frozen module of a name, a str; nil too if frozen modules are turned off.
  static func find(_ name: Ref) -> Module? {
    guard let m = named(name), m.isEssential || areOn else { return nil }
    return m
  }
  /// The names that are frozen at present.
  static var names: [StaticString] { all.filter { $0.isEssential || areOn }.map { $0.name } }
  private static func named(_ name: Ref) -> Module? {
    var n = 0
    guard let text = PyUnicode_AsUTF8AndSize(name, &n) else {
      PyErr_Clear()
      return nil
    }
    return all.first { $0.name.utf8CodeUnitCount == n && memcmp($0.name.utf8Start, text, n) == 0 }
  }

  // MARK: code

  static func code(_ m: Module) throws(PyError) -> Owned {
    let path = Array("/\(m.file)".utf8)
    let slash = path.lastIndex(of: 47) ?? 0
    let library = Configuration.current.library
    let code = try LibraryCode.read(
      source: library + path + Array(".py".utf8),
      cache: library + path[..<slash] + Array("/__pycache__".utf8) + path[slash...] + Array(".cpython-313.pyc".utf8))
    let origin = m.origin.description
    let name = try string("<frozen \(origin.hasPrefix("<") ? String(origin.dropFirst()) : origin)>")
    CodeFiles.rename(code.ref, to: name.ref)
    return code
  }

  /// Makes a module and runs its code, without a loader: its `__origname__` tells FrozenImporter the rest.
  static func run(_ m: Module, _ name: Ref) throws(PyError) -> Owned {
    let code = try code(m)
    let module = try owned(PyImport_AddModuleObject(name).map { newRef($0) })
    guard let d = PyModule_GetDict(module.ref) else { throw PyError() }
    if m.isPackage {
      let path = try owned(PyList_New(0))
      try check(PyDict_SetItemString(d, "__path__", path.ref))
    }
    try check(PyDict_SetItem(d, Dunder.builtins.ref, currentInterpreter.pointee.builtins))
    let r = try owned(PyEval_EvalCode(code.ref, d, d))
    _ = r.ref
    let origin = try string(m.origin.description)
    try check(PyDict_SetItemString(d, "__origname__", origin.ref))
    return module
  }
  /// The same for a module that must be there.
  public static func run(named name: Ref) throws(PyError) -> Owned {
    guard let m = find(name) else { throw systemError("\(swiftString(name)) is not frozen") }
    return try run(m, name)
  }
}

/// Byte code of the library's source files.
enum LibraryCode {
  /// From the .pyc if that belongs to the source, else compiled and kept there if possible.
  static func read(source: [UInt8], cache: [UInt8]) throws(PyError) -> Owned {
    var info = stat()
    guard path(source, { stat($0, &info) }) == 0 else {
      throw raise(Exc.ImportError, "can't find '\(String(decoding: source, as: UTF8.self))'")
    }
    if let code = cached(cache, info) { return code }
    guard let text = bytes(source) else {
      throw raise(Exc.ImportError, "can't read '\(String(decoding: source, as: UTF8.self))'")
    }
    let file = try Configuration.text(source)
    let code = try owned(
      path(text) { Py_CompileStringObject($0, file.ref, Py_file_input, nil, 0) })
    write(code.ref, to: cache, info)
    return code
  }
  private static func path<T>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> T) -> T {
    (bytes + [0]).withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
  }
  private static func bytes(_ name: [UInt8]) -> [UInt8]? {
    let fd = path(name) { open($0, O_RDONLY | O_CLOEXEC) }
    if fd < 0 { return nil }
    defer { close(fd) }
    var info = stat()
    guard fstat(fd, &info) == 0, info.st_size > 0, info.st_size < 1 << 30 else { return nil }
    return [UInt8](unsafeUninitializedCapacity: Int(info.st_size)) { all, count in
      while count < all.count {
        let n = Glibc.read(fd, all.baseAddress! + count, all.count - count)
        if n < 0 && errno == EINTR { continue }
        if n <= 0 { break }
        count += n
      }
    }
  }

  /// The head of a .pyc: magic number, kind of check, time and size of the source.
  private static func head(_ info: stat) -> [UInt32] {
    [
      0x0A0D_0DF3, 0, UInt32(truncatingIfNeeded: info.st_mtim.tv_sec), UInt32(truncatingIfNeeded: info.st_size),
    ].map { $0.littleEndian }
  }
  private static func cached(_ cache: [UInt8], _ info: stat) -> Owned? {
    guard let all = bytes(cache), all.count > 16 else { return nil }
    let code = all.withUnsafeBytes { all -> Ref? in
      guard head(info).withUnsafeBytes({ memcmp($0.baseAddress!, all.baseAddress!, 16) }) == 0 else { return nil }
      return PyMarshal_ReadObjectFromString((all.baseAddress! + 16).assumingMemoryBound(to: CChar.self), all.count - 16)
    }
    guard let code else {
      PyErr_Clear()
      return nil
    }
    let held = Owned(taking: code)
    if held.ref.isExactly(Types.code) { return held }
    return nil
  }
  /// Written beside its place and moved there, so that nobody sees half of it. What fails costs the next start time only.
  private static func write(_ code: Ref, to cache: [UInt8], _ info: stat) {
    if Configuration.current.dontWriteBytecode { return }
    guard let data = PyMarshal_WriteObjectToString(code, 4) else { return PyErr_Clear() }
    let held = Owned(taking: data)
    if let slash = cache.lastIndex(of: 47) { _ = path(Array(cache[..<slash])) { mkdir($0, 0o777) } }
    let temporary = cache + Array(".\(getpid())".utf8)
    let fd = path(temporary) { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, info.st_mode & 0o666 | 0o200) }
    if fd < 0 { return }
    let size = held.ref.size
    let good =
      head(info).withUnsafeBytes { Glibc.write(fd, $0.baseAddress!, 16) } == 16
      && Glibc.write(fd, PyBytes_AsString(held.ref), size) == size
    close(fd)
    let moved = good && path(temporary, { from in path(cache) { rename(from, $0) } }) == 0
    if !moved { _ = path(temporary) { unlink($0) } }
  }
}
