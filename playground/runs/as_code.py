"""The call of a generation as a program that a person can run: with curl, in Python and in JavaScript.

What is written is what the gateway builds, so it is what was sent, but for three things: the key is a variable,
previews are left out (they come as a stream), and so are the earlier turns of a conversation. Picture files are named
as they go over the wire: whoever runs it puts them beside it.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from playground.catalog import Endpoint
from playground.gateway import Attachment, Call, ImageRequest, Woven
from playground.gateway.wires import wire_of
from playground.runs.models import Generation

KEY = "APIYI_API_KEY"
SECONDS = 600
STREAMING = ("stream", "partial_images")


@dataclass(frozen=True)
class Snippet:
    """A program: `name` for people, `slug` for an address, `file` to save it as."""

    slug: str
    name: str
    file: str
    code: str


@dataclass(frozen=True)
class _Request:
    """A call, where it goes, and what of the OpenAI SDK would send it (empty: nothing does)."""

    call: Call
    base_url: str
    method: str

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/") + self.call.path

    @property
    def brings_pictures(self) -> bool:
        """Whether the answer is a list of pictures, and not a chat or another wire's."""
        return self.call.path in (Endpoint.GENERATIONS.path, Endpoint.EDITS.path)


def snippets_of(generation: Generation) -> list[Snippet]:
    """For a generation with its run and references; none where its model has been taken out since."""
    request = _request(generation)
    if request is None:
        return []
    writers: list[tuple[str, str, str, Callable[[_Request], str]]] = [
        ("curl", "cURL", "picture.sh", _curl),
        ("httpx", "Python, httpx", "picture.py", _httpx),
        ("javascript", "JavaScript", "picture.mjs", _javascript),
    ]
    if request.method:
        writers.insert(1, ("openai", "Python, OpenAI", "picture_openai.py", _openai))
    return [Snippet(slug, name, file, write(request)) for slug, name, file, write in writers]


def _request(generation: Generation) -> _Request | None:
    model = generation.model
    if model is None:
        return None
    parameters = {name: value for name, value in generation.parameters.items() if name not in STREAMING}
    endpoint = Endpoint(generation.endpoint)
    references, mask = _named(generation)
    asked = ImageRequest(model, endpoint, generation.prompt, parameters, references=references, mask=mask)
    call = wire_of(model).build(asked)
    return _Request(call, _base_url(generation), _method(call))


def _named(generation: Generation) -> tuple[tuple[Attachment, ...], Attachment | None]:
    """The pictures that go along, by the names that they have on the wire; no file is looked at."""
    run = generation.run
    masked = run.mask if generation.masked else None
    kinds = [reference.upload.sent_format for reference in run.references.all()]
    if masked and masked.upload.png_file:
        kinds[0] = "png"
    pictures = [
        Attachment(Path(f"image-{number}.{kind}"), f"image/{kind}") for number, kind in enumerate(kinds, 1)
    ]
    return tuple(pictures), Attachment(Path("mask.png"), "image/png") if masked else None


def _base_url(generation: Generation) -> str:
    attempt = max(generation.attempts.all(), key=lambda each: each.number, default=None)
    if attempt is not None:
        return attempt.base_url
    return settings.SIMULATOR_URL if generation.simulated else settings.APIYI_BASE_URL[0]


def _method(call: Call) -> str:
    return {
        Endpoint.GENERATIONS.path: "images.generate",
        Endpoint.EDITS.path: "images.edit",
        Endpoint.CHAT.path: "chat.completions.create",
    }.get(call.path, "")


# -- curl ----------------------------------------------------------------------------------------------------------


