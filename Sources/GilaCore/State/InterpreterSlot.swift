import CGila

/// Names of the per-interpreter object slots (`PyInterpreterState.slots`): singletons of modules and types.
/// A slot owns its reference. Targets take ranges so that adding one rebuilds only the target that uses it.
public struct InterpreterSlot: Sendable {
  @usableFromInline let index: Int
  @inlinable public init(_ index: Int) { self.index = index }

  // 0..<32 core and model, 32..<64 text, 64..<96 numbers and containers, 96..<128 eval and import, 128..<256 modules.
}

extension UnsafeMutablePointer where Pointee == PyInterpreterState {
  /// The slot's storage.
  @inlinable @inline(__always) public func slot(_ s: InterpreterSlot) -> UnsafeMutablePointer<Ref?> {
    let offset = MemoryLayout<PyInterpreterState>.offset(of: \.slots).unsafelyUnwrapped
    return (UnsafeMutableRawPointer(self) + offset).assumingMemoryBound(to: Ref?.self) + s.index
  }
}

extension UnsafeMutablePointer where Pointee == PyInterpreterState {
  /// The interpreter that memory, type versions and interned text belong to: itself, or the one whose lock it shares.
  @inlinable @inline(__always) public var owner: InterpreterRef { pointee.owner.unsafelyUnwrapped }
  /// The memory of this interpreter and of those that share its lock.
  @inlinable public var heap: UnsafeMutablePointer<gila_heap> {
    let offset = MemoryLayout<PyInterpreterState>.offset(of: \.heap).unsafelyUnwrapped
    return (UnsafeMutableRawPointer(owner) + offset).assumingMemoryBound(to: gila_heap.self)
  }
}

/// The current thread's state. The caller holds the lock.
@inlinable @inline(__always) public var currentThread: ThreadRef { gila_ts() }
/// The current interpreter.
@inlinable @inline(__always) public var currentInterpreter: InterpreterRef {
  gila_ts().pointee.interp.unsafelyUnwrapped
}

extension UnsafeMutablePointer where Pointee == PyThreadState {
  /// Gila's own part of the thread state.
  @inlinable @inline(__always) public var gila: UnsafeMutablePointer<gila_thread> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: gila_thread.self)
  }
}
