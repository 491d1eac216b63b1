"""Mixed threads for as long as wanted: computing, sleeping, sockets, pipes, locks, queues, conditions, signals, forks, a switch
interval that changes at random, and a process that is stopped and continued now and then. Checks that nothing is lost, that
everybody gets on, and that memory stays flat.

    soak.py [SECONDS] [SEED]

Ends with status 0 and a line "ok: …", or says what went wrong. Runs on any Python 3.13.
"""
import gc
import os
import queue
import random
import select
import signal
import socket
import sys
import threading
import time

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 60
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
PATIENCE = 60  # seconds of waiting that count as a deadlock
# A thread has to get on while the process computes for so long: on a machine that is full, wall time says nothing.
PROCESSOR_PATIENCE = 20
# A signal is handled before the process has computed for so long.
PROMPT = 6
stop = threading.Event()
progress = {}


class Patience:
    def __init__(self):
        self.begin = time.monotonic(), time.process_time()

    def passed(self):
        return time.monotonic() - self.begin[0], time.process_time() - self.begin[1]

    def is_over(self):
        passed, computed = self.passed()
        return passed > PATIENCE and (computed > PROCESSOR_PATIENCE or passed > 10 * PATIENCE)
failures = []


def worker(f):
    def run(*args):
        name = threading.current_thread().name
        progress[name] = 0
        r = random.Random(f'{SEED} {name}')
        try:
            f(name, r, *args)
        except BaseException as e:
            import traceback
            traceback.print_exc()
            failures.append(f'{name}: {e!r}')
            stop.set()
    run.title = f.__name__
    return run


@worker
def compute(name, r):
    while not stop.is_set():
        n = r.randrange(1000, 20000)
        if sum(i * i for i in range(n)) != (n - 1) * n * (2 * n - 1) // 6:
            raise AssertionError('wrong sum')
        progress[name] += 1


@worker
def big_numbers(name, r):
    while not stop.is_set():
        a, b = r.getrandbits(200_000), r.getrandbits(100_000) | 1
        q, m = divmod(a * b + 7, b)
        if q * b + m != a * b + 7:
            raise AssertionError('wrong division')
        progress[name] += 1
        time.sleep(r.random() * 0.02)


@worker
def sleep(name, r):
    while not stop.is_set():
        time.sleep(r.random() * 0.003)
        progress[name] += 1


lock = threading.Lock()
rlock = threading.RLock()
shared = {'counter': 0, 'depth': 0}
counted = {}


@worker
def count(name, r):
    counted[name] = 0
    while not stop.is_set():
        with lock:
            before = shared['counter']
            if r.random() < 0.05:
                time.sleep(0)
            shared['counter'] = before + 1
        counted[name] += 1
        with rlock, rlock:
            shared['depth'] += 1
            if shared['depth'] != 1:
                raise AssertionError('two threads inside')
            shared['depth'] -= 1
        if lock.acquire(timeout=r.random() * 0.001):
            lock.release()
        progress[name] += 1


channel = queue.Queue(50)
simple = queue.SimpleQueue()
sums = {'put': 0, 'got': 0}
sums_lock = threading.Lock()


@worker
def produce(name, r):
    total = 0
    while not stop.is_set():
        v = r.randrange(1000)
        try:
            channel.put(v, timeout=0.5)
        except queue.Full:
            continue
        total += v
        simple.put(v)
        total += v
        progress[name] += 1
        while simple.qsize() > 1000 and not stop.is_set():
            time.sleep(0.001)
    with sums_lock:
        sums['put'] += total


def drain(q, timeout):
    total = 0
    try:
        total += q.get(timeout=timeout)
    except queue.Empty:
        pass
    return total


@worker
def consume(name, r):
    total = 0
    while not stop.is_set():
        total += drain(channel, 0.05) + drain(simple, 0.05)
        progress[name] += 1
    with sums_lock:
        sums['got'] += total


condition = threading.Condition()
turn = [0]


