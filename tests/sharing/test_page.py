"""What a visitor sees: what was ticked, at once, and nothing of what was not."""

import io
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image, PngImagePlugin

from playground.gallery import bin
from playground.runs.models import Attempt, Generation
from playground.runs.setups import Setup
from playground.sharing import cards
from playground.sharing.models import Link
from tests.chat import talks
from tests.factories import VIP, image_bytes, picture, run, upload
from tests.sharing.shares import Visitor, body, everything, pictures_on, shared
from tests.studio.pages import said, source

pytestmark = pytest.mark.django_db

PROMPT = "SECRETPROMPT of a lighthouse. In a storm"
FILE = "SECRETFILE.png"


@pytest.fixture
def rich(workspace):
    """A picture with something to hide of every kind, in its rows and in its bytes."""
    words = PngImagePlugin.PngInfo()
    words.add_text("parameters", PROMPT)
    file = io.BytesIO()
    Image.radial_gradient("L").resize((700, 500)).convert("RGB").save(file, "PNG", pnginfo=words)
    output = picture(
        workspace, content=file.getvalue(), model=VIP, size="2048x1152", prompt=PROMPT,
        references=[upload(workspace, name=FILE)],
    )  # fmt: skip
    Generation.objects.filter(pk=output.generation_id).update(cost="0.123", seconds=77.7)
    Attempt.objects.filter(generation=output.generation_id).update(request_id="SECRETREQUEST")
    return output


# What would give each thing away, wherever it stood.
TRACES = {
    "prompts": ["SECRETPROMPT"],
    "references": ["from-1.webp"],
    "models": [VIP, "vip", "77.7", "700 ×", "1A", "2048x1152"],
    "costs": ["0.123"],
    "originals": ["/original"],
}
NEVER = [FILE, "SECRETREQUEST"]


def everything_of(link: Link, visitor: Visitor) -> str:
    """Every page and picture of the link with their headers; of pictures only the words, short ones come by chance."""
    got = [visitor.get(f"{link.path}{rest}") for rest in ("", "1/", "card.jpg")]
    got += [visitor.get(address) for address in pictures_on(got[0])]
    assert {answer.status_code for answer in got} == {200}
    said_in = [answer.content.decode() for answer in got[:2]]
    said_in += [
        f"{name}: {value}" for answer in got for name, value in answer.headers.items() if name not in SIZES
    ]
    said_in += [word.decode() for answer in got[2:] for word in re.findall(rb"[ -~]{8,}", body(answer))]
    return " ".join(said_in).replace(link.token, "")


SIZES = ("Content-Length", "ETag")  # of the small versions, and drawn by chance


class TestWhatIsTicked:
    @pytest.mark.parametrize("ticked", [*Link.SHOWS, None])
    def test_is_shown_and_the_rest_is_nowhere(self, rich, visitor, ticked):
        link = shared(rich, **({ticked: True} if ticked else {}))
        found = everything_of(link, visitor)
        for what, traces in TRACES.items():
            for trace in traces:
                assert (trace in found) == (what == ticked), (ticked, trace)
        for trace in [*NEVER, rich.sha256, rich.generation.run.references.get().upload.sha256]:
            assert trace not in found

    def test_all_of_it_is_on_one_page(self, rich, visitor):
        page = said(visitor.get(shared(rich, signed="Mei", **everything()).path))
        for words in (PROMPT, "1A", VIP, "700 × 500", "77.7 s", "$0.123", "Shared by Mei", "Original, "):
            assert words in page, words

    def test_an_id_is_in_no_address(self, workspace, rich, visitor):
        for _each in range(3):
            picture(workspace)
        later = picture(workspace, 640, 480)
        page = source(visitor.get(shared(later, rich).path))
        assert re.findall(r'href="/s/[^/]+/(\d+)/"', page) == ["1", "2"]

    def test_a_prompt_with_markup_is_text(self, workspace, visitor):
        prompt = "<script>alert(1)</script>\"'> {{ 7|add:7 }}"
        output = picture(workspace, prompt=prompt)
        link = shared(output, prompts=True, title=prompt[:100], words=prompt, signed=prompt[:50])
        page = source(visitor.get(link.path))
        assert "<script" not in page and "\"'>" not in page and "&lt;script&gt;alert(1)" in page


