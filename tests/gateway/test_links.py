"""Fetching a picture link: free, so tried again; a stranger's word, so looked at from all sides."""

import gzip

import httpx
import pytest

from playground.gateway import Billed, EmptyAnswerError, ErrorKind, ProviderError
from playground.gateway import links as links_module
from playground.gateway.links import LinkError, LinkFetcher, link_host
from playground.gateway.transport import http_client
from tests.gateway.wire import BASE, KEY, PNG, connection, gateway, reply, request, send

LINK = "https://cdn.test/p/one.png?sig=secret"
PUBLIC = "93.184.215.14"


def png_reply(asked: httpx.Request) -> httpx.Response:
    return reply(PNG, content_type="image/png")


def linked(url: str = LINK):
    return lambda asked: reply({"data": [{"url": url}], "usage": {"total_tokens": 3}})


def fetcher(answer, resolve=None, sleeps=None, **options) -> LinkFetcher:
    def resolver(host: str, port: int) -> list[str]:
        return (resolve or {}).get(host, [PUBLIC])

    client = http_client(httpx.MockTransport(answer))
    return LinkFetcher(client, resolver, (sleeps if sleeps is not None else []).append, **options)


def failing(into, answer, url: str = LINK, **options) -> tuple[LinkError, list[float]]:
    sleeps: list[float] = []
    with pytest.raises(LinkError) as caught:
        fetcher(answer, sleeps=sleeps, **options).fetch(url, into=into)
    assert list(into.iterdir()) == []
    return caught.value, sleeps


class TestFetching:
    def test_the_picture_is_fetched_at_once(self, tmp_path):
        answer = send(linked(), tmp_path, link=png_reply)
        assert answer.pictures[0].path.read_bytes() == PNG
        assert answer.usage == {"total_tokens": 3}

    def test_the_connection_goes_to_the_checked_address_under_the_hosts_own_name(self, tmp_path):
        seen: list[httpx.Request] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seen.append(asked)
            return png_reply(asked)

        fetcher(answer).fetch("https://cdn.test:8443/p.png", into=tmp_path)
        assert seen[0].url.host == PUBLIC
        assert seen[0].headers["Host"] == "cdn.test:8443"
        assert seen[0].extensions["sni_hostname"] == "cdn.test"

    def test_an_ipv6_address_is_connected_to(self, tmp_path):
        seen: list[httpx.Request] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seen.append(asked)
            return png_reply(asked)

        fetcher(answer, {"cdn.test": ["2606:4700::1111"]}).fetch(LINK, into=tmp_path)
        assert seen[0].url.host == "2606:4700::1111"
        assert seen[0].headers["Host"] == "cdn.test"

    def test_the_next_address_is_tried_when_one_cannot_be_reached(self, tmp_path):
        def answer(asked: httpx.Request) -> httpx.Response:
            if asked.url.host == "1.1.1.1":
                raise httpx.ConnectError("refused")
            return png_reply(asked)

        blob = fetcher(answer, {"cdn.test": ["1.1.1.1", PUBLIC]}).fetch(LINK, into=tmp_path)
        assert blob.byte_size == len(PNG)

    def test_the_name_is_resolved_once_for_each_try(self, tmp_path):
        asked: list[str] = []

        def resolver(host: str, port: int) -> list[str]:
            asked.append(host)
            return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

        LinkFetcher(http_client(httpx.MockTransport(png_reply)), resolver).fetch(LINK, into=tmp_path)
        assert asked == ["cdn.test"]

    def test_the_key_never_goes_there(self, tmp_path):
        seen: list[httpx.Request] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seen.append(asked)
            if len(seen) == 1:
                return reply(b"", 302, location="https://other.test/p.png", set_cookie="a=b")
            return png_reply(asked)

        send(linked(), tmp_path, link=answer)
        assert len(seen) == 2
        for asked in seen:
            assert KEY not in str(asked.headers.raw)
            assert "cookie" not in asked.headers
            assert "authorization" not in asked.headers


