from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "playground.sharing"
    label = "sharing"

    def ready(self) -> None:
        from playground.runs import afterwards
        from playground.sharing import links

        afterwards.when_swept(links.forget_old)
