// _hashlib's HMAC type, hmac_new and hmac_digest.

import CGila
import COpenSSL
import GilaCore
import Glibc

final class HMACState: NativeState {
  let context: OpaquePointer
  let lock = ObjectLock()

  override init() { context = HMAC_CTX_new() }
  deinit { HMAC_CTX_free(context) }

  var digestName: String { HMAC_CTX_get_md(context).map { Digest.pythonName($0) } ?? "?" }
  var size: Int { Int(HMAC_size(context)) }

  func update(_ data: Ref) throws(PyError) {
    let b = try hashBuffer(data)
    lock.enter()
    defer { lock.leave() }
    let (c, p, n) = (context, UnsafePointer(b.bytes), b.count)
    let status = n > 2047 ? releasingLock("hmac") { HMAC_Update(c, p, n) } : HMAC_Update(c, p, n)
    if status == 0 { throw openSSLFailure() }
  }
  func copy() throws(PyError) -> HMACState {
    let other = HMACState()
    lock.enter()
    defer { lock.leave() }
    if HMAC_CTX_copy(other.context, context) == 0 { throw openSSLFailure() }
    return other
  }
  func digest() throws(PyError) -> Owned {
    let c = try copy()
    var buffer = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var n: UInt32 = 0
    if HMAC_Final(c.context, &buffer, &n) == 0 { throw openSSLFailure() }
    return try bytesObject(buffer, Int(n))
  }
}

enum HMACObjects {
  private static let newFunction = Function("hmac_new", "($module, /, key, msg=b'', digestmod=None)")
  private static let digestFunction = Function("hmac_digest", "($module, /, key, msg, digest)")
  private static let updateMethod = Function("update", "($self, /, msg)")

  nonisolated(unsafe) static let type = {
    let t = Native.makeType("_hashlib.HMAC", flags: Native.noInstantiation)
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let name = Native.state(r!, HMACState.self).digestName
        return try string("<\(name) HMAC object @ 0x\(String(UInt(bitPattern: r!.raw), radix: 16))>")
      }
    }
    var m = MethodTable()
    m.noArguments("copy", "($self, /)", "A copy of the object.") { r, _ in
      bridge { () throws(PyError) in try Native.make(r!.type, Native.state(r!, HMACState.self).copy()) }
    }
    m.noArguments("digest", "($self, /)", "The code of what was added so far.") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, HMACState.self).digest() }
    }
    m.noArguments("hexdigest", "($self, /)", "The code as hexadecimal text.") { r, _ in
      bridge { () throws(PyError) in
        let d = try Native.state(r!, HMACState.self).digest()
        return try hexText(d.ref)
      }
    }
    m.add(updateMethod, "Add the bytes of msg.") { r, a, n, k in
      perform(HMACObjects.updateMethod, a, n, k) { (b) throws(PyError) in
        try Native.state(r!, HMACState.self).update(b[0]!)
      }
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add(
      "block_size",
      get: { r, _ in
        bridge { () throws(PyError) in
          try int(EVP_MD_get_block_size(HMAC_CTX_get_md(Native.state(r!, HMACState.self).context)))
        }
      })
    g.add(
      "digest_size",
      get: { r, _ in
        bridge { () throws(PyError) in try int(Native.state(r!, HMACState.self).size) }
      })
    g.add(
      "name",
      get: { r, _ in
        bridge { () throws(PyError) in try string("hmac-" + Native.state(r!, HMACState.self).digestName) }
      })
    t.pointee.tp_getset = g.build()
    return t
  }()

  static func addFunctions(_ m: inout MethodTable) {
    m.add(newFunction, "A new HMAC object.") { _, a, n, k in
      answer(HMACObjects.newFunction, a, n, k) { (b) throws(PyError) in
        let key = try Buffer(b[0]!)
        if key.count > Int(Int32.max) { throw overflowError("key is too long.") }
        guard let digest = b[2], !digest.isNone else { throw typeError("Missing required parameter 'digestmod'.") }
        let md = try Digest.find(HashlibModule.digestName(digest))
        defer { EVP_MD_free(md) }
        let state = HMACState()
        if HMAC_Init_ex(state.context, key.start ?? UnsafeMutableRawPointer(state.context), Int32(key.count), md, nil)
          == 0
        {
          throw openSSLFailure()
        }
        if let message = b[1], !message.isNone { try state.update(message) }
        return try Native.make(HMACObjects.type, state)
      }
    }
    m.add(digestFunction, "The code of one message.") { _, a, n, k in
      answer(HMACObjects.digestFunction, a, n, k) { (b) throws(PyError) in
        let key = try Buffer(b[0]!), message = try Buffer(b[1]!)
        let md = try Digest.find(HashlibModule.digestName(b[2]!))
        defer { EVP_MD_free(md) }
        if key.count > Int(Int32.max) { throw overflowError("key is too long.") }
        if message.count > Int(Int32.max) { throw overflowError("msg is too long.") }
        let result = UnsafeMutablePointer<UInt8>.allocate(capacity: Int(EVP_MAX_MD_SIZE))
        defer { result.deallocate() }
        var size: UInt32 = 0
        let (kp, kn, mp, mn) = (key.start ?? UnsafeMutableRawPointer(result), key.count, message.bytes, message.count)
        if releasingLock("hmac", { HMAC(md, kp, Int32(kn), mp, mn, result, &size) }) == nil { throw openSSLFailure() }
        return try bytesObject(result, Int(size))
      }
    }
  }
}
