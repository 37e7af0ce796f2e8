"""POST /v1/chat/completions, for the reverse channels: a picture in a markdown link, or words when the wish is weak.

Sizes are not taken here; size words at the start of the newest user message are. Its pictures are changed as it
says. Where it has none, the newest picture of the turns before is, as the founding pages have it; with the quirk
`chat-ignores-history` a fresh one is drawn. Of the words only those of the newest message count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from playground.catalog import Endpoint
from playground.simulator import errors, quirks, shapes, sources
from playground.simulator.calls import Facts, loggable
from playground.simulator.errors import JsonObject, Refusal
from playground.simulator.plan import Job
from playground.simulator.wanted import Fields, Wanted, find_model, optional_flag, read_prompt

ROLES = ("system", "user", "assistant")
# Habits of chat clients, without effect here. `size` is one: the vendor says that chat does not take it.
WITHOUT_EFFECT = frozenset(
    ("size", "temperature", "top_p", "max_tokens", "user", "presence_penalty", "frequency_penalty", "seed")
)
_TALK = re.compile(
    r"\s*(?:(?:hi|hello|hey|thanks|thank you|who|what|why|how|when|are you|can you)\b|你好|您好|谢谢|什么|为什么|怎么)",
    re.IGNORECASE,
)
# Pictures in an assistant's text: markdown, data URLs, bare links.
_ADDRESS = re.compile(r"data:image/[^\s)\"']+|https?://[^\s)\"']+\.(?:png|jpg|jpeg|webp)", re.IGNORECASE)


@dataclass(frozen=True)
class Talk:
    """A chat that was understood: `addresses` of the newest message's pictures, `earlier` the newest ones before it."""

    wanted: Wanted
    wants_picture: bool
    addresses: tuple[str, ...]
    earlier: tuple[str, ...]


def check(fields: Fields, switched_on: frozenset[str], today: date) -> Talk:
    """The request and whether a picture is wished for; raises Refusal at the first rule that it breaks."""
    model = find_model(fields, Endpoint.CHAT, today)
    messages = _messages(fields)
    for name in fields:
        if name not in ("model", "messages", "stream") and name not in WITHOUT_EFFECT:
            raise errors.field_refused(name)
    if optional_flag(fields, "stream"):
        raise errors.field_refused("stream")
    read = [(str(message["role"]), *_read(message)) for message in messages]
    _, text, addresses = read[-1]
    prompt = read_prompt({"prompt": text}, model.limits.prompt_characters)
    if len(addresses) > model.limits.references:
        raise errors.too_many_pictures(len(addresses), model.limits.references)
    wanted = Wanted(model, Endpoint.CHAT, prompt, quirks.of_model(model, switched_on), form="url")
    remembers = not addresses and "chat-ignores-history" not in wanted.quirks
    earlier = _newest_pictures(read[:-1]) if remembers else ()
    system = " ".join(text for role, text, _ in read if role == "system")
    return Talk(wanted, bool(addresses) or _wants_picture(system, prompt), addresses, earlier)


def sized(wanted: Wanted) -> Wanted:
    """With the pixels that will be drawn: by the words at the start, else in the shape of the changed picture."""
    words = shapes.without_wish(wanted.prompt)
    ratio, _ = shapes.words_at_start(wanted.model, words)
    if ratio is None and wanted.references:
        return replace(wanted, size=shapes.of_shape(wanted.changed))
    return replace(wanted, size=shapes.by_words(wanted.model, words))


def completion(job: Job, created: int, content: object) -> JsonObject:
    """A chat completion; its usage is decoration, the price of a call is flat."""
    message = {"role": "assistant", "content": content}
    usage = {
        "prompt_tokens": job.usage["input_tokens"],
        "completion_tokens": job.usage["output_tokens"],
        "total_tokens": job.usage["total_tokens"],
    }
    return {
        "id": f"chatcmpl-{job.order.seed}",
        "object": "chat.completion",
        "created": created,
        "model": job.wanted.model.id,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage,
    }


def content(shape: str, links: list[str]) -> object:
    """What the assistant says: markdown pictures, or one of the other shapes that clients have met."""
    pictures = "\n\n".join(f"![image]({link})" for link in links)
    shapes_of_content: dict[str, object] = {
        "prose": f"Here it is:\n\n{pictures}",
        "link": "\n".join(links),
        "twice": f"{pictures}\n[Download]({links[0]})",
        "parts": [
            {"type": "text", "text": "Done."},
            *({"type": "image_url", "image_url": {"url": link}} for link in links),
        ],
    }
    return shapes_of_content.get(shape, pictures)


def transcript(messages: object) -> list[Facts]:
    """The messages for the call log, as they came, understood or not: role, text, pictures. Blocks to hash them."""
    if not isinstance(messages, list):
        return []
    told: list[Facts] = []
    for message in messages:
        if not isinstance(message, dict):
            told.append({"role": None, "text": None, "pictures": []})
            continue
        try:
            text, addresses = _read(message)
        except Refusal:
            text, addresses = "", ()
        pictures = [sources.facts(one) for one in addresses]
        told.append({"role": loggable(message.get("role")), "text": loggable(text), "pictures": pictures})
    return told


def _messages(fields: Fields) -> list[JsonObject]:
    messages = fields.get("messages")
    if messages is None:
        raise errors.missing("messages")
    if not isinstance(messages, list) or not messages:
        raise errors.wrong_type("messages", "an array of messages", messages)
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            raise Refusal(400, f"Invalid message: role must be one of {', '.join(ROLES)}.", param="messages")
    if messages[-1]["role"] != "user":
        raise Refusal(400, "The last message must be the user's.", param="messages")
    return messages


def _read(message: JsonObject) -> tuple[str, tuple[str, ...]]:
    """The words of a message, which is a text or a list of parts, and the addresses of its pictures."""
    content = message.get("content")
    if isinstance(content, str):
        return content, ()
    if not isinstance(content, list):
        raise errors.wrong_type("messages.content", "a string or an array of parts", content)
    read = [_read_part(part) for part in content]
    return "\n".join(text for text, _ in read if text), tuple(address for _, address in read if address)


def _read_part(part: object) -> tuple[str, str]:
    """The text of a part, or the address of its picture."""
    if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
        return str(part["text"]), ""
    if (
        isinstance(part, dict)
        and part.get("type") == "image_url"
        and (address := _address(part.get("image_url")))
    ):
        return "", address
    raise Refusal(400, "Invalid part: expected a text, or an image_url with a url.", param="messages")


def _address(value: object) -> str:
    url = value.get("url") if isinstance(value, dict) else None
    return url if isinstance(url, str) and url.startswith(("https://", "http://", "data:image/")) else ""


def _newest_pictures(read: list[tuple[str, str, tuple[str, ...]]]) -> tuple[str, ...]:
    """The pictures of the newest of these messages that has any, in its parts or in its text."""
    for role, text, addresses in reversed(read):
        written = tuple(dict.fromkeys(_ADDRESS.findall(text))) if role == "assistant" else ()
        if addresses or written:
            return addresses or written
    return ()


def _wants_picture(system: str, prompt: str) -> bool:
    """Greetings and questions get words, unless the start, a system message or a picture asks for pictures."""
    if shapes.WISH.match(prompt) or "image" in system.casefold() or "图" in system:
        return True
    return not (_TALK.match(prompt) or prompt.rstrip().endswith(("?", "？")))
