// The module _stat: file modes, taken apart.

import CGila
import GilaCore

enum StatModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_stat",
    doc:
      "Tells what a file's mode says.\n\nS_IFMT(mode) is the kind of file, S_IMODE(mode) its permissions, the S_IS...(mode)\nfunctions ask for one kind, filemode(mode) is the text that ls shows.\nThe ST_... names are the places of os.stat_result.",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        for (name, value) in StatModule.constants { try add(module!, name, int: value) }
      }
    })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("S_ISDIR", "", "S_ISDIR(mode) -> bool\n\nWhether it is a directory.") { _, r in has(r, 0o040000) }
    m.one("S_ISCHR", "", "S_ISCHR(mode) -> bool\n\nWhether it is a character device.") { _, r in has(r, 0o020000) }
    m.one("S_ISBLK", "", "S_ISBLK(mode) -> bool\n\nWhether it is a block device.") { _, r in has(r, 0o060000) }
    m.one("S_ISREG", "", "S_ISREG(mode) -> bool\n\nWhether it is a regular file.") { _, r in has(r, 0o100000) }
    m.one("S_ISFIFO", "", "S_ISFIFO(mode) -> bool\n\nWhether it is a named pipe.") { _, r in has(r, 0o010000) }
    m.one("S_ISLNK", "", "S_ISLNK(mode) -> bool\n\nWhether it is a symbolic link.") { _, r in has(r, 0o120000) }
    m.one("S_ISSOCK", "", "S_ISSOCK(mode) -> bool\n\nWhether it is a socket.") { _, r in has(r, 0o140000) }
    m.one("S_ISDOOR", "", "S_ISDOOR(mode) -> bool\n\nWhether it is a door.") { _, r in has(r, nil) }
    m.one("S_ISPORT", "", "S_ISPORT(mode) -> bool\n\nWhether it is an event port.") { _, r in has(r, nil) }
    m.one("S_ISWHT", "", "S_ISWHT(mode) -> bool\n\nWhether it is a whiteout.") { _, r in has(r, nil) }
    m.one("S_IMODE", "", "S_IMODE(mode) -> int\n\nThe permission bits.") { _, r in
      bridge { () throws(PyError) in try int(try mode(r!) & 0o7777) }
    }
    m.one("S_IFMT", "", "S_IFMT(mode) -> int\n\nThe bits that say what kind of file it is.") { _, r in
      bridge { () throws(PyError) in try int(try mode(r!) & 0o170000) }
    }
    m.one("filemode", "", "filemode(mode) -> str\n\nThe mode as ls shows it: '-rwxrwxrwx'.") { _, r in
      bridge { () throws(PyError) in try string(modeText(try mode(r!))) }
    }
    return m.build()
  }

  static let constants: [(StaticString, Int)] = [
    ("SF_APPEND", 0x40000), ("SF_ARCHIVED", 0x10000), ("SF_DATALESS", 0x40000000), ("SF_FIRMLINK", 0x800000),
    ("SF_IMMUTABLE", 0x20000), ("SF_NOUNLINK", 0x100000), ("SF_SETTABLE", 0xffff0000), ("SF_SNAPSHOT", 0x200000),
    ("ST_ATIME", 7), ("ST_CTIME", 9), ("ST_DEV", 2), ("ST_GID", 5), ("ST_INO", 1), ("ST_MODE", 0), ("ST_MTIME", 8),
    ("ST_NLINK", 3), ("ST_SIZE", 6), ("ST_UID", 4), ("S_ENFMT", 0o2000), ("S_IEXEC", 0o100), ("S_IFBLK", 0o60000),
    ("S_IFCHR", 0o20000), ("S_IFDIR", 0o40000), ("S_IFDOOR", 0), ("S_IFIFO", 0o10000), ("S_IFLNK", 0o120000),
    ("S_IFPORT", 0), ("S_IFREG", 0o100000), ("S_IFSOCK", 0o140000), ("S_IFWHT", 0), ("S_IREAD", 0o400),
    (
      "S_IRGRP",
      0o40
    ), ("S_IROTH", 4), ("S_IRUSR", 0o400), ("S_IRWXG", 0o70), ("S_IRWXO", 7), ("S_IRWXU", 0o700),
    (
      "S_ISGID",
      0o2000
    ), ("S_ISUID", 0o4000), ("S_ISVTX", 0o1000), ("S_IWGRP", 0o20), ("S_IWOTH", 2), ("S_IWRITE", 0o200),
    ("S_IWUSR", 0o200), ("S_IXGRP", 8), ("S_IXOTH", 1), ("S_IXUSR", 0o100), ("UF_APPEND", 4),
    (
      "UF_COMPRESSED",
      0x20
    ), ("UF_DATAVAULT", 0x80), ("UF_HIDDEN", 0x8000), ("UF_IMMUTABLE", 2), ("UF_NODUMP", 1),
    (
      "UF_NOUNLINK",
      0x10
    ), ("UF_OPAQUE", 8), ("UF_SETTABLE", 0xffff), ("UF_TRACKED", 0x40),
  ]
}

/// A mode argument.
private func mode(_ r: Ref) throws(PyError) -> UInt32 {
  let n = PyLong_AsUnsignedLong(r)
  if n == UInt.max, errorIsSet { throw PyError() }
  guard let mode = UInt32(exactly: n) else { throw overflowError("mode out of range") }
  return mode
}

private func has(_ r: Ref?, _ kind: UInt32?) -> Ref? {
  bridge { () throws(PyError) in
    let m = try mode(r.unsafelyUnwrapped)
    return Owned(retaining: pyBool(kind != nil && m & 0o170000 == kind))
  }
}

private func modeText(_ m: UInt32) -> String {
  let kind: Character =
    switch m & 0o170000 {
    case 0o100000: "-"
    case 0o040000: "d"
    case 0o120000: "l"
    case 0o060000: "b"
    case 0o020000: "c"
    case 0o010000: "p"
    case 0o140000: "s"
    default: "?"
    }
  // Three letters for owner, group and others; a special bit shows in the place of x.
  func letters(_ shift: UInt32, _ special: UInt32, _ mark: (with: Character, without: Character)) -> [Character] {
    let bits = m >> shift
    let execute: Character = m & special != 0 ? (bits & 1 != 0 ? mark.with : mark.without) : bits & 1 != 0 ? "x" : "-"
    return [bits & 4 != 0 ? "r" : "-", bits & 2 != 0 ? "w" : "-", execute]
  }
  return String(
    [kind] + letters(6, 0o4000, ("s", "S")) + letters(3, 0o2000, ("s", "S")) + letters(0, 0o1000, ("t", "T")))
}
