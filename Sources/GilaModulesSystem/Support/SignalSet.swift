// Sets of signals from and to Python.

import CGila
import GilaCore
import Glibc

/// One more than the largest signal number.
let signalCount: Int32 = 65

enum SignalSet {
  /// A sigset_t from an iterable of numbers.
  static func make(_ r: Ref) throws(PyError) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    let iterator = try owned(PyObject_GetIter(r))
    while let item = PyIter_Next(iterator.ref) {
      let number = Owned(taking: item)
      var overflow: Int32 = 0
      let n = PyLong_AsLongAndOverflow(number.ref, &overflow)
      if n == -1, errorIsSet { throw PyError() }
      guard overflow == 0, n > 0, n < Int(signalCount) else {
        throw valueError("signal number \(n) out of range [1; \(signalCount - 1)]")
      }
      // The C library keeps two signals to itself and refuses them; CPython passes over that.
      _ = sigaddset(&set, Int32(n))
    }
    if errorIsSet { throw PyError() }
    return set
  }

  /// A Python set of the numbers in a sigset_t.
  static func object(_ set: sigset_t) throws(PyError) -> Owned {
    var copy = set
    let result = try owned(PySet_New(nil))
    for n in 1..<signalCount where sigismember(&copy, n) == 1 {
      let number = try int(n)
      try check(PySet_Add(result.ref, number.ref))
    }
    return result
  }
}
