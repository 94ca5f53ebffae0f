"""The loop of the README on the command line, against a server that runs: sign in, upload, push, deploy, run."""

from __future__ import annotations

import hashlib
import re
import secrets
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from samplecase.contracts.states import Sandbox
from samplecase.runtime.sandbox import probe_sandbox
from tests.command_line import CommandLine
from tests.fixtures_server import Installation, serving
from tests.worlds import FIRST_WIDTH, images, package, zipped

MODEL = """
class Model:
    def setup(self, device):
        pass

    def predict(self, image_paths):
        return {"predictions": [self.one(path) for path in image_paths]}

    def one(self, path):
        with open(path, "rb") as file:
            width = int.from_bytes(file.read(20)[16:], "big")  # a PNG says it there
        return ValueError("too narrow") if width == FIRST_WIDTH else {"label": str(width)}
""".replace("FIRST_WIDTH", str(FIRST_WIDTH))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    roots = f"photos={tmp_path_factory.mktemp('photos')}"
    with serving(tmp_path_factory.mktemp("server"), SAMPLECASE_IMPORT_ROOTS=roots) as made:
        yield made


@pytest.fixture(scope="module")
def cli(server: Installation, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Signed in with the owner's password, which is asked for."""
    made = CommandLine(server, tmp_path_factory.mktemp("home"))
    assert "as owner" in made("login", server.url, given="owner\ncorrect horse battery\n")
    return made


def test_whoami_names_the_person_and_the_server(cli: CommandLine, server: Installation) -> None:
    assert cli("whoami").strip() == f"owner at {server.url}"
    assert cli.json("whoami")["username"] == "owner"


def test_from_a_folder_of_images_to_values(cli: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    for number, (name, content) in enumerate(images(12).items()):
        place = folder / ("even" if number % 2 == 0 else "odd") / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (tmp_path / "scenario.zip").write_bytes(package(MODEL))

    cli("datasets", "create", "twelve", "--tag", "small")
    assert cli.json("datasets", "add", "twelve", str(folder), "--labels-from-folders")["added"] == 12
    assert cli.json("datasets", "list")[0]["sample_count"] == 12
    assert "gives predictions" in cli("models", "check", str(tmp_path / "scenario.zip"))
    cli("models", "create", "widths")
    assert cli.json("models", "push", "widths", str(tmp_path / "scenario.zip"))["version"] == "1.0.0"
    assert "scenario" not in cli("models", "list")
    assert cli.json("models", "alias", "widths", "champion", "1.0.0")["version"] == "1.0.0"
    deployed = cli.json("deploy", "widths", "--mini-batch", "4", "--version", "champion")
    assert (deployed["state"], deployed["follows"]) == ("ready", "champion")

    ran = cli.json("run", "widths", "twelve", "--output", "predictions=seen_width", "--follow", code=4)
    (job,) = ran["jobs"]
    assert (job["state"], job["done"], job["failed"]) == ("finished", 11, 1)
    assert [error["message"] for error in ran["errors"]] == ["ValueError: too narrow"]

    assert "finished, 1 failed, 12 of 12" in cli("jobs", "show", str(job["id"]))
    assert [each["id"] for each in cli.json("jobs", "list", "--dataset", "twelve")] == [job["id"]]
    life_of_versions(cli, tmp_path)
    refusal = cli("run", "widths", "twelve", "--output", "predictions=seen_width", code=1)
    assert "seen_width" in refusal, "on_existing is fail, and the field has values"
    assert "finished" in cli("jobs", "cancel", str(job["id"]), code=1)

    compared = (
        "datasets",
        "evaluate",
        "twelve",
        "--predictions",
        "seen_width",
        "--ground-truth",
        "ground_truth",
    )
    counted = cli.json(*compared)
    assert (counted["state"], counted["samples"], counted["missing"]) == ("finished", 11, 1)
    assert re.search(r"accuracy +0\.0000", cli(*compared))
    assert "/iou_threshold" in cli(*compared, "--iou-threshold", "0.5", code=1)
    assert "--filter" in cli(*compared, "--filter", "[]", code=1)


def life_of_versions(cli: CommandLine, folder: Path) -> None:
    """The commands about versions, on a model with one that has run."""
    (folder / "second.zip").write_bytes(package(MODEL + "# again\n", version="1.1.0"))
    assert "1.1.0" in cli("models", "push", "widths", str(folder / "second.zip"))
    assert "production" in cli("models", "stage", "widths", "1.0.0", "production")
    shown = {
        each["version"]: (each["stage"], each["aliases"]) for each in cli.json("models", "versions", "widths")
    }
    assert shown == {"1.1.0": ("development", ["latest"]), "1.0.0": ("production", ["champion"])}
    assert "model.py" in cli("models", "changes", "widths", "1.1.0", "--since", "1.0.0")
    assert "is deleted" in cli("models", "delete-version", "widths", "1.1.0")
    assert [each["after"] for each in cli.json("models", "alias", "widths", "latest")] == [
        "1.0.0",
        "1.1.0",
        "1.0.0",
    ]
    assert "deployed as widths" in cli("models", "delete-version", "widths", "1.0.0", code=1)
    assert "follow" in cli("models", "alias", "widths", "champion", "--remove", code=1)
    assert [
        each["name"] for each in cli.json("models", "list", "--shared", "mine", "--sort", "-updated")
    ] == ["widths"]
    assert cli.json("models", "list", "--tag", "none") == []


def test_labels_are_taken_out_and_brought_in_elsewhere(cli: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "pets"
    for number, (name, content) in enumerate(images(4).items()):
        place = folder / "train" / ("cat" if number % 2 else "dog") / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    cli("datasets", "create", "pets")
    found = cli.json("datasets", "import", "pets", str(folder), "--dry-run")
    assert (found["format"], found["new"]) == ("image_folder", 4)
    done = cli.json("datasets", "import", "pets", str(folder), "--class-map", "dog=wolf", "--follow")
    assert (done["added"], done["skipped"]) == (4, 0)
    packed = tmp_path / "pets.zip"
    assert cli.json("datasets", "export", "pets", "-o", str(packed), "--format", "samplecase")["bytes"] > 0
    cli("datasets", "create", "pets-again")
    told = cli("datasets", "import", "pets-again", str(packed), "--follow")
    assert "4 added, 0 matched, 0 skipped" in told
    told = cli("datasets", "import", "pets-again", str(packed), "--follow")
    assert "0 added, 0 matched, 4 skipped" in told
    assert "unchanged" in told
    (again,) = (each for each in cli.json("datasets", "list") if each["name"] == "pets-again")
    fields = {each["name"]: each["classes"] for each in again["fields"]}
    assert fields == {"ground_truth": ["cat", "wolf"]}


def test_a_folder_of_the_server_is_imported_where_it_lies(cli: CommandLine, server: Installation) -> None:
    root = Path(server.settings["SAMPLECASE_IMPORT_ROOTS"].removeprefix("photos="))
    (root / "cat").mkdir()
    for name, content in images(3).items():
        (root / "cat" / name).write_bytes(content)
    cli("datasets", "create", "referred")
    asked = ("datasets", "import", "referred")
    assert cli.json(*asked, "--on-server", "photos", "--dry-run")["new"] == 3
    assert "3 added" in cli(*asked, "--on-server", "photos", "--follow")
    assert "leads downwards" in cli(*asked, "--on-server", "photos/../etc", code=1)
    assert "--on-server" in cli(*asked, code=1)


def test_large_files_go_in_pieces(cli: CommandLine, tmp_path: Path) -> None:
    padding = {"weights.bin": secrets.token_bytes(9 * 2**20)}
    pictures = {f"cat/{name}": content for name, content in images(3).items()}
    (tmp_path / "pets.zip").write_bytes(zipped({**pictures, **padding}))
    (tmp_path / "large.zip").write_bytes(package(MODEL))
    with zipfile.ZipFile(tmp_path / "large.zip", "a") as archive:
        archive.writestr("weights.bin", padding["weights.bin"])
    cli("datasets", "create", "sent-in-pieces")
    added = cli.json("datasets", "add", "sent-in-pieces", str(tmp_path / "pets.zip"))
    assert (added["added"], [each["reason"] for each in added["skipped"]]) == (3, ["not_an_image"])
    seen = cli.json(
        "datasets",
        "import",
        "sent-in-pieces",
        str(tmp_path / "pets.zip"),
        "--format",
        "image_folder",
        "--dry-run",
    )
    assert seen["matched"] == 3
    cli("models", "create", "large-one")
    pushed = cli.json("models", "push", "large-one", str(tmp_path / "large.zip"))
    assert pushed["sha256"] == hashlib.sha256((tmp_path / "large.zip").read_bytes()).hexdigest()
    assert cli.json("uploads", "list") == []
    assert "You have no upload" in cli("uploads", "remove", str(uuid4()), code=1)


def test_the_servers_refusal_is_shown_with_its_place(cli: CommandLine) -> None:
    cli("datasets", "create", "twice")
    refusal = cli("datasets", "create", "twice", code=1)
    assert refusal.startswith("samplecase: ")
    assert "/name" in refusal


def test_what_does_not_exist_is_named(cli: CommandLine) -> None:
    assert "There is no model “nothing”" in cli("run", "nothing", "twelve", code=1)


def test_a_login_link_is_made_on_the_servers_own_host(cli: CommandLine, server: Installation) -> None:
    assert cli("login-link", "owner", "--url", server.url).startswith(f"{server.url}/welcome/")
    assert "There is no user “nobody”" in cli("login-link", "nobody", code=1)


def test_the_doctor_finds_the_parts_of_an_installation(cli: CommandLine) -> None:
    rows = {row["check"]: row for row in cli.json("doctor")}
    assert {rows[each]["state"] for each in ("settings", "database", "blob store")} == {"ok"}
    # The level, and by what a box is bounded; else what to install.
    sandbox, held = rows["sandbox"], probe_sandbox()
    assert sandbox["state"] == ("ok" if held.level is Sandbox.BWRAP else "absent")
    assert sandbox["detail"] == held.why_not or "rlimits" in sandbox["detail"]
    assert rows["environments"]["detail"].startswith("uv")
