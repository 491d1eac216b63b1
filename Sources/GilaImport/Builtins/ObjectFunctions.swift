// Builtin functions about any object: attributes, identity, classes, text.

import CGila
import GilaCore

enum ObjectFunctions {
  static func add(_ m: inout MethodTable) {
    addAttributes(&m)
    addInspection(&m)
  }

  private static func addAttributes(_ m: inout MethodTable) {
    m.positional(
      "getattr", "",
      "getattr(object, name[, default]) -> value\n\nThe named attribute, or the default if there is none."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("getattr", n, 2, 3)
        if n == 2 { return try owned(PyObject_GetAttr(args![0], args![1])) }
        var r: Ref? = nil
        if try check(PyObject_GetOptionalAttr(args![0], args![1], &r)) == 0 { return Owned(retaining: args![2]!) }
        return Owned(taking: r!)
      }
    }
    m.positional("setattr", "($module, obj, name, value, /)", "Sets the named attribute.") { _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("setattr", n, 3, 3)
        try check(PyObject_SetAttr(args![0], args![1], args![2]))
      }
    }
    m.positional("delattr", "($module, obj, name, /)", "Deletes the named attribute.") { _, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("delattr", n, 2, 2)
        try check(PyObject_DelAttr(args![0], args![1]))
      }
    }
    m.positional("hasattr", "($module, obj, name, /)", "Says whether there is an attribute of that name.") {
      _, args, n in
      bridge { () throws(PyError) in
        try checkCount("hasattr", n, 2, 2)
        return Owned(retaining: pyBool(try check(PyObject_HasAttrWithError(args![0], args![1])) != 0))
      }
    }
    m.positional("vars", "", "vars([object]) -> dictionary\n\nThe object's __dict__; without one, locals().") {
      _, args, n in
      bridge { () throws(PyError) in
        try checkCount("vars", n, 0, 1)
        if n == 0 { return try CurrentFrame.locals() }
        var r: Ref? = nil
        if try check(PyObject_GetOptionalAttr(args![0], Dunder.dict.ref, &r)) == 0 {
          throw typeError("vars() argument must have __dict__ attribute")
        }
        return Owned(taking: r!)
      }
    }
    m.positional(
      "dir", "", "dir([object]) -> list of strings\n\nThe object's attributes; without one, the local names."
    ) {
      _, args, n in
      bridge { () throws(PyError) in
        try checkCount("dir", n, 0, 1)
        if n > 0 { return try owned(PyObject_Dir(args![0])) }
        let locals = try CurrentFrame.locals()
        let keys = try owned(PyMapping_Keys(locals.ref))
        guard keys.ref.isList else {
          throw typeError("dir(): expected keys() of locals to be a list, not '\(typeName(of: keys.ref))'")
        }
        try check(PyList_Sort(keys.ref))
        return keys
      }
    }
  }

  private static func addInspection(_ m: inout MethodTable) {
    m.one("len", "($module, obj, /)", "Returns how many items a container has.") { _, o in
      let n = PyObject_Size(o)
      return n < 0 ? nil : PyLong_FromSsize_t(n)
    }
    m.one("repr", "($module, obj, /)", "Returns the canonical text of an object.") { _, o in PyObject_Repr(o) }
    m.one("ascii", "($module, obj, /)", "Returns repr(obj) with escapes for what is not ASCII.") { _, o in
      PyObject_ASCII(o)
    }
    m.one("hash", "($module, obj, /)", "Returns the object's hash value.") { _, o in
      let h = PyObject_Hash(o)
      return h == -1 && errorIsSet ? nil : PyLong_FromSsize_t(h)
    }
    m.one("id", "($module, obj, /)", "Returns a number that no other living object has.") { _, o in
      guard let number = PyLong_FromVoidPtr(o!.raw) else { return nil }
      if !isAudited { return number }
      return bridge { () throws(PyError) in
        let held = Owned(taking: number)
        try audit("builtins.id", held.ref)
        return held
      }
    }
    m.one("callable", "($module, obj, /)", "Says whether an object can be called.") { _, o in
      newRef(pyBool(PyCallable_Check(o) != 0))
    }
    m.positional(
      "isinstance", "($module, obj, class_or_tuple, /)", "Says whether an object is an instance of a class."
    ) { _, args, n in
      bridge { () throws(PyError) in
        try checkCount("isinstance", n, 2, 2)
        return Owned(retaining: pyBool(try check(PyObject_IsInstance(args![0], args![1])) != 0))
      }
    }
    m.positional("issubclass", "($module, cls, class_or_tuple, /)", "Says whether a class derives from another.") {
      _, args, n in
      bridge { () throws(PyError) in
        try checkCount("issubclass", n, 2, 2)
        return Owned(retaining: pyBool(try check(PyObject_IsSubclass(args![0], args![1])) != 0))
      }
    }
    m.positional("format", "($module, value, format_spec='', /)", "Returns type(value).__format__(value, format_spec).")
    {
      _, args, n in
      bridge { () throws(PyError) in
        try checkCount("format", n, 1, 2)
        if n > 1, !args![1]!.isUnicode {
          throw typeError(
            "format() argument 2 must be str, not \(args![1]! == none ? "None" : typeName(of: args![1]!))")
        }
        return try owned(PyObject_Format(args![0], n > 1 ? args![1] : nil))
      }
    }
  }
}
