"""A set-up opened in the composer: by a link, a file, or a picture that carries it; and what is not here is said."""

import base64
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from playground.runs.models import Generation, Output, Run, Upload
from playground.runs.setups import MOST_BYTES, Aim, Named, Setup
from playground.runs.story import told
from tests import files
from tests.factories import ALL, OFFICIAL, VIP, image_bytes, mask, picture, queued, run, upload
from tests.studio.pages import HTMX, checked, field, form, said, selected, source
from tests.studio.test_tray import TRAY, act, file_of, new_prompt, tiles, with_tray

pytestmark = pytest.mark.django_db
UPLOADS = "/studio/uploads/"
SETUP = Setup(
    "A tin, 茶叶罐",
    (Aim(VIP, {"size": "2048x1152"}, 3), Aim(OFFICIAL, {"quality": "high", "size": "1536x1024"})),
    label="214",
)


def exported(output: Output) -> bytes:
    with io.BytesIO(files.kept(output.file)) as file:
        return b"".join(told(file, output).pieces(file))


def at_link(client, setup: Setup):
    return client.get("/" + setup.query)


class TestByALink:
    def test_the_form_is_filled_and_nothing_is_sent(self, client, workspace):
        page = at_link(client, SETUP)
        assert checked(page, "models") == [VIP, OFFICIAL]
        assert "A tin, 茶叶罐" in said(page)
        assert selected(page, f"{VIP}__variants") == "3" and checked(page, f"{VIP}__size") == ["2048x1152"]
        assert (
            checked(page, f"{OFFICIAL}__quality") == ["high"]
            and selected(page, f"{OFFICIAL}__variants") == "1"
        )
        assert "The set-up of 214 is here. Nothing was sent." in said(page)
        assert (Run.objects.count(), Upload.objects.count()) == (0, 0)

    def test_a_frame_opened_so_is_the_frame_reused(self, client, workspace):
        tin = upload(workspace)
        generation = run(
            workspace, OFFICIAL, references=[tin], mask=mask(tin), quality="low"
        ).generations.get()
        here, there = client.get(f"/?from={generation.pk}"), at_link(client, Setup.of(generation))
        for page in (here, there):
            assert tiles(page) == [tin.pk] and checked(page, "models") == [OFFICIAL]
            assert checked(page, f"{OFFICIAL}__quality") == ["low"]
            assert f'name="mask" value="{generation.run.mask_id}"' in source(page)

    def test_a_run_opens_with_all_its_models(self, client, workspace, elsewhere):
        asked = run(workspace, VIP, OFFICIAL, variants=2, prompt="A tea tin")
        page = client.get(f"/?run={asked.number}")
        assert checked(page, "models") == [VIP, OFFICIAL] and "A tea tin" in said(page)
        assert [selected(page, f"{model}__variants") for model in (VIP, OFFICIAL)] == ["2", "2"]
        assert f'href="/?run={asked.number}"' in source(client.get(f"/runs/{asked.number}/"))
        for _more in range(3):
            theirs = run(elsewhere)
        assert client.get(f"/?run={theirs.number}").status_code == 404

    @pytest.mark.parametrize(
        "token", ["%25", "e30", "x" * 9000, base64.urlsafe_b64encode(b'{"darkroom": 2}').decode()]
    )
    def test_a_broken_one_is_said_and_the_composer_is_there(self, client, workspace, token):
        page = client.get(f"/?setup={token}")
        assert page.status_code == 200 and 'role="alert"' in source(page)
        assert "set-up" in said(page) or "link" in said(page)
        assert checked(page, "models") != []

    def test_scripts_in_it_are_words(self, client, workspace):
        evil = "<script>alert(1)</script>"
        page = at_link(client, Setup(evil, (Aim(evil, {}),), (Named("ab" * 32, evil),), label=evil))
        assert evil not in source(page) and evil in said(page)

    def test_in_a_team_it_waits_for_the_login(self, client, team_mode, workspace):
        answer = at_link(client, SETUP)
        assert answer.status_code == 302 and "setup" in answer.url


