// functools.lru_cache's wrapper.
//
// The cache is a dict from keys to links; the links form a ring round a root, the least recently used one first. Links
// are owned by the dict; the ring's pointers own nothing.

import CGila
import GilaCore

enum LRUCache {
  // Words of the wrapper: 0 function, 1 cache, 2 type of cache_info, 3 keyword mark, 4 root, 5 `__dict__`,
  // 6 weak references, 7 maxsize (-1: none), 8 typed, 9 hits, 10 misses.
  private static let signature = Signature("lru_cache", "(user_function, maxsize, typed, cache_info_type)")

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "functools._lru_cache_wrapper", references: 6, words: 11, subclassable: false,
      doc:
        "Create a cached callable that wraps another function.\n\nuser_function:      the function being cached\n\nmaxsize:  0         for no caching\n          None      for unlimited cache size\n          n         for a bounded cache\n\ntyped:    False     cache f(3) and f(3.0) as identical calls\n          True      cache f(3) and f(3.0) as distinct calls\n\ncache_info_type:    namedtuple class with the fields:\n                        hits misses currsize maxsize\n",
      flags: UInt(Py_TPFLAGS_METHOD_DESCRIPTOR) | UInt(Py_TPFLAGS_BASETYPE))
    t.pointee.tp_dictoffset = 16 + 5 * 8
    t.pointee.tp_weaklistoffset = 16 + 6 * 8
    t.pointee.tp_dealloc = { w in
      PyObject_GC_UnTrack(w!.raw)
      if w!.field(6).pointee != nil { PyObject_ClearWeakRefs(w) }
      // The cache goes first: it owns the links.
      clear(w!.field(1))
      Fields.deallocate(w!, 6)
    }
    t.pointee.tp_traverse = { w, f, context in
      let v = Fields.traverse(w!, 6, f, context)
      if v != 0 { return v }
      // Links are not collected themselves; what they hold is visited from here.
      if let root = w!.field(4).pointee {
        var link = LRUCache.following(root)
        while link != root {
          var v = visit(link.field(0).pointee, f, context)
          if v == 0 { v = visit(link.field(1).pointee, f, context) }
          if v != 0 { return v }
          link = LRUCache.following(link)
        }
      }
      return 0
    }
    t.pointee.tp_clear = { w in
      LRUCache.empty(w!)
      return Fields.clear(w!, 3)
    }
    t.pointee.tp_new = { type, args, kwargs in bridge { () throws(PyError) in try LRUCache.new(type!, args, kwargs) } }
    t.pointee.tp_call = { w, args, kwargs in
      bridge { () throws(PyError) in
        switch w!.word(7).pointee {
        case 0:
          w!.word(10).pointee &+= 1
          return try owned(PyObject_Call(w!.field(0).pointee, args, kwargs))
        case -1: return try LRUCache.unbounded(w!, args!, kwargs)
        default: return try LRUCache.bounded(w!, args!, kwargs)
        }
      }
    }
    t.pointee.tp_descr_get = { w, object, _ in
      if object == nil || object!.isNone { return newRef(w!) }
      return PyMethod_New(w, object)
    }
    var g = GetSetTable()
    g.add("__dict__", get: { PyObject_GenericGetDict($0, $1) }, set: { PyObject_GenericSetDict($0, $1, $2) })
    t.pointee.tp_getset = g.build()
    var m = MethodTable()
    m.noArguments("cache_info", "($self, /)", "Report cache statistics") { w, _ in
      bridge { () throws(PyError) in
        let limit = w!.word(7).pointee
        let args = try owned(PyTuple_New(4))
        args.ref.tupleItems[0] = try int(w!.word(9).pointee).take()
        args.ref.tupleItems[1] = try int(w!.word(10).pointee).take()
        args.ref.tupleItems[2] = limit == -1 ? none : try int(limit).take()
        args.ref.tupleItems[3] = try int(PyDict_Size(w!.field(1).pointee)).take()
        return try owned(PyObject_CallObject(w!.field(2).pointee, args.ref))
      }
    }
    m.noArguments("cache_clear", "($self, /)", "Clear the cache and cache statistics") { w, _ in
      w!.word(9).pointee = 0
      w!.word(10).pointee = 0
      LRUCache.empty(w!)
      return none
    }
    m.noArguments("__reduce__", "") { w, _ in PyObject_GetAttrString(w, "__qualname__") }
    m.noArguments("__copy__", "") { w, _ in newRef(w!) }
    m.one("__deepcopy__", "") { w, _ in newRef(w!) }
    t.pointee.tp_methods = m.build()
    return t
  }()

  private static func new(_ type: TypeRef, _ args: Ref?, _ kwargs: Ref?) throws(PyError) -> Owned {
    let bound = try signature.bind(tuple: args, dict: kwargs)
    if PyCallable_Check(bound[0]) == 0 { throw typeError("the first argument must be callable") }
    var limit = -1
    if !bound[1]!.isNone {
      guard let n = bound[1]!.type.pointee.tp_as_number, n.pointee.nb_index != nil else {
        throw typeError("maxsize should be integer or None")
      }
      limit = PyNumber_AsSsize_t(bound[1], Exc.OverflowError.object)
      if limit == -1 && errorIsSet { throw PyError() }
      limit = max(limit, 0)
    }
    let typed = try truth(bound[2]!)
    let w = try Fields.make(type)
    w.ref.field(0).pointee = newRef(bound[0]!)
    w.ref.field(1).pointee = try owned(PyDict_New()).take()
    w.ref.field(2).pointee = newRef(bound[3]!)
    w.ref.field(3).pointee = try owned(PyObject_CallNoArgs(Types.baseObject.object)).take()
    let root = try makeLink(nil, nil)
    root.ref.word(2).pointee = Int(bitPattern: root.ref)
    root.ref.word(3).pointee = Int(bitPattern: root.ref)
    w.ref.field(4).pointee = root.take()
    w.ref.word(7).pointee = limit
    w.ref.word(8).pointee = typed ? 1 : 0
    return w
  }

  // MARK: links

  // Words of a link: 0 key, 1 result, 2 the link before, 3 the link after.
  nonisolated(unsafe) static let linkType: TypeRef = {
    let t = newStaticType()
    t.define("functools._lru_list_elem", basicSize: 48, flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_dealloc = { link in
      xdecref(link!.field(0).pointee)
      xdecref(link!.field(1).pointee)
      PyObject_Free(link!.raw)
    }
    return t
  }()

  private static func makeLink(_ key: Ref?, _ result: Ref?) throws(PyError) -> Owned {
    let link = try owned(_PyObject_New(linkType))
    link.ref.field(0).pointee = xnewRef(key)
    link.ref.field(1).pointee = xnewRef(result)
    link.ref.word(2).pointee = 0
    link.ref.word(3).pointee = 0
    return link
  }
  private static func link(_ bits: Int) -> Ref { Ref(bitPattern: bits).unsafelyUnwrapped }
  static func following(_ l: Ref) -> Ref { link(l.word(3).pointee) }
  private static func extract(_ l: Ref) {
    link(l.word(2).pointee).word(3).pointee = l.word(3).pointee
    link(l.word(3).pointee).word(2).pointee = l.word(2).pointee
  }
  /// Puts a link at the end: most recently used.
  private static func append(_ root: Ref, _ l: Ref) {
    let last = link(root.word(2).pointee)
    last.word(3).pointee = Int(bitPattern: l)
    root.word(2).pointee = Int(bitPattern: l)
    l.word(2).pointee = Int(bitPattern: last)
    l.word(3).pointee = Int(bitPattern: root)
  }

  /// Drops all entries.
  private static func empty(_ w: Ref) {
    guard let cache = w.field(1).pointee, let root = w.field(4).pointee else { return }
    root.word(2).pointee = Int(bitPattern: root)
    root.word(3).pointee = Int(bitPattern: root)
    PyDict_Clear(cache)
  }

  // MARK: calls

  /// The key of a call: the argument itself for one int or str, else a tuple.
  private static func key(_ w: Ref, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    let n = args.size
    let named = kwargs.map { PyDict_Size($0) } ?? 0
    let typed = w.word(8).pointee != 0
    if named == 0 && !typed {
      if n == 1 {
        let only = args.tupleItems[0]!
        if only.isExactly(Types.unicode) || only.isExactly(Types.long) { return Owned(retaining: only) }
      }
      return Owned(retaining: args)
    }
    var size = n
    if named > 0 { size += 1 + named * 2 }
    if typed { size += n + named }
    let k = try owned(PyTuple_New(size))
    var at = 0
    let items = k.ref.tupleItems
    func put(_ r: Ref) {
      items[at] = newRef(r)
      at += 1
    }
    for i in 0..<n { put(args.tupleItems[i]!) }
    var position = 0
    var name: Ref? = nil
    var value: Ref? = nil
    if named > 0 {
      put(w.field(3).pointee!)
      while PyDict_Next(kwargs, &position, &name, &value) != 0 {
        put(name!)
        put(value!)
      }
    }
    if typed {
      for i in 0..<n { put(args.tupleItems[i]!.type.object) }
      position = 0
      if named > 0 { while PyDict_Next(kwargs, &position, &name, &value) != 0 { put(value!.type.object) } }
    }
    return k
  }

  private static func unbounded(_ w: Ref, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    let k = try key(w, args, kwargs)
    let cache = Owned(retaining: w.field(1).pointee!)
    var found: Ref? = nil
    try check(PyDict_GetItemRef(cache.ref, k.ref, &found))
    if let found {
      w.word(9).pointee &+= 1
      return Owned(taking: found)
    }
    w.word(10).pointee &+= 1
    let result = try owned(PyObject_Call(w.field(0).pointee, args, kwargs))
    try check(PyDict_SetItem(cache.ref, k.ref, result.ref))
    return result
  }

  private static func bounded(_ w: Ref, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Owned {
    let k = try key(w, args, kwargs)
    let cache = Owned(retaining: w.field(1).pointee!)
    let root = Owned(retaining: w.field(4).pointee!)
    var found: Ref? = nil
    try check(PyDict_GetItemRef(cache.ref, k.ref, &found))
    if let found {
      let l = Owned(taking: found)
      extract(l.ref)
      append(root.ref, l.ref)
      w.word(9).pointee &+= 1
      return Owned(retaining: l.ref.field(1).pointee!)
    }
    w.word(10).pointee &+= 1
    let result = try owned(PyObject_Call(w.field(0).pointee, args, kwargs))
    // The call may have filled in this very key.
    try check(PyDict_GetItemRef(cache.ref, k.ref, &found))
    if let found {
      decref(found)
      return result
    }
    let l = try makeLink(k.ref, result.ref)
    if PyDict_Size(cache.ref) >= w.word(7).pointee {
      // Full: the least recently used entry goes.
      let oldest = following(root.ref)
      if oldest != root.ref {
        let held = Owned(retaining: oldest)
        extract(held.ref)
        let oldKey = Owned(retaining: held.ref.field(0).pointee!)
        var popped: Ref? = nil
        let status = PyDict_Pop(cache.ref, oldKey.ref, &popped)
        xdecref(popped)
        if status < 0 {
          append(root.ref, held.ref)
          throw PyError()
        }
        // Comparing keys may have run code that added ours.
        try check(PyDict_GetItemRef(cache.ref, k.ref, &found))
        if let found {
          decref(found)
          return result
        }
      }
    }
    try check(PyDict_SetItem(cache.ref, k.ref, l.ref))
    append(root.ref, l.ref)
    return result
  }
}
