"""Boxes with labels and confidences for each image, by a detector of torchvision."""

import json
from pathlib import Path

import torch
from torchvision.models import get_model

ARCHITECTURE = "ssdlite320_mobilenet_v3_large"  # any detector that torchvision.models.get_model knows
WEIGHTS = "weights/model.pt"
LEAST_CONFIDENCE = 0.3  # boxes below it are left out


class Model:
    def setup(self, device):
        """Called once, before the first images. The current folder is the package."""
        self.device = device
        self.classes = json.loads(Path("model.json").read_text(encoding="utf-8"))["classes"]
        outputs = len(self.classes) + 1  # the first is the background
        network = get_model(ARCHITECTURE, weights=None, weights_backbone=None, num_classes=outputs)
        network.load_state_dict(torch.load(WEIGHTS, map_location="cpu", weights_only=True))
        self.network = network.to(device).eval()

    @torch.inference_mode()
    def predict(self, images):
        """As many lists as images. Each image is RGB, numpy uint8 [height, width, 3], turned upright."""
        batch = [torch.tensor(image, device=self.device).permute(2, 0, 1) / 255 for image in images]
        # torchvision resizes by itself, and scales the boxes back.
        found = zip(self.network(batch), images, strict=True)
        return {"predictions": [self.detections(each, *image.shape[:2]) for each, image in found]}

    def detections(self, found, height, width):
        """Of one image, from pixels to parts of its width and height."""
        rows = zip(found["boxes"].tolist(), found["labels"].tolist(), found["scores"].tolist(), strict=True)
        return [
            {
                "label": self.classes[label - 1],
                "bounding_box": [left / width, top / height, (right - left) / width, (bottom - top) / height],
                "confidence": score,
            }
            for (left, top, right, bottom), label, score in rows
            if score >= LEAST_CONFIDENCE
        ]
