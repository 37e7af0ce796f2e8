"""Reading a native Gemini request: its turns, their parts, and the configuration. Raises GoogleRefusal."""

from __future__ import annotations

from dataclasses import dataclass

from playground.catalog import Size
from playground.simulator import gemini_errors
from playground.simulator.errors import JsonObject
from playground.simulator.gemini_errors import invalid
from playground.simulator.sources import decoded
from playground.simulator.wanted import Fields

TIERS = ("1K", "2K", "4K")
# Width and height at 1K; the other tiers are twice and four times as large.
SIZES = {
    "1:1": Size(1024, 1024),
    "2:3": Size(848, 1264),
    "3:2": Size(1264, 848),
    "3:4": Size(896, 1200),
    "4:3": Size(1200, 896),
    "4:5": Size(928, 1152),
    "5:4": Size(1152, 928),
    "9:16": Size(768, 1376),
    "16:9": Size(1376, 768),
    "21:9": Size(1584, 672),
}
TYPES = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
MOST_PICTURES, MOST_BYTES = 14, 7_000_000
MODALITIES = ("TEXT", "IMAGE")
BODY_FIELDS = (
    "contents",
    "generationConfig",
    "safetySettings",
    "systemInstruction",
    "tools",
    "toolConfig",
    "cachedContent",
    "labels",
)
CONFIG_FIELDS = (
    "responseModalities",
    "imageConfig",
    "temperature",
    "topP",
    "topK",
    "maxOutputTokens",
    "candidateCount",
    "stopSequences",
    "thinkingConfig",
    "seed",
)


@dataclass(frozen=True)
class Content:
    """One turn: its words, and its pictures as bytes."""

    role: str
    text: str
    pictures: tuple[bytes, ...]


def read_contents(value: object) -> list[Content]:
    """The turns; raises GoogleRefusal."""
    if not isinstance(value, list) or not value:
        raise invalid("* GenerateContentRequest.contents: contents is not specified")
    return [_content(one, place) for place, one in enumerate(value)]


def read_config(fields: Fields) -> JsonObject:
    config = fields.get("generationConfig")
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise invalid("Invalid value at 'generation_config'")
    for name in config:
        if name not in CONFIG_FIELDS:
            raise gemini_errors.unknown_name(name, "generation_config")
    if config.get("candidateCount", 1) != 1:
        raise invalid("Multiple candidates is not enabled for this model")
    return config


def read_modalities(config: JsonObject) -> tuple[str, ...]:
    value = config.get("responseModalities")
    if value is None:
        return MODALITIES
    if not isinstance(value, list) or not value or any(one not in MODALITIES for one in value):
        raise invalid("Invalid value at 'generation_config.response_modalities'")
    return tuple(value)


def read_image_config(config: JsonObject) -> tuple[str | None, str]:
    """Ratio (None where it is left out) and tier."""
    value = config.get("imageConfig")
    if value is None:
        return None, TIERS[0]
    if not isinstance(value, dict):
        raise invalid("Invalid value at 'generation_config.image_config'")
    for name in value:
        if name not in ("aspectRatio", "imageSize"):
            raise gemini_errors.unknown_name(name, "generation_config.image_config")
    ratio, tier = value.get("aspectRatio"), value.get("imageSize", TIERS[0])
    if ratio is not None and ratio not in tuple(SIZES):
        raise invalid(f"Invalid value at 'generation_config.image_config.aspect_ratio': {ratio}")
    if tier not in TIERS:
        raise invalid(f"Invalid value at 'generation_config.image_config.image_size': {tier}")
    return ratio, tier


def _content(value: object, place: int) -> Content:
    where = f"contents[{place}]"
    if not isinstance(value, dict):
        raise invalid(
            f"Invalid value at '{where}' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content)"
        )
    role, parts = value.get("role", "user"), value.get("parts")
    if role not in ("user", "model"):
        raise invalid("Please use a valid role: user, model.")
    if not isinstance(parts, list) or not parts:
        raise invalid(f"* GenerateContentRequest.{where}.parts: contents.parts must not be empty.")
    read = [_part(part, f"{where}.parts[{number}]") for number, part in enumerate(parts)]
    text = "\n".join(words for words, _ in read if words)
    return Content(role, text, tuple(data for _, data in read if data is not None))


def _part(part: object, where: str) -> tuple[str, bytes | None]:
    """The words or the picture of a part; keys that are not known (file_data, file_uri) are passed over in silence."""
    if not isinstance(part, dict):
        raise invalid(f"Invalid value at '{where}'")
    text, inline = part.get("text"), part.get("inlineData")
    if text is not None and inline is not None:
        raise invalid(
            f"Invalid value at '{where}' (oneof), oneof field 'data' is already set. Cannot set 'inlineData'"
        )
    if text is not None and not isinstance(text, str):
        raise invalid(f"Invalid value at '{where}.text' (TYPE_STRING)")
    return (text or "", None) if inline is None else ("", _inline(inline, where))


def _inline(inline: object, where: str) -> bytes:
    kind = inline.get("mimeType") if isinstance(inline, dict) else None
    text = inline.get("data") if isinstance(inline, dict) else None
    if kind not in TYPES:
        raise invalid(f"Unsupported MIME type: {kind}")
    data = decoded(text) if isinstance(text, str) else None
    if not data:
        raise invalid(f"Invalid value at '{where}.inline_data.data' (TYPE_BYTES), Base64 decoding failed")
    if len(data) > MOST_BYTES:
        raise invalid(f"Invalid image at '{where}': the file must be at most {MOST_BYTES // 1_000_000} MB.")
    return data
