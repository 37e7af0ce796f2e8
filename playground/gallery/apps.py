from django.apps import AppConfig


class GalleryConfig(AppConfig):
    name = "playground.gallery"
    label = "gallery"

    def ready(self) -> None:
        from playground.costs import kept
        from playground.gallery import bin, keeping, shelving
        from playground.runs import afterwards

        kept.counted_by(keeping.count_kept)
        afterwards.when_kept(shelving.shelve)
        afterwards.when_swept(shelving.catch_up)
        afterwards.when_swept(bin.erase_old)
