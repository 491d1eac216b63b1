// The exceptions of _ssl.

import CGila
import COpenSSL
import GilaCore
import Glibc

enum TLSErrors {
  static func add(to module: Ref) throws(PyError) {
    let base = try LibraryObject.tlsError.addException(
      module, "ssl", "SSLError", base: Exc.OSError.object, doc: "An error occurred in the SSL implementation.")
    let method = try owned(PyDescr_NewMethod(base.asType, textMethod))
    try check(PyObject_SetAttrString(base, "__str__", method.ref))
    base.asType.pointee.tp_flags |= UInt(Py_TPFLAGS_IMMUTABLETYPE)
    let both = try tuple(base, Exc.ValueError.object)
    try LibraryObject.tlsCertificateError.addException(
      module, "ssl", "SSLCertVerificationError", base: both.ref, doc: "A certificate could not be verified.")
    try LibraryObject.tlsZeroReturn.addException(
      module, "ssl", "SSLZeroReturnError", base: base, doc: "SSL/TLS session closed cleanly.")
    try LibraryObject.tlsWantRead.addException(
      module, "ssl", "SSLWantReadError", base: base, doc: "Non-blocking SSL socket needs to read more data.")
    try LibraryObject.tlsWantWrite.addException(
      module, "ssl", "SSLWantWriteError", base: base, doc: "Non-blocking SSL socket needs to write more data.")
    try LibraryObject.tlsSyscall.addException(
      module, "ssl", "SSLSyscallError", base: base, doc: "System error when attempting SSL operation.")
    try LibraryObject.tlsEOF.addException(
      module, "ssl", "SSLEOFError", base: base, doc: "SSL/TLS connection terminated abruptly.")
  }

  nonisolated(unsafe) private static let textMethod = {
    var m = MethodTable()
    m.noArguments("__str__", "($self, /)", flags: METH_COEXIST) { r, _ in
      bridge { () throws(PyError) in
        let text = try owned(PyObject_GetAttrString(r, "strerror"))
        if text.ref.isUnicode { return text }
        let args = try owned(PyObject_GetAttrString(r, "args"))
        return try owned(PyObject_Str(args.ref))
      }
    }
    return m.build()
  }()
  private static let libraries: [Int32: String] = [
    3: "BN", 4: "RSA", 5: "DH", 6: "EVP", 7: "BUF", 8: "OBJ", 9: "PEM", 10: "DSA", 11: "X509", 13: "ASN1", 14: "CONF",
    15: "CRYPTO", 16: "EC", 20: "SSL", 32: "BIO", 33: "PKCS7", 34: "X509V3", 35: "PKCS12", 36: "RAND", 38: "ENGINE",
    39: "OCSP", 40: "UI", 41: "COMP", 42: "ECDSA", 43: "ECDH", 44: "STORE", 45: "FIPS", 46: "CMS", 47: "TS", 48: "HMAC",
    57: "PROV",
  ]

