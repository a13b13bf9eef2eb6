"""What is known of everybody when a planned duty comes: her training, for the duty boards (PR11)."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot.services.profile import Profile, profile_place
from bot.store import tables as t
from bot.vault.envelope import open_sealed
from bot.vault.vault import Vault
from handoff.desks import Desk
from handoff.staffing import DEFAULT_STAFFING, Staffing
from handoff.standing import Standing, Standings


def standings(
    connection: Connection,
    vault: Vault,
    names: Iterable[str],
    desks: Mapping[str, Desk],
    staffing: Mapping[str, Staffing],
) -> dict[str, Standings]:
    """For each of these desks, whom of its rota a lapsed training takes out."""
    profiles = {
        row.id: Profile.from_bytes(open_sealed(vault.organisation, profile_place(row.id), row.profile_sealed))
        for row in connection.execute(select(t.person.c.id, t.person.c.profile_sealed))
    }
    roles: dict[tuple[str, str], set[str]] = {}
    for row in connection.execute(select(t.role_grant.c.person, t.role_grant.c.role, t.role_grant.c.desk)):
        roles.setdefault((row.person, row.desk), set()).add(row.role)
    return {
        name: Standings(
            people={
                profile.alias.casefold(): Standing(
                    completions=profile.completions,
                    roles=frozenset(roles.get((person, name), set()) | roles.get((person, "network"), set())),
                )
                for person, profile in profiles.items()
            },
            training=staffing.get(name, DEFAULT_STAFFING).training,
            zone=ZoneInfo(desks[name].zone if name in desks else "UTC"),
        )
        for name in names
    }
