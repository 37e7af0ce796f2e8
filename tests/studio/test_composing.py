"""Posting the composer: one run for one wish, a clear message for everything else, and nothing lost."""

import re
import uuid

import pytest

from playground.accounts.models import Workspace
from playground.runs.models import Generation, Run, State
from tests.factories import ALL, OFFICIAL, VIP, queued
from tests.studio.pages import HTMX, checked, field, form, said, selected, source

pytestmark = pytest.mark.django_db
GENERATE, ESTIMATE = "/studio/generate/", "/studio/estimate/"


def post(client, data, **headers):
    return client.post(GENERATE, data, headers=headers)


# -- What works ----------------------------------------------------------------------------------------------------


def test_one_prompt_and_three_models_make_one_run_of_three_frames(client):
    answer = post(client, form("A pear", models=(ALL, VIP, OFFICIAL)))

    run = Run.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/#run-{run.number}")
    assert [frame.label for frame in run.generations.all()] == ["1A", "1B", "1C"]
    assert {frame.state for frame in run.generations.all()} == {State.QUEUED}
    assert all(frame.simulated for frame in run.generations.all())


def test_variants_are_frames_of_their_own(client):
    post(client, form(models=(ALL,), **{f"{ALL}__variants": "3"}))
    assert [frame.label for frame in Generation.objects.all()] == ["1A1", "1A2", "1A3"]


def test_each_model_gets_its_own_settings(client):
    fields = {
        f"{ALL}__shape": "16:9",
        f"{VIP}__size": "2048x1152",
        f"{OFFICIAL}__size": "custom",
        f"{OFFICIAL}__size__custom": "1600 × 1200",
        f"{OFFICIAL}__quality": "low",
        f"{OFFICIAL}__output_format": "jpeg",
        f"{OFFICIAL}__output_compression": "70",
    }
    post(client, form("A pear", models=(ALL, VIP, OFFICIAL), **fields))

    words, listed, free = Generation.objects.all()
    assert (words.parameters, words.size_asked) == ({"shape": "16:9"}, "")
    assert words.prompt_sent.startswith("Landscape 16:9") and words.prompt_sent.endswith("A pear")
    assert (listed.parameters, listed.size_asked, listed.prompt_sent) == (
        {"size": "2048x1152"}, "2048x1152", "A pear",
    )  # fmt: skip
    assert free.parameters["size"] == "1600x1200"
    assert (free.parameters["quality"], free.parameters["output_compression"]) == ("low", 70)


def test_a_compression_that_png_would_refuse_is_left_out(client):
    fields = {f"{OFFICIAL}__output_format": "png", f"{OFFICIAL}__output_compression": "70"}
    post(client, form(models=(OFFICIAL,), **fields))
    assert "output_compression" not in Generation.objects.get().parameters


def test_the_prompt_keeps_its_lines_and_loses_the_space_around_it(client):
    post(client, form("  A pear\r\n\r\non a plate \n"))
    assert Run.objects.get().prompt == "A pear\n\non a plate"


def test_markup_and_braces_are_a_prompt_like_any_other(client):
    prompt = "<script>alert(1)</script> \"'& {{ 7|add:7 }} {% now 'Y' %} </textarea>"
    post(client, form(prompt))

    page = source(client.get("/"))
    assert Run.objects.get().prompt == prompt
    assert "<script>alert" not in page and "</textarea> " not in page
    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt; &quot;&#x27;&amp; {{ 7|add:7 }} {% now &#x27;Y&#x27; %}"
        in page
    )


@pytest.mark.parametrize("prompt", ["一只梨，放在盘子上", "🍐" * 40, "Pêra\u202e \u200d", "x" * 32_000])
def test_any_writing_up_to_the_limit_is_taken_as_it_is(client, prompt):
    assert post(client, form(prompt, models=(ALL, VIP, OFFICIAL))).status_code == 302
    assert Run.objects.get().prompt == prompt


