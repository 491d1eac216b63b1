// Source text to code objects: options, warnings, syntax errors with their places.

import CGila
import GilaCompiler
import GilaCore
import GilaModulesRuntime
import GilaSyntax

enum Compiling {
  /// Options with the `from __future__` features of the code that is running.
  static func inheritedOptions() -> ParseOptions {
    var options = ParseOptions()
    options.maximumIntDigits = Int(currentInterpreter.pointee.int_max_str_digits)
    if let f = currentThread.pointee.current_frame, let c = f.pointee.code {
      let flags = CompilerFlags(rawValue: UInt32(bitPattern: c.pointee.co_flags))
      options.flags.formUnion(flags.intersection(.futureMask))
    }
    return options
  }

  /// How much of this thread's stack parsing and compiling may use.
  private static func stackBytes() -> Int {
    let here = gila_stack_pointer(), limit = currentThread.gila.pointee.stack_limit
    return here > limit ? max(Int(here - limit), 1 << 15) : 1 << 15
  }
  /// An identifier with characters beyond ASCII in the normal form NFKC (PEP 3131), by the module unicodedata.
  private static let normalized: @Sendable ([UInt8]) -> [UInt8] = { name in
    do throws(PyError) {
      let module = try owned(PyImport_ImportModule("unicodedata"))
      let f = try owned(PyObject_GetAttrString(module.ref, "normalize"))
      let arguments = try owned(PyTuple_New(2))
      gila_tuple_items(arguments.ref)[0] = try string("NFKC").take()
      gila_tuple_items(arguments.ref)[1] = try CodeObjects.text(name).take()
      let r = try owned(PyObject_Call(f.ref, arguments.ref, nil))
      var n = 0
      guard let p = PyUnicode_AsUTF8AndSize(r.ref, &n) else { throw PyError() }
      return Array(UnsafeRawBufferPointer(start: p, count: n))
    } catch {
      PyErr_Clear()
      return name
    }
  }
  /// The character that `\N{name}` names.
  private static let characterNamed: @Sendable (String) -> UInt32? = { name in
    var text = name
    var c: UInt32 = 0
    return text.withUTF8 { p in
      p.withMemoryRebound(to: CChar.self) { gila_unicode_character_named($0.baseAddress, $0.count, &c, 0) }
    } > 0 ? c : nil
  }

  /// The syntax tree as objects of `_ast`.
  static func parse(_ source: [UInt8], _ fileName: Ref, _ options: ParseOptions, optimize: Int) throws(PyError) -> Owned
  {
    var options = options
    options.decodeSource = decode
    options.stackBytes = stackBytes()
    options.characterNamed = characterNamed
    options.normalizeIdentifier = normalized
    let result: Result<SyntaxTree, SyntaxFailure>
    do throws(SyntaxFailure) {
      let tree = try GilaSyntax.parse(source, options: options)
      if options.flags.isSuperset(of: .optimizedAST) {
        try GilaCompiler.optimize(tree, level: optimize, flags: options.flags, stackBytes: stackBytes())
      }
      result = .success(tree)
    } catch { result = .failure(error) }
    switch result {
    case .success(let tree):
      for w in tree.warnings { try warn(w, source, fileName) }
      return try TreeObjects.make(tree)
    case .failure(let f): throw try fail(f, source, fileName)
    }
  }

  /// The error of a text that no further lines can mend, if it has one.
  static func checkBeginning(_ source: [UInt8], _ fileName: Ref, _ options: ParseOptions) throws(PyError) {
    var options = options
    options.decodeSource = decode
    options.stackBytes = stackBytes()
    options.characterNamed = characterNamed
    options.flags.insert([.dontImplyDedent, .allowIncompleteInput])
    let failure: SyntaxFailure?
    do throws(SyntaxFailure) {
      _ = try GilaSyntax.parse(source, options: options)
      failure = nil
    } catch { failure = error }
    if let failure, failure.kind != .incompleteInput { throw try fail(failure, source, fileName) }
  }

  /// The symbol tables of a program.
  static func symbols(_ source: [UInt8], _ fileName: Ref, _ options: ParseOptions) throws(PyError) -> SymbolTable {
    var options = options
    options.decodeSource = decode
    options.stackBytes = stackBytes()
    options.characterNamed = characterNamed
    var warnings: [SyntaxWarning] = []
    let result: Result<SymbolTable, SyntaxFailure>
    do throws(SyntaxFailure) {
      let tree = try GilaSyntax.parse(source, options: options)
      warnings = tree.warnings
      result = .success(
        try GilaCompiler.symbolTable(tree, flags: options.flags, stackBytes: options.stackBytes))
    } catch { result = .failure(error) }
    for w in warnings { try warn(w, source, fileName) }
    switch result {
    case .success(let table): return table
    case .failure(let f): throw try fail(f, source, fileName)
    }
  }

