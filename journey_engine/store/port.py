"""The port between stages and what keeps the facts: whoever began the transaction answers.

A stage calls a function of `store/` with its transaction. For a connection to PostgreSQL that function runs its SQL. A
world in memory hands out transactions of its own kind, which have a part for each module here (`tx.turns`, `tx.outbox`
…) with a method of the same name and parameters; so stages run on it unchanged.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from sqlalchemy import Connection

STATEMENTS: dict[tuple[str, str], Callable] = {}
"""Every function of the port by module and name: what a world in memory has to answer."""


def port(function: Callable) -> Callable:
    """Mark a function of the store, whose first parameter is the transaction, as part of the port."""
    part, name = function.__module__.rsplit(".", 1)[1], function.__name__
    STATEMENTS[(part, name)] = function

    @wraps(function)
    def ask(tx: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(tx, Connection):
            return function(tx, *args, **kwargs)
        return getattr(getattr(tx, part), name)(*args, **kwargs)

    return ask
