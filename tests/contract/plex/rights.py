"""What only the owner of a Plex server may read, and sessions."""

from tests.contract.fact import Need, fact, holds, same
from tests.contract.servers import PLEX

from .lab import PlexLab
from .person import child, read

REFUSED = (401, 403)


@fact("not documented; plexapi SystemAccount; Home Assistant plex/server.py", PLEX)
async def accounts(lab: PlexLab) -> None:
    """The owner is told the accounts, themselves as number 1; or nobody is told them."""
    answer = await lab.owner.ask("GET", "/accounts")
    holds("200 or 404", true=answer.status in (200, 404), seen=answer.status)
    if answer.status == 200:
        names = {row.get("id"): row.get("name") for row in read(answer).iter("Account")}
        holds("account 1 has a name", true=bool(names.get("1")), seen=sorted(map(str, names)))


@fact("Home Assistant plex/server.py: 401 for everybody else", PLEX, needs={Need.MEMBER})
async def accounts_of_others(lab: PlexLab) -> None:
    """Nobody else is told the accounts."""
    status = (await lab.member.ask("GET", "/accounts")).status
    holds("it is refused or not there", true=status in (*REFUSED, 404), seen=status)


@fact("PMS API 1.1.1 GET /status/sessions (security: admin)", PLEX)
async def sessions(lab: PlexLab) -> None:
    """The owner is told who plays what where, and whether it is paused."""
    film = await lab.film()
    for state in ("playing", "paused"):
        await lab.owner.report(film, film.at(0.4), state)
        await lab.wait(1)
        found = [row for row in await lab.owner.root("/status/sessions") if row.get("ratingKey") == film.key]
        same("sessions of the film", len(found), 1)
        user, player = child(found[0], "User"), child(found[0], "Player")
        holds("there is a session key", true=bool(found[0].get("sessionKey")))
        holds("the user has id and name", true=bool(user.get("id") and user.get("title")), seen=dict(user.attrib))
        same("state", player.get("state"), state)
    await lab.owner.report(film, film.at(0.4))


@fact("watchstate, CrossWatch, plezy", PLEX)
async def no_session_is_left(lab: PlexLab) -> None:
    """A report that playback stopped leaves no session, alone or after others."""
    film = await lab.film()
    await lab.owner.report(film, film.at(0.3))
    await lab.owner.report(film, film.at(0.3), "playing", session="two")
    await lab.owner.report(film, film.at(0.4), session="two")
    await lab.wait(1)
    found = [row.get("sessionKey") for row in await lab.owner.root("/status/sessions")]
    playing = [row for row in await lab.owner.root("/status/sessions") if row.get("ratingKey") == film.key]
    same("sessions of the film", playing, [])
    holds("the listing is one", true=all(found), seen=found)


@fact("PMS API 1.1.1 GET /status/sessions (security: admin); CrossWatch issue 964", PLEX, needs={Need.MEMBER})
async def sessions_of_others(lab: PlexLab) -> None:
    """Nobody else may read sessions: that tells whom the server takes for its owner."""
    status = (await lab.member.ask("GET", "/status/sessions")).status
    holds("it is refused", true=status in REFUSED, seen=status)


@fact("HA plex, watchstate Progress.php: the owner is 1 on the server itself", PLEX)
async def the_owner_in_sessions(lab: PlexLab) -> None:
    """The owner's sessions are those of user 1, or of an avatar's address that the accounts know."""
    film = await lab.film()
    await lab.owner.report(film, film.at(0.4), "playing")
    await lab.wait(1)
    (row,) = (row for row in await lab.owner.root("/status/sessions") if row.get("ratingKey") == film.key)
    await lab.owner.report(film, film.at(0.4))
    user = child(row, "User")
    known = user.get("id") == "1" or "/users/" in user.get("thumb", "")
    holds("id 1, or an avatar", true=known, seen=dict(user.attrib))


@fact("support.plex.tv: libraries are shared one by one", PLEX, needs={Need.MEMBER})
async def sections_of_others(lab: PlexLab) -> None:
    """Another user sees no section that the owner does not see."""
    theirs = {row.get("key") for row in await lab.member.root("/library/sections")}
    owners = {row.get("key") for row in await lab.owner.root("/library/sections")}
    same("sections that the owner lacks", theirs - owners, set())
