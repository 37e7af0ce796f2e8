"""Which room answers which address."""

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import TemplateView
from django.views.i18n import set_language

from playground.launch import views as launch

urlpatterns = [
    path("", include("playground.studio.urls")),
    path("chat/", include("playground.chat.urls")),
    path("gallery/", include("playground.gallery.urls")),
    path("compare/", include("playground.compare.urls")),
    path("votes/", include("playground.votes.urls")),
    path("costs/", include("playground.costs.urls")),
    path("models/", include("playground.providers.models_urls")),
    path("settings/", include("playground.providers.settings_urls")),
    path("links/", include("playground.sharing.urls")),
    path("s/", include("playground.sharing.public_urls")),
    path("language/", set_language, name="language"),
    path("theme/", launch.theme, name="theme"),
    path("healthz", launch.health, name="health"),
    path("login/", LoginView.as_view(template_name="accounts/login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
if settings.DEBUG:
    urlpatterns.append(path("kit/", TemplateView.as_view(template_name="kit.html"), name="kit"))
