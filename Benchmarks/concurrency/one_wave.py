"""One wave: 10 and 100 threads of a pool fetch once each from a local server that delays its answers by 0.2 s. Prints the wall
time over one delay plus what the connections cost, which is the same wave against a server that does not delay.

    one_wave.py [ROUNDS]        BENCH_HELPER names the Python that runs the servers (this one by default)
"""
import os
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

DELAY = 0.2


def serve(delay):
    import asyncio

    async def handle(reader, writer):
        await reader.readuntil(b'\r\n\r\n')
        if delay:
            await asyncio.sleep(delay)
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello')
        await writer.drain()
        writer.close()

    async def main():
        server = await asyncio.start_server(handle, '127.0.0.1', 0, backlog=1024)
        print(server.sockets[0].getsockname()[1], flush=True)
        async with server:
            await server.serve_forever()
    asyncio.run(main())


def start(delay):
    helper = os.environ.get('BENCH_HELPER') or sys.executable
    p = subprocess.Popen([helper, os.path.abspath(__file__), 'serve', str(delay)], stdout=subprocess.PIPE)
    return p, f'http://127.0.0.1:{int(p.stdout.readline())}/'


def main(rounds):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    servers = {delay: start(delay) for delay in (0.0, DELAY)}

    def wave(url, n):
        def get(_):
            with opener.open(url, timeout=30) as f:
                return len(f.read())
        begin = time.perf_counter()
        with ThreadPoolExecutor(n) as pool:
            assert sum(pool.map(get, range(n))) == 5 * n
        return time.perf_counter() - begin
    for _, url in servers.values():
        wave(url, 2)
    for n in (10, 100):
        times = {delay: sorted(wave(url, n) for _ in range(rounds)) for delay, (_, url) in servers.items()}
        cost, wall = (times[delay][rounds // 2] for delay in (0.0, DELAY))
        print(f'{n} threads: connections {cost * 1e3:.0f} ms, with the delay {wall * 1e3:.0f} ms, '
              f'{wall / (DELAY + cost):.3f} of one delay plus the connections')
    for p, _ in servers.values():
        p.kill()


if sys.argv[1:2] == ['serve']:
    serve(float(sys.argv[2]))
else:
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
