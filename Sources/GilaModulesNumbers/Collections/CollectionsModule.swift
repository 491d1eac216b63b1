// The module _collections: deque, defaultdict, OrderedDict (GilaMappings), _tuplegetter, _count_elements.

import CGila
import GilaCore

enum CollectionsModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_collections",
    doc:
      "High performance data structures.\n- deque:        ordered collection accessible from endpoints only\n- defaultdict:  dict subclass with a default value factory\n",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        for t in [
          DequeType.type, DefaultDict.type, DequeIterator.forward, DequeIterator.backward, TupleGetter.type,
          Types.oDict,
        ] {
          try addType(module!, t)
        }
        try add(module!, "OrderedDict", Types.oDict.object)
      }
    })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "_count_elements", "($module, mapping, iterable, /)",
      "Count elements in the iterable, updating the mapping"
    ) { _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("_count_elements", n, 2, 2)
        try CollectionsModule.countElements(args![0]!, args![1]!)
      }
    }
    return m.build()
  }

  private static func countElements(_ mapping: Ref, _ iterable: Ref) throws(PyError) {
    let one = gila_small_int(1)
    // Dicts that keep dict's own get and __setitem__ need no method calls.
    let plain =
      mapping.isDict
      && (mapping.isExactly(Types.dict)
        || (_PyType_Lookup(mapping.type, gila_intern("get")) == _PyType_Lookup(Types.dict, gila_intern("get"))
          && _PyType_Lookup(mapping.type, gila_intern("__setitem__"))
            == _PyType_Lookup(Types.dict, gila_intern("__setitem__"))))
    if plain {
      try forEach(iterable) { key throws(PyError) in
        var old: Ref? = nil
        try check(PyDict_GetItemRef(mapping, key, &old))
        guard let old else {
          try check(PyDict_SetItem(mapping, key, one))
          return
        }
        let held = Owned(taking: old)
        let new = try owned(PyNumber_Add(held.ref, one))
        try check(PyDict_SetItem(mapping, key, new.ref))
      }
      return
    }
    let get = try owned(PyObject_GetAttrString(mapping, "get"))
    try forEach(iterable) { key throws(PyError) in
      let args = try pair(Owned(retaining: key), Owned(retaining: gila_small_int(0)))
      let old = try owned(PyObject_CallObject(get.ref, args.ref))
      let new = try owned(PyNumber_Add(old.ref, one))
      try check(PyObject_SetItem(mapping, key, new.ref))
    }
  }
}
