// Filters of liblzma, from and to Python dicts.

import CGila
import CLzma
import GilaCore
import Glibc

/// liblzma's statuses as Python exceptions; nil for those that are no error.
func lzmaFailure(_ status: lzma_ret) -> PyError? {
  func error(_ text: String) -> PyError { raise(LibraryObject.lzmaError.exception, text) }
  switch status {
  case LZMA_OK, LZMA_GET_CHECK, LZMA_NO_CHECK, LZMA_STREAM_END: return nil
  case LZMA_UNSUPPORTED_CHECK: return error("Unsupported integrity check")
  case LZMA_MEM_ERROR: return memoryError()
  case LZMA_MEMLIMIT_ERROR: return error("Memory usage limit exceeded")
  case LZMA_FORMAT_ERROR: return error("Input format not supported by decoder")
  case LZMA_OPTIONS_ERROR: return error("Invalid or unsupported options")
  case LZMA_DATA_ERROR: return error("Corrupt input data")
  case LZMA_BUF_ERROR: return error("Insufficient buffer space")
  case LZMA_PROG_ERROR: return error("Internal error")
  default: return error("Unrecognized error from liblzma: \(status.rawValue)")
  }
}

/// A C uint32_t.
func lzmaNumber(_ r: Ref) throws(PyError) -> UInt32 {
  let n = PyLong_AsUnsignedLongLong(r)
  if n == UInt64.max, errorIsSet { throw PyError() }
  guard let small = UInt32(exactly: n) else { throw overflowError("Value too large for uint32_t type") }
  return small
}

/// The preset of liblzma's own tool.
let lzmaDefaultPreset: UInt32 = 6

/// A chain of filters with the options they point to.
final class LzmaFilters {
  let chain = UnsafeMutablePointer<lzma_filter>.allocate(capacity: Int(LZMA_FILTERS_MAX) + 1)
  private(set) var count = 0

  init() { terminate() }
  deinit {
    for i in 0..<count { free(chain[i].options) }
    chain.deallocate()
  }
  private func terminate() { (chain + count).initialize(to: lzma_filter(id: gila_lzma_unknown(), options: nil)) }

  /// A chain from a sequence of dicts.
  convenience init(_ specifications: Ref) throws(PyError) {
    self.init()
    let n = try checkSize(PySequence_Size(specifications))
    if n > Int(LZMA_FILTERS_MAX) {
      throw valueError("Too many filters - liblzma supports a maximum of \(LZMA_FILTERS_MAX)")
    }
    for i in 0..<n {
      let item = try owned(PySequence_GetItem(specifications, i))
      try append(item.ref)
    }
  }

  /// Adds one filter from its dict.
  func append(_ r: Ref) throws(PyError) {
    if PyMapping_Check(r) == 0 { throw typeError("Filter specifier must be a dict or dict-like object") }
    var idObject: Ref? = nil
    if PyMapping_GetOptionalItemString(r, "id", &idObject) < 0 { throw PyError() }
    guard let idObject else { throw valueError("Filter specifier must have an \"id\" entry") }
    let held = Owned(taking: idObject)
    let id = PyLong_AsUnsignedLongLong(held.ref)
    if id == UInt64.max, errorIsSet { throw PyError() }
    let options = try LzmaFilters.options(id, r)
    chain[count] = lzma_filter(id: id, options: options)
    count += 1
    terminate()
  }

  private static func memory<T>(_ value: T) throws(PyError) -> UnsafeMutableRawPointer {
    guard let p = malloc(MemoryLayout<T>.size) else { throw memoryError() }
    p.initializeMemory(as: T.self, to: value)
    return p
  }
  private static func check(_ r: Ref, _ keys: [StaticString], _ what: String) throws(PyError) {
    // The specifier may have the known keys only.
    let given = try owned(PyMapping_Keys(r))
    let n = try checkSize(PySequence_Size(given.ref))
    for i in 0..<n {
      let key = try owned(PySequence_GetItem(given.ref, i))
      if !keys.contains(where: { key.ref.isUnicode && PyUnicode_EqualToUTF8(key.ref, cString($0)) != 0 }) {
        throw valueError("Invalid filter specifier for \(what) filter")
      }
    }
  }
  /// A number of the specifier; a wrong one makes the whole specifier invalid.
  private static func number(_ r: Ref, _ key: StaticString, _ what: String) throws(PyError) -> UInt32? {
    var value: Ref? = nil
    if PyMapping_GetOptionalItemString(r, cString(key), &value) < 0 { throw PyError() }
    guard let value else { return nil }
    let held = Owned(taking: value)
    do throws(PyError) { return try lzmaNumber(held.ref) } catch {
      PyErr_Clear()
      throw valueError("Invalid filter specifier for \(what) filter")
    }
  }

