// Certificates: the dict that getpeercert() gives, and the Certificate type.

import CGila
import COpenSSL
import GilaCore
import Glibc

enum TLSCertificate {
  private static func text(of object: OpaquePointer?, numeric: Bool = false) throws(PyError) -> Owned {
    var buffer = [CChar](repeating: 0, count: 256)
    let n = OBJ_obj2txt(&buffer, 256, object, numeric ? 1 : 0)
    if n < 0 { throw TLSErrors.last() }
    return try string(String(decoding: buffer.prefix(min(Int(n), 255)).map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }
  private static func bytes(of s: UnsafePointer<ASN1_STRING>?) throws(PyError) -> Owned {
    try owned(
      PyUnicode_DecodeUTF8(
        UnsafeRawPointer(ASN1_STRING_get0_data(s))?.assumingMemoryBound(to: CChar.self),
        Int(ASN1_STRING_length(s)), "strict"))
  }

  /// A distinguished name: a tuple of tuples of pairs.
  private static func name(_ x: OpaquePointer?) throws(PyError) -> Owned {
    let all = try owned(PyList_New(0))
    var group = try owned(PyList_New(0))
    var level: Int32 = -1
    for i in 0..<X509_NAME_entry_count(x) {
      let entry = X509_NAME_get_entry(x, i)
      let set = X509_NAME_ENTRY_set(entry)
      if level >= 0, set != level {
        try append(all.ref, owned(PyList_AsTuple(group.ref)))
        group = try owned(PyList_New(0))
      }
      level = set
      let key = try text(of: X509_NAME_ENTRY_get_object(entry))
      var p: UnsafeMutablePointer<UInt8>? = nil
      let n = ASN1_STRING_to_UTF8(&p, X509_NAME_ENTRY_get_data(entry))
      if n < 0 { throw TLSErrors.last() }
      defer { CRYPTO_free(p, "", 0) }
      let value = try owned(
        PyUnicode_DecodeUTF8(UnsafeRawPointer(p)?.assumingMemoryBound(to: CChar.self), Int(n), "strict"))
      try append(group.ref, tuple(key.ref, value.ref))
    }
    if PyList_Size(group.ref) > 0 { try append(all.ref, owned(PyList_AsTuple(group.ref))) }
    return try owned(PyList_AsTuple(all.ref))
  }

  private static func pair(_ key: String, _ value: consuming Owned) throws(PyError) -> Owned {
    let k = try string(key)
    return try tuple(k.ref, value.ref)
  }

  private static func alternativeName(_ n: UnsafePointer<GENERAL_NAME>) throws(PyError) -> Owned {
    switch gila_name_type(n) {
    case GEN_DIRNAME: return try pair("DirName", name(gila_name_directory(n)))
    case GEN_EMAIL: return try pair("email", bytes(of: gila_name_string(n)))
    case GEN_DNS: return try pair("DNS", bytes(of: gila_name_string(n)))
    case GEN_URI: return try pair("URI", bytes(of: gila_name_string(n)))
    case GEN_RID: return try pair("Registered ID", text(of: gila_name_object(n)))
    case GEN_IPADD:
      let s = gila_name_string(n)
      let count = Int(ASN1_STRING_length(s))
      guard let p = ASN1_STRING_get0_data(s) else { return try pair("IP Address", string("<invalid>")) }
      if count == 4 { return try pair("IP Address", string("\(p[0]).\(p[1]).\(p[2]).\(p[3])")) }
      if count == 16 {
        let words = (0..<8).map { String(UInt16(p[$0 * 2]) << 8 | UInt16(p[$0 * 2 + 1]), radix: 16, uppercase: true) }
        return try pair("IP Address", string(words.joined(separator: ":")))
      }
      return try pair("IP Address", string("<invalid>"))
    default:
      guard let bio = BIO_new(BIO_s_mem()) else { throw memoryError() }
      defer { BIO_free(bio) }
      GENERAL_NAME_print(bio, UnsafeMutablePointer(mutating: n))
      let shown = content(bio)
      guard let colon = shown.firstIndex(of: ":") else {
        throw valueError("Invalid value \(shown)")
      }
      return try pair(String(shown[..<colon]), string(String(shown[shown.index(after: colon)...])))
    }
  }
  private static func content(_ bio: OpaquePointer) -> String {
    var p: UnsafeMutablePointer<CChar>? = nil
    let n = gila_bio_mem(bio, &p)
    guard let p, n > 0 else { return "" }
    return String(decoding: UnsafeRawBufferPointer(start: p, count: n), as: UTF8.self)
  }
  private static func printed(_ body: (OpaquePointer) -> Int32) throws(PyError) -> Owned {
    guard let bio = BIO_new(BIO_s_mem()) else { throw memoryError() }
    defer { BIO_free(bio) }
    if body(bio) < 0 { throw TLSErrors.last() }
    return try string(content(bio))
  }

  /// The dict of a certificate.
  static func decode(_ x: OpaquePointer) throws(PyError) -> Owned {
    let d = try owned(PyDict_New())
    try set(d.ref, "subject", name(X509_get_subject_name(x)))
    try set(d.ref, "issuer", name(X509_get_issuer_name(x)))
    try set(d.ref, "version", int(X509_get_version(x) + 1))
    try set(d.ref, "serialNumber", printed { i2a_ASN1_INTEGER($0, X509_get0_serialNumber(x)) })
    try set(d.ref, "notBefore", printed { ASN1_TIME_print($0, X509_get0_notBefore(x)) })
    try set(d.ref, "notAfter", printed { ASN1_TIME_print($0, X509_get0_notAfter(x)) })
    if let names = gila_alternative_names(x) {
      defer { GENERAL_NAMES_free(names) }
      let list = try owned(PyList_New(0))
      for i in 0..<gila_names_count(names) {
        if let n = gila_names_at(names, i) { try append(list.ref, alternativeName(n)) }
      }
      try set(d.ref, "subjectAltName", owned(PyList_AsTuple(list.ref)))
    }
    let into = d.ref
    func uris(_ key: StaticString, _ collect: (UnsafeMutableRawPointer) -> Void) throws(PyError) {
      let list = try owned(PyList_New(0))
      collect(list.ref.raw)
      if errorIsSet { throw PyError() }
      if PyList_Size(list.ref) > 0 { try set(into, key, owned(PyList_AsTuple(list.ref))) }
    }
    try uris("OCSP") { gila_access_uris(x, NID_ad_OCSP, $0, TLSCertificate.collect) }
    try uris("caIssuers") { gila_access_uris(x, NID_ad_ca_issuers, $0, TLSCertificate.collect) }
    try uris("crlDistributionPoints") { gila_crl_uris(x, $0, TLSCertificate.collect) }
    return d
  }
  private static let collect: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, Int32) -> Void = {
    list, p, n in
    guard let list, let text = PyUnicode_DecodeUTF8(p, Int(n), "strict") else { return }
    _ = PyList_Append(list.assumingMemoryBound(to: PyObject.self), text)
    decref(text)
  }

  static func der(_ x: OpaquePointer) throws(PyError) -> Owned {
    var p: UnsafeMutablePointer<UInt8>? = nil
    let n = i2d_X509(x, &p)
    if n < 0 { throw TLSErrors.last() }
    defer { CRYPTO_free(p, "", 0) }
    return try bytesObject(p, Int(n))
  }

  // MARK: the Certificate type

  final class State: NativeState {
    let x: OpaquePointer
    init(taking x: OpaquePointer) { self.x = x }
    deinit { X509_free(x) }
  }
  private static let publicBytes = Function("public_bytes", "($self, /, format=Encoding.PEM)")

  static func make(_ x: OpaquePointer) throws(PyError) -> Owned {
    X509_up_ref(x)
    return try Native.make(type, State(taking: x))
  }
  nonisolated(unsafe) static let type = {
    let t = Native.makeType("_ssl.Certificate", flags: Native.noInstantiation)
    var m = MethodTable()
    m.add(publicBytes, "The certificate as text (PEM) or bytes (DER).") { r, a, n, k in
      answer(TLSCertificate.publicBytes, a, n, k) { (b) throws(PyError) in
        let x = Native.state(r!, State.self).x
        switch try cInt(b[0], 1) {
        case 1: return try TLSCertificate.printed { PEM_write_bio_X509($0, x) == 0 ? -1 : 1 }
        case 2: return try TLSCertificate.der(x)
        default: throw valueError("Unsupported format")
        }
      }
    }
    m.noArguments("get_info", "($self, /)", "The dict that getpeercert() gives.") { r, _ in
      bridge { () throws(PyError) in try TLSCertificate.decode(Native.state(r!, State.self).x) }
    }
    t.pointee.tp_methods = m.build()
    t.pointee.tp_repr = { r in
      bridge { () throws(PyError) in
        let x = Native.state(r!, State.self).x
        let subject = try TLSCertificate.printed {
          X509_NAME_print_ex($0, X509_get_subject_name(x), 0, gila_name_flags())
        }
        return try string("<_ssl.Certificate '\(swiftString(subject.ref))'>")
      }
    }
    t.pointee.tp_hash = { r in
      let h = Int(bitPattern: X509_subject_name_hash(Native.state(r!, State.self).x))
      return h == -1 ? -2 : h
    }
    t.pointee.tp_richcompare = { a, b, op in
      guard b!.isExactly(a!.type), op == Py_EQ || op == Py_NE else { return notImplemented }
      let same = X509_cmp(Native.state(a!, State.self).x, Native.state(b!, State.self).x) == 0
      return pyBool(same == (op == Py_EQ))
    }
    return t
  }()
}