class TestWhatIsNotHere:
    def test_a_model_is_named(self, client, workspace):
        page = at_link(client, Setup("A tin", (Aim("gpt-image-9"), Aim(ALL), Aim(ALL, {}, 2))))
        assert checked(page, "models") == [ALL]
        assert "“gpt-image-9” is no model that can be used here" in said(page)
        assert f"{ALL} is in the set-up twice" in said(page)

    def test_a_setting_is_named(self, client, workspace):
        page = at_link(
            client,
            Setup("A tin", (Aim(OFFICIAL, {"steps": 40, "quality": "ultra"}), Aim(VIP, {"size": "7x7"}))),
        )
        for words in (
            f"{OFFICIAL} has no setting “steps” here",
            f"{OFFICIAL} does not offer “ultra” for “quality”",
            f"{VIP} does not offer “7x7” for “size”",
        ):
            assert words in said(page), words
        assert checked(page, f"{OFFICIAL}__quality") == ["medium"]

    def test_a_number_out_of_bounds_is_left_to_the_form(self, client, workspace):
        page = at_link(client, Setup("A tin", (Aim(OFFICIAL, {"size": "1001x1001"}),)))
        assert "1001x1001" in field(page, f"{OFFICIAL}__size__custom")
        assert "must be multiples of" in said(page)

    def test_pictures_and_a_mask_are_named(self, client, workspace, elsewhere):
        theirs, mine = upload(elsewhere, name="theirs.png"), upload(workspace, 96, 64)
        references = (
            Named("ab" * 32, "gone.png"),
            Named(mine.sha256, "mine.png", "the tin"),
            Named(theirs.sha256),
        )
        page = at_link(client, Setup("Image 2", (Aim(ALL),), references, mask="cd" * 32))
        assert tiles(page) == [mine.pk] and 'value="the tin"' in source(page)
        assert "Image 1 (gone.png), Image 3 of the set-up are not in this workspace" in said(page)
        assert "The mask of the set-up is not in this workspace" in said(page)
        assert "theirs.png" not in said(page)

    def test_a_picture_that_was_made_here_is_put_back(self, client, workspace):
        output = picture(workspace)
        page = at_link(client, Setup("Change it", (Aim(ALL),), (Named(output.sha256),)))
        assert [Upload.objects.get(pk=pk).taken_from for pk in tiles(page)] == [output]

    def test_without_models_the_usual_ones_stand_there(self, client, workspace):
        assert len(checked(at_link(client, Setup("A tin")), "models")) == 3


class TestByAPicture:
    @pytest.fixture
    def brought(self, client, workspace) -> Upload:
        """An exported picture, brought again."""
        output = picture(workspace, prompt="A tea tin", model=VIP, size="2048x1152")
        answer = client.post(UPLOADS, {"file": file_of(exported(output), "1A.png")})
        return Upload.objects.get(pk=answer.json()["id"])

    def test_the_person_is_asked_and_it_is_a_reference_meanwhile(self, client, brought):
        answer = act(client, form("My own words"), f"take:{brought.pk}")
        assert tiles(answer) == [brought.pk]
        assert "This picture carries a set-up: that of 1A. Restore the set-up Use the picture" in said(answer)
        assert new_prompt(answer) is None

    def test_restored_the_set_up_takes_the_place_of_the_picture(self, client, brought):
        data = with_tray(brought, prompt="My own words") | {"carries": brought.pk}
        answer = act(client, data, f"setup:{brought.pk}")
        assert (tiles(answer), new_prompt(answer)) == ([], "A tea tin")
        assert checked(answer, "models") == [VIP] and checked(answer, f"{VIP}__size") == ["2048x1152"]
        assert "The set-up of 1A is here" in said(answer) and "data-draft-back" in source(answer)
        assert 'id="model-sections"' in source(answer)

    def test_used_the_question_is_gone_and_the_picture_stays(self, client, brought):
        answer = act(client, with_tray(brought) | {"carries": brought.pk}, "keep")
        assert tiles(answer) == [brought.pk] and "carries a set-up" not in said(answer)

    def test_the_question_stays_while_the_tray_changes_and_goes_with_the_picture(
        self, client, workspace, brought
    ):
        other = upload(workspace)
        data = with_tray(brought) | {"carries": brought.pk}
        assert "carries a set-up" in said(act(client, data, f"take:{other.pk}"))
        assert "carries a set-up" not in said(act(client, data, f"remove:{brought.pk}"))

    def test_without_script_it_is_the_same(self, client, workspace):
        content = exported(picture(workspace, prompt="A tea tin"))
        page = client.post(TRAY, form("Mine") | {"act": "add", "files": [file_of(content, "a.png")]})
        (pk,) = tiles(page)
        assert "This picture carries a set-up" in said(page) and "<html" in source(page)
        page = client.post(TRAY, with_tray(Upload.objects.get(pk=pk)) | {"act": f"setup:{pk}"})
        assert "A tea tin" in said(page) and tiles(page) == []

    def test_its_references_come_back(self, client, workspace):
        tin = upload(workspace, name="tin.png")
        generation = run(workspace, ALL, references=[tin], prompt="Change image 1").generations.get()
        setup = Setup.of(generation)
        answer = act(client, form("Mine") | {"setup": setup.to_json()}, "setup")
        assert tiles(answer) == [tin.pk] and new_prompt(answer) == "Change image 1"

    @pytest.mark.parametrize("content", [files.flat(), files.photo_with_place(), files.polyglot()])
    def test_without_a_set_up_nothing_is_asked(self, client, workspace, content):
        kept = upload(workspace, content=content)
        answer = act(client, form("Mine"), f"take:{kept.pk}")
        assert tiles(answer) == [kept.pk] and "set-up" not in said(answer)
        answer = act(client, with_tray(kept), f"setup:{kept.pk}")
        assert "This picture carries no set-up." in said(answer) and tiles(answer) == [kept.pk]

    def test_of_another_workspace_it_is_not_there(self, client, workspace, elsewhere):
        theirs = upload(elsewhere, content=exported(picture(workspace, prompt="A secret")))
        answer = act(client, form("Mine"), f"setup:{theirs.pk}")
        assert "A secret" not in source(answer) and new_prompt(answer) is None

    @pytest.mark.parametrize("value", ["", "x", "-1", "9" * 30, "1:2"])
    def test_nonsense_changes_nothing(self, client, workspace, value):
        answer = act(client, form("Mine"), f"setup:{value}")
        assert answer.status_code == 200 and new_prompt(answer) is None

    def test_in_a_conversation_nothing_is_asked(self, client, brought, workspace):
        output = picture(workspace, prompt="Another tin")
        client.post(f"/chat/edit/{output.pk}/")
        data = form("Change it") | {"from": output.pk}
        answer = client.post("/chat/tray/", data | {"act": f"take:{brought.pk}"}, headers=HTMX)
        assert "carries a set-up" not in said(answer)
        answer = client.post("/chat/tray/", data | {"act": f"setup:{brought.pk}"}, headers=HTMX)
        assert "opened in the studio" in said(answer) and new_prompt(answer) is None


