"""The client: one object per server, with what can be done there grouped by noun."""

from __future__ import annotations

from types import TracebackType
from typing import Self, cast

import httpx

from samplecase.client.account import Account
from samplecase.client.account_types import Scope
from samplecase.client.audit import Audit
from samplecase.client.datasets import Datasets
from samplecase.client.exchange import Exchange
from samplecase.client.jobs import Jobs
from samplecase.client.models import Deployments, Models
from samplecase.client.people import People
from samplecase.client.projections import Projections
from samplecase.client.reviews import Reviews
from samplecase.client.sharing import Sharing
from samplecase.client.transport import Transport
from samplecase.client.types import Json
from samplecase.client.uploads import Uploads
from samplecase.client.views import Views


class Client:
    """A Samplecase server, used with one person's token.

    >>> with Client("http://127.0.0.1:8000", token="…") as client:
    ...     for dataset in client.datasets.list():
    ...         print(dataset["name"], dataset["sample_count"])
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        timeout: float = 60.0,
        attempts: int = 4,
        http: httpx.BaseTransport | None = None,
    ) -> None:
        """`timeout` is in seconds, per read; what may be repeated is tried `attempts` times when the connection fails.

        `http` replaces the network, as tests do.
        """
        self.transport = Transport(url, token=token, timeout=timeout, attempts=attempts, http=http)
        self.uploads = Uploads(self.transport)
        self.datasets = Datasets(self.transport, self.uploads)
        self.models = Models(self.transport, self.uploads)
        self.deployments = Deployments(self.transport)
        self.jobs = Jobs(self.transport)
        self.exchange = Exchange(self.transport, self.uploads)
        self.projections = Projections(self.transport)
        self.reviews = Reviews(self.transport)
        self.views = Views(self.transport)
        self.sharing = Sharing(self.transport)
        self.account = Account(self.transport)
        self.people = People(self.transport)
        self.audit = Audit(self.transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.transport.close()

    def login(self, username: str, password: str, *, name: str = "", scope: Scope = "write") -> str:
        """Make a token, use it from now on, and return it: the server shows it only this once."""
        body = {"username": username, "password": password, "name": name, "scope": scope}
        token = str(self.transport.post("tokens/", body)["token"])
        self.transport.use(token)
        return token

    def me(self) -> Json:
        """Who the token belongs to."""
        return cast(Json, self.transport.get("me/"))

    def health(self) -> Json:
        """Whether the server lives; needs no token."""
        return cast(Json, self.transport.get(f"{self.transport.url}/health/"))
