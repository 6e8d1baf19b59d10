"""Who may see and do what: whatever people ask with asks here, the actions as well as what the cards subscribe to.

- To see an account's titles: whoever may read its entities; if it is private, of these its person and administrators.
- To see what was written to an account: whoever may see its titles, unless the privacy of the account that a position
  came from keeps them out.
- To see a pair's titles: whoever may read its entities, unless the privacy of either side keeps them out.
- To sync a pair: whoever may control its entities.
- To decide about one title: administrators, and the person of every account that is written to.
- To find items on a server: administrators, and the account's person.
- To decide about several titles: administrators.

An automation or a script that runs by itself acts for the household and may do everything: an administrator wrote it.
What asks for nobody in particular sees what is not private, and does nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er

from ..account.person import user_of_person
from ..const import CONF_PEER, CONF_PERSON, CONF_PRIVATE, DOMAIN, SUBENTRY_TYPE_PAIR
from ..pair.rules import pair_rules
from ..sync.model import Direction


def is_private(account: ConfigEntry) -> bool:
    """Tell whether an account's titles are for its person and administrators only."""
    private: bool = account.options.get(CONF_PRIVATE, False)
    return private


def is_private_pair(hass: HomeAssistant, account: ConfigEntry, pair: ConfigSubentry) -> bool:
    """Tell whether a pair's titles are private: as soon as those of one side are, or nobody knows any more."""
    return any(side is None or is_private(side) for side in _sides(hass, account, pair))


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks for something. `user` None: the household itself, or else nobody in particular."""

    hass: HomeAssistant
    user: User | None
    is_household: bool = False
    context: Context | None = None

    @classmethod
    async def of_action(cls, call: ServiceCall) -> Self:
        """Return who calls an action; raises UnknownUser for a user who is gone."""
        user_id = call.context.user_id
        user = None if user_id is None else await call.hass.auth.async_get_user(user_id)
        if user is None and user_id is not None:
            raise UnknownUser(context=call.context)
        return cls(call.hass, user, is_household=user is None, context=call.context)

    @property
    def may_administer(self) -> bool:
        """Whether everything is allowed."""
        return self.is_household or (self.user is not None and self.user.is_admin)

    def may_see_account(self, account: ConfigEntry) -> bool:
        """Tell whether the titles of an account may be seen."""
        readable = self._has_right(Platform.SENSOR, f"{account.unique_id}_in_progress", POLICY_READ)
        return readable and self._is_let_in(account)

    def may_see_written(self, account: ConfigEntry, source_id: str) -> bool:
        """Tell whether it may be seen what was written to an account from another one: as private as either of them."""
        source = self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, source_id) if source_id else account
        return self._is_let_in(account) and self._is_let_in(source)

    def may_read_pair(self, pair: ConfigSubentry) -> bool:
        """Tell whether it may be seen how a pair is, titles aside."""
        return self._has_right(Platform.SENSOR, f"{pair.subentry_id}_status", POLICY_READ)

    def may_see_pair(self, account: ConfigEntry, pair: ConfigSubentry) -> bool:
        """Tell whether the titles of a pair (the one that this account holds) may be seen."""
        return self.may_read_pair(pair) and all(map(self._is_let_in, _sides(self.hass, account, pair)))

    def may_sync(self, pair: ConfigSubentry) -> bool:
        """Tell whether a pair may be synced."""
        return self._has_right(Platform.BUTTON, f"{pair.subentry_id}_sync", POLICY_CONTROL)

    def may_decide(self, accounts: Iterable[ConfigEntry | None]) -> bool:
        """Tell whether somebody may decide about one title that is written to these accounts."""
        return self.may_administer or all(account is not None and self._is_person_of(account) for account in accounts)

    def may_decide_in(self, account: ConfigEntry, pair: ConfigSubentry) -> bool:
        """Tell whether somebody may decide about one title of a pair."""
        return self.may_decide(_written(self.hass, account, pair)) and self.may_see_pair(account, pair)

    def paired_with(self, account: ConfigEntry) -> list[ConfigEntry | None]:
        """Return the other accounts of all pairs of an account, None for one that is gone."""
        return [
            side
            for entry in self.hass.config_entries.async_entries(DOMAIN)
            for pair in entry.get_subentries_of_type(SUBENTRY_TYPE_PAIR)
            if account in (sides := list(_sides(self.hass, entry, pair)))
            for side in sides
            if side is not account
        ]

    def may_find_items(self, account: ConfigEntry) -> bool:
        """Tell whether all that an account's user sees on its server may be searched."""
        return self.may_administer or self._is_person_of(account)

    def require(self, *, allowed: bool) -> None:
        """Raise Unauthorized unless something is allowed."""
        if not allowed:
            raise Unauthorized(context=self.context)

    def _has_right(self, platform: Platform, unique_id: str, right: str) -> bool:
        """Tell whether there is a right on an entity; what has no entity is for administrators."""
        if self.may_administer:
            return True
        if self.user is None:
            return right == POLICY_READ
        entity_id = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, unique_id)
        return entity_id is not None and self.user.permissions.check_entity(entity_id, right)

    def _is_let_in(self, account: ConfigEntry | None) -> bool:
        """Tell whether the privacy of an account keeps nobody out here; one that is gone may have been private."""
        if self.may_administer:
            return True
        return account is not None and (not is_private(account) or self._is_person_of(account))

    def _is_person_of(self, account: ConfigEntry) -> bool:
        """Tell whether this is the person of an account."""
        person_id: str | None = account.options.get(CONF_PERSON)
        if self.user is None or person_id is None:
            return False
        return user_of_person(self.hass, person_id) == self.user.id


def _sides(hass: HomeAssistant, account: ConfigEntry, pair: ConfigSubentry) -> Iterator[ConfigEntry | None]:
    """Yield the accounts of a pair, None for a peer that is gone."""
    yield account
    yield hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, pair.data[CONF_PEER])


def _written(hass: HomeAssistant, account: ConfigEntry, pair: ConfigSubentry) -> Iterator[ConfigEntry | None]:
    """Yield the accounts that a pair writes to."""
    own, peer = _sides(hass, account, pair)
    direction = pair_rules(pair.data).direction
    if direction is not Direction.TO_PEER:
        yield own
    if direction is not Direction.FROM_PEER:
        yield peer
