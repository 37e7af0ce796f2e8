"""One picture: everything known about it, and its bytes, served as a picture and as nothing else."""

import hashlib
import uuid
from html import unescape
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from playground.runs import services, uploads
from playground.runs.models import Attempt, Output
from tests.factories import VIP, image_bytes, picture
from tests.studio.pages import checked, said, source

pytestmark = pytest.mark.django_db


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


# -- Its page ------------------------------------------------------------------------------------------------------


def test_the_page_says_everything_that_is_known(client, output):
    page = said(client.get(output.url))
    for words in (
        "1A", "Run 1", "Simulated", "gpt-image-2-all", "640 × 480", "none, the model chose", "$0.030", "2.2 s",
        "PNG", output.sha256, "req-1", "Simulated: nothing was billed.",
        "The prompt went out exactly as it was written.", "A tea tin. On a windowsill",
    ):  # fmt: skip
        assert words in page, words


def test_the_prompt_with_added_words_is_shown_as_it_was_sent(client, workspace):
    output = picture(workspace, prompt="A pear", shape="16:9")
    page = said(client.get(output.url))
    assert "Sent, with the words that the form added" in page and "Landscape 16:9" in page


def test_a_missed_size_is_said(client, workspace):
    output = picture(workspace, 640, 480, model="gpt-image-2-vip", size="2048x1152")
    assert "640 × 480, not what was asked" in said(client.get(output.url))


def test_the_picture_has_words_for_those_who_do_not_see_it(client, output):
    assert 'alt="Generated picture: A tea tin"' in source(client.get(output.url))


def test_at_full_size_the_page_shows_the_original(client, output):
    page = source(client.get(f"{output.url}?view=full"))
    assert f'src="{output.original_url}"' in page and "look--full" in page


def test_the_next_and_the_last_picture_are_one_click_away(client, workspace):
    first, second, third = (picture(workspace) for _ in range(3))
    page = source(client.get(second.url))
    assert f'href="{third.url}" rel="prev"' in page and f'href="{first.url}" rel="next"' in page
    assert 'rel="prev"' not in source(client.get(third.url))


def test_the_set_up_can_be_used_again(client, output):
    assert f'href="/?from={output.generation_id}"' in source(client.get(output.url))


def test_a_prompt_with_markup_is_text_everywhere(client, workspace):
    prompt = "<script>alert(1)</script>\"'> {{ 7|add:7 }} {% now 'Y' %}"
    page = source(client.get(picture(workspace, prompt=prompt).url))
    assert "<script>alert" not in page and "\"'>" not in page
    assert f'id="prompt-text" lang="en">{prompt}</p>' in unescape(page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&gt; {{ 7|add:7 }}" in page


def test_what_the_provider_said_is_text_too(client, output):
    Attempt.objects.update(request_id="<b>x</b>", reported={"size": "<b>y</b>"})
    page = source(client.get(output.url))
    assert "<b>x</b>" not in page and "&lt;b&gt;x&lt;/b&gt;" in page


def test_links_of_the_provider_are_never_shown(client, output):
    Attempt.objects.update(links=["https://pictures.example/secret-link"])
    assert "secret-link" not in source(client.get(output.url))


def test_the_page_costs_as_many_queries_with_many_calls_as_with_one(client, workspace, output):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(output.url)
        return len(seen)

    before = queries()
    for number in range(2, 8):
        Attempt.objects.create(
            generation=output.generation, number=number, connection="x", base_url="y", simulated=True,
            outcome="refused", billed="no", sent_at=output.created_at, finished_at=output.created_at,
        )  # fmt: skip
        services.another(output.generation, uuid.uuid4())
    assert queries() == before <= 18


@pytest.mark.parametrize("path", ["", "original", "w320.webp"])
def test_a_strangers_picture_is_as_good_as_none(client, workspace, elsewhere, path):
    theirs = picture(elsewhere, 640, 480)
    assert client.get(f"/gallery/{theirs.pk}/{path}").status_code == 404
    assert client.get(f"/gallery/{10**9}/{path}").status_code == 404


@pytest.mark.parametrize("number", ["9" * 25, "9" * 5000, "0", "-1", "x"])
def test_numbers_that_are_none_are_not_found(client, number):
    assert client.get(f"/gallery/{number}/").status_code == 404


def test_the_set_up_can_be_used_again_with_another_model(client, output):
    page = source(client.get(output.url))
    assert f'href="/?from={output.generation_id}&amp;with={VIP}"' in page
    assert checked(client.get(f"/?from={output.generation_id}&with={VIP}&with=nonsense"), "models") == [VIP]


def test_the_way_on_and_back_keeps_the_filter(client, workspace):
    first, _other, third = (picture(workspace, prompt=words) for words in ("A pear", "A tin", "A pear"))
    page = source(client.get(f"{third.url}?q=pear"))
    assert f'href="{first.url}?q=pear" rel="next"' in page
    assert f'href="/gallery/?q=pear&amp;at={third.pk}#p{third.pk}"' in page
    assert f'href="{third.url}?q=pear&amp;view=full"' in page


def test_it_is_marked_on_its_page_and_one_stays_there(client, output):
    form = {"o": [output.pk], "picture": output.pk, "filter": "?q=tea"}
    for act, more in (
        ("favourite", {}),
        ("rate:4", {}),
        ("tag", {"tag": "keep"}),
        ("collect", {"collect": "Posters"}),
    ):
        answer = client.post("/gallery/acts/", {**form, "act": act, **more})
        assert answer.headers["Location"] == f"{output.url}?q=tea"
    page = source(client.get(output.url))
    assert 'value="unfavourite" aria-pressed="true"' in page and 'value="untag:' in page and "Posters" in page
    assert client.post("/gallery/acts/", {**form, "act": "bin"}).headers["Location"] == "/gallery/?q=tea"
    assert "Take back" in said(client.get(output.url))


def test_it_says_what_it_was_made_from_and_what_it_led_to(client, workspace, elsewhere):
    content = image_bytes(96, 64)
    first = picture(workspace, content=content)
    picture(elsewhere, content=content)  # the same bytes of a stranger are no kin
    second = picture(workspace, references=[uploads.take_output(first)])
    before, after = source(client.get(first.url)), source(client.get(second.url))
    assert "Led to" in before and f'href="{second.url}"' in before.split("Led to")[1]
    assert "Made from" in after and f'href="{first.url}"' in after.split("Made from")[1]
    assert "Made from" not in before and "Led to" not in after


def test_its_call_stands_there_as_programs(client, output):
    page = said(client.get(output.url))
    for words in (
        "curl --silent",
        "import httpx",
        "from openai import OpenAI",
        "await fetch(",
        "APIYI_API_KEY",
    ):
        assert words in page, words


# -- Its bytes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "format, mime, ending",
    [("png", "image/png", "png"), ("jpeg", "image/jpeg", "jpg"), ("webp", "image/webp", "webp")],
)
def test_the_original_is_the_providers_bytes_untouched(client, workspace, format, mime, ending):
    content = image_bytes(64, 48, format=format)
    output = picture(workspace, content=content)
    answer = client.get(output.original_url)
    assert body(answer) == content
    assert (answer["Content-Type"], answer["Content-Length"]) == (mime, str(len(content)))
    assert hashlib.sha256(content).hexdigest() == output.sha256
    download = client.get(output.original_url + "?download=untouched")
    assert download["Content-Disposition"] == f'attachment; filename="1A.{ending}"'
    assert body(download) == content


