"""struct: random formats, packing odd values, unpacking random bytes."""
import struct
from fuzzing import fuzz

CODES = 'xcbB?hHiIlLqQnNefdspP'
VALUES = [0, 1, -1, 127, 128, 255, 256, 2**31, -2**31, 2**63, -2**63, 2**64, 2**200, 1.5, float('inf'), float('nan'), 1e300,
          b'', b'a', b'abcdefghij', bytearray(b'xy'), 'text', None, True, [], (1,)]


def make(r):
    parts = [r.choice(('', '', '@', '=', '<', '>', '!'))]
    for _ in range(r.choice((0, 1, 1, 2, 3, 5))):
        parts.append(r.choice(('', '', '', '0', '1', '2', '3', '10', '255', '300', '99999999999999999999')) +
                     r.choice(CODES + ' ') + r.choice(('', '', '', ' ', '\t')))
    if not r.randrange(20):
        parts.append(r.choice(('\0', '\u20ac', '5', 'Z', '-1i', '\n')))
    count = r.randrange(6)
    return ''.join(parts), [r.choice(VALUES) for _ in range(count)], r.randbytes(r.choice((0, 1, 3, 4, 8, 16, 40, 400))), r.randrange(-20, 40)


def attempt(case):
    form, values, data, offset = case
    out = []

    def note(f, *args):
        try:
            out.append(f(*args))
        except (struct.error, TypeError, ValueError, OverflowError) as e:
            out.append(f'{type(e).__name__} {e}')
    size = struct.calcsize(form)
    if size > 100000:
        return size
    s = struct.Struct(form)
    note(s.pack, *values)
    note(s.unpack, data)
    note(s.unpack, (data * 100)[:size])
    note(s.unpack_from, data, offset)
    target = bytearray(data)
    note(s.pack_into, target, offset, *values)
    out.append(bytes(target))
    if size:
        note(lambda: list(s.iter_unpack((data * 10)[:size * 3])))
    return out


fuzz('struct', make, attempt, (struct.error, UnicodeError, ValueError, OverflowError))
