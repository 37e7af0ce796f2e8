from django.urls import path

from playground.chat import tree_views, views

app_name = "chat"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("edit/<int:pk>/", views.edit, name="edit"),
    path("say/", views.say, name="say"),
    path("estimate/", views.estimate, name="estimate"),
    path("tray/", views.tray, name="tray"),
    path("live/", views.live, name="live"),
    path("of-run/<int:number>/", views.of_run, name="of-run"),
    path("<int:number>/", views.conversation, name="conversation"),
    path("<int:number>/start/", views.start, name="start"),
    path("<int:number>/<int:step>/", views.turn, name="turn"),
    path("<int:number>/map/", tree_views.whole_map, name="map"),
    path("<int:number>/rename/", tree_views.rename, name="rename"),
    path("<int:number>/export/", tree_views.export, name="export"),
    path("<int:number>/<int:step>/fork/", tree_views.fork, name="fork"),
    path("<int:number>/<int:step>/remove/", tree_views.remove, name="remove"),
    path("<int:number>/<int:step>/restore/", tree_views.restore, name="restore"),
]
