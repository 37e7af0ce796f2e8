from django.urls import path

from playground.providers import models_pages

app_name = "models"
urlpatterns = [
    path("", models_pages.index, name="index"),
    path("<str:model_id>/", models_pages.model, name="model"),
]
