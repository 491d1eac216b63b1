// _string: the parsers of str.format for string.Formatter.

import CGila
import GilaCore

enum StringModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_string", doc: "string helper module", methods: methods())

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("formatter_field_name_split", "", "split the argument as a field name") { _, s in
      gila_formatter_field_name_split(s)
    }
    m.one("formatter_parser", "", "parse the argument as a format string") { _, s in gila_formatter_parser(s) }
    return m.build()
  }
}
