"""Who answers, and how people and programs sign in to Jellyfin and Emby."""

from tests.contract.fact import Need, NotAsked, fact, holds, same
from tests.contract.servers import EMBY, JELLYFIN

from .lab import MediaBrowserLab

RUN = "run on 10.10.7, 10.11.11, 12.0-rc5"


@fact(f"{RUN}: payloads public_info; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def who_it_is(lab: MediaBrowserLab) -> None:
    """Anybody is told name, version and id; only Jellyfin tells a product and whether it is set up."""
    info = await lab.nobody().get("/System/Info/Public")
    for key in ("ServerName", "Version", "Id"):
        holds(f"{key} is a text", true=isinstance(info.get(key), str) and bool(info[key]), seen=info)
    is_jellyfin = lab.server in JELLYFIN
    same("product", info.get("ProductName"), "Jellyfin Server" if is_jellyfin else None)
    same("set up", info.get("StartupWizardCompleted"), True if is_jellyfin else None)


@fact(f"v10.11.11 UserController.cs AuthenticateUserByName; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def signed_in(lab: MediaBrowserLab) -> None:
    """A sign-in brings a token, the user and the server's id."""
    anna = await lab.person()
    answer = (await lab.authenticate(anna.name, anna.password, "second")).json
    info = await lab.nobody().get("/System/Info/Public")
    same("server", answer["ServerId"], info["Id"])
    same("user", answer["User"]["Id"], anna.user_id)
    holds("there is a token", true=isinstance(answer["AccessToken"], str) and len(answer["AccessToken"]) > 20)


@fact(f"{RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY, needs={Need.ADMINISTRATOR})
async def wrong_password(lab: MediaBrowserLab) -> None:
    """A wrong password and an unknown name are a 401."""
    anna = await lab.person()
    for name, password in ((anna.name, "wrong"), (f"{anna.name}-nobody", anna.password)):
        same(f"sign-in of {name}", (await lab.authenticate(name, password, "wrong")).status, 401)


@fact(f"v10.11.11 SessionManager.cs AuthenticateNewSessionInternal; {RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def nameless_client(lab: MediaBrowserLab) -> None:
    """A client that does not say what it is cannot sign in: a 400."""
    anna = await lab.person()
    body = {"Username": anna.name, "Pw": anna.password}
    same("status", (await lab.nobody().ask("POST", "/Users/AuthenticateByName", body=body)).status, 400)


@fact(f"{RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def bad_token(lab: MediaBrowserLab) -> None:
    """Without a token, and with one that is none, everything is a 401."""
    anna = await lab.person()
    path, query = anna.to(anna.paths.items)
    same("no token", (await lab.nobody().ask("GET", path, query)).status, 401)
    same("a wrong one", (await lab.holder("0" * 32).ask("GET", path, query)).status, 401)


@fact(
    f"12.0 migration DisableLegacyAuthorization; {RUN}",
    differs={JELLYFIN.before(12): 200, JELLYFIN.since(12): 401, EMBY: 200},
)
async def old_token_header(lab: MediaBrowserLab, expected: int) -> None:
    """The header X-Emby-Token counts, but no more on Jellyfin 12."""
    anna = await lab.person()
    client = lab.nobody()
    client.headers = {"X-Emby-Token": anna.token}
    same("status", (await client.ask("GET", "/Sessions")).status, expected)


@fact(f"v10.11.11 UserController.cs GetCurrentUser; {RUN}", JELLYFIN)
async def own_user(lab: MediaBrowserLab) -> None:
    """A token is told whose it is."""
    anna = await lab.person()
    same("user", (await anna.client.get("/Users/Me"))["Id"], anna.user_id)


@fact(f"{RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def policy_of_the_own_user(lab: MediaBrowserLab) -> None:
    """A user reads their own rights and settings: whether they administer, and what is not on the home screen."""
    anna = await lab.person()
    user = await anna.client.get(f"/Users/{anna.user_id}")
    holds("IsAdministrator is told", true=isinstance(user["Policy"]["IsAdministrator"], bool))
    if lab.server in JELLYFIN:
        same("excluded from the home screen", user["Configuration"].get("LatestItemsExcludes"), [])


@fact(
    "v10.11.11 UserController.cs GetUsers; recorded on Emby 4.9.5",
    differs={JELLYFIN: 200, EMBY: 403},
    needs={Need.ADMINISTRATOR},
)
async def list_of_users(lab: MediaBrowserLab, expected: int) -> None:
    """The list of all users is for every user on Jellyfin, and for administrators on Emby."""
    anna = await lab.person()
    same("status", (await anna.client.ask("GET", "/Users")).status, expected)
    rows = await lab.admin.get("/Users")
    same("the user is on it", [row["Name"] for row in rows if row["Id"] == anna.user_id], [anna.name])


@fact(
    f"v10.11.11 UserManager.cs AuthenticateUser, UserController.cs UpdateUserPolicy (tokens are revoked); {RUN}",
    JELLYFIN,
    needs={Need.ADMINISTRATOR},
)
async def disabled_user(lab: MediaBrowserLab) -> None:
    """A disabled user is refused with 403 at the sign-in; their tokens are dead, also once they are let in again."""
    anna = await lab.person()
    await lab.policy(anna, IsDisabled=True)
    same("sign-in", (await lab.authenticate(anna.name, anna.password, "again")).status, 403)
    same("token", (await anna.client.ask("GET", "/Users/Me")).status, 401)
    await lab.policy(anna, IsDisabled=False)
    same("token after it", (await anna.client.ask("GET", "/Users/Me")).status, 401)
    same("sign-in after it", (await lab.authenticate(anna.name, anna.password, "again")).status, 200)


@fact(f"{RUN}; recorded on Emby 4.9.5", JELLYFIN, EMBY)
async def signed_out(lab: MediaBrowserLab) -> None:
    """Signing out ends the token."""
    anna = await lab.person()
    other = await lab.sign_in(anna.name, anna.password)
    same("sign-out", (await other.client.ask("POST", "/Sessions/Logout")).status, 204)
    same("the token", (await other.client.ask("GET", "/Sessions")).status, 401)
    same("another one", (await anna.client.ask("GET", "/Sessions")).status, 200)


@fact(f"v10.11.11 QuickConnectManager.cs; {RUN}", JELLYFIN)
async def quick_connect(lab: MediaBrowserLab) -> None:
    """A code that somebody approves brings tokens until it expires, more than one if asked again."""
    anna = await lab.person()
    nobody = lab.nobody("quick")
    if await nobody.get("/QuickConnect/Enabled") is not True:
        raise NotAsked("this server has Quick Connect switched off")
    started = (await nobody.done("POST", "/QuickConnect/Initiate")).json
    asked = {"secret": started["Secret"]}
    same("approved at first", (await nobody.get("/QuickConnect/Connect", asked))["Authenticated"], False)
    body = {"Secret": started["Secret"]}
    same("too early", (await nobody.ask("POST", "/Users/AuthenticateWithQuickConnect", body=body)).status, 404)
    await anna.client.done("POST", "/QuickConnect/Authorize", {"code": started["Code"]})
    same("approved", (await nobody.get("/QuickConnect/Connect", asked))["Authenticated"], True)
    for _ in range(2):
        answer = (await nobody.done("POST", "/Users/AuthenticateWithQuickConnect", body=body)).json
        same("user", answer["User"]["Id"], anna.user_id)
    same("unknown", (await nobody.ask("GET", "/QuickConnect/Connect", {"secret": "x"})).status, 404)


@fact(f"v10.11.11 ConfigurationController.cs; {RUN}", JELLYFIN)
async def resume_limits(lab: MediaBrowserLab) -> None:
    """Every user reads between which shares of a film positions are kept."""
    anna = await lab.person()
    settings = await anna.client.get("/System/Configuration")
    for key in ("MinResumePct", "MaxResumePct", "MinResumeDurationSeconds"):
        holds(f"{key} is a number", true=isinstance(settings.get(key), int), seen=settings.get(key))
