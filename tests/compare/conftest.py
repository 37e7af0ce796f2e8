"""What the tests of comparing share."""

import io

import pytest
from PIL import Image

from playground.accounts.models import Workspace
from tests.factories import image_bytes, picture


@pytest.fixture
def elsewhere(db) -> Workspace:
    """A stranger's workspace."""
    return Workspace.objects.create(slug="elsewhere", name="Elsewhere")


@pytest.fixture
def drawn(workspace):
    """Keep a picture that was drawn by a test: PIL's, or one colour by its size."""

    def keep(content: Image.Image | tuple[int, int], colour: tuple[int, int, int] | None = None, **options):
        if isinstance(content, tuple):
            data = image_bytes(*content, colour=colour or (180, 90, 40))
        else:
            file = io.BytesIO()
            content.save(file, "PNG")
            data = file.getvalue()
        return picture(options.pop("workspace", workspace), content=data, **options)

    return keep
