import CGila
import GilaCore

/// The correspondence of special methods and C slots: one entry a pair. From it come the wrapper descriptors of types
/// defined in C (`int.__add__`) and the slots of classes defined in Python.
struct SlotEntry {
  enum Suite { case type, async, number, mapping, sequence, buffer }
  var name: Ref
  var suite: Suite
  var offset: Int
  /// What goes into the slot of a class that defines the method in Python; nil if the slot has no such form.
  var function: UInt
  var wrapper: UnsafeMutablePointer<wrapperbase>?

  /// The slot in a type, nil if the type lacks the suite.
  func slot(_ t: TypeRef) -> UnsafeMutablePointer<UInt>? {
    let base: UnsafeMutableRawPointer?
    switch suite {
    case .type: base = UnsafeMutableRawPointer(t)
    case .async: base = t.pointee.tp_as_async.map { UnsafeMutableRawPointer($0) }
    case .number: base = t.pointee.tp_as_number.map { UnsafeMutableRawPointer($0) }
    case .mapping: base = t.pointee.tp_as_mapping.map { UnsafeMutableRawPointer($0) }
    case .sequence: base = t.pointee.tp_as_sequence.map { UnsafeMutableRawPointer($0) }
    case .buffer: base = t.pointee.tp_as_buffer.map { UnsafeMutableRawPointer($0) }
    }
    guard let base else { return nil }
    return (base + offset).assumingMemoryBound(to: UInt.self)
  }
}

enum SlotTable {
  /// All entries; those of one slot stand together. Filled once per process at start, constant afterwards.
  nonisolated(unsafe) static var entries: [SlotEntry] = []

  /// The entries of each slot. Filled together with `entries`.
  nonisolated(unsafe) private(set) static var groups: [Range<Int>] = []

  /// Whether a group is that of `tp_richcompare` or `tp_hash`.
  static func isComparison(_ group: Range<Int>) -> Bool {
    let e = entries[group.lowerBound]
    return e.suite == .type
      && (e.offset == MemoryLayout<PyTypeObject>.offset(of: \.tp_richcompare)
        || e.offset == MemoryLayout<PyTypeObject>.offset(of: \.tp_hash))
  }

  /// The functions for the number slots of classes, by offset / 8. Filled together with `entries`.
  nonisolated(unsafe) static let numberFunctions: UnsafeMutablePointer<UInt> = {
    let words = MemoryLayout<PyNumberMethods>.size / 8
    let table = UnsafeMutablePointer<UInt>.allocate(capacity: words)
    table.initialize(repeating: 0, count: words)
    return table
  }()

  private static func add<F>(
    _ name: Dunder, _ suite: SlotEntry.Suite, _ offset: Int?, _ function: F, _ wrapper: wrapperfunc?,
    _ doc: StaticString,
    keywords: Bool = false
  ) {
    var base: UnsafeMutablePointer<wrapperbase>? = nil
    if let wrapper {
      base = UnsafeMutablePointer<wrapperbase>.allocate(capacity: 1)
      base!.initialize(to: wrapperbase())
      base!.pointee.name = PyUnicode_AsUTF8(name.ref)
      base!.pointee.wrapper = wrapper
      base!.pointee.doc = cString(doc)
      base!.pointee.flags = keywords ? 1 : 0
      base!.pointee.name_strobj = name.ref
    }
    let f = MemoryLayout<F>.size == 0 ? 0 : unsafeBitCast(function, to: UInt.self)
    entries.append(SlotEntry(name: name.ref, suite: suite, offset: offset!, function: f, wrapper: base))
  }

  static func prepare() {
    guard entries.isEmpty else { return }
    entries.reserveCapacity(110)
    typeSlots()
    asyncSlots()
    numberSlots()
    containerSlots()
    bufferSlots()
    var start = 0
    for i in entries.indices.dropFirst()
    where entries[i].suite != entries[start].suite || entries[i].offset != entries[start].offset {
      groups.append(start..<i)
      start = i
    }
    groups.append(start..<entries.count)
    for e in entries where e.suite == .number { numberFunctions[e.offset / 8] = e.function }
  }