  /// A code object. `fileName` is a str; errors of the parser may name another.
  static func compile(
    _ source: [UInt8], _ fileName: Ref, _ options: ParseOptions, optimize: Int? = nil, parsedAs parsedName: Ref? = nil
  ) throws(PyError) -> Owned {
    if gila_audit_active() != 0 {
      let t = try owned(PyTuple_New(2))
      gila_tuple_items(t.ref)[0] = try CodeObjects.bytes(source).take()
      gila_tuple_items(t.ref)[1] = newRef(fileName)
      try check(PySys_AuditTuple("compile", t.ref))
    }
    let name = Array(swiftString(fileName).utf8)
    let level = optimize ?? Configuration.current.optimize
    var options = options
    options.decodeSource = decode
    options.stackBytes = stackBytes()
    options.characterNamed = characterNamed
    options.normalizeIdentifier = normalized
    var isParsed = false
    let result: Result<Compilation, SyntaxFailure>
    do throws(SyntaxFailure) {
      let tree = try GilaSyntax.parse(source, options: options)
      isParsed = true
      result = .success(
        try GilaCompiler.compile(
          tree, fileName: name, flags: options.flags, optimize: level, stackBytes: options.stackBytes))
    } catch { result = .failure(error) }
    return try finish(result, source, isParsed ? fileName : parsedName ?? fileName)
  }
  /// Code, or with `onlyTree` an optimized tree, of a tree of `_ast` objects.
  static func tree(
    _ root: Ref, _ fileName: Ref, _ options: ParseOptions, optimize: Int, onlyTree: Bool
  ) throws(PyError) -> Owned {
    if gila_audit_active() != 0 {
      let t = try owned(PyTuple_New(2))
      gila_tuple_items(t.ref)[0] = newRef(root)
      gila_tuple_items(t.ref)[1] = newRef(none)
      try check(PySys_AuditTuple("compile", t.ref))
    }
    let tree = try TreeReader.tree(root, options.mode)
    try TreeValidator.validate(tree)
    if onlyTree {
      let failure: SyntaxFailure?
      do throws(SyntaxFailure) {
        try GilaCompiler.optimize(tree, level: optimize, flags: options.flags, stackBytes: stackBytes())
        failure = nil
      } catch { failure = error }
      if let failure { throw try raise(failure, [], fileName) }
      return try TreeObjects.make(tree)
    }
    let name = Array(swiftString(fileName).utf8)
    let result: Result<Compilation, SyntaxFailure>
    do throws(SyntaxFailure) {
      result = .success(
        try GilaCompiler.compile(
          tree, fileName: name, flags: options.flags, optimize: optimize, stackBytes: stackBytes()))
    } catch { result = .failure(error) }
    return try finish(result, [], fileName)
  }
  private static func finish(
    _ result: Result<Compilation, SyntaxFailure>, _ source: [UInt8], _ fileName: Ref
  ) throws(PyError) -> Owned {
    switch result {
    case .success(let c):
      for w in c.warnings { try warn(w, source, fileName) }
      return try CodeObjects.code(c.code, fileName)
    case .failure(let f): throw try fail(f, source, fileName)
    }
  }
  /// Text in an encoding that only Python's codecs know, as UTF-8.
  @Sendable private static func decode(_ encoding: String, _ bytes: [UInt8]) throws(SyntaxFailure) -> [UInt8]? {
    let decoded = bytes.withUnsafeBytes {
      PyUnicode_Decode($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, encoding, "strict")
    }
    guard let decoded else {
      let unknown = PyErr_ExceptionMatches(Exc.LookupError.object) != 0
      let e = PyErr_GetRaisedException()
      defer { xdecref(e) }
      if unknown { return nil }
      var message = "(unicode error)"
      if let e, let s = PyObject_Str(e) {
        message = swiftString(s)
        decref(s)
      }
      PyErr_Clear()
      throw SyntaxFailure(.syntaxError, message)
    }
    defer { decref(decoded) }
    var n = 0
    guard let p = PyUnicode_AsUTF8AndSize(decoded, &n) else {
      PyErr_Clear()
      return nil
    }
    return Array(UnsafeRawBufferPointer(start: p, count: n))
  }

  // MARK: errors

