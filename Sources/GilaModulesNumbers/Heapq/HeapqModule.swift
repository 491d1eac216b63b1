// The module _heapq: binary heaps in lists, smallest first (and largest first, for merge and nlargest).

import CGila
import GilaCore

enum HeapqModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_heapq",
    doc:
      "Heap queue algorithm (a.k.a. priority queue).\n\nHeaps are arrays for which a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for\nall k, counting elements from 0.  For the sake of comparison,\nnon-existing elements are considered to be infinite.  The interesting\nproperty of a heap is that a[0] is always its smallest element.\n",
    methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        let about = try string(
          "Heap queues\n\n[explanation by Fran\u{e7}ois Pinard]\n\nHeaps are arrays for which a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for\nall k, counting elements from 0.  For the sake of comparison,\nnon-existing elements are considered to be infinite.  The interesting\nproperty of a heap is that a[0] is always its smallest element.\n"
        )
        try add(module!, "__about__", about.ref)
      }
    })

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional("heappush", "($module, heap, item, /)", "Push item onto heap, maintaining the heap invariant.") {
      _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("heappush", n, 2, 2)
        let heap = try Heap.list("heappush", args![0]!)
        try check(PyList_Append(heap, args![1]))
        try Heap.siftDown(heap, 0, heap.size - 1, largestFirst: false)
      }
    }
    m.positional(
      "heappushpop", "($module, heap, item, /)",
      "Push item on the heap, then pop and return the smallest item from the heap.\n\nThe combined action runs more efficiently than heappush() followed by\na separate call to heappop()."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("heappushpop", n, 2, 2)
        let heap = try Heap.list("heappushpop", args![0]!)
        if heap.size == 0 { return Owned(retaining: args![1]!) }
        let top = Owned(retaining: heap.fastItems[0]!)
        if try !Heap.less(top.ref, args![1]!, largestFirst: false) { return Owned(retaining: args![1]!) }
        if heap.size == 0 { throw indexError("index out of range") }
        let old = Owned(taking: heap.fastItems[0]!)
        heap.fastItems[0] = newRef(args![1]!)
        try Heap.siftUp(heap, 0, largestFirst: false)
        return old
      }
    }
    m.one(
      "heappop", "($module, heap, /)", "Pop the smallest item off the heap, maintaining the heap invariant."
    ) { _, heap in
      bridge { () throws(PyError) in try Heap.pop(Heap.list("heappop", heap!), largestFirst: false) }
    }
    m.positional(
      "heapreplace", "($module, heap, item, /)",
      "Pop and return the current smallest value, and add the new item.\n\nThis is more efficient than heappop() followed by heappush(), and can be\nmore appropriate when using a fixed-size heap.  Note that the value\nreturned may be larger than item!  That constrains reasonable uses of\nthis routine unless written as part of a conditional replacement:\n\n    if item > heap[0]:\n        item = heapreplace(heap, item)"
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("heapreplace", n, 2, 2)
        return try Heap.replaceTop(Heap.list("heapreplace", args![0]!), args![1]!, largestFirst: false)
      }
    }
    m.one("heapify", "($module, heap, /)", "Transform list into a heap, in-place, in O(len(heap)) time.") { _, heap in
      bridgeNone { () throws(PyError) in try Heap.heapify(Heap.list("heapify", heap!), largestFirst: false) }
    }
    m.one("_heappop_max", "($module, heap, /)", "Maxheap variant of heappop.") { _, heap in
      bridge { () throws(PyError) in try Heap.pop(Heap.list("_heappop_max", heap!), largestFirst: true) }
    }
    m.positional("_heapreplace_max", "($module, heap, item, /)", "Maxheap variant of heapreplace.") { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("_heapreplace_max", n, 2, 2)
        return try Heap.replaceTop(Heap.list("_heapreplace_max", args![0]!), args![1]!, largestFirst: true)
      }
    }
    m.one("_heapify_max", "($module, heap, /)", "Maxheap variant of heapify.") { _, heap in
      bridgeNone { () throws(PyError) in try Heap.heapify(Heap.list("_heapify_max", heap!), largestFirst: true) }
    }
    return m.build()
  }
}

