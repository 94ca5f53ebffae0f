"""Run one model in its own interpreter, speaking frames: standard library only, Python 3.8 or newer.

A frame is a big-endian u32 length, that many bytes of JSON (the header), and the binary parts whose sizes the
header lists under "parts". Messages by "type":

    hello    replica -> executor   this interpreter runs
    load     executor -> replica   which entry point, device and schema
    ready    replica -> executor   setup() has returned
    predict  executor -> replica   one mini-batch
    result   replica -> executor   its outputs, or the error of the whole batch
    beat     replica -> executor   every second, with the memory in use
    drain    executor -> replica   finish: teardown() and exit
    bye      replica -> executor   the last word, with the error when the model could not be loaded
"""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import importlib.util
import json
import os
import queue
import resource
import signal
import stat
import struct
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, BinaryIO, Callable, Dict, List, Sequence, Tuple  # noqa: UP035 - Python 3.8 runs this file

MAX_HEADER_BYTES = 64 * 1024 * 1024
MAX_PART_BYTES = 512 * 1024 * 1024
MAX_PARTS = 4096
MAX_MESSAGE_CHARACTERS = 2000
ARRAY_DTYPES = ("uint8", "uint16", "float32")
MASK_TYPES = ("segmentation", "heatmap")
BUILTIN_PREFIX = "samplecase.builtin:"
UNREADABLE = "unreadable_media"
OUT_OF_MEMORY_SIGNS = ("out of memory", "can't allocate memory", "cannot allocate memory")

Frame = Tuple[Dict[str, Any], List[bytes]]  # noqa: UP006 - evaluated by Python 3.8


class FrameError(Exception):
    """What was read is not a frame."""


def write_frame(stream: BinaryIO, header: dict[str, Any], parts: Sequence[bytes] = ()) -> None:
    data = json.dumps(dict(header, parts=[len(part) for part in parts])).encode("utf-8")
    stream.write(struct.pack(">I", len(data)) + data)
    for part in parts:
        stream.write(part)
    stream.flush()


def read_frame(
    stream: BinaryIO, most: int | None = None, check: Callable[[bytes], None] | None = None
) -> Frame | None:
    """The next frame, or None at the end of the stream. Raises `FrameError` for what no honest peer sends.

    `most` is how many bytes all parts together may have: whoever reads them has to hold them. `check` looks at the
    header before it is parsed, which may take thirty times its size.
    """
    prefix = stream.read(4)
    if len(prefix) < 4:
        return None
    (length,) = struct.unpack(">I", prefix)
    if length > MAX_HEADER_BYTES:
        raise FrameError(f"a header of {length} bytes is over the limit")
    data = _exactly(stream, length)
    if check is not None:
        check(data)
    header = _parsed(data)
    sizes = header.get("parts", [])
    if not isinstance(sizes, list) or len(sizes) > MAX_PARTS:
        raise FrameError("the list of parts is not valid")
    if not all(type(size) is int and 0 <= size <= MAX_PART_BYTES for size in sizes):
        raise FrameError("a part's size is not valid")
    if most is not None and sum(sizes) > most:
        raise FrameError(f"parts of {sum(sizes)} bytes are over the limit")
    return header, [_exactly(stream, size) for size in sizes]


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        header = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FrameError("the header is not JSON") from error
    if not isinstance(header, dict) or not isinstance(header.get("type"), str):
        raise FrameError("the header has no type")
    return header


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise FrameError("the stream ended within a frame")
    return data


class WritableReader:
    """Reads a stream into memory that may be changed: the pixels of an image need no copy for that."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream: Any = stream

    def read(self, count: int) -> bytearray:
        data = bytearray(count)
        view, have = memoryview(data), 0
        while have < count:
            got = self._stream.readinto(view[have:])
            if not got:
                return data[:have]
            have += got
        return data


class InvalidOutput(Exception):
    """What predict() returned does not have the shape that the schema asks for."""


class Channel:
    """The two ends of this replica's pipes; frames of several threads never mix."""

    def __init__(self) -> None:
        self._source = WritableReader(os.fdopen(os.dup(0), "rb"))
        self._sink = os.fdopen(os.dup(1), "wb")
        self._lock = threading.Lock()
        os.dup2(2, 1)  # what the model prints is its log, never a frame
        sys.stdout = sys.stderr
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)  # and what it reads from stdin is never ours
        os.close(null)

    def send(self, header: dict[str, Any], parts: Sequence[bytes] = ()) -> None:
        with self._lock:
            write_frame(self._sink, header, parts)

    def receive(self) -> Frame | None:
        return read_frame(self._source)  # type: ignore[arg-type]


