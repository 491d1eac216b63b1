"""Slides 9 and 10: is the work I/O-bound or CPU-bound? Measures one job and says which tool fits, then tries them all."""
import os
import time
import urllib.request
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import delayed_server

url = None


def compute(_):
    return sum(i * i for i in range(1_000_000))


def download(_):
    with urllib.request.urlopen(url) as answer:
        return len(answer.read())


def classify(job):
    """The share of its time that a job computes decides."""
    wall, cpu = time.perf_counter(), time.thread_time()
    job(0)
    wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
    share = cpu / wall
    bound, tool = ('CPU', 'ProcessPoolExecutor') if share > 0.5 else ('I/O', 'ThreadPoolExecutor or asyncio')
    print(f'{job.__name__}: {wall * 1e3:.0f} ms, {share:.0%} of it computing: {bound}-bound -> {tool}')


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def pooled(executor, job):
    with executor(max_workers=4) as pool:
        list(pool.map(job, range(4)))


if __name__ == '__main__':
    url = delayed_server.start(delay=0.2)
    for job in (compute, download):
        classify(job)
        print('  four of them: in sequence %.2f s, 4 threads %.2f s, 4 processes %.2f s' % (
            timed(lambda: [job(i) for i in range(4)]),
            timed(lambda: pooled(ThreadPoolExecutor, job)),
            timed(lambda: pooled(ProcessPoolExecutor, job))))
    print(f'({os.cpu_count()} processors)')
