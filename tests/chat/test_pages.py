"""The page of a conversation: where one is, what can be said there, and what it costs to look."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from playground.chat.models import Conversation, Turn
from playground.chat.shown import STEPS
from playground.runs import states
from playground.runs.models import Run
from tests.chat.talks import answered, chain, failed, in_words, only, read, said
from tests.costs.bills import budget
from tests.factories import ALL, OFFICIAL, VIP, mask, picture, upload
from tests.studio.pages import HTMX, checked, field, source
from tests.studio.pages import said as words_of

pytestmark = pytest.mark.django_db


def form(on: Turn | None = None, prompt: str = "Now rainy", models=(ALL,), **fields) -> dict:
    """What a browser posts: on the turn's page, or for a conversation that begins."""
    place = {}
    if on is not None:
        place = {"conversation": on.conversation.number, "step": on.number, "from": only(on).pk}
    key = {"submission_key": str(uuid.uuid4())}
    return key | place | {"prompt": prompt, "models": list(models)} | fields


def queries_of(act) -> int:
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)


class TestSaying:
    def test_the_first_words_begin_a_conversation(self, client, workspace):
        answer = client.post("/chat/say/", form(prompt="A cafe"))
        turn = Turn.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, "/chat/1/1/")
        assert turn.run.generations.get().endpoint == "generations"

    def test_a_first_picture_makes_it_a_message_about_it(self, client, workspace):
        brought = upload(workspace)
        client.post("/chat/say/", form(prompt="Make it rain", references=[brought.pk]))
        assert Conversation.objects.get().start == brought
        assert Run.objects.get().generations.get().endpoint == "chat"

    def test_a_turn_goes_on_from_the_answer_that_the_form_names(self, client, workspace):
        first = answered(said(workspace))
        answer = client.post("/chat/say/", form(first), headers=HTMX)
        turn = Turn.objects.last()
        assert answer["HX-Redirect"] == turn.get_absolute_url() == "/chat/1/2/"
        assert (turn.parent, turn.continues) == (first, only(first))
        assert "turn-taken" in answer["HX-Trigger"]

    @pytest.mark.parametrize("via, endpoint", [("", "chat"), ("chat", "chat"), ("edits", "edits")])
    def test_each_model_goes_the_way_that_was_chosen(self, client, workspace, via, endpoint):
        first = answered(said(workspace))
        fields = {f"{VIP}__via": via} if via else {}
        client.post("/chat/say/", form(first, models=(VIP, OFFICIAL), **fields))
        ways = Turn.objects.last().run.generations.values_list("model_id", "endpoint")
        assert dict(ways) == {VIP: endpoint, OFFICIAL: "edits"}

    def test_a_size_holds_where_it_goes_as_an_edit(self, client, workspace):
        first = answered(said(workspace))
        sized = {f"{VIP}__via": "edits", f"{VIP}__size": "2048x1360"}
        client.post("/chat/say/", form(first, models=(VIP,), **sized))
        assert only(Turn.objects.last()).parameters["size"] == "2048x1360"

    def test_more_pictures_come_after_the_one_that_is_changed(self, client, workspace):
        first, more = answered(said(workspace)), upload(workspace)
        client.post("/chat/say/", form(first, references=[more.pk]))
        references = [one.upload for one in Turn.objects.last().run.references.all()]
        assert references[1:] == [more] and references[0].taken_from == only(first).outputs.get()

    def test_a_mask_goes_along(self, client, workspace):
        first = answered(said(workspace))
        client.get(first.get_absolute_url())
        painted = mask(only(first).outputs.get().uploads.get())
        client.post("/chat/say/", form(first, models=(OFFICIAL,), mask=painted.pk))
        assert Turn.objects.last().run.mask == painted

    def test_the_same_form_twice_is_one_turn(self, client, workspace):
        posted = form(answered(said(workspace)))
        places = {client.post("/chat/say/", posted)["Location"] for _ in range(2)}
        assert places == {"/chat/1/2/"} and Turn.objects.count() == 2

    def test_nothing_is_said_before_the_picture_is_there(self, client, workspace):
        answer = client.post("/chat/say/", form(said(workspace)))
        assert answer.status_code == 422 and "The picture is not here yet" in words_of(answer)
        assert Turn.objects.count() == 1

    def test_a_refused_form_comes_back_as_it_was_typed(self, client, workspace):
        first = answered(said(workspace))
        answer = client.post("/chat/say/", form(first, models=()), headers=HTMX)
        assert answer.status_code == 422 and "Choose at least one model." in words_of(answer)
        assert ">Now rainy</textarea>" in source(answer) and 'id="stage"' not in source(answer)

    def test_without_script_it_comes_back_on_its_page(self, client, workspace):
        first = answered(said(workspace))
        answer = client.post("/chat/say/", form(first, prompt=" "))
        assert answer.status_code == 422 and 'id="stage"' in source(answer)
        assert "Write what the picture should show." in words_of(answer)

    @pytest.mark.parametrize("change", [{"conversation": 99}, {"from": 99_999}])
    def test_what_is_not_there_cannot_be_gone_on_from(self, client, workspace, change):
        assert client.post("/chat/say/", form(answered(said(workspace))) | change).status_code == 404

    def test_an_answer_of_another_conversation_neither(self, client, workspace):
        mine, other = answered(said(workspace)), answered(said(workspace))
        assert client.post("/chat/say/", form(mine) | {"from": only(other).pk}).status_code == 404

    def test_too_much_under_way_starts_nothing_and_says_so(self, client, workspace, settings):
        first = answered(said(workspace))
        settings.UNFINISHED_LIMIT = 0
        answer = client.post("/chat/say/", form(first))
        assert answer.status_code == 422 and "Nothing was started" in words_of(answer)
        assert (Turn.objects.count(), Run.objects.count()) == (1, 1)

    def test_a_budget_that_does_not_allow_it_starts_nothing(self, client, workspace, paid_provider):
        first = answered(said(workspace))
        budget(workspace, "0.05")
        answer = client.post("/chat/say/", form(first, models=(ALL, VIP)), headers=HTMX)
        assert answer.status_code == 422 and "Now rainy" in source(answer)
        assert "does not allow it" in words_of(answer) and Turn.objects.count() == 1