  /// Shows the warnings of what failed, and sets the exception for the failure.
  private static func fail(_ f: SyntaxFailure, _ source: [UInt8], _ fileName: Ref) throws(PyError) -> PyError {
    for w in f.warnings { try warn(w, source, fileName) }
    return try raise(f, source, fileName)
  }
  /// Sets the exception for a failure.
  static func raise(_ f: SyntaxFailure, _ source: [UInt8], _ fileName: Ref) throws(PyError) -> PyError {
    let type: TypeRef
    switch f.kind {
    case .syntaxError: type = Exc.SyntaxError
    case .indentationError: type = Exc.IndentationError
    case .tabError: type = Exc.TabError
    case .incompleteInput: type = Exc.IncompleteInputError
    case .valueError: return valueError(f.message)
    case .memoryError: return GilaCore.raise(Exc.MemoryError, f.message)
    case .recursionError: return GilaCore.raise(Exc.RecursionError, f.message)
    case .overflowError: return overflowError(f.message)
    case .systemError: return systemError(f.message)
    case .typeError: return typeError(f.message)
    }
    let message = try string(f.message)
    if !f.hasLocation {
      PyErr_SetObject(type.object, message.ref)
      return PyError()
    }
    let line = try f.text == nil ? programLine(fileName, f.line, source) : lineText(f.text!).take()
    defer { xdecref(line) }
    return try raise(
      type, message.ref, fileName, line, f.line, f.offset,
      f.endLine == SyntaxFailure.noOffset ? nil : f.endLine,
      f.endOffset == SyntaxFailure.noOffset ? nil : f.endOffset)
  }
  /// SyntaxError(message, (file, line, offset, text, end line, end offset)).
  private static func raise(
    _ type: TypeRef, _ message: Ref, _ fileName: Ref, _ text: Ref?, _ line: Int, _ offset: Int,
    _ endLine: Int?, _ endOffset: Int?
  ) throws(PyError) -> PyError {
    let args = try owned(PyTuple_New(2)), place = try owned(PyTuple_New(6))
    let items = gila_tuple_items(place.ref)
    items[0] = newRef(fileName)
    items[1] = try owned(PyLong_FromLong(line)).take()
    items[2] = try owned(PyLong_FromLong(offset)).take()
    items[3] = newRef(text ?? none)
    func number(_ n: Int?) throws(PyError) -> Ref {
      try n.map { n throws(PyError) in try owned(PyLong_FromLong(n)).take() } ?? newRef(none)
    }
    items[4] = try number(endLine)
    items[5] = try number(endOffset)
    gila_tuple_items(args.ref)[0] = newRef(message)
    gila_tuple_items(args.ref)[1] = newRef(place.ref)
    PyErr_SetObject(type.object, args.ref)
    return PyError()
  }
  /// A line of the source (a new reference, or nil): of the file if there is one of that name.
  private static func programLine(_ fileName: Ref, _ line: Int, _ source: [UInt8]) throws(PyError) -> Ref? {
    guard line > 0 else { return nil }
    let lines = source.split(separator: 10, omittingEmptySubsequences: false)
    guard line <= lines.count else { return nil }
    return try lineText(Array(lines[line - 1]) + [10]).take()
  }
  /// A line of source, which need not be UTF-8, up to a null.
  private static func lineText(_ b: [UInt8]) throws(PyError) -> Owned {
    try owned(
      b.prefix { $0 != 0 }.withUnsafeBytes {
        PyUnicode_DecodeUTF8($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, "replace")
      })
  }
  /// The first byte of a file without a declared encoding that is no UTF-8, as the SyntaxError that CPython raises.
  static func checkEncoding(_ source: [UInt8], _ fileName: Ref) throws(PyError) {
    let isDeclared = source.withUnsafeBufferPointer { p in
      do throws(SyntaxFailure) { return try SourceEncoding.detect(p).isExplicit } catch { return true }
    }
    if isDeclared { return }
    guard let bad = UTF8Decoding.firstInvalid(source) else { return }
    // What a null byte on the way there has to say comes first.
    let lineEnd = source[bad...].firstIndex(of: 10) ?? source.count
    if source[..<lineEnd].contains(0) {
      throw GilaCore.raise(Exc.SyntaxError, "source code cannot contain null bytes")
    }
    let line = source[..<bad].reduce(1) { $1 == 10 ? $0 + 1 : $0 }
    let byte = String(source[bad], radix: 16)
    throw GilaCore.raise(
      Exc.SyntaxError,
      "Non-UTF-8 code starting with '\\x\(byte)' in file \(swiftString(fileName)) on line \(line), but no encoding declared; see https://peps.python.org/pep-0263/ for details"
    )
  }
  private static func warn(_ w: SyntaxWarning, _ source: [UInt8], _ fileName: Ref) throws(PyError) {
    let message = try string(w.message)
    let category = w.isDeprecation ? Exc.DeprecationWarning : Exc.SyntaxWarning
    if PyErr_WarnExplicitObject(
      category.object, message.ref, fileName, w.range.line, nil, nil) == 0
    {
      return
    }
    // As an error it gets the place of a syntax error.
    guard PyErr_ExceptionMatches(category.object) != 0 else { throw PyError() }
    PyErr_Clear()
    let line = try programLine(fileName, Int(w.range.line), source)
    defer { xdecref(line) }
    throw try raise(
      Exc.SyntaxError, message.ref, fileName, line, Int(w.range.line), Int(w.range.column) + 1, Int(w.range.endLine),
      Int(w.range.endColumn) + 1)
  }
}
