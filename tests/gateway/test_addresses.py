"""Base addresses as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.gateway import BaseUrlError, normalise_base_url


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("https://api.apiyi.com", "https://api.apiyi.com"),
        ("https://api.apiyi.com/", "https://api.apiyi.com"),
        ("https://api.apiyi.com/v1", "https://api.apiyi.com"),
        ("https://api.apiyi.com/v1/", "https://api.apiyi.com"),
        ("https://api.apiyi.com/v1/v1", "https://api.apiyi.com"),
        ("  https://api.apiyi.com//v1//v1/ ", "https://api.apiyi.com"),
        ("api.apiyi.com", "https://api.apiyi.com"),
        ("HTTPS://API.apiyi.com", "https://api.apiyi.com"),
        ("http://127.0.0.1:8001/v1", "http://127.0.0.1:8001"),
        ("http://[::1]:8001", "http://[::1]:8001"),
        ("https://relay.test/openai/v1", "https://relay.test/openai"),
        ("https://relay.test/v12", "https://relay.test/v12"),
        ("https://api.openai.com/v1", "https://api.openai.com"),
        ("https://api.openai.com/v1/images/generations", "https://api.openai.com"),
        ("https://api.apiyi.com/v1/chat/completions/", "https://api.apiyi.com"),
        ("https://api.apiyi.com/v1/v1/images/edits", "https://api.apiyi.com"),
        ("https://api.apiyi.com/v1beta", "https://api.apiyi.com"),
        ("https://api.apiyi.com/v1beta/models/m:generateContent", "https://api.apiyi.com"),
        ("https://relay.test/v1/account/openai", "https://relay.test/v1/account/openai"),
    ],
)
def test_it_is_mended(typed, used):
    assert normalise_base_url(typed)[0] == used


def test_a_remark_only_when_something_unusual_was_mended():
    assert normalise_base_url("https://api.apiyi.com/v1/")[1] == ""
    assert normalise_base_url("https://api.openai.com/v1")[1] == ""
    assert "/v1 is added" in normalise_base_url("https://api.openai.com/v1/images/generations")[1]
    assert "https://api.apiyi.com" in normalise_base_url("https://api.apiyi.com/v1/v1")[1]
    assert "https://api.apiyi.com" in normalise_base_url("api.apiyi.com")[1]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "ftp://api.apiyi.com",
        "file:///etc/passwd",
        "https://",
        "https://user:pass@api.apiyi.com",
        "https://api.apiyi.com/?key=1",
        "https://api.apiyi.com/#x",
        "https://a b",
        "https://api.apiyi.com:99999",
        "https://api-cf.apiyi.com",
        "https://API-CF.apiyi.com/v1",
        "api-cf.apiyi.com",
        "javascript:alert(1)",
    ],
)
def test_it_is_refused_with_a_sentence(typed):
    with pytest.raises(BaseUrlError) as caught:
        normalise_base_url(typed)
    assert str(caught.value).endswith(".")


def test_the_slow_host_is_refused_with_its_reason():
    with pytest.raises(BaseUrlError, match="100 seconds"):
        normalise_base_url("https://api-cf.apiyi.com/v1")


@given(st.text(max_size=60) | st.text("htps:/v1.@?#[]%", max_size=30).map("https://a".__add__))
def test_any_text_is_mended_or_refused_and_mending_twice_changes_nothing(typed):
    try:
        used, _ = normalise_base_url(typed)
    except BaseUrlError:
        return
    assert normalise_base_url(used)[0] == used
