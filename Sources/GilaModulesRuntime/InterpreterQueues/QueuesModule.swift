// The module _interpqueues: queues between interpreters, by number.

import CGila
import GilaCore
import GilaModuleSupport

enum QueuesModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_interpqueues", doc: "Queues between interpreters, by number.", methods: methods(),
    exec: { m in bridgeStatus { () throws(PyError) in try QueueObjects.prepare(m!) } })

  private static let create = Function("create", "($module, maxsize, fmt, unboundop)")
  private static let destroy = Function("destroy", "($module, qid)")
  private static let bind = Function("bind", "($module, qid)")
  private static let release = Function("release", "($module, qid)")
  private static let put = Function("put", "($module, qid, obj, fmt, unboundop)")
  private static let get = Function("get", "($module, qid)")
  private static let maximum = Function("get_maxsize", "($module, qid)")
  private static let defaults = Function("get_queue_defaults", "($module, qid)")
  private static let isFull = Function("is_full", "($module, qid)")
  private static let size = Function("get_count", "($module, qid)")
  private static let register = Function("_register_heap_types", "($module, queuetype, emptyerror, fullerror)")

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(create, "Makes a queue and returns its number.\n\nfmt and unboundop are the defaults for its items.") {
      _, a, n, names in
      answer(QueuesModule.create, a, n, names) { (b) throws(PyError) in
        let capacity = try cSize(b[0]!), format = try intArgument(b[1]!)
        return try int(QueueTable.create(capacity, format, try UnboundItem.argument(b[2]!)).id)
      }
    }
    m.add(destroy, "Takes a queue away, with everything in it.") { _, a, n, names in
      perform(QueuesModule.destroy, a, n, names) { (b) throws(PyError) in
        try QueueTable.destroy(QueueObjects.number(b[0]!))
      }
    }
    m.noArguments("list_all", "($module, /)", "Returns (number, fmt, unboundop) of every queue in a list.") { _, _ in
      bridge { () throws(PyError) in
        let list = try owned(PyList_New(0))
        for queue in QueueTable.all() {
          let id = try int(queue.id), format = try int(queue.format), unbound = try int(queue.unbound.rawValue)
          try append(list.ref, try tuple(id.ref, format.ref, unbound.ref))
        }
        return list
      }
    }
    m.add(bind, "Counts one more reference to a queue.") { _, a, n, names in
      perform(QueuesModule.bind, a, n, names) { (b) throws(PyError) in try QueueTable.bind(QueueObjects.number(b[0]!)) }
    }
    m.add(release, "Counts one reference to a queue less; the last one takes the queue with it.") { _, a, n, names in
      perform(QueuesModule.release, a, n, names) { (b) throws(PyError) in
        try QueueTable.release(QueueObjects.number(b[0]!))
      }
    }
    addItems(&m)
    addState(&m)
    m.add(register, "Tells the classes of the Python half.") { _, a, n, names in
      perform(QueuesModule.register, a, n, names) { (b) throws(PyError) in
        try QueueObjects.register(queue: b[0]!, empty: b[1]!, full: b[2]!)
      }
    }
    return m.build()
  }

  private static func addItems(_ m: inout MethodTable) {
    m.add(put, "Adds a value that may be shared to a queue. QueueFull is raised if there is no room.") {
      _, a, n, names in
      perform(QueuesModule.put, a, n, names) { (b) throws(PyError) in
        let id = try QueueObjects.number(b[0]!), format = try intArgument(b[2]!)
        try QueueTable.put(id, b[1]!, format, try UnboundItem.argument(b[3]!))
      }
    }
    m.add(
      get,
      "Takes the first value of a queue and returns (value, fmt, None), or (None, fmt, unboundop) if the interpreter\nthat it came from has ended. QueueEmpty is raised if there is none."
    ) { _, a, n, names in
      answer(QueuesModule.get, a, n, names) { (b) throws(PyError) in
        let item = try QueueTable.get(QueueObjects.number(b[0]!))
        let format = try int(item.note)
        guard let form = item.value else {
          let unbound = try int(item.unbound.rawValue)
          return try tuple(none, format.ref, unbound.ref)
        }
        let value = try form.make()
        return try tuple(value.ref, format.ref, none)
      }
    }
  }

  private static func addState(_ m: inout MethodTable) {
    m.add(maximum, "Returns the most items that a queue may have; no limit if it is not positive.") {
      _, a, n, names in
      answer(QueuesModule.maximum, a, n, names) { (b) throws(PyError) in
        try int(QueueTable.find(QueueObjects.number(b[0]!)).capacity)
      }
    }
    m.add(defaults, "Returns (fmt, unboundop), as they were given to create().") { _, a, n, names in
      answer(QueuesModule.defaults, a, n, names) { (b) throws(PyError) in
        let queue = try QueueTable.find(QueueObjects.number(b[0]!))
        let format = try int(queue.format), unbound = try int(queue.unbound.rawValue)
        return try tuple(format.ref, unbound.ref)
      }
    }
    m.add(isFull, "Whether a queue has as many items as it may have.") { _, a, n, names in
      answer(QueuesModule.isFull, a, n, names) { (b) throws(PyError) in
        let queue = try QueueTable.find(QueueObjects.number(b[0]!))
        return bool(queue.items.count == queue.capacity)
      }
    }
    m.add(size, "Returns the number of items in a queue.") { _, a, n, names in
      answer(QueuesModule.size, a, n, names) { (b) throws(PyError) in
        try int(QueueTable.find(QueueObjects.number(b[0]!)).items.count)
      }
    }
  }
}
