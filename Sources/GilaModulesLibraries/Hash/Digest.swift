// OpenSSL's digests: names, errors, and the state of a hash object.

import CGila
import COpenSSL
import GilaCore
import Glibc

/// What OpenSSL says of its last error, as Python shows it.
func openSSLFailure(_ type: TypeRef? = nil, _ missing: String = "no reason supplied") -> PyError {
  let code = ERR_peek_last_error()
  defer { ERR_clear_error() }
  let reason = ERR_reason_error_string(code).map { String(cString: $0) }
  if code == 0 { return raise(type ?? Exc.ValueError, missing) }
  if let library = ERR_lib_error_string(code).map({ String(cString: $0) }) {
    return raise(type ?? Exc.ValueError, reason.map { "[\(library)] \($0)" } ?? "[\(library)]")
  }
  return raise(type ?? Exc.ValueError, reason ?? missing)
}

enum Digest {
  /// Python's names and OpenSSL's.
  static let names: [(python: String, openSSL: String)] = [
    ("md5", "MD5"), ("sha1", "SHA1"), ("sha224", "SHA2-224"), ("sha256", "SHA2-256"), ("sha384", "SHA2-384"),
    ("sha512", "SHA2-512"), ("sha512_224", "SHA2-512/224"), ("sha512_256", "SHA2-512/256"),
    ("sha3_224", "SHA3-224"), ("sha3_256", "SHA3-256"), ("sha3_384", "SHA3-384"), ("sha3_512", "SHA3-512"),
    ("shake_128", "SHAKE-128"), ("shake_256", "SHAKE-256"), ("blake2s", "BLAKE2S-256"), ("blake2b", "BLAKE2B-512"),
  ]

  /// A digest by Python's name or one that OpenSSL knows; the caller frees it.
  static func find(_ name: String, security: Bool = true) throws(PyError) -> OpaquePointer {
    let known = names.first { $0.python == name }?.openSSL ?? name
    ERR_clear_error()
    if let md = EVP_MD_fetch(nil, known, security ? nil : "-fips") { return md }
    throw openSSLFailure(LibraryObject.digestError.exception, "unsupported hash type \(name)")
  }
  /// The digests found by Python's names so far, for ever: fetching is far slower than hashing a short text.
  /// The interpreter's lock guards them.
  nonisolated(unsafe) private static var found: [String: (md: OpaquePointer, name: String)] = [:]

  /// A digest with the name that Python shows; nobody frees it.
  static func known(_ name: String, security: Bool) throws(PyError) -> (md: OpaquePointer, name: String) {
    let key = security ? name : name + " "
    if let known = found[key] { return known }
    let md = try find(name, security: security)
    let entry = (md, pythonName(md))
    found[key] = entry
    return entry
  }
  /// Python's name of a digest.
  static func pythonName(_ md: OpaquePointer) -> String {
    for (python, openSSL) in names where EVP_MD_is_a(md, openSSL) != 0 { return python }
    let nid = EVP_MD_get_type(md)
    if let p = OBJ_nid2ln(nid) ?? OBJ_nid2sn(nid) { return String(cString: p) }
    return EVP_MD_get0_name(md).map { String(cString: $0) } ?? "?"
  }
}

/// The state of a hash object: a context of OpenSSL and the name Python shows.
final class DigestState: NativeState {
  let context: OpaquePointer
  let name: String
  /// Made when the first long update gives the interpreter's lock up; until then that lock is guard enough.
  private var lock: ObjectLock? = nil
  let isExtendable: Bool

  init(_ md: OpaquePointer, _ name: String) throws(PyError) {
    guard let c = EVP_MD_CTX_new() else { throw memoryError() }
    context = c
    self.name = name
    isExtendable = EVP_MD_get_flags(md) & UInt(EVP_MD_FLAG_XOF) != 0
    super.init()
    if EVP_DigestInit_ex(context, md, nil) == 0 { throw openSSLFailure() }
  }
  private init(copying other: DigestState) throws(PyError) {
    guard let c = EVP_MD_CTX_new() else { throw memoryError() }
    context = c
    name = other.name
    isExtendable = other.isExtendable
    super.init()
    other.lock?.enter()
    defer { other.lock?.leave() }
    if EVP_MD_CTX_copy_ex(context, other.context) == 0 { throw openSSLFailure() }
  }
  deinit { EVP_MD_CTX_free(context) }

  func copy() throws(PyError) -> DigestState { try DigestState(copying: self) }
  var blockSize: Int { Int(EVP_MD_get_block_size(EVP_MD_CTX_get0_md(context))) }
  var digestSize: Int { isExtendable ? 0 : Int(EVP_MD_get_size(EVP_MD_CTX_get0_md(context))) }

