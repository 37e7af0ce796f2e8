from django.apps import AppConfig


class VotesConfig(AppConfig):
    name = "playground.votes"
    label = "votes"
