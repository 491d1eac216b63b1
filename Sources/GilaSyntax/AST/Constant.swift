/// The value of a constant expression, in an arena.
public enum Constant: BitwiseCopyable {
  case none
  case `true`
  case `false`
  case ellipsis
  /// An int that fits a machine word.
  case int(Int)
  /// A larger int.
  case bigInt(BigIntText)
  case float(Double)
  case complex(real: Double, imaginary: Double)
  /// WTF-8.
  case string(Text)
  case bytes(Text)
  case tuple(ASTList<Constant>)
  case frozenset(ASTList<Constant>)
}

/// An int of any size: sign and magnitude, 32-bit limbs with the least significant first, no zero limb on top.
public struct BigIntText: BitwiseCopyable {
  public let isNegative: Bool
  public let limbs: ASTList<UInt32>

  public init(isNegative: Bool, limbs: ASTList<UInt32>) {
    self.isNegative = isNegative
    self.limbs = limbs
  }
}
