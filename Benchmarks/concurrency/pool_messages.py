"""Items a second through a pool of two processes, one message each way an item: the threads of the pool give the lock up
for a few microseconds at a time, and it must not make them change places each time.

    pool_messages.py [ITEMS]
"""
import multiprocessing
import resource
import sys
import time

ITEMS = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000


def same(x):
    return x


def measure(name, work):
    best, usage = 0, resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(3):
        begin = time.perf_counter()
        work()
        best = max(best, ITEMS / (time.perf_counter() - begin))
    now = resource.getrusage(resource.RUSAGE_SELF)
    switches = (now.ru_nvcsw + now.ru_nivcsw - usage.ru_nvcsw - usage.ru_nivcsw) / (3 * ITEMS)
    seconds = (now.ru_utime + now.ru_stime - usage.ru_utime - usage.ru_stime) / (3 * ITEMS)
    print(f'{name}: {best:.0f} items a second, {seconds * 1e6:.0f} us of the parent and {switches:.1f} changes of context an item')


if __name__ == '__main__':
    with multiprocessing.get_context('fork').Pool(2) as pool:
        measure('imap', lambda: sum(1 for _ in pool.imap(same, range(ITEMS))))
        measure('map, one by one', lambda: pool.map(same, range(ITEMS), chunksize=1))
