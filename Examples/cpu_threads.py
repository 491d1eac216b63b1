"""Slide 5: threads make computing no faster. The same four jobs, one after another and in four threads."""
import threading
import time


def cpu_bound_task(n):
    return sum(i * i for i in range(n))


def timed(f):
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


def in_sequence():
    for _ in range(4):
        cpu_bound_task(1_000_000)


def in_threads():
    threads = [threading.Thread(target=cpu_bound_task, args=(1_000_000,)) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


sequence, threads = timed(in_sequence), timed(in_threads)
print(f'one after another {sequence:.2f} s, in four threads {threads:.2f} s: {threads / sequence:.2f} times as long')
