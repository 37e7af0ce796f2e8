"""Pages go out compressed; pictures are compressed already, and go out as they are."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageCompressionMiddleware(GZipMiddleware):
    """Django's compression (with its padding against guessing secrets by length), for text only."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_text = response.headers.get("Content-Type", "").startswith(("text/", "application/json"))
        if not is_text or not isinstance(response, HttpResponse):
            return response
        return super().process_response(request, response)
