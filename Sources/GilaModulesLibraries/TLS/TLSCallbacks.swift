// Python functions that OpenSSL calls while it shakes hands: server names, messages, key logs, pre-shared keys.
// OpenSSL runs without the interpreter's lock, so each takes it first.

import CGila
import COpenSSL
import GilaCore
import Glibc

enum TLSCallbacks {
  /// Runs `body` with the interpreter's lock.
  private static func locked<T>(_ body: () -> T) -> T {
    let state = PyGILState_Ensure()
    defer { PyGILState_Release(state) }
    return body()
  }
  /// Keeps the raised exception for the end of the call of OpenSSL.
  private static func keepError(_ s: TLSSocket) {
    guard let e = PyErr_GetRaisedException() else { return }
    if s.pendingError == nil { s.pendingError = e } else { decref(e) }
  }
  /// What Python code calls the connection: the object in front, or the socket itself.
  private static func front(_ s: TLSSocket) -> Ref? {
    if let owner = TLSSocket.target(s.owner) { return owner }
    return TLSSocket.target(s.socket)
  }

  // MARK: server name

  static func setServerName(_ c: TLSContext, _ value: Ref?) throws(PyError) {
    if c.protocolNumber == 16 { throw valueError("sni_callback cannot be set on TLS_CLIENT context") }
    let old = c.serverName
    c.serverName = nil
    xdecref(old)
    guard let value, !value.isNone else {
      gila_tls_set_servername(c.context, nil, nil)
      return
    }
    if PyCallable_Check(value) == 0 {
      gila_tls_set_servername(c.context, nil, nil)
      throw typeError("not a callable object")
    }
    c.serverName = newRef(value)
    gila_tls_set_servername(
      c.context, { ssl, alert, arg in TLSCallbacks.serverName(ssl, alert, arg) }, Unmanaged.passUnretained(c).toOpaque()
    )
  }
  private static func serverName(
    _ ssl: OpaquePointer?, _ alert: UnsafeMutablePointer<Int32>?, _ arg: UnsafeMutableRawPointer?
  ) -> Int32 {
    locked {
      guard let arg, let s = TLSSocket.of(ssl) else { return SSL_TLSEXT_ERR_OK }
      let c = Unmanaged<TLSContext>.fromOpaque(arg).takeUnretainedValue()
      guard let function = c.serverName else { return SSL_TLSEXT_ERR_OK }
      do throws(PyError) {
        guard let f = front(s) else {
          alert?.pointee = SSL_AD_INTERNAL_ERROR
          return SSL_TLSEXT_ERR_ALERT_FATAL
        }
        let object = Owned(taking: f)
        let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)
        let text = name == nil ? noneOwned() : try owned(PyUnicode_DecodeASCII(name, strlen(name!), nil))
        let answer: Owned
        do throws(PyError) { answer = try call(function, object.ref, text.ref, s.contextObject) } catch {
          PyErr_WriteUnraisable(function)
          alert?.pointee = SSL_AD_HANDSHAKE_FAILURE
          return SSL_TLSEXT_ERR_ALERT_FATAL
        }
        if answer.ref == none { return SSL_TLSEXT_ERR_OK }
        let n = PyLong_AsInt(answer.ref)
        if n == -1, errorIsSet {
          PyErr_WriteUnraisable(answer.ref)
          alert?.pointee = SSL_AD_INTERNAL_ERROR
        } else {
          alert?.pointee = n
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
      } catch {
        PyErr_WriteUnraisable(function)
        alert?.pointee = SSL_AD_INTERNAL_ERROR
        return SSL_TLSEXT_ERR_ALERT_FATAL
      }
    }
  }

  // MARK: messages and key logs

  static func setMessageHook(_ c: TLSContext, _ value: Ref) throws(PyError) {
    if !value.isNone, PyCallable_Check(value) == 0 { throw typeError("\(try reprText(value)) is not callable.") }
    let old = c.messageHook
    c.messageHook = value.isNone ? nil : newRef(value)
    xdecref(old)
    if value.isNone {
      SSL_CTX_set_msg_callback(c.context, nil)
    } else {
      SSL_CTX_set_msg_callback(c.context) { write, version, content, p, n, ssl, _ in
        TLSCallbacks.message(write, version, content, p, n, ssl)
      }
    }
  }
  private static func message(
    _ write: Int32, _ version: Int32, _ content: Int32, _ p: UnsafeRawPointer?, _ n: Int, _ ssl: OpaquePointer?
  ) {
    locked {
      guard let s = TLSSocket.of(ssl), let hook = s.context.messageHook else { return }
      let bytes = p?.assumingMemoryBound(to: UInt8.self)
      var kind = -1
      var version = version
      switch content {
      case SSL3_RT_CHANGE_CIPHER_SPEC: kind = 0x101
      case SSL3_RT_ALERT: kind = n > 1 ? Int(bytes?[1] ?? 0) : -1
      case SSL3_RT_HANDSHAKE: kind = n > 0 ? Int(bytes?[0] ?? 0) : -1
      case SSL3_RT_HEADER:
        if n >= 3, let bytes {
          kind = Int(bytes[0])
          version = Int32(bytes[1]) << 8 | Int32(bytes[2])
        }
      case SSL3_RT_INNER_CONTENT_TYPE: kind = Int(bytes?[0] ?? 0)
      default: break
      }
      do throws(PyError) {
        let object = front(s).map { Owned(taking: $0) } ?? noneOwned()
        let direction = try string(write != 0 ? "write" : "read")
        let v = try int(version), c = try int(content), k = try int(kind), data = try bytesObject(p, n)
        _ = try call(hook, object.ref, direction.ref, v.ref, c.ref, k.ref, data.ref)
      } catch { keepError(s) }
    }
  }

