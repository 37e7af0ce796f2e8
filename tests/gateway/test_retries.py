"""The retry policy: what left is never repeated, what did not leave goes elsewhere, waits are bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.gateway import Billed, ErrorKind, Retry, Try, next_try
from playground.gateway.errors import failure

URLS = ("https://a", "https://b", "https://c")


def after(kind: ErrorKind, tries: int = 1, elapsed: float = 1, urls=URLS, url: str = "https://a", **options):
    error = failure(kind, **options)
    return next_try(
        error, tries_so_far=tries, elapsed_seconds=elapsed, base_urls=urls, base_url=url, random=lambda: 0.0
    )


@pytest.mark.parametrize("kind", ErrorKind)
@given(tries=st.integers(1, 20), elapsed=st.floats(0, 2000))
def test_what_may_have_been_billed_is_never_repeated(kind, tries, elapsed):
    error = failure(kind)
    following = next_try(error, tries_so_far=tries, elapsed_seconds=elapsed, base_urls=URLS, base_url=URLS[0])
    assert following is None or error.billed is Billed.NO


class TestNotSent:
    def test_the_next_base_url_is_tried_at_once(self):
        assert after(ErrorKind.CANNOT_CONNECT) == Try(0.0, "https://b")
        assert after(ErrorKind.CANNOT_CONNECT, 2, url="https://b") == Try(0.0, "https://c")

    def test_after_all_of_them_it_waits_and_begins_again(self):
        assert after(ErrorKind.CANNOT_CONNECT, 3, url="https://c") == Try(2.0, "https://a")
        assert after(ErrorKind.CANNOT_CONNECT, 6, url="https://c") == Try(4.0, "https://a")
        assert after(ErrorKind.CANNOT_CONNECT, 9, url="https://c") == Try(8.0, "https://a")

    def test_it_ends(self):
        assert after(ErrorKind.CANNOT_CONNECT, 12, url="https://c") is None

    def test_with_one_base_url_it_waits_each_time(self):
        waits = [after(ErrorKind.CANNOT_CONNECT, tries, urls=URLS[:1]) for tries in (1, 2, 3)]
        assert waits == [Try(2.0, "https://a"), Try(4.0, "https://a"), Try(8.0, "https://a")]
        assert after(ErrorKind.CANNOT_CONNECT, 4, urls=URLS[:1]) is None

    @given(st.integers(1, 5))
    def test_each_base_url_is_tried_the_same_number_of_times(self, count):
        urls = [f"https://{number}" for number in range(count)]
        tried, url, elapsed = [], urls[0], 0.0
        while True:
            tried.append(url)
            following = after(ErrorKind.CANNOT_CONNECT, len(tried), elapsed, urls, url)
            if following is None:
                break
            url, elapsed = following.base_url, elapsed + following.after_seconds
        assert all(tried.count(each) == 4 for each in urls)
        assert elapsed == 14


class TestRefused:
    def test_the_providers_own_failure_gets_two_more_tries_at_the_same_place(self):
        assert after(ErrorKind.UPSTREAM_ERROR, 1) == Try(2.0, "https://a")
        assert after(ErrorKind.UPSTREAM_ERROR, 2) == Try(4.0, "https://a")
        assert after(ErrorKind.UPSTREAM_ERROR, 3) is None

    def test_a_busy_channel_gets_three(self):
        waits = [after(ErrorKind.BUSY, tries) for tries in (1, 2, 3, 4)]
        assert waits == [Try(2.0, "https://a"), Try(4.0, "https://a"), Try(8.0, "https://a"), None]

    def test_retry_after_is_obeyed(self):
        error = failure(ErrorKind.BUSY, retry_after_seconds=30)
        following = next_try(error, tries_so_far=1, elapsed_seconds=1, base_urls=URLS, base_url="https://a")
        assert following is not None
        assert 30 <= following.after_seconds <= 37.5

    def test_a_retry_after_of_zero_still_waits_a_second(self):
        assert after(ErrorKind.BUSY, retry_after_seconds=0) == Try(1.0, "https://a")

    def test_nobody_waits_longer_than_a_minute(self):
        assert after(ErrorKind.BUSY, retry_after_seconds=61) is None

    def test_everything_else_is_final(self):
        assert after(ErrorKind.MODERATION) is None
        assert after(ErrorKind.REFUSED_PARAMETER) is None
        assert after(ErrorKind.BAD_KEY) is None

    def test_the_error_decides_not_its_kind(self):
        assert after(ErrorKind.BUSY, retry=Retry.NEVER) is None

    def test_after_a_quarter_of_an_hour_it_is_over(self):
        assert after(ErrorKind.BUSY, 1, elapsed=900) is None

    @given(st.floats(0, 1, exclude_max=True), st.integers(1, 3), st.none() | st.floats(0, 60))
    def test_a_wait_is_never_shorter_than_asked_and_little_longer(self, chance, tries, asked):
        error = failure(ErrorKind.BUSY, retry_after_seconds=asked)
        following = next_try(
            error,
            tries_so_far=tries,
            elapsed_seconds=0,
            base_urls=URLS,
            base_url="https://a",
            random=lambda: chance,
        )
        assert following is not None
        wanted = (2.0, 4.0, 8.0)[tries - 1] if asked is None else max(asked, 1.0)
        assert wanted <= following.after_seconds <= wanted * 1.25 + 1e-9
