"""Words that people read, kept beside the facts they explain, in every language of the product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True)
class Text:
    """One text in several languages; English is always there unless the text is empty."""

    translations: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, translations: Mapping[str, str]) -> Text:
        return cls(tuple(translations.items()))

    def get(self, language: str) -> str:
        """The text in `language` (a code such as `zh-hans`), or in English, or empty."""
        known = dict(self.translations)
        return known.get(language.lower(), known.get("en", ""))

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(language for language, _ in self.translations)

    def __str__(self) -> str:
        return self.get("en")

    def __bool__(self) -> bool:
        return bool(self.translations)
