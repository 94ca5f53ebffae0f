"""What stands in the examples of the API's description: one small world, the same in every operation."""

from __future__ import annotations

from typing import Any

TIME = "2026-01-31T12:00:00Z"
LATER = "2026-01-31T12:04:10Z"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
UUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
UNSURE = {"field": "guess.confidence", "op": "lt", "value": 0.6}
CAT = {"label": "cat", "confidence": 0.91}
LOCAL_TO_LABEL = {
    "inputs": {"type": "object", "properties": {"image_paths": {"type": "local"}}},
    "outputs": {"type": "object", "properties": {"predictions": {"type": "classification"}}},
}

# By the name of a property, wherever it stands; those of one component alone come first.
OF_COMPONENTS: dict[str, dict[str, Any]] = {
    "Alias": {"name": "champion"},
    "AliasMove": {"name": "champion", "before": "1.0.0", "after": "1.1.0"},
    "AuditEntry": {"id": 412, "action": "job.submit", "actor": "ada", "details": {"total": 1797}},
    "AuditedObject": {"type": "job", "id": "31", "name": "animals-cnn on animals"},
    "AuditHome": {"type": "dataset", "id": 7},
    "Change": {"pointer": "/outputs/properties/score", "message": "A new output.", "step": "minor"},
    "ClassScore": {"label": "cat"},
    "Dataset": {"name": "animals", "description": "Photographs of animals.", "tags": ["field-trip"]},
    "Deployment": {
        "id": 4,
        "name": "animals-cnn",
        "state": "ready",
        "left_behind": False,
        "custom_environment": False,
        "allow_bf16": False,
        "version": "1.1.0",
    },
    "DeploymentLog": {"log": "loaded in 1.9 s\n"},
    "Evaluation": {"state": "finished", "stale": False, "done": 1797, "options": {}},
    "EvaluationDetail": {"state": "finished", "stale": False, "done": 1797, "options": {}},
    "ErrorDetail": {"code": "not_found"},
    "Field": {"name": "guess", "type": "classification", "value_count": 1797, "created_by_job": 31},
    "FileChange": {"name": "weights/model.pt", "before": 44800000, "after": 44800512},
    "FileLabel": {"label": "cat", "target": "cat"},
    "Job": {
        "id": 31,
        "state": "running",
        "projection": None,
        "finished_at": None,
        "dry_run": None,
        "replicas": [{"id": 2, "state": "working", "done": 600}],
        "bottleneck": {"decode": 0.22, "model": 0.71, "write": 0.07},
        "waiting_for": None,
    },
    "Link": {"link": "https://samplecase.example/welcome/J1m5w0…", "purpose": "invitation"},
    "Log": {"log": "loaded in 1.9 s\n"},
    "Model": {"id": 3, "name": "animals-cnn", "description": "Cats, dogs and owls.", "tags": ["cnn"]},
    "ModelSchema": LOCAL_TO_LABEL,
    "PackedFile": {"name": "weights/model.pt", "size": 44800512},
    "Preview": {"outputs": {"predictions": CAT}},
    "Provenance": {"source": "model", "editor": None},
    "Reason": {"reason": "unreadable_media", "message": "The image is cut off.", "count": 3},
    "ReportRow": {"outcome": "skipped", "reason": "unchanged", "message": "It was there already."},
    "Review": {"name": "unsure ones", "source": "guess", "target": "guess_reviewed", "order": "confidence"},
    "SampleError": {"reason": "exception", "message": "ValueError: too narrow"},
    "SchemaProperty": {"name": "predictions", "type": "classification"},
    "Session": {"agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"},
    "Skipped": {"name": "notes.txt", "reason": "not_an_image", "message": "This is not an image."},
    "SampleEvaluation": {"actual_id": "5f1c", "predicted_id": "a03e", "number": None},
    "SampleDetail": {"id": 12},
    "Sample": {"id": 12},
    "Spread": {"min": 320.0, "max": 1280.0},
    "Bin": {"from": 320.0, "to": 368.0, "count": 12},
    "TimeBin": {"from": TIME, "to": LATER},
    "TimeSpread": {"min": TIME, "max": LATER},
    "Token": {"name": "nightly run"},
    "NewToken": {"name": "nightly run"},
    "Tombstone": {"version": "1.0.1"},
    "Tuning": {
        "why": "Frozen for this processor, and images laid out channels last: as the plain network, faster."
    },
    "Agreement": {"compared": 256, "disagreeing": 0, "labels_changed": 0},
    "Tried": {"what": "channels last", "reason": "2 % slower"},
    "View": {"name": "unsure cats", "sort": "guess.confidence", "fields": ["guess"]},
}
VALUES: dict[str, Any] = {
    "access": "owner", "action": "job.submit", "actor": "ada", "actual": "cat", "address": "192.0.2.7",
    "agent": "Firefox", "ap": 0.88, "ap_50": 0.93, "attributes": {"occluded": {"type": "boolean"}},
    "before": "1.0.0", "after": "1.1.0", "bytes": 48213, "can": ["pause", "cancel"],
    "classes": ["cat", "dog", "owl"], "code": "not_found", "colors": {"cat": "#e8590c"}, "count": 1,
    "created_by": "ada", "crowd_attribute": None, "current": "correct horse battery", "dataset": 7,
    "deleted_by": "ada", "deployment": 4, "description": "Cats, dogs and owls.", "details": [],
    "dimension": None, "distance": 0.031,
    "done": 1200, "total": 1797, "failed": 3, "skipped": 0, "cancelled": 0, "editor": "ada",
    "email": "ada@example.org", "ended": 2, "environment_yml": "", "error": None, "eta_seconds": 11,
    "evaluation": None, "everyone": "view", "explained": [0.41, 0.17], "extent": [-1.0, -1.0, 1.0, 1.0],
    "f1": 0.87, "field": "guess", "fields": ["guess"], "filter": UNSURE, "follows": None,
    "ground_truth": "ground_truth", "groups": [], "height": 480, "id": 7, "images_per_second": 54.1,
    "import_roots": [], "inputs": {"image_paths": "image"}, "iou": 0.82, "iou_threshold": 0.5, "job": 31,
    "keep": "edit", "label": "cat", "labels": [],
    "largest_box_difference": 0.0, "largest_score_difference": 0.0002, "license": "Apache-2.0",
    "load_seconds": 1.9, "margin": 0.02,
    "matrix": [[48, 2, 0], [1, 49, 0], [0, 0, 50]], "media_url": "/api/v1/datasets/7/samples/12/media/",
    "memory_bytes": 412000000, "message": "There is nothing here, or nothing that you may see.",
    "metrics": {"accuracy": 0.88, "f1_macro": 0.87}, "mime": "image/jpeg", "mini_batch": 8, "model": 3,
    "moved_by": "ada", "name": "owl-012.jpg", "names": ["owl-012.jpg"], "new": "a much longer password",
    "next": None, "num_gpus": 0, "num_replicas": 2, "on_existing": "skip", "order": "confidence",
    "outputs": {"predictions": "guess"}, "owner": "ada", "password": "correct horse battery", "path": "photos/2026",
    "pixels": 1.0, "plain_images_per_second": 28.6,
    "pointer": "/name", "precision": 0.9, "predicted": "dog", "predictions": "guess",
    "problem": None, "proposal": None, "rate": 54.1, "readme": "# animals-cnn\n", "reason": "", "recall": 0.85,
    "replaced_by": None, "requirements": "torch>=2.2\n", "results": [], "revision": 2, "revisions": {"12": 2},
    "right": "edit", "runs": "0 500 3 20 0 306680", "sample": 12, "sample_count": 1797, "samples": 1797,
    "score": 0.01, "seconds": 58.0, "sha256": SHA256, "since": "1.0.0", "stale": False,
    "size": [480, 640], "slug": "animals_cnn",
    "sort": "-guess.confidence", "source": "guess", "submission": 12, "tags": ["field-trip"], "target": "guess",
    "theirs": CAT, "yours": {"label": "dog"}, "threads": 1,
    "thumbnail_url": "/api/v1/datasets/7/samples/12/thumbnail/", "title": "PCA",
    "token": "3f" * 32, "type": "classification", "undo": None, "until": None, "upload": 9, "uploaded_by": "ada",
    "user": "ada", "username": "ada", "users": [], "valid_seconds": 604800, "value": CAT,
    "values": {"guess": CAT}, "version": "1.1.0", "warnings": [], "width": 640, "written": 2,
}  # fmt: skip

