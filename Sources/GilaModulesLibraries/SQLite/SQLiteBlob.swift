// The type sqlite3.Blob: one value of a row, read and written in pieces.

import CGila
import CSQLite
import GilaCore
import Glibc

final class SQLiteBlob: NativeState {
  let connectionObject: Ref
  private var blob: OpaquePointer?
  var offset = 0

  init(_ connection: Ref, _ blob: OpaquePointer) {
    connectionObject = newRef(connection)
    self.blob = blob
  }
  deinit {
    close()
    decref(connectionObject)
  }
  override func traverse(_ visit: visitproc, _ c: UnsafeMutableRawPointer?) -> Int32 {
    visiting(connectionObject, visit, c)
  }
  var connection: SQLiteConnection { Native.state(connectionObject) }
  func close() {
    guard let b = blob else { return }
    blob = nil
    releasingLock("sqlite3_blob_close") { _ = sqlite3_blob_close(b) }
  }
  func handle() throws(PyError) -> OpaquePointer {
    try connection.usable()
    guard let blob else { throw SQLiteErrors.programming("Cannot operate on a closed blob.") }
    return blob
  }
  func size() throws(PyError) -> Int { Int(sqlite3_blob_bytes(try handle())) }
  private func failure(_ status: Int32) -> PyError {
    if status == SQLITE_ABORT { return SQLiteErrors.operational("Cannot operate on an expired blob handle") }
    return SQLiteErrors.last(connection.db)
  }
  func read(_ n: Int, _ from: Int) throws(PyError) -> Owned {
    let b = try handle()
    let result = try owned(PyBytes_FromStringAndSize(nil, n))
    guard let p = PyBytes_AsString(result.ref) else { throw PyError() }
    let status = releasingLock("sqlite3_blob_read") { sqlite3_blob_read(b, p, Int32(n), Int32(from)) }
    if status != SQLITE_OK { throw failure(status) }
    return result
  }
  func write(_ p: UnsafeRawPointer?, _ n: Int, _ to: Int) throws(PyError) {
    let b = try handle()
    if n > Int(sqlite3_blob_bytes(b)) - to { throw valueError("data longer than blob length") }
    let status = releasingLock("sqlite3_blob_write") { sqlite3_blob_write(b, p, Int32(n), Int32(to)) }
    if status != SQLITE_OK { throw failure(status) }
  }

  private func index(_ key: Ref) throws(PyError) -> Int {
    var i = PyNumber_AsSsize_t(key, Exc.IndexError.object)
    if i == -1, errorIsSet { throw PyError() }
    let n = try size()
    if i < 0 { i += n }
    if i < 0 || i >= n { throw indexError("Blob index out of range") }
    return i
  }
  private func range(_ key: Ref) throws(PyError) -> (start: Int, step: Int, count: Int) {
    var (start, stop, step) = (0, 0, 0)
    try check(PySlice_Unpack(key, &start, &stop, &step))
    let n = PySlice_AdjustIndices(try size(), &start, &stop, step)
    return (start, step, n)
  }
  func get(_ key: Ref) throws(PyError) -> Owned {
    _ = try handle()
    if PyIndex_Check(key) != 0 {
      let one = try read(1, index(key))
      return try int(UInt8(bitPattern: PyBytes_AsString(one.ref)[0]))
    }
    guard key.isExactly(Types.slice) else { throw typeError("Blob indices must be integers") }
    let r = try range(key)
    if r.step == 1 || r.count == 0 { return try read(r.count, r.count == 0 ? 0 : r.start) }
    let last = r.start + (r.count - 1) * r.step
    let low = min(r.start, last)
    let whole = try read(max(r.start, last) - low + 1, low)
    let p = UnsafeMutableRawPointer(PyBytes_AsString(whole.ref)).assumingMemoryBound(to: UInt8.self)
    let picked = (0..<r.count).map { p[r.start + $0 * r.step - low] }
    return try bytesObject(picked, picked.count)
  }
  func set(_ key: Ref, _ value: Ref?) throws(PyError) {
    _ = try handle()
    if PyIndex_Check(key) != 0 {
      guard let value else { throw typeError("Blob doesn't support item deletion") }
      let i = try index(key)
      guard value.isLong else { throw typeError("'\(typeName(of: value))' object cannot be interpreted as an integer") }
      let n = PyLong_AsLong(value)
      if n == -1, errorIsSet { PyErr_Clear() }
      guard var byte = UInt8(exactly: n) else { throw valueError("byte must be in range(0, 256)") }
      return try write(&byte, 1, i)
    }
    guard key.isExactly(Types.slice) else { throw typeError("Blob indices must be integers") }
    guard let value else { throw typeError("Blob doesn't support slice deletion") }
    let r = try range(key)
    if r.count == 0 { return }
    let b = try Buffer(value)
    if b.count != r.count { throw indexError("Blob slice assignment is wrong size") }
    if r.step == 1 { return try write(b.start, b.count, r.start) }
    for i in 0..<r.count { try write(b.start.map { $0 + i }, 1, r.start + i * r.step) }
  }
}

