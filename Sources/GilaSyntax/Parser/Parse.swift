/// Parses `source` as Python.
///
/// `source` is UTF-8 when `options.flags` contains `.ignoreCookie` or `.sourceIsUTF8`; otherwise a byte order mark or a
/// `coding` comment may say something else.
public func parse(_ source: UnsafeBufferPointer<UInt8>, options: ParseOptions) throws(SyntaxFailure) -> SyntaxTree {
  if !options.isFile && source.contains(0) {
    throw SyntaxFailure(.syntaxError, "source code string cannot contain null bytes")
  }
  let text = try decodedSource(source, options: options)
  let arena = ASTArena()
  var parser = Parser(text, arena: arena, options: options)
  func warnings() -> [SyntaxWarning] {
    (parser.stream.tokenizer.warnings + parser.warnings).sorted { $0.range.line < $1.range.line }
  }
  do throws(Parser.Stop) {
    let root = try parser.parseRoot()
    return SyntaxTree(arena: arena, root: root, warnings: warnings())
  } catch {
    if parser.ranOutOfStack {
      throw SyntaxFailure(.memoryError, "Parser stack overflowed - Python source too complex to parse")
    }
    var failure = diagnose(text, options: options, stoppedAt: parser.current)
    failure.warnings = warnings()
    throw failure
  }
}

public func parse(_ source: [UInt8], options: ParseOptions) throws(SyntaxFailure) -> SyntaxTree {
  let result: Result<SyntaxTree, SyntaxFailure> = source.withUnsafeBufferPointer { buffer in
    do throws(SyntaxFailure) { return .success(try parse(buffer, options: options)) } catch { return .failure(error) }
  }
  return try result.get()
}

func decodedSource(
  _ source: UnsafeBufferPointer<UInt8>, options: ParseOptions
) throws(SyntaxFailure) -> SourceText {
  let endsWithNewline = options.mode == .module
  if options.flags.contains(.ignoreCookie) || options.flags.contains(.sourceIsUTF8) {
    return SourceText(source, endsWithNewline: endsWithNewline)
  }
  let encoding = try SourceEncoding.detect(source)
  let body = UnsafeBufferPointer(rebasing: source[encoding.prefixLength...])
  let codec = SourceEncoding.builtinCodec(encoding.name)
  if codec == "utf-8" { return SourceText(body, endsWithNewline: endsWithNewline) }
  let decoded: [UInt8]
  if codec == "iso-8859-1" {
    decoded = SourceEncoding.fromLatin1(body)
  } else if let text = try options.decodeSource?(encoding.name, Array(body)) {
    decoded = text
  } else {
    throw SourceEncoding.problem("unknown encoding: \(encoding.name)")
  }
  return decoded.withUnsafeBufferPointer { SourceText($0, endsWithNewline: endsWithNewline) }
}
