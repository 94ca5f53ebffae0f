"""A package's network without a replica: for benchmarks, and for whoever wants it in a process of his own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import kinds


class Tuned:
    """The network of a no-code package under the tricks of a plan, in this process.

    `read(path)` gives one `uint8 [height, width, channels]` array, `batch(arrays)` the network's input of several,
    `network(batch)` its outputs, and `predict(paths)` the values that a job would write.
    """

    def __init__(self, runner: Any, name: str) -> None:
        self._runner = runner
        self._input = name

    def read(self, path: Any) -> Any:
        """Raises `UnreadableMedia`."""
        return self._runner._preprocessing.read(path)[0]

    def batch(self, arrays: list[Any]) -> Any:
        return self._runner.batch(arrays)

    def network(self, batch: Any) -> Any:
        return self._runner._forward(batch)

    def predict(self, paths: list[Any]) -> list[Any]:
        (values,) = self._runner.predict(**{self._input: paths}).values()
        return list(values)


def tuned(
    folder: Any, manifest: dict[str, Any], tricks: dict[str, Any] | None = None, device: str = "cpu"
) -> Tuned:
    """The network of the unpacked package in `folder`; without `tricks` the plain one.

    `tricks` is a deployment's `measured["plan"]` or any part of it; how many threads torch uses is left to the caller.
    Raises what a trick raises that cannot be applied here.
    """
    names = ("graph", "precision", "channels_last", "decode")
    chosen = {key: value for key, value in (tricks or {}).items() if key in names}
    facts = dict(manifest, weights=str(Path(folder, manifest["weights"]).resolve()))
    kind = getattr(kinds, manifest["entrypoint"].rpartition(":")[2])
    runner = kind(facts)
    runner.setup(device)
    if chosen:
        runner._apply(dict(runner._tricks, **chosen))
    (name,) = manifest["schema"]["inputs"]["properties"]
    return Tuned(runner, name)
