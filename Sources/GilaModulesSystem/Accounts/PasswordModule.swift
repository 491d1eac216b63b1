// The module pwd: the system's users.

import CGila
import GilaCore
import Glibc

enum PasswordModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "pwd", doc: "The system's users, as struct_passwd: a tuple of seven items with names.", methods: methods(),
    exec: { module in
      bridgeStatus { () throws(PyError) in
        try PasswordModule.description.add(to: module!, SystemSlot.structPasswd, as: "struct_passwd")
      }
    })

  private static let description = StructDescription(
    name: "pwd.struct_passwd", doc: "A user of the system.", visible: 7,
    fields: [
      ("pw_name", "user name"), ("pw_passwd", "password"), ("pw_uid", "user id"), ("pw_gid", "group id"),
      ("pw_gecos", "real name"), ("pw_dir", "home directory"), ("pw_shell", "shell program"),
    ])

  private static func object(_ p: passwd) throws(PyError) -> Owned {
    var v = try StructValue(SystemSlot.structPasswd)
    v.add(try text(p.pw_name))
    v.add(try text(p.pw_passwd))
    v.add(try identity(p.pw_uid))
    v.add(try identity(p.pw_gid))
    v.add(try text(p.pw_gecos))
    v.add(try text(p.pw_dir))
    v.add(try text(p.pw_shell))
    return v.finish()
  }

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.one("getpwuid", "($module, uidobj, /)", "The user with a number.") { _, r in
      bridge { () throws(PyError) in
        let id: UInt32
        do throws(PyError) { id = try identity(r!, "uid") } catch {
          // Numbers that no user can have are numbers that no user has.
          guard PyErr_ExceptionMatches(Exc.OverflowError.object) != 0 else { throw error }
          PyErr_Clear()
          throw raise(Exc.KeyError, "getpwuid(): uid not found")
        }
        let found = try Accounts.look(passwd()) { record, buffer, size, result in
          getpwuid_r(id, record, buffer, size, result)
        } make: { (p) throws(PyError) in
          try PasswordModule.object(p)
        }
        if let found { return Owned(taking: found) }
        throw raise(Exc.KeyError, "getpwuid(): uid not found: \(Int(Int32(bitPattern: id)) == -1 ? "-1" : "\(id)")")
      }
    }
    m.one("getpwnam", "($module, name, /)", "The user with a name.") { _, r in
      bridge { () throws(PyError) in
        guard r!.isUnicode else { throw typeError("getpwnam() argument must be str, not \(typeName(of: r!))") }
        let bytes = try fileSystemBytes(r!)
        let name = PyBytes_AsString(bytes.ref)!
        let found = try Accounts.look(passwd()) { record, buffer, size, result in
          getpwnam_r(name, record, buffer, size, result)
        } make: { (p) throws(PyError) in
          try PasswordModule.object(p)
        }
        if let found { return Owned(taking: found) }
        throw raise(Exc.KeyError, "getpwnam(): name not found: \(try reprText(r!))")
      }
    }
    m.noArguments("getpwall", "($module, /)", "All users, in no particular order.") { _, _ in
      bridge { () throws(PyError) in
        let list = try owned(PyList_New(0))
        setpwent()
        defer { endpwent() }
        while let p = getpwent() { try append(list.ref, try PasswordModule.object(p.pointee)) }
        return list
      }
    }
    return m.build()
  }
}

/// Text of the account data bases; None for a missing one.
func text(_ p: UnsafePointer<CChar>?) throws(PyError) -> Owned {
  guard let p else { return noneOwned() }
  return try fileName(p)
}

enum Accounts {
  /// Calls a look-up with more and more memory until it suffices; an owned object, or nil when nothing was found.
  static func look<T>(
    _ empty: T,
    _ call: (UnsafeMutablePointer<T>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<T>?>)
      -> Int32,
    make: (T) throws(PyError) -> Owned
  ) throws(PyError) -> Ref? {
    var size = 1024
    while true {
      var record = empty
      var result: UnsafeMutablePointer<T>? = nil
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { buffer.deallocate() }
      let number = releasingLock("getpw") { call(&record, buffer, size, &result) }
      if result != nil { return try make(record).take() }
      if number != ERANGE { return nil }
      if size > 1 << 24 { throw memoryError() }
      size *= 2
    }
  }
}
