"""Runs random programs: classes whose special methods lie, raise, or change what is being worked on; containers mutated
while they are iterated; generators, closures, finalizers, pattern matching, exception groups.

usage: random_programs.py [SECONDS [SEED [PROGRAM-FILE]]]

Any Python exception is a good end of a program; a crash of the process is not. The program that runs is in PROGRAM-FILE.
"""
import gc
import random
import signal
import sys
import threading
import time
import warnings

seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
keep = sys.argv[3] if len(sys.argv) > 3 else None

DUNDERS = ['__eq__', '__lt__', '__hash__', '__index__', '__int__', '__float__', '__bool__', '__len__', '__iter__',
           '__next__', '__getitem__', '__setitem__', '__delitem__', '__contains__', '__add__', '__radd__', '__iadd__',
           '__mul__', '__call__', '__repr__', '__str__', '__format__', '__enter__', '__exit__', '__getattr__',
           '__getattribute__', '__setattr__', '__delattr__', '__get__', '__set__', '__set_name__', '__del__',
           '__reversed__', '__length_hint__', '__class_getitem__', '__init_subclass__', '__instancecheck__',
           '__missing__', '__neg__', '__complex__', '__round__', '__bytes__', '__fspath__', '__sizeof__', '__dir__',
           '__copy__', '__reduce__', '__reduce_ex__', '__await__', '__aiter__', '__anext__', '__buffer__', '__or__']
BASES = ['object', 'int', 'str', 'list', 'dict', 'tuple', 'set', 'float', 'bytes', 'Exception', 'type', 'frozenset',
         'bytearray', 'property', 'complex', 'BaseExceptionGroup']
BINARY = ['+', '-', '*', '//', '/', '%', '**', '@', '&', '|', '^', '<<', '>>', '==', '!=', '<', '<=', '>', 'in', 'is',
          'and', 'or', 'not in', 'is not']
CALLS = ['len', 'repr', 'str', 'int', 'float', 'list', 'tuple', 'set', 'dict', 'sorted', 'sum', 'min', 'max', 'any', 'all',
         'iter', 'next', 'hash', 'bool', 'bytes', 'bytearray', 'enumerate', 'zip', 'map', 'filter', 'reversed', 'range',
         'slice', 'type', 'isinstance', 'issubclass', 'getattr', 'setattr', 'hasattr', 'delattr', 'dir', 'vars', 'abs',
         'round', 'divmod', 'format', 'frozenset', 'complex', 'memoryview', 'super', 'property', 'classmethod',
         'staticmethod', 'object', 'id', 'callable', 'ascii', 'chr', 'ord', 'hex', 'bin', 'print', 'weakref.ref',
         'copy.copy', 'functools.partial', 'functools.reduce', 'itertools.chain', 'itertools.groupby',
         'itertools.islice', 'itertools.product', 'collections.deque', 'collections.OrderedDict',
         'collections.defaultdict', 'collections.Counter', 'operator.itemgetter', 'heapq.heapify', 'heapq.heappush',
         'bisect.insort', 'json.dumps', 'json.loads', 're.sub', 'struct.pack', 'pickle.dumps', 'array.array',
         'io.StringIO', 'io.BytesIO', 'types.SimpleNamespace', 'sys.getrefcount', 'gc.collect', 'itertools.tee',
         'itertools.accumulate', 'itertools.zip_longest', 'itertools.permutations', 'functools.cmp_to_key',
         'str.join', 'str.format', 'dict.fromkeys', 'int.from_bytes', 'list.sort', 'type', 'ExceptionGroup']
METHODS = ['append', 'extend', 'insert', 'pop', 'remove', 'clear', 'sort', 'reverse', 'index', 'count', 'copy', 'update',
           'get', 'setdefault', 'popitem', 'keys', 'values', 'items', 'add', 'discard', 'union', 'intersection',
           'difference', 'split', 'join', 'replace', 'format', 'encode', 'decode', 'strip', 'find', 'startswith',
           'translate', 'send', 'throw', 'close', '__next__', '__iter__', '__len__', 'rotate', 'appendleft', 'popleft',
           'move_to_end', 'partition', 'title', 'with_traceback', 'add_note', 'split', '__reduce_ex__', '__setstate__',
           '__init__', '__new__', '__class__', 'mro', '__subclasses__', 'release', 'cast', 'tolist', 'write', 'read']
ATOMS = ['0', '1', '-1', '2', '7', '2**31', '2**63', '-2**63', '2**64', '10**30', '1.5', 'float("nan")', 'float("inf")',
         '1j', '""', '"a"', '"é€"', '"\\U0001f600x"', '"%s{}"', 'b""', 'b"ab"', 'None', 'True', 'False', '...',
         '[]', '()', '{}', 'set()', '[1, 2, 3]', '(1, "a")', '{1: 2, "k": []}', '{1, 2}', 'range(5)', 'object()', 'slice(1, 2)']
