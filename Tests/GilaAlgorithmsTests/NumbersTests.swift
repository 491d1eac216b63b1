// Number algorithms against results of CPython 3.13 (numbers.txt, made by make-numbers.py).

import GilaAlgorithms
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A signed number in hexadecimal as digits.
private struct Number {
  var digits: [UInt32]
  var count: Int
  var negative: Bool

  init(_ hex: Substring) {
    negative = hex.hasPrefix("-")
    let text = Array((negative ? hex.dropFirst() : hex).utf8)
    digits = [UInt32](repeating: 0, count: Digits.capacity(forCharacters: text.count, base: 16))
    count = Digits.parse(text, text.count, base: 16, into: &digits)
  }
}

private func hex(_ a: UnsafePointer<UInt32>, _ n: Int, _ negative: Bool = false) -> String {
  var text = [UInt8](repeating: 0, count: Digits.bitLength(a, n) / 4 + 2)
  let count = Digits.writePowerOfTwo(a, n, bits: 4, to: &text)
  return (negative ? "-" : "") + String(decoding: text[..<count], as: UTF8.self)
}

private func hex(_ m: borrowing Magnitude) -> String { hex(m.digits, m.count) }

private func hexDouble(_ v: Double) -> String {
  if v.isInfinite { return v < 0 ? "-inf" : "inf" }
  var text = [UInt8](repeating: 0, count: 40)
  let n = FloatHex.write(v, to: &text)
  return String(decoding: text[..<n], as: UTF8.self)
}

private func double(_ s: Substring) -> Double {
  let text = Array(s.utf8)
  return (try? FloatHex.parse(text, text.count)) ?? .nan
}

private func readFile(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let n = fread(&block, 1, block.count, file)
    if n <= 0 { return bytes }
    bytes += block[..<n]
  }
}

