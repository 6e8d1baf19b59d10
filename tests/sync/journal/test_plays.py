"""What sessions tell of plays, told by push, by looks, late, twice and with gaps."""

import pytest

from custom_components.resume_sync.sync.journal.edit import DAY_MS
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.plays import Play, Plays
from custom_components.resume_sync.sync.model import Activity, OpenSession, SessionRead
from tests.sync.builders import at, minutes

FILM, OTHER = "film-1", "film-2"
TV, PHONE = "tv", "phone"
SECOND = 1 / 60


def regular_play(*, until: float = 1.0, session: str = TV) -> Plays:
    """Return what was heard of a play that began at noon, at 20 min, and is reported every ten seconds."""
    plays = Plays()
    for seconds in range(0, round(until * 60) + 1, 10):
        plays.note_report(FILM, session, minutes(20 + seconds / 60), at(seconds / 60), at(seconds / 60))
    return plays


def only(plays: Plays, item_id: str = FILM) -> Play:
    """Return the one play of an item."""
    (play,) = plays.of(item_id)
    return play


def told(
    read_at: float,
    *sessions: OpenSession,
) -> SessionRead:
    """Return a list of sessions, so many minutes after noon."""
    return SessionRead(sessions, at(read_at))


def playing(
    reported_at: float | None,
    position: float,
    *,
    session: str = TV,
    item_ids: tuple[str, ...] = (FILM,),
    activity: Activity | None = Activity.PLAYING,
) -> OpenSession:
    """Return a session whose player reported a position, in minutes, so many minutes after noon."""
    reported = None if reported_at is None else at(reported_at)
    return OpenSession(session, item_ids, activity, minutes(position), minutes(position), reported)


def idle(reported_at: float | None, session: str = TV) -> OpenSession:
    """Return a session that plays nothing, and when its player last reported."""
    return OpenSession(session, reported_at=None if reported_at is None else at(reported_at))


def test_a_television_that_was_switched_off() -> None:
    """It reports every ten seconds until 12:01, and its server ends the play at 12:09."""
    plays = regular_play()
    plays.note_end(FILM, TV, at(9))
    play = only(plays)
    assert play == Play(TV, at(0), at(1), minutes(21), regular=True, ended_at=at(9))
    assert play.silence_ms == minutes(8)
    assert plays.is_alone(FILM, play)


def test_an_ordinary_stop() -> None:
    """The app says where it stops, which is its last report; until then nobody knows of a silence."""
    plays = regular_play()
    assert only(plays).silence_ms is None
    plays.note_end(FILM, TV, at(1.1), minutes(21.1))
    play = only(plays)
    assert (play.position_ms, play.reported_at, play.ended_at) == (minutes(21.1), at(1.1), at(1.1))
    assert play.silence_ms == 0


@pytest.mark.parametrize(
    ("apart", "regular"), [(1, False), (2.9, False), (3, True), (10, True), (30, True), (31, False), (300, False)]
)
def test_regular_reports(apart: float, regular: bool) -> None:
    """They are at most 30 s apart, and so far that they are not one report, told on a clock that is known roughly."""
    plays = Plays()
    plays.note_report(FILM, TV, 0, at(0), at(0))
    plays.note_report(FILM, TV, minutes(apart / 60), at(apart / 60), at(apart / 60))
    assert only(plays).regular is regular


def test_once_regular_is_regular() -> None:
    """Later on a report may be missed."""
    plays = regular_play()
    plays.note_report(FILM, TV, minutes(25), at(5), at(5))
    assert only(plays).regular


def test_the_same_report_told_again() -> None:
    """The first telling is the most exact one: the server counts on, and its clock is known to two seconds."""
    plays = Plays()
    plays.note(told(0, playing(0, 20)))
    for seconds in (2, 20, 200):
        plays.note(told(seconds * SECOND, playing(1.5 * SECOND, 20 + 2 * SECOND)))
    assert only(plays) == Play(TV, at(0), at(0), minutes(20))


def test_a_pause_right_after_a_report_counts() -> None:
    """So does a jump: the position or the state is another one."""
    plays = Plays()
    plays.note(told(0, playing(0, 20)))
    plays.note(told(SECOND, playing(SECOND, 20, activity=Activity.PAUSED)))
    assert only(plays).paused
    plays.note(told(2 * SECOND, playing(2 * SECOND, 50)))
    assert (only(plays).position_ms, only(plays).paused, only(plays).regular) == (minutes(50), False, False)


def test_a_server_that_does_not_tell_when_players_report() -> None:
    """The last sight counts, and no regularity follows from it."""
    plays = Plays()
    for number in range(5):
        plays.note(told(number / 6, playing(None, 20 + number / 6)))
    assert only(plays) == Play(TV, at(0), at(4 / 6), minutes(20 + 4 / 6))
    plays.note(told(1))
    assert only(plays).ended_at == at(1)


