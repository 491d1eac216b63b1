import CGila

/// The interned str of a literal (borrowed, immortal), for attribute names and the like. Literals are known by their
/// address: only the first use of each looks its text up.
public func internedLiteral(_ text: StaticString) -> Ref {
  let address = UInt(bitPattern: text.utf8Start)
  let i = Int(truncatingIfNeeded: (address &* 0x9E37_79B9_7F4A_7C15) >> 55) &* 2
  let table = literals ?? makeLiterals()
  if table[i] == address, let r = Ref(bitPattern: table[i &+ 1]) { return r }
  let r = gila_intern(cString(text)) ?? none
  table[i &+ 1] = UInt(bitPattern: r)
  table[i] = address
  return r
}
/// Addresses of literals and their str objects, in pairs; guarded by the interpreter's lock.
nonisolated(unsafe) private var literals: UnsafeMutablePointer<UInt>? = nil

@inline(never) private func makeLiterals() -> UnsafeMutablePointer<UInt> {
  let p = UnsafeMutablePointer<UInt>.allocate(capacity: 1024)
  p.initialize(repeating: 0, count: 1024)
  literals = p
  return p
}
