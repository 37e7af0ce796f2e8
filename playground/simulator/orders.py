"""What to draw, settled before drawing starts."""

from __future__ import annotations

from dataclasses import dataclass

from playground.simulator.shelf import Kept


@dataclass(frozen=True)
class Source:
    """A picture that was sent along. One that could not be had (a link to somewhere else) is a scene chosen by
    its address: `scene` stands in for it."""

    kept: Kept | None = None
    scene: str = ""


@dataclass(frozen=True)
class Order:
    """What to draw. `words` are the prompt's without directives and size words; `compression` is 0 to 100 for
    JPEG and WebP; `plain` asks for the flat picture that costs next to nothing; `blur` from 1 to 3 for a picture that
    is not finished; with `wordless` the words only choose the scene. `sources` are the pictures sent along, in their
    order, and `base` the place of the one that is changed; with a `mask` only what it leaves open is."""

    words: str
    model: str
    width: int
    height: int
    seed: int
    format: str = "png"
    compression: int = 90
    transparent: bool = False
    plain: bool = False
    blur: int = 0
    wordless: bool = False
    sources: tuple[Source, ...] = ()
    base: int = 0
    mask: Kept | None = None

    @property
    def stamp(self) -> str:
        """What is written on the picture: it names no model, or a vote on it would not be blind."""
        return f"SIMULATED   seed {self.seed}"

    @property
    def label(self) -> str:
        """What stands in the file."""
        return f"SIMULATED   {self.model}   {self.width}×{self.height}   seed {self.seed}"
