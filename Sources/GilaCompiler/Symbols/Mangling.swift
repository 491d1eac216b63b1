import GilaSyntax

/// Private names: in class `C`, `__name` means `_C__name`.
enum Mangling {
  static func mangle(_ name: Name, className: Name?, names: NameTable) -> Name {
    guard let className else { return name }
    let text = names[name]
    guard text.count > 2, text[0] == 95, text[1] == 95 else { return name }
    if text[text.count - 1] == 95, text[text.count - 2] == 95 { return name }
    if text.contains(46) { return name }
    let owner = names.array(className)
    guard let first = owner.firstIndex(where: { $0 != 95 }) else { return name }
    return names.intern([95] + owner[first...] + Array(text))
  }

  /// As `mangle`, but respects that around a generic class only its type parameters are mangled.
  static func mangle(_ name: Name, className: Name?, scope: Scope, names: NameTable) -> Name {
    if let mangled = scope.mangledNames, !mangled.names.contains(name) { return name }
    return mangle(name, className: className, names: names)
  }
}
