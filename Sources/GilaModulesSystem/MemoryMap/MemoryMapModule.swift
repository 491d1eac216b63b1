// The module mmap.

import CGila
import CGilaSystem
import GilaCore
import Glibc

enum MemoryMapModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "mmap", doc: "Files, or fresh memory, mapped into the process.",
    exec: { module in
      bridgeStatus { () throws(PyError) in
        _ = MemoryMapModule.definesOnce
        try check(PyType_Ready(MemoryMapType.type))
        try add(module!, "mmap", MemoryMapType.type.object)
        try add(module!, "error", Exc.OSError.object)
        try addConstants(module!, gila_mmap_table())
        let page = Int(getpagesize())
        try add(module!, "PAGESIZE", int: page)
        try add(module!, "ALLOCATIONGRANULARITY", int: page)
        for (name, access) in MemoryMapType.accessNames { try add(module!, name, int: access.rawValue) }
      }
    })

  private static let definesOnce: Void = { MemoryMapType.define() }()
}