  /// Adds bytes; long ones without the interpreter's lock.
  func update(_ data: Ref) throws(PyError) {
    let b = try hashBuffer(data)
    let (c, p, n) = (context, b.start, b.count)
    if n > 2047, lock == nil { lock = ObjectLock() }
    lock?.enter()
    defer { lock?.leave() }
    let status =
      n > 2047 ? releasingLock("hash") { EVP_DigestUpdate(c, p, n) } : EVP_DigestUpdate(c, p, n)
    if status == 0 { throw openSSLFailure() }
  }

  /// The digest of what was added so far; `length` for extendable ones.
  func digest(length: Int? = nil) throws(PyError) -> Owned {
    guard let c = EVP_MD_CTX_new() else { throw memoryError() }
    defer { EVP_MD_CTX_free(c) }
    lock?.enter()
    let copied = EVP_MD_CTX_copy_ex(c, context)
    lock?.leave()
    if copied == 0 { throw openSSLFailure() }
    let n = length ?? digestSize
    let result = try owned(PyBytes_FromStringAndSize(nil, n))
    let p = UnsafeMutableRawPointer(PyBytes_AsString(result.ref)).assumingMemoryBound(to: UInt8.self)
    let status: Int32
    if length != nil {
      // OpenSSL refuses to squeeze nothing.
      status = n == 0 ? 1 : EVP_DigestFinalXOF(c, p, n)
    } else {
      var made: UInt32 = 0
      status = EVP_DigestFinal_ex(c, p, &made)
    }
    if status == 0 { throw openSSLFailure() }
    return result
  }
  func hexDigest(length: Int? = nil) throws(PyError) -> Owned {
    let d = try digest(length: length)
    return try hexText(d.ref)
  }
}

/// The hexadecimal text of a bytes object.
func hexText(_ bytes: Ref) throws(PyError) -> Owned {
  let n = bytes.size
  let p = UnsafeMutableRawPointer(PyBytes_AsString(bytes)).assumingMemoryBound(to: UInt8.self)
  guard let made = PyUnicode_New(n &* 2, 127) else { throw PyError() }
  let text = Owned(taking: made)
  // An ASCII str of known length: its characters stand behind the head.
  let out = (text.ref.raw + 40).assumingMemoryBound(to: UInt8.self)
  @inline(__always) func digit(_ v: UInt8) -> UInt8 { v < 10 ? 48 &+ v : 87 &+ v }
  for i in 0..<n {
    out[i &* 2] = digit(p[i] >> 4)
    out[i &* 2 &+ 1] = digit(p[i] & 15)
  }
  return text
}

/// The memory of data to hash: text must be encoded first.
func hashBuffer(_ r: Ref) throws(PyError) -> Buffer {
  if r.isUnicode { throw typeError("Strings must be encoded before hashing") }
  if PyObject_CheckBuffer(r) == 0 { throw typeError("object supporting the buffer API required") }
  let b = try Buffer(r)
  if b.dimensions > 1 { throw raise(Exc.BufferError, "Buffer must be single dimension") }
  return b
}

/// The methods that hash objects of all kinds share.
enum DigestMethods {
  private static let extendable = Function("digest", "($self, /, length)")
  private static let extendableHex = Function("hexdigest", "($self, /, length)")

  static func addCommon(_ m: inout MethodTable, copy: @convention(c) (Ref?, Ref?) -> Ref?) {
    m.noArguments("copy", "($self, /)", "A copy of the hash object.", copy)
    m.one("update", "($self, obj, /)", "Add the bytes of obj.") { r, data in
      bridgeNone { () throws(PyError) in try Native.state(r!, DigestState.self).update(data!) }
    }
  }
  static func addFixed(_ m: inout MethodTable) {
    m.noArguments("digest", "($self, /)", "The digest as bytes.") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, DigestState.self).digest() }
    }
    m.noArguments("hexdigest", "($self, /)", "The digest as hexadecimal text.") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, DigestState.self).hexDigest() }
    }
  }
  static func addExtendable(_ m: inout MethodTable) {
    m.add(extendable, "length bytes of the digest.") { r, a, n, k in
      answer(DigestMethods.extendable, a, n, k) { (b) throws(PyError) in
        try Native.state(r!, DigestState.self).digest(length: cSize(b[0]!))
      }
    }
    m.add(extendableHex, "length bytes of the digest as hexadecimal text.") { r, a, n, k in
      answer(DigestMethods.extendableHex, a, n, k) { (b) throws(PyError) in
        try Native.state(r!, DigestState.self).hexDigest(length: cSize(b[0]!))
      }
    }
  }
  static func addAttributes(_ g: inout GetSetTable) {
    g.add(
      "block_size",
      get: { r, _ in
        bridge { () throws(PyError) in try int(Native.state(r!, DigestState.self).blockSize) }
      })
    g.add(
      "digest_size",
      get: { r, _ in
        bridge { () throws(PyError) in try int(Native.state(r!, DigestState.self).digestSize) }
      })
    g.add(
      "name",
      get: { r, _ in
        bridge { () throws(PyError) in try string(Native.state(r!, DigestState.self).name) }
      })
  }
}
