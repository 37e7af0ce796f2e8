"""A provider's usage file: lines find their calls, doubtful calls are settled by it only when somebody agrees."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from playground.costs import ledger
from playground.costs.models import Entry
from playground.costs.statement import UnreadableStatementError, compare, read_lines
from tests.costs.bills import WHEN, budget, end, facts, lost, reserve, used
from tests.studio.pages import said, source

PAGE = "/costs/statement/"


def file(*lines: str, heading: str = "Request ID,Time,Model,Cost") -> bytes:
    return "\n".join([heading, *lines]).encode()


def line(request_id="", minutes=0.0, model="gpt-image-2-all", amount="0.03") -> str:
    return f"{request_id},{WHEN + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S%z},{model},{amount}"


class TestReading:
    def test_knows_columns_by_the_names_that_providers_give_them(self):
        chinese = read_lines("时间,模型,费用\n2026-11-21 14:08:00,gpt-image-2,$0.05".encode("utf-8-sig"))
        assert (chinese[0].model_id, chinese[0].amount, chinese[0].at.minute) == (
            "gpt-image-2",
            Decimal("0.05"),
            8,
        )
        (seconds,) = read_lines(file("7,1795262880,gpt-image-2,1", heading="id,created_at,model_name,amount"))
        assert seconds.at.year == 2026

    def test_leaves_out_what_is_no_charge(self):
        assert read_lines(file("a,,m,", "b,,m,free", "c,,m,NaN", "d,,m,-1", "", "e")) == []

    @pytest.mark.parametrize(
        "content", [b"", b"\xff\xfe\x00", b"a,b\n1,2", file("x", heading="time,cost"), b'"open']
    )
    def test_of_something_else_says_so(self, content):
        with pytest.raises(UnreadableStatementError):
            read_lines(content)


@pytest.mark.django_db
class TestMatching:
    def report(self, workspace, *lines):
        return compare(workspace, read_lines(file(*lines)))

    def test_goes_by_the_request_id_first(self, workspace):
        ledger.record(lost(workspace, request_id="req-a", model_id="gpt-image-2"))
        report = self.report(
            workspace, line("other", model="gpt-image-2"), line("req-a", minutes=3, amount="0.02")
        )
        (match,) = report.settled
        assert (match.line.amount, match.by_id) == (Decimal("0.02"), True)
        assert [one.number for one in report.strangers] == [2]

    def test_goes_by_time_and_model_where_there_is_none(self, workspace):
        ledger.record(lost(workspace, request_id=""))
        assert self.report(workspace, line(minutes=1, model="gpt-image-2")).settled == []
        assert self.report(workspace, line(minutes=30), line(minutes=-30)).settled == []
        (match,) = self.report(workspace, line(minutes=1)).settled
        assert match.by_id is False

    def test_leaves_a_known_call_its_own_line(self, workspace):
        """One charge, two calls of the same minute: the one that is known to be billed takes it."""
        ledger.record(lost(workspace, request_id=""))
        ledger.record(facts(workspace, request_id="", sent_at=WHEN + timedelta(seconds=20)))
        report = self.report(workspace, line(minutes=1))
        assert (report.settled, report.agreeing, len(report.missing)) == ([], 1, 1)

    def test_tells_what_costs_something_else(self, workspace):
        ledger.record(facts(workspace, request_id="req-b"))
        report = self.report(workspace, line("req-b", amount="0.04"))
        assert [(match.entry.counts, match.line.amount) for match in report.differing] == [
            (Decimal("0.03"), Decimal("0.04"))
        ]

    def test_asks_nothing_of_the_simulators_calls_or_another_workspaces(self, workspace, charlie):
        ledger.record(lost(workspace, simulated=True, request_id="s"))
        ledger.record(lost(charlie.workspaces.get(), request_id="c"))
        report = self.report(workspace, line("s"), line("c"))
        assert (report.settled, report.missing, len(report.strangers)) == ([], [], 2)


@pytest.mark.django_db
class TestThePage:
    @pytest.fixture
    def doubtful(self, workspace):
        """Two calls that may have been billed, and the limit that they count in."""
        daily = budget(workspace, "1")
        for request_id, picture in zip(
            ("req-1st", "req-2nd"), reserve(workspace, "0.05", "0.05"), strict=True
        ):
            end(
                workspace, picture, request_id=request_id, billed="unknown", actual=None, brought_picture=False,
                estimated=Decimal("0.05"),
            )  # fmt: skip
        return daily, list(Entry.objects.order_by("id"))

    def post(self, client, *lines):
        return client.post(PAGE, {"file": SimpleUploadedFile("usage.csv", file(*lines))})

    def test_shows_what_the_file_says_and_writes_nothing(self, client, doubtful):
        daily, (first, second) = doubtful
        answer = self.post(client, line("req-1st", amount="0.02"))
        assert f'name="billed" value="{first.pk}" checked' in source(answer)
        assert f'name="missing" value="{second.pk}"' in source(answer)
        assert Entry.objects.count() == 2 and used(daily) == (Decimal("0.10"), 0)

    def test_settles_what_is_ticked(self, client, doubtful):
        daily, (first, second) = doubtful
        ticked = {"billed": [first.pk], f"amount-{first.pk}": "0.02", "missing": [second.pk]}
        assert "2 calls were settled" in said(client.post(f"{PAGE}settle/", ticked, follow=True))
        assert used(daily) == (Decimal("0.02"), 0)
        assert "0 calls were settled" in said(client.post(f"{PAGE}settle/", ticked, follow=True))

    def test_of_nonsense_settles_nothing(self, client, doubtful, charlie):
        theirs = ledger.record(lost(charlie.workspaces.get()))
        client.post(f"{PAGE}settle/", {"billed": [doubtful[1][0].pk, "x"], "missing": [theirs.pk, "²"]})
        assert Entry.objects.count() == 3

    def test_of_another_file_says_what_it_should_be(self, client):
        answer = client.post(PAGE, {"file": SimpleUploadedFile("a.csv", b"a,b\n1,2")})
        assert answer.status_code == 422
        assert "It should be a CSV with a heading" in said(answer)
        assert client.get(PAGE).status_code == 200
