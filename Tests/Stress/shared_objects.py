"""Threads that make, change and drop shared lists, dicts, sets, strings and cycles at the shortest switch interval.

usage: shared_objects.py [SECONDS]

Fails if a container ends up in a state that no interleaving of atomic operations explains, or if objects stay behind.
"""
import gc
import random
import sys
import threading
import time
import weakref

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 5
sys.setswitchinterval(1e-6)

shared_list = []
shared_dict = {}
shared_set = set()
appended = [0] * 6
errors = []
alive = weakref.WeakSet()


class Node:
    def __init__(self):
        self.me = self
        self.others = []


def work(k):
    rng = random.Random(k)
    end = time.monotonic() + SECONDS
    n = 0
    text = ""
    try:
        while time.monotonic() < end:
            n += 1
            shared_list.append((k, n))
            appended[k] += 1
            shared_dict[rng.randrange(50)] = [k] * rng.randrange(5)
            shared_dict.pop(rng.randrange(50), None)
            shared_set.add(rng.randrange(100))
            shared_set.discard(rng.randrange(100))
            for key, value in list(shared_dict.items()):
                assert len(set(value)) <= 1, value
            text = (text + str(n))[-100:]
            node = Node()
            node.others.append(node)
            if n % 50 == 0:
                alive.add(node)
            if n % 997 == 0:
                gc.collect(0)
            try:
                for x in shared_dict:
                    pass
                "".join(map(str, shared_set))
            except RuntimeError as e:
                assert "changed" in str(e), e
    except BaseException as e:
        errors.append(e)
        raise


threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
for t in threads:
    t.start()
for t in threads:
    t.join()
assert not errors, errors
assert len(shared_list) == sum(appended), (len(shared_list), appended)
last = {}
for k, n in shared_list:
    assert last.get(k, 0) < n, "a thread's appends are out of order"
    last[k] = n
shared_list.clear()
gc.collect()
assert not [x for x in gc.get_objects() if type(x) is Node], "nodes stay behind"
print("ok")
