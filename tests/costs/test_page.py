"""The Costs page: real money and the simulator's apart, any days, in a fixed number of queries."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from playground.costs import ledger
from playground.costs.models import Budget, Entry
from playground.gallery.models import Picture
from tests.costs.bills import budget, end, facts, lost, reserve, used
from tests.factories import connection as a_connection
from tests.factories import picture
from tests.studio.pages import said, source

pytestmark = pytest.mark.django_db
PAGE, LIMITS = "/costs/", "/costs/limits/"


def spent(workspace, amount="0.03", **fields):
    fields = {"sent_at": timezone.now()} | fields
    return ledger.record(facts(workspace, estimated=Decimal(amount), actual=Decimal(amount), **fields))


class TestThePage:
    def test_is_there_before_anything_was_bought(self, client):
        answer = client.get(PAGE)
        assert answer.status_code == 200
        assert "Nothing was bought yet" in said(answer)

    def test_adds_up_today_the_month_and_all(self, client, workspace):
        spent(workspace, "1.86")
        spent(workspace, "2", sent_at=timezone.now() - timedelta(days=400))
        words = said(client.get(PAGE))
        assert "Today $1.86" in words and "This month $1.86" in words and "In all $3.86" in words

    def test_never_adds_what_was_simulated(self, client, workspace):
        spent(workspace, "1")
        spent(workspace, "7", simulated=True)
        real, pretended = said(client.get(PAGE)), said(client.get(PAGE, {"of": "simulator"}))
        assert "In all $1.00" in real and "$7" not in real
        assert "In all $7.00" in pretended and "In all $1.00" not in pretended

    def test_shows_the_days_that_are_asked_for(self, client, workspace):
        spent(workspace, "1", sent_at=datetime(2026, 3, 5, 12, tzinfo=UTC))
        spent(workspace, "2", sent_at=datetime(2026, 3, 7, 12, tzinfo=UTC))
        assert "$3.00 for 2 pictures. Calls: 2" in said(
            client.get(PAGE, {"first": "2026-03-05", "last": "2026-03-07"})
        )
        assert "$1.00 for 1 picture. Calls: 1" in said(
            client.get(PAGE, {"first": "2026-03-01", "last": "2026-03-06"})
        )

    @pytest.mark.parametrize(
        "query", ["first=x&last=9999-99-99", "first=2026-03-07&last=0001-01-01", "of=%00"]
    )
    def test_of_nonsense_is_no_server_error(self, client, query):
        assert client.get(f"{PAGE}?{query}").status_code == 200

    def test_breaks_the_sum_down(self, client, workspace, alice):
        row = a_connection(workspace, "Second way")
        spent(workspace, "1", person=alice.pk, connection=row.pk, mode="edit")
        ledger.record(lost(workspace, sent_at=timezone.now()))
        words = said(client.get(PAGE))
        assert (
            "alice $1.000" in words
            and "Second way $1.000" in words
            and "Edit with references $1.000" in words
        )
        assert "Calls: 2, without a picture: 1, for $0.030" in words

    def test_divides_by_the_pictures_that_were_kept(self, client, paid_provider, workspace):
        pictures = [picture(workspace) for _ in range(3)]
        Picture.objects.filter(pk=pictures[0].pk).update(is_favourite=True)
        Picture.objects.filter(pk=pictures[1].pk).update(rating=4)
        assert "gpt-image-2-all $0.090 3 3 $0.030 $0.045 of 2" in said(client.get(PAGE))

    def test_measures_what_was_said_by_what_was_billed(self, client, workspace):
        for actual in ("0.04", "0.06"):
            ledger.record(facts(workspace, estimated=Decimal("0.05"), actual=Decimal(actual)))
        words = said(client.get(PAGE))
        assert "2 $0.050 $0.050 0.0 % -20.0 … 20.0 % 1" in words

    def test_prices_the_month_on_each_channel(self, client, workspace):
        for _ in range(2):
            spent(workspace, "0.006", model_id="gpt-image-2", size="1024x1024", quality="low")
        words = said(client.get(PAGE))
        assert "2 pictures came, for $0.01" in words
        assert "gpt-image-2-all $0.06 0" in words and "gpt-image-2-vip $0.06 0" in words
        assert "gpt-image-2 $0.01 2" in words

    def test_costs_as_many_queries_with_many_calls_as_with_few(self, client, workspace, alice):
        counts = []
        for _ in range(2):
            for number in range(6):
                spent(
                    workspace,
                    mode=["text", "edit"][number % 2],
                    sent_at=timezone.now() - timedelta(days=number),
                )
                ledger.record(lost(workspace))
            with CaptureQueriesContext(connection) as seen:
                client.get(PAGE, {"first": "2026-01-01"})
            counts.append(len(seen))
        assert counts[0] == counts[1] <= 22

    def test_is_of_one_workspace(self, client, workspace, charlie):
        other = charlie.workspaces.get()
        spent(other, "9")
        ledger.record(lost(other))
        assert "$9" not in said(client.get(PAGE))
        assert (
            client.post(f"/costs/entries/{Entry.objects.latest('pk').pk}/bill/", {"billed": "no"}).status_code
            == 404
        )


class TestTheBill:
    @pytest.fixture
    def unsettled(self, workspace, alice):
        daily = budget(workspace, "1")
        (picture,) = reserve(workspace, "0.05")
        end(
            workspace,
            picture,
            billed="unknown",
            actual=None,
            estimated=Decimal("0.05"),
            sent_at=timezone.now(),
        )
        return daily, Entry.objects.get()

    def say(self, client, entry, **said):
        return client.post(f"/costs/entries/{entry.pk}/bill/", said, follow=True)

    def test_lists_what_only_it_can_tell(self, client, unsettled):
        words = said(client.get(PAGE))
        assert "Look at the provider’s bill" in words
        assert unsettled[1].request_id in words

    def test_without_the_call_gives_the_money_back(self, client, unsettled):
        daily, entry = unsettled
        self.say(client, entry, billed="no")
        assert used(daily) == (0, 0)
        assert "Look at the provider’s bill" not in said(client.get(PAGE))

    def test_with_the_call_counts_what_stands_there(self, client, unsettled):
        daily, entry = unsettled
        self.say(client, entry, billed="yes", amount="0.012")
        assert used(daily) == (Decimal("0.012"), 0)

    def test_is_believed_once(self, client, unsettled):
        daily, entry = unsettled
        self.say(client, entry, billed="yes")
        assert "was settled already" in said(self.say(client, entry, billed="no"))
        assert used(daily) == (Decimal("0.05"), 0)

    @pytest.mark.parametrize(
        "fields",
        [{}, {"billed": "maybe"}, {"billed": "yes", "amount": "-1"}, {"billed": "yes", "amount": "x"}],
    )
    def test_that_makes_no_sense_changes_nothing(self, client, unsettled, fields):
        self.say(client, unsettled[1], **fields)
        assert Entry.objects.count() == 1


class TestTheFile:
    def lines(self, client, **query):
        answer = client.get("/costs/ledger.csv", query)
        assert answer["Content-Type"].startswith("text/csv")
        return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))

    def test_has_every_entry_of_the_days(self, client, workspace):
        spent(workspace, "0.012345")
        spent(workspace, sent_at=timezone.now() - timedelta(days=90))
        ledger.settle_unknown(ledger.record(lost(workspace, sent_at=timezone.now())), billed=False)
        lines = self.lines(client)
        assert [(line["why"], line["change"]) for line in lines] == [
            ("call", "0.012345"), ("call", "0.030000"), ("person", "-0.030000")
        ]  # fmt: skip

    def test_holds_no_formula(self, client, workspace):
        spent(workspace, connection_name="=HYPERLINK(1)", request_id="@x")
        (line,) = self.lines(client)
        assert (line["connection"], line["request id"]) == ("'=HYPERLINK(1)", "'@x")

    def test_keeps_the_simulators_apart(self, client, workspace):
        spent(workspace, simulated=True)
        assert self.lines(client) == []
        assert len(self.lines(client, of="simulator")) == 1

    def test_goes_on_beyond_one_chunk(self, client, workspace, monkeypatch):
        monkeypatch.setattr("playground.costs.export.CHUNK", 2)
        for _ in range(5):
            spent(workspace)
        assert len(self.lines(client)) == 5


class TestTheLimits:
    def test_are_set_and_replaced_and_taken_away(self, client, workspace):
        client.post(LIMITS, {"whose": "all", "period": "day", "limit": "5", "warn_percent": ""})
        client.post(LIMITS, {"whose": "all", "period": "day", "limit": "7.50", "warn_percent": "50"})
        one = Budget.objects.get()
        assert (one.limit, one.warn_percent) == (Decimal("7.5"), 50)
        assert "$7.50 a day for everybody" in said(client.get(LIMITS))
        client.post(f"/costs/limits/{one.pk}/lift/")
        assert not Budget.objects.exists()

    def test_are_of_a_person_or_a_connection(self, client, workspace, alice):
        row = a_connection(workspace, "Main")
        client.post(LIMITS, {"whose": f"person-{alice.pk}", "period": "month", "limit": "5"})
        client.post(LIMITS, {"whose": f"connection-{row.pk}", "period": "all", "limit": "6"})
        words = said(client.get(LIMITS))
        assert "$5.00 a month for alice" in words and "$6.00 in all through “Main”" in words

    @pytest.mark.parametrize("limit", ["", "x", "-1", "1e9", "NaN"])
    def test_that_are_no_amount_are_refused(self, client, workspace, limit):
        answer = client.post(LIMITS, {"whose": "all", "period": "day", "limit": limit})
        assert answer.status_code == 422 and 'aria-invalid="true"' in source(answer)
        assert not Budget.objects.exists()

    def test_of_a_stranger_are_not_there(self, client, workspace, charlie):
        theirs = budget(charlie.workspaces.get(), "1")
        assert client.post(f"/costs/limits/{theirs.pk}/lift/").status_code == 404
        answer = client.post(LIMITS, {"whose": f"person-{charlie.pk}", "period": "day", "limit": "1"})
        assert answer.status_code == 422

    def test_count_in_the_page(self, client, workspace):
        budget(workspace, "5")
        spent(workspace, "1.86")
        assert "Today $1.86 of $5.00" in said(client.get(PAGE))
