"""A dataset of small scenes with fields of many types, whose content is known by the number of the scene."""

from __future__ import annotations

import io
from typing import Any

import httpx
from PIL import Image, ImageDraw

SCENES = 60
NUMBER = 20  # different scores
CLASSES = ("cat", "dog", "owl")
GROUND = {"cat": (196, 178, 150), "dog": (150, 176, 196), "owl": (120, 130, 110)}


def truth_of(index: int) -> str:
    return CLASSES[index % 3]


def guess_of(index: int) -> dict[str, Any] | None:
    """None for the last ten scenes; wrong for the ten before them."""
    if index >= SCENES - 10:
        return None
    label = CLASSES[(index + 1) % 3] if index >= SCENES - 20 else truth_of(index)
    return {"label": label, "confidence": round(0.3 + 0.6 * (index * 7 % SCENES) / SCENES, 3)}


def boxes_of(index: int) -> list[dict[str, Any]]:
    first = {"label": "thing", "bounding_box": [0.1, 0.2, 0.5, 0.5], "confidence": 0.9}
    second = {"label": "other", "bounding_box": [0.55, 0.5, 0.35, 0.4], "confidence": 0.4}
    return [first] if index % 2 == 0 else [first, second]


VALUES = {
    "truth": ("classification", lambda index: {"label": truth_of(index)}),
    "cnn": ("classification", guess_of),
    "boxes": ("detections", boxes_of),
    "lanes": (
        "polylines",
        lambda index: [
            {
                "label": "lane",
                "points": [[[0.05, 0.95], [0.4, 0.75], [0.95, 0.9]]],
                "closed": False,
                "filled": False,
            }
        ],
    ),
    "joints": ("keypoints", lambda index: [{"label": "eye", "points": [[0.3, 0.3], [0.5, 0.3], None]}]),
    "score": ("number", lambda index: float(index % NUMBER)),
    "split": ("string", lambda index: "test" if index % 4 == 0 else "train"),
    "sharp": ("boolean", lambda index: index % 5 != 0),
}


def scene(index: int) -> bytes:
    """A picture with a thing where the first box is."""
    width, height = 320 + 40 * (index % 4), 240
    picture = Image.new("RGB", (width, height), GROUND[truth_of(index)])
    draw = ImageDraw.Draw(picture)
    for stripe in range(0, height, 12):
        shade = 90 + stripe // 3
        draw.line((0, stripe, width, stripe + index % 7), fill=(shade, shade, (index * 4) % 256))
    draw.ellipse((0.1 * width, 0.2 * height, 0.6 * width, 0.7 * height), fill=(230, 226, 214))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def pictured(api: httpx.Client, name: str = "scenes") -> int:
    """The id of a new dataset of `SCENES` scenes with all of `VALUES`."""
    dataset = int(api.post("/datasets/", json={"name": name}).raise_for_status().json()["id"])
    files = [("files", (f"scene-{index:03}.png", scene(index), "image/png")) for index in range(SCENES)]
    api.post(f"/datasets/{dataset}/samples/", files=files).raise_for_status()
    samples = api.get(f"/datasets/{dataset}/samples/", params={"limit": 500, "sort": "name"}).json()[
        "results"
    ]
    for field, (type_, value_of) in VALUES.items():
        api.post(f"/datasets/{dataset}/fields/", json={"name": field, "type": type_}).raise_for_status()
        written = [
            {"sample": sample["id"], "value": value_of(index)}
            for index, sample in enumerate(samples)
            if value_of(index) is not None
        ]
        body = {"field": field, "values": written}
        api.put(f"/datasets/{dataset}/values/", json=body).raise_for_status()
    return dataset
