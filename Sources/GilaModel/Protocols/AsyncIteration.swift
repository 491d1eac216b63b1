// `aiter()` and the check of its result.

import CGila
import GilaCore

@c @implementation public func PyObject_GetAIter(_ o: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let o = o.unsafelyUnwrapped
    guard let methods = o.type.pointee.tp_as_async, let f = methods.pointee.am_aiter else {
      throw typeError("'\(typeName(of: o))' object is not an async iterable")
    }
    let it = try owned(f(o))
    if PyAIter_Check(it.ref) == 0 {
      throw typeError("aiter() returned not an async iterator of type '\(typeName(of: it.ref))'")
    }
    return it
  }
}
@c @implementation public func PyAIter_Check(_ o: Ref!) -> Int32 {
  o.unsafelyUnwrapped.type.pointee.tp_as_async?.pointee.am_anext != nil ? 1 : 0
}
