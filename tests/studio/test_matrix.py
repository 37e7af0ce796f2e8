"""One wish, many pictures: what it multiplies to before the click, the run that it becomes, and its contact sheet."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from playground.costs import ledger
from playground.costs.models import Budget, Hold
from playground.gallery import bin
from playground.gallery.models import Picture
from playground.gallery.shelving import shelve
from playground.runs import as_code, services, states, storage, work
from playground.runs.models import Billed, Generation, Matrix, Run
from tests.costs import bills
from tests.factories import ALL, OFFICIAL, VIP, answered_no, claim, worker_row
from tests.factories import answer as drawn
from tests.factories import connection as way
from tests.studio.pages import HTMX, form, said, source

pytestmark = pytest.mark.django_db
COLOURS = "A {red|blue} vase"
TABLE = "thing,colour\nvase,red\ntin,blue\njar,red"


def post(client, data, **headers):
    return client.post("/studio/generate/", data, headers=HTMX | headers)


def estimate(client, data) -> str:
    return said(client.post("/studio/estimate/", data, headers=HTMX))


def made(client, data) -> Run:
    """The run that the form starts, the second question answered where there is one."""
    answer = post(client, data)
    if answer.status_code == 422:
        sure = source(answer).split('name="sure" value="')[1].split('"')[0]
        assert post(client, data | {"sure": sure}).status_code == 200
    return Run.objects.newest().first()


class TestBeforeTheClick:
    def test_the_number_is_said_as_it_is_multiplied(self, client):
        words = estimate(client, form("{a|b|c} {1|2}", (ALL, VIP)))
        assert "3 × 2 × 2 = 12 pictures" in words
        assert "Generate 12 pictures, up to $0.360" in words

    def test_the_first_prompts_are_shown_and_all_on_demand(self, client):
        data = form("{a|b|c} {1|2}")
        assert "a 1 a 2 b 1 b 2" in estimate(client, data)
        assert "c 1" not in estimate(client, data)
        assert "a 1 a 2 b 1 b 2 c 1 c 2" in said(client.post("/studio/prompts/", data, headers=HTMX))
        assert "Nothing was sent." in said(client.post("/studio/prompts/", data))

    def test_a_variable_takes_a_row_of_the_table_each(self, client):
        words = estimate(client, form("A {{colour}} {{thing}}", table=TABLE))
        assert "3 pictures" in words
        assert "A red vase A blue tin A red jar" in words

    def test_columns_that_the_prompt_does_not_use_are_named(self, client):
        assert "does not use these columns: thing." in estimate(client, form("A {{colour}}", table=TABLE))

    @pytest.mark.parametrize(("table", "words"), [
        ("", "The table has no column for {{colour}}."),
        ("size\nlarge", "The table has no column for {{colour}}."),
        ("colour", "The table has names, and no row below them."),
        ('colour\n"red', "Line 2 of the table can’t be read"),
    ])  # fmt: skip
    def test_a_table_that_does_not_do_is_refused_with_the_reason(self, client, table, words):
        data = form("A {{colour}} vase", table=table)
        assert words in estimate(client, data)
        assert words in said(post(client, data))
        assert not Run.objects.exists()

    def test_several_sizes_and_qualities_of_one_model_are_multiplied(self, client):
        data = form(COLOURS, (OFFICIAL,), several="on") | {
            f"{OFFICIAL}__size": ["1024x1024", "1536x1024"], f"{OFFICIAL}__quality": ["low", "medium", "high"],
        }  # fmt: skip
        assert "2 × 6 = 12 pictures" in estimate(client, data)

    def test_the_sum_is_that_of_every_picture(self, client, workspace):
        way(workspace)
        data = form("{a long and winding|} road", (OFFICIAL,), several="on") | {
            f"{OFFICIAL}__size": ["1024x1024", "2048x2048"], f"{OFFICIAL}__quality": ["low", "high"],
            f"{OFFICIAL}__variants": "2",
        }  # fmt: skip
        words = estimate(client, data)
        run = made(client, data)
        most = sum(frame.estimate_high for frame in run.generations.all())
        assert run.generations.count() == 16
        assert f"up to ${most:.3f}" in words

    def test_without_the_tick_only_one_size_counts(self, client):
        data = form("A vase", (VIP,)) | {f"{VIP}__size": ["1280x1280", "2048x2048"]}
        assert made(client, data).generations.get().size_asked == "2048x2048"

    @pytest.mark.parametrize("prompt", ["{" + "|".join(map(str, range(501))) + "}", "{a|b}" * 30])
    def test_more_than_five_hundred_is_refused_before_and_at_the_click(self, client, prompt):
        assert "500 is the most" in estimate(client, form(prompt))
        assert post(client, form(prompt)).status_code == 422
        assert not Run.objects.exists()

    def test_an_empty_prompt_among_them_is_refused(self, client):
        assert "One of the prompts would be empty." in said(post(client, form("{a|}")))

    def test_in_a_conversation_braces_are_only_characters(self, client):
        answer = client.post("/chat/say/", form("A {red|blue} vase"), headers=HTMX)
        assert answer.status_code < 400, said(answer)
        assert Run.objects.get().generations.get().wish == "A {red|blue} vase"


class TestTheSecondQuestion:
    many = "{" + "|".join(map(str, range(21))) + "}"

    def test_more_than_twenty_are_asked_about_once_more_with_number_and_price(self, client):
        answer = post(client, form(self.many))
        assert answer.status_code == 422
        assert "This starts 21 pictures, which cost at most $0.630 together." in said(answer)
        assert "Yes, generate 21 pictures for at most $0.630" in said(answer)
        assert not Run.objects.exists()

    def test_without_script_too(self, client):
        answer = client.post("/studio/generate/", form(self.many))
        assert "Yes, generate 21 pictures for at most $0.630" in said(answer)

    def test_the_answer_starts_them(self, client):
        assert made(client, form(self.many)).generations.count() == 21

    def test_the_answer_for_another_form_is_asked_again(self, client):
        sure = source(post(client, form(self.many))).split('name="sure" value="')[1].split('"')[0]
        assert post(client, form(self.many + "{a|b}", sure=sure)).status_code == 422
        assert not Run.objects.exists()

    def test_so_is_much_money(self, client):
        data = form("A vase", (OFFICIAL,)) | {f"{OFFICIAL}__quality": "high", f"{OFFICIAL}__variants": "8"}
        assert post(client, data | {f"{OFFICIAL}__size": "3840x2160"}).status_code == 422

    def test_a_few_are_not(self, client):
        assert post(client, form("{a|b}")).status_code == 200


class TestTheRun:
    def test_is_one_with_the_template_and_a_prompt_for_each_picture(self, client):
        run = made(client, form("A {red|blue} {{thing}}", (ALL, VIP), table=TABLE))
        assert run.prompt == "A {red|blue} {{thing}}"
        frames = list(run.generations.all())
        assert [frame.wish for frame in frames][::2] == [
            f"A {colour} {thing}" for colour in ("red", "blue") for thing in ("vase", "tin", "jar")
        ]
        assert [frame.short_label for frame in frames][:4] == ["A1", "B1", "A2", "B2"]
        assert [frame.place for frame in frames][:4] == ["0-0-0", "0-0-1", "0-1-0", "0-1-1"]
        assert [axis["kind"] for axis in Matrix.objects.get().axes] == ["words", "row", "model"]

    def test_what_says_only_one_is_no_matrix(self, client):
        run = made(client, form(r"A vase \{red\} and {{colour}}", table="colour\nblue"))
        assert (run.prompt, run.generations.get().own_prompt) == ("A vase {red} and blue", "")
        assert not Matrix.objects.exists()

    def test_several_sizes_of_one_prompt_keep_the_prompt(self, client):
        run = made(
            client, form("A vase", (VIP,), several="on") | {f"{VIP}__size": ["1280x1280", "2048x2048"]}
        )
        assert [(frame.wish, frame.size_asked) for frame in run.generations.all()] == [
            ("A vase", "1280x1280"), ("A vase", "2048x2048"),
        ]  # fmt: skip
        assert Matrix.objects.get().axes == [
            {"kind": "size", "name": "", "values": ["1280x1280", "2048x2048"]}
        ]

    def test_a_picture_that_is_sent_again_keeps_its_own_prompt_and_place(self, client):
        run = made(client, form(COLOURS))
        states.cancel(run.generations.get(variant=2))
        again = services.retry(run.generations.get(variant=2))
        assert (again.wish, again.place, again.variant) == ("A blue vase", "1", 3)
        assert again.prompt_sent.endswith("A blue vase")

    def test_a_budget_that_does_not_allow_all_allows_none(self, client, workspace, settings):
        settings.SIMULATED = False
        way(workspace)
        Budget.objects.create(workspace=workspace, period="day", limit=Decimal("0.59"))
        twenty = "{" + "|".join(map(str, range(20))) + "}"
        assert "0.59" in estimate(client, form(twenty))
        assert post(client, form(twenty)).status_code == 422
        assert not (Run.objects.exists() or Hold.objects.exists())


class TestEachPictureIsKnownByItsOwnPrompt:
    @pytest.fixture
    def blue(self, client, workspace) -> Generation:
        """The second of two, drawn."""
        from playground.runs import storage, work
        from tests.factories import answer, claim

        run = made(client, form(COLOURS))
        generation = run.generations.select_related("run").get(variant=2)
        attempt = claim(generation, worker_row())
        work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk)))
        shelve(list(generation.outputs.all()))
        return generation

    def test_in_the_gallery_and_its_search(self, client, blue):
        assert "A blue vase" in said(client.get("/gallery/?q=blue"))
        assert Picture.objects.count() == 1
        assert "A blue vase" not in said(client.get("/gallery/?q=red"))

    def test_on_its_page(self, client, blue):
        page = said(client.get(blue.outputs.get().get_absolute_url()))
        assert "A blue vase" in page
        assert COLOURS not in page

    def test_as_a_program(self, blue):
        assert all(COLOURS not in str(snippet) for snippet in as_code.snippets_of(blue))
        assert any("A blue vase" in str(snippet) for snippet in as_code.snippets_of(blue))

    def test_when_its_set_up_is_used_again(self, client, blue):
        assert ">A blue vase</textarea>" in source(client.get(f"/?from={blue.pk}"))

    def test_braces_that_were_meant_come_back_as_such(self, client):
        run = made(client, form(r"A {\{x\|y\}|b} vase"))
        page = source(client.get(f"/?from={run.generations.get(variant=1).pk}"))
        assert r">A \{x\|y\} vase</textarea>" in page

    def test_the_whole_set_up_comes_back_from_the_run(self, client):
        data = form("A {red|blue} {{thing}}", (VIP,), table=TABLE, several="on")
        run = made(client, data | {f"{VIP}__size": ["1280x1280", "2048x2048"]})
        page = client.get(f"/?matrix={run.number}")
        assert "2 × 3 × 2 = 12 pictures" in said(page)
        assert "A {red|blue} {{thing}}</textarea>" in source(page)


class TestTheContactSheet:
    @pytest.fixture
    def run(self, client) -> Run:
        return made(client, form("A {red|blue} {{thing}}", (ALL, VIP), table=TABLE))

    def test_has_the_axes_as_headings(self, client, run):
        page = source(client.get(run.get_absolute_url()))
        assert [f'<th scope="row">{value}</th>' in page for value in ("vase", "tin", "jar")] == [True] * 3
        assert page.count('<th scope="col">red</th>') == 2  # a group for each model
        assert page.count('<figure class="frame"') == 12

    def test_is_laid_out_as_it_is_wanted(self, client, run):
        page = source(client.get(run.get_absolute_url(), {"rows": 2, "columns": 1}))
        assert page.count('<th scope="col">tin</th>') == 2
        assert f'<th scope="row">{VIP}</th>' in page

    @pytest.mark.parametrize(
        "wish", [{"rows": 1, "columns": 1}, {"rows": 9, "columns": 0}, {"rows": "x"}, {"rows": "²"}]
    )
    def test_nonsense_is_laid_out_as_usual(self, client, run, wish):
        assert '<th scope="row">vase</th>' in source(client.get(run.get_absolute_url(), wish))

    def test_leaves_out_what_no_picture_can_be(self, client):
        """One model takes a quality, the other none: nothing stands where those two would meet."""
        data = form(COLOURS, (VIP, OFFICIAL), several="on") | {f"{OFFICIAL}__quality": ["low", "high"]}
        page = source(client.get(made(client, data).get_absolute_url(), {"rows": 0, "columns": 1}))
        assert page.count('<section class="matrix-group">') == 3  # no quality, low, high
        assert page.count('<div class="at"') == page.count('<figure class="frame"') == 6

    def test_of_one_axis_flows(self, client):
        run = made(client, form("A {red|blue|green} vase"))
        page = said(client.get(run.get_absolute_url()))
        assert "red Queued" in page
        assert "<table" not in source(client.get(run.get_absolute_url()))

    def test_says_how_far_it_is_and_what_it_costs(self, client, run):
        page = said(client.get(run.get_absolute_url()))
        assert "Done 0 of 12 Running 0 Waiting 12 Failed 0 Spent, simulated $0.000 of at most $0.360" in page

    def test_hears_of_what_changed_only(self, client, run, workspace):
        workspace.refresh_from_db()
        states.cancel(run.generations.select_related("run").get(position=3))
        answer = client.get("/studio/live/", {"since": workspace.revision, "run": run.number}, headers=HTMX)
        assert source(answer).count('<figure class="frame"') == 1
        assert 'id="at-0-1-1" hx-swap-oob="true"' in source(answer)
        assert "Cancelled 1" in said(answer)

    def test_shows_what_was_sent_again_in_its_place(self, client, run):
        states.cancel(run.generations.select_related("run").get(position=0))
        again = services.retry(run.generations.get(position=0))
        page = source(client.get(run.get_absolute_url()))
        assert f'id="frame-{again.pk}"' in page
        assert page.count('<figure class="frame"') == 12

    def test_sends_what_failed_for_free_again_and_says_the_price(self, client, run):
        for position in (0, 1):
            frame = answered_no(run.generations.select_related("run").get(position=position))
            states.fail(frame, "busy")
        assert "Send 2 failed again, up to $0.060" in said(client.get(run.get_absolute_url()))
        client.post(f"/runs/{run.number}/retry/")
        assert run.generations.count() == 14

    def test_says_what_the_bill_said(self, client, run, workspace):
        frame = answered_no(run.generations.select_related("run").get(position=0), billed="unknown")
        states.fail(frame, "connection_broken", billed=Billed.UNKNOWN)
        assert "? $0.030" in said(client.get(run.get_absolute_url()))
        entry = ledger.record(bills.lost(workspace, picture=frame.pk))
        ledger.settle_unknown(entry, billed=True, amount=Decimal("0.012"))
        page = said(client.get(run.get_absolute_url()))
        assert "$0.012" in page and "? $" not in page

    def test_says_of_a_picture_in_the_bin_that_it_is_there(self, client, run, workspace):
        generation = run.generations.select_related("run").get(position=0)
        attempt = claim(generation, worker_row())
        work.keep_answer(generation, attempt, drawn(storage.incoming(attempt.pk)))
        bin.put(workspace, [generation.outputs.get().pk])
        page = said(client.get(run.get_absolute_url()))
        assert "In the bin" in page and "Erased" not in page

    def test_costs_as_many_queries_for_many_as_for_few(self, client, run):
        def asked(number: int) -> int:
            with CaptureQueriesContext(connection) as seen:
                client.get(f"/runs/{number}/")
            return len(seen)

        more = made(client, form("{a|b|c|d} {1|2|3|4|5}", (ALL,)))
        asked(run.number)
        assert asked(more.number) == asked(run.number)

    def test_a_strangers_is_not_there(self, client, elsewhere, run):
        Run.objects.update(workspace=elsewhere)
        for path in ("", "pause/", "go-on/"):
            ask = client.post if path else client.get
            assert ask(f"{run.get_absolute_url()}{path}").status_code == 404
        assert client.get(f"/?matrix={run.number}").status_code == 404


class TestAmongOtherRuns:
    @pytest.fixture
    def long(self, client) -> Run:
        return made(client, form("{" + "|".join(map(str, range(40))) + "}"))

    def test_only_its_first_frames_are_shown_and_the_way_to_the_rest(self, client, long):
        page = client.get("/")
        assert source(page).count('<figure class="frame"') == 24
        assert "0 of 40 done" in said(page)
        assert "All 40 pictures of this run" in said(page)

    def test_a_change_beyond_them_brings_the_line_above_alone(self, client, long, workspace):
        workspace.refresh_from_db()
        states.cancel(long.generations.select_related("run").get(position=30))
        answer = client.get(
            "/studio/live/", {"since": workspace.revision, "newest": 1, "oldest": 1}, headers=HTMX
        )
        assert source(answer).count('<figure class="frame"') == 0
        assert "1 of 40 done" in said(answer)

    def test_a_pause_is_said(self, client, long):
        answer = client.post(f"/runs/{long.number}/pause/", headers=HTMX)
        assert "Paused, 0 of 40 done" in said(answer)
        assert "The run is paused. Nothing has been sent yet." in said(answer)


def test_what_runs_goes_on_in_a_pause_and_that_is_said(client, workspace):
    run = made(client, form("{a|b|c}"))
    from tests.factories import claim

    claim(run.generations.select_related("run").get(position=0), worker_row())
    client.post(f"/runs/{run.number}/pause/")
    assert "Paused. 1 running goes on and is billed." in said(client.get(run.get_absolute_url()))
