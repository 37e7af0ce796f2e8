"""The doctor's questions: what sources dispute about a provider, each settled by one small call.

A question says which kind of model it is put to, what the call asks beside the usual, and what an outcome means.
Nothing here sends anything or knows a model's name: the catalog says which models there are.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from playground import catalog
from playground.catalog import Endpoint, Model, Parameter, Size, SizeChoice, Support, Value

PROMPT = "A single red apple on a plain white table, centred, soft daylight"
# Small where the price goes by tokens: just above the least number of pixels.
SMALL = {"size": "1440x480", "quality": "low"}
PREVIEWS = 1

# What a provider answers when it does not take what the question is about. Anything else (busy, no balance, a wrong
# key) says nothing about the question.
_SAYS_NO = {
    "refused_parameter", "invalid_size", "transparent_refused", "invalid_image", "invalid_mask", "refused",
}  # fmt: skip
WRONG_KEY = "wrong_key_type"


@dataclass(frozen=True)
class Evidence:
    """What is known of a call that has ended."""

    asked: Mapping[str, Value]
    error: str = ""
    status: int | None = None
    pictures: tuple[tuple[Size, str, bool], ...] = ()  # pixels, format, whether it has alpha
    forms: frozenset[str] = frozenset()
    is_prefixed: bool | None = None
    is_stream: bool = False
    usage: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        return self.error in _SAYS_NO

    @property
    def is_drawn(self) -> bool:
        return not self.error and bool(self.pictures)


Findings = dict[str, str]


@dataclass(frozen=True)
class Question:
    """One call. `fields` are sent beside model and prompt; `omit` are fields that are always sent otherwise."""

    key: str
    family: str
    title: Promise
    fields: Mapping[str, Value]
    read: Callable[[Evidence], Findings]
    omit: tuple[str, ...] = ()
    endpoint: Endpoint = Endpoint.GENERATIONS
    is_usual: bool = True  # ticked at first

    @property
    def id(self) -> str:
        return f"{self.family}.{self.key}"

    @property
    def references(self) -> int:
        return 1 if self.endpoint is Endpoint.EDITS else 0

    def model_among(self, models: Iterable[Model]) -> Model | None:
        """The model that it is put to: the first of its kind that has the endpoint."""
        return next(
            (each for each in models if each.family == self.family and self.endpoint in each.endpoints), None
        )

    def estimate(self, model: Model, multiplier: Decimal) -> Decimal:
        """What the call costs at most: nothing where it is refused."""
        known = {name: value for name, value in self.fields.items() if name in ("size", "quality")}
        cost = catalog.estimate(
            self.permit(model),
            known,
            prompt=PROMPT,
            references=self.references,
            partial_images=int(self.fields.get("partial_images", 0)),
            multiplier=multiplier,
        )
        return catalog.dollars(cost.high * int(self.fields.get("n", 1)))

    def permit(self, model: Model) -> Model:
        """The model as if it took what this question asks, so that the request is not refused before it is sent."""
        parameters = dict(model.parameters[self.endpoint])
        for name in self.omit:
            parameters[name] = replace(parameters[name], send="never")
        for name, value in self.fields.items():
            if (known := parameters.get(name)) is None or known.kind != "structure":
                parameters[name] = _permitted(known, name, value)
        by_endpoint = {**model.parameters, self.endpoint: parameters}
        return replace(model, parameters=by_endpoint, sizes=_with_size(model, self.fields.get("size")))

    def findings(self, evidence: Evidence) -> Findings:
        """What the outcome settles, by name; empty where it settles nothing."""
        if evidence.error == WRONG_KEY:
            return {"key": "refused"}
        found = self.read(evidence)
        if evidence.is_drawn and evidence.is_prefixed is not None and self.family != "official":
            found["prefix"] = "with" if evidence.is_prefixed else "without"
        return found


def _permitted(known: Parameter | None, name: str, value: Value) -> Parameter:
    kind = "boolean" if isinstance(value, bool) else "integer" if isinstance(value, int) else "choice"
    if name == "size":
        kind = "size"
    base = known or Parameter(name, kind, Support.DISPUTED, "optional")
    limit = value if kind == "integer" and isinstance(value, int) else None
    return replace(
        base, kind=kind, send="optional", conditions=(), choices=(str(value),), minimum=limit, maximum=limit
    )


def _with_size(model: Model, asked: Value | None) -> catalog.SizeRule:
    """The model's sizes with this one among them, where they are a list."""
    rule = model.sizes
    if not asked or rule.kind != "list":
        return rule
    size, first = Size.parse(str(asked)), rule.table[0]
    return replace(rule, table=(*rule.table, SizeChoice(first.tier, first.ratio, first.name, size)))


