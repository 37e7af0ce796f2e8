from django.urls import path

from playground.costs import views

app_name = "costs"
urlpatterns = [
    path("", views.index, name="index"),
    path("ledger.csv", views.export, name="export"),
    path("entries/<int:pk>/bill/", views.settle, name="settle"),
    path("statement/", views.statement, name="statement"),
    path("statement/settle/", views.settle_many, name="settle-many"),
    path("limits/", views.limits, name="limits"),
    path("limits/<int:pk>/lift/", views.lift, name="lift"),
]
