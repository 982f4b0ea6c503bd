"""A small stand-in for Kaggle's server: the calls by which a folder is uploaded and downloaded.

kagglehub has no option for the address of the site, but takes http://localhost with
KAGGLE_API_ENVIRONMENT=LOCALHOST, and what it asks there goes through the proxy that `http_proxy` names:
this server.
"""

import json
import urllib.parse

from hub_server import Answering

TOKEN = "kaggle_token_of_a_test"
LICENCES = ("Apache 2.0", "MIT")
_BLOBS = "/blobs/"


class KaggleHandler(Answering):
    """The model me/model of Kaggle, with one variation, keras/small.

    The calls are methods by Kaggle's own names; each takes the body of the request and returns that of
    the answer, or None if there is no such thing.
    """

    def do_POST(self):  # noqa: N802 - http.server's name.
        body = json.loads(self._body())
        service, _, call = self.path.removeprefix("http://localhost/api/v1/").partition("/")
        self.server.asked.append(f"{service}/{call}")
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._refuse(401, "Unauthenticated")
            return
        answer = getattr(self, f"_{call}")(body)
        if answer is None:
            self._refuse(404, "Not found")
        else:
            kind = {} if isinstance(answer, bytes) else {"Content_Type": "application/json"}
            self._answer(answer, **kind)

    def do_PUT(self):  # noqa: N802
        name = urllib.parse.urlsplit(self.path).path.removeprefix(_BLOBS)
        self._blobs()[name]["data"] = self._body()
        self._answer(b"")

    def _refuse(self, code, message):
        body = {"code": code, "message": message}
        self._answer(body, code, Content_Type="application/json")

    def _blobs(self):
        """Name and data of what was uploaded, by token."""
        return self.server.state.setdefault("blobs", {})

    def _GetModel(self, body):  # noqa: N802 - Kaggle's name, as those below.
        return {"slug": "model"} if self.server.state.get("model") == body["modelSlug"] else None

    def _CreateModel(self, body):  # noqa: N802
        assert body["ownerSlug"] == "me" and body["isPrivate"]
        self.server.state["model"] = body["slug"]
        return {"url": f"http://localhost/models/me/{body['slug']}"}

    def _StartBlobUpload(self, body):  # noqa: N802
        token = str(len(self._blobs()))
        self._blobs()[token] = {"name": body["name"], "data": b""}
        return {"token": token, "createUrl": f"{self.server.address}{_BLOBS}{token}"}

    def _CreateModelInstance(self, body):  # noqa: N802
        folder = body["body"]
        if folder["licenseName"] not in LICENCES:
            return {"error": f"{folder['licenseName']} is no licence", "errorCode": 400}
        if self.server.files:
            return {"error": "There is such a variation", "errorCode": 409}
        return self._keep(folder)

    def _CreateModelInstanceVersion(self, body):  # noqa: N802
        self.server.files.clear()
        return self._keep(body["body"])

    def _keep(self, folder, path=""):
        for file in folder.get("files", ()):
            blob = self._blobs()[file["token"]]
            self.server.files[path + blob["name"]] = blob["data"]
        for inner in folder.get("directories", ()):
            self._keep(inner, f"{path}{inner['name']}/")
        return {"url": "http://localhost/models/me/model/keras/small"}

    def _GetModelInstance(self, body):  # noqa: N802
        return {"versionNumber": 1} if self._GetModel(body) and self.server.files else None

    def _ListModelInstanceVersionFiles(self, body):  # noqa: N802
        return {"files": [{"name": name} for name in self.server.files]}

    def _DownloadModelInstanceVersion(self, body):  # noqa: N802
        return self.server.files.get(body["path"])
