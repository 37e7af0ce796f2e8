"""The Models page: which one to use, what each can do, how they have been doing, all from facts and rows."""

import re
from datetime import date

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from playground import catalog
from playground.catalog.choosing import FOUR_K, Needs, choose
from playground.providers.needs import WORDS, words_of
from playground.runs import states
from tests.factories import ALL, OFFICIAL, VIP, claim, connection, picture, queued, worker_row
from tests.studio.pages import HTMX, said, source

pytestmark = pytest.mark.django_db


def ranked(answer) -> list[str]:
    """The models in the order of the answer."""
    return re.findall(r'class="rank__head">.*?<a[^>]*>([^<]+)</a>', source(answer), flags=re.DOTALL)


class TestTheTable:
    def test_has_every_model_of_today_with_what_it_can(self, client):
        words = said(client.get("/models/"))
        for model in catalog.default().offered(timezone.localdate()):
            assert model.label in words
        assert "30 exact sizes, up to 3840 × 2160" in words
        assert "8 shapes, asked for in words" in words

    def test_says_through_which_connection(self, client, workspace):
        connection(workspace, "Mine", stored_multiplier="0.5")
        words = said(client.get("/models/"))
        assert "through “Mine”" in words and "$0.015" in words

    def test_says_which_model_no_key_may_use(self, client, workspace):
        connection(workspace, "Mine", key_type="per-call")
        assert "gpt-image-2 needs a usage-priority key" in said(client.get("/models/"))

    def test_is_in_the_navigation(self, client):
        assert 'href="/models/" aria-current="page"' in source(client.get("/models/"))


class TestWhichOne:
    def test_is_answered_by_a_plain_form(self, client):
        answer = client.get("/models/", {"mask": "on", "by": "speed"})
        assert catalog.default().get(ranked(answer)[0]).family == "official"
        words = said(answer)
        assert "It changes only what a mask leaves open." in words
        assert "It has no mask: say in words what to change." in words
        assert 'name="mask" value="on" checked' in source(answer)

    def test_is_answered_alone_for_htmx(self, client):
        answer = client.get("/models/", {"large": "on"}, headers=HTMX)
        assert source(answer).lstrip().startswith('<div id="choice"')
        assert "HX-Request" in answer["Vary"]
        assert ALL not in ranked(answer)[:3]

    @pytest.mark.parametrize("size", ["2048x1152", " 2048 × 1152 ", "2048X1152"])
    def test_reads_a_size_as_people_write_it(self, client, size):
        assert "It draws exactly 2048x1152." in said(client.get("/models/", {"size": size}))

    @pytest.mark.parametrize("size", ["huge", "99999x99999", "0x0"])
    def test_says_what_is_wrong_with_a_size(self, client, size):
        answer = client.get("/models/", {"size": size})
        assert answer.status_code == 200
        assert 'class="error"' in source(answer)

    @pytest.mark.parametrize(
        "nonsense", [{"references": "-1"}, {"format": "gif"}, {"by": "luck"}, {"large": "maybe"}]
    )
    def test_nonsense_counts_as_nothing(self, client, nonsense):
        assert client.get("/models/", nonsense).status_code == 200

    def test_every_reason_has_words_in_the_readers_language(self):
        codes = set()
        for needs in (
            Needs(catalog.Size(1024, 1024), FOUR_K, 8, True, True, "jpeg", True),
            Needs(catalog.Size(2048, 1152), FOUR_K, 2, True, True, "webp", True),
            Needs(catalog.Size(3840, 2160), references=17),
            Needs(),
            Needs(by_speed=True),
            Needs(pixels=FOUR_K),
        ):
            for each in choose(catalog.default().models, needs, on=date(2026, 11, 21)):
                for reason in each.reasons:
                    codes.add(reason.code)
                    assert reason.code in WORDS, reason
                    assert "%(" not in words_of(reason)
        assert len(codes) > 15


class TestTheRecord:
    def test_is_empty_at_first(self, client):
        assert "Nothing was asked for yet." in said(client.get("/models/"))

    def test_shows_simulated_and_real_apart(self, client, workspace):
        picture(workspace, 2048, 1152, model=VIP, size="2048x1152")
        connection(workspace)
        picture(workspace, 640, 480, model=VIP, size="2048x1152")
        generation = queued(workspace, VIP)
        claim(generation, worker_row())
        states.lose(generation)
        words = said(client.get("/models/"))
        assert re.search(r"gpt-image-2-vip 2 50 % .* 0 % of 1", words)
        assert re.search(r"gpt-image-2-vip Simulator 1 100 % .* 100 % of 1", words)
        assert "Interrupted: worker lost" in words

    def test_of_others_is_not_shown(self, client, workspace, charlie):
        picture(charlie.workspaces.get())
        assert "Nothing was asked for yet." in said(client.get("/models/"))

    def test_twice_as_many_calls_cost_as_many_queries(self, client, workspace):
        connection(workspace)
        counts = []
        for _ in range(2):
            for model in (ALL, VIP, OFFICIAL):
                picture(workspace, model=model)
            with CaptureQueriesContext(database) as seen:
                client.get("/models/")
            counts.append(len(seen))
        assert counts[0] == counts[1] <= 8


class TestOneModel:
    @pytest.mark.parametrize("model", [each.id for each in catalog.default().models])
    def test_has_a_page_with_every_fact_and_its_source(self, client, model):
        words = said(client.get(f"/models/{model}/"))
        assert catalog.default().get(model).prices[0].source in words
        for name in ("size", "quality", "n"):
            assert f" {name} " in words

    def test_is_found_by_another_name(self, client):
        assert client.get("/models/gpt-image-2.5-vip/").status_code == 200

    def test_that_nobody_knows_is_not_there(self, client):
        assert client.get("/models/gpt-image-0/").status_code == 404

    def test_that_is_gone_is_explained(self, client, tmp_path):
        extra = tmp_path / "gone.toml"
        extra.write_text("[models.old]\nlike = 'gpt-image-2'\nsince = 2025-01-01\nuntil = 2025-02-01\n")
        catalog.use(catalog.load(catalog.SHIPPED, extra))
        assert "It is not offered today." in said(client.get("/models/old/"))
        assert "old" not in ranked(client.get("/models/"))