  /// An exception of a class, from an OpenSSL error code (0: none) and a number and text of its own.
  static func make(
    _ type: TypeRef, _ number: Int, _ text: String?, code: UInt = 0, ssl: OpaquePointer? = nil, hostname: Ref? = nil
  ) -> PyError {
    let isVerification = type.object == LibraryObject.tlsCertificateError.ref
    var library: String? = nil, reason: String? = nil
    if code != 0 {
      library = libraries[gila_err_lib(code)]
      // OpenSSL's texts are its names of reasons in small letters.
      if let p = ERR_reason_error_string(code) {
        reason = String(cString: p).uppercased().replacing(" ", with: "_").replacing("-", with: "_")
        reason?.removeAll { !($0.isLetter || $0.isNumber || $0 == "_") }
        if gila_err_lib(code) == 20, gila_err_reason(code) == 9 { reason = nil }
      }
    }
    var message = text ?? ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown error"
    var verifyCode = 0, verifyMessage: String? = nil
    if isVerification, let ssl {
      verifyCode = SSL_get_verify_result(ssl)
      switch Int32(verifyCode) {
      case X509_V_ERR_HOSTNAME_MISMATCH:
        verifyMessage = "Hostname mismatch, certificate is not valid for '\(hostname.map { swiftString($0) } ?? "")'."
      case X509_V_ERR_IP_ADDRESS_MISMATCH:
        verifyMessage = "IP address mismatch, certificate is not valid for '\(hostname.map { swiftString($0) } ?? "")'."
      default: verifyMessage = X509_verify_cert_error_string(verifyCode).map { String(cString: $0) }
      }
      if let verifyMessage { message += ": \(verifyMessage)" }
    }
    if let library, let reason {
      message = "[\(library): \(reason)] \(message)"
    } else if let library {
      message = "[\(library)] \(message)"
    }
    do throws(PyError) {
      let n = try int(number), m = try string(message)
      let arguments = try tuple(n.ref, m.ref)
      let e = try owned(PyObject_Call(type.object, arguments.ref, nil))
      func put(_ name: String, _ value: String?) throws(PyError) {
        let v = value == nil ? noneOwned() : try string(value!)
        try check(PyObject_SetAttrString(e.ref, name, v.ref))
      }
      try put("reason", reason)
      try put("library", library)
      if isVerification, ssl != nil {
        let v = try int(verifyCode)
        try check(PyObject_SetAttrString(e.ref, "verify_code", v.ref))
        try put("verify_message", verifyMessage)
      }
      PyErr_SetObject(type.object, e.ref)
    } catch {}
    return PyError()
  }

  /// The last error of the library, for calls that are no input or output.
  static func last(_ text: String? = nil, number: Int = 0) -> PyError {
    let code = ERR_peek_last_error()
    defer { ERR_clear_error() }
    return make(LibraryObject.tlsError.exception, number != 0 ? number : Int(code), text, code: code)
  }
  static func plain(_ text: String) -> PyError { raise(LibraryObject.tlsError.exception, text) }

  /// What went wrong with reading, writing or shaking hands. `status`: of the call, `error`: SSL_get_error's.
  static func operation(
    _ ssl: OpaquePointer, _ status: Int32, error: Int32, number systemError: Int32, socketGone: Bool, hostname: Ref?
  ) -> PyError {
    let code = ERR_peek_last_error()
    defer { ERR_clear_error() }
    var type = LibraryObject.tlsError.exception
    var text: String? = nil
    var number = error
    var shown = code
    switch error {
    case SSL_ERROR_ZERO_RETURN:
      (type, text) = (LibraryObject.tlsZeroReturn.exception, "TLS/SSL connection has been closed (EOF)")
    case SSL_ERROR_WANT_READ:
      (type, text) = (LibraryObject.tlsWantRead.exception, "The operation did not complete (read)")
    case SSL_ERROR_WANT_WRITE:
      (type, text) = (LibraryObject.tlsWantWrite.exception, "The operation did not complete (write)")
    case SSL_ERROR_WANT_X509_LOOKUP: text = "The operation did not complete (X509 lookup)"
    case SSL_ERROR_WANT_CONNECT: text = "The operation did not complete (connect)"
    case SSL_ERROR_SYSCALL:
      if code == 0 {
        if status == 0 || socketGone || systemError == 0 {
          number = 8
          (type, text) = (LibraryObject.tlsEOF.exception, "EOF occurred in violation of protocol")
        } else {
          errno = systemError
          PyErr_SetFromErrno(Exc.OSError.object)
          return PyError()
        }
      } else {
        type = LibraryObject.tlsSyscall.exception
        text = ERR_lib_error_string(code) == nil ? "Some I/O error occurred" : nil
      }
    case SSL_ERROR_SSL:
      if code == 0 {
        text = "A failure in the SSL library occurred"
      } else if gila_err_lib(code) == 20, gila_err_reason(code) == SSL_R_CERTIFICATE_VERIFY_FAILED {
        type = LibraryObject.tlsCertificateError.exception
      } else if gila_err_lib(code) == 20, gila_err_reason(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING {
        number = 8
        (type, text) = (LibraryObject.tlsEOF.exception, "EOF occurred in violation of protocol")
      }
    default:
      number = 10
      text = "Invalid error code"
      shown = 0
    }
    if error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE { shown = 0 }
    return make(type, Int(number), text, code: shown, ssl: ssl, hostname: hostname)
  }
}
