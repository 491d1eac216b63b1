"""Two threads that compute, against the same work in sequence: what taking turns costs, or saves, at three switch intervals.

    turns.py [ROUNDS]

Prints the ratio of the medians, and of the fastest. Runs on any Python 3.
"""
import statistics
import sys
import threading
import time

STEPS = 4_000_000


def work():
    x = 0
    for i in range(STEPS):
        x += i * i


def timed(f):
    begin = time.perf_counter()
    f()
    return time.perf_counter() - begin


def in_sequence():
    work()
    work()


def in_threads():
    threads = [threading.Thread(target=work) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
for interval in 0.005, 0.0005, 0.00005:
    sys.setswitchinterval(interval)
    pairs = [(timed(in_sequence), timed(in_threads)) for _ in range(rounds)]
    sequence, threads = zip(*pairs)
    print(f'interval {interval * 1e6:.0f} us: two threads take {statistics.median(threads) / statistics.median(sequence):.2f} '
          f'of the time in sequence, the fastest {min(threads) / min(sequence):.2f}', flush=True)
