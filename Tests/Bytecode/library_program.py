"""Uses many modules of the library; prints the same on every implementation."""
import argparse
import ast
import base64
import collections
import csv
import dataclasses
import datetime
import difflib
import email.message
import enum
import fractions
import functools
import heapq
import html.parser
import io
import json
import pprint
import random
import re
import statistics
import string
import textwrap
import tokenize
import urllib.parse


@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = 0


class Colour(enum.Flag):
    RED = enum.auto()
    GREEN = enum.auto()


print(sorted([Point(2, 1), Point(1)]), Colour.RED | Colour.GREEN)
print(json.dumps({'a': [1, 2.5, None], 'b': 'é'}, indent=1))
print(ast.unparse(ast.parse('x = [i for i in range(10) if i % 2]')))
print(base64.b64encode(b'both ways').decode(), collections.Counter('abracadabra').most_common(2))
out = io.StringIO()
csv.writer(out).writerows([[1, 'a,b'], [2, 'c"d']])
print(out.getvalue())
print(datetime.date(2024, 2, 29) + datetime.timedelta(days=366))
print('\n'.join(difflib.unified_diff(['a', 'b'], ['a', 'c'], lineterm='')))
m = email.message.EmailMessage()
m['Subject'] = 'Grüße'
m.set_content('text')
print(m.as_string())
print(fractions.Fraction(3, 4) ** 2, functools.reduce(lambda a, b: a * b, range(1, 20)), heapq.nsmallest(2, [5, 1, 4]))


class Tags(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs):
        print(tag, attrs)


Tags().feed('<p class="x">text<br/></p>')
pprint.pprint({'key%d' % i: list(range(i)) for i in range(12)})
random.seed(5)
print(random.sample(range(100), 5), random.gauss(0, 1))
print(re.sub(r'(\w+) (\w+)', r'\2 \1', 'hello world'), statistics.stdev([1, 2, 4]))
print(string.Template('$a-$b').substitute(a=1, b=2), textwrap.fill('word ' * 20, 30))
print([t.string for t in tokenize.generate_tokens(io.StringIO('f(x, 1)').readline)])
print(urllib.parse.urlsplit('http://user@host:80/p?q=1#f'))
parser = argparse.ArgumentParser(prog='p')
parser.add_argument('--n', type=int, default=3)
print(parser.parse_args(['--n', '4']))
