"""What the composer says of money before the click: what the budgets have left, and where a price comes from."""

import re
from decimal import Decimal

import pytest

from playground import catalog
from playground.costs.models import Hold
from playground.runs.models import Run
from playground.studio.reasons import reason_of
from tests.costs.bills import budget, reserve, used
from tests.factories import ALL, OFFICIAL, VIP
from tests.studio.pages import HTMX, form, said, source

pytestmark = pytest.mark.django_db
GENERATE, ESTIMATE = "/studio/generate/", "/studio/estimate/"


class TestABudget:
    def test_that_does_not_allow_it_refuses_with_a_sentence_and_keeps_the_form(
        self, client, workspace, paid_provider
    ):
        daily = budget(workspace, "0.05")
        answer = client.post(GENERATE, form("A pear", models=(ALL, VIP)), headers=HTMX)

        assert answer.status_code == 422
        assert (
            "The budget of $0.05 a day for everybody does not allow it: $0.050 is left, and this may cost $0.060. "
            "Nothing was started." in said(answer)
        )
        assert "A pear" in said(answer)
        assert not Run.objects.exists() and not Hold.objects.exists()
        assert used(daily) == (0, 0)

    def test_says_what_is_left_and_when_it_is_too_much(self, client, workspace, paid_provider):
        budget(workspace, "0.10"), budget(workspace, "5", "month")
        reserve(workspace, "0.03")
        assert "Left of $0.10 a day for everybody $0.070" in said(client.post(ESTIMATE, form()))
        many = said(client.post(ESTIMATE, form(**{f"{ALL}__variants": "3"})))
        assert "More than the budget of $0.10 a day for everybody allows: $0.070 is left" in many

    def test_warns_from_its_share_on(self, client, workspace, paid_provider):
        budget(workspace, "1.00", warn_percent=50)
        assert "ledger__warns" not in source(client.post(ESTIMATE, form()))
        reserve(workspace, "0.50")
        assert "ledger__warns" in source(client.post(ESTIMATE, form()))

    def test_of_somebody_else_is_not_mentioned(self, client, workspace, paid_provider, alice):
        budget(workspace, "0.01", person=alice)
        assert "budget" not in said(client.post(ESTIMATE, form()))

    def test_is_nothing_to_the_simulator(self, client, workspace):
        budget(workspace, "0")
        assert client.post(GENERATE, form()).status_code == 302

    def test_stands_beside_todays_sum(self, client, workspace, paid_provider):
        budget(workspace, "5")
        assert "Spent today: $0.00 / $5.00" in said(client.get("/"))


class TestWhyThisPrice:
    def reason(self, model=OFFICIAL, references=0, multiplier=Decimal(1), **parameters):
        estimate = catalog.estimate(
            catalog.default().get(model),
            parameters,
            prompt_tokens=58,
            references=references,
            multiplier=multiplier,
        )
        return reason_of(estimate, references)

    def test_a_token_price_is_reckoned_term_by_term(self):
        reason = self.reason(references=2, size="1024x1024", quality="medium")
        words = [term.words for term in reason.terms]
        assert words[0] == "1,756 output tokens × $30 per million"
        assert words[1] == "58 text tokens × $5 per million"
        assert words[2].startswith("2 pictures that go along: ") and words[2].endswith(" × $8 per million")
        assert reason.terms[0].amount == "$0.053"
        assert re.search(r"up to \$0\.\d{3} of the price is not certain", reason.certainty)

    def test_a_flat_price_is_one_call(self):
        reason = self.reason(VIP)
        assert [(term.words, term.amount) for term in reason.terms] == [
            ("One call, whatever it draws", "$0.030")
        ]
        assert reason.certainty.startswith("Exact")

    def test_a_discount_is_a_line_of_its_own(self):
        last = self.reason(VIP, multiplier=Decimal("0.8500")).terms[-1]
        assert (last.words, last.amount) == ("You pay 85 % of the list price", "$0.026")

    def test_what_is_left_to_the_provider_is_a_range(self):
        assert "left to the provider" in self.reason(size="auto").certainty

    def test_stands_in_the_composer(self, client):
        answer = client.post(ESTIMATE, form(models=(ALL, OFFICIAL)), headers=HTMX)
        assert 'id="reason-gpt-image-2"' in answer.content.decode()
        assert "One call, whatever it draws" in said(answer)