# Whole bodies, where what goes together is more than its parts.
REQUESTS: dict[str, Any] = {
    "BulkRequest": {"action": "set_label", "filter": UNSURE, "field": "guess", "label": "cat"},
    "BulkUndoRequest": {"undo": UUID},
    "DatasetFactsRequest": {
        "name": "animals",
        "description": "Photographs of animals.",
        "tags": ["field-trip"],
    },
    "InvitationRequest": {"username": "grace", "name": "Grace Hopper", "email": "grace@example.org"},
    "ModelFactsRequest": {"name": "animals-cnn", "description": "Cats, dogs and owls.", "tags": ["cnn"]},
    "NewAliasRequest": {"version": "1.1.0"},
    "NewDeploymentRequest": {
        "model": 3,
        "version": "champion",
        "name": "animals-cnn",
        "mini_batch": 8,
        "num_replicas": 2,
        "dataset": 7,
    },
    "NewEvaluationRequest": {"predictions": "guess", "ground_truth": "ground_truth", "filter": UNSURE},
    "NewExportRequest": {"format": "coco", "fields": ["boxes"], "media": True},
    "NewFieldRequest": {"name": "guess", "type": "classification", "classes": ["cat", "dog", "owl"]},
    "NewImportRequest": {
        "path": "photos/2026",
        "classes": {"kitty": "cat", "unknown": None},
        "dry_run": True,
    },
    "NewProjectionRequest": {"field": "vector", "method": "pca"},
    "NewReviewRequest": {"name": "unsure ones", "source": "guess", "filter": UNSURE},
    "NewViewRequest": {"name": "unsure cats", "filter": UNSURE, "sort": "guess.confidence"},
    "OrderRequest": {
        "dataset": 7,
        "filter": UNSURE,
        "entries": [
            {
                "deployment": 4,
                "outputs": {"predictions": "guess"},
                "on_existing": "replace",
            }
        ],
    },
    "PasswordRequest": {"current": "correct horse battery", "new": "a much longer password"},
    "PatchedDatasetFactsRequest": {"description": "Photographs of the field trip."},
    "PatchedDeploymentChangesRequest": {"name": "animals-cnn-fast"},
    "PatchedFieldChangesRequest": {"name": "seen", "colors": {"cat": "#e8590c"}},
    "PatchedModelFactsRequest": {"tags": ["cnn", "reviewed"]},
    "PatchedMyFactsRequest": {"name": "Ada Lovelace"},
    "PatchedNewViewRequest": {"name": "very unsure cats"},
    "PatchedPersonChangesRequest": {"is_active": False},
    "PatchedSampleChangesRequest": {"tags": ["field-trip", "checked"]},
    "ReviewDecisionRequest": {
        "sample": 12,
        "decision": "correct",
        "value": {"label": "owl"},
        "revision": 0,
    },
    "SchemaToCheckRequest": {"schema": LOCAL_TO_LABEL, "model": 3},
    "SharingRequest": {
        "everyone": "view",
        "users": [{"username": "grace", "right": "edit"}],
        "groups": [{"name": "annotators", "right": "view"}],
    },
    "TokenRequestRequest": {
        "username": "ada",
        "password": "correct horse battery",
        "name": "nightly run",
        "scope": "write",
    },
    "ValuesRequest": {
        "field": "guess",
        "values": [{"sample": 12, "value": {"label": "owl"}, "revision": 2}, {"sample": 13, "value": None}],
    },
}
FORMS: dict[str, Any] = {  # parts of multipart bodies; a file stands by its name
    "NewImportRequest": {"file": "labels.zip", "format": "coco", "on_existing": "skip"},
    "NewVersionRequest": {"package": "animals-cnn.zip", "version": "1.1.0"},
    "UploadRequest": {"files": ["owl-012.jpg", "more.zip"]},
}
ERRORS: dict[int, dict[str, Any]] = {
    400: {
        "code": "invalid",
        "message": "2 places are not valid.",
        "details": [
            {"pointer": "/name", "message": "This field may not be blank."},
            {"pointer": "/tagz", "message": "Unknown key “tagz”. Did you mean “tags”?"},
        ],
    },
    401: {"code": "not_authenticated", "message": "Sign in, or send a token: `Authorization: Token …`."},
    403: {"code": "forbidden", "message": "You may see this, but you do not have the right to do that."},
    404: {"code": "not_found", "message": "There is nothing here, or nothing that you may see."},
    409: {"code": "conflict", "message": "This does not fit the present state; look again and repeat."},
    412: {"code": "unknown_protocol", "message": "Send Tus-Resumable: 1.0.0."},
    413: {"code": "too_large", "message": "This is over a limit of the settings."},
    415: {"code": "unsupported_media_type", "message": 'Unsupported media type "text/plain" in request.'},
    423: {"code": "locked", "message": "Another request is sending this upload; wait for its end."},
    429: {
        "code": "too_many_requests",
        "message": "These were more than 12,000 requests within a minute. Wait 3 s.",
    },
    460: {
        "code": "checksum_mismatch",
        "message": "The bytes that came are not those of their checksum; nothing of them was kept.",
    },
    503: {"code": "unavailable", "message": "A part that this needs does not answer; try again later."},
}
