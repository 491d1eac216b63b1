// The state of an _SSLSocket: a TLS connection over a socket or two memory BIOs.

import CGila
import COpenSSL
import GilaCore
import Glibc

final class TLSSocket: NativeState {
  let ssl: OpaquePointer
  /// The _SSLContext, owned.
  var contextObject: Ref
  /// A weak reference to the socket; nil over memory BIOs.
  var socket: Ref?
  /// A weak reference to the Python object in front.
  var owner: Ref?
  var serverHostname: Ref?
  let isServer: Bool
  let lock = ObjectLock()
  private var shutdownSeenZero = false
  /// An exception that a callback raised during a call of OpenSSL.
  var pendingError: Ref?

  init(_ ssl: OpaquePointer, _ context: Ref, server: Bool) {
    self.ssl = ssl
    contextObject = newRef(context)
    isServer = server
    super.init()
    SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
  }
  deinit {
    SSL_free(ssl)
    decref(contextObject)
    for r in [socket, owner, serverHostname, pendingError] { xdecref(r) }
  }
  override func traverse(_ visit: visitproc, _ c: UnsafeMutableRawPointer?) -> Int32 {
    let status = visiting(contextObject, visit, c)
    return status != 0 ? status : visiting(pendingError, visit, c)
  }
  static func of(_ ssl: OpaquePointer?) -> TLSSocket? {
    guard let p = SSL_get_ex_data(ssl, 0) else { return nil }
    return Unmanaged<TLSSocket>.fromOpaque(p).takeUnretainedValue()
  }
  var context: TLSContext { Native.state(contextObject) }

  /// What a weak reference refers to; nil when it is gone.
  static func target(_ weak: Ref?) -> Ref? {
    guard let weak else { return nil }
    var r: Ref? = nil
    if PyWeakref_GetRef(weak, &r) <= 0 { PyErr_Clear() }
    return r
  }

  // MARK: making

  static func make(
    _ contextObject: Ref, socket: Ref?, bios: (Ref, Ref)?, server: Bool, hostname: Ref?, owner: Ref?, session: Ref?
  ) throws(PyError) -> Owned {
    let context = Native.state(contextObject, TLSContext.self)
    if server, context.protocolNumber == 16 {
      throw TLSErrors.plain("Cannot create a server socket with a PROTOCOL_TLS_CLIENT context")
    }
    if !server, context.protocolNumber == 17 {
      throw TLSErrors.plain("Cannot create a client socket with a PROTOCOL_TLS_SERVER context")
    }
    ERR_clear_error()
    guard let ssl = SSL_new(context.context) else { throw TLSErrors.last() }
    let s = TLSSocket(ssl, contextObject, server: server)
    if let bios {
      for (i, r) in [bios.0, bios.1].enumerated() {
        let bio = Native.state(r, TLSMemory.State.self).bio
        BIO_up_ref(bio)
        if i == 0 { SSL_set0_rbio(ssl, bio) } else { SSL_set0_wbio(ssl, bio) }
      }
    } else if let socket {
      let number = try callMethod(socket, "fileno")
      SSL_set_fd(ssl, try cInt(number.ref))
    }
    gila_tls_ssl_mode(ssl, gila_tls_mode_common() & ~0x10)
    if context.postHandshake {
      if server {
        // Without a callback and with a mode of the context: TLS 1.3 asks after the handshake only.
        let mode = SSL_get_verify_mode(ssl)
        if mode & SSL_VERIFY_PEER != 0 {
          SSL_set_verify(ssl, mode | SSL_VERIFY_POST_HANDSHAKE, SSL_get_verify_callback(ssl))
        }
      } else {
        SSL_set_post_handshake_auth(ssl, 1)
      }
    }
    if let hostname, !hostname.isNone { try s.setHostname(hostname) }
    if server { SSL_set_accept_state(ssl) } else { SSL_set_connect_state(ssl) }
    if let socket { s.socket = try owned(PyWeakref_NewRef(socket, nil)).take() }
    if let owner, !owner.isNone { s.owner = try owned(PyWeakref_NewRef(owner, nil)).take() }
    let object = try Native.make(TLSModule.socketType, s)
    if let session, !session.isNone { try s.setSession(session) }
    return object
  }
  private func setHostname(_ r: Ref) throws(PyError) {
    let isBytes = r.isBytes || r.isInstance(of: Types.byteArray)
    let text = isBytes ? try owned(PyUnicode_FromEncodedObject(r, "ascii", "strict")) : Owned(retaining: r)
    guard text.ref.isUnicode else { throw typeError("server_hostname must be str, not \(typeName(of: r))") }
    var length = 0
    guard let p = PyUnicode_AsUTF8AndSize(text.ref, &length) else { throw PyError() }
    if strlen(p) != length { throw typeError("argument must be encoded string without null bytes, not str") }
    let n = strlen(p)
    if n == 0 || p[0] == 46 {
      throw valueError("server_hostname cannot be an empty string or start with a leading dot.")
    }
    ERR_clear_error()
    let ip = a2i_IPADDRESS(p)
    defer { ASN1_OCTET_STRING_free(ip) }
    if ip == nil { ERR_clear_error() }
    serverHostname = newRef(text.ref)
    if ip == nil, gila_tls_set_host_name(ssl, p) == 0 { throw TLSErrors.last() }
    if context.checksHostname {
      let parameters = SSL_get0_param(ssl)
      let status =
        ip == nil
        ? X509_VERIFY_PARAM_set1_host(parameters, p, n)
        : X509_VERIFY_PARAM_set1_ip(parameters, ASN1_STRING_get0_data(ip), Int(ASN1_STRING_length(ip)))
      if status == 0 { throw TLSErrors.last() }
    }
  }

