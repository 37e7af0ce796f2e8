from django.urls import path

from playground.compare import views

app_name = "compare"
urlpatterns = [
    path("", views.index, name="index"),
    path("pick/", views.pick, name="pick"),
    path("difference/", views.difference, name="difference"),
    path("difference/<int:one>-<int:other>.webp", views.difference_picture, name="difference-picture"),
    path("sheet.png", views.sheet, name="sheet"),
]
