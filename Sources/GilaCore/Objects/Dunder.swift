import CGila

/// Special names the runtime looks up: `.add` is `__add__`. Their strings are immortal and made once per process.
public enum Dunder: String, CaseIterable, Sendable {
  case abs, add, aenter, aexit, aiter, all, and, anext, annotations, await, bases, bool, buffer, build_class, builtins
  case bytes, call, cached, cause, `class`, class_getitem, classcell, classdict, classdictcell, complex, contains,
    context, copy
  case debug, deepcopy, del, delattr, delete, delitem, dict, dictoffset, dir, divmod, doc, enter, eq, exit, file
  case firstlineno, float, floordiv, format, fspath, ge, get, getattr, getattribute, getitem, getnewargs, getnewargs_ex
  case getstate, gt, hash, iadd, iand, ifloordiv, ilshift, imatmul, imod, imul, index, `init`, init_subclass
  case instancecheck, int, invert, ior, ipow, irshift, isabstractmethod, isub, iter, itruediv, ixor, le, len
  case length_hint, loader, lshift, lt, main, match_args, matmul, missing, mod, module, mro_entries, mul, name, ne, neg
  case new, next, orig_bases, orig_class, or, package, parameters, path, pos, pow, prepare, qualname, radd, rand,
    rdivmod
  case reduce, reduce_ex, release_buffer, repr, reversed, rfloordiv, rlshift, rmatmul, rmod, rmul, ror, round, rpow
  case rrshift, rshift, rsub, rtruediv, rxor, `self`, set, set_name, setattr, setitem, setstate, sizeof, slotnames,
    slots
  case spec, static_attributes, str, sub, subclasscheck, subclasshook, truediv, trunc, type_params, typing_subst
  case typing_is_unpacked_typevartuple, typing_prepare_subst, typing_unpacked_tuple_args, warningregistry
  case weaklistoffset, weakref, xor, ceil, floor, origin, args, `import`, notes, traceback, suppress_context, wrapped
  case mro, code, objclass, `defaults`, kwdefaults, closure, `globals`, getinitargs, import_path

  /// The interned str (borrowed, immortal).
  @inlinable @inline(__always) public var ref: Ref { gila_name(index) }
  /// Its place among the cases, which is what the value is in memory.
  @inlinable @inline(__always) var index: Int { Int(unsafeBitCast(self, to: UInt8.self)) }

  /// Makes the strings. Once per process, when `str` works.
  public static func prepare() {
    for name in allCases {
      let text = "__\(name.rawValue)__"
      gila_set_name(name.index, text.withCString { gila_intern($0) }!)
    }
  }
}
