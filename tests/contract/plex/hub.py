"""Plex's "Continue Watching" hub: what it shows, and what is removed from it."""

from tests.contract.fact import Need, fact, holds, same
from tests.contract.servers import PLEX

from .lab import PlexLab
from .person import Person, Title, number

HUB = "/hubs/continueWatching/items"
HIDE = "/actions/removeFromContinueWatching"


async def on_the_hub(person: Person, **query: int) -> list[str]:
    """Return the keys of what the hub shows, in its order."""
    return [row.get("ratingKey", "") for row in await person.root(HUB, {"count": 1000, **query})]


async def shown(lab: PlexLab, title: Title) -> bool:
    """Tell whether the hub shows a title to the owner."""
    return title.key in await on_the_hub(lab.owner)


async def hide(person: Person, title: Title) -> None:
    """Remove a title from the hub."""
    await person.client.done("PUT", HIDE, {"ratingKey": title.key})


@fact("PMS API 1.1.1 GET /hubs/continueWatching; OnDeckWindow; plezy comments", PLEX)
async def the_hub(lab: PlexLab) -> None:
    """The hub shows what was left, the latest first, no more of it than it was asked for."""
    first, second = await lab.films(2)
    for film in (first, second):
        await lab.owner.report(film, film.at(0.4))
        await lab.wait(2)
    same("the latest of them", (await on_the_hub(lab.owner))[:2], [second.key, first.key])
    same("rows", len(await on_the_hub(lab.owner, count=1)), 1)


@fact("edde746/plezy plex_client.dart 1616-1660", PLEX)
async def one_of_a_show(lab: PlexLab) -> None:
    """Of a show the hub has one episode, the one that was left last; hidden, it makes room for the one before."""
    first, second = await lab.episodes_of_a_show(2)
    for episode in (first, second):
        await lab.owner.report(episode, episode.at(0.4))
        await lab.wait(2)
    same("shown", (await shown(lab, first), await shown(lab, second)), (False, True))
    await hide(lab.owner, second)
    await lab.wait(2)
    same("shown after the second was hidden", (await shown(lab, first), await shown(lab, second)), (True, False))


@fact("edde746/plezy issue 98; plexapi video.py removeFromContinueWatching", PLEX)
async def hidden(lab: PlexLab) -> None:
    """What is removed from the hub keeps position, mark, count and date; nothing in its row tells that it is hidden."""
    film = await lab.film()
    await lab.owner.scrobble(film)
    await lab.owner.report(film, film.at(0.4))
    await lab.wait(1)
    before = await lab.owner.row(film)
    await hide(lab.owner, film)
    await lab.wait(2)
    same("shown", await shown(lab, film), False)
    after = await lab.owner.row(film)
    same("position", number(after, "viewOffset"), film.at(0.4))
    same("count", number(after, "viewCount"), 1)
    same("attributes that changed", {name for name, value in after.items() if before.get(name) != value}, set())


@fact("inferred from plezy; played again, it is wanted again", PLEX)
async def shown_again(lab: PlexLab) -> None:
    """What was hidden is shown again once it is played."""
    film = await lab.film()
    await lab.owner.report(film, film.at(0.4))
    await hide(lab.owner, film)
    await lab.wait(2)
    await lab.owner.report(film, film.at(0.5))
    await lab.wait(2)
    same("shown", await shown(lab, film), True)


@fact("inferred from plezy: any report counts as a play", PLEX)
async def shown_again_where_it_was(lab: PlexLab) -> None:
    """What was hidden is shown again where its own position is stored once more."""
    film = await lab.film()
    await lab.owner.report(film, film.at(0.4))
    await hide(lab.owner, film)
    await lab.wait(2)
    await lab.owner.progress(film, film.at(0.4))
    await lab.wait(2)
    same("shown", await shown(lab, film), True)


@fact("inferred: the token says whose hub it is", PLEX, needs={Need.MEMBER})
async def hidden_by_others(lab: PlexLab) -> None:
    """What one user hides stays on the hub of another."""
    film = await lab.film()
    for person in (lab.owner, lab.member):
        await person.report(film, film.at(0.4))
    await lab.wait(2)
    await hide(lab.member, film)
    await lab.wait(2)
    same("their own", film.key in await on_the_hub(lab.member), False)
    same("the owner's", await shown(lab, film), True)


@fact("unverified: the status is not known", PLEX)
async def nothing_to_hide(lab: PlexLab) -> None:
    """A request to hide what is not on the hub, or not there at all, is no server error."""
    film = await lab.film()
    for key in (film.key, "999999999"):
        answer = await lab.owner.ask("PUT", HIDE, {"ratingKey": key})
        holds("it is answered", true=answer.status in (200, 400, 404), seen=answer.status)


@fact("JellyPlex-Watched issue 323 (1.42.2); plexapi tests/test_video.py", PLEX)
async def unwatched_clears(lab: PlexLab) -> None:
    """Marking as unwatched, unlike hiding, takes the position, and the title leaves the hub."""
    film = await lab.film()
    await lab.owner.report(film, film.at(0.4))
    await lab.wait(1)
    await lab.owner.unscrobble(film)
    await lab.wait(2)
    same("position", await lab.owner.position(film), 0)
    same("shown", await shown(lab, film), False)
