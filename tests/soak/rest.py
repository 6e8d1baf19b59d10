"""What must be true when everybody has gone to bed, all servers work, and Home Assistant has had its runs."""

from collections.abc import Iterable, Sequence
from math import inf

from custom_components.resume_sync.sync.model import Direction, RemoveMode, ServerType
from tests.households.media_servers import MINUTE, kind_of

from .audit import Audit
from .household import Household, Pair, Run
from .truth import LEEWAY_MS, SAME_MS, Act, Loss, Lost, Touch, Truth
from .wire import Troubles

HOURS = 3600
LONGEST_BACK_OFF = 6.5 * HOURS
FAILED_LOOK_UPS_LAST = 25 * HOURS


async def come_to_rest(audit: Audit) -> None:
    """Heal everything, let everybody stop, and let runs pass until nothing that was put off is left."""
    household, people = audit.household, audit.people
    for wire in household.wires.values():
        wire.troubles = Troubles(sessions_readable=wire.troubles.sessions_readable)
    for name in household.servers:
        people.mount(name, mounted=True)
    for sitting in list(people.sittings):
        if sitting.is_awake:
            people.stop(sitting)
    for pause in (600.0, LONGEST_BACK_OFF, FAILED_LOOK_UPS_LAST):
        people.wait(pause)
        await _round(audit)
    for sitting in list(people.sittings):
        people.stop(sitting)
    for _ in household.pairs:
        people.wait(LONGEST_BACK_OFF)
        await _round(audit)


async def expect_rest(audit: Audit) -> None:
    """Check that two more rounds (three with removals, and as often as positions have to be handed on) are enough."""
    household = audit.household
    removals = any(pair.rules.remove is not RemoveMode.OFF for pair in household.pairs)
    hops = max(sum(pair.user == user for pair in household.pairs) for user in household.truths)
    for _ in range((3 if removals else 2) * hops):
        audit.people.wait(20 * 60)
        await _round(audit)
    audit.people.wait(20 * 60)
    wrote = set().union(*[run.written for run in await _round(audit)])
    audit.expect(1, not wrote, f"still writing {wrote}")
    if household.power_losses:
        audit.expect(7, not wrote, f"still writing {wrote} after a loss of power")
    for user, truth in household.truths.items():
        for title, touches in truth.touches.items():
            _expect_last_action(audit, user, title, touches)
            for pair in household.pairs:
                if pair.user == user:
                    _expect_agreement(audit, pair, title)


async def _round(audit: Audit) -> list[Run]:
    """Run all pairs; every one of them must come to its report."""
    runs = await audit.household.sync_all()
    for run in runs:
        audit.expect(1, run.report is not None, f"{run.pair.name}: no report with all servers well: {run.error!r}")
    return runs


def _expect_last_action(audit: Audit, user: str, title: str, touches: Iterable[Touch]) -> None:
    """Check that each server shows what a human did last, as far as that can be ordered and the server can hold it."""
    household, truth = audit.household, audit.household.truths[user]
    for server in household.servers:
        position = household.position(server, user, title)
        sources = _sources(household, user, title, server)
        certain = [touch for touch in touches if truth.is_certain(title, touch) and touch.server in sources]
        if position is None or not certain:
            continue
        last = max(certain, key=lambda touch: touch.at)
        leeway = {name: SAME_MS if name == server else LEEWAY_MS * hops for name, hops in sources.items()}
        fits = [touch for touch in touches if touch.told(position, leeway.get(touch.server, SAME_MS))]
        may_stand = [touch for touch in touches if not truth.certainly_before(title, touch, last)]
        later = [touch for touch in may_stand if truth.span(touch)[0] > truth.span(last)[1]]
        unordered = [touch for touch in may_stand if touch not in later]
        if _is_furthest(truth, last, unordered):
            may_stand = later + [
                touch
                for touch in unordered
                if truth.is_behind(title, touch) or touch.position_ms + LEEWAY_MS >= last.position_ms
            ]
        right = any(touch in may_stand for touch in fits)
        lost = household.truths[user].lost_since(title, server)
        carried = server != last.server or bool(lost)
        nowhere = not any(household.position(one, user, title) for one in household.servers)
        excused = _may_stay_lost(household, user, title, server, lost)
        excused |= nowhere and bool(truth.lost_since(title, last.server))
        excused |= _is_cut_off(household, user, title, server)
        # Nothing is carried while a play that began behind waits.
        latest = truth.last_act(title)
        excused |= carried and latest is not None and truth.is_behind(title, latest)
        excused |= carried and not right and _cannot_follow(audit, user, title, last, server)
        # No pair writes there, so that it goes on showing what it was told late.
        told_late = any(one.is_late and one.server == server for one in fits)
        excused |= told_late and server not in household.targets(user)
        what = f"{user}, {title} on {server}: {position}, but last came {last}, span {truth.span(last)}"
        audit.expect(2, right or excused, what)


