"""From a file or a decoded image to the array that the network's input is made of, along one of several ways."""

from __future__ import annotations

import io
import os
from typing import Any

_LETTERBOX_GRAY = 114
_ORIENTATION = 0x0112  # the EXIF tag
_RGB = 3  # torchvision's number for it
_SIDEWAYS = (5, 6, 7, 8)  # its values that exchange width and height

# `plain` is the reference: decode, turn, resize, cut. The others come close to it, and are chosen by measuring:
# `box` cuts and resizes in one step, `torch` resizes by torch what torchvision decodes (where it can), `draft` has
# JPEGs decoded at a half, a quarter or an eighth of their size where what is left is as large as the result.
DECODES = ("plain", "box", "torch", "draft")


class UnreadableMedia(Exception):
    """The image cannot be decoded: its file is to blame, and not the model."""

    reason = "unreadable_media"


class Placement:
    """Where an image lies in the network's input: `input = image * scale + offset`, in pixels."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height  # of the image as it is displayed
        self.scale_x = self.scale_y = 1.0
        self.offset_x = self.offset_y = 0.0

    def to_relative(self, x: float, y: float) -> tuple[float, float]:
        """A point of the input as a point of the displayed image, 0..1."""
        at_x = (x - self.offset_x) / (self.scale_x * self.width)
        at_y = (y - self.offset_y) / (self.scale_y * self.height)
        return min(max(at_x, 0.0), 1.0), min(max(at_y, 0.0), 1.0)


class Frame:
    """The sizes on the way: the image is resized to `resized`, which lies in `canvas` with its corner at `corner`."""

    def __init__(self, resized: tuple[int, int], canvas: tuple[int, int], corner: tuple[int, int]) -> None:
        self.resized, self.canvas, self.corner = resized, canvas, corner

    @property
    def is_cut(self) -> bool:
        """The canvas lies within the resized image."""
        is_within = self.canvas[0] <= self.resized[0] and self.canvas[1] <= self.resized[1]
        return is_within and self.canvas != self.resized

    def place(self, placement: Placement) -> None:
        placement.scale_x = self.resized[0] / placement.width
        placement.scale_y = self.resized[1] / placement.height
        placement.offset_x, placement.offset_y = float(self.corner[0]), float(self.corner[1])


class Preprocessing:
    """From files or decoded images to one array for each, `uint8 [height, width, channels]`."""

    def __init__(self, block: dict[str, Any], decode: str = "plain") -> None:
        resize = block.get("resize")
        self._shorter = resize if isinstance(resize, int) else None
        self._size = (
            (resize[1], resize[0]) if isinstance(resize, list) else (resize, resize) if resize else None
        )
        self._mode = block.get("mode", "stretch")
        self._pillow_mode = "L" if block.get("color") == "gray" else "RGB"
        self._decode = decode

    def fault(self) -> str:
        """Why this way of decoding is none for this block; empty when it is one."""
        if self._decode == "plain":
            return ""
        if self._size is None:
            return "images are not resized"
        if self._decode == "box" and self._mode != "crop":
            return "nothing is cut, so that plain decoding resizes in one step already"
        if self._decode == "torch" and self._pillow_mode != "RGB":
            return "only for colour"
        return ""

    def frame(self, width: int, height: int) -> Frame | None:
        """What becomes of an image of this displayed size; None where it stays as it is."""
        if self._size is None:
            return None
        if self._mode == "stretch":
            size = (
                self._size
                if self._shorter is None
                else _scaled(width, height, self._shorter / min(width, height))
            )
            return Frame(size, size, (0, 0))
        ratios = (self._size[0] / width, self._size[1] / height)
        size = _scaled(width, height, max(ratios) if self._mode == "crop" else min(ratios))
        corner = ((self._size[0] - size[0]) // 2, (self._size[1] - size[1]) // 2)
        return Frame(size, self._size, corner)

    def read(self, item: Any) -> Any:
        """`(array, placement)` of a path or a `uint8 [H, W, 3]` array.

        Raises `UnreadableMedia`, and what says that memory ran out as it comes: that is not the file's fault.
        """
        try:
            if self._decode == "torch":
                return self._read_by_torch(item)
            image, placement = self._opened(item)
        except Exception as error:
            if isinstance(error, MemoryError) or "allocate memory" in str(error):
                raise
            raise UnreadableMedia(f"the image cannot be decoded: {_first_line(error)}") from error
        frame = self.frame(placement.width, placement.height)
        if frame is not None:
            frame.place(placement)
            image = _fitted(image, frame) if self._decode == "plain" else _fitted_at_once(image, frame)
        import numpy

        array = numpy.asarray(image)
        return (array if array.ndim == 3 else array[:, :, None]), placement

    def _opened(self, item: Any) -> tuple[Any, Placement]:
        """The decoded image, upright and in the right mode, and its placement: a draft is smaller than that says."""
        from PIL import Image

        if not isinstance(item, (str, os.PathLike)):
            import numpy

            image = Image.fromarray(numpy.asarray(item, dtype=numpy.uint8))
            return self._in_mode(image), Placement(image.width, image.height)
        with Image.open(item) as opened:
            orientation = opened.getexif().get(_ORIENTATION, 1)
            width, height = opened.size
            if orientation in _SIDEWAYS:
                width, height = height, width
            if self._decode == "draft":
                self._draft(opened, width, height, is_sideways=orientation in _SIDEWAYS)
            opened.load()
            if orientation == 1:
                # The file is closed by now; what was decoded stays.
                return self._in_mode(opened), Placement(width, height)
            from PIL import ImageOps

            return self._in_mode(ImageOps.exif_transpose(opened)), Placement(width, height)

    def _draft(self, image: Any, width: int, height: int, *, is_sideways: bool) -> None:
        frame = self.frame(width, height)
        if frame is not None and image.format == "JPEG" and image.mode == "RGB":
            wanted = frame.resized[::-1] if is_sideways else frame.resized
            image.draft("RGB", wanted)

    def _in_mode(self, image: Any) -> Any:
        image = _eight_bits(image)
        return image if image.mode == self._pillow_mode else image.convert(self._pillow_mode)

    def _read_by_torch(self, item: Any) -> Any:
        """As `read`, resized by torch, and a JPEG decoded by torchvision where it can."""
        import torch

        decoded = _decoded_by_torchvision(item) if isinstance(item, (str, os.PathLike)) else None
        if decoded is None:
            import numpy

            image, placement = self._opened(item)
            decoded = torch.from_numpy(numpy.array(image)).permute(2, 0, 1)
        else:
            placement = Placement(decoded.shape[2], decoded.shape[1])
        frame = self.frame(placement.width, placement.height)
        if frame is not None:
            frame.place(placement)
            decoded = _on_canvas(_resized_by_torch(decoded, frame), frame)
        return decoded.permute(1, 2, 0).contiguous().numpy(), placement


def _decoded_by_torchvision(path: Any) -> Any:
    """A tensor `[3, height, width]`, upright; None for what is no colour JPEG, or where there is no such decoder."""
    import torch

    try:
        import torchvision.io  # noqa: F401 - brings the operator

        decode = torch.ops.image.decode_jpeg
    except (ImportError, AttributeError):
        return None
    from PIL import Image

    with open(path, "rb") as file:  # noqa: PTH123 - a path or its text
        data = bytearray(file.read())
    with Image.open(io.BytesIO(data)) as opened:
        if opened.format != "JPEG" or opened.mode != "RGB":
            return None
    return decode(torch.frombuffer(data, dtype=torch.uint8), _RGB, True)


def _resized_by_torch(image: Any, frame: Frame) -> Any:
    import torch

    size = (frame.resized[1], frame.resized[0])
    if tuple(image.shape[1:]) == size:
        return image
    return torch.nn.functional.interpolate(image[None], size=size, mode="bilinear", antialias=True)[0]


def _on_canvas(image: Any, frame: Frame) -> Any:
    """A tensor `[channels, height, width]` cut to, or put on, the canvas."""
    (left, top), (width, height) = frame.corner, frame.canvas
    if frame.canvas == frame.resized:
        return image
    if frame.is_cut:
        return image[:, -top : height - top, -left : width - left]
    canvas = image.new_full((image.shape[0], height, width), _LETTERBOX_GRAY)
    canvas[:, top : top + frame.resized[1], left : left + frame.resized[0]] = image
    return canvas


def _scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    return max(1, round(width * scale)), max(1, round(height * scale))


def _fitted(image: Any, frame: Frame) -> Any:
    image = _resized(image, frame.resized)
    (left, top), (width, height) = frame.corner, frame.canvas
    if frame.canvas == frame.resized:
        return image
    if frame.is_cut:
        return image.crop((-left, -top, width - left, height - top))
    return _on_gray(image, frame)


def _fitted_at_once(image: Any, frame: Frame) -> Any:
    """The same to within a level of brightness: only what is left of the image is resized."""
    if not frame.is_cut:
        return _fitted(image, frame)
    from PIL import Image

    across, down = image.width / frame.resized[0], image.height / frame.resized[1]
    left, top = -frame.corner[0] * across, -frame.corner[1] * down
    right = min(left + frame.canvas[0] * across, image.width)
    bottom = min(top + frame.canvas[1] * down, image.height)
    return image.resize(frame.canvas, Image.Resampling.BILINEAR, box=(left, top, right, bottom))


def _on_gray(image: Any, frame: Frame) -> Any:
    from PIL import Image

    canvas = Image.new(image.mode, frame.canvas, (_LETTERBOX_GRAY,) * len(image.getbands()))
    canvas.paste(image, frame.corner)
    return canvas


def _resized(image: Any, size: tuple[int, int]) -> Any:
    from PIL import Image

    return image if image.size == size else image.resize(size, Image.Resampling.BILINEAR)


def _eight_bits(image: Any) -> Any:
    """Sixteen bits for each pixel become eight by their upper half; Pillow itself would cut them off at 255."""
    if not image.mode.startswith("I"):
        return image
    import numpy
    from PIL import Image

    return Image.fromarray((numpy.asarray(image).astype(numpy.int64).clip(0, 65535) >> 8).astype(numpy.uint8))


def _first_line(error: BaseException) -> str:
    if type(error).__name__ == "UnidentifiedImageError":
        return "it is in no known format"  # the error itself names the file, by a path that nobody else knows
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
