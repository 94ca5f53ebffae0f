"""Whether something listens at an address, asked before and after a server is started."""

from __future__ import annotations

import socket

from samplecase.contracts.errors import Unavailable


def answers(base: str) -> bool:
    """Whether a Samplecase server answers there."""
    import httpx

    try:
        return httpx.get(f"{base}/health/", timeout=2).is_success
    except httpx.TransportError:
        return False


def require_free(host: str, port: int) -> None:
    """Refuse a taken port with a sentence, before anything is started."""
    if not is_free(host, port):
        raise Unavailable(f"Port {port} of {host} is taken. Choose another: --port {port + 1}")


def is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