class TestThePage:
    def test_has_the_headers_of_something_private(self, output, visitor):
        for rest in ("", "1/", "1/w320.webp", "card.jpg", "9/"):
            answer = visitor.get(f"{shared(output).path}{rest}")
            assert answer["Referrer-Policy"] == "no-referrer" and "noindex" in answer["X-Robots-Tag"], rest
            assert answer["Cache-Control"] == ("private, no-cache" if "webp" in rest else "private, no-store")
            assert answer["X-Content-Type-Options"] == "nosniff"
        assert 'content="noindex' in source(visitor.get(shared(output).path))

    def test_may_be_found_by_search_engines_where_that_is_wanted(self, output, visitor):
        answer = visitor.get(shared(output, is_indexed=True).path)
        assert "X-Robots-Tag" not in answer and "noindex" not in source(answer)

    def test_has_no_script_no_navigation_and_no_form(self, output, rich, visitor):
        for link in (shared(output), shared(output, rich), shared(rich, **everything())):
            page = source(visitor.get(link.path))
            assert "<script" not in page and "<form" not in page and 'href="/"' not in page

    def test_leaves_no_cookie_but_the_one_that_counts(self, output, visitor):
        link = shared(output)
        answer = visitor.get(link.path)
        assert list(answer.cookies) == ["visit"] and answer.cookies["visit"]["path"] == link.path

    def test_speaks_the_visitors_language(self, output, visitor):
        answer = visitor.get(shared(output).path, headers={"Accept-Language": "zh-CN"})
        assert 'lang="zh-Hans"' in source(answer) and "Accept-Language" in answer["Vary"]

    @pytest.mark.parametrize(
        "days, words",
        [
            (30, r"until \d+ \w+ \d{4}\."),
            (1, r"until \d+ \w+, \d\d:\d\d\."),
            (None, r"Open to anyone with the link\."),
        ],
    )
    def test_says_in_words_how_long_it_is_open(self, output, visitor, days, words):
        assert re.search(words, said(visitor.get(shared(output, days=days).path)))

    def test_of_many_pictures_comes_in_parts(self, workspace, visitor, monkeypatch):
        monkeypatch.setattr("playground.sharing.pages.PAGE_SIZE", 2)
        link = shared(*(picture(workspace) for _each in range(5)))
        first, last = (source(visitor.get(f"{link.path}{query}")) for query in ("", "?page=3"))
        assert first.count("<figure") == 2 and 'href="?page=2"' in first
        assert last.count("<figure") == 1 and "Part 3 of 3" in last
        assert visitor.get(f"{link.path}?page=4").status_code == 404

    def test_asks_as_often_however_many_pictures_there_are(self, workspace, visitor):
        outputs = [picture(workspace) for _each in range(8)]
        asked = []
        for link in (shared(*outputs[:4], **everything()), shared(*outputs, **everything())):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                visitor.get(link.path)
            asked.append(len(queries))
        assert asked[0] == asked[1] <= 8

    def test_of_one_among_several_leads_to_those_beside_it(self, workspace, visitor):
        link = shared(*(picture(workspace) for _each in range(3)))
        page = source(visitor.get(f"{link.path}2/"))
        assert f'href="{link.path}1/" rel="prev"' in page and f'href="{link.path}3/" rel="next"' in page
        assert "Picture 2 of 3" in page and f'href="{link.path}2/" aria-current="true"' in page


