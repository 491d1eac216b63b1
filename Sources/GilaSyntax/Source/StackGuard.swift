/// Watches the native stack during recursion over programs that may nest arbitrarily deep.
///
/// The limit is an address, so it holds whatever a level of recursion needs in this or that build.
public struct StackGuard: Sendable {
  private let limit: UInt

  /// Allows `bytes` of stack below the caller.
  public init(bytes: Int) {
    let here = Self.address()
    limit = here > UInt(bytes) ? here - UInt(bytes) : 0
  }

  /// Whether the allowance is used up.
  @inline(__always)
  public var isExhausted: Bool { Self.address() < limit }

  @inline(__always)
  private static func address() -> UInt {
    var marker: UInt8 = 0
    return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
  }

  /// What is safe on a main thread of 8 MB; threads with smaller stacks must allow less.
  public static let defaultBytes = 4 << 20
}
