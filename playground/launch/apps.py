from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from playground import catalog


class LaunchConfig(AppConfig):
    name = "playground.launch"
    label = "launch"

    def ready(self) -> None:
        from playground.launch import checks  # noqa: F401  # registers them

        if settings.PLAYGROUND_MODELS:
            add_models(Path(settings.PLAYGROUND_MODELS).expanduser())


def add_models(path: Path) -> None:
    """Let this process know the owner's own models too."""
    try:
        catalog.use(catalog.load(catalog.SHIPPED, path))
    except (catalog.CatalogError, OSError) as error:
        raise ImproperlyConfigured(
            f"PLAYGROUND_MODELS must name a TOML file of models, and {path} is none: {error}"
        ) from error
