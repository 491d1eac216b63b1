"""What two computing threads lose by taking turns: the time from each forced switch to the next thread's first step, from the
lock's own events, as a share of the time. Only on Gila. (Wall time of the two against the same work in sequence says the
same with a noise of several percent.)"""
import threading
import time

import gila.lock


def primes(n):
    found = 0
    for i in range(2, n):
        j = 2
        while j * j <= i:
            if i % j == 0:
                break
            j += 1
        else:
            found += 1
    return found


threads = [threading.Thread(target=primes, args=(120_000,)) for _ in range(2)]
gila.lock.record(capacity=20_000)
for t in threads:
    t.start()
begin = time.monotonic()
time.sleep(1.5)
end = time.monotonic()
events = sorted(e for e in gila.lock.events() if begin <= e[0] <= end)
gila.lock.stop()
gaps, turns, switched, taken = [], [], None, None
for moment, _, kind, *_ in events:
    if kind == 'switch':
        if taken is not None:
            turns.append(moment - taken)
        switched = moment
    elif kind == 'take':
        if switched is not None:
            gaps.append(moment - switched)
            switched = None
        taken = moment
gaps.sort()
turns.sort()
print(f'{len(gaps)} switches, {gaps[len(gaps) // 2] * 1e6:.1f} us each (median), {gaps[-1] * 1e6:.0f} us at most: '
      f'{100 * sum(gaps) / (end - begin):.3f} % of the time; turns of {turns[len(turns) // 2] * 1e3:.2f} ms')
for t in threads:
    t.join()
