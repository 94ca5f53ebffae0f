"""What the runners of all kinds of weights share: reading, the network's input, and how a plan changes both."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .networks import PLAIN, NotApplicable, optimised
from .outputs import Postprocessing, on_cpu
from .reading import Preprocessing, UnreadableMedia

KEPT_RUNS = 2  # networks that a replica of a tuning keeps: the best up to now, and the one that is tried


class Runner:
    """A package's network with what is done before and after it. Subclasses say how to load the weights.

    The manifest that a replica gets may hold `tricks`, what a tuning chose (`networks.PLAIN` has their names), and
    `is_tuning`: then the first element of a mini-batch may be an object, which sets other ones.
    """

    _size: int | None = None  # of the network's batches, where it takes one size only

    def __init__(self, manifest: dict[str, Any]) -> None:
        self._manifest = manifest
        self._weights = manifest["weights"]
        self._before = manifest.get("preprocess", {})
        self._is_tuning = bool(manifest.get("is_tuning"))
        self._postprocessing = Postprocessing(manifest, is_probed=self._is_tuning)
        self._tricks = dict(PLAIN, **(manifest.get("tricks") or {}))
        self._device = "cpu"
        self._threads = 0  # 0: as many as the surroundings say
        self._runs: dict[str, Callable[[Any], Any]] = {}
        self._run: Callable[[Any], Any]
        self._pool: ThreadPoolExecutor | None = None
        self.decode_seconds = 0.0  # spent on reading files up to now; the replica tells the executor

    def setup(self, device: str) -> None:
        """Load the weights. The working directory is the unpacked package.

        Where a plan cannot be applied (it was made on another host), the plain network runs, and the log says so.
        """
        self._device = device
        self._set_scales()
        try:
            self._apply(self._tricks)
        except Exception as error:
            if self._tricks == PLAIN:
                raise
            reason = (str(error).strip().splitlines() or [""])[0][:200]
            print(
                "samplecase: the deployment's plan cannot be applied here, so the plain network runs: "
                f"{type(error).__name__}: {reason}",
                file=sys.stderr,
                flush=True,
            )
            self._apply(PLAIN)
        self._open_pool()

    def predict(self, **inputs: Any) -> dict[str, list[Any]]:
        """One list of paths or images in, one list of outputs out; an unreadable image is its own sample's error."""
        (items,) = inputs.values()
        if self._is_tuning and len(items) and isinstance(items[0], dict):
            return {self._postprocessing.output: [self._switched(items[0])]}
        began = time.perf_counter()
        read = list(self._pool.map(self._read, items) if self._pool else map(self._read, items))
        self.decode_seconds += time.perf_counter() - began
        results: list[Any] = list(read)
        for indices in _by_shape(read):
            arrays = [read[index][0] for index in indices]
            placements = [read[index][1] for index in indices]
            height, width = arrays[0].shape[:2]
            outputs = self._forward(self.batch(arrays))
            values = self._postprocessing.values(outputs, placements, (width, height))
            for index, value in zip(indices, values):  # noqa: B905 - Python 3.8
                results[index] = value
        return {self._postprocessing.output: results}

    def teardown(self) -> None:
        """Let go of the threads."""
        if self._pool:
            self._pool.shutdown()

    def batch(self, arrays: list[Any]) -> Any:
        """`float32 [batch, channels, height, width]` on the device, scaled and normalised in one step."""
        import numpy
        import torch

        pixels = torch.from_numpy(numpy.stack(arrays)).to(self._device).permute(0, 3, 1, 2)
        layout = torch.channels_last if self._tricks["channels_last"] else torch.contiguous_format
        return torch.addcmul(self._offset, pixels.to(torch.float32, memory_format=layout), self._factor)

    def _set_scales(self) -> None:
        """`(x / scale - mean) / std` as `x * factor + offset`, equal to within the rounding of float32."""
        import torch

        channels = 1 if self._before.get("color") == "gray" else 3
        mean = torch.tensor(self._before.get("mean") or [0.0], dtype=torch.float64).expand(channels)
        std = torch.tensor(self._before.get("std") or [1.0], dtype=torch.float64).expand(channels)
        factor = 1 / (std * self._before.get("scale", 255))
        self._factor = factor.float().view(-1, 1, 1).to(self._device)
        self._offset = (-mean / std).float().view(-1, 1, 1).to(self._device)

    def _load(self) -> Any:
        """The plain network: a module, or for `optimised` whatever can be called."""
        raise NotImplementedError

    def _wrapped(self, run: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """What calls the network, whatever was done to it."""
        return run

    def _example(self) -> Any:
        """An input of noise, of two images or more, where the package says how large they are; else None."""
        resize = self._before.get("resize")
        if not isinstance(resize, list) and (
            resize is None or self._before.get("mode", "stretch") == "stretch"
        ):
            return None
        import torch

        height, width = resize if isinstance(resize, list) else (resize, resize)
        channels = 1 if self._before.get("color") == "gray" else 3
        return torch.rand(max(2, self._size or 2), channels, height, width, device=self._device)

    def _apply(self, tricks: dict[str, Any]) -> None:
        """Raises where a trick is none for this network or on this host."""
        preprocessing = Preprocessing(self._before, tricks["decode"])
        fault = preprocessing.fault()
        if fault:
            raise NotApplicable(fault)
        key = repr([tricks[name] for name in ("graph", "precision", "channels_last")])
        run = self._runs.pop(key, None) or optimised(
            self._load(), tricks, wrap=self._wrapped, example=self._example(), size=self._size
        )
        self._runs[key] = run  # as the last one used
        for old in list(self._runs)[: -KEPT_RUNS if self._is_tuning else -1]:
            del self._runs[old]
        self._run, self._preprocessing, self._tricks = run, preprocessing, dict(tricks)

    def _switched(self, wanted: dict[str, Any]) -> Any:
        """None once other tricks or another number of threads are set, else the reason why not."""
        import torch

        try:
            if wanted["threads"] != torch.get_num_threads():
                self._threads = wanted["threads"]
                torch.set_num_threads(self._threads)
                self._threads_changed()
                self._open_pool()
            self._apply(dict(PLAIN, **wanted["tricks"]))
        except Exception as error:
            return error
        return None

    def _threads_changed(self) -> None:
        """For networks that do not run in torch."""

    def _open_pool(self) -> None:
        import torch

        if self._pool:
            self._pool.shutdown()
        threads = torch.get_num_threads()
        # Pillow lets go of the interpreter while it decodes and resizes.
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def _forward(self, batch: Any) -> Any:
        import torch

        with torch.inference_mode():
            return on_cpu(self._run(batch))

    def _read(self, item: Any) -> Any:
        try:
            return self._preprocessing.read(item)
        except UnreadableMedia as error:
            return error


def threads_wanted(given: int) -> int:
    """As many as were set, else as the surroundings say; 0: the library's own choice."""
    return given or int(os.environ.get("OMP_NUM_THREADS", "0"))


def _by_shape(read: list[Any]) -> list[list[int]]:
    """Indices of the readable images, those of one shape together: they go through the network at once."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for index, each in enumerate(read):
        if not isinstance(each, Exception):
            groups.setdefault(each[0].shape, []).append(index)
    return list(groups.values())
