// The module _zoneinfo: ZoneInfo over the zone files of the system.

import CGila
import GilaCore

enum ZoneInfoModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_zoneinfo", doc: "Time zones of the IANA database.",
    exec: { module in
      bridgeStatus { () throws(PyError) in
        // The base class is made with its module.
        let datetime = try owned(PyImport_ImportModule("_datetime"))
        try add(module!, "ZoneInfo", ZoneInfoType.make())
        _ = datetime.ref
      }
    })
}
