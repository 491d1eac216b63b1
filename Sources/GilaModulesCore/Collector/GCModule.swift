import CGila
import GilaCore
import GilaLifetime

/// The module `gc`.
enum GCModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "gc",
    doc:
      "This module provides access to the garbage collector for reference cycles.\n\nenable() -- Enable automatic garbage collection.\ndisable() -- Disable automatic garbage collection.\nisenabled() -- Returns true if automatic collection is enabled.\ncollect() -- Do a full collection right now.",
    methods: methods(),
    exec: { m in
      bridgeStatus { () throws(PyError) in
        let interp = currentInterpreter
        if interp.pointee.gc_garbage == nil { interp.pointee.gc_garbage = try owned(PyList_New(0)).take() }
        if interp.pointee.gc_callbacks == nil { interp.pointee.gc_callbacks = try owned(PyList_New(0)).take() }
        try add(m!, "garbage", interp.pointee.gc_garbage!)
        try add(m!, "callbacks", interp.pointee.gc_callbacks!)
        try add(m!, "DEBUG_STATS", int: 1)
        try add(m!, "DEBUG_COLLECTABLE", int: 2)
        try add(m!, "DEBUG_UNCOLLECTABLE", int: 4)
        try add(m!, "DEBUG_SAVEALL", int: 32)
        try add(m!, "DEBUG_LEAK", int: 38)
      }
    })

  private static let collectSignature = Signature("collect", "(generation=2)")
  private static let objectsSignature = Signature("get_objects", "(generation=None)")

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    switches(&m)
    collection(&m)
    graph(&m)
    return m.build()
  }

  private static func switches(_ m: inout MethodTable) {
    m.noArguments("enable", "($module, /)", "Enable automatic garbage collection.") { _, _ in
      currentInterpreter.pointee.gc_enabled = 1
      return none
    }
    m.noArguments("disable", "($module, /)", "Disable automatic garbage collection.") { _, _ in
      currentInterpreter.pointee.gc_enabled = 0
      return none
    }
    m.noArguments("isenabled", "($module, /)", "Returns true if automatic garbage collection is enabled.") { _, _ in
      pyBool(currentInterpreter.pointee.gc_enabled != 0)
    }
    m.one("set_debug", "($module, flags, /)", "Set the garbage collection debugging flags.") { _, flags in
      bridgeNone { () throws(PyError) in currentInterpreter.pointee.gc_debug = try intArgument(flags!) }
    }
    m.noArguments("get_debug", "($module, /)", "Get the garbage collection debugging flags.") { _, _ in
      PyLong_FromLong(Int(currentInterpreter.pointee.gc_debug))
    }
    m.positional(
      "set_threshold", "", "set_threshold(threshold0, [threshold1, [threshold2]])\nSet the collection thresholds."
    ) {
      _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("set_threshold", n, 1, 3)
        for i in 0..<n { CollectorQueries.generation(i).pointee.threshold = try intArgument(args![i]!) }
      }
    }
    m.noArguments("get_threshold", "($module, /)", "Return the current collection thresholds.") { _, _ in
      GCModule.triple { Int(CollectorQueries.generation($0).pointee.threshold) }
    }
    m.noArguments("get_count", "($module, /)", "Return a three-tuple of the current collection counts.") { _, _ in
      GCModule.triple { Int(CollectorQueries.generation($0).pointee.count) }
    }
    m.noArguments(
      "freeze", "($module, /)", "Freeze all current tracked objects and ignore them for future collections."
    ) {
      _, _ in
      CollectorQueries.freeze()
      return none
    }
    m.noArguments("unfreeze", "($module, /)", "Unfreeze all objects in the permanent generation.") { _, _ in
      CollectorQueries.unfreeze()
      return none
    }
    m.noArguments("get_freeze_count", "($module, /)", "Return the number of objects in the permanent generation.") {
      _, _ in PyLong_FromSsize_t(CollectorQueries.frozenCount())
    }
  }
  private static func triple(_ value: (Int) -> Int) -> Ref? {
    bridge { () throws(PyError) in
      let t = try owned(PyTuple_New(3))
      for i in 0..<3 { gila_tuple_items(t.ref)[i] = try owned(PyLong_FromLong(value(i))).take() }
      return t
    }
  }

  private static func collection(_ m: inout MethodTable) {
    m.keywords(
      "collect", "($module, /, generation=2)",
      "Run the garbage collector.\n\nWith no arguments, run a full collection.  The optional argument\nmay be an integer specifying which generation to collect.  A ValueError\nis raised if the generation number is invalid.\n\nThe number of unreachable objects is returned."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try GCModule.collectSignature.bind(args, n, names)
        let generation = try b[0].map { r throws(PyError) in Int(try intArgument(r)) } ?? 2
        if generation < 0 || generation > 2 { throw valueError("invalid generation") }
        return try owned(PyLong_FromLong(CollectorQueries.collect(generation)))
      }
    }
    m.noArguments("get_stats", "($module, /)", "Return a list of dictionaries containing per-generation statistics.") {
      _, _ in
      bridge { () throws(PyError) in
        let list = try owned(PyList_New(0))
        for i in 0..<3 {
          let g = CollectorQueries.generation(i)
          let d = try owned(PyDict_New())
          for (name, value) in [
            ("collections", g.pointee.collections), ("collected", g.pointee.collected),
            ("uncollectable", g.pointee.uncollectable),
          ] {
            let v = try owned(PyLong_FromLong(value))
            try check(PyDict_SetItemString(d.ref, name, v.ref))
          }
          try check(PyList_Append(list.ref, d.ref))
        }
        return list
      }
    }
  }

  private static func graph(_ m: inout MethodTable) {
    m.keywords(
      "get_objects", "($module, /, generation=None)",
      "Return a list of objects tracked by the collector (excluding the list returned).\n\n  generation\n    Generation to extract the objects from.\n\nIf generation is not None, return only the objects tracked by the collector\nthat are in that generation."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let b = try GCModule.objectsSignature.bind(args, n, names)
        guard let g = b[0], g != none else {
          try audit("gc.get_objects", numbers: -1)
          return try CollectorQueries.objects(nil)
        }
        let generation = try sizeArgument(g)
        try audit("gc.get_objects", numbers: generation)
        if generation > 2 {
          throw valueError("generation parameter must be less than the number of available generations (3)")
        }
        if generation < 0 { throw valueError("generation parameter cannot be negative") }
        return try CollectorQueries.objects(generation)
      }
    }
    m.positional(
      "get_referrers", "($module, /, *objs)", "Return the list of objects that directly refer to any of 'objs'."
    ) {
      _, args, n in
      bridge { () throws(PyError) in
        let wanted = try owned(PyTuple_New(n))
        for i in 0..<n { gila_tuple_items(wanted.ref)[i] = newRef(args![i]!) }
        try audit("gc.get_referrers", wanted.ref)
        return try CollectorQueries.referrers(wanted.ref)
      }
    }
    m.positional(
      "get_referents", "($module, /, *objs)", "Return the list of objects that are directly referred to by 'objs'."
    ) { _, args, n in
      bridge { () throws(PyError) in
        if isAudited {
          let all = try owned(PyTuple_New(n))
          for i in 0..<n { gila_tuple_items(all.ref)[i] = newRef(args![i]!) }
          try audit("gc.get_referents", all.ref)
        }
        return try CollectorQueries.referents(UnsafeBufferPointer(start: args, count: n))
      }
    }
    m.one("is_tracked", "($module, obj, /)", "Returns true if the object is tracked by the garbage collector.") {
      _, o in
      pyBool(PyObject_GC_IsTracked(o) != 0)
    }
    m.one(
      "is_finalized", "($module, obj, /)", "Returns true if the object has been already finalized by the GC."
    ) { _, o in pyBool(PyObject_GC_IsFinalized(o) != 0) }
  }
}