class TestThePage:
    def test_it_shows_the_picture_the_way_there_and_what_it_cost(self, client, workspace):
        first = answered(said(workspace, "A cafe"))
        second = answered(said(workspace, "Now rainy", on=first))
        answer = client.get(second.get_absolute_url())
        page = words_of(answer)
        for words in (
            "Step 2",
            "A cafe",
            "Now rainy",
            "2A",
            "as a message",
            "$0.060 in all, $0.060 on the way",
        ):
            assert words in page, words
        assert only(second).outputs.get().original_url in source(answer)

    def test_a_conversation_opens_where_it_was_left(self, client, workspace):
        first = answered(said(workspace))
        said(workspace, on=first)
        assert client.get("/chat/1/")["Location"] == "/chat/1/2/"

    def test_the_form_goes_to_the_model_that_drew_last_and_says_how(self, client, workspace):
        turn = answered(said(workspace, "A cafe", VIP, size="2048x1360"))
        answer = client.get(turn.get_absolute_url())
        assert checked(answer, "models") == [VIP]
        assert "gpt-image-2-vip, as a message" in words_of(answer)
        assert f'value="{only(turn).pk}"' in field(answer, "from")

    def test_while_it_draws_the_form_waits_with_the_same_model(self, client, workspace):
        answer = client.get(said(workspace, "A cafe", VIP).get_absolute_url())
        assert checked(answer, "models") == [VIP]

    def test_image_1_is_the_picture_and_stays(self, client, workspace):
        turn = answered(said(workspace))
        kept = form(turn) | {"act": "remove:1", "references": []}
        answer = client.post("/chat/tray/", kept, headers=HTMX)
        assert 'data-number="1"' in source(answer) and "is changed" in words_of(answer)

    def test_with_a_mask_the_official_model_edits(self, client, workspace):
        turn = answered(said(workspace))
        client.get(turn.get_absolute_url())
        painted = mask(only(turn).outputs.get().uploads.get())
        answer = client.post(
            "/chat/estimate/", form(turn, models=(ALL, OFFICIAL), mask=painted.pk), headers=HTMX
        )
        assert "gpt-image-2-all, as a message" in words_of(answer)
        assert "Goes without the mask." in words_of(answer) and "gpt-image-2, as an edit" in words_of(answer)

    def test_several_answers_stand_side_by_side(self, client, workspace):
        turn = answered(said(workspace, "A cafe", ALL, VIP, OFFICIAL))
        second = turn.run.generations.get(letter="B")
        answer = client.get(f"{turn.get_absolute_url()}?answer={second.pk}")
        assert source(answer).count('class="thumb__name"') == 3
        assert f'value="{second.pk}"' in field(answer, "from")

    def test_every_way_is_one_key_away(self, client, workspace):
        first = answered(said(workspace))
        left = answered(said(workspace, "At night", on=first))
        here = answered(said(workspace, "Now rainy", on=first))
        below = said(workspace, "Colder", on=here)
        page = source(client.get(here.get_absolute_url()))
        ways = {
            key: re.search(rf'href="([^"]*)" data-shortcut="{key}"', page)[1]
            for key in ("ArrowLeft", "ArrowUp", "ArrowDown")
        }
        assert ways == {
            "ArrowLeft": f"{left.get_absolute_url()}?answer={only(left).pk}",
            "ArrowUp": f"{first.get_absolute_url()}?answer={only(first).pk}",
            "ArrowDown": below.get_absolute_url(),
        }
        assert 'data-shortcut="ArrowRight"' not in page and "Branch 2 of 2" in words_of(
            client.get(here.get_absolute_url())
        )

    def test_the_picture_is_held_against_the_one_before_and_the_first(self, client, workspace):
        page = source(client.get(chain(workspace, 3).get_absolute_url()))
        assert page.count('class="stage__before"') == 2
        assert 'value="step"' in page and 'value="first"' in page

    @pytest.mark.parametrize(
        "end, words", [(failed, "the one before it"), (in_words, "Which cafe do you mean?")]
    )
    def test_a_turn_without_a_picture_can_be_gone_on_from_too(self, client, workspace, end, words):
        turn = end(said(workspace, on=answered(said(workspace))))
        answer = client.get(turn.get_absolute_url())
        assert words in words_of(answer)
        assert (
            client.post(
                "/chat/say/", form(turn) | {"from": re.search(r'value="(\d*)"', field(answer, "from"))[1]}
            ).status_code
            == 302
        )

    def test_the_beginning_has_a_page(self, client, workspace):
        turn = said(workspace, brought=(upload(workspace),))
        answer = client.get("/chat/1/start/")
        assert turn.conversation.start.sent_url in source(answer) and 'href="/chat/1/1/"' in source(answer)

    def test_a_run_leads_to_its_turn(self, client, workspace):
        said(workspace)
        turn = said(workspace)
        assert client.get(f"/chat/of-run/{turn.run.number}/")["Location"] == turn.get_absolute_url()

    def test_any_picture_can_begin_one(self, client, workspace):
        output = picture(workspace)
        answer = client.post(f"/chat/edit/{output.pk}/")
        kept = output.uploads.get()
        assert answer["Location"] == f"/chat/new/?reference={kept.pk}"
        assert f'data-upload="{kept.pk}"' in source(client.get(answer["Location"]))
        assert not Conversation.objects.exists()

    def test_before_the_first_words_the_stage_shows_what_will_be_changed(self, client, workspace):
        brought, other = upload(workspace), upload(workspace, 96, 64)
        page = client.get(f"/chat/new/?reference={brought.pk}")
        assert f'<img src="{brought.sent_url}"' in source(page)
        kept = form() | {"act": f"remove:{brought.pk}", "references": [brought.pk, other.pk]}
        answer = source(client.post("/chat/tray/", kept, headers=HTMX))
        assert 'id="stage"' in answer and f'<img src="{other.sent_url}"' in answer


