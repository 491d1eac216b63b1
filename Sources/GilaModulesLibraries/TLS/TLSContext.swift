// The state of an _SSLContext and what it loads.

import CGila
import COpenSSL
import GilaCore
import Glibc

final class TLSContext: NativeState {
  let context: OpaquePointer
  let protocolNumber: Int32
  var checksHostname = false
  var hostFlags = UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
  var postHandshake = false
  var alpn: [UInt8] = []
  var serverName: Ref?, messageHook: Ref?, keylogName: Ref?, pskClient: Ref?, pskServer: Ref?
  var keylog: OpaquePointer?

  init(_ context: OpaquePointer, _ number: Int32) {
    self.context = context
    protocolNumber = number
  }
  deinit {
    SSL_CTX_free(context)
    BIO_free_all(keylog)
    for r in [serverName, messageHook, keylogName, pskClient, pskServer] { xdecref(r) }
  }
  override func traverse(_ visit: visitproc, _ c: UnsafeMutableRawPointer?) -> Int32 {
    for r in [serverName, messageHook, pskClient, pskServer] {
      let status = visiting(r, visit, c)
      if status != 0 { return status }
    }
    return 0
  }
  override func clear() {
    let all = [serverName, messageHook, pskClient, pskServer]
    (serverName, messageHook, pskClient, pskServer) = (nil, nil, nil, nil)
    for r in all { xdecref(r) }
  }

  // MARK: making

