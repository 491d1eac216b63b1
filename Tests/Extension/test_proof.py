"""Uses the extension `proof` in every way it offers; prints what happened. Gila and CPython must print the same.

Run with the directory of the compiled extension on the module search path.
"""
import proof


def show(f, *args, **kwargs):
    try:
        print(f.__name__, repr(f(*args, **kwargs)))
    except Exception as e:
        print(f.__name__, type(e).__name__, e)


print(proof.__name__, proof.__doc__, proof.answer, proof.name, proof.Error.__mro__[1], proof.Error.__module__)

# Calling conventions.
show(proof.no_arguments)
show(proof.no_arguments, 1)
show(proof.no_arguments, a=1)
print(proof.no_arguments.__doc__, proof.no_arguments.__text_signature__, proof.no_arguments.__module__)
show(proof.one_argument, 'x')
show(proof.one_argument)
show(proof.one_argument, 1, 2)
show(proof.one_argument, a=2)
show(proof.positional, 3, 'text')
show(proof.positional, 3, 'text', 7)
show(proof.positional, 3)
show(proof.positional, 1, 2, 3, 4)
show(proof.positional, 'x', 'y')
show(proof.positional, 1, 'y', d=3)
show(proof.positional, 1, 'a\0b')
show(proof.positional, 2 ** 31, 'a')
show(proof.with_keywords, 5)
show(proof.with_keywords, 5, b=6, flag=[1], items=[2])
show(proof.with_keywords, 5, 6, True)
show(proof.with_keywords, 5, 6, True, [3])
show(proof.with_keywords)
show(proof.with_keywords, 5, items=(1,))
show(proof.with_keywords, 5, nonsense=1)
show(proof.with_keywords, 5, 6, b=7)
show(proof.with_keywords, 1, 2, 3, 4, 5)
show(proof.fast, 1, 2, 3)
show(proof.fast)
show(proof.fast, 1, 'x')
show(proof.fast, a=1)
show(proof.fast_keywords, 1, 2, a=3, b=4)
show(proof.fast_keywords)

# Formats.
values = [0, 1, -1, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 63 - 1, 2 ** 63, 2 ** 64, -2 ** 63, True, 1.5,
          '', 'a', 'ab', 'é', '€', b'', b'a', b'ab', b'a\0b', 'a\0b', bytearray(b'a'), bytearray(b'xyz'), None, 2j, [], (),
          memoryview(b'mem')]
for f in ('b', 'B', 'h', 'H', 'i', 'I', 'l', 'k', 'L', 'K', 'n', 'f', 'd', 'D', 'c', 'C', 'p', 's', 'z', 'y', 'S', 'U', 'Y',
          'O', 's#', 'z#', 'y#', 's*', 'z*', 'y*', 'w*', 'es', 'et', 'es#', 'O&', ';'):
    for v in values:
        try:
            r = repr(proof.parse(f, (v,)))
            if r.startswith('<memory'):
                r = 'memory'
            print(f, r)
        except Exception as e:
            print(f, type(e).__name__, e)
show(proof.parse, 'i', ())
show(proof.parse, 'i', (1, 2))
show(proof.parse, ';', ())
show(proof.parse, '(ii)s', ((1, 2), 'x'))
show(proof.parse, '(ii)s', ([1, 2], 'x'))
show(proof.parse, '(ii)s', ((1, 2, 3), 'x'))
show(proof.parse, '(ii)s', ((1, 'a'), 'x'))
show(proof.parse, '(ii)s', (1, 'x'))
show(proof.unpack, 1)
show(proof.unpack, 1, 2)
show(proof.unpack)
show(proof.unpack, 1, 2, 3)

# Macros.
show(proof.reverse_list, [1, 'a', None])
show(proof.reverse_list, (1,))
show(proof.reverse_tuple, (1, 2, 3))
for o in (True, 5, -5, 2 ** 29, 2 ** 30 - 1, 2 ** 30, -2 ** 30, 2 ** 62, 2 ** 100, -2 ** 100, 1.5, float('inf'), b'abc', 'abc', 'é', '€', '\U0001f600',
          {}, {1: 2, 'a': 3}, {1, 2}, frozenset(), None, len, 'x'.join, ''):
    show(proof.describe, o)
