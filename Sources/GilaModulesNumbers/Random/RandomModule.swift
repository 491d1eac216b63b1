// The module _random: the Mersenne Twister behind random.Random.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

enum RandomModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_random", doc: "Module implements the Mersenne Twister random number generator.",
    exec: { module in bridgeStatus { () throws(PyError) in try addType(module!, type) } })

  /// The generator's words, behind the head.
  private static func generator(_ r: Ref) -> MersenneTwister {
    MersenneTwister(words: (r.raw + 16).assumingMemoryBound(to: UInt32.self))
  }

  nonisolated(unsafe) private static let type: TypeRef = {
    let t = newStaticType()
    t.define(
      "_random.Random", basicSize: 16 + (MersenneTwister.stateSize + 2) * 4, flags: UInt(Py_TPFLAGS_BASETYPE),
      doc: "Random() -> create a random number generator with its own internal state.")
    t.pointee.tp_getattro = PyObject_GenericGetAttr
    t.pointee.tp_alloc = PyType_GenericAlloc
    t.pointee.tp_free = { PyObject_Free($0) }
    t.pointee.tp_dealloc = { r in r!.type.pointee.tp_free(r!.raw) }
    t.pointee.tp_new = PyType_GenericNew
    t.pointee.tp_init = { r, args, kwargs in
      bridgeStatus { () throws(PyError) in
        if r!.type == RandomModule.type { try rejectKeywords("Random", kwargs) }
        let n = args?.size ?? 0
        if n > 1 { throw typeError("Random() requires 0 or 1 argument") }
        try RandomModule.seed(r!, n == 1 ? args!.tupleItems[0] : nil)
      }
    }
    var m = MethodTable()
    m.noArguments("random", "($self, /)", "random() -> x in the interval [0, 1).") { r, _ in
      PyFloat_FromDouble(RandomModule.generator(r!).nextDouble())
    }
    m.positional(
      "seed", "($self, n=None, /)",
      "seed([n]) -> None.\n\nDefaults to use urandom and falls back to a combination\nof the current time and the process identifier."
    ) { r, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("seed", n, 0, 1)
        try RandomModule.seed(r!, n == 1 ? args![0] : nil)
      }
    }
    m.noArguments("getstate", "($self, /)", "getstate() -> tuple containing the current state.") { r, _ in
      bridge { () throws(PyError) in
        let g = RandomModule.generator(r!)
        let count = MersenneTwister.stateSize + 1
        let t = try owned(PyTuple_New(count))
        for i in 0..<count { t.ref.tupleItems[i] = try int(Int(g.words[i])).take() }
        return t
      }
    }
    m.one("setstate", "($self, state, /)", "setstate(state) -> None.  Restores generator state.") { r, state in
      bridgeNone { () throws(PyError) in try RandomModule.setState(r!, state!) }
    }
    m.one("getrandbits", "($self, k, /)", "getrandbits(k) -> x.  Generates an int with k random bits.") { r, k in
      bridge { () throws(PyError) in try RandomModule.bits(r!, intArgument(k!)) }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()

  private static func seed(_ r: Ref, _ value: Ref?) throws(PyError) {
    let g = generator(r)
    guard let value, !value.isNone else {
      var key = [UInt32](repeating: 0, count: MersenneTwister.stateSize)
      let size = key.count * 4
      let device = open("/dev/urandom", O_RDONLY | O_CLOEXEC)
      let got = device < 0 ? -1 : key.withUnsafeMutableBytes { read(device, $0.baseAddress!, size) }
      if device >= 0 { close(device) }
      if got != size {
        // Time and process instead.
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        key[0] = UInt32(truncatingIfNeeded: now.tv_sec)
        key[1] = UInt32(truncatingIfNeeded: now.tv_nsec)
        key[2] = UInt32(truncatingIfNeeded: getpid())
      }
      g.seed(key, key.count)
      return
    }
    let n: Owned
    if value.isLong {
      // By int itself: a derived class may have an `__abs__` that gives anything.
      n = try owned(Types.long.pointee.tp_as_number.pointee.nb_absolute(value))
    } else {
      let h = PyObject_Hash(value)
      if h == -1 { throw PyError() }
      n = try owned(PyLong_FromSize_t(h))
    }
    let words = max((_PyLong_NumBits(n.ref) + 31) / 32, 1)
    let key = UnsafeMutablePointer<UInt32>.allocate(capacity: words)
    defer { key.deallocate() }
    let bytes = UnsafeMutableRawPointer(key).assumingMemoryBound(to: UInt8.self)
    try check(_PyLong_AsByteArray(n.ref.cast(PyLongObject.self), bytes, words * 4, 1, 0, 1))
    g.seed(key, words)
  }

  private static func setState(_ r: Ref, _ state: Ref) throws(PyError) {
    if !state.isTuple { throw typeError("state vector must be a tuple") }
    let n = MersenneTwister.stateSize
    if state.size != n + 1 { throw valueError("state vector is the wrong size") }
    var words = [UInt32](repeating: 0, count: n)
    for i in 0..<n {
      let v = PyLong_AsUnsignedLong(state.tupleItems[i])
      if v == .max && errorIsSet { throw PyError() }
      words[i] = UInt32(truncatingIfNeeded: v)
    }
    let index = PyLong_AsLong(state.tupleItems[n])
    if index == -1 && errorIsSet { throw PyError() }
    if index < 0 || index > n { throw valueError("invalid state") }
    let g = generator(r)
    for i in 0..<n { g.words[i] = words[i] }
    g.index = index
  }

  private static func bits(_ r: Ref, _ k: Int32) throws(PyError) -> Owned {
    if k < 0 { throw valueError("number of bits must be non-negative") }
    if k == 0 { return Owned(retaining: gila_small_int(0)) }
    let g = generator(r)
    if k <= 32 { return try owned(PyLong_FromUnsignedLong(UInt(g.next() >> UInt32(32 - k)))) }
    let words = (Int(k) - 1) / 32 + 1
    let memory = UnsafeMutablePointer<UInt32>.allocate(capacity: words)
    defer { memory.deallocate() }
    var left = Int(k)
    for i in 0..<words {
      var w = g.next()
      if left < 32 { w >>= UInt32(32 - left) }
      memory[i] = w
      left -= 32
    }
    let bytes = UnsafeRawPointer(memory).assumingMemoryBound(to: UInt8.self)
    return try owned(_PyLong_FromByteArray(bytes, words * 4, 1, 0))
  }
}
