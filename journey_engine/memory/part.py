"""What the parts of a transaction have in common: each answers for one module of the store, by the same names."""

from typing import Any


class Part:
    """`tx` is the transaction asked, `tables` are its world's."""

    def __init__(self, tx: Any):
        self.tx, self.tables, self.memory = tx, tx.tables, tx.memory
