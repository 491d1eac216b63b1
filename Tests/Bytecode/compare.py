"""Reads two trees that code_of_library.py wrote and prints the share of code objects that are identical.

usage: compare.py ONE OTHER [SHARE]

Exits with 1 if a file cannot be read back, or if less than SHARE percent (99.9) of the code objects are the same. Names
the first differences of each file that has some.
"""
import marshal
import os
import sys

FIELDS = ['co_name', 'co_qualname', 'co_filename', 'co_firstlineno', 'co_argcount', 'co_posonlyargcount',
          'co_kwonlyargcount', 'co_flags', 'co_stacksize', 'co_names', 'co_varnames', 'co_cellvars', 'co_freevars',
          'co_code', 'co_linetable', 'co_exceptiontable']
one, other = sys.argv[1:3]
wanted = float(sys.argv[3]) if len(sys.argv) > 3 else 99.9
code_type = type(compile('', '', 'exec'))
same = total = files = 0
bad = []


def plain(value):
    """Constants as something that == compares with types, signs and all."""
    if isinstance(value, code_type):
        return 'code'
    if isinstance(value, tuple):
        return ('tuple', *map(plain, value))
    if isinstance(value, frozenset):
        return ('frozenset', *sorted(map(repr, map(plain, value))))
    return (type(value).__name__, repr(value))


def compare(a, b, path):
    global same, total
    if not (isinstance(a, code_type) and isinstance(b, code_type)):
        if a != b:
            bad.append(f'{path}: {a!r:.80} / {b!r:.80}')
        return
    total += 1
    different = [f for f in FIELDS if getattr(a, f) != getattr(b, f)]
    if plain(a.co_consts) != plain(b.co_consts):
        different.append('co_consts')
    if different:
        bad.append(f'{path}: {a.co_qualname}, line {a.co_firstlineno}: {" ".join(different)}')
    else:
        same += 1
    for x, y in zip(a.co_consts, b.co_consts):
        if isinstance(x, code_type) and isinstance(y, code_type):
            compare(x, y, path)


def load(folder, path):
    with open(os.path.join(folder, path), 'rb') as f:
        return marshal.load(f)


for folder, _, names in os.walk(one):
    for name in names:
        path = os.path.relpath(os.path.join(folder, name), one)
        files += 1
        try:
            compare(load(one, path), load(other, path), path)
        except (OSError, ValueError, EOFError, TypeError) as e:
            bad.append(f'{path}: {type(e).__name__}: {e}')
            total += 1
for line in bad[:20]:
    print('differs:', line)
share = 100 * same / total if total else 0
print(f'{same} of {total} code objects of {files} files are identical ({share:.3f} %), {len(bad)} differences')
sys.exit(share < wanted)
