"""The write path of values: who wins, what is kept, and counters that always equal their rows."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from datasets_app.fields import delete_field
from datasets_app.models import Field, LabelClass, Sample, Value, ValueHistory
from datasets_app.samples import delete_sample
from datasets_app.values import NewValue, delete_values, write_values
from samplecase.contracts.errors import NotFound
from samplecase.contracts.states import OnExisting, Source
from tests.fixtures_datasets import assert_counters_are_right, random_value


def test_a_batch_of_256_values_takes_a_handful_of_statements(
    dataset: Any, make_samples: Any, make_field: Any, write: Any, django_assert_max_num_queries: Any
) -> None:
    samples = make_samples(dataset, 256)
    field = make_field(dataset, "predictions")
    values = {sample: {"label": str(place % 10), "confidence": 0.5} for place, sample in enumerate(samples)}
    # SQLite takes 999 parameters a statement, so that inserting is several of them.
    with django_assert_max_num_queries(25):
        report = write(field, values, job=7, model_version=3)
    assert len(report.written) == 256
    assert dict(LabelClass.objects.values_list("name", "count")) == {
        str(digit): sum(place % 10 == digit for place in range(256)) for digit in range(10)
    }
    assert_counters_are_right(dataset)


def test_counters_equal_rows_after_any_sequence_of_writes_and_deletions(
    dataset: Any, make_samples: Any, make_field: Any, write: Any, owner: Any
) -> None:
    choose = random.Random(20)
    types = ["classification", "detections", "integer", "boolean", "string"]
    fields = [make_field(dataset, f"f_{type}", type) for type in types]
    samples = make_samples(dataset, 12)
    for step in range(120):
        field = choose.choice(fields)
        some = choose.sample(samples, min(len(samples), choose.randrange(1, 6)))
        source = choose.choice(["human", "model", "import"])
        how = {"on_existing": choose.choice(list(OnExisting)), "job": choose.choice([None, 1, 2])}
        write(field, {sample: random_value(field.type, choose) for sample in some}, source, **how)
        if step % 40 == 39:
            delete_sample(acting_user=owner, sample=samples.pop())
            delete_values(field=field, samples=[samples[0].pk], acting_user=owner)
    assert_counters_are_right(dataset)


def test_a_model_or_import_never_overwrites_a_person(
    dataset: Any, make_samples: Any, make_field: Any, write: Any, owner: Any
) -> None:
    human, free = make_samples(dataset, 2)
    field = make_field(dataset, "label")
    write(field, {human: "cat"}, "human", acting_user=owner)
    for source in ("model", "import"):
        report = write(field, {human: "dog", free: "dog"}, source)
        assert report.kept_human == {human.pk}
        assert report.written == [free.pk]
    assert Value.objects.get(sample=human).label == "cat"


def test_a_person_overwrites_anyone_and_the_history_keeps_what_was(
    dataset: Any, make_samples: Any, make_field: Any, write: Any, owner: Any
) -> None:
    (sample,) = make_samples(dataset, 1)
    field = make_field(dataset, "label")
    write(field, {sample: {"label": "cat", "confidence": 0.9}}, "model", job=5, model_version=6)
    write(field, {sample: "dog"}, "human", acting_user=owner)
    value = Value.objects.get()
    assert (value.label, value.source, value.job, value.revision) == ("dog", "human", None, 2)
    kept = ValueHistory.objects.get()
    assert (kept.data["label"], kept.source, kept.job, kept.model_version) == ("cat", "model", 5, 6)
    assert (kept.revision, kept.replaced_by, kept.replaced_by_job) == (1, owner, None)


@pytest.mark.parametrize("on_existing", [OnExisting.SKIP, OnExisting.FAIL])
def test_existing_values_stay_unless_the_same_job_wrote_them(
    dataset: Any, make_samples: Any, make_field: Any, write: Any, on_existing: OnExisting
) -> None:
    other, own, free = make_samples(dataset, 3)
    field = make_field(dataset, "label")
    write(field, {other: "x"}, job=1)
    write(field, {own: "x"}, job=2)
    report = write(field, {other: "y", own: "y", free: "y"}, job=2, on_existing=on_existing)
    assert report.kept_existing == {other.pk}
    assert sorted(report.written) == [own.pk, free.pk]


def test_samples_of_other_datasets_and_deleted_ones_are_gone(
    dataset: Any, make_samples: Any, make_field: Any, write: Any, owner: Any
) -> None:
    from datasets_app.models import Dataset

    other = Dataset.objects.create(name="other", owner=owner)
    mine, deleted = make_samples(dataset, 2)
    (foreign,) = make_samples(other, 1)
    field = make_field(dataset, "label")
    delete_sample(acting_user=owner, sample=deleted)
    report = write(field, {mine: "a", deleted: "a", foreign: "a"})
    assert report.written == [mine.pk]
    assert report.gone == {deleted.pk, foreign.pk}
    assert Value.objects.count() == 1


def test_nothing_is_written_to_a_deleted_field(
    dataset: Any, make_samples: Any, make_field: Any, write: Any, owner: Any
) -> None:
    (sample,) = make_samples(dataset, 1)
    field = make_field(dataset, "label")
    delete_field(acting_user=owner, field=field)
    with pytest.raises(NotFound, match="deleted"):
        write(field, {sample: "a"})


def test_of_two_writers_who_saw_the_same_revision_the_second_is_told(
    dataset: Any, make_samples: Any, make_field: Any, owner: Any
) -> None:
    (sample,) = make_samples(dataset, 1)
    field = make_field(dataset, "label")

    def human(label: str | None, revision: int) -> Any:
        data = None if label is None else {"label": label}
        row = NewValue(sample.pk, data, revision)
        return write_values(field=field, rows=[row], source=Source.HUMAN, acting_user=owner)

    assert human("first", 0).written
    (conflict,) = human("second", 0).conflicts
    assert (conflict.yours, conflict.theirs, conflict.revision) == (
        {"label": "second"},
        {"label": "first"},
        1,
    )
    assert human("second", 1).written
    assert human("second", 1).written, "the same once more, after a lost answer, is no conflict"
    assert Value.objects.get().revision == 2
    assert human(None, 2).written
    (conflict,) = human("third", 2).conflicts
    assert (conflict.theirs, conflict.revision) == (None, 0)
    assert human("third", 0).written
    assert Value.objects.get().revision == 3, "a revision never stands for two values"


def test_a_value_that_was_never_there_can_be_taken_away(
    dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    (sample,) = make_samples(dataset, 1)
    field = make_field(dataset, "label")
    assert write(field, {sample: None}).written == [sample.pk]
    assert not Value.objects.exists()
    assert not ValueHistory.objects.exists()


def test_a_failing_transaction_leaves_values_labels_and_counters_as_they_were(
    dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    samples = make_samples(dataset, 3)
    field = make_field(dataset, "label")
    write(field, {samples[0]: "a"})

    def fails_after_writing() -> None:
        with transaction.atomic():
            write(field, dict.fromkeys(samples, "b"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails_after_writing()
    assert_counters_are_right(dataset)
    assert list(Value.objects.values_list("label", flat=True)) == ["a"]


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_lose_no_value_and_no_count(
    dataset: Any, make_samples: Any, make_field: Any, write: Any
) -> None:
    samples = make_samples(dataset, 24)
    fields = [make_field(dataset, name) for name in ("a", "b")]
    failures: list[BaseException] = []

    def work(number: int) -> None:
        choose = random.Random(number)
        try:
            for _ in range(6):
                with transaction.atomic():
                    for field in fields:  # in the order of their ids, as the rule says
                        some = choose.sample(samples, 12)
                        write(field, {each: choose.choice("xyz") for each in some}, "model", job=number)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert_counters_are_right(dataset)
    for value in Value.objects.all():
        kept = ValueHistory.objects.filter(field=value.field, sample=value.sample)
        assert sorted(kept.values_list("revision", flat=True)) == list(range(1, value.revision))


def test_a_sample_named_twice_is_a_fault_of_the_caller(
    dataset: Any, make_samples: Any, make_field: Any
) -> None:
    (sample,) = make_samples(dataset, 1)
    rows = [NewValue(sample.pk, {"label": "a"}), NewValue(sample.pk, {"label": "b"})]
    with pytest.raises(ValueError, match="twice"):
        write_values(field=make_field(dataset, "label"), rows=rows, source=Source.MODEL)


def test_deleting_a_sample_also_counts_it_out_of_fields_that_may_be_restored(
    dataset: Any, make_samples: Any, make_field: Any, write: Callable[..., Any], owner: Any
) -> None:
    samples = make_samples(dataset, 3)
    field = make_field(dataset, "label")
    write(field, dict.fromkeys(samples, "a"))
    delete_field(acting_user=owner, field=field)
    delete_sample(acting_user=owner, sample=samples[0])
    assert_counters_are_right(dataset)
    assert Field.with_deleted.get().value_count == 2
    assert Sample.objects.count() == 2