def _is_furthest(truth: Truth, last: Touch, may_stand: Sequence[Touch]) -> bool:
    """Tell whether the last place is also the furthest of those that cannot be ordered, so that it must win.

    Not where a touch may be taken for one of quite another time.
    """
    others = [one for one in may_stand if one is not last]
    plain = [one for one in others if one.lowers_before > last.at]
    ordinary = all(one.position_ms and not one.wide and one.last_report <= one.at for one in plain)
    furthest = all(one.position_ms <= last.position_ms for one in others)
    return bool(last.position_ms) and furthest and ordinary and not truth.clock_moves


def _is_cut_off(household: Household, user: str, title: str, server: str) -> bool:
    """Tell whether all accounts from which pairs write to a server keep losing the title, and are left alone."""
    pairs = [pair for pair in household.pairs if pair.user == user]
    peers = {source for pair in pairs for source, target in _ways(pair) if target == server}
    truth = household.truths[user]
    return bool(peers) and all(
        not household.position(one, user, title) and len(truth.lost_since(title, one)) > 1 for one in peers
    )


def _may_stay_lost(household: Household, user: str, title: str, server: str, losses: Sequence[Lost]) -> bool:
    """Tell whether a place that a server lost rightly stays lost.

    Of a mass of them somebody is asked; what is lost again after it was given back is left alone; no pair writes while
    a play that began behind waits; and an account from which pairs write there has to stand in the title.
    """
    if not losses:
        return False
    truth = household.truths[user]
    asked_or_again = any(one.how is Loss.MASS for one in losses) or len(losses) > 1
    behind = any(truth.is_behind(title, one) for one in truth.touches[title])
    pairs = [pair for pair in household.pairs if pair.user == user]
    peers = {source for pair in pairs for source, target in _ways(pair) if target == server}
    alone = not any(household.position(name, user, title) or truth.lost_since(title, name) for name in peers)
    return asked_or_again or behind or alone


def _sources(household: Household, user: str, title: str, server: str) -> dict[str, int]:
    """Return the servers from which positions of a title reach a server, with the number of pairs on the way."""
    distance = {server: 0}
    queue = [server]
    while queue:
        here = queue.pop(0)
        for pair in household.pairs:
            for source, target in _ways(pair):
                reachable = household.position(source, user, title) is not None
                if pair.user == user and target == here and source not in distance and reachable:
                    distance[source] = distance[here] + 1
                    queue.append(source)
    return distance


def _ways(pair: Pair) -> list[tuple[str, str]]:
    """Return from where to where a pair carries positions."""
    forth, back = (pair.left, pair.right), (pair.right, pair.left)
    return {
        Direction.TO_PEER: [forth],
        Direction.FROM_PEER: [back],
        Direction.TWO_WAY: [forth, back],
    }[pair.rules.direction]


