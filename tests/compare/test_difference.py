"""How much two pictures differ: nothing from itself, the same from both sides, and more where more was changed."""

import io

import numpy
import pytest
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from playground.compare import difference, small
from playground.compare.difference import draw, measure
from playground.runs.models import Output
from playground.runs.storage import thumbnail_name
from tests.factories import picture
from tests.files import noise
from tests.studio.pages import said, source

pytestmark = pytest.mark.django_db


def scene(width: int = 320, height: int = 240, pear: int = 60) -> Image.Image:
    drawn = Image.new("RGB", (width, height), (70, 110, 130))
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, height * 2 // 3, width, height), fill=(150, 100, 60))
    pen.ellipse(
        (width // 2 - pear, height // 2 - pear, width // 2 + pear, height // 2 + pear), fill=(120, 160, 40)
    )
    return drawn


def test_a_picture_does_not_differ_from_itself(drawn):
    one, same = drawn(scene()), drawn(scene())
    found = measure(one, same)
    assert (found.mean, found.visible, found.alike, found.shared) == (0, 0, 1, 1)
    assert found.words == "The same picture, as far as these copies show."


def test_the_order_plays_no_part(drawn):
    one, other = drawn(scene(320, 240)), drawn(scene(400, 180, pear=40))
    assert measure(one, other) == measure(other, one)
    assert draw(one, other) == draw(other, one)


def test_the_more_is_changed_the_further_apart(drawn):
    first = drawn(scene())
    found = [measure(first, drawn(scene(pear=pear))) for pear in (64, 80, 110)]
    assert [each.mean for each in found] == sorted(each.mean for each in found) and found[0].mean > 0
    assert [each.alike for each in found] == sorted((each.alike for each in found), reverse=True)
    assert [each.visible for each in found] == sorted(each.visible for each in found)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shades=st.lists(st.integers(0, 255), min_size=3, max_size=3, unique=True).map(sorted))
def test_a_shade_that_lies_further_away_differs_more(monkeypatch, shades):
    grey = {shade: Output(pk=shade + 1, width=64, height=64) for shade in shades}
    monkeypatch.setattr(
        difference, "open_small", lambda output, _width: Image.new("RGB", (64, 64), (output.pk - 1,) * 3)
    )
    low, middle, high = (grey[shade] for shade in shades)
    near, far = measure(low, middle), measure(low, high)
    assert 0 < near.mean < far.mean and near.alike > far.alike
    assert near.mean == pytest.approx((shades[1] - shades[0]) / 255, abs=1e-6)


def ssim(one: Image.Image, other: Image.Image) -> float:
    """As the paper has it, written down once more with numpy."""
    x, y = (numpy.asarray(each.convert("L"), dtype=numpy.float64) for each in (one, other))
    x, y = (
        each.reshape(each.shape[0] // 8, 8, each.shape[1] // 8, 8).swapaxes(1, 2).reshape(-1, 64)
        for each in (x, y)
    )
    mean_x, mean_y = x.mean(1), y.mean(1)
    both = ((x - mean_x[:, None]) * (y - mean_y[:, None])).mean(1)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    above = (2 * mean_x * mean_y + c1) * (2 * both + c2)
    return float((above / ((mean_x**2 + mean_y**2 + c1) * (x.var(1) + y.var(1) + c2))).mean())


@pytest.mark.parametrize("blur", [0, 1, 4])
def test_structural_similarity_is_as_published(blur):
    one = noise(160, 96).filter(ImageFilter.GaussianBlur(2))
    other = one.filter(ImageFilter.GaussianBlur(blur)).point(lambda value: min(255, value + 9 * blur))
    assert difference._alike(one, other) == pytest.approx(ssim(one, other), abs=1e-4)


def test_pictures_of_unequal_shape_are_measured_where_both_lie(drawn):
    found = measure(drawn((400, 200)), drawn((200, 200)))
    assert found.mean < 0.01 and 0.45 < found.shared < 0.55


def test_the_picture_of_the_difference_is_black_where_nothing_differs(drawn):
    one, other = drawn(scene()), drawn(scene(pear=90))
    with Image.open(io.BytesIO(draw(one, other))) as made:
        shown = made.convert("L")
    assert (
        made.format == "WEBP"
        and shown.getpixel((5, 5)) < 6
        and shown.getpixel((made.width // 2 - 75, 120)) > 30
    )


def test_what_is_clear_is_measured_on_white(drawn):
    clear, white = Image.new("RGBA", (64, 64), (0, 0, 0, 0)), Image.new("RGB", (64, 64), "white")
    assert measure(drawn(clear), drawn(white)).mean < 0.01


def test_a_large_picture_is_measured_on_its_small_version(drawn, monkeypatch):
    one, other = drawn((2600, 1500), (10, 20, 30)), drawn((2600, 1500), (40, 20, 30))
    default_storage.delete(one.file)
    default_storage.delete(other.file)
    opened = []
    whole = small._decoded
    monkeypatch.setattr(small, "_decoded", lambda file: opened.append(whole(file).size) or whole(file))
    assert measure(one, other).mean == pytest.approx(10 / 255, abs=0.01)
    assert all(width <= 1280 for width, _height in opened)


def test_a_very_high_strip_is_not_opened_at_its_largest():
    strip = Output(width=200, height=40_000, thumbnails=[200])
    with pytest.raises(small.NoSmallVersionError):
        small.open_small(strip, 1280)


def test_a_missing_file_is_said(client, drawn):
    one, other = drawn(scene()), drawn(scene(pear=90))
    for width in other.thumbnails:
        default_storage.delete(thumbnail_name(other.sha256, width))
    page = said(client.get(f"/compare/?o={one.pk},{other.pk}&m=difference"))
    assert "This can't be measured" in page
    assert client.get(f"/compare/difference/{one.pk}-{other.pk}.webp").status_code == 404


def test_the_page_and_the_fragment_say_it_in_words(client, drawn):
    one, other = drawn(scene()), drawn(scene(pear=90))
    fragment = client.get(f"/compare/difference/?o={other.pk},{one.pk}")
    for answer in (
        client.get(f"/compare/?o={one.pk},{other.pk}&m=difference&a={other.pk}&b={one.pk}"),
        fragment,
    ):
        assert "The same composition, with changes." in said(
            answer
        ) and "of the points differ so much" in said(answer)
        assert f'src="/compare/difference/{one.pk}-{other.pk}.webp"' in source(answer)
    assert "<html" not in source(fragment)


def test_the_picture_is_private_and_kept_by_the_browser(client, drawn):
    one, other = drawn(scene()), drawn(scene(pear=90))
    address = f"/compare/difference/{one.pk}-{other.pk}.webp"
    answer = client.get(address)
    assert answer["Content-Type"] == "image/webp" and answer["Cache-Control"].startswith("private, max-age=")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_strangers_picture_is_as_good_as_none(client, workspace, elsewhere):
    mine, theirs = picture(workspace), picture(elsewhere)
    for address in (f"difference/{mine.pk}-{theirs.pk}.webp", f"difference/?o={mine.pk},{theirs.pk}"):
        assert client.get(f"/compare/{address}").status_code == 404
    assert client.get(f"/compare/sheet.png?o={mine.pk},{theirs.pk}").status_code == 404
