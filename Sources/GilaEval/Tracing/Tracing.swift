import CGila
import GilaCore

/// Reporting what runs: `sys.settrace`, `sys.setprofile`, `sys.monitoring`. While a thread reports, its frames run the
/// instrumented form, which stops here before each step.
enum Tracing {
  enum Outcome { case proceed, moved, failed }
  static func monitorsCalls(_ ts: ThreadRef) -> Bool { false }
  static func step(_ ts: ThreadRef, _ f: FrameRef, _ unit: Int) -> Outcome { .proceed }
  @inline(__always) static func raised(_ ts: ThreadRef, _ f: FrameRef) {}
  @inline(__always) static func unwound(_ ts: ThreadRef, _ f: FrameRef) {}
  @inline(__always) static func stopIteration(_ ts: ThreadRef, _ f: FrameRef) {}
  /// A frame's `f_trace` was set.
  static func watch(_ f: FrameRef) {}
  static func callReporting(
    _ ts: ThreadRef, _ f: FrameRef, _ callable: Ref, _ args: StackRef, _ n: Int, _ names: Ref?
  ) -> Ref? {
    Eval.checked(gila_call_vector(callable, UnsafePointer(args), n, names), ts, callable)
  }
  static func callSpreadReporting(_ ts: ThreadRef, _ f: FrameRef, _ callable: Ref, _ args: Ref, _ kwargs: Ref?) -> Ref?
  {
    Eval.checked(PyObject_Call(callable, args, kwargs), ts, callable)
  }
}
/// Assignment to `f_lineno`.
enum FrameJump {
  static func setLine(_ r: Ref, _ v: Ref?) throws(PyError) {
    guard v != nil else { throw raise(Exc.AttributeError, "cannot delete attribute") }
    throw valueError("f_lineno can only be set in a trace function")
  }
}