def test_reports_without_a_position() -> None:
    """The last one that named a position stands; where none did, nothing is known."""
    plays = Plays()
    plays.note_report(FILM, TV, None, at(0), at(0))
    assert only(plays).position_ms is None
    plays.note_report(FILM, TV, minutes(3), at(SECOND), at(SECOND))
    plays.note_report(FILM, TV, None, at(10 * SECOND), at(10 * SECOND))
    assert (only(plays).position_ms, only(plays).reported_at) == (minutes(3), at(10 * SECOND))
    plays.note_report(OTHER, TV, None, at(0), at(0))
    plays.note_end(OTHER, None, at(5), reported_at=at(4))
    assert (only(plays, OTHER).position_ms, only(plays, OTHER).reported_at) == (None, at(4))


def test_a_list_that_arrives_late_changes_nothing() -> None:
    """Neither a report from before the last one, nor one of a play that has ended."""
    plays = regular_play()
    before = only(plays)
    plays.note_report(FILM, TV, minutes(20), at(0.5), at(1.1))
    assert only(plays) == before
    plays.note_end(FILM, TV, at(1.2))
    plays.note(SessionRead((playing(1.1, 21),), at(1.15)))
    assert only(plays).ended_at == at(1.2)


def test_a_play_begun_after_a_list_was_asked_for() -> None:
    """The list does not show it yet, which does not end it."""
    plays = Plays()
    plays.note_report(FILM, TV, 0, at(1), at(1))
    plays.note(told(0.9))
    assert only(plays).ended_at is None
    plays.note(told(1))
    assert only(plays).ended_at == at(1)


def test_a_last_report_that_nobody_heard() -> None:
    """Told by the session that plays nothing any more: the position is counted on to it, unless it was paused."""
    plays = Plays()
    plays.note(told(0.1, playing(0, 20)))
    plays.note(
        told(0.4, playing(0.3, 20.3), playing(0.3, 5, session=PHONE, item_ids=(OTHER,), activity=Activity.PAUSED))
    )
    plays.note(told(12, idle(4), idle(4, PHONE)))
    assert only(plays) == Play(TV, at(0), at(4), minutes(24), regular=True, ended_at=at(12))
    assert (only(plays, OTHER).reported_at, only(plays, OTHER).position_ms) == (at(4), minutes(5))


@pytest.mark.parametrize("over", [(), (idle(None),), (playing(6, 1, item_ids=(OTHER,)),)])
def test_an_end_that_does_not_tell_the_last_report_proves_no_silence(over: tuple[OpenSession, ...]) -> None:
    """The session is gone, or plays something else by then."""
    plays = regular_play()
    plays.note(told(7, *over))
    play = only(plays)
    assert (play.regular, play.ended_at, play.position_ms) == (False, at(7), minutes(21))


def test_a_session_that_is_told_as_ended() -> None:
    """It ends where it reported; one that was never heard of before has had the item all the same."""
    plays = regular_play()
    plays.note(told(1.1, playing(1.1, 21.1, activity=None), playing(1.1, 3, session=PHONE, activity=None)))
    assert [play.ended_at for play in plays.of(FILM)] == [at(1.1), at(1.1)]
    assert plays.of(FILM)[0].regular
    plays.note(told(1.2, playing(1.1, 21.1, activity=None)))
    assert len(plays.of(FILM)) == 2


def test_a_second_play_in_the_same_session() -> None:
    """It is a play of its own: whoever plays on was not switched off."""
    plays = regular_play()
    plays.note_end(FILM, TV, at(9))
    first = only(plays)
    plays.note_report(FILM, TV, minutes(21), at(10), at(10))
    assert [play.began_at for play in plays.of(FILM)] == [at(0), at(10)]
    assert not plays.is_alone(FILM, first)


def test_two_televisions() -> None:
    """One is switched off, the other one has the item too; a play that had ended before is no company."""
    plays = regular_play(session=PHONE, until=0.5)
    plays.note_end(FILM, PHONE, at(0.6), minutes(20.6))
    for seconds in range(60, 121, 10):
        plays.note_report(FILM, TV, minutes(20 + seconds / 60), at(seconds / 60), at(seconds / 60))
    plays.note_end(FILM, TV, at(9))
    tv = plays.of(FILM)[-1]
    assert plays.is_alone(FILM, tv)
    plays.note_report(FILM, PHONE, minutes(20), at(9), at(9))
    assert not plays.is_alone(FILM, tv)
    plays.note_end(FILM, None, at(9.5))
    assert all(play.ended_at for play in plays.of(FILM))


