// What dis and opcode ask of the bytecode of Python 3.13: properties of instructions by number. Numbers from 256 on are
// the compiler's pseudo instructions, those from 236 to 253 instrumented ones.

enum OpcodeFacts {
  static let hasArgument: [ClosedRange<Int>] = [
    45...118, 149...149, 162...206, 208...208, 211...211, 220...222, 236...236, 240...245, 248...253, 256...262,
    264...267,
  ]
  static let hasConstant: [ClosedRange<Int>] = [83...83, 103...103, 240...240]
  static let hasHandler: [ClosedRange<Int>] = [264...266]
  static let hasFree: [ClosedRange<Int>] = [64...64, 84...84, 89...89, 94...94, 109...109]
  static let hasJump: [ClosedRange<Int>] = [72...72, 77...79, 97...100, 104...104, 188...190, 256...257]
  static let hasLocal: [ClosedRange<Int>] = [3...3, 65...65, 85...88, 110...112, 258...258, 267...267]
  static let hasName: [ClosedRange<Int>] = [
    63...63, 66...67, 74...75, 82...82, 90...93, 108...108, 113...114, 192...192, 202...202, 205...206, 211...211,
    259...262,
  ]
  static let isValid: [ClosedRange<Int>] = [0...118, 149...222, 236...253, 256...267]

  static let operators: [(String, String)] = [
    ("NB_ADD", "+"), ("NB_AND", "&"), ("NB_FLOOR_DIVIDE", "//"), ("NB_LSHIFT", "<<"),
    (
      "NB_MATRIX_MULTIPLY",
      "@"
    ), ("NB_MULTIPLY", "*"), ("NB_REMAINDER", "%"), ("NB_OR", "|"), ("NB_POWER", "**"), ("NB_RSHIFT", ">>"),
    ("NB_SUBTRACT", "-"), ("NB_TRUE_DIVIDE", "/"), ("NB_XOR", "^"), ("NB_INPLACE_ADD", "+="),
    (
      "NB_INPLACE_AND",
      "&="
    ), ("NB_INPLACE_FLOOR_DIVIDE", "//="), ("NB_INPLACE_LSHIFT", "<<="),
    (
      "NB_INPLACE_MATRIX_MULTIPLY",
      "@="
    ), ("NB_INPLACE_MULTIPLY", "*="), ("NB_INPLACE_REMAINDER", "%="), ("NB_INPLACE_OR", "|="),
    ("NB_INPLACE_POWER", "**="), ("NB_INPLACE_RSHIFT", ">>="), ("NB_INPLACE_SUBTRACT", "-="),
    ("NB_INPLACE_TRUE_DIVIDE", "/="), ("NB_INPLACE_XOR", "^="),
  ]
  static let unaryIntrinsics = [
    "INTRINSIC_1_INVALID", "INTRINSIC_PRINT", "INTRINSIC_IMPORT_STAR", "INTRINSIC_STOPITERATION_ERROR",
    "INTRINSIC_ASYNC_GEN_WRAP", "INTRINSIC_UNARY_POSITIVE", "INTRINSIC_LIST_TO_TUPLE", "INTRINSIC_TYPEVAR",
    "INTRINSIC_PARAMSPEC", "INTRINSIC_TYPEVARTUPLE", "INTRINSIC_SUBSCRIPT_GENERIC", "INTRINSIC_TYPEALIAS",
  ]
  static let binaryIntrinsics = [
    "INTRINSIC_2_INVALID", "INTRINSIC_PREP_RERAISE_STAR", "INTRINSIC_TYPEVAR_WITH_BOUND",
    "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS", "INTRINSIC_SET_FUNCTION_TYPE_PARAMS",
    "INTRINSIC_SET_TYPEPARAM_DEFAULT",
  ]

  /// How much the stack grows by an instruction with argument 0 that does not jump; 127: no instruction.
  private static let effects: [Int8] = [
    0, 1, 1, 127, -2, -1, 0, 0, -1, -2, -2, -1, -1, -1, 0, -1, 0, 0, 1, 0, 1, 0, -1, 1, 1, 1, 0, 1, 1, 1, 0, -1,
    -1, 1, 1, 1, -1, 0, -4, -3, 0, 0, 0, 0, 1, -1, 0, 1, 1, 1, -1, 1, 1, -1, -2, 0, -1, -2, -1, -1, 0, 1, 0, -1,
    0, 0, 0, 0, -1, -1, 0, 0, 1, 0, 1, -1, -1, 0, 0, 0, -1, -1, 0, 1, 1, 1, 1, 1, 2, 0, 0, 1, 1, -2, 0, -2, -2,
    -1, -1, -1, -1, 0, -1, 0, 0, -1, -1, -1, -2, -1, -1, 0, -2, -1, -1, 0, 0, -1, 0, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 0, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 0, -1, -1, -1, 0, 0, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 127, 0, 0, 1,
    1, -1, -1, -1, 0, 0, 0, 0, -1,
  ]

  /// How much the stack grows by an instruction; nil for a number that is none.
  static func stackEffect(_ op: Int, _ argument: Int, jumps: Bool) -> Int? {
    guard effects.indices.contains(op), effects[op] != 127 else { return nil }
    let base = Int(effects[op])
    switch op {
    case 46, 47, 49, 51, 52, 53, 57, 101: return base &- argument  // BUILD_*, CALL, CALL_KW, RAISE_VARARGS
    case 48: return base &- argument &* 2  // BUILD_MAP
    case 50: return argument == 3 ? -2 : -1  // BUILD_SLICE
    case 54: return base - (argument & 1)  // CALL_FUNCTION_EX
    case 82, 91, 93, 242: return base + (argument & 1)  // LOAD_ATTR, LOAD_GLOBAL, LOAD_SUPER_ATTR
    case 116: return base &+ (argument & 0xFF) &+ (argument >> 8)  // UNPACK_EX
    case 117: return base &+ argument  // UNPACK_SEQUENCE
    case 264: return jumps ? 2 : 0  // SETUP_CLEANUP
    case 265, 266: return jumps ? 1 : 0  // SETUP_FINALLY, SETUP_WITH
    default: return base
    }
  }
}
