import CGila
import GilaCore
import Glibc

/// `PyArg_Parse*`: C variables filled from Python arguments by a format string.
///
/// Positional and keyword variants walk the same format; `Converter` converts one unit. What was acquired (buffers,
/// encoded strings) is given back when a later unit fails.
struct ArgumentParser {
  typealias Format = UnsafePointer<CChar>
  typealias Variables = UnsafeMutablePointer<gila_va>

  /// What the format says beside its units.
  struct Shape {
    var least = Int.max, most = 0, positional = Int.max
    var function: String? = nil
    var message: String? = nil

    init(_ format: Format) {
      var p = format
      var depth = 0
      scan: while p.pointee != 0 {
        let c = UInt8(bitPattern: p.pointee)
        p += 1
        switch c {
        case UInt8(ascii: "("):
          if depth == 0 { most += 1 }
          depth += 1
        case UInt8(ascii: ")"): depth -= 1
        case UInt8(ascii: ":"):
          function = String(cString: p)
          break scan
        case UInt8(ascii: ";"):
          message = String(cString: p)
          break scan
        case UInt8(ascii: "|"): if depth == 0 && least == Int.max { least = most }
        case UInt8(ascii: "$"): if depth == 0 && positional == Int.max { positional = most }
        case UInt8(ascii: "e"):
          if depth == 0 { most += 1 }
          if p.pointee != 0 { p += 1 }
        default: if depth == 0 && isalpha(Int32(c)) != 0 { most += 1 }
        }
      }
      least = min(least, most)
      positional = min(positional, most)
    }
    var called: String { function.map { "\($0)()" } ?? "function" }
  }

  /// Positional arguments only. `count` -1: one argument that is the object itself (`PyArg_Parse`).
  static func positional(_ args: UnsafePointer<Ref?>, _ count: Int, _ format: Format, _ variables: Variables)
    throws(PyError)
  {
    let shape = Shape(format)
    let n = count < 0 ? 1 : count
    if count >= 0 && (n < shape.least || n > shape.most) {
      if let message = shape.message { throw typeError(message) }
      let bound = n < shape.least ? shape.least : shape.most
      let word = shape.least == shape.most ? "exactly" : n < shape.least ? "at least" : "at most"
      throw typeError("\(shape.called) takes \(word) \(bound) argument\(bound == 1 ? "" : "s") (\(n) given)")
    }
    if count < 0 && shape.most == 0 { return }
    var converter = ArgumentConverter(format, variables)
    do throws(PyError) {
      for i in 0..<n {
        converter.skipMarks()
        try converter.convert(args[i].unsafelyUnwrapped)
      }
    } catch {
      converter.failed(shape, count < 0 ? 0 : converter.index)
      throw error
    }
  }

