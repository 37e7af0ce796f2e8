"""A stranger with a link reaches nothing else: every address of the project is tried, with all that he could have.

The addresses are found by walking the resolver, so those of rooms to come are tried too. An address with a part that
nobody has thought of fails the test until PARTS says what of the owner's it names.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from playground.accounts.models import Membership, User, Workspace
from playground.costs import budgets
from playground.costs.models import Budget
from playground.costs.periods import Period
from playground.gallery import marks
from playground.gallery.models import Tag
from playground.sharing.models import Link
from playground.votes import ballots
from playground.votes.models import judge_of
from tests import factories
from tests.chat import talks
from tests.sharing.shares import PASSWORD, Visitor, all_of, collection, everything, shared

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("team_mode")]

# Open to everybody, because nothing of anybody's is in them. Whatever is not here leads strangers to the login.
DOORS = {"login", "logout", "health", "language", "theme"}
# What a person with an account elsewhere may open: the same for everybody, and nobody's.
OF_THE_PRODUCT = {"studio:recipe", "studio:recipe-picture", "models:model"}


# -- What is tried ---------------------------------------------------------------------------------------------------


class Belongings:
    """Something of each kind in Alice's workspace, with SECRET in every word that anybody wrote."""

    def __init__(self, workspace: Workspace, person: User) -> None:
        self.upload = factories.upload(workspace, name="SECRETFILE.png")
        self.mask = factories.mask(self.upload)
        self.output = factories.picture(workspace, 700, 500, prompt="SECRETPROMPT one")
        self.other = factories.picture(
            workspace, 500, 700, prompt="SECRETPROMPT two", references=[self.upload]
        )
        self.rival = factories.picture(workspace, 700, 500, prompt="SECRETPROMPT five", model=factories.VIP)
        self.queued = factories.queued(workspace, prompt="SECRETPROMPT three")
        self.turn = talks.answered(talks.said(workspace, "SECRETPROMPT four"))
        self.turn.conversation.title = "SECRETTITLE"
        self.turn.conversation.save()
        self.collection = collection(workspace, self.output, self.other, name="SECRETCOLLECTION")
        marks.tag(workspace, [self.output.pk], "SECRETTAG")
        self.tag = Tag.objects.get(workspace=workspace)
        self.connection = factories.connection(
            workspace, "SECRETCONNECTION", key="sk-SECRETKEY0123456789abcdef"
        )
        drawn = ballots.draw_up(workspace, [self.output, self.rival], judge=judge_of(person), at_once=0)
        self.ballot = drawn[0]
        self.budget = budgets.set_budget(Budget(workspace=workspace, period=Period.DAY, limit=Decimal(5)))
        bare = {"title": "", "words": ""}
        self.links = {
            "picture": shared(self.output, **bare),
            "comparison": shared(self.output, self.other, **bare),
            "run": shared(run=self.other.generation.run, **bare),
            "collection": shared(collection=self.collection, **bare),
            "conversation": shared(conversation=self.turn.conversation, **bare),
            "password": shared(self.output, password=PASSWORD, **bare),
            "votes": shared(self.output, self.rival, takes_votes=True, **bare),
        }
        # What must be in no answer to a stranger: words that were written, hashes, names of files.
        self.secrets = [
            "SECRET",
            person.username,
            self.output.sha256,
            self.upload.sha256,
            self.upload.sent_sha256,
        ]

    def parts(self, name: str) -> dict[str, object]:
        """The owner's values for the parts of an address; by the address's name where a part means several things."""
        room = name.partition(":")[0]
        generation, link = self.queued, self.links["picture"]
        keys = {
            "gallery": self.output.pk, "settings": self.connection.pk, "costs": self.budget.pk, "sharing": link.pk,
            "chat": self.output.pk, "studio": generation.pk, "votes": self.ballot.pk,
        }  # fmt: skip
        upload = self.upload.pk
        named = {
            "studio:use": self.output.pk, "studio:upload-thumbnail": upload, "studio:upload-sent": upload,
            "studio:upload-original": upload, "studio:painter": upload, "studio:save-mask": upload,
            "studio:mask-file": self.mask.pk,
        }  # fmt: skip
        numbers = {
            "chat": self.turn.conversation.number,
            "studio": self.other.generation.run.number,
            "public": 1,
        }
        return {
            "pk": named.get(name, keys.get(room)), "number": numbers.get(room), "step": self.turn.number, "width": 320,
            "sha256": self.output.sha256, "key": "lighthouse", "name": "arches", "model_id": factories.ALL, "place": 1,
            "token": "not-a-token-of-anybody", "one": self.output.pk, "other": self.other.pk, "position": 1,
            "rest": "not/an/address",
        }  # fmt: skip

    @property
    def everything_that_could_be_said(self) -> dict[str, object]:
        """Fields of every form at once, each naming something of Alice's."""
        picture, run, upload = self.output.pk, self.other.generation.run.number, self.upload.pk
        return {
            "o": picture, "picture": picture, "at": picture, "before": picture, "from": self.output.generation_id,
            "answer": self.output.generation_id, "reference": upload, "references": upload, "mask": self.mask.pk,
            "run": run, "conversation": self.turn.conversation.number, "collection": self.collection.pk,
            "tag": self.tag.pk, "act": "favourite", "entry": 1, "q": "", "since": "0", "models": factories.ALL,
            "prompt": "x", "name": "mine", "link": self.links["picture"].pk,
        }  # fmt: skip