for c in 'aé€\U0001f600':
    show(proof.make_text, 3, c)


# Exceptions, calls.
def fails():
    raise KeyError('k')


def fails_otherwise():
    raise ZeroDivisionError('z')


show(proof.catch_error, fails)
show(proof.catch_error, fails_otherwise)
show(proof.catch_error, lambda: 5)
show(proof.raise_error, 'text é')
show(proof.raise_errno, 'some file')
try:
    proof.raise_errno('f')
except OSError as e:
    print(type(e).__name__, e.errno, e.filename, e.strerror)
show(proof.call_many, lambda *a: a)
show(proof.without_lock, 1000)
show(proof.iterate, (i * 2 for i in range(3)))
show(proof.iterate, 5)
show(proof.protocols, [1, 2, 3, 4])
show(proof.protocols, 'abcd')
show(proof.mappings, {'a': 1})
show(proof.mappings, 5)

# A heap type.
Counter = proof.Counter
print(Counter, Counter.__name__, Counter.__qualname__, Counter.__module__, Counter.__doc__, Counter.__text_signature__)
c = Counter(2, payload='p')
print(c, c.count, c.payload, c.ratio, c.flag, c.double, len(c), list(c), c + 3, c[1], c.bump().count, c.bump(3).count)
c.ratio = 2.5
c.flag = True
c.double = 20
print(c.ratio, c.flag, c.count)
for f in (lambda: setattr(c, 'count', 1), lambda: setattr(c, 'flag', 1), lambda: delattr(c, 'double'), lambda: setattr(c, 'x', 1),
          lambda: c.bump(1, 2), lambda: c + 'a', lambda: c[100], lambda: Counter('x'), lambda: Counter(a=1),
          lambda: delattr(c, 'payload'), lambda: c.payload, lambda: Counter.bump(5), lambda: setattr(c, 'ratio', 'a')):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
print(Counter.cls(), c.cls() is Counter, Counter.static(3), Counter.bump.__doc__, Counter.bump.__text_signature__)
print(Counter.count, Counter.double, Counter.bump, Counter.__dict__['cls'], Counter.count.__doc__, Counter.payload.__doc__)


class Sub(Counter):
    extra = 1

    def __init__(self, *args):
        super().__init__(*args)
        self.attribute = [self]

    def __repr__(self):
        return 'Sub of ' + super().__repr__()


before = proof.freed()
s = Sub(3)
print(s, s.attribute[0] is s, s.extra, isinstance(s, Counter), s.bump(2).count, list(s), Sub.cls())
del s.attribute
del s
print('freed', proof.freed() - before)
cycle = Counter()
cycle.payload = [cycle]
del cycle
import gc
gc.collect()
print('freed', proof.freed() - before)
s = Sub(1)
del s
gc.collect()
print('freed', proof.freed() - before)

# A static type.
Stack = proof.Stack
s = Stack([1, 2])
s.push(3)
s.append(4)
print(s, len(s), s.pushes, Stack.__mro__, Stack.__module__, Stack.push, isinstance(s, list), s[::-1], s == [1, 2, 3, 4])


class Deeper(Stack):
    pass


d = Deeper()
d.push(1)
d.x = 5
print(d, d.pushes, d.x, Deeper.__mro__)

# Struct sequences and capsules.
p = proof.point()
print(p, p.x, p.y, p.hidden, len(p), p == (10, 11), p.n_fields, p.n_sequence_fields, p.n_unnamed_fields)
print(proof.Point.__doc__, proof.Point.x.__doc__, proof.Point((1, 2)), proof.Point((1, 2, 3)).hidden)
show(proof.Point, (1,))
print(repr(proof.capsule())[:32], proof.open_capsule(proof.capsule()))
show(proof.open_capsule, 5)

