// The module _opcode, from which dis and opcode know the bytecode.

import CGila
import GilaCore

enum OpcodeModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_opcode", doc: "Properties of the bytecode's instructions.", methods: methods(),
    exec: { m in
      bridgeStatus { () throws(PyError) in
        // Instructions are never replaced by specialized ones that a program could see.
        try add(m!, "ENABLE_SPECIALIZATION", pyFalse)
      }
    })

  private static let effectFunction = Function(
    "stack_effect", "($module, opcode, oparg=None, /, *, jump=None)")
  private static let executorFunction = Function("get_executor", "($module, /, code, offset)")
  private static let hasArg = Function("has_arg", "($module, /, opcode)")
  private static let hasConst = Function("has_const", "($module, /, opcode)")
  private static let hasExc = Function("has_exc", "($module, /, opcode)")
  private static let hasFree = Function("has_free", "($module, /, opcode)")
  private static let hasJump = Function("has_jump", "($module, /, opcode)")
  private static let hasLocal = Function("has_local", "($module, /, opcode)")
  private static let hasName = Function("has_name", "($module, /, opcode)")
  private static let isValid = Function("is_valid", "($module, /, opcode)")

  private static func within(_ b: Arguments, _ set: [ClosedRange<Int>]) throws(PyError) -> Owned {
    let op = Int(try b.int(0))
    return Owned(retaining: pyBool(set.contains { $0.contains(op) }))
  }
  private static func names(_ all: [String]) throws(PyError) -> Owned {
    let list = try owned(PyList_New(0))
    for name in all { try append(list.ref, try string(name)) }
    return list
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(effectFunction, "How much the stack grows by an instruction; with jump None the larger of both ways.") {
      _, a, n, k in
      answer(OpcodeModule.effectFunction, a, n, k) { (b) throws(PyError) in
        let op = Int(try b.int(0))
        var argument = 0
        if let r = b[1], !r.isNone { argument = Int(try cInt(r)) }
        let jump = b[2] ?? none
        guard jump.isNone || jump == pyTrue || jump == pyFalse else {
          throw valueError("stack_effect: jump must be False, True or None")
        }
        let straight = OpcodeFacts.stackEffect(op, argument, jumps: false)
        let jumping = OpcodeFacts.stackEffect(op, argument, jumps: true)
        guard let straight, let jumping else { throw valueError("invalid opcode or oparg") }
        return try int(jump.isNone ? max(straight, jumping) : jump == pyTrue ? jumping : straight)
      }
    }
    m.add(hasArg, "Whether an instruction has an argument.") { _, a, n, k in
      answer(OpcodeModule.hasArg, a, n, k) { (b) throws(PyError) in
        try OpcodeModule.within(b, OpcodeFacts.hasArgument)
      }
    }
    m.add(hasConst, "Whether an instruction's argument is the number of a constant.") { _, a, n, k in
      answer(OpcodeModule.hasConst, a, n, k) { (b) throws(PyError) in
        try OpcodeModule.within(b, OpcodeFacts.hasConstant)
      }
    }
    m.add(hasExc, "Whether an instruction sets up an exception handler.") { _, a, n, k in
      answer(OpcodeModule.hasExc, a, n, k) { (b) throws(PyError) in
        try OpcodeModule.within(b, OpcodeFacts.hasHandler)
      }
    }
    m.add(hasFree, "Whether an instruction's argument is the number of a cell or free variable.") { _, a, n, k in
      answer(OpcodeModule.hasFree, a, n, k) { (b) throws(PyError) in try OpcodeModule.within(b, OpcodeFacts.hasFree) }
    }
    m.add(hasJump, "Whether an instruction jumps.") { _, a, n, k in
      answer(OpcodeModule.hasJump, a, n, k) { (b) throws(PyError) in try OpcodeModule.within(b, OpcodeFacts.hasJump) }
    }
    m.add(hasLocal, "Whether an instruction's argument is the number of a local variable.") { _, a, n, k in
      answer(OpcodeModule.hasLocal, a, n, k) { (b) throws(PyError) in try OpcodeModule.within(b, OpcodeFacts.hasLocal) }
    }
    m.add(hasName, "Whether an instruction's argument is the number of a name.") { _, a, n, k in
      answer(OpcodeModule.hasName, a, n, k) { (b) throws(PyError) in try OpcodeModule.within(b, OpcodeFacts.hasName) }
    }
    m.add(isValid, "Whether a number is that of an instruction.") { _, a, n, k in
      answer(OpcodeModule.isValid, a, n, k) { (b) throws(PyError) in try OpcodeModule.within(b, OpcodeFacts.isValid) }
    }
    m.noArguments(
      "get_specialization_stats", "($module, /)", "None: statistics of specialized instructions are not kept."
    ) {
      _, _ in none
    }
    m.noArguments("get_nb_ops", "($module, /)", "Names and signs of the binary operators, by number.") { _, _ in
      bridge { () throws(PyError) in
        let list = try owned(PyList_New(0))
        for (name, sign) in OpcodeFacts.operators {
          try append(list.ref, try pair(try string(name), try string(sign)))
        }
        return list
      }
    }
    m.noArguments("get_intrinsic1_descs", "($module, /)", "Names of the unary intrinsic functions, by number.") {
      _, _ in
      bridge { () throws(PyError) in try OpcodeModule.names(OpcodeFacts.unaryIntrinsics) }
    }
    m.noArguments("get_intrinsic2_descs", "($module, /)", "Names of the binary intrinsic functions, by number.") {
      _, _ in
      bridge { () throws(PyError) in try OpcodeModule.names(OpcodeFacts.binaryIntrinsics) }
    }
    m.add(executorFunction, "Raises: instructions have no executors here.") { _, a, n, k in
      answer(OpcodeModule.executorFunction, a, n, k) { (b) throws(PyError) in
        guard b.object(0).isExactly(Types.code) else {
          throw typeError("expected a code object, not '\(typeName(of: b.object(0)))'")
        }
        _ = try b.int(1)
        throw runtimeError("Executors are not available in this build")
      }
    }
    return m.build()
  }
}

/// How much the stack grows by an instruction: taking its jump (1), not (0), or the larger of both (-1). The largest int
/// if there is no such instruction.
@c @implementation public func PyCompile_OpcodeStackEffectWithJump(_ op: Int32, _ argument: Int32, _ jump: Int32)
  -> Int32
{
  guard let straight = OpcodeFacts.stackEffect(Int(op), Int(argument), jumps: false),
    let jumping = OpcodeFacts.stackEffect(Int(op), Int(argument), jumps: true)
  else { return Int32.max }
  return Int32(truncatingIfNeeded: jump < 0 ? max(straight, jumping) : jump > 0 ? jumping : straight)
}
@c @implementation public func PyCompile_OpcodeStackEffect(_ op: Int32, _ argument: Int32) -> Int32 {
  PyCompile_OpcodeStackEffectWithJump(op, argument, -1)
}
