"""JSON from mutated documents, as text and as bytes in any encoding."""
import json
from fuzzing import fuzz, mutate

SAMPLES = [json.dumps(v).encode() for v in (
    {'a': [1, 2.5, -3e10, True, False, None], 'b': {'c': 'text \u20ac \U0001F600', 'd': '\\"/\b\f\n\r\t'}},
    [[[[]]]], {}, [], 'x', 1e308, -0.0, 123456789012345678901234567890, ['\ud83d', '\udc00'],
    [{'k': i, 'v': [i] * 3} for i in range(20)])] + [b' [ 1 , 2 ] ', b'NaN', b'[Infinity, -Infinity]', b'[' * 50 + b']' * 50]
WORDS = [b'[', b']', b'{', b'}', b',', b':', b'"', b'\\', b'\\u', b'\\ud800', b'\\udc00', b'null', b'true', b'NaN',
         b'-', b'1e', b'1e999', b'.', b'-Infinity', b'[' * 2000, b'{"a":' * 2000, b'9' * 5000, b'\xef\xbb\xbf', b'\0']
lenient = json.JSONDecoder(strict=False)


def make(r):
    data = mutate(r, r.choice(SAMPLES), WORDS)
    how = r.randrange(4)
    if how == 0:
        return data
    text = data.decode('utf-8', 'surrogatepass' if how == 1 else 'replace') if how != 3 else data.decode('latin-1')
    return text if r.randrange(8) else text.encode(r.choice(('utf-16', 'utf-32', 'utf-16-le', 'utf-8')), 'surrogatepass')


def attempt(value):
    if isinstance(value, str) and len(value) % 3 == 0:
        return lenient.raw_decode(value)
    return json.loads(value)


def guarded(r):
    while True:
        try:
            return make(r)
        except UnicodeError:
            pass


fuzz('json', guarded, attempt, (ValueError, RecursionError))
