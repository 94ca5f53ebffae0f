"""From an uploaded zip to an immutable version: inspected, stored by its digest, recorded; all of it or nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import IntegrityError, transaction

from models_app.aliases import follow_newest
from models_app.aliases import hold as hold_model
from models_app.models import Model, Version
from models_app.naming import semantic
from models_app.proposing import propose
from models_app.stored_packages import Opener, kept
from samplecase.contracts.errors import Conflict, Fault, InvalidInput, TooLarge
from samplecase.packages import Limits, Package, inspect_package
from samplecase.web.accounts.models import User, record
from samplecase.web.rest.spools import hold
from samplecase.web.uploads.quotas import refuse_beyond_storage
from samplecase.web.uploads.whole import Sent


def upload_version(
    *,
    acting_user: User,
    model: Model,
    package: UploadedFile[Any] | Sent,
    schema: Any = None,
    version: str = "",
) -> Version:
    """A new version of `model` out of a zip, with the number given, else the manifest's, else that proposed.

    Raises `InvalidInput` with every fault of the zip, its manifest and the schema, `TooLarge` over the limits, and
    `Conflict` (`version_exists`) where the model has that version; then nothing is stored.
    """
    number = _checked(version) if version else ""
    refuse_beyond_storage(owner=model.owner, more=package.size or 0)
    with _opener(package) as opener:
        with _placed("/upload" if isinstance(package, Sent) else "/package"), opener() as file:
            limits = Limits(max_bytes=settings.MAX_UPLOAD_BYTES)
            sha256 = package.sha256 if isinstance(package, Sent) else None
            inspected = inspect_package(file, schema=schema, limits=limits, sha256=sha256)
        number = number or _number_for(model, inspected)
        _refuse_existing(model, number)
        with kept(inspected.sha256, opener):
            return _record(acting_user=acting_user, model=model, number=number, package=inspected)


@contextmanager
def _placed(at: str) -> Iterator[None]:
    """A fault of the zip as a whole is placed at `at`, others keep file or pointer."""
    try:
        yield
    except (InvalidInput, TooLarge) as error:
        faults = [Fault(fault.pointer or at, fault.message) for fault in error.details]
        details = faults or [Fault(at, error.message)]
        raise type(error)(error.message, code=error.code, details=details) from error


@contextmanager
def _opener(package: UploadedFile[Any] | Sent) -> Iterator[Opener]:
    """How to open the package; what the request already spooled to disk is not copied again."""
    if isinstance(package, Sent):
        yield package.open
        return
    if isinstance(package, TemporaryUploadedFile):
        path = Path(package.temporary_file_path())
        yield lambda: path.open("rb")
        return
    with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".upload.zip") as file:
        hold(file)
        shutil.copyfileobj(package, file)
        file.flush()
        spooled = Path(file.name)
        yield lambda: spooled.open("rb")


def _checked(version: str) -> str:
    number = semantic(version)
    if number is None:
        raise InvalidInput(
            f"A version is like 1.0.0 (semver.org), each number up to nine digits, unlike “{version[:60]}”.",
            pointer="/version",
        )
    return number


def _number_for(model: Model, package: Package) -> str:
    given = package.manifest.get("version")
    return _checked(given) if given else propose(model, package.schema).version


def _refuse_existing(model: Model, number: str) -> None:
    if model.versions.filter(version=number).exists():
        raise _exists(model, number)
    if model.tombstones.filter(version=number).exists():
        message = (
            f"“{model}” had a version {number}, which values still name; upload it under another number."
        )
        raise Conflict(message, code="version_exists", pointer="/version")


def _exists(model: Model, number: str) -> Conflict:
    return Conflict(
        f"“{model}” has a version {number} already, and versions never change; upload it under another number.",
        code="version_exists",
        pointer="/version",
    )


def _record(*, acting_user: User, model: Model, number: str, package: Package) -> Version:
    # Before a row refers to it: a deletion of the model would wait for that row, and this for the deletion.
    hold_model(model)
    try:
        with transaction.atomic():
            version = Version.objects.create(
                model=model,
                version=number,
                sha256=package.sha256,
                size=package.size,
                manifest=package.manifest,
                schema=package.schema.document,
                files=[{"name": name, "size": size} for name, size in package.files],
                readme=package.readme,
                changelog=package.changelog,
                requirements=package.requirements,
                environment_yml=package.environment_yml,
                license=package.license,
                uploaded_by=acting_user,
                uploaded_by_superuser=acting_user.is_superuser,
            )
    except IntegrityError:
        _refuse_existing(model, number)
        raise
    record(actor=acting_user, action="version.upload", subject=version, model=model.pk, sha256=package.sha256)
    follow_newest(acting_user=acting_user, model=model)
    return version
