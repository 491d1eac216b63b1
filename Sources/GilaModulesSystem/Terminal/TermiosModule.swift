// The module termios: modes of terminals.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum TermiosModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "termios",
    doc: "Modes of terminals.\n\nThe descriptor is an int or an object with fileno().",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try addConstants(module!, gila_termios_table())
        try add(module!, "VSWTCH", int: 7)
        if SystemSlot.termiosError.object == nil {
          SystemSlot.termiosError.set(try exceptionClass("termios", "error", Exc.Exception))
        }
        if let error = SystemSlot.termiosError.object { try add(module!, "error", error) }
      }
    })

  private static func failure() -> PyError {
    PyErr_SetFromErrno(SystemSlot.termiosError.object ?? Exc.OSError.object)
    return PyError()
  }
  private static func check(_ result: Int32) throws(PyError) { if result < 0 { throw failure() } }
  private static let controls = 32

  private static func object(_ t: termios) throws(PyError) -> Owned {
    var t = t
    let characters = try owned(PyList_New(0))
    let bytes = withUnsafeBytes(of: &t.c_cc) { Array($0.prefix(controls)) }
    for (i, c) in bytes.enumerated() {
      // Without line mode these two are counts, not characters.
      let isCount = t.c_lflag & tcflag_t(ICANON) == 0 && (i == Int(VMIN) || i == Int(VTIME))
      if isCount {
        try append(characters.ref, try int(Int32(c)))
      } else {
        var byte = CChar(bitPattern: c)
        try append(characters.ref, try owned(PyBytes_FromStringAndSize(&byte, 1)))
      }
    }
    let list = try owned(PyList_New(0))
    for flags in [t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag, cfgetispeed(&t), cfgetospeed(&t)] {
      try append(list.ref, try int(flags))
    }
    try append(list.ref, characters)
    return list
  }

  private static func read(_ r: Ref, _ t: inout termios) throws(PyError) {
    guard r.isList, PyList_Size(r) == 7 else { throw typeError("tcsetattr, arg 3: must be 7 element list") }
    var values: [tcflag_t] = []
    for i in 0..<6 {
      guard let item = PyList_GetItem(r, i) else { throw PyError() }
      values.append(try cUnsigned(item))
    }
    guard let characters = PyList_GetItem(r, 6) else { throw PyError() }
    guard characters.isList, PyList_Size(characters) == controls else {
      throw typeError("tcsetattr: attributes[6] must be \(controls) element list")
    }
    t.c_iflag = values[0]
    t.c_oflag = values[1]
    t.c_cflag = values[2]
    t.c_lflag = values[3]
    var bytes = [UInt8](repeating: 0, count: controls)
    for i in 0..<controls {
      guard let item = PyList_GetItem(characters, i) else { throw PyError() }
      if item.isBytes, item.size == 1 {
        bytes[i] = UInt8(bitPattern: PyBytes_AsString(item)[0])
      } else if item.isLong {
        bytes[i] = UInt8(truncatingIfNeeded: try cLong(item))
      } else {
        throw typeError("tcsetattr: elements of attributes must be characters or integers")
      }
    }
    withUnsafeMutableBytes(of: &t.c_cc) { place in
      for i in 0..<min(controls, place.count) { place[i] = bytes[i] }
    }
    try check(cfsetispeed(&t, values[4]))
    try check(cfsetospeed(&t, values[5]))
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one(
      "tcgetattr", "($module, fd, /)",
      "The modes of a terminal: [iflag, oflag, cflag, lflag, ispeed, ospeed, cc].\n\ncc is a list of the control characters as bytes; with line mode off, those at VMIN and VTIME are ints."
    ) { _, r in
      bridge { () throws(PyError) in
        let fd = try fileDescriptor(r!)
        var t = termios()
        try TermiosModule.check(releasingLock("tcgetattr") { tcgetattr(fd, &t) })
        return try TermiosModule.object(t)
      }
    }
    m.positional(
      "tcsetattr", "($module, fd, when, attributes, /)",
      "Set the modes of a terminal: now, after output, or after output and without pending input."
    ) {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("tcsetattr", n, 3, 3)
        let fd = try fileDescriptor(a![0]!), when = try cInt(a![1]!)
        guard a![2]!.isList, PyList_Size(a![2]!) == 7 else {
          throw typeError("tcsetattr, arg 3: must be 7 element list")
        }
        // What the list does not say stays as it is.
        var t = termios()
        try TermiosModule.check(releasingLock("tcgetattr") { tcgetattr(fd, &t) })
        try TermiosModule.read(a![2]!, &t)
        try TermiosModule.check(releasingLock("tcsetattr") { tcsetattr(fd, when, &t) })
      }
    }
    m.positional("tcsendbreak", "($module, fd, duration, /)", "Send a break.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("tcsendbreak", n, 2, 2)
        let fd = try fileDescriptor(a![0]!), duration = try cInt(a![1]!)
        try TermiosModule.check(releasingLock("tcsendbreak") { tcsendbreak(fd, duration) })
      }
    }
    m.one("tcdrain", "($module, fd, /)", "Wait until all output has been sent.") { _, r in
      bridgeNone { () throws(PyError) in
        let fd = try fileDescriptor(r!)
        try TermiosModule.check(releasingLock("tcdrain") { tcdrain(fd) })
      }
    }
    m.positional("tcflush", "($module, fd, queue, /)", "Throw away pending input, output or both.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("tcflush", n, 2, 2)
        let fd = try fileDescriptor(a![0]!), queue = try cInt(a![1]!)
        try TermiosModule.check(releasingLock("tcflush") { tcflush(fd, queue) })
      }
    }
    m.positional("tcflow", "($module, fd, action, /)", "Stop or restart input or output.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("tcflow", n, 2, 2)
        let fd = try fileDescriptor(a![0]!), action = try cInt(a![1]!)
        try TermiosModule.check(releasingLock("tcflow") { tcflow(fd, action) })
      }
    }
    m.one("tcgetwinsize", "($module, fd, /)", "The size of a terminal's window: (lines, columns).") { _, r in
      bridge { () throws(PyError) in
        let fd = try fileDescriptor(r!)
        var (columns, lines): (Int32, Int32) = (0, 0)
        try TermiosModule.check(releasingLock("ioctl") { gila_window_size(fd, &columns, &lines) })
        return try pair(try int(lines), try int(columns))
      }
    }
    m.positional(
      "tcsetwinsize", "($module, fd, winsize, /)", "Set the size of a terminal's window, from (lines, columns)."
    ) {
      _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("tcsetwinsize", n, 2, 2)
        let fd = try fileDescriptor(a![0]!), size = a![1]!
        if PySequence_Check(size) == 0 || PySequence_Size(size) != 2 {
          PyErr_Clear()
          throw typeError("tcsetwinsize, arg 2: must be a two-item sequence")
        }
        let first = try owned(PySequence_GetItem(size, 0)), second = try owned(PySequence_GetItem(size, 1))
        let lines = try cLong(first.ref), columns = try cLong(second.ref)
        guard let l = UInt16(exactly: lines), let c = UInt16(exactly: columns) else {
          throw overflowError("winsize value(s) out of range.")
        }
        try TermiosModule.check(releasingLock("ioctl") { gila_set_window_size(fd, l, c) })
      }
    }
    return m.build()
  }
}
