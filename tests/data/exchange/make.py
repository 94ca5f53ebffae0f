"""Makes this folder's files with the formats' own tools: `python make.py pycocotools|label-studio|fiftyone`.

Each in an environment of its own with that package; see README.md. The tests only read what was made.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
CLASSES = ["zebra", "cat"]


def pictures(folder: Path) -> list[Path]:
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{n:012}.png" for n in (139, 285)]
    for n, path in enumerate(paths):
        Image.new("RGB", (16, 12), (n * 90, 20, 20)).save(path)
    return paths


def pycocotools() -> None:
    """Masks by pycocotools.mask; the file is one that COCO itself reads and evaluates."""
    import numpy as np
    from pycocotools import mask
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    pixels = np.zeros((12, 16), dtype=np.uint8, order="F")
    pixels[3:9, 4:12] = 1
    packed = mask.encode(pixels)
    packed["counts"] = packed["counts"].decode()
    polygon = [4.0, 3.0, 12.0, 3.0, 12.0, 9.0]
    found = {
        "info": {"description": "two images"},
        "images": [{"id": n, "file_name": f"{n:012}.png", "width": 16, "height": 12} for n in (139, 285)],
        "categories": [{"id": 24, "name": "zebra"}, {"id": 17, "name": "cat"}],
        "annotations": [
            {
                **{"id": 1768, "image_id": 139, "category_id": 17, "iscrowd": 1, "segmentation": packed},
                **{"area": float(mask.area(packed)), "bbox": mask.toBbox(packed).tolist()},
            },
            {
                **{"id": 1769, "image_id": 285, "category_id": 24, "iscrowd": 0, "segmentation": [polygon]},
                **{"area": 24.0, "bbox": [4.0, 3.0, 8.0, 6.0]},
            },
        ],
    }
    path = HERE / "coco_instances.json"
    path.write_text(json.dumps(found))
    coco = COCO(str(path))
    results = [
        {"image_id": 139, "category_id": 17, "bbox": [4.0, 3.0, 8.0, 6.0], "score": 0.75},
        {"image_id": 285, "category_id": 24, "bbox": [4.0, 3.0, 8.0, 6.0], "score": 0.5},
    ]
    (HERE / "coco_results.json").write_text(json.dumps(results))
    COCOeval(coco, coco.loadRes(results), "bbox").evaluate()


def label_studio() -> None:
    """Tasks as the SDK's own labelling interface makes and validates them."""
    from label_studio_sdk.label_interface import LabelInterface

    config = """<View><Image name="image" value="$image"/>
      <RectangleLabels name="box" toName="image"><Label value="zebra"/><Label value="cat"/></RectangleLabels>
    </View>"""
    interface = LabelInterface(config)
    shape = {"x": 25, "y": 25, "width": 50, "height": 50, "rotation": 0}
    result = {
        **{"id": "r1", "type": "rectanglelabels", "from_name": "box", "to_name": "image"},
        **{"original_width": 16, "original_height": 12, "image_rotation": 0},
        "value": {**shape, "rectanglelabels": ["cat"]},
    }
    scored = {**result, "id": "r2", "score": 0.75, "value": {**shape, "rectanglelabels": ["zebra"]}}
    task = {
        "id": 1,
        "data": {"image": "/data/upload/3/000000000139.png"},
        "annotations": [{"id": 1, "result": [result], "was_cancelled": False, "ground_truth": False}],
        "predictions": [{"model_version": "v1", "score": 0.75, "result": [scored]}],
    }
    assert interface.validate_annotation(task["annotations"][0])
    assert interface.validate_prediction(task["predictions"][0])
    (HERE / "label_studio.json").write_text(json.dumps([task], indent=1))


def fiftyone() -> None:
    """Its own two kinds, and YOLOv5, VOC, COCO, CVAT and a folder of classes by its exporters."""
    import fiftyone as fo
    import numpy as np

    folder = Path(tempfile.mkdtemp())
    first, second = pictures(folder / "images")
    mask = np.zeros((6, 8), dtype=bool)
    mask[1:5, 2:6] = True
    box = fo.Detection(label="cat", bounding_box=[0.25, 0.25, 0.5, 0.5], confidence=0.75, mask=mask, age=3)
    line = fo.Polyline(
        label="zebra", points=[[(0.25, 0.25), (0.75, 0.25), (0.75, 0.75)]], closed=True, filled=True
    )
    point = fo.Keypoint(label="cat", points=[(0.25, 0.5), (float("nan"), float("nan"))])
    dataset = fo.Dataset()
    dataset.default_classes = CLASSES
    dataset.add_samples(
        [
            fo.Sample(
                filepath=str(first),
                tags=["train"],
                boxes=fo.Detections(detections=[box]),
                lines=fo.Polylines(polylines=[line]),
                joints=fo.Keypoints(keypoints=[point]),
                kind=fo.Classification(label="cat", confidence=0.5),
                score=fo.Regression(value=51.0),
                count=3,
                sure=True,
            ),
            fo.Sample(
                filepath=str(second),
                boxes=fo.Detections(detections=[]),
                kind=fo.Classification(label="zebra"),
            ),
        ]
    )
    dataset.compute_metadata()
    for kind in ("FiftyOneDataset", "FiftyOneImageDetectionDataset", "YOLOv5Dataset", "VOCDetectionDataset",
                 "CVATImageDataset", "COCODetectionDataset", "ImageClassificationDirectoryTree"):  # fmt: skip
        made = folder / kind
        options = {} if kind == "FiftyOneDataset" else {"label_field": "kind" if "Tree" in kind else "boxes"}
        if kind not in {"FiftyOneDataset", "ImageClassificationDirectoryTree"}:
            options["classes"] = CLASSES
        dataset.export(export_dir=str(made), dataset_type=getattr(fo.types, kind), **options)
        with zipfile.ZipFile(HERE / f"fiftyone_{kind}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(made.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(made).as_posix())


if __name__ == "__main__":
    {"pycocotools": pycocotools, "label-studio": label_studio, "fiftyone": fiftyone}[sys.argv[1]]()
