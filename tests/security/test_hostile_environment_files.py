"""Lists of packages made to hurt: each is refused quickly, by its place, before anything is installed."""

from __future__ import annotations

import json

import pytest

from samplecase.contracts.errors import InvalidInput
from samplecase.runtime.requirements import read_conda_environment, read_requirements

LINES = {
    "another index": "--index-url https://evil.example/simple",
    "another index after a name": "numpy --extra-index-url=https://evil.example/simple",
    "a short option": "-i https://evil.example/simple",
    "links to find": "--find-links https://evil.example",
    "a host to trust": "--trusted-host evil.example",
    "another file": "-r /etc/passwd",
    "other constraints": "-c constraints.txt",
    "an editable install": "-e .",
    "an editable address": "--editable git+https://evil.example/x.git#egg=x",
    "a repository": "git+ssh://evil.example/x.git",
    "a repository of another kind": "hg+https://evil.example/x",
    "a direct address": "x @ https://evil.example/x.whl",
    "a direct address of a file": "x @ file:///etc/passwd",
    "an address": "http://169.254.169.254/latest/meta-data",
    "a path": "./setup.py",
    "a path from above": "../../secrets",
    "an absolute path": "/etc/passwd",
    "a path of a home": "~root/x",
    "a path of Windows": "C:\\x.whl",
    "a wheel": "x-1.0-py3-none-any.whl",
    "an archive": "x-1.0.tar.gz",
    "a build that runs code": "x --config-settings=--build-option=evil",
    "a source that runs code": "--no-binary :all:",
    "options of an old kind": 'x --install-option="--prefix=/"',
    "a variable": "${HOME}/x",
    "a command": "x; $(touch /tmp/evil)",
    "another command": "x`id`",
    "a continued line": "x \\",
    "an option behind a marker": "x; python_version < '3' --pre",
    "letters that look alike": "n\u0443mpy",
    "a line of a megabyte, almost": "x" * 60_000,
    "a slow line": "a" + ".-_" * 95 + "!",
    "a slow list of extras": "a[" + "a," * 140 + "!",
}


