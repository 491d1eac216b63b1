"""Slide 2: four threads add to one counter, a million times each. The program of the slide, and what it prints."""
# Demonstration: only 1 thread can hold the GIL
import threading
import time

counter = 0

def increment():
    global counter
    for _ in range(1_000_000):
        counter += 1  # safe only because GIL serializes bytecode execution

threads = [threading.Thread(target=increment) for _ in range(4)]
start = time.perf_counter()
for t in threads: t.start()
for t in threads: t.join()
print(f'{counter:,} of 4,000,000 after {time.perf_counter() - start:.2f} s')
