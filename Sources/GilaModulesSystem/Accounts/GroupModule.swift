// The module grp: the system's groups.

import CGila
import GilaCore
import Glibc

enum GroupModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "grp", doc: "The system's groups, as struct_group: a tuple of four items with names.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try GroupModule.description.add(to: module!, SystemSlot.structGroup, as: "struct_group")
      }
    })

  private static let description = StructDescription(
    name: "grp.struct_group", doc: "A group of the system.", visible: 4,
    fields: [
      ("gr_name", "group name"), ("gr_passwd", "password"), ("gr_gid", "group id"), ("gr_mem", "group members"),
    ])
  private static let byNumber = Function("getgrgid", "($module, /, id)")
  private static let byName = Function("getgrnam", "($module, /, name)")

  private static func object(_ g: group) throws(PyError) -> Owned {
    var v = try StructValue(SystemSlot.structGroup)
    let members = try owned(PyList_New(0))
    var p = g.gr_mem
    while let place = p, let name = place.pointee {
      try append(members.ref, try fileName(name))
      p = place + 1
    }
    v.add(try text(g.gr_name))
    v.add(try text(g.gr_passwd))
    v.add(try identity(g.gr_gid))
    v.add(members)
    return v.finish()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.add(byNumber, "The group with a number.") { _, a, n, k in
      answer(GroupModule.byNumber, a, n, k) { (b) throws(PyError) in
        let id = try identity(b.object(0), "gid")
        let found = try Accounts.look(group()) { record, buffer, size, result in
          getgrgid_r(id, record, buffer, size, result)
        } make: { (g) throws(PyError) in
          try GroupModule.object(g)
        }
        if let found { return Owned(taking: found) }
        throw raise(Exc.KeyError, "getgrgid(): gid not found: \(id == UInt32.max ? "-1" : "\(id)")")
      }
    }
    m.add(byName, "The group with a name.") { _, a, n, k in
      answer(GroupModule.byName, a, n, k) { (b) throws(PyError) in
        let r = b.object(0)
        guard r.isUnicode else { throw typeError("getgrnam() argument 1 must be str, not \(typeName(of: r))") }
        let bytes = try fileSystemBytes(r)
        let name = PyBytes_AsString(bytes.ref)!
        let found = try Accounts.look(group()) { record, buffer, size, result in
          getgrnam_r(name, record, buffer, size, result)
        } make: { (g) throws(PyError) in
          try GroupModule.object(g)
        }
        if let found { return Owned(taking: found) }
        throw raise(Exc.KeyError, "getgrnam(): name not found: \(try reprText(r))")
      }
    }
    m.noArguments("getgrall", "($module, /)", "All groups, in no particular order.") { _, _ in
      bridge { () throws(PyError) in
        let list = try owned(PyList_New(0))
        setgrent()
        defer { endgrent() }
        while let g = getgrent() { try append(list.ref, try GroupModule.object(g.pointee)) }
        return list
      }
    }
    return m.build()
  }
}
