import GilaSyntax

/// Second pass: decides where each name of each scope lives.
struct SymbolTableAnalysis {
  let names: NameTable

  mutating func analyze(_ top: Scope) throws(SyntaxFailure) {
    var free = NameSet()
    var global = NameSet()
    var typeParams = NameSet()
    var bound: NameSet?
    try analyzeBlock(top, bound: &bound, free: &free, global: &global, typeParams: &typeParams, classScope: nil)
  }

  private func directiveFailure(_ scope: Scope, _ name: Name, _ message: String) -> SyntaxFailure {
    for directive in scope.directives where directive.name == name {
      return Failures.at(directive.range, message)
    }
    return SyntaxFailure(.systemError, "BUG: internal directive bookkeeping broken")
  }

  private func analyzeName(
    _ scope: Scope, _ scopes: inout NameMap, _ name: Name, _ flags: Int, bound: inout NameSet?,
    local: inout NameSet, free: inout NameSet, global: inout NameSet, typeParams: inout NameSet, classScope: Scope?
  ) throws(SyntaxFailure) {
    if flags & SymbolFlags.global != 0 {
      if flags & SymbolFlags.nonlocal != 0 {
        throw directiveFailure(scope, name, "name '\(names.string(name))' is nonlocal and global")
      }
      scopes[name] = NameScope.globalExplicit.rawValue
      global.insert(name)
      bound?.remove(name)
      return
    }
    if flags & SymbolFlags.nonlocal != 0 {
      guard let bound else {
        throw directiveFailure(scope, name, "nonlocal declaration not allowed at module level")
      }
      if !bound.contains(name) {
        throw directiveFailure(scope, name, "no binding for nonlocal '\(names.string(name))' found")
      }
      if typeParams.contains(name) {
        throw directiveFailure(
          scope, name, "nonlocal binding not allowed for type parameter '\(names.string(name))'")
      }
      scopes[name] = NameScope.free.rawValue
      scope.hasFree = true
      free.insert(name)
      return
    }
    if flags & SymbolFlags.bound != 0 {
      scopes[name] = NameScope.local.rawValue
      local.insert(name)
      global.remove(name)
      if flags & SymbolFlags.typeParam != 0 { typeParams.insert(name) } else { typeParams.remove(name) }
      return
    }
    // In an annotation scope of a class, names of the class come before those of functions around it.
    if let classScope {
      let classFlags = classScope.flags(name)
      if classFlags & SymbolFlags.global != 0 {
        scopes[name] = NameScope.globalExplicit.rawValue
        return
      }
      if classFlags & SymbolFlags.bound != 0, classFlags & SymbolFlags.nonlocal == 0 {
        scopes[name] = NameScope.globalImplicit.rawValue
        return
      }
    }
    if let bound, bound.contains(name) {
      scopes[name] = NameScope.free.rawValue
      scope.hasFree = true
      free.insert(name)
      return
    }
    if !global.contains(name), scope.isNested { scope.hasFree = true }
    scopes[name] = NameScope.globalImplicit.rawValue
  }

