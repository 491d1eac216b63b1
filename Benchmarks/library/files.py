"""Files: a text of 100 MB by lines, writing, reading whole, small binary reads; csv of 100,000 rows."""
import csv
import io
import os
import tempfile
from measure import measure

folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, 'big.txt')
table = os.path.join(folder.name, 'table.csv')
row = [f'line %d of a text that is neither short nor long, {"x" * 20}\n' % i for i in range(1000)]
with open(path, 'w') as f:
    size = 0
    while size < 100_000_000:
        size += f.write(''.join(row))
rows = [[i, f'name {i}', i / 3, 'some "quoted" text', 'a,b'] for i in range(100000)]


def by_lines():
    with open(path) as f:
        for line in f:
            pass


def by_binary_lines():
    with open(path, 'rb') as f:
        for line in f:
            pass


def readline():
    with open(path) as f:
        while len(f.readline(200)) and f.tell is not None:
            if f.closed:
                break


def writing():
    with open(path + '.out', 'w') as f:
        for _ in range(200):
            for s in row:
                f.write(s)


def small_reads():
    with open(path, 'rb') as f:
        for _ in range(500000):
            f.read(40)


def strings():
    s = io.StringIO()
    for _ in range(200):
        for r in row:
            s.write(r)
    s.seek(0)
    for line in s:
        pass


def write_rows():
    with open(table, 'w', newline='') as f:
        csv.writer(f).writerows(rows)


def read_rows():
    with open(table, newline='') as f:
        for r in csv.reader(f):
            pass


def read_dicts():
    with open(table, newline='') as f:
        for r in csv.DictReader(f, ['a', 'b', 'c', 'd', 'e']):
            pass


measure('text lines 100 MB', by_lines)
measure('binary lines 100 MB', by_binary_lines)
measure('text readline', readline)
measure('text read 100 MB', lambda: open(path).read())
measure('text write', writing)
measure('binary small reads', small_reads)
measure('StringIO', strings)
measure('csv write 100,000', write_rows)
measure('csv read 100,000', read_rows)
measure('csv.DictReader', read_dicts)
