"""Source text in odd encodings, and the codecs by themselves."""
import codecs
import io
import tokenize
import warnings
from fuzzing import fuzz, mutate

warnings.simplefilter('ignore')
SAMPLES = [b'# -*- coding: utf-8 -*-\nx = "\xe2\x82\xac"\n', b'#!/usr/bin/python\n# vim: set fileencoding=latin-1 :\nx = "\xe9"\n', b'\xef\xbb\xbfx = 1\n',
           b'x = 1\r\ny = 2\rz = 3\n', b'def f(a, *b, c=1, **d):\n    return [a for a in b if c]\n', b'class A:\n\tdef g(self):\n\t\tpass\n',
           b'x = """a\nb\\\n"""\ny = f"{x!r:>{3}} {{}}"\n', b'match x:\n  case [1, *_] | {"a": y}: pass\n', b'x = 0x_ff + 1e10j + 0b1 + 1_000\n',
           'caf\u00e9 = "\u4e2d\u6587"\n'.encode(), b'# coding: utf-7\nx = "+AGE-"\n', b'type X[T: int, *U] = list[T]\n', b'lambda: (yield)\n']
WORDS = [b'# coding: ', b'utf-8', b'latin-1', b'ascii', b'cp1252', b'utf-16', b'idna', b'rot13', b'nosuch', b'\0', b'\\', b'\xff', b'\xe2\x82', b'\x0c',
         b'(', b')' , b'[' * 300, b'"""', b"f'{", b'}', b'\n\t ', b'\\N{DIGIT ONE}', b'\\x4', b'\\ud800', b'@', b':=', b'await ', b'del ', b'*', b'-' * 500]
CODECS = ['utf-8', 'utf-8-sig', 'utf-16', 'utf-16-le', 'utf-16-be', 'utf-32', 'utf-32-be', 'utf-7', 'ascii', 'latin-1', 'cp1252', 'cp437', 'unicode_escape',
          'raw_unicode_escape', 'punycode', 'idna', 'koi8-r', 'hex', 'base64', 'uu', 'quopri']
ERRORS = ['strict', 'replace', 'ignore', 'surrogateescape', 'surrogatepass', 'backslashreplace', 'xmlcharrefreplace', 'namereplace']


def make(r):
    return mutate(r, r.choice(SAMPLES), WORDS), r.randrange(4), r.choice(CODECS), r.choice(ERRORS), r.choice((1, 3, 1000))


def attempt(case):
    data, how, codec, errors, step = case
    if how == 0:
        return compile(data, 'f', 'exec').co_names
    if how == 1:
        name, lines = tokenize.detect_encoding(io.BytesIO(data).readline)
        return name, len(lines)
    if how == 2:
        out = codecs.decode(data, codec, errors)
        if isinstance(out, str):
            try:
                back = out.encode(codec, errors)
                return len(out), out[:30], back[:30]
            except (UnicodeError, ValueError) as e:
                return out[:30], f'{type(e).__name__} {e}'
        return len(out), out[:30]
    if codec in ('hex', 'base64', 'uu', 'quopri'):
        codec = 'utf-8'
    stream = io.TextIOWrapper(io.BytesIO(data), codec, errors, newline=(None, '', '\n', '\r', '\r\n')[len(data) % 5])
    out = []
    while len(out) < 50 and (s := stream.readline(step) if step > 1 else stream.read(1)):
        out.append(s)
    return ''.join(out)[:60]


fuzz('source', make, attempt, (SyntaxError, UnicodeError, ValueError, LookupError, RecursionError, MemoryError, OverflowError, AssertionError, TypeError, OSError))
