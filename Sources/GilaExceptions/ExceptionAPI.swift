import CGila
import GilaCore

// What else C code asks of exceptions.

@c @implementation public func _PyErr_BadInternalCall(_ file: UnsafePointer<CChar>!, _ line: Int32) {
  _ = systemError("\(file.map { String(cString: $0) } ?? "?"):\(line): bad argument to internal function")
}
@c @implementation public func PyException_GetArgs(_ e: Ref!) -> Ref? {
  xnewRef(e.cast(PyBaseExceptionObject.self).pointee.args)
}
@c @implementation public func PyException_SetArgs(_ e: Ref!, _ args: Ref!) {
  replace(&e.cast(PyBaseExceptionObject.self).pointee.args, with: xnewRef(args))
}
@c @implementation public func PyExceptionClass_Name(_ cls: Ref!) -> UnsafePointer<CChar>? {
  cls.asType.pointee.tp_name
}