class TestPreviewsInMessengers:
    def test_say_what_the_owner_wrote(self, output, visitor):
        link = shared(output, title="A lighthouse for the cover", words="Which one?")
        page = source(visitor.get(link.path))
        assert 'property="og:title" content="A lighthouse for the cover"' in page
        assert 'property="og:description" content="Which one?"' in page
        assert f'property="og:image" content="http://testserver{link.path}card.jpg"' in page

    def test_show_a_small_picture_of_its_own(self, output, rich, visitor):
        answer = visitor.get(f"{shared(output, rich).path}card.jpg")
        assert answer["Content-Type"] == "image/jpeg" and len(body(answer)) < 100_000
        with Image.open(io.BytesIO(body(answer))) as card:
            assert (
                card.size == (cards.WIDTH, cards.HEIGHT) and not card.getexif() and "comment" not in card.info
            )

    @pytest.mark.parametrize("count", [1, 2, 3, 4, 6])
    def test_show_up_to_four_of_many(self, workspace, visitor, count):
        outputs = [
            picture(workspace, content=image_bytes(64, 48, colour=(200, 40 * n, 0))) for n in range(count)
        ]
        with Image.open(io.BytesIO(body(visitor.get(f"{shared(*outputs).path}card.jpg")))) as card:
            places = cards._places(min(count, cards.MOST))
            middles = [
                card.getpixel((left + width // 2, top + height // 2)) for left, top, width, height in places
            ]
        assert len(set(middles)) == min(count, cards.MOST) and all(
            red > 150 for red, _green, _blue in middles
        )


class TestOriginals:
    def test_carry_no_prompt_where_prompts_are_not_shown(self, rich, visitor):
        answer = visitor.get(f"{shared(rich, originals=True).path}1/original")
        assert answer["Content-Disposition"] == 'attachment; filename="picture-1.png"'
        assert int(answer["Content-Length"]) == len(body(answer))
        with Image.open(io.BytesIO(body(answer))) as found:
            found.load()
            assert found.size == (700, 500) and "parameters" not in found.info
        assert b"SECRET" not in body(answer)

    @pytest.mark.parametrize("ticked", [{"prompts": True}, {"models": True}])
    def test_carry_nothing_while_one_of_both_is_hidden(self, rich, visitor, ticked):
        assert b"SECRET" not in body(visitor.get(f"{shared(rich, originals=True, **ticked).path}1/original"))

    def test_are_the_providers_own_bytes_where_all_of_that_is_shown(self, rich, visitor):
        got = body(visitor.get(f"{shared(rich, **everything()).path}1/original"))
        assert len(got) == rich.byte_size and b"SECRETPROMPT" in got

    def test_are_not_sent_twice_and_change_with_what_is_shown(self, rich, visitor):
        link = shared(rich, originals=True)
        tag = visitor.get(f"{link.path}1/original")["ETag"]
        again = visitor.get(f"{link.path}1/original", headers={"If-None-Match": tag})
        assert again.status_code == 304 and rich.sha256 not in tag
        Link.objects.filter(pk=link.pk).update(shows_prompts=True, shows_models=True)
        assert visitor.get(f"{link.path}1/original", headers={"If-None-Match": tag}).status_code == 200

    def test_have_no_other_tag_in_common_with_another_link(self, output, visitor):
        tags = {visitor.get(f"{shared(output).path}1/w320.webp")["ETag"] for _each in "12"}
        assert len(tags) == 2


class TestTheSetUp:
    def test_opens_the_same_in_a_darkroom_of_ones_own(self, rich, visitor):
        answer = visitor.get(f"{shared(rich, **everything()).path}1/setup")
        assert answer["Content-Disposition"] == 'attachment; filename="picture-1.darkroom.json"'
        setup = Setup.read(body(answer))
        assert (setup.prompt, setup.mode) == (PROMPT, "edit")
        assert [(each.model, each.parameters, each.variants) for each in setup.targets] == [
            (VIP, {"size": "2048x1152"}, 1)
        ]
        assert [each.name for each in setup.references] == ["image 1"]

    def test_holds_only_what_is_shown(self, rich, visitor):
        setup = json.loads(body(visitor.get(f"{shared(rich, prompts=True).path}1/setup")))
        assert setup == {"darkroom": 1, "prompt": PROMPT, "mode": "edit", "targets": []}

    def test_is_not_there_without_the_prompt(self, rich, visitor):
        link = shared(rich, models=True, references=True, costs=True, originals=True)
        assert visitor.get(f"{link.path}1/setup").status_code == 404
        assert "setup" not in source(visitor.get(link.path))


class TestWhatIsGone:
    def test_a_picture_in_the_bin_vanishes_and_the_page_says_so_calmly(self, workspace, visitor):
        kept, binned, third = (picture(workspace) for _each in range(3))
        link = shared(kept, binned, third)
        bin.put(workspace, [binned.pk])
        page = visitor.get(link.path)
        assert source(page).count(
            "<figure"
        ) == 2 and "One picture that was here is not shown any more." in said(page)
        assert (
            visitor.get(f"{link.path}2/").status_code
            == visitor.get(f"{link.path}2/w320.webp").status_code
            == 404
        )
        assert visitor.get(f"{link.path}3/").status_code == 200  # numbers stay what they are

    def test_taken_back_it_is_there_again(self, workspace, output, visitor):
        link = shared(output)
        bin.put(workspace, [output.pk])
        assert "Nothing is shown here any more" in said(visitor.get(link.path))
        assert visitor.get(f"{link.path}card.jpg").status_code == 404
        bin.take_back(workspace, [output.pk])
        assert visitor.get(f"{link.path}1/w320.webp").status_code == 200

    def test_a_link_keeps_no_picture_from_being_erased(self, workspace, output, visitor):
        link, its_run = shared(output), shared(run=output.generation.run)
        bin.put(workspace, [output.pk])
        type(output).objects.update(created_at="2020-01-01T00:00Z")
        assert bin.erase_now(workspace) == 1
        for each in (link, its_run):
            assert "Nothing is shown here any more" in said(visitor.get(each.path))

    def test_a_reference_that_lies_in_the_bin_is_not_shown_by_what_was_made_from_it(
        self, workspace, output, visitor
    ):
        from playground.runs import uploads

        led_to = picture(workspace, references=[uploads.take_output(output)])
        link = shared(led_to, references=True)
        assert visitor.get(f"{link.path}1/from-1.webp").status_code == 200
        bin.put(workspace, [output.pk])
        assert visitor.get(f"{link.path}1/from-1.webp").status_code == 404
        assert "from-1" not in source(visitor.get(link.path))


class TestAConversation:
    @pytest.fixture
    def talk(self, workspace):
        first = talks.answered(talks.said(workspace, "A cafe"))
        words = talks.in_words(talks.said(workspace, "Which one?", on=first), "The small one?")
        second = talks.answered(talks.said(workspace, "Now rainy", on=first))
        assert words.number == 2 and second.number == 3
        return first.conversation

    def test_is_told_step_by_step(self, talk, visitor):
        page = said(visitor.get(shared(conversation=talk, prompts=True).path))
        places = [
            page.index(words) for words in ("Step 1 A cafe", "Step 2", "The small one?", "Step 3 Now rainy")
        ]
        assert places == sorted(places)

    def test_shows_only_pictures_where_nothing_is_ticked(self, talk, visitor):
        answer = visitor.get(shared(conversation=talk).path)
        assert source(answer).count("<figure") == 2
        assert "Step 2" in said(answer) and "Step 3" not in said(answer)  # not that one more was said between
        for words in ("cafe", "rainy", "small one"):
            assert words not in source(answer), words

    def test_tells_what_was_brought_along_but_not_each_picture_twice(self, workspace, visitor):
        first = talks.answered(talks.said(workspace, "A cafe"))
        talks.answered(talks.said(workspace, "With this awning", on=first, brought=(upload(workspace),)))
        link = shared(conversation=first.conversation, references=True)
        page = source(visitor.get(link.path))
        assert f"{link.path}2/from-2.webp" in page and "from-1.webp" not in page
        bin.put(workspace, [first.run.generations.get().outputs.get().pk])  # the one that was gone on from
        assert "from-2.webp" in source(visitor.get(f"{link.path}2/"))

    def test_a_step_that_was_deleted_is_gone(self, talk, visitor):
        link = shared(conversation=talk, prompts=True)
        talk.turns.filter(number=3).update(removed_at="2026-01-01T00:00Z")
        assert "rainy" not in source(visitor.get(link.path))
        assert visitor.get(f"{link.path}2/").status_code == 404

    def test_what_is_said_later_is_not_shown(self, workspace, talk, visitor):
        link = shared(conversation=talk, prompts=True)
        talks.answered(talks.said(workspace, "SECRETLATER", on=talks.read(talk.turns.get(number=3))))
        talks.in_words(
            talks.said(workspace, "SECRETWORDS", on=talks.read(talk.turns.get(number=3))), "SECRETTOO"
        )
        assert "SECRET" not in source(visitor.get(link.path))


def test_a_run_is_told_with_its_prompt_once(workspace, visitor):
    both = run(workspace, "gpt-image-2-all", VIP, prompt="A pear. On a plate, at noon, seen from above")
    for generation in both.generations.select_related("run"):
        talks.answer_of(generation)
    page = said(visitor.get(shared(run=both, prompts=True, title="Pears").path))
    assert page.count("On a plate, at noon") == 1
