// _hashlib's pbkdf2_hmac and scrypt.

import CGila
import COpenSSL
import GilaCore
import Glibc

enum KeyDerivation {
  private static let pbkdf2Function = Function(
    "pbkdf2_hmac", "($module, /, hash_name, password, salt, iterations, dklen=None)")
  private static let scryptFunction = Function(
    "scrypt", "($module, /, password, *, salt=None, n=None, r=None, p=None, maxmem=0, dklen=64)")

  private static func pbkdf2(_ b: Bound) throws(PyError) -> Owned {
    let name = String(cString: try cText(b[0]!, "pbkdf2_hmac", "argument 'hash_name'"))
    let password = try Buffer(b[1]!), salt = try Buffer(b[2]!)
    let iterations = try cLong(b[3]!)
    let md = try Digest.find(name)
    defer { EVP_MD_free(md) }
    if password.count > Int(Int32.max) { throw overflowError("password is too long.") }
    if salt.count > Int(Int32.max) { throw overflowError("salt is too long.") }
    if iterations < 1 { throw valueError("iteration value must be greater than 0.") }
    if iterations > Int(Int32.max) { throw overflowError("iteration value is too great.") }
    var length = Int(EVP_MD_get_size(md))
    if let given = b[4], !given.isNone {
      length = PyLong_AsLong(given)
      if length == -1, errorIsSet { throw PyError() }
    }
    if length < 1 { throw valueError("key length must be greater than 0.") }
    if length > Int(Int32.max) { throw overflowError("key length is too great.") }
    let key = try owned(PyBytes_FromStringAndSize(nil, length))
    let p = UnsafeMutableRawPointer(PyBytes_AsString(key.ref)).assumingMemoryBound(to: UInt8.self)
    let (pp, pn, sp, sn) = (password.start, password.count, salt.bytes, salt.count)
    let status = releasingLock("pbkdf2") {
      PKCS5_PBKDF2_HMAC(
        pp?.assumingMemoryBound(to: CChar.self), Int32(pn), sp, Int32(sn), Int32(iterations), md, Int32(length), p)
    }
    if status == 0 { throw openSSLFailure() }
    return key
  }

  private static func scrypt(_ b: Bound) throws(PyError) -> Owned {
    func number(_ i: Int, _ name: String) throws(PyError) -> UInt64 {
      guard let r = b[i], r.isLong else { throw typeError("\(name) is required and must be an unsigned int") }
      let v = PyLong_AsUnsignedLongLong(r)
      if v == UInt64.max, errorIsSet {
        PyErr_Clear()
        throw typeError("\(name) is required and must be an unsigned int")
      }
      return v
    }
    let password = try Buffer(b[0]!)
    let most = Int(Int32.max)
    if password.count > most { throw overflowError("password is too long.") }
    guard let saltObject = b[1], !saltObject.isNone else { throw typeError("salt is required") }
    let salt = try Buffer(saltObject)
    if salt.count > most { throw overflowError("salt is too long.") }
    let n = try number(2, "n")
    if n < 2 || n & (n - 1) != 0 { throw valueError("n must be a power of 2.") }
    let r = try number(3, "r"), p = try number(4, "p")
    let memory = b[5] == nil ? 0 : try cLong(b[5]!)
    if memory < 0 || memory > most { throw valueError("maxmem must be positive and smaller than \(most)") }
    let length = b[6] == nil ? 64 : try cLong(b[6]!)
    if length < 1 || length > most { throw valueError("dklen must be greater than 0 and smaller than \(most)") }
    if EVP_PBE_scrypt(nil, 0, nil, 0, n, r, p, UInt64(memory), nil, 0) == 0 { throw openSSLFailure() }
    let key = try owned(PyBytes_FromStringAndSize(nil, length))
    let out = UnsafeMutableRawPointer(PyBytes_AsString(key.ref)).assumingMemoryBound(to: UInt8.self)
    let (pp, pn, sp, sn) = (password.start, password.count, salt.bytes, salt.count)
    let status = releasingLock("scrypt") {
      EVP_PBE_scrypt(
        pp?.assumingMemoryBound(to: CChar.self), pn, sp, sn, n, r, p, UInt64(memory), out, length)
    }
    if status == 0 { throw openSSLFailure() }
    return key
  }

  static func addFunctions(_ m: inout MethodTable) {
    m.add(pbkdf2Function, "A key from a password, by PBKDF2 with HMAC.") { _, a, n, k in
      answer(KeyDerivation.pbkdf2Function, a, n, k) { (b) throws(PyError) in try KeyDerivation.pbkdf2(b) }
    }
    m.add(scryptFunction, "A key from a password, by scrypt.") { _, a, n, k in
      answer(KeyDerivation.scryptFunction, a, n, k) { (b) throws(PyError) in try KeyDerivation.scrypt(b) }
    }
  }
}
