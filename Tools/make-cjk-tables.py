#!/usr/bin/env python3
"""Writes Sources/GilaModulesCJK/Tables.swift: what the East Asian encodings map, asked of a CPython 3.13's codecs.

    usage: make-cjk-tables.py OUTPUT

For each encoding the tables list, in code order, what every byte sequence means, as differences; then the characters
that encode to something else than what decodes to them. All of it is packed with LZMA, which finds what encodings
have in common.
"""
import base64
import lzma
import sys

NAMES = ["gb2312", "gbk", "gb18030", "big5", "cp950", "big5hkscs", "euc_kr", "cp949", "johab", "shift_jis", "cp932",
         "euc_jp", "shift_jis_2004", "shift_jisx0213", "euc_jis_2004", "euc_jisx0213"]
NONE = 0


def number(n):
    """A number in groups of seven bits, least significant first."""
    out = bytearray()
    while True:
        out.append((n & 127) | (128 if n > 127 else 0))
        n >>= 7
        if not n:
            return bytes(out)


def decode(name, data):
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def is_lead(name, data):
    """Whether more bytes may follow."""
    try:
        data.decode(name)
        return False
    except UnicodeDecodeError as e:
        return e.reason.startswith("incomplete")


def rows(name, prefix, pairs):
    """All sequences prefix + lead + trail, by lead: {lead: [value of trail 0..255]}."""
    table = {}
    for lead in range(256):
        if not is_lead(name, prefix + bytes([lead])) and prefix == b"":
            continue
        row = []
        for trail in range(256):
            text = decode(name, prefix + bytes([lead, trail]))
            # The second byte may have been a character of its own behind an invalid one: that raises, so text is whole.
            if text is None or len(text) > 2:
                row.append(NONE)
            elif len(text) == 2:
                if ord(text[1]) < 128 or prefix == b"" and not is_lead(name, bytes([lead])):
                    row.append(NONE)
                else:
                    if text not in pairs:
                        pairs.append(text)
                    row.append(0x110000 + pairs.index(text))
            else:
                row.append(ord(text))
        if any(row):
            table[lead] = row
    return table


def pack_rows(table):
    """Count of leads, each with its first and last trail and the values between, as differences to the one before."""
    out = bytearray(number(len(table)))
    last = 0
    for lead, row in sorted(table.items()):
        used = [t for t in range(256) if row[t]]
        first, end = used[0], used[-1]
        out += bytes([lead, first, end])
        for t in range(first, end + 1):
            value = row[t]
            if value == NONE:
                out += number(0)
            else:
                d = value - last
                out += number((d * 2 if d >= 0 else -d * 2 - 1) + 1)
                last = value
    return bytes(out)


def main():
    out = bytearray()
    for name in NAMES:
        pairs = []
        singles = {}
        for b in range(256):
            text = decode(name, bytes([b]))
            if text is not None:
                singles[b] = ord(text)
        two = rows(name, b"", pairs)
        three = {}
        if name in ("euc_jp", "euc_jis_2004", "euc_jisx0213"):
            two.pop(0x8F, None)
            three = rows(name, b"\x8f", pairs)
        four = []
        if name == "gb18030":
            # Runs of consecutive characters in the order of the codes 81 30 81 30 to 84 31 A4 39.
            linear = 0
            for a in range(0x81, 0x85):
                for b in range(0x30, 0x3A):
                    for c in range(0x81, 0xFF):
                        for d in range(0x30, 0x3A):
                            text = decode(name, bytes([a, b, c, d]))
                            if text is not None:
                                if four and four[-1][0] + four[-1][2] == linear and four[-1][1] + four[-1][2] == ord(text):
                                    four[-1][2] += 1
                                else:
                                    four.append([linear, ord(text), 1])
                            linear += 1
        # What encoding has of its own.
        inverse = {}
        for b, c in singles.items():
            inverse.setdefault(c, bytes([b]))
        for prefix, table in ((b"", two), (b"\x8f", three)):
            for lead, row in sorted(table.items()):
                for trail, c in enumerate(row):
                    if c and c < 0x110000:
                        inverse.setdefault(c, prefix + bytes([lead, trail]))
        in_runs = set()
        for linear, c, n in four:
            in_runs.update(range(c, c + n))
        extra = []
        for c in range(0x110000):
            if 0xD800 <= c < 0xE000:
                continue
            try:
                code = chr(c).encode(name)
            except UnicodeEncodeError:
                code = b""
            if name == "gb18030" and len(code) == 4 and (c in in_runs and c not in inverse or c >= 0x10000):
                continue
            if inverse.get(c, b"") != code:
                extra.append((c, code))
        pair_codes = []
        for text in pairs:
            pair_codes.append(text.encode(name))
        part = bytearray()
        # Single bytes: runs of (first byte, count, first character) of consecutive ones.
        runs = []
        for b, c in sorted(singles.items()):
            if runs and runs[-1][0] + runs[-1][1] == b and runs[-1][2] + runs[-1][1] == c:
                runs[-1][1] += 1
            else:
                runs.append([b, 1, c])
        part += number(len(runs))
        for b, n, c in runs:
            part += number(b) + number(n) + number(c)
        # Which bytes wait for another one, a bit each.
        part += bytes(sum(is_lead(name, bytes([b * 8 + i])) << i for i in range(8)) for b in range(32))
        part += pack_rows(two) + pack_rows(three)
        part += number(len(four))
        for linear, c, n in four:
            part += number(linear) + number(c) + number(n)
        part += number(len(pairs))
        for text, code in zip(pairs, pair_codes):
            part += number(ord(text[0])) + number(ord(text[1])) + number(len(code)) + code
        part += number(len(extra))
        last = 0
        for c, code in extra:
            part += number(c - last) + number(len(code)) + code
            last = c
        print(name, len(singles), sum(1 for r in two.values() for v in r if v),
              sum(1 for r in three.values() for v in r if v), len(four), len(pairs), len(extra), len(part), file=sys.stderr)
        out += number(len(part)) + part
    packed = lzma.compress(bytes(out), format=lzma.FORMAT_ALONE, preset=9 | lzma.PRESET_EXTREME)
    print(len(out), len(packed), file=sys.stderr)
    text = base64.b64encode(packed).decode()
    with open(sys.argv[1], "w") as f:
        f.write("// Made by Tools/make-cjk-tables.py: mappings of the East Asian encodings, packed.\n\n")
        f.write("enum CJKTables {\n")
        f.write(f"  /// Bytes after unpacking.\n  static let size = {len(out)}\n")
        f.write("  /// LZMA (the format of .lzma files) in base 64.\n  static let packed: StaticString = \"\"\"\n")
        lines = [text[i:i + 112] for i in range(0, len(text), 112)]
        f.write("\\\n".join("    " + line for line in lines) + "\n")
        f.write("    \"\"\"\n}\n")


main()
