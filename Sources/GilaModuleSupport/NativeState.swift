// Python objects whose state is a Swift object: the wrapped library's handle and what belongs to it.

import CGila
import GilaCore

/// The state of one object. Subclasses give handles back in `deinit`, which runs when the Python object dies.
open class NativeState {
  /// Shows the cycle collector every Python object the state owns.
  public init() {}
  open func traverse(_ visit: visitproc, _ context: UnsafeMutableRawPointer?) -> Int32 { 0 }
  /// Gives those objects back to break a cycle.
  open func clear() {}
}

/// Calls the collector's function for one reference of a state; nonzero ends the traversal.
@inlinable @inline(__always)
public func visiting(_ r: Ref?, _ visit: visitproc, _ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let r else { return 0 }
  return visit(r, context)
}

/// Types whose instances are a head, a state, and a list of weak references.
public enum Native {
  public static let noInstantiation = UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION)
  public static let subclassable = UInt(Py_TPFLAGS_BASETYPE)
  public static let basicSize = 16 + 2 * 8
  public static let weakOffset = 16 + 8

  /// A static type; methods and slots are set by the caller before `PyType_Ready`.
  public static func makeType(
    _ name: StaticString, flags: UInt = 0, collected: Bool = false, weak: Bool = true, extra: Int = 0,
    base: TypeRef? = nil, doc: StaticString = ""
  ) -> TypeRef {
    let t = GilaCore.newStaticType()
    var all = UInt(Py_TPFLAGS_DEFAULT) | flags
    if collected { all |= UInt(Py_TPFLAGS_HAVE_GC) }
    t.define(name, basicSize: basicSize + extra, flags: all, base: base, doc: doc)
    if weak { t.pointee.tp_weaklistoffset = weakOffset }
    t.pointee.tp_alloc = PyType_GenericAlloc
    if collected { t.pointee.tp_free = PyObject_GC_Del } else { t.pointee.tp_free = PyObject_Free }
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_dealloc = { r in Native.deallocate(r!) }
    if collected {
      t.pointee.tp_traverse = { r, visit, context in
        guard let visit, let state = Native.box(r!).pointee else { return 0 }
        return Unmanaged<NativeState>.fromOpaque(state).takeUnretainedValue().traverse(visit, context)
      }
      t.pointee.tp_clear = { r in
        if let state = Native.box(r!).pointee {
          Unmanaged<NativeState>.fromOpaque(state).takeUnretainedValue().clear()
        }
        return 0
      }
    }
    return t
  }

  @inlinable @inline(__always) public static func box(_ r: Ref) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    (r.raw + 16).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }

  /// A new instance of `type` (or of a subclass) with this state.
  public static func make(_ type: TypeRef, _ state: NativeState) throws(PyError) -> Owned {
    let r = try owned(type.pointee.tp_alloc(type, 0))
    box(r.ref).pointee = Unmanaged.passRetained(state).toOpaque()
    return r
  }
  /// Gives an instance another state.
  public static func replaceState(_ r: Ref, _ state: NativeState) {
    let old = box(r).pointee
    box(r).pointee = Unmanaged.passRetained(state).toOpaque()
    if let old { Unmanaged<NativeState>.fromOpaque(old).release() }
  }

  /// The state of an object whose type is known.
  @inlinable @inline(__always) public static func state<S: NativeState>(_ r: Ref, _: S.Type = S.self) -> S {
    let opaque = box(r).pointee.unsafelyUnwrapped
    return unsafeDowncast(Unmanaged<NativeState>.fromOpaque(opaque).takeUnretainedValue(), to: S.self)
  }

  private static func deallocate(_ r: Ref) {
    let type = r.type
    if type.pointee.tp_finalize != nil, PyObject_CallFinalizerFromDealloc(r) < 0 { return }
    if type.hasFlag(UInt(Py_TPFLAGS_HAVE_GC)) { PyObject_GC_UnTrack(r.raw) }
    let weak = (r.raw + weakOffset).assumingMemoryBound(to: Ref?.self)
    if weak.pointee != nil { PyObject_ClearWeakRefs(r) }
    if let state = box(r).pointee {
      box(r).pointee = nil
      Unmanaged<NativeState>.fromOpaque(state).release()
    }
    type.pointee.tp_free(r.raw)
  }
}
