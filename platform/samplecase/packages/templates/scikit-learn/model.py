"""One label and its confidence for each image, by a classifier of scikit-learn."""

import json
from pathlib import Path

import joblib
import numpy as np
from PIL import Image

SIZE = 16  # pixels: the classifier sees gray squares of this side
WEIGHTS = "weights/model.joblib"


def features(image):
    """What the classifier is trained on: the image, small and gray, as one row of numbers from 0 to 1."""
    small = Image.fromarray(image).convert("L").resize((SIZE, SIZE))
    return np.asarray(small, dtype=np.float32).ravel() / 255


class Model:
    def setup(self, device):
        """Called once, before the first images. The current folder is the package."""
        self.classifier = joblib.load(WEIGHTS)
        self.labels = [str(label) for label in self.classifier.classes_]
        classes = json.loads(Path("model.json").read_text(encoding="utf-8"))["classes"]
        if set(self.labels) != set(classes):
            raise ValueError(f"{WEIGHTS} was trained for {self.labels}, and model.json names {classes}")

    def predict(self, images):
        """As many labels as images. Each is RGB, numpy uint8 [height, width, 3], turned upright."""
        scores = self.classifier.predict_proba(np.stack([features(image) for image in images]))
        labels = [
            {"label": self.labels[int(row.argmax())], "confidence": min(1.0, float(row.max()))}
            for row in scores
        ]
        return {"predictions": labels}
