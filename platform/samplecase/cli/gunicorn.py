"""gunicorn as this product runs it: threads, because pages poll and images are read from disk."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

# Made here, before the processes are forked: they count in the same tables.
from samplecase.web.pages import tallies  # noqa: F401
from samplecase.web.rest import limiter  # noqa: F401

READ_SECONDS = 60  # without a byte of a body, after which its request is cut off

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


class OurLines(Logger):
    """gunicorn's own words, in the format of all the others."""

    def _set_handler(self, log: Any, output: Any, fmt: Any, stream: Any = None) -> None:
        from samplecase.web import settings
        from samplecase.web.accounts.logs import FORMATTERS

        super()._set_handler(log, output, FORMATTERS[settings.LOG_FORMAT](), stream)


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
            "logger_class": OurLines,
            "control_socket_disable": True,  # it would lie in the home folder, one for all servers
            "proc_name": "samplecase-web",
        }
        super().__init__()

    def load_config(self) -> None:
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Application:
        from samplecase.web import wsgi
        from samplecase.web.rest.spools import remove_abandoned

        remove_abandoned()
        return limiting_silence(wsgi.application)


def limiting_silence(application: Application) -> Application:
    """The same, whose bodies raise `OSError` where nothing of them comes for `READ_SECONDS`."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        # Of reading alone: Python's own timeout would be one for whole answers too, however long they are.
        patience = struct.pack("@ll", READ_SECONDS, 0)
        environ["gunicorn.socket"].setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        return application(environ, start_response)

    return answer
