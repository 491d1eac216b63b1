// The module select: waiting for descriptors, and the oldest way of it.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum SelectModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "select",
    doc:
      "Waiting until one of several descriptors can be read or written: select(), poll objects, epoll objects.",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        _ = SelectModule.definesOnce
        try check(PyType_Ready(PollType.type))
        try check(PyType_Ready(EpollType.type))
        try add(module!, "error", Exc.OSError.object)
        try add(module!, "epoll", EpollType.type.object)
        try addConstants(module!, gila_select_table())
      }
    })

  private static let definesOnce: Void = {
    PollType.define()
    EpollType.define()
  }()

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "select", "($module, rlist, wlist, xlist, timeout=None, /)",
      "Wait until a descriptor can be read, written, or has urgent data; return the three lists of those.\n\nThe arguments are sequences of ints and of objects with fileno(). Without a timeout, in seconds, it waits for ever."
    ) { _, a, n in
      bridge { () throws(PyError) in
        try checkCount("select", n, 3, 4)
        return try SelectModule.select(a![0]!, a![1]!, a![2]!, n > 3 ? a![3]! : none)
      }
    }
    m.noArguments("poll", "($module, /)", "A new poll object.") { _, _ in
      bridge { () throws(PyError) in try PollType.make() }
    }
    return m.build()
  }

  private static func select(_ r: Ref, _ w: Ref, _ x: Ref, _ timeout: Ref) throws(PyError) -> Owned {
    var span: Int? = nil
    if !timeout.isNone {
      let ns = try timeoutArgument(timeout, "timeout must be a float or None")
      if ns < 0 { throw valueError("timeout must be non-negative") }
      span = ns
    }
    let reading = try DescriptorList(r), writing = try DescriptorList(w), urgent = try DescriptorList(x)
    let deadline = Deadline(span)
    let highest = max(reading.highest, writing.highest, urgent.highest)
    while true {
      var rs = reading.set, ws = writing.set, xs = urgent.set
      let left = deadline.remaining
      var interval = timeVal(left ?? 0)
      let count = releasingLock("select") {
        withUnsafeMutablePointer(to: &interval) { gila_select(highest + 1, &rs, &ws, &xs, left == nil ? nil : $0) }
      }
      if count >= 0 {
        return try triple(try reading.ready(rs, count), try writing.ready(ws, count), try urgent.ready(xs, count))
      }
      if errno != EINTR { throw systemFailure() }
      try check(PyErr_CheckSignals())
      if deadline.hasPassed {
        return try triple(try owned(PyList_New(0)), try owned(PyList_New(0)), try owned(PyList_New(0)))
      }
    }
  }
}

/// Nanoseconds of a timeout, never shorter than asked; TypeError with a message of its own for what is no number.
func timeoutArgument(_ r: Ref, _ message: String) throws(PyError) -> Int {
  do throws(PyError) { return try nanoseconds(r, .up) } catch {
    if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 { throw typeError(message) }
    throw error
  }
}

/// One of select's three lists: the objects and their set of descriptors.
private struct DescriptorList: ~Copyable {
  private let objects: Owned
  private let descriptors: [Int32]
  let set: gila_fd_set
  let highest: Int32

  init(_ r: Ref) throws(PyError) {
    let (objects, descriptors, set) = try DescriptorList.read(r)
    self.objects = Owned(taking: objects)
    self.descriptors = descriptors
    self.set = set
    highest = descriptors.max() ?? -1
  }
  /// An owned sequence, its descriptors and their set.
  private static func read(_ r: Ref) throws(PyError) -> (Ref, [Int32], gila_fd_set) {
    let objects = try owned(PySequence_Fast(r, "arguments 1-3 must be sequences"))
    var set = gila_fd_set()
    gila_fd_zero(&set)
    var descriptors: [Int32] = []
    var i = 0
    // fileno() may run Python code that changes the list.
    while i < PySequence_Size(objects.ref) {
      let item = try owned(PySequence_GetItem(objects.ref, i))
      let fd = try fileDescriptor(item.ref)
      if fd >= 1024 { throw valueError("filedescriptor out of range in select()") }
      if descriptors.count >= 1024 { throw valueError("too many file descriptors in select()") }
      gila_fd_add(fd, &set)
      descriptors.append(fd)
      i += 1
    }
    let copy = try owned(PySequence_List(objects.ref))
    return (copy.take(), descriptors, set)
  }

  /// The objects whose descriptors are in a set.
  func ready(_ found: gila_fd_set, _ count: Int32) throws(PyError) -> Owned {
    let list = try owned(PyList_New(0))
    if count == 0 { return list }
    var found = found
    for (i, fd) in descriptors.enumerated() where gila_fd_has(fd, &found) {
      if let r = PyList_GetItem(objects.ref, i) { try check(PyList_Append(list.ref, r)) }
    }
    return list
  }
}
