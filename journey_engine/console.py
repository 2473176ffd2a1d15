"""What the terminal says to an operator, in the language of the terminal."""

import os
import sys

from journey_engine.errors import JourneyError
from journey_engine.text import Text


class CannotStart(JourneyError):
    """Something that was asked to start did not; the text says why and what to do next, in both languages."""

    code = "start"

    def __init__(self, text: Text, **values):
        self.text = text.format(**values) if values else text
        super().__init__(self.text.en)


def say(text: Text | str, **values):
    """One line for the operator, shown at once."""
    print(in_terminal_language(text, **values), flush=True)


def complain(error: JourneyError):
    """Why a command ends without having done its work."""
    print(in_terminal_language(getattr(error, "text", error.message)), file=sys.stderr, flush=True)


def in_terminal_language(text, **values):
    if isinstance(text, str):
        return text
    filled = text.format(**values) if values else text
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return filled.zh if wanted.lower().startswith("zh") else filled.en
