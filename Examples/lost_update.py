"""Slide 2, the race in a form that shows: between reading the counter and storing it a thread may have to make way."""
import sys
import threading

counter = 0


def plus_one(n):
    return n + 1


def increment(times):
    global counter
    for _ in range(times):
        counter = plus_one(counter)  # reads, calls (here the interpreter may switch threads), stores


def guarded(times, lock):
    global counter
    for _ in range(times):
        with lock:
            counter = plus_one(counter)


def run(target, *args):
    global counter
    counter = 0
    threads = [threading.Thread(target=target, args=(100_000, *args)) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return counter


sys.setswitchinterval(1e-5)  # ten microseconds: switches are frequent, so the loss is plain
print(f'without a lock: {run(increment):,} of 400,000')
print(f'with a lock:    {run(guarded, threading.Lock()):,} of 400,000')
