// The end of an interpreter, in the order that programs rely on: threads, exit functions, streams, modules.

import CGila
import GilaCore
import GilaLifetime
import GilaModulesRuntime
import Glibc

enum Finalization {
  /// Ends the main interpreter. False if a stream could not be written out.
  static func run() -> Bool {
    let interp = currentInterpreter
    if interp.pointee.initialized == 0 { return true }
    interp.pointee.initialized = 0
    var good = leaveThreads()
    InterpreterGuests.wait()
    interp.pointee.finalizing = 1
    // Daemon threads never run again; what they hold goes while the modules still work.
    gila_after_fork_forget_threads()
    good = clearModules() && good
    // Behind the modules, whose objects may end interpreters of their own.
    SubInterpreter.endAll()
    LastFunctions.run()
    return good
  }
  /// Waits for the threads that are not daemons, calls the exit functions, writes out the streams.
  @discardableResult static func leaveThreads() -> Bool {
    callIfLoaded("threading", "_shutdown")
    gila_run_exit_functions()
    return Streams.flush()
  }
  /// Takes the modules of the current interpreter apart.
  static func clearModules() -> Bool {
    currentInterpreter.pointee.finalizing = 1
    PyGC_Collect()
    Modules.end()
    let good = Streams.flush()
    Modules.endLast()
    CollectorQueries.collect(2)
    return good
  }
  /// A function of a module that the program has imported. What it raises is reported.
  private static func callIfLoaded(_ module: StaticString, _ function: StaticString) {
    guard let name = gila_intern(cString(module)), let m = PyImport_GetModule(name) else { return PyErr_Clear() }
    let held = Owned(taking: m)
    guard held.ref != none, let f = PyObject_GetAttrString(held.ref, cString(function)) else { return PyErr_Clear() }
    if let r = PyObject_CallNoArgs(f) { decref(r) } else { PyErr_WriteUnraisable(m) }
    decref(f)
  }

  /// Modules go in the order of their import: first the references in sys.modules, then what a module is still
  /// referred to by, its names one by one.
  private enum Modules {
    static func end() {
      let interp = currentInterpreter
      guard let sysDict = interp.pointee.sysdict, let modules = interp.pointee.modules else { return }
      if let b = interp.pointee.builtins, PyDict_SetItemString(b, "_", none) < 0 { PyErr_Clear() }
      for name in [
        "path", "argv", "ps1", "ps2", "last_exc", "last_type", "last_value", "last_traceback", "path_hooks",
        "path_importer_cache", "meta_path", "__interactivehook__",
      ] where PyDict_GetItemString(sysDict, name) != nil {
        if PyDict_SetItemString(sysDict, name, none) < 0 { PyErr_Clear() }
      }
      for name in ["stdin", "stdout", "stderr"] {
        let original = PyDict_GetItemString(sysDict, "__\(name)__") ?? none
        if PyDict_SetItemString(sysDict, name, original) < 0 { PyErr_Clear() }
      }
      var left: [(name: Ref, reference: Ref)] = []
      if let items = PyMapping_Items(modules) {
        for i in 0..<items.size {
          guard let pair = gila_list_items(items)?[i], pair.isTuple, pair.size == 2,
            let name = gila_tuple_items(pair)[0], let m = gila_tuple_items(pair)[1]
          else { continue }
          if m.isInstance(of: Types.module), let r = PyWeakref_NewRef(m, nil) { left.append((newRef(name), r)) }
          if PyObject_SetItem(modules, name, none) < 0 { PyErr_Clear() }
        }
        decref(items)
      }
      PyErr_Clear()
      if modules.isDict { PyDict_Clear(modules) }
      CollectorQueries.collect(2)
      CollectorQueries.reportGarbage()
      // What is still alive: emptied, the last imported first.
      let sys = interp.slot(RuntimeSlot.sys).pointee, builtins = interp.slot(Runtime.builtinsModule).pointee
      for (name, reference) in left.reversed() {
        var m: Ref? = nil
        if PyWeakref_GetRef(reference, &m) < 0 { PyErr_Clear() }
        if let m {
          if m != sys && m != builtins, let d = PyModule_GetDict(m) { empty(d) }
          decref(m)
        }
        decref(reference)
        decref(name)
      }
    }
    static func endLast() {
      let interp = currentInterpreter
      if let d = interp.pointee.sysdict { empty(d) }
      if let d = interp.pointee.builtins { empty(d) }
    }
    /// Names with one leading underscore first, then all others but `__builtins__`.
    private static func empty(_ dict: Ref) {
      guard let names = PyDict_Keys(dict) else { return PyErr_Clear() }
      for first in [true, false] {
        for i in 0..<names.size {
          guard let name = gila_list_items(names)?[i], name.isUnicode else { continue }
          let n = PyUnicode_GetLength(name)
          let isPrivate = n > 0 && PyUnicode_ReadChar(name, 0) == 95 && (n == 1 || PyUnicode_ReadChar(name, 1) != 95)
          if isPrivate != first || (!first && sameText(name, Dunder.builtins.ref)) { continue }
          if PyDict_SetItem(dict, name, none) < 0 { PyErr_Clear() }
        }
      }
      decref(names)
    }
  }
}

@c @implementation public func Py_FinalizeEx() -> Int32 { Finalization.run() ? 0 : -1 }
@c @implementation public func Py_Finalize() { _ = Finalization.run() }
@c @implementation public func Py_Exit(_ status: Int32) {
  var status = status
  if Py_FinalizeEx() < 0 { status = 120 }
  exit(status)
}
@c @implementation public func Py_IsFinalizing() -> Int32 {
  gila_ts_or_null()?.pointee.interp?.pointee.finalizing ?? 0
}
@c @implementation public func Py_IsInitialized() -> Int32 {
  gila_ts_or_null()?.pointee.interp?.pointee.initialized ?? 0
}