# --- What an outcome means ------------------------------------------------------------------------------------


def _form(evidence: Evidence) -> Findings:
    """The form that comes when none is asked for."""
    if not evidence.is_drawn or not evidence.forms:
        return {}
    return {"default_form": "both" if len(evidence.forms) > 1 else next(iter(evidence.forms))}


def _link(evidence: Evidence) -> Findings:
    """Whether a link comes where one is asked for."""
    if evidence.is_refused:
        return {"link": "refused"}
    if not evidence.is_drawn or not evidence.forms:
        return {}
    return {"link": "obeyed" if "url" in evidence.forms else "ignored"}


def _size(evidence: Evidence) -> Findings:
    if evidence.is_refused:
        return {"size": "refused"}
    if not evidence.is_drawn:
        return {}
    asked, got = Size.parse(str(evidence.asked["size"])), evidence.pictures[0][0]
    if got == asked:
        return {"size": "obeyed"}
    is_near = abs(float(got.ratio / asked.ratio) - 1) < 0.02
    return {"size": "near" if is_near else "ignored"}


def _off_list(evidence: Evidence) -> Findings:
    if evidence.is_refused:
        return {"off_list": "refused"}
    if not evidence.is_drawn:
        return {}
    asked = Size.parse(str(evidence.asked["size"]))
    return {"off_list": "obeyed" if evidence.pictures[0][0] == asked else "rewritten"}


def _taken(name: str) -> Callable[[Evidence], Findings]:
    """For what can't be seen in the picture: it was refused, or it was not."""

    def read(evidence: Evidence) -> Findings:
        if evidence.is_refused:
            return {name: "refused"}
        return {name: "taken"} if evidence.is_drawn else {}

    return read


def _background(evidence: Evidence) -> Findings:
    if evidence.is_refused:
        return {"background": "refused"}
    if not evidence.is_drawn:
        return {}
    return {"background": "obeyed" if evidence.pictures[0][2] else "ignored"}


def _format(evidence: Evidence) -> Findings:
    if evidence.is_refused:
        return {"output_format": "refused"}
    if not evidence.is_drawn:
        return {}
    got = evidence.pictures[0][1]
    return {"output_format": "obeyed" if got == evidence.asked["output_format"] else "ignored"}


def _count(evidence: Evidence) -> Findings:
    if evidence.is_refused:
        return {"n": "refused"}
    if not evidence.is_drawn:
        return {}
    return {"n": "obeyed" if len(evidence.pictures) == evidence.asked["n"] else "ignored"}


def _stream(evidence: Evidence) -> Findings:
    if evidence.is_refused:
        return {"stream": "refused"}
    if not evidence.is_drawn:
        return {}
    return {"stream": "obeyed" if evidence.is_stream else "ignored"}


def _plain(evidence: Evidence) -> Findings:
    if not evidence.is_drawn:
        return {}
    return {"key": "taken", "cached_tokens": "told" if _speaks_of_cache(evidence.usage) else "not_told"}


def _speaks_of_cache(usage: object) -> bool:
    if not isinstance(usage, Mapping):
        return False
    return any("cached" in str(name) or _speaks_of_cache(value) for name, value in usage.items())


