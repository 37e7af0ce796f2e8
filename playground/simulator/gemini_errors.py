"""Refusals in Google's form: {"error": {"code", "message", "status"}}."""

from __future__ import annotations

from playground.simulator.errors import JsonObject, Refusal


class GoogleRefusal(Refusal):
    """`code` is the name of the error, such as INVALID_ARGUMENT."""

    def body(self, request_id: str) -> JsonObject:
        return {"error": {"code": self.status, "message": self.message, "status": self.code}}


def invalid(message: str) -> GoogleRefusal:
    return GoogleRefusal(400, message, code="INVALID_ARGUMENT")


def unknown_name(name: str, where: str) -> GoogleRefusal:
    at = f" at '{where}'" if where else ""
    return invalid(f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.')


def unknown_model(name: str) -> GoogleRefusal:
    message = f"models/{name} is not found for API version v1beta, or is not supported for generateContent."
    return GoogleRefusal(404, message, code="NOT_FOUND")
