"""The architectures that may be chosen by name. Loads no torch: the page and the command line list it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from samplecase.contracts.errors import NotFound

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
INCEPTION = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@dataclass(frozen=True)
class Stage:
    """Layers that thaw together, by the beginnings of their parameters' names."""

    name: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True)
class ArchitectureEntry:
    """An architecture: how it is built, what it wants, and where it may be cut."""

    name: str
    family: str
    source: str  # timm | torchvision | torchvision.detection
    title: str
    head: str  # the layer that is made anew for other classes
    stages: tuple[Stage, ...]  # from the input to the head; parameters of none of them belong to the first
    input_size: int
    parameters: int  # of the network for 1,000 classes; a detector's for 91
    mean: tuple[float, ...] = IMAGENET[0]
    std: tuple[float, ...] = IMAGENET[1]
    any_size: bool = True  # other input sizes than its own may be chosen
    patch: int = 1  # the input size is a multiple of it
    license: str = "apache-2.0"  # of the weights that its makers published
    weights_file: str = ""  # what those are called

    @property
    def is_detector(self) -> bool:
        return self.source == "torchvision.detection"


def _resnet(depth: int, parameters: int, weights: str) -> ArchitectureEntry:
    stages = (
        Stage("stem", ("conv1.", "bn1.")),
        *(Stage(f"layer{number}", (f"layer{number}.",)) for number in range(1, 5)),
    )
    title = f"ResNet {depth}"
    return ArchitectureEntry(
        f"resnet{depth}", "ResNet", "timm", title, "fc", stages, 224, parameters, weights_file=weights
    )


def _mobilenet(size: str, blocks: int, parameters: int, weights: str) -> ArchitectureEntry:
    stages = (
        Stage("stem", ("conv_stem.", "bn1.")),
        *(Stage(f"block{number}", (f"blocks.{number}.",)) for number in range(blocks)),
        Stage("neck", ("conv_head.", "norm_head.")),
    )
    name = f"mobilenetv3_{size}_100"
    title = f"MobileNetV3 {size.capitalize()}"
    return ArchitectureEntry(
        name, "MobileNetV3", "timm", title, "classifier", stages, 224, parameters, weights_file=weights
    )


def _vit(
    name: str,
    title: str,
    parameters: int,
    *,
    family: str = "ViT",
    patch: int = 16,
    size: int = 224,
    normal: tuple[tuple[float, ...], tuple[float, ...]] = IMAGENET,
) -> ArchitectureEntry:
    stages = (
        Stage("stem", ("patch_embed.", "cls_token", "pos_embed", "norm_pre.")),
        *(
            Stage(
                f"blocks{first}-{first + 2}", tuple(f"blocks.{block}." for block in range(first, first + 3))
            )
            for first in range(0, 12, 3)
        ),
        Stage("norm", ("norm.", "fc_norm.")),
    )
    return ArchitectureEntry(
        name, family, "timm", title, "head", stages, size, parameters, *normal, patch=patch,
        weights_file=f"{name}.safetensors",
    )  # fmt: skip


def _detector(name: str, title: str, head: str, parameters: int, size: int, file: str) -> ArchitectureEntry:
    stages: tuple[Stage, ...] = (Stage("backbone", ("backbone.",)),)
    if head.startswith("head."):
        stages = (*stages, Stage("box_head", ("head.regression_head.",)))
    else:
        stages = (*stages, Stage("proposals", ("rpn.",)), Stage("box_head", ("roi_heads.box_head.",)))
    return ArchitectureEntry(
        name, "Detection", "torchvision.detection", title, head, stages, size, parameters,
        mean=(0.0,) * 3, std=(1.0,) * 3,  # a detector normalises by itself
        license="bsd-3-clause", weights_file=file,
    )  # fmt: skip


