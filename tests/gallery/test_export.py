"""Pictures taken home: an archive made while it is sent, whose manifest tells everything, with names of ours."""

import csv
import hashlib
import io
import json
import threading
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from playground.gallery import bin, marks
from playground.gallery.exporting import selection
from playground.gallery.exporting.making import Options, archive_of
from playground.gallery.exporting.names import Names, safe, why_not
from playground.gallery.exporting.selection import Selection
from playground.gallery.models import Collection
from playground.runs.embedding import CHUNK_BYTES
from playground.runs.models import Output
from playground.runs.setups import Setup
from playground.runs.story import setup_in
from playground.runs.templatetags.darkroom import bytes_size
from tests import files
from tests.factories import ALL, VIP, connection, image_bytes, picture, run
from tests.studio.pages import said, source

pytestmark = pytest.mark.django_db
OPTIONS, ARCHIVE = "/gallery/export/", "/gallery/export/zip/"


@pytest.fixture
def three(workspace) -> list[Output]:
    """Three pictures of three runs, in three formats."""
    made = [
        picture(
            workspace,
            content=image_bytes(64 + n, 48, format=kind, colour=(n, 9, 9)),
            prompt=f"Tin {n}",
            model=VIP,
        )
        for n, kind in enumerate(("png", "jpeg", "webp"))
    ]
    return made


def opened(answer) -> zipfile.ZipFile:
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.testzip() is None
    return archive


def of_picked(*outputs: Output, **fields) -> dict:
    return {"what": "picked", "o": [output.pk for output in outputs], "story": "on"} | fields


def pictures_of(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if not name.startswith("manifest.")]


