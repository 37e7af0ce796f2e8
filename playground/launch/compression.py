"""Pages go out compressed; pictures are compressed already, and go out as they are."""

import secrets

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

SHORTEST = 200  # bytes; what is shorter would grow
QUALITY = 3  # a tenth smaller than gzip's usual, in less than half of its time


class PageCompressionMiddleware(GZipMiddleware):
    """For text only: by Brotli where the browser knows it, else as Django does."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_text = response.headers.get("Content-Type", "").startswith(("text/", "application/json"))
        if not is_text or not isinstance(response, HttpResponse):
            return response
        known = [each.strip() for each in request.headers.get("Accept-Encoding", "").split(",")]
        if "br" not in known or len(response.content) < SHORTEST or response.has_header("Content-Encoding"):
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        response.content = squeezed(response.content, padding=1 + secrets.randbelow(self.max_random_bytes))
        response.headers["Content-Length"] = str(len(response.content))
        response.headers["Content-Encoding"] = "br"
        return response


def squeezed(text: bytes, *, padding: int) -> bytes:
    """By Brotli, with so many bytes (1 to 256) before its end that no reader sees.

    Whoever can put words into a page and watch how long it is must not learn whether they stood there already: the
    same protection as by the random file name that Django writes into gzip's head.
    """
    compressor = brotli.Compressor(quality=QUALITY)
    body: bytes = compressor.process(text) + compressor.flush()
    # A block that is skipped (RFC 7932, section 9.2): not the last, no nibbles, a zero, its length in one byte.
    head = 0b01_0_11_0 | (padding - 1) << 6
    last: bytes = compressor.finish()
    return body + head.to_bytes(2, "little") + bytes(padding) + last
