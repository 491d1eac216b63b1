import GilaSyntax

/// Text of an annotation under `from __future__ import annotations`.
struct Unparser {
  static func text(_ value: Expr, names: NameTable) -> [UInt8] { Array("?".utf8) }
}
