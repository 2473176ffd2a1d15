"""The session cookie: signed by one web server and good at every other, also while their clocks differ.

A cookie may be younger than now: a server whose clock is a second ahead signed it, and a balancer sent the next request
to another one. Nobody but us can sign, so only its age has a bound.
"""

from datetime import timedelta

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from journey_engine.clock import now


class AnyClocksSigner(TimestampSigner):
    """Refuses what is too old, by this server's clock; what another server signed in our future is good."""

    def unsign(self, signed_value, max_age=None, return_timestamp=False):
        value, at = super().unsign(signed_value, return_timestamp=True)
        if max_age is not None and now() - at > timedelta(seconds=max_age):
            raise SignatureExpired("The session has ended.", payload=value, date_signed=at)
        return (value, at) if return_timestamp else value


class Sessions(SecureCookieSessionInterface):
    """Flask's own signed cookies, with our signer."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = AnyClocksSigner
        return serializer
