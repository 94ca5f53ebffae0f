"""Media and thumbnails: authorised like their sample, of our own content type, inert, cached and in ranges."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from datasets_app.models import Sample
from datasets_app.uploads import upload_samples
from samplecase.storage.port import mask_key, media_key
from samplecase.web.rest.blobs import blob_store
from tests.fixtures_datasets import picture

CONTENT = picture((600, 300))


@pytest.fixture
def sample(dataset: Any, owner: Any) -> Sample:
    files = [SimpleUploadedFile('a "picture".png', CONTENT)]
    upload_samples(acting_user=owner, dataset=dataset, files=files)
    return Sample.objects.get()


def url(sample: Sample, rest: str = "media/") -> str:
    return f"/api/v1/datasets/{sample.dataset_id}/samples/{sample.pk}/{rest}"


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_media_are_the_bytes_that_were_uploaded_and_nothing_in_them_may_run(
    owner_api: Any, sample: Sample
) -> None:
    answer = owner_api.get(url(sample))
    assert answer.status_code == 200
    assert content_of(answer) == CONTENT
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Length"] == str(len(CONTENT))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"].startswith("private")
    assert answer["Content-Disposition"].startswith("inline; filename=")


def test_media_that_the_browser_has_are_not_sent_again(owner_api: Any, sample: Sample) -> None:
    first = owner_api.get(url(sample))
    assert content_of(first) == CONTENT
    tag = first["ETag"]
    assert tag == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    answer = owner_api.get(url(sample), HTTP_IF_NONE_MATCH=tag)
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=10-", 10, len(CONTENT) - 1),
        ("bytes=-5", len(CONTENT) - 5, len(CONTENT) - 1),
        ("bytes=-999999", 0, len(CONTENT) - 1),
        (f"bytes=3-{10**17}", 3, len(CONTENT) - 1),
    ],
)
def test_a_range_is_that_part(owner_api: Any, sample: Sample, asked: str, first: int, last: int) -> None:
    answer = owner_api.get(url(sample), HTTP_RANGE=asked)
    assert answer.status_code == 206
    assert content_of(answer) == CONTENT[first : last + 1]
    assert answer["Content-Range"] == f"bytes {first}-{last}/{len(CONTENT)}"


@pytest.mark.parametrize("asked", [f"bytes={len(CONTENT)}-", "bytes=-0", "bytes=9-3"])
def test_a_range_outside_is_416(owner_api: Any, sample: Sample, asked: str) -> None:
    answer = owner_api.get(url(sample), HTTP_RANGE=asked)
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize("asked", ["bytes=-", "items=0-1", "bytes=0-1,3-4", "x"])
def test_a_range_that_is_not_understood_is_ignored(owner_api: Any, sample: Sample, asked: str) -> None:
    answer = owner_api.get(url(sample), HTTP_RANGE=asked)
    assert (answer.status_code, content_of(answer)) == (200, CONTENT)


def test_a_range_of_something_else_by_now_is_all_of_it(owner_api: Any, sample: Sample) -> None:
    answer = owner_api.get(url(sample), HTTP_RANGE="bytes=0-1", HTTP_IF_RANGE='"another"')
    assert (answer.status_code, content_of(answer)) == (200, CONTENT)


@pytest.mark.parametrize(
    ("query", "size"), [("", (256, 128)), ("?size=128", (128, 64)), ("?size=1024", (600, 300))]
)
def test_thumbnails_are_small_upright_webp_and_never_enlarged(
    owner_api: Any, sample: Sample, query: str, size: tuple[int, int]
) -> None:
    for _ in range(2):  # made, then kept
        answer = owner_api.get(url(sample, f"thumbnail/{query}"))
        made = Image.open(io.BytesIO(content_of(answer)))
        assert (made.format, made.size) == ("WEBP", size)
    assert answer["Content-Type"] == "image/webp"
    assert (
        owner_api.get(url(sample, f"thumbnail/{query}"), HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
    )


@pytest.mark.parametrize("size", ["0", "257", "x", "", "128.0", "-128"])
def test_thumbnails_have_a_closed_list_of_sizes(owner_api: Any, sample: Sample, size: str) -> None:
    answer = owner_api.get(url(sample, f"thumbnail/?size={size}"))
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/size"


@pytest.mark.parametrize("rest", ["", "media/", "thumbnail/"])
def test_pixels_are_seen_by_whom_the_dataset_is(
    rest: str,
    sample: Sample,
    collaborator: Any,
    grant: Any,
    owner_api: Any,
    collaborator_api: Any,
    stranger_api: Any,
    superuser_api: Any,
    anonymous_api: Any,
) -> None:
    grant(sample.dataset, collaborator, "view")
    for api in (owner_api, collaborator_api, superuser_api):
        answer = api.get(url(sample, rest))
        assert answer.status_code == 200
        assert content_of(answer)
    assert stranger_api.get(url(sample, rest)).status_code == 404
    assert anonymous_api.get(url(sample, rest)).status_code == 401


@pytest.mark.parametrize("rest", ["media/", "thumbnail/"])
def test_lost_bytes_are_not_found_and_say_so(owner_api: Any, sample: Sample, rest: str) -> None:
    Sample.objects.update(media_sha256="f" * 64)
    answer = owner_api.get(url(sample, rest))
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "media_gone"


def test_a_mask_is_read_as_an_address_and_its_size(
    owner_api: Any, stranger_api: Any, sample: Sample, make_field: Any, write: Any
) -> None:
    pixels = picture((4, 3))
    digest = hashlib.sha256(pixels).hexdigest()
    blob_store().put(mask_key(digest), io.BytesIO(pixels))
    write(
        make_field(sample.dataset, "mask", "segmentation"),
        {sample: {"mask": digest, "width": 4, "height": 3}},
    )
    value = owner_api.get(url(sample, "")).json()["values"]["mask"]
    assert (value["width"], value["height"]) == (4, 3)
    assert "mask" not in value
    answer = owner_api.get(value["url"])
    assert (content_of(answer), answer["Content-Type"]) == (pixels, "image/png")
    assert stranger_api.get(value["url"]).status_code == 404
    assert owner_api.get(url(sample, "masks/nope/")).status_code == 404


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_mode_have_a_thumbnail(owner_api: Any, owner: Any, dataset: Any, mode: str) -> None:
    made = io.BytesIO()
    image = Image.new("RGB", (20, 10), (90, 90, 90))
    if mode == "I;16":
        image = image.convert("L").convert("I").point(lambda level: level * 256)
    image = image.convert(mode, palette=Image.Palette.ADAPTIVE)
    image.save(made, "JPEG" if mode == "CMYK" else "PNG")
    files = [SimpleUploadedFile("a", made.getvalue())]
    upload_samples(acting_user=owner, dataset=dataset, files=files)
    sample = Sample.objects.get()
    with blob_store().open(media_key(sample.media_sha256)) as stream:
        assert stream.read() == made.getvalue()
    shown = Image.open(io.BytesIO(content_of(owner_api.get(url(sample, "thumbnail/"))))).convert("RGB")
    if mode != "1":
        level = shown.getpixel((10, 5))
        assert isinstance(level, tuple)
        assert all(abs(channel - 90) < 12 for channel in level)
