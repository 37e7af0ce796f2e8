"""Log lines without the addresses of links: whoever has one sees what it shows. Imports no Django: settings name it."""

import logging
import re

_ADDRESS = re.compile(r"(/s/)[^/\s\"'?#]+")


def without_tokens(text: str) -> str:
    return _ADDRESS.sub(r"\1…", text)


class Formatter(logging.Formatter):
    """Cleans the finished text: a token may stand in the message, in its values, or in what an exception says."""

    def format(self, record: logging.LogRecord) -> str:
        return without_tokens(super().format(record))
