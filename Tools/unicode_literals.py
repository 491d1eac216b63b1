"""What the generators of the Unicode tables share: numbers and bytes as Swift literals."""

CATEGORIES = "Cn Lu Ll Lt Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Lm Lo Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So".split()
BIDI = ["", *"L LRE LRO LRI R AL RLE RLO RLI PDF PDI FSI EN ES ET AN CS NSM BN B S WS ON".split()]
WIDTHS = "F H W Na A N".split()


def digits(value, count):
    assert 0 <= value < 1 << (7 * count), (value, count)
    return bytes((value >> (7 * i)) & 127 for i in range(count))


def literal(data):
    """A Swift multi-line string literal whose bytes are `data`."""
    table = {0: "\\0", 9: "\\t", 10: "\\n", 13: "\\r", 0x22: '\\"', 0x5C: "\\\\"}
    lines, line = [], ""
    for byte in data:
        unit = table.get(byte) or (chr(byte) if 32 <= byte < 127 else "\\u{%x}" % byte)
        if len(line) + len(unit) > 112:
            lines.append(line + "\\")
            line = ""
        line += unit
    lines.append(line)
    return '"""\n' + "\n".join("    " + l for l in lines) + '\n    """'
