// Laying a number's text out in a field: sign, prefix, zeros, grouped digits, decimal point, remainder, padding.

/// The parts of a formatted number and where they go. Digits are ASCII; fill and separators may be any code points.
public struct NumberLayout {
  /// The whole number of code points.
  public private(set) var total = 0
  private let signCharacter: UInt32
  private var leftPadding = 0
  private var signPadding = 0
  private var rightPadding = 0
  private let groupedDigits: Int
  private let minimumDigits: Int
  private let prefix: UnsafeBufferPointer<UInt8>
  private let digits: UnsafeBufferPointer<UInt8>
  private let remainder: UnsafeBufferPointer<UInt8>
  private let hasPoint: Bool
  private let fill: UInt32
  private let symbols: Symbols

  /// Decimal point, separator and group sizes.
  public struct Symbols {
    /// The decimal point's code points.
    public var point: [UInt32] = [46]
    /// The separator's code points.
    public var separator: [UInt32] = []
    /// Group sizes as in C's struct lconv; 127 ends grouping, the end repeats the last.
    public var groups: [UInt8] = [127]
    /// Nothing is grouped.
    public init() {}
    /// The symbols of a specification's grouping.
    public init(_ grouping: FormatSpec.Grouping) {
      switch grouping {
      case .none, .locale: break
      case .comma:
        separator = [44]
        groups = [3]
      case .underscore:
        separator = [95]
        groups = [3]
      case .underscoreByFour:
        separator = [95]
        groups = [4]
      }
    }
  }

  /// Computes the layout. `digits` are the digits to group; then come the point (if any) and `remainder`.
  public init(
    _ spec: FormatSpec, negative: Bool, prefix: UnsafeBufferPointer<UInt8>, digits: UnsafeBufferPointer<UInt8>,
    hasPoint: Bool, remainder: UnsafeBufferPointer<UInt8>, symbols: Symbols
  ) {
    self.prefix = prefix
    self.digits = digits
    self.remainder = remainder
    self.hasPoint = hasPoint
    self.symbols = symbols
    fill = spec.fill
    switch spec.sign {
    case 0x2B: signCharacter = negative ? 45 : 43
    case 0x20: signCharacter = negative ? 45 : 32
    default: signCharacter = negative ? 45 : 0
    }
    let fixed =
      (signCharacter == 0 ? 0 : 1) &+ prefix.count &+ (hasPoint ? symbols.point.count : 0) &+ remainder.count
    minimumDigits = spec.fill == 0x30 && spec.align == 0x3D ? spec.width &- fixed : 0
    groupedDigits =
      digits.isEmpty ? 0 : Self.group(digits, minimumDigits, symbols, store: nil)
    let padding = spec.width &- (fixed &+ groupedDigits)
    if padding > 0 {
      switch spec.align {
      case 0x3C: rightPadding = padding
      case 0x5E:
        leftPadding = padding / 2
        rightPadding = padding &- leftPadding
      case 0x3D: signPadding = padding
      default: leftPadding = padding
      }
    }
    total = fixed &+ groupedDigits &+ max(padding, 0)
  }

  /// The largest code point that `write` stores.
  public var maximum: UInt32 {
    var m: UInt32 = 127
    if leftPadding &+ signPadding &+ rightPadding > 0 { m = max(m, fill) }
    if hasPoint { for c in symbols.point { m = max(m, c) } }
    for c in symbols.separator { m = max(m, c) }
    return m
  }

  /// Stores the text as code points of `kind` bytes.
  public func write(to out: UnsafeMutableRawPointer, kind: Int) {
    var at = 0
    func put(_ c: UInt32) {
      Self.store(out, kind, at, c)
      at &+= 1
    }
    for _ in 0..<leftPadding { put(fill) }
    if signCharacter != 0 { put(signCharacter) }
    for c in prefix { put(UInt32(c)) }
    for _ in 0..<signPadding { put(fill) }
    if groupedDigits > 0 {
      at &+= groupedDigits
      _ = Self.group(digits, minimumDigits, symbols, store: (out, kind, at))
    }
    if hasPoint { for c in symbols.point { put(c) } }
    for c in remainder { put(UInt32(c)) }
    for _ in 0..<rightPadding { put(fill) }
  }

  @inline(__always)
  private static func store(_ out: UnsafeMutableRawPointer, _ kind: Int, _ i: Int, _ c: UInt32) {
    switch kind {
    case 1: out.storeBytes(of: UInt8(truncatingIfNeeded: c), toByteOffset: i, as: UInt8.self)
    case 2: out.storeBytes(of: UInt16(truncatingIfNeeded: c), toByteOffset: i &* 2, as: UInt16.self)
    default: out.storeBytes(of: c, toByteOffset: i &* 4, as: UInt32.self)
    }
  }

  /// Groups digits from the right, with zeros on the left up to a minimum width; counts, and stores backwards from
  /// the given end when there is one.
  private static func group(
    _ digits: UnsafeBufferPointer<UInt8>, _ minimum: Int, _ symbols: Symbols,
    store target: (out: UnsafeMutableRawPointer, kind: Int, end: Int)?
  ) -> Int {
    var remaining = digits.count
    var width = minimum
    var count = 0
    var end = target?.end ?? 0
    var separate = false
    var nextGroup = 0
    var size = 0
    while true {
      // The size of the next group; 0 when all that is left is one group.
      if nextGroup < symbols.groups.count {
        let g = symbols.groups[nextGroup]
        if g == 127 {
          size = 0
        } else {
          if g != 0 { size = Int(g) }
          nextGroup &+= 1
        }
      }
      let left = max(max(remaining, width), 1)
      let length = size > 0 ? min(size, left) : left
      let zeros = max(0, length &- remaining)
      let characters = max(0, min(remaining, length))
      if separate { count &+= symbols.separator.count }
      count &+= zeros &+ characters
      if let (out, kind, _) = target {
        if separate {
          end &-= symbols.separator.count
          for (k, c) in symbols.separator.enumerated() { store(out, kind, end &+ k, c) }
        }
        for k in 0..<characters {
          end &-= 1
          store(out, kind, end, UInt32(digits[remaining &- 1 &- k]))
        }
        for _ in 0..<zeros {
          end &-= 1
          store(out, kind, end, 48)
        }
      }
      separate = true
      remaining &-= characters
      width &-= length
      if size == 0 || (remaining <= 0 && width <= 0) { return count }
      width &-= symbols.separator.count
    }
  }
}
