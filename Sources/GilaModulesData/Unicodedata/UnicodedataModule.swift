// The module unicodedata. Its functions are the methods of a database object too: with the module as `self` they speak
// of Unicode 15.1, with an object of the type UCD of Unicode 3.2.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText

enum UnicodedataModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "unicodedata",
    doc:
      "The Unicode Character Database: properties of every character, their names and the normal forms of text.\n\nThe data are those of Unicode 15.1.0; the object ucd_3_2_0 answers for Unicode 3.2.0.",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        let module = module!
        let version = try string("15.1.0")
        try GilaCore.add(module, "unidata_version", version.ref)
        try addType(module, UnicodedataModule.type)
        let old = try owned(PyType_GenericAlloc(UnicodedataModule.type, 0))
        old.ref.slot(16).pointee = try string("3.2.0").take()
        try GilaCore.add(module, "ucd_3_2_0", old.ref)
        try add(
          module, "_ucnhash_CAPI",
          made: owned(
            PyCapsule_New(UnsafeMutableRawPointer(UnicodedataModule.access), "unicodedata._ucnhash_CAPI", nil)))
      }
    })

  /// The type of `ucd_3_2_0`.
  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "unicodedata.UCD", basicSize: 24, flags: UInt(Py_TPFLAGS_HAVE_GC) | UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_free = PyObject_GC_Del
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r!.raw)
      clear(r!.slot(16))
      PyObject_GC_Del(r!.raw)
    }
    t.pointee.tp_traverse = { _, _, _ in 0 }
    t.pointee.tp_methods = methods()
    var members = MemberTable()
    members.add("unidata_version", _Py_T_OBJECT, offset: 16)
    t.pointee.tp_members = members.build()
    return t
  }()

  /// What the capsule holds: two C functions, as CPython's has them.
  private struct NameAccess {
    let name: @convention(c) (UInt32, UnsafeMutablePointer<CChar>?, Int32, Int32) -> Int32
    let code: @convention(c) (UnsafePointer<CChar>?, Int32, UnsafeMutablePointer<UInt32>?, Int32) -> Int32
  }
  nonisolated(unsafe) private static let access: UnsafeMutablePointer<NameAccess> = {
    let p = UnsafeMutablePointer<NameAccess>.allocate(capacity: 1)
    p.initialize(
      to: NameAccess(
        name: { c, buffer, size, _ in gila_unicode_name(c, buffer, Int(size)) > 0 ? 1 : 0 },
        code: { name, n, c, _ in gila_unicode_character_named(name, Int(n), c, 0) }))
    return p
  }()

  private static func isOld(_ database: Ref?) -> Bool { database?.type == UnicodedataModule.type }
  private static func change(_ database: Ref?, _ c: UInt32) -> OldDatabase.Change? {
    isOld(database) ? OldDatabase.change(c) : nil
  }

  /// The only argument, a character.
  private static func character(_ name: StaticString, _ r: Ref) throws(PyError) -> UInt32 {
    if r.isUnicode && r.strLength == 1 { return r.chars[0] }
    throw typeError("\(name)() argument must be a unicode character, not \(typeName(of: r))")
  }
  /// A character and what to return for others; throws ValueError without a default.
  private static func valued(
    _ name: StaticString, _ args: ArgumentVector?, _ n: Int, _ missing: StaticString,
    _ value: (UInt32) throws(PyError) -> Owned?
  ) throws(PyError) -> Owned {
    try checkCount(name, n, 1, 2)
    let r = args![0]!
    guard r.isUnicode && r.strLength == 1 else {
      throw typeError("\(name)() argument 1 must be a unicode character, not \(typeName(of: r))")
    }
    if let found = try value(r.chars[0]) { return found }
    if n > 1 { return Owned(retaining: args![1]!) }
    throw valueError(missing.description)
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "decimal", "($self, chr, default=<unrepresentable>, /)",
      "The decimal value of a character as an int.\n\nOther characters have none: the default is returned, or ValueError is raised."
    ) { database, args, n in
      bridge { () throws(PyError) in
        try UnicodedataModule.valued("decimal", args, n, "not a decimal") { (c) throws(PyError) in
          let value = UnicodedataModule.change(database, c)?.decimal ?? UnicodeRecord(c).decimal
          return value < 0 ? nil : try int(value)
        }
      }
    }
    m.positional(
      "digit", "($self, chr, default=<unrepresentable>, /)",
      "The value of a digit as an int.\n\nOther characters have none: the default is returned, or ValueError is raised."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try UnicodedataModule.valued("digit", args, n, "not a digit") { (c) throws(PyError) in
          let value = UnicodeRecord(c).digit
          return value < 0 ? nil : try int(value)
        }
      }
    }
    m.positional(
      "numeric", "($self, chr, default=<unrepresentable>, /)",
      "The numeric value of a character as a float.\n\nOther characters have none: the default is returned, or ValueError is raised."
    ) { database, args, n in
      bridge { () throws(PyError) in
        try UnicodedataModule.valued("numeric", args, n, "not a numeric character") { (c) throws(PyError) in
          if let old = UnicodedataModule.change(database, c), old.isUnassigned { return nil }
          guard let value = numericValue(c) else { return nil }
          return try float(value)
        }
      }
    }
    m.one("category", "($self, chr, /)", "The general category of a character.") { database, r in
      bridge { () throws(PyError) in
        let c = try UnicodedataModule.character("category", r!)
        let category = UnicodedataModule.change(database, c).flatMap { UnicodeCategory(rawValue: $0.category) }
        return try string((category ?? UnicodeRecord(c).category).name)
      }
    }
    m.one(
      "bidirectional", "($self, chr, /)",
      "The bidirectional class of a character; an empty string where there is none."
    ) { database, r in
      bridge { () throws(PyError) in
        let c = try UnicodedataModule.character("bidirectional", r!)
        return try string(
          bidirectionalName(UnicodedataModule.change(database, c)?.bidirectional ?? UnicodeRecord(c).bidirectional))
      }
    }
    m.one("combining", "($self, chr, /)", "The canonical combining class of a character; 0 where there is none.") {
      database, r in
      bridge { () throws(PyError) in
        let c = try UnicodedataModule.character("combining", r!)
        if let old = UnicodedataModule.change(database, c), old.isUnassigned { return try int(0) }
        return try int(UnicodeRecord(c).combining)
      }
    }
    m.one("mirrored", "($self, chr, /)", "1 for a character that is mirrored in text from right to left, else 0.") {
      database, r in
      bridge { () throws(PyError) in
        let c = try UnicodedataModule.character("mirrored", r!)
        let value = UnicodedataModule.change(database, c)?.mirrored ?? UnicodeRecord(c).flags.contains(.mirrored)
        return try int(value ? 1 : 0)
      }
    }
    m.one("east_asian_width", "($self, chr, /)", "The East Asian width of a character.") { database, r in
      bridge { () throws(PyError) in
        let c = try UnicodedataModule.character("east_asian_width", r!)
        return try string(
          eastAsianWidthName(UnicodedataModule.change(database, c)?.width ?? UnicodeRecord(c).eastAsianWidth))
      }
    }
    m.one(
      "decomposition", "($self, chr, /)",
      "What a character is decomposed to, as text; an empty string where it is not."
    ) { database, r in
      bridge { () throws(PyError) in
        let c = try UnicodedataModule.character("decomposition", r!)
        if let old = UnicodedataModule.change(database, c), old.isUnassigned { return try string("") }
        guard let entry = Decompositions.shared[c] else { return try string("") }
        var parts: [String] = entry.tag == 0 ? [] : [Decompositions.tag(entry.tag).description]
        for i in 0..<entry.count {
          let digits = String(entry[i], radix: 16, uppercase: true)
          parts.append(String(repeating: "0", count: max(0, 4 - digits.count)) + digits)
        }
        return try GilaCore.string(parts.joined(separator: " "))
      }
    }
    m.positional(
      "is_normalized", "($self, form, unistr, /)",
      "Whether a string is in the normal form 'NFC', 'NFKC', 'NFD' or 'NFKD'."
    ) { database, args, n in
      bridge { () throws(PyError) in
        let r = try UnicodedataModule.normalized("is_normalized", database, args, n)
        return Owned(retaining: pyBool(r == nil))
      }
    }
    m.positional(
      "normalize", "($self, form, unistr, /)",
      "The normal form 'NFC', 'NFKC', 'NFD' or 'NFKD' of a string."
    ) { database, args, n in
      bridge { () throws(PyError) in
        if let r = try UnicodedataModule.normalized("normalize", database, args, n) { return r }
        return try owned(PyUnicode_FromObject(args![1]))
      }
    }
    m.positional(
      "name", "($self, chr, default=<unrepresentable>, /)",
      "The name of a character.\n\nOthers have none: the default is returned, or ValueError is raised."
    ) { database, args, n in
      bridge { () throws(PyError) in
        try UnicodedataModule.valued("name", args, n, "no such name") { (c) throws(PyError) in
          if let old = UnicodedataModule.change(database, c), old.isUnassigned { return nil }
          guard let name = CharacterNames.shared.name(c) else { return nil }
          return try UnicodedataModule.text(name)
        }
      }
    }
    m.one(
      "lookup", "($self, name, /)",
      "The character of a name, or the characters of a named sequence.\n\nKeyError is raised where there is none."
    ) { database, r in
      bridge { () throws(PyError) in try UnicodedataModule.lookup(database, r!) }
    }
    return m.build()
  }

  private static func text(_ name: NameBuffer) throws(PyError) -> Owned {
    let r = try owned(PyUnicode_New(name.count, 127))
    for i in 0..<name.count { store(UInt32(name.bytes[i]), r.ref.strData, 1, i) }
    return r
  }

  private static func lookup(_ database: Ref?, _ r: Ref) throws(PyError) -> Owned {
    var n = 0
    var p: UnsafePointer<CChar>?
    if r.isUnicode {
      p = PyUnicode_AsUTF8AndSize(r, &n)
    } else if r.isBytes {
      n = PyBytes_Size(r)
      p = UnsafePointer(PyBytes_AsString(r))
    } else if PyObject_CheckBuffer(r) != 0 {
      throw typeError("lookup() argument must be read-only bytes-like object, not \(typeName(of: r))")
    } else {
      throw typeError("a bytes-like object is required, not '\(typeName(of: r))'")
    }
    guard let p else { throw PyError() }
    if n > 256 { throw raise(Exc.KeyError, "name too long") }
    let bytes = UnsafeRawPointer(p).assumingMemoryBound(to: UInt8.self)
    switch CharacterNames.shared.meaning(bytes, n) {
    case .character(let c): return try owned(newCharacter(c))
    case .alias(let c) where !isOld(database): return try owned(newCharacter(c))
    case .sequence(let count, let all) where !isOld(database):
      var writer = StringWriter()
      for i in 0..<count { try writer.append(all[i]) }
      return try writer.finish()
    default:
      let shown = String(decoding: UnsafeRawBufferPointer(start: p, count: n), as: UTF8.self)
      throw raise(Exc.KeyError, "undefined character name '\(shown)'")
    }
  }

  /// The normal form of a string, or nil where it is in it already.
  private static func normalized(
    _ name: StaticString, _ database: Ref?, _ args: ArgumentVector?, _ n: Int
  ) throws(PyError) -> Owned? {
    try checkCount(name, n, 2, 2)
    let form = args![0]!
    let s = args![1]!
    if !form.isUnicode { throw badArgument(name, 1, "str", form) }
    if !s.isUnicode { throw badArgument(name, 2, "str", s) }
    if s.strLength == 0 { return nil }
    let kind: NormalForm
    switch swiftString(form) {
    case "NFC": kind = NormalForm(compatible: false, composes: true, old: isOld(database))
    case "NFKC": kind = NormalForm(compatible: true, composes: true, old: isOld(database))
    case "NFD": kind = NormalForm(compatible: false, composes: false, old: isOld(database))
    case "NFKD": kind = NormalForm(compatible: true, composes: false, old: isOld(database))
    default: throw valueError("invalid normalization form")
    }
    // Nothing below U+0300 is composed with what precedes it, and Latin-1 is composed already.
    if s.strIsASCII || (kind.composes && !kind.compatible && s.strKind == 1) { return nil }
    let characters = kind.apply(s.chars)
    let data = s.chars
    var same = characters.count == data.count
    if same { for i in 0..<data.count where characters[i] != data[i] { same = false } }
    if same { return nil }
    return try owned(
      characters.withUnsafeBytes { p in
        p.baseAddress.flatMap { newString(CharacterData(width: 4, base: $0, count: characters.count)) }
      })
  }
}

@c @implementation public func gila_unicode_name(_ c: UInt32, _ buffer: UnsafeMutablePointer<CChar>!, _ size: Int)
  -> Int
{
  guard let name = CharacterNames.shared.name(c), name.count < size else { return 0 }
  for i in 0..<name.count { buffer[i] = CChar(bitPattern: name.bytes[i]) }
  buffer[name.count] = 0
  return name.count
}

@c @implementation public func gila_unicode_character_named(
  _ name: UnsafePointer<CChar>!, _ n: Int, _ character: UnsafeMutablePointer<UInt32>!, _ sequences: Int32
) -> Int32 {
  switch CharacterNames.shared.meaning(UnsafeRawPointer(name).assumingMemoryBound(to: UInt8.self), n) {
  case .character(let c), .alias(let c):
    character.pointee = c
    return 1
  default: return 0
  }
}