  /// Positional and keyword arguments; `names` ends with NULL, the empty ones are positional-only.
  static func keywords(
    _ args: UnsafePointer<Ref?>, _ n: Int, _ dict: Ref?, _ format: Format,
    _ names: UnsafePointer<UnsafePointer<CChar>?>, _ variables: Variables
  ) throws(PyError) {
    let shape = Shape(format)
    var total = 0, positionalOnly = 0
    while let name = names[total] {
      if name.pointee == 0 { positionalOnly = total + 1 }
      total += 1
    }
    let given = dict.map { PyDict_Size($0) } ?? 0
    if n + given > total {
      throw typeError(
        "\(shape.called) takes \(shape.least < total ? "at most" : "exactly") \(total) \(n == 0 ? "keyword " : "")argument\(total == 1 ? "" : "s") (\(n + given) given)"
      )
    }
    if n > shape.positional {
      if shape.positional == 0 { throw typeError("\(shape.called) takes no positional arguments") }
      let most = shape.positional
      throw typeError(
        "\(shape.called) takes \(shape.least < most ? "at most" : "exactly") \(most) positional argument\(most == 1 ? "" : "s") (\(n) given)"
      )
    }
    var converter = ArgumentConverter(format, variables)
    var used = 0
    do throws(PyError) {
      for i in 0..<total {
        converter.skipMarks()
        if converter.atEnd {
          throw systemError("More keyword list entries (\(total)) than format specifiers (\(i))")
        }
        if i < n {
          try converter.convert(args[i].unsafelyUnwrapped)
          continue
        }
        let name = names[i].unsafelyUnwrapped
        if given > 0, i >= positionalOnly, let value = PyDict_GetItemString(dict, name) {
          used += 1
          try converter.convert(value)
          continue
        }
        if i < shape.least {
          if i < positionalOnly {
            let bound = min(positionalOnly, shape.least)
            throw typeError(
              "\(shape.called) takes \(bound < shape.positional ? "at least" : "exactly") \(bound) positional argument\(bound == 1 ? "" : "s") (\(n) given)"
            )
          }
          throw typeError("\(shape.called) missing required argument '\(String(cString: name))' (pos \(i + 1))")
        }
        // Nothing required follows: without further keywords the rest of the format is left alone.
        if used == given { break }
        converter.skip()
      }
    } catch {
      converter.failed(shape, converter.index)
      throw error
    }
    if used < given {
      let error = unexpected(shape, dict!, n, total, positionalOnly, names)
      converter.release()
      throw error
    }
  }
  private static func unexpected(
    _ shape: Shape, _ dict: Ref, _ n: Int, _ total: Int, _ positionalOnly: Int,
    _ names: UnsafePointer<UnsafePointer<CChar>?>
  ) -> PyError {
    for i in positionalOnly..<max(min(n, total), positionalOnly) {
      if let name = names[i], PyDict_GetItemString(dict, name) != nil {
        return typeError(
          "argument for \(shape.called) given by name ('\(String(cString: name))') and position (\(i + 1))")
      }
    }
    var position = 0
    var key: Ref? = nil
    while PyDict_Next(dict, &position, &key, nil) != 0 {
      guard let key, key.isUnicode else { return typeError("keywords must be strings") }
      var known = false
      for i in positionalOnly..<total where PyUnicode_EqualToUTF8(key, names[i]) != 0 { known = true }
      if !known {
        return typeError(
          "\(shape.function.map { "\($0)()" } ?? "this function") got an unexpected keyword argument '\(swiftString(key))'"
        )
      }
    }
    return typeError("invalid keyword argument for \(shape.called)")
  }
}

@c @implementation public func gila_arg_parse(
  _ args: UnsafePointer<Ref?>!, _ n: Int, _ dict: Ref!, _ names: Ref!, _ format: UnsafePointer<CChar>!,
  _ keywords: UnsafePointer<UnsafePointer<CChar>?>!, _ variables: UnsafeMutablePointer<gila_va>!
) -> Int32 {
  do throws(PyError) {
    if let keywords {
      try ArgumentParser.keywords(args, n, dict, format, keywords, variables)
    } else {
      try ArgumentParser.positional(args, n, format, variables)
    }
    return 1
  } catch { return 0 }
}
@c @implementation public func gila_unpack_check(
  _ args: Ref!, _ name: UnsafePointer<CChar>!, _ least: Int, _ most: Int
) -> Int32 {
  bridgeStatus { () throws(PyError) in
    guard let args, args.isTuple else { throw systemError("PyArg_UnpackTuple() argument list is not a tuple") }
    let n = args.size
    if n >= least && n <= most { return }
    let bound = n < least ? least : most
    let word = least == most ? "" : n < least ? "at least " : "at most "
    let named = name.map { String(cString: $0) }
    throw typeError(
      "\(named ?? "unpacked tuple") \(named == nil ? "should have" : "expected") \(word)\(bound) \(named == nil ? "element" : "argument")\(bound == 1 ? "" : "s"),\(named == nil ? " but has" : " got") \(n)"
    )
  }
}
