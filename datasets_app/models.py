"""The tables of datasets. Fields are rows, not columns: two jobs write two fields of a sample side by side."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from datasets_app.review_models import known  # and its tables, which are the app's too
from samplecase.contracts.states import DatasetRight, Source
from samplecase.projection.methods import Method
from samplecase.web.sharing.models import Shareable, ShareableQuerySet


class Dataset(Shareable):
    """Images with typed fields, shared as one."""

    RIGHTS = DatasetRight

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True, max_length=10_000)
    tags = models.JSONField(default=list)
    sample_count = models.PositiveBigIntegerField(default=0)  # kept with F() in the samples' own transactions
    changes = models.PositiveBigIntegerField(default=0)  # grows with each change of samples or their tags
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = ShareableQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        permissions = [("label_dataset", "Can label dataset"), ("edit_dataset", "Can edit dataset")]

    def __str__(self) -> str:
        return self.name


class DatasetUserRight(UserObjectPermissionBase):
    """A right on a dataset given to one user."""

    content_object = models.ForeignKey(Dataset, on_delete=models.CASCADE)


class DatasetGroupRight(GroupObjectPermissionBase):
    """A right on a dataset given to a group."""

    content_object = models.ForeignKey(Dataset, on_delete=models.CASCADE)


class Sample(models.Model):
    """One image of a dataset. Its bytes lie in the blob store under `media_sha256`."""

    AUDITED_UNDER: ClassVar[str] = "dataset"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="samples")
    name = models.CharField(max_length=255)
    media_sha256 = models.CharField(max_length=64, db_index=True)
    width = models.PositiveIntegerField()  # pixels, in displayed orientation
    height = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    mime = models.CharField(max_length=40)
    tags = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="sample_name_once")]
        indexes = [
            models.Index(fields=["dataset", "id"], name="sample_page"),
            models.Index(fields=["dataset", "created_at", "id"], name="sample_by_age"),
        ]

    def __str__(self) -> str:
        return self.name


class FieldManager(models.Manager["Field"]):
    """The fields that are there. A deleted one is kept out of sight, with its values, so that it can be restored."""

    def get_queryset(self) -> models.QuerySet[Field]:
        return super().get_queryset().filter(deleted_at=None)


class Field(models.Model):
    """A named, typed column of a dataset."""

    AUDITED_UNDER: ClassVar[str] = "dataset"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="fields")
    name = models.CharField(max_length=63)
    type = models.CharField(max_length=20)  # contracts.labels.FieldType
    classes = models.JSONField(default=list)  # label names in their order; empty: open
    colors = models.JSONField(default=dict)  # label -> "#rrggbb"
    attributes = models.JSONField(default=dict)
    dimension = models.PositiveIntegerField(null=True)  # of an embedding
    created_by_job = models.BigIntegerField(null=True)  # a job's id; jobs are above this app
    value_count = models.PositiveBigIntegerField(default=0)
    changes = models.PositiveBigIntegerField(default=0)  # grows with each change of its values
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)  # deleting can be undone

    objects: ClassVar[FieldManager] = FieldManager()
    with_deleted: ClassVar[models.Manager[Field]] = models.Manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "name"], condition=models.Q(deleted_at=None), name="field_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Value(models.Model):
    """A field's value on one sample, and who wrote it."""

    field = models.ForeignKey(Field, on_delete=models.CASCADE, related_name="values", db_index=False)
    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="values", db_index=False)
    data = models.JSONField()  # the canonical value of contracts.labels
    label = models.CharField(max_length=255, null=True)  # the primary label, for sorting and filtering
    confidence = models.FloatField(null=True)
    number = models.FloatField(null=True)  # of number, integer and regression fields
    source = models.CharField(max_length=6, choices=[(each.value, each.value) for each in Source])
    job = models.BigIntegerField(null=True)
    model_version = models.BigIntegerField(null=True)
    origin = models.CharField(max_length=32, blank=True)  # of a model's value: digest of all it was made from
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    revision = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "sample"], name="value_once")]
        # Each costs every value that is written, so none holds rows that nobody looks for in it.
        indexes = [
            models.Index(fields=["sample", "field"], name="value_of_sample"),
            *(
                models.Index(
                    fields=["field", column, "sample"], name=f"value_{column}", condition=known(column)
                )
                for column in ("label", "confidence", "number")
            ),
            models.Index(fields=["job"], name="value_job", condition=known("job")),
            models.Index(fields=["editor"], name="value_editor", condition=known("editor")),
        ]

    def __str__(self) -> str:
        return f"{self.field_id}/{self.sample_id}"