  private static func options(_ id: UInt64, _ r: Ref) throws(PyError) -> UnsafeMutableRawPointer {
    switch id {
    case lzma_vli(0x4000000000000001), lzma_vli(0x21):
      let keys: [StaticString] = [
        "id", "preset", "dict_size", "lc", "lp", "pb", "mode", "nice_len", "mf", "depth",
      ]
      var presetObject: Ref? = nil
      if PyMapping_GetOptionalItemString(r, "preset", &presetObject) < 0 { throw PyError() }
      var preset = lzmaDefaultPreset
      if let presetObject {
        let held = Owned(taking: presetObject)
        preset = try lzmaNumber(held.ref)
      }
      var o = lzma_options_lzma()
      if lzma_lzma_preset(&o, preset) != 0 {
        throw raise(LibraryObject.lzmaError.exception, "Invalid compression preset: \(preset)")
      }
      try check(r, keys, "LZMA")
      if let v = try number(r, "dict_size", "LZMA") { o.dict_size = v }
      if let v = try number(r, "lc", "LZMA") { o.lc = v }
      if let v = try number(r, "lp", "LZMA") { o.lp = v }
      if let v = try number(r, "pb", "LZMA") { o.pb = v }
      if let v = try number(r, "mode", "LZMA") { o.mode = lzma_mode(v) }
      if let v = try number(r, "nice_len", "LZMA") { o.nice_len = v }
      if let v = try number(r, "mf", "LZMA") { o.mf = lzma_match_finder(v) }
      if let v = try number(r, "depth", "LZMA") { o.depth = v }
      return try memory(o)
    case 3:
      try check(r, ["id", "dist"], "delta")
      var o = lzma_options_delta()
      o.type = LZMA_DELTA_TYPE_BYTE
      o.dist = try number(r, "dist", "delta") ?? 1
      return try memory(o)
    case 4...9:
      try check(r, ["id", "start_offset"], "BCJ")
      var o = lzma_options_bcj()
      o.start_offset = try number(r, "start_offset", "BCJ") ?? 0
      return try memory(o)
    default: throw valueError("Invalid filter ID: \(id)")
    }
  }

  /// A dict that describes a filter as `_decode_filter_properties` shows it.
  static func describe(_ f: lzma_filter) throws(PyError) -> Owned {
    let d = try owned(PyDict_New())
    try set(d.ref, "id", int(f.id))
    switch f.id {
    case 0x4000_0000_0000_0001:
      guard let o = f.options?.assumingMemoryBound(to: lzma_options_lzma.self).pointee else { break }
      try set(d.ref, "lc", int(o.lc))
      try set(d.ref, "lp", int(o.lp))
      try set(d.ref, "pb", int(o.pb))
      try set(d.ref, "dict_size", int(o.dict_size))
    case 0x21:
      guard let o = f.options?.assumingMemoryBound(to: lzma_options_lzma.self).pointee else { break }
      try set(d.ref, "dict_size", int(o.dict_size))
    case 3:
      guard let o = f.options?.assumingMemoryBound(to: lzma_options_delta.self).pointee else { break }
      try set(d.ref, "dist", int(o.dist))
    case 4...9:
      if let o = f.options?.assumingMemoryBound(to: lzma_options_bcj.self).pointee {
        try set(d.ref, "start_offset", int(o.start_offset))
      }
    default: throw valueError("Invalid filter ID: \(f.id)")
    }
    return d
  }
}
