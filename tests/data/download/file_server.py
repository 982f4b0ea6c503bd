"""A server on this machine that sends files, well or badly, for the tests of downloads."""

import contextlib
import http.server
import re
import threading
import time


class FileServer:
    """Serves `files` (path -> content) on a free port of 127.0.0.1, with faults.

    Attributes:
        faults: path -> names of faults, one used up by each request: "truncate" sends half of what
            it should, "stall" a third and then nothing, "trickle" byte after byte, "more" too many
            bytes, "whole" ignores the request for a part, "status 503" answers so.
        requests: (path, Range header) of every request.
    """

    def __init__(self):
        self.files = {}
        self.faults = {}
        self.requests = []
        self.stopped = threading.Event()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def address(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 - the library's name
        asked = self.headers.get("Range")
        self.owner.requests.append((self.path, asked))
        faults = self.owner.faults.get(self.path, [])
        fault = faults.pop(0) if faults else ""
        content = self.owner.files.get(self.path)
        if fault.startswith("status") or content is None:
            self.send_error(int(fault.split()[1]) if fault else 404)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", asked).group(1)) if asked else 0
        if asked and fault != "whole":
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            last = len(content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
            content = content[start:]
        else:
            self.send_response(200)
        if fault != "more":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self._send(content, fault)

    def _send(self, content, fault):
        if fault == "truncate":
            self.wfile.write(content[: len(content) // 2])
        elif fault == "stall":
            self.wfile.write(content[: len(content) // 3])
            self.owner.stopped.wait(10)
        elif fault == "trickle":
            end = time.monotonic() + 10
            for index in range(len(content)):
                self.wfile.write(content[index : index + 1])
                if self.owner.stopped.wait(0.02) or time.monotonic() > end:
                    return
        else:
            self.wfile.write(content + (b"more" if fault == "more" else b""))

    def log_message(self, *_):
        pass
