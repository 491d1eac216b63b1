import CGila
import GilaCore
import GilaLifetime

/// The module `_weakref`.
enum WeakrefModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_weakref", doc: "Weak-reference support module.", methods: methods(),
    exec: { m in
      bridgeStatus { () throws(PyError) in
        try add(m!, "ref", Types.weakrefRefType.object)
        try add(m!, "ReferenceType", Types.weakrefRefType.object)
        try add(m!, "ProxyType", Types.weakrefProxyType.object)
        try add(m!, "CallableProxyType", Types.weakrefCallableProxyType.object)
      }
    })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one(
      "getweakrefcount", "($module, object, /)", "Return the number of weak references to 'object'."
    ) { _, o in PyLong_FromSsize_t(weakReferenceCount(o!)) }
    m.one("getweakrefs", "($module, object, /)", "Return a list of all weak reference objects pointing to 'object'.") {
      _, o in bridge { () throws(PyError) in try weakReferences(o!) }
    }
    m.positional(
      "proxy", "($module, object, callback=None, /)",
      "Create a proxy object that weakly references 'object'.\n\n'callback', if given, is called with a reference to the\nproxy when 'object' is about to be finalized."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("proxy", n, 1, 2)
        return try owned(PyWeakref_NewProxy(args![0], n > 1 ? args![1] : nil))
      }
    }
    m.positional(
      "_remove_dead_weakref", "($module, dct, key, /)",
      "Atomically remove key from dict if it points to a dead weakref."
    ) { _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("_remove_dead_weakref", n, 2, 2)
        let d = args![0]!, key = args![1]!
        guard d.isDict else {
          throw typeError("_remove_dead_weakref() argument 1 must be dict, not \(typeName(of: d))")
        }
        guard let value = PyDict_GetItemWithError(d, key) else {
          if errorIsSet { throw PyError() }
          return
        }
        let held = Owned(retaining: value)
        var target: Ref? = nil
        if PyWeakref_GetRef(held.ref, &target) < 0 {
          PyErr_Clear()
          throw typeError("not a weakref")
        }
        if target != nil {
          xdecref(target)
          return
        }
        try check(PyDict_DelItem(d, key))
      }
    }
    return m.build()
  }
}
