// The module array.

import CGila
import GilaCore

enum ArrayModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "array",
    doc:
      "This module defines an object type which can efficiently represent\nan array of basic values: characters, integers, floating-point\nnumbers.  Arrays are sequence types and behave very much like lists,\nexcept that the type of objects stored in them is constrained.\n",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try check(PyType_Ready(ArrayIterator.type))
        try addType(module!, ArrayType.type)
        try add(module!, "ArrayType", ArrayType.type.object)
        let codes = try string(ArrayKind.codes.description)
        try add(module!, "typecodes", codes.ref)
        // array is a MutableSequence, if that module is there to hear of it.
        let abc = try owned(PyImport_ImportModule("collections.abc"))
        let sequence = try owned(PyObject_GetAttrString(abc.ref, "MutableSequence"))
        let register = try owned(PyObject_GetAttrString(sequence.ref, "register"))
        _ = try owned(PyObject_CallOneArg(register.ref, ArrayType.type.object))
      }
    })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "_array_reconstructor", "($module, arraytype, typecode, mformat_code, items, /)",
      "Internal. Used for pickling support."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("_array_reconstructor", n, 4, 4)
        return try ArrayModule.reconstruct(args![0]!, args![1]!, args![2]!, args![3]!)
      }
    }
    return m.build()
  }

  /// How a machine format stores its items: bytes each, signed, float, high byte first.
  private static func machineFormat(_ code: Int) -> (size: Int, signed: Bool, float: Bool, big: Bool)? {
    switch code {
    case 0, 1: (1, code == 1, false, false)
    case 2...5: (2, code >= 4, false, code % 2 == 1)
    case 6...9: (4, code >= 8, false, code % 2 == 1)
    case 10...13: (8, code >= 12, false, code % 2 == 1)
    case 14, 15: (4, false, true, code == 15)
    case 16, 17: (8, false, true, code == 17)
    case 18, 19: (2, false, false, code == 19)
    case 20, 21: (4, false, false, code == 21)
    default: nil
    }
  }

  private static func reconstruct(
    _ type: Ref, _ typeCode: Ref, _ formatCode: Ref, _ items: Ref
  ) throws(PyError) -> Owned {
    if !type.isType { throw typeError("first argument must be a type object, not \(typeName(of: type))") }
    if PyType_IsSubtype(type.asType, ArrayType.type) == 0 {
      throw typeError("\(typeName(type.asType)) is not a subtype of array.array")
    }
    guard typeCode.isUnicode, PyUnicode_GetLength(typeCode) == 1 else {
      throw typeError("_array_reconstructor() argument 2 must be a unicode character, not \(typeName(of: typeCode))")
    }
    let c = PyUnicode_ReadChar(typeCode, 0)
    guard c < 128, let kind = ArrayKind(UInt8(c)) else {
      throw valueError("second argument must be a valid type code")
    }
    let code = Int(try intArgument(formatCode))
    guard let format = machineFormat(code) else {
      throw valueError("third argument must be a valid machine format code.")
    }
    if !items.isBytes { throw typeError("fourth argument should be bytes, not \(typeName(of: items))") }
    let n = items.size
    if n % format.size != 0 { throw valueError("string length not a multiple of item size") }
    let bytes = UnsafePointer((items.raw + 32).assumingMemoryBound(to: UInt8.self))
    let a = try Arrays.make(type.asType, kind, 0)
    if code == kind.machineFormat {
      try Arrays.appendBytes(a.ref, bytes, n)
      return a
    }
    if code >= 18 {
      // UTF-16 or UTF-32 text.
      var order: Int32 = format.big ? 1 : -1
      let chars = UnsafeRawPointer(bytes).assumingMemoryBound(to: CChar.self)
      let text = try owned(
        format.size == 2
          ? PyUnicode_DecodeUTF16(chars, n, "strict", &order) : PyUnicode_DecodeUTF32(chars, n, "strict", &order))
      try Arrays.appendText(a.ref, text.ref)
      return a
    }
    for i in 0..<n / format.size {
      let p = bytes + i * format.size
      let chars = UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self)
      let value: Owned
      if format.float {
        value = try float(
          format.size == 4 ? PyFloat_Unpack4(chars, format.big ? 0 : 1) : PyFloat_Unpack8(chars, format.big ? 0 : 1))
      } else {
        value = try owned(_PyLong_FromByteArray(p, format.size, format.big ? 0 : 1, format.signed ? 1 : 0))
      }
      try Arrays.insert(a.ref, Arrays.count(a.ref), value.ref)
    }
    return a
  }
}
