import CGila
import GilaCore

/// Where the slots that type specs name by number are: the offset in a heap type, and which suite holds them.
enum SlotNumbers {
  enum Suite { case type, async, number, mapping, sequence, buffer }
  struct Place {
    var suite: Suite
    var offset: Int
  }
  static let last = Int(Py_am_send)

  /// nil for numbers that no slot has, and for those that are no function pointers of the type (handled apart).
  static func place(_ slot: Int32) -> Place? {
    guard slot > 0, slot <= table.count else { return nil }
    return table[Int(slot) - 1]
  }
  /// Offset of a suite in a heap type.
  static func base(_ s: Suite) -> Int {
    switch s {
    case .type: 0
    case .async: MemoryLayout<PyHeapTypeObject>.offset(of: \.as_async)!
    case .number: MemoryLayout<PyHeapTypeObject>.offset(of: \.as_number)!
    case .mapping: MemoryLayout<PyHeapTypeObject>.offset(of: \.as_mapping)!
    case .sequence: MemoryLayout<PyHeapTypeObject>.offset(of: \.as_sequence)!
    case .buffer: MemoryLayout<PyHeapTypeObject>.offset(of: \.as_buffer)!
    }
  }

  private static let table: [Place] = {
    func n<T>(_ p: KeyPath<PyNumberMethods, T>) -> Place {
      Place(suite: .number, offset: MemoryLayout<PyNumberMethods>.offset(of: p)!)
    }
    func m<T>(_ p: KeyPath<PyMappingMethods, T>) -> Place {
      Place(suite: .mapping, offset: MemoryLayout<PyMappingMethods>.offset(of: p)!)
    }
    func q<T>(_ p: KeyPath<PySequenceMethods, T>) -> Place {
      Place(suite: .sequence, offset: MemoryLayout<PySequenceMethods>.offset(of: p)!)
    }
    func b<T>(_ p: KeyPath<PyBufferProcs, T>) -> Place {
      Place(suite: .buffer, offset: MemoryLayout<PyBufferProcs>.offset(of: p)!)
    }
    func a<T>(_ p: KeyPath<PyAsyncMethods, T>) -> Place {
      Place(suite: .async, offset: MemoryLayout<PyAsyncMethods>.offset(of: p)!)
    }
    func t<T>(_ p: KeyPath<PyTypeObject, T>) -> Place {
      Place(suite: .type, offset: MemoryLayout<PyTypeObject>.offset(of: p)!)
    }
    var all: [Place] = []
    all += [b(\.bf_getbuffer), b(\.bf_releasebuffer)]
    all += [m(\.mp_ass_subscript), m(\.mp_length), m(\.mp_subscript)]
    all += [n(\.nb_absolute), n(\.nb_add), n(\.nb_and), n(\.nb_bool), n(\.nb_divmod), n(\.nb_float)]
    all += [n(\.nb_floor_divide), n(\.nb_index), n(\.nb_inplace_add), n(\.nb_inplace_and)]
    all += [n(\.nb_inplace_floor_divide), n(\.nb_inplace_lshift), n(\.nb_inplace_multiply), n(\.nb_inplace_or)]
    all += [n(\.nb_inplace_power), n(\.nb_inplace_remainder), n(\.nb_inplace_rshift), n(\.nb_inplace_subtract)]
    all += [n(\.nb_inplace_true_divide), n(\.nb_inplace_xor), n(\.nb_int), n(\.nb_invert), n(\.nb_lshift)]
    all += [n(\.nb_multiply), n(\.nb_negative), n(\.nb_or), n(\.nb_positive), n(\.nb_power), n(\.nb_remainder)]
    all += [n(\.nb_rshift), n(\.nb_subtract), n(\.nb_true_divide), n(\.nb_xor)]
    all += [q(\.sq_ass_item), q(\.sq_concat), q(\.sq_contains), q(\.sq_inplace_concat), q(\.sq_inplace_repeat)]
    all += [q(\.sq_item), q(\.sq_length), q(\.sq_repeat)]
    all += [t(\.tp_alloc), t(\.tp_base), t(\.tp_bases), t(\.tp_call), t(\.tp_clear), t(\.tp_dealloc), t(\.tp_del)]
    all += [t(\.tp_descr_get), t(\.tp_descr_set), t(\.tp_doc), t(\.tp_getattr), t(\.tp_getattro), t(\.tp_hash)]
    all += [t(\.tp_init), t(\.tp_is_gc), t(\.tp_iter), t(\.tp_iternext), t(\.tp_methods), t(\.tp_new), t(\.tp_repr)]
    all += [t(\.tp_richcompare), t(\.tp_setattr), t(\.tp_setattro), t(\.tp_str), t(\.tp_traverse), t(\.tp_members)]
    all += [t(\.tp_getset), t(\.tp_free)]
    all += [n(\.nb_matrix_multiply), n(\.nb_inplace_matrix_multiply)]
    all += [a(\.am_await), a(\.am_aiter), a(\.am_anext), t(\.tp_finalize), a(\.am_send)]
    return all
  }()
}

@c @implementation public func PyType_GetSlot(_ t: TypeRef!, _ slot: Int32) -> UnsafeMutableRawPointer? {
  guard let t, let place = SlotNumbers.place(slot) else {
    PyErr_BadInternalCall()
    return nil
  }
  let suite: UnsafeMutableRawPointer? =
    switch place.suite {
    case .type: UnsafeMutableRawPointer(t)
    case .async: UnsafeMutableRawPointer(t.pointee.tp_as_async)
    case .number: UnsafeMutableRawPointer(t.pointee.tp_as_number)
    case .mapping: UnsafeMutableRawPointer(t.pointee.tp_as_mapping)
    case .sequence: UnsafeMutableRawPointer(t.pointee.tp_as_sequence)
    case .buffer: UnsafeMutableRawPointer(t.pointee.tp_as_buffer)
    }
  return suite.flatMap { ($0 + place.offset).load(as: UnsafeMutableRawPointer?.self) }
}
