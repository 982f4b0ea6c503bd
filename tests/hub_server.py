"""A small stand-in for Hugging Face's server: the endpoints by which a folder is uploaded and downloaded."""

import base64
import contextlib
import http.server
import json
import threading
from collections.abc import Iterator

TOKEN = "hf_token_of_a_test"
_REVISION = "0" * 39 + "1"
_API = "/api/models/me/model"


class Site(http.server.ThreadingHTTPServer):
    """A place with one model, in memory.

    Attributes:
        files: contents by path, once something is uploaded.
        asked: method and path of every request.
        state: what else a handler remembers.
    """

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.state: dict = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answering(http.server.BaseHTTPRequestHandler):
    """Reads whole requests, and answers with JSON or bytes."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Says nothing."""

    def _body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, value, status=200, **headers):
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        headers = {"Content-Length": str(len(data)), **headers}
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


class HubHandler(Answering):
    """The repository me/model of Hugging Face."""

    def do_POST(self):
        body, hub = self._body(), self.server
        hub.asked.append(f"POST {self.path}")
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer({"error": "Invalid username or password."}, 401)
        elif self.path == "/api/repos/create":
            self._answer({"url": f"{hub.address}/me/model"})
        elif self.path == "/api/validate-yaml":
            self._answer({"errors": [], "warnings": []})
        elif self.path.startswith(f"{_API}/preupload/main"):
            paths = [file["path"] for file in json.loads(body)["files"]]
            modes = [
                {"path": path, "uploadMode": "regular", "shouldIgnore": False} for path in paths
            ]
            self._answer({"files": modes})
        elif self.path.startswith(f"{_API}/commit/main"):
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    value = line["value"]
                    hub.files[value["path"]] = base64.b64decode(value["content"])
            url = f"{hub.address}/me/model/commit/{_REVISION}"
            self._answer({"success": True, "commitOid": _REVISION, "commitUrl": url})
        else:
            self._answer({"error": "not here"}, 404)

    def do_GET(self):
        hub, path = self.server, self.path.partition("?")[0]
        hub.asked.append(f"{self.command} {self.path}")
        file = path.removeprefix(f"/me/model/resolve/{_REVISION}/")
        if path == f"{_API}/revision/main" and hub.files:
            siblings = [{"rfilename": name} for name in hub.files]
            self._answer({"id": "me/model", "sha": _REVISION, "siblings": siblings})
        elif path.startswith(f"{_API}/tree/") and hub.files:
            files = [
                {"type": "file", "path": name, "size": len(data), "oid": name}
                for name, data in hub.files.items()
            ]
            self._answer(files, Content_Type="application/json")
        elif file in hub.files:
            self._answer(hub.files[file], ETag=f'"{file}"', X_Repo_Commit=_REVISION)
        else:
            self._answer({"error": "not here"}, 404, X_Error_Code="RepoNotFound")

    do_HEAD = do_GET  # noqa: N815 - http.server's name.


@contextlib.contextmanager
def served(handler: type[Answering] = HubHandler) -> Iterator[Site]:
    """A server that runs while the body does."""
    with Site(handler) as site:
        thread = threading.Thread(target=site.serve_forever, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join()
