// What a zone file says, in the form that lookups need. It never changes.

import CGila
import GilaCore

final class ZoneData {
  /// What the clocks of a zone show for some time.
  struct Period: Equatable {
    var offset = 0
    var saving = 0
    /// str
    var name: Ref
    /// The numbers as timedelta.
    var offsetObject: Ref
    var savingObject: Ref

    static func == (a: Period, b: Period) -> Bool {
      a.offset == b.offset && a.saving == b.saving && sameText(a.name, b.name)
    }
  }
  /// Every period with its references, which the zone owns.
  private var periods: [Period] = []
  /// Seconds of UTC at which a new period begins, and the same in local time as read for fold 0 and 1.
  private var transitions: [Int] = []
  private var local: (first: [Int], second: [Int]) = ([], [])
  /// The period that begins with each transition, and that before the first.
  private var beginning: [Int] = []
  private var before: Int? = nil
  private var rule = TransitionRule(standard: TransitionRule.Period())
  private var standard = 0
  private var daylight = 0
  /// Every time has the same offset.
  private(set) var isFixed = false

  deinit {
    for p in periods {
      decref(p.name)
      decref(p.offsetObject)
      decref(p.savingObject)
    }
  }

  /// Reads what zoneinfo._common.load_data made of a file.
  init(_ data: Ref) throws(PyError) {
    guard data.isTuple, data.size == 6 else { throw typeError("Invalid data result type: \(try reprText(data))") }
    let indices = try ZoneData.numbers(data.tupleItems[0]!), offsets = try ZoneData.numbers(data.tupleItems[2]!)
    let isDaylight = try ZoneData.numbers(data.tupleItems[3]!)
    transitions = try ZoneData.numbers(data.tupleItems[1]!)
    let names = try owned(PySequence_Fast(data.tupleItems[4]!, "abbreviations must be a sequence"))
    let n = min(offsets.count, isDaylight.count, names.ref.size)
    guard indices.count == transitions.count, indices.allSatisfy({ (0..<n).contains($0) }) else {
      throw valueError("Invalid transition index found while reading TZif file")
    }
    let savings = ZoneData.savings(indices, offsets, isDaylight)
    for i in 0..<n {
      let name = names.ref.fastItems[i]!
      guard name.isUnicode else { throw typeError("zone names must be str, not \(typeName(of: name))") }
      try addPeriod(offsets[i], savings[i], name)
    }
    beginning = indices
    readLocalTimes(offsets)
    before = (0..<n).first { isDaylight[$0] == 0 } ?? indices.first
    try readRule(data.tupleItems[5]!, n)
    isFixed = n <= 1 && rule.daylight == nil && (n == 0 || periods[0] == periods[standard])
  }
  private static func numbers(_ r: Ref) throws(PyError) -> [Int] {
    let items = try owned(PySequence_Fast(r, "expected a sequence of numbers"))
    var all: [Int] = []
    all.reserveCapacity(items.ref.size)
    for i in 0..<items.ref.size {
      let v = PyLong_AsLong(items.ref.fastItems[i])
      if v == -1 && errorIsSet { throw PyError() }
      // Far enough away that no sum overflows.
      all.append(min(max(v, -(1 << 60)), 1 << 60))
    }
    return all
  }
  @discardableResult private func addPeriod(_ offset: Int, _ saving: Int, _ name: Ref) throws(PyError) -> Int {
    let a = try Make.delta(0, offset, 0), b = try Make.delta(0, saving, 0)
    periods.append(
      Period(offset: offset, saving: saving, name: newRef(name), offsetObject: a.take(), savingObject: b.take()))
    return periods.count - 1
  }
  /// Files say only whether a period is daylight saving time. By how much comes from a neighbour that is not.
  private static func savings(_ indices: [Int], _ offsets: [Int], _ isDaylight: [Int]) -> [Int] {
    var savings = [Int](repeating: 0, count: min(offsets.count, isDaylight.count))
    let wanted = isDaylight.count { $0 != 0 }
    var found = 0
    for i in indices.indices.dropFirst() where found < wanted {
      let p = indices[i]
      if isDaylight[p] == 0 || savings[p] != 0 { continue }
      var saving = 0
      let previous = indices[i - 1]
      if isDaylight[previous] == 0 { saving = offsets[p] - offsets[previous] }
      if saving == 0 && p < savings.count - 1 && i + 1 < indices.count {
        let next = indices[i + 1]
        if isDaylight[next] != 0 { continue }
        saving = offsets[p] - offsets[next]
      }
      if saving != 0 {
        found += 1
        savings[p] = saving
      }
    }
    // An hour is a better guess than nothing.
    if found < wanted { for i in savings.indices where isDaylight[i] != 0 && savings[i] == 0 { savings[i] = 3600 } }
    return savings
  }
  private func readLocalTimes(_ offsets: [Int]) {
    local = (transitions, transitions)
    for i in transitions.indices {
      let new = offsets[beginning[i]]
      let old = i > 0 ? offsets[beginning[i - 1]] : offsets.count > 1 ? offsets[0] : new
      local.first[i] += max(old, new)
      local.second[i] += min(old, new)
    }
  }
  private func readRule(_ text: Ref, _ n: Int) throws(PyError) {
    if !text.isNone, PyBytes_Size(text) != 0 {
      guard let p = PyBytes_AsString(text) else { throw PyError() }
      let bytes = [UInt8](UnsafeRawBufferPointer(start: p, count: text.size))
      do throws(TransitionRule.Fault) { rule = try TransitionRule(parsing: bytes) } catch {
        throw valueError("\(error.text) \(try reprText(text))")
      }
      let name = try string(rule.standard.name)
      standard = try addPeriod(rule.standard.offset, 0, name.ref)
      if let d = rule.daylight {
        let name = try string(d.name)
        daylight = try addPeriod(d.offset, d.saving, name.ref)
      }
      return
    }
    if n == 0 { throw valueError("No time zone information found.") }
    standard = beginning.last ?? n - 1
  }

  // MARK: Lookup

  /// The index behind the last item that is not after `second`.
  private static func behind(_ second: Int, _ times: [Int]) -> Int {
    var low = 0, high = times.count
    while low < high {
      let middle = (low + high) / 2
      if times[middle] <= second { low = middle + 1 } else { high = middle }
    }
    return low
  }
  private func first() -> Period { periods[before ?? standard] }
  /// The period of any time of a zone with one offset.
  var only: Period { periods[standard] }

  func period(local second: Int, year: Int, fold: Int) -> Period {
    let times = fold == 0 ? local.first : local.second
    if let start = times.first, second < start { return first() }
    guard let last = times.last, second <= last else {
      return periods[rule.isDaylight(second, year: year, fold: fold) ? daylight : standard]
    }
    return periods[beginning[ZoneData.behind(second, times) - 1]]
  }
  func period(utc second: Int, year: Int) -> (Period, fold: Bool) {
    if let start = transitions.first, second < start { return (first(), false) }
    guard let last = transitions.last, second <= last else {
      let (isDaylight, twice) = rule.isDaylight(utc: second, year: year)
      let p = periods[isDaylight ? daylight : standard]
      guard let last = transitions.last else { return (p, twice) }
      // Just behind the last transition the fold lies between its periods, not between those of the rule.
      let previous = transitions.count == 1 ? first() : periods[beginning[transitions.count - 2]]
      return (p, twice || second - last < previous.offset - p.offset)
    }
    let i = ZoneData.behind(second, transitions)
    let p = periods[beginning[i - 1]], previous = i >= 2 ? periods[beginning[i - 2]] : first()
    return (p, previous.offset - p.offset > second - transitions[i - 1])
  }
}
