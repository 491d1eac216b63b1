// The module _suggestions: which name somebody may have meant, for tracebacks.

import CGila
import GilaCore

enum SuggestionsModule {
  nonisolated(unsafe) static let definition = moduleDefinition(
    "_suggestions", doc: "Finding the name that was meant by a wrong one.", methods: methods())

  private static func methods() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    m.positional(
      "_generate_suggestions", "($module, candidates, item, /)",
      "The most similar of some names; None when none is similar."
    ) {
      _, a, n in
      bridge { () throws(PyError) in
        try checkCount("_generate_suggestions", n, 2, 2)
        let candidates = a![0]!, item = a![1]!
        guard item.isUnicode else {
          throw typeError("_generate_suggestions() argument 2 must be str, not \(typeName(of: item))")
        }
        guard candidates.isExactly(Types.list) else { throw typeError("candidates must be a list") }
        return try SuggestionsModule.best(candidates, item)
      }
    }
    return m.build()
  }

  private static func best(_ candidates: Ref, _ item: Ref) throws(PyError) -> Owned {
    let count = PyList_Size(candidates)
    for i in 0..<count where !(PyList_GetItem(candidates, i)?.isUnicode ?? false) {
      throw typeError("all elements in 'candidates' must be strings")
    }
    // Too many names would take too long.
    if count >= 750 { return noneOwned() }
    let wanted = Array(swiftString(item).utf8)
    var best: Ref? = nil
    var bestDistance = Int.max
    for i in 0..<count {
      guard let r = PyList_GetItem(candidates, i) else { continue }
      let name = Array(swiftString(r).utf8)
      if name == wanted { continue }
      // No more than a third of the characters may need to change.
      let limit = min((wanted.count + name.count + 3) * EditDistance.move / 6, bestDistance - 1)
      if let distance = EditDistance.between(wanted, name, atMost: limit), distance < bestDistance {
        best = r
        bestDistance = distance
      }
    }
    return Owned(retaining: best ?? none)
  }
}

/// Levenshtein's distance, where a change of case costs half of another change.
private enum EditDistance {
  static let move = 2
  static let caseChange = 1

  private static func substitution(_ a: UInt8, _ b: UInt8) -> Int {
    if a & 31 != b & 31 { return move }
    if a == b { return 0 }
    func lower(_ c: UInt8) -> UInt8 { (65...90).contains(c) ? c + 32 : c }
    return lower(a) == lower(b) ? caseChange : move
  }

  /// nil when the distance is larger than `limit`.
  static func between(_ first: [UInt8], _ second: [UInt8], atMost limit: Int) -> Int? {
    var (a, b) = (first[...], second[...])
    while let x = a.first, let y = b.first, x == y {
      a.removeFirst()
      b.removeFirst()
    }
    while let x = a.last, let y = b.last, x == y {
      a.removeLast()
      b.removeLast()
    }
    if a.isEmpty || b.isEmpty {
      let distance = (a.count + b.count) * move
      return distance <= limit ? distance : nil
    }
    if max(a.count, b.count) > 40 { return nil }
    if b.count < a.count { swap(&a, &b) }
    if (b.count - a.count) * move > limit { return nil }
    let short = Array(a)
    var row = (1...short.count).map { $0 * move }
    var result = 0
    for (i, y) in b.enumerated() {
      var diagonal = i * move
      result = i * move
      var smallest = Int.max
      for (j, x) in short.enumerated() {
        let substituted = diagonal + substitution(y, x)
        diagonal = row[j]
        result = min(substituted, min(result, diagonal) + move)
        row[j] = result
        smallest = min(smallest, result)
      }
      if smallest > limit { return nil }
    }
    return result <= limit ? result : nil
  }
}
