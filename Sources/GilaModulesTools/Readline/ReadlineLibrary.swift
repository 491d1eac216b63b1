// The line editor's library, loaded when the module is imported: GNU Readline, or libedit with the same interface.
// So the command neither loads nor needs one to start.

import CGila
import GilaCore
import Glibc

typealias CText = UnsafeMutablePointer<CChar>
typealias Hook = @convention(c) () -> Int32
typealias Generator = @convention(c) (UnsafePointer<CChar>?, Int32) -> CText?
typealias Attempt = @convention(c) (UnsafePointer<CChar>?, Int32, Int32) -> UnsafeMutablePointer<CText?>?
typealias Display = @convention(c) (UnsafeMutablePointer<CText?>?, Int32, Int32) -> Void
typealias LineHandler = @convention(c) (CText?) -> Void

struct ReadlineLibrary {
  private let handle: UnsafeMutableRawPointer
  let isEditline: Bool

  let addHistory: @convention(c) (UnsafePointer<CChar>?) -> Void
  let usingHistory: @convention(c) () -> Void
  let readHistory: @convention(c) (UnsafePointer<CChar>?) -> Int32
  let writeHistory: @convention(c) (UnsafePointer<CChar>?) -> Int32
  let appendHistory: (@convention(c) (Int32, UnsafePointer<CChar>?) -> Int32)?
  let truncateHistory: @convention(c) (UnsafePointer<CChar>?, Int32) -> Int32
  let historyEntry: @convention(c) (Int32) -> UnsafeMutableRawPointer?
  let historyState: @convention(c) () -> UnsafeMutableRawPointer?
  let removeHistory: @convention(c) (Int32) -> UnsafeMutableRawPointer?
  let replaceHistory:
    @convention(c) (Int32, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
  let freeEntry: (@convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)?
  let clearHistory: @convention(c) () -> Void
  let parseAndBind: @convention(c) (CText?) -> Int32
  let readInitFile: @convention(c) (UnsafePointer<CChar>?) -> Int32
  let insertText: @convention(c) (UnsafePointer<CChar>?) -> Int32
  let redisplay: @convention(c) () -> Void
  let initialize: @convention(c) () -> Int32
  let completionMatches: @convention(c) (UnsafePointer<CChar>?, Generator) -> UnsafeMutablePointer<CText?>?
  let bindKey: @convention(c) (Int32, UnsafeMutableRawPointer?) -> Int32
  let bindKeyInMap: (@convention(c) (Int32, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32)?
  let bindVariable: (@convention(c) (UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Int32)?
  let prepareTerminal: @convention(c) (Int32) -> Void
  let installHandler: @convention(c) (UnsafePointer<CChar>?, LineHandler) -> Void
  let readCharacter: @convention(c) () -> Void
  let removeHandler: @convention(c) () -> Void
  let freeLineState: (@convention(c) () -> Void)?
  let cleanAfterSignal: (@convention(c) () -> Void)?
  let signalCleanup: (@convention(c) () -> Void)?

  init?() {
    var found: UnsafeMutableRawPointer? = nil
    for name in ["libreadline.so.8", "libreadline.so", "libedit.so.2", "libedit.so.0"] where found == nil {
      found = dlopen(name, RTLD_NOW | RTLD_GLOBAL)
    }
    guard let handle = found else { return nil }
    self.handle = handle
    func optional<T>(_ name: String, _: T.Type = T.self) -> T? {
      dlsym(handle, name).map { unsafeBitCast($0, to: T.self) }
    }
    guard
      let addHistory: @convention(c) (UnsafePointer<CChar>?) -> Void = optional("add_history"),
      let usingHistory: @convention(c) () -> Void = optional("using_history"),
      let readHistory: @convention(c) (UnsafePointer<CChar>?) -> Int32 = optional("read_history"),
      let writeHistory: @convention(c) (UnsafePointer<CChar>?) -> Int32 = optional("write_history"),
      let truncateHistory: @convention(c) (UnsafePointer<CChar>?, Int32) -> Int32 = optional("history_truncate_file"),
      let historyEntry: @convention(c) (Int32) -> UnsafeMutableRawPointer? = optional("history_get"),
      let historyState: @convention(c) () -> UnsafeMutableRawPointer? = optional(
        "history_get_history_state"),
      let removeHistory: @convention(c) (Int32) -> UnsafeMutableRawPointer? = optional("remove_history"),
      let replaceHistory:
        @convention(c) (Int32, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        optional("replace_history_entry"),
      let clearHistory: @convention(c) () -> Void = optional("clear_history")
    else { return nil }
    guard
      let parseAndBind: @convention(c) (CText?) -> Int32 = optional("rl_parse_and_bind"),
      let readInitFile: @convention(c) (UnsafePointer<CChar>?) -> Int32 = optional("rl_read_init_file"),
      let insertText: @convention(c) (UnsafePointer<CChar>?) -> Int32 = optional("rl_insert_text"),
      let redisplay: @convention(c) () -> Void = optional("rl_redisplay"),
      let initialize: @convention(c) () -> Int32 = optional("rl_initialize"),
      let completionMatches: @convention(c) (UnsafePointer<CChar>?, Generator) -> UnsafeMutablePointer<CText?>? =
        optional("rl_completion_matches"),
      let bindKey: @convention(c) (Int32, UnsafeMutableRawPointer?) -> Int32 = optional("rl_bind_key"),
      let prepareTerminal: @convention(c) (Int32) -> Void = optional("rl_prep_terminal"),
      let installHandler: @convention(c) (UnsafePointer<CChar>?, LineHandler) -> Void = optional(
        "rl_callback_handler_install"),
      let readCharacter: @convention(c) () -> Void = optional("rl_callback_read_char"),
      let removeHandler: @convention(c) () -> Void = optional("rl_callback_handler_remove")
    else { return nil }
    self.addHistory = addHistory
    self.usingHistory = usingHistory
    self.readHistory = readHistory
    self.writeHistory = writeHistory
    self.truncateHistory = truncateHistory
    self.historyEntry = historyEntry
    self.historyState = historyState
    self.removeHistory = removeHistory
    self.replaceHistory = replaceHistory
    self.clearHistory = clearHistory
    self.parseAndBind = parseAndBind
    self.readInitFile = readInitFile
    self.insertText = insertText
    self.redisplay = redisplay
    self.initialize = initialize
    self.completionMatches = completionMatches
    self.bindKey = bindKey
    self.prepareTerminal = prepareTerminal
    self.installHandler = installHandler
    self.readCharacter = readCharacter
    self.removeHandler = removeHandler
    appendHistory = optional("append_history")
    freeEntry = optional("free_history_entry")
    bindKeyInMap = optional("rl_bind_key_in_map")
    bindVariable = optional("rl_variable_bind")
    freeLineState = optional("rl_free_line_state")
    cleanAfterSignal = optional("rl_cleanup_after_signal")
    signalCleanup = optional("rl_callback_sigcleanup")
    let version = dlsym(handle, "rl_library_version")?.load(as: CText?.self)
    isEditline = version.map { String(cString: $0).hasPrefix("EditLine") } ?? false
  }
  /// The text of an entry of the history, its first field.
  static func line(_ entry: UnsafeMutableRawPointer) -> CText? { entry.load(as: CText?.self) }
  /// How many lines the history has: a field behind the array and an int.
  func historyCount() -> Int32 {
    guard let state = historyState() else { return 0 }
    defer { free(state) }
    return state.load(fromByteOffset: 12, as: Int32.self)
  }
  /// The address of a function or variable of the library.
  func address(_ name: String) -> UnsafeMutableRawPointer? { dlsym(handle, name) }
  /// Stores into a variable of the library, if it has it.
  func set<T>(_ name: String, _ value: T) { address(name)?.storeBytes(of: value, as: T.self) }
  func get<T>(_ name: String, _: T.Type = T.self) -> T? { address(name)?.load(as: T.self) }
}
