"""How prompts become words that can be searched for: one way for both databases.

Chinese, Japanese and Korean are cut into single characters and pairs of neighbours, because they write no spaces;
everything else into words. Case, accents, full-width forms and the plural's s make no difference. A word of a query
must go through `words_asked`, one of a text through `words_of`: whatever is asked for is among what was written.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

LONGEST_WORD = 40
MOST_ASKED = 16  # further words of a query hardly narrow it down
_UNSPACED = r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff]"
_PIECES = re.compile(rf"({_UNSPACED}+)|((?:(?!{_UNSPACED})[^\W_])+)")


def words_of(text: str) -> list[str]:
    """The words that a text is found by, each once."""
    return list(dict.fromkeys(_cut(text, with_single=True)))


def words_asked(query: str) -> list[str]:
    """The words that must all be there; empty for a query without any."""
    return list(dict.fromkeys(_cut(query, with_single=False)))[:MOST_ASKED]


def _cut(text: str, *, with_single: bool) -> Iterator[str]:
    for unspaced, word in _PIECES.findall(_plain(text)):
        if word:
            yield _singular(word)[:LONGEST_WORD]
            continue
        if with_single or len(unspaced) == 1:
            yield from unspaced
        yield from map("".join, pairwise(unspaced))


def _plain(text: str) -> str:
    """Without what people leave out when they search: case, accents, widths."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not unicodedata.combining(sign)))


def _singular(word: str) -> str:
    """`pears` is found by `pear`, and the other way round; `glass`, `bus` and `iris` stay."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "siu" else word