# Monitoring: events of code that is not Python's own.
import sys

monitoring = sys.monitoring
tool = 3
print(proof.monitored('code'))
monitoring.use_tool_id(tool, 'proof')
names = ['PY_START', 'PY_RESUME', 'PY_RETURN', 'PY_YIELD', 'CALL', 'LINE', 'JUMP', 'BRANCH', 'RAISE',
         'EXCEPTION_HANDLED', 'PY_UNWIND', 'PY_THROW', 'RERAISE', 'STOP_ITERATION']
answers = {}


def listener(name):
    def listen(*args):
        if args[0] == 'code':
            print(' ', name, args)
            return answers.get(name, lambda: None)()
    return listen


for name in names:
    monitoring.register_callback(tool, getattr(monitoring.events, name), listener(name))
monitoring.set_events(tool, monitoring.events.PY_RETURN | monitoring.events.LINE)
print(proof.monitored('code'))
monitoring.set_events(tool, sum(getattr(monitoring.events, name) for name in names))
print(proof.monitored('code'))
answers['LINE'] = lambda: monitoring.DISABLE
answers['CALL'] = lambda: 1 / 0
answers['RAISE'] = lambda: [][1]
print(proof.monitored('code'))
print(proof.monitored('code'))
monitoring.restart_events()
print(proof.monitored('code'))
answers['PY_UNWIND'] = lambda: monitoring.DISABLE
print(proof.monitored('code'))
print(proof.monitored('code'))
monitoring.set_events(tool, 0)
monitoring.free_tool_id(tool)
print(proof.monitored('code'))

# The process.
for text in ['0', ' 12', '0x1f', '0xg', '0o17', '0b101', '0b2', '007', '08', '-5', '+7', '- 5', 'zz', '12ab', '', '  ',
             '18446744073709551615', '18446744073709551616', '9223372036854775808', '-9223372036854775808',
             '-9223372036854775809', '99999999999999999999999x', '00012', '0X1F']:
    print(repr(text), [proof.number(text, base) for base in (0, 2, 8, 10, 16, 36, 1, 37)])
for a, b, n in [('abc', 'ABC', 3), ('abc', 'abd', 2), ('abc', 'ab', 5), ('', 'a', 1), ('Z', 'a', 1), ('a', 'b', 0)]:
    print(a, b, n, proof.compared(a, b, n))
for text in ['', 'abc', 'h\xe4\u20ac\U0001f40d']:
    print(ascii(proof.locale_text(text.encode())))
for data in [b'\xff', b'a\xc3', b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\xc0\x80', b'\xe2\x82', b'ok\xe2\x82\xac\x80']:
    print(data, ascii(proof.locale_text(data)))
import opcode
for name, argument in [('LOAD_CONST', 0), ('CALL', 3), ('FOR_ITER', 2), ('BUILD_MAP', 2), ('UNPACK_EX', 258), ('SEND', 1)]:
    print(name, proof.stack_effect(opcode.opmap[name], argument))
print(proof.stack_effect(200, 0), proof.stack_effect(-1, 0), proof.stack_effect(5000, 0))
print(proof.lines(b'a\nb\r\nc\rd'), proof.lines(b'0123456789\r\n\r\r\n'), proof.lines(b''))
print(proof.tracked([]), proof.tracked('text'), proof.tracked(proof))
import weakref


class Target:
    pass


target = Target()
references = [weakref.ref(target), weakref.ref(target, lambda r: print('called'))]
print(proof.forget_weak_references(target), [r() for r in references])
del target
print(proof.about_process()[:5], proof.about_process()[5] == sys.thread_info, proof.about_process()[6])
print(proof.compiler_flags())
exec('from __future__ import annotations, generator_stop\nprint(proof.compiler_flags())')
print(proof.read_line(b'one\ntwo\n'), proof.read_line(b'one'), proof.read_line(b''))
import io
print(proof.open_code(), io.open_code('/other/path'))
print(proof.at_exit())
