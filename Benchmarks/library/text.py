"""str: split, join, replace, format, encode, decode and the searching methods."""
from measure import measure

line = 'the quick brown fox jumps over the lazy dog ' * 20
words = line.split() * 50
many = words * 10
big = line * 500
wide = big.replace('fox', 'füchsin').replace('dog', '犬')
latin = big.replace('fox', 'füchsin')
utf8 = wide.encode()
latin1 = latin.encode('latin-1')
utf16 = wide.encode('utf-16')


def times(n, work):
    def run():
        for _ in range(n):
            work()
    return run


def formatting():
    for i in range(100000):
        '{} is {:>10} and {:.3f}'.format('x', i, 1.5)


def percent():
    for i in range(100000):
        '%s is %10d and %.3f' % ('x', i, 1.5)


def fstrings():
    for i in range(100000):
        f'{i} is {i:>10} and {1.5:.3f}'


def concatenating():
    s = ''
    for i in range(200000):
        s += 'ab'
    return s


measure('str.split', times(20, big.split))
measure('str.split sep', times(20, lambda: big.split(' ')))
measure('str.split wide', times(20, lambda: wide.split('犬')))
measure('str.splitlines', times(20, lambda: big.replace('dog', '\n').splitlines()))
measure('str.join', times(20, lambda: ' '.join(words)))
measure('str.join wide', times(20, lambda: '犬'.join(words)))
measure('str.replace', times(20, lambda: big.replace('fox', 'rabbit')))
measure('str.replace char', times(20, lambda: big.replace('o', '0')))
measure('str.format', formatting)
measure('str %', percent)
measure('f-string', fstrings)
measure('str.encode utf-8', times(300, big.encode))
measure('str.encode utf-8 wide', times(60, wide.encode))
measure('str.encode latin-1', times(100, lambda: latin.encode('latin-1')))
measure('str.encode utf-16', times(60, lambda: wide.encode('utf-16')))
measure('bytes.decode utf-8', times(300, big.encode().decode))
measure('bytes.decode utf-8 wide', times(60, utf8.decode))
measure('bytes.decode latin-1', times(100, lambda: latin1.decode('latin-1')))
measure('bytes.decode utf-16', times(60, lambda: utf16.decode('utf-16')))
measure('str.find', times(100, lambda: big.find('the quick purple')))
measure('str.count', times(50, lambda: big.count('the')))
measure('str.upper', times(30, big.upper))
measure('str.translate', times(5, lambda: big.translate({97: 'A', 98: None})))
measure('str.strip', times(30000, '   some text  '.strip))
measure('str +=', concatenating)
measure('str.startswith', lambda: [w.startswith('qu') for w in words * 20])
measure('str compare', lambda: [w == 'quick' for w in words * 20])
measure('str slices', lambda: [big[i:i + 5] for i in range(0, 400000)])
measure('str iterate', lambda: [c for c in big])
measure('repr str', times(20, lambda: repr(big)))
measure('int(str)', lambda: [int(s) for s in map(str, range(200000))])
measure('float(str)', lambda: [float(s) for s in map(str, [i / 7 for i in range(50000)])])
measure('str +', lambda: [w + '.' + w for w in many])
measure('str join parts', lambda: [''.join([w, '-', w, '\n']) for w in many])
measure('str join generator', lambda: ''.join(c for c in big[:200000]))
measure('str in', lambda: [('ox' in w, 'z' not in w) for w in many])
measure('str predicates', lambda: [(w.isalpha(), w.isdigit(), w.islower()) for w in many])
measure('str small methods', lambda: [(w.upper(), w.title(), w.center(12), w.zfill(9)) for w in many])
measure('str partition', lambda: [w.partition('o') for w in many])
measure('str ord, chr', lambda: [chr(ord(c) + 1) for c in big[:200000]])
measure('str hash', lambda: len({big[i:i + 9] for i in range(100000)}))
measure('str encode small', lambda: [w.encode().decode() for w in many])
measure('str reverse', times(20, lambda: big[::-1]))
measure('f-string simple', lambda: [f'{w}: {i}, {w!r}' for i, w in enumerate(many)])