PATTERN = re.compile(r"<(?:(?P<kind>\w+):)?(?P<part>\w+)>")


def every_address(
    resolver: URLResolver | None = None, before: str = "", room: str = ""
) -> Iterator[tuple[str, str]]:
    """Name and route of every view of the project."""
    for each in (resolver or get_resolver()).url_patterns:
        route = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from every_address(each, route, each.app_name or room)
        elif isinstance(each, URLPattern):
            yield (f"{room}:{each.name}" if room else str(each.name)), route


def filled(name: str, route: str, belongings: Belongings) -> str:
    """The address, with the owner's own values in it."""
    known = belongings.parts(name)

    def value(found: re.Match) -> str:
        said = known.get(found["part"])
        assert said is not None, (
            f"What does <{found['part']}> of {name} ({route}) name? Say it in Belongings.parts, with something of "
            "Alice's, so that strangers can be shown not to reach it."
        )
        return str(said)

    path = PATTERN.sub(value, route)
    assert not re.search(r"[\^$()\\*+?]", path), (
        f"{name} ({route}) is no plain path: say here how it is filled in"
    )
    return f"/{path}"


@pytest.fixture
def belongings(workspace, alice) -> Belongings:
    alice.username = "alice-SECRETNAME"
    alice.save()
    return Belongings(workspace, alice)


@pytest.fixture
def addresses(belongings) -> dict[str, str]:
    return {name: filled(name, route, belongings) for name, route in every_address()}


def visitors(belongings: Belongings) -> Iterator[tuple[str, Visitor]]:
    """Nobody, and somebody in whose browser each kind of link is open, with all its cookies."""
    yield "nobody", Visitor()
    for kind, link in belongings.links.items():
        visitor = Visitor()
        visitor.unlock(link) if kind == "password" else None
        visitor.get(link.path)
        visitor.get(f"{link.path}1/w320.webp")
        assert "visit" in visitor.cookies and ("unlocked" in visitor.cookies) == (kind == "password")
        yield kind, visitor


def rows_of() -> list[str]:
    """Everything that could be changed, as the database has it."""
    rooms = ("runs_", "gallery_", "chat_", "costs_", "accounts_", "sharing_link", "sharing_item", "votes_")
    tables = sorted(
        name for name in connection.introspection.table_names() if name.startswith(rooms)
        and not name.startswith("gallery_search") and name != "accounts_user"
    )  # fmt: skip
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            found += sorted(f"{table} {row}" for row in cursor.fetchall())
    return found


def tried(visitor: Visitor, path: str, belongings: Belongings) -> Iterator[tuple[str, object]]:
    said = belongings.everything_that_could_be_said
    yield f"GET {path}", visitor.get(path)
    yield f"GET {path}?…", visitor.get(path, said)
    yield f"POST {path}", visitor.post(path, said)
    yield f"HTMX {path}", visitor.get(path, said, headers={"HX-Request": "true"})


def secrets_in(answer, belongings: Belongings) -> list[str]:
    """Those that the page says, but for what the visitor said himself in the address."""
    page, asked = all_of(answer), answer.request["PATH_INFO"]
    return [secret for secret in belongings.secrets if secret in page and secret not in asked]


# -- What they find --------------------------------------------------------------------------------------------------


