// What the C API tells of the build and the installation. The texts live as long as the process.

import CGila
import GilaCore
import Glibc

private func permanent(_ s: String) -> UnsafePointer<CChar> { UnsafePointer(strdup(s)!) }
nonisolated(unsafe) private let version = permanent(SysModule.version)

@c @implementation public func Py_GetVersion() -> UnsafePointer<CChar>! { version }
@c @implementation public func Py_GetPlatform() -> UnsafePointer<CChar>! { cString("linux") }
@c @implementation public func Py_GetCopyright() -> UnsafePointer<CChar>! { cString("Gila and its authors.") }
@c @implementation public func Py_GetCompiler() -> UnsafePointer<CChar>! { cString("\n[Swift 6.3]") }
@c @implementation public func Py_GetBuildInfo() -> UnsafePointer<CChar>! { cString("Gila") }

/// The paths that were asked for, as wide characters: made at the first call and kept, as callers do not free them.
nonisolated(unsafe) private var paths: [UnsafePointer<CChar>: UnsafeMutablePointer<wchar_t>] = [:]
/// A path of `sys`; NULL if there is none.
private func path(_ name: StaticString) -> UnsafeMutablePointer<wchar_t>? {
  if let known = paths[cString(name)] { return known }
  guard let v = PySys_GetObject(cString(name)), v.isUnicode else {
    PyErr_Clear()
    return nil
  }
  let made = PyUnicode_AsWideCharString(v, nil)
  paths[cString(name)] = made
  return made
}
@c @implementation public func Py_GetPrefix() -> UnsafeMutablePointer<wchar_t>! { path("prefix") }
@c @implementation public func Py_GetExecPrefix() -> UnsafeMutablePointer<wchar_t>! { path("exec_prefix") }
@c @implementation public func Py_GetProgramFullPath() -> UnsafeMutablePointer<wchar_t>! { path("executable") }
@c @implementation public func Py_GetProgramName() -> UnsafeMutablePointer<wchar_t>! { path("executable") }

/// The search path of the start, joined by colons.
@c @implementation public func Py_GetPath() -> UnsafeMutablePointer<wchar_t>! {
  let joined = Array(Configuration.current.searchPath.joined(separator: [58])) + [0]
  return joined.withUnsafeBytes {
    Py_DecodeLocale($0.baseAddress?.assumingMemoryBound(to: CChar.self), nil)
  }
}
/// What C code says of the place of the library. It is found before any C code runs, so this changes nothing else.
nonisolated(unsafe) private var home: UnsafeMutablePointer<wchar_t>? = nil
@c @implementation public func Py_GetPythonHome() -> UnsafeMutablePointer<wchar_t>! {
  if home == nil, Configuration.current.useEnvironment, let p = getenv("PYTHONHOME"), p.pointee != 0 {
    home = Py_DecodeLocale(p, nil)
  }
  return home
}
@c @implementation public func Py_SetPythonHome(_ name: UnsafePointer<wchar_t>!) {
  home = name.flatMap { wcsdup($0) }
}

@c @implementation public func Py_GetRecursionLimit() -> Int32 { currentInterpreter.pointee.recursion_limit }
@c @implementation public func Py_FdIsInteractive(_ f: UnsafeMutablePointer<FILE>!, _ name: UnsafePointer<CChar>!)
  -> Int32
{
  if isatty(fileno(f)) != 0 { return 1 }
  guard Configuration.current.interactive > 0 else { return 0 }
  return name == nil || strcmp(name, "<stdin>") == 0 || strcmp(name, "???") == 0 ? 1 : 0
}
