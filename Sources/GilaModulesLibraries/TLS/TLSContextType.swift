// The type _SSLContext.

import CGila
import COpenSSL
import GilaCore
import Glibc

enum TLSContextType {
  private static let wrapSocket = Function(
    "_wrap_socket", "($self, /, sock, server_side, server_hostname=None, *, owner=None, session=None)")
  private static let wrapBIO = Function(
    "_wrap_bio", "($self, /, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None)")
  private static let loadChain = Function("load_cert_chain", "($self, /, certfile, keyfile=None, password=None)")
  private static let loadLocations = Function(
    "load_verify_locations", "($self, /, cafile=None, capath=None, cadata=None)")
  private static let authorities = Function("get_ca_certs", "($self, /, binary_form=False)")
  private static let clientKeys = Function("set_psk_client_callback", "($self, /, callback)")
  private static let serverKeys = Function("set_psk_server_callback", "($self, /, callback, identity_hint=None)")

  private static func state(_ r: Ref?) -> TLSContext { Native.state(r!) }

  static func define(_ t: TypeRef) {
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        try rejectKeywords("_SSLContext", kwargs)
        try checkCount("_SSLContext", args!.size, 1, 1)
        return try TLSContext.make(type!, cInt(gila_tuple_items(args!)[0]!))
      }
    }
    t.pointee.tp_methods = methods()
    t.pointee.tp_getset = attributes()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(wrapSocket, "A connection over a socket.") { r, a, n, k in
      answer(TLSContextType.wrapSocket, a, n, k) { (b) throws(PyError) in
        try TLSSocket.make(
          r!, socket: b[0]!, bios: nil, server: cInt(b[1]!) != 0, hostname: b[2], owner: b[3], session: b[4])
      }
    }
    m.add(wrapBIO, "A connection over two memory buffers.") { r, a, n, k in
      answer(TLSContextType.wrapBIO, a, n, k) { (b) throws(PyError) in
        for i in 0..<2 where !b[i]!.isInstance(of: TLSMemory.type) {
          throw typeError(
            "_wrap_bio() argument '\(i == 0 ? "incoming" : "outgoing")' must be _ssl.MemoryBIO, not \(typeName(of: b[i]!))"
          )
        }
        return try TLSSocket.make(
          r!, socket: nil, bios: (b[0]!, b[1]!), server: cInt(b[2]!) != 0, hostname: b[3], owner: b[4], session: b[5])
      }
    }
    m.one("set_ciphers", "($self, cipherlist, /)", "Choose the ciphers.") { r, list in
      bridgeNone { () throws(PyError) in
        let p = try cText(list!, "set_ciphers", "argument")
        if SSL_CTX_set_cipher_list(TLSContextType.state(r).context, p) == 0 {
          ERR_clear_error()
          throw TLSErrors.plain("No cipher can be selected.")
        }
      }
    }
    m.one("_set_alpn_protocols", "($self, protos, /)", "Choose the protocols of ALPN.") { r, protocols in
      bridgeNone { () throws(PyError) in try TLSContextType.state(r).setALPN(protocols!) }
    }
    m.add(loadChain, "Load a certificate with its chain and key.") { r, a, n, k in
      perform(TLSContextType.loadChain, a, n, k) { (b) throws(PyError) in
        try TLSContextType.state(r).loadCertificateChain(b[0]!, b[1], b[2])
      }
    }
    m.one("load_dh_params", "($self, path, /)", "Load parameters of a Diffie-Hellman exchange.") { r, path in
      bridgeNone { () throws(PyError) in
        var bytes: Ref? = nil
        if isAudited {
          let mode = try string("rb")
          try audit("open", [path, mode.ref], numbers: 0)
        }
        if PyUnicode_FSConverter(path, &bytes) == 0 { throw PyError() }
        let held = try owned(bytes)
        errno = 0
        guard let file = fopen(PyBytes_AsString(held.ref), "rb") else {
          PyErr_SetFromErrnoWithFilenameObject(Exc.OSError.object, path)
          throw PyError()
        }
        defer { fclose(file) }
        ERR_clear_error()
        guard let dh = PEM_read_DHparams(file, nil, nil, nil) else { throw TLSErrors.last() }
        defer { DH_free(dh) }
        if gila_tls_set_dh(TLSContextType.state(r).context, dh) == 0 { throw TLSErrors.last() }
      }
    }
    m.add(loadLocations, "Load certificates of authorities.") { r, a, n, k in
      perform(TLSContextType.loadLocations, a, n, k) { (b) throws(PyError) in
        try TLSContextType.state(r).loadVerifyLocations(b[0], b[1], b[2])
      }
    }
    m.noArguments("session_stats", "($self, /)", "Counts of the session cache.") { r, _ in
      bridge { () throws(PyError) in
        let d = try owned(PyDict_New())
        let names: [(StaticString, Int32)] = [
          ("number", 20), ("connect", 21), ("connect_good", 22), ("connect_renegotiate", 23), ("accept", 24),
          ("accept_good", 25), ("accept_renegotiate", 26), ("hits", 27), ("misses", 29), ("timeouts", 30),
          ("cache_full", 31),
        ]
        for (name, which) in names { try set(d.ref, name, int(gila_tls_stat(TLSContextType.state(r).context, which))) }
        return d
      }
    }
    m.noArguments("set_default_verify_paths", "($self, /)", "Load the system's authorities.") { r, _ in
      bridgeNone { () throws(PyError) in
        let c = TLSContextType.state(r).context
        if releasingLock("load certificates", { SSL_CTX_set_default_verify_paths(c) }) == 0 { throw TLSErrors.last() }
      }
    }
    m.one("set_ecdh_curve", "($self, name, /)", "Choose the curve of key exchanges.") { r, name in
      bridgeNone { () throws(PyError) in
        var bytes: Ref? = nil
        if PyUnicode_FSConverter(name, &bytes) == 0 { throw PyError() }
        let held = try owned(bytes)
        let nid = OBJ_sn2nid(PyBytes_AsString(held.ref))
        if nid == 0 { throw valueError("unknown elliptic curve name \(try reprText(name!))") }
        if gila_tls_set_groups(TLSContextType.state(r).context, nid) == 0 { throw TLSErrors.last() }
      }
    }
    m.noArguments("cert_store_stats", "($self, /)", "How many certificates are loaded.") { r, _ in
      bridge { () throws(PyError) in try TLSContextType.state(r).storeStatistics() }
    }
    m.add(authorities, "The loaded certificates of authorities.") { r, a, n, k in
      answer(TLSContextType.authorities, a, n, k) { (b) throws(PyError) in
        try TLSContextType.state(r).authorities(der: cFlag(b[0], false))
      }
    }
    m.noArguments("get_ciphers", "($self, /)", "The chosen ciphers.") { r, _ in
      bridge { () throws(PyError) in try TLSContextType.state(r).ciphers() }
    }
    m.add(clientKeys, "The function that gives a client's pre-shared key.") { r, a, n, k in
      perform(TLSContextType.clientKeys, a, n, k) { (b) throws(PyError) in
        try TLSCallbacks.setClientKeys(TLSContextType.state(r), b[0]!)
      }
    }
    m.add(serverKeys, "The function that gives a server's pre-shared key.") { r, a, n, k in
      perform(TLSContextType.serverKeys, a, n, k) { (b) throws(PyError) in
        try TLSCallbacks.setServerKeys(TLSContextType.state(r), b[0]!, b[1])
      }
    }
    return m.build()
  }

  private static func value(_ r: Ref?) throws(PyError) -> Ref {
    guard let r else { throw raise(Exc.AttributeError, "cannot delete attribute") }
    return r
  }

  private static func attributes() -> UnsafeMutablePointer<PyGetSetDef> {
    var g = GetSetTable()
    g.add(
      "check_hostname", get: { r, _ in newRef(pyBool(TLSContextType.state(r).checksHostname)) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          let s = TLSContextType.state(r)
          let on = try truth(TLSContextType.value(v))
          // Names mean nothing without certificates.
          if on, s.verifyMode == 0 { try s.setVerifyMode(2) }
          s.checksHostname = on
        }
      })
    g.add(
      "_host_flags", get: { r, _ in PyLong_FromUnsignedLong(UInt(TLSContextType.state(r).hostFlags)) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          let s = TLSContextType.state(r)
          s.hostFlags = UInt32(truncatingIfNeeded: try cLong(TLSContextType.value(v)))
          X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(s.context), s.hostFlags)
        }
      })
    g.add(
      "minimum_version",
      get: { r, _ in
        let v = gila_tls_get_min(TLSContextType.state(r).context)
        return PyLong_FromLong(v == 0 ? -2 : Int(v))
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          try TLSContextType.state(r).setVersion(cInt(TLSContextType.value(v)), minimum: true)
        }
      })
    g.add(
      "maximum_version",
      get: { r, _ in
        let v = gila_tls_get_max(TLSContextType.state(r).context)
        return PyLong_FromLong(v == 0 ? -1 : Int(v))
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          try TLSContextType.state(r).setVersion(cInt(TLSContextType.value(v)), minimum: false)
        }
      })
    g.add(
      "keylog_filename", get: { r, _ in newRef(TLSContextType.state(r).keylogName ?? none) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          try TLSCallbacks.setKeylog(TLSContextType.state(r), TLSContextType.value(v))
        }
      })
    g.add(
      "_msg_callback", get: { r, _ in newRef(TLSContextType.state(r).messageHook ?? none) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          try TLSCallbacks.setMessageHook(TLSContextType.state(r), TLSContextType.value(v))
        }
      })
    g.add(
      "sni_callback", get: { r, _ in newRef(TLSContextType.state(r).serverName ?? none) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in try TLSCallbacks.setServerName(TLSContextType.state(r), v) }
      })
    g.add(
      "num_tickets", "How many session tickets of TLS 1.3 a server sends.",
      get: { r, _ in
        PyLong_FromSize_t(SSL_CTX_get_num_tickets(TLSContextType.state(r).context))
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          let s = TLSContextType.state(r)
          let n = try cLong(TLSContextType.value(v))
          if n < 0 { throw valueError("value must be non-negative") }
          if s.protocolNumber != 17 { throw valueError("SSLContext is not a server context.") }
          if SSL_CTX_set_num_tickets(s.context, n) != 1 { throw valueError("failed to set num tickets.") }
        }
      })
    g.add(
      "options",
      get: { r, _ in
        PyLong_FromUnsignedLongLong(SSL_CTX_get_options(TLSContextType.state(r).context))
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          let value = try TLSContextType.value(v)
          guard value.isLong else { throw typeError("argument must be int, not \(typeName(of: value))") }
          if _PyLong_Sign(value) < 0 { throw overflowError("can't convert negative value to unsigned int") }
          let wanted = PyLong_AsUnsignedLongLong(value)
          if wanted == UInt64.max, errorIsSet { throw PyError() }
          let c = TLSContextType.state(r).context
          let now = SSL_CTX_get_options(c)
          // One bit a version: SSL 3, TLS 1.0 to 1.3.
          let old: UInt64 = 0x3e00_0000
          if (~now & wanted) & old != 0 {
            try check(
              PyErr_WarnEx(Exc.DeprecationWarning.object, "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated", 2))
          }
          if now & ~wanted != 0 { SSL_CTX_clear_options(c, now & ~wanted) }
          if ~now & wanted != 0 { SSL_CTX_set_options(c, ~now & wanted) }
        }
      })
    g.add(
      "post_handshake_auth", get: { r, _ in newRef(pyBool(TLSContextType.state(r).postHandshake)) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          guard let v else { throw raise(Exc.AttributeError, "cannot delete attribute") }
          TLSContextType.state(r).postHandshake = try truth(v)
        }
      })
    g.add("protocol", get: { r, _ in PyLong_FromLong(Int(TLSContextType.state(r).protocolNumber)) })
    g.add(
      "verify_flags",
      get: { r, _ in
        PyLong_FromUnsignedLong(X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(TLSContextType.state(r).context)))
      },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          let wanted = UInt(truncatingIfNeeded: try cLong(TLSContextType.value(v)))
          let p = SSL_CTX_get0_param(TLSContextType.state(r).context)
          let now = X509_VERIFY_PARAM_get_flags(p)
          if now & ~wanted != 0, X509_VERIFY_PARAM_clear_flags(p, now & ~wanted) == 0 { throw TLSErrors.last() }
          if ~now & wanted != 0, X509_VERIFY_PARAM_set_flags(p, ~now & wanted) == 0 { throw TLSErrors.last() }
        }
      })
    g.add(
      "verify_mode", get: { r, _ in PyLong_FromLong(Int(TLSContextType.state(r).verifyMode)) },
      set: { r, v, _ in
        bridgeStatus { () throws(PyError) in
          try TLSContextType.state(r).setVerifyMode(cInt(TLSContextType.value(v)))
        }
      })
    g.add(
      "security_level", "The present security level.",
      get: { r, _ in
        PyLong_FromLong(Int(SSL_CTX_get_security_level(TLSContextType.state(r).context)))
      })
    return g.build()
  }
}