@worker
def take_turns(name, r, me, others):
    while not stop.is_set():
        with condition:
            while turn[0] != me and not stop.is_set():
                condition.wait(0.5)
            turn[0] = (me + 1) % others
            condition.notify_all()
        progress[name] += 1


@worker
def echo(name, r, s):
    while data := s.recv(100):
        s.sendall(data)
        progress[name] += 1


@worker
def ask(name, r, s):
    s.settimeout(10 * PATIENCE)
    while not stop.is_set():
        message = r.randbytes(r.randrange(1, 100))
        s.sendall(message)
        got = b''
        while len(got) < len(message):
            got += s.recv(100)
        if got != message:
            raise AssertionError('wrong echo')
        progress[name] += 1
        if r.random() < 0.3:
            time.sleep(r.random() * 0.003)
    s.close()


@worker
def pass_on(name, r, source, target):
    """Messages round a ring of threads: each makes one short call after the other."""
    while message := os.read(source, 8):
        os.write(target, message)
        progress[name] += 1
    os.close(target)


@worker
def go_round(name, r, source, target):
    n = 0
    while not stop.is_set():
        for k in range(20):
            os.write(target, (n + k).to_bytes(8, 'big'))
        for k in range(20):
            if int.from_bytes(os.read(source, 8), 'big') != n + k:
                raise AssertionError('a message was lost')
        n += 20
        progress[name] += 1
        time.sleep(r.random() * 0.01)
    os.close(target)


