// The memory of stream objects. Every one begins with what _IOBase has, so that Python classes can derive from any.

import CGila
import GilaCore

/// _IOBase, _RawIOBase, _BufferedIOBase, _TextIOBase.
struct IOBaseObject {
  var head: PyObject
  var dict: Ref?
  var weakrefs: Ref?
}

struct FileIOObject {
  var io: IOBaseObject
  var fd: Int32
  var created: Bool
  var readable: Bool
  var writable: Bool
  var appending: Bool
  /// -1 unknown, 0 no, 1 yes.
  var seekable: Int8
  var closeFD: Bool
  var finalizing: CChar
  var blockSize: Int32
  /// st_size at open, -1 when unknown: a hint for readall.
  var estimatedSize: Int
}

struct BytesIOObject {
  var io: IOBaseObject
  /// A bytes object that may be larger than the content and, when shared with a result of getvalue, is copied first.
  var buffer: Ref?
  var position: Int
  var length: Int
  var exports: Int
}

struct BufferedObject {
  var io: IOBaseObject
  var raw: Ref?
  var ok: Bool
  var detached: Bool
  var readable: Bool
  var writable: Bool
  var finalizing: CChar
  /// The raw stream is exactly FileIO and this exactly a type of ours.
  var fastClosedChecks: Bool
  var absolute: Int
  var memory: UnsafeMutablePointer<UInt8>?
  var capacity: Int
  /// Logical position in the memory.
  var position: Int
  /// Position of the raw stream in the memory.
  var rawPosition: Int
  /// End of what was read, -1 when nothing is valid.
  var readEnd: Int
  var writePosition: Int
  /// End of what waits to be written, -1 when nothing is valid.
  var writeEnd: Int
  var lock: UnsafeMutableRawPointer?
  var owner: UInt
}

struct BufferedPairObject {
  var io: IOBaseObject
  var reader: Ref?
  var writer: Ref?
}

struct NewlineDecoderObject {
  var head: PyObject
  var decoder: Ref?
  var errors: Ref?
  var pendingCR: Bool
  var translate: Bool
  /// 1 CR, 2 LF, 4 CRLF.
  var seen: UInt8
}

struct StringIOObject {
  var io: IOBaseObject
  var buffer: UnsafeMutablePointer<UInt32>?
  var position: Int
  var length: Int
  var capacity: Int
  var ok: Bool
  var closed: Bool
  var universal: Bool
  var translate: Bool
  var decoder: Ref?
  var readNewline: Ref?
  var writeNewline: Ref?
}

struct TextIOObject {
  var io: IOBaseObject
  var ok: Bool
  var detached: Bool
  var lineBuffering: CChar
  var writeThrough: CChar
  var universal: Bool
  var readTranslate: Bool
  var writeTranslate: Bool
  var seekable: Bool
  var telling: Bool
  var hasRead1: Bool
  var finalizing: CChar
  /// Which encoding has a shortcut for writing.
  var shortcut: UInt8
  /// The encoder is at the start of the stream, so that UTF-16 and UTF-32 write a mark.
  var encodesStart: Bool
  var chunkSize: Int
  var buffer: Ref?
  var encoding: Ref?
  var encoder: Ref?
  var decoder: Ref?
  var readNewline: Ref?
  /// What "\n" becomes when written; nil for itself.
  var writeNewline: Ref?
  var errors: Ref?
  var decoded: Ref?
  var decodedUsed: Int
  /// A bytes object or a list of them.
  var pending: Ref?
  var pendingBytes: Int
  /// (decoder flags, bytes read since) at the last read, for tell.
  var snapshot: Ref?
  var bytesPerCharacter: Double
}

extension UnsafeMutablePointer where Pointee == PyObject {
  var ioBase: UnsafeMutablePointer<IOBaseObject> { cast(IOBaseObject.self) }
  var fileIO: UnsafeMutablePointer<FileIOObject> { cast(FileIOObject.self) }
  var bytesIO: UnsafeMutablePointer<BytesIOObject> { cast(BytesIOObject.self) }
  var buffered: UnsafeMutablePointer<BufferedObject> { cast(BufferedObject.self) }
  var bufferedPair: UnsafeMutablePointer<BufferedPairObject> { cast(BufferedPairObject.self) }
  var newlineDecoder: UnsafeMutablePointer<NewlineDecoderObject> { cast(NewlineDecoderObject.self) }
  var stringIO: UnsafeMutablePointer<StringIOObject> { cast(StringIOObject.self) }
  var textIO: UnsafeMutablePointer<TextIOObject> { cast(TextIOObject.self) }
}

/// The types, made once for the process.
enum IOTypes {
  nonisolated(unsafe) static let ioBase = newStaticType()
  nonisolated(unsafe) static let rawIOBase = newStaticType()
  nonisolated(unsafe) static let bufferedIOBase = newStaticType()
  nonisolated(unsafe) static let textIOBase = newStaticType()
  nonisolated(unsafe) static let fileIO = newStaticType()
  nonisolated(unsafe) static let bytesIO = newStaticType()
  nonisolated(unsafe) static let bytesIOBuffer = newStaticType()
  nonisolated(unsafe) static let stringIO = newStaticType()
  nonisolated(unsafe) static let bufferedReader = newStaticType()
  nonisolated(unsafe) static let bufferedWriter = newStaticType()
  nonisolated(unsafe) static let bufferedRandom = newStaticType()
  nonisolated(unsafe) static let bufferedPair = newStaticType()
  nonisolated(unsafe) static let newlineDecoder = newStaticType()
  nonisolated(unsafe) static let textIOWrapper = newStaticType()
}

/// Flags of every stream type.
let streamFlags = UInt(Py_TPFLAGS_BASETYPE) | UInt(Py_TPFLAGS_HAVE_GC)

/// The part of a stream's dealloc that comes first: __del__ may run and may keep the object alive; then nothing of it
/// may be freed.
func beginDealloc(_ r: Ref) -> Bool {
  if r.type.pointee.tp_finalize != nil, PyObject_CallFinalizerFromDealloc(r) < 0 { return false }
  beginQuietDealloc(r)
  return true
}
/// The same for streams in memory, which are not closed (an instance of a subclass has been by then).
func beginQuietDealloc(_ r: Ref) {
  PyObject_GC_UnTrack(r)
  if r.ioBase.pointee.weakrefs != nil { PyObject_ClearWeakRefs(r) }
}

/// The part that comes last.
func endDealloc(_ r: Ref) {
  if let dict = r.ioBase.pointee.dict {
    r.ioBase.pointee.dict = nil
    decref(dict)
  }
  r.type.pointee.tp_free(r)
}