class TestWhereItMayNotGo:
    @pytest.mark.parametrize(
        "url",
        [
            "ftp://cdn.test/x.png",
            "file:///etc/passwd",
            "https://user@cdn.test/x.png",
            "https:///x.png",
            "https://cdn.test:99999/x.png",
            "https://cdn.test/" + "x" * 9000,
            "http://[::1/x.png",
            "//cdn.test/x.png",
            "",
        ],
    )
    def test_only_plain_web_addresses(self, tmp_path, url):
        error, sleeps = failing(tmp_path, png_reply, url)
        assert not error.may_help
        assert sleeps == []

    @pytest.mark.parametrize(
        "address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1", "::ffff:10.0.0.1"]
    )
    def test_no_private_address(self, tmp_path, address):
        error, sleeps = failing(tmp_path, png_reply, resolve={"cdn.test": [address]})
        assert "open internet" in str(error)
        assert sleeps == []

    def test_no_redirect_to_a_private_address(self, tmp_path):
        def answer(asked: httpx.Request) -> httpx.Response:
            return reply(b"", 302, location="http://inside.test/")

        error, _ = failing(tmp_path, answer, resolve={"inside.test": ["10.0.0.1"]})
        assert "open internet" in str(error)

    @pytest.mark.parametrize(
        "target", ["file:///etc/passwd", "ftp://x.test/", "http://user@x.test/", "http://[::1"]
    )
    def test_no_redirect_to_another_scheme(self, tmp_path, target):
        error, _ = failing(tmp_path, lambda asked: reply(b"", 302, location=target))
        assert str(error) in ("it is not a plain web address", "RemoteProtocolError")

    def test_three_redirects_and_no_more(self, tmp_path):
        def answer(asked: httpx.Request) -> httpx.Response:
            step = int(asked.url.path.strip("/"))
            if step == 3:
                return png_reply(asked)
            return reply(b"", 302, location=f"/{step + 1}")

        blob = fetcher(answer).fetch("https://cdn.test/0", into=tmp_path)
        assert blob.byte_size == len(PNG)
        blob.path.unlink()
        error, _ = failing(tmp_path, answer, "https://cdn.test/-1")
        assert "redirects" in str(error)

    def test_a_trusted_host_may_be_private(self, tmp_path):
        ours = fetcher(png_reply, {"127.0.0.1": ["127.0.0.1"]})
        blob = ours.fetch("http://127.0.0.1:8001/x.png", into=tmp_path, trusted={"127.0.0.1:8001"})
        assert blob.byte_size == len(PNG)


class TestTryingAgain:
    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 522])
    def test_a_passing_trouble_is_tried_again(self, tmp_path, status):
        error, sleeps = failing(tmp_path, lambda asked: reply(b"", status))
        assert sleeps == [2, 4, 8]
        assert str(status) in str(error)

    @pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 451])
    def test_a_link_that_is_gone_is_not(self, tmp_path, status):
        assert failing(tmp_path, lambda asked: reply(b"", status))[1] == []

    @pytest.mark.parametrize(
        "exception",
        [
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.ReadTimeout,
            httpx.ReadError,
            httpx.RemoteProtocolError,
        ],
    )
    def test_a_broken_connection_is_tried_again(self, tmp_path, exception):
        def answer(asked: httpx.Request) -> httpx.Response:
            raise exception("x")

        assert failing(tmp_path, answer)[1] == [2, 4, 8]

    def test_it_ends_with_the_first_success(self, tmp_path):
        statuses = iter([503, 502, 200])
        sleeps: list[float] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            return reply(PNG, next(statuses))

        assert fetcher(answer, sleeps=sleeps).fetch(LINK, into=tmp_path).byte_size == len(PNG)
        assert sleeps == [2, 4]

    def test_a_name_that_cannot_be_resolved_now(self, tmp_path):
        error, sleeps = failing(tmp_path, png_reply, resolve={"cdn.test": []})
        assert error.may_help
        assert sleeps == [2, 4, 8]


