"""Pictures large enough to draw on: coloured shapes before a gradient, each of them another."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 320, 240


def scenes(count: int) -> dict[str, bytes]:
    """PNG files by name, all of one size."""
    made = {}
    for index in range(count):
        picture = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).convert("RGB")
        draw = ImageDraw.Draw(picture)
        left, top = 20 + index * 7 % 150, 30 + index * 11 % 90
        draw.rectangle((left, top, left + 90, top + 60), fill=(200, 60 + index * 5, 40))
        draw.ellipse((200 - index * 3, 130, 270 - index * 3, 200), fill=(40, 120, 160 + index * 3))
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        made[f"scene-{index:04}.png"] = buffer.getvalue()
    return made
