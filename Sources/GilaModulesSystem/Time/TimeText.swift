// Times as text: asctime, strftime.

import CGila
import GilaCore
import Glibc

enum TimeText {
  /// The fixed English form "Sun Jun 20 23:21:05 1993".
  static func plain(_ t: tm) throws(PyError) -> Owned {
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ n: Int32, _ pad: String) -> String { n < 10 ? pad + "\(n)" : "\(n)" }
    let clock = "\(two(t.tm_hour, "0")):\(two(t.tm_min, "0")):\(two(t.tm_sec, "0"))"
    // Day and month are in range: `checkParts` or the C library saw to it.
    let day = days[Int(t.tm_wday % 7)], month = months[Int(t.tm_mon % 12)]
    return try string("\(day) \(month) \(two(t.tm_mday, " ")) \(clock) \(Int(t.tm_year) + 1900)")
  }

  static func format(_ format: Ref, _ t: tm) throws(PyError) -> Owned {
    // Lone surrogates travel through the C library as they are.
    let encoded = try owned(PyUnicode_AsEncodedString(format, "utf-8", "surrogatepass"))
    let n = encoded.ref.size
    let text = PyBytes_AsString(encoded.ref)!
    if strlen(text) != n { throw valueError("embedded null character") }
    if n == 0 { return try string("") }
    var (t, size) = (t, 1024)
    while true {
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { buffer.deallocate() }
      let written = strftime(buffer, size, text, &t)
      // 0 means that it did not fit, or that the result is empty (%p in some locales).
      if written > 0 || size > 256 * n { return try decode(buffer, written) }
      size *= 2
    }
  }
  private static func decode(_ p: UnsafePointer<CChar>, _ n: Int) throws(PyError) -> Owned {
    if let r = PyUnicode_DecodeUTF8(p, n, "surrogatepass") { return Owned(taking: r) }
    PyErr_Clear()
    return try owned(PyUnicode_DecodeLocaleAndSize(p, n, "surrogateescape"))
  }
}
