"""Batch norms folded into the convolutions before them, for modules and for exported graphs."""

from __future__ import annotations

import operator
from typing import Any

_NORMS = ("aten.batch_norm.default", "aten._native_batch_norm_legit_no_training.default")
_CONVOLUTIONS = (
    "aten.conv1d.default",
    "aten.conv2d.default",
    "aten.conv3d.default",
    "aten.convolution.default",
)


def folded_module(module: Any) -> Any:
    """By torch.fx where the module can be traced, else within its sequences. Raises `ValueError` if there is none."""
    from torch.fx.experimental.optimization import fuse

    before = _norms_in(module)
    if not before:
        raise ValueError("it has no batch norm")
    try:
        folded = fuse(module)
    except Exception:  # control flow that cannot be traced
        folded = _folded_in_sequences(module)
    if _norms_in(folded) == before:
        raise ValueError("none of its batch norms follows a convolution directly")
    return folded.eval()


def _norms_in(module: Any) -> int:
    from torch.nn.modules.batchnorm import _BatchNorm

    return sum(isinstance(each, _BatchNorm) for each in module.modules())


def _folded_in_sequences(module: Any) -> Any:
    import torch
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    pairs = ((torch.nn.Conv2d, torch.nn.BatchNorm2d), (torch.nn.Conv1d, torch.nn.BatchNorm1d))
    for parent in [each for each in module.modules() if type(each) is torch.nn.Sequential]:
        names = list(parent._modules)
        for name, following in zip(names, names[1:]):  # noqa: B905, RUF007 - Python 3.8
            first, second = parent._modules[name], parent._modules[following]
            if any(type(first) is one and type(second) is other for one, other in pairs):
                parent._modules[name] = fuse_conv_bn_eval(first, second)
                parent._modules[following] = torch.nn.Identity()
    return module


def folded_export(module: Any) -> Any:
    """A graph of torch.export, changed in place. Raises `ValueError` if nothing was folded."""
    graph = module.graph
    folded = sum(_fold_node(module, node) for node in list(graph.nodes) if str(node.target) in _NORMS)
    if not folded:
        raise ValueError("none of its batch norms follows a convolution directly")
    graph.eliminate_dead_code()
    module.recompile()
    return module


def _fold_node(module: Any, norm: Any) -> bool:
    import torch
    from torch.nn.utils.fusion import fuse_conv_bn_weights

    before = norm.args[0]
    if str(before.target) not in _CONVOLUTIONS or len(before.users) != 1:
        return False
    if str(before.target) == "aten.convolution.default" and before.args[6]:
        return False  # transposed
    values = [_value(module, each) for each in norm.args[1:5]]
    kernel, bias = (_value(module, each) for each in (*before.args[1:3], None)[:2])
    if kernel is None or any(each is None for each in values[2:]):
        return False
    weight, offset, mean, variance = values
    epsilon = norm.args[-1] if "legit" in str(norm.target) else norm.args[7]
    is_training = "legit" not in str(norm.target) and norm.args[5]
    if is_training:
        return False
    with torch.no_grad():
        fused = fuse_conv_bn_weights(kernel, bias, mean, variance, epsilon, weight, offset)
    names = [_added(module, each) for each in fused]
    with module.graph.inserting_before(before):
        nodes = [module.graph.get_attr(name) for name in names]
    before.args = (before.args[0], *nodes, *before.args[3:])
    _replace(norm, before)
    return True


def _value(module: Any, node: Any) -> Any:
    """The parameter or buffer that a node reads, or None."""
    if node is None or getattr(node, "op", "") != "get_attr":
        return None
    return operator.attrgetter(str(node.target))(module)


def _added(module: Any, tensor: Any) -> str:
    import torch

    name = f"folded_{len(module._buffers)}"
    layout = (
        torch.channels_last if tensor.dim() == 4 and _is_channels_last(tensor) else torch.contiguous_format
    )
    module.register_buffer(name, tensor.detach().clone(memory_format=layout))
    return name


def _is_channels_last(tensor: Any) -> bool:
    import torch

    return bool(tensor.is_contiguous(memory_format=torch.channels_last))


def _replace(norm: Any, convolution: Any) -> None:
    """Let who read the norm's result read the convolution's; one kind of norm gives it as the first of three."""
    if "legit" not in str(norm.target):
        norm.replace_all_uses_with(convolution)
        return
    for user in list(norm.users):
        if user.target is operator.getitem and user.args[1] == 0:
            user.replace_all_uses_with(convolution)