  // MARK: input and output

  /// How long an operation may wait: nil for ever, 0 not at all (in nanoseconds).
  private func timeout(_ socket: Ref?) throws(PyError) -> Int? {
    guard let socket else { return 0 }
    let t = try callMethod(socket, "gettimeout")
    if t.ref == none { return nil }
    let seconds = try cDouble(t.ref)
    return Int(exactly: (seconds * 1e9).rounded(.up)) ?? nil
  }
  private static func now() -> Int {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return t.tv_sec &* 1_000_000_000 &+ t.tv_nsec
  }

  private func failure(_ status: Int32, _ error: Int32, _ number: Int32, _ gone: Bool) -> PyError {
    if let pendingError {
      self.pendingError = nil
      ERR_clear_error()
      PyErr_SetRaisedException(pendingError)
      return PyError()
    }
    if errorIsSet {
      ERR_clear_error()
      return PyError()
    }
    return TLSErrors.operation(
      ssl, status, error: error, number: number, socketGone: gone, hostname: serverHostname)
  }

  /// Runs a call of OpenSSL until it is done, waiting for the socket in between. Returns its result; `quiet` says
  /// which errors the caller answers itself.
  private func operate(
    _ reason: StaticString, _ what: String, quiet: (Int32, OpaquePointer) -> Bool = { _, _ in false },
    _ body: () -> Int32
  ) throws(PyError) -> (status: Int32, error: Int32) {
    var held: Ref? = nil
    if socket != nil {
      held = TLSSocket.target(socket)
      if held == nil || held == none {
        throw TLSErrors.make(LibraryObject.tlsError.exception, 7, "Underlying socket connection gone")
      }
    }
    defer { xdecref(held) }
    let limit = try timeout(held)
    let end = limit.map { TLSSocket.now() &+ $0 }
    if held != nil {
      let nonblocking: Int32 = limit == nil ? 0 : 1
      gila_bio_set_nbio(SSL_get_rbio(ssl), nonblocking)
      gila_bio_set_nbio(SSL_get_wbio(ssl), nonblocking)
    }
    while true {
      ERR_clear_error()
      lock.enter()
      let (status, error, number): (Int32, Int32, Int32) = releasingLock(reason) {
        errno = 0
        let status = body()
        let number = errno
        return (status, status > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, status), number)
      }
      lock.leave()
      if pendingError != nil { throw failure(status, error, number, false) }
      if error == SSL_ERROR_SYSCALL, number == EINTR {
        try check(PyErr_CheckSignals())
        continue
      }
      try check(PyErr_CheckSignals())
      if error == SSL_ERROR_NONE || quiet(error, ssl) { return (status, error) }
      guard held != nil, limit != 0, error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE else {
        throw failure(status, error, number, false)
      }
      try wait(forWriting: error == SSL_ERROR_WANT_WRITE, until: end, what)
    }
  }
  private func wait(forWriting: Bool, until end: Int?, _ what: String) throws(PyError) {
    let fd = SSL_get_fd(ssl)
    if fd < 0 { throw TLSErrors.plain("Underlying socket has been closed.") }
    while true {
      var milliseconds: Int32 = -1
      if let end {
        let left = end - TLSSocket.now()
        if left <= 0 { throw raise(Exc.TimeoutError, "The \(what) operation timed out") }
        milliseconds = Int32(clamping: left / 1_000_000 + 1)
      }
      var p = pollfd(fd: fd, events: Int16(forWriting ? POLLOUT : POLLIN), revents: 0)
      let status = releasingLock("poll") { poll(&p, 1, milliseconds) }
      try check(PyErr_CheckSignals())
      if status > 0 { return }
      if status < 0, errno != EINTR { return }
    }
  }

  func handshake() throws(PyError) {
    let ssl = self.ssl
    _ = try operate("SSL_do_handshake", "handshake") { SSL_do_handshake(ssl) }
  }
  func write(_ data: Ref) throws(PyError) -> Owned {
    let b = try Buffer(data)
    let (ssl, p, n) = (self.ssl, b.start, b.count)
    var written = 0
    // Nothing is written as nothing: OpenSSL leaves that open.
    _ = try operate("SSL_write", "write") { SSL_write_ex(ssl, p ?? UnsafeMutableRawPointer(ssl), n, &written) }
    return try int(written)
  }
  /// Reads into memory; 0 at the end.
  private func read(_ p: UnsafeMutableRawPointer, _ n: Int) throws(PyError) -> Int {
    let ssl = self.ssl
    var got = 0
    let r = try operate(
      "SSL_read", "read",
      quiet: { error, ssl in error == SSL_ERROR_ZERO_RETURN && SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0 }
    ) { SSL_read_ex(ssl, p, n, &got) }
    return r.error == SSL_ERROR_NONE ? got : 0
  }
  func read(_ a: ArgumentVector?, _ count: Int) throws(PyError) -> Owned {
    let size = try cSize(a![0]!)
    if count == 1 {
      if size < 0 { throw valueError("size should not be negative") }
      if size == 0 { return try bytesObject(nil, 0) }
      let result = try owned(PyBytes_FromStringAndSize(nil, size))
      let n = try read(PyBytes_AsString(result.ref), size)
      var shorter: Ref? = result.take()
      if _PyBytes_Resize(&shorter, n) < 0 { throw PyError() }
      return try owned(shorter)
    }
    let b = try Buffer(a![1]!, flags: PyBUF_WRITABLE)
    let room = size <= 0 || size > b.count ? b.count : size
    guard let p = b.start, room > 0 else { return try int(0) }
    return try int(read(p, room))
  }

  func shutdown() throws(PyError) -> Owned {
    let ssl = self.ssl
    var zeros = 0
    while true {
      // Unread bytes behind the end of the connection belong to the plain socket.
      if shutdownSeenZero { SSL_set_read_ahead(ssl, 0) }
      let r = try operate(
        "SSL_shutdown", zeros > 0 ? "read" : "write", quiet: { error, _ in error == SSL_ERROR_NONE }
      ) {
        let status = SSL_shutdown(ssl)
        // 0: our side is closed; that is no error.
        return status == 0 ? 2 : status
      }
      if r.status == 2 {
        zeros += 1
        if zeros > 1 { break }
        shutdownSeenZero = true
        continue
      }
      break
    }
    if let socket, let s = TLSSocket.target(socket) { return Owned(taking: s) }
    return noneOwned()
  }

  // MARK: facts

  func certificate(der: Bool) throws(PyError) -> Owned {
    if SSL_is_init_finished(ssl) == 0 { throw valueError("handshake not done yet") }
    guard let x = SSL_get1_peer_certificate(ssl) else { return noneOwned() }
    defer { X509_free(x) }
    if der { return try TLSCertificate.der(x) }
    if SSL_CTX_get_verify_mode(SSL_get_SSL_CTX(ssl)) & SSL_VERIFY_PEER == 0 { return try owned(PyDict_New()) }
    return try TLSCertificate.decode(x)
  }
  func chain(verified: Bool) throws(PyError) -> Owned {
    if verified {
      guard let all = SSL_get0_verified_chain(ssl) else { return noneOwned() }
      let list = try owned(PyList_New(0))
      for i in 0..<gila_x509_count(all) { try append(list.ref, TLSCertificate.make(gila_x509_at(all, i))) }
      return list
    }
    guard let all = SSL_get_peer_cert_chain(ssl) else { return noneOwned() }
    let list = try owned(PyList_New(0))
    if isServer, let x = SSL_get1_peer_certificate(ssl) {
      defer { X509_free(x) }
      try append(list.ref, TLSCertificate.make(x))
    }
    for i in 0..<gila_x509_count(all) { try append(list.ref, TLSCertificate.make(gila_x509_at(all, i))) }
    return list
  }
  private func describe(_ c: OpaquePointer) throws(PyError) -> Owned {
    let name = try string(SSL_CIPHER_get_name(c).map { String(cString: $0) } ?? "")
    let version = try string(SSL_CIPHER_get_version(c).map { String(cString: $0) } ?? "")
    let bits = try int(SSL_CIPHER_get_bits(c, nil))
    return try tuple(name.ref, version.ref, bits.ref)
  }
  func cipher() throws(PyError) -> Owned {
    guard let c = SSL_get_current_cipher(ssl) else { return noneOwned() }
    return try describe(c)
  }
  func sharedCiphers() throws(PyError) -> Owned {
    guard let theirs = SSL_get_client_ciphers(ssl), let mine = SSL_get_ciphers(ssl) else { return noneOwned() }
    let list = try owned(PyList_New(0))
    for i in 0..<gila_cipher_count(theirs) {
      guard let c = gila_cipher_at(theirs, i), gila_cipher_find(mine, c) >= 0 else { continue }
      try append(list.ref, describe(c))
    }
    return list
  }
  func alpn() throws(PyError) -> Owned {
    var p: UnsafePointer<UInt8>? = nil
    var n: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &p, &n)
    guard let p else { return noneOwned() }
    return try string(String(decoding: UnsafeBufferPointer(start: p, count: Int(n)), as: UTF8.self))
  }
  func channelBinding(_ kind: String) throws(PyError) -> Owned {
    guard kind == "tls-unique" else { throw valueError("'\(kind)' channel binding type not implemented") }
    var buffer = [UInt8](repeating: 0, count: 128)
    // The first Finished message: the client's, unless the session was resumed.
    let mine = (SSL_session_reused(ssl) != 0) != !isServer
    let n = mine ? SSL_get_finished(ssl, &buffer, 128) : SSL_get_peer_finished(ssl, &buffer, 128)
    return n == 0 ? noneOwned() : try bytesObject(buffer, n)
  }

  func setSession(_ r: Ref) throws(PyError) {
    guard r.isExactly(TLSSession.type) else { throw typeError("Value is not a SSLSession.") }
    let session = Native.state(r, TLSSession.State.self)
    if session.context != SSL_get_SSL_CTX(ssl) { throw valueError("Session refers to a different SSLContext.") }
    if isServer { throw valueError("Cannot set session for server-side SSLSocket.") }
    if SSL_is_init_finished(ssl) != 0 { throw valueError("Cannot set session after handshake.") }
    guard let copy = SSL_SESSION_dup(session.session) else { throw TLSErrors.last() }
    defer { SSL_SESSION_free(copy) }
    if SSL_set_session(ssl, copy) == 0 { throw TLSErrors.last() }
  }
}

