"""What the simulated gateway answers when it refuses.

Every refusal is a `Refusal`: a status and the body `{"error": {"message", "type", "param", "code"}}`.
The texts of "Invalid size '...'. Width and height must both be divisible by 16." and of the transparent
background are published by the provider; the other words follow the shapes of the contract, section 7.
A refusal is never billed: it happens before drawing starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

USER_ERROR = "image_generation_user_error"
INVALID_REQUEST = "invalid_request_error"
SHELL_API = "shell_api_error"

JsonObject = dict[str, object]


class Refusal(Exception):
    """An answer that is not a picture. `headers` come on top of the request id's."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = INVALID_REQUEST,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        names_request: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.headers = dict(headers or {})
        self.names_request = names_request

    def body(self, request_id: str) -> JsonObject:
        suffix = f" (request id: {request_id})" if self.names_request else ""
        error = {"message": self.message + suffix, "type": self.type, "param": self.param, "code": self.code}
        return {"error": error}


# Who asks, and where


def missing_token() -> Refusal:
    return Refusal(
        401,
        "No token was provided. Send the header Authorization: Bearer sk-...",
        type=SHELL_API,
        param="",
        code="",
        names_request=True,
    )


def invalid_token() -> Refusal:
    return Refusal(401, "Invalid token", type=SHELL_API, param="", code="", names_request=True)


def wrong_key_type(model_id: str, status: int = 403) -> Refusal:
    message = f"This token's billing mode does not allow model {model_id}"
    return Refusal(status, message, type=SHELL_API, param="", code="", names_request=True)


def no_balance(status: int = 429) -> Refusal:
    return Refusal(status, "insufficient balance", type=SHELL_API, param="", code="insufficient_user_quota")


def unknown_path(method: str, path: str) -> Refusal:
    return Refusal(404, f"Invalid URL ({method} {path})")


def wrong_method(method: str, path: str, allowed: str) -> Refusal:
    return Refusal(405, f"Invalid method for URL ({method} {path})", headers={"Allow": allowed})


def unknown_model_page(model_id: str) -> Refusal:
    return Refusal(404, f"The model '{model_id}' does not exist", param="model", code="model_not_found")


# The body as a whole


def unsupported_content_type(content_type: str, wanted: str) -> Refusal:
    message = (
        f"Unsupported content type: '{content_type}'. This API method only accepts '{wanted}' requests, "
        f"but you specified the header 'Content-Type: {content_type}'."
    )
    return Refusal(400, message, code="unsupported_content_type")


def malformed_json() -> Refusal:
    return Refusal(
        400,
        "We could not parse the JSON body of your request. The API expects a JSON object: "
        "check for misplaced commas, quotes or brackets.",
    )


def malformed_form() -> Refusal:
    return Refusal(400, "We could not parse the multipart form of your request.")


# One field


def missing(name: str) -> Refusal:
    return Refusal(
        400, f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
    )


def wrong_type(name: str, expected: str, value: object) -> Refusal:
    message = f"Invalid type for '{name}': expected {expected}, but got {type_in_words(value)} instead."
    return Refusal(400, message, param=name, code="invalid_type")


def unknown_parameter(name: str) -> Refusal:
    return Refusal(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")


def unsupported_parameter(name: str) -> Refusal:
    """A parameter that the gateway knows and this model does not take."""
    return Refusal(400, f"The parameter {name} is not supported for this model.", param=name)


def field_refused(name: str, why: str = "is not supported") -> Refusal:
    """The reverse channels' validation error: the words name the field, `param` does not."""
    return Refusal(400, f"parameter validation failed: field '{name}' {why}")


def field_refused_as_busy(name: str, choices: Iterable[str]) -> Refusal:
    """The reverse channels' newer way: a refused value looks like a rate limit."""
    message = f"{name} must be one of {', '.join(choices)}"
    return Refusal(429, message, param=name, code="invalid_value")


def invalid_choice(name: str, value: object, choices: Iterable[str]) -> Refusal:
    listed = [f"'{choice}'" for choice in choices]
    words = ", ".join(listed[:-1]) + f", and {listed[-1]}" if len(listed) > 1 else listed[0]
    message = f"Invalid value: '{value}'. Supported values are: {words}."
    return Refusal(400, message, param=name, code="invalid_value")


def out_of_range(name: str, value: int, minimum: int, maximum: int) -> Refusal:
    below = value < minimum
    message = (
        f"Invalid '{name}': integer {'below minimum' if below else 'above maximum'} value. Expected a value "
        f"{'>=' if below else '<='} {minimum if below else maximum}, but got {value} instead."
    )
    code = "integer_below_min_value" if below else "integer_above_max_value"
    return Refusal(400, message, param=name, code=code)


def invalid_model(model: str) -> Refusal:
    return Refusal(
        400, f"Invalid value: '{model}'. This model is not known here.", param="model", code="invalid_value"
    )


def model_without_endpoint(model: str, path: str) -> Refusal:
    message = f"Invalid value: '{model}'. This model is not available on {path}."
    return Refusal(400, message, param="model", code="invalid_value")


def empty_prompt() -> Refusal:
    message = "Invalid 'prompt': empty string. Expected a string with minimum length 1."
    return Refusal(400, message, param="prompt", code="empty_string")


def prompt_too_long(length: int, maximum: int) -> Refusal:
    message = (
        f"Invalid 'prompt': string too long. Expected a string with maximum length {maximum}, "
        f"but got a string with length {length} instead."
    )
    return Refusal(400, message, param="prompt", code="string_above_max_length")


def not_text(name: str) -> Refusal:
    message = f"Invalid '{name}': the string holds a NUL or a broken character."
    return Refusal(400, message, param=name, code="invalid_value")


def too_many_pictures(count: int, maximum: int) -> Refusal:
    return Refusal(400, f"Too many input images: {count} (maximum {maximum}).", param="image")


def invalid_size(text: str, rule: str) -> Refusal:
    return Refusal(400, f"Invalid size '{text}'. {rule}", type=USER_ERROR, param="size", code="invalid_value")


def transparent_refused(jpeg: bool = False) -> Refusal:
    where = "JPEG output format" if jpeg else "this model"
    message = f"Transparent background is not supported for {where}."
    return Refusal(400, message, type=USER_ERROR, param="background", code="invalid_value")


def compression_without_loss() -> Refusal:
    return Refusal(
        400,
        "Compression less than 100 is not supported for PNG output format",
        type=USER_ERROR,
        param="output_compression",
        code="invalid_png_output_compression",
    )


def needs_stream() -> Refusal:
    return Refusal(
        400,
        "Invalid value: partial_images is only supported when stream is true.",
        param="partial_images",
        code="invalid_value",
    )


def too_large_page() -> str:
    """413 is answered by the proxy in front of the gateway, in HTML."""
    return "<html><head><title>413 Request Entity Too Large</title></head></html>"


def type_in_words(value: object) -> str:
    if value is None:
        return "null"
    names = {
        bool: "a boolean",
        int: "an integer",
        float: "a decimal number",
        str: "a string",
        list: "an array",
    }
    return names.get(type(value), "an object")
