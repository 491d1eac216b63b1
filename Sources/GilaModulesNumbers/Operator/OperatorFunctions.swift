// The functions of _operator that stand for operators.

import CGila
import GilaCore

extension OperatorModule {
  static func addNumberFunctions(_ m: inout MethodTable) {
    m.positional("add", "($module, a, b, /)", "Same as a + b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("add", n, 2, 2)
        return try owned(PyNumber_Add(args![0], args![1]))
      }
    }
    m.positional("sub", "($module, a, b, /)", "Same as a - b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("sub", n, 2, 2)
        return try owned(PyNumber_Subtract(args![0], args![1]))
      }
    }
    m.positional("mul", "($module, a, b, /)", "Same as a * b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("mul", n, 2, 2)
        return try owned(PyNumber_Multiply(args![0], args![1]))
      }
    }
    m.positional("matmul", "($module, a, b, /)", "Same as a @ b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("matmul", n, 2, 2)
        return try owned(PyNumber_MatrixMultiply(args![0], args![1]))
      }
    }
    m.positional("floordiv", "($module, a, b, /)", "Same as a // b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("floordiv", n, 2, 2)
        return try owned(PyNumber_FloorDivide(args![0], args![1]))
      }
    }
    m.positional("truediv", "($module, a, b, /)", "Same as a / b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("truediv", n, 2, 2)
        return try owned(PyNumber_TrueDivide(args![0], args![1]))
      }
    }
    m.positional("mod", "($module, a, b, /)", "Same as a % b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("mod", n, 2, 2)
        return try owned(PyNumber_Remainder(args![0], args![1]))
      }
    }
    m.positional("lshift", "($module, a, b, /)", "Same as a << b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("lshift", n, 2, 2)
        return try owned(PyNumber_Lshift(args![0], args![1]))
      }
    }
    m.positional("rshift", "($module, a, b, /)", "Same as a >> b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("rshift", n, 2, 2)
        return try owned(PyNumber_Rshift(args![0], args![1]))
      }
    }
    m.positional("and_", "($module, a, b, /)", "Same as a & b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("and_", n, 2, 2)
        return try owned(PyNumber_And(args![0], args![1]))
      }
    }
    m.positional("xor", "($module, a, b, /)", "Same as a ^ b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("xor", n, 2, 2)
        return try owned(PyNumber_Xor(args![0], args![1]))
      }
    }
    m.positional("or_", "($module, a, b, /)", "Same as a | b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("or_", n, 2, 2)
        return try owned(PyNumber_Or(args![0], args![1]))
      }
    }
    m.positional("pow", "($module, a, b, /)", "Same as a ** b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("pow", n, 2, 2)
        return try owned(PyNumber_Power(args![0], args![1], none))
      }
    }
    m.positional("iadd", "($module, a, b, /)", "Same as a += b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("iadd", n, 2, 2)
        return try owned(PyNumber_InPlaceAdd(args![0], args![1]))
      }
    }
    m.positional("isub", "($module, a, b, /)", "Same as a -= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("isub", n, 2, 2)
        return try owned(PyNumber_InPlaceSubtract(args![0], args![1]))
      }
    }
    m.positional("imul", "($module, a, b, /)", "Same as a *= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("imul", n, 2, 2)
        return try owned(PyNumber_InPlaceMultiply(args![0], args![1]))
      }
    }
    m.positional("imatmul", "($module, a, b, /)", "Same as a @= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("imatmul", n, 2, 2)
        return try owned(PyNumber_InPlaceMatrixMultiply(args![0], args![1]))
      }
    }
    m.positional("ifloordiv", "($module, a, b, /)", "Same as a //= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("ifloordiv", n, 2, 2)
        return try owned(PyNumber_InPlaceFloorDivide(args![0], args![1]))
      }
    }
    m.positional("itruediv", "($module, a, b, /)", "Same as a /= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("itruediv", n, 2, 2)
        return try owned(PyNumber_InPlaceTrueDivide(args![0], args![1]))
      }
    }
    m.positional("imod", "($module, a, b, /)", "Same as a %= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("imod", n, 2, 2)
        return try owned(PyNumber_InPlaceRemainder(args![0], args![1]))
      }
    }
    m.positional("ilshift", "($module, a, b, /)", "Same as a <<= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("ilshift", n, 2, 2)
        return try owned(PyNumber_InPlaceLshift(args![0], args![1]))
      }
    }
    m.positional("irshift", "($module, a, b, /)", "Same as a >>= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("irshift", n, 2, 2)
        return try owned(PyNumber_InPlaceRshift(args![0], args![1]))
      }
    }
    m.positional("iand", "($module, a, b, /)", "Same as a &= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("iand", n, 2, 2)
        return try owned(PyNumber_InPlaceAnd(args![0], args![1]))
      }
    }
    m.positional("ixor", "($module, a, b, /)", "Same as a ^= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("ixor", n, 2, 2)
        return try owned(PyNumber_InPlaceXor(args![0], args![1]))
      }
    }
    m.positional("ior", "($module, a, b, /)", "Same as a |= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("ior", n, 2, 2)
        return try owned(PyNumber_InPlaceOr(args![0], args![1]))
      }
    }
    m.positional("ipow", "($module, a, b, /)", "Same as a **= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("ipow", n, 2, 2)
        return try owned(PyNumber_InPlacePower(args![0], args![1], none))
      }
    }
    m.one("neg", "($module, a, /)", "Same as -a.") { _, a in PyNumber_Negative(a) }
    m.one("pos", "($module, a, /)", "Same as +a.") { _, a in PyNumber_Positive(a) }
    m.one("abs", "($module, a, /)", "Same as abs(a).") { _, a in PyNumber_Absolute(a) }
    m.one("inv", "($module, a, /)", "Same as ~a.") { _, a in PyNumber_Invert(a) }
    m.one("invert", "($module, a, /)", "Same as ~a.") { _, a in PyNumber_Invert(a) }
    m.one("index", "($module, a, /)", "Same as a.__index__().") { _, a in PyNumber_Index(a) }
  }

  static func addComparisonFunctions(_ m: inout MethodTable) {
    m.positional("lt", "($module, a, b, /)", "Same as a < b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("lt", n, 2, 2)
        return try owned(PyObject_RichCompare(args![0], args![1], Py_LT))
      }
    }
    m.positional("le", "($module, a, b, /)", "Same as a <= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("le", n, 2, 2)
        return try owned(PyObject_RichCompare(args![0], args![1], Py_LE))
      }
    }
    m.positional("eq", "($module, a, b, /)", "Same as a == b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("eq", n, 2, 2)
        return try owned(PyObject_RichCompare(args![0], args![1], Py_EQ))
      }
    }
    m.positional("ne", "($module, a, b, /)", "Same as a != b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("ne", n, 2, 2)
        return try owned(PyObject_RichCompare(args![0], args![1], Py_NE))
      }
    }
    m.positional("ge", "($module, a, b, /)", "Same as a >= b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("ge", n, 2, 2)
        return try owned(PyObject_RichCompare(args![0], args![1], Py_GE))
      }
    }
    m.positional("gt", "($module, a, b, /)", "Same as a > b.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("gt", n, 2, 2)
        return try owned(PyObject_RichCompare(args![0], args![1], Py_GT))
      }
    }
  }
}
