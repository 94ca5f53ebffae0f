"""What reviewers ask for."""

from __future__ import annotations

from typing import Any

from datasets_app.models import Sample, Value

# The confidences of the samples 0, 1, 2 …; None: a label without one.
CONFIDENCES = (0.9, 0.2, None, 0.6, 0.4)
BOX = {"label": "car", "bounding_box": [0.1, 0.1, 0.2, 0.2], "confidence": 0.7}


def url(samples: list[Sample], rest: str = "") -> str:
    return f"/api/v1/datasets/{samples[0].dataset_id}/reviews/{rest}"


def make(api: Any, samples: list[Sample], **facts: Any) -> Any:
    body = {"name": "unsure", "source": "guess", "target": "truth", **facts}
    return api.post(url(samples), {key: each for key, each in body.items() if each is not ...})


def made_by(api: Any, samples: list[Sample], **facts: Any) -> int:
    answer = make(api, samples, **facts)
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


def claim(api: Any, samples: list[Sample], review: int, count: int = 5) -> list[int]:
    """Places in `samples` of those that were claimed."""
    answer = api.post(url(samples, f"{review}/claims/"), {"count": count})
    assert answer.status_code == 200, answer.content
    places = {each.pk: place for place, each in enumerate(samples)}
    return [places[each["id"]] for each in answer.json()["results"]]


def decide(api: Any, samples: list[Sample], review: int, place: int, decision: str, **more: Any) -> Any:
    body = {"sample": samples[place].pk, "decision": decision, **more}
    return api.post(url(samples, f"{review}/decisions/"), body)


def undo(api: Any, samples: list[Sample], review: int) -> Any:
    return api.post(url(samples, f"{review}/undo/"))


def counts(api: Any, samples: list[Sample], review: int) -> dict[str, int]:
    found = api.get(url(samples, f"{review}/")).json()["counts"]
    return {key: each for key, each in found.items() if each}


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def truth(samples: list[Sample], place: int, field: str = "truth") -> Any:
    return Value.objects.filter(field__name=field, sample=samples[place]).first()
