"""Queues and channels between interpreters and their threads: values, memory, ends of interpreters, waiting senders."""
import _interpchannels as channels
import _interpqueues as queues
import _interpreters as interpreters
import array
import threading
import time

REMOVE, ERROR, REPLACE = 1, 2, 3


def show(label, function, *args, **kwargs):
    try:
        print(label, function(*args, **kwargs))
    except Exception as e:
        print(label, type(e).__name__, e)


def run(id, code):
    failure = interpreters.exec(id, code)
    if failure:
        print('failed:', failure.formatted)


class Empty(queues.QueueError):
    pass


class Full(queues.QueueError):
    pass


class Queue:
    def __init__(self, id):
        self._id = id
        queues.bind(id)

    def __del__(self):
        queues.release(self._id)


SETUP = f'''
REPLACE = {REPLACE}
import _interpchannels as channels, _interpqueues as queues, _interpreters as interpreters
import threading, time
class Empty(queues.QueueError): pass
class Full(queues.QueueError): pass
class Queue:
    def __init__(self, id): self._id = id
queues._register_heap_types(Queue, Empty, Full)
class Send:
    def __init__(self, id): self._id = id
class Recv(Send): pass
channels._register_end_types(Send, Recv)
'''
queues._register_heap_types(Queue, Empty, Full)
a, b = interpreters.create(), interpreters.create()
for i in (a, b):
    run(i, SETUP)

# A queue takes what may be shared, up to its size.
q = queues.create(3, 7, REPLACE)
print(queues.get_maxsize(q), queues.get_queue_defaults(q), queues.is_full(q), queues.get_count(q))
for value in (None, [1], (1, [2]), 2 ** 80, 1j, (1, ('two', 3.5, b'four', None, True, ()))):
    show('put', queues.put, q, value, 7, REPLACE)
show('put', queues.put, q, 'last', 8, ERROR)
show('full', queues.put, q, 'too much', 8, ERROR)
print(queues.is_full(q), queues.get_count(q))
for _ in range(4):
    show('get', queues.get, q)
print(queues.is_full(queues.create(0, 0, REPLACE)), [fmt for _, fmt, _ in queues.list_all()])

# Numbers of queues, and references.
other = queues.create(0, 0, REMOVE)
show('never bound', queues.release, other)
queues.bind(other)
queues.bind(other)
queues.release(other)
print(queues.get_count(other))
queues.release(other)
show('gone', queues.get_count, other)
show('no such', queues.put, 1000, 1, 0, REPLACE)
show('bad op', queues.put, q, 1, 0, 4)
show('bad op', queues.create, 1, 0, 0)

# A queue in a queue: another interpreter makes an object of its own class.
inner = Queue(queues.create(0, 0, REPLACE))
print(interpreters.is_shareable(inner), interpreters.is_shareable(Empty()))
queues.put(q, inner, 0, REPLACE)
run(a, f'''
inner, fmt, op = queues.get({q})
assert type(inner) is Queue and fmt == 0 and op is None
queues.put(inner._id, ('from', interpreters.get_current()[0] > 0), 1, REPLACE)
''')
print(queues.get(inner._id))

# What becomes of items when their interpreter ends.
c = interpreters.create()
run(c, f'''
import _interpqueues as queues
for i, op in enumerate([{REMOVE}, {ERROR}, {REPLACE}, {REMOVE}, {REPLACE}]):
    if i != 1: queues.put({inner._id}, i, i, op)
    else: queues.put({inner._id}, (i, b"x"), i, op)
''')
queues.put(inner._id, 'mine', 9, REMOVE)
print(queues.get(inner._id), queues.get_count(inner._id))
interpreters.destroy(c)
print(queues.get_count(inner._id), [queues.get(inner._id) for _ in range(queues.get_count(inner._id))])
show('empty', queues.get, inner._id)

