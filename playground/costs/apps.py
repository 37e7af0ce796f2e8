from django.apps import AppConfig


class CostsConfig(AppConfig):
    name = "playground.costs"
    label = "costs"
