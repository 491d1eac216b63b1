// _io.IncrementalNewlineDecoder: universal newlines on top of another decoder.

import CGila
import GilaAlgorithms
import GilaCore
import GilaText
import Glibc

private let signature = Signature("IncrementalNewlineDecoder", "(decoder, translate, errors='strict')")
private let decodeSignature = Signature("decode", "(input, final=False)")

private let sawCR: UInt8 = 1
private let sawLF: UInt8 = 2
private let sawCRLF: UInt8 = 4

/// Translates the newlines of decoded text; the decoder remembers a "\r" at the end until it knows what follows.
func translateNewlines(_ r: Ref, _ text: consuming Owned, final: Bool) throws(PyError) -> Owned {
  let d = r.newlineDecoder
  var output = text
  if d.pointee.pendingCR, final || output.ref.strLength > 0 {
    let cr = try owned(newCharacter(13))
    output = try owned(PyUnicode_Concat(cr.ref, output.ref))
    d.pointee.pendingCR = false
  }
  var chars = output.ref.chars
  if !final, chars.count > 0, chars[chars.count &- 1] == 13 {
    output = try owned(substring(output.ref, 0, chars.count &- 1))
    chars = output.ref.chars
    d.pointee.pendingCR = true
  }
  if chars.count == 0 { return output }
  // Without "\r" there is nothing to translate.
  let firstCR = chars.find(character: 13)
  if firstCR < 0 {
    if d.pointee.seen & sawLF == 0, chars.find(character: 10) >= 0 { d.pointee.seen |= sawLF }
    return output
  }
  var seen = d.pointee.seen
  if !d.pointee.translate {
    var i = 0
    while i < chars.count {
      let c = chars[i]
      if c == 10 {
        seen |= sawLF
      } else if c == 13 {
        if i &+ 1 < chars.count, chars[i &+ 1] == 10 {
          seen |= sawCRLF
          i &+= 1
        } else {
          seen |= sawCR
        }
      }
      i &+= 1
    }
    d.pointee.seen = seen
    return output
  }
  let result = try owned(allocateString(chars.count, output.ref.strMaxChar))
  let data = result.ref.strData
  let kind = result.ref.strKind
  var o = 0
  var i = 0
  while i < chars.count {
    var c = chars[i]
    i &+= 1
    if c == 10 {
      seen |= sawLF
    } else if c == 13 {
      if i < chars.count, chars[i] == 10 {
        seen |= sawCRLF
        i &+= 1
      } else {
        seen |= sawCR
      }
      c = 10
    }
    store(c, data, kind, o)
    o &+= 1
  }
  d.pointee.seen = seen
  return try owned(substring(result.ref, 0, o))
}

/// One step of decoding.
func decodeNewlines(_ r: Ref, _ input: Ref, final: Bool) throws(PyError) -> Owned {
  let d = r.newlineDecoder
  guard let decoder = d.pointee.decoder else { throw valueError("IncrementalNewlineDecoder.__init__() not called") }
  let text: Owned
  if decoder.isNone {
    text = Owned(retaining: input)
  } else {
    text = try callMethod(decoder, "decode", input, final ? pyTrue : pyFalse)
  }
  if !text.ref.isUnicode {
    throw typeError("decoder should return a string result, not '\(typeName(of: text.ref))'")
  }
  return try translateNewlines(r, text, final: final)
}

/// The newlines attribute: None, a str, or a tuple of them.
func newlinesSeen(_ seen: UInt8) throws(PyError) -> Owned {
  func text(_ bit: UInt8) throws(PyError) -> Owned {
    try string(bit == sawCR ? "\r" : bit == sawLF ? "\n" : "\r\n")
  }
  if seen == 0 { return Owned(taking: none) }
  if seen.nonzeroBitCount == 1 { return try text(seen) }
  let tuple = try owned(PyTuple_New(seen.nonzeroBitCount))
  var i = 0
  for bit in [sawCR, sawLF, sawCRLF] where seen & bit != 0 {
    PyTuple_SetItem(tuple.ref, i, try text(bit).take())
    i &+= 1
  }
  return tuple
}

/// A new decoder around `decoder` (None for text).
func newNewlineDecoder(_ decoder: Ref, translate: Bool) throws(PyError) -> Owned {
  try call(IOTypes.newlineDecoder.object, decoder, translate ? pyTrue : pyFalse)
}

