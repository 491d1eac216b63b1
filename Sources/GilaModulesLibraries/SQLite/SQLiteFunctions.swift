// Python functions that SQLite calls. It runs without the interpreter's lock, so each call takes it first.

import CGila
import CSQLite
import GilaCore
import Glibc

/// A Python callable in SQLite's hands.
final class SQLiteFunction {
  private(set) var callable: Ref?
  init(_ callable: Ref) { self.callable = newRef(callable) }
  deinit { drop() }
  func drop() {
    let old = callable
    callable = nil
    xdecref(old)
  }
  var opaque: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
  static func from(_ p: UnsafeMutableRawPointer?) -> SQLiteFunction? {
    p.map { Unmanaged<SQLiteFunction>.fromOpaque($0).takeUnretainedValue() }
  }
}

enum SQLiteCallbacks {
  nonisolated(unsafe) static var showsTracebacks = false

  static func locked<T>(_ body: () -> T) -> T {
    let state = PyGILState_Ensure()
    defer { PyGILState_Release(state) }
    return body()
  }
  /// An exception of a callback becomes SQLite's error; it is shown only if the program asked for it.
  private static func fail(_ context: OpaquePointer?, _ message: String, _ function: Ref?) {
    if PyErr_ExceptionMatches(Exc.MemoryError.object) != 0 {
      sqlite3_result_error_nomem(context)
    } else if PyErr_ExceptionMatches(Exc.OverflowError.object) != 0 {
      sqlite3_result_error_toobig(context)
    } else {
      sqlite3_result_error(context, message, -1)
    }
    forget(function)
  }
  static func forget(_ function: Ref?) {
    if !errorIsSet { return }
    if showsTracebacks { PyErr_WriteUnraisable(function) } else { PyErr_Clear() }
  }

  // MARK: functions

  static func scalar(_ context: OpaquePointer?, _ n: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?) {
    locked {
      guard let f = SQLiteFunction.from(sqlite3_user_data(context))?.callable else { return }
      do throws(PyError) {
        let t = try SQLiteValue.arguments(n, values)
        let result = try owned(PyObject_Call(f, t.ref, nil))
        try SQLiteValue.setResult(context, result.ref)
      } catch { fail(context, "user-defined function raised exception", f) }
    }
  }

  // MARK: aggregates: an instance of the class for each group

  private static func place(_ context: OpaquePointer?, _ size: Int32) -> UnsafeMutablePointer<Ref?>? {
    sqlite3_aggregate_context(context, size)?.assumingMemoryBound(to: Ref?.self)
  }
  static func step(
    _ context: OpaquePointer?, _ n: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?, _ method: StaticString
  ) {
    locked {
      guard let type = SQLiteFunction.from(sqlite3_user_data(context))?.callable,
        let slot = place(context, Int32(MemoryLayout<Ref?>.size))
      else { return }
      if slot.pointee == nil {
        slot.pointee = PyObject_CallNoArgs(type)
        if slot.pointee == nil {
          return fail(context, "user-defined aggregate's '__init__' method raised error", type)
        }
      }
      guard let instance = slot.pointee else { return }
      do throws(PyError) {
        let f = try owned(PyObject_GetAttrString(instance, cString(method)))
        let t = try SQLiteValue.arguments(n, values)
        _ = try owned(PyObject_Call(f.ref, t.ref, nil))
      } catch {
        let why =
          PyErr_ExceptionMatches(Exc.AttributeError.object) != 0
          ? "user-defined aggregate's '\(method)' method not defined"
          : "user-defined aggregate's '\(method)' method raised error"
        fail(context, why, type)
      }
    }
  }
  static func result(_ context: OpaquePointer?, _ method: StaticString, ends: Bool) {
    locked {
      guard let slot = place(context, 0), let instance = slot.pointee else { return }
      // A pending exception must not get into the call.
      let pending = PyErr_GetRaisedException()
      let named = PyObject_GetAttrString(instance, cString(method))
      defer { xdecref(named) }
      do throws(PyError) {
        guard let f = named else { throw PyError() }
        let r = try owned(PyObject_CallNoArgs(f))
        try SQLiteValue.setResult(context, r.ref)
      } catch {
        let why =
          PyErr_ExceptionMatches(Exc.AttributeError.object) != 0
          ? "user-defined aggregate's '\(method)' method not defined"
          : "user-defined aggregate's '\(method)' method raised error"
        fail(context, why, named ?? instance)
      }
      if let pending { PyErr_SetRaisedException(pending) }
      if ends {
        slot.pointee = nil
        decref(instance)
      }
    }
  }

