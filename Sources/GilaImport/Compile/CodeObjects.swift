import CGila
import GilaCompiler
import GilaCore
import GilaEval
import GilaModulesRuntime
import GilaSyntax

/// Compiled code as Python objects.
enum CodeObjects {
  static func text(_ b: [UInt8], intern: Bool = false) throws(PyError) -> Owned {
    let r = b.withUnsafeBytes {
      PyUnicode_DecodeUTF8($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, "surrogatepass")
    }
    var s: Ref? = try owned(r).take()
    if intern { PyUnicode_InternInPlace(&s) }
    return Owned(taking: s!)
  }
  static func bytes(_ b: [UInt8]) throws(PyError) -> Owned {
    try owned(
      b.withUnsafeBytes { PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) })
  }
  private static func tuple<T>(_ items: [T], _ make: (T) throws(PyError) -> Owned) throws(PyError) -> Owned {
    let t = try owned(PyTuple_New(items.count))
    for (i, x) in items.enumerated() { gila_tuple_items(t.ref)[i] = try make(x).take() }
    return t
  }
  static func constant(_ c: CodeConstant, _ fileName: Ref = none) throws(PyError) -> Owned {
    switch c {
    case .none: return Owned(retaining: CGila.gila_none())
    case .true: return Owned(retaining: pyTrue)
    case .false: return Owned(retaining: pyFalse)
    case .ellipsis: return Owned(retaining: CGila.gila_ellipsis())
    case .int(let n): return try owned(PyLong_FromLong(n))
    case .bigInt(let negative, let limbs):
      var hex = negative ? "-" : ""
      for (i, limb) in limbs.reversed().enumerated() {
        let digits = String(limb, radix: 16)
        hex += i == 0 ? digits : String(repeating: "0", count: 8 - digits.count) + digits
      }
      return try owned(PyLong_FromString(hex, nil, 16))
    case .float(let d): return try owned(PyFloat_FromDouble(d))
    case .complex(let re, let im): return try owned(PyComplex_FromDoubles(re, im))
    case .string(let s):
      return try text(s, intern: looksLikeName(s))
    case .bytes(let b): return try bytes(b)
    case .tuple(let items): return try tuple(items) { x throws(PyError) in try constant(x, fileName) }
    case .frozenset(let items):
      let t = try tuple(items) { x throws(PyError) in try constant(x) }
      return try owned(PyFrozenSet_New(t.ref))
    case .code(let unit): return try code(unit, fileName)
    }
  }
  /// Such strings are interned, as attributes' names may be among them.
  private static func looksLikeName(_ s: [UInt8]) -> Bool {
    for c in s {
      switch c {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 95,
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        continue
      default: return false
      }
    }
    return true
  }
  /// A code object and those inside it, which share the file name.
  static func code(_ u: CodeUnit, _ fileName: Ref) throws(PyError) -> Owned {
    var p = Code.Parts()
    p.argCount = u.argCount
    p.posOnlyArgCount = u.posOnlyArgCount
    p.kwOnlyArgCount = u.kwOnlyArgCount
    p.stackSize = u.stackSize
    p.flags = Int(u.flags)
    p.firstLine = u.firstLine
    let consts = try tuple(u.consts) { x throws(PyError) in try constant(x, fileName) }
    let names = try tuple(u.names) { x throws(PyError) in try text(x, intern: true) }
    let localNames = try tuple(u.localsPlusNames) { x throws(PyError) in try text(x, intern: true) }
    let kinds = try bytes(u.localsPlusKinds), table = try bytes(u.exceptionTable)
    let columns = Configuration.current.codeDebugRanges
    let lines = try bytes(columns ? u.lineTable : LineTableColumns.removed(from: u.lineTable))
    let name = try text(u.name, intern: true),
      qualname = try text(u.qualifiedName, intern: true)
    let raw = u.code
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(raw.count, 1), alignment: 8)
    defer { memory.deallocate() }
    memory.copyBytes(from: raw)
    return try Code.make(
      p, code: UnsafeRawBufferPointer(start: memory.baseAddress, count: raw.count), consts: consts.ref,
      names: names.ref,
      localsPlusNames: localNames.ref, localsPlusKinds: kinds.ref, fileName: fileName, name: name.ref,
      qualname: qualname.ref, lineTable: lines.ref, exceptionTable: table.ref)
  }
}