enum NewlineDecoderType {
  fileprivate static func checkInitialized(_ r: Ref) throws(PyError) {
    if r.newlineDecoder.pointee.decoder == nil {
      throw valueError("IncrementalNewlineDecoder.__init__() not called")
    }
  }
  static func define() {
    let t = IOTypes.newlineDecoder
    t.define(
      "_io.IncrementalNewlineDecoder", basicSize: MemoryLayout<NewlineDecoderObject>.size, flags: streamFlags,
      doc:
        "IncrementalNewlineDecoder(decoder, translate, errors='strict')\n--\n\nCodec used when reading a file in universal newlines mode.\n\nIt wraps another incremental decoder, translating \\r\\n and \\r into \\n.\nIt also records the types of newlines encountered.  When used with\ntranslate=False, it ensures that the newline sequence is returned in\none piece. When used with decoder=None, it expects unicode strings as\ndecode input and translates newlines without first invoking an external\ndecoder."
    )
    t.pointee.tp_new = { PyType_GenericNew($0, $1, $2) }
    t.pointee.tp_init = { r, tuple, dict in
      bridgeStatus { () throws(PyError) in
        let b = try signature.bind(tuple: tuple, dict: dict)
        let d = r!.newlineDecoder
        let translate = try truth(b[1].unsafelyUnwrapped)
        replace(&d.pointee.decoder, with: newRef(b[0].unsafelyUnwrapped))
        replace(&d.pointee.errors, with: newRef((b[2] ?? gila_intern("strict"))!))
        d.pointee.translate = translate
        d.pointee.seen = 0
        d.pointee.pendingCR = false
      }
    }
    t.pointee.tp_dealloc = { r in
      PyObject_GC_UnTrack(r)
      clear(&r!.newlineDecoder.pointee.decoder)
      clear(&r!.newlineDecoder.pointee.errors)
      r!.type.pointee.tp_free(r)
    }
    t.pointee.tp_traverse = { r, visit, argument in
      if let d = r!.newlineDecoder.pointee.decoder {
        let status = visit!(d, argument)
        if status != 0 { return status }
      }
      if let e = r!.newlineDecoder.pointee.errors { return visit!(e, argument) }
      return 0
    }
    t.pointee.tp_clear = { r in
      clear(&r!.newlineDecoder.pointee.decoder)
      clear(&r!.newlineDecoder.pointee.errors)
      return 0
    }
    var m = MethodTable()
    m.keywords("decode", "($self, /, input, final=False)") { r, a, n, names in
      bridge { () throws(PyError) in
        let b = try decodeSignature.bind(a, n, names)
        let final = b[1] == nil ? false : try truth(b[1].unsafelyUnwrapped)
        return try decodeNewlines(r!, b[0].unsafelyUnwrapped, final: final)
      }
    }
    m.noArguments("getstate", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        try NewlineDecoderType.checkInitialized(r!)
        return try NewlineDecoderType.state(r!)
      }
    }
    m.one("setstate", "($self, state, /)") { r, state in
      bridgeNone { () throws(PyError) in
        try NewlineDecoderType.checkInitialized(r!)
        try NewlineDecoderType.setState(r!, state!)
      }
    }
    m.noArguments("reset", "($self, /)") { r, _ in
      bridge { () throws(PyError) in
        try NewlineDecoderType.checkInitialized(r!)
        let d = r!.newlineDecoder
        d.pointee.seen = 0
        d.pointee.pendingCR = false
        if let decoder = d.pointee.decoder, !decoder.isNone { return try callMethod(decoder, "reset") }
        return Owned(taking: none)
      }
    }
    t.pointee.tp_methods = m.build()
    var g = GetSetTable()
    g.add(
      "newlines", get: { r, _ in bridge { () throws(PyError) in try newlinesSeen(r!.newlineDecoder.pointee.seen) } })
    t.pointee.tp_getset = g.build()
  }

  private static func state(_ r: Ref) throws(PyError) -> Owned {
    let d = r.newlineDecoder
    let tuple = try owned(PyTuple_New(2))
    var flag = 0
    if let decoder = d.pointee.decoder, !decoder.isNone {
      let inner = try callMethod(decoder, "getstate")
      guard inner.ref.isTuple, inner.ref.size == 2 else { throw typeError("illegal decoder state") }
      PyTuple_SetItem(tuple.ref, 0, newRef(PyTuple_GetItem(inner.ref, 0)!))
      flag = PyLong_AsSsize_t(PyTuple_GetItem(inner.ref, 1))
      if flag == -1, errorIsSet { throw PyError() }
    } else {
      PyTuple_SetItem(tuple.ref, 0, try owned(allocateBytes(0)).take())
    }
    flag = flag &<< 1 | (d.pointee.pendingCR ? 1 : 0)
    PyTuple_SetItem(tuple.ref, 1, try number(flag).take())
    return tuple
  }

  private static func setState(_ r: Ref, _ state: Ref) throws(PyError) {
    guard state.isTuple else { throw typeError("state argument must be a tuple") }
    guard state.size == 2 else { throw typeError("setstate(): illegal state argument") }
    var flag = PyLong_AsSsize_t(PyTuple_GetItem(state, 1))
    if flag == -1, errorIsSet { throw PyError() }
    let d = r.newlineDecoder
    d.pointee.pendingCR = flag & 1 != 0
    flag = flag >> 1
    if let decoder = d.pointee.decoder, !decoder.isNone {
      let inner = try owned(PyTuple_New(2))
      PyTuple_SetItem(inner.ref, 0, newRef(PyTuple_GetItem(state, 0)!))
      PyTuple_SetItem(inner.ref, 1, try number(flag).take())
      _ = try callMethod(decoder, "setstate", inner.ref)
    }
  }
}
