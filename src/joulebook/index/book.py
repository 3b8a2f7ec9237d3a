"""The book: runs found, read, measured and priced, one at a time; `listing.py` has all of them at once.

The journals are the truth. What is kept besides them (`ledger/cache.py`) only saves reading them again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from joulebook.account.statement import Statement, state
from joulebook.errors import LedgerError
from joulebook.facts.catalog import Catalog
from joulebook.index.in_time import use_of
from joulebook.index.launches import Launches
from joulebook.index.priced import RECORDED, Pricing, context_of, rank_line
from joulebook.index.ranked import Ranked
from joulebook.index.state import Machine, booted_ns, depends_on, state_of, text_of
from joulebook.index.stored import Stored, decode, encode
from joulebook.ledger.cache import cache_folder, keep, kept
from joulebook.ledger.places import RunFolder, book_home, find_run, list_runs
from joulebook.ledger.reader import read_segments
from joulebook.ledger.recording import EARLIEST_NS, Recording, read_recordings
from joulebook.meter.claimed import Scene, boot_of
from joulebook.meter.measured import Measurement, measure
from joulebook.meter.series import BINS, History, history
from joulebook.sensors.base import boottime_ns
from joulebook.sensors.host import boot_id
from joulebook.settings import Settings
from joulebook.settings import load as load_settings

if TYPE_CHECKING:
    from joulebook.index.listing import Listing

KEPT_BYTES: Final = 1 << 18
"""Journals from this size on are measured once, and the measurement is kept."""

PATIENCE_S: Final = 30.0
"""So long at most services on the network are waited for, whatever is asked of one book."""
_SLACK_NS: Final = 86_400 * 10**9
"""How far a clock may have been set since the machine was booted."""
_MANY: Final = 50
"""From so many runs on the index is asked, which takes a tenth of a second to open."""


class Book:
    """All runs below one home; what has been read once is kept for the life of the object.

    `keep` is off inside a trained process: nothing is written there besides its journal. `index` is off where nobody
    shall wait for it: making the index of a large book takes seconds.
    """

    def __init__(
        self,
        home: str | os.PathLike[str] | None = None,
        catalog: Catalog | None = None,
        *,
        keep: bool = True,
        index: bool = True,
    ) -> None:
        self.home = Path(book_home(os.fspath(home) if home else load_settings(lenient=True).home).path)
        self.catalog = catalog or Catalog.open()
        self.folders: dict[str, RunFolder] = {}
        self.duplicates: dict[str, list[str]] = {}
        """Folders that are not used because another one has their run's id, by id."""
        self._keep = keep
        self._index = index and keep
        self._recordings: dict[str, list[Recording]] = {}
        self._written: dict[str, int] = {}
        self._stored: dict[str, Stored | None] = {}
        self._ranked: Ranked | None = None
        self._listing: Listing | None = None
        self._looked_ns = 0
        self._patience_s = PATIENCE_S
        self.look()

    def look(self, age_ns: int = 0) -> list[RunFolder]:
        """The runs of the book that lie there now, newest first; a look that is no older will do."""
        now = time.monotonic_ns()
        if now - self._looked_ns < age_ns:
            return list(self.folders.values())
        self._looked_ns = now
        self.folders.clear()
        self.duplicates.clear()
        self._ranked = None
        for folder in list_runs(self.home):
            if folder.id in self.folders:
                self.duplicates.setdefault(folder.id, []).append(folder.path)
            self.folders.setdefault(folder.id, folder)
        return list(self.folders.values())

    def find(self, reference: str) -> RunFolder:
        """The run that an id, its beginning, a name, `last` or `last~1` means; raises `RunNotFound`."""
        if reference in self.folders:
            return self.folders[reference]
        many = self._index and len(self.folders) > _MANY
        name_of = self.listing.name_of if many else self._name_of
        more = self.listing.launches() if many else [launch.as_folder for launch in self.ranked]
        found = find_run(self.home, reference, name_of, self._is_nested, more)
        if found.path:
            self.folders.setdefault(found.id, found)  # begun since this book was opened
        return found

    @property
    def ranked(self) -> Ranked:
        """The runs of many ranks. Each rank is a run of the book as well."""
        if self._ranked is None:
            self._ranked = Ranked(self, Launches(self.folders, boot_id()))
        return self._ranked

    def recordings(self, run: str) -> list[Recording]:
        """The decoded journals of a run. Raises `JournalDamaged` when nothing of it can be read."""
        if run in self.ranked:
            return [recording for rank in self.ranked.ranks(run) for recording in self.recordings(rank)]
        if run not in self._recordings:
            self._recordings[run] = read_recordings(self.folders[run].path)
            for recording in self._recordings[run]:
                recording.head["run"] = run  # the folder decides: a copy has an id of its own
        return self._recordings[run]

    def release(self, run: str) -> None:
        """Drop the decoded journals of a run; they are read again when they are needed."""
        for one in self.ranked.ranks(run):
            self._recordings.pop(one, None)

    def status(self, run: str) -> str:
        """`running`, `finished`, `failed`, `stopped` or `interrupted`."""
        if run in self.ranked:
            return self.ranked.status(run)
        stored = self._from_cache(run)
        return stored.status if stored else this_machine().status(self.recordings(run)[0])

    def measurement(self, run: str, span: str = "", scene: Scene | None = None) -> Measurement:
        """The energy of a run (or of one of its spans), shared with the runs beside it."""
        if run in self.ranked:
            return self.ranked.measurement(run)
        stored = None if span else self._from_cache(run)
        if stored:
            return stored.measurement
        scene = scene or self.scene(run)
        found = measure(scene, span=span)
        if not span:
            self._to_cache(run, scene, found)
        return found

    def history(self, reference: str, bins: int = BINS) -> History:
        """Power over time and stages of one run, as its charts show them."""
        run = self.find(reference).id
        if run in self.ranked:
            return self.ranked.history(run, bins)
        stored = self._from_cache(run)
        return stored.history if stored and bins == BINS else history(self.scene(run), bins)

    def statement(
        self,
        reference: str,
        *,
        span: str = "",
        region: str = "",
        edition: str = "",
        live: str = "",
        asked: Pricing = RECORDED,
    ) -> Statement:
        """The account of one run.

        `region` overrides what was recorded and raises `FactNotFound` when it is unknown; a recorded region
        that is unknown counts as none, with a warning. `edition` is a date or "latest"; default: as recorded.
        `live` names services of carbon intensity to ask on the network; nothing is asked where it is "".
        `asked` has these and more. What is wrong with contracts, tariffs, ... in the settings is a warning and none of
        them is counted, unless it is strict.
        """
        run = self.find(reference).id
        asked = asked._replace(region=region or asked.region, edition=edition or asked.edition, live=live or asked.live)
        return self._priced(run, self.measurement(run, span), load_settings(lenient=True), asked)

    def outline(self, run: str, settings: Settings) -> Statement:
        """The account of a whole run without its stages: what a list of runs shows of it."""
        if run in self.ranked:
            return self._priced(run, self.measurement(run), settings)
        stored = self._from_cache(run)
        return self._priced(run, stored.measurement if stored else measure(self.scene(run), whole=True), settings)

    def _priced(self, run: str, found: Measurement, settings: Settings, asked: Pricing = RECORDED) -> Statement:
        context = context_of(found, self.catalog, settings, asked)
        copies = (f"another folder has this run's id: {path}" for path in self.duplicates.get(run, ()))
        context = context._replace(
            run=run,
            status=self.status(run),
            notices=[*context.notices, *self._rank_of(run), *copies],
            ranks=[rank_line(use) for use in self.ranked.uses(run)],
        )
        if not asked.live and not context.bought.by_hour:
            return state(found.entries, context)
        use = use_of(self.history(run), found.start_ns, found.duration)
        context = context._replace(bought=context.bought._replace(use=use.slices))
        if not asked.live:
            return state(found.entries, context)
        from joulebook.index.hourly import live  # what asks the network is loaded when somebody wants it asked

        began = time.monotonic()
        told = live(asked.live, context, use, self._patience_s)
        self._patience_s -= time.monotonic() - began
        return state(found.entries, context._replace(intensity=told.intensity, marginal=told.marginal), told.rules)

    def _rank_of(self, run: str) -> list[str]:
        """What the account of one rank says of the whole."""
        launch = self.ranked.launch_of(run)
        if not launch:
            return []
        beside = len(self.ranked.ranks(launch)) - 1
        return [f"the share of one rank beside {beside} others; all of them are  joulebook show {launch[:6]}"]

    @property
    def listing(self) -> Listing:
        """All runs of this book, to be filtered, sorted and paged."""
        if self._listing is None:
            from joulebook.index.listing import Listing  # with SQLAlchemy, which one run alone does not need

            self._listing = Listing(self)
        return self._listing

    def rows(self, limit: int = 50, *, nested: bool = False) -> list[dict[str, object]]:
        """The newest runs as plain rows; `listing` has the others."""
        from joulebook.ledger.query import Query  # with SQLAlchemy, as above

        return self.listing.page(Query(limit=limit, nested=nested)).rows

    def around(self, run: str) -> set[str]:
        """The runs that this one was recorded inside of; runs that name each other in a circle stand alone."""
        found = {run}
        above = self._above(run)
        while above:
            if above in found:
                return set()
            found.add(above)
            above = self._above(above)
        return found - {run}

    def _above(self, run: str) -> str:
        """The run that this one is directly inside of; "" where it stands alone in this book."""
        launch = self.ranked.launch_of(run)
        if launch:
            return launch
        above = {self._in_head(self.folders[one], "parent") for one in self.ranked.ranks(run)}
        return above.pop() if len(above) == 1 and not above.isdisjoint(self.folders) else ""

    def _name_of(self, folder: RunFolder) -> str:
        return self._in_head(self.folders[self.ranked.ranks(folder.id)[0]] if not folder.path else folder, "name")

    def _is_nested(self, folder: RunFolder) -> bool:
        if folder.path:
            self.folders.setdefault(folder.id, folder)  # begun since this book was opened
        return bool(self.around(folder.id))

    def _in_head(self, folder: RunFolder, key: str) -> str:
        """A text of the head of a run's journal, without reading its records; "" when it cannot be read."""
        try:
            return text_of(read_segments(folder.path)[0].head, key)
        except LedgerError:
            return ""

    def _last_write(self, folder: RunFolder) -> int:
        """When anything was last written in a run's folder (UTC ns): the time of its newest file."""
        if folder.id not in self._written:
            newest = 0
            with suppress(OSError), os.scandir(folder.path) as entries:
                newest = max((entry.stat(follow_symlinks=False).st_mtime_ns for entry in entries), default=0)
            self._written[folder.id] = newest
        return self._written[folder.id]

    def scene(self, run: str) -> Scene:
        """A run among those that were recorded beside it."""
        own = self.recordings(run)
        start = min(recording.wall_ns(recording.first_ns) for recording in own)
        end = max(recording.wall_ns(recording.last_ns) for recording in own)
        beside = self._around(run, own[0].head, start, end)
        if len(beside) > _MANY:  # as after a copy, when every file is new
            boot = boot_of(own[0])
            same = (other for other in beside if self._in_head(self.folders[other], "boot_id") == boot)
            beside = self.listing.beside(run) if self._index else list(same)
        groups = []
        for other in beside:
            with suppress(LedgerError):  # damaged, or of a newer joulebook: it cannot be told what it claims
                groups.append(self.recordings(other))
        return Scene(own, groups)

    def _around(self, run: str, head: Mapping[str, object], start_ns: int, end_ns: int) -> list[str]:
        """Other runs of this book that may have been recorded between these UTC times, on the boot of this head."""
        booted = booted_ns(head) - _SLACK_NS
        return [
            other
            for other, folder in self.folders.items()
            if other != run
            and (booted <= folder.started_ns <= end_ns + 1_000_000_000 or folder.started_ns < EARLIEST_NS)
            and self._last_write(folder) >= start_ns
        ]

    # -- what is kept of long recordings -------------------------------------------------------------------------

    def _from_cache(self, run: str) -> Stored | None:
        """What was kept of a run, if nothing that it depends on has changed."""
        if run not in self._stored:
            self._stored[run] = None
            own, size = state_of(self.folders[run].path)
            place = cache_folder(self.home) if size >= KEPT_BYTES else None
            text = kept(place, run) if place else None
            if text:
                with suppress(ValueError, TypeError, LookupError):
                    stored = decode(text)
                    if stored.depends == self._depends(
                        run, own, stored.measurement.head, stored.start_ns, stored.end_ns
                    ):
                        self._stored[run] = stored
        return self._stored[run]

    def _to_cache(self, run: str, scene: Scene, found: Measurement) -> None:
        """Keep a long run that nobody writes to any more."""
        own, size = state_of(self.folders[run].path)
        machine = this_machine()
        if not self._keep or size < KEPT_BYTES or not machine.is_settled(scene.own):
            return
        place = cache_folder(self.home)
        if place is not None:
            start, end = (edge + scene.offset for edge in scene.window)
            depends = self._depends(run, own, found.head, start, end)
            status = machine.status(scene.own[0])
            self._stored[run] = stored = Stored(depends, status, start, end, found, history(scene))
            keep(place, run, encode(stored))

    def _depends(self, run: str, own: str, head: Mapping[str, object], start_ns: int, end_ns: int) -> str:
        beside = self._around(run, head, start_ns, end_ns)
        return depends_on(own, (state_of(self.folders[other].path)[0] for other in beside))


def this_machine() -> Machine:
    """This machine now."""
    return Machine(boottime_ns(), boot_id(), time.time_ns())
