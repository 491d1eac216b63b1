// Putting strings together: +, +=, *, join.

import CGila
import GilaAlgorithms
import GilaCore
import Glibc

@c @implementation public func PyUnicode_Concat(_ a: Ref!, _ b: Ref!) -> Ref? {
  guard a.isUnicode else {
    return bridge { () throws(PyError) in
      throw typeError("must be str, not \(typeName(of: a))")
    }
  }
  guard b.isUnicode else {
    return bridge { () throws(PyError) in
      throw typeError("can only concatenate str (not \"\(typeName(of: b))\") to str")
    }
  }
  if a.strLength == 0 { return unchanged(b) }
  if b.strLength == 0 { return unchanged(a) }
  let (n, overflow) = a.strLength.addingReportingOverflow(b.strLength)
  if overflow {
    PyErr_SetString(Exc.OverflowError.object, "strings are too large to concat")
    return nil
  }
  guard let r = allocateString(n, max(a.strMaxChar, b.strMaxChar)) else { return nil }
  let width = r.strKind
  a.chars.copy(to: r.strData, targetWidth: width)
  b.chars.copy(to: r.strData + a.strLength &* width, targetWidth: width)
  return r
}

@c @implementation public func PyUnicode_Append(_ place: UnsafeMutablePointer<Ref?>!, _ right: Ref!) {
  guard let left = place.pointee else { return }
  guard let right, left.isUnicode, right.isUnicode else {
    clear(place)
    if errorIsSet { return }
    PyErr_BadInternalCall()
    return
  }
  if left.strLength == 0 || right.strLength == 0 || !isModifiable(left) || right.strMaxChar > left.strMaxChar
    || !left.strIsCompact || !right.isExactly(Types.unicode)
  {
    replace(place, with: PyUnicode_Concat(left, right))
    return
  }
  // Nobody else has the left one: grow it where it is.
  let (n, overflow) = left.strLength.addingReportingOverflow(right.strLength)
  let start = left.strLength
  if overflow {
    PyErr_SetString(Exc.OverflowError.object, "strings are too large to concat")
    clear(place)
    return
  }
  guard let grown = resizeCompact(left, n) else {
    clear(place)
    return
  }
  right.chars.copy(to: grown.strData + start &* grown.strKind, targetWidth: grown.strKind)
  place.pointee = grown
}

@c @implementation public func PyUnicode_AppendAndDel(_ place: UnsafeMutablePointer<Ref?>!, _ right: Ref!) {
  PyUnicode_Append(place, right)
  xdecref(right)
}

/// str * n
func repeated(_ s: Ref, _ times: Int) -> Ref? {
  if times < 1 || s.strLength == 0 { return gila_empty_str() }
  if times == 1 { return unchanged(s) }
  let (n, overflow) = s.strLength.multipliedReportingOverflow(by: times)
  if overflow {
    PyErr_SetString(Exc.OverflowError.object, "repeated string is too long")
    return nil
  }
  guard let r = allocateString(n, s.strMaxChar) else { return nil }
  repeatMemory(s.strData, s.strLength &* s.strKind, r.strData, times)
  return r
}

/// Fills `target` with `times` copies of the `n` bytes at `source`, doubling what is there.
func repeatMemory(_ source: UnsafeRawPointer, _ n: Int, _ target: UnsafeMutableRawPointer, _ times: Int) {
  if n == 0 || times <= 0 { return }
  let total = n &* times
  if n == 1 {
    memset(target, Int32(source.load(as: UInt8.self)), total)
    return
  }
  memcpy(target, source, n)
  var done = n
  while done < total {
    let part = min(done, total &- done)
    memcpy(target + done, target, part)
    done &+= part
  }
}

@c @implementation public func PyUnicode_Join(_ separator: Ref!, _ iterable: Ref!) -> Ref? {
  bridge { () throws(PyError) in
    let items = try owned(PySequence_Fast(iterable, "can only join an iterable"))
    return try join(separator, items.ref.fastItems, items.ref.size)
  }
}

extension UnsafeMutablePointer where Pointee == PyObject {
  /// The items of a list or tuple, as PySequence_Fast gives it.
  @inlinable @inline(__always) public var fastItems: UnsafeMutablePointer<Ref?> {
    isList
      ? cast(PyListObject.self).pointee.ob_item.unsafelyUnwrapped
      : (raw + 24).assumingMemoryBound(to: Ref?.self)
  }
}

/// Joins `count` str objects; a nil separator is a blank.
public func join(_ separator: Ref?, _ items: UnsafeMutablePointer<Ref?>, _ count: Int) throws(PyError) -> Owned {
  if count == 0 { return Owned(taking: gila_empty_str()) }
  if count == 1, let only = items[0], only.isExactly(Types.unicode) { return Owned(retaining: only) }
  let glue = separator ?? gila_latin1(32)
  if !glue.isUnicode { throw typeError("separator: expected str instance, \(typeName(of: glue)) found") }
  var total = 0
  var maxChar: UInt32 = count > 1 && glue.strLength > 0 ? glue.strMaxChar : 127
  for i in 0..<count {
    let item = items[i].unsafelyUnwrapped
    if !item.isUnicode { throw typeError("sequence item \(i): expected str instance, \(typeName(of: item)) found") }
    maxChar = max(maxChar, item.strMaxChar)
    let (sum, o1) = total.addingReportingOverflow(item.strLength)
    let (more, o2) = sum.addingReportingOverflow(i > 0 ? glue.strLength : 0)
    if o1 || o2 { throw overflowError("join() result is too long for a Python string") }
    total = more
  }
  let result = try owned(allocateString(total, maxChar))
  if total == 0 { return result }
  let width = result.ref.strKind
  var at = result.ref.strData
  let glueData = glue.chars
  if width == 1 {
    // Everything is a byte a character; most items are short.
    @inline(__always) func put(_ from: UnsafeRawPointer, _ n: Int) {
      switch n {
      case 0: return
      case 1: at.storeBytes(of: from.load(as: UInt8.self), as: UInt8.self)
      case 2, 3:
        at.storeBytes(of: from.load(as: UInt8.self), as: UInt8.self)
        at.storeBytes(
          of: from.loadUnaligned(fromByteOffset: n &- 2, as: UInt16.self), toByteOffset: n &- 2, as: UInt16.self)
      case 4...8:
        let last = from.loadUnaligned(fromByteOffset: n &- 4, as: UInt32.self)
        at.storeBytes(of: from.loadUnaligned(as: UInt32.self), as: UInt32.self)
        at.storeBytes(of: last, toByteOffset: n &- 4, as: UInt32.self)
      case 9...16:
        let last = from.loadUnaligned(fromByteOffset: n &- 8, as: UInt64.self)
        at.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
        at.storeBytes(of: last, toByteOffset: n &- 8, as: UInt64.self)
      default: at.copyMemory(from: from, byteCount: n)
      }
      at += n
    }
    for i in 0..<count {
      if i > 0 { put(glueData.base, glueData.count) }
      let data = items[i].unsafelyUnwrapped.chars
      put(data.base, data.count)
    }
    if total == 1 { return try owned(newCharacter(result.ref.chars[0])) }
    return result
  }
  for i in 0..<count {
    if i > 0, glueData.count > 0 {
      glueData.copy(to: at, targetWidth: width)
      at += glueData.count &* width
    }
    let data = items[i].unsafelyUnwrapped.chars
    data.copy(to: at, targetWidth: width)
    at += data.count &* width
  }
  if total == 1 { return try owned(newCharacter(result.ref.chars[0])) }
  return result
}
