#!/usr/bin/env python3.13
"""Writes Sources/GilaAlgorithms/Text/UnicodeTables.swift from CPython 3.13's Unicode 15.1 database.

Run with CPython 3.13 (the oracle):  python3.13 Tools/generate_unicode_tables.py

The facts come from the public interfaces of the running interpreter (unicodedata, str methods, the C functions
_PyUnicode_*), so the tables agree with the oracle by construction. A Swift StaticString must be valid UTF-8, hence every
table is written in bytes below 128: a number takes as many 7-bit digits, least significant first, as its field needs.
"""
import ctypes
import os
import unicodedata

from unicode_literals import digits, literal, BIDI, CATEGORIES, WIDTHS

assert unicodedata.unidata_version == "15.1.0", "needs CPython 3.13"
api = ctypes.pythonapi
N = 0x110000
BLOCK = 7


def cfunc(name, restype=ctypes.c_int):
    f = getattr(api, name)
    f.argtypes = [ctypes.c_uint32]
    f.restype = restype
    return f


FLAGS = ["alpha", "decimal", "digit", "numeric", "space", "printable", "upper", "lower", "title", "cased",
         "caseIgnorable", "xidStart", "xidContinue", "lineBreak", "special", "mirrored"]
FLAG_FUNCS = {
    "alpha": cfunc("_PyUnicode_IsAlpha"), "decimal": cfunc("_PyUnicode_IsDecimalDigit"),
    "digit": cfunc("_PyUnicode_IsDigit"), "numeric": cfunc("_PyUnicode_IsNumeric"),
    "space": cfunc("_PyUnicode_IsWhitespace"), "printable": cfunc("_PyUnicode_IsPrintable"),
    "upper": cfunc("_PyUnicode_IsUppercase"), "lower": cfunc("_PyUnicode_IsLowercase"),
    "title": cfunc("_PyUnicode_IsTitlecase"), "lineBreak": cfunc("_PyUnicode_IsLinebreak"),
}
# These four have no exported function: watch what str methods do beside the character.
FLAG_FUNCS["cased"] = lambda c: (chr(c) + "a").title()[-1] == "a"
FLAG_FUNCS["caseIgnorable"] = lambda c: (("A\u03a3" + chr(c)).lower()[1] == "\u03c2"
                                         and ("A\u03a3" + chr(c) + "A").lower()[1] == "\u03c3")
FLAG_FUNCS["xidStart"] = lambda c: c != 0x5F and chr(c).isidentifier()
FLAG_FUNCS["xidContinue"] = lambda c: ("a" + chr(c)).isidentifier()
to_upper = cfunc("_PyUnicode_ToUppercase", ctypes.c_uint32)
to_lower = cfunc("_PyUnicode_ToLowercase", ctypes.c_uint32)
to_title = cfunc("_PyUnicode_ToTitlecase", ctypes.c_uint32)


def signed(value, count):
    return digits(value & ((1 << (7 * count)) - 1), count)


def record_of(c):
    ch = chr(c)
    flags = 0
    for bit, name in enumerate(FLAGS):
        if name == "special":
            low, up, ti, fo = ch.lower(), ch.upper(), ch.title(), ch.casefold()
            on = (up != chr(to_upper(c)) or ti != chr(to_title(c)) or fo != chr(to_lower(c))
                  or (low != chr(to_lower(c)) and c != 0x3A3))
            if on:
                special.append((c, low, up, ti, fo))
        elif name == "mirrored":
            on = unicodedata.mirrored(ch)
        else:
            on = FLAG_FUNCS[name](c)
        flags |= bool(on) << bit
    digit = unicodedata.digit(ch, 15)
    decimal = unicodedata.decimal(ch, 15)
    if FLAG_FUNCS["numeric"](c):
        value = unicodedata.numeric(ch)
        if digit == 15 or value != digit:
            numeric.append((c, value))
    return (digits(flags, 3) + digits(CATEGORIES.index(unicodedata.category(ch)), 1)
            + digits(BIDI.index(unicodedata.bidirectional(ch)), 1) + digits(unicodedata.combining(ch), 2)
            + digits(WIDTHS.index(unicodedata.east_asian_width(ch)), 1)
            + signed(to_upper(c) - c, 3) + signed(to_lower(c) - c, 3) + signed(to_title(c) - c, 3)
            + digits(decimal, 1) + digits(digit, 1))


special, numeric = [], []
records, record_index = [], {}
index = []
for c in range(N):
    r = record_of(c)
    if r not in record_index:
        record_index[r] = len(records)
        records.append(r)
    index.append(record_index[r])

blocks, block_index, stage1 = [], {}, []
for start in range(0, N, 1 << BLOCK):
    b = tuple(index[start:start + (1 << BLOCK)])
    if b not in block_index:
        block_index[b] = len(blocks)
        blocks.append(b)
    stage1.append(block_index[b])

stage1_blob = b"".join(digits(i, 2) for i in stage1)
stage2_blob = b"".join(digits(i, 2) for b in blocks for i in b)
record_blob = b"".join(records)

# Special casing: code point (3), then four mappings lower, upper, title, fold, each three slots of 3 digits (0: unused).
special_blob = b""
for c, *maps in special:
    special_blob += digits(c, 3)
    for m in maps:
        assert 1 <= len(m) <= 3
        for i in range(3):
            special_blob += digits(ord(m[i]) if i < len(m) else 0, 3)

# Numeric values that are no digit: code point (3), sign (1), numerator (8), denominator (2).
from fractions import Fraction
numeric_blob = b""
for c, value in numeric:
    f = Fraction(value).limit_denominator(1000)
    assert f.numerator / f.denominator == value, (hex(c), value)
    numeric_blob += digits(c, 3) + digits(f < 0, 1) + digits(abs(f.numerator), 8) + digits(f.denominator, 2)

out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Sources/GilaAlgorithms/Text/UnicodeTables.swift")
with open(out, "w") as f:
    f.write("// swift-format-ignore-file\n"
            "// Generated by Tools/generate_unicode_tables.py from CPython 3.13 (Unicode 15.1). Do not edit.\n"
            "// Every number is written in 7-bit digits, least significant first; see the generator.\n\n"
            "enum UnicodeTables {\n"
            f"  static let recordSize = {len(records[0])}\n"
            f"  static let specialCount = {len(special)}\n"
            f"  static let specialSize = {len(special_blob) // len(special)}\n"
            f"  static let numericCount = {len(numeric)}\n"
            f"  static let numericSize = {len(numeric_blob) // len(numeric)}\n\n")
    for name, blob in [("stage1", stage1_blob), ("stage2", stage2_blob), ("records", record_blob),
                       ("special", special_blob), ("numeric", numeric_blob)]:
        f.write(f"  /// {len(blob)} bytes.\n  static let {name}: StaticString = {literal(blob)}\n\n")
    f.write("}\n")
print(len(records), "records", len(blocks), "blocks", len(special), "special", len(numeric), "numeric")
