"""One label for each image by a rule: put your own in its place. It needs numpy and nothing else."""

import json
from pathlib import Path


class Model:
    def setup(self, device):
        """Called once, before the first images. The current folder is the package."""
        self.classes = json.loads(Path("model.json").read_text(encoding="utf-8"))["classes"]

    def predict(self, images):
        """As many labels as images. Each is RGB, numpy uint8 [height, width, 3], turned upright."""
        return {"predictions": [self.label(image) for image in images]}

    def label(self, image):
        """The first class for dark images, the last one for bright ones."""
        brightness = image.mean() / 256  # below 1 even where all is white
        return {"label": self.classes[int(brightness * len(self.classes))]}
