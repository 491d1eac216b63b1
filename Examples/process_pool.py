"""Slide 6: processes compute at the same time. The program of the slide, timed."""
import os
import time
from concurrent.futures import ProcessPoolExecutor

def cpu_bound_task(n):
    return sum(i * i for i in range(n))

start = time.perf_counter()
alone = [cpu_bound_task(n) for n in [1_000_000] * 4]
sequence = time.perf_counter() - start

start = time.perf_counter()
# True parallelism — each worker has its own interpreter
with ProcessPoolExecutor(max_workers=4) as pool:
    results = list(pool.map(cpu_bound_task, [1_000_000] * 4))

pooled = time.perf_counter() - start
print(f'same results: {results == alone}; in sequence {sequence:.2f} s, in four processes {pooled:.2f} s, '
      f'{os.cpu_count()} processors')