def test_for_htmx_the_answer_is_the_new_strip_and_a_fresh_key(client):
    data = form("A pear")
    answer = post(client, data, **HTMX)

    page = source(answer)
    assert answer.status_code == 200
    assert "<html" not in page and 'id="run-1"' in page
    fresh = re.search(r'id="submission-key" value="([^"]+)"', page)[1]
    assert uuid.UUID(fresh) != uuid.UUID(data["submission_key"])
    assert "runs-changed" in answer["HX-Trigger-After-Settle"]


def test_without_script_the_page_after_the_post_shows_the_run(client):
    answer = client.post(GENERATE, form("A pear without script"), follow=True)
    assert answer.redirect_chain == [("/#run-1", 302)]
    assert 'id="run-1"' in source(answer) and "A pear without script" in said(answer)
    assert '<noscript><meta http-equiv="refresh" content="5; url=/"></noscript>' in source(answer)


@pytest.mark.parametrize("newest, follows", [("0", True), ("", False), ("5", False)])
def test_a_page_that_lacks_earlier_runs_is_not_told_that_it_has_them(client, newest, follows):
    page = source(post(client, form() | {"newest": newest}, **HTMX))
    assert ('id="live-newest" value="1"' in page) is follows


# -- Once is once --------------------------------------------------------------------------------------------------


def test_the_same_form_twice_is_one_run(client):
    data = form("A pear", models=(ALL, VIP))
    first, second = post(client, data), post(client, data)

    assert first["Location"] == second["Location"]
    assert (Run.objects.count(), Generation.objects.count()) == (1, 2)


def test_the_second_answer_of_a_double_click_shows_no_second_strip(client):
    data = form()
    post(client, data, **HTMX)
    second = source(post(client, data, **HTMX))
    assert 'id="run-1"' not in second and 'id="submission-key"' in second


def test_three_hundred_times_the_same_form_is_one_run_and_fifty_others_are_fifty(client):
    data = form("Again and again", models=(ALL, VIP, OFFICIAL))
    assert {post(client, data).status_code for _ in range(300)} == {302}
    assert (Run.objects.count(), Generation.objects.count()) == (1, 3)

    assert {post(client, form(f"Another, {n}")).status_code for n in range(50)} == {302}
    numbers = list(Run.objects.newest().values_list("number", flat=True))
    assert numbers == list(range(51, 0, -1))


def test_the_same_key_in_two_workspaces_is_two_runs(client, elsewhere):
    data = form()
    Run.objects.create(workspace=elsewhere, number=1, prompt="x", submission_key=data["submission_key"])
    post(client, data)
    assert Run.objects.of(Workspace.objects.local()).count() == 1


def test_more_than_the_installation_allows_at_once_is_refused_and_kept(client, settings):
    settings.UNFINISHED_LIMIT = 3
    answers = [post(client, form("A pear", models=(ALL, VIP)), **HTMX) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 422]
    assert "2 pictures are under way; at most 3 may be at once. Nothing was started." in said(answers[1])
    assert ">A pear</textarea>" in source(answers[1])
    assert Generation.objects.count() == 2


# -- What is refused -----------------------------------------------------------------------------------------------

