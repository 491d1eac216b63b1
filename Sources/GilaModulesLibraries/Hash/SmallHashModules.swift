// The modules _md5, _sha1, _sha2 and _sha3: a type and a function for each digest.

import CGila
import COpenSSL
import GilaCore
import Glibc

/// One digest with its type.
final class SmallHash: @unchecked Sendable {
  let name: String
  let type: TypeRef
  private let md: OpaquePointer?
  let capacityBits: Int
  let suffix: UInt8

  init(_ typeName: StaticString, _ name: String, capacity: Int = 0, suffix: UInt8 = 0) {
    self.name = name
    capacityBits = capacity
    self.suffix = suffix
    md = EVP_MD_fetch(nil, Digest.names.first { $0.python == name }?.openSSL ?? name, nil)
    type = Native.makeType(typeName, flags: capacity == 0 ? Native.noInstantiation : 0)
    var m = MethodTable()
    DigestMethods.addCommon(&m) { r, _ in
      bridge { () throws(PyError) in try Native.make(r!.type, Native.state(r!, DigestState.self).copy()) }
    }
    if name.hasPrefix("shake") {
      SmallHash.addShake(&m)
    } else {
      DigestMethods.addFixed(&m)
    }
    type.pointee.tp_methods = m.build()
    var g = GetSetTable()
    DigestMethods.addAttributes(&g)
    if capacity != 0 { SmallHash.addSponge(&g) }
    type.pointee.tp_getset = g.build()
  }

  func make(_ data: Ref?) throws(PyError) -> Owned {
    guard let md else { throw valueError("unsupported hash type \(name)") }
    let state = try DigestState(md, name)
    if let data { try state.update(data) }
    return try Native.make(type, state)
  }

  private static func length(_ r: Ref) throws(PyError) -> Int {
    let n = try cUnsigned(r, bits: 64, "unsigned long")
    if n >= 1 << 29 { throw valueError("length is too large") }
    return Int(n)
  }
  private static func addShake(_ m: inout MethodTable) {
    m.one("digest", "($self, length, /)", "length bytes of the digest.") { r, n in
      bridge { () throws(PyError) in
        try Native.state(r!, DigestState.self).digest(length: SmallHash.length(n!))
      }
    }
    m.one("hexdigest", "($self, length, /)", "length bytes of the digest as hexadecimal text.") { r, n in
      bridge { () throws(PyError) in
        try Native.state(r!, DigestState.self).hexDigest(length: SmallHash.length(n!))
      }
    }
  }
  private static func addSponge(_ g: inout GetSetTable) {
    g.add(
      "_capacity_bits",
      get: { r, _ in
        bridge { () throws(PyError) in try int(1600 - Native.state(r!, DigestState.self).blockSize * 8) }
      })
    g.add(
      "_rate_bits",
      get: { r, _ in
        bridge { () throws(PyError) in try int(Native.state(r!, DigestState.self).blockSize * 8) }
      })
    g.add(
      "_suffix",
      get: { r, _ in
        bridge { () throws(PyError) in
          var byte: UInt8 = Native.state(r!, DigestState.self).isExtendable ? 0x1f : 6
          return try bytesObject(&byte, 1)
        }
      })
  }
}

enum SmallHashModules {
  static let md5 = SmallHash("_md5.md5", "md5")
  static let sha1 = SmallHash("_sha1.sha1", "sha1")
  static let sha2 = [
    SmallHash("_sha2.SHA224Type", "sha224"), SmallHash("_sha2.SHA256Type", "sha256"),
    SmallHash("_sha2.SHA384Type", "sha384"), SmallHash("_sha2.SHA512Type", "sha512"),
  ]
  static let sha3 = [
    SmallHash("_sha3.sha3_224", "sha3_224", capacity: 448), SmallHash("_sha3.sha3_256", "sha3_256", capacity: 512),
    SmallHash("_sha3.sha3_384", "sha3_384", capacity: 768), SmallHash("_sha3.sha3_512", "sha3_512", capacity: 1024),
    SmallHash("_sha3.shake_128", "shake_128", capacity: 256), SmallHash("_sha3.shake_256", "shake_256", capacity: 512),
  ]

