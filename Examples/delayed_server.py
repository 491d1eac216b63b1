"""A small HTTP server on this machine that answers each request after a delay, in place of httpbin.org/delay."""
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Delayed(BaseHTTPRequestHandler):
    delay = 1.0

    def do_GET(self):
        time.sleep(self.delay)
        body = b'{"delayed": true}\n'
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def start(delay=1.0):
    """Starts the server in a thread of its own; the address to ask."""
    Delayed.delay = delay
    server = Server(('127.0.0.1', 0), Delayed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f'http://127.0.0.1:{server.server_port}/delay/1'
