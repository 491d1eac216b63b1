/// The instruction set of Python 3.13: numbers and facts that the compiler needs.
///
/// Numbers from 256 are pseudo instructions, which only live between code generation and assembly.
public enum Opcode {
  public static let cache: UInt16 = 0
  public static let beforeAsyncWith: UInt16 = 1
  public static let beforeWith: UInt16 = 2
  public static let binarySlice: UInt16 = 4
  public static let binarySubscr: UInt16 = 5
  public static let checkEgMatch: UInt16 = 6
  public static let checkExcMatch: UInt16 = 7
  public static let cleanupThrow: UInt16 = 8
  public static let deleteSubscr: UInt16 = 9
  public static let endAsyncFor: UInt16 = 10
  public static let endFor: UInt16 = 11
  public static let endSend: UInt16 = 12
  public static let exitInitCheck: UInt16 = 13
  public static let formatSimple: UInt16 = 14
  public static let formatWithSpec: UInt16 = 15
  public static let getAiter: UInt16 = 16
  public static let getAnext: UInt16 = 18
  public static let getIter: UInt16 = 19
  public static let getLen: UInt16 = 20
  public static let getYieldFromIter: UInt16 = 21
  public static let interpreterExit: UInt16 = 22
  public static let loadAssertionError: UInt16 = 23
  public static let loadBuildClass: UInt16 = 24
  public static let loadLocals: UInt16 = 25
  public static let makeFunction: UInt16 = 26
  public static let matchKeys: UInt16 = 27
  public static let matchMapping: UInt16 = 28
  public static let matchSequence: UInt16 = 29
  public static let nop: UInt16 = 30
  public static let popExcept: UInt16 = 31
  public static let popTop: UInt16 = 32
  public static let pushExcInfo: UInt16 = 33
  public static let pushNull: UInt16 = 34
  public static let returnGenerator: UInt16 = 35
  public static let returnValue: UInt16 = 36
  public static let setupAnnotations: UInt16 = 37
  public static let storeSlice: UInt16 = 38
  public static let storeSubscr: UInt16 = 39
  public static let toBool: UInt16 = 40
  public static let unaryInvert: UInt16 = 41
  public static let unaryNegative: UInt16 = 42
  public static let unaryNot: UInt16 = 43
  public static let withExceptStart: UInt16 = 44
  public static let binaryOp: UInt16 = 45
  public static let buildConstKeyMap: UInt16 = 46
  public static let buildList: UInt16 = 47
  public static let buildMap: UInt16 = 48
  public static let buildSet: UInt16 = 49
  public static let buildSlice: UInt16 = 50
  public static let buildString: UInt16 = 51
  public static let buildTuple: UInt16 = 52
  public static let call: UInt16 = 53
  public static let callFunctionEx: UInt16 = 54
  public static let callIntrinsic1: UInt16 = 55
  public static let callIntrinsic2: UInt16 = 56
  public static let callKw: UInt16 = 57
  public static let compareOp: UInt16 = 58
  public static let containsOp: UInt16 = 59
  public static let convertValue: UInt16 = 60
  public static let copy: UInt16 = 61
  public static let copyFreeVars: UInt16 = 62
  public static let deleteAttr: UInt16 = 63
  public static let deleteDeref: UInt16 = 64
  public static let deleteFast: UInt16 = 65
  public static let deleteGlobal: UInt16 = 66
  public static let deleteName: UInt16 = 67
  public static let dictMerge: UInt16 = 68
  public static let dictUpdate: UInt16 = 69
  public static let enterExecutor: UInt16 = 70
  public static let extendedArg: UInt16 = 71
  public static let forIter: UInt16 = 72
  public static let getAwaitable: UInt16 = 73
  public static let importFrom: UInt16 = 74
  public static let importName: UInt16 = 75
  public static let isOp: UInt16 = 76
  public static let jumpBackward: UInt16 = 77
  public static let jumpBackwardNoInterrupt: UInt16 = 78
  public static let jumpForward: UInt16 = 79
  public static let listAppend: UInt16 = 80
  public static let listExtend: UInt16 = 81
  public static let loadAttr: UInt16 = 82
  public static let loadConst: UInt16 = 83
  public static let loadDeref: UInt16 = 84
  public static let loadFast: UInt16 = 85
  public static let loadFastAndClear: UInt16 = 86
  public static let loadFastCheck: UInt16 = 87
  public static let loadFastLoadFast: UInt16 = 88
  public static let loadFromDictOrDeref: UInt16 = 89
  public static let loadFromDictOrGlobals: UInt16 = 90
  public static let loadGlobal: UInt16 = 91
  public static let loadName: UInt16 = 92
  public static let loadSuperAttr: UInt16 = 93
  public static let makeCell: UInt16 = 94
  public static let mapAdd: UInt16 = 95
  public static let matchClass: UInt16 = 96
  public static let popJumpIfFalse: UInt16 = 97
  public static let popJumpIfNone: UInt16 = 98
  public static let popJumpIfNotNone: UInt16 = 99
  public static let popJumpIfTrue: UInt16 = 100
  public static let raiseVarargs: UInt16 = 101
  public static let reraise: UInt16 = 102
  public static let returnConst: UInt16 = 103
  public static let send: UInt16 = 104
  public static let setAdd: UInt16 = 105
  public static let setFunctionAttribute: UInt16 = 106
  public static let setUpdate: UInt16 = 107
  public static let storeAttr: UInt16 = 108
  public static let storeDeref: UInt16 = 109
  public static let storeFast: UInt16 = 110
  public static let storeFastLoadFast: UInt16 = 111
  public static let storeFastStoreFast: UInt16 = 112
  public static let storeGlobal: UInt16 = 113
  public static let storeName: UInt16 = 114
  public static let swap: UInt16 = 115
  public static let unpackEx: UInt16 = 116
  public static let unpackSequence: UInt16 = 117
  public static let yieldValue: UInt16 = 118
  public static let resume: UInt16 = 149
  public static let jump: UInt16 = 256
  public static let jumpNoInterrupt: UInt16 = 257
  public static let loadClosure: UInt16 = 258
  public static let loadMethod: UInt16 = 259
  public static let loadSuperMethod: UInt16 = 260
  public static let loadZeroSuperAttr: UInt16 = 261
  public static let loadZeroSuperMethod: UInt16 = 262
  public static let popBlock: UInt16 = 263
  public static let setupCleanup: UInt16 = 264
  public static let setupFinally: UInt16 = 265
  public static let setupWith: UInt16 = 266
  public static let storeFastMaybeNull: UInt16 = 267

