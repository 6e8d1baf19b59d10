"""What Jellyfin and Emby answer while they start."""

from tests.contract.fact import Need, fact, holds, same
from tests.contract.servers import EMBY, JELLYFIN

from .lab import MediaBrowserLab

STARTS = frozenset({Need.ADMINISTRATOR, Need.RESTART})


@fact(
    "v10.11.11 SetupServer.cs; real_servers.md 2.7, run on 10.11.11, 12.0-rc5: public_info_of_the_start_up_server",
    JELLYFIN.since(10, 11),
    needs=STARTS,
)
async def start_up_server(lab: MediaBrowserLab) -> None:
    """While it starts, another server tells its public info in small letters and not set up; then comes a 503."""
    for answer in await lab.answers_of_a_start("/System/Info/Public"):
        holds("200 or 503", true=answer.status in (200, 503), seen=answer.status)
        if answer.status == 200:
            same("set up", answer.json.get("startupWizardCompleted"), False)
            same("capital letters", [key for key in answer.json if not key[0].islower()], [])


@fact(
    "v10.10.7 ServerStartupMessageMiddleware.cs; v10.11.11 SetupServer.cs; recorded on Emby",
    JELLYFIN,
    EMBY,
    needs=STARTS,
)
async def busy(lab: MediaBrowserLab) -> None:
    """While it starts, everything else is a 503 with a page."""
    for answer in await lab.answers_of_a_start("/Users/Public"):
        same("status", answer.status, 503)


@fact("v10.11.11 SetupServer.cs; real_servers.md 2.7", JELLYFIN.since(10, 11), needs=STARTS)
async def health(lab: MediaBrowserLab) -> None:
    """Its health is degraded while it starts, then healthy."""
    for answer in await lab.answers_of_a_start("/health"):
        holds("it does not say healthy", true=answer.status == 503 or answer.text == "Degraded", seen=answer.text)
    same("afterwards", (await lab.nobody().ask("GET", "/health")).text, "Healthy")
