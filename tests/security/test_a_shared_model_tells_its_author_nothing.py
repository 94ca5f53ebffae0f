"""Whoever runs a model of somebody else shows him nothing: neither over any route, nor through what the model keeps."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from samplecase.contracts.states import JobState, Sandbox
from tests.engine.conftest import World, level, until, world
from tests.worlds import FINAL, images, package, wait_for

__all__ = ["level", "world"]  # fixtures
pytestmark = pytest.mark.sandbox

# Puts what it sees wherever it can, and says where it finds what it put there for somebody else.
KEEPS = """
import os

NAME = "kept-by-a-model-MARK"
KEPT = []

def places(path):
    package = os.getcwd()
    folders = [os.environ["TMPDIR"], "/tmp", "/var/tmp", "/dev/shm", "/run", "/", package, package + "/..",
               os.path.dirname(path), os.path.dirname(path) + "/..", os.path.dirname(os.__file__)]
    return dict.fromkeys(folders)

def read(folder):
    try:
        with open(folder + "/" + NAME) as file:
            return file.read()
    except OSError:
        return ""

def write(folder, text):
    try:
        with open(folder + "/" + NAME, "w") as file:
            file.write(text)
    except OSError:
        pass

class Model:
    def predict(self, image_paths, who):
        out = []
        for path, name in zip(image_paths, who):
            found = [folder for folder in places(path) if read(folder) not in ("", name)]
            found += ["memory"] if set(KEPT) - {name} else []
            for folder in places(path):
                write(folder, name)
            KEPT.append(name)
            out.append({"found": found, "process": os.stat("/proc/self").st_ctime_ns})
        return {"out": out}
"""
INPUTS = {"image_paths": {"type": "local"}, "who": {"type": "string"}}


@pytest.fixture
def keeps() -> Iterator[str]:
    """The code of a model that keeps what it sees, under a name that is this test's own."""
    mark = str(os.getpid())
    yield KEEPS.replace("MARK", mark)
    places = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/", str(Path(os.__file__).parent)]
    for place in places:  # where the model without a sandbox could write
        with contextlib.suppress(OSError):
            Path(place, f"kept-by-a-model-{mark}").unlink()


def test_nothing_that_a_model_keeps_reaches_the_next_owner(world: World, level: Sandbox, keeps: str) -> None:
    spec = world.spec(
        keeps,
        outputs={"out": {"type": "object"}},
        inputs=INPUTS,
        sandbox=level.value,
        owner=1,
    )
    said: dict[str, list[dict[str, Any]]] = {}
    # With room for one: his second job waits for what his first one gives back.
    with world.executor(idle_seconds=60, max_replicas=1):
        for owner, who in ((1, "runner"), (1, "runner"), (2, "author")):
            owned = world.spec(
                keeps, outputs={"out": {"type": "object"}}, inputs=INPUTS, sandbox=level.value, owner=owner
            )
            assert owned.package_sha256 == spec.package_sha256
            sample = world.sample(f"{who}.png", who=who)
            job = world.ledger.submit(spec=owned, samples=[sample], outputs={"out": "out"})
            until(lambda job=job: job.state.is_final)  # type: ignore[misc]
            assert job.state is JobState.FINISHED
            said.setdefault(who, []).append(job.results[sample.id].values["out"])
    first, second = said["runner"]
    assert first["process"] == second["process"]  # his own second job had the loaded replica again
    (author,) = said["author"]
    assert author["process"] != first["process"]
    if level is Sandbox.BWRAP:
        assert author["found"] == []
    else:  # which is what the box is for
        assert "/tmp" in author["found"]
        assert "memory" not in author["found"]


REPEATS = """
KEPT = []
class Model:
    def predict(self, who):
        print("kept", KEPT, flush=True)
        KEPT.extend(who)
        return {"out": [{} for _ in who]}
"""