  /// How many cache entries follow the instruction.
  @inline(__always)
  public static func cacheCount(_ op: UInt16) -> Int {
    switch op {
    case loadAttr: 9
    case loadGlobal, storeAttr: 4
    case call, toBool: 3
    case jumpBackward, binarySubscr, storeSubscr, send, unpackSequence, loadSuperAttr, compareOp, containsOp,
      popJumpIfTrue, popJumpIfFalse, popJumpIfNone, popJumpIfNotNone, forIter, binaryOp:
      1
    default: 0
    }
  }

  @inline(__always)
  static func isConditionalJump(_ op: UInt16) -> Bool { op >= popJumpIfFalse && op <= popJumpIfTrue }

  @inline(__always)
  static func isUnconditionalJump(_ op: UInt16) -> Bool { op == jump || op == jumpNoInterrupt }

  /// Jumps, as code generation knows them.
  @inline(__always)
  static func isJump(_ op: UInt16) -> Bool {
    isConditionalJump(op) || isUnconditionalJump(op) || op == forIter || op == send
      || (op >= jumpBackward && op <= jumpForward)
  }

  /// Instructions that set up an exception handler.
  @inline(__always)
  static func isBlockPush(_ op: UInt16) -> Bool { op >= setupCleanup && op <= setupWith }

