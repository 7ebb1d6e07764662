"""A web server in this process to which alerts are posted: it keeps what it hears, and answers as told."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted; answers with the server's `status`, 302 to itself."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, self.headers["Idempotency-Key"], json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"x" * 100_000)  # much more than is read

    def log_message(self, *_):
        pass


@contextmanager
def hook(*, status=204):
    """A web server on this machine for the length of the block: `.url`, `.heard`, `.status`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        server.status, server.heard, server.daemon_threads = status, [], True
        server.url = f"http://127.0.0.1:{server.server_port}/press?key=s3cret"
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield server
        finally:
            server.shutdown()
            serving.join()
