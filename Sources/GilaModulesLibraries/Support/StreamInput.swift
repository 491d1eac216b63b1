// What decompressors of one stream have in common: `decompress(data, max_length)`, `eof`, `needs_input`, `unused_data`.

import CGila
import GilaCore
import Glibc

/// How one step of a library ended.
enum StreamStep { case more, end }

/// A decompressor that keeps input it could not use yet. Subclasses wrap one library each.
class StreamDecompressor: NativeState {
  private let lock = ObjectLock()
  private var pending: [UInt8] = []
  final private(set) var isAtEnd = false
  final private(set) var needsInput = true
  /// Bytes behind the end of the stream.
  private var unused: [UInt8] = []

  /// Decompresses from `input` to `output`; says how much of both it used. Runs without the interpreter's lock.
  func step(
    _ input: UnsafePointer<UInt8>?, _ inputCount: Int, _ output: UnsafeMutablePointer<UInt8>?, _ outputCount: Int
  ) -> (used: Int, made: Int, status: Int32) { (0, 0, 0) }
  /// What a status means; throws for errors. `stuck`: nothing was read or written.
  func judge(_ status: Int32) throws(PyError) -> StreamStep { .more }
  var atEndMessage: String { "End of stream already reached" }

  final func unusedData() throws(PyError) -> Owned { try bytesObject(unused, unused.count) }

  final func decompress(_ data: Ref, limit: Int) throws(PyError) -> Owned {
    let buffer = try Buffer(data)
    lock.enter()
    defer { lock.leave() }
    if isAtEnd { throw raise(Exc.EOFError, atEndMessage) }
    // Kept input comes first; then everything is one piece.
    var joined = pending
    let usesJoined = !joined.isEmpty
    if usesJoined { joined.append(contentsOf: UnsafeRawBufferPointer(start: buffer.start, count: buffer.count)) }
    pending = []
    let total = usesJoined ? joined.count : buffer.count
    var output = OutputBuffer(limit: limit)
    let used =
      try usesJoined
      ? joined.withUnsafeBufferPointer { (b) throws(PyError) in try run(b.baseAddress, total, &output) }
      : run(UnsafePointer(buffer.bytes), total, &output)
    let whole = usesJoined ? joined : nil
    let rest = total - used
    if isAtEnd {
      needsInput = false
      if rest > 0 { unused = tail(whole, buffer.bytes, used, total) }
    } else if rest == 0 {
      // A full output may hide bytes that the library still holds.
      needsInput = !output.isFull
    } else {
      needsInput = false
      pending = tail(whole, buffer.bytes, used, total)
    }
    return try output.bytes()
  }
  private func tail(_ joined: [UInt8]?, _ p: UnsafeMutablePointer<UInt8>?, _ from: Int, _ to: Int) -> [UInt8] {
    if let joined { return Array(joined[from..<to]) }
    return Array(UnsafeBufferPointer(start: p.map { $0 + from }, count: to - from))
  }

  /// Runs the library until the input is used, the output full, or the stream at its end; returns what was used.
  private func run(
    _ input: UnsafePointer<UInt8>?, _ count: Int, _ output: inout OutputBuffer
  ) throws(PyError) -> Int {
    var used = 0
    while true {
      let room = try output.room()
      let part = min(count - used, 1 << 30)
      let from = input.map { $0 + used }
      let (u, m, status) = releasingLock("decompress") { self.step(from, part, room.baseAddress, room.count) }
      used += u
      output.advance(m)
      if try judge(status) == .end {
        isAtEnd = true
        return used
      }
      if output.isFull { return used }
      if used == count, m < room.count { return used }
      if u == 0, m == 0, room.count > 0 { return used }
    }
  }

  /// The methods and attributes that all of them have.
  static func define(_ t: TypeRef) {
    var m = MethodTable()
    m.add(
      StreamDecompressor.decompressFunction,
      "Decompress data, returning at most max_length bytes; what is left is kept for the next call."
    ) { r, a, n, k in
      answer(StreamDecompressor.decompressFunction, a, n, k) { (b) throws(PyError) in
        let limit = b[1] == nil ? -1 : try cSize(b[1]!)
        return try Native.state(r!, StreamDecompressor.self).decompress(b[0]!, limit: limit)
      }
    }
    t.pointee.tp_methods = m.build()
  }
  static func attributes(_ g: inout GetSetTable) {
    g.add(
      "eof", "True once the end of the stream was reached.",
      get: { r, _ in
        newRef(pyBool(Native.state(r!, StreamDecompressor.self).isAtEnd))
      })
    g.add(
      "needs_input", "True if more input is needed before more can be decompressed.",
      get: { r, _ in
        newRef(pyBool(Native.state(r!, StreamDecompressor.self).needsInput))
      })
    g.add(
      "unused_data", "What followed the end of the stream.",
      get: { r, _ in
        bridge { () throws(PyError) in try Native.state(r!, StreamDecompressor.self).unusedData() }
      })
  }
  private static let decompressFunction = Function("decompress", "($self, /, data, max_length=-1)")
}
