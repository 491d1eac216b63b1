// A tool for the developers of the parser and the compiler; the scripts in Tests/Tools compare what it prints with CPython.
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

var arguments = Array(CommandLine.arguments.dropFirst())
let command = arguments.isEmpty ? "" : arguments.removeFirst()
var options = ParseOptions()
if let index = arguments.firstIndex(of: "--type-comments") {
  arguments.remove(at: index)
  options.flags.insert(.typeComments)
}
switch command {
case "dump": dumpTrees(arguments, options)
case "time-parse": timeParsing(arguments, options)
default: print("usage: gila-syntax-check dump|time-parse FILE...")
}
