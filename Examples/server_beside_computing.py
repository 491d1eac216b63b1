"""Slides 7 and 8, measured: how long does an answer take while another thread computes? A thread echoes what another
process sends every few milliseconds, alone and beside one and two threads that compute."""
import os
import random
import socket
import threading
import time

REQUESTS = 200
stop = False


def burn():
    while not stop:
        sum(i * i for i in range(1000))


def requester(s, out):
    late = []
    for _ in range(REQUESTS):
        time.sleep(0.002 + random.random() * 0.002)
        start = time.perf_counter()
        s.sendall(b'x' * 64)
        s.recv(64)
        late.append((time.perf_counter() - start) * 1e3)
    late.sort()
    os.write(out, b'half within %.2f ms, 99 of 100 within %.2f ms' % (late[REQUESTS // 2], late[REQUESTS * 99 // 100]))
    os._exit(0)


for burners in range(3):
    stop = False
    ours, theirs = socket.socketpair()
    read, write = os.pipe()
    if os.fork() == 0:
        ours.close()
        requester(theirs, write)
    theirs.close()
    threads = [threading.Thread(target=burn) for _ in range(burners)]
    for t in threads:
        t.start()
    while data := ours.recv(64):
        ours.sendall(data)
    stop = True
    for t in threads:
        t.join()
    print(f'beside {burners} computing threads: {os.read(read, 200).decode()}')
    os.wait()
    os.close(read)
    os.close(write)
