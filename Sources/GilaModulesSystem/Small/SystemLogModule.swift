// The module syslog.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SystemLogModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "syslog", doc: "Messages to the system's log.", methods: methods(),
    exec: { module in bridgeStatus { () throws(PyError) in try addConstants(module!, gila_syslog_table()) } })

  private static let openFunction = Function(
    "openlog", "($module, /, ident=<unrepresentable>, logoption=0, facility=syslog.LOG_USER)")
  /// The name that the C library puts before messages: it keeps the pointer, so the str stays until closelog().
  private static let slot = SystemSlot.logName
  private static let isOpen = SystemSlot.logIsOpen

  private static func open(_ name: Ref?, _ options: Int, _ facility: Int) throws(PyError) {
    try GilaCore.audit("syslog.openlog", [name], numbers: options, facility)
    var text: UnsafePointer<CChar>? = nil
    if let name {
      guard let p = PyUnicode_AsUTF8(name) else { throw PyError() }
      text = p
      // The old name may still be in use until openlog returns.
      let old = slot.object.map { newRef($0) }
      slot.set(Owned(retaining: name))
      openlog(text, Int32(truncatingIfNeeded: options), Int32(truncatingIfNeeded: facility))
      xdecref(old)
    } else {
      openlog(nil, Int32(truncatingIfNeeded: options), Int32(truncatingIfNeeded: facility))
    }
    isOpen.set(Owned(retaining: pyTrue))
  }
  /// The last part of sys.argv[0], if there is one.
  private static func programName() throws(PyError) -> Owned? {
    guard let argv = PySys_GetObject("argv"), argv.isList, PyList_Size(argv) > 0,
      let first = PyList_GetItem(argv, 0), first.isUnicode
    else { return nil }
    guard let last = swiftString(first).split(separator: "/").last else { return nil }
    return try string(String(last))
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(openFunction, "Set the name, the options and the facility of messages from now on.") { _, a, n, k in
      perform(SystemLogModule.openFunction, a, n, k) { (b) throws(PyError) in
        let options = b[1] == nil ? 0 : try b.long(1), facility = b[2] == nil ? Int(LOG_USER) : try b.long(2)
        if let name = b[0] {
          guard name.isUnicode else { throw typeError("openlog() argument 1 must be str, not \(typeName(of: name))") }
          try SystemLogModule.open(name, options, facility)
        } else {
          switch try SystemLogModule.programName() {
          case .some(let name): try SystemLogModule.open(name.ref, options, facility)
          case .none: try SystemLogModule.open(nil, options, facility)
          }
        }
      }
    }
    m.positional("syslog", "([priority=LOG_INFO,] message)", "Send a message to the log.") { _, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("syslog", n, 1, 2)
        let priority = n == 2 ? try cInt(a![0]!) : Int32(LOG_INFO)
        let message = a![n - 1]!
        guard message.isUnicode else {
          throw typeError("syslog() argument \(n) must be str, not \(typeName(of: message))")
        }
        guard let text = PyUnicode_AsUTF8(message) else { throw PyError() }
        if isAudited {
          let number = try int(priority)
          try GilaCore.audit("syslog.syslog", number.ref, message)
        }
        if SystemLogModule.isOpen.object == nil {
          switch try SystemLogModule.programName() {
          case .some(let name): try SystemLogModule.open(name.ref, 0, Int(LOG_USER))
          case .none: try SystemLogModule.open(nil, 0, Int(LOG_USER))
          }
        }
        let held = Owned(retaining: message)
        releasingLock("syslog") { gila_syslog(priority, text) }
        _ = held.ref
      }
    }
    m.noArguments("closelog", "($module, /)", "Close the log and forget what openlog() set.") { _, _ in
      bridgeNone { () throws(PyError) in
        try GilaCore.audit("syslog.closelog")
        // A log that is not open need not be closed.
        if SystemLogModule.isOpen.object == nil { return }
        closelog()
        clear(currentInterpreter.slot(SystemLogModule.slot))
        clear(currentInterpreter.slot(SystemLogModule.isOpen))
      }
    }
    m.one("setlogmask", "($module, maskpri, /)", "Set which priorities are logged; returns the old mask.") { _, r in
      bridge { () throws(PyError) in
        let mask = try cLong(r!)
        try GilaCore.audit("syslog.setlogmask", numbers: mask)
        return try int(setlogmask(Int32(truncatingIfNeeded: mask)))
      }
    }
    m.one("LOG_MASK", "($module, pri, /)", "The mask of one priority.") { _, r in
      bridge { () throws(PyError) in try int(gila_log_mask(Int32(truncatingIfNeeded: try cLong(r!)))) }
    }
    m.one("LOG_UPTO", "($module, pri, /)", "The mask of all priorities up to one.") { _, r in
      bridge { () throws(PyError) in try int(gila_log_up_to(Int32(truncatingIfNeeded: try cLong(r!)))) }
    }
    return m.build()
  }
}
