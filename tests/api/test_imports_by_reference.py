"""Imports from folders of the server: for staff, below the roots of the settings, over no link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from datasets_app.models import Sample
from jobs_app.models import Job
from jobs_app.tasks import import_samples, start_job
from tests.fixtures_datasets import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    """`photos`, with one picture in it, and a link to a folder beside it."""
    place = tmp_path / "photos"
    (place / "pets" / "cat").mkdir(parents=True)
    (place / "pets" / "cat" / "1.png").write_bytes(picture())
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "2.png").write_bytes(picture())
    (place / "link").symlink_to(tmp_path / "secret")
    settings.IMPORT_ROOTS = {"photos": str(place)}
    return place


def ask(api: Any, dataset: Any, path: str, **options: Any) -> Any:
    return api.post(f"/api/v1/datasets/{dataset.pk}/imports/", {"path": path, **options})


def test_staff_import_a_folder_where_it_lies(superuser_api: Any, dataset: Any, root: Path) -> None:
    assert ask(superuser_api, dataset, "photos/pets", dry_run=True).json()["new"] == 1
    made = ask(superuser_api, dataset, "photos/pets").json()
    start_job(made["job"])
    import_samples(made["job"])
    assert (Job.objects.get().state, Sample.objects.get().name) == ("finished", "cat/1.png")


def test_others_may_not_name_a_folder_of_the_server(owner_api: Any, dataset: Any, root: Path) -> None:
    assert ask(owner_api, dataset, "photos/pets").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "photos/..",
        "photos/../secret",
        "photos/link",
        "photos/none",
        "other/pets",
        "/etc",
        "photos/pets/./cat",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused_at_its_place(
    superuser_api: Any, dataset: Any, root: Path, path: str
) -> None:
    answer = ask(superuser_api, dataset, path)
    assert (answer.status_code, answer.json()["error"]["details"][0]["pointer"]) == (400, "/path"), (
        answer.content
    )


def test_a_folder_that_becomes_a_link_after_it_was_read_is_not_followed(
    superuser_api: Any, dataset: Any, root: Path
) -> None:
    from jobs_app.exchange import importing

    made = ask(superuser_api, dataset, "photos/pets").json()
    start_job(made["job"])
    assert importing._slice(made["job"])
    (root / "pets" / "cat").rename(root / "was")
    (root / "pets" / "cat").symlink_to(root.parent / "secret")
    import_samples(made["job"])
    assert not Sample.objects.exists()
    assert Job.objects.get().skipped == 1