def main() -> None:
    _die_with_parent()
    channel = Channel()
    inbox: queue.Queue[Frame] = queue.Queue(maxsize=2)
    threading.Thread(target=_read, args=(channel, inbox), daemon=True).start()
    threading.Thread(target=_beat, args=(channel,), daemon=True).start()
    channel.send({"type": "hello", "python": sys.version.split()[0], "pid": os.getpid()})
    load, _ = inbox.get()
    try:
        host = Host(load)
    except BaseException as error:
        traceback.print_exc()
        channel.send({"type": "bye", "error": _describe(error)})
        _leave(1)
    channel.send({"type": "ready", "memory": _memory()})
    _serve(host, channel, inbox)


def _serve(host: Host, channel: Channel, inbox: queue.Queue[Frame]) -> None:
    while True:
        header, parts = inbox.get()
        if header["type"] == "drain":
            host.close()
            channel.send({"type": "bye"})
            _leave(0)
        answer, answer_parts = host.answer(header, parts)
        channel.send(answer, answer_parts)


def _read(channel: Channel, inbox: queue.Queue[Frame]) -> None:
    """Hand frames on as they come; when the executor is gone, so is the replica."""
    try:
        while True:
            frame = channel.receive()
            if frame is None:
                break
            inbox.put(frame)
    finally:
        _leave(0)


def _beat(channel: Channel) -> None:
    while True:
        time.sleep(1)
        try:
            channel.send({"type": "beat", "memory": _memory()})
        except OSError:
            _leave(0)


def _leave(code: int) -> None:
    """End at once, without waiting for the model's threads or running its exit handlers."""
    sys.stderr.flush()
    os._exit(code)


