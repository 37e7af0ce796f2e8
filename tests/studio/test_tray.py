"""The tray over HTTP: files in, order and names kept true, and a form that says what each model will make of it."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from playground.runs.models import Generation, Mask, Run, Upload
from tests import files
from tests.factories import ALL, OFFICIAL, VIP, mask, picture, queued, run, upload
from tests.studio.pages import HTMX, checked, form, said, selected, source

pytestmark = pytest.mark.django_db
TRAY, UPLOADS, GENERATE, ESTIMATE = (
    "/studio/tray/",
    "/studio/uploads/",
    "/studio/generate/",
    "/studio/estimate/",
)
RETIRING = "gpt-image-1.5"


def file_of(content: bytes, name: str = "tin.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def with_tray(*uploads: Upload, **fields) -> dict:
    """A form whose tray holds these, with numbers that follow."""
    return form(**fields) | {"references": [each.pk for each in uploads], "follow": "on"}


def act(client, data, do: str, **headers):
    return client.post(TRAY, data | {"act": do}, headers=headers or HTMX)


def tiles(answer) -> list[int]:
    return [int(pk) for pk in re.findall(r'name="references" value="(\d+)"', source(answer))]


def new_prompt(answer) -> str | None:
    told = answer.get("HX-Trigger-After-Swap")
    return json.loads(told)["prompt-written"]["prompt"] if told else None


@pytest.fixture
def three(workspace) -> list[Upload]:
    return [upload(workspace, 64 + 32 * n, 64, name=f"{n}.png") for n in range(3)]


class TestAFile:
    def test_is_kept_and_named_by_its_id(self, client, workspace):
        answer = client.post(UPLOADS, {"file": file_of(files.flat(), "My tin.png")})
        kept = Upload.objects.get()
        assert answer.json() == {"id": kept.pk, "name": "My tin.png"}
        assert kept.workspace == workspace

    @pytest.mark.parametrize(
        "content", [files.SVG, files.HEIC, b"", files.hundred_megapixels(), files.flat()[:60]]
    )
    def test_that_can_not_be_used_is_refused_in_a_sentence(self, client, workspace, content):
        answer = client.post(UPLOADS, {"file": file_of(content, "photo.jpg")})
        assert answer.status_code == 422
        assert answer.json()["error"].startswith("“photo.jpg” was not taken: ")

    def test_beyond_the_limit_is_refused_and_not_kept_on_disk(self, client, workspace, settings):
        settings.UPLOAD_MEGABYTES = 1
        answer = client.post(UPLOADS, {"file": file_of(bytes(1_200_000), "big.png")})
        assert "more than 1 MB" in answer.json()["error"]
        assert list(settings.UPLOADS_ROOT.iterdir()) == []

    def test_that_did_not_come_is_said(self, client, workspace):
        assert client.post(UPLOADS, {}).status_code == 422

    def test_needs_the_token(self, csrf_client, workspace):
        assert csrf_client.post(UPLOADS, {"file": file_of(files.flat())}).status_code == 403

    @pytest.mark.parametrize("address", ["small", "sent", "original", "painter/"])
    def test_of_another_workspace_is_not_there(self, client, workspace, elsewhere, address):
        mine, theirs = upload(workspace), upload(elsewhere)
        answer = client.get(f"{UPLOADS}{mine.pk}/{address}")
        assert answer.status_code == 200 and b"".join(answer)
        assert client.get(f"{UPLOADS}{theirs.pk}/{address}").status_code == 404

    @pytest.mark.parametrize("address", ["small", "sent", "original"])
    def test_is_served_as_a_picture_and_nothing_else(self, client, workspace, address):
        kept = upload(workspace, content=files.polyglot(), name="<b>.html")
        answer = client.get(f"{UPLOADS}{kept.pk}/{address}")
        assert answer["Content-Type"] in ("image/webp", "image/png", "image/gif")
        assert (answer["X-Content-Type-Options"], answer["Content-Security-Policy"]) == (
            "nosniff", "default-src 'none'; sandbox",
        )  # fmt: skip
        assert b"".join(answer)


class TestTheTray:
    def test_takes_files_without_script(self, client, workspace):
        data = form("Blend image 1") | {"act": "add", "follow": "on"}
        chosen = [
            file_of(files.flat(), "a.png"),
            file_of(files.flat(99, 9), "b.png"),
            file_of(files.SVG, "c.svg"),
        ]
        answer = client.post(TRAY, data | {"files": chosen})

        assert [Upload.objects.get(pk=pk).name for pk in tiles(answer)] == ["a.png", "b.png"]
        assert "“c.svg” was not taken: SVG can’t be read here" in said(answer)
        assert "<html" in source(answer) and "Blend image 1" in said(answer)
        assert "Write what the picture should show" not in said(answer)

    def test_keeps_everything_else_that_was_typed(self, client, three):
        data = with_tray(three[0], prompt="A pear", models=(VIP,)) | {
            f"{VIP}__variants": "3",
            f"{VIP}__size": "2048x1152",
        }
        page = client.post(TRAY, data | {"act": f"take:{three[1].pk}"})
        assert tiles(page) == [three[0].pk, three[1].pk]
        assert checked(page, "models") == [VIP]
        assert selected(page, f"{VIP}__variants") == "3"
        assert checked(page, f"{VIP}__size") == ["2048x1152"]

    @pytest.mark.parametrize(
        ("do", "order"),
        [
            ("earlier:{2}", [0, 2, 1]), ("later:{0}", [1, 0, 2]), ("move:{0}:3", [1, 2, 0]), ("remove:{1}", [0, 2]),
            ("earlier:{0}", [0, 1, 2]), ("later:{2}", [0, 1, 2]), ("move:{2}:1", [2, 0, 1]), ("take:{1}", [0, 1, 2]),
            ("move:{0}:99", [1, 2, 0]), ("remove:999999", [0, 1, 2]), ("move:{0}", [0, 1, 2]), ("nonsense", [0, 1, 2]),
            ("remove:x", [0, 1, 2]), ("take:99999999999999999999", [0, 1, 2]),
        ],
    )  # fmt: skip
    def test_does_as_it_is_told(self, client, three, do, order):
        ids = [each.pk for each in three]
        assert tiles(act(client, with_tray(*three), do.format(*ids))) == [ids[n] for n in order]

    def test_holds_each_picture_once_and_none_of_a_stranger(self, client, workspace, elsewhere, three):
        theirs = upload(elsewhere, 50, 50)
        data = with_tray(three[0], three[0], theirs)
        assert tiles(act(client, data, f"take:{theirs.pk}")) == [three[0].pk]

    def test_is_full_at_sixteen(self, client, workspace):
        many = [upload(workspace, 20 + n, 20) for n in range(17)]
        answer = act(client, with_tray(*many[:16]), f"take:{many[16].pk}")
        assert len(tiles(answer)) == 16
        assert "The tray is full" in said(answer)

    def test_says_what_was_made_lighter(self, client, workspace):
        heavy = upload(workspace, content=files.saved(files.noise(1600, 1200)))
        page = said(act(client, with_tray(), f"take:{heavy.pk}"))
        assert re.search(r"5\.8 MB → \d\.\d MB", page)

    def test_escapes_what_people_call_their_files_and_pictures(self, client, workspace):
        evil = upload(workspace, name="<img src=x onerror=alert(1)>.png")
        page = source(act(client, with_tray(evil) | {f"note-{evil.pk}": '"><script>'}, "nothing"))
        assert "<img src=x" not in page and "<script>" not in page


class TestNumbersInThePrompt:
    def test_follow_their_pictures(self, client, three):
        answer = act(client, with_tray(*three, prompt="image 1 on image 3"), f"earlier:{three[1].pk}")
        assert new_prompt(answer) == "image 2 on image 3"

    def test_stay_where_the_person_wants_that(self, client, three):
        data = with_tray(*three, prompt="image 1 on image 3")
        del data["follow"]
        assert new_prompt(act(client, data, f"earlier:{three[1].pk}")) is None

    def test_say_that_their_picture_was_taken_out(self, client, three):
        answer = act(client, with_tray(*three, prompt="图1和图2"), f"remove:{three[1].pk}")
        assert new_prompt(answer) == "图1和图?"

    def test_follow_without_script_too(self, client, three):
        page = client.post(TRAY, with_tray(*three, prompt="image 1") | {"act": f"later:{three[0].pk}"})
        assert ">image 2</textarea>" in source(page)

    def test_that_no_picture_has_are_remarked_while_typing(self, client, three):
        page = said(client.post(ESTIMATE, with_tray(*three, prompt="image 4 and 图7")))
        assert "The prompt names the images 4, 7, which are not in the tray." in page

    def test_get_their_notes_in_front(self, client, three):
        data = with_tray(*three, prompt="A poster") | {f"note-{three[0].pk}": "the bottle"}
        assert new_prompt(act(client, data, "write")) == "Image 1: the bottle.\nA poster"


class TestHowMany:
    @pytest.mark.parametrize(
        ("count", "words"), [(5, None), (6, "may weaken some"), (11, "known to lose some")]
    )
    def test_is_remarked_where_it_is_too_many(self, client, workspace, count, words):
        many = [upload(workspace, 20 + n, 20) for n in range(count)]
        page = said(client.post(ESTIMATE, with_tray(*many, models=(ALL,))))
        assert ("Three to five work best" in page) == (words is not None)
        assert words is None or words in page


class TestTheModels:
    def test_have_the_controls_of_an_edit_as_soon_as_there_is_a_picture(self, client, three):
        data = form(models=(VIP, OFFICIAL)) | {
            f"{VIP}__size": "2048x2048",
            f"{OFFICIAL}__size": "1024x1024",
            "follow": "on",
        }
        page = act(client, data, f"take:{three[2].pk}")
        assert 'id="model-sections"' in source(page)
        assert checked(page, f"{VIP}__size") == ["auto"]
        assert selected(page, f"{OFFICIAL}__size") == "2048x1152"
        assert 'name="gpt-image-2__moderation"' not in source(page)
        assert "As a message" in said(page)

    def test_keep_a_size_that_a_person_chose(self, client, three):
        data = form(models=(VIP,)) | {f"{VIP}__size": "3840x2160", "follow": "on"}
        assert checked(act(client, data, f"take:{three[0].pk}"), f"{VIP}__size") == ["3840x2160"]

    def test_say_whose_shape_an_answer_takes(self, client, three):
        page = said(
            client.post(
                ESTIMATE, with_tray(*three, prompt="Change image 3: add the tin of image 1", models=(ALL,))
            )
        )
        assert "the answer takes the shape of image 3, 128 × 64" in page
        page = said(client.post(ESTIMATE, with_tray(*three, prompt="Combine them", models=(ALL,))))
        assert "the model decides on the shape" in page

    def test_count_the_pictures_where_the_price_goes_by_token(self, client, three):
        page = said(client.post(ESTIMATE, with_tray(*three, models=(OFFICIAL,))))
        assert "The pictures count 3,072 to 4,608 tokens: $0.025 to $0.037 of the price." in page

    def test_without_edits_say_so_before_the_click(self, client, three):
        data = with_tray(*three, models=(RETIRING,))
        assert "This model does not take pictures" in said(client.post(ESTIMATE, data))
        assert client.post(GENERATE, data).status_code == 422
        assert not Run.objects.exists()

    def test_without_masks_say_so_and_go_without(self, client, three):
        painted = mask(three[0])
        data = with_tray(*three, models=(ALL, OFFICIAL)) | {"mask": painted.pk}
        assert said(client.post(ESTIMATE, data)).count("Goes without the mask.") >= 1

        assert client.post(GENERATE, data).status_code == 302
        assert [frame.masked for frame in Generation.objects.all()] == [False, True]


class TestGenerating:
    def test_makes_an_edit_of_the_same_form(self, client, three):
        data = with_tray(three[2], three[0], models=(ALL, VIP, OFFICIAL)) | {
            f"note-{three[0].pk}": " the bottle "
        }
        client.post(GENERATE, data)
        made = Run.objects.get()
        assert made.mode == Run.Mode.EDIT
        assert [(each.upload, each.note) for each in made.references.all()] == [
            (three[2], ""),
            (three[0], "the bottle"),
        ]
        assert {frame.endpoint for frame in made.generations.all()} == {"edits"}

    def test_by_chat_where_that_is_chosen(self, client, three):
        data = with_tray(three[0], models=(ALL, VIP, OFFICIAL)) | {
            f"{ALL}__via": "chat",
            f"{OFFICIAL}__via": "chat",
        }
        client.post(GENERATE, data)
        assert [frame.endpoint for frame in Generation.objects.all()] == ["chat", "edits", "edits"]

    def test_without_pictures_chat_means_nothing(self, client, workspace):
        client.post(GENERATE, form() | {f"{ALL}__via": "chat"})
        assert Generation.objects.get().endpoint == "generations"

    def test_with_a_mask_of_another_picture_is_refused(self, client, three):
        data = with_tray(*three, models=(OFFICIAL,)) | {"mask": mask(three[1]).pk}
        answer = client.post(GENERATE, data)
        assert answer.status_code == 422
        assert "The mask belongs to image 2, and only image 1 can have one." in said(answer)
        assert tiles(answer) == [each.pk for each in three]

    def test_a_mask_leaves_with_its_picture(self, client, three):
        data = with_tray(*three, models=(OFFICIAL,)) | {"mask": mask(three[0]).pk}
        assert 'name="mask"' in source(act(client, data, f"later:{three[0].pk}"))
        assert 'name="mask"' not in source(act(client, data, f"remove:{three[0].pk}"))

    def test_reusing_a_set_up_brings_its_pictures_and_mask_back(self, client, workspace, three):
        painted = mask(three[1])
        generation = queued(workspace, OFFICIAL, references=[three[1], three[0]], mask=painted)
        page = client.get(f"/?from={generation.pk}")
        assert tiles(page) == [three[1].pk, three[0].pk]
        assert f'name="mask" value="{painted.pk}"' in source(page)


class TestAPictureThatWasMadeHere:
    def test_opens_in_the_studio_as_a_reference(self, client, workspace):
        output = picture(workspace, 320, 240)
        page = client.post(f"/studio/use/{output.pk}/", follow=True)
        kept = Upload.objects.get()
        assert page.redirect_chain == [(f"/?reference={kept.pk}", 302)]
        assert (tiles(page), kept.taken_from) == ([kept.pk], output)

    def test_joins_the_tray_that_is_there(self, client, workspace, three):
        output = picture(workspace, 320, 240)
        assert len(tiles(act(client, with_tray(*three), f"use:{output.pk}"))) == 4

    def test_of_a_stranger_is_not_there(self, client, workspace, elsewhere):
        output = picture(elsewhere, 320, 240)
        assert client.post(f"/studio/use/{output.pk}/").status_code == 404
        assert tiles(act(client, with_tray(), f"use:{output.pk}")) == []

    def test_can_be_picked_from_the_gallery(self, client, workspace, elsewhere):
        mine, theirs = picture(workspace), picture(elsewhere)
        page = source(client.get("/studio/pick/"))
        assert f'data-act="use:{mine.pk}"' in page and f'use:{theirs.pk}"' not in page


class TestAMask:
    def test_is_kept_for_its_picture(self, client, three):
        drawn = files.kept(mask(three[0]).file)
        Mask.objects.all().delete()
        answer = client.post(f"{UPLOADS}{three[0].pk}/mask/", {"mask": file_of(drawn, "mask.png")})
        assert answer.json() == {"id": Mask.objects.get().pk}
        assert files.kept(Mask.objects.get().file) == drawn

    def test_that_can_not_be_one_is_refused_in_a_sentence(self, client, three):
        answer = client.post(
            f"{UPLOADS}{three[0].pk}/mask/", {"mask": file_of(files.flat(3, 200, "RGBA"), "m.png")}
        )
        assert answer.status_code == 422
        assert "the mask has 3 × 200 pixels and image 1 is sent with 64 × 64" in answer.json()["error"]

    def test_can_be_uploaded_without_script(self, client, three):
        content = files.flat(64, 64, "L", 255)
        page = client.post(
            TRAY, with_tray(*three) | {"act": "mask-file", "mask_file": file_of(content, "m.png")}
        )
        assert "white was taken as what may change" in said(page)
        assert 'name="mask"' in source(page)

    def test_of_a_stranger_is_not_taken(self, client, workspace, elsewhere, three):
        theirs = mask(upload(elsewhere, 99, 99))
        assert client.get(f"/studio/masks/{theirs.pk}.png").status_code == 404
        assert 'name="mask"' not in source(act(client, with_tray(*three), f"mask:{theirs.pk}"))


def test_a_page_costs_as_many_questions_with_many_references_as_with_few(
    client, workspace, django_assert_max_num_queries, three
):
    run(workspace, references=three[:1])
    client.get("/")
    with django_assert_max_num_queries(14):
        client.get("/")
    run(workspace, references=three)
    with django_assert_max_num_queries(14):
        client.get("/")