PRELUDE = ('import weakref, copy, functools, itertools, collections, operator, heapq, bisect, json, re, struct, pickle, '
           'array, io, types, sys, gc\n')


class Maker:
    def __init__(self, r):
        self.r = r
        self.names = ['a', 'b', 'c', 'd']
        self.classes = []
        self.n = 0

    def pick(self, what):
        return self.r.choice(what)

    def fresh(self, prefix):
        self.n += 1
        return f'{prefix}{self.n}'

    def expr(self, depth=3):
        r = self.r.random()
        if depth <= 0 or r < .2:
            return self.pick(self.names + ATOMS)
        e = self.expr
        d = depth - 1
        if r < .38:
            operator = self.pick(BINARY)
            # Powers and shifts that fill the memory are no news.
            return f'({e(d)} {operator} {self.pick(["2", "3", "-1", "None"]) if operator in ("**", "<<") else e(d)})'
        if r < .52:
            arguments = ', '.join(e(d) for _ in range(self.r.randrange(4)))
            return f'{self.pick(CALLS + self.classes)}({arguments})'
        if r < .64:
            arguments = ', '.join(e(d) for _ in range(self.r.randrange(3)))
            return f'({e(d)}).{self.pick(METHODS)}({arguments})'
        if r < .7:
            return f'({e(d)})[{self.pick([e(d), "1:", "::-1", e(d) + ":" + e(d)])}]'
        if r < .74:
            v = self.fresh('v')
            kind = self.pick(['[{}]', '{{{}}}', '({})', 'list({})'])
            return kind.format(f'{self.pick([v, e(d)])} for {v} in {e(d)} if {e(d)}')
        if r < .78:
            return f'[{e(d)}, *{e(d)}]'
        if r < .82:
            return f'{{{e(d)}: {e(d)}, **{e(d)}}}'
        if r < .86:
            return f"f'{{{self.pick(self.names)}!r:>{self.r.randrange(9)}}}{{{self.pick(self.names)}}}'"
        if r < .9:
            return f'(lambda x={e(d)}, *y, **z: {self.pick(["x", "y", e(d)])})({e(d)})'
        if r < .94:
            return f'({e(d)} if {e(d)} else {e(d)})'
        return f'({self.pick(self.names)} := {e(d)})'

    def block(self, depth, indent):
        return '\n'.join(self.statement(depth, indent) for _ in range(self.r.randrange(1, 4)))

    def statement(self, depth, indent=''):
        r = self.r.random()
        inner = indent + ' '
        target = self.pick(self.names)
        e = self.expr
        if depth <= 0 or r < .25:
            return indent + self.pick([
                f'{target} = {e()}', f'{target} = {e()}', e(), f'{target} {self.pick(["+=", "*=", "|=", "-="])} {e(2)}',
                f'{target}.x = {e(2)}', f'{target}[{e(1)}] = {e(2)}', f'del {target}[{e(1)}]', f'del {target}.x',
                f'{target}[1:2] = {e(2)}', f'{target}, *{self.pick(self.names)} = {e(2)}', f'{target}.__class__ = {e(1)}',
                f'{target}.__dict__ = {e(1)}'])
        d = depth - 1
        if r < .37:
            v = self.pick(self.names)
            guard = self.fresh('i')
            return (f'{indent}{guard} = 0\n{indent}for {v} in {e(2)}:\n{inner}{guard} += 1\n'
                    f'{inner}if {guard} > 20: break\n{self.block(d, inner)}')
        if r < .42:
            guard = self.fresh('i')
            return (f'{indent}{guard} = 0\n{indent}while {e(2)}:\n{inner}{guard} += 1\n{inner}if {guard} > 9: break\n'
                    f'{self.block(d, inner)}')
        if r < .56:
            kind = self.pick(['except Exception as x', 'except (TypeError, ValueError)', 'except* ValueError as x',
                              'except BaseException'])
            end = self.pick(['', f'\n{indent}else:\n{self.block(d, inner)}' if '*' not in kind else '',
                             f'\n{indent}finally:\n{self.block(d, inner)}'])
            raising = self.pick(['', f'\n{inner}raise {self.pick(["ValueError(a)", "ExceptionGroup(str(b), [ValueError(1)])", "a"])}'])
            return f'{indent}try:\n{self.block(d, inner)}{raising}\n{indent}{kind}:\n{self.block(d, inner)}{end}'
        if r < .72:
            return self.klass(d, indent)
        if r < .84:
            name = self.fresh('f')
            body = self.block(d, inner)
            result = self.pick([f'{inner}return {e(2)}', f'{inner}yield {e(2)}', f'{inner}x = yield from {e(2)}',
                                f'{inner}nonlocal_ = {e(2)}\n{inner}return lambda: nonlocal_'])
            call = self.pick([f'{target} = {name}({e(1)}, y={e(1)})', f'{target} = list({name}({e(1)}))', f'{target} = {name}'])
            return f'{indent}def {name}(x=None, *p, y=0, **k):\n{inner}global a, b, c, d\n{body}\n{result}\n{indent}{call}'
        if r < .9:
            return f'{indent}with {e(2)} as {target}:\n{self.block(d, inner)}'
        if r < .96:
            patterns = ['[p, *q]', '{"k": p, **q}', 'int(p)', 'str() | None', '(1, p)', '_ if a', self.pick(self.classes or ['int']) + '(x=p)']
            return f'{indent}match {e(2)}:\n{inner}case {self.pick(patterns)}:\n{self.block(d, inner + " ")}\n{inner}case _: pass'
        return f'{indent}{self.pick(["gc.collect()", "a = b = c", "del a; a = 1", "c = [c]; c.append(c)"])}'

    def klass(self, depth, indent):
        name = self.fresh('K')
        inner, body = indent + ' ', indent + '  '
        bases = self.r.sample(BASES + self.classes[-4:], self.r.randrange(3))
        meta = self.pick(['', '', '', ', metaclass=type', f', metaclass={self.pick(self.classes)}' if self.classes else ''])
        text = f'{indent}class {name}({", ".join(bases)}{meta if bases else ""}):\n'
        if self.r.random() < .2:
            text += f'{inner}__slots__ = {self.pick([("x", "y"), (), ("x", "__dict__"), ("__weakref__",)])!r}\n'
        for dunder in self.r.sample(DUNDERS, self.r.randrange(1, 6)):
            act = self.pick(['', f'{body}{self.pick(["a", "b", "c"])}.{self.pick(["clear", "pop", "append"])}()\n',
                             f'{body}{self.block(min(depth, 1), body).lstrip()}\n', f'{body}raise {self.pick(["ValueError", "KeyError", "StopIteration", "IndexError"])}(1)\n',
                             f'{body}gc.collect()\n'])
            result = self.pick(['self', self.expr(2), self.expr(1), '1', 'None', '-1', 'True', '"text"', 'NotImplemented', 'iter([1, self])'])
            text += f'{inner}def {dunder}(self=None, *p, **k):\n{body}global a, b, c, d\n{act}{body}return {result}\n'
        self.classes.append(name)
        return text + f'{indent}{self.pick(self.names)} = {name}({self.expr(1) if self.r.random() < .5 else ""})'

    def program(self):
        text = PRELUDE + 'a, b, c, d = [1, 2], {1: 2}, "x", 3\n'
        for _ in range(self.r.randrange(3, 9)):
            # One statement's exception must not end the program.
            text += f'try:\n{self.statement(3, " ")}\nexcept BaseException as error_: pass\n'
        return text


