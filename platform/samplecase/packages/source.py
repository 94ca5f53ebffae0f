"""What can be said of a package's code without running it: does it hold the class, and does that fit the schema?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.packages.archive import Archive, open_archive
from samplecase.packages.builtin_blocks import ENTRYPOINT_PREFIX
from samplecase.packages.limits import DEFAULT_LIMITS, Limits
from samplecase.packages.package import Package

_MAX_SOURCE_BYTES = 2**20
_WEIGHTS = re.compile(r"weights/[\w./-]+\.\w+\Z", re.ASCII)


def check_source(path: Path, package: Package, *, limits: Limits = DEFAULT_LIMITS) -> None:
    """Read the module of the entry point in the zip at `path`. Raises `InvalidInput`; the details name its lines.

    For authors, before an upload. It is no rule of packages: another Python may read what this one does not, and
    a model may be made in ways that only running it shows.
    """
    entrypoint = package.manifest["entrypoint"]
    if entrypoint.startswith(ENTRYPOINT_PREFIX):
        return
    module, _, name = entrypoint.partition(":")
    with open_archive(path, limits) as archive:
        file = _file_of(module, archive)
        code = archive.read(file, max_bytes=_MAX_SOURCE_BYTES)
    try:
        tree = ast.parse(code, file)
    except (SyntaxError, ValueError) as error:
        if package.environment_yml:
            return  # it may bring a Python of its own, which reads more than this one
        line = getattr(error, "lineno", None) or 1
        found = [Fault(f"{file}:{line}", f"This is not Python: {getattr(error, 'msg', error)}.")]
    else:
        found = [*_faults(tree, file, name, package)]
    if found:
        message = f"The package's code cannot work at {found[0].pointer}: {found[0].message}"
        raise InvalidInput(message, code="invalid_source", details=found)


def _file_of(module: str, archive: Archive) -> str:
    plain = module.replace(".", "/") + ".py"
    return plain if plain in archive else plain.removesuffix(".py") + "/__init__.py"


def _faults(tree: ast.Module, file: str, name: str, package: Package) -> Iterator[Fault]:
    model = next((each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == name), None)
    if model is not None:
        yield from _class_faults(model, file, package)
    elif not {name, "*"} & _bound(tree):
        yield Fault(
            file, f"There is no class {name}, which is the entry point {package.manifest['entrypoint']}."
        )
    yield from _missing_weights(tree, file, {each for each, _ in package.files})


def _bound(tree: ast.Module | ast.ClassDef) -> set[str]:
    """What else it may give names to; `*` may bring any."""
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            bound.update(each.asname or each.name for each in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.ClassDef) and node is not tree:
            bound.add(node.name)
    return bound


def _class_faults(model: ast.ClassDef, file: str, package: Package) -> Iterator[Fault]:
    predict = next(
        (each for each in model.body if isinstance(each, ast.FunctionDef) and each.name == "predict"), None
    )
    if predict is None:
        if not model.bases and "predict" not in _bound(model):
            yield Fault(f"{file}:{model.lineno}", f"The class {model.name} has no method predict.")
        return
    if any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in predict.decorator_list):
        return
    arguments = predict.args
    names = [each.arg for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]]
    inputs = list(package.schema.inputs)
    at = f"{file}:{predict.lineno}"
    if arguments.kwarg is None:
        for missing in [name for name in inputs if name not in names]:
            yield Fault(at, f"predict takes no {missing}, which is an input of the schema.")
    needed = arguments.args[: len(arguments.args) - len(arguments.defaults)]
    for more in [each.arg for each in needed[1:] if each.arg not in inputs]:
        yield Fault(at, f"predict needs {more}, which is no input of the schema ({', '.join(inputs)}).")


def _missing_weights(tree: ast.Module, file: str, files: set[str]) -> Iterator[Fault]:
    """Files that the code names below `weights/` and that nobody put there: what is forgotten most often."""
    texts = [
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    for node in texts:
        named = str(node.value)
        if _WEIGHTS.match(named) and named not in files:
            yield Fault(f"{file}:{node.lineno}", f"There is no file {named} in the package: put it there.")