class LabelClass(models.Model):
    """A label that occurs in a field, with its count, so that unfiltered facets cost O(labels)."""

    field = models.ForeignKey(Field, on_delete=models.CASCADE, related_name="label_classes")
    name = models.CharField(max_length=255)
    count = models.PositiveBigIntegerField(default=0)  # labels, kept in the values' own transaction

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "name"], name="label_class_once")]

    def __str__(self) -> str:
        return self.name


class LabelIndex(models.Model):
    """One row per label: what is filtered and counted."""

    field = models.ForeignKey(Field, on_delete=models.CASCADE, related_name="+", db_index=False)
    label_class = models.ForeignKey(LabelClass, on_delete=models.CASCADE, related_name="+", db_index=False)
    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="+")
    confidence = models.FloatField(null=True)
    idx = models.PositiveIntegerField(default=0)  # the label's place in its value

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "sample", "idx"], name="label_once")]
        indexes = [
            models.Index(fields=["label_class", "sample"], name="label_samples"),
            models.Index(
                fields=["field", "confidence", "sample"],
                name="label_confidence",
                condition=known("confidence"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label_class_id}@{self.sample_id}"


class ValueHistory(models.Model):
    """What a value was before it was written over or deleted: for undo and for the question "who changed this?"."""

    field = models.ForeignKey(Field, on_delete=models.CASCADE, related_name="+", db_index=False)
    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="+")
    data = models.JSONField()
    source = models.CharField(max_length=6, choices=[(each.value, each.value) for each in Source])
    job = models.BigIntegerField(null=True)
    model_version = models.BigIntegerField(null=True)
    origin = models.CharField(max_length=32, blank=True)
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    revision = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField()
    replaced_by_job = models.BigIntegerField(null=True)
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    replaced_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["field", "sample", "id"], name="history_of_value"),
            models.Index(fields=["replaced_by_job"], name="history_job", condition=known("replaced_by_job")),
            models.Index(fields=["editor"], name="history_editor", condition=known("editor")),
            models.Index(fields=["replaced_by"], name="history_replaced_by", condition=known("replaced_by")),
        ]

    def __str__(self) -> str:
        return f"{self.field_id}/{self.sample_id}#{self.revision}"


class Evaluation(models.Model):
    """One field of predictions compared with one of ground truth, over the samples of a filter."""

    AUDITED_UNDER: ClassVar[str] = "dataset"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="evaluations")
    type = models.CharField(max_length=20)  # the fields' type; regression for numbers of all kinds
    predictions = models.CharField(max_length=63)
    ground_truth = models.CharField(max_length=63)
    filter = models.JSONField(null=True)
    options = models.JSONField(default=dict)  # iou_threshold, crowd_attribute
    job = models.BigIntegerField(null=True)  # the newest one
    versions = models.JSONField(default=dict)  # side -> [field, its changes] when counting began
    tally = models.JSONField(default=dict)  # what the slices have counted so far
    samples = models.PositiveBigIntegerField(null=True)  # compared
    missing = models.PositiveBigIntegerField(null=True)  # matched by the filter, but without both values
    metrics = models.JSONField(default=dict)
    per_class = models.JSONField(default=list)
    confusion = models.JSONField(default=dict)
    curves = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.predictions} against {self.ground_truth}"


