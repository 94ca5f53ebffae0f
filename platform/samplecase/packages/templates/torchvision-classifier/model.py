"""One label and its confidence for each image, by a network of torchvision."""

import json
from pathlib import Path

import torch
from torchvision.models import get_model
from torchvision.transforms import v2

ARCHITECTURE = "resnet18"  # any classifier that torchvision.models.get_model knows
SIZE = 224  # pixels: the network sees squares of this side
WEIGHTS = "weights/model.pt"


class Model:
    def setup(self, device):
        """Called once, before the first images. The current folder is the package."""
        self.device = device
        self.classes = json.loads(Path("model.json").read_text(encoding="utf-8"))["classes"]
        network = get_model(ARCHITECTURE, weights=None, num_classes=len(self.classes))
        network.load_state_dict(torch.load(WEIGHTS, map_location="cpu", weights_only=True))
        self.network = network.to(device).eval()
        # As the network was trained; these are the numbers of ImageNet.
        self.prepare = v2.Compose(
            [
                v2.Resize((SIZE, SIZE), antialias=True),
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
            ]
        )

    @torch.inference_mode()
    def predict(self, images):
        """As many labels as images. Each is RGB, numpy uint8 [height, width, 3], turned upright."""
        batch = torch.stack([self.prepare(torch.tensor(image).permute(2, 0, 1)) for image in images])
        best = self.network(batch.to(self.device)).softmax(1).max(1)
        found = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        labels = [{"label": self.classes[index], "confidence": confidence} for index, confidence in found]
        return {"predictions": labels}
