// Objects whose fields behind the head are words: references first, what else there is behind them.

import CGila
import GilaCore

extension UnsafeMutablePointer where Pointee == PyObject {
  /// The i-th word behind the head as an owned reference.
  @inlinable @inline(__always) public func word(_ i: Int) -> UnsafeMutablePointer<Ref?> {
    (raw + (16 &+ i &* 8)).assumingMemoryBound(to: Ref?.self)
  }
}

/// What the slots of such types do with the references in a range of words.
public enum Words {
  public static func traverse(
    _ r: Ref, _ words: Range<Int>, _ f: visitproc?, _ context: UnsafeMutableRawPointer?
  ) -> Int32 {
    guard let f else { return 0 }
    for i in words {
      let v = visiting(r.word(i).pointee, f, context)
      if v != 0 { return v }
    }
    return 0
  }
  @discardableResult public static func clear(_ r: Ref, _ words: Range<Int>) -> Int32 {
    for i in words { GilaCore.clear(r.word(i)) }
    return 0
  }
  /// Ends a collected object without finalizer: gives the references back and frees it.
  public static func deallocate(_ r: Ref, _ words: Range<Int>, weakList: Int? = nil) {
    PyObject_GC_UnTrack(r.raw)
    if let weakList, r.word(weakList).pointee != nil { PyObject_ClearWeakRefs(r) }
    for i in words { GilaCore.clear(r.word(i)) }
    r.type.pointee.tp_free(r.raw)
  }
}
