from django.urls import path

from playground.providers import chain, connections, doctor

app_name = "settings"
urlpatterns = [
    path("", connections.index, name="index"),
    path("chain/", chain.save, name="chain"),
    path("chain/off/", chain.switch_off, name="chain-off"),
    path("connections/new/", connections.add, name="connection-add"),
    path("connections/<int:pk>/", connections.edit, name="connection-edit"),
    path("connections/<int:pk>/delete/", connections.delete, name="connection-delete"),
    path("connections/<int:pk>/move/", connections.move, name="connection-move"),
    path("connections/<int:pk>/switch/", connections.switch, name="connection-switch"),
    path("connections/<int:pk>/test/", connections.test, name="connection-test"),
    path("connections/<int:pk>/doctor/", doctor.page, name="doctor"),
    path("connections/<int:pk>/doctor/report/", doctor.report, name="doctor-report"),
]
