import CGila
import GilaCore

/// Fills in the text types: str, bytes, bytearray, memoryview and what belongs to them. Called once at start, before
/// any str is made.
public func installTextTypes() {
  prepareTextSingletons()
  StringType.install()
  StringIteratorType.install()
  BytesType.install()
  BytesIteratorType.install()
  ByteArrayType.install()
  ManagedBufferType.install()
  MemoryViewType.install()
  FormatterIteratorTypes.install()
  EncodingMap.install()
  installUnicodeErrors()
}
