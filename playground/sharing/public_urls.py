"""Addresses of links. Names of these views are open without a login: see accounts.middleware."""

from django.urls import path

from playground.sharing import ballot_views
from playground.sharing import public_views as views

app_name = "public"
urlpatterns = [
    path("<str:token>", views.with_slash, name="with-slash"),
    path("<str:token>/", views.page, name="page"),
    path("<str:token>/card.jpg", views.card, name="card"),
    path("<str:token>/vote/", ballot_views.vote, name="vote"),
    path("<str:token>/vote/<int:position>.webp", ballot_views.picture, name="vote-picture"),
    path("<str:token>/<int:number>/", views.one, name="one"),
    path("<str:token>/<int:number>/w<int:width>.webp", views.small, name="small"),
    path("<str:token>/<int:number>/from-<int:place>.webp", views.brought, name="brought"),
    path("<str:token>/<int:number>/original", views.original, name="original"),
    path("<str:token>/<int:number>/setup", views.setup, name="setup"),
    path("", views.nowhere, name="nothing"),
    path("<path:rest>", views.nowhere, name="nowhere"),
]