class TestLimits:
    @pytest.mark.parametrize("kind", ["text/html", "application/json", "image", "text/plain; image/png"])
    def test_a_type_that_is_no_picture(self, tmp_path, kind):
        error, _ = failing(tmp_path, lambda asked: reply(PNG, content_type=kind))
        assert "type" in str(error)

    @pytest.mark.parametrize(
        "kind", ["image/png", "IMAGE/WEBP", "application/octet-stream", "binary/octet-stream"]
    )
    def test_types_that_may_be_pictures(self, tmp_path, kind):
        assert fetcher(lambda asked: reply(PNG, content_type=kind)).fetch(LINK, into=tmp_path).is_whole

    def test_a_length_over_the_limit_is_not_even_read(self, tmp_path):
        error, _ = failing(tmp_path, lambda asked: reply(PNG, content_length="999999999999"))
        assert "large" in str(error)

    def test_a_body_over_the_limit_is_cut_off(self, tmp_path):
        error, sleeps = failing(tmp_path, lambda asked: reply(b"x" * 5000), max_bytes=4000)
        assert sleeps == []
        assert not error.may_help

    def test_a_compressed_bomb_is_cut_off(self, tmp_path):
        bomb = gzip.compress(b"\0" * 5_000_000)
        failing(tmp_path, lambda asked: reply(bomb, content_encoding="gzip"), max_bytes=1_000_000)

    def test_a_try_has_an_end(self):
        assert links_module.TRY_SECONDS <= 60
        assert links_module.CONNECT_SECONDS <= 10


class TestWhatTheCallerIsTold:
    def failure(self, into, answer, url: str = LINK) -> ProviderError:
        with pytest.raises(EmptyAnswerError) as caught:
            send(linked(url), into, link=answer)
        return caught.value

    def test_a_failed_download_was_paid_for_and_can_be_fetched_later(self, tmp_path):
        error = self.failure(tmp_path, lambda asked: reply(b"", 503))
        assert (error.kind, error.billed) == (ErrorKind.PICTURE_LINK_FAILED, Billed.YES)
        assert error.links == (LINK,)
        assert error.usage == {"total_tokens": 3}
        assert list(tmp_path.iterdir()) == []

    def test_messages_name_the_host_and_not_the_link(self, tmp_path):
        error = self.failure(tmp_path, lambda asked: reply(b"", 404))
        assert "cdn.test" in error.sentence
        assert "secret" not in error.sentence + repr(error) + error.provider_message

    def test_what_is_not_a_picture_is_kept(self, tmp_path):
        error = self.failure(tmp_path, lambda asked: reply(b"GIF89a not for us"))
        assert (error.kind, error.billed) == (ErrorKind.NOT_A_PICTURE, Billed.YES)
        assert [path.read_bytes() for path in error.kept] == [b"GIF89a not for us"]
        assert error.links == (LINK,)

    def test_it_can_be_fetched_later(self, tmp_path):
        ours = gateway(lambda asked: reply({}), png_reply)
        assert ours.fetch(connection(), LINK, into=tmp_path).format == "png"

    def test_fetching_later_can_fail_the_same_way(self, tmp_path):
        ours = gateway(lambda asked: reply({}), lambda asked: reply(b"", 404))
        with pytest.raises(EmptyAnswerError) as caught:
            ours.fetch(connection(), LINK, into=tmp_path)
        assert (caught.value.kind, caught.value.links) == (ErrorKind.PICTURE_LINK_FAILED, (LINK,))

    def test_one_picture_of_two_is_still_an_answer(self, tmp_path):
        def link(asked: httpx.Request) -> httpx.Response:
            return png_reply(asked) if asked.url.path == "/a.png" else reply(b"", 404)

        body = {"data": [{"url": "https://cdn.test/a.png"}, {"url": "https://cdn.test/b.png"}]}
        ours = gateway(lambda asked: reply(body), link)
        answer = ours.send(connection(), request(), base_url=BASE, into=tmp_path)
        assert len(answer.pictures) == 1
        assert answer.unfetched_links == ("https://cdn.test/b.png",)

    @pytest.mark.parametrize("link", ["", "http://[::1", "x" * 9000, "nonsense"])
    def test_the_host_of_a_broken_link(self, link):
        assert link_host(link) == "?"
