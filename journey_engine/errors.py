"""The exception tree: what can go wrong, as a sentence, a code and the place.

Every error that reaches a person has the shape ``{"error": sentence, "code": "graph:cycle", "where": {...}}``.
The docstring of a class is its default sentence.
"""

from typing import Any


class JourneyError(Exception):
    """Something went wrong; the log names the cause."""

    code = "error"
    status = 500

    def __init__(self, message: str | None = None, *, code: str | None = None, where: dict[str, Any] | None = None):
        self.message = message or (self.__doc__ or "").strip().splitlines()[0]
        self.code = code or self.code
        self.where = where or {}
        super().__init__(self.message)

    def to_json(self) -> dict[str, Any]:
        return {"error": self.message, "code": self.code, "where": self.where}


class BadRequest(JourneyError):
    """The request could not be read; send well-formed JSON."""

    code, status = "request:malformed", 400


class NotSignedIn(JourneyError):
    """Sign in, or send an API key that is valid."""

    code, status = "auth:missing", 401


class Forbidden(JourneyError):
    """This key or account may not do that; ask an administrator for a wider scope."""

    code, status = "auth:forbidden", 403


class NotFound(JourneyError):
    """There is nothing here under that id."""

    code, status = "not_found", 404


class Conflict(JourneyError):
    """Somebody else changed this first; read it again and repeat the change."""

    code, status = "conflict", 409


class TooLarge(JourneyError):
    """The body is larger than this address takes; send smaller batches."""

    code, status = "request:too_large", 413


class WrongType(JourneyError):
    """Send the body as application/json."""

    code, status = "request:content_type", 415


class Invalid(JourneyError):
    """A value is missing, of the wrong type or out of range; `where` names it."""

    code, status = "invalid", 422


class TooMany(JourneyError):
    """Too many requests; wait as long as Retry-After says."""

    code, status = "rate", 429

    def __init__(self, message: str | None = None, *, retry_after_s: int = 60, **rest: Any):
        super().__init__(message, **rest)
        self.retry_after_s = retry_after_s


class Unavailable(JourneyError):
    """The database cannot be reached; nothing was stored. Send the same request again."""

    code, status = "unavailable", 503


class ConfigError(JourneyError):
    """A setting of the installation is missing or wrong."""

    code = "config"
