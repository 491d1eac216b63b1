// Hash values of str, bytes and memory: SipHash-1-3 with the process's key, so that equal content hashes equally.

import CGila
import GilaAlgorithms
import GilaCore

/// The hash of memory: 0 for none, never -1.
@inline(__always) public func hashBytes(_ p: UnsafeRawPointer, _ n: Int) -> Int {
  n == 0 ? 0 : SipHash.objectHash(p, n, gila_hash_key0(), gila_hash_key1())
}

/// The hash of a str, computed once.
@inline(__always) public func stringHash(_ s: Ref) -> Int {
  let known = s.strHash
  return known != -1 ? known : computeHash(s)
}

@inline(never) private func computeHash(_ s: Ref) -> Int {
  let hash = hashBytes(s.strData, s.strLength &* s.strKind)
  s.strHash = hash
  return hash
}

@c @implementation public func _Py_HashBytes(_ p: UnsafeRawPointer!, _ n: Int) -> Int { hashBytes(p, n) }
