"""Faults on demand: `[[sim: 503 x2, slow 3s]]` anywhere in a prompt.

Several come separated by commas. `xN` makes a directive hold for the first N sends of that very prompt
to that model, after which it is over; without it it holds always. A directive that is not in `DIRECTIVES`
is ignored and noted in the call log. The words never show on the picture.

The same words arm a fault from outside: `--fault "503 x2"` or POST /_sim/faults, where `xN` counts calls
of any prompt and `rate 5%` hits at random.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

MARK = re.compile(r"\[\[\s*sim\s*:(.*?)\]\]", re.IGNORECASE | re.DOTALL)


class Argument(StrEnum):
    NONE = "none"
    SECONDS = "seconds"
    PERCENT = "percent"
    SIZE = "size"
    TEXT = "text"
    COUNT = "count"
    WORD = "word"


@dataclass(frozen=True)
class Kind:
    """One word that a directive may start with. `billed`: does such a call count as charged?"""

    name: str
    billed: bool | None
    effect: str
    argument: Argument = Argument.NONE
    default: str = ""


DIRECTIVES: tuple[Kind, ...] = (
    Kind("500", False, 'JSON error "The server had an error while processing your request."'),
    Kind("502", False, "HTML page of the proxy in front"),
    Kind("503", False, "JSON error, service unavailable"),
    Kind("504", True, "plain text, the gateway gave up waiting while the drawing went on"),
    Kind("524", True, "HTML page of the CDN that gives up after 100 s"),
    Kind("429", False, 'JSON error, upstream saturated; "429 retry-after 3" sends that header'),
    Kind("balance", False, "429 whose words say that the balance is used up"),
    Kind("401", False, "the key is refused"),
    Kind("403", False, "the group of the key may not use this model"),
    Kind("key-type", False, "the key's billing mode does not allow the model"),
    Kind("404", False, "Invalid URL"),
    Kind("413", False, "HTML page, the body is too large"),
    Kind("moderation", False, "the safety refusal, within a moment: 400 with safety_violations"),
    Kind("451", False, "image_safety, after the full drawing time"),
    Kind("shell", False, "500 shell_api_error, Unknown error"),
    Kind("hang", True, "no answer ever"),
    Kind("reset", True, "the connection is reset before any byte of the answer"),
    Kind("close", True, "the connection is closed in good order before any byte of the answer"),
    Kind("cut", True, "the connection is cut after a part of the body", Argument.PERCENT, "50%"),
    Kind("slow", None, "the drawing takes exactly so long, whatever --speed says", Argument.SECONDS, "20s"),
    Kind("fast", None, "the drawing takes no time"),
    Kind("drip", None, "the body comes bit by bit over so many seconds", Argument.SECONDS, "5s"),
    Kind("empty", True, '200 with "data": []'),
    Kind("text", True, "200 with words instead of a picture"),
    Kind("html", True, "200 with an HTML page"),
    Kind("badjson", True, "200 with JSON that breaks off"),
    Kind("endless", True, "200 with a body that never ends"),
    Kind("object", None, "`data` is one object instead of a list"),
    Kind("both", None, "url and b64_json of the same picture together"),
    Kind("pictures", None, "the answer holds so many pictures, for the price of one", Argument.COUNT, "2"),
    Kind("partials", None, "a stream sends at most so many partial pictures", Argument.COUNT, "0"),
    Kind("stream-cut", True, "a stream breaks off after so many partial pictures", Argument.COUNT, "1"),
    Kind("stream-hang", True, "a stream falls silent after so many partial pictures", Argument.COUNT, "1"),
    Kind(
        "stream-error",
        True,
        "a stream ends in an error event after so many partial pictures",
        Argument.COUNT,
        "1",
    ),
    Kind(
        "chat",
        None,
        "a chat answers as prose, link, twice, data-url, parts or images instead of a markdown picture",
        Argument.WORD,
        "prose",
    ),
    Kind("drafts", None, "gemini-3-pro-image sends so many drafts before the picture", Argument.COUNT, "2"),
    Kind(
        "finish",
        False,
        "gemini-3-pro-image refuses with status 200 and this finishReason; others as moderation",
        Argument.WORD,
        "IMAGE_SAFETY",
    ),
    Kind("raw", None, "base64 without the data-URL prefix"),
    Kind("prefixed", None, "base64 with the data-URL prefix"),
    Kind("size", None, "the picture comes in another size", Argument.SIZE, "1024x768"),
    Kind("jpeg", None, "the bytes are JPEG, whatever was promised"),
    Kind("webp", None, "the bytes are WebP, whatever was promised"),
    Kind("garbage", None, "the bytes are no picture at all"),
    Kind("url-404", None, "the link answers 404"),
    Kind("url-expired", None, "the link is older than its life and answers 403"),
    Kind(
        "url-life",
        None,
        "the link lives so long instead of 24 hours, then answers 403",
        Argument.SECONDS,
        "60s",
    ),
    Kind("url-500", None, "the link answers 500 once, then delivers"),
    Kind("url-slow", None, "the link takes so long to deliver", Argument.SECONDS, "5s"),
    Kind("url-html", None, "the link delivers a web page"),
    Kind("url-endless", None, "the link never stops sending"),
    Kind("url-cut", None, "the link breaks off half-way, once"),
    Kind(
        "url-redirect", None, "the link redirects to this address", Argument.TEXT, "http://169.254.169.254/"
    ),
    Kind(
        "url-to",
        None,
        "the answer names this address instead of its own link",
        Argument.TEXT,
        "http://169.254.169.254/",
    ),
    Kind("plain", None, "a flat picture that costs next to nothing to make, for load tests"),
)
_BY_NAME = {kind.name: kind for kind in DIRECTIVES}
_FILLER = {"retry-after", "rate", "after"}


@dataclass(frozen=True)
class Directive:
    """One directive as written: its kind, how often it holds (None: always) and its values."""

    kind: Kind
    times: int | None = None
    argument: str = ""
    retry_after_seconds: int | None = None
    rate: float = 1.0

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def seconds(self) -> float:
        return float((self.argument or self.kind.default).removesuffix("s"))

    @property
    def share(self) -> float:
        return float((self.argument or self.kind.default).removesuffix("%")) / 100

    @property
    def count(self) -> int:
        return int(self.argument or self.kind.default)

    @property
    def text(self) -> str:
        return self.argument or self.kind.default


class UnknownDirectiveError(ValueError):
    """Not a directive, or not with these values."""


def in_prompt(prompt: str) -> tuple[tuple[Directive, ...], tuple[str, ...]]:
    """The directives of a prompt, and the items that are none."""
    known: list[Directive] = []
    unknown: list[str] = []
    for item in _items(prompt):
        try:
            known.append(parse(item))
        except UnknownDirectiveError:
            unknown.append(item)
    return tuple(known), tuple(unknown)


def without(prompt: str) -> str:
    return MARK.sub(" ", prompt).strip()


def parse(item: str) -> Directive:
    """One item such as "429 x1 retry-after 3"; raises UnknownDirectiveError."""
    words = item.split()
    kind = _BY_NAME.get(words[0].casefold()) if words else None
    if kind is None:
        raise UnknownDirectiveError(f"{item!r} is none of: {', '.join(_BY_NAME)}")
    values = _Values(kind, item)
    values.read(words[1:])
    return values.directive()


def table() -> str:
    """The directives for `--help`, one a line."""
    return "\n".join(f"  {usage(kind):<16} {_billed(kind)}  {kind.effect}" for kind in DIRECTIVES)


class _Values:
    """Reads the words after a directive's name."""

    def __init__(self, kind: Kind, item: str) -> None:
        self.kind = kind
        self.item = item
        self.times: int | None = None
        self.argument = ""
        self.retry_after: int | None = None
        self.rate = 1.0

    def read(self, words: list[str]) -> None:
        rest = iter(words)
        for word in rest:
            if word in _FILLER:
                self._pair(word, rest)
            elif re.fullmatch(r"[xX×][0-9]{1,6}", word):
                self.times = int(word[1:])
            elif not self.argument and _fits(self.kind.argument, word):
                self.argument = word
            else:
                raise UnknownDirectiveError(f"{word!r} makes no sense in {self.item!r}")

    def directive(self) -> Directive:
        return Directive(self.kind, self.times, self.argument, self.retry_after, self.rate)

    def _pair(self, word: str, rest: Iterator[str]) -> None:
        value = next(rest, "").rstrip("s%")
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", value):
            raise UnknownDirectiveError(f"{word!r} wants a number in {self.item!r}")
        if word == "rate":
            self.rate = float(value) / 100
        else:
            self.retry_after = round(float(value))


def _fits(argument: Argument, word: str) -> bool:
    patterns = {
        Argument.SECONDS: r"[0-9]{1,5}(\.[0-9]{1,3})?s?",
        Argument.PERCENT: r"(100|[0-9]{1,2})(\.[0-9]+)?%?",
        Argument.SIZE: r"[1-9][0-9]{0,3}x[1-9][0-9]{0,3}",
        Argument.TEXT: r"\S+",
        Argument.COUNT: r"[0-9]{1,2}",
        Argument.WORD: r"[A-Za-z][A-Za-z_-]*",
    }
    return argument in patterns and re.fullmatch(patterns[argument], word) is not None


def _items(prompt: str) -> Iterable[str]:
    for inside in MARK.findall(prompt):
        yield from (item.strip() for item in inside.split(",") if item.strip())


def usage(kind: Kind) -> str:
    """How it is written, with its usual value."""
    return f"{kind.name} {kind.default}".strip() if kind.argument is not Argument.TEXT else f"{kind.name} URL"


def _billed(kind: Kind) -> str:
    return {True: "billed", False: "free  ", None: "      "}[kind.billed]
