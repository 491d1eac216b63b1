// The struct sequences of sys and what they say: version, flags, properties of numbers.

import CGila
import GilaCore
import Glibc

/// A struct sequence type made once for each process, and instances of it.
struct NamedTuple: @unchecked Sendable {
  let type: TypeRef

  init(_ name: StaticString, _ doc: StaticString, visible: Int, _ fields: [(StaticString, StaticString)]) {
    let places = UnsafeMutablePointer<PyStructSequence_Field>.allocate(capacity: fields.count + 1)
    for (i, (n, d)) in fields.enumerated() {
      (places + i).initialize(to: PyStructSequence_Field(name: cString(n), doc: cString(d)))
    }
    (places + fields.count).initialize(to: PyStructSequence_Field())
    var description = PyStructSequence_Desc(
      name: cString(name), doc: cString(doc), fields: places, n_in_sequence: Int32(visible))
    let t = UnsafeMutablePointer<PyTypeObject>.allocate(capacity: 1)
    t.initialize(to: PyTypeObject())
    t.object.pointee.ob_refcnt = Int(_Py_IMMORTAL_REFCNT)
    PyStructSequence_InitType(t, &description)
    type = t
  }
  /// An instance. The values are taken over.
  func make(_ values: [Ref?]) throws(PyError) -> Owned {
    let r = try owned(PyStructSequence_New(type))
    var complete = true
    for (i, v) in values.enumerated() {
      complete = complete && v != nil
      PyStructSequence_SetItem(r.ref, i, v)
    }
    if !complete || errorIsSet { throw PyError() }
    return r
  }
  /// Instances come only from the runtime.
  func forbidInstances() {
    type.pointee.tp_new = nil
    type.pointee.tp_init = nil
    type.pointee.tp_flags |= UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION)
    if let d = _PyType_GetDict(type) {
      if PyDict_DelItemString(d, "__new__") < 0 { PyErr_Clear() }
    }
    PyType_Modified(type)
  }
}

enum SysValues {
  static let versionNumbers: (major: Int, minor: Int, micro: Int) = (3, 13, 0)
  static let hexVersion = 0x030D_00F0
  static let version = "3.13.0 (Gila 0.1) [Swift 6.3]"

  static let versionInfo = NamedTuple(
    "sys.version_info", "Version information as a named tuple.", visible: 5,
    [
      ("major", "Major release number"), ("minor", "Minor release number"), ("micro", "Patch release number"),
      ("releaselevel", "'alpha', 'beta', 'candidate', or 'final'"), ("serial", "Serial release number"),
    ])
  static let flagsType = NamedTuple(
    "sys.flags", "Flags from the command line and the environment.", visible: 18,
    [
      ("debug", "-d"), ("inspect", "-i"), ("interactive", "-i"), ("optimize", "-O or -OO"),
      ("dont_write_bytecode", "-B"), ("no_user_site", "-s"), ("no_site", "-S"), ("ignore_environment", "-E"),
      ("verbose", "-v"), ("bytes_warning", "-b"), ("quiet", "-q"), ("hash_randomization", "-R"), ("isolated", "-I"),
      ("dev_mode", "-X dev"), ("utf8_mode", "-X utf8"), ("warn_default_encoding", "-X warn_default_encoding"),
      ("safe_path", "-P"), ("int_max_str_digits", "-X int_max_str_digits"), ("gil", "-X gil"),
    ])
  static let hashInfo = NamedTuple(
    "sys.hash_info", "Parameters of hashing.", visible: 9,
    [
      ("width", "width of the type used for hashing, in bits"),
      ("modulus", "prime number giving the modulus on which the hash function is based"),
      ("inf", "value to be used for hash of a positive infinity"), ("nan", "value to be used for hash of a nan"),
      ("imag", "multiplier used for the imaginary part of a complex number"),
      ("algorithm", "name of the algorithm for hashing of str, bytes and memoryviews"),
      ("hash_bits", "internal output size of hash algorithm"), ("seed_bits", "seed size of hash algorithm"),
      ("cutoff", "small string optimization cutoff"),
    ])
  static let threadInfo = NamedTuple(
    "sys.thread_info", "Information about the thread implementation.", visible: 3,
    [
      ("name", "name of the thread implementation"), ("lock", "name of the lock implementation"),
      ("version", "name and version of the thread library"),
    ])
  static let unraisable = NamedTuple(
    "UnraisableHookArgs", "What sys.unraisablehook is told about an exception that cannot be raised.", visible: 5,
    [
      ("exc_type", "Exception type"), ("exc_value", "Exception value"), ("exc_traceback", "Exception traceback"),
      ("err_msg", "Error message"), ("object", "Object causing the exception"),
    ])
  static let asyncHooks = NamedTuple(
    "asyncgen_hooks", "The hooks of asynchronous generators.", visible: 2,
    [
      ("firstiter", "called when a generator is first iterated over"),
      ("finalizer", "called when a generator is to be finalized"),
    ])

