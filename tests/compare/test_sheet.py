"""A comparison as one picture, to be kept or sent along."""

import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from playground import lettering
from playground.compare import sheet, small
from playground.compare.comparison import Comparison
from playground.gallery import marks
from playground.runs.storage import thumbnail_name
from tests.factories import picture

pytestmark = pytest.mark.django_db


def opened(content: bytes) -> Image.Image:
    made = Image.open(io.BytesIO(content))
    made.load()
    return made


@pytest.mark.parametrize(("count", "columns"), [(2, 2), (3, 3), (4, 2), (5, 3), (9, 3), (12, 4)])
def test_it_is_as_large_as_its_frames_and_captions(workspace, count, columns):
    comparison = Comparison.of(workspace, [picture(workspace, prompt="A pear").pk for _ in range(count)])
    made = opened(sheet.draw_sheet(comparison))
    frame = sheet.WIDTHS.get(columns, 560)
    height = round(frame * 48 / 64)
    assert made.format == "PNG"
    assert made.width == 2 * sheet.MARGIN + columns * frame + (columns - 1) * sheet.GAP
    assert made.height == sheet.HEAD + sheet.MARGIN + -(-count // columns) * (height + sheet.CAPTION)


def test_twelve_tall_pictures_stay_within_the_limit(workspace):
    comparison = Comparison.of(workspace, [picture(workspace, 30, 90).pk for _ in range(12)])
    made = opened(sheet.draw_sheet(comparison))
    assert made.width * made.height <= sheet.MOST_PIXELS


def test_the_pictures_are_on_it_in_their_order_and_picks_are_ringed(workspace, drawn):
    red, blue = drawn((90, 60), (200, 30, 30)), drawn((90, 60), (30, 30, 200))
    marks.favour(workspace, [blue.pk])
    made = opened(sheet.draw_sheet(Comparison.of(workspace, [red.pk, blue.pk])))
    middle = sheet.HEAD + 300
    first, second = (
        made.getpixel((x, middle)) for x in (sheet.MARGIN + 480, made.width - sheet.MARGIN - 480)
    )
    assert first[0] > 150 > first[2] and second[2] > 150 > second[0]
    assert made.getpixel((made.width - sheet.MARGIN - 3, middle)) == sheet.MARK


def test_each_prompt_is_said_where_they_differ(workspace):
    one, other = picture(workspace, prompt="A pear"), picture(workspace, prompt="A green bottle")
    made = opened(sheet.draw_sheet(Comparison.of(workspace, [one.pk, other.pk])))
    below = made.crop(
        (0, made.height - sheet.MARGIN - sheet.PROMPT, made.width // 2, made.height - sheet.MARGIN)
    )
    assert below.getextrema()[0][1] > 200


@pytest.mark.skipif(not lettering.readable("梨子")[1], reason="this machine has no font with Chinese letters")
def test_a_chinese_prompt_is_written(workspace):
    prompts = ["木桌上的梨子", "木桌上的绿色玻璃瓶子和两个梨子"]
    made = [
        opened(
            sheet.draw_sheet(
                Comparison.of(workspace, [picture(workspace, prompt=words).pk for _ in range(2)])
            )
        )
        for words in prompts
    ]
    lines = [
        each.crop((0, 66, each.width, 100)).convert("L").point(lambda value: value > 60 and 255)
        for each in made
    ]
    assert 0 < lines[0].getbbox()[2] < lines[1].getbbox()[2]


def test_a_picture_whose_file_is_gone_leaves_its_frame(workspace):
    one, other = picture(workspace), picture(workspace)
    for width in other.thumbnails:
        default_storage.delete(thumbnail_name(other.sha256, width))
    made = opened(sheet.draw_sheet(Comparison.of(workspace, [one.pk, other.pk])))
    assert made.getpixel((made.width - sheet.MARGIN - 20, sheet.HEAD + 400)) == sheet.EMPTY


def test_whoever_waits_too_long_for_a_turn_is_told_to_come_back(client, workspace, monkeypatch):
    one, other = picture(workspace), picture(workspace)
    monkeypatch.setattr(small, "PATIENCE_SECONDS", 0)
    with sheet._one_at_a_time:
        answer = client.get(f"/compare/sheet.png?o={one.pk},{other.pk}")
    assert answer.status_code == 503 and answer["Retry-After"] == "10"
    assert client.get(f"/compare/sheet.png?o={one.pk},{other.pk}").status_code == 200


def test_it_is_a_file_with_a_name_of_ours_and_nobody_keeps_it(client, workspace):
    one, other = picture(workspace), picture(workspace)
    answer = client.get(f"/compare/sheet.png?o={one.pk},{other.pk}")
    assert answer["Content-Disposition"] == 'attachment; filename="compare-1A-2A.png"'
    assert answer["Cache-Control"] == "private, no-store" and opened(answer.content).format == "PNG"
    assert client.get(f"/compare/sheet.png?o={one.pk}").status_code == 404
