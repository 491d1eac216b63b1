// Objects that the modules of this target keep for each interpreter: a list in one slot.

import CGila
import GilaCore

enum LibraryObject: Int {
  case zlibError, lzmaError, digestError
  case tlsError, tlsCertificateError, tlsZeroReturn, tlsWantRead, tlsWantWrite, tlsSyscall, tlsEOF
  case sqliteError, sqliteWarning, sqliteInterfaceError, sqliteDatabaseError, sqliteInternalError,
    sqliteOperationalError
  case sqliteProgrammingError, sqliteIntegrityError, sqliteDataError, sqliteNotSupportedError
  case sqliteAdapters, sqliteConverters
  case ctypesArrays, ctypesPointers, ctypesArgumentError
  case count

  private static let slot = InterpreterSlot(240)

  /// The object (borrowed); nil before its module was imported.
  var ref: Ref? {
    guard let list = currentInterpreter.slot(LibraryObject.slot).pointee else { return nil }
    let r = PyList_GetItem(list, rawValue)
    return r == gila_none() ? nil : r
  }
  func set(_ r: Ref) throws(PyError) {
    let place = currentInterpreter.slot(LibraryObject.slot)
    if place.pointee == nil {
      let list = try owned(PyList_New(LibraryObject.count.rawValue))
      for i in 0..<LibraryObject.count.rawValue { PyList_SetItem(list.ref, i, gila_none()) }
      place.pointee = list.take()
    }
    try check(PyList_SetItem(place.pointee, rawValue, newRef(r)))
  }
  /// The object as an exception class, or RuntimeError without its module.
  var exception: TypeRef { ref?.asType ?? Exc.RuntimeError }

  /// Makes an exception class, keeps it and adds it to the module.
  @discardableResult func addException(
    _ module: Ref, _ home: StaticString, _ name: StaticString, base: Ref, doc: StaticString = ""
  ) throws(PyError) -> Ref {
    let full = "\(home).\(name)"
    let made = try owned(PyErr_NewExceptionWithDoc(full, doc.utf8CodeUnitCount == 0 ? nil : cString(doc), base, nil))
    try set(made.ref)
    try GilaCore.add(module, name, made.ref)
    return made.ref
  }
}
