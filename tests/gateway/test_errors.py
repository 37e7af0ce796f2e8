"""One taxonomy: every kind knows whether it was billed, whether it may be retried, and what to say."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from playground.gateway import Billed, ErrorKind, OutcomeUnknownError, ProviderError, RejectedError, Retry
from playground.gateway.errors import RULES, EmptyAnswerError, NotSentError, failure
from playground.gateway.failures import from_answer, from_exception, from_status, retry_after_seconds
from playground.gateway.redaction import MAX_CHARACTERS, clean_token, redact
from tests.gateway.vectors import VECTORS
from tests.gateway.wire import KEY

FIELDS = {"size", "quality", "response_format"}


def error_of(status: int, body: object, sent_fields=FIELDS, **headers: str) -> ProviderError:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return from_status(
        status, httpx.Headers(headers), data, sent_fields=sent_fields, key=KEY, host="provider.test"
    )


def said(message: str, **more: object) -> dict[str, object]:
    return {"error": {"message": message, **more}}


class TestTheTable:
    @pytest.mark.parametrize("kind", ErrorKind)
    def test_every_kind_has_its_answers(self, kind):
        rule = RULES[kind]
        assert rule.sentence.endswith((".", "}"))
        assert issubclass(rule.error, ProviderError)

    @pytest.mark.parametrize("kind", ErrorKind)
    def test_what_may_have_cost_money_is_never_repeated_by_the_machine(self, kind):
        rule = RULES[kind]
        assert rule.billed is Billed.NO or rule.retry is Retry.NEVER

    @pytest.mark.parametrize("kind", ErrorKind)
    def test_the_class_fits_the_bill(self, kind):
        rule = RULES[kind]
        if rule.error in (NotSentError, RejectedError):
            assert rule.billed is Billed.NO
        elif rule.error is OutcomeUnknownError:
            assert rule.billed is Billed.UNKNOWN
        else:
            assert rule.error is EmptyAnswerError
            assert rule.billed is not Billed.NO

    @pytest.mark.parametrize("kind", ErrorKind)
    def test_a_sentence_can_be_made_without_values(self, kind):
        assert "{" not in failure(kind).sentence
        assert str(failure(kind)) == failure(kind).sentence


class TestHttpxExceptions:
    """Every class that httpx can raise while a request is made."""

    NOT_SENT = {
        httpx.ConnectError: ErrorKind.CANNOT_CONNECT,
        httpx.ConnectTimeout: ErrorKind.CANNOT_CONNECT,
        httpx.ProxyError: ErrorKind.CANNOT_CONNECT,
        httpx.PoolTimeout: ErrorKind.NO_FREE_CONNECTION,
        httpx.UnsupportedProtocol: ErrorKind.BAD_ADDRESS,
        httpx.LocalProtocolError: ErrorKind.BAD_ADDRESS,
    }
    UNKNOWN = {
        httpx.ReadTimeout: ErrorKind.TIMED_OUT,
        httpx.WriteTimeout: ErrorKind.TIMED_OUT,
        httpx.ReadError: ErrorKind.CONNECTION_BROKEN,
        httpx.WriteError: ErrorKind.CONNECTION_BROKEN,
        httpx.CloseError: ErrorKind.CONNECTION_BROKEN,
        httpx.RemoteProtocolError: ErrorKind.CONNECTION_BROKEN,
        httpx.TooManyRedirects: ErrorKind.CONNECTION_BROKEN,
        httpx.DecodingError: ErrorKind.UNREADABLE_ANSWER,
    }

    @staticmethod
    def leaves() -> set[type[Exception]]:
        found: set[type[Exception]] = set()
        waiting: list[type[Exception]] = [httpx.RequestError]
        while waiting:
            each = waiting.pop()
            below = each.__subclasses__()
            waiting += below
            if not below:
                found.add(each)
        return found

    def test_no_leaf_class_is_forgotten(self):
        assert self.leaves() == {*self.NOT_SENT, *self.UNKNOWN}

    @pytest.mark.parametrize(("exception", "kind"), NOT_SENT.items())
    def test_not_sent(self, exception, kind):
        error = from_exception(exception("x"), has_left=False, host="provider.test", seconds=300)
        assert (error.kind, error.billed) == (kind, Billed.NO)
        assert isinstance(error, NotSentError)

    @pytest.mark.parametrize(("exception", "kind"), UNKNOWN.items())
    @pytest.mark.parametrize("has_left", [True, False])
    def test_outcome_unknown(self, exception, kind, has_left):
        error = from_exception(exception("x"), has_left=has_left, host="provider.test", seconds=300)
        assert (error.kind, error.billed, error.retry) == (kind, Billed.UNKNOWN, Retry.NEVER)
        assert isinstance(error, OutcomeUnknownError)

    @pytest.mark.parametrize("exception", NOT_SENT)
    def test_once_a_byte_has_left_nothing_counts_as_not_sent(self, exception):
        error = from_exception(exception("x"), has_left=True, host="provider.test", seconds=300)
        assert (error.billed, error.retry) == (Billed.UNKNOWN, Retry.NEVER)

    def test_a_name_that_dns_cannot_spell_was_not_sent(self):
        error = from_exception(UnicodeError("label"), has_left=False, host="x", seconds=1)
        assert error.kind is ErrorKind.BAD_ADDRESS

    def test_the_sentence_names_host_and_seconds(self):
        lost = from_exception(httpx.ConnectError("x"), has_left=False, host="b.apiyi.com", seconds=300)
        late = from_exception(httpx.ReadTimeout("x"), has_left=True, host="b.apiyi.com", seconds=300)
        assert "b.apiyi.com" in lost.sentence
        assert "300 s" in late.sentence


# The vector's id: the kind, and where this project is stricter than the vector, why.
VECTOR_KINDS = {
    "invalid_size": ErrorKind.INVALID_SIZE,
    "unsupported_param_input_fidelity": ErrorKind.REFUSED_PARAMETER,
    "unknown_parameter_response_format": ErrorKind.REFUSED_PARAMETER,
    "transparent_background": ErrorKind.TRANSPARENT_REFUSED,
    "reverse_rejects_param": ErrorKind.REFUSED_PARAMETER,
    "mask_no_alpha": ErrorKind.INVALID_MASK,
    "mask_size_mismatch": ErrorKind.INVALID_MASK,
    "too_many_images": ErrorKind.TOO_MANY_IMAGES,
    "moderation_400": ErrorKind.MODERATION,
    "moderation_451": ErrorKind.MODERATION,
    "moderation_403": ErrorKind.MODERATION,
    "invalid_token": ErrorKind.BAD_KEY,
    "wrong_token_billing_mode": ErrorKind.WRONG_KEY_TYPE,
    "not_found": ErrorKind.WRONG_ADDRESS,
    "payload_too_large": ErrorKind.TOO_LARGE,
    "rate_limited": ErrorKind.BUSY,
    "insufficient_balance": ErrorKind.BALANCE,
    "upstream_500": ErrorKind.UPSTREAM_ERROR,
    # A body in plain words is not the gateway's own error: nobody knows what came before it.
    "upstream_502_503_504": {
        502: ErrorKind.UNREADABLE_ANSWER,
        503: ErrorKind.UNREADABLE_ANSWER,
        504: ErrorKind.GATEWAY_TIMEOUT,
    },
    "cdn_524": ErrorKind.GATEWAY_TIMEOUT,
}
BILLED = {"no": Billed.NO, "possibly": Billed.UNKNOWN}
RETRY = {"no": Retry.NEVER, "no_same_host": Retry.NEVER, "strip_field_once": Retry.NEVER}
# These have no body: they are exceptions, empty answers or picture links, and have tests of their own.
ELSEWHERE = {
    "client_timeout",
    "connection_reset_mid_flight",
    "connect_failed_before_send",
    "text_instead_of_image",
    "empty_data",
    "url_expired",
    "url_download_slow",
}


class TestVectors:
    CASES = [
        (vector, status)
        for vector in VECTORS["errors"]
        if vector["id"] not in ELSEWHERE
        for status in (
            [400, 401, 403]  # with 429 its words mean a full channel as often as a wrong key
            if vector["http"] == "4xx"
            else vector["http"]
            if isinstance(vector["http"], list)
            else [vector["http"]]
        )
    ]

    def test_every_vector_is_looked_at(self):
        assert {vector["id"] for vector in VECTORS["errors"]} == {*VECTOR_KINDS, *ELSEWHERE}

    @pytest.mark.parametrize(
        ("vector", "status"), CASES, ids=[f"{vector['id']}-{status}" for vector, status in CASES]
    )
    def test_the_kind_the_bill_and_the_retry(self, vector, status):
        error = error_of(status, vector["body_example"])
        expected = VECTOR_KINDS[vector["id"]]
        if isinstance(expected, dict):
            assert error.kind is expected[status]
            assert (error.billed, error.retry) == (Billed.UNKNOWN, Retry.NEVER)
            return
        assert error.kind is expected
        assert error.billed is BILLED[vector["billed"]]
        assert (error.retry is Retry.NEVER) == (vector["retry"] in RETRY)


class TestStatusThenWordsThenCode:
    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_the_providers_own_failure_with_readable_words_may_be_tried_again(self, status):
        error = error_of(status, said("The server had an error while processing your request."))
        assert (error.kind, error.billed, error.retry) == (
            ErrorKind.UPSTREAM_ERROR,
            Billed.NO,
            Retry.BACKOFF,
        )
        assert isinstance(error, RejectedError)

    @pytest.mark.parametrize("status", [500, 502, 503, 501, 505, 599, 524, 522, 504, 408])
    @pytest.mark.parametrize(
        "body", ["", "<html>Bad gateway</html>", "{}", "[]", "null", '{"error":{}}', "{"]
    )
    def test_without_readable_words_nobody_knows(self, status, body):
        error = error_of(status, body)
        assert (error.billed, error.retry) == (Billed.UNKNOWN, Retry.NEVER)
        assert isinstance(error, OutcomeUnknownError)

    @pytest.mark.parametrize("status", [504, 408, 520, 522, 524])
    def test_a_timeout_on_the_way_stays_unknown_even_with_words(self, status):
        error = error_of(status, said("gateway timeout", code="bad_response_status_code"))
        assert (error.kind, error.billed) == (ErrorKind.GATEWAY_TIMEOUT, Billed.UNKNOWN)

    def test_safety_comes_before_parameters(self):
        error = error_of(400, said("Invalid value: rejected by the safety system", param="prompt"))
        assert error.kind is ErrorKind.MODERATION

    def test_balance_comes_before_busy(self):
        error = error_of(429, said("Too many requests: quota is used up", code="rate_limit_exceeded"))
        assert (error.kind, error.retry) == (ErrorKind.BALANCE, Retry.NEVER)

    @pytest.mark.parametrize("words", ["用户额度不足", "余额不足", "insufficient_user_quota"])
    def test_balance_in_other_words(self, words):
        assert error_of(403, said(words)).kind is ErrorKind.BALANCE

    def test_a_refused_parameter_sent_as_429_is_not_waited_for(self):
        error = error_of(429, said("quality must be one of low, medium, high"))
        assert (error.kind, error.retry) == (ErrorKind.REFUSED_PARAMETER, Retry.NEVER)
        assert error.values["field"] == "quality"

    @pytest.mark.parametrize(
        "words",
        [
            "当前分组上游负载已饱和，请稍后再试",
            "Upstream load is saturated, please try again later",
            "Rate limit reached for images per minute",
            "",
        ],
    )
    def test_a_full_channel_may_be_waited_for(self, words):
        error = error_of(429, said(words))
        assert (error.kind, error.billed, error.retry) == (ErrorKind.BUSY, Billed.NO, Retry.WAIT)

    @pytest.mark.parametrize(
        "body",
        [
            said("Unknown parameter: 'moderation'.", param="moderation", code="unknown_parameter"),
            said("Invalid value for parameter 'moderation': must be one of auto, low"),
        ],
    )
    def test_the_parameter_called_moderation_is_no_verdict(self, body):
        error = error_of(400, body, {"moderation"})
        assert error.kind is ErrorKind.REFUSED_PARAMETER
        assert error.values["field"] == "moderation"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            (said("Unknown parameter: 'response_format'."), "response_format"),
            (said("nope", param="quality"), "quality"),
            (said("parameter validation failed: field 'quality' is not supported"), "quality"),
            (said("this channel cannot do size"), "size"),
            (said("The parameter input_fidelity is not supported for this model."), "input_fidelity"),
        ],
    )
    def test_the_refused_field_is_named(self, body, field):
        error = error_of(400, body)
        assert error.kind is ErrorKind.REFUSED_PARAMETER
        assert error.values["field"] == field
        assert field in error.sentence

    @pytest.mark.parametrize(
        "body", [{"message": "Internal server error"}, '"upstream connect error"', {"error": {"code": 502}}]
    )
    def test_a_proxys_words_are_not_the_providers_own(self, body):
        error = error_of(502, body)
        assert (error.kind, error.billed) == (ErrorKind.UNREADABLE_ANSWER, Billed.UNKNOWN)

    def test_a_field_that_is_a_key_is_not_shown(self):
        error = error_of(400, said("nope", param=KEY))
        assert KEY not in str(error.values) + str(error)

    def test_a_500_can_still_be_a_verdict(self):
        assert error_of(500, said("blocked by the safety system")).kind is ErrorKind.MODERATION

    def test_an_unknown_model(self):
        assert error_of(400, said("bad", param="model", code="invalid_value")).kind is ErrorKind.UNKNOWN_MODEL

    def test_missing_permission_is_not_a_missing_balance(self):
        assert error_of(403, said("Insufficient permissions")).kind is ErrorKind.FORBIDDEN

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, ErrorKind.REFUSED),
            (401, ErrorKind.BAD_KEY),
            (402, ErrorKind.BALANCE),
            (403, ErrorKind.FORBIDDEN),
            (404, ErrorKind.WRONG_ADDRESS),
            (413, ErrorKind.TOO_LARGE),
            (418, ErrorKind.REFUSED),
            (451, ErrorKind.MODERATION),
        ],
    )
    @pytest.mark.parametrize("body", ["", "<html><body>no</body></html>", "{}", "\x00\x01"])
    def test_without_words_the_status_decides(self, status, kind, body):
        error = error_of(status, body)
        assert (error.kind, error.billed, error.status) == (kind, Billed.NO, status)

    @pytest.mark.parametrize(
        "body", ["invalid token", said("x")["error"], {"message": "x"}, {"error": "x"}, [1]]
    )
    def test_error_bodies_come_in_many_shapes(self, body):
        assert error_of(401, body).kind is ErrorKind.BAD_KEY

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_an_error_of_its_own(self, status):
        error = error_of(status, "")
        assert (error.kind, error.billed) == (ErrorKind.REDIRECTED, Billed.NO)

    def test_a_redirect_that_says_done_may_have_cost_money(self):
        error = error_of(303, "")
        assert (error.kind, error.billed) == (ErrorKind.REDIRECTED, Billed.UNKNOWN)
        assert isinstance(error, OutcomeUnknownError)

    def test_an_error_inside_a_200_may_have_cost_money(self):
        error = from_answer(
            {"message": "rejected by the safety system"}, status=200, sent_fields=(), key=KEY, host="x"
        )
        assert (error.kind, error.billed, error.retry) == (
            ErrorKind.MODERATION,
            Billed.UNKNOWN,
            Retry.NEVER,
        )


class TestRefusedSwitches:
    """A field that is sent only on request and refused by name may be left out, for the call was free."""

    def refused(self, status: int, body: object, *switches: str) -> str | None:
        error = from_status(
            status, {}, json.dumps(body).encode(), sent_fields=FIELDS | {"background"}, key=KEY, host="x",
            switches=switches,
        )  # fmt: skip
        field = getattr(error, "refused_field", None)
        assert field is None or (isinstance(error, RejectedError) and error.billed is Billed.NO)
        return field

    WORDS = {
        "quality must be one of low, medium, high": "quality",
        "Unknown parameter: 'size'.": "size",
        "Invalid size '1536x1024'.": "size",
        "Transparent background is not supported for this model.": "background",
    }

    @pytest.mark.parametrize("status", [400, 422])
    @pytest.mark.parametrize("words", WORDS)
    def test_it_is_named(self, status, words):
        assert self.refused(status, said(words), "quality", "size", "background") == self.WORDS[words]

    @pytest.mark.parametrize("words", list(WORDS)[:2])
    def test_it_is_named_where_the_status_says_busy(self, words):
        assert self.refused(429, said(words), "quality", "size") == self.WORDS[words]

    def test_a_field_that_is_no_switch_is_not(self):
        assert self.refused(400, said("quality must be one of low, medium, high"), "size") is None

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (400, said("rejected by the safety system: size of ...", param="size")),
            (429, said("Upstream load is saturated, please try again later")),
            (401, said("Unknown parameter: 'size'.", param="size")),
            (500, said("Unknown parameter: 'size'.", param="size")),
            (504, said("Unknown parameter: 'size'.", param="size")),
        ],
    )
    def test_other_refusals_are_not(self, status, body):
        assert self.refused(status, body, "quality", "size") is None


class TestRetryAfter:
    NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("7", 7),
            (" 30 ", 30),
            ("Sat, 21 Nov 2026 12:00:09 GMT", 9),
            ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
            ("", None),
            ("soon", None),
            ("-5", None),
            ("1.5", None),
            ("٣", None),
            ("Sat, 99 Nov 2026 12:00:09 GMT", None),
        ],
    )
    def test_seconds_or_a_date(self, text, seconds):
        assert retry_after_seconds({"retry-after": text}, self.NOW) == seconds

    def test_it_is_in_the_error(self):
        error = from_status(429, httpx.Headers({"Retry-After": "7"}), b"", sent_fields=(), key=KEY, host="x")
        assert error.retry_after_seconds == 7


class TestRedaction:
    @pytest.mark.parametrize(
        "text",
        [
            f"Incorrect API key provided: {KEY}.",
            f"header was Authorization: Bearer {KEY}",
            "key sk-abc***xyz is wrong",
            "Bearer abcdefgh123",
        ],
    )
    def test_keys_are_taken_out(self, text):
        clean = redact(text, KEY)
        assert KEY not in clean
        assert "abc" not in clean
        assert "[hidden]" in clean

    def test_picture_data_is_taken_out(self):
        assert redact("got data:image/png;base64," + "iVBOR" * 50 + " back") == "got [data] back"

    def test_markup_becomes_words(self):
        page = "<html><head><title>502 Bad Gateway</title><style>p{}</style></head><h1>nginx</h1></html>"
        assert redact(page) == "502 Bad Gateway nginx"

    def test_it_is_one_short_line(self):
        clean = redact("a b\n\t\x00\u202e" * 1000)
        assert len(clean) <= MAX_CHARACTERS
        assert "\n" not in clean
        assert "\x00" not in clean
        assert "\u202e" not in clean

    def test_an_error_never_shows_the_key(self):
        error = error_of(401, said(f"Invalid token {KEY}"))
        assert KEY not in str(error) + repr(error) + error.provider_message

    @pytest.mark.parametrize(
        ("text", "token"), [("abc-1", "abc-1"), (" a\r\nb ", "ab"), ("", None), (None, None), ("é", None)]
    )
    def test_a_request_id_is_printable(self, text, token):
        assert clean_token(text) == token
