// The module _blake2: blake2b and blake2s.

import CGila
import GilaCore
import Glibc

/// The sizes of one kind of BLAKE2.
private struct Blake2Kind {
  let name: String
  let digest, key, salt, person, offsetBits: Int
  static let b = Blake2Kind(name: "blake2b", digest: 64, key: 64, salt: 16, person: 16, offsetBits: 64)
  static let s = Blake2Kind(name: "blake2s", digest: 32, key: 32, salt: 8, person: 8, offsetBits: 48)
}

private final class Blake2State: NativeState {
  enum Value {
    case b(Blake2<UInt64>)
    case s(Blake2<UInt32>)
  }
  var value: Value
  let lock = ObjectLock()
  init(_ value: Value) { self.value = value }

  func update(_ data: Ref) throws(PyError) {
    let b = try hashBuffer(data)
    guard let p = b.bytes, b.count > 0 else { return }
    let n = b.count
    lock.enter()
    defer { lock.leave() }
    func run() {
      switch value {
      case .b(var state):
        state.update(p, n)
        value = .b(state)
      case .s(var state):
        state.update(p, n)
        value = .s(state)
      }
    }
    if n > 2047 { releasingLock("hash", run) } else { run() }
  }
  func digest() throws(PyError) -> Owned {
    lock.enter()
    defer { lock.leave() }
    let bytes =
      switch value {
      case .b(let state): state.digest()
      case .s(let state): state.digest()
      }
    return try bytesObject(bytes, bytes.count)
  }
  var digestSize: Int {
    switch value {
    case .b(let state): state.digestSize
    case .s(let state): state.digestSize
    }
  }
  var kind: Blake2Kind {
    switch value {
    case .b: .b
    case .s: .s
    }
  }
}

