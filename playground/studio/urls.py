from django.urls import path

from playground.studio import run_views, tray_views, views

app_name = "studio"
urlpatterns = [
    path("", views.index, name="index"),
    path("studio/generate/", views.generate, name="generate"),
    path("studio/estimate/", views.estimate, name="estimate"),
    path("studio/prompts/", views.prompts, name="prompts"),
    path("studio/tray/", tray_views.act, name="tray"),
    path("studio/recipes/<slug:key>/", tray_views.recipe, name="recipe"),
    path("studio/recipes/<slug:name>.webp", tray_views.recipe_picture, name="recipe-picture"),
    path("studio/pick/", tray_views.pick, name="pick"),
    path("studio/use/<int:pk>/", tray_views.use, name="use"),
    path("studio/uploads/", tray_views.upload, name="upload"),
    path("studio/uploads/<int:pk>/small", tray_views.thumbnail, name="upload-thumbnail"),
    path("studio/uploads/<int:pk>/sent", tray_views.sent, name="upload-sent"),
    path("studio/uploads/<int:pk>/original", tray_views.original, name="upload-original"),
    path("studio/uploads/<int:pk>/painter/", tray_views.painter, name="painter"),
    path("studio/uploads/<int:pk>/mask/", tray_views.save_mask, name="save-mask"),
    path("studio/masks/<int:pk>.png", tray_views.mask_file, name="mask-file"),
    path("studio/live/", views.live, name="live"),
    path("runs/<int:number>/", run_views.run_page, name="run"),
    path("runs/<int:number>/pause/", run_views.pause_run, name="pause-run"),
    path("runs/<int:number>/go-on/", run_views.go_on, name="go-on"),
    path("runs/<int:number>/cancel/", run_views.cancel_run, name="cancel-run"),
    path("runs/<int:number>/retry/", run_views.retry_run, name="retry-run"),
    path("frames/<int:pk>/", views.frame, name="frame"),
    path("frames/<int:pk>/preview/<str:sha256>.webp", views.preview, name="preview"),
    path("frames/<int:pk>/details/", views.details, name="details"),
    path("frames/<int:pk>/instead/", views.instead, name="instead"),
    path("frames/<int:pk>/retry/", views.retry, name="retry"),
    path("frames/<int:pk>/another/", views.another, name="another"),
    path("frames/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("frames/<int:pk>/watch/", views.watch, name="watch"),
]
