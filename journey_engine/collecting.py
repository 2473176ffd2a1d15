"""How often a long-lived process looks for garbage that holds on to itself."""

import gc


def collect_rarely() -> None:
    """Look for reference cycles seldom.

    A turn, or a batch of events, makes some hundred thousand objects that all live until it ends and then go without
    the collector's help; Python's defaults would look through them again and again, for two fifths of the computing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