class TestTheTree:
    def test_deleting_can_be_undone_from_the_message_and_from_the_turn_before(self, client, workspace):
        first = answered(said(workspace))
        second = said(workspace, "Now rainy", on=first)
        answer = client.post("/chat/1/2/remove/")
        assert answer["Location"] == "/chat/1/1/"
        assert [one.extra_tags for one in get_messages(answer.wsgi_request)] == ["/chat/1/2/restore/"]
        page = source(client.get(answer["Location"]))
        assert page.count('action="/chat/1/2/restore/"') == 2
        assert client.get("/chat/1/2/").status_code == 404

        assert client.post("/chat/1/2/restore/")["Location"] == "/chat/1/2/"
        assert read(second).removed_at is None

    def test_it_is_renamed_where_one_is(self, client, workspace):
        answered(said(workspace))
        assert client.post("/chat/1/rename/", {"title": "Rainy", "step": "1"})["Location"] == "/chat/1/1/"
        assert Conversation.objects.get().title == "Rainy"
        client.post("/chat/1/rename/", {"title": " ", "step": "²"})
        assert Conversation.objects.get().title == "Rainy"

    def test_a_fork_opens_at_its_beginning(self, client, workspace):
        answered(said(workspace))
        assert client.post("/chat/1/1/fork/")["Location"] == "/chat/2/start/"
        page = words_of(client.get("/chat/2/start/"))
        assert "from step 1 of “A cafe”" in page

    def test_the_whole_map_has_every_turn(self, client, workspace):
        last = chain(workspace, 12)
        page = source(client.get("/chat/1/map/"))
        assert page.count("<circle") == 13
        assert source(client.get(last.get_absolute_url())).count("<circle") < 13


