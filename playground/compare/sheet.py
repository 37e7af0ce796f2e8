"""A comparison as one picture: frames on film with their edge print, and the prompt; to be kept or sent along.

Drawn from the small versions, one after the other, a sheet at a time: about forty megabytes at its peak.
"""

import io
import threading
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from playground import lettering
from playground.compare.comparison import Compared, Comparison
from playground.compare.small import NoSmallVersionError, open_small, turn
from playground.runs.templatetags import darkroom as said

MOST_PIXELS = 12_000_000
FILM, EMPTY, INK, FAINT, MARK = (10, 10, 10), (27, 27, 27), (242, 242, 242), (169, 169, 169), (255, 200, 31)
MARGIN, GAP = 40, 12
TITLE, TEXT, SMALL = 34, 20, 17  # sizes of type, in pixels
HEAD, CAPTION, PROMPT = 112, 68, 56  # heights
NARROWEST = 0.5  # width by height of a frame
WIDTHS = {2: 960, 3: 720}  # of a frame, by columns
_one_at_a_time = threading.BoundedSemaphore(1)


@dataclass(frozen=True)
class _Plan:
    """Where things stand, in pixels."""

    columns: int
    rows: int
    width: int  # of a frame
    height: int
    caption: int

    @property
    def size(self) -> tuple[int, int]:
        across = 2 * MARGIN + self.columns * self.width + (self.columns - 1) * GAP
        return across, HEAD + MARGIN + self.rows * (self.height + self.caption)

    def corner(self, position: int) -> tuple[int, int]:
        row, column = divmod(position, self.columns)
        return MARGIN + column * (self.width + GAP), HEAD + row * (self.height + self.caption)


def draw_sheet(comparison: Comparison) -> bytes:
    """A PNG of at most MOST_PIXELS. Raises BusyError."""
    with turn(_one_at_a_time):
        plan = _plan(comparison)
        sheet = Image.new("RGB", plan.size, FILM)
        _head(sheet, comparison)
        for position, picture in enumerate(comparison.pictures):
            left, top = plan.corner(position)
            _frame(sheet, picture, plan, left, top)
            _caption(sheet, picture, left, top + plan.height, plan, has_prompt=plan.caption > CAPTION)
        file = io.BytesIO()
        sheet.save(file, "PNG", compress_level=4)
        return file.getvalue()


def _plan(comparison: Comparison) -> _Plan:
    count = len(comparison.pictures)
    columns = count if count < 4 else 2 if count == 4 else 3 if count in (5, 6, 9) else 4
    across, down = (int(each) for each in comparison.place.split(":"))
    ratio = min(max(across / down, NARROWEST), 1 / NARROWEST)
    caption = CAPTION + (PROMPT if len(comparison.prompts) > 1 else 0)
    width, rows = WIDTHS.get(columns, 560), -(-count // columns)
    while True:
        plan = _Plan(columns, rows, width, round(width / ratio), caption)
        if plan.size[0] * plan.size[1] <= MOST_PIXELS:
            return plan
        width = width * 9 // 10


def _head(sheet: Image.Image, comparison: Comparison) -> None:
    room = sheet.width - 2 * MARGIN
    _write(sheet, comparison.heading, MARGIN, 22, room, TITLE, INK)
    one_prompt = comparison.prompts[0].prompt if len(comparison.prompts) == 1 else ""
    _write(sheet, one_prompt or comparison.fitted, MARGIN, 68, room, TEXT, FAINT)


def _frame(sheet: Image.Image, picture: Compared, plan: _Plan, left: int, top: int) -> None:
    box = (left, top, left + plan.width - 1, top + plan.height - 1)
    try:
        small = open_small(picture.output, plan.width)
    except NoSmallVersionError:
        ImageDraw.Draw(sheet).rectangle(box, fill=EMPTY)
        words = _("There is no small version of this picture.")
        _write(sheet, words, left + GAP, top + GAP, plan.width - 2 * GAP, TEXT, FAINT)
        return
    scale = min(plan.width / small.width, plan.height / small.height)
    size = (max(1, round(small.width * scale)), max(1, round(small.height * scale)))
    fitted = small.resize(size, Image.Resampling.HAMMING)
    sheet.paste(fitted, (left + (plan.width - size[0]) // 2, top + (plan.height - size[1]) // 2))
    if picture.is_picked:
        ImageDraw.Draw(sheet).rectangle(box, outline=MARK, width=5)


def _caption(
    sheet: Image.Image, picture: Compared, left: int, top: int, plan: _Plan, *, has_prompt: bool
) -> None:
    output, frame = picture.output, picture.output.generation
    facts = [said.size(output), said.seconds(frame.seconds), said.money(output.cost)]
    if frame.simulated:
        facts.append(_("simulated"))
    _write(sheet, f"{picture.label} {frame.model_label}", left, top + 8, plan.width, TEXT, INK)
    _write(sheet, ", ".join(facts), left, top + 36, plan.width, SMALL, FAINT)
    if has_prompt:
        _write(sheet, frame.prompt, left, top + 64, plan.width, SMALL, INK, lines=2)


def _write(
    sheet: Image.Image,
    words: str,
    left: int,
    top: int,
    width: int,
    size: int,
    ink: tuple[int, int, int],
    *,
    lines: int = 1,
) -> None:
    """So many lines at this size; what does not fit ends in an ellipsis, what no font has is left out."""
    height = round(lines * size * lettering.LINE_HEIGHT) + 1
    lettering.fit(words, width, height, largest=size, smallest=size).draw(sheet, left, top, ink)