def rows_of(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    text = archive.read("manifest.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


class TestWhatLeaves:
    def test_are_those_that_were_picked(self, client, three):
        archive = opened(client.post(ARCHIVE, of_picked(three[2], three[0])))
        assert pictures_of(archive) == [f"3A_{VIP}_66x48.webp", f"1A_{VIP}_64x48.png"]

    def test_are_all_that_a_filter_finds_the_newest_first(self, client, workspace, three):
        picture(workspace, prompt="A kettle", model=ALL)
        answer = client.post(ARCHIVE, {"what": "found", "filter": f"?model={VIP}", "story": "on"})
        assert [name[:2] for name in pictures_of(opened(answer))] == ["3A", "2A", "1A"]
        answer = client.post(ARCHIVE, {"what": "found", "filter": "?q=kettle"})
        assert [name[:2] for name in pictures_of(opened(answer))] == ["4A"]

    def test_are_those_of_a_collection(self, client, workspace, three):
        marks.collect(workspace, [three[1].pk], "Posters")
        pk = Collection.objects.get().pk
        assert (
            len(pictures_of(opened(client.post(ARCHIVE, {"what": "found", "filter": f"?collection={pk}"}))))
            == 1
        )

    def test_are_those_of_a_run(self, client, workspace, three):
        answer = client.post(ARCHIVE, {"what": "run", "run": "2"})
        assert answer["Content-Disposition"] == 'attachment; filename="darkroom-2.zip"'
        assert [name[:2] for name in pictures_of(opened(answer))] == ["2A"]

    def test_are_never_what_lies_in_the_bin_or_is_a_strangers(self, client, workspace, elsewhere, three):
        theirs = picture(elsewhere)
        bin.put(workspace, [three[0].pk])
        archive = opened(client.post(ARCHIVE, of_picked(*three, theirs)))
        assert [name[:2] for name in pictures_of(archive)] == ["3A", "2A"]
        assert (
            client.post(ARCHIVE, {"what": "run", "run": str(run(elsewhere).number + 90)}).status_code == 404
        )

    def test_are_at_most_so_many(self, client, three, monkeypatch):
        monkeypatch.setattr(selection, "MOST", 2)
        page = client.get(OPTIONS)
        assert "2 pictures" in said(page) and "There are more. One export takes" in said(page)

    def test_are_read_by_keys_in_chunks_and_not_by_the_picture(self, workspace, three, monkeypatch):
        monkeypatch.setattr(selection, "AT_ONCE", 1)
        assert len(list(Selection(workspace).outputs())) == 3
        monkeypatch.undo()
        few = queries_of(workspace)
        for _more in range(9):
            picture(workspace)
        assert queries_of(workspace) == few


@pytest.mark.django_db(transaction=True)
def test_half_read_it_holds_nothing_back_in_the_database(workspace):
    for _some in range(3):
        picture(workspace)
    pieces = archive_of(Selection(workspace), Options())
    next(pieces)

    def write() -> None:
        Collection.objects.create(workspace=workspace, name="Posters", key="posters")
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    writer.join(10)
    assert not writer.is_alive() and Collection.objects.exists()
    assert b"".join(pieces)


def queries_of(workspace) -> int:
    with CaptureQueriesContext(database) as found:
        b"".join(archive_of(Selection(workspace), Options()))
    return len(found)


class TestThePictures:
    def test_carry_their_story_and_have_the_same_pixels(self, client, three):
        archive = opened(client.post(ARCHIVE, of_picked(*three)))
        for name, output in zip(pictures_of(archive), reversed(three), strict=True):
            content, original = archive.read(name), files.kept(output.file)
            assert setup_in(io.BytesIO(content)) == Setup.of(output.generation)
            assert Image.open(io.BytesIO(content)).tobytes() == Image.open(io.BytesIO(original)).tobytes()

    def test_are_the_bytes_that_came_where_the_story_is_left_out(self, client, three):
        archive = opened(client.post(ARCHIVE, of_picked(*three, story="")))
        contents = [archive.read(name) for name in pictures_of(archive)]
        assert contents == [files.kept(output.file) for output in reversed(three)]

    @pytest.mark.parametrize("encoding, format, ending", [
        ("png", "PNG", "png"), ("jpeg", "JPEG", "jpg"), ("webp", "WEBP", "webp"),
    ])  # fmt: skip
    @pytest.mark.parametrize("story", ["", "on"])
    def test_are_encoded_anew_where_that_is_wanted(self, client, workspace, encoding, format, ending, story):
        output = picture(workspace, content=files.saved(files.noise(300, 200, "RGBA")))
        answer = client.post(
            ARCHIVE, of_picked(output, encoding=encoding, quality="70", edge="512", story=story)
        )
        archive = opened(answer)
        (name,) = pictures_of(archive)
        made = Image.open(io.BytesIO(archive.read(name)))
        assert (made.format, made.size, name.endswith(f".{ending}")) == (format, (300, 200), True)
        assert ("A" in made.getbands()) == (encoding != "jpeg")
        assert ("xmp" in made.info) == bool(story)

    def test_are_made_smaller_but_never_larger(self, client, workspace):
        large, small = picture(workspace, 1200, 600), picture(workspace, 100, 50)
        archive = opened(client.post(ARCHIVE, of_picked(large, small, encoding="jpeg", edge="512")))
        sizes = [Image.open(io.BytesIO(archive.read(name))).size for name in pictures_of(archive)]
        assert sizes == [(100, 50), (512, 256)]

    def test_that_are_encoded_better_are_heavier(self, client, workspace):
        output = picture(workspace, content=files.saved(files.noise(300, 200)))
        sizes = []
        for quality in ("10", "95"):
            archive = opened(client.post(ARCHIVE, of_picked(output, encoding="webp", quality=quality)))
            sizes.append(archive.getinfo(pictures_of(archive)[0]).file_size)
        assert sizes[0] * 2 < sizes[1]

    @pytest.mark.parametrize("encoding", ["", "webp"])
    def test_whose_file_is_gone_spoil_nothing_and_are_named(self, client, three, encoding):
        default_storage.delete(three[1].file)
        archive = opened(client.post(ARCHIVE, of_picked(*three, encoding=encoding)))
        assert len(pictures_of(archive)) == 2
        assert [(row["label"], row["problem"]) for row in rows_of(archive)][1] == (
            "2A",
            "the file is missing",
        )

    def test_that_can_not_be_decoded_are_named_too(self, client, workspace):
        output = picture(workspace)
        with open(default_storage.path(output.file), "wb") as file:
            file.write(b"nothing like a picture")
        archive = opened(client.post(ARCHIVE, of_picked(output, encoding="png")))
        assert rows_of(archive)[0]["problem"] == "the file can't be decoded"

    def test_leave_no_file_behind(self, client, workspace, three, settings):
        opened(client.post(ARCHIVE, of_picked(*three, encoding="webp")))
        assert list(settings.UPLOADS_ROOT.iterdir()) == []

    def test_are_closed_where_the_reader_leaves(self, workspace, settings):
        picture(workspace, content=files.saved(files.noise(700, 600)))
        for options in (Options(), Options(encoding="png")):
            pieces = archive_of(Selection(workspace), options)
            next(pieces)
            pieces.close()
        assert not settings.UPLOADS_ROOT.exists() or list(settings.UPLOADS_ROOT.iterdir()) == []

    def test_go_in_pieces(self, workspace):
        picture(workspace, content=files.saved(files.noise(1400, 600)))
        pieces = [len(piece) for piece in archive_of(Selection(workspace), Options())]
        assert sum(pieces) > 8 * CHUNK_BYTES and max(pieces) <= 1.1 * CHUNK_BYTES


class TestTheManifest:
    def test_says_what_is_known_of_each(self, client, workspace, three):
        marks.tag(workspace, [three[0].pk], "keep, client")
        marks.rate(workspace, [three[0].pk], 4)
        archive = opened(client.post(ARCHIVE, of_picked(three[0])))
        (row,), (other,) = rows_of(archive), json.loads(archive.read("manifest.json"))["pictures"]
        name = pictures_of(archive)[0]
        assert row | {
            "file": name, "label": "1A", "model": VIP, "prompt": "Tin 0", "size": "64x48", "simulated": "yes",
            "rating": "4", "tags": "client; keep", "sha256": three[0].sha256, "cost": str(three[0].cost),
            "file_sha256": hashlib.sha256(archive.read(name)).hexdigest(), "seconds": str(three[0].generation.seconds),
        } == row  # fmt: skip
        assert list(row) == [column for column in other if column != "setup"]
        assert other["setup"] == Setup.of(three[0].generation).as_dict()
        assert (other["tags"], other["rating"], other["simulated"]) == (["client", "keep"], 4, True)

    @pytest.mark.parametrize("start", "=+-@")
    def test_holds_nothing_that_a_spreadsheet_would_run(self, client, workspace, start):
        output = picture(workspace, prompt=f"{start}SUM(1)*cmd")
        marks.tag(workspace, [output.pk], f"{start}tag")
        (row,) = rows_of(opened(client.post(ARCHIVE, of_picked(output))))
        assert (row["prompt"], row["tags"]) == (f"'{start}SUM(1)*cmd", f"'{start}tag")

    def test_tells_no_key_connection_or_address(self, client, workspace, settings):
        settings.SIMULATED = False
        connection(workspace, "Secret connection", "https://gateway.example", key="sk-secret-0123456789")
        output = picture(workspace)
        assert output.generation.connection
        whole = b"".join(client.post(ARCHIVE, of_picked(output)).streaming_content)
        archive = zipfile.ZipFile(io.BytesIO(whole))
        for content in (whole, *(archive.read(name) for name in archive.namelist())):
            for word in (b"Secret", b"gateway.example", b"sk-secret", b"http://127", b"req-1"):
                assert word not in content, word


class TestNames:
    def test_are_made_by_the_pattern(self, client, three):
        pattern = "{run} {model}/{size} {prompt} {id}"
        archive = opened(client.post(ARCHIVE, of_picked(three[0], pattern=pattern)))
        assert pictures_of(archive) == [f"1 {VIP}_64x48 Tin 0 {three[0].sha256[:8]}.png"]

    def test_that_come_twice_get_a_number(self, client, three):
        archive = opened(client.post(ARCHIVE, of_picked(*three, pattern="TIN", encoding="png")))
        assert pictures_of(archive) == ["TIN.png", "TIN-2.png", "TIN-3.png"]

    @pytest.mark.parametrize("prompt, name", [
        ("../../etc/passwd", "etc_passwd"), ("C:\\Windows\\x", "C_Windows_x"), ("con", "con_"), ("NUL.txt", "NUL.txt_"),
        ("...", ""), ("", ""), ("manifest", "manifest_"), ("a\x00b\nc", "a_b_c"), ("茶叶罐 #1", "茶叶罐 1"),
        ("-rf", "rf"),
    ])  # fmt: skip
    def test_are_never_a_path_or_a_command(self, prompt, name):
        assert safe(prompt) == name

    @given(st.text(max_size=300))
    def test_of_any_words_are_safe(self, words):
        name = safe(words)
        assert not set(name) & set('/\\:*?"<>|\0\n\r') and not name.startswith((".", "-", " ", "~"))
        assert len(name) <= 121 and name == name.strip()

    @pytest.mark.parametrize(
        "pattern", ["{label", "label}", "{}", "{nothing}", "{label.__class__}", "{0}", "{label!r}"]
    )
    def test_by_a_pattern_that_is_wrong_are_refused_with_what_is_known(self, client, three, pattern):
        assert why_not(pattern)
        answer = client.post(ARCHIVE, of_picked(three[0], pattern=pattern, encoding="webp", quality="55"))
        assert answer.status_code == 422
        page = source(answer)
        assert 'id="pattern" ' in page and 'aria-invalid="true"' in page
        assert (
            f'name="o" value="{three[0].pk}"' in page
            and 'value="55"' in page
            and 'value="webp" checked' in page
        )

    def test_of_nothing_are_the_usual_ones(self, three):
        assert Names("").of(three[0], "png") == f"1A_{VIP}_64x48.png"
        assert Names("...").of(three[0], "png") == "1A.png"


class TestThePage:
    def test_says_how_many_and_how_heavy(self, client, three):
        answer = client.post(OPTIONS, of_picked(*three[:2]))
        weight = sum(output.byte_size for output in three[:2])
        assert "2 pictures · as picked · originals of" in said(answer)
        assert f"originals of {bytes_size(weight)}" in said(answer)
        assert f"such as 2A_{VIP}_65x48.jpg" in said(answer)

    def test_keeps_the_filter_of_the_address(self, client, three):
        answer = client.get(f"{OPTIONS}?model={VIP}&q=tin")
        assert "3 pictures · all that the filter finds" in said(answer)
        assert f'name="filter" value="?q=tin&amp;model={VIP}"' in source(answer)

    def test_is_found_from_the_gallery_and_from_a_run(self, client, three):
        assert f'href="{OPTIONS}?model={VIP}"' in source(client.get(f"/gallery/?model={VIP}"))
        assert f'formaction="{OPTIONS}"' in source(client.get("/gallery/"))
        assert f'href="{OPTIONS}?run=1"' in source(client.get("/runs/1/"))
        assert "1 picture · Run 1" in said(client.get(f"{OPTIONS}?run=1"))

    def test_asks_for_pictures_where_none_were_picked(self, client, three):
        answer = client.post(OPTIONS, {"what": "picked"}, follow=True)
        assert answer.redirect_chain == [("/gallery/", 302)] and "Pick pictures first" in said(answer)

    def test_takes_as_many_as_can_be_picked(self, client, three):
        picked = {"what": "picked", "o": [*range(10_000, 11_000 - 1), three[0].pk], "filter": "", "at": "1"}
        assert "1 picture · as picked" in said(client.post(OPTIONS, picked))
        assert len(pictures_of(opened(client.post(ARCHIVE, picked | {"pattern": "", "quality": "90"})))) == 1

    def test_says_so_where_there_is_nothing(self, client, workspace):
        assert "There is no picture to export here" in said(client.get(OPTIONS))

    def test_a_strangers_run_is_not_there(self, client, workspace, elsewhere):
        number = run(elsewhere).number
        assert client.get(f"{OPTIONS}?run={number}").status_code == 404

    @pytest.mark.parametrize("quality", ["0", "101", "much"])
    def test_a_quality_out_of_bounds_is_refused(self, client, three, quality):
        answer = client.post(ARCHIVE, of_picked(three[0], encoding="webp", quality=quality))
        assert answer.status_code == 422 and "whole number from 1 to 100" in said(answer)

    def test_needs_the_token(self, three):
        from django.test import Client

        assert Client(enforce_csrf_checks=True).post(ARCHIVE, of_picked(three[0])).status_code == 403

    def test_in_a_team_needs_a_login(self, client, team_mode, three):
        assert client.get(OPTIONS).status_code == client.post(ARCHIVE, of_picked(three[0])).status_code == 302


class TestOnePicture:
    def test_is_downloaded_with_its_story(self, client, three):
        for output in three:
            answer = client.get(f"{output.original_url}?download")
            content = b"".join(answer.streaming_content)
            assert answer["Content-Length"] == str(len(content))
            assert answer["Content-Disposition"] == f'attachment; filename="{output.download_name}"'
            assert setup_in(io.BytesIO(content)) == Setup.of(output.generation)

    def test_is_offered_with_its_story_and_as_it_came(self, client, three):
        page = source(client.get(three[0].url))
        for query in ("?download", "?download=untouched"):
            assert f'href="{three[0].original_url}{query}"' in page

    def test_whose_file_is_gone_is_not_found(self, client, three):
        default_storage.delete(three[0].file)
        for query in ("?download", "?download=untouched"):
            assert client.get(three[0].original_url + query).status_code == 404

    def test_shown_on_a_page_is_the_bytes_that_came(self, client, three):
        answer = client.get(three[0].original_url)
        assert b"".join(answer.streaming_content) == files.kept(three[0].file)

    def test_gives_its_set_up_as_a_file(self, client, elsewhere, three):
        answer = client.get(f"/gallery/{three[0].pk}/setup.darkroom.json")
        assert answer["Content-Disposition"] == 'attachment; filename="1A.darkroom.json"'
        assert Setup.read(answer.content) == Setup.of(three[0].generation)
        assert client.get(f"/gallery/{picture(elsewhere).pk}/setup.darkroom.json").status_code == 404
