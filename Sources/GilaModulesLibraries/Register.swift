import CGila
import GilaCore

/// Hands the modules that wrap C libraries to the import system.
public func registerLibraryModules(_ add: (StaticString, @convention(c) () -> Ref?) -> Void) {
  add("zlib") { PyModuleDef_Init(ZlibModule.definition) }
  add("_bz2") { PyModuleDef_Init(Bzip2Module.definition) }
  add("_lzma") { PyModuleDef_Init(LzmaModule.definition) }
  add("_hashlib") { PyModuleDef_Init(HashlibModule.definition) }
  add("_md5") { PyModuleDef_Init(SmallHashModules.md5Definition) }
  add("_sha1") { PyModuleDef_Init(SmallHashModules.sha1Definition) }
  add("_sha2") { PyModuleDef_Init(SmallHashModules.sha2Definition) }
  add("_sha3") { PyModuleDef_Init(SmallHashModules.sha3Definition) }
  add("_ssl") { PyModuleDef_Init(TLSModule.definition) }
  add("_sqlite3") { PyModuleDef_Init(SQLiteModule.definition) }
  add("_ctypes") { PyModuleDef_Init(CTypesModule.definition) }
  add("_blake2") { PyModuleDef_Init(Blake2Module.definition) }
}
