"""How long a thread that comes back from a sleep waits for the interpreter while another is inside one long native
operation. A thread sleeps a millisecond at a time and notes how much later than that it runs again; the main thread does
the operation over and over for about two seconds. Milliseconds; one JSON line.

    native_loops.py [--seconds 2]
"""
import itertools
import json
import re
import sys
import threading
import time
from collections import deque

sys.set_int_max_str_digits(0)
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
big = 3**200_000
half = 7**60_000
text = '9' * 40_000
numbers = list(range(3_000_000))
texts = [str(n * 7919 % 1_000_003) for n in range(500_000)]

OPERATIONS = {
    'multiply': lambda: big * (big + 1),
    'divide': lambda: (big * big) // half,
    'power_mod': lambda: pow(3, half, 2**4001 - 1),
    'int_to_text': lambda: str(half),
    'text_to_int': lambda: int(text),
    'regex_backtracking': lambda: re.match(r'(a|aa)+$', 'a' * 27 + 'b'),
    'regex_search': lambda: re.search(r'a[bc]d', 'ab' * 2_000_000),
    'sum_of_range': lambda: sum(range(10_000_000)),
    'max_of_list': lambda: max(numbers),
    'all_of_repeat': lambda: all(itertools.repeat(True, 5_000_000)),
    'list_of_range': lambda: list(range(5_000_000)),
    'deque_consumes': lambda: deque(itertools.repeat(None, 5_000_000), maxlen=0),
    'sort_ints': lambda: sorted(numbers, reverse=True),
    'sort_texts': lambda: sorted(texts),
    'python_loop': lambda: [i * i for i in range(300_000)],
}


def measure(operation):
    late, stop = [], False

    def sleeper():
        while not stop:
            t = time.perf_counter()
            time.sleep(0.001)
            late.append((time.perf_counter() - t) * 1e3 - 1)
    thread = threading.Thread(target=sleeper)
    thread.start()
    end = time.perf_counter() + SECONDS
    times = 0
    while time.perf_counter() < end:
        operation()
        times += 1
    stop = True
    thread.join()
    late.sort()
    return dict(p50=round(late[len(late) // 2], 3), p99=round(late[len(late) * 99 // 100], 3), max=round(late[-1], 3),
                one_takes=round(SECONDS * 1e3 / times, 1), wakes=len(late))


print(json.dumps({name: measure(f) for name, f in OPERATIONS.items()}))
