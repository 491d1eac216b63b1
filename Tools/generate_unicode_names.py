#!/usr/bin/env python3.13
"""Writes the tables of the module unicodedata (names, decompositions, what differs in Unicode 3.2) as Swift literals.

Run with CPython 3.13 (the oracle):  python3.13 Tools/generate_unicode_names.py

As in generate_unicode_tables.py the facts come from the running interpreter, and every table is written in bytes below
128. A name is a row of word numbers and ends with a space; see `word` for how a number is written.
"""
import collections
import ctypes
import os
import unicodedata as ucd

from unicode_literals import digits, literal, BIDI, CATEGORIES, WIDTHS

assert ucd.unidata_version == "15.1.0", "needs CPython 3.13"
old = ucd.ucd_3_2_0
N = 0x110000


class Access(ctypes.Structure):
    """The capsule through which CPython's decoders reach names, aliases and named sequences."""
    _fields_ = [("name", ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_int, ctypes.c_int)),
                ("code", ctypes.c_void_p)]


get = ctypes.pythonapi.PyCapsule_GetPointer
get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
access = Access.from_address(get(ucd._ucnhash_CAPI, b"unicodedata._ucnhash_CAPI"))


def extra_names(start):
    """Names of the private code points that stand for aliases or for named sequences."""
    found = []
    buffer = ctypes.create_string_buffer(300)
    while access.name(start + len(found), buffer, 300, 1):
        found.append(buffer.value.decode())
    return found


# Names. Ideographs and Hangul syllables are computed, everything else is spelled.
names, ideographs = [], []
for c in range(N):
    name = ucd.name(chr(c), "")
    if name == f"CJK UNIFIED IDEOGRAPH-{c:X}":
        if ideographs and ideographs[-1][1] == c - 1:
            ideographs[-1][1] = c
        else:
            ideographs.append([c, c])
    elif name and not 0xAC00 <= c <= 0xD7A3:
        names.append((c, name))
extra = [n for n in extra_names(0xF0000) if n] + [n for n in extra_names(0xF0200) if n]
spelled = [n for _, n in names] + extra
count = collections.Counter(w for n in spelled for w in n.split(" "))
words = sorted(count, key=lambda w: (-count[w], w))
number = {w: i for i, w in enumerate(words)}


