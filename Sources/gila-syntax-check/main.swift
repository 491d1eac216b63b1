// A tool for the developers of the parser and the compiler; the scripts in Tests/Tools compare what it prints with CPython.
import GilaCompiler
import GilaSyntax

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

func read(_ path: String) -> [UInt8]? {
  guard let file = fopen(path, "rb") else { return nil }
  defer { fclose(file) }
  var result: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&block, 1, block.count, file)
    if count <= 0 { return result }
    result.append(contentsOf: block[..<count])
  }
}

func emit(_ bytes: [UInt8]) {
  var sent = 0
  bytes.withUnsafeBytes { buffer in
    while sent < buffer.count {
      let count = write(1, buffer.baseAddress! + sent, buffer.count - sent)
      if count <= 0 { return }
      sent += count
    }
  }
}

func describe(_ failure: SyntaxFailure) -> String {
  "error \(failure.kind)|\(failure.message)|\(failure.line)|\(failure.offset)|\(failure.endLine)|\(failure.endOffset)|"
}

/// Seconds of processor time.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func dumpTrees(_ paths: [String], _ options: ParseOptions) {
  for path in paths {
    guard let source = read(path) else { continue }
    do throws(SyntaxFailure) {
      emit(TreeDump.dump(try parse(source, options: options)))
    } catch {
      emit(Array(describe(error).utf8))
    }
    emit([10])
  }
}

func timeParsing(_ paths: [String], _ options: ParseOptions) {
  var total = 0
  var seconds = 0.0
  for path in paths {
    guard let source = read(path) else { continue }
    total += source.count
    var best = Double.infinity
    for _ in 0..<5 {
      let start = now()
      _ = try? parse(source, options: options)
      best = min(best, now() - start)
    }
    seconds += best
  }
  print("parse: \(total) bytes, \(seconds) s, \(Double(total) / seconds / 1e6) MB/s")
}

func emitFramed(_ bytes: [UInt8]) {
  let count = UInt32(bytes.count)
  emit((0..<4).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) } + bytes)
}

func marshalAll(_ paths: [String], _ options: ParseOptions, optimize: Int) {
  for path in paths {
    guard let source = read(path) else { continue }
    do throws(SyntaxFailure) {
      let result = try compile(source: source, fileName: Array(path.utf8), options: options, optimize: optimize)
      emitFramed(MarshalWriter.marshal(result.code))
    } catch {
      emitFramed(Array(("!" + describe(error)).utf8))
    }
  }
}

/// Writes FILE.pyc beside FILE.
func writePyc(_ paths: [String], _ options: ParseOptions) {
  for path in paths {
    guard let source = read(path) else { continue }
    do throws(SyntaxFailure) {
      let result = try compile(source: source, fileName: Array(path.utf8), options: options)
      // Magic number of 3.13, no flags, time stamp and size unchecked.
      let header: [UInt8] = [0xF3, 0x0D, 0x0D, 0x0A] + [UInt8](repeating: 0, count: 12)
      let bytes = header + MarshalWriter.marshal(result.code)
      guard let file = fopen(path + "c", "wb") else { continue }
      _ = bytes.withUnsafeBufferPointer { fwrite($0.baseAddress, 1, $0.count, file) }
      fclose(file)
    } catch {
      print(describe(error))
    }
  }
}

func timeCompiling(_ paths: [String], _ options: ParseOptions) {
  var total = 0
  var seconds = 0.0
  for path in paths {
    guard let source = read(path) else { continue }
    total += source.count
    var best = Double.infinity
    for _ in 0..<5 {
      let start = now()
      _ = try? compile(source: source, fileName: Array(path.utf8), options: options)
      best = min(best, now() - start)
    }
    seconds += best
  }
  print("compile: \(total) bytes, \(seconds) s, \(Double(total) / seconds / 1e6) MB/s")
}

func hex(_ bytes: [UInt8]) -> [UInt8] {
  let digits = Array("0123456789abcdef".utf8)
  return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
}

