// What a new process does between fork and exec: descriptors, directory, signals, identity.

import CGila
import CGilaSystem
import GilaCore
import Glibc

struct SubprocessChild {
  /// The two ends of each pipe, -1 where there is none.
  var input: (read: Int32, write: Int32) = (-1, -1)
  var output: (read: Int32, write: Int32) = (-1, -1)
  var errors: (read: Int32, write: Int32) = (-1, -1)
  /// Where a failure is reported to the parent.
  var report: (read: Int32, write: Int32) = (-1, -1)
  var closesOthers = false
  var restoresSignals = false
  var newSession = false
  var group: Int32 = -1
  var setGroup: UInt32?
  var setUser: UInt32?
  var umask: Int32 = -1

  typealias Strings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  /// Does all of it and runs a program; never returns. Failures go to the report pipe as `name:errno in hex:where`.
  func run(
    programs: Strings, arguments: Strings, environment: Strings?, directory: UnsafePointer<CChar>?,
    kept: UnsafeBufferPointer<Int32>, groups: UnsafeBufferPointer<gid_t>?, hook: Ref?
  ) -> Never {
    var stage: StaticString = "noexec"
    if prepare(directory, kept, groups, &stage) {
      if let hook {
        guard let result = PyObject_CallNoArgs(hook) else {
          // The exception stays here: the parent learns only that there was one.
          PyErr_Clear()
          say("SubprocessError:0:Exception occurred in preexec_fn.")
          _exit(255)
        }
        decref(result)
      }
      if closesOthers { closeOthers(from: 3, kept) }
      stage = ""
      execute(programs, arguments, environment)
    }
    fail(stage)
  }

  /// False with errno set when something failed; `stage` says what, where the parent wants to know it.
  private func prepare(
    _ directory: UnsafePointer<CChar>?, _ kept: UnsafeBufferPointer<Int32>, _ groups: UnsafeBufferPointer<gid_t>?,
    _ stage: inout StaticString
  ) -> Bool {
    for fd in kept where fd != report.write {
      if gila_set_cloexec(fd, false) < 0 { return false }
    }
    // The parent's ends of the pipes.
    for fd in [input.write, output.read, errors.read] where fd >= 0 { if close(fd) < 0 { return false } }
    if close(report.read) < 0 { return false }
    if !connectStandardStreams() { return false }
    if let directory, chdir(directory) < 0 {
      stage = "noexec:chdir"
      return false
    }
    if umask >= 0 { _ = Glibc.umask(mode_t(umask)) }
    if restoresSignals {
      for n in [SIGPIPE, SIGXFSZ] { _ = gila_set_disposition(n, Int32(GILA_SIGNAL_DEFAULT.rawValue)) }
    }
    if newSession, setsid() < 0 { return false }
    if group >= 0, setpgid(0, group) < 0 { return false }
    if let groups, setgroups(groups.count, groups.baseAddress) < 0 { return false }
    if let setGroup, setregid(setGroup, setGroup) < 0 { return false }
    if let setUser, setreuid(setUser, setUser) < 0 { return false }
    return true
  }

  /// Descriptors 0, 1 and 2.
  private func connectStandardStreams() -> Bool {
    var (output, errors) = (output.write, errors.write)
    // An end that is itself 0 or 1 would be overwritten before its turn.
    if output == 0 {
      output = dup(output)
      if output < 0 { return false }
      _ = gila_set_cloexec(output, true)
    }
    while errors == 0 || errors == 1 {
      errors = dup(errors)
      if errors < 0 { return false }
      _ = gila_set_cloexec(errors, true)
    }
    for (from, to) in [(input.read, Int32(0)), (output, 1), (errors, 2)] {
      if from == to {
        if gila_set_cloexec(from, false) < 0 { return false }
      } else if from != -1, dup2(from, to) < 0 {
        return false
      }
    }
    return true
  }

  private func closeOthers(from start: UInt32, _ kept: UnsafeBufferPointer<Int32>) {
    var low = start
    for fd in kept where UInt32(fd) >= low {
      if UInt32(fd) > low { closeRange(low, UInt32(fd) - 1) }
      low = UInt32(fd) + 1
    }
    closeRange(low, UInt32(Int32.max))
  }
  private func closeRange(_ first: UInt32, _ last: UInt32) {
    if close_range(first, last, 0) == 0 { return }
    let limit = UInt32(max(256, min(sysconf(Int32(_SC_OPEN_MAX)), 65536)))
    if first > min(last, limit) { return }
    for fd in first...min(last, limit) { _ = close(Int32(fd)) }
  }

  /// Tries the programs in turn; returns with the error of the last that exists, or of the last at all.
  private func execute(_ programs: Strings, _ arguments: Strings, _ environment: Strings?) {
    var saved: Int32 = 0
    var i = 0
    while let program = programs[i] {
      if let environment { execve(program, arguments, environment) } else { execv(program, arguments) }
      if errno != ENOENT, errno != ENOTDIR, saved == 0 { saved = errno }
      i += 1
    }
    if saved != 0 { errno = saved }
  }

  private func fail(_ stage: StaticString) -> Never {
    let number = errno
    say("OSError:")
    if number == 0 {
      say("0")
    } else {
      let digits = Array("0123456789ABCDEF".utf8)
      var text: [UInt8] = []
      var rest = Int(number)
      while rest > 0 {
        text.insert(digits[rest % 16], at: 0)
        rest /= 16
      }
      _ = write(report.write, text, text.count)
    }
    say(":")
    say(stage)
    _exit(255)
  }
  private func say(_ text: StaticString) { _ = write(report.write, text.utf8Start, text.utf8CodeUnitCount) }
}
