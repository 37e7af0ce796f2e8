"""The ledger: one entry for each call, what is known better is added, and the sums follow it to the millionth."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.costs import ledger
from playground.costs.ledger import AlreadySettledError
from playground.costs.models import Entry, Total
from tests.costs.bills import drawn, facts, lost, sums, sums_of_ledger, undone

pytestmark = pytest.mark.django_db


def total() -> Decimal:
    return sum((entry.change for entry in Entry.objects.all()), Decimal(0))


class TestACall:
    def test_counts_what_it_cost(self, workspace):
        entry = ledger.record(facts(workspace, estimated=Decimal("0.05"), actual=Decimal("0.041234")))
        entry.refresh_from_db()
        assert (entry.counts, entry.change, entry.estimated) == (
            Decimal("0.041234"), Decimal("0.041234"), Decimal("0.05")
        )  # fmt: skip

    @pytest.mark.parametrize("billed", ["yes", "unknown"])
    def test_that_may_have_cost_something_counts_at_most(self, workspace, billed):
        assert ledger.record(lost(workspace, billed=billed)).counts == Decimal("0.03")

    def test_that_was_free_counts_nothing(self, workspace):
        assert ledger.record(lost(workspace, billed="no")).counts == 0

    def test_is_entered_once(self, workspace):
        call = facts(workspace)
        assert ledger.record(call) is not None
        assert ledger.record(call) is None
        assert Entry.objects.count() == 1

    def test_counts_on_the_day_of_the_installations_own_clock(self, workspace, settings):
        settings.TIME_ZONE = "Asia/Shanghai"
        entry = ledger.record(facts(workspace, sent_at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC)))
        assert entry.day == date(2026, 12, 1)


class TestAnEntry:
    def test_is_never_changed(self, workspace):
        entry = ledger.record(facts(workspace))
        with pytest.raises(TypeError):
            entry.save()
        with pytest.raises(DatabaseError), transaction.atomic():
            Entry.objects.update(billed="no", counts=0)

    def test_is_never_taken_away(self, workspace):
        entry = ledger.record(facts(workspace))
        with pytest.raises(DatabaseError), transaction.atomic():
            entry.delete()
        assert Entry.objects.filter(pk=entry.pk).exists()

    def test_is_corrected_once_even_by_two(self, workspace):
        """The database refuses the second correction of the same entry."""
        entry = ledger.record(lost(workspace))
        ledger.settle_unknown(entry, billed=False)
        with pytest.raises(AlreadySettledError):
            ledger.settle_unknown(entry, billed=True)
        with pytest.raises(DatabaseError), transaction.atomic():
            again = ledger._copy(entry)
            again.why = Entry.Why.PERSON
            ledger._correct(entry, again)


class TestACorrection:
    def test_a_late_answer_says_what_it_cost(self, workspace):
        call = lost(workspace, estimated=Decimal("0.05"))
        first = ledger.record(call)
        second = ledger.record(facts(workspace, call=call.call, picture=call.picture, actual=Decimal("0.02")))

        assert (second.corrects, second.why, second.change) == (first, "late", Decimal("-0.03"))
        assert list(Entry.objects.standing()) == [second]
        assert total() == ledger.counted(call.picture) == Decimal("0.02")
        assert not Entry.objects.unsettled().exists()

    def test_a_person_says_that_it_was_not_billed(self, workspace, alice):
        entry = ledger.record(lost(workspace))
        said = ledger.settle_unknown(entry, billed=False, person=alice.pk)
        assert (said.billed, said.written_by, said.why, said.change) == (
            "no", alice.pk, "person", Decimal("-0.03")
        )  # fmt: skip
        assert total() == 0

    def test_a_person_says_that_it_was_billed(self, workspace):
        said = ledger.settle_unknown(ledger.record(lost(workspace)), billed=True)
        assert (said.billed, said.change, total()) == ("yes", 0, Decimal("0.03"))

    def test_an_answer_knows_better_than_a_person(self, workspace):
        call = lost(workspace)
        ledger.settle_unknown(ledger.record(call), billed=False)
        ledger.record(facts(workspace, call=call.call, picture=call.picture))
        assert total() == Decimal("0.03")
        assert Entry.objects.count() == 3

    def test_what_waits_for_it_is_found_along_an_index(self, workspace):
        if connection.vendor != "sqlite":
            pytest.skip("a small table is scanned whole on PostgreSQL")
        plan = Entry.objects.of(workspace).unsettled()[:10].explain()
        assert "entry_billed" in plan and "AUTOMATIC" not in plan and "SCAN" not in plan

    def test_what_was_never_in_doubt_is_not_settled(self, workspace):
        with pytest.raises(AlreadySettledError):
            ledger.settle_unknown(ledger.record(facts(workspace)), billed=True)


class TestTheSums:
    def test_keep_apart_what_is_not_alike(self, workspace):
        for fields in ({}, {}, {"simulated": True}, {"mode": "edit"}, {"person": 7}):
            ledger.record(facts(workspace, **fields))
        assert sorted(Total.objects.filter(grain="day").values_list("simulated", "mode", "person", "calls")) == [
            (False, "edit", 0, 1), (False, "text", 0, 2), (False, "text", 7, 1), (True, "text", 0, 1),
        ]  # fmt: skip

    def test_know_what_was_spent_in_vain(self, workspace):
        ledger.record(lost(workspace))
        row = Total.objects.get(grain="day")
        assert (row.in_vain, row.in_vain_amount) == (1, Decimal("0.03"))

    def test_count_the_pictures_that_came(self, workspace):
        call = lost(workspace, size="2048x1152")
        ledger.record(call)
        assert drawn() == {}
        ledger.record(facts(workspace, call=call.call, size="2048x1152"))
        ledger.record(facts(workspace, size="2048x1152", references=2))
        assert drawn() == {
            ("gpt-image-2-all", "2048x1152", 0): (1, Decimal("0.03")),
            ("gpt-image-2-all", "2048x1152", 2): (1, Decimal("0.03")),
        }

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_equal_the_ledger_whatever_happens(self, workspace, data):
        """Calls, late answers and people's words in any order."""
        with undone():
            amounts = st.decimals(0, 2, places=6)
            for _step in range(data.draw(st.integers(1, 8))):
                known = list(Entry.objects.standing())
                what = data.draw(st.sampled_from(["call", "again", "bill"] if known else ["call"]))
                entry = data.draw(st.sampled_from(known)) if known else None
                fields = {
                    "billed": data.draw(st.sampled_from(["yes", "no", "unknown"])),
                    "estimated": data.draw(amounts),
                    "brought_picture": data.draw(st.booleans()),
                }
                fields["actual"] = data.draw(amounts) if fields["billed"] == "yes" else None
                if what == "bill" and entry.billed == "unknown":
                    ledger.settle_unknown(entry, billed=data.draw(st.booleans()))
                elif what == "again":
                    ledger.record(facts(workspace, call=entry.call, picture=entry.picture, **fields))
                else:
                    ledger.record(
                        facts(workspace, mode=data.draw(st.sampled_from(["text", "edit"])), **fields)
                    )
            assert sums() == sums_of_ledger()
            assert total() == sum((entry.counts for entry in Entry.objects.standing()), Decimal(0))
