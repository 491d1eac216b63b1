"""The lecture's counter: four threads, a million increments each, under one lock."""
import threading
import time

counter = 0


def increment():
    global counter
    for _ in range(1_000_000):
        counter += 1  # no switch happens inside this line: each loop iteration has one safe point, at its end


threads = [threading.Thread(target=increment) for _ in range(4)]
start = time.perf_counter()
for t in threads:
    t.start()
for t in threads:
    t.join()
print(f"{counter:,} after {time.perf_counter() - start:.2f} s")

try:
    import gila.lock
except ImportError:
    pass
else:
    me = gila.lock.stats()["threads"][-1]
    print(f"the main thread took the lock {me['takes']} times and waited {me['waited']:.3f} s for it")
