// -X importtime: how long each import took, alone and with what it imported, on standard error.

import CGila
import GilaCore
import Glibc

enum ImportTimes {
  nonisolated(unsafe) private static var depth = 0
  /// Time of the imports that the current one has made, in nanoseconds.
  nonisolated(unsafe) private static var inner = 0
  nonisolated(unsafe) private static var begun = false

  /// Runs one import. A line for it follows those of what it imported, indented by its depth.
  static func measure(_ name: Ref, _ load: () throws(PyError) -> Owned) throws(PyError) -> Owned {
    if !begun {
      begun = true
      RawOutput.write(2, "import time: self [us] | cumulative | imported package\n")
    }
    let outer = inner, start = now()
    inner = 0
    depth += 1
    defer {
      let all = now() - start
      depth -= 1
      let indent = String(repeating: " ", count: depth * 2)
      RawOutput.write(
        2, "import time: \(padded(all - inner, 9)) | \(padded(all, 10)) | \(indent)\(swiftString(name))\n")
      inner = outer + all
    }
    return try load()
  }
  /// Microseconds, rounded up.
  private static func padded(_ nanoseconds: Int, _ width: Int) -> String {
    let text = String((nanoseconds + 999) / 1000)
    return String(repeating: " ", count: max(width - text.utf8.count, 0)) + text
  }
  private static func now() -> Int {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return t.tv_sec * 1_000_000_000 + t.tv_nsec
  }
}
