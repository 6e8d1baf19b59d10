"""Whatever players do and whatever is heard of it: no fact about plays is wrong, some are merely not known."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from hypothesis import given, strategies as st

from custom_components.resume_sync.sync.journal.plays import Plays
from custom_components.resume_sync.sync.model import Activity, OpenSession, SessionRead

ITEMS = ("film-1", "film-2")
SESSIONS = ("tv", "phone")
TICK = 10
IDLE = 300
SILENT_MS = 300_000
NEAR_MS = 3_000
START = 1_790_000_000

type Step = tuple[str, int, int, int]


@dataclass(slots=True)
class Player:
    """One session of a server that counts on by itself; times in seconds. `gone`: it reports no more."""

    item_id: str
    began: int
    reported_at: int
    position: int
    paused: bool = False
    gone: bool = False
    every: int = TICK


@dataclass(slots=True)
class Truth:
    """A server, its players, and what really happened: by item the spans in which a session had it."""

    now: int = START
    players: dict[str, Player] = field(default_factory=dict)
    check_ins: dict[str, int] = field(default_factory=dict)
    spans: list[tuple[str, str, int, int | None]] = field(default_factory=list)
    reports: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=dict)
    silences: dict[tuple[str, str, int], int] = field(default_factory=dict)

    def report(self, session: str, position: int) -> None:
        """Let a player say where it is."""
        player = self.players[session]
        self.players[session] = replace(player, reported_at=self.now, position=position)
        self.check_ins[session] = self.now
        self.reports.setdefault((session, player.item_id), []).append((self.now, position))

    def where(self, player: Player) -> int:
        """Return where a player is, or would be."""
        return player.position + (0 if player.paused else self.now - player.reported_at)

    def end(self, session: str) -> None:
        """End a play, and note how long its player had been silent."""
        player = self.players.pop(session)
        self.silences[session, player.item_id, self.now] = self.now - player.reported_at
        index = next(i for i, span in enumerate(self.spans) if span[0] == session and span[3] is None)
        self.spans[index] = (*self.spans[index][:3], self.now)

    def told(self) -> SessionRead:
        """Return the list of sessions as the server tells it."""
        rows = [
            OpenSession(
                session,
                (player.item_id,),
                Activity.PAUSED if player.paused else Activity.PLAYING,
                self.where(player) * 1000,
                player.position * 1000,
                player.reported_at * 1000,
            )
            for session, player in self.players.items()
        ]
        rows += [
            OpenSession(session, reported_at=at * 1000)
            for session, at in self.check_ins.items()
            if session not in self.players
        ]
        return SessionRead(tuple(rows), self.now * 1000)

    def had(self, item_id: str, since: int) -> bool:
        """Tell whether any session had an item since then."""
        return any(item == item_id and (end is None or end >= since) for _, item, _, end in self.spans)


def act(truth: Truth, step: Step, tell: Callable[[], None]) -> None:
    """Let one thing happen."""
    what, who, item, amount = step
    session, item_id = SESSIONS[who], ITEMS[item]
    player = truth.players.get(session)
    if what == "start" and player is not None and player.item_id == item_id:
        # For the server the same play goes on.
        player.gone = False
        truth.report(session, amount)
    elif what == "start":
        if player is not None:
            truth.end(session)
        every = TICK if amount % 3 else 10_000
        truth.players[session] = Player(item_id, truth.now, truth.now, amount, every=every)
        truth.spans.append((session, item_id, truth.now, None))
        truth.report(session, amount)
    elif player is None or player.gone:
        return
    elif what == "pause":
        truth.report(session, truth.where(player))
        truth.players[session].paused = not player.paused
    elif what == "seek":
        truth.report(session, amount)
    elif what == "stop":
        truth.end(session)
    elif what == "vanish":
        player.gone = True
    tell()


def pass_time(truth: Truth, seconds: int, tell: Callable[[], None]) -> None:
    """Let time pass: apps report, and the server ends plays whose players are silent."""
    for _ in range(seconds // TICK):
        truth.now += TICK
        for session, player in list(truth.players.items()):
            if truth.now - player.reported_at > IDLE:
                truth.end(session)
                tell()
            elif not player.gone and truth.now - player.reported_at >= player.every:
                truth.report(session, truth.where(player))
                tell()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["start", "start", "pause", "seek", "stop", "vanish", "nothing"]),
        st.sampled_from([0, 0, 1]),
        st.sampled_from([0, 0, 1]),
        st.integers(0, 6000),
    ),
    max_size=12,
)
WAITS = st.lists(st.sampled_from([0, 10, 30, 60, 330, 700]), min_size=12, max_size=12)


def check(truth: Truth, plays: Plays) -> None:
    """Compare what is known with what happened."""
    for item_id in ITEMS:
        begun = [play.began_at for play in plays.of(item_id)]
        assert begun == sorted(begun)
        for play in plays.of(item_id):
            assert play.began_at <= play.reported_at <= (play.ended_at or play.reported_at)
            reports = truth.reports[play.session_id, item_id]
            assert play.reported_at // 1000 in [when for when, _ in reports] or play.ended_at is not None
            assert not play.regular or min(after[0] - before[0] for before, after in pairwise(reports)) <= 30
        since = truth.now - 500
        assert not (plays.nobody_had(item_id, since * 1000) and truth.had(item_id, since))


@given(STEPS, WAITS)
def test_push_tells_everything(steps: list[Step], waits: list[int]) -> None:
    """Every play, its last report, its end, and how long its player had been silent are known as they were."""
    truth, plays = Truth(), Plays()
    plays.hear(truth.now * 1000)

    def tell() -> None:
        plays.note(truth.told())

    for step, wait in zip(steps, waits, strict=False):
        act(truth, step, tell)
        pass_time(truth, wait, tell)
        truth.now += 1
        check(truth, plays)
    for session, item_id, began, end in truth.spans:
        (play,) = (one for one in plays.of(item_id) if (one.session_id, one.began_at) == (session, began * 1000))
        last = max((when, where) for when, where in truth.reports[session, item_id] if end is None or when <= end)
        assert play.ended_at == (None if end is None else end * 1000)
        assert play.position_ms is not None
        assert abs(play.reported_at - last[0] * 1000) < NEAR_MS
        assert abs(play.position_ms - last[1] * 1000) < NEAR_MS
    for item_id in ITEMS:
        assert plays.nobody_had(item_id, START * 1000) is not truth.had(item_id, START)


@given(STEPS, WAITS, st.lists(st.booleans(), min_size=500, max_size=500), st.booleans())
def test_some_lists_are_missed(steps: list[Step], waits: list[int], heard: list[bool], exact: bool) -> None:
    """As where sessions are only looked at, or a connection breaks: no app that reported is taken for a silent one."""
    truth, plays, luck = Truth(), Plays(), iter(heard * 40)

    def tell() -> None:
        if next(luck):
            read = truth.told()
            plays.note(
                read if exact else SessionRead(tuple(one for one in read.sessions if one.item_ids), read.read_at)
            )

    for step, wait in zip(steps, waits, strict=False):
        act(truth, step, tell)
        pass_time(truth, wait, tell)
        truth.now += 1
    plays.note(truth.told())
    for item_id in ITEMS:
        for play in plays.of(item_id):
            assert play.began_at <= play.reported_at <= (play.ended_at or play.reported_at)
            silence = play.silence_ms
            if play.regular and silence is not None and silence > SILENT_MS:
                # When the end is noticed late, the silence seems longer by that. A last report may seem later than it
                # was, where the same session has played something else unheard; never earlier.
                last = max(
                    when for when, _ in truth.reports[play.session_id, item_id] if when * 1000 <= (play.ended_at or 0)
                )
                assert play.reported_at > last * 1000 - NEAR_MS
