// The module itertools.

import CGila
import GilaCore

enum ItertoolsModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "itertools",
    doc:
      "Functional tools for creating and using iterators.\n\nInfinite iterators:\ncount(start=0, step=1) --> start, start+step, start+2*step, ...\ncycle(p) --> p0, p1, ... plast, p0, p1, ...\nrepeat(elem [,n]) --> elem, elem, elem, ... endlessly or up to n times\n\nIterators terminating on the shortest input sequence:\naccumulate(p[, func]) --> p0, p0+p1, p0+p1+p2\nbatched(p, n) --> [p0, p1, ..., p_n-1], [p_n, p_n+1, ..., p_2n-1], ...\nchain(p, q, ...) --> p0, p1, ... plast, q0, q1, ...\nchain.from_iterable([p, q, ...]) --> p0, p1, ... plast, q0, q1, ...\ncompress(data, selectors) --> (d[0] if s[0]), (d[1] if s[1]), ...\ndropwhile(predicate, seq) --> seq[n], seq[n+1], starting when predicate fails\ngroupby(iterable[, keyfunc]) --> sub-iterators grouped by value of keyfunc(v)\nfilterfalse(predicate, seq) --> elements of seq where predicate(elem) is False\nislice(seq, [start,] stop [, step]) --> elements from\n       seq[start:stop:step]\npairwise(s) --> (s[0],s[1]), (s[1],s[2]), (s[2], s[3]), ...\nstarmap(fun, seq) --> fun(*seq[0]), fun(*seq[1]), ...\ntee(it, n=2) --> (it1, it2 , ... itn) splits one iterator into n\ntakewhile(predicate, seq) --> seq[0], seq[1], until predicate fails\nzip_longest(p, q, ...) --> (p[0], q[0]), (p[1], q[1]), ...\n\nCombinatoric generators:\nproduct(p, q, ... [repeat=1]) --> cartesian product\npermutations(p[, r])\ncombinations(p, r)\ncombinations_with_replacement(p, r)\n",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        for t in [
          Accumulate.type, Batched.type, CombinationsWithReplacement.type, Combinations.type, Cycle.type,
          DropWhile.type,
          TakeWhile.type, ISlice.type, StarMap.type, Chain.type, Compress.type, FilterFalse.type, Count.type,
          ZipLongest.type, Pairwise.type, Permutations.type, Product.type, Repeat.type, GroupBy.type,
          GroupBy.grouperType,
          Tee.type, Tee.dataType,
        ] {
          try addType(module!, t)
        }
      }
    })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional("tee", "($module, iterable, n=2, /)", "Returns a tuple of n independent iterators.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("tee", n, 1, 2)
        let count = n > 1 ? try sizeValue(args![1]!) : 2
        if count < 0 { throw valueError("n must be >= 0") }
        return try Tee.split(args![0]!, count)
      }
    }
    return m.build()
  }

  /// The warning that copying and pickling of these iterators goes away.
  static func warnPickle() throws(PyError) {
    try check(
      PyErr_WarnEx(
        Exc.DeprecationWarning.object,
        "Pickle, copy, and deepcopy support will be removed from itertools in Python 3.14.", 1))
  }
}

/// Sets up what all iterator types of the module share.
func defineIterator(
  _ name: StaticString, references: Int, words: Int, subclassable: Bool = true, doc: StaticString,
  new: @escaping newfunc, next: @escaping iternextfunc
) -> TypeRef {
  let t = newStaticType()
  Fields.define(t, name, references: references, words: words, subclassable: subclassable, doc: doc)
  t.pointee.tp_iter = PyObject_SelfIter
  t.pointee.tp_new = new
  t.pointee.tp_iternext = next
  return t
}

/// Adds `__reduce__` and `__setstate__` to an iterator type, both with the deprecation warning.
func addPickling(
  _ t: TypeRef, reduce: @escaping @convention(c) (Ref?, Ref?) -> Ref?,
  setState: (@convention(c) (Ref?, Ref?) -> Ref?)? = nil
) {
  var m = MethodTable()
  m.noArguments("__reduce__", "", "Return state information for pickling.") { _, _ in nil }
  if setState != nil { m.one("__setstate__", "", "Set state information for unpickling.") { _, _ in nil } }
  let table = m.build()
  table[0].ml_meth = reduce
  if let setState { table[1].ml_meth = setState }
  t.pointee.tp_methods = table
}

/// A method that warns and then answers.
@inline(__always) func pickled(_ body: () throws(PyError) -> Owned) -> Ref? {
  bridge { () throws(PyError) in
    try ItertoolsModule.warnPickle()
    return try body()
  }
}
@inline(__always) func pickledState(_ body: () throws(PyError) -> Void) -> Ref? {
  bridgeNone { () throws(PyError) in
    try ItertoolsModule.warnPickle()
    try body()
  }
}