def _cannot_follow(audit: Audit, user: str, title: str, last: Touch, server: str) -> bool:
    """Tell whether a server rightly shows something older than the last action elsewhere."""
    household = audit.household
    rules = [pair.rules for pair in household.pairs if pair.user == user]
    if not last.position_ms:
        return not _must_be_cleared(household, user, title, last, server)
    truth = household.truths[user]
    may_stand = [one for one in truth.touches[title] if not truth.certainly_before(title, one, last)]
    plex = any(kind_of(one) is ServerType.PLEX for one in household.servers.values())
    minimum = max(max(rule.min_seconds for rule in rules) * 1000, MINUTE if plex else 0)
    percent = min(*(rule.max_percent for rule in rules), 90 if plex else 100)
    not_carried = any(
        one.position_ms < minimum or one.position_ms * 100 >= one.duration_ms * percent for one in may_stand
    )
    return not_carried or _ignored_by_plex(audit, user, title) or not all(rule.add for rule in rules)


def _ignored_by_plex(audit: Audit, user: str, title: str) -> bool:
    """Tell whether a Plex server has ignored a title's writes twice, so that it is taken not to store it."""
    return any(
        audit.ignored[name, user, title] > 1 and kind_of(server) is ServerType.PLEX
        for name, server in audit.household.servers.items()
    )


def _must_be_cleared(household: Household, user: str, title: str, last: Touch, server: str) -> bool:
    """Tell whether a removal must have reached a server: in the plainest case, which leaves no room for doubt.

    A play that left no position may have left an app open: what closes then looks like a clear. A play that nobody saw
    before its title was cleared looks like one that was begun anew and left at once. What happened before a
    pair's first run is left alone.
    """
    truth = household.truths[user]
    pairs = [pair for pair in household.pairs if pair.user == user and set(pair.servers) == {last.server, server}]
    seen = last.act in (Act.FINISHED, Act.CLEARED) and not last.wide and truth.was_seen_in_progress(last)
    seen = seen and all(household.first_report_at.get(pair.name, inf) < last.at for pair in pairs)
    others = [touch for touch in truth.touches[title] if touch is not last]
    here = [touch for touch in others if touch.server == last.server]
    if here and (_ended_at_zero(here[-1]) or not truth.was_seen_between(here[-1], last)):
        return False
    alone = all(truth.certainly_before(title, touch, last) for touch in others)
    alone = alone and truth.last_on(title, last.server) is last and len(last.item_ids) == 1
    plain = bool(pairs) and pairs[0].rules.remove is RemoveMode.SOURCE and pairs[0].rules.direction is Direction.TWO_WAY
    removable = kind_of(household.servers[server]) is not ServerType.PLEX or (plain and pairs[0].rules.hide_on_plex)
    return plain and seen and alone and removable


def _ended_at_zero(touch: Touch) -> bool:
    """Tell whether a touch is a play that left no position: below the server's minimum, or at the end."""
    return touch.session is not None and not touch.position_ms


def _expect_agreement(audit: Audit, pair: Pair, title: str) -> None:
    """Check that both sides of a two-way pair agree wherever both hold a position that the other can take."""
    household = audit.household
    left, right = (household.position(server, pair.user, title) for server in pair.servers)
    if not left or not right or pair.rules.direction is not Direction.TWO_WAY:
        return
    agree = abs(left - right) < LEEWAY_MS
    excused = any(position * 100 >= _duration(household, pair, title) * 90 for position in (left, right))
    excused |= any(position < max(pair.rules.min_seconds * 1000, MINUTE) for position in (left, right))
    truth = household.truths[pair.user]
    excused |= _ignored_by_plex(audit, pair.user, title) or truth.cannot_be_dated(title)
    # Began behind, perhaps behind what was told late: nothing is carried until somebody moves the title on.
    excused |= any(one.is_late or truth.is_behind(title, one) for one in truth.touches.get(title, ()))
    audit.expect(1, agree or excused or not pair.rules.add, f"{pair.name} disagree on {title}: {left} and {right}")


def _duration(household: Household, pair: Pair, title: str) -> int:
    """Return the duration of a title on the left side."""
    simulated = household.servers[pair.left]
    return simulated.holdings[simulated.items_of(title)[0]].duration_ms or 0