_ENTRIES = (
    _resnet(18, 11_689_512, "resnet18_a1_0-d63eafa0.pth"),
    _resnet(50, 25_557_032, "resnet50_a1_0-14fe96d1.pth"),
    _resnet(152, 60_192_808, "resnet152_a1h-dc400468.pth"),
    _mobilenet("small", 6, 2_542_856, "mobilenetv3_small_100_lamb-266a294c.pth"),
    _mobilenet("large", 7, 5_483_032, "mobilenetv3_large_100_ra-f55367f5.pth"),
    ArchitectureEntry(
        "alexnet", "AlexNet", "torchvision", "AlexNet", "classifier.6",
        (*(Stage(f"conv{place}", (f"features.{layer}.",)) for place, layer in enumerate((0, 3, 6, 8, 10), 1)),
         Stage("fc6", ("classifier.1.",)), Stage("fc7", ("classifier.4.",))),
        224, 61_100_840, license="bsd-3-clause", weights_file="alexnet-owt-7be5be79.pth",
    ),
    ArchitectureEntry(
        "googlenet", "GoogLeNet", "torchvision", "GoogLeNet", "fc",
        (Stage("stem", ("conv1.", "conv2.", "conv3.")), Stage("inception3", ("inception3",)),
         Stage("inception4", ("inception4",)), Stage("inception5", ("inception5",))),
        224, 6_624_904, *INCEPTION, license="bsd-3-clause", weights_file="googlenet-1378be20.pth",
    ),
    _vit("vit_tiny_patch16_224", "ViT Tiny", 5_717_416, normal=INCEPTION),
    _vit("vit_small_patch16_224", "ViT Small", 22_050_664, normal=INCEPTION),
    _vit("vit_base_patch16_224", "ViT Base", 86_567_656, normal=INCEPTION),
    _vit("vit_small_patch16_224.dino", "DINO ViT Small", 22_050_664, family="DINO"),
    _vit("vit_base_patch8_224.dino", "DINO ViT Base, patches of 8", 86_576_872, family="DINO", patch=8),
    _vit("vit_small_patch14_dinov2.lvd142m", "DINOv2 ViT Small", 22_441_192, family="DINOv2", patch=14, size=518),
    _vit("vit_base_patch14_dinov2.lvd142m", "DINOv2 ViT Base", 87_348_712, family="DINOv2", patch=14, size=518),
    _vit("deit_tiny_patch16_224", "DeiT Tiny", 5_717_416, family="DeiT"),
    _vit("deit_small_patch16_224", "DeiT Small", 22_050_664, family="DeiT"),
    _vit("deit_base_patch16_224", "DeiT Base", 86_567_656, family="DeiT"),
    _detector(
        "ssdlite320_mobilenet_v3_large", "SSDlite MobileNetV3", "head.classification_head", 3_440_060, 320,
        "ssdlite320_mobilenet_v3_large_coco-a79551df.pth",
    ),
    _detector(
        "fasterrcnn_mobilenet_v3_large_320_fpn", "Faster R-CNN MobileNetV3, 320", "roi_heads.box_predictor",
        19_410_754, 320, "fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth",
    ),
    _detector(
        "fasterrcnn_resnet50_fpn", "Faster R-CNN ResNet 50", "roi_heads.box_predictor", 41_808_406, 800,
        "fasterrcnn_resnet50_fpn_coco-258fb6c6.pth",
    ),
)  # fmt: skip

CATALOGUE: dict[str, ArchitectureEntry] = {entry.name: entry for entry in _ENTRIES}


def entry(name: str) -> ArchitectureEntry:
    """Raises `NotFound` with the closest names."""
    if name in CATALOGUE:
        return CATALOGUE[name]
    close = difflib.get_close_matches(name, CATALOGUE, n=3) or list(CATALOGUE)
    raise NotFound(
        f"There is no architecture {name!r}; near it: {', '.join(close)}.", pointer="/architecture/name"
    )


def is_own(name: str) -> bool:
    """Whether it is a file with an own network: `FILE.py:Class`."""
    return name.partition(":")[0].endswith(".py")
