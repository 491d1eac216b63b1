// The methods of array.array.

import CGila
import GilaCore
import Glibc

enum ArrayMethods {
  /// The place of the first equal item.
  static func find(_ a: Ref, _ v: Ref, _ start: Int, _ stop: Int) throws(PyError) -> Int? {
    var i = start
    while i < stop && i < Arrays.count(a) {
      let item = try Arrays.get(a, i)
      if try equal(item.ref, v) { return i }
      i += 1
    }
    return nil
  }

  static func table() -> UnsafeMutablePointer<PyMethodDef> {
    var m = MethodTable()
    addItemMethods(&m)
    addBulkMethods(&m)
    addCopyMethods(&m)
    return m.build()
  }

  private static func addItemMethods(_ m: inout MethodTable) {
    m.one("append", "($self, v, /)", "Append new value v to the end of the array.") { a, v in
      bridgeNone { () throws(PyError) in try Arrays.insert(a!, Arrays.count(a!), v!) }
    }
    m.positional("insert", "($self, i, v, /)", "Insert a new item v into the array before position i.") { a, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("insert", n, 2, 2)
        try Arrays.insert(a!, sizeValue(args![0]!), args![1]!)
      }
    }
    m.positional(
      "pop", "($self, i=-1, /)", "Return the i-th element and delete it from the array.\n\ni defaults to -1."
    ) { a, args, n in
      bridge { () throws(PyError) in
        try checkCount("pop", n, 0, 1)
        var i = n == 0 ? -1 : try sizeValue(args![0]!)
        let size = Arrays.count(a!)
        if size == 0 { throw indexError("pop from empty array") }
        if i < 0 { i += size }
        if i < 0 || i >= size { throw indexError("pop index out of range") }
        let v = try Arrays.get(a!, i)
        try Arrays.remove(a!, i, i + 1)
        return v
      }
    }
    m.one("remove", "($self, v, /)", "Remove the first occurrence of v in the array.") { a, v in
      bridgeNone { () throws(PyError) in
        guard let i = try ArrayMethods.find(a!, v!, 0, .max) else {
          throw valueError("array.remove(x): x not in array")
        }
        try Arrays.remove(a!, i, i + 1)
      }
    }
    m.positional(
      "index", "($self, v, start=0, stop=sys.maxsize, /)",
      "Return index of first occurrence of v in the array.\n\nRaise ValueError if the value is not present."
    ) { a, args, n in
      bridge { () throws(PyError) in
        try checkCount("index", n, 1, 3)
        var (start, stop) = (0, Int.max)
        if n > 1 && _PyEval_SliceIndexNotNone(args![1], &start) == 0 { throw PyError() }
        if n > 2 && _PyEval_SliceIndexNotNone(args![2], &stop) == 0 { throw PyError() }
        if start < 0 { start = max(start + Arrays.count(a!), 0) }
        if stop < 0 { stop += Arrays.count(a!) }
        guard let i = try ArrayMethods.find(a!, args![0]!, start, stop) else {
          throw valueError("array.index(x): x not in array")
        }
        return try int(i)
      }
    }
    m.one("count", "($self, v, /)", "Return number of occurrences of v in the array.") { a, v in
      bridge { () throws(PyError) in
        var (n, at) = (0, 0)
        while let i = try ArrayMethods.find(a!, v!, at, .max) {
          n += 1
          at = i + 1
        }
        return try int(n)
      }
    }
    m.noArguments("reverse", "($self, /)", "Reverse the order of the items in the array.") { a, _ in
      let size = Arrays.kind(a!).size
      var (i, j) = (0, Arrays.count(a!) - 1)
      while i < j {
        let (p, q) = (Arrays.place(a!, i), Arrays.place(a!, j))
        for k in 0..<size {
          let byte = p.load(fromByteOffset: k, as: UInt8.self)
          p.storeBytes(of: q.load(fromByteOffset: k, as: UInt8.self), toByteOffset: k, as: UInt8.self)
          q.storeBytes(of: byte, toByteOffset: k, as: UInt8.self)
        }
        i += 1
        j -= 1
      }
      return none
    }
    m.noArguments("clear", "($self, /)", "Remove all items from the array.") { a, _ in
      bridgeNone { () throws(PyError) in try Arrays.resize(a!, 0) }
    }
    m.noArguments(
      "byteswap", "($self, /)",
      "Byteswap all items of the array.\n\nIf the items in the array are not 1, 2, 4, or 8 bytes in size, RuntimeError is\nraised."
    ) { a, _ in
      Arrays.swapBytes(a!)
      return none
    }
    m.noArguments(
      "buffer_info", "($self, /)",
      "Return a tuple (address, length) giving the current memory address and the length in items of the buffer used to hold array's contents.\n\nThe length should be multiplied by the itemsize attribute to calculate\nthe buffer length in bytes."
    ) { a, _ in
      bridge { () throws(PyError) in
        try pair(owned(PyLong_FromVoidPtr(Arrays.memory(a!))), int(Arrays.count(a!)))
      }
    }
  }

  private static func addBulkMethods(_ m: inout MethodTable) {
    m.one("extend", "($self, bb, /)", "Append items to the end of the array.") { a, source in
      bridgeNone { () throws(PyError) in try Arrays.extend(a!, source!) }
    }
    m.one("fromlist", "($self, list, /)", "Append items to array from list.") { a, list in
      bridgeNone { () throws(PyError) in
        if !list!.isList { throw typeError("arg must be list") }
        let before = Arrays.count(a!)
        let n = list!.size
        try Arrays.resize(a!, before + n)
        for i in 0..<n {
          do throws(PyError) {
            try Arrays.set(a!, before + i, list!.fastItems[i]!)
          } catch {
            try Arrays.resize(a!, before)
            throw error
          }
          if list!.size != n { throw runtimeError("list changed size during iteration") }
        }
      }
    }
    m.noArguments("tolist", "($self, /)", "Convert array to an ordinary list with the same items.") { a, _ in
      bridge { () throws(PyError) in try Arrays.list(a!) }
    }
    m.one(
      "frombytes", "($self, buffer, /)",
      "Appends items from the string, interpreting it as an array of machine values, as if it had been read from a file using the fromfile() method."
    ) { a, source in
      bridgeNone { () throws(PyError) in
        let buffer = try Buffer(source!)
        if buffer.view.itemsize != 1 { throw typeError("a bytes-like object is required") }
        try Arrays.appendBytes(a!, buffer.view.buf, buffer.count)
      }
    }
    m.noArguments(
      "tobytes", "($self, /)", "Convert the array to an array of machine values and return the bytes representation."
    ) { a, _ in
      bridge { () throws(PyError) in try ArrayMethods.bytesOf(a!) }
    }
    m.positional(
      "fromfile", "($self, f, n, /)", "Read n objects from the file object f and append them to the end of the array."
    ) { a, args, n in
      bridgeNone { () throws(PyError) in
        try checkCount("fromfile", n, 2, 2)
        let count = try sizeValue(args![1]!)
        if count < 0 { throw valueError("negative count") }
        let (size, overflow) = count.multipliedReportingOverflow(by: Arrays.kind(a!).size)
        if overflow { throw memoryError() }
        let read = try owned(PyObject_GetAttrString(args![0], "read"))
        let length = try int(size)
        let data = try owned(PyObject_CallOneArg(read.ref, length.ref))
        if !data.ref.isBytes { throw typeError("read() didn't return bytes") }
        try Arrays.appendBytes(a!, data.ref.raw + 32, data.ref.size)
        if data.ref.size != size { throw raise(Exc.EOFError, "read() didn't return enough bytes") }
      }
    }
    m.one("tofile", "($self, f, /)", "Write all items (as machine values) to the file object f.") { a, file in
      bridgeNone { () throws(PyError) in
        let write = try owned(PyObject_GetAttrString(file, "write"))
        let total = Arrays.count(a!) * Arrays.kind(a!).size
        let block = 64 * 1024
        var at = 0
        while at < total {
          let n = min(block, Arrays.count(a!) * Arrays.kind(a!).size - at)
          if n <= 0 { break }
          let memory = Arrays.memory(a!).unsafelyUnwrapped + at
          let piece = try owned(PyBytes_FromStringAndSize(memory.assumingMemoryBound(to: CChar.self), n))
          _ = try owned(PyObject_CallOneArg(write.ref, piece.ref))
          at += block
        }
      }
    }
    m.one(
      "fromunicode", "($self, ustr, /)",
      "Extends this array with data from the unicode string ustr.\n\nThe array must be a unicode type array; otherwise a ValueError is raised.\nUse array.frombytes(ustr.encode(...)) to append Unicode data to an array of\nsome other type."
    ) { a, s in
      bridgeNone { () throws(PyError) in
        if !s!.isUnicode { throw typeError("fromunicode() argument must be str, not \(typeName(of: s!))") }
        if !Arrays.kind(a!).isText {
          throw valueError("fromunicode() may only be called on unicode type arrays ('u' or 'w')")
        }
        try Arrays.appendText(a!, s!)
      }
    }
    m.noArguments(
      "tounicode", "($self, /)",
      "Extends this array with data from the unicode string ustr.\n\nConvert the array to a unicode string.  The array must be a unicode type array;\notherwise a ValueError is raised.  Use array.tobytes().decode() to obtain a\nunicode string from an array of some other type."
    ) { a, _ in
      bridge { () throws(PyError) in
        if !Arrays.kind(a!).isText {
          throw valueError("tounicode() may only be called on unicode type arrays ('u' or 'w')")
        }
        return try Arrays.text(a!)
      }
    }
  }

  static func bytesOf(_ a: Ref) throws(PyError) -> Owned {
    let n = Arrays.count(a) * Arrays.kind(a).size
    return try owned(PyBytes_FromStringAndSize(Arrays.memory(a)?.assumingMemoryBound(to: CChar.self), n))
  }

  private static func copy(_ a: Ref) throws(PyError) -> Owned {
    let r = try Arrays.make(ArrayType.type, Arrays.kind(a), 0)
    try Arrays.extend(r.ref, a)
    return r
  }

  private static func addCopyMethods(_ m: inout MethodTable) {
    m.noArguments("__copy__", "($self, /)", "Return a copy of the array.") { a, _ in
      bridge { () throws(PyError) in try ArrayMethods.copy(a!) }
    }
    m.one("__deepcopy__", "($self, unused, /)", "Return a copy of the array.") { a, _ in
      bridge { () throws(PyError) in try ArrayMethods.copy(a!) }
    }
    m.noArguments("__sizeof__", "($self, /)", "Size of the array in memory, in bytes.") { a, _ in
      PyLong_FromSsize_t(a!.type.pointee.tp_basicsize + a!.word(2).pointee * Arrays.kind(a!).size)
    }
    m.one("__reduce_ex__", "($self, value, /)", "Return state information for pickling.") { a, v in
      bridge { () throws(PyError) in try ArrayMethods.reduce(a!, v!) }
    }
    m.one("__class_getitem__", "", "See PEP 585", flags: METH_CLASS) { cls, item in Py_GenericAlias(cls, item) }
  }

  private static func reduce(_ a: Ref, _ version: Ref) throws(PyError) -> Owned {
    if !version.isLong { throw typeError("__reduce_ex__ argument should be an integer") }
    let protocolNumber = try intArgument(version)
    var dict: Ref? = nil
    try check(PyObject_GetOptionalAttrString(a, "__dict__", &dict))
    let state = Owned(taking: dict ?? none)
    let kind = Arrays.kind(a)
    let code = try owned(PyUnicode_FromOrdinal(Int32(kind.code)))
    if protocolNumber < 3 {
      return try triple(classOf(a), pair(code, Arrays.list(a)), state)
    }
    let module = try owned(PyImport_ImportModule("array"))
    let reconstruct = try owned(PyObject_GetAttrString(module.ref, "_array_reconstructor"))
    let args = try owned(PyTuple_New(4))
    args.ref.tupleItems[0] = newRef(a.type.object)
    args.ref.tupleItems[1] = code.take()
    args.ref.tupleItems[2] = try int(kind.machineFormat).take()
    args.ref.tupleItems[3] = try bytesOf(a).take()
    return try triple(reconstruct, args, state)
  }
}