def _curl(request: _Request) -> str:
    lines = [
        f"curl --silent --show-error --max-time {SECONDS} {shlex.quote(request.url)}",
        f'--header "Authorization: Bearer ${KEY}"',
    ]
    call = request.call
    if call.files:
        lines += [f"--form-string {shlex.quote(f'{name}={value}')}" for name, value in call.form.items()]
        lines += [
            f"--form {shlex.quote(f'{part.name}=@{part.attachment.path};type={part.attachment.media_type}')}"
            for part in call.files
        ]
        return _joined([*lines, "--output answer.json"])
    lines.append("--header 'Content-Type: application/json'")
    body, holds_files = _shell_json(call.json_body)
    if not holds_files:
        return _joined([*lines, f"--data-raw {shlex.quote(body)}", "--output answer.json"])
    return _joined([*lines, "--output answer.json", "--data-binary @- <<BODY"]) + f"{body}\nBODY\n"


def _joined(lines: list[str]) -> str:
    return " \\\n  ".join(lines) + "\n"


def _shell_json(body: Mapping[str, object]) -> tuple[str, bool]:
    """JSON; with files in it, as a shell's document that reads them where they stand."""
    files: list[str] = []

    def stand_in(value: object) -> str:
        assert isinstance(value, Woven)  # noqa: S101  # nothing else in a call is no JSON
        return "".join(part if isinstance(part, str) else keep(part) for part in value.parts)

    def keep(part: Attachment) -> str:
        files.append(str(part.path))
        return f"\x00{len(files) - 1}\x00"

    text = json.dumps(body, ensure_ascii=False, indent=2, default=stand_in)
    if not files:
        return text, False
    quoted = re.sub(r"[\\$`]", r"\\\g<0>", text)
    base64 = r"$(base64 < {} | tr -d '\n')"
    return re.sub(r"\\\\u0000(\d+)\\\\u0000", lambda found: base64.format(files[int(found[1])]), quoted), True


# -- Python --------------------------------------------------------------------------------------------------------


def _httpx(request: _Request) -> str:
    call = request.call
    lines = ["import base64", "import os", "from pathlib import Path", "", "import httpx", ""]
    lines += ["answer = httpx.post(", f"    {request.url!r},"]
    lines.append(f'    headers={{"Authorization": "Bearer " + os.environ["{KEY}"]}},')
    if call.files:
        lines += [f"    data={_python(dict(call.form), 1)},", "    files=["]
        lines += [f"        {_python_file(part.name, part.attachment)}," for part in call.files]
        lines.append("    ],")
    else:
        lines.append(f"    json={_python(call.json_body, 1)},")
    lines += [f"    timeout={SECONDS},", ")", "answer.raise_for_status()"]
    if not request.brings_pictures:
        return "\n".join([*lines, "print(answer.text)", ""])
    return "\n".join(
        [
            *lines,
            'picture = answer.json()["data"][0]',
            'data = picture.get("b64_json")',
            'content = base64.b64decode(data.split(",")[-1]) if data else httpx.get(picture["url"]).content',
            'Path("picture").write_bytes(content)',
            "",
        ]
    )


def _python_file(name: str, attachment: Attachment) -> str:
    path = str(attachment.path)
    return f"({name!r}, ({path!r}, Path({path!r}).read_bytes(), {attachment.media_type!r}))"


def _openai(request: _Request) -> str:
    """Fields that the SDK does not know of travel in its `extra_body`: so it need not know any."""
    call = request.call
    fields = dict(call.form if call.files else call.json_body)
    own = {name: fields.pop(name) for name in ("model", "prompt", "messages") if name in fields}
    lines = ["import base64", "import os", "import urllib.request", "from pathlib import Path", ""]
    lines += ["from openai import OpenAI", "", "client = OpenAI("]
    lines += [f"    base_url={request.base_url.rstrip('/') + '/v1'!r},", f'    api_key=os.environ["{KEY}"],']
    lines += [f"    timeout={SECONDS},", "    max_retries=0,  # each try may be billed", ")"]
    lines.append(f"answer = client.{request.method}(")
    lines += [f"    {name}={_python(value, 1)}," for name, value in own.items()]
    pictures = [str(part.attachment.path) for part in call.files if part.name != "mask"]
    lines += [f"    image=[{', '.join(f'Path({path!r})' for path in pictures)}],"] if pictures else []
    lines += ['    mask=Path("mask.png"),'] if len(pictures) < len(call.files) else []
    lines += [f"    extra_body={_python(fields, 1)},"] if fields else []
    lines.append(")")
    if not request.brings_pictures:
        return "\n".join([*lines, "print(answer.choices[0].message.content)", ""])
    return "\n".join(
        [
            *lines,
            "picture = answer.data[0]",
            "if picture.b64_json:",
            '    content = base64.b64decode(picture.b64_json.split(",")[-1])',
            "else:",
            "    content = urllib.request.urlopen(picture.url).read()",
            'Path("picture").write_bytes(content)',
            "",
        ]
    )