/// The SSLSession type.
enum TLSSession {
  final class State: NativeState {
    let session: OpaquePointer
    let context: OpaquePointer?
    init(taking session: OpaquePointer, _ context: OpaquePointer?) {
      self.session = session
      self.context = context
    }
    deinit { SSL_SESSION_free(session) }
    var id: [UInt8] {
      var n: UInt32 = 0
      let p = SSL_SESSION_get_id(session, &n)
      return Array(UnsafeBufferPointer(start: p, count: p == nil ? 0 : Int(n)))
    }
  }
  nonisolated(unsafe) static let type = {
    let t = Native.makeType("_ssl.SSLSession", flags: Native.noInstantiation)
    var g = GetSetTable()
    g.add(
      "id", "Session ID.",
      get: { r, _ in
        let id = Native.state(r!, State.self).id
        return bridge { () throws(PyError) in try bytesObject(id, id.count) }
      })
    g.add(
      "time", "When the session began, in seconds since the epoch.",
      get: { r, _ in
        PyLong_FromLong(SSL_SESSION_get_time(Native.state(r!, State.self).session))
      })
    g.add(
      "timeout", "How long the session is valid, in seconds.",
      get: { r, _ in
        PyLong_FromLong(SSL_SESSION_get_timeout(Native.state(r!, State.self).session))
      })
    g.add(
      "has_ticket", "Whether the session has a ticket.",
      get: { r, _ in
        newRef(pyBool(SSL_SESSION_has_ticket(Native.state(r!, State.self).session) != 0))
      })
    g.add(
      "ticket_lifetime_hint", "How long the ticket should live.",
      get: { r, _ in
        PyLong_FromUnsignedLong(SSL_SESSION_get_ticket_lifetime_hint(Native.state(r!, State.self).session))
      })
    t.pointee.tp_getset = g.build()
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_richcompare = { a, b, op in
      guard b!.isExactly(a!.type), op == Py_EQ || op == Py_NE else { return notImplemented }
      let same = Native.state(a!, State.self).id == Native.state(b!, State.self).id
      return pyBool(same == (op == Py_EQ))
    }
    return t
  }()
}

