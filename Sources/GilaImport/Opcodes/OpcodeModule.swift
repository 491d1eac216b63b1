// The module _opcode: facts about the instruction set, for dis and its relatives.

import CGila
import GilaCompiler
import GilaCore

enum OpcodeModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_opcode", doc: "Facts about the instructions of the virtual machine.", methods: methods(),
    exec: { m in
      bridgeStatus { () throws(PyError) in // Instructions are never replaced by specialized ones that a program could see.
        try add(m!, "ENABLE_SPECIALIZATION", pyFalse) }
    })

  // MARK: the instruction set

  private static let argument = ranges([
    45...149, 162...187, 191...201, 203...204, 208...208, 220...222, 236...236, 240...245, 248...253, 192...192,
    202...202, 205...206, 211...211, 188...190, 256...262, 258...258, 264...267,
  ])
  private static let named: Set<Int> = [
    63, 66, 67, 74, 75, 82, 90, 91, 92, 93, 108, 113, 114, 192, 202, 205, 206, 211, 259, 260, 261, 262,
  ]
  private static let free: Set<Int> = [64, 84, 89, 94, 109]
  private static let local: Set<Int> = [3, 65, 85, 86, 87, 88, 110, 111, 112, 258, 267]
  private static let jumps: Set<Int> = [72, 77, 78, 79, 97, 98, 99, 100, 104, 188, 189, 190, 256, 257]
  private static let constants: Set<Int> = [83, 103, 240]
  private static let handlers: Set<Int> = [264, 265, 266]
  private static func ranges(_ list: [ClosedRange<Int>]) -> Set<Int> {
    var all = Set<Int>()
    for r in list { all.formUnion(r) }
    return all
  }
  /// Numbers without an instruction.
  private static func isValid(_ op: Int) -> Bool {
    switch op {
    case 0...118, 149...222, 236...253, 256...267: return true
    default: return false
    }
  }
  /// The effect on the stack; nil for the numbers of instructions that only a specializing interpreter has.
  private static func effect(_ op: Int, _ argument: Int, jumping: Bool) -> Int? {
    switch op {
    case 3, 150...222: return nil
    case 236, 240, 241, 243...253: return 0
    case 13, 22, 237, 238, 239, 260, 261, 262: return -1
    case 259: return 1
    case 242: return -2 + (argument & 1)
    default:
      return isValid(op) ? Opcode.stackEffect(UInt16(op), argument, jumping: jumping) : nil
    }
  }

  // MARK: functions

  private static let names = [
    "INTRINSIC_1_INVALID", "INTRINSIC_PRINT", "INTRINSIC_IMPORT_STAR", "INTRINSIC_STOPITERATION_ERROR",
    "INTRINSIC_ASYNC_GEN_WRAP", "INTRINSIC_UNARY_POSITIVE", "INTRINSIC_LIST_TO_TUPLE", "INTRINSIC_TYPEVAR",
    "INTRINSIC_PARAMSPEC", "INTRINSIC_TYPEVARTUPLE", "INTRINSIC_SUBSCRIPT_GENERIC", "INTRINSIC_TYPEALIAS",
  ]
  private static let names2 = [
    "INTRINSIC_2_INVALID", "INTRINSIC_PREP_RERAISE_STAR", "INTRINSIC_TYPEVAR_WITH_BOUND",
    "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS", "INTRINSIC_SET_FUNCTION_TYPE_PARAMS", "INTRINSIC_SET_TYPEPARAM_DEFAULT",
  ]
  private static let operators = [
    ("ADD", "+"), ("AND", "&"), ("FLOOR_DIVIDE", "//"), ("LSHIFT", "<<"), ("MATRIX_MULTIPLY", "@"), ("MULTIPLY", "*"),
    ("REMAINDER", "%"), ("OR", "|"), ("POWER", "**"), ("RSHIFT", ">>"), ("SUBTRACT", "-"), ("TRUE_DIVIDE", "/"),
    ("XOR", "^"),
  ]
  private static func list(_ texts: [String]) throws(PyError) -> Owned {
    let l = try owned(PyList_New(0))
    for s in texts {
      let t = try string(s)
      try check(PyList_Append(l.ref, t.ref))
    }
    return l
  }
  private static func operatorList() throws(PyError) -> Owned {
    let l = try owned(PyList_New(0))
    for (prefix, suffix) in [("NB_", ""), ("NB_INPLACE_", "=")] {
      for (name, sign) in operators {
        let t = try owned(PyTuple_New(2))
        gila_tuple_items(t.ref)[0] = try string(prefix + name).take()
        gila_tuple_items(t.ref)[1] = try string(sign + suffix).take()
        try check(PyList_Append(l.ref, t.ref))
      }
    }
    return l
  }
  private static let effectSignature = Signature("stack_effect", "(opcode, oparg=None, /, *, jump=None)")
  private static let opcodeSignature = Signature("has_arg", "(opcode)")

  /// Whether an opcode argument is in a set.
  private static func contains(_ args: ArgumentVector?, _ n: Int, _ words: Ref?, _ set: Set<Int>) -> Ref? {
    bridge { () throws(PyError) in
      let b = try opcodeSignature.bind(args, n, words)
      return Owned(retaining: pyBool(set.contains(Int(try intArgument(b[0]!)))))
    }
  }
  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.keywords("stack_effect", "($module, opcode, oparg=None, /, *, jump=None)", "What it does to the stack's depth.") {
      _, args, n, words in
      bridge { () throws(PyError) in try OpcodeModule.stackEffect(args, n, words) }
    }
    m.keywords("is_valid", "($module, /, opcode)", "Says whether there is an instruction of that number.") {
      _, args, n, words in
      bridge { () throws(PyError) in
        let b = try OpcodeModule.opcodeSignature.bind(args, n, words)
        return Owned(retaining: pyBool(OpcodeModule.isValid(Int(try intArgument(b[0]!)))))
      }
    }
    m.keywords("has_arg", "($module, /, opcode)", "Whether it has an argument.") { _, args, n, words in
      OpcodeModule.contains(args, n, words, OpcodeModule.argument)
    }
    m.keywords("has_const", "($module, /, opcode)", "Says whether the instruction takes a constant.") {
      _, args, n, words in OpcodeModule.contains(args, n, words, OpcodeModule.constants)
    }
    m.keywords("has_name", "($module, /, opcode)", "Says whether the instruction takes a name.") { _, args, n, words in
      OpcodeModule.contains(args, n, words, OpcodeModule.named)
    }
    m.keywords("has_jump", "($module, /, opcode)", "Says whether the instruction jumps.") { _, args, n, words in
      OpcodeModule.contains(args, n, words, OpcodeModule.jumps)
    }
    m.keywords("has_free", "($module, /, opcode)", "Says whether the instruction takes a free variable.") {
      _, args, n, words in OpcodeModule.contains(args, n, words, OpcodeModule.free)
    }
    m.keywords("has_local", "($module, /, opcode)", "Says whether the instruction takes a local variable.") {
      _, args, n, words in OpcodeModule.contains(args, n, words, OpcodeModule.local)
    }
    m.keywords("has_exc", "($module, /, opcode)", "Says whether the instruction sets up a handler.") {
      _, args, n, words in OpcodeModule.contains(args, n, words, OpcodeModule.handlers)
    }
    m.noArguments("get_specialization_stats", "($module, /)", "None: there are no such statistics.") { _, _ in
      newRef(none)
    }
    m.noArguments("get_nb_ops", "($module, /)", "Returns the operators of BINARY_OP.") { _, _ in
      bridge { () throws(PyError) in try OpcodeModule.operatorList() }
    }
    m.noArguments("get_intrinsic1_descs", "($module, /)", "Returns the names of CALL_INTRINSIC_1.") { _, _ in
      bridge { () throws(PyError) in try OpcodeModule.list(OpcodeModule.names) }
    }
    m.noArguments("get_intrinsic2_descs", "($module, /)", "Returns the names of CALL_INTRINSIC_2.") { _, _ in
      bridge { () throws(PyError) in try OpcodeModule.list(OpcodeModule.names2) }
    }
    m.keywords("get_executor", "($module, /, *, code, offset)", "Gila has no executors.") { _, args, n, words in
      bridge { () throws(PyError) in
        _ = try Signature("get_executor", "(*, code, offset)").bind(args, n, words)
        throw runtimeError("Executors are not available in this build")
      }
    }
    return m.build()
  }
  private static func stackEffect(_ args: ArgumentVector?, _ n: Int, _ words: Ref?) throws(PyError) -> Owned {
    let b = try effectSignature.bind(args, n, words)
    let op = Int(try intArgument(b[0]!))
    var value = 0
    if argument.contains(op) {
      guard let a = b[1], a != none else {
        throw valueError("stack_effect: opcode requires oparg but oparg was not specified")
      }
      value = Int(try intArgument(a))
    } else if let a = b[1], a != none {
      throw valueError("stack_effect: opcode does not permit oparg but oparg was specified")
    }
    var outcomes = [false, true]
    if let j = b[2], j != none {
      guard j == pyTrue || j == pyFalse else {
        throw valueError("stack_effect: jump must be False, True or None")
      }
      outcomes = [j == pyTrue]
    }
    var most: Int? = nil
    for jumping in outcomes {
      guard let e = effect(op, value, jumping: jumping) else {
        throw valueError("invalid opcode or oparg")
      }
      most = max(most ?? e, e)
    }
    return try owned(PyLong_FromLong(most ?? 0))
  }
}