  static func setKeylog(_ c: TLSContext, _ value: Ref) throws(PyError) {
    SSL_CTX_set_keylog_callback(c.context, nil)
    BIO_free_all(c.keylog)
    c.keylog = nil
    xdecref(c.keylogName)
    c.keylogName = nil
    if value.isNone { return }
    var bytes: Ref? = nil
    if PyUnicode_FSConverter(value, &bytes) == 0 { throw PyError() }
    let path = try owned(bytes)
    errno = 0
    guard let file = fopen(PyBytes_AsString(path.ref), "ab") else {
      PyErr_SetFromErrnoWithFilenameObject(Exc.OSError.object, value)
      throw PyError()
    }
    let bio = BIO_new_fp(file, BIO_CLOSE)
    if ftell(file) == 0 {
      let head = "# TLS secrets log file, generated by OpenSSL / Python\n"
      _ = BIO_write(bio, head, Int32(head.utf8.count))
      BIO_ctrl(bio, BIO_CTRL_FLUSH, 0, nil)
    }
    c.keylog = bio
    c.keylogName = newRef(value)
    SSL_CTX_set_keylog_callback(c.context) { ssl, line in
      TLSCallbacks.locked {
        guard let s = TLSSocket.of(ssl), let bio = s.context.keylog, let line else { return }
        let text = String(cString: line) + "\n"
        _ = BIO_write(bio, text, Int32(clamping: text.utf8.count))
        BIO_ctrl(bio, BIO_CTRL_FLUSH, 0, nil)
      }
    }
  }

  // MARK: pre-shared keys

  static func setClientKeys(_ c: TLSContext, _ callback: Ref) throws(PyError) {
    if c.protocolNumber == 17 {
      throw TLSErrors.plain("Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context")
    }
    if !callback.isNone, PyCallable_Check(callback) == 0 { throw typeError("callback must be callable") }
    let old = c.pskClient
    c.pskClient = callback.isNone ? nil : newRef(callback)
    xdecref(old)
    if callback.isNone { return SSL_CTX_set_psk_client_callback(c.context, nil) }
    SSL_CTX_set_psk_client_callback(c.context) { ssl, hint, identity, identityRoom, key, keyRoom in
      TLSCallbacks.locked {
        guard let s = TLSSocket.of(ssl), let f = s.context.pskClient, let identity, let key else { return 0 }
        do throws(PyError) {
          let text = hint == nil ? noneOwned() : try owned(PyUnicode_DecodeUTF8(hint, strlen(hint!), "strict"))
          let answer = try call(f, text.ref)
          guard answer.ref.isTuple, answer.ref.size == 2 else {
            throw typeError("callback must return a 2-tuple")
          }
          let items = gila_tuple_items(answer.ref)
          if let name = items[0], !name.isNone {
            let p = try cText(name, "callback", "identity")
            if strlen(p) + 1 > Int(identityRoom) { throw valueError("client PSK identity too long") }
            strcpy(identity, p)
          } else {
            identity[0] = 0
          }
          return try TLSCallbacks.copyKey(items[1]!, key, keyRoom)
        } catch {
          PyErr_WriteUnraisable(f)
          return 0
        }
      }
    }
  }
  static func setServerKeys(_ c: TLSContext, _ callback: Ref, _ hint: Ref?) throws(PyError) {
    if c.protocolNumber == 16 {
      throw TLSErrors.plain("Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context")
    }
    if !callback.isNone, PyCallable_Check(callback) == 0 { throw typeError("callback must be callable") }
    let text =
      hint == nil || hint!.isNone ? nil : try cText(hint!, "set_psk_server_callback", "argument 'identity_hint'")
    if SSL_CTX_use_psk_identity_hint(c.context, text ?? cString("")) != 1 {
      throw TLSErrors.plain("failed to set identity hint")
    }
    let old = c.pskServer
    c.pskServer = callback.isNone ? nil : newRef(callback)
    xdecref(old)
    if callback.isNone { return SSL_CTX_set_psk_server_callback(c.context, nil) }
    SSL_CTX_set_psk_server_callback(c.context) { ssl, identity, key, keyRoom in
      TLSCallbacks.locked {
        guard let s = TLSSocket.of(ssl), let f = s.context.pskServer, let key else { return 0 }
        do throws(PyError) {
          let isGiven = identity.map { $0.pointee != 0 } ?? false
          let text = isGiven ? try owned(PyUnicode_DecodeUTF8(identity, strlen(identity!), "strict")) : noneOwned()
          let answer = try call(f, text.ref)
          return try TLSCallbacks.copyKey(answer.ref, key, keyRoom)
        } catch {
          PyErr_WriteUnraisable(f)
          return 0
        }
      }
    }
  }
  private static func copyKey(_ r: Ref, _ key: UnsafeMutablePointer<UInt8>, _ room: UInt32) throws(PyError) -> UInt32 {
    let b = try Buffer(r)
    if b.count > Int(room) { throw valueError("psk too long") }
    if let p = b.start { memcpy(key, p, b.count) }
    return UInt32(b.count)
  }
}
