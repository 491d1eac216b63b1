"""Answers to a client that asks every 2 to 4 ms, beside threads that compute: how many are late, and how late.

    late_answers.py [ROUNDS] [COMPUTING]

A thread waits in recv() and sends each request back; the client is another process, and measures. A round has 250 requests.
Prints the medians over the rounds of the 50th and 99th percentile, and how many answers of a round came after more than a
millisecond (the first one usually, since it waits for the threads to start). Runs on any Python 3.
"""
import json
import os
import random
import socket
import statistics
import sys
import threading
import time

REQUESTS = 250


def ask(s, out):
    times = []
    for _ in range(REQUESTS):
        time.sleep(0.002 + random.random() * 0.002)
        begin = time.perf_counter()
        s.sendall(b'x' * 64)
        s.recv(64)
        times.append(time.perf_counter() - begin)
    os.write(out, json.dumps(times).encode())


def one_round(computing):
    ours, theirs = socket.socketpair()
    times, out = os.pipe()
    client = os.fork()
    if client == 0:
        ours.close()
        ask(theirs, out)
        os._exit(0)
    theirs.close()
    os.close(out)
    stop = threading.Event()

    def compute():
        while not stop.is_set():
            x = 0
            for i in range(1000):
                x += i * i

    threads = [threading.Thread(target=compute) for _ in range(computing)]
    for t in threads:
        t.start()
    while request := ours.recv(64):
        ours.sendall(request)
    stop.set()
    for t in threads:
        t.join()
    ours.close()
    with open(times, 'rb') as f:
        got = sorted(json.loads(f.read()))
    os.waitpid(client, 0)
    return got[REQUESTS // 2], got[REQUESTS * 99 // 100], sum(t > 0.001 for t in got)


rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 8
for computing in [int(sys.argv[2])] if len(sys.argv) > 2 else [0, 1, 2]:
    half, most, late = zip(*(one_round(computing) for _ in range(rounds)))
    print(f'beside {computing} that compute: half within {statistics.median(half) * 1e6:.0f} us, 99 % within '
          f'{statistics.median(most) * 1e6:.0f} us, late {statistics.mean(late):.1f} of {REQUESTS}', flush=True)
