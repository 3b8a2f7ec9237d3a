"""The visits of the stages of a run, in boot time, and the paths that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from joulebook.entry import Span
from joulebook.ledger.recording import Recording, legible
from joulebook.meter.claimed import Interval, Scene, bounds, inside
from joulebook.meter.claims import Claim, unite


def visits_in(scene: Scene) -> list[Span]:
    """Every visit of every stage of a run and of the runs recorded inside it."""
    inner = [visit for group in inside(scene.own, scene.others) for visit in _nested_visits(scene.own, group)]
    return _visits_of(scene.own) + inner


def _visits_of(own: Sequence[Recording], ids: str = "") -> list[Span]:
    """Every visit of every stage, in boot time; one that was never left ends with its recording."""
    visits: list[Span] = []
    for number, recording in enumerate(own):
        prefix = f"{ids}#{number}." if number else f"{ids}#"
        open_: dict[object, int] = {}
        for t_ns, kind, payload in recording.events:
            if kind == "+" and isinstance(payload, list) and len(payload) == 3:
                sid, parent, name = payload
                if type(sid) is not int or type(parent) is not int:
                    continue
                open_[sid] = len(visits)
                around = f"{prefix}{parent}" if parent else ""
                visits.append(Span(f"{prefix}{sid}", around, _stage_name(name), t_ns, recording.last_ns))
            elif kind == "-" and isinstance(payload, int) and payload in open_:
                at = open_.pop(payload)
                visits[at] = visits[at]._replace(end_ns=max(t_ns, visits[at].start_ns))
    return visits


def _nested_visits(own: Sequence[Recording], inner: Sequence[Recording]) -> list[Span]:
    """A run inside this one as a span, with its stages below it."""
    run, parent = inner[0].run, str(inner[0].head.get("parent", ""))
    start, end = bounds(inner)
    around = Span(run, "" if parent == own[0].run else parent, _stage_name(inner[0].name or "run"), start, end)
    stages = [visit._replace(parent=visit.parent or run) for visit in _visits_of(inner, run)]
    return [around, *stages]


def _stage_name(name: object) -> str:
    """A name that can stand in a path: "/" divides stages, and "" is the whole run."""
    return legible(str(name)).replace("/", "\\/") or "(unnamed)"


def below(visits: Sequence[Span], span: str) -> list[Span]:
    """The visits inside one span, which becomes the top."""
    inside = {f"#{span}"}
    found = []
    for visit in visits:
        if visit.parent in inside:
            inside.add(visit.id)
            found.append(visit._replace(parent="") if visit.parent == f"#{span}" else visit)
    return found


def paths_of(visits: Sequence[Span]) -> dict[str, str]:
    """The path of each visit: the names around it and its own, divided by "/"."""
    paths: dict[str, str] = {}
    for visit in visits:
        around = paths.get(visit.parent, "")
        paths[visit.id] = f"{around}/{visit.name}" if around else visit.name
    return paths


def stages_of(visits: Sequence[Span], window: Interval) -> tuple[dict[str, list[Interval]], dict[str, str]]:
    """The intervals of each stage path, and the path around it; simultaneous visits of one path count once."""
    paths = paths_of(visits)
    parents: dict[str, str] = {}
    found: dict[str, list[Interval]] = {}
    for visit in visits:
        path = paths[visit.id]
        parents[path] = paths.get(visit.parent, "")
        start, end = max(visit.start_ns, window[0]), min(visit.end_ns, window[1])
        if end > start:
            found.setdefault(path, []).append((start, end))
    united = {path: unite(intervals) for path, intervals in found.items()}
    return {path: intervals for path, intervals in united.items() if intervals}, parents  # some last no nanosecond


def simultaneous(stages: Mapping[str, list[Interval]], parents: Mapping[str, str]) -> list[Claim]:
    """Claims of the stages when different ones at the top overlap (threads); empty when none do."""
    tops = sorted((start, end, path) for path, parts in stages.items() if not parents[path] for start, end in parts)
    upto, last, overlapping = 0, "", False
    for start, end, path in tops:
        overlapping = overlapping or (start < upto and path != last)
        if end > upto:
            upto, last = end, path
    if not overlapping:
        return []
    return [
        Claim(owner=path, start_ns=start, end_ns=end, parent=parents[path])
        for path, parts in stages.items()
        for start, end in parts
    ]


def condensed(stages: Mapping[str, Sequence[Interval]], parents: Mapping[str, str], offset: int) -> list[Span]:
    """One span for each path, named like its last part and as long as its visits together."""
    found = []
    for path, around in parents.items():
        name = (path.removeprefix(f"{around}/") if around else path).replace("\\/", "/")
        start = stages[path][0][0] + offset if path in stages else 0
        lasted = sum(end - begin for begin, end in stages.get(path, ()))
        found.append(Span(path, around, name, start, start + lasted))
    return found