def test_the_check_of_a_deployment_is_never_made_by_a_replica_that_served_a_job(world: World) -> None:
    """All who may edit the model read what a check prints, also where the job was of the person who deploys."""
    text = {"who": {"type": "string"}}
    spec = world.spec(REPEATS, outputs={"out": {"type": "object"}}, inputs=text)
    with world.executor(idle_seconds=60):
        sample = world.sample("one", who=SECRET)
        job = world.ledger.submit(spec=spec, samples=[sample], outputs={"out": "out"})
        until(lambda: job.state.is_final)
        deployment = world.ledger.deploy(spec)
        until(lambda: deployment.report is not None)
    assert "kept []" in deployment.log
    assert SECRET not in deployment.log


SECRET = "the-runner-s-secret"
MAKE_USERS = """
import django; django.setup()
from samplecase.web.accounts.models import ApiToken, User
for name in ("author", "runner"):
    user = User(username=name); user.set_unusable_password(); user.save()
    print(ApiToken.objects.create(user, name="test", scope="write")[1])
"""
TELLS = f"""
import os, sys
class Model:
    def setup(self, device):
        print("loaded")

    def predict(self, image_paths, who):
        for path, text in zip(image_paths, who):
            print("printed", text, open(path, "rb").read()[:4], flush=True)
            sys.stderr.write("written " + str(text) + "\\n")
        return {{"predictions": [self.one(text) for text in who]}}

    def one(self, text):
        if text == "{SECRET}-error":
            return ValueError("raised " + text)
        if text == "{SECRET}-nonsense":
            return {{"label": text, "confidence": text}}
        return {{"label": text}}
"""
SCHEMA = {
    "inputs": {
        "type": "object",
        "properties": {"image_paths": {"type": "local"}, "who": {"type": "string", "default": "example"}},
    },
    "outputs": {"type": "object", "properties": {"predictions": {"type": "classification"}}},
}


def asked(api: httpx.Client, path: str) -> str:
    """All that the answer says, whatever its status."""
    answer = api.get(path)
    assert answer.status_code < 500, path
    return f"{answer.status_code} {dict(answer.headers)} {answer.text}"


def test_over_no_route_does_an_author_learn_what_his_model_saw(installation: Any) -> None:
    installation.start("up", "--port", str(installation.port))
    installation.wait_until_up()
    tokens = installation.manage("-c", MAKE_USERS).split()
    author, runner = (
        httpx.Client(
            base_url=f"{installation.url}/api/v1", headers={"Authorization": f"Token {token}"}, timeout=60
        )
        for token in tokens
    )
    with author, runner:
        model, deployment = shared_model(installation, author)
        dataset = private_dataset(runner)
        real = ran(installation, runner, dataset, deployment, "seen")
        dry = ran(installation, runner, dataset, deployment, "tried", dry_run=3)
        mine = asked(runner, f"/jobs/{real}/log/") + asked(runner, f"/jobs/{real}/errors/")
        mine += asked(runner, f"/jobs/{dry}/preview/")
        for said in (
            f"printed {SECRET}",
            f"written {SECRET}",
            f"raised {SECRET}-error",
            f"{SECRET}-nonsense",
        ):
            assert said in mine  # the runner himself is told all of it

        samples = [each["id"] for each in runner.get(f"/datasets/{dataset}/samples/").json()["results"]]
        routes = [
            f"/jobs/{job}/{part}" for job in (real, dry) for part in ("", "log/", "errors/", "preview/")
        ]
        parts = ("", "samples/", "fields/", "facets/", "evaluations/", "sharing/")
        routes += [f"/datasets/{dataset}/{part}" for part in parts]
        routes += [
            f"/datasets/{dataset}/samples/{sample}/{part}"
            for sample in samples
            for part in ("", "media/", "thumbnail/")
        ]
        for route in routes:
            assert author.get(route).status_code == 404, route
        own = ["/jobs/", "/datasets/", "/deployments/", "/models/", f"/jobs/?dataset={dataset}"]
        own += [f"/models/{model}/", f"/models/{model}/versions/1.0.0/", f"/models/{model}/sharing/"]
        own += [f"/deployments/{deployment}/", f"/deployments/{deployment}/log/"]
        for route in own:
            assert SECRET not in asked(author, route), route
        assert "loaded" in asked(
            author, f"/deployments/{deployment}/log/"
        )  # of its own check he sees everything

        # Also with a warm replica of the runner's at hand, a new check by the author has one of its own.
        again = made_deployment(installation, author, model, "again")
        assert SECRET not in asked(author, f"/deployments/{again}/log/")

        # Who may view the dataset sees its values, and still nothing that the model said beside them.
        shared = {"everyone": "none", "users": [{"username": "author", "right": "edit"}], "groups": []}
        runner.put(f"/datasets/{dataset}/sharing/", json=shared).raise_for_status()
        assert author.get(f"/jobs/{real}/log/").status_code == 403
        assert author.get(f"/jobs/{dry}/preview/").status_code == 403
        errors = author.get(f"/jobs/{real}/errors/").json()["results"]
        assert [each["message"] for each in errors] == ["", ""]
        assert SECRET not in asked(author, f"/jobs/{real}/")


