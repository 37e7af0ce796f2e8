from django.urls import path

from playground.votes import views

app_name = "votes"
urlpatterns = [
    path("", views.index, name="index"),
    path("next/", views.start, name="start"),
    path("new/", views.new, name="new"),
    path("picked/", views.picked, name="picked"),
    path("scoreboard/", views.scoreboard, name="scoreboard"),
    path("scoreboard.csv", views.export, name="export"),
    path("<int:pk>/", views.ballot, name="ballot"),
    path("<int:pk>/cast/", views.cast, name="cast"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/reveal/", views.reveal, name="reveal"),
    path("<int:pk>/<int:position>.webp", views.picture, name="picture"),
]
