// The C API of OrderedDict: the calls a Python program would make.

import CGila
import GilaCore

@c @implementation public func PyODict_New() -> Ref? {
  bridge { () throws(PyError) in
    let m = try owned(PyImport_ImportModule("collections"))
    let type = try owned(PyObject_GetAttrString(m.ref, "OrderedDict"))
    return try owned(PyObject_CallNoArgs(type.ref))
  }
}
@c @implementation public func PyODict_SetItem(_ d: Ref!, _ key: Ref!, _ value: Ref!) -> Int32 {
  PyObject_SetItem(d, key, value)
}
@c @implementation public func PyODict_DelItem(_ d: Ref!, _ key: Ref!) -> Int32 { PyObject_DelItem(d, key) }