  static func number(_ n: Int) -> Ref? { PyLong_FromSsize_t(n) }
  static func makeVersion() throws(PyError) -> Owned {
    try versionInfo.make([number(3), number(13), number(0), newString("final"), number(0)])
  }
  static func makeFlags(_ c: Configuration) throws(PyError) -> Owned {
    func bit(_ b: Bool) -> Ref? { number(b ? 1 : 0) }
    return try flagsType.make([
      bit(c.debug > 0), bit(c.inspect > 0), bit(c.interactive > 0), number(c.optimize), bit(c.dontWriteBytecode),
      bit(!c.userSite), bit(!c.site), bit(!c.useEnvironment), number(c.verbose), number(c.bytesWarning), bit(c.quiet),
      bit(c.hashRandomization), bit(c.isolated), newRef(pyBool(c.developmentMode)), bit(c.utf8Mode),
      bit(c.warnDefaultEncoding), newRef(pyBool(c.safePath)), number(c.maximumIntDigits), number(1),
    ])
  }
  static func makeHashInfo() throws(PyError) -> Owned {
    try hashInfo.make([
      number(64), number((1 << 61) - 1), number(314159), number(0), number(1_000_003), newString("siphash13"),
      number(64), number(128), number(0),
    ])
  }
  static func makeThreadInfo() throws(PyError) -> Owned {
    #if os(Linux)
      let library = SysValues.threadLibrary()
      return try threadInfo.make([newString("pthread"), newString("semaphore"), newString(library)])
    #else
      return try threadInfo.make([newString("pthread"), newString("mutex+cond"), newRef(none)])
    #endif
  }
  #if os(Linux)
    /// The C library says its name and version, as "NPTL 2.36".
    private static func threadLibrary() -> String {
      var buffer = [CChar](repeating: 0, count: 64)
      let n = confstr(Int32(_CS_GNU_LIBPTHREAD_VERSION), &buffer, buffer.count)
      return n > 0 ? String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "NPTL"
    }
  #endif
  /// `sys.implementation`: what Python code asks to find byte-code caches and extension modules.
  static func makeImplementation(_ version: Ref) throws(PyError) -> Owned {
    let d = try owned(PyDict_New())
    try put(d.ref, "name", string("cpython"))
    try put(d.ref, "cache_tag", string("cpython-313"))
    try check(PyDict_SetItemString(d.ref, "version", version))
    try put(d.ref, "hexversion", int(hexVersion))
    try put(d.ref, "_multiarch", string(multiarch))
    try put(d.ref, "gila", string("0.1"))
    return try owned(_PyNamespace_New(d.ref))
  }
  static func put(_ d: Ref, _ name: StaticString, _ v: consuming Owned) throws(PyError) {
    try check(PyDict_SetItem(d, gila_intern(cString(name)), v.ref))
  }
  #if arch(x86_64)
    static let multiarch = "x86_64-linux-gnu"
  #else
    static let multiarch = "aarch64-linux-gnu"
  #endif
  /// Endings of extension modules' file names, the most specific first.
  static let extensionSuffixes = [".cpython-313-\(multiarch).so", ".abi3.so", ".so"]
}
