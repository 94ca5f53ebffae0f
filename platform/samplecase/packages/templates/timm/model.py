"""One label and its confidence for each image, by a network of timm."""

import json
from pathlib import Path

import timm
import torch
from PIL import Image

ARCHITECTURE = "resnet18"  # any name of timm.list_models()
SIZE = 224  # pixels: the network sees squares of this side
WEIGHTS = "weights/model.pt"


class Model:
    def setup(self, device):
        """Called once, before the first images. The current folder is the package."""
        self.device = device
        self.classes = json.loads(Path("model.json").read_text(encoding="utf-8"))["classes"]
        network = timm.create_model(ARCHITECTURE, pretrained=False, num_classes=len(self.classes))
        network.load_state_dict(torch.load(WEIGHTS, map_location="cpu", weights_only=True))
        self.network = network.to(device).eval()
        # How timm itself resizes, cuts and normalises for this architecture.
        settings = timm.data.resolve_data_config({"input_size": (3, SIZE, SIZE)}, model=network)
        self.prepare = timm.data.create_transform(**settings)

    @torch.inference_mode()
    def predict(self, images):
        """As many labels as images. Each is RGB, numpy uint8 [height, width, 3], turned upright."""
        batch = torch.stack([self.prepare(Image.fromarray(image)) for image in images])
        best = self.network(batch.to(self.device)).softmax(1).max(1)
        found = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        labels = [{"label": self.classes[index], "confidence": confidence} for index, confidence in found]
        return {"predictions": labels}
