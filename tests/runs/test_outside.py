"""What a masked edit changed although it should not have is measured, shown, and put right for nothing."""

import pytest
from PIL import Image, ImageDraw

from playground.runs import outside, storage, work
from playground.runs.models import Generation, Output
from tests import files
from tests.factories import OFFICIAL, answer, mask, running, upload, worker_row
from tests.runs.threads import at_once

pytestmark = pytest.mark.django_db
BOX = (100, 80, 300, 240)


def scene() -> Image.Image:
    """A picture with edges and grain, as photographs have."""
    picture = files.noise(80, 60).resize((640, 480), Image.Resampling.BICUBIC)
    ImageDraw.Draw(picture).ellipse((350, 100, 600, 400), fill=(200, 40, 20), outline=(0, 0, 0), width=5)
    return picture


@pytest.fixture
def original(workspace):
    return upload(workspace, content=files.saved(scene()))


@pytest.fixture
def answered(workspace, original):
    """The kept answer to a masked edit, whatever came."""

    def keep(content: bytes) -> Output:
        brought = {"references": [original], "mask": mask(original, BOX)}
        generation, attempt = running(workspace, worker_row(), OFFICIAL, **brought)
        work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk), content))
        return Output.objects.with_story().get(generation=generation)

    return keep


def edited(spill: tuple[int, int, int, int] | None = None) -> Image.Image:
    """The scene with its box repainted, and a spot outside where one is named."""
    picture = scene()
    picture.paste((20, 90, 220), BOX)
    if spill:
        picture.paste((255, 255, 0), spill)
    return picture


def test_an_answer_that_kept_to_the_mask_changed_nothing(answered):
    assert answered(files.saved(edited())).changed_outside == 0


def test_what_spilled_over_is_a_share_of_what_should_stay(answered):
    share = answered(files.saved(edited((0, 300, 200, 480)))).changed_outside
    protected = 640 * 480 - 200 * 160
    assert share == pytest.approx(200 * 180 / protected, rel=0.05)


@pytest.mark.parametrize("scale", [1, 2])
def test_compression_and_scaling_are_no_change(answered, scale):
    picture = edited().resize((640 * scale, 480 * scale), Image.Resampling.LANCZOS)
    assert answered(files.saved(picture, "JPEG", quality=88)).changed_outside < 0.005


def test_the_map_is_bright_where_it_changed_and_dark_elsewhere(answered):
    output = answered(files.saved(edited((0, 300, 200, 480))))
    heat = files.kept_picture(output.heat_file).convert("L")
    assert heat.getpixel((100, 400)) > 100
    assert heat.getpixel((200, 150)) == heat.getpixel((500, 420)) == 0


def test_another_shape_can_not_be_compared(answered):
    output = answered(files.saved(edited().resize((480, 480))))
    assert (output.changed_outside, output.heat_file) == (None, "")
    with pytest.raises(outside.ShapesDifferError):
        outside.restore(output)


class TestRestoring:
    def test_gives_the_answer_inside_and_the_original_outside(self, answered):
        output = answered(files.saved(edited((0, 300, 200, 480))))
        made = outside.restore(output)

        assert files.kept_picture(made.file).tobytes() == edited().tobytes()
        assert (made.made_from, made.cost, made.format, made.size) == (output, 0, "png", output.size)
        assert made.thumbnails and made.changed_outside is None

    def test_leaves_the_answer_as_it_came(self, answered):
        content = files.saved(edited((0, 300, 200, 480)))
        output = answered(content)
        outside.restore(output)
        assert files.kept(output.file) == content

    def test_is_done_once(self, answered):
        output = answered(files.saved(edited()))
        assert outside.restore(output) == outside.restore(output)

    def test_of_what_had_no_mask_is_refused(self, answered):
        made = outside.restore(answered(files.saved(edited())))
        with pytest.raises(ValueError, match="not made with a mask"):
            outside.restore(made)


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_one_picture(answered):
    output = answered(files.saved(edited()))
    made = at_once([lambda: outside.restore(Output.objects.with_story().get(pk=output.pk))] * 3)
    assert len({one.pk for one in made}) == 1


class TestThePage:
    def test_shows_how_much_and_where(self, client, answered):
        output = answered(files.saved(edited((0, 300, 200, 480))))
        page = client.get(output.get_absolute_url()).content.decode()
        assert f"<b>{output.percent_outside:.1f}%</b> of what should stay was changed" in page
        assert b"".join(client.get(f"/gallery/{output.pk}/heat.png")).startswith(b"\x89PNG")

    def test_restores_with_one_press(self, client, answered):
        output = answered(files.saved(edited()))
        page = client.post(f"/gallery/{output.pk}/restore/", follow=True)
        made = Output.objects.get(made_from=output)
        assert page.redirect_chain == [(made.get_absolute_url(), 302)]
        assert "No model drew this picture" in page.content.decode()
        assert Generation.objects.count() == 1

    def test_of_a_stranger_is_not_there(self, client, answered, charlie):
        output = answered(files.saved(edited()))
        Output.objects.update(workspace=charlie.workspaces.get())
        assert client.post(f"/gallery/{output.pk}/restore/").status_code == 404
        assert client.get(f"/gallery/{output.pk}/heat.png").status_code == 404