  static func make(_ type: TypeRef, _ number: Int32) throws(PyError) -> Owned {
    let method: OpaquePointer?
    switch number {
    case 2, 16, 17:
      if number == 2 { try warn("ssl.PROTOCOL_TLS is deprecated") }
      method = number == 16 ? TLS_client_method() : number == 17 ? TLS_server_method() : TLS_method()
    case 3:
      try warn("ssl.PROTOCOL_TLSv1 is deprecated")
      method = TLSv1_method()
    case 4:
      try warn("ssl.PROTOCOL_TLSv1_1 is deprecated")
      method = TLSv1_1_method()
    case 5:
      try warn("ssl.PROTOCOL_TLSv1_2 is deprecated")
      method = TLSv1_2_method()
    default: throw valueError("invalid or unsupported protocol version \(number)")
    }
    ERR_clear_error()
    guard let c = SSL_CTX_new(method) else { throw TLSErrors.last() }
    let s = TLSContext(c, number)
    if number == 16 {
      s.checksHostname = true
      try s.setVerifyMode(2)
    } else {
      try s.setVerifyMode(0)
    }
    var options = gila_tls_op_all() & ~(UInt64(1) << 11)
    options |= UInt64(1) << 25 | UInt64(1) << 17 | UInt64(1) << 22
    SSL_CTX_set_options(c, options)
    gila_tls_set_mode(c, gila_tls_mode_common())
    if SSL_CTX_set_cipher_list(c, TLSModule.defaultCiphers) == 0 { throw TLSErrors.plain("No cipher can be selected.") }
    SSL_CTX_set_session_id_context(c, gila_sid_context(), 6)
    let parameters = SSL_CTX_get0_param(c)
    X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_TRUSTED_FIRST))
    X509_VERIFY_PARAM_set_hostflags(parameters, s.hostFlags)
    SSL_CTX_set_post_handshake_auth(c, 0)
    return try Native.make(type, s)
  }
  private static func warn(_ text: String) throws(PyError) {
    try check(PyErr_WarnEx(Exc.DeprecationWarning.object, text, 2))
  }

  // MARK: settings

  var verifyMode: Int32 {
    let m = SSL_CTX_get_verify_mode(context)
    if m & SSL_VERIFY_PEER == 0 { return 0 }
    return m & SSL_VERIFY_FAIL_IF_NO_PEER_CERT != 0 ? 2 : 1
  }
  func setVerifyMode(_ n: Int32) throws(PyError) {
    var mode: Int32
    switch n {
    case 0:
      if checksHostname {
        throw valueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
      }
      mode = SSL_VERIFY_NONE
    case 1: mode = SSL_VERIFY_PEER
    case 2: mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
    default: throw valueError("invalid value for verify_mode")
    }
    SSL_CTX_set_verify(context, mode, SSL_CTX_get_verify_callback(context))
  }
  func setVersion(_ n: Int32, minimum: Bool) throws(PyError) {
    if protocolNumber != 2, protocolNumber != 16, protocolNumber != 17 {
      throw valueError("The context's protocol doesn't support modification of highest and lowest version.")
    }
    if ![-2, -1, 0x300, 0x301, 0x302, 0x303, 0x304].contains(n) {
      throw valueError("Unsupported TLS/SSL version 0x\(String(UInt32(bitPattern: n), radix: 16))")
    }
    if n == 0x301 || n == 0x302 || n == 0x300 {
      let name = n == 0x300 ? "SSLv3" : n == 0x301 ? "TLSv1" : "TLSv1_1"
      try check(PyErr_WarnEx(Exc.DeprecationWarning.object, "ssl.TLSVersion.\(name) is deprecated", 2))
    }
    var v = n
    if minimum { v = n == -2 ? 0 : n == -1 ? 0x304 : n } else { v = n == -1 ? 0 : n == -2 ? 0x300 : n }
    if (minimum ? gila_tls_set_min(context, v) : gila_tls_set_max(context, v)) == 0 {
      throw valueError("Unsupported protocol version 0x\(String(UInt32(bitPattern: v), radix: 16))")
    }
  }

  // MARK: certificates

  /// What a key's password is asked with, while a key is loaded.
  private final class Password {
    var bytes: [UInt8] = []
    var function: Ref?
    var failed = false
    func take(_ r: Ref, _ message: String) throws(PyError) {
      if r.isUnicode {
        var n = 0
        guard let p = PyUnicode_AsUTF8AndSize(r, &n) else { throw PyError() }
        bytes = UnsafeBufferPointer(start: p, count: n).map { UInt8(bitPattern: $0) }
      } else if r.isBytes || r.isInstance(of: Types.byteArray) {
        let b = try Buffer(r)
        bytes = Array(UnsafeBufferPointer(start: b.bytes, count: b.count))
      } else {
        throw typeError(message)
      }
      if bytes.count > Int(Int32.max) { throw valueError("password cannot be longer than \(Int32.max) bytes") }
    }
  }
  private static let askPassword:
    @Sendable @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = {
      buffer, size, _, context in
      guard let buffer, let context else { return -1 }
      let p = Unmanaged<Password>.fromOpaque(context).takeUnretainedValue()
      do throws(PyError) {
        if p.failed { throw PyError() }
        if let f = p.function {
          let answer = try owned(PyObject_CallNoArgs(f))
          try p.take(answer.ref, "password callback must return a string")
        }
        if p.bytes.count > Int(size) { throw valueError("password cannot be longer than \(size) bytes") }
        for (i, byte) in p.bytes.enumerated() { buffer[i] = CChar(bitPattern: byte) }
        return Int32(p.bytes.count)
      } catch {
        p.failed = true
        return -1
      }
    }
  private func path(_ r: Ref, _ message: String) throws(PyError) -> Owned {
    var bytes: Ref? = nil
    if PyUnicode_FSConverter(r, &bytes) == 0 {
      if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 {
        PyErr_Clear()
        throw typeError(message)
      }
      throw PyError()
    }
    return try owned(bytes)
  }
  private func fail(_ p: Password?) -> PyError {
    if p?.failed == true || errorIsSet {
      ERR_clear_error()
      return PyError()
    }
    if errno != 0 {
      let e = errno
      ERR_clear_error()
      errno = e
      PyErr_SetFromErrno(Exc.OSError.object)
      return PyError()
    }
    return TLSErrors.last()
  }

  func loadCertificateChain(_ certificate: Ref, _ key: Ref?, _ password: Ref?) throws(PyError) {
    let file = try path(certificate, "certfile should be a valid filesystem path")
    let keyFile =
      key == nil || key!.isNone
      ? Owned(retaining: file.ref) : try path(key!, "keyfile should be a valid filesystem path")
    let p = Password()
    let oldCallback = SSL_CTX_get_default_passwd_cb(context), oldData = SSL_CTX_get_default_passwd_cb_userdata(context)
    if let password, !password.isNone {
      if PyCallable_Check(password) != 0 {
        p.function = password
      } else {
        try p.take(password, "password should be a string or callable")
      }
      SSL_CTX_set_default_passwd_cb(context, TLSContext.askPassword)
      SSL_CTX_set_default_passwd_cb_userdata(context, Unmanaged.passUnretained(p).toOpaque())
    }
    defer {
      SSL_CTX_set_default_passwd_cb(context, oldCallback)
      SSL_CTX_set_default_passwd_cb_userdata(context, oldData)
    }
    // The callback needs the interpreter's lock, so it is kept; files are local and short.
    errno = 0
    ERR_clear_error()
    if SSL_CTX_use_certificate_chain_file(context, PyBytes_AsString(file.ref)) != 1 { throw fail(p) }
    errno = 0
    if SSL_CTX_use_PrivateKey_file(context, PyBytes_AsString(keyFile.ref), 1) != 1 { throw fail(p) }
    if SSL_CTX_check_private_key(context) != 1 { throw TLSErrors.last() }
    _ = withExtendedLifetime(p) { 0 }
  }

  func loadVerifyLocations(_ file: Ref?, _ directory: Ref?, _ data: Ref?) throws(PyError) {
    let file = file.flatMap { $0.isNone ? nil : $0 }, directory = directory.flatMap { $0.isNone ? nil : $0 }
    let data = data.flatMap { $0.isNone ? nil : $0 }
    if file == nil, directory == nil, data == nil {
      throw typeError("cafile, capath and cadata cannot be all omitted")
    }
    let f = file == nil ? noneOwned() : try path(file!, "cafile should be a valid filesystem path")
    let d = directory == nil ? noneOwned() : try path(directory!, "capath should be a valid filesystem path")
    if let data {
      if data.isUnicode {
        guard let ascii = PyUnicode_AsASCIIString(data) else {
          if PyErr_ExceptionMatches(Exc.UnicodeEncodeError.object) != 0 {
            PyErr_Clear()
            throw typeError("cadata should be an ASCII string or a bytes-like object")
          }
          throw PyError()
        }
        let held = Owned(taking: ascii)
        try addAuthorities(PyBytes_AsString(held.ref), held.ref.size, pem: true)
      } else if PyObject_CheckBuffer(data) != 0 {
        let b = try Buffer(data)
        try addAuthorities(b.start, b.count, pem: false)
      } else {
        throw typeError("cadata should be an ASCII string or a bytes-like object")
      }
    }
    if file != nil || directory != nil {
      let c = context
      let fp = file == nil ? nil : PyBytes_AsString(f.ref), dp = directory == nil ? nil : PyBytes_AsString(d.ref)
      errno = 0
      let status = releasingLock("load certificates") { SSL_CTX_load_verify_locations(c, fp, dp) }
      if status != 1 { throw fail(nil) }
    }
  }
  private func addAuthorities(_ p: UnsafeRawPointer?, _ n: Int, pem: Bool) throws(PyError) {
    if n == 0 { throw valueError("Empty certificate data") }
    if n > Int(Int32.max) { throw overflowError("Certificate data is too long.") }
    guard let bio = BIO_new_mem_buf(p, Int32(n)) else { throw TLSErrors.last("Can't allocate buffer") }
    defer { BIO_free(bio) }
    ERR_clear_error()
    let store = SSL_CTX_get_cert_store(context)
    var loaded = 0
    while true {
      if !pem, loaded > 0, gila_bio_eof(bio) != 0 { return }
      let x = pem ? gila_read_pem(bio) : d2i_X509_bio(bio, nil)
      guard let x else {
        if loaded == 0 {
          ERR_clear_error()
          throw TLSErrors.make(
            LibraryObject.tlsError.exception, 0,
            pem
              ? "no start line: cadata does not contain a certificate"
              : "not enough data: cadata does not contain a certificate")
        }
        if !pem || gila_last_error_is_end_of_pem() == 0 { throw TLSErrors.last() }
        ERR_clear_error()
        return
      }
      defer { X509_free(x) }
      if X509_STORE_add_cert(store, x) != 1 {
        if gila_error_is_duplicate() == 0 { throw TLSErrors.last() }
        ERR_clear_error()
      }
      loaded += 1
    }
  }

  func authorities(der: Bool) throws(PyError) -> Owned {
    let list = try owned(PyList_New(0))
    let objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context))
    for i in 0..<gila_objects_count(objects) {
      guard let x = X509_OBJECT_get0_X509(gila_objects_at(objects, i)), X509_check_ca(x) != 0 else { continue }
      try append(list.ref, der ? TLSCertificate.der(x) : TLSCertificate.decode(x))
    }
    return list
  }
  func storeStatistics() throws(PyError) -> Owned {
    var (certificates, lists, authorities) = (0, 0, 0)
    let objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context))
    for i in 0..<gila_objects_count(objects) {
      let o = gila_objects_at(objects, i)
      if let x = X509_OBJECT_get0_X509(o) {
        certificates += 1
        if X509_check_ca(x) != 0 { authorities += 1 }
      } else if X509_OBJECT_get0_X509_CRL(o) != nil {
        lists += 1
      }
    }
    let d = try owned(PyDict_New())
    try set(d.ref, "x509", int(certificates))
    try set(d.ref, "crl", int(lists))
    try set(d.ref, "x509_ca", int(authorities))
    return d
  }

  func ciphers() throws(PyError) -> Owned {
    guard let ssl = SSL_new(context) else { throw TLSErrors.last() }
    defer { SSL_free(ssl) }
    let all = SSL_get_ciphers(ssl)
    let list = try owned(PyList_New(0))
    for i in 0..<gila_cipher_count(all) { if let c = gila_cipher_at(all, i) { try append(list.ref, describe(c)) } }
    return list
  }
  private func describe(_ c: OpaquePointer) throws(PyError) -> Owned {
    func text(_ p: UnsafePointer<CChar>?) throws(PyError) -> Owned {
      p == nil ? noneOwned() : try string(String(cString: p!))
    }
    func long(_ nid: Int32) throws(PyError) -> Owned { nid == 0 ? noneOwned() : try text(OBJ_nid2ln(nid)) }
    let d = try owned(PyDict_New())
    var algorithmBits: Int32 = 0
    let strength = SSL_CIPHER_get_bits(c, &algorithmBits)
    var buffer = [CChar](repeating: 0, count: 512)
    SSL_CIPHER_description(c, &buffer, 511)
    var description = buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    if let end = description.firstIndex(of: "\n") { description = String(description[..<end]) }
    try set(d.ref, "id", int(SSL_CIPHER_get_id(c)))
    try set(d.ref, "name", text(SSL_CIPHER_get_name(c)))
    try set(d.ref, "protocol", text(SSL_CIPHER_get_version(c)))
    try set(d.ref, "description", string(description))
    try set(d.ref, "strength_bits", int(strength))
    try set(d.ref, "alg_bits", int(algorithmBits))
    try set(d.ref, "aead", bool(SSL_CIPHER_is_aead(c) != 0))
    try set(d.ref, "symmetric", long(SSL_CIPHER_get_cipher_nid(c)))
    try set(d.ref, "digest", long(SSL_CIPHER_get_digest_nid(c)))
    try set(d.ref, "kea", long(SSL_CIPHER_get_kx_nid(c)))
    try set(d.ref, "auth", long(SSL_CIPHER_get_auth_nid(c)))
    return d
  }

  func setALPN(_ protocols: Ref) throws(PyError) {
    let b = try Buffer(protocols)
    alpn = Array(UnsafeBufferPointer(start: b.bytes, count: b.count))
    if SSL_CTX_set_alpn_protos(context, alpn, UInt32(alpn.count)) != 0 { throw memoryError() }
    SSL_CTX_set_alpn_select_cb(
      context,
      { _, out, outCount, offered, offeredCount, arg in
        let s = Unmanaged<TLSContext>.fromOpaque(arg!).takeUnretainedValue()
        let chosen = s.alpn.withUnsafeBufferPointer { mine -> Int32 in
          var p: UnsafeMutablePointer<UInt8>? = nil
          let status = SSL_select_next_proto(&p, outCount, mine.baseAddress, UInt32(mine.count), offered, offeredCount)
          out?.pointee = p.map { UnsafePointer($0) }
          return status
        }
        return chosen == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}
