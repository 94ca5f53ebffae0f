"""What can be done to a network so that it runs faster and answers nearly the same.

`graph`       plain · folded (batch norms within their convolutions) · frozen (folded, and laid out for this CPU by
              torch.jit) · compiled (torch.compile)
`precision`   fp32 · bf16 (by autocast, so that what needs single precision keeps it)
`channels_last`  the memory format of input and weights
`decode`      see `reading`
"""

from __future__ import annotations

import contextlib
import shutil
import warnings
from collections.abc import Callable
from typing import Any

from .folding import folded_export, folded_module

PLAIN: dict[str, Any] = {"graph": "plain", "precision": "fp32", "channels_last": False, "decode": "plain"}
Run = Callable[[Any], Any]

CHECKED_TOLERANCE = 0.02  # of the largest output: more is no rounding, the trick is wrong for this network


class NotApplicable(Exception):
    """The trick is none for this network or on this host; the message says why."""


def optimised(
    network: Any, tricks: dict[str, Any], *, wrap: Callable[[Run], Run], example: Any, size: int | None
) -> Run:
    """The network, as `wrap` has it called, with the tricks done to it.

    `example` is an input of noise, and `size` the only number of images that the network takes. Raises `NotApplicable`,
    also where the outputs are then no longer the same, and whatever torch raises over a trick.
    """
    import torch

    if all(tricks[name] == PLAIN[name] for name in ("graph", "precision", "channels_last")):
        return wrap(network)
    if not isinstance(network, torch.nn.Module):
        raise NotApplicable("its file is run as it is")
    expected = None if example is None else _answers(wrap(network), example)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # torch.jit says with every call that it will not be developed further
        run = _changed(network, tricks, None if example is None else example[: size or 2])
        if tricks["precision"] == "bf16":
            run = _in_bfloat16(run)
        run = wrap(run)
        if expected is not None:
            _check(run, example, expected, is_exact=tricks["precision"] == "fp32")
    return run


def _changed(network: Any, tricks: dict[str, Any], example: Any) -> Any:
    import torch

    graph = tricks["graph"]
    is_script = isinstance(network, torch.jit.ScriptModule)
    if tricks["channels_last"]:
        network = network.to(memory_format=torch.channels_last)
    if graph == "folded":
        if is_script:
            return torch.jit.freeze(network)
        if isinstance(network, torch.fx.GraphModule):
            return folded_export(network)
        return folded_module(network)
    if graph == "frozen":
        return _frozen(network, tricks, example, is_script=is_script)
    if graph == "compiled":
        if is_script:
            raise NotApplicable("torch.compile does not take TorchScript")
        return _compiled(network, example)
    return network


def _frozen(network: Any, tricks: dict[str, Any], example: Any, *, is_script: bool) -> Any:
    import torch

    if not is_script:
        if example is None:
            raise NotApplicable("the size of its input is not fixed, so that it cannot be traced")
        if tricks["channels_last"]:
            example = example.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            network = torch.jit.trace(network, example, check_trace=False).eval()
    if tricks["precision"] == "bf16":
        return torch.jit.freeze(network)  # what is laid out for single precision is not cast any more
    return torch.jit.optimize_for_inference(network)


def _compiled(network: Any, example: Any) -> Any:
    import torch

    if example is None:
        raise NotApplicable("the size of its input is not fixed")
    if not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
        raise NotApplicable("there is no C++ compiler")
    import torch._inductor.config as settings

    settings.compile_threads = 1
    return torch.compile(network, dynamic=True)


def _in_bfloat16(run: Run) -> Run:
    import torch

    def cast(batch: Any) -> Any:
        with torch.autocast(batch.device.type, dtype=torch.bfloat16):
            return run(batch)

    return cast


def _answers(run: Run, example: Any) -> list[Any]:
    """What the network gives for several images, and for one: tracing may fix what is not fixed."""
    import torch

    with torch.inference_mode():
        return [tensor for batch in (example, example[:1]) for tensor in _tensors(run(batch))]


def _check(run: Run, example: Any, expected: list[Any], *, is_exact: bool) -> None:
    found = _answers(run, example)
    for one, other in zip(found, expected):  # noqa: B905 - Python 3.8
        if one.shape != other.shape:
            raise NotApplicable("it then gives outputs of another shape")
        largest = float(other.float().abs().max()) if other.numel() else 0.0
        difference = float((one.float() - other.float()).abs().max()) if other.numel() else 0.0
        if is_exact and difference > CHECKED_TOLERANCE * max(largest, 1e-6):
            raise NotApplicable(f"its outputs then differ by {difference:.3g} on noise")


def _tensors(outputs: Any) -> list[Any]:
    import torch

    if isinstance(outputs, torch.Tensor):
        return [outputs.clone()]
    values = outputs.values() if isinstance(outputs, dict) else outputs
    with contextlib.suppress(TypeError):
        return [tensor for each in values for tensor in _tensors(each)]
    return []