def _python(value: object, depth: int = 0) -> str:
    """A literal; a file in it is read where it stands."""
    if isinstance(value, Woven):
        return " + ".join(
            repr(part) if isinstance(part, str) else _python_base64(part) for part in value.parts
        )
    return _literal(value, _python, repr, depth)


def _python_base64(part: Attachment) -> str:
    return f"base64.b64encode(Path({str(part.path)!r}).read_bytes()).decode()"


def _literal(value: object, inner: Callable[[Any, int], str], plain: Callable[[Any], str], depth: int) -> str:
    """Lists and objects as both languages write them, a line for each of their values."""
    pad = "    " * (depth + 1)
    if isinstance(value, Mapping):
        rows: Iterator[str] = (f"{plain(name)}: {inner(one, depth + 1)}" for name, one in value.items())
        opening, closing = "{", "}"
    elif isinstance(value, (list, tuple)):
        rows, opening, closing = (inner(one, depth + 1) for one in value), "[", "]"
    else:
        return plain(value)
    listed = "".join(f"{pad}{row},\n" for row in rows)
    return f"{opening}\n{listed}{'    ' * depth}{closing}" if listed else opening + closing


# -- JavaScript ----------------------------------------------------------------------------------------------------


def _javascript(request: _Request) -> str:
    call = request.call
    lines = ['import { readFileSync, writeFileSync } from "node:fs";', ""]
    headers = f"Authorization: `Bearer ${{process.env.{KEY}}}`"
    if call.files:
        lines.append("const body = new FormData();")
        lines += [f"body.append({_js(name)}, {_js(value)});" for name, value in call.form.items()]
        for part in call.files:
            path, kind = _js(str(part.attachment.path)), _js(part.attachment.media_type)
            file = f"new Blob([readFileSync({path})], {{ type: {kind} }})"
            lines.append(f"body.append({_js(part.name)}, {file}, {path});")
    else:
        headers += ', "Content-Type": "application/json"'
        lines.append(f"const body = JSON.stringify({_js(call.json_body)});")
    lines += [f"const answer = await fetch({_js(request.url)}, {{", '    method: "POST",']
    lines.append(f"    headers: {{ {headers} }},")
    lines += ["    body,", f"    signal: AbortSignal.timeout({SECONDS * 1000}),", "});"]
    lines.append("if (!answer.ok) throw new Error(await answer.text());")
    if not request.brings_pictures:
        return "\n".join([*lines, "console.log(await answer.text());", ""])
    return "\n".join(
        [
            *lines,
            "const picture = (await answer.json()).data[0];",
            "const content = picture.b64_json",
            '    ? Buffer.from(picture.b64_json.split(",").pop(), "base64")',
            "    : Buffer.from(await (await fetch(picture.url)).arrayBuffer());",
            'writeFileSync("picture", content);',
            "",
        ]
    )


def _js(value: object, depth: int = 0) -> str:
    if isinstance(value, Woven):
        return " + ".join(_js(part) if isinstance(part, str) else _js_base64(part) for part in value.parts)
    return _literal(value, _js, lambda one: json.dumps(one, ensure_ascii=False), depth)


def _js_base64(part: Attachment) -> str:
    return f'readFileSync({json.dumps(str(part.path))}).toString("base64")'
