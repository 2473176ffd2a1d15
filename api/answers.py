"""Answers as JSON: ids as text, instants in UTC with a Z."""

from typing import Any

import orjson
from flask.json.provider import JSONProvider

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class Answers(JSONProvider):
    """Flask's JSON by orjson, which writes UUIDs and instants by itself."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj, option=OPTIONS).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any):
        body = orjson.dumps(self._prepare_response_obj(args, kwargs), option=OPTIONS)
        return self._app.response_class(body, mimetype="application/json")