def shared_model(installation: Any, author: httpx.Client) -> tuple[int, int]:
    """A model that everyone may run, and a ready deployment of it."""
    model = int(author.post("/models/", json={"name": "shared"}).raise_for_status().json()["id"])
    files = {"package": ("x.zip", package(TELLS, schema=SCHEMA), "application/zip")}
    author.post(f"/models/{model}/versions/", files=files).raise_for_status()
    sharing = {"everyone": "run", "users": [], "groups": []}
    author.put(f"/models/{model}/sharing/", json=sharing).raise_for_status()
    return model, made_deployment(installation, author, model, "shared")


def made_deployment(installation: Any, author: httpx.Client, model: int, name: str) -> int:
    asked_for = {"model": model, "name": name}
    deployment = int(author.post("/deployments/", json=asked_for).raise_for_status().json()["id"])

    def settled() -> Any:
        facts = author.get(f"/deployments/{deployment}/").json()
        return facts if facts["state"] in ("ready", "failed") else None

    facts = wait_for(settled, seconds=90, what=f"the deployment; {installation.logs()}")
    assert facts["state"] == "ready", facts
    return deployment


def private_dataset(runner: httpx.Client) -> int:
    """Three samples with a field that only the runner may see."""
    dataset = int(runner.post("/datasets/", json={"name": "private"}).raise_for_status().json()["id"])
    files = [("files", (name, content, "image/png")) for name, content in images(3).items()]
    runner.post(f"/datasets/{dataset}/samples/", files=files).raise_for_status()
    runner.post(f"/datasets/{dataset}/fields/", json={"name": "who", "type": "string"}).raise_for_status()
    samples = [each["id"] for each in runner.get(f"/datasets/{dataset}/samples/").json()["results"]]
    endings = ("", "-error", "-nonsense")
    values = [
        {"sample": each, "value": SECRET + ending} for each, ending in zip(samples, endings, strict=True)
    ]
    runner.put(f"/datasets/{dataset}/values/", json={"field": "who", "values": values}).raise_for_status()
    return dataset


def ran(
    installation: Any, runner: httpx.Client, dataset: int, deployment: int, field: str, **more: Any
) -> int:
    entry = {"deployment": deployment, "inputs": {"who": "who"}, "outputs": {"predictions": field}}
    submitted = runner.post(
        "/jobs/", json={"dataset": dataset, "entries": [entry], **more}, headers={"Idempotency-Key": field}
    )
    assert submitted.status_code == 201, submitted.text
    job = int(submitted.json()["jobs"][0]["id"])

    def ended() -> Any:
        facts = runner.get(f"/jobs/{job}/").json()
        return facts if facts["state"] in FINAL else None

    facts = wait_for(ended, seconds=90, what=f"the job; {installation.logs()}")
    assert facts["state"] == "finished", facts
    return job
