"""gunicorn as this product runs it: threads, because pages poll and images are read from disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication


class Server(BaseApplication):
    """The web application behind an address, without any configuration file."""

    def __init__(self, *, bind: str, workers: int, threads: int) -> None:
        self._options: dict[str, Any] = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "graceful_timeout": 5,
            "timeout": 120,
            "keepalive": 15,
            "limit_request_line": 8190,  # its most: filters stand in the address of a GET
            "loglevel": "warning",
            "control_socket_disable": True,  # it would lie in the home folder, one for all servers
            "proc_name": "samplecase-web",
        }
        super().__init__()

    def load_config(self) -> None:
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Callable[..., Any]:
        from samplecase.web import wsgi
        from samplecase.web.rest.spools import remove_abandoned

        remove_abandoned()
        return wsgi.application
