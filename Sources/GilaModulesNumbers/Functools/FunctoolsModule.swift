// The module _functools: reduce, cmp_to_key, partial, _lru_cache_wrapper.

import CGila
import GilaCore

enum FunctoolsModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_functools", doc: "Tools that operate on functions.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try check(PyType_Ready(KeyWrapper.type))
        try check(PyType_Ready(LRUCache.linkType))
        try addType(module!, Partial.type)
        try addType(module!, LRUCache.type)
      }
    })

  private static let cmpToKey = Signature("cmp_to_key", "(mycmp)")

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "reduce", "",
      "reduce(function, iterable[, initial], /) -> value\n\nApply a function of two arguments cumulatively to the items of an iterable, from left to right.\n\nThis effectively reduces the iterable to a single value.  If initial is present,\nit is placed before the items of the iterable in the calculation, and serves as\na default when the iterable is empty.\n\nFor example, reduce(lambda x, y: x+y, [1, 2, 3, 4, 5])\ncalculates ((((1 + 2) + 3) + 4) + 5)."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("reduce", n, 2, 3)
        return try FunctoolsModule.reduce(args![0]!, args![1]!, n > 2 ? args![2] : nil)
      }
    }
    m.keywords(
      "cmp_to_key", "($module, /, mycmp)",
      "Convert a cmp= function into a key= function.\n\n  mycmp\n    Function that compares two objects."
    ) { _, args, n, names in
      bridge { () throws(PyError) in
        let bound = try FunctoolsModule.cmpToKey.bind(args, n, names)
        return try KeyWrapper.make(bound[0]!, nil)
      }
    }
    return m.build()
  }

  private static func reduce(_ function: Ref, _ iterable: Ref, _ initial: Ref?) throws(PyError) -> Owned {
    guard let it = PyObject_GetIter(iterable) else {
      if PyErr_ExceptionMatches(Exc.TypeError.object) != 0 {
        throw typeError("reduce() arg 2 must support iteration")
      }
      throw PyError()
    }
    let iterator = Owned(taking: it)
    var result = initial.map { newRef($0) }
    while let item = next(iterator.ref) {
      guard let total = result else {
        result = item
        continue
      }
      result = withUnsafeTemporaryAllocation(of: Ref?.self, capacity: 3) { buffer in
        buffer[0] = nil
        buffer[1] = total
        buffer[2] = item
        return PyObject_Vectorcall(function, buffer.baseAddress! + 1, 2 | Int.min, nil)
      }
      decref(total)
      decref(item)
      if result == nil { throw PyError() }
    }
    if !atEnd() {
      xdecref(result)
      throw PyError()
    }
    guard let result else { throw typeError("reduce() of empty iterable with no initial value") }
    return Owned(taking: result)
  }
}

/// What cmp_to_key gives: a key that compares by a function. Words: 0 the function, 1 the object.
enum KeyWrapper {
  private static let signature = Signature("K", "(obj)")

  nonisolated(unsafe) static let type: TypeRef = {
    let t = newStaticType()
    Fields.define(
      t, "functools.KeyWrapper", references: 2, words: 2, subclassable: false,
      flags: UInt(Py_TPFLAGS_DISALLOW_INSTANTIATION))
    t.pointee.tp_call = { k, args, kwargs in
      bridge { () throws(PyError) in
        let bound = try KeyWrapper.signature.bind(tuple: args, dict: kwargs)
        return try KeyWrapper.make(k!.field(0).pointee!, bound[0]!)
      }
    }
    t.pointee.tp_hash = PyObject_HashNotImplemented
    t.pointee.tp_richcompare = { a, b, op in
      bridge { () throws(PyError) in
        if b!.type != a!.type { throw typeError("other argument must be K instance") }
        guard let x = a!.field(1).pointee, let y = b!.field(1).pointee else {
          throw raise(Exc.AttributeError, "object")
        }
        let compare = a!.field(0).pointee!
        let args = try pair(Owned(retaining: x), Owned(retaining: y))
        let order = try owned(PyObject_CallObject(compare, args.ref))
        return try owned(PyObject_RichCompare(order.ref, gila_small_int(0), op))
      }
    }
    var attributes = GetSetTable()
    attributes.add("__text_signature__", get: { _, _ in PyUnicode_FromString("(obj)") })
    t.pointee.tp_getset = attributes.build()
    var members = MemberTable()
    members.add("obj", _Py_T_OBJECT, offset: 24, flags: 0, "Value wrapped by a key function.")
    t.pointee.tp_members = members.build()
    return t
  }()

  static func make(_ compare: Ref, _ object: Ref?) throws(PyError) -> Owned {
    let k = try Fields.make(type)
    k.ref.field(0).pointee = newRef(compare)
    k.ref.field(1).pointee = xnewRef(object)
    return k
  }
}
