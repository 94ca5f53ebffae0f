"""The expected failures of the whole product, as data: a code, a sentence, and the places that are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where.

    `pointer` is an RFC 6901 JSON pointer into what was sent ("" is the whole of it), or the name of a file.
    """

    pointer: str
    message: str


class ContractError(Exception):
    """The request could not be carried out."""

    code = "error"

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        details: Sequence[Fault] = (),
        pointer: str | None = None,
    ) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.code = code or type(self).code
        faults = list(details)
        if pointer is not None:
            faults.insert(0, Fault(pointer, self.message))
        self.details: tuple[Fault, ...] = tuple(faults)
        super().__init__(self.message)


class InvalidInput(ContractError):
    """What was sent is not valid; the details name each place."""

    code = "invalid"


class Forbidden(ContractError):
    """You may see this, but you do not have the right to do that."""

    code = "forbidden"


class NotFound(ContractError):
    """There is nothing here, or nothing that you may see."""

    code = "not_found"


class Conflict(ContractError):
    """This does not fit the present state; look again and repeat."""

    code = "conflict"


class UnknownProtocol(ContractError):
    """This version of the protocol is not spoken here."""

    code = "unknown_protocol"


class Locked(ContractError):
    """Somebody else is at work on this; wait for the end."""

    code = "locked"


class ChecksumMismatch(ContractError):
    """The bytes that came are not those of their checksum; nothing of them was kept."""

    code = "checksum_mismatch"


class TooLarge(ContractError):
    """This is over a limit of the settings."""

    code = "too_large"


class Unavailable(ContractError):
    """A part that this needs does not answer; try again later."""

    code = "unavailable"
