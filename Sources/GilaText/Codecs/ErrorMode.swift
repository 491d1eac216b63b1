// The error handlers that codecs know by themselves, so that ordinary use creates no exception object.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

enum ErrorMode {
  case strict, ignore, replace, backslashReplace, xmlCharRefReplace, surrogateEscape, other

  init(_ errors: UnsafePointer<CChar>?) {
    guard let errors else {
      self = .strict
      return
    }
    if strcmp(errors, "strict") == 0 {
      self = .strict
    } else if strcmp(errors, "surrogateescape") == 0 {
      self = .surrogateEscape
    } else if strcmp(errors, "ignore") == 0 {
      self = .ignore
    } else if strcmp(errors, "replace") == 0 {
      self = .replace
    } else if strcmp(errors, "backslashreplace") == 0 {
      self = .backslashReplace
    } else if strcmp(errors, "xmlcharrefreplace") == 0 {
      self = .xmlCharRefReplace
    } else {
      self = .other
    }
  }
}

extension StaticString {
  var cText: UnsafePointer<CChar> { cString(self) }
}

extension UnsafeMutablePointer where Pointee == PyObject {
  /// The fields of a UnicodeError.
  var unicodeError: UnsafeMutablePointer<PyUnicodeErrorObject> { cast(PyUnicodeErrorObject.self) }
}
