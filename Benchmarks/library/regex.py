"""Regular expressions: compilation and the typical ways of searching a large text."""
import random
import re
from measure import measure

random.seed(1)
words = [''.join(random.choices('abcdefghijklmnopqrstuvwxyz', k=random.randint(2, 10))) for _ in range(5000)]
text = ' '.join(random.choices(words, k=300000))
lines = '\n'.join(f'{i % 256}.{i % 7}.0.1 - - [10/Oct/2000:13:55:{i % 60:02}] "GET /page{i}.html HTTP/1.0" {200 + i % 5} {i * 3}'
                  for i in range(20000))
wide = text[:500000] + 'é€' + text[500000:1000000]


def compiling():
    re.purge()
    for p in (r'(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)', r'[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d*)?|"[^"\\]*(?:\\.[^"\\]*)*"',
              r'^(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}$', r'(a|b|c|d)*?(?=x)(?!y)(?<=z)\1', r'(?i)straße|\bfoo\b|[^\W\d_]+') * 40:
        re.purge()
        re.compile(p)


def backtracking():
    for _ in range(20):
        assert re.search(r'(x+x+)+y', 'x' * 15) is None
        re.match(r'(?:a?){16}a{16}', 'a' * 16)


measure('re compile', compiling)
measure('re literal', lambda: [re.search('zzzzzqzzzz', text) for _ in range(20)])
measure('re literal findall', lambda: re.findall(words[7], text))
measure('re alternation', lambda: re.findall('|'.join(words[10:20]), text))
measure('re class', lambda: re.findall(r'[aeiou]{2,}', text))
measure('re words', lambda: re.findall(r'\w+', text))
measure('re word wide', lambda: re.findall(r'\w+', wide))
measure('re ignorecase', lambda: re.findall(r'(?i)HELLO|qu[aeiou]', text))
measure('re groups', lambda: re.findall(r'^(\S+) \S+ \S+ \[([^\]]+)\] "(\w+) (\S+)[^"]*" (\d+) (\d+)$', lines, re.M))
measure('re lazy', lambda: re.findall(r'"(.*?)"', lines))
measure('re backtracking', backtracking)
measure('re sub', lambda: re.sub(r'[aeiou]', '*', text))
measure('re sub template', lambda: re.sub(r'(\w)(\w+)', r'\2\1', text[:600000]))
measure('re sub function', lambda: re.sub(r'\w+', lambda m: m[0].upper(), text[:600000]))
measure('re split', lambda: re.split(r'[ ,;]+', text))
measure('re match many', lambda: [m for m in map(re.compile(r'(\d+)\.(\d+)\.').match, lines.split('\n'))])
measure('re finditer', lambda: sum(m.end() for m in re.finditer(r'\b[a-m]\w*', text)))
measure('re lookahead', lambda: re.findall(r'\w+(?= a)', text))
