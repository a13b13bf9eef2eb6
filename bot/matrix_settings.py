"""The settings of Matrix: fields of `bot.settings.Settings`, and what must hold between them."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, cast

from pydantic import BaseModel, BeforeValidator, Field

from channels.matrix.settings import MatrixSettings, UnusableSetting

FIELDS: Final = (
    "matrix_homeserver", "matrix_user", "matrix_password", "matrix_access_token", "matrix_device_id",
    "matrix_admin_token", "matrix_allow", "matrix_deny",
)  # fmt: skip
STAFF_FIELDS: Final = (
    "matrix_staff_user", "matrix_staff_homeserver", "matrix_staff_password", "matrix_staff_access_token",
    "matrix_staff_device_id", "matrix_staff_admin_token",
)  # fmt: skip
SECRETS: Final = frozenset(
    {"matrix_password", "matrix_access_token", "matrix_admin_token"}
    | {"matrix_staff_password", "matrix_staff_access_token", "matrix_staff_admin_token"}
)
STAFF: Final = "matrix-staff"
"""Name of the volunteers' channel."""


def _patterns(value: object) -> object:
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        raise ValueError("give ids or servers, separated by commas, such as @name:example.org, *.example.org")  # noqa: TRY004  pydantic takes ValueError only
    return tuple(str(each).strip() for each in cast("list[object]", listed) if str(each).strip())


class MatrixFields(BaseModel):
    """What an operator can set about Matrix; all of it may be left out."""

    matrix_homeserver: str | None = Field(
        None, description="Address of the homeserver, such as https://matrix.example.org; unset: no Matrix."
    )
    matrix_user: str | None = Field(
        None, description="Whole id of the line's own account, such as @line:example.org."
    )
    matrix_password: str | None = Field(
        None, repr=False, description="Its password; or an access token instead."
    )
    matrix_access_token: str | None = Field(
        None, repr=False, description="An access token of a device made for this hotline alone."
    )
    matrix_device_id: str | None = Field(None, description="The device the access token belongs to.")
    matrix_admin_token: str | None = Field(
        None,
        repr=False,
        description="Access token of an administrator of the homeserver (Synapse), where the organisation "
        "runs it: after hide, rooms and files are then removed from it.",
    )
    matrix_allow: Annotated[tuple[str, ...], BeforeValidator(_patterns)] = Field(
        (), description="Who may open a chat, as ids or servers with `*`; empty for everybody."
    )
    matrix_deny: Annotated[tuple[str, ...], BeforeValidator(_patterns)] = Field(
        (), description="Who may not; wins over HOTLINE_MATRIX_ALLOW."
    )
    matrix_staff_user: str | None = Field(
        None,
        description="Whole id of the account volunteers write with, another one than the line's; unset: "
        "no volunteers on Matrix.",
    )
    matrix_staff_homeserver: str | None = Field(
        None, description="Its homeserver, the organisation's own; default HOTLINE_MATRIX_HOMESERVER."
    )
    matrix_staff_password: str | None = Field(
        None, repr=False, description="Its password; or an access token instead."
    )
    matrix_staff_access_token: str | None = Field(
        None, repr=False, description="An access token of a device made for this hotline alone."
    )
    matrix_staff_device_id: str | None = Field(None, description="The device that access token belongs to.")
    matrix_staff_admin_token: str | None = Field(
        None,
        repr=False,
        description="Access token of an administrator of that homeserver, to remove rooms of chats that are "
        "over; default HOTLINE_MATRIX_ADMIN_TOKEN where it is the same homeserver.",
    )


def without() -> dict[str, Any]:
    """The values of a hotline without Matrix."""
    return {name: MatrixFields.model_fields[name].default for name in (*FIELDS, *STAFF_FIELDS)}


def complaints(given: MatrixFields) -> Iterator[str]:
    """What is missing or too much, each with its cure."""
    yield from _line_complaints(given)
    yield from _staff_complaints(given)