@pytest.mark.parametrize(
    "path", ["original", "original?download", "original?download=untouched", "w320.webp"]
)
def test_bytes_can_be_nothing_but_a_picture(client, output, path):
    answer = client.get(f"/gallery/{output.pk}/{path}")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Content-Type"].startswith("image/")
    assert "private" in answer["Cache-Control"]
    assert ("immutable" in answer["Cache-Control"]) == (path != "original?download")
    body(answer)


def test_what_a_browser_has_is_not_sent_again(client, output):
    for path in ("original", "w320.webp"):
        first = client.get(f"/gallery/{output.pk}/{path}")
        body(first)
        again = client.get(f"/gallery/{output.pk}/{path}", headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
        changed = client.get(f"/gallery/{output.pk}/{path}", headers={"If-None-Match": '"other"'})
        assert changed.status_code == 200
        body(changed)


def test_the_list_of_tags_that_browsers_may_send_is_understood(client, output):
    first = client.get(output.original_url)
    body(first)
    tag = first["ETag"]
    for sent in (f'"other", {tag}', f"W/{tag}", "*"):
        assert client.get(output.original_url, headers={"If-None-Match": sent}).status_code == 304, sent


def test_thumbnails_are_small_webp(client, output):
    answer = client.get(f"/gallery/{output.pk}/w320.webp")
    content = body(answer)
    assert answer["Content-Type"] == "image/webp" and content[8:12] == b"WEBP"
    assert len(content) < output.byte_size * 2


def test_a_thumbnail_asks_for_the_workspace_and_its_file(client, output, django_assert_num_queries):
    """A page has dozens."""
    address = output.thumb(320)
    assert (
        address == reverse("gallery:thumbnail", args=[output.pk, 320]) and f"{address} 320w" in output.srcset
    )
    with django_assert_num_queries(2):
        answer = client.get(address)
    assert body(answer) and 'filename="1A.webp"' in answer["Content-Disposition"]


@pytest.mark.parametrize("width", ["0", "319", "2560", "99999999999999999999"])
def test_a_width_that_was_not_made_is_not_found(client, output, width):
    assert client.get(f"/gallery/{output.pk}/w{width}.webp").status_code == 404


def test_a_file_that_is_gone_is_not_found(client, output):
    Path(default_storage.path(output.file)).unlink()
    assert client.get(output.original_url).status_code == 404
    assert client.get(output.url).status_code == 200


def test_two_equal_pictures_are_one_file_and_two_rows(client, workspace):
    content = image_bytes(64, 48)
    first, second = picture(workspace, content=content), picture(workspace, content=content)
    assert first.file == second.file and first.pk != second.pk
    assert Output.objects.count() == 2
    assert body(client.get(first.original_url)) == body(client.get(second.original_url)) == content


def test_nothing_is_served_for_a_post(client, output):
    assert client.post(output.original_url).status_code == 405
    assert client.post(output.url).status_code == 405


def test_in_a_team_bytes_need_a_login_and_the_right_workspace(
    client, browser_of, alice, charlie, output, team_mode
):
    assert client.get(output.original_url).status_code == 302
    assert browser_of(charlie).get(output.original_url).status_code == 404
    answer = browser_of(alice).get(output.original_url)
    assert answer.status_code == 200
    body(answer)