def _die_with_parent() -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _memory() -> int:
    """The most memory this process had resident so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def _describe(error: BaseException) -> str:
    text = _text_of(error)[:MAX_MESSAGE_CHARACTERS]
    if isinstance(error, MemoryError) and not text:  # Python's own says nothing more
        text = "more memory was asked for than this replica may have"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _text_of(error: BaseException) -> str:
    """What the error says of itself, which for an author's own class is the author's code."""
    try:
        return str(error)
    except BaseException:
        return "its message cannot be read"


class Host:
    """The loaded model, between the frames and the author's class."""

    def __init__(self, load: dict[str, Any]) -> None:
        self._scratch = os.path.realpath(load["scratch"])
        self._outputs: dict[str, str] = load["outputs"]
        os.chdir(load["package"])
        sys.path.insert(0, load["package"])
        self._is_builtin = load["entrypoint"].startswith(BUILTIN_PREFIX)
        self._model = _construct(load)
        setup = getattr(self._model, "setup", None)
        if setup is not None:
            setup(load["device"])
        if not callable(getattr(self._model, "predict", None)):
            raise TypeError("{} has no method predict".format(load["entrypoint"]))

    def close(self) -> None:
        teardown = getattr(self._model, "teardown", None)
        if teardown is None:
            return
        try:
            teardown()
        except BaseException:
            traceback.print_exc()

    def answer(self, header: dict[str, Any], parts: list[bytes]) -> Frame:
        """The result frame of one predict frame; no error of the model leaves this method."""
        if header["stack_after"]:
            faulthandler.dump_traceback_later(header["stack_after"])
        try:
            began, decoded = time.perf_counter(), self._decode_seconds()
            elements, answer_parts = self._predict(header, parts)
            decoding = self._decode_seconds() - decoded
            seconds = {"decode": decoding, "model": time.perf_counter() - began - decoding}
            return {
                "type": "result",
                "id": header["id"],
                "outputs": elements,
                "seconds": seconds,
            }, answer_parts
        except BaseException as error:
            traceback.print_exc()
            failure = {"kind": _kind(error), "message": _describe(error)}
            if isinstance(error, InvalidOutput):
                failure["message"] = _text_of(error)
        finally:
            faulthandler.cancel_dump_traceback_later()
            sys.stderr.flush()
        if failure["kind"] == "out_of_memory":
            _free_memory()
        return {"type": "result", "id": header["id"], "error": failure}, []

    def _decode_seconds(self) -> float:
        """How long the runner of a no-code model has read and decoded files so far; others do not say."""
        return float(getattr(self._model, "decode_seconds", 0.0)) if self._is_builtin else 0.0

    def _predict(self, header: dict[str, Any], parts: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
        inputs = {name: _decoded(values, parts) for name, values in header["inputs"].items()}
        returned = self._model.predict(**inputs)
        _check_shape(returned, self._outputs, header["size"])
        answer_parts: list[bytes] = []
        elements = {
            name: [self._element(kind, value, answer_parts) for value in returned[name]]
            for name, kind in self._outputs.items()
        }
        json.dumps(elements)  # here, where a failure is still this batch's and not the replica's
        return elements, answer_parts

    def _element(self, kind: str, value: Any, parts: list[bytes]) -> dict[str, Any]:
        """One sample's output: a value, an array, the bytes of a PNG, or the error of this sample alone."""
        try:
            if isinstance(value, BaseException):
                return self._failure(value)
            if value is not None and kind in MASK_TYPES:
                return self._mask(value, parts)
            return {"value": _plain(value)}
        except InvalidOutput as error:
            return {"error": str(error), "reason": "invalid_output"}

    def _failure(self, error: BaseException) -> dict[str, Any]:
        """Our own runners say where a file is to blame; what an author's error calls its reason is something else."""
        if self._is_builtin and getattr(error, "reason", "") == UNREADABLE:
            return {"error": _text_of(error)[:MAX_MESSAGE_CHARACTERS], "reason": UNREADABLE}
        return {"error": _describe(error), "reason": _kind(error)}

    def _mask(self, value: Any, parts: list[bytes]) -> dict[str, Any]:
        if isinstance(value, (str, os.PathLike)):
            parts.append(self._png(os.fspath(value)))
            return {"png": len(parts) - 1}
        array = value.detach().cpu().numpy() if hasattr(value, "detach") else value
        if not all(hasattr(array, name) for name in ("dtype", "shape", "tobytes")):
            raise InvalidOutput(f"expected an array or the path of a PNG, not {type(value).__name__}")
        if str(array.dtype) == "bool":
            array = array.astype("uint8")
        if str(array.dtype) not in ARRAY_DTYPES or len(array.shape) != 2:
            raise InvalidOutput(
                "expected a uint8, uint16 or float32 array [height, width], "
                f"not {array.dtype} {list(array.shape)}"
            )
        parts.append(array.tobytes())
        return {
            "array": len(parts) - 1,
            "dtype": str(array.dtype),
            "shape": [int(side) for side in array.shape],
        }

    def _png(self, path: str) -> bytes:
        """The bytes of a file in the scratch folder; no link is followed."""
        if "\0" in path:
            raise InvalidOutput(f"{path!r} is not a path")
        file_path = Path(self._scratch, path)
        try:
            folder = file_path.parent.resolve()
        except (OSError, RuntimeError) as error:  # links in a circle
            raise InvalidOutput(f"{path} cannot be read: {error}") from error
        if Path(self._scratch) not in (folder, *folder.parents):
            raise InvalidOutput(f"{path} is not in the scratch folder")
        try:
            descriptor = os.open(folder / file_path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            raise InvalidOutput(f"{path} cannot be read: {error.strerror}") from error
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > MAX_PART_BYTES:
            os.close(descriptor)
            raise InvalidOutput(f"{path} is not a plain file under the size limit")
        with os.fdopen(descriptor, "rb") as file:
            return file.read()


def _construct(load: dict[str, Any]) -> Any:
    entrypoint: str = load["entrypoint"]
    if entrypoint.startswith(BUILTIN_PREFIX):
        runner = _module_of_file("samplecase_builtin_runner", load["runner"])
        return getattr(runner, entrypoint[len(BUILTIN_PREFIX) :])(load["manifest"])
    module_name, _, class_name = entrypoint.partition(":")
    return getattr(importlib.import_module(module_name), class_name)()


def _module_of_file(name: str, path: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _decoded(values: dict[str, Any], parts: list[bytes]) -> list[Any]:
    """The list for one input: as it was sent, or images made of binary parts."""
    if "values" in values:
        return list(values["values"])
    import numpy  # only models with `image` inputs need it in their environment

    return [
        numpy.frombuffer(parts[image["part"]], dtype=numpy.uint8).reshape(image["shape"])
        for image in values["images"]
    ]


def _check_shape(returned: Any, outputs: dict[str, str], size: int) -> None:
    if not isinstance(returned, dict):
        raise InvalidOutput(f"predict() returned {type(returned).__name__} instead of a dict of lists")
    for name in outputs:
        if name not in returned:
            raise InvalidOutput(f"predict() returned no {name!r}; it returned {sorted(map(str, returned))}")
        column = returned[name]
        if isinstance(column, (str, bytes, dict)) or not hasattr(column, "__len__"):
            raise InvalidOutput(f"predict() returned {type(column).__name__} for {name!r}, not a list")
        if len(column) != size:
            raise InvalidOutput(f"predict() returned {len(column)} values for {name!r}, for {size} samples")


def _plain(value: Any, depth: int = 0) -> Any:
    """The value as JSON knows it; arrays and scalars of numpy, torch and their like by what they can do."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if depth > 32:
        raise InvalidOutput("the value is nested too deeply")
    if isinstance(value, dict):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if hasattr(value, "tolist"):
        return _plain(
            value.detach().cpu().tolist() if hasattr(value, "detach") else value.tolist(), depth + 1
        )
    for base in (bool, int, float, str):
        if isinstance(value, base):
            return base(value)
    raise InvalidOutput(f"a value of type {type(value).__name__} is not JSON")


def _kind(error: BaseException) -> str:
    if isinstance(error, InvalidOutput):
        return "invalid_output"
    text = _text_of(error).lower()
    if isinstance(error, MemoryError) or any(sign in text for sign in OUT_OF_MEMORY_SIGNS):
        return "out_of_memory"
    return "exception"


def _free_memory() -> None:
    import gc

    gc.collect()
    torch: Any | None = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
