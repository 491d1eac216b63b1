import CGila
import CGilaLibraries
import GilaCore
import GilaModuleSupport

/// Hands the modules that wrap C libraries to the import system.
public func registerLibraryModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("zlib") { module(ZlibModule.definition, on: GILA_ZLIB) }
  add("_bz2") { module(Bzip2Module.definition, on: GILA_BZIP2) }
  add("_lzma") { module(LzmaModule.definition, on: GILA_LZMA) }
  add("_hashlib") { module(HashlibModule.definition, on: GILA_CRYPTO) }
  add("_md5") { module(SmallHashModules.md5Definition, on: GILA_CRYPTO) }
  add("_sha1") { module(SmallHashModules.sha1Definition, on: GILA_CRYPTO) }
  add("_sha2") { module(SmallHashModules.sha2Definition, on: GILA_CRYPTO) }
  add("_sha3") { module(SmallHashModules.sha3Definition, on: GILA_CRYPTO) }
  add("_ssl") { module(TLSModule.definition, on: GILA_CRYPTO, GILA_SSL) }
  add("_sqlite3") { module(SQLiteModule.definition, on: GILA_SQLITE) }
  add("_ctypes") { module(CTypesModule.definition, on: GILA_FFI) }
  add("_blake2") { PyModuleDef_Init(Blake2Module.definition) }
}
