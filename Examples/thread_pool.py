"""Slide 8: ten requests of a second each take one second in ten threads. The program of the slide against a server on
this machine."""
import time
from concurrent.futures import ThreadPoolExecutor
import urllib.request

import delayed_server

urls = [delayed_server.start(delay=1)] * 10

def fetch(url):
    with urllib.request.urlopen(url) as resp:  # GIL released during network wait
        return resp.read()

start = time.perf_counter()
# 10 threads → ~1s total, not ~10s
with ThreadPoolExecutor(max_workers=10) as pool:
    results = list(pool.map(fetch, urls))

print(f'{len(results)} answers in {time.perf_counter() - start:.2f} s')

try:
    import gila.lock
except ImportError:
    pass
else:
    # Why this thread gave the lock up. The workers have ended; the main thread waited for their results.
    for reason, (count, away) in sorted(gila.lock.stats()['threads'][-1]['reasons'].items(), key=lambda r: -r[1][1])[:3]:
        print(f'  {reason}: {count} times, {away:.3f} s away from the lock')
