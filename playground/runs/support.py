"""One call in plain text, to be copied into a letter to a provider's support.

It is written in English whatever the page's language, because support reads it. It holds no key (none is stored), no
picture and no prompt: what is asked about is the call.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from playground.catalog import Endpoint
from playground.runs.models import Attempt, Generation


@dataclass(frozen=True)
class ReportedCall:
    """An attempt, and its report."""

    attempt: Attempt
    report: str


def calls_of(generation: Generation) -> list[ReportedCall]:
    """Every call that was made for a generation, in order."""
    pictures = _pictures(generation)
    return [
        ReportedCall(attempt, _report(generation, attempt, pictures)) for attempt in generation.attempts.all()
    ]


def _report(generation: Generation, attempt: Attempt, pictures: str) -> str:
    facts = _facts(generation, attempt, pictures)
    return "\n".join(f"{name}: {value}" for name, value in facts if value)


def _facts(generation: Generation, attempt: Attempt, pictures: str) -> Iterator[tuple[str, str]]:
    yield "Request id", attempt.request_id or "none was sent"
    yield "Model", generation.model_id
    yield "Call", f"POST {attempt.base_url}{Endpoint(generation.endpoint).path}"
    yield "Sent", f"{attempt.sent_at:%Y-%m-%d %H:%M:%S} UTC, try {attempt.number}"
    yield "Answer", _answer(attempt)
    yield "Seconds", _seconds(attempt)
    yield "Billed", attempt.billed
    yield "Error", attempt.error
    yield "Provider's words", attempt.provider_message
    sent = {name: value for name, value in generation.parameters.items() if name not in attempt.left_out}
    yield "Settings", ", ".join(f"{name}={value}" for name, value in sent.items()) or "none"
    yield "Left out after a refusal", ", ".join(attempt.left_out)
    yield "Prompt", f"{len(generation.prompt_sent)} characters"
    yield "Pictures sent", pictures
    yield "Usage", ", ".join(f"{name}={value}" for name, value in (attempt.usage or {}).items())
    yield "Headers", "; ".join(f"{name}: {value}" for name, value in attempt.headers.items())
    if attempt.simulated:
        yield "Note", "this call went to the simulator"


def _answer(attempt: Attempt) -> str:
    if attempt.status is None:
        return "none"
    size = f", {attempt.bytes_received} bytes" if attempt.bytes_received else ""
    return f"HTTP {attempt.status}{size}"


def _seconds(attempt: Attempt) -> str:
    moments = {
        "connected": attempt.connect_seconds,
        "first byte": attempt.first_byte_seconds,
        "done": attempt.done_seconds,
    }
    return ", ".join(f"{name} {seconds:.3f}" for name, seconds in moments.items() if seconds is not None)


def _pictures(generation: Generation) -> str:
    prefetch_related_objects([generation.run], "references__upload")  # nothing where they are at hand
    uploads = [reference.upload for reference in generation.run.references.all()]
    sizes = [f"{each.sent_width}x{each.sent_height} {each.sent_format}" for each in uploads]
    return ", ".join([*sizes, *(["mask"] if generation.masked else [])])
