"""The two shops of the API's tests, here attacked."""

from tests.api.conftest import app, config, engine, other_shop, sending, shop, waiting

__all__ = ["app", "config", "engine", "other_shop", "sending", "shop", "waiting"]