private func evaluate(_ f: [Substring]) -> String? {
  switch f[0] {
  case "add", "sub", "mul", "div", "gcd", "inv", "and", "or", "xor", "tdiv":
    let (a, b) = (Number(f[1]), Number(f[2]))
    var r = [UInt32](repeating: 0xdead, count: a.count + b.count + 2)
    switch f[0] {
    case "add":
      let n = Digits.add(&r, a.digits, a.count, b.digits, b.count)
      return hex(r, n)
    case "sub":
      let n = Digits.subtractAbsolute(&r, a.digits, a.count, b.digits, b.count).count
      return hex(r, n)
    case "mul":
      let n = Digits.multiply(&r, a.digits, a.count, b.digits, b.count)
      return hex(r, n)
    case "div":
      var q = r
      let n = Digits.divide(&q, &r, a.digits, a.count, b.digits, b.count)
      return hex(q, n.quotient) + " " + hex(r, n.remainder)
    case "gcd": return hex(Digits.gcd(a.digits, a.count, b.digits, b.count))
    case "inv":
      guard let inverse = Digits.modularInverse(a.digits, a.count, b.digits, b.count) else { return nil }
      return hex(inverse)
    case "tdiv": return hexDouble(Digits.trueDivide(a.digits, a.count, b.digits, b.count))
    default:
      let op: Digits.BitOperation = f[0] == "and" ? .and : f[0] == "or" ? .or : .xor
      let n = Digits.bitwise(op, &r, a.digits, a.count, a.negative, b.digits, b.count, b.negative)
      return hex(r, n.count, n.negative)
    }
  case "shl", "shr", "shrf":
    let a = Number(f[1])
    let k = Int(f[2], radix: 16)!
    var r = [UInt32](repeating: 0xdead, count: a.count + k / 30 + 2)
    let n =
      f[0] == "shl"
      ? Digits.shiftLeft(&r, a.digits, a.count, k)
      : f[0] == "shr"
        ? Digits.shiftRight(&r, a.digits, a.count, k)
        : Digits.shiftRightFloorNegative(&r, a.digits, a.count, k)
    return hex(r, n)
  case "sqrt":
    let a = Number(f[1])
    return hex(Digits.squareRoot(a.digits, a.count))
  case "dec":
    let a = Number(f[1])
    let text = Array(f[2].utf8)
    var back = [UInt32](repeating: 0, count: Digits.capacity(forCharacters: text.count, base: 10))
    let m = Digits.parse(text, text.count, base: 10, into: &back)
    if hex(back, m) != f[1] { return "parsed " + hex(back, m) }
    var out = [UInt8](repeating: 0, count: Digits.decimalCapacity(a.digits, a.count))
    let n = Digits.writeDecimal(a.digits, a.count, to: &out)
    return String(decoding: out[..<n], as: UTF8.self)
  case "hash":
    let a = Number(f[1])
    return String(NumericHash.hash(a.digits, a.count, negative: a.negative))
  case "hashd": return String(NumericHash.hash(double(f[1])) ?? 0)
  case "dbl":
    let a = Number(f[1])
    return hexDouble(Digits.toDouble(a.digits, a.count))
  case "powm":
    let (a, e, m) = (Number(f[1]), Number(f[2]), Number(f[3]))
    if f[4] == "?" { return "?" }
    return hex(Digits.modularPower(a.digits, a.count, e.digits, e.count, m.digits, m.count))
  case "pow":
    let (a, e) = (Number(f[1]), Number(f[2]))
    guard let r = Digits.power(a.digits, a.count, e.digits, e.count) else { return nil }
    return hex(r)
  case "parse":
    let text = Array(f[2].utf8)
    var r = [UInt32](repeating: 0, count: Digits.capacity(forCharacters: text.count, base: Int(f[1])!))
    let n = Digits.parse(text, text.count, base: Int(f[1])!, into: &r)
    return hex(r, n)
  case "repr", "fmt", "fmt#":
    let v = double(f[1])
    let code = f[0] == "repr" ? UInt8(ascii: "r") : f[2].utf8.first!
    let precision = f[0] == "repr" ? 0 : Int(f[3])!
    var out = [UInt8](repeating: 0, count: FloatText.capacity(v, code: code, precision: precision))
    let flags: FloatText.Flags = f[0] == "repr" ? .addDotZero : f[0] == "fmt" ? [] : .alternate
    let n = FloatText.format(v, code: code, precision: precision, flags: flags, to: &out).count
    return String(decoding: out[..<n], as: UTF8.self)
  case "read":
    let text = Array(f[1].utf8)
    let r = FloatParse.parse(text, text.count)
    return r.length == text.count ? hexDouble(r.value) : nil
  case "hexread":
    let text = Array(f[1].utf8)
    do { return hexDouble(try FloatHex.parse(text, text.count)) } catch { return "overflow" }
  case "mt", "mtd":
    let words = UnsafeMutablePointer<UInt32>.allocate(capacity: 625)
    defer { words.deallocate() }
    let generator = MersenneTwister(words: words)
    generator.seed([42], 1)
    let first = (0..<10).map { _ in String(generator.next()) }
    return f[0] == "mt" ? first.joined(separator: " ") : hexDouble(generator.nextDouble())
  default: return nil
  }
}

@Test func numbersAgreeWithCPython() {
  let path = String(#filePath.prefix(while: { _ in true }).dropLast("NumbersTests.swift".count)) + "numbers.txt"
  let bytes = readFile(path)
  #expect(bytes.count > 1000)
  var failures = 0
  for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
    let fields = line.split(separator: " ")
    let inputs =
      switch fields[0] {
      case "dec", "hash", "hashd", "dbl", "sqrt", "repr", "read", "hexread": 2
      case "powm", "fmt", "fmt#": 4
      case "mt", "mtd": 1
      default: 3
      }
    let expected = fields[inputs...].joined(separator: " ")
    let got = evaluate(fields)
    if got != expected {
      failures += 1
      if failures < 30 { Issue.record("\(line.prefix(300)): got \((got ?? "nil").prefix(300))") }
    }
  }
  #expect(failures == 0)
}

@Test func sipHashAgreesWithCPython() {
  func hash(_ s: String, _ seed: UInt32) -> Int {
    let key = SipHash.key(seed: seed)
    let bytes = Array(s.utf8)
    return SipHash.objectHash(bytes, bytes.count, key.k0, key.k1)
  }
  #expect(hash("a", 0) == 4_644_417_185_603_328_019)
  #expect(hash("abc", 0) == -4_594_863_902_769_663_758)
  #expect(hash("12345678", 0) == 3_785_724_242_978_802_311)
  #expect(hash("hello world, this", 0) == -7_764_672_623_264_103_510)
  #expect(hash("a", 42) == -123_207_753_977_932_514)
  #expect(hash("hello world, this", 42) == -5_404_005_586_728_143_420)
}
