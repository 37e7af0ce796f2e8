"""Files while they come in: straight to disk, and no further than the limit."""

import tempfile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class SpooledFile(TemporaryUploadedFile):
    """A file on the disk where things are kept, removed when it is closed. `is_too_large`: its end was not taken."""

    is_too_large = False

    def __init__(self, name: str, content_type: str | None) -> None:
        settings.UPLOADS_ROOT.mkdir(parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(dir=settings.UPLOADS_ROOT, suffix=".upload")  # noqa: SIM115
        UploadedFile.__init__(self, file, name, content_type, 0)


class SpoolingUploadHandler(FileUploadHandler):
    """Write each chunk to disk as it comes; let what is beyond the limit pass by unwritten."""

    file: SpooledFile

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.most = settings.UPLOAD_MEGABYTES * 1_000_000
        self.file = SpooledFile(self.file_name or "picture", self.content_type)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > self.most:
            self.file.is_too_large = True
        else:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
