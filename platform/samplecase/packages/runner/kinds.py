"""One runner for each kind of weight file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .base import Runner, threads_wanted
from .outputs import joined, on_cpu


class TorchScript(Runner):
    """A file of `torch.jit.save`."""

    def _load(self) -> Any:
        import torch

        return torch.jit.load(self._weights, map_location=self._device).eval()


class Checkpoint(Runner):
    """A state dict, and the name of the torchvision architecture it belongs to."""

    def _load(self) -> Any:
        import torchvision

        state = self._state()
        biases = [each for each in state.values() if each.dim() > 0]
        architecture = self._manifest["architecture"]
        module = torchvision.models.get_model(architecture, weights=None, num_classes=len(biases[-1]))
        module.load_state_dict(state)
        return module.to(self._device).eval()

    def _state(self) -> dict[str, Any]:
        """Weights by name, out of a bare state dict or a training's checkpoint."""
        if self._weights.endswith(".safetensors"):
            try:
                from safetensors.torch import load_file
            except ImportError as error:
                raise RuntimeError(
                    "this package needs safetensors; add it to its requirements.txt"
                ) from error
            loaded: dict[str, Any] = load_file(self._weights)
        else:
            import torch

            loaded = torch.load(self._weights, map_location="cpu", weights_only=True)
        for key in ("model", "state_dict", "model_state_dict"):
            if isinstance(loaded.get(key), dict):
                loaded = loaded[key]
                break
        prefix = "module."  # of DistributedDataParallel
        return {key[len(prefix) :] if key.startswith(prefix) else key: each for key, each in loaded.items()}


class _FixedBatch:
    """Runs a network that was exported for one batch size: the last part is padded, and its padding's outputs drop."""

    def __init__(self, run: Callable[[Any], Any], size: int | None) -> None:
        self._run = run
        self._size = size

    def __call__(self, batch: Any) -> Any:
        import torch

        if self._size is None or len(batch) == self._size:
            return self._run(batch)
        missing = -len(batch) % self._size
        padded = torch.cat([batch, batch[-1:].expand(missing, *batch.shape[1:])])
        return joined([on_cpu(self._run(part)) for part in padded.split(self._size)])


class ExportedProgram(Runner):
    """A file of `torch.export.save`."""

    def _load(self) -> Any:
        import torch

        program = torch.export.load(self._weights)
        if self._device != "cpu":
            from torch.export.passes import move_to_device_pass

            program = move_to_device_pass(program, self._device)
        inputs = set(program.graph_signature.user_inputs)
        shape = next(node.meta["val"].shape for node in program.graph.nodes if node.name in inputs)
        self._size = shape[0] if isinstance(shape[0], int) else None
        return program.module()

    def _wrapped(self, run: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return _FixedBatch(run, self._size)


class Onnx(Runner):
    """An ONNX file, run by onnxruntime."""

    def _load(self) -> Any:
        try:
            import onnxruntime
        except ImportError as error:
            raise RuntimeError(
                "this package needs onnxruntime: add it to requirements.txt and deploy with a custom environment"
            ) from error
        wanted = (
            ["CPUExecutionProvider"]
            if self._device == "cpu"
            else ["CUDAExecutionProvider", "CPUExecutionProvider"]
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads_wanted(self._threads)
        self._session = onnxruntime.InferenceSession(self._weights, options, providers=wanted)
        self._input = self._session.get_inputs()[0]
        size = self._input.shape[0]
        self._size = size if isinstance(size, int) else None
        return self._run_session

    def _wrapped(self, run: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return _FixedBatch(run, self._size)

    def _threads_changed(self) -> None:
        self._runs.clear()

    def _run_session(self, batch: Any) -> Any:
        import torch

        outputs = self._session.run(None, {self._input.name: batch.cpu().numpy()})
        return [torch.from_numpy(each) for each in outputs]
