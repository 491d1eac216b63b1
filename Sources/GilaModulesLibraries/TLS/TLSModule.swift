// The module _ssl: the type of connections, functions and constants.

import CGila
import COpenSSL
import GilaCore
import Glibc

enum TLSModule {
  static let defaultCiphers = "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"

  nonisolated(unsafe) static let definition = moduleDefinition(
    "_ssl", doc: "TLS by OpenSSL, for the module ssl.", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try TLSModule.fill(module!) } })

  nonisolated(unsafe) static let contextType = {
    let t = Native.makeType("_ssl._SSLContext", flags: Native.subclassable, collected: true)
    TLSContextType.define(t)
    return t
  }()

  // MARK: the type of connections

  private static let bindingFunction = Function("get_channel_binding", "($self, /, cb_type='tls-unique')")
  private static func state(_ r: Ref?) -> TLSSocket { Native.state(r!) }

  nonisolated(unsafe) static let socketType = {
    let t = Native.makeType("_ssl._SSLSocket", flags: Native.noInstantiation, collected: true)
    var m = MethodTable()
    m.noArguments("do_handshake", "($self, /)") { r, _ in
      bridgeNone { () throws(PyError) in try TLSModule.state(r).handshake() }
    }
    m.one("write", "($self, b, /)", "Write bytes; returns how many.") { r, data in
      bridge { () throws(PyError) in try TLSModule.state(r).write(data!) }
    }
    m.positional("read", "", "read(size, [buffer])\nRead up to size bytes, into the buffer if there is one.") {
      r, a, n in
      bridge { () throws(PyError) in
        try checkCount("read", n, 1, 2)
        return try TLSModule.state(r).read(a, n)
      }
    }
    m.noArguments("pending", "($self, /)", "The number of decrypted bytes that wait.") { r, _ in
      PyLong_FromLong(Int(SSL_pending(TLSModule.state(r).ssl)))
    }
    m.positional("getpeercert", "($self, der=False, /)", "The certificate of the other side.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("getpeercert", n, 0, 1)
        return try TLSModule.state(r).certificate(der: n == 1 ? truth(a![0]!) : false)
      }
    }
    m.add(bindingFunction, "What binds other protocols to this connection.") { r, a, n, k in
      answer(TLSModule.bindingFunction, a, n, k) { (b) throws(PyError) in
        let kind =
          b[0] == nil ? "tls-unique" : String(cString: try cText(b[0]!, "get_channel_binding", "argument 'cb_type'"))
        return try TLSModule.state(r).channelBinding(kind)
      }
    }
    m.noArguments("cipher", "($self, /)") { r, _ in bridge { () throws(PyError) in try TLSModule.state(r).cipher() } }
    m.noArguments("shared_ciphers", "($self, /)") { r, _ in
      bridge { () throws(PyError) in try TLSModule.state(r).sharedCiphers() }
    }
    m.noArguments("version", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        let ssl = TLSModule.state(r).ssl
        if SSL_is_init_finished(ssl) == 0 { return noneOwned() }
        let name = SSL_get_version(ssl).map { String(cString: $0) } ?? "unknown"
        return name == "unknown" ? noneOwned() : try string(name)
      }
    }
    m.noArguments("selected_alpn_protocol", "($self, /)") { r, _ in
      bridge { () throws(PyError) in try TLSModule.state(r).alpn() }
    }
    m.noArguments("compression", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        guard let c = SSL_get_current_compression(TLSModule.state(r).ssl), let p = SSL_COMP_get_name(c) else {
          return noneOwned()
        }
        return try string(String(cString: p))
      }
    }
    m.noArguments("shutdown", "($self, /)", "End the encrypted conversation; returns the socket.") { r, _ in
      bridge { () throws(PyError) in try TLSModule.state(r).shutdown() }
    }
    m.noArguments("verify_client_post_handshake", "($self, /)", "Ask for the client's certificate now.") { r, _ in
      bridgeNone { () throws(PyError) in
        if SSL_verify_client_post_handshake(TLSModule.state(r).ssl) == 0 { throw TLSErrors.last() }
      }
    }
    m.noArguments("get_unverified_chain", "($self, /)") { r, _ in
      bridge { () throws(PyError) in try TLSModule.state(r).chain(verified: false) }
    }
    m.noArguments("get_verified_chain", "($self, /)") { r, _ in
      bridge { () throws(PyError) in try TLSModule.state(r).chain(verified: true) }
    }
    t.pointee.tp_methods = m.build()

    var g = GetSetTable()
    g.add(
      "context", "The context of the connection; a server-name function may set another.",
      get: { r, _ in
        newRef(TLSModule.state(r).contextObject)
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v, v.isInstance(of: TLSModule.contextType) else {
            throw typeError("The value must be a SSLContext")
          }
          let s = TLSModule.state(r)
          SSL_set_SSL_CTX(s.ssl, Native.state(v, TLSContext.self).context)
          // The connection keeps its own modes of verification; those of the new context count.
          let c = Native.state(v, TLSContext.self).context
          SSL_set_verify(s.ssl, SSL_CTX_get_verify_mode(c), SSL_CTX_get_verify_callback(c))
          let old = s.contextObject
          s.contextObject = newRef(v)
          decref(old)
        }
      })
    g.add(
      "server_side", "Whether this is a server's side.", get: { r, _ in newRef(pyBool(TLSModule.state(r).isServer)) })
    g.add(
      "server_hostname", "The name the client asked for.",
      get: { r, _ in
        newRef(TLSModule.state(r).serverHostname ?? none)
      })
    g.add(
      "owner", "The Python object in front of this one.",
      get: { r, _ in
        TLSSocket.target(TLSModule.state(r).owner) ?? none
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          let s = TLSModule.state(r)
          let w = try owned(PyWeakref_NewRef(v, nil))
          let old = s.owner
          s.owner = w.take()
          xdecref(old)
        }
      })
    g.add(
      "session", "The session, to resume it later.",
      get: { r, _ in
        bridge { () throws(PyError) in
          guard let session = SSL_get1_session(TLSModule.state(r).ssl) else { return noneOwned() }
          // A copy: the connection goes on changing its own.
          defer { SSL_SESSION_free(session) }
          let state = TLSModule.state(r)
          if state.isServer || SSL_is_init_finished(state.ssl) == 0 {
            if SSL_SESSION_is_resumable(session) == 0, !state.isServer { return noneOwned() }
          }
          guard let copy = SSL_SESSION_dup(session) else { throw TLSErrors.last() }
          return try Native.make(TLSSession.type, TLSSession.State(taking: copy, SSL_get_SSL_CTX(state.ssl)))
        }
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          try TLSModule.state(r).setSession(v)
        }
      })
    g.add(
      "session_reused", "Whether an earlier session was resumed.",
      get: { r, _ in
        newRef(pyBool(SSL_session_reused(TLSModule.state(r).ssl) != 0))
      })
    t.pointee.tp_getset = g.build()
    return t
  }()

  // MARK: functions

  private static let textFunction = Function("txt2obj", "($module, /, txt, name=False)")

  private static func describe(_ object: OpaquePointer) throws(PyError) -> Owned {
    let nid = OBJ_obj2nid(object)
    if nid == 0 { throw valueError("Unknown object") }
    func text(_ p: UnsafePointer<CChar>?) throws(PyError) -> Owned {
      p == nil ? noneOwned() : try string(String(cString: p!))
    }
    let n = try int(nid), short = try text(OBJ_nid2sn(nid)), long = try text(OBJ_nid2ln(nid))
    var buffer = [CChar](repeating: 0, count: 128)
    let count = OBJ_obj2txt(&buffer, 128, object, 1)
    let oid =
      count > 0 ? try buffer.withUnsafeBufferPointer { (b) throws(PyError) in String(cString: b.baseAddress!) } : nil
    let dotted = oid == nil ? noneOwned() : try string(oid!)
    return try tuple(n.ref, short.ref, long.ref, dotted.ref)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("_test_decode_cert", "($module, path, /)", "The dict of a certificate in a file.") { _, path in
      bridge { () throws(PyError) in
        var bytes: Ref? = nil
        if PyUnicode_FSConverter(path, &bytes) == 0 { throw PyError() }
        let held = try owned(bytes)
        guard let bio = BIO_new_file(PyBytes_AsString(held.ref), "r") else {
          ERR_clear_error()
          throw TLSErrors.plain("Can't open file")
        }
        defer { BIO_free(bio) }
        guard let x = PEM_read_bio_X509(bio, nil, nil, nil) else {
          ERR_clear_error()
          throw TLSErrors.plain("Error decoding PEM-encoded file")
        }
        defer { X509_free(x) }
        return try TLSCertificate.decode(x)
      }
    }
    m.positional("RAND_add", "($module, string, entropy, /)", "Mix bytes into OpenSSL's random numbers.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("RAND_add", n, 2, 2)
        let r = a![0]!
        let bytes = r.isUnicode ? try owned(PyUnicode_AsUTF8String(r)) : Owned(retaining: r)
        let b = try Buffer(bytes.ref)
        RAND_add(b.start, Int32(clamping: b.count), try cDouble(a![1]!))
      }
    }
    m.one("RAND_bytes", "($module, n, /)", "n random bytes.") { _, r in
      bridge { () throws(PyError) in
        let n = try cInt(r!)
        if n < 0 { throw valueError("num must be positive") }
        let result = try owned(PyBytes_FromStringAndSize(nil, Int(n)))
        let p = UnsafeMutableRawPointer(PyBytes_AsString(result.ref)).assumingMemoryBound(to: UInt8.self)
        if RAND_bytes(p, n) != 1 { throw TLSErrors.last() }
        return result
      }
    }
    m.noArguments("RAND_status", "($module, /)", "Whether random numbers are ready.") { _, _ in
      newRef(pyBool(RAND_status() == 1))
    }
    m.noArguments("get_default_verify_paths", "($module, /)", "Where the system keeps authorities.") { _, _ in
      bridge { () throws(PyError) in
        let a = try owned(PyUnicode_DecodeFSDefault(X509_get_default_cert_file_env()))
        let b = try owned(PyUnicode_DecodeFSDefault(X509_get_default_cert_file()))
        let c = try owned(PyUnicode_DecodeFSDefault(X509_get_default_cert_dir_env()))
        let d = try owned(PyUnicode_DecodeFSDefault(X509_get_default_cert_dir()))
        return try tuple(a.ref, b.ref, c.ref, d.ref)
      }
    }
    m.add(textFunction, "The object of a dotted number, or of a name.") { _, a, n, k in
      answer(TLSModule.textFunction, a, n, k) { (b) throws(PyError) in
        let p = try cText(b[0]!, "txt2obj", "argument 'txt'")
        let names = try cFlag(b[1], false)
        guard let object = OBJ_txt2obj(p, names ? 0 : 1) else {
          ERR_clear_error()
          throw valueError("unknown object '\(String(String(cString: p).prefix(100)))'")
        }
        defer { ASN1_OBJECT_free(object) }
        return try TLSModule.describe(object)
      }
    }
    m.one("nid2obj", "($module, nid, /)", "The object of OpenSSL's number.") { _, r in
      bridge { () throws(PyError) in
        let nid = try cInt(r!)
        if nid < 0 { throw valueError("NID must be positive.") }
        guard let object = OBJ_nid2obj(nid) else {
          ERR_clear_error()
          throw valueError("unknown NID \(nid)")
        }
        return try TLSModule.describe(object)
      }
    }
    return m.build()
  }

  private static func fill(_ module: Ref) throws(PyError) {
    try addType(module, "_SSLContext", contextType)
    try addType(module, "_SSLSocket", socketType)
    try addType(module, "MemoryBIO", TLSMemory.type)
    try addType(module, "SSLSession", TLSSession.type)
    try addType(module, "Certificate", TLSCertificate.type)
    try TLSErrors.add(to: module)
    try TLSConstants.add(to: module)
  }
}
