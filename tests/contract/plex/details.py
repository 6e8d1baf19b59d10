"""Single titles of a Plex server by rating key: batches, episodes of a show."""

from tests.contract.fact import Need, fact, holds, same
from tests.contract.servers import PLEX

from .lab import PlexLab
from .person import read


@fact("PMS API 1.1.1 GET /library/metadata/{ids}; Maintainerr issue 3432 (1.43.3)", PLEX)
async def batches(lab: PlexLab) -> None:
    """Several titles come in one answer, in any order; one that is not there is left out."""
    first, second = await lab.films(2)
    root = await lab.owner.root(f"/library/metadata/{second.key},999999999,{first.key}", {"includeGuids": 1})
    same("keys", {row.get("ratingKey") for row in root}, {first.key, second.key})


@fact("PMS API 1.1.1: as for a single one (inferred)", PLEX)
async def nothing_of_a_batch(lab: PlexLab) -> None:
    """A batch of which nothing is there is 404."""
    same("status", (await lab.owner.ask("GET", "/library/metadata/999999998,999999999")).status, 404)


@fact("Maintainerr issue 3429 (1.43.3)", PLEX)
async def ids_in_details(lab: PlexLab) -> None:
    """Details hold the external ids of films, of episodes and of their shows."""
    film, episode = await lab.film(), await lab.episode()
    row = await lab.owner.row(episode)
    show = row.get("grandparentRatingKey", "")
    root = await lab.owner.root(f"/library/metadata/{film.key},{show}", {"includeGuids": 1})
    same("without ids", [each.get("type") for each in (*root, row) if each.find("Guid") is None], [])


@fact("PMS API 1.1.1: skipRefresh", PLEX)
async def as_stored(lab: PlexLab) -> None:
    """Details may be asked for without a look at the files."""
    film = await lab.film()
    root = await lab.owner.root(film.path, {"skipRefresh": 1})
    same("keys", [row.get("ratingKey") for row in root], [film.key])


@fact("plexapi video.py episodes(); PMS API 1.2.0 /library/metadata/{ids}/allLeaves", PLEX)
async def leaves(lab: PlexLab) -> None:
    """All episodes of a show are listed in pages, specials too."""
    episode = await lab.episode()
    show = (await lab.owner.row(episode)).get("grandparentRatingKey", "")
    path = f"/library/metadata/{show}/allLeaves"
    root = await lab.owner.page(0, 500, path)
    holds("the episode is there", true=episode.key in {row.get("ratingKey") for row in root})
    same("other shows", {row.get("grandparentRatingKey") for row in root}, {show})
    same("a page", len(await lab.owner.page(0, 1, path)), 1)


@fact("Maintainerr issue 3479; watchstate issue 286", PLEX, needs={Need.MEMBER})
async def states_of_others(lab: PlexLab) -> None:
    """Everybody reads their own state, whatever others do."""
    film = await lab.film()
    await lab.owner.report(film, film.at(0.4))
    await lab.wait(1)
    (row,) = read(await lab.member.ask("GET", film.path))
    same("of the other user", [name for name in ("viewOffset", "lastViewedAt") if row.get(name)], [])