# Threads of three interpreters fill a queue while the main one empties it.
work, results = queues.create(10, 0, REPLACE), queues.create(0, 0, REPLACE)
WORKER = f'''
def work():
    while True:
        try:
            value = queues.get({work})[0]
        except Empty:
            time.sleep(0.001)
            continue
        if value is None: return
        queues.put({results}, (value, value * value), 0, {REPLACE})
threads = [threading.Thread(target=work) for _ in range(3)]
for t in threads: t.start()
for t in threads: t.join()
'''
threads = [threading.Thread(target=run, args=(i, WORKER)) for i in (a, b)]
for t in threads:
    t.start()
for value in [*range(300), *[None] * 6]:
    while True:
        try:
            queues.put(work, value, 0, REPLACE)
            break
        except Full:
            time.sleep(0.001)
for t in threads:
    t.join()
got = sorted(queues.get(results)[0] for _ in range(queues.get_count(results)))
print(len(got), got == [(n, n * n) for n in range(300)], queues.get_count(work))

# Channels: numbers, ends, comparisons.
ch = channels.create(REPLACE)
print(int(ch), repr(ch), ch.end, repr(ch.send), str(ch.recv), ch == int(ch), ch == ch.send, ch.send == ch.send,
      hash(ch) == hash(int(ch)), ch == '0', ch != 1.5)
show('none such', channels._channel_id, 1000)
print(channels._channel_id(1000, force=True), channels._channel_id(ch, send=True).end)
show('no end', channels._channel_id, ch, send=False, recv=False)
show('a new one', channels.ChannelID, 1)

# Sending and receiving, by one interpreter and by several.
for value in ('text', b'bytes', (1, (2,)), ch, ch.send):
    channels.send(ch, value, blocking=False)
print(channels.get_count(ch), [channels.recv(ch) for _ in range(5)])
show('empty', channels.recv, ch)
print(channels.recv(ch, 'default'), channels.get_info(ch))
run(a, f'channels.send({int(ch)}, "hello", blocking=False)')
run(b, f'assert channels.recv({int(ch)}) == ("hello", None)')
print(channels.list_interpreters(ch, send=True) == [0, a], channels.list_interpreters(ch, send=False) == [0, b])
info = channels.get_info(ch)
print(info[:], info.num_interp_both, info.send_associated, info.recv_released)


# The objects of the two ends arrive as the other interpreter's own.
class Send:
    def __init__(self, id):
        self._id = id


class Recv(Send):
    pass


channels._register_end_types(Send, Recv)
channels.send(ch, Send(ch.send), blocking=False)
channels.send(ch, Recv(ch.recv), blocking=False)
run(a, f'''
s, r = channels.recv({int(ch)})[0], channels.recv({int(ch)})[0]
assert type(s) is Send and type(r) is Recv and s._id.end == 'send' and r._id.end == 'recv'
''')

# A sender waits for the receiver, not longer than it says.
show('timeout', channels.send, ch, 'late', timeout=0.01)
show('empty', channels.recv, ch)
show('timeout', channels.send, ch, 1, blocking=False, timeout=1)
show('timeout', channels.send, ch, 1, timeout=-1)
show('timeout', channels.send, ch, 1, timeout=1e30)
RECEIVER = f'''
while True:
    value, op = channels.recv({int(ch)}, None)
    if value is not None: break
    time.sleep(0.002)
channels.send({int(ch)}, value * 2)
'''
t = threading.Thread(target=run, args=(a, RECEIVER))
t.start()
channels.send(ch, 21)
while True:
    value, op = channels.recv(ch, None)
    if value is not None:
        break
    time.sleep(0.002)
t.join()
print('answer', value)


# It learns that the channel was closed meanwhile.
def close_soon(id):
    while not channels.get_count(id):
        time.sleep(0.001)
    channels.close(id, force=True)


for timeout in (None, 30):
    closed = channels.create(REPLACE)
    t = threading.Thread(target=close_soon, args=(closed,))
    t.start()
    try:
        channels.send(closed, 1, timeout=timeout)
    except channels.ChannelClosedError as e:
        print(str(e).replace(str(closed), 'N'))
    t.join()

