// The module _struct.

import CGila
import GilaCore

enum StructModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_struct",
    doc:
      "Functions to convert between Python values and C structs.\nPython bytes objects are used to hold the data representing the C struct\nand also as format strings (explained below) to describe the layout of data\nin the C struct.\n",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try check(PyType_Ready(UnpackIterator.type))
        try addType(module!, StructType.type)
        try ModuleSlot.exception(module!, ModuleSlot.structError, "struct.error", "error", base: nil)
        ModuleSlot.set(ModuleSlot.structCache, try owned(PyDict_New()))
      }
    })

  private static let unpackFrom = Signature("unpack_from", "(format, /, buffer, offset=0)")

  /// The Struct of a format, from a small cache.
  private static func compiled(_ format: Ref) throws(PyError) -> Owned {
    let cache = ModuleSlot.get(ModuleSlot.structCache)
    if format.isUnicode || format.isBytes {
      var found: Ref? = nil
      try check(PyDict_GetItemRef(cache, format, &found))
      if let found { return Owned(taking: found) }
    }
    let s = try owned(PyObject_CallOneArg(StructType.type.object, format))
    if PyDict_Size(cache) >= 100 { PyDict_Clear(cache) }
    try check(PyDict_SetItem(cache, format, s.ref))
    return s
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.noArguments("_clearcache", "($module, /)", "Clear the internal cache.") { _, _ in
      PyDict_Clear(ModuleSlot.get(ModuleSlot.structCache))
      return none
    }
    m.one("calcsize", "($module, format, /)", "Return size in bytes of the struct described by the format string.") {
      _, format in
      bridge { () throws(PyError) in
        let s = try StructModule.compiled(format!)
        return try int(s.ref.word(0).pointee)
      }
    }
    m.positional(
      "pack", "",
      "pack(format, v1, v2, ...) -> bytes\n\nReturn a bytes object containing the values v1, v2, ... packed according\nto the format string.  See help(struct) for more on format strings."
    ) { _, args, n in
      bridge { () throws(PyError) in
        if n == 0 { throw typeError("missing format argument") }
        let s = try StructModule.compiled(args![0]!)
        return try StructType.pack(s.ref, args! + 1, n - 1)
      }
    }
    m.positional(
      "pack_into", "",
      "pack_into(format, buffer, offset, v1, v2, ...)\n\nPack the values v1, v2, ... according to the format string and write\nthe packed bytes into the writable buffer buf starting at offset.  Note\nthat the offset is a required argument.  See help(struct) for more\non format strings."
    ) { _, args, n in
      bridgeNone { () throws(PyError) in
        if n == 0 { throw typeError("missing format argument") }
        let s = try StructModule.compiled(args![0]!)
        try StructType.packInto(s.ref, args! + 1, n - 1)
      }
    }
    m.positional(
      "unpack", "($module, format, buffer, /)",
      "Return a tuple containing values unpacked according to the format string.\n\nThe buffer's size in bytes must be calcsize(format).\n\nSee help(struct) for more on format strings."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("unpack", n, 2, 2)
        let s = try StructModule.compiled(args![0]!)
        return try StructType.unpack(s.ref, args![1]!)
      }
    }
    m.keywords(
      "unpack_from", "($module, format, /, buffer, offset=0)",
      "Return a tuple containing values unpacked according to the format string.\n\nThe buffer's size, minus offset, must be at least calcsize(format).\n\nSee help(struct) for more on format strings."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try StructModule.unpackFrom.bind(args, n, names)
        let s = try StructModule.compiled(b[0]!)
        return try StructType.unpackFrom(s.ref, b[1]!, b[2] == nil ? 0 : sizeValue(b[2]!))
      }
    }
    m.positional(
      "iter_unpack", "($module, format, buffer, /)",
      "Return an iterator yielding tuples unpacked from the given bytes.\n\nThe bytes are unpacked according to the format string, like\na repeated invocation of unpack_from().\n\nRequires that the bytes length be a multiple of the format struct size."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("iter_unpack", n, 2, 2)
        let s = try StructModule.compiled(args![0]!)
        return try UnpackIterator.make(s.ref, args![1]!)
      }
    }
    return m.build()
  }
}