  private mutating func analyzeBlock(
    _ scope: Scope, bound: inout NameSet?, free: inout NameSet, global: inout NameSet,
    typeParams: inout NameSet, classScope: Scope?
  ) throws(SyntaxFailure) {
    var local = NameSet()
    var scopes = NameMap()
    var childGlobal = NameSet()
    var childFree = NameSet()
    var childBound = NameSet()
    var inlinedCells = NameSet()

    // Names of a class are not seen by the blocks in it, so what they see is fixed before its own names are looked at.
    if scope.kind == .class {
      childGlobal.formUnion(global)
      if let bound { childBound.formUnion(bound) }
    }
    for index in scope.symbols.keys.indices {
      try analyzeName(
        scope, &scopes, scope.symbols.keys[index], scope.symbols.values[index], bound: &bound, local: &local,
        free: &free, global: &global, typeParams: &typeParams, classScope: classScope)
    }
    if scope.kind != .class {
      if scope.isFunctionLike { childBound.formUnion(local) }
      if let bound { childBound.formUnion(bound) }
      childGlobal.formUnion(global)
    } else {
      childBound.insert(Name(.dunderClass))
      childBound.insert(Name(.dunderClassdict))
    }

    for child in scope.children {
      let childClass: Scope? =
        !child.canSeeClassScope ? nil : scope.kind == .class ? scope : classScope
      let inlines = child.comprehension != .none && !child.isGenerator && !scope.canSeeClassScope
      // A child may use the names around it but not change them for its siblings.
      var boundCopy: NameSet? = childBound
      var freeCopy = childFree
      var globalCopy = childGlobal
      var typeParamsCopy = typeParams
      try analyzeBlock(
        child, bound: &boundCopy, free: &freeCopy, global: &globalCopy, typeParams: &typeParamsCopy,
        classScope: childClass)
      if inlines {
        inline(child, into: scope, &scopes, free: &freeCopy, inlinedCells: &inlinedCells)
        child.isInlined = true
      }
      childFree.formUnion(freeCopy)
      if child.hasFree || child.hasChildFree { scope.hasChildFree = true }
    }
    if scope.children.contains(where: { $0.isInlined }) {
      scope.children = scope.children.flatMap { $0.isInlined ? $0.children : [$0] }
    }

    if scope.isFunctionLike {
      findCells(&scopes, free: &childFree, inlinedCells: inlinedCells)
    } else if scope.kind == .class {
      if childFree.remove(Name(.dunderClass)) { scope.needsClassClosure = true }
      if childFree.remove(Name(.dunderClassdict)) { scope.needsClassDict = true }
    }
    update(
      scope, scopes, bound: bound, free: childFree, inlinedCells: inlinedCells,
      isClassLike: scope.kind == .class || scope.canSeeClassScope)
    free.formUnion(childFree)
  }

  /// Takes the names of an inlined comprehension into the scope around it (PEP 709).
  private func inline(
    _ comprehension: Scope, into scope: Scope, _ scopes: inout NameMap, free: inout NameSet,
    inlinedCells: inout NameSet
  ) {
    var dropsDunderClass = false
    for index in comprehension.symbols.keys.indices {
      let name = comprehension.symbols.keys[index]
      let flags = comprehension.symbols.values[index]
      if flags & SymbolFlags.param != 0 { continue }
      var nameScope = Scope.scope(inFlags: flags)
      let plain = flags & (1 << SymbolFlags.scopeShift - 1)
      if nameScope == .cell || plain & SymbolFlags.comprehensionCell != 0 { inlinedCells.insert(name) }
      let existing = scope.symbols[name]
      if nameScope == .free, scope.kind == .class, name == .dunderClass {
        nameScope = .globalImplicit
        free.remove(name)
        dropsDunderClass = true
      }
      if let existing {
        if existing & SymbolFlags.bound != 0, scope.kind != .class,
          !comprehension.children.contains(where: { $0.scope(of: name) == .free })
        {
          free.remove(name)
        }
      } else {
        scope.symbols[name] = plain
        scopes[name] = nameScope.rawValue
      }
    }
    comprehension.hasFree = !free.isEmpty
    if dropsDunderClass { comprehension.symbols.remove(Name(.dunderClass)) }
  }

  /// A local name that a block inside uses is a cell.
  private func findCells(_ scopes: inout NameMap, free: inout NameSet, inlinedCells: NameSet) {
    for index in scopes.keys.indices where scopes.values[index] == NameScope.local.rawValue {
      let name = scopes.keys[index]
      if free.contains(name) || inlinedCells.contains(name) {
        scopes.setValue(at: index, NameScope.cell.rawValue)
        free.remove(name)
      }
    }
  }

  private func update(
    _ scope: Scope, _ scopes: NameMap, bound: NameSet?, free: NameSet, inlinedCells: NameSet, isClassLike: Bool
  ) {
    for index in scope.symbols.keys.indices {
      let name = scope.symbols.keys[index]
      var flags = scope.symbols.values[index]
      if inlinedCells.contains(name) { flags |= SymbolFlags.comprehensionCell }
      flags |= (scopes[name] ?? 0) << SymbolFlags.scopeShift
      scope.symbols.setValue(at: index, flags)
    }
    // What the blocks inside need from further out passes through this one.
    free.withEach { name in
      if let flags = scope.symbols[name] {
        if isClassLike { scope.symbols[name] = flags | SymbolFlags.freeClass }
      } else if bound?.contains(name) ?? true {
        scope.symbols[name] = NameScope.free.rawValue << SymbolFlags.scopeShift
      }
    }
  }
}
