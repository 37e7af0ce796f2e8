"""The web application, as a WSGI server wants it."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
application = get_wsgi_application()

from playground.launch.warming import warm_up  # noqa: E402

warm_up()
# What is loaded now stays as long as the process. Looked through again at every collection of garbage, it costs a
# quarter of what a page takes.
gc.collect()
gc.freeze()
