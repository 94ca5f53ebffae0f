"""What a hostile model tries in the real engine: each attack succeeds without the sandbox and is denied within it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samplecase.contracts.states import DeploymentState, JobState, Outcome, Sandbox
from samplecase.runtime.sandbox import probe_sandbox
from tests.engine.conftest import World, until
from tests.security.attacks import ATTACKS
from tests.security.targets import ATTACKS as ATTACKS_FILE
from tests.security.targets import LIMITS, Targets

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(probe_sandbox().level is not Sandbox.BWRAP, reason=probe_sandbox().why_not or "-"),
]

NEEDS_ROOT = {
    "become_a_user_of_this_host",
    "change_a_setting_of_the_kernel",
    "change_the_root",
    "change_the_shim",
    "enter_another_namespace",
    "make_a_device",
    "make_a_mount_namespace",
    "mount_a_file_system",
    "open_a_packet_socket",
    "open_a_performance_counter",
    "open_a_raw_socket",
    "open_the_control_group",
    "read_the_shadow_file",
    "rename_the_host",
    "run_a_program_with_the_rights_of_root",
    "take_priority",
    "type_into_a_terminal",
    "use_bpf",
    "write_to_its_own_root",
    "write_to_the_system",
}
# Kernels are built without these, or hosts forbid them to everybody; a host that has none of it cannot show the attack.
NOT_ON_EVERY_HOST = {
    "open_a_socket_to_the_hypervisor",
    "open_a_performance_counter",
    "open_the_control_group",
    "open_a_userfaultfd",
    "use_bpf",
    "use_io_uring",
}
ENDS_THE_REPLICA = {  # by the look at all memory of the box, which no limit of one process bounds
    "allocate_past_the_limit_in_several_processes",
    "make_files_without_end",
    "share_memory_past_the_limit",
}
INPUTS = {
    "image_paths": {"type": "local"},
    "attack": {"type": "string", "default": "none"},
    "targets": {"type": "object", "default": {}},
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not pytest's own folder, which no other user may enter: the sandbox, not that, is to be what denies."""
    path = Path(tempfile.mkdtemp(prefix="probes-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def world(folder: Path) -> World:
    return World(folder)


@pytest.fixture(scope="module")
def targets(world: World, folder: Path) -> Iterator[Targets]:
    world.samples(1)  # makes the folder of the store
    targets = Targets(folder / "targets", world.work_dir, folder / "blobs")
    yield targets
    targets.close()


def ran(world: World, targets: Targets, level: Sandbox) -> dict[str, Any]:
    """What became of each attack: packed, stored, deployed, and run as a job on one sample per attack."""
    spec = world.spec(
        ATTACKS_FILE.read_text(), outputs={"out": {"type": "object"}}, inputs=INPUTS, sandbox=level.value
    )
    limits = {
        "memory_limit_bytes": LIMITS["memory"],
        "scratch_limit_bytes": LIMITS["disk"],
        "process_limit": LIMITS["processes"],
    }
    deployment = world.ledger.deploy(spec)
    samples = {name: world.sample(f"{name}.png", attack=name, targets=targets.facts) for name in ATTACKS}
    with world.executor(**limits):
        until(lambda: deployment.report is not None)
        assert deployment.state is DeploymentState.READY, deployment
        job = world.ledger.submit(spec=spec, samples=list(samples.values()), outputs={"out": "out"})
        until(lambda: job.state.is_final)
    assert job.state is JobState.FINISHED
    return {name: job.results[sample.id] for name, sample in samples.items()}


@pytest.fixture(scope="module")
def outcomes(world: World, targets: Targets) -> dict[Sandbox, dict[str, Any]]:
    return {level: ran(world, targets, level) for level in (Sandbox.NONE, Sandbox.BWRAP)}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_that_works_without_the_sandbox_is_denied_within(
    outcomes: dict[Sandbox, dict[str, Any]], name: str
) -> None:
    inside, outside = outcomes[Sandbox.BWRAP][name], outcomes[Sandbox.NONE][name]
    if name in ENDS_THE_REPLICA:
        assert (inside.outcome, inside.reason) == (Outcome.ERROR, "out_of_memory"), inside
        assert "192 are allowed" in inside.message
    else:
        assert inside.outcome is Outcome.DONE, inside
        assert inside.values["out"]["worked"] is False, inside.values
    assert outside.outcome is Outcome.DONE, outside
    if os.geteuid() != 0 and name in NEEDS_ROOT:
        pytest.skip("denied; without the sandbox only root could do this")
    if name in NOT_ON_EVERY_HOST and not outside.values["out"]["worked"]:
        pytest.skip(f"denied; this host has none of it: {outside.values['out']['why']}")
    assert outside.values["out"]["worked"] is True, outside.values


ORDINARY = """
import json, sys
from pathlib import Path
sources, attacks, facts = sys.argv[1:]
sys.path.insert(0, sources)
from samplecase.contracts.states import Sandbox
from samplecase.runtime import sandbox

report = sandbox.probe_sandbox()
assert report.level is Sandbox.BWRAP, report.why_not
limits = json.loads(Path(facts).read_text())
scratch = "/replica/scratch"
box = sandbox.Box(
    sandbox.Limits(memory=limits["memory"], scratch=limits["disk"], processes=limits["processes"]),
    mounts=[sandbox.Mount(Path(path), "/replica/package/" + Path(path).name) for path in (attacks, facts)],
    scratch=("/tmp", scratch),
    environment={"PATH": "/usr/bin:/bin", "TMPDIR": scratch},
    folder="/replica/package",
)
ask = (
    "import json, attacks; facts = json.load(open('facts.json'));"
    "print(json.dumps({name: attacks.outcome(name, facts) for name in facts['names']}))"
)
process = sandbox.start(Sandbox.BWRAP, [sys.executable, "-B", "-c", ask], box, stderr=None)
print(process.communicate(timeout=100)[0].decode())
"""


def test_a_box_started_by_an_ordinary_user_holds_as_well(folder: Path, targets: Targets) -> None:
    """Root drops to a user of its own; everyone else gets a user namespace: both must work."""
    if os.geteuid() != 0:
        pytest.skip("this whole module already runs as an ordinary user")
    python = shutil.which("python3", path="/usr/bin")
    if python is None:
        pytest.skip("no interpreter that another user may run")
    names = [name for name in ATTACKS if name not in ENDS_THE_REPLICA]
    own = {"names": names, "media": "/replica/package", "sample": "/replica/package/attacks.py"}
    facts, attacks, script = folder / "facts.json", folder / "attacks.py", folder / "ask.py"
    facts.write_text(json.dumps(targets.facts | own))
    attacks.write_text(ATTACKS_FILE.read_text().replace('__main__"].__file__', 'attacks"].__file__'))
    script.write_text(ORDINARY)
    sources = Path(__file__).parents[2] / "platform"
    answer = subprocess.run(
        [python, str(script), str(sources), str(attacks), str(facts)],
        user=65534,
        group=65534,
        extra_groups=[],
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    if "ModuleNotFoundError" in answer.stderr or f"{sources}" in answer.stderr.partition("Permission")[2]:
        pytest.skip("the sources lie where another user may not read")
    assert answer.returncode == 0, answer.stderr
    outcomes = json.loads(answer.stdout)
    assert len(outcomes) == len(names)
    assert [name for name, outcome in outcomes.items() if outcome["worked"]] == []