def _line_complaints(given: MatrixFields) -> Iterator[str]:
    if given.matrix_homeserver is None:
        told = [name for name in FIELDS[1:6] if getattr(given, name) is not None]
        if told:
            yield f"HOTLINE_{told[0].upper()}: HOTLINE_MATRIX_HOMESERVER is not set. Give both or neither."
        return
    if given.matrix_user is None:
        yield "HOTLINE_MATRIX_USER: not set, though HOTLINE_MATRIX_HOMESERVER is. Give the line's account."
        return
    if (given.matrix_password is None) == (given.matrix_access_token is None):
        yield (
            "HOTLINE_MATRIX_PASSWORD: give either the password or HOTLINE_MATRIX_ACCESS_TOKEN with "
            "HOTLINE_MATRIX_DEVICE_ID, each as a file if you like (…_FILE)."
        )
        return
    try:
        for_adapter(given)
    except UnusableSetting as fault:
        told, _, why = str(fault).partition(": ")
        yield f"HOTLINE_MATRIX_{told.upper()}: {why}." if why else f"HOTLINE_MATRIX_DEVICE_ID: {fault}."


def _staff_complaints(given: MatrixFields) -> Iterator[str]:
    if given.matrix_staff_user is None:
        told = [name for name in STAFF_FIELDS[1:] if getattr(given, name) is not None]
        if told:
            yield f"HOTLINE_{told[0].upper()}: HOTLINE_MATRIX_STAFF_USER is not set. Give both or neither."
        return
    if _staff_homeserver(given) is None:
        yield "HOTLINE_MATRIX_STAFF_HOMESERVER: not set, nor HOTLINE_MATRIX_HOMESERVER. Give one of them."
        return
    if given.matrix_staff_user == given.matrix_user:
        yield (
            "HOTLINE_MATRIX_STAFF_USER is the account women write to. Volunteers need one of their own: "
            "make a second account."
        )
        return
    if (given.matrix_staff_password is None) == (given.matrix_staff_access_token is None):
        yield (
            "HOTLINE_MATRIX_STAFF_PASSWORD: give either the password or HOTLINE_MATRIX_STAFF_ACCESS_TOKEN "
            "with HOTLINE_MATRIX_STAFF_DEVICE_ID, each as a file if you like (…_FILE)."
        )
        return
    try:
        for_staff(given)
    except UnusableSetting as fault:
        told, _, why = str(fault).partition(": ")
        yield (
            f"HOTLINE_MATRIX_STAFF_{told.upper()}: {why}."
            if why
            else f"HOTLINE_MATRIX_STAFF_DEVICE_ID: {fault}."
        )


def _staff_homeserver(given: MatrixFields) -> str | None:
    return given.matrix_staff_homeserver or given.matrix_homeserver


def for_staff(given: MatrixFields, languages: tuple[str, ...] = ("en",)) -> MatrixSettings:
    """The volunteers' account as the adapter takes it. Raises `UnusableSetting`.

    Only accounts of its own homeserver may write to it: rooms of chats are closed to all others.
    """
    homeserver, user = (_staff_homeserver(given) or "").rstrip("/"), given.matrix_staff_user or ""
    same = homeserver == (given.matrix_homeserver or "").rstrip("/")
    return MatrixSettings(
        homeserver=homeserver,
        user=user,
        password=given.matrix_staff_password or "",
        access_token=given.matrix_staff_access_token or "",
        device_id=given.matrix_staff_device_id or "",
        admin_token=given.matrix_staff_admin_token or (same and given.matrix_admin_token) or "",
        allowed=(user.partition(":")[2],),
        languages=languages,
        name=STAFF,
        staff=True,
    )


def for_adapter(given: MatrixFields, languages: tuple[str, ...] = ("en",)) -> MatrixSettings:
    """The same as the adapter takes them. Raises `UnusableSetting`."""
    return MatrixSettings(
        homeserver=(given.matrix_homeserver or "").rstrip("/"),
        user=given.matrix_user or "",
        password=given.matrix_password or "",
        access_token=given.matrix_access_token or "",
        device_id=given.matrix_device_id or "",
        admin_token=given.matrix_admin_token or "",
        allowed=given.matrix_allow,
        denied=given.matrix_deny,
        languages=languages,
    )