  private static func typeSlots() {
    typealias T = PyTypeObject
    add(
      .getattribute, .type, MemoryLayout<T>.offset(of: \.tp_getattro), SlotFunctions.getattrHook, Wrappers.binary,
      "__getattribute__($self, name, /)\n--\n\nReturn getattr(self, name).")
    add(.getattr, .type, MemoryLayout<T>.offset(of: \.tp_getattro), SlotFunctions.getattrHook, nil, "")
    add(
      .setattr, .type, MemoryLayout<T>.offset(of: \.tp_setattro), SlotFunctions.setattr, Wrappers.setattr,
      "__setattr__($self, name, value, /)\n--\n\nImplement setattr(self, name, value).")
    add(
      .delattr, .type, MemoryLayout<T>.offset(of: \.tp_setattro), SlotFunctions.setattr, Wrappers.delattr,
      "__delattr__($self, name, /)\n--\n\nImplement delattr(self, name).")
    add(
      .repr, .type, MemoryLayout<T>.offset(of: \.tp_repr), SlotFunctions.repr, Wrappers.unary,
      "__repr__($self, /)\n--\n\nReturn repr(self).")
    add(
      .hash, .type, MemoryLayout<T>.offset(of: \.tp_hash), SlotFunctions.hash, Wrappers.hash,
      "__hash__($self, /)\n--\n\nReturn hash(self).")
    add(
      .call, .type, MemoryLayout<T>.offset(of: \.tp_call), SlotFunctions.call, Wrappers.call,
      "__call__($self, /, *args, **kwargs)\n--\n\nCall self as a function.", keywords: true)
    add(
      .str, .type, MemoryLayout<T>.offset(of: \.tp_str), SlotFunctions.str, Wrappers.unary,
      "__str__($self, /)\n--\n\nReturn str(self).")
    let richcompare = MemoryLayout<T>.offset(of: \.tp_richcompare)
    add(
      .lt, .type, richcompare, SlotFunctions.richcompare, Wrappers.lt,
      "__lt__($self, value, /)\n--\n\nReturn self<value.")
    add(
      .le, .type, richcompare, SlotFunctions.richcompare, Wrappers.le,
      "__le__($self, value, /)\n--\n\nReturn self<=value.")
    add(
      .eq, .type, richcompare, SlotFunctions.richcompare, Wrappers.eq,
      "__eq__($self, value, /)\n--\n\nReturn self==value.")
    add(
      .ne, .type, richcompare, SlotFunctions.richcompare, Wrappers.ne,
      "__ne__($self, value, /)\n--\n\nReturn self!=value.")
    add(
      .gt, .type, richcompare, SlotFunctions.richcompare, Wrappers.gt,
      "__gt__($self, value, /)\n--\n\nReturn self>value.")
    add(
      .ge, .type, richcompare, SlotFunctions.richcompare, Wrappers.ge,
      "__ge__($self, value, /)\n--\n\nReturn self>=value.")
    add(
      .iter, .type, MemoryLayout<T>.offset(of: \.tp_iter), SlotFunctions.iter, Wrappers.unary,
      "__iter__($self, /)\n--\n\nImplement iter(self).")
    add(
      .next, .type, MemoryLayout<T>.offset(of: \.tp_iternext), SlotFunctions.next, Wrappers.next,
      "__next__($self, /)\n--\n\nImplement next(self).")
    add(
      .get, .type, MemoryLayout<T>.offset(of: \.tp_descr_get), SlotFunctions.descrGet, Wrappers.descrGet,
      "__get__($self, instance, owner=None, /)\n--\n\nReturn an attribute of instance, which is of type owner.")
    add(
      .set, .type, MemoryLayout<T>.offset(of: \.tp_descr_set), SlotFunctions.descrSet, Wrappers.descrSet,
      "__set__($self, instance, value, /)\n--\n\nSet an attribute of instance to value.")
    add(
      .delete, .type, MemoryLayout<T>.offset(of: \.tp_descr_set), SlotFunctions.descrSet, Wrappers.descrDelete,
      "__delete__($self, instance, /)\n--\n\nDelete an attribute of instance.")
    add(
      .`init`, .type, MemoryLayout<T>.offset(of: \.tp_init), SlotFunctions.initialize, Wrappers.initialize,
      "__init__($self, /, *args, **kwargs)\n--\n\nInitialize self.  See help(type(self)) for accurate signature.",
      keywords: true)
    add(.new, .type, MemoryLayout<T>.offset(of: \.tp_new), SlotFunctions.new, nil, "")
    add(
      .del, .type, MemoryLayout<T>.offset(of: \.tp_finalize), SlotFunctions.finalize, Wrappers.del,
      "__del__($self, /)\n--\n\nCalled when the instance is about to be destroyed.")
  }
  private static func asyncSlots() {
    typealias A = PyAsyncMethods
    add(
      .await, .async, MemoryLayout<A>.offset(of: \.am_await), SlotFunctions.await_, Wrappers.unary,
      "__await__($self, /)\n--\n\nReturn an iterator to be used in await expression.")
    add(
      .aiter, .async, MemoryLayout<A>.offset(of: \.am_aiter), SlotFunctions.aiter, Wrappers.unary,
      "__aiter__($self, /)\n--\n\nReturn an awaitable, that resolves in asynchronous iterator.")
    add(
      .anext, .async, MemoryLayout<A>.offset(of: \.am_anext), SlotFunctions.anext, Wrappers.unary,
      "__anext__($self, /)\n--\n\nReturn a value or raise StopAsyncIteration.")
  }
  private static func numberSlots() {
    typealias N = PyNumberMethods
    func pair(
      _ name: Dunder, _ reflected: Dunder, _ offset: Int?, _ f: @escaping binaryfunc, _ doc: StaticString,
      _ reflectedDoc: StaticString
    ) {
      add(name, .number, offset, f, Wrappers.binaryLeft, doc)
      add(reflected, .number, offset, f, Wrappers.binaryRight, reflectedDoc)
    }
    pair(
      .add, .radd, MemoryLayout<N>.offset(of: \.nb_add), { BinarySlot.call($0!, $1!, .add, .radd, 0) },
      "__add__($self, value, /)\n--\n\nReturn self+value.", "__radd__($self, value, /)\n--\n\nReturn value+self.")
    pair(
      .sub, .rsub, MemoryLayout<N>.offset(of: \.nb_subtract), { BinarySlot.call($0!, $1!, .sub, .rsub, 8) },
      "__sub__($self, value, /)\n--\n\nReturn self-value.", "__rsub__($self, value, /)\n--\n\nReturn value-self.")
    pair(
      .mul, .rmul, MemoryLayout<N>.offset(of: \.nb_multiply), { BinarySlot.call($0!, $1!, .mul, .rmul, 16) },
      "__mul__($self, value, /)\n--\n\nReturn self*value.", "__rmul__($self, value, /)\n--\n\nReturn value*self.")
    pair(
      .mod, .rmod, MemoryLayout<N>.offset(of: \.nb_remainder), { BinarySlot.call($0!, $1!, .mod, .rmod, 24) },
      "__mod__($self, value, /)\n--\n\nReturn self%value.", "__rmod__($self, value, /)\n--\n\nReturn value%self.")
    pair(
      .divmod, .rdivmod, MemoryLayout<N>.offset(of: \.nb_divmod), { BinarySlot.call($0!, $1!, .divmod, .rdivmod, 32) },
      "__divmod__($self, value, /)\n--\n\nReturn divmod(self, value).",
      "__rdivmod__($self, value, /)\n--\n\nReturn divmod(value, self).")
    let power = MemoryLayout<N>.offset(of: \.nb_power)
    add(
      .pow, .number, power, SlotFunctions.power, Wrappers.ternaryLeft,
      "__pow__($self, value, mod=None, /)\n--\n\nReturn pow(self, value, mod).")
    add(
      .rpow, .number, power, SlotFunctions.power, Wrappers.ternaryRight,
      "__rpow__($self, value, mod=None, /)\n--\n\nReturn pow(value, self, mod).")
    add(
      .neg, .number, MemoryLayout<N>.offset(of: \.nb_negative), SlotFunctions.neg, Wrappers.unary,
      "__neg__($self, /)\n--\n\n-self")
    add(
      .pos, .number, MemoryLayout<N>.offset(of: \.nb_positive), SlotFunctions.pos, Wrappers.unary,
      "__pos__($self, /)\n--\n\n+self")
    add(
      .abs, .number, MemoryLayout<N>.offset(of: \.nb_absolute), SlotFunctions.abs, Wrappers.unary,
      "__abs__($self, /)\n--\n\nabs(self)")
    add(
      .bool, .number, MemoryLayout<N>.offset(of: \.nb_bool), SlotFunctions.bool, Wrappers.inquiry,
      "__bool__($self, /)\n--\n\nTrue if self else False")
    add(
      .invert, .number, MemoryLayout<N>.offset(of: \.nb_invert), SlotFunctions.invert, Wrappers.unary,
      "__invert__($self, /)\n--\n\n~self")
    pair(
      .lshift, .rlshift, MemoryLayout<N>.offset(of: \.nb_lshift), { BinarySlot.call($0!, $1!, .lshift, .rlshift, 88) },
      "__lshift__($self, value, /)\n--\n\nReturn self<<value.",
      "__rlshift__($self, value, /)\n--\n\nReturn value<<self.")
    pair(
      .rshift, .rrshift, MemoryLayout<N>.offset(of: \.nb_rshift), { BinarySlot.call($0!, $1!, .rshift, .rrshift, 96) },
      "__rshift__($self, value, /)\n--\n\nReturn self>>value.",
      "__rrshift__($self, value, /)\n--\n\nReturn value>>self.")
    pair(
      .and, .rand, MemoryLayout<N>.offset(of: \.nb_and), { BinarySlot.call($0!, $1!, .and, .rand, 104) },
      "__and__($self, value, /)\n--\n\nReturn self&value.", "__rand__($self, value, /)\n--\n\nReturn value&self.")
    pair(
      .xor, .rxor, MemoryLayout<N>.offset(of: \.nb_xor), { BinarySlot.call($0!, $1!, .xor, .rxor, 112) },
      "__xor__($self, value, /)\n--\n\nReturn self^value.", "__rxor__($self, value, /)\n--\n\nReturn value^self.")
    pair(
      .or, .ror, MemoryLayout<N>.offset(of: \.nb_or), { BinarySlot.call($0!, $1!, .or, .ror, 120) },
      "__or__($self, value, /)\n--\n\nReturn self|value.", "__ror__($self, value, /)\n--\n\nReturn value|self.")
    add(
      .int, .number, MemoryLayout<N>.offset(of: \.nb_int), SlotFunctions.int, Wrappers.unary,
      "__int__($self, /)\n--\n\nint(self)")
    add(
      .float, .number, MemoryLayout<N>.offset(of: \.nb_float), SlotFunctions.float, Wrappers.unary,
      "__float__($self, /)\n--\n\nfloat(self)")
    func inPlace(_ name: Dunder, _ offset: Int?, _ f: @escaping binaryfunc, _ doc: StaticString) {
      add(name, .number, offset, f, Wrappers.binary, doc)
    }
    inPlace(
      .iadd, MemoryLayout<N>.offset(of: \.nb_inplace_add), { SlotFunctions.method1($0!, $1, .iadd) },
      "__iadd__($self, value, /)\n--\n\nReturn self+=value.")
    inPlace(
      .isub, MemoryLayout<N>.offset(of: \.nb_inplace_subtract), { SlotFunctions.method1($0!, $1, .isub) },
      "__isub__($self, value, /)\n--\n\nReturn self-=value.")
    inPlace(
      .imul, MemoryLayout<N>.offset(of: \.nb_inplace_multiply), { SlotFunctions.method1($0!, $1, .imul) },
      "__imul__($self, value, /)\n--\n\nReturn self*=value.")
    inPlace(
      .imod, MemoryLayout<N>.offset(of: \.nb_inplace_remainder), { SlotFunctions.method1($0!, $1, .imod) },
      "__imod__($self, value, /)\n--\n\nReturn self%=value.")
    let inPlacePower: ternaryfunc = { a, b, _ in SlotFunctions.method1(a!, b, .ipow) }
    add(
      .ipow, .number, MemoryLayout<N>.offset(of: \.nb_inplace_power), inPlacePower, Wrappers.ternaryLeft,
      "__ipow__($self, value, /)\n--\n\nReturn self**=value.")
    inPlace(
      .ilshift, MemoryLayout<N>.offset(of: \.nb_inplace_lshift), { SlotFunctions.method1($0!, $1, .ilshift) },
      "__ilshift__($self, value, /)\n--\n\nReturn self<<=value.")
    inPlace(
      .irshift, MemoryLayout<N>.offset(of: \.nb_inplace_rshift), { SlotFunctions.method1($0!, $1, .irshift) },
      "__irshift__($self, value, /)\n--\n\nReturn self>>=value.")
    inPlace(
      .iand, MemoryLayout<N>.offset(of: \.nb_inplace_and), { SlotFunctions.method1($0!, $1, .iand) },
      "__iand__($self, value, /)\n--\n\nReturn self&=value.")
    inPlace(
      .ixor, MemoryLayout<N>.offset(of: \.nb_inplace_xor), { SlotFunctions.method1($0!, $1, .ixor) },
      "__ixor__($self, value, /)\n--\n\nReturn self^=value.")
    inPlace(
      .ior, MemoryLayout<N>.offset(of: \.nb_inplace_or), { SlotFunctions.method1($0!, $1, .ior) },
      "__ior__($self, value, /)\n--\n\nReturn self|=value.")
    pair(
      .floordiv, .rfloordiv, MemoryLayout<N>.offset(of: \.nb_floor_divide),
      { BinarySlot.call($0!, $1!, .floordiv, .rfloordiv, 232) },
      "__floordiv__($self, value, /)\n--\n\nReturn self//value.",
      "__rfloordiv__($self, value, /)\n--\n\nReturn value//self.")
    pair(
      .truediv, .rtruediv, MemoryLayout<N>.offset(of: \.nb_true_divide),
      { BinarySlot.call($0!, $1!, .truediv, .rtruediv, 240) }, "__truediv__($self, value, /)\n--\n\nReturn self/value.",
      "__rtruediv__($self, value, /)\n--\n\nReturn value/self.")
    inPlace(
      .ifloordiv, MemoryLayout<N>.offset(of: \.nb_inplace_floor_divide), { SlotFunctions.method1($0!, $1, .ifloordiv) },
      "__ifloordiv__($self, value, /)\n--\n\nReturn self//=value.")
    inPlace(
      .itruediv, MemoryLayout<N>.offset(of: \.nb_inplace_true_divide), { SlotFunctions.method1($0!, $1, .itruediv) },
      "__itruediv__($self, value, /)\n--\n\nReturn self/=value.")
    add(
      .index, .number, MemoryLayout<N>.offset(of: \.nb_index), SlotFunctions.index, Wrappers.unary,
      "__index__($self, /)\n--\n\nReturn self converted to an integer, if self is suitable for use as an index into a list."
    )
    pair(
      .matmul, .rmatmul, MemoryLayout<N>.offset(of: \.nb_matrix_multiply),
      { BinarySlot.call($0!, $1!, .matmul, .rmatmul, 272) }, "__matmul__($self, value, /)\n--\n\nReturn self@value.",
      "__rmatmul__($self, value, /)\n--\n\nReturn value@self.")
    inPlace(
      .imatmul, MemoryLayout<N>.offset(of: \.nb_inplace_matrix_multiply), { SlotFunctions.method1($0!, $1, .imatmul) },
      "__imatmul__($self, value, /)\n--\n\nReturn self@=value.")
  }
  private static func containerSlots() {
    typealias M = PyMappingMethods
    typealias S = PySequenceMethods
    add(
      .len, .mapping, MemoryLayout<M>.offset(of: \.mp_length), SlotFunctions.length, Wrappers.length,
      "__len__($self, /)\n--\n\nReturn len(self).")
    add(
      .getitem, .mapping, MemoryLayout<M>.offset(of: \.mp_subscript), SlotFunctions.getitem, Wrappers.binary,
      "__getitem__($self, key, /)\n--\n\nReturn self[key].")
    let assign = MemoryLayout<M>.offset(of: \.mp_ass_subscript)
    add(
      .setitem, .mapping, assign, SlotFunctions.setitem, Wrappers.setitem,
      "__setitem__($self, key, value, /)\n--\n\nSet self[key] to value.")
    add(
      .delitem, .mapping, assign, SlotFunctions.setitem, Wrappers.delitem,
      "__delitem__($self, key, /)\n--\n\nDelete self[key].")
    add(
      .len, .sequence, MemoryLayout<S>.offset(of: \.sq_length), SlotFunctions.length, Wrappers.length,
      "__len__($self, /)\n--\n\nReturn len(self).")
    add(
      .add, .sequence, MemoryLayout<S>.offset(of: \.sq_concat), 0, Wrappers.binary,
      "__add__($self, value, /)\n--\n\nReturn self+value.")
    add(
      .mul, .sequence, MemoryLayout<S>.offset(of: \.sq_repeat), 0, Wrappers.repeatIt,
      "__mul__($self, value, /)\n--\n\nReturn self*value.")
    add(
      .rmul, .sequence, MemoryLayout<S>.offset(of: \.sq_repeat), 0, Wrappers.repeatIt,
      "__rmul__($self, value, /)\n--\n\nReturn value*self.")
    add(
      .getitem, .sequence, MemoryLayout<S>.offset(of: \.sq_item), SlotFunctions.item, Wrappers.item,
      "__getitem__($self, key, /)\n--\n\nReturn self[key].")
    let assignItem = MemoryLayout<S>.offset(of: \.sq_ass_item)
    add(
      .setitem, .sequence, assignItem, SlotFunctions.assignItem, Wrappers.assignItem,
      "__setitem__($self, key, value, /)\n--\n\nSet self[key] to value.")
    add(
      .delitem, .sequence, assignItem, SlotFunctions.assignItem, Wrappers.deleteItem,
      "__delitem__($self, key, /)\n--\n\nDelete self[key].")
    add(
      .contains, .sequence, MemoryLayout<S>.offset(of: \.sq_contains), SlotFunctions.contains, Wrappers.contains,
      "__contains__($self, key, /)\n--\n\nReturn bool(key in self).")
    add(
      .iadd, .sequence, MemoryLayout<S>.offset(of: \.sq_inplace_concat), 0, Wrappers.binary,
      "__iadd__($self, value, /)\n--\n\nImplement self+=value.")
    add(
      .imul, .sequence, MemoryLayout<S>.offset(of: \.sq_inplace_repeat), 0, Wrappers.repeatIt,
      "__imul__($self, value, /)\n--\n\nImplement self*=value.")
  }
  private static func bufferSlots() {
    typealias B = PyBufferProcs
    add(
      .buffer, .buffer, MemoryLayout<B>.offset(of: \.bf_getbuffer), SlotFunctions.getBuffer, Wrappers.buffer,
      "__buffer__($self, flags, /)\n--\n\nReturn a buffer object that exposes the underlying memory of the object.")
    add(
      .release_buffer, .buffer, MemoryLayout<B>.offset(of: \.bf_releasebuffer), SlotFunctions.releaseBuffer,
      Wrappers.releaseBuffer,
      "__release_buffer__($self, buffer, /)\n--\n\nRelease the buffer object that exposes the underlying memory of the object."
    )
  }
}