class Silent:
    def write(self, text): pass
    def flush(self): pass


def limited(frame, event, argument, steps=[0]):
    """Ends programs that take too many steps."""
    steps[0] += 1
    if event == 'start':
        steps[0] = 0
    elif steps[0] > 20000:
        raise SystemExit
    return limited


class TooLong(BaseException):
    pass


running = False


def on_alarm(number, frame):
    if running:
        raise TooLong


# A program that runs for ever is not a fault: a sequence without end, say. Raised again and again, it gets out of any `except`.
signal.signal(signal.SIGALRM, on_alarm)
sys.setrecursionlimit(200)
warnings.simplefilter('ignore')
real = sys.stdout
end = time.monotonic() + seconds
count = errors = 0
sys.unraisablehook = lambda *a: None
while time.monotonic() < end:
    r = random.Random(seed)
    text = Maker(r).program()
    if keep:
        with open(keep, 'w') as f:
            f.write(f'# seed {seed}\n' + text)
    sys.stdout = Silent()
    try:
        code = compile(text, f'<program {seed}>', 'exec')
        namespace = {'__name__': 'fuzz'}
        traced = seed % 2 == 0
        if traced:
            limited(None, 'start', None)
            sys.settrace(limited)
        signal.setitimer(signal.ITIMER_REAL, 5, 0.1)
        try:
            running = True
            exec(code, namespace)
        finally:
            running = False
            sys.settrace(None)
    except BaseException:
        errors += 1
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.settrace(None)
        sys.stdout = real
    namespace = None
    count += 1
    seed += 1
    if count % 200 == 0:
        gc.collect()
print(f'{count} programs, {errors} ended by an exception; next seed {seed}')
