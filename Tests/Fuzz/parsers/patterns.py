"""re: random patterns on random short texts."""
import re
import warnings
from fuzzing import fuzz

warnings.simplefilter('ignore')
ATOMS = ['a', 'b', 'c', 'A', '.', r'\w', r'\d', r'\s', r'\W', '[ab]', '[^a]', '[a-c]', r'[\w-]', r'\b', r'\B', '^', '$', r'\A', r'\Z', '(?=a)', '(?!b)',
         '(?<=a)', '(?<!b)', '\u00e9', '[\u00e0-\u00ff]', r'\1', '(?:)', '', 'ab', 'ba', '(?P<n>a)', '(?P=n)', '(?(1)a|b)', '(?i:a)', '(?>a+)', '(?-i:A)']
REPEATS = ['', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,3}', '*?', '+?', '??', '{1,2}?', '*+', '++', '?+', '{2,}']


def pattern(r, depth=0):
    parts = []
    for _ in range(r.choice((1, 1, 2, 3, 4))):
        if depth < 3 and not r.randrange(4):
            inner = pattern(r, depth + 1)
            atom = r.choice(('(%s)', '(%s)', '(?:%s)', '(?=%s)', '(?!%s)', '(?>%s)')) % inner
            if any(c in inner for c in '*+{'):
                # No repeats of repeats: they may take for ever, on every backtracking matcher.
                parts.append(atom)
                continue
        else:
            atom = r.choice(ATOMS)
        parts.append(atom + r.choice(REPEATS))
    text = ''.join(parts)
    return text + '|' + pattern(r, depth + 1) if depth < 3 and not r.randrange(5) else text


def make(r):
    text = ''.join(r.choices('aaabbbcABC d_1\n\u00e9\u00c9\u20ac', k=r.randrange(14)))
    return pattern(r), text, r.choice((0, 0, re.I, re.M, re.S, re.A, re.I | re.A, re.I | re.M))


def attempt(case):
    p, text, flags = case
    c = re.compile(p, flags)
    def span(m):
        return m and (m.span(), m.groups(), m.lastindex)
    return [span(c.match(text)), span(c.search(text)), span(c.fullmatch(text)), [span(m) for m in c.finditer(text)][:8], c.sub('-', text), c.split(text)[:8],
            span(c.search(text, 2, 6))]


fuzz('re', make, attempt, (re.error, OverflowError, RecursionError, IndexError))