QUESTIONS: tuple[Question, ...] = (
    Question(
        "form", "all", _("Link or base64, when nothing is said"), {}, _form, omit=("response_format",)
    ),
    Question("size", "all", _("A size in pixels"), {"size": "1536x1024"}, _size),
    Question(
        "brackets", "all", _("Pictures of an edit sent as image[]"), {"image[]": "image[]"}, _taken("image[]"),
        endpoint=Endpoint.EDITS,
    ),
    Question(
        "plain", "all", _("Pictures of an edit sent as image"), {"image[]": "image"}, _taken("image"),
        endpoint=Endpoint.EDITS,
    ),
    Question("n", "all", _("Two pictures in one call"), {"n": 2}, _count, is_usual=False),
    Question(
        "form", "vip", _("Link or base64, when nothing is said"), {}, _form, omit=("response_format",),
        is_usual=False,
    ),
    Question("link", "vip", _("A link instead of base64"), {"response_format": "url"}, _link, is_usual=False),
    Question("quality", "vip", _("A quality"), {"quality": "low"}, _taken("quality")),
    Question("size", "vip", _("A size of its list"), {"size": "1280x720"}, _size, is_usual=False),
    Question("off_list", "vip", _("A size off its list"), {"size": "1920x1080"}, _off_list, is_usual=False),
    Question(
        "background", "vip", _("A transparent background"), {"background": "transparent"}, _background,
        is_usual=False,
    ),
    Question("format", "vip", _("A JPEG"), {"output_format": "jpeg"}, _format, is_usual=False),
    Question("n", "vip", _("Two pictures in one call"), {"n": 2}, _count, is_usual=False),
    Question("key", "official", _("Whether this key may use it"), {**SMALL}, _plain),
    Question(
        "stream", "official", _("Previews while it draws"), {**SMALL, "stream": True, "partial_images": PREVIEWS},
        _stream,
    ),
    Question(
        "background", "official", _("A transparent background"), {**SMALL, "background": "transparent"},
        _background, is_usual=False,
    ),
    Question("n", "official", _("Two pictures in one call"), {**SMALL, "n": 2}, _count, is_usual=False),
)  # fmt: skip
BY_ID: Mapping[str, Question] = {question.id: question for question in QUESTIONS}

# What a finding says, for people. %(status)s is the HTTP status of a refusal.
FINDINGS: Mapping[tuple[str, str], Promise] = {
    ("default_form", "url"): _("Without a wish, a link comes."),
    ("default_form", "b64_json"): _("Without a wish, base64 comes."),
    ("default_form", "both"): _("Link and base64 of the same picture come together."),
    ("link", "obeyed"): _("A link comes when one is asked for."),
    ("link", "ignored"): _("Base64 comes although a link is asked for."),
    ("link", "refused"): _("Asking for a link is refused (%(status)s)."),
    ("prefix", "with"): _("Base64 comes with a data: prefix."),
    ("prefix", "without"): _("Base64 comes without a prefix."),
    ("size", "obeyed"): _("A size in pixels is honoured."),
    ("size", "near"): _("A size in pixels gives its shape, but other pixels."),
    ("size", "ignored"): _("A size in pixels is taken and ignored."),
    ("size", "refused"): _("A size in pixels is refused (%(status)s)."),
    ("off_list", "obeyed"): _("A size off its list is drawn."),
    ("off_list", "rewritten"): _("A size off its list is changed without a word."),
    ("off_list", "refused"): _("A size off its list is refused (%(status)s)."),
    ("quality", "taken"): _("A quality is taken."),
    ("quality", "refused"): _("A quality is refused (%(status)s)."),
    ("background", "obeyed"): _("A transparent background comes transparent."),
    ("background", "ignored"): _("A transparent background is taken and ignored."),
    ("background", "refused"): _("A transparent background is refused (%(status)s)."),
    ("output_format", "obeyed"): _("A JPEG comes when one is asked for."),
    ("output_format", "ignored"): _("PNG comes although JPEG is asked for."),
    ("output_format", "refused"): _("Asking for a format is refused (%(status)s)."),
    ("n", "obeyed"): _("Two pictures come from one call."),
    ("n", "ignored"): _("n=2 is taken, and one picture comes: the provider may charge for two."),
    ("n", "refused"): _("More than one picture in a call is refused (%(status)s)."),
    ("stream", "obeyed"): _("Previews come while it draws."),
    ("stream", "ignored"): _("Streaming is taken, but the answer comes in one piece."),
    ("stream", "refused"): _("Streaming is refused (%(status)s)."),
    ("image[]", "taken"): _("Pictures may be called image[]."),
    ("image[]", "refused"): _("Pictures called image[] are refused (%(status)s)."),
    ("image", "taken"): _("Pictures may be called image."),
    ("image", "refused"): _("Pictures called image are refused (%(status)s)."),
    ("key", "taken"): _("This key may use it."),
    ("key", "refused"): _("This key is of the wrong type for it (%(status)s)."),
    ("cached_tokens", "told"): _("Its usage tells what came from the cache."),
    ("cached_tokens", "not_told"): _("Its usage does not tell what came from the cache."),
}
