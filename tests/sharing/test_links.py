"""Links as their owners make, see, change and end them."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from playground.sharing.models import Link
from tests.chat import talks
from tests.factories import picture
from tests.sharing.shares import PASSWORD, Visitor, collection, everything, shared
from tests.studio.pages import checked, said, source

pytestmark = pytest.mark.django_db


def made(client, **fields):
    answer = client.post("/links/create/", {"submission_key": str(uuid.uuid4()), "period": "7"} | fields)
    found = re.search(r'id="address">http://testserver([^<]+)<', source(answer))
    return answer, found[1] if found else ""


class TestMaking:
    def test_the_form_is_as_private_as_can_be(self, client, output):
        answer = client.get(f"/links/new/?o={output.pk}")
        page = source(answer)
        assert checked(answer, "shows") == [] and checked(answer, "period") == ["7"]
        assert not re.search(r'name="is_indexed" checked|name="no_password"', page)

    def test_it_can_be_made_from_every_place(self, client, workspace, output):
        turn = talks.answered(talks.said(workspace, "A cafe"))
        tea = collection(workspace, output)
        links = {
            output.get_absolute_url(): f"/links/new/?o={output.pk}",
            "/runs/1/": "/links/new/?run=1",
            f"/gallery/?collection={tea.pk}": f"/links/new/?collection={tea.pk}",
            turn.get_absolute_url(): f"/links/new/?conversation={turn.conversation.number}",
        }
        for page, address in links.items():
            assert f'href="{address}"' in source(client.get(page)), page
            assert client.get(address).status_code == 200, address
        assert 'formaction="/links/new/"' in source(client.get("/gallery/"))
        for page in ("/settings/", "/gallery/"):
            assert 'href="/links/"' in source(client.get(page))

    def test_a_selection_of_the_gallery_is_one_link_in_its_order(self, client, workspace):
        first, second = picture(workspace), picture(workspace)
        page = source(client.post("/links/new/", {"o": [second.pk, first.pk], "act": "", "filter": ""}))
        assert re.findall(r'name="o" value="(\d+)"', page) == [str(second.pk), str(first.pk)]
        assert not Link.objects.exists()
        made(client, o=[second.pk, first.pk])
        items = Link.objects.get(kind="comparison").items
        assert list(items.values_list("output_id", flat=True)) == [second.pk, first.pk]

    def test_the_address_is_shown_once_and_works(self, client, output):
        answer, path = made(client, o=output.pk)
        assert Visitor().get(path).status_code == 200
        assert (
            "It is shown this once" in said(answer).replace("it is", "It is")
            and "no-store" in answer["Cache-Control"]
        )
        token = path.split("/")[2]
        for page in ("/links/", f"/links/{Link.objects.get().pk}/"):
            assert token not in source(client.get(page))

    def test_the_form_sent_again_makes_no_second_one(self, client, output):
        fields = {"submission_key": str(uuid.uuid4()), "o": output.pk}
        made(client, **fields)
        answer, path = made(client, **fields)
        assert not path and "This address was shown already" in said(answer) and Link.objects.count() == 1

    def test_everything_that_was_said_is_kept(self, client, output):
        made(
            client, o=output.pk, title="Tea", words="Look", signed="Mei", shows=Link.SHOWS, period="never",
            password=PASSWORD, is_indexed="on",
        )  # fmt: skip
        link = Link.objects.get()
        assert (link.title, link.words, link.signed) == ("Tea", "Look", "Mei")
        assert list(link.shows) == list(Link.SHOWS) and link.expires_at is None and link.is_indexed
        assert PASSWORD not in str(Link.objects.values())

    def test_a_short_password_is_refused_and_never_sent_back(self, client, output):
        answer, _path = made(client, o=output.pk, password="shortie", title="Kept", shows=["costs"])
        assert answer.status_code == 422 and "at least 8 characters" in said(answer)
        assert "shortie" not in source(answer) and 'value="Kept"' in source(answer)
        assert checked(answer, "shows") == ["costs"] and not Link.objects.exists()

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "o=",
            "o=0",
            "o=x",
            "o=999999",
            "run=999",
            "collection=999",
            "conversation=999",
            "o=" + "9" * 40,
        ],
    )
    def test_nothing_can_not_be_shared(self, client, workspace, query):
        assert client.get(f"/links/new/?{query}").status_code == 404

    def test_a_selection_of_nothing_leads_back(self, client, workspace):
        answer = client.post("/links/new/", {"filter": ""}, follow=True)
        assert "Nothing was picked" in said(answer) and answer.redirect_chain == [("/gallery/", 302)]

    def test_simulated_pictures_say_more_than_is_ticked_and_so_does_the_form(self, client, output):
        assert "have their prompt and model drawn into them" in said(client.get(f"/links/new/?o={output.pk}"))

    def test_on_one_machine_alone_it_says_so(self, client, output, settings):
        assert "works only here" in said(client.get(f"/links/new/?o={output.pk}"))
        assert "works only here" in said(made(client, o=output.pk)[0])

    def test_a_visitor_spends_nothing(self, output, visitor):
        """There is no way from a public page to a call: the room knows nothing that could send one."""
        link = shared(output, **everything())
        visitor.get(link.path)
        assert visitor.post("/studio/generate/", {"prompt": "x"}).status_code == 403


class TestSeeingThem:
    def test_each_says_what_it_shows_until_when_and_how_often_it_was_seen(self, client, output):
        shared(output, title="Tea", prompts=True, costs=True, password=PASSWORD)
        Link.objects.update(views=3)
        page = said(client.get("/links/"))
        for words in ("Tea", "Shows 1 picture, prompts, costs.", "Until", "With a password", "3 views"):
            assert words in page, words

    def test_those_that_are_not_open_stand_apart(self, client, output):
        expired, ended = shared(output, title="Old"), shared(output, title="Over")
        Link.objects.filter(pk=expired.pk).update(expires_at="2026-01-01T00:00Z")
        client.post(f"/links/{ended.pk}/end/")
        page = said(client.get("/links/"))
        assert page.index("Not open any more") < min(page.index("Old"), page.rindex("Over"))

    def test_the_list_asks_as_often_however_long_it_is(self, client, workspace):
        asked = []
        for _each in range(2):
            for _link in range(3):
                shared(picture(workspace), picture(workspace))
                shared(run=picture(workspace).generation.run)
            with CaptureQueriesContext(connection) as queries:
                client.get("/links/")
            asked.append(len(queries))
        assert asked[0] == asked[1]


class TestChangingOne:
    def test_visitors_see_the_change_at_the_same_address(self, client, output, visitor):
        link = shared(output)
        assert "lighthouse" not in source(visitor.get(link.path))
        client.post(f"/links/{link.pk}/", {"shows": ["prompts"], "title": "", "period": ""})
        assert "A lighthouse. In a storm" in said(visitor.get(link.path))
        client.post(f"/links/{link.pk}/", {"period": ""})
        assert "lighthouse" not in source(visitor.get(link.path))

    def test_time_and_password_stay_unless_something_else_is_said(self, client, output):
        link = shared(output, password=PASSWORD)
        before = Link.objects.get(pk=link.pk)
        client.post(f"/links/{link.pk}/", {"title": "New", "period": "", "password": ""})
        after = Link.objects.get(pk=link.pk)
        assert (after.expires_at, after.password, after.title) == (before.expires_at, before.password, "New")

    def test_its_time_can_begin_anew(self, client, output, visitor):
        link = shared(output)
        Link.objects.update(expires_at="2026-01-01T00:00Z")
        assert visitor.get(link.path).status_code == 404
        client.post(f"/links/{link.pk}/", {"period": "30"})
        assert visitor.get(link.path).status_code == 200

    def test_the_form_shows_it_as_it_is(self, client, output):
        link = shared(output, title="Tea", models=True)
        answer = client.get(f"/links/{link.pk}/")
        assert checked(answer, "shows") == ["models"] and 'value="Tea"' in source(answer)
        assert checked(answer, "period") == [""]

    def test_a_new_address_is_shown_once_too(self, client, output, visitor):
        link, key = shared(output), str(uuid.uuid4())
        answer = client.post(f"/links/{link.pk}/rotate/", {"submission_key": key})
        path = re.search(r'id="address">http://testserver([^<]+)<', source(answer))[1]
        assert visitor.get(path).status_code == 200 and visitor.get(link.path).status_code == 404
        again = client.post(f"/links/{link.pk}/rotate/", {"submission_key": key})
        assert 'id="address"' not in source(again) and visitor.get(path).status_code == 200


class TestEndingOne:
    def test_is_one_click_and_can_be_undone(self, client, output, visitor):
        link = shared(output)
        page = source(client.post(f"/links/{link.pk}/end/", follow=True))
        assert visitor.get(link.path).status_code == 404
        undo = re.search(r'<form method="post" action="(/links/\d+/reopen/)">', page)[1]
        client.post(undo)
        assert visitor.get(link.path).status_code == 200

    def test_is_no_matter_of_a_get(self, client, output, visitor):
        link = shared(output)
        for act in ("end", "reopen", "rotate"):
            assert client.get(f"/links/{link.pk}/{act}/").status_code == 405
        assert visitor.get(link.path).status_code == 200