REFUSED = {
    "an empty prompt": ({"prompt": ""}, "Write what the picture should show."),
    "a prompt of spaces": ({"prompt": " \n\t "}, "Write what the picture should show."),
    "a prompt that is too long": (
        {"prompt": "x" * 32_001},
        "The prompt has 32001 characters; this model takes at most 32000.",
    ),
    "a NUL": ({"prompt": "a\x00b"}, "holds a character that can't be sent"),
    "no model": ({"models": []}, "Choose at least one model."),
    "an unknown model": ({"models": ["gpt-image-9"]}, "“gpt-image-9” is not a model that can be used here."),
    "a model beside an unknown one": ({"models": [ALL, "dall-e"]}, "“dall-e” is not a model"),
    "a size of no multiple of 16": (
        {f"{OFFICIAL}__size": "custom", f"{OFFICIAL}__size__custom": "1000x1000"},
        "1000x1000: width and height must be multiples of 16. Nearest: ",
    ),
    "a size with words": (
        {f"{OFFICIAL}__size": "custom", f"{OFFICIAL}__size__custom": "large"},
        "“large” is not a size.",
    ),
    "a size beyond the largest": (
        {f"{OFFICIAL}__size": "custom", f"{OFFICIAL}__size__custom": "8192x8192"}, "Nearest: ",
    ),
    "a size from nowhere": ({f"{VIP}__size": "1000x1000"}, "is none of the 30 sizes of this model."),
    "a shape from nowhere": ({f"{ALL}__shape": "7:1"}, "7:1"),
    "ninety-nine variants": ({f"{ALL}__variants": "99"}, "from 1 to 8 variants"),
    "minus one variant": ({f"{ALL}__variants": "-1"}, "from 1 to 8 variants"),
    "no variant": ({f"{ALL}__variants": "0"}, "from 1 to 8 variants"),
    "a number of 5,000 digits": ({f"{ALL}__variants": "1" * 5000}, "from 1 to 8 variants"),
    "a digit of another script": ({f"{ALL}__variants": "٣"}, "from 1 to 8 variants"),
    "an unknown quality": ({f"{OFFICIAL}__quality": "ultra"}, "“ultra” is not allowed here."),
    "too much compression": (
        {f"{OFFICIAL}__output_format": "jpeg", f"{OFFICIAL}__output_compression": "101"},
        "must be from 0 to 100, not 101",
    ),
    "compression in words": (
        {f"{OFFICIAL}__output_format": "jpeg", f"{OFFICIAL}__output_compression": "much"}, "“much”",
    ),
    "a missing key": ({"submission_key": ""}, "This form was incomplete. Nothing was sent"),
    "a key that is none": ({"submission_key": "1; DROP TABLE"}, "This form was incomplete. Nothing was sent"),
}  # fmt: skip


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("changed, words", REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_form_is_refused_with_a_message_and_nothing_is_stored(client, changed, words, headers):
    answer = post(client, form("A pear", models=(ALL, VIP, OFFICIAL)) | changed, **headers)

    assert answer.status_code == 422
    assert words in said(answer)
    assert not Run.objects.exists()
    assert ("<html" in source(answer)) is (not headers)


def test_what_was_typed_is_kept_when_the_form_is_refused(client):
    fields = {
        f"{ALL}__shape": "9:16",
        f"{ALL}__variants": "4",
        f"{VIP}__size": "3840x2160",
        f"{OFFICIAL}__size": "custom",
        f"{OFFICIAL}__size__custom": "1000x1000",
        f"{OFFICIAL}__quality": "high",
    }
    page = post(client, form("My long prompt", models=(ALL, OFFICIAL), **fields), **HTMX)

    assert ">My long prompt</textarea>" in source(page)
    assert checked(page, "models") == [ALL, OFFICIAL]
    assert checked(page, f"{ALL}__shape") == ["9:16"]
    assert checked(page, f"{OFFICIAL}__quality") == ["high"]
    assert selected(page, f"{ALL}__variants") == "4"
    assert selected(page, f"{OFFICIAL}__size") == "custom"
    assert 'value="1000x1000"' in field(page, f"{OFFICIAL}__size__custom")


def test_a_refused_size_is_marked_at_its_field_and_names_its_model(client):
    fields = {f"{OFFICIAL}__size": "custom", f"{OFFICIAL}__size__custom": "1000x1000"}
    page = post(client, form(models=(ALL, OFFICIAL), **fields), **HTMX)

    assert 'aria-invalid="true"' in field(page, f"{OFFICIAL}__size__custom")
    assert "gpt-image-2: 1000x1000: width and height must be multiples of 16. Nearest: " in said(page)


def test_a_refused_prompt_is_marked_at_its_field(client):
    page = post(client, form(""), **HTMX)
    assert 'aria-invalid="true"' in field(page, "prompt")
    assert 'aria-describedby="prompt-error"' in field(page, "prompt")
    assert re.search(r'id="prompt-error">.*?Write what the picture should show\.', source(page), re.DOTALL)


def test_settings_of_a_model_that_is_not_chosen_do_not_matter(client):
    assert post(client, form(models=(ALL,), **{f"{OFFICIAL}__quality": "ultra"})).status_code == 302


def test_a_disputed_setting_is_sent_only_with_its_switch(client):
    post(client, form(models=(VIP,), **{f"{VIP}__quality": "high"}))
    post(client, form(models=(VIP,), **{f"{VIP}__quality": "high", f"{VIP}__quality__on": "on"}))
    without, with_it = Generation.objects.order_by("pk")
    assert "quality" not in without.parameters
    assert with_it.parameters["quality"] == "high"


def test_settings_that_a_model_does_not_have_are_never_sent(client):
    strange = {f"{ALL}__quality": "high", f"{ALL}__n": "10", f"{ALL}__model": "x", "response_format": "url"}
    post(client, form(models=(ALL,), **strange))
    assert Generation.objects.get().parameters == {}


def test_a_post_of_more_than_a_megabyte_is_refused_whole(client):
    answer = client.post(
        GENERATE, "prompt=" + "x" * 1_100_000, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code in (400, 413)
    assert not Run.objects.exists()


@pytest.mark.parametrize("escaped", ["%ED%A0%80", "%ED%B0%80", "%FF%FE", "%C3%28"])
def test_bytes_that_are_no_text_never_reach_the_provider(client, escaped):
    body = f"submission_key={uuid.uuid4()}&models={ALL}&prompt=pear{escaped}"
    answer = client.post(GENERATE, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (302, 422)
    for run in Run.objects.all():
        run.prompt.encode()  # raises for a lone surrogate


def test_only_a_post_generates(client):
    assert client.get(GENERATE).status_code == 405
    assert client.put(GENERATE).status_code == 405


def test_a_post_without_the_csrf_token_is_refused(csrf_client):
    assert csrf_client.post(GENERATE, form()).status_code == 403
    assert not Run.objects.exists()


# -- Prices before the click ---------------------------------------------------------------------------------------


def test_the_estimate_prices_what_is_chosen_and_stores_nothing(client):
    data = form(models=(ALL, VIP), **{f"{ALL}__variants": "4"})
    page = said(client.post(ESTIMATE, data))
    assert "Total, at most $0.150" in page and "4 × gpt-image-2-all" in page
    assert "Generate 5 pictures" in page
    assert not Run.objects.exists()


def test_the_estimate_says_which_words_go_before_the_prompt(client):
    data = form(models=(ALL,), **{f"{ALL}__shape": "16:9"})
    assert "Sent as: Landscape 16:9, A pear on a plate" in said(client.post(ESTIMATE, data))


def test_the_estimate_names_the_pixels_of_a_size(client):
    assert "2048 × 1152" in said(client.post(ESTIMATE, form(models=(VIP,), **{f"{VIP}__size": "2048x1152"})))


def test_the_estimate_objects_before_the_click(client):
    data = form(
        models=(OFFICIAL,), **{f"{OFFICIAL}__size": "custom", f"{OFFICIAL}__size__custom": "1000x1000"}
    )
    page = said(client.post(ESTIMATE, data))
    assert "Nearest: 1008x1008" in page and "can’t be sent yet" in page


@pytest.mark.parametrize("changed", [changed for changed, _ in REFUSED.values()], ids=REFUSED.keys())
def test_the_estimate_of_a_wrong_form_is_an_answer_too(client, changed):
    answer = client.post(ESTIMATE, form(models=(ALL, VIP, OFFICIAL)) | changed)
    assert answer.status_code == 200 and 'id="ledger"' in source(answer)


def test_only_a_post_is_priced(client):
    assert client.get(ESTIMATE).status_code == 405


# -- A set-up used again -------------------------------------------------------------------------------------------


def test_a_set_up_comes_back_whole(client):
    fields = {
        f"{OFFICIAL}__size": "custom",
        f"{OFFICIAL}__size__custom": "1600x1200",
        f"{OFFICIAL}__quality": "high",
        f"{OFFICIAL}__output_format": "webp",
        f"{OFFICIAL}__output_compression": "55",
        f"{OFFICIAL}__background": "opaque",
        f"{OFFICIAL}__moderation": "low",
    }
    post(client, form("A quince", models=(OFFICIAL,), **fields))
    page = client.get(f"/?from={Generation.objects.get().pk}")

    assert ">A quince</textarea>" in source(page)
    assert checked(page, "models") == [OFFICIAL]
    assert selected(page, f"{OFFICIAL}__size") == "custom"
    assert 'value="1600x1200"' in field(page, f"{OFFICIAL}__size__custom")
    for name in ("quality", "output_format", "background", "moderation"):
        assert checked(page, f"{OFFICIAL}__{name}") == [fields[f"{OFFICIAL}__{name}"]]
    assert 'value="55"' in field(page, f"{OFFICIAL}__output_compression")


def test_a_set_up_in_words_and_one_from_the_table_come_back(client):
    data = form(models=(ALL, VIP), **{f"{ALL}__shape": "3:2", f"{VIP}__size": "auto"})
    post(client, data | {f"{VIP}__quality": "low", f"{VIP}__quality__on": "on"})
    words, listed = Generation.objects.all()

    assert checked(client.get(f"/?from={words.pk}"), f"{ALL}__shape") == ["3:2"]
    page = client.get(f"/?from={listed.pk}")
    assert checked(page, f"{VIP}__size") == ["auto"]
    assert "checked" in field(page, f"{VIP}__quality__on")


@pytest.mark.parametrize("number", ["999999", "99999999999999999999999"])
def test_a_set_up_that_is_not_there_is_no_server_error(client, number):
    assert client.get(f"/?from={number}").status_code in (200, 404)


def test_a_strangers_set_up_is_not_there(client, elsewhere):
    assert client.get(f"/?from={queued(elsewhere).pk}").status_code == 404


# -- What stands behind the fold -----------------------------------------------------------------------------------


def test_what_was_changed_behind_the_fold_is_said_on_it(client):
    fields = {
        f"{OFFICIAL}__output_format": "webp",
        f"{OFFICIAL}__output_compression": "55",
        f"{OFFICIAL}__background": "opaque",
        f"{OFFICIAL}__moderation": "auto",
    }
    page = source(client.post(ESTIMATE, form(models=(OFFICIAL,), **fields)))
    changes = re.search(rf'id="changes-{OFFICIAL}"[^>]*>([^<]*)<', page)[1]
    assert "WebP" in changes and "55" in changes and "Opaque" in changes and "Auto" not in changes


def test_a_form_that_nobody_touched_has_nothing_to_say_on_its_folds(client):
    page = source(client.get("/"))
    assert set(re.findall(r'id="changes-[^"]*">([^<]*)<', page)) == {""}


def test_an_error_behind_the_fold_opens_it(client):
    fields = {f"{OFFICIAL}__output_format": "jpeg", f"{OFFICIAL}__output_compression": "101"}
    page = source(post(client, form(models=(OFFICIAL,), **fields), **HTMX))
    assert re.search(
        rf'<details class="adv" open>\s*<summary>.{{0,150}}</svg>More settings\s*<span[^>]*id="changes-{OFFICIAL}"',
        page,
    )