class KeptFacets(models.Model):
    """What was counted over a whole field (or over the samples themselves), until it changes."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    field = models.OneToOneField(
        Field, null=True, on_delete=models.CASCADE, related_name="+"
    )  # null: samples
    changes = models.PositiveBigIntegerField()  # of the field or dataset, when it was counted
    data = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset"], condition=models.Q(field=None), name="kept_of_samples_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id}/{self.field_id}"


class View(models.Model):
    """A saved filter with its order and the fields that are shown, for all who see the dataset."""

    AUDITED_UNDER: ClassVar[str] = "dataset"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=100)
    filter = models.JSONField(null=True)  # as it was sent; whether it still fits is asked when it is shown
    sort = models.CharField(max_length=200, null=True)
    fields = models.JSONField(null=True)  # names of the visible ones; null: as the page has it
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="view_name_once")]

    def __str__(self) -> str:
        return self.name


class BulkAction(models.Model):
    """One action over many samples, kept for a while so that it can be undone."""

    token = models.UUIDField(unique=True, default=uuid4)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    field = models.ForeignKey(Field, null=True, on_delete=models.CASCADE, related_name="+")  # null: tags
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.token)


class BulkPart(models.Model):
    """What one group of a bulk action changed, just enough to take it back."""

    action = models.ForeignKey(BulkAction, on_delete=models.CASCADE, related_name="parts")
    # Of labels [[sample, revision before, revision after], ...], 0: no value; of tags [[sample, added, removed], ...]
    changes = models.JSONField()

    def __str__(self) -> str:
        return f"{self.action_id}#{self.pk}"


class EvaluationMatch(models.Model):
    """What an evaluation found on one sample: a true label with what was predicted for it; one may be missing.

    Of masks, a pair of classes with its pixels as `number`; of numbers, the error as `number`.
    """

    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.CASCADE, related_name="matches", db_index=False
    )
    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="+")
    actual = models.CharField(max_length=255, null=True)
    predicted = models.CharField(max_length=255, null=True)
    actual_id = models.CharField(max_length=64, null=True)  # the labels' own ids, of lists of labels
    predicted_id = models.CharField(max_length=64, null=True)
    iou = models.FloatField(null=True)
    confidence = models.FloatField(null=True)
    number = models.FloatField(null=True)
    rank = models.PositiveIntegerField(default=0)  # among the predictions of its class on the sample
    marks = models.CharField(max_length=20, blank=True)  # samplecase.evaluation.boxes.Match.marks
    counts = models.BooleanField(default=True)  # False: in a crowd, there for the average precision only

    class Meta:
        indexes = [
            models.Index(fields=["evaluation", "actual", "predicted", "sample"], name="match_cell"),
            models.Index(fields=["evaluation", "predicted", "sample"], name="match_predicted"),
        ]

    def __str__(self) -> str:
        return f"{self.actual} as {self.predicted}@{self.sample_id}"


class Projection(models.Model):
    """An embedding field laid out on a plane, over the samples of a filter."""

    AUDITED_UNDER: ClassVar[str] = "dataset"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="projections")
    field = models.ForeignKey(Field, on_delete=models.CASCADE, related_name="+")
    method = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Method])
    filter = models.JSONField(null=True)
    job = models.BigIntegerField(null=True)  # the one that computes it
    changes = models.PositiveBigIntegerField(null=True)  # of the field, when its vectors were read
    basis = models.BinaryField(null=True)  # of PCA: `projection.plane.Plane`, while samples are placed
    explained = models.JSONField(default=list)  # of PCA: the share of the variance along x and y
    fitted = models.PositiveBigIntegerField(null=True)  # vectors that the plane was fitted on
    vectors = models.PositiveBigIntegerField(null=True)  # samples of the filter with a vector
    samples = models.PositiveBigIntegerField(default=0)  # that have a point
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.method} of {self.field_id}"


class ProjectionPart(models.Model):
    """The points of some samples, packed: a polygon is looked up in a hundred thousand of them within milliseconds."""

    projection = models.ForeignKey(Projection, on_delete=models.CASCADE, related_name="parts")
    index = models.PositiveIntegerField()
    ids = models.BinaryField()  # int64, ascending over all parts
    points = models.BinaryField()  # float32 [samples, 2]

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["projection", "index"], name="projection_part_once")]

    def __str__(self) -> str:
        return f"{self.projection_id}/{self.index}"