def test_a_version_counts_beside_its_item() -> None:
    """On Jellyfin 12 the version holds the position."""
    plays = Plays()
    plays.note(told(0, playing(0, 20, item_ids=(FILM, OTHER))))
    assert [only(plays, item_id).position_ms for item_id in (FILM, OTHER)] == [minutes(20)] * 2
    plays.note(told(1, idle(0)))
    assert [only(plays, item_id).ended_at for item_id in (FILM, OTHER)] == [at(1)] * 2


def test_plays_since_a_time() -> None:
    """Those that went on at some time since then."""
    plays = regular_play()
    assert plays.since(FILM, at(50)) == plays.of(FILM)
    plays.note_end(FILM, TV, at(2))
    assert plays.since(FILM, at(2)) == plays.of(FILM)
    assert plays.since(FILM, at(2.1)) == ()
    assert plays.of(OTHER) == ()


def test_what_is_heard_without_a_gap() -> None:
    """Since the connection was opened; a look a minute misses short plays; nothing is known without either."""
    plays = Plays()
    assert (plays.heard(at(0)), plays.looked(at(0)), plays.nobody_had(FILM, at(0))) == (False, False, False)
    plays.hear(at(1))
    plays.hear(at(2))
    assert (plays.heard_since, plays.looked_since) == (at(1), at(1))
    assert (plays.heard(at(0.9)), plays.heard(at(1)), plays.looked(at(1))) == (False, True, True)
    assert plays.nobody_had(FILM, at(1))
    plays.note_report(FILM, TV, 0, at(2), at(2))
    assert not plays.nobody_had(FILM, at(1))
    plays.lose()
    assert (plays.heard_since, plays.looked_since) == (None, None)
    plays.look(at(3))
    plays.look(at(4))
    assert (plays.heard_since, plays.looked_since) == (None, at(3))
    assert (plays.looked(at(3)), plays.nobody_had(OTHER, at(3))) == (True, False)


def test_plays_are_kept_for_a_day() -> None:
    """After their end, or after their last report where no end was heard of."""
    plays = regular_play()
    plays.note_end(FILM, TV, at(2))
    plays.note_report(OTHER, TV, 0, at(2), at(2))
    plays.hear(at(2) + DAY_MS - 1)
    assert (len(plays.of(FILM)), len(plays.of(OTHER))) == (1, 1)
    plays.note_report(OTHER, PHONE, 0, at(2) + DAY_MS, at(2) + DAY_MS)
    assert plays.of(FILM) == ()
    assert only(plays, OTHER).session_id == PHONE


def test_what_is_kept_is_bounded() -> None:
    """By items and by plays of an item, the latest ones."""
    plays = Plays()
    for number in range(600):
        plays.note_report(f"film-{number}", TV, 0, at(number), at(number))
        plays.note_report(FILM, f"tv-{number}", 0, at(number), at(number))
    assert plays.of("film-0") == ()
    assert plays.of("film-599")
    assert [play.session_id for play in plays.of(FILM)] == [f"tv-{number}" for number in range(592, 600)]


def test_a_clock_that_was_set_back() -> None:
    """Nothing that was heard can be dated any more; what goes on being heard is heard from then on."""
    plays = regular_play()
    plays.hear(at(1))
    plays.note_report(FILM, TV, minutes(22), at(-60), at(-60))
    assert only(plays) == Play(TV, at(-60), at(-60), minutes(22))
    assert (plays.heard_since, plays.looked_since) == (at(-60), at(-60))
    plays.lose()
    plays.forget(at(-120))
    assert (plays.of(FILM), plays.heard_since, plays.looked_since) == ((), None, None)


def test_a_journal_keeps_its_plays_out_of_what_is_stored() -> None:
    """A copy has its own; they are no change that has to be saved; what was heard meanwhile is taken over."""
    journal = Journal()
    base, later = journal.copy(), journal.copy()
    journal.plays.note_report(FILM, TV, 0, at(0), at(0))
    later.read_at = at(1)
    assert base.plays.of(FILM) == later.plays.of(FILM) == ()
    assert journal == base
    assert journal.replace_if_unchanged(later, base)
    assert (journal.read_at, len(journal.plays.of(FILM))) == (at(1), 1)
    copy = journal.copy()
    copy.plays.note_end(FILM, TV, at(2))
    copy.plays.hear(at(2))
    assert (only(journal.plays).ended_at, journal.plays.heard_since) == (None, None)
    assert "plays" not in journal.to_dict()
    assert Journal.from_dict(journal.to_dict()).plays.of(FILM) == ()
    with pytest.raises(ValueError, match="Not the fields of Journal"):
        Journal.from_dict({**journal.to_dict(), "plays": {}})