  private static let text: StaticString = "($module, /, string=b'', *, usedforsecurity=True)"
  private static let md5Function = Function("md5", text)
  private static let sha1Function = Function("sha1", text)
  private static let sha2Functions = [
    Function("sha224", text), Function("sha256", text), Function("sha384", text), Function("sha512", text),
  ]
  private static func make(_ hash: SmallHash, _ f: Function, _ a: ArgumentVector?, _ n: Int, _ k: Ref?) -> Ref? {
    answer(f, a, n, k) { (b) throws(PyError) in
      _ = try cFlag(b[1], true)
      return try hash.make(b[0])
    }
  }

  nonisolated(unsafe) static let md5Definition = {
    var m = MethodTable()
    m.add(md5Function, "A new MD5 hash object.") { _, a, n, k in
      SmallHashModules.make(SmallHashModules.md5, SmallHashModules.md5Function, a, n, k)
    }
    return moduleDefinition(
      "_md5", methods: m.build(),
      exec: { module in
        bridgeStatus { () throws(PyError) in try addType(module!, "MD5Type", SmallHashModules.md5.type) }
      })
  }()
  nonisolated(unsafe) static let sha1Definition = {
    var m = MethodTable()
    m.add(sha1Function, "A new SHA1 hash object.") { _, a, n, k in
      SmallHashModules.make(SmallHashModules.sha1, SmallHashModules.sha1Function, a, n, k)
    }
    return moduleDefinition(
      "_sha1", methods: m.build(),
      exec: { module in
        bridgeStatus { () throws(PyError) in try addType(module!, "SHA1Type", SmallHashModules.sha1.type) }
      })
  }()
  nonisolated(unsafe) static let sha2Definition = {
    var m = MethodTable()
    m.add(sha2Functions[0], "A new SHA-224 hash object.") { _, a, n, k in
      SmallHashModules.make(SmallHashModules.sha2[0], SmallHashModules.sha2Functions[0], a, n, k)
    }
    m.add(sha2Functions[1], "A new SHA-256 hash object.") { _, a, n, k in
      SmallHashModules.make(SmallHashModules.sha2[1], SmallHashModules.sha2Functions[1], a, n, k)
    }
    m.add(sha2Functions[2], "A new SHA-384 hash object.") { _, a, n, k in
      SmallHashModules.make(SmallHashModules.sha2[2], SmallHashModules.sha2Functions[2], a, n, k)
    }
    m.add(sha2Functions[3], "A new SHA-512 hash object.") { _, a, n, k in
      SmallHashModules.make(SmallHashModules.sha2[3], SmallHashModules.sha2Functions[3], a, n, k)
    }
    return moduleDefinition(
      "_sha2", methods: m.build(),
      exec: { module in
        bridgeStatus { () throws(PyError) in
          let names: [StaticString] = ["SHA224Type", "SHA256Type", "SHA384Type", "SHA512Type"]
          for (name, hash) in zip(names, SmallHashModules.sha2) { try addType(module!, name, hash.type) }
        }
      })
  }()

  private static let sha3Signature = Signature("sha3", "(data=b'', /, *, usedforsecurity=True)")
  nonisolated(unsafe) static let sha3Definition = {
    for hash in sha3 {
      hash.type.pointee.tp_new = { type, args, kwargs in
        bridge { () throws(PyError) in
          let b = try SmallHashModules.sha3Signature.bind(tuple: args, dict: kwargs)
          for hash in SmallHashModules.sha3 where hash.type == type { return try hash.make(b[0]) }
          throw systemError("no digest has this type")
        }
      }
    }
    return moduleDefinition(
      "_sha3",
      exec: { module in
        bridgeStatus { () throws(PyError) in
          let names: [StaticString] = ["sha3_224", "sha3_256", "sha3_384", "sha3_512", "shake_128", "shake_256"]
          for (name, hash) in zip(names, SmallHashModules.sha3) { try addType(module!, name, hash.type) }
          try addText(module!, "implementation", "OpenSSL")
        }
      })
  }()
}
