"""Addresses as people enter them. Every sentence of the gateway about one has its translation marked."""

import pytest
from django.core.exceptions import ValidationError

from playground.accounts.addresses import SENTENCES, origins, read_addresses
from playground.gateway import BaseUrlError, normalise_base_url

BAD = [
    "", "http://[", "ftp://a.example", "https://a example", "https://u:p@a.example", "https://a.example/?q=1",
    "https://api-cf.apiyi.com/v1",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_every_refusal_is_a_sentence_that_is_translated(text):
    with pytest.raises(BaseUrlError) as caught:
        normalise_base_url(text)
    assert str(caught.value) in {str(sentence) for sentence in SENTENCES}


@pytest.mark.parametrize("text", BAD[1:])
def test_a_refusal_names_its_line(text):
    with pytest.raises(ValidationError) as caught:
        read_addresses(f"https://fine.example\n{text}")
    assert caught.value.messages[0].startswith(f"{text}: ")


def test_lines_commas_and_doubles():
    found = read_addresses(" a.example, https://b.example/ \n\nhttps://a.example")
    assert found.urls == ("https://a.example", "https://b.example")


def test_a_key_belongs_to_scheme_host_and_port():
    assert origins(["https://a.example/x", "https://a.example"]) == {("https", "a.example")}
    assert origins(["http://a.example:81"]) == {("http", "a.example:81")}