@worker
def short_threads(name, r):
    while not stop.is_set():
        results = []
        threads = [threading.Thread(target=lambda k=k: results.append(k)) for k in range(r.randrange(1, 8))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        if sorted(results) != list(range(len(threads))):
            raise AssertionError('a thread was lost')
        progress[name] += 1
        time.sleep(0.002)


@worker
def fork(name, r):
    while not stop.is_set():
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                # The child has one thread, its locks work, and it can make threads.
                box = []
                t = threading.Thread(target=lambda: box.append(sum(range(1000))))
                t.start()
                t.join(10 * PATIENCE)
                if box == [499500] and threading.active_count() == 1:
                    os.write(write, b'ok')
                    status = 0
            finally:
                os._exit(status)
        os.close(write)
        answer = os.read(read, 10)
        os.close(read)
        _, status = os.waitpid(pid, 0)
        if answer != b'ok' or status:
            raise AssertionError(f'child: {answer!r}, status {status}')
        progress[name] += 1
        time.sleep(0.05 + r.random() * 0.1)


@worker
def change_interval(name, r):
    while not stop.is_set():
        sys.setswitchinterval(r.choice([1e-6, 1e-5, 1e-4, 5e-4, 0.005, 0.02]))
        progress[name] += 1
        time.sleep(0.02)


@worker
def garbage(name, r):
    while not stop.is_set():
        for _ in range(200):
            a = []
            a.append((a, {}))
        # The list of the last turn survives a young collection and waits for a full one.
        gc.collect(1 if progress[name] % 50 else 2)
        progress[name] += 1
        time.sleep(0.005)


signals = [0, 0]
longest = [0.0]


def on_signal(number, frame):
    signals[1] += 1
    if threading.current_thread() is not threading.main_thread():
        failures.append('a handler ran outside the main thread')


@worker
def send_signals(name, r):
    while not stop.is_set():
        seen = signals[1]
        os.kill(os.getpid(), signal.SIGUSR1)
        signals[0] += 1
        waits = Patience()
        while signals[1] == seen and not stop.is_set():
            if waits.is_over():
                raise AssertionError('a signal was not handled')
            time.sleep(0.0005)
        longest[0] = max(longest[0], waits.passed()[1])
        if longest[0] > PROMPT:
            raise AssertionError(f'a signal was handled after {longest[0]:.1f} s of computing')
        progress[name] += 1
        time.sleep(r.random() * 0.02)


def stop_and_continue(parent, end):
    """In a process of its own: stops the other one now and then, as Ctrl-Z does, until a pipe is closed."""
    r = random.Random(f'{SEED} stops')
    try:
        while not select.select([end], [], [], 5 + r.random() * 10)[0]:
            os.kill(parent, signal.SIGSTOP)
            time.sleep(r.random())
            os.kill(parent, signal.SIGCONT)
    finally:
        os._exit(0)


def memory():
    with open('/proc/self/statm') as f:
        return int(f.read().split()[1]) * 4096 / 1e6


def show_lock():
    try:
        import gila.lock
    except ImportError:
        return
    names = {t.ident: t.name for t in threading.enumerate()}
    report = gila.lock.stats()
    print('waiting for the interpreter:', report['waiting'])
    for t in report['threads']:
        print(names.get(t['ident']), t)


def main():
    parent = os.getpid()
    end, ours = os.pipe()
    stopper = os.fork()
    if stopper == 0:
        os.close(ours)
        stop_and_continue(parent, end)
    signal.signal(signal.SIGUSR1, on_signal)
    a, b = socket.socketpair()
    c = socket.create_server(('127.0.0.1', 0))
    d = socket.create_connection(c.getsockname())
    e, _ = c.accept()
    plan = [(compute,)] * 2 + [(big_numbers,)] + [(sleep,)] * 2 + [(count,)] * 3 + [(produce,)] * 2 + [(consume,)] * 3
    plan += [(take_turns, k, 3) for k in range(3)] + [(echo, a), (ask, b), (echo, d), (ask, e)]
    pipes = [os.pipe() for _ in range(4)]
    plan += [(pass_on, pipes[k][0], pipes[k + 1][1]) for k in range(3)] + [(go_round, pipes[3][0], pipes[0][1])]
    plan += [(short_threads,), (fork,), (change_interval,), (garbage,), (send_signals,)]
    threads = [threading.Thread(target=f, args=args, name=f'{i} {f.title}')
               for i, (f, *args) in enumerate(plan)]
    for t in threads:
        t.start()
    begin = time.monotonic()
    waits, seen, memories = Patience(), dict(progress), []
    while not stop.is_set() and time.monotonic() - begin < SECONDS:
        stop.wait(min(5, max(0.1, SECONDS / 20)))
        memories.append(memory())
        if waits.is_over():
            still = [n for n, v in progress.items() if v == seen.get(n)]
            if still:
                passed, computed = waits.passed()
                failures.append(f'no progress in {passed:.0f} s, {computed:.0f} s of them computing: {still}')
                import faulthandler
                faulthandler.dump_traceback()
                show_lock()
                break
            waits, seen = Patience(), dict(progress)
    stop.set()
    # It leaves this process continued.
    os.close(ours)
    os.waitpid(stopper, 0)
    for t in threads:
        t.join(10 * PATIENCE)
        if t.is_alive():
            failures.append(f'{t.name} does not end')
    left = 0
    while not channel.empty():
        left += channel.get()
    while not simple.empty():
        left += simple.get()
    if sums['put'] != sums['got'] + left:
        failures.append(f'items lost: {sums}, left {left}')
    if shared['counter'] != sum(counted.values()):
        failures.append(f'counts lost: {shared["counter"]} of {sum(counted.values())}')
    # The second half may not need more than the first did, but for a little.
    half = len(memories) // 2
    if half > 5 and max(memories[half:]) > max(memories[:half]) * 1.05 + 4:
        failures.append(f'memory grows: {memories[::max(1, len(memories) // 20)]}')
    for n, v in sorted(progress.items(), key=lambda p: int(p[0].split()[0])):
        print(f'{n:24} {v}')
    print(f'{time.monotonic() - begin:.0f} s, seed {SEED}, memory {memories[0]:.1f} to {memories[-1]:.1f} MB, '
          f'at most {max(memories):.1f}, signals {signals}, the latest after {longest[0] * 1e3:.0f} ms of computing')
    if failures:
        print('FAILED:', *failures, sep='\n  ')
        sys.stdout.flush()
        os._exit(1)
    print('ok: nothing lost')


main()
