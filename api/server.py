"""How gunicorn serves the API: one process with many threads, because each open page holds one for its socket."""

import os
from pathlib import Path

from journey_engine.collecting import collect_rarely

wsgi_app = "api:create_app()"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8080')}"
worker_class = "api.patience.PatientWorker"
workers = int(os.environ.get("WEB_PROCESSES", "1"))
threads = int(os.environ.get("WEB_THREADS", "100"))
timeout = 60
graceful_timeout = 3  # an open page never hangs up by itself, so waiting for it longer gains nothing
keepalive = 75
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # a slow disk must not look like a hung worker
control_socket_disable = True


def post_worker_init(worker):
    """The application is loaded and stays; what requests make goes by itself."""
    collect_rarely()
