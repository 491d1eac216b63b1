// The code words that re._compiler produces (MAGIC 20230612): a list of 32-bit words.

/// Operations.
enum SREOp {
  static let failure: UInt32 = 0
  static let success: UInt32 = 1
  static let any: UInt32 = 2
  static let anyAll: UInt32 = 3
  static let assert: UInt32 = 4
  static let assertNot: UInt32 = 5
  static let at: UInt32 = 6
  static let branch: UInt32 = 7
  static let category: UInt32 = 8
  static let charset: UInt32 = 9
  static let bigCharset: UInt32 = 10
  static let groupRef: UInt32 = 11
  static let groupRefExists: UInt32 = 12
  static let `in`: UInt32 = 13
  static let info: UInt32 = 14
  static let jump: UInt32 = 15
  static let literal: UInt32 = 16
  static let mark: UInt32 = 17
  static let maxUntil: UInt32 = 18
  static let minUntil: UInt32 = 19
  static let notLiteral: UInt32 = 20
  static let negate: UInt32 = 21
  static let range: UInt32 = 22
  static let `repeat`: UInt32 = 23
  static let repeatOne: UInt32 = 24
  static let subpattern: UInt32 = 25
  static let minRepeatOne: UInt32 = 26
  static let atomicGroup: UInt32 = 27
  static let possessiveRepeat: UInt32 = 28
  static let possessiveRepeatOne: UInt32 = 29
  static let groupRefIgnore: UInt32 = 30
  static let inIgnore: UInt32 = 31
  static let literalIgnore: UInt32 = 32
  static let notLiteralIgnore: UInt32 = 33
  static let groupRefLocIgnore: UInt32 = 34
  static let inLocIgnore: UInt32 = 35
  static let literalLocIgnore: UInt32 = 36
  static let notLiteralLocIgnore: UInt32 = 37
  static let groupRefUniIgnore: UInt32 = 38
  static let inUniIgnore: UInt32 = 39
  static let literalUniIgnore: UInt32 = 40
  static let notLiteralUniIgnore: UInt32 = 41
  static let rangeUniIgnore: UInt32 = 42
}

/// Flags of an info block.
enum SREInfo {
  static let prefix: UInt32 = 1
  static let literal: UInt32 = 2
  static let charset: UInt32 = 4
}

enum SREFlag {
  static let locale = 4
  static let unicode = 32
}

/// "Without limit" as a repeat count.
let sreMaxRepeat: UInt32 = .max
