# A signal that comes while the main thread begins to wait for another thread is handled at once, whenever it comes.
import os
import signal
import sys
import threading
import time


class Hit(Exception):
    pass


def on_signal(number, frame):
    raise Hit


signal.signal(signal.SIGUSR1, on_signal)
turn = threading.Semaphore(0)
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1500


def send():
    for i in range(ROUNDS):
        turn.acquire()
        end = time.perf_counter() + (i % 60) * 1e-6
        while time.perf_counter() < end:
            pass
        os.kill(os.getpid(), signal.SIGUSR1)


def rounds(wait):
    sender = threading.Thread(target=send)
    sender.start()
    late = 0
    for _ in range(ROUNDS):
        try:
            turn.release()
            wait()
            late += 1
        except Hit:
            pass
    sender.join()
    return f'late {late}'


never = threading.Lock()
never.acquire()
print('lock', rounds(lambda: never.acquire(timeout=20)))
event = threading.Event()
print('event', rounds(lambda: event.wait(20)))
waiting = threading.Thread(target=never.acquire, daemon=True)
waiting.start()
print('join', rounds(lambda: waiting.join(20)))
held = threading.RLock()
taken = threading.Event()


def hold():
    with held:
        taken.set()
        never.acquire()


holder = threading.Thread(target=hold, daemon=True)
holder.start()
taken.wait()
print('rlock', rounds(lambda: held.acquire(timeout=20)))

# In the child of a fork by another thread, that thread is the main one.
signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(threading.current_thread() is threading.main_thread()))
seen = []


def fork():
    import warnings
    warnings.simplefilter('ignore')
    child = os.fork()
    if child == 0:
        def kill():
            time.sleep(0.1)
            os.kill(os.getpid(), signal.SIGUSR1)
        threading.Thread(target=kill).start()
        end = time.monotonic() + 20
        while not seen and time.monotonic() < end:
            pass
        print('child', seen, flush=True)
        os._exit(0)
    os.waitpid(child, 0)


forking = threading.Thread(target=fork)
forking.start()
forking.join()
print('parent', seen)
