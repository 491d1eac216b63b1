// Builtin functions about numbers and characters.

import CGila
import GilaCore

/// What an entry takes in the table of small ints, and in that of the characters of Latin-1.
private let smallIntSize = UInt(bitPattern: MemoryLayout<PyLongObject>.stride)
private let latin1Size: UInt = 64

enum NumberFunctions {
  private static let powSignature = Signature("pow", "(base, exp, mod=None)")
  private static let roundSignature = Signature("round", "(number, ndigits=None)")

  static func add(_ m: inout MethodTable) {
    m.one("abs", "($module, x, /)", "Returns the absolute value.") { _, o in PyNumber_Absolute(o) }
    m.one("bin", "($module, number, /)", "Returns the binary text of an int.") { _, o in PyNumber_ToBase(o, 2) }
    m.one("oct", "($module, number, /)", "Returns the octal text of an int.") { _, o in PyNumber_ToBase(o, 8) }
    m.one("hex", "($module, number, /)", "Returns the hexadecimal text of an int.") { _, o in PyNumber_ToBase(o, 16) }
    m.one("chr", "($module, i, /)", "Returns the str of one character with that code point.") { _, o in
      // The ints below 256 and the characters of Latin-1 lie in two tables.
      let number = UInt(bitPattern: o) &- UInt(bitPattern: gila_small_int(0))
      if number < 256 &* smallIntSize { return gila_latin1(UInt32(truncatingIfNeeded: number / smallIntSize)) }
      return bridge { () throws(PyError) in
        var overflow: Int32 = 0
        let index = try owned(PyNumber_Index(o))
        let n = PyLong_AsLongAndOverflow(index.ref, &overflow)
        if n == -1 && errorIsSet { throw PyError() }
        guard overflow == 0, n >= 0, n <= 0x10ffff else { throw valueError("chr() arg not in range(0x110000)") }
        return try owned(PyUnicode_FromOrdinal(Int32(n)))
      }
    }
    m.one("ord", "($module, c, /)", "Returns the code point of a single character.") { _, o in
      let character = UInt(bitPattern: o) &- UInt(bitPattern: gila_latin1(0))
      if character < 256 &* latin1Size { return gila_small_int(Int(bitPattern: character / latin1Size)) }
      return bridge { () throws(PyError) in
        let o = o!
        let size: Int
        if o.isBytes {
          size = PyBytes_Size(o)
          if size == 1 { return try owned(PyLong_FromLong(Int(UInt8(bitPattern: PyBytes_AsString(o)[0])))) }
        } else if o.isUnicode {
          size = PyUnicode_GetLength(o)
          if size == 1 { return try owned(PyLong_FromLong(Int(PyUnicode_ReadChar(o, 0)))) }
        } else if o.isInstance(of: Types.byteArray) {
          size = PyByteArray_Size(o)
          if size == 1 { return try owned(PyLong_FromLong(Int(UInt8(bitPattern: PyByteArray_AsString(o)[0])))) }
        } else {
          throw typeError("ord() expected string of length 1, but \(typeName(of: o)) found")
        }
        throw typeError("ord() expected a character, but string of length \(size) found")
      }
    }
    m.positional("divmod", "($module, x, y, /)", "Returns the tuple (x//y, x%y).") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("divmod", n, 2, 2)
        return try owned(PyNumber_Divmod(args![0], args![1]))
      }
    }
    m.keywords("pow", "($module, /, base, exp, mod=None)", "Returns base**exp, or base**exp % mod.") {
      _, args, n, names in
      bridge { () throws(PyError) in
        let b = try NumberFunctions.powSignature.bind(args, n, names)
        return try owned(PyNumber_Power(b[0], b[1], b[2] ?? none))
      }
    }
    m.keywords("round", "($module, /, number, ndigits=None)", "Rounds a number to some decimal digits.") {
      _, args, n, names in
      bridge { () throws(PyError) in
        let b = try NumberFunctions.roundSignature.bind(args, n, names)
        guard let f = _PyObject_LookupSpecial(b[0], Dunder.round.ref) else {
          if errorIsSet { throw PyError() }
          throw typeError("type \(typeName(of: b[0]!)) doesn't define __round__ method")
        }
        let held = Owned(taking: f)
        if let digits = b[1], digits != none { return try owned(PyObject_CallOneArg(held.ref, digits)) }
        return try owned(PyObject_CallNoArgs(held.ref))
      }
    }
  }
}
