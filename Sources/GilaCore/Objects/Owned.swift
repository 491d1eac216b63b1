import CGila

/// A reference that a scope owns; its end gives the reference back on every way out.
@frozen public struct Owned: ~Copyable {
  public let ref: Ref
  /// Takes over a reference that the caller owns.
  @inlinable @inline(__always) public init(taking r: Ref) { ref = r }
  /// Adds a reference of its own.
  @inlinable @inline(__always) public init(retaining r: Ref) {
    gila_incref(r)
    ref = r
  }
  /// Hands the reference to the caller, who must give it back.
  @inlinable @inline(__always) public consuming func take() -> Ref {
    let r = ref
    discard self
    return r
  }
  @inlinable @inline(__always) deinit { gila_decref(ref) }
}