class TestHowMuchItCosts:
    def test_a_long_conversation_asks_no_more_and_weighs_little_more(self, client, workspace):
        sizes, asked = [], []
        for count in (12, 24):
            address = chain(workspace, count).get_absolute_url()
            client.get(address)
            asked.append(queries_of(lambda address=address: sizes.append(len(client.get(address).content))))
        assert asked[0] == asked[1] and sizes[1] < sizes[0] + 300

    def test_only_the_last_steps_are_shown_and_the_others_are_a_link_away(self, client, workspace):
        address = chain(workspace, STEPS + 3).get_absolute_url()
        page = source(client.get(address))
        assert page.count('class="turn__said"') == STEPS and "3 earlier steps" in page
        assert source(client.get(f"{address}?steps=99")).count('class="turn__said"') == STEPS + 3

    def test_the_list_asks_no_more_for_many(self, client, workspace):
        counts = []
        for _ in range(2):
            for _ in range(3):
                answered(said(workspace))
            counts.append(queries_of(lambda: client.get("/chat/")))
        assert counts[0] == counts[1]


STRANGERS = ["", "start/", "1/", "map/", "export/"]


def test_where_the_provider_has_a_picture_is_nowhere_that_people_look(client, workspace):
    """Whoever has the link has the picture."""
    turn = answered(said(workspace))
    output = only(turn).outputs.get()
    states.note_picture_link(output, "https://cdn.example/secret.png", timezone.now() + timedelta(hours=24))
    answered(said(workspace, on=turn))
    details = f"/frames/{only(turn).pk}/details/"
    for path in ("/chat/1/1/", "/chat/1/2/", "/chat/", "/", "/runs/1/", details, output.url):
        assert "cdn.example" not in source(client.get(path)), path
    assert b"cdn.example" not in b"".join(client.get("/chat/1/export/").streaming_content)


class TestAStranger:
    @pytest.mark.parametrize("path", STRANGERS)
    def test_gets_404(self, client, elsewhere, path):
        answered(said(elsewhere))
        assert client.get(f"/chat/1/{path}").status_code == 404

    @pytest.mark.parametrize("path", ["rename/", "1/fork/", "1/remove/", "1/restore/"])
    def test_changes_nothing(self, client, elsewhere, path):
        answered(said(elsewhere))
        assert client.post(f"/chat/1/{path}", {"title": "Mine"}).status_code == 404
        assert Turn.objects.kept().exists() and Conversation.objects.get().title == "A cafe"

    def test_cannot_go_on_or_listen(self, client, elsewhere):
        turn = answered(said(elsewhere))
        assert client.post("/chat/say/", form(turn)).status_code == 404
        assert client.get(f"/chat/of-run/{turn.run.number}/").status_code == 404
        assert client.post(f"/chat/edit/{only(turn).outputs.get().pk}/").status_code == 404