  // MARK: collations, hooks

  static func compare(
    _ p: UnsafeMutableRawPointer?, _ n: Int32, _ a: UnsafeRawPointer?, _ m: Int32, _ b: UnsafeRawPointer?
  ) -> Int32 {
    locked {
      guard let f = SQLiteFunction.from(p)?.callable, !errorIsSet else { return 0 }
      do throws(PyError) {
        let x = try owned(PyUnicode_FromStringAndSize(a?.assumingMemoryBound(to: CChar.self), Int(n)))
        let y = try owned(PyUnicode_FromStringAndSize(b?.assumingMemoryBound(to: CChar.self), Int(m)))
        let r = try call(f, x.ref, y.ref)
        var overflow: Int32 = 0
        let v = PyLong_AsLongLongAndOverflow(r.ref, &overflow)
        if v == -1, errorIsSet { throw PyError() }
        if overflow != 0 { return overflow }
        return v < 0 ? -1 : v > 0 ? 1 : 0
      } catch {
        forget(f)
        return 0
      }
    }
  }
  static func authorize(
    _ p: UnsafeMutableRawPointer?, _ action: Int32, _ texts: [UnsafePointer<CChar>?]
  ) -> Int32 {
    locked {
      guard let f = SQLiteFunction.from(p)?.callable, !errorIsSet else { return SQLITE_DENY }
      do throws(PyError) {
        let t = try owned(PyTuple_New(5))
        gila_tuple_items(t.ref)[0] = try int(action).take()
        for (i, text) in texts.enumerated() {
          gila_tuple_items(t.ref)[i + 1] = text == nil ? newRef(none) : try owned(PyUnicode_FromString(text)).take()
        }
        let r = try owned(PyObject_Call(f, t.ref, nil))
        guard r.ref.isLong else { return SQLITE_DENY }
        return try cInt(r.ref)
      } catch {
        forget(f)
        return SQLITE_DENY
      }
    }
  }
  static func progress(_ p: UnsafeMutableRawPointer?) -> Int32 {
    locked {
      guard let f = SQLiteFunction.from(p)?.callable, !errorIsSet else { return 1 }
      do throws(PyError) {
        let r = try owned(PyObject_CallNoArgs(f))
        return try truth(r.ref) ? 1 : 0
      } catch {
        forget(f)
        return 1
      }
    }
  }
  static func trace(
    _ kind: UInt32, _ p: UnsafeMutableRawPointer?, _ statement: UnsafeMutableRawPointer?,
    _ sql: UnsafeMutableRawPointer?
  ) -> Int32 {
    locked {
      guard kind == UInt32(SQLITE_TRACE_STMT), let f = SQLiteFunction.from(p)?.callable, !errorIsSet else { return 0 }
      let s = OpaquePointer(statement)
      do throws(PyError) {
        let expanded = sqlite3_expanded_sql(s)
        if expanded == nil {
          let error = SQLiteErrors.make(
            LibraryObject.sqliteDataError.exception, SQLITE_TOOBIG,
            "Expanded SQL string exceeds the maximum string length")
          _ = error
          forget(f)
        }
        let text = try owned(PyUnicode_FromString(expanded ?? UnsafeMutablePointer(mutating: sqlite3_sql(s))))
        sqlite3_free(expanded)
        _ = try call(f, text.ref)
      } catch { forget(f) }
      return 0
    }
  }
}
