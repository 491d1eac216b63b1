/// The instruction set of the executable form, which the translator makes from a code object's bytecode.
///
/// An instruction is one 64-bit word: operation in bits 0..<8, `a` in 8..<16, `b` in 16..<32, `c` in 32..<64. Some
/// are followed by words of their own: pointers to constants and names, inline caches. Jump distances (`c`, signed)
/// count words from the end of the instruction. The comment says what an instruction takes and how many words follow.
enum Op: UInt8 {
  // Locals and constants
  case nop
  case resume  // c: the kind
  case loadFast  // c: local
  case loadFastCheck
  case loadFastAndClear
  case loadFastPair  // b, c: locals
  case loadConst  // +1: constant
  case storeFast
  case storeFastLoadFast  // b: stored, c: loaded
  case storeFastPair  // b: first stored, c: second
  case deleteFast
  // Stack
  case popTop
  case endSend
  case pushNull
  case copy
  case swap
  // Operators
  case unaryNot
  case unaryNegative
  case unaryInvert
  case toBool
  case binary  // c: operator
  case addStack, addStackFast, addFastFast, addStackConst, addFastConst
  case subtractStack, subtractStackFast, subtractFastFast, subtractStackConst, subtractFastConst
  case multiplyStack, multiplyStackFast, multiplyFastFast, multiplyStackConst, multiplyFastConst
  case item
  case itemFastFast
  case itemStackFast
  case slice
  case storeSlice
  case storeSubscript
  case deleteSubscript
  case compare  // a: operator, b: 1 to make a bool
  case compareStackJump  // a: operator, bit 3 jump if true; c: distance
  case compareFastFastJump  // b: left local; c: distance; +1: right local
  case compareFastConstJump  // +1: constant
  case compareStackConstJump  // +1: constant
  case isOp
  case contains
  // Jumps
  case jump
  case jumpBackward
  case popJumpIfFalse
  case popJumpIfTrue
  case popJumpIfNone
  case popJumpIfNotNone
  case getIter
  case getYieldFromIter
  case forIter  // c: distance once exhausted; +1: distance of the instruction that takes a generator's return value
  case forIterStore  // the same and the value goes to local b
  // Names
  case loadGlobal  // a: 1 to push NULL too, b: counter; +1 name, +2 two key versions, +3 two offsets
  case loadGlobalModule
  case loadGlobalBuiltin
  case loadName  // +1: name
  case loadFromDictOrGlobals  // +1
  case loadFromDictOrDeref  // c: local
  case storeName
  case deleteName
  case storeGlobal
  case deleteGlobal
  // Attributes: a: 1 for a method call, 2 if the object is local c; b: counter; +1 name, +2 versions, +3 what was found
  case loadAttr
  case loadAttrSlot
  case loadAttrSlotFast  // the object is local c
  case loadAttrMember
  case loadAttrModule
  case loadAttrClass
  case loadAttrDict  // of an instance that has a dict
  case loadAttrMethod  // a method, or a plain value of the class
  case loadAttrMethodFast
  case loadAttrMethodPlain  // of a type whose instances have no attributes of their own
  case loadAttrMethodDict  // of an instance that has a dict, or none as yet in a place where only a dict can be
  case loadAttrProperty
  case storeAttr  // a: 2 if the object is local c; b: counter; +1 name, +2 version, slot offset
  case storeAttrSlot
  case storeAttrMember
  case storeAttrDict
  case deleteAttr  // +1: name
  case loadSuperAttr  // a: flags; +1: name
  // Cells
  case makeCell
  case copyFreeVars
  case loadDeref
  case storeDeref
  case deleteDeref
  case loadLocals
  // Building
  case loadAssertionError
  case loadBuildClass
  case makeFunction
  case setFunctionAttribute
  case buildList
  case buildTuple
  case buildSet
  case buildMap
  case buildConstKeyMap
  case buildSlice
  case buildString
  case listAppend
  case setAdd
  case mapAdd
  case listExtend
  case setUpdate
  case dictUpdate
  case dictMerge
  case unpackSequence
  case unpackEx
  case convertValue
  case formatSimple
  case formatWithSpec
  // Calls
  case call  // c: count
  case callKeywords
  case callSpread
  case intrinsic1
  case intrinsic2
  case returnValue
  case returnConst  // +1: constant
  case returnGenerator
  case yieldValue
  case send  // c: distance when the receiver returns
  // Exceptions
  case cleanupThrow
  case pushExcInfo
  case popExcept
  case checkExcMatch
  case checkEgMatch
  case raiseVarargs
  case reraise
  case beforeWith
  case withExceptStart
  // Patterns
  case getLen
  case matchMapping
  case matchSequence
  case matchKeys
  case matchClass
  // Coroutines
  case getAwaitable
  case getAiter
  case getAnext
  case beforeAsyncWith
  case endAsyncFor
  // The rest
  case setupAnnotations
  case importName  // +1: name
  case importFrom  // +1: name
  case unknown  // c: the bytecode's number
  /// Before each instruction of the instrumented form; c: the unit of the bytecode.
  case trace

  static func word(_ op: Op, a: Int = 0, b: Int = 0, c: Int = 0) -> UInt64 {
    UInt64(op.rawValue) | UInt64(UInt8(truncatingIfNeeded: a)) << 8 | UInt64(UInt16(truncatingIfNeeded: b)) << 16
      | UInt64(UInt32(truncatingIfNeeded: c)) << 32
  }
}
