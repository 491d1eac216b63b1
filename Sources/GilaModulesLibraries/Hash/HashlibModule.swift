// The module _hashlib: OpenSSL's digests by name.

import CGila
import COpenSSL
import GilaCore
import Glibc

enum HashlibModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_hashlib", doc: "Digests, message authentication and key derivation by OpenSSL.", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try HashlibModule.fill(module!) } })

  private static func fill(_ module: Ref) throws(PyError) {
    try addType(module, "HASH", hashType)
    try addType(module, "HASHXOF", extendableType)
    try addType(module, "HMAC", HMACObjects.type)
    try LibraryObject.digestError.addException(
      module, "_hashlib", "UnsupportedDigestmodError", base: Exc.ValueError.object)
    // hmac.new takes the functions of this module as names of digests.
    let constructors = try owned(PyDict_New())
    for (name, _) in Digest.names {
      guard let f = PyObject_GetAttrString(module, "openssl_\(name)") else {
        PyErr_Clear()
        continue
      }
      let held = Owned(taking: f), text = try string(name)
      try check(PyDict_SetItem(constructors.ref, held.ref, text.ref))
    }
    let proxy = try owned(PyDictProxy_New(constructors.ref))
    try add(module, "_constructors", proxy.ref)
    let names = try allNames()
    try add(module, "openssl_md_meth_names", names.ref)
  }

  private static func allNames() throws(PyError) -> Owned {
    let set = try owned(PySet_New(nil))
    EVP_MD_do_all_provided(
      nil,
      { md, context in
        guard let md, let context, EVP_MD_get_type(md) != 0 || Digest.isNamed(md) else { return }
        if let text = newString(Digest.pythonName(md)) {
          PySet_Add(context.assumingMemoryBound(to: PyObject.self), text)
          decref(text)
        }
      }, set.ref.raw)
    if errorIsSet { throw PyError() }
    return try owned(PyFrozenSet_New(set.ref))
  }

  // MARK: types

  private static func makeHashType(_ name: StaticString, base: TypeRef? = nil) -> TypeRef {
    let t = Native.makeType(name, flags: Native.noInstantiation | Native.subclassable, base: base)
    var g = GetSetTable()
    DigestMethods.addAttributes(&g)
    t.pointee.tp_getset = g.build()
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let name = Native.state(r!, DigestState.self).name
        return try string("<\(name) \(typeName(of: r!)) object @ 0x\(String(UInt(bitPattern: r!.raw), radix: 16))>")
      }
    }
    return t
  }
  nonisolated(unsafe) static let hashType = {
    let t = makeHashType("_hashlib.HASH")
    var m = MethodTable()
    DigestMethods.addCommon(&m) { r, _ in
      bridge { () throws(PyError) in try Native.make(r!.type, Native.state(r!, DigestState.self).copy()) }
    }
    DigestMethods.addFixed(&m)
    t.pointee.tp_methods = m.build()
    return t
  }()
  nonisolated(unsafe) static let extendableType = {
    let t = makeHashType("_hashlib.HASHXOF", base: hashType)
    var m = MethodTable()
    DigestMethods.addExtendable(&m)
    t.pointee.tp_methods = m.build()
    return t
  }()

  // MARK: functions

  private static func make(_ name: String, _ data: Ref?, security: Bool) throws(PyError) -> Owned {
    if let data { _ = try hashBuffer(data).count }
    let (md, shown) = try Digest.known(name, security: security)
    let state = try DigestState(md, shown)
    if let data { try state.update(data) }
    return try Native.make(state.isExtendable ? extendableType : hashType, state)
  }

  /// The name of a digest given as str or as a function of this module.
  static func digestName(_ r: Ref) throws(PyError) -> String {
    if r.isUnicode { return String(cString: try cText(r, "new", "name")) }
    if let module = PyImport_ImportModule("_hashlib") {
      let held = Owned(taking: module)
      let constructors = try owned(PyObject_GetAttrString(held.ref, "_constructors"))
      if let name = PyObject_GetItem(constructors.ref, r) {
        let text = Owned(taking: name)
        return swiftString(text.ref)
      }
    }
    PyErr_Clear()
    let shown = try owned(PyObject_Repr(r))
    throw raise(LibraryObject.digestError.exception, "Unsupported digestmod \(swiftString(shown.ref))")
  }

  private static let newFunction = Function("new", "($module, /, name, string=b'', *, usedforsecurity=True)")
  private static let text: StaticString = "($module, /, string=b'', *, usedforsecurity=True)"
  private static let md5Function = Function("openssl_md5", text)
  private static let sha1Function = Function("openssl_sha1", text)
  private static let sha224Function = Function("openssl_sha224", text)
  private static let sha256Function = Function("openssl_sha256", text)
  private static let sha384Function = Function("openssl_sha384", text)
  private static let sha512Function = Function("openssl_sha512", text)
  private static let sha3x224Function = Function("openssl_sha3_224", text)
  private static let sha3x256Function = Function("openssl_sha3_256", text)
  private static let sha3x384Function = Function("openssl_sha3_384", text)
  private static let sha3x512Function = Function("openssl_sha3_512", text)
  private static let shake128Function = Function("openssl_shake_128", text)
  private static let shake256Function = Function("openssl_shake_256", text)

  private static func make(_ f: Function, _ name: String, _ a: ArgumentVector?, _ n: Int, _ k: Ref?) -> Ref? {
    answer(f, a, n, k) { (b) throws(PyError) in try make(name, b[0], security: cFlag(b[1], true)) }
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(newFunction, "A new hash object of the digest with this name.") { _, a, n, k in
      answer(HashlibModule.newFunction, a, n, k) { (b) throws(PyError) in
        guard b[0]!.isUnicode else { throw typeError("name must be a string") }
        let name = String(cString: try cText(b[0]!, "new", "name"))
        return try HashlibModule.make(name, b[1], security: cFlag(b[2], true))
      }
    }
    m.add(md5Function, "A new md5 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.md5Function, "md5", a, n, k)
    }
    m.add(sha1Function, "A new sha1 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.sha1Function, "sha1", a, n, k)
    }
    m.add(sha224Function, "A new sha224 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.sha224Function, "sha224", a, n, k)
    }
    m.add(sha256Function, "A new sha256 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.sha256Function, "sha256", a, n, k)
    }
    m.add(sha384Function, "A new sha384 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.sha384Function, "sha384", a, n, k)
    }
    m.add(sha512Function, "A new sha512 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.sha512Function, "sha512", a, n, k)
    }
    m.add(sha3x224Function, "A new sha3-224 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.sha3x224Function, "sha3_224", a, n, k)
    }
    m.add(sha3x256Function, "A new sha3-256 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.sha3x256Function, "sha3_256", a, n, k)
    }
    m.add(sha3x384Function, "A new sha3-384 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.sha3x384Function, "sha3_384", a, n, k)
    }
    m.add(sha3x512Function, "A new sha3-512 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.sha3x512Function, "sha3_512", a, n, k)
    }
    m.add(shake128Function, "A new shake-128 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.shake128Function, "shake_128", a, n, k)
    }
    m.add(shake256Function, "A new shake-256 hash object.") { _, a, n, k in
      HashlibModule.make(HashlibModule.shake256Function, "shake_256", a, n, k)
    }
    HMACObjects.addFunctions(&m)
    KeyDerivation.addFunctions(&m)
    m.noArguments("get_fips_mode", "($module, /)", "1 if OpenSSL works in FIPS mode, else 0.") { _, _ in
      bridge { () throws(PyError) in try int(EVP_default_properties_is_fips_enabled(nil)) }
    }
    m.positional(
      "compare_digest", "($module, a, b, /)",
      "Whether a and b are equal, in a time that does not depend on where they differ."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("compare_digest", n, 2, 2)
        return bool(try HashlibModule.equal(a![0]!, a![1]!))
      }
    }
    return m.build()
  }

  private static func equal(_ a: Ref, _ b: Ref) throws(PyError) -> Bool {
    func same(_ p: UnsafeRawPointer?, _ n: Int, _ q: UnsafeRawPointer?, _ m: Int) -> Bool {
      // Different lengths take as long as equal ones: the second is compared with itself.
      guard let q, m > 0 else { return n == m }
      let equal = CRYPTO_memcmp(n == m ? p ?? q : q, q, m) == 0
      return equal && n == m
    }
    if a.isUnicode, b.isUnicode {
      var n = 0, m = 0
      guard let p = PyUnicode_AsUTF8AndSize(a, &n), let q = PyUnicode_AsUTF8AndSize(b, &m) else { throw PyError() }
      if n != PyUnicode_GetLength(a) || m != PyUnicode_GetLength(b) {
        throw typeError("comparing strings with non-ASCII characters is not supported")
      }
      return same(p, n, q, m)
    }
    if PyObject_CheckBuffer(a) == 0, PyObject_CheckBuffer(b) == 0 {
      throw typeError(
        "unsupported operand types(s) or combination of types: '\(typeName(of: a))' and '\(typeName(of: b))'")
    }
    let x = try Buffer(a), y = try Buffer(b)
    if x.dimensions > 1 || y.dimensions > 1 { throw raise(Exc.BufferError, "Buffer must be single dimension") }
    return same(x.start, x.count, y.start, y.count)
  }
}

extension Digest {
  static func isNamed(_ md: OpaquePointer) -> Bool { names.contains { EVP_MD_is_a(md, $0.openSSL) != 0 } }
}
