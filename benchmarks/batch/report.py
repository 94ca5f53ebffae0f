"""The figures as a person reads them: a table for each comparison, and each figure wanted beside what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.batch.bench import AS_IT_COMES, BARE, FIFTYONE, OURS, RAY
from benchmarks.batch.plan import BF16
from benchmarks.measuring import ratios

Figure = dict[str, Any]
EQUAL = (BARE, OURS, RAY, FIFTYONE)
DEPLOYED = (OURS, FIFTYONE + AS_IT_COMES, BF16)
OF_BARE = {"resnet18": 0.95, "nearly_free": 0.85}
EQUAL_TO_FIFTYONE = {"resnet18_tuned": 1.15, "nearly_free_tuned": 1.6}


def show(found: dict[str, Any]) -> None:
    console = Console(width=130)
    for title, contenders, count in tables(found):
        console.print(table(title, contenders, count))
    for figure in found["figures"]:
        console.print(sentence(figure), highlight=False)
    for who, reason in found["left out"].items():
        console.print(f"left out: {who}: {reason}", highlight=False)


def tables(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Title, contenders and count of each."""
    for model, section in found["as it comes"].items():
        yield f"plain network everywhere: {model}{best_ways(section)}", section["contenders"], found["images"]
    for model, section in found["tuned"].items():
        if section:
            yield f"equal tuning: {model}{best_ways(section)}", among(section, EQUAL), found["images"]
            yield f"what a user gets by pressing Deploy: {model}", among(section, DEPLOYED), found["images"]
    if "values" in found:
        yield "values of a null model", found["values"]["contenders"], found["values"]["count"]


def best_ways(section: dict[str, Any]) -> str:
    return "".join(f"\n  {who}: {each['best']}" for who, each in section["tried"].items())


def among(section: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: section["contenders"][name] for name in names if name in section["contenders"]}


def table(title: str, contenders: dict[str, Any], count: int) -> Table:
    headings = ("who", "per second", "least – most", "CPU s per 1,000", "of the first", "same labels", "true")
    made = Table(*headings, title=title, title_justify="left")
    first = next(iter(contenders.values()))
    for name, each in contenders.items():
        seconds = each["seconds"]
        of_first = ratios(first["every_seconds"], each["every_seconds"])
        made.add_row(
            name,
            f"{count / seconds['median']:.1f}",
            f"{count / seconds['most']:.1f} – {count / seconds['least']:.1f}",
            f"{each['cpu_seconds']['median'] / count * 1000:.2f}",
            f"{of_first['median']:.3f} ({of_first['least']:.3f} – {of_first['most']:.3f})",
            percent(each.get("labels_as_the_first")),
            percent(each.get("labels_true")),
        )
    return made


def percent(part: float | None) -> str:
    return "" if part is None else f"{part:.1%}"


def figures(found: dict[str, Any]) -> list[Figure]:
    """What is wanted, and what is."""
    return [*plain_figures(found), *tuned_figures(found), *other_figures(found)]


def plain_figures(found: dict[str, Any]) -> Iterator[Figure]:
    for model, wanted in OF_BARE.items():
        contenders = found["as it comes"].get(model, {}).get("contenders", {})
        yield from faster(model, contenders, BARE, wanted)
        for peer in (RAY, FIFTYONE, RAY + AS_IT_COMES, FIFTYONE + AS_IT_COMES):
            yield from faster(model, contenders, peer, 1.0)


def tuned_figures(found: dict[str, Any]) -> Iterator[Figure]:
    for model, wanted in EQUAL_TO_FIFTYONE.items():
        contenders = found["tuned"].get(model, {}).get("contenders", {})
        yield from faster(f"equal tuning, {model}", contenders, BARE, 0.95)
        yield from faster(f"equal tuning, {model}", contenders, FIFTYONE, wanted)
        yield from faster(f"equal tuning, {model}", contenders, RAY, 1.0)
        yield from faster(f"as a user gets it, {model}, fp32", contenders, FIFTYONE + AS_IT_COMES, 1.4)
        if BF16 in contenders and OURS in contenders:
            change = contenders[BF16]["labels_true"] - contenders[OURS]["labels_true"]
            ratio = ratio_of(contenders, BF16, OURS)
            yield {"what": f"{model}: bf16 / fp32, accuracy {change:+.2%}", "is": ratio, "wanted": None}


def other_figures(found: dict[str, Any]) -> Iterator[Figure]:
    yield from faster("values", found.get("values", {}).get("contenders", {}), "executemany", 0.3)
    for state, seconds in found.get("first value", {}).items():
        yield {
            "what": f"seconds to the first value, no torch, {state}",
            "is": seconds,
            "wanted": 3,
            "at_most": True,
        }


def faster(what: str, contenders: dict[str, Any], other: str, wanted: float) -> Iterator[Figure]:
    if OURS in contenders and other in contenders:
        ratio = ratio_of(contenders, OURS, other)
        yield {"what": f"{what}: {OURS} / {other}", "is": ratio, "wanted": wanted, "at_most": False}


def ratio_of(contenders: dict[str, Any], mine: str, other: str) -> dict[str, float]:
    """How much faster `mine` is than `other`, run by run."""
    return ratios(contenders[other]["every_seconds"], contenders[mine]["every_seconds"])


def sentence(figure: Figure) -> str:
    value, wanted = figure["is"], figure["wanted"]
    text = f"{figure['what']}: {value['median']:.3f} ({value['least']:.3f} – {value['most']:.3f})"
    if wanted is None:
        return text
    if figure["at_most"]:
        verdict = "PASS" if value["median"] <= wanted else f"over by {value['median'] / wanted - 1:.1%}"
        return f"{text}, wanted ≤ {wanted}: {verdict}"
    verdict = "PASS" if value["median"] >= wanted else f"short by {1 - value['median'] / wanted:.1%}"
    return f"{text}, wanted ≥ {wanted}: {verdict}"