# Closing: at once, when empty, by force, by everybody's release.
ch = channels.create(ERROR)
name = str(ch)
quiet = lambda f, *args, **kwargs: show('closing', lambda: (f(*args, **kwargs), channels.get_info(ch)[:4]))
channels.send(ch, 1, blocking=False)
channels.send(ch, 2, blocking=False)
for kwargs in ({}, {'recv': True}, {'send': True, 'recv': True}, {'send': True}, {'send': True}):
    quiet(channels.close, ch, **kwargs)
quiet(channels.send, ch, 3, blocking=False)
print(channels.recv(ch), channels.get_info(ch)[:4], channels.recv(ch), channels.get_info(ch)[:4])
quiet(channels.recv, ch)
quiet(channels.close, ch)
ch = channels.create(ERROR)
channels.send(ch, 1, blocking=False)
quiet(channels.release, ch, send=True)
ch = channels.create(ERROR)
channels.send(ch, 1, blocking=False)
quiet(channels.recv, ch)
quiet(channels.release, ch, send=True)
quiet(channels.send, ch, 1, blocking=False)
quiet(channels.release, ch, recv=True)
print(channels.get_channel_defaults(channels.create(REMOVE)))

# The end of an interpreter with items in a channel, and of all that use it.
ch = channels.create(REPLACE)
channels.send(ch, 0, blocking=False)
c = interpreters.create()
run(c, f'''
import _interpchannels as channels
for op in ({REMOVE}, {ERROR}, {REPLACE}): channels.send({int(ch)}, "x", op, blocking=False)
''')
interpreters.destroy(c)
print(channels.get_count(ch), [channels.recv(ch) for _ in range(3)])
ch = channels.create(REPLACE)
c = interpreters.create()
run(c, f'import _interpchannels as channels; channels.send({int(ch)}, "x", blocking=False)')
interpreters.destroy(c)
print(channels.get_info(ch)[:4])

# The last ChannelID takes the channel with it.
number = int(ch)
del ch
show('gone', channels.get_info, number) if number < 0 else None
try:
    channels.get_info(number)
except channels.ChannelNotFoundError:
    print('gone')

# Memory is shared, and kept while another interpreter has it.
ch = channels.create(REPLACE)
memory = bytearray(b'abcdef')
channels.send_buffer(ch, memory, blocking=False)
show('kept', memory.append, 1)
run(a, f'view = channels.recv({int(ch)})[0]; view[1:3] = b"XY"; assert view.nbytes == 6; seen = bytes(view)')
print(memory)
show('kept', memory.append, 1)
memory[0] = 33
run(a, 'assert seen == b"aXYdef" and bytes(view) == b"!XYdef"; del view')
memory.append(1)
grid = memoryview(array.array('i', range(6))).cast('B').cast('i', (2, 3))
channels.send(ch, grid, blocking=False)
run(b, f'view = channels.recv({int(ch)})[0]; view[1, 2] = 99; assert view.shape == (2, 3) and not view.readonly')
print(grid.tolist())
interpreters.destroy(b)
grid.release()
channels.send_buffer(ch, b'constant', blocking=False)
view = channels.recv(ch)[0]
print(view.readonly, bytes(view), type(view.obj).__name__)
show('number', channels.send_buffer, ch, 1)

# An interpreter that imported neither module gets a channel in its __main__, unless there is none.
c = interpreters.create()
for function, *rest in [(interpreters.set___main___attrs,), (interpreters.exec, 'print("not run")')]:
    try:
        function(c, *rest, {'cid': channels._channel_id(5000, force=True)})
    except interpreters.InterpreterError as e:
        print(type(e).__name__, e, '|', type(e.__context__).__name__, e.__context__, '|', e.__cause__)
run(c, 'import _interpreters')
interpreters.set___main___attrs(c, {'cid': ch.send, 'data': memoryview(memory)})
run(c, 'import _interpchannels; _interpchannels.send(cid, (cid.end, bytes(data)), blocking=False); del data')
print(channels.recv(ch))
interpreters.destroy(c)
interpreters.destroy(a)
print(channels.list_interpreters(ch, send=True), interpreters.list_all())