class TestByAFile:
    def document(self, text: str | bytes, name: str = "214.darkroom.json") -> SimpleUploadedFile:
        return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)

    def test_it_is_opened_at_once(self, client, workspace):
        page = client.post(TRAY, form("Mine") | {"act": "add", "files": [self.document(SETUP.to_json())]})
        assert checked(page, "models") == [VIP, OFFICIAL] and "A tin, 茶叶罐" in said(page)

    def test_pictures_beside_it_go_into_the_tray(self, client, workspace):
        chosen = [self.document(SETUP.to_json()), file_of(files.flat(), "a.png")]
        page = client.post(TRAY, form("Mine") | {"act": "add", "files": chosen})
        assert len(tiles(page)) == 1 and "A tin, 茶叶罐" in said(page)

    @pytest.mark.parametrize(
        "text", ["", "{}", "[" * 5000, b"\xff\xfe", "x" * (MOST_BYTES + 9), json.dumps({"darkroom": 9})]
    )
    def test_what_is_none_is_said_and_all_stays_as_it_was(self, client, workspace, text):
        page = client.post(TRAY, form("Mine", (ALL,)) | {"act": "add", "files": [self.document(text)]})
        assert "set-up" in said(page) and "Mine" in said(page) and checked(page, "models") == [ALL]
        assert "was not taken" not in said(page)

    def test_script_sends_its_text(self, client, workspace):
        answer = act(client, form("Mine") | {"setup": SETUP.to_json()}, "setup")
        assert new_prompt(answer) == "A tin, 茶叶罐" and checked(answer, "models") == [VIP, OFFICIAL]


def test_what_was_opened_can_be_generated_as_it_is(client, workspace):
    """The very pages that a browser would post."""
    generation = queued(workspace, VIP, prompt="A tin", size="2048x1152")
    page = at_link(client, Setup.of(generation))
    sent = form(
        "A tin", (VIP,), **{f"{VIP}__size": checked(page, f"{VIP}__size")[0], f"{VIP}__variants": "1"}
    )
    assert client.post("/studio/generate/", sent).status_code == 302
    again = Generation.objects.latest("pk")
    assert (again.parameters, again.prompt_sent) == (generation.parameters, generation.prompt_sent)


def test_a_picture_of_another_format_carries_it_too(client, workspace):
    for kind in ("jpeg", "webp"):
        output = picture(workspace, content=image_bytes(64, 48, format=kind), prompt=f"A tin as {kind}")
        kept = upload(workspace, content=exported(output), name=f"1A.{kind}")
        assert "carries a set-up" in said(act(client, form("Mine"), f"take:{kept.pk}"))