  @inline(__always)
  static func hasTarget(_ op: UInt16) -> Bool { isJump(op) || isBlockPush(op) }

  @inline(__always)
  static func exitsScope(_ op: UInt16) -> Bool {
    op == returnValue || op == returnConst || op == raiseVarargs || op == reraise
  }

  @inline(__always)
  static func isTerminator(_ op: UInt16) -> Bool { isJump(op) || exitsScope(op) }

  @inline(__always)
  static func usesConstant(_ op: UInt16) -> Bool { op == loadConst || op == returnConst }

  /// Instructions at which other threads, signals and so on may run.
  @inline(__always)
  static func checksEvalBreaker(_ op: UInt16) -> Bool {
    op == jump || op == call || op == callKw || op == callFunctionEx || op == resume
  }

  /// What the instruction adds to the stack; `jumping` if its jump is taken or its handler entered.
  public static func stackEffect(_ op: UInt16, _ arg: Int, jumping: Bool) -> Int {
    switch op {
    case beforeAsyncWith, beforeWith, getAnext, getLen, loadAssertionError, loadBuildClass, loadLocals, matchKeys,
      matchMapping, matchSequence, pushExcInfo, pushNull, returnGenerator, withExceptStart, copy, forIter, importFrom,
      loadConst, loadDeref, loadFast, loadFastAndClear, loadFastCheck, loadName, loadClosure:
      return 1
    case binarySubscr, cleanupThrow, endFor, endSend, formatWithSpec, popExcept, popTop, returnValue, binaryOp,
      callIntrinsic2, compareOp, containsOp, deleteAttr, dictMerge, dictUpdate, importName, isOp, listAppend,
      listExtend,
      popJumpIfFalse, popJumpIfTrue, popJumpIfNone, popJumpIfNotNone, setAdd, setFunctionAttribute,
      setUpdate, storeDeref, storeFast, storeGlobal, storeName, storeFastMaybeNull:
      return -1
    case reraise: return -1
    case binarySlice, deleteSubscr, endAsyncFor, mapAdd, matchClass, storeAttr, storeFastStoreFast: return -2
    case storeSubscr: return -3
    case storeSlice: return -4
    case loadFastLoadFast: return 2
    case buildList, buildSet, buildString, buildTuple: return 1 - arg
    case buildConstKeyMap: return -arg
    case buildMap: return 1 - 2 * arg
    case buildSlice: return arg == 3 ? -2 : -1
    case call: return -1 - arg
    case callKw: return -2 - arg
    case callFunctionEx: return -2 - (arg & 1)
    case loadAttr: return arg & 1
    case loadGlobal: return 1 + (arg & 1)
    case loadSuperAttr: return -2 + (arg & 1)
    case raiseVarargs: return -arg
    case unpackEx: return (arg & 0xFF) + (arg >> 8)
    case unpackSequence: return arg - 1
    case setupFinally, setupWith: return jumping ? 1 : 0
    case setupCleanup: return jumping ? 2 : 0
    default: return 0
    }
  }
}

/// Arguments of `CALL_INTRINSIC_1`.
enum Intrinsic1 {
  static let print = 1
  static let importStar = 2
  static let stopIterationError = 3
  static let asyncGenWrap = 4
  static let unaryPositive = 5
  static let listToTuple = 6
  static let typeVar = 7
  static let paramSpec = 8
  static let typeVarTuple = 9
  static let subscriptGeneric = 10
  static let typeAlias = 11
}

/// Arguments of `CALL_INTRINSIC_2`.
enum Intrinsic2 {
  static let prepReraiseStar = 1
  static let typeVarWithBound = 2
  static let typeVarWithConstraints = 3
  static let setFunctionTypeParams = 4
  static let setTypeParamDefault = 5
}