/// The algorithms. Comparisons may run code: the list's size is watched, its vector read again after each.
enum Heap {
  static func list(_ function: StaticString, _ r: Ref) throws(PyError) -> Ref {
    if r.isList { return r }
    let one =
      function == "heappush" || function == "heappushpop" || function == "heapreplace"
      || function == "_heapreplace_max"
    throw typeError("\(function)() argument\(one ? " 1" : "") must be list, not \(typeName(of: r))")
  }

  static func less(_ a: Ref, _ b: Ref, largestFirst: Bool) throws(PyError) -> Bool {
    let x = Owned(retaining: a)
    let y = Owned(retaining: b)
    return try check(
      largestFirst ? PyObject_RichCompareBool(y.ref, x.ref, Py_LT) : PyObject_RichCompareBool(x.ref, y.ref, Py_LT)) != 0
  }

  private static func swap(_ heap: Ref, _ i: Int, _ j: Int) {
    let items = heap.fastItems
    (items[i], items[j]) = (items[j], items[i])
  }

  /// Moves the item at `at` towards the root until its parent is not larger.
  static func siftDown(_ heap: Ref, _ start: Int, _ at: Int, largestFirst: Bool) throws(PyError) {
    let size = heap.size
    if at >= size { throw indexError("index out of range") }
    var i = at
    while i > start {
      let parent = (i - 1) >> 1
      let smaller = try less(heap.fastItems[i]!, heap.fastItems[parent]!, largestFirst: largestFirst)
      if heap.size != size { throw runtimeError("list changed size during iteration") }
      if !smaller { return }
      swap(heap, i, parent)
      i = parent
    }
  }

  /// Moves the smaller child up along the path from `at` to a leaf, then the item to its place.
  static func siftUp(_ heap: Ref, _ at: Int, largestFirst: Bool) throws(PyError) {
    let size = heap.size
    if at >= size { throw indexError("index out of range") }
    let limit = size >> 1
    var i = at
    while i < limit {
      var child = 2 * i + 1
      if child + 1 < size {
        let smaller = try less(heap.fastItems[child]!, heap.fastItems[child + 1]!, largestFirst: largestFirst)
        if !smaller { child += 1 }
        if heap.size != size { throw runtimeError("list changed size during iteration") }
      }
      swap(heap, i, child)
      i = child
    }
    try siftDown(heap, at, i, largestFirst: largestFirst)
  }

  static func pop(_ heap: Ref, largestFirst: Bool) throws(PyError) -> Owned {
    let n = heap.size
    if n == 0 { throw indexError("index out of range") }
    let last = Owned(retaining: heap.fastItems[n - 1]!)
    try check(PyList_SetSlice(heap, n - 1, n, nil))
    if n == 1 { return last }
    let top = Owned(taking: heap.fastItems[0]!)
    heap.fastItems[0] = last.take()
    try siftUp(heap, 0, largestFirst: largestFirst)
    return top
  }

  static func replaceTop(_ heap: Ref, _ item: Ref, largestFirst: Bool) throws(PyError) -> Owned {
    if heap.size == 0 { throw indexError("index out of range") }
    let top = Owned(taking: heap.fastItems[0]!)
    heap.fastItems[0] = newRef(item)
    try siftUp(heap, 0, largestFirst: largestFirst)
    return top
  }

  static func heapify(_ heap: Ref, largestFirst: Bool) throws(PyError) {
    var i = heap.size >> 1
    while i > 0 {
      i -= 1
      try siftUp(heap, i, largestFirst: largestFirst)
    }
  }
}

extension StaticString {
  static func == (_ a: StaticString, _ b: StaticString) -> Bool { a.description == b.description }
}