/// Reads length-prefixed snippets and prints what is wrong with each, in hexadecimal.
func listErrors(_ options: ParseOptions) {
  var input: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(0, &block, block.count)
    if count <= 0 { break }
    input.append(contentsOf: block[..<count])
  }
  var options = options
  options.flags.insert(.ignoreCookie)
  var place = 0
  while place + 4 <= input.count {
    let count = (0..<4).reduce(0) { $0 | Int(input[place + $1]) << ($1 * 8) }
    let source = Array(input[place + 4..<place + 4 + count])
    place += 4 + count
    var text = "ok"
    do throws(SyntaxFailure) {
      // Older grammars are only parsed, as by `ast.parse`.
      if options.featureVersion < 13 {
        _ = try parse(source, options: options)
        emit(hex(Array("ok".utf8)) + [10])
        continue
      }
      let result = try compile(source: source, fileName: Array("<reference>".utf8), options: options)
      text = "ok " + String(decoding: hex(MarshalWriter.marshal(result.code)), as: UTF8.self)
    } catch {
      text = summary(error)
    }
    emit(hex(Array(text.utf8)) + [10])
  }
}

func summary(_ failure: SyntaxFailure) -> String {
  let name =
    switch failure.kind {
    case .syntaxError: "SyntaxError"
    case .indentationError: "IndentationError"
    case .tabError: "TabError"
    case .incompleteInput: "_IncompleteInputError"
    case .valueError: "ValueError"
    case .memoryError: "MemoryError"
    case .recursionError: "RecursionError"
    case .overflowError: "OverflowError"
    case .systemError: "SystemError"
    case .typeError: "TypeError"
    }
  if !failure.hasLocation { return "\(name)|\(failure.message)" }
  let end = failure.endOffset == SyntaxFailure.noOffset ? "None" : String(failure.endOffset)
  return "\(name)|\(failure.message)|\(failure.line)|\(failure.offset)|\(failure.endLine)|\(end)|"
    + (failure.text.map { String(decoding: hex($0), as: UTF8.self) } ?? "None")
}

func listWarnings(_ paths: [String], _ options: ParseOptions) {
  for path in paths {
    guard let source = read(path) else { continue }
    var text = "\(path)\n"
    if let result = try? compile(source: source, fileName: Array(path.utf8), options: options) {
      for warning in result.warnings { text += "\(warning.range.line): \(warning.message)\n" }
    }
    emit(Array(text.utf8))
  }
}

var arguments = Array(CommandLine.arguments.dropFirst())
let command = arguments.isEmpty ? "" : arguments.removeFirst()
var options = ParseOptions()
if let index = arguments.firstIndex(of: "--type-comments") {
  arguments.remove(at: index)
  options.flags.insert(.typeComments)
}
for (name, mode) in [("--eval", ParseMode.expression), ("--single", .interactive), ("--func_type", .functionType)] {
  if let index = arguments.firstIndex(of: name) {
    arguments.remove(at: index)
    options.mode = mode
  }
}
if let index = arguments.firstIndex(where: { $0.hasPrefix("--flags=") }) {
  options.flags.formUnion(CompilerFlags(rawValue: UInt32(arguments[index].dropFirst(8)) ?? 0))
  arguments.remove(at: index)
}
if let index = arguments.firstIndex(where: { $0.hasPrefix("--feature=") }) {
  options.featureVersion = Int(arguments[index].dropFirst(10)) ?? 13
  arguments.remove(at: index)
}
switch command {
case "dump": dumpTrees(arguments, options)
case "time-parse": timeParsing(arguments, options)
case "time-compile": timeCompiling(arguments, options)
case "--compile": writePyc(arguments, options)
case "errors": listErrors(options)
case "warnings": listWarnings(arguments, options)
case "marshal":
  var optimize = 0
  if let first = arguments.first, first.hasPrefix("-o") {
    optimize = Int(first.dropFirst(2)) ?? 0
    arguments.removeFirst()
  }
  marshalAll(arguments, options, optimize: optimize)
default: print("usage: gila-syntax-check dump|marshal|--compile|time-parse|time-compile FILE...")
}
