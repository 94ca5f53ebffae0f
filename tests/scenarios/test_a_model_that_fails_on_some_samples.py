"""Twelve images, a model that raises on one and answers nonsense on another: ten values and two errors."""

from __future__ import annotations

from typing import Any

from tests.worlds import FIRST_WIDTH, deployed, images, package, submitted

MODEL = """
class Model:
    def setup(self, device):
        print("the model was set up on", device)

    def predict(self, image_paths):
        return {"predictions": [self.one(path) for path in image_paths]}

    def one(self, path):
        with open(path, "rb") as file:
            width = int.from_bytes(file.read(20)[16:], "big")  # a PNG says it there
        if width == RAISES:
            raise ValueError("there is no digit in this picture")
        return {"label": "even" if width % 2 == 0 else "odd", "confidence": 7 if width == NONSENSE else 0.5}
"""


def test_ten_values_and_two_errors_that_name_the_sample_and_the_reason(installation: Any) -> None:
    pictures = images(12)
    code = MODEL.replace("RAISES", str(FIRST_WIDTH + 3)).replace("NONSENSE", str(FIRST_WIDTH + 7))
    installation.start("up", "--port", str(installation.port))
    installation.wait_until_up()
    with installation.api() as api:
        dataset = api.post("/datasets/", json={"name": "twelve"}).json()["id"]
        files = [("files", (name, content, "image/png")) for name, content in pictures.items()]
        report = api.post(f"/datasets/{dataset}/samples/", files=files).json()
        assert (report["added"], report["skipped"]) == (12, [])

        deployment = deployed(installation, api, package(code), mini_batch=4, num_replicas=2)
        job = submitted(installation, api, dataset=dataset, deployment=deployment)

        assert job["state"] == "finished"
        errors = {error["name"]: error for error in api.get(f"/jobs/{job['id']}/errors/").json()["results"]}
        assert (job["total"], job["done"], job["failed"]) == (12, 10, 2), errors
        names = list(pictures)
        assert set(errors) == {names[3], names[7]}
        assert errors[names[3]]["reason"] == "exception"
        assert "there is no digit in this picture" in errors[names[3]]["message"]
        assert errors[names[7]]["reason"] == "invalid_output"
        assert "confidence" in errors[names[7]]["message"]
        assert "7" in errors[names[7]]["message"]

        page = api.get(f"/datasets/{dataset}/samples/").json()
        values = {each["name"]: each["values"].get("predictions") for each in page["results"]}
        assert [name for name, value in values.items() if value is None] == [names[3], names[7]]
        assert {value["label"] for value in values.values() if value} == {"even", "odd"}

        field = {each["name"]: each for each in api.get(f"/datasets/{dataset}/").json()["fields"]}[
            "predictions"
        ]
        assert (field["type"], field["value_count"], field["created_by_job"]) == (
            "classification",
            10,
            job["id"],
        )
        facets = api.get(f"/datasets/{dataset}/facets/").json()
        assert "the model was set up on cpu" in api.get(f"/jobs/{job['id']}/log/").json()["log"]
        assert sum(_counts(facets, "predictions").values()) == 10


def _counts(facets: dict[str, Any], field: str) -> dict[str, int]:
    fields = facets["fields"]
    found = (
        fields[field] if isinstance(fields, dict) else next(each for each in fields if each["name"] == field)
    )
    return {each["label"]: each["count"] for each in found["labels"]}