enum SQLiteBlobType {
  private static func state(_ r: Ref?) -> SQLiteBlob { Native.state(r!) }
  nonisolated(unsafe) static let type: TypeRef = {
    let t = Native.makeType("sqlite3.Blob", flags: Native.noInstantiation, collected: true)
    t.mapping.pointee.mp_length = { r in bridgeSize { () throws(PyError) in try SQLiteBlobType.state(r).size() } }
    t.mapping.pointee.mp_subscript = { r, key in
      bridge { () throws(PyError) in try SQLiteBlobType.state(r).get(key!) }
    }
    t.mapping.pointee.mp_ass_subscript = { r, key, value in
      bridgeStatus { () throws(PyError) in try SQLiteBlobType.state(r).set(key!, value) }
    }
    var m = MethodTable()
    m.noArguments("close", "($self, /)", "Close the blob.") { r, _ in
      bridgeNone { () throws(PyError) in
        try SQLiteBlobType.state(r).connection.usable()
        SQLiteBlobType.state(r).close()
      }
    }
    m.noArguments("__enter__", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        _ = try SQLiteBlobType.state(r).handle()
        return Owned(retaining: r!)
      }
    }
    m.positional("__exit__", "($self, type, val, tb, /)") { r, _, n in
      bridge { () throws(PyError) in
        try checkCount("__exit__", n, 3, 3)
        _ = try SQLiteBlobType.state(r).handle()
        SQLiteBlobType.state(r).close()
        return bool(false)
      }
    }
    m.positional("read", "($self, length=-1, /)", "Read bytes at the present place.") { r, a, n in
      bridge { () throws(PyError) in
        try checkCount("read", n, 0, 1)
        let s = SQLiteBlobType.state(r)
        let size = try s.size()
        let wanted = n == 0 ? -1 : Int(try cInt(a![0]!))
        let rest = max(0, size - s.offset)
        let count = wanted < 0 || wanted > rest ? rest : wanted
        if count == 0 { return try bytesObject(nil, 0) }
        let bytes = try s.read(count, s.offset)
        s.offset += count
        return bytes
      }
    }
    m.one("write", "($self, data, /)", "Write bytes at the present place; the size stays.") { r, data in
      bridgeNone { () throws(PyError) in
        let b = try Buffer(data!)
        let s = SQLiteBlobType.state(r)
        try s.write(b.start, b.count, s.offset)
        s.offset += b.count
      }
    }
    m.positional("seek", "($self, offset, origin=0, /)", "Go to another place.") { r, a, n in
      bridgeNone { () throws(PyError) in
        try checkCount("seek", n, 1, 2)
        let distance = Int(try cInt(a![0]!)), origin = n > 1 ? try cInt(a![1]!) : 0
        let s = SQLiteBlobType.state(r)
        let size = try s.size()
        let base: Int
        switch origin {
        case 0: base = 0
        case 1: base = s.offset
        case 2: base = size
        default: throw valueError("'origin' should be os.SEEK_SET, os.SEEK_CUR, or os.SEEK_END")
        }
        if base + distance > Int(Int32.max) { throw overflowError("seek offset results in overflow") }
        if base + distance < 0 || base + distance > size { throw valueError("offset out of blob range") }
        s.offset = base + distance
      }
    }
    m.noArguments("tell", "($self, /)", "The present place.") { r, _ in
      bridge { () throws(PyError) in
        _ = try SQLiteBlobType.state(r).handle()
        return try int(SQLiteBlobType.state(r).offset)
      }
    }
    t.pointee.tp_methods = m.build()
    return t
  }()
}
