from django.urls import path

from playground.gallery import acts, views
from playground.gallery.exporting import views as exporting

app_name = "gallery"
urlpatterns = [
    path("", views.index, name="index"),
    path("acts/", acts.act, name="act"),
    path("bin/", acts.bin_page, name="bin"),
    path("bin/back/", acts.take_back, name="take-back"),
    path("bin/empty/", acts.empty_bin, name="empty-bin"),
    path("export/", exporting.options, name="export"),
    path("export/zip/", exporting.archive, name="archive"),
    path("<int:pk>/", views.picture, name="picture"),
    path("<int:pk>/restore/", views.restore, name="restore"),
    path("<int:pk>/heat.png", views.heat, name="heat"),
    path("<int:pk>/original", views.original, name="original"),
    path("<int:pk>/setup.darkroom.json", views.setup, name="setup"),
    path("<int:pk>/w<int:width>.webp", views.thumbnail, name="thumbnail"),
]
