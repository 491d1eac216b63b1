// The module _tokenize: an iterator over the tokens that the parser would see.

import CGila
import GilaCore
import GilaSyntax

enum TokenizeModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_tokenize", doc: "The tokenizer, for the module tokenize.",
    exec: { m in
      bridgeStatus { () throws(PyError) in
        try check(PyType_Ready(TokenizerIterator.type))
        try add(m!, "TokenizerIter", TokenizerIterator.type.object)
      }
    })
}

/// `_tokenize.TokenizerIter(readline, *, encoding=None, extra_tokens=False)`. The lines are read when the first token is
/// asked for.
private enum TokenizerIterator {
  final class State {
    var reader: TokenReader? = nil
    let encoded: Bool
    let extraTokens: Bool
    init(encoded: Bool, extraTokens: Bool) {
      self.encoded = encoded
      self.extraTokens = extraTokens
    }
  }
  struct Object {
    var ob_base: PyObject
    var readLine: Ref?
    var encoding: Ref?
    var state: UnsafeMutableRawPointer?
  }
  private static let signature = Signature("tokenizeriter", "(readline, *, encoding=None, extra_tokens=False)")

  nonisolated(unsafe) static let type: TypeRef = {
    let t = UnsafeMutablePointer<PyTypeObject>.allocate(capacity: 1)
    t.initialize(to: PyTypeObject())
    t.object.pointee.ob_refcnt = Int(_Py_IMMORTAL_REFCNT)
    t.define("_tokenize.TokenizerIter", basicSize: MemoryLayout<Object>.size, flags: UInt(Py_TPFLAGS_DEFAULT))
    t.pointee.tp_new = { type, args, kwargs in
      bridge { () throws(PyError) in
        let b = try TokenizerIterator.signature.bind(tuple: args, dict: kwargs)
        if let e = b[1], e != none, !e.isUnicode {
          throw typeError("tokenizeriter() argument 'encoding' must be str, not \(typeName(of: e))")
        }
        let extra = b[2] == nil ? false : try truth(b[2]!)
        let r = try owned(PyType_GenericAlloc(type, 0))
        let o = r.ref.cast(Object.self)
        o.pointee.readLine = newRef(b[0]!)
        o.pointee.encoding = b[1] == none ? nil : xnewRef(b[1])
        o.pointee.state =
          Unmanaged.passRetained(State(encoded: o.pointee.encoding != nil, extraTokens: extra)).toOpaque()
        return r
      }
    }
    t.pointee.tp_dealloc = { r in
      let o = r!.cast(Object.self)
      xdecref(o.pointee.readLine)
      xdecref(o.pointee.encoding)
      if let s = o.pointee.state { Unmanaged<State>.fromOpaque(s).release() }
      PyObject_Free(r!.raw)
    }
    t.pointee.tp_iter = PyObject_SelfIter
    t.pointee.tp_iternext = { r in bridge { () throws(PyError) in try TokenizerIterator.next(r!.cast(Object.self)) } }
    return t
  }()

  private static func next(_ o: UnsafeMutablePointer<Object>) throws(PyError) -> Owned {
    guard let p = o.pointee.state else { throw systemError("the tokenizer has no state") }
    let state = Unmanaged<State>.fromOpaque(p).takeUnretainedValue()
    if state.reader == nil {
      let text = try lines(o)
      state.reader = TokenReader(text, extraTokens: state.extraTokens)
    }
    var report: TokenReader.Report? = nil
    var failure: SyntaxFailure? = nil
    do throws(SyntaxFailure) { report = try state.reader?.next() } catch { failure = error }
    if let failure { throw try raise(failure) }
    guard let report else {
      PyErr_SetString(Exc.StopIteration.object, "EOF")
      throw PyError()
    }
    let t = try owned(PyTuple_New(5))
    let items = gila_tuple_items(t.ref)
    items[0] = try owned(PyLong_FromLong(report.kind)).take()
    items[1] = try decoded(report.text).take()
    items[2] = try place(report.line, report.column).take()
    items[3] = try place(report.endLine, report.endColumn).take()
    items[4] = try decoded(report.source).take()
    return t
  }
  private static func place(_ line: Int, _ column: Int) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(2))
    gila_tuple_items(t.ref)[0] = try owned(PyLong_FromLong(line)).take()
    gila_tuple_items(t.ref)[1] = try owned(PyLong_FromLong(column)).take()
    return t
  }
  private static func decoded(_ bytes: [UInt8]) throws(PyError) -> Owned {
    try owned(
      bytes.withUnsafeBytes {
        PyUnicode_DecodeUTF8($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, "replace")
      })
  }
  /// All lines as UTF-8. The end is an empty line or StopIteration.
  private static func lines(_ o: UnsafeMutablePointer<Object>) throws(PyError) -> [UInt8] {
    var text: [UInt8] = []
    let encoding = o.pointee.encoding.map(swiftString)
    while true {
      guard let r = PyObject_CallNoArgs(o.pointee.readLine) else {
        guard PyErr_ExceptionMatches(Exc.StopIteration.object) != 0 else { throw PyError() }
        PyErr_Clear()
        return text
      }
      var line = Owned(taking: r)
      if let encoding {
        guard line.ref.isBytes else { throw typeError("readline() returned a non-bytes object") }
        line = try owned(PyUnicode_Decode(PyBytes_AsString(line.ref), PyBytes_Size(line.ref), encoding, "replace"))
      } else if !line.ref.isUnicode {
        throw typeError("readline() returned a non-string object")
      }
      var n = 0
      guard let p = PyUnicode_AsUTF8AndSize(line.ref, &n) else { throw PyError() }
      if n == 0 { return text }
      text += UnsafeRawBufferPointer(start: p, count: n)
    }
  }
  private static func raise(_ f: SyntaxFailure) throws(PyError) -> PyError {
    let file = try string("<string>")
    return try Compiling.raise(f, f.text ?? [], file.ref)
  }
}

/// Hands out the modules about source text: name and init function of each.
public func registerSyntaxModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("_tokenize") { PyModuleDef_Init(TokenizeModule.definition) }
  add("_symtable") { PyModuleDef_Init(SymbolTableModule.definition) }
  add("_ast") { PyModuleDef_Init(ASTModule.definition) }
}
