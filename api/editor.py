"""The editor's pages: one HTML file for every address that is not the API's, and its assets, which never change."""

import mimetypes
from pathlib import Path

from flask import Blueprint, Response, request, send_file
from werkzeug.utils import safe_join

from journey_engine.errors import NotFound

blueprint = Blueprint("editor", __name__)

BUILT = Path(__file__).parent / "static" / "editor"
NOT_PAGES = ("api/", "v1/", "u/", "socket.io/", "receipts/")
PACKED = (("br", ".br"), ("gzip", ".gz"))


@blueprint.get("/", defaults={"path": ""})
@blueprint.get("/<path:path>")
def page(path: str):
    """The editor; which of its pages it shows is the address's matter."""
    if path.startswith(NOT_PAGES) or "." in path.rsplit("/", 1)[-1]:
        raise NotFound()
    if not (BUILT / "index.html").is_file():
        raise NotFound("The editor is not built. Run `make up`, which builds it.", code="editor:missing")
    response = send_file(BUILT / "index.html", mimetype="text/html", max_age=0)
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/assets/<path:name>")
def asset(name: str):
    """A file of the build; those with a hash in their name are kept by browsers for good."""
    path = safe_join(str(BUILT / "assets"), name)
    if path is None or not Path(path).is_file():
        raise NotFound()
    response = _packed(Path(path))
    hashed = "-" in Path(name).stem
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
    return response


def _packed(file: Path) -> Response:
    """The file as the browser takes it, packed at build time where it was."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    for encoding, ending in PACKED:
        packed = file.with_name(file.name + ending)
        if encoding in request.accept_encodings and packed.is_file():
            response = send_file(packed, mimetype=kind)
            response.headers["Content-Encoding"] = encoding
            response.headers["Vary"] = "Accept-Encoding"
            return response
    response = send_file(file, mimetype=kind)
    response.headers["Vary"] = "Accept-Encoding"
    return response