def word(n):
    """Digits to the base 92, most significant first: below 44 one, 44..<90 lead two and 90, 91 lead three.

    A digit is a printable character, so that the literal needs no escapes."""
    if n < 44:
        values = [n]
    elif n < 44 + 46 * 92:
        n -= 44
        values = [44 + n // 92, n % 92]
    else:
        n -= 44 + 46 * 92
        values = [90 + n // 8464, n // 92 % 92, n % 92]
    assert values[0] < 92
    return bytes(33 + v + (v >= 1) + (v >= 58) for v in values)


GROUP = 32
text, starts = b"", b""
for i, n in enumerate(spelled):
    if i % GROUP == 0:
        starts += digits(len(text), 3)
    text += b"".join(word(number[w]) for w in n.split(" ")) + b" "
runs = []
for i, (c, _) in enumerate(names):
    if runs and runs[-1][0] + runs[-1][1] == c:
        runs[-1][1] += 1
    else:
        runs.append([c, 1, i])
run_blob = b"".join(digits(c, 3) + digits(n, 3) + digits(i, 3) for c, n, i in runs)
ideograph_blob = b"".join(digits(a, 3) + digits(b, 3) for a, b in ideographs)
extra_blob = b"".join(digits(len(v), 1) + b"".join(digits(ord(x), 3) for x in v.ljust(4, "\0"))
                      for v in map(ucd.lookup, extra))
alias_count = sum(len(ucd.lookup(n)) == 1 for n in extra)

# Decompositions: code point, tag, number of characters, place of the first in the row of characters.
tags, rows, targets = [""], b"", b""
decomposed = [c for c in range(N) if ucd.decomposition(chr(c))]
for c in decomposed:
    parts = ucd.decomposition(chr(c)).split()
    tag = parts.pop(0) if parts[0].startswith("<") else ""
    if tag not in tags:
        tags.append(tag)
    composed = not tag and len(parts) == 2 and ucd.normalize("NFC", "".join(chr(int(p, 16)) for p in parts)) == chr(c)
    rows += digits(c, 3) + digits(tags.index(tag) | composed << 6, 1) + digits(len(parts), 1) + digits(len(targets) // 3, 3)
    targets += b"".join(digits(int(p, 16), 3) for p in parts)

# Unicode 3.2: runs of code points whose properties differ, with what they were.
changes = []
for c in range(N):
    ch = chr(c)
    now, then = ([d.category(ch), d.bidirectional(ch), d.east_asian_width(ch), d.mirrored(ch), d.decimal(ch, 15)]
                 for d in (ucd, old))
    if now != then:
        if changes and changes[-1][0] + changes[-1][1] == c and changes[-1][2] == then:
            changes[-1][1] += 1
        else:
            changes.append([c, 1, then])
    elif then[0] != "Cn":
        assert old.numeric(ch, None) == ucd.numeric(ch, None) and old.combining(ch) == ucd.combining(ch)
        assert old.decomposition(ch) == ucd.decomposition(ch) and old.name(ch, "") == ucd.name(ch, "")
change_blob = b"".join(
    digits(c, 3) + digits(n, 3) + bytes([CATEGORIES.index(v[0]), BIDI.index(v[1]), WIDTHS.index(v[2]), v[3], v[4]])
    for c, n, v in changes)
corrected = [c for c in decomposed if old.category(chr(c)) != "Cn" and old.normalize("NFD", chr(c)) != ucd.normalize("NFD", chr(c))]
correction_blob = b"".join(digits(c, 3) + digits(ord(old.normalize("NFD", chr(c))), 3) for c in corrected)

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Sources/GilaModulesData/Unicodedata")


def write(file, type, about, numbers, blobs):
    with open(os.path.join(folder, file), "w") as f:
        f.write("// swift-format-ignore-file\n"
                "// Generated by Tools/generate_unicode_names.py from CPython 3.13 (Unicode 15.1). Do not edit.\n\n"
                f"/// {about}\nenum {type} {{\n")
        for name, value in numbers:
            f.write(f"  static let {name} = {value}\n")
        for name, about, blob in blobs:
            f.write(f"\n  /// {about} {len(blob)} bytes.\n  static let {name}: StaticString = {literal(blob)}\n")
        f.write("}\n")


write("NameTables.swift", "NameTables", "The names of characters, compressed by words.",
      [("nameCount", len(names)), ("spelledCount", len(spelled)), ("aliasCount", alias_count), ("group", GROUP),
       ("wordCount", len(words)), ("runCount", len(runs)), ("ideographRunCount", len(ideographs))],
      [("words", "All words, most frequent first, each with a newline behind.", "".join(w + "\n" for w in words).encode()),
       ("text", "The names: of the characters in their order, then the aliases and the named sequences.", text),
       ("starts", "Where every `group`-th name starts.", starts),
       ("runs", "Runs of named characters: first, count, number of the first name.", run_blob),
       ("ideographs", "Runs of unified ideographs: first, last.", ideograph_blob),
       ("extra", "What aliases and named sequences stand for: count and four characters.", extra_blob)])
write("DecompositionTables.swift", "DecompositionTables", "Decompositions, and what was different in Unicode 3.2.",
      [("count", len(decomposed)), ("changeCount", len(changes)), ("correctionCount", len(corrected))],
      [("rows", "Code point (3), tag and bit 6 if it is composed again (1), count (1), place (3).", rows),
       ("targets", "The characters of all decompositions.", targets),
       ("changes", "Unicode 3.2: first (3), count (3), category, class, width, mirrored, decimal or 15.", change_blob),
       ("corrections", "Unicode 3.2: code point, what it was decomposed to.", correction_blob)])
print("tags", tags)
print(len(names), "names", len(words), "words", len(text), "bytes of text", len(runs), "runs", len(extra), "extra",
      len(decomposed), "decompositions", len(changes), "changes")
assert max(len(n) for n in spelled) < 256
