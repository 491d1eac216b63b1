// The _sre module.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

private let compileSignature = Signature("compile", "(pattern, flags, code, groups, groupindex, indexgroup)")

private func compile(_ a: ArgumentVector?, _ n: Int, _ names: Ref?) throws(PyError) -> Owned {
  let b = try compileSignature.bind(a, n, names)
  let pattern = b[0].unsafelyUnwrapped
  let code = b[2].unsafelyUnwrapped
  let groupIndex = b[4].unsafelyUnwrapped
  let indexGroup = b[5].unsafelyUnwrapped
  let flags = try intArgument(b[1].unsafelyUnwrapped)
  guard code.isList else { throw badArgument("compile", 0, "list", code) }
  guard groupIndex.isDict else { throw badArgument("compile", 0, "dict", groupIndex) }
  guard indexGroup.isTuple else { throw badArgument("compile", 0, "tuple", indexGroup) }
  let groups = try integerArgument(b[3].unsafelyUnwrapped)
  if groups < 0 || groups > 1 << 30 { throw runtimeError("invalid SRE code") }
  let count = code.size
  let r = try owned(PyType_GenericAlloc(SRETypes.pattern, count))
  let words = sreCode(r.ref)
  let p = r.ref.sre
  p.pointee.isBytes = -1
  p.pointee.groups = groups
  p.pointee.flags = flags
  for i in 0..<count {
    let value = PyLong_AsUnsignedLong(PyList_GetItem(code, i))
    if value == UInt.max, errorIsSet { throw PyError() }
    if value > UInt(UInt32.max) { throw overflowError("regular expression code size limit exceeded") }
    words[i] = UInt32(value)
  }
  if !pattern.isNone {
    let subject = try Subject(pattern)
    p.pointee.isBytes = subject.isBytes ? 1 : 0
  }
  p.pointee.pattern = newRef(pattern)
  p.pointee.groupIndex = newRef(groupIndex)
  p.pointee.indexGroup = newRef(indexGroup)
  var validator = CodeValidator(code: words, groups: groups)
  if !validator.isValid(count) { throw runtimeError("invalid SRE code") }
  return r
}

/// An argument that is a code point.
private func character(_ r: Ref?) throws(PyError) -> UInt32 {
  UInt32(truncatingIfNeeded: Int(try intArgument(r.unsafelyUnwrapped)))
}

enum SREModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_sre", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try SREModule.execute(module!) } })

  private static let definesOnce: Void = {
    PatternType.define()
    MatchType.define()
    ScannerType.define()
    TemplateType.define()
  }()

  private static func execute(_ module: Ref) throws(PyError) {
    _ = definesOnce
    for t in [SRETypes.pattern, SRETypes.match, SRETypes.scanner, SRETypes.template] { try check(PyType_Ready(t)) }
    try add(module, "MAGIC", int: 20_230_612)
    try add(module, "CODESIZE", int: 4)
    try add(module, "MAXREPEAT", int: Int(UInt32.max))
    try add(module, "MAXGROUPS", int: 1_073_741_823)
    let text = try string(" SRE 2.2.2 Copyright (c) 1997-2002 by Secret Labs AB ")
    try add(module, "copyright", text.ref)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.keywords("compile", "($module, /, pattern, flags, code, groups, groupindex,\n        indexgroup)") {
      _, a, n, names in
      bridge { () throws(PyError) in try compile(a, n, names) }
    }
    m.positional(
      "template", "($module, pattern, template, /)",
      "\n\n  template\n    A list containing interleaved literal strings (str or bytes) and group\n    indices (int), as returned by re._parser.parse_template():\n        [literal1, group1, ..., literalN, groupN]"
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("template", n, 2, 2)
        let pattern = a.unsafelyUnwrapped[0].unsafelyUnwrapped
        guard pattern.isExactly(SRETypes.pattern) else { throw badArgument("template", 1, "re.Pattern", pattern) }
        return try newTemplate(pattern, a.unsafelyUnwrapped[1].unsafelyUnwrapped)
      }
    }
    m.noArguments("getcodesize", "($module, /)") { _, _ in PyLong_FromLong(4) }
    m.one("ascii_iscased", "($module, character, /)") { _, c in
      bridge { () throws(PyError) in
        let value = try character(c)
        return Owned(taking: pyBool(value < 128 && isASCIIAlpha(UInt8(value))))
      }
    }
    m.one("unicode_iscased", "($module, character, /)") { _, c in
      bridge { () throws(PyError) in
        let value = try character(c)
        return Owned(taking: pyBool(lowerUnicode(value) != value || upperUnicode(value) != value))
      }
    }
    m.one("ascii_tolower", "($module, character, /)") { _, c in
      bridge { () throws(PyError) in try owned(PyLong_FromLong(Int(lowerASCII(try character(c))))) }
    }
    m.one("unicode_tolower", "($module, character, /)") { _, c in
      bridge { () throws(PyError) in try owned(PyLong_FromLong(Int(lowerUnicode(try character(c))))) }
    }
    return m.build()
  }
}
