"""Best processor time of a few runs, a line per case: `name <tab> seconds`."""
import sys
import time

ROUNDS = 3
only = sys.argv[1:]


def measure(name, work, *args):
    """Runs `work(*args)` a few times and prints the shortest processor time."""
    if only and name not in only:
        return
    best = None
    for _ in range(ROUNDS):
        start = time.process_time()
        work(*args)
        took = time.process_time() - start
        best = took if best is None else min(best, took)
    print(f'{name}\t{best:.6f}', flush=True)
