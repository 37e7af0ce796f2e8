from django.urls import path

from playground.sharing import views

app_name = "sharing"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("create/", views.create, name="create"),
    path("<int:pk>/", views.change, name="change"),
    path("<int:pk>/rotate/", views.rotate, name="rotate"),
    path("<int:pk>/end/", views.end, name="end"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]