class TestAStranger:
    def test_reaches_nothing_with_any_link(self, belongings, addresses):
        for kind, visitor in visitors(belongings):
            before = rows_of()
            visitor.handler.enforce_csrf_checks = (
                False  # it is the login that keeps them out, not a form's token
            )
            for name, path in addresses.items():
                for what, answer in tried(visitor, path, belongings):
                    self.is_turned_away(answer, name, f"{what} with {kind}")
                    self.is_told_nothing(answer, belongings, f"{what} with {kind}")
            assert rows_of() == before, kind

    def is_turned_away(self, answer, name: str, what: str) -> None:
        if name in DOORS:
            return
        if name == "public:with-slash":
            assert (answer.status_code, answer["Location"]) == (302, "not-a-token-of-anybody/"), what
        elif name.startswith("public:"):
            assert answer.status_code in (404, 429), what
        else:
            assert answer.status_code == 302, (what, answer.status_code)
            assert answer["Location"].startswith("/login/?next="), what

    def is_told_nothing(self, answer, belongings, what: str) -> None:
        assert secrets_in(answer, belongings) == [], what

    def test_is_shown_the_link_and_no_word_more(self, belongings):
        for kind, visitor in visitors(belongings):
            if kind == "nobody":
                continue
            link = belongings.links[kind]
            for rest in (
                "",
                "1/",
                "1/w320.webp",
                "1/w640.webp",
                "card.jpg",
                "1/original",
                "1/setup",
                "1/from-1.webp",
                "vote/",
                "vote/1.webp",
            ):
                answer = visitor.get(f"{link.path}{rest}")
                self.is_told_nothing(answer, belongings, f"{kind} {rest}")

    def test_finds_no_id_of_anything_in_a_link(self, belongings):
        """Addresses on the page are below the link's own, or of static files."""
        for kind, visitor in visitors(belongings):
            if kind == "nobody":
                continue
            link = belongings.links[kind]
            page = visitor.get(link.path).content.decode()
            found = re.findall(r'(?:href|src|action|content)="(/[^"]*|http[^"]*)"', page)
            found += [
                part.split()[0] for each in re.findall(r'srcset="([^"]+)"', page) for part in each.split(", ")
            ]
            assert found
            for address in found:
                inside = address.removeprefix("http://testserver")
                assert inside.startswith((link.path, settings.STATIC_URL)), (kind, address)

    def test_of_one_link_can_do_nothing_with_the_numbers_of_another(self, belongings):
        visitor, link = Visitor(), belongings.links["picture"]
        for number in {0, 2, belongings.other.pk, belongings.output.pk, 999_999} - {1}:
            for rest in ("", "w320.webp", "original", "setup", "from-1.webp"):
                assert visitor.get(f"{link.path}{number}/{rest}").status_code == 404, (number, rest)


class TestSomebodyOfAnotherWorkspace:
    @pytest.fixture
    def charlies(self, charlie, belongings) -> Visitor:
        """Logged in there, and with every link of Alice's open here."""
        visitor = Visitor()
        for link in belongings.links.values():
            visitor.unlock(link) if link.password else visitor.get(link.path)
        visitor.handler.enforce_csrf_checks = False  # he has a token of his own
        visitor.force_login(charlie)
        return visitor

    def test_reaches_nothing_of_it(self, belongings, addresses, charlies):
        before = rows_of()
        for name, path in addresses.items():
            if name == "logout":
                continue
            for what, answer in tried(charlies, path, belongings):
                names_something = "<" in dict(every_address())[name] and name not in OF_THE_PRODUCT
                if names_something and not name.startswith("public:"):
                    assert answer.status_code in (404, 405), (what, answer.status_code)
                assert answer.status_code != 500
                assert secrets_in(answer, belongings) == [], what
        assert set(before) <= set(rows_of())

    def test_is_not_let_into_a_link_with_a_password_either(self, belongings, charlies):
        charlies.cookies.pop("unlocked")
        assert "This link has a password" in charlies.get(belongings.links["password"].path).content.decode()

    def test_sees_none_of_its_links(self, belongings, charlies):
        page = charlies.get("/links/").content.decode()
        assert "Nothing is shared" in page
        assert Membership.objects.filter(user__username="charlie").exists() and Link.objects.count() == 7


def test_the_walk_finds_every_room():
    """Or a change of how addresses are put together would let the walk pass over them."""
    rooms = {name.partition(":")[0] for name, _route in every_address() if ":" in name}
    assert {"studio", "chat", "gallery", "costs", "models", "settings", "sharing", "public"} <= rooms
    assert {name for name, _route in every_address()} >= DOORS


def test_a_link_in_full_says_what_was_ticked(belongings):
    """So that the silence above is not that of a page that shows nothing."""
    link = shared(belongings.other, **everything())
    page = all_of(Visitor().get(link.path))
    assert "SECRETPROMPT two" in page and "gpt-image-2-all" in page