enum Blake2Module {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_blake2", doc: "BLAKE2b and BLAKE2s.",
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try Blake2Module.add(module!, "blake2b", "BLAKE2B", Blake2Module.typeB, .b)
        try Blake2Module.add(module!, "blake2s", "BLAKE2S", Blake2Module.typeS, .s)
      }
    })

  private static func add(
    _ module: Ref, _ name: StaticString, _ prefix: String, _ type: TypeRef, _ kind: Blake2Kind
  ) throws(PyError) {
    try addType(module, name, type)
    let sizes = [
      ("SALT_SIZE", kind.salt), ("PERSON_SIZE", kind.person), ("MAX_KEY_SIZE", kind.key),
      ("MAX_DIGEST_SIZE", kind.digest),
    ]
    for (key, value) in sizes {
      let number = try int(value)
      try check(PyDict_SetItemString(_PyType_GetDict(type), key, number.ref))
      try check(PyModule_AddIntConstant(module, "\(prefix)_\(key)", value))
    }
    PyType_Modified(type)
  }

  private static let signatures = ["blake2b", "blake2s"].map {
    Signature(
      $0,
      "(data=b'', /, *, digest_size=0, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True)"
    )
  }

  private static func parameters(_ b: Bound, _ kind: Blake2Kind) throws(PyError) -> (
    block: [UInt8], size: Int, key: [UInt8]
  ) {
    var block = [UInt8](repeating: 0, count: kind.digest)
    let size = try cInt(b[1], Int32(kind.digest))
    if size <= 0 || size > kind.digest {
      throw valueError("digest_size must be between 1 and \(kind.digest) bytes")
    }
    block[0] = UInt8(size)
    func bytes(_ i: Int, _ name: String, _ most: Int) throws(PyError) -> [UInt8] {
      guard let r = b[i] else { return [] }
      let buffer = try Buffer(r)
      if buffer.count > most { throw valueError("maximum \(name) length is \(most) bytes") }
      return Array(UnsafeBufferPointer(start: buffer.bytes, count: buffer.count))
    }
    let salt = try bytes(3, "salt", kind.salt), person = try bytes(4, "person", kind.person)
    let fanout = try cInt(b[5], 1)
    if fanout < 0 || fanout > 255 { throw valueError("fanout must be between 0 and 255") }
    let depth = try cInt(b[6], 1)
    if depth <= 0 || depth > 255 { throw valueError("depth must be between 1 and 255") }
    let leaf = b[7] == nil ? 0 : try cUnsigned(b[7]!, bits: 64, "unsigned long")
    if leaf > 0xffff_ffff { throw overflowError("leaf_size is too large") }
    var offset: UInt64 = 0
    if let r = b[8] {
      if r.isLong, _PyLong_Sign(r) < 0 { throw valueError("value must be positive") }
      offset = PyLong_AsUnsignedLongLong(r)
      if offset == UInt64.max, errorIsSet { throw PyError() }
    }
    if kind.offsetBits < 64, offset >> UInt64(kind.offsetBits) != 0 { throw overflowError("node_offset is too large") }
    let nodeDepth = try cInt(b[9], 0)
    if nodeDepth < 0 || nodeDepth > 255 { throw valueError("node_depth must be between 0 and 255") }
    let inner = try cInt(b[10], 0)
    if inner < 0 || inner > kind.digest { throw valueError("inner_size must be between 0 and is \(kind.digest)") }
    let key = try bytes(2, "key", kind.key)

    (block[1], block[2], block[3]) = (UInt8(key.count), UInt8(fanout), UInt8(depth))
    for i in 0..<4 { block[4 + i] = UInt8(truncatingIfNeeded: leaf >> UInt64(i * 8)) }
    for i in 0..<kind.offsetBits / 8 { block[8 + i] = UInt8(truncatingIfNeeded: offset >> UInt64(i * 8)) }
    let behind = 8 + kind.offsetBits / 8
    (block[behind], block[behind + 1]) = (UInt8(nodeDepth), UInt8(inner))
    let saltAt = kind.digest - kind.salt - kind.person
    for (i, byte) in salt.enumerated() { block[saltAt + i] = byte }
    for (i, byte) in person.enumerated() { block[saltAt + kind.salt + i] = byte }
    return (block, Int(size), key)
  }

  private static func make(
    _ type: TypeRef, _ args: Ref?, _ kwargs: Ref?, _ kind: Blake2Kind, _ index: Int
  ) throws(PyError) -> Owned {
    let b = try signatures[index].bind(tuple: args, dict: kwargs)
    let p = try parameters(b, kind)
    let last = try cFlag(b[11], false)
    let value: Blake2State.Value =
      index == 0
      ? .b(Blake2(parameters: p.block, digestSize: p.size, lastNode: last, key: p.key))
      : .s(Blake2(parameters: p.block, digestSize: p.size, lastNode: last, key: p.key))
    let state = Blake2State(value)
    if let data = b[0] { try state.update(data) }
    return try Native.make(type, state)
  }

  nonisolated(unsafe) private static let typeB = {
    let t = makeType("_blake2.blake2b")
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in try Blake2Module.make(type!, args, kwargs, .b, 0) }
    }
    return t
  }()
  nonisolated(unsafe) private static let typeS = {
    let t = makeType("_blake2.blake2s")
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in try Blake2Module.make(type!, args, kwargs, .s, 1) }
    }
    return t
  }()

  private static func makeType(_ name: StaticString) -> TypeRef {
    let t = Native.makeType(name)
    var m = MethodTable()
    m.noArguments("copy", "($self, /)", "A copy of the hash object.") { r, _ in
      bridge { () throws(PyError) in
        try Native.make(r!.type, Blake2State(Native.state(r!, Blake2State.self).value))
      }
    }
    m.one("update", "($self, data, /)", "Add the bytes of data.") { r, data in
      bridgeNone { () throws(PyError) in try Native.state(r!, Blake2State.self).update(data!) }
    }
    m.noArguments("digest", "($self, /)", "The digest as bytes.") { r, _ in
      bridge { () throws(PyError) in try Native.state(r!, Blake2State.self).digest() }
    }
    m.noArguments("hexdigest", "($self, /)", "The digest as hexadecimal text.") { r, _ in
      bridge { () throws(PyError) in
        let d = try Native.state(r!, Blake2State.self).digest()
        return try hexText(d.ref)
      }
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add(
      "name",
      get: { r, _ in
        bridge { () throws(PyError) in try string(Native.state(r!, Blake2State.self).kind.name) }
      })
    g.add(
      "block_size",
      get: { r, _ in
        bridge { () throws(PyError) in try int(Native.state(r!, Blake2State.self).kind.digest * 2) }
      })
    g.add(
      "digest_size",
      get: { r, _ in
        bridge { () throws(PyError) in try int(Native.state(r!, Blake2State.self).digestSize) }
      })
    t.pointee.tp_getset = g.build()
    return t
  }
}
