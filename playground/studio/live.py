"""What an open page has to learn since it last asked: only that, each piece in its place."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from playground.accounts.models import Workspace
from playground.runs import queries
from playground.studio.frames import Frame, Strip, dress_runs


@dataclass(frozen=True)
class Page:
    """The runs on an open page: numbers from `oldest` to `newest`, or those under `before`, or one `run`. 0: none."""

    newest: int
    oldest: int = 0
    before: int = 0
    run: int = 0

    def lacks(self, number: int) -> bool:
        """Whether this run is new to the page, and belongs on top of it."""
        return not self.run and not self.before and number > self.newest

    def shows(self, number: int) -> bool:
        return number == self.run if self.run else self.oldest <= number <= self.newest


@dataclass
class News:
    """Runs that the page lacks, runs that got new frames, and frames that changed; words for the live region."""

    revision: int
    newest: int
    heading: str = ""
    new_runs: list[Strip] = field(default_factory=list)
    grown_runs: list[Strip] = field(default_factory=list)
    changed_heads: list[Strip] = field(default_factory=list)
    changed_frames: list[Frame] = field(default_factory=list)

    @property
    def latest(self) -> Strip | None:
        """The newest run, where the page shows it on top of others and it changed."""
        strips = [*self.new_runs, *self.grown_runs, *self.changed_heads]
        return next((strip for strip in strips if not self.heading and strip.run.number == self.newest), None)

    @property
    def words(self) -> str:
        """The changes of state in one sentence each, for people who listen."""
        said = [
            _("%(label)s: %(state)s.")
            % {"label": frame.generation.label, "state": frame.generation.get_state_display()}
            for frame in self.changed_frames
        ]
        return " ".join(said[:8])


def gather_news(workspace: Workspace, page: Page, *, since: int, revision: int) -> News:
    """What changed after `since` in what the page shows, and the runs that it lacks."""
    news = News(revision=revision, newest=page.newest, heading="h1" if page.run else "")
    for strip in dress_runs(queries.changed_runs(workspace, since, page.run or None)):
        number = strip.run.number
        born = [frame for frame in strip.frames if frame.generation.born_revision > since]
        if page.lacks(number):
            news.new_runs.append(strip)
            news.newest = max(news.newest, number)
        elif not page.shows(number):
            continue
        elif born:
            news.grown_runs.append(strip)
        else:
            news.changed_heads.append(strip)
            news.changed_frames += [frame for frame in strip.frames if frame.generation.revision > since]
    return news