@pytest.mark.timeout(2)
@pytest.mark.parametrize("kind", LINES)
def test_a_hostile_line_is_refused_by_its_number(kind: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_requirements(f"numpy>=1\n\n{LINES[kind]}\n")
    assert [fault.pointer for fault in refusal.value.details] == ["requirements.txt:3"]
    assert len(refusal.value.details[0].message) < 500


@pytest.mark.timeout(2)
@pytest.mark.parametrize("kind", LINES)
def test_a_hostile_line_is_refused_among_the_pip_packages_of_conda(kind: str) -> None:
    text = json.dumps({"dependencies": ["python=3.11", {"pip": ["numpy", LINES[kind]]}]})
    with pytest.raises(InvalidInput) as refusal:
        read_conda_environment(text)
    assert [fault.pointer for fault in refusal.value.details] == ["environment.yml:/dependencies/1/pip/1"]


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(levels):
        lines.append(f"a{level + 1}: &a{level + 1} [{', '.join([f'*a{level}'] * 9)}]")
    return "\n".join([*lines, f"dependencies: [*a{levels}]"])


def merges(levels: int) -> str:
    lines = ["a0: &a0 {x: 1, y: 2}"]
    for level in range(levels):
        lines.append(f"a{level + 1}: &a{level + 1} {{<<: [*a{level}, *a{level}, *a{level}]}}")
    return "\n".join([*lines, "dependencies: [x]"])


# Name of the case -> (the file, the place that the error names).
FILES = {
    "a billion laughs": (laughs(12), ":1"),
    "merges that multiply": (merges(30), ":1"),
    "a list in itself": ("dependencies: &a [*a]", ":1"),
    "a reference to nothing": ("dependencies: [*x]", ":1"),
    "a call": ("dependencies: !!python/object/apply:os.system ['touch /tmp/evil']", ":1"),
    "an object": ("dependencies:\n- !!python/object/new:type [x]", ":2"),
    "a module": ("name: !!python/module:os\ndependencies: [x]", ":1"),
    "a tag of its own": ("dependencies: !evil [x]", ":1"),
    "a binary": ("dependencies: [!!binary aGVsbG8=]", ":1"),
    "too deep": ("dependencies: " + "[" * 20_000, ":1"),
    "too deep and closed": ("dependencies: " + "[" * 9_000 + "]" * 9_000, ":1"),
    "too large": ("dependencies: [x]\n#" + "x" * 70_000, ""),
    "too many": ("dependencies: [" + "x," * 600 + "x]", ":/dependencies"),
    "two documents": ("dependencies: [x]\n---\ndependencies: [y]", ""),
    "control characters": ("dependencies: [x\x07]", ""),
    "no list": ("dependencies: x", ":/dependencies"),
    "nothing": ("", ":/dependencies"),
    "a place to install in": ("dependencies: [x]\nprefix: /usr", ":/prefix"),
    "variables": ("dependencies: [x]\nvariables: {LD_PRELOAD: /tmp/x.so}", ":/variables"),
    "a channel that is an address": ("channels: ['https://evil.example']\ndependencies: [x]", ":/channels/0"),
    "a channel that is a file": ("channels: ['file:///etc']\ndependencies: [x]", ":/channels/0"),
    "a channel that is a path": ("channels: ['../x']\ndependencies: [x]", ":/channels/0"),
    "a channel that goes up": ("channels: ['a/..']\ndependencies: [x]", ":/channels/0"),
    "a channel that is an option": ("channels: ['--json']\ndependencies: [x]", ":/channels/0"),
    "a package that is an option": ("dependencies: ['--file']", ":/dependencies/0"),
    "a package of another channel": ("dependencies: ['evil::x']", ":/dependencies/0"),
    "a package that is an address": ("dependencies: ['https://evil.example/x.conda']", ":/dependencies/0"),
    "a package that is a path": ("dependencies: ['/tmp/x.conda']", ":/dependencies/0"),
    "a package with brackets": ("dependencies: ['x[url=https://evil.example]']", ":/dependencies/0"),
    "another installer": ("dependencies: [{npm: [x]}]", ":/dependencies/0"),
    "pip and another installer": ("dependencies: [{pip: [x], npm: [y]}]", ":/dependencies/0"),
    "pip that is no list": ("dependencies: [{pip: x}]", ":/dependencies/0"),
    "a slow package": ("dependencies: ['a" + " " * 290 + "!']", ":/dependencies/0"),
}


@pytest.mark.timeout(2)
@pytest.mark.parametrize("kind", FILES)
def test_a_hostile_conda_file_is_refused_by_its_place(kind: str) -> None:
    text, place = FILES[kind]
    with pytest.raises(InvalidInput) as refusal:
        read_conda_environment(text)
    assert refusal.value.details[0].pointer == f"environment.yml{place}"
    assert sum(len(fault.message) for fault in refusal.value.details) < 2_000
    assert refusal.value.message.replace("\n", "").isprintable()


@pytest.mark.timeout(2)
def test_a_file_of_too_many_lines_or_bytes_is_refused_whole() -> None:
    for text in ("x\n" * 600, "#" * 70_000):
        with pytest.raises(InvalidInput) as refusal:
            read_requirements(text)
        assert [fault.pointer for fault in refusal.value.details] == ["requirements.txt"]


def test_honest_conda_files_are_read() -> None:
    text = """
name: tiny  # a comment
channels: [conda-forge, nvidia/label/cuda-12.4.0]
dependencies:
  - python=3.11
  - numpy>=1.20,<3
  - "pytorch=2.1=*cpu*"
  - pip
  - pip:
      - tinylib==1.2
      - 'tomli; python_version < "3.11"'
"""
    found = read_conda_environment(text)
    assert found.python == "3.11"
    assert not found.is_pip_only
    assert found.conda == ["python=3.11", "numpy>=1.20,<3", "pytorch=2.1=*cpu*", "pip"]
    assert found.pip == ["tinylib==1.2", 'tomli; python_version < "3.11"']
    assert found.channels == ["conda-forge", "nvidia/label/cuda-12.4.0"]
