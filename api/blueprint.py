"""The blueprint and the schema that every resource uses: bodies are read safely, and unknown fields refused."""

from typing import Any, NoReturn

import flask_smorest
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from webargs import flaskparser

from api.body import DRAFT_BYTES, parse, read_bytes, refuse_unstorable
from journey_engine.config import BODY_BYTES
from journey_engine.errors import Invalid, WrongType

CAPS = {"journeys.save_draft": DRAFT_BYTES, "journeys.create": DRAFT_BYTES}


class Fields(Schema):
    """What a request may say; anything else is refused, so that nobody believes it had an effect."""

    class Meta:
        unknown = RAISE


class Page(Fields):
    """How much of a list, and from where."""

    limit = fields.Int(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.Str(load_default="", validate=validate.Length(max=1_000))


class Parser(flaskparser.FlaskParser):
    """Reads bodies through `api.body` and answers mistakes in our own shape."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE}

    def load_json(self, request: Any, schema: Schema) -> Any:
        raw = read_bytes(CAPS.get(request.endpoint, BODY_BYTES))
        if not request.is_json and raw:
            raise WrongType()
        return refuse_unstorable(parse(raw)) if raw else {}

    def load_querystring(self, request: Any, schema: Schema) -> Any:
        refuse_unstorable(request.args.to_dict())
        return super().load_querystring(request, schema)

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        messages = error.messages
        inner = messages.get("json", messages.get("query", messages)) if isinstance(messages, dict) else messages
        raise Invalid(where={"fields": inner}) from error


class Blueprint(flask_smorest.Blueprint):
    ARGUMENTS_PARSER = Parser()