/// The MemoryBIO type.
enum TLSMemory {
  final class State: NativeState {
    let bio: OpaquePointer
    var ended = false
    init(_ bio: OpaquePointer) { self.bio = bio }
    deinit { BIO_free_all(bio) }
  }
  nonisolated(unsafe) static let type = {
    let t = Native.makeType("_ssl.MemoryBIO")
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("MemoryBIO", kwargs)
        try checkCount("MemoryBIO", args!.size, 0, 0)
        guard let bio = BIO_new(BIO_s_mem()) else { throw TLSErrors.plain("failed to allocate BIO") }
        // An empty buffer is no end: more may come.
        gila_bio_mem_return(bio, -1)
        return try Native.make(type!, State(bio))
      }
    }
    var m = MethodTable()
    m.positional("read", "($self, size=-1, /)", "Take up to size bytes out; all without a size.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("read", n, 0, 1)
        let bio = Native.state(r!, State.self).bio
        let size = n == 0 ? -1 : try cInt(a![0]!)
        let available = Int(BIO_ctrl_pending(bio))
        let wanted = size < 0 || Int(size) > available ? available : Int(size)
        if wanted == 0 { return try bytesObject(nil, 0) }
        let result = try owned(PyBytes_FromStringAndSize(nil, wanted))
        let got = BIO_read(bio, PyBytes_AsString(result.ref), Int32(clamping: wanted))
        if got < 0 { throw TLSErrors.last() }
        var shorter: Ref? = result.take()
        if Int(got) != wanted, _PyBytes_Resize(&shorter, Int(got)) < 0 { throw PyError() }
        return try owned(shorter)
      }
    }
    m.one("write", "($self, b, /)", "Put bytes in; returns how many.") { r, data in
      bridge { () throws(PyError) in
        let b = try Buffer(data!)
        if b.count > Int(Int32.max) { throw overflowError("string longer than \(Int32.max) bytes") }
        let s = Native.state(r!, State.self)
        if s.ended { throw TLSErrors.plain("cannot write() after write_eof()") }
        let n = b.count == 0 ? 0 : BIO_write(s.bio, b.start, Int32(b.count))
        if n < 0 { throw TLSErrors.last() }
        return try int(n)
      }
    }
    m.noArguments("write_eof", "($self, /)", "Nothing more will be written.") { r, _ in
      let s = Native.state(r!, State.self)
      s.ended = true
      gila_bio_mem_end(s.bio)
      return none
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add(
      "pending", "The number of bytes inside.",
      get: { r, _ in
        PyLong_FromLong(Int(BIO_ctrl_pending(Native.state(r!, State.self).bio)))
      })
    g.add(
      "eof", "Whether everything was read after write_eof().",
      get: { r, _ in
        let s = Native.state(r!, State.self)
        return newRef(pyBool(s.ended && BIO_ctrl_pending(s.bio) == 0))
      })
    t.pointee.tp_getset = g.build()
    return t
  }()
}
