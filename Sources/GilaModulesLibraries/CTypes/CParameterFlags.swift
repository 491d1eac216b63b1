// Functions that a prototype makes with parameter flags: named parameters, defaults, results through pointers.

import CFFI
import CGila
import GilaCore

enum CParameterFlags {
  private static let into: Int = 1
  private static let out: Int = 2
  private static let zero: Int = 4

  struct Item {
    let direction: Int
    let name: Ref?
    let value: Ref?
  }
  /// One entry of `paramflags`: direction, name or None, default (borrowed).
  private static func item(_ r: Ref) throws(PyError) -> Item {
    func wrong() -> PyError { typeError("paramflags must be a sequence of (int [,string [,value]]) tuples") }
    guard r.isTuple, r.size >= 1, r.size <= 3, let flag = gila_tuple_items(r)[0], flag.isLong else { throw wrong() }
    let name = r.size > 1 ? gila_tuple_items(r)[1] : nil
    if let name, !name.isNone, !name.isUnicode { throw wrong() }
    let bits = Int(truncatingIfNeeded: PyLong_AsUnsignedLongMask(flag))
    return Item(
      direction: bits & (into | out | zero), name: name.flatMap { $0.isNone ? nil : $0 },
      value: r.size > 2 ? gila_tuple_items(r)[2] : nil)
  }

  /// Raises for flags that do not fit the argument types.
  static func check(_ flags: Ref, _ types: Ref?) throws(PyError) {
    guard let types else { return }
    guard flags.isTuple else { throw typeError("paramflags must be a tuple or None") }
    guard flags.size == types.size else { throw valueError("paramflags must have the same length as argtypes") }
    for i in 0..<flags.size {
      let entry = try item(gila_tuple_items(flags)[i]!)
      switch entry.direction {
      case 0, into, into | zero, into | out: break
      case out:
        let type = gila_tuple_items(types)[i]!
        guard let of = CTypeInfo.of(type) else { continue }
        if of.kind == .pointer || of.kind == .array || (of.kind == .simple && "PzZ".utf8.contains(of.code)) { continue }
        throw typeError("'out' parameter \(i + 1) must be a pointer type, not \(typeName(type.asType))")
      default: throw typeError("paramflag value \(entry.direction) not supported")
      }
    }
  }

  /// The arguments of one call, and which of them carry results.
  struct Call: ~Copyable {
    let arguments: Owned
    var results: [(place: Int, isNew: Bool)] = []
  }

  static func arguments(_ flags: Ref, _ types: Ref, _ args: Ref, _ kwargs: Ref?) throws(PyError) -> Call {
    var call = Call(arguments: try owned(PyTuple_New(types.size)))
    let items = gila_tuple_items(call.arguments.ref)
    var used = 0
    for i in 0..<types.size {
      let entry = try item(gila_tuple_items(flags)[i]!)
      switch entry.direction {
      case into | zero:
        items[i] = newRef(entry.value ?? gila_small_int(0))
      case out:
        call.results.append((i, true))
        if let value = entry.value {
          items[i] = newRef(value)
          continue
        }
        // An instance of what the pointer points to, to be passed by reference.
        let type = gila_tuple_items(types)[i]!
        guard let of = CTypeInfo.of(type), of.kind == .array || of.item != nil else {
          throw typeError(
            "\(type.isType ? typeName(type.asType) : typeName(of: type)) 'out' parameter must be passed as default value"
          )
        }
        items[i] = try owned(PyObject_CallNoArgs(of.kind == .array ? type : of.item!.object)).take()
      default:
        if entry.direction == into | out { call.results.append((i, false)) }
        if used < args.size {
          items[i] = newRef(gila_tuple_items(args)[used]!)
          used += 1
          continue
        }
        if let kwargs, let name = entry.name, let given = PyDict_GetItemWithError(kwargs, name) {
          items[i] = newRef(given)
          used += 1
          continue
        }
        if let value = entry.value {
          items[i] = newRef(value)
          continue
        }
        throw typeError(entry.name.map { "required argument '\(swiftString($0))' missing" } ?? "not enough arguments")
      }
    }
    let given = args.size + (kwargs.map { PyDict_Size($0) } ?? 0)
    if given != used { throw typeError("call takes exactly \(used) arguments (\(given) given)") }
    return call
  }

  /// The result of a call: that of the function, or what came back through the arguments.
  static func result(_ value: consuming Owned, _ call: borrowing Call) throws(PyError) -> Owned {
    if call.results.isEmpty { return value }
    let all = try owned(PyTuple_New(call.results.count))
    for (k, (place, isNew)) in call.results.enumerated() {
      let r = gila_tuple_items(call.arguments.ref)[place]!
      if isNew {
        let convert = try owned(PyObject_GetAttrString(r, "__ctypes_from_outparam__"))
        gila_tuple_items(all.ref)[k] = try owned(PyObject_CallNoArgs(convert.ref)).take()
      } else {
        gila_tuple_items(all.ref)[k] = newRef(r)
      }
    }
    return call.results.count == 1 ? Owned(retaining: gila_tuple_items(all.ref)[0]!) : all
  }
}
