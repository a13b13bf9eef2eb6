"""Only ids that were made here open anything; one that was planted in her browser opens a page of her own."""

import pytest
from hypothesis import given, strategies as st

from channels.message import InboundKind
from channels.webchat.protocol import Hello, is_token
from channels.webchat.reception import Ended
from channels.webchat.signing import ShortKey, Signer
from tests.webchat.line import SIGN_KEY, line, new_token
from tests.webchat.page import Page, until


def test_a_handle_and_its_views_are_known_again_under_the_same_key_alone() -> None:
    signer, again, other = (
        Signer(SIGN_KEY, new_token),
        Signer(SIGN_KEY, new_token),
        Signer(b"x" * 16, new_token),
    )
    handle = signer.new_handle()
    view = signer.new_view(handle)
    assert is_token(handle)
    assert is_token(view)
    assert again.made_handle(handle)
    assert again.made_view(handle, view)
    assert not other.made_handle(handle)
    assert not other.made_view(handle, view)
    assert not signer.made_view(signer.new_handle(), view)
    assert not signer.made_handle(view)
    assert not signer.made_view(handle, None)
    with pytest.raises(ShortKey):
        Signer(b"short", new_token)


@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9_-]{20,64}", fullmatch=True)))
def test_nothing_made_up_is_taken_for_ours(value: str) -> None:
    signer = Signer(SIGN_KEY, new_token)
    assert not signer.made_handle(value)
    assert not signer.made_view(signer.new_handle(), value)


async def test_a_planted_handle_is_replaced_and_a_made_up_pair_opens_nothing() -> None:
    async with line(max_views=50) as chat:
        reception = chat.chat.reception
        planted = new_token()
        view = reception.open(planted, source="1.2.3.4", languages=None, scripted=True)
        assert view.address.handle != planted
        for _ in range(100):
            with pytest.raises(Ended):
                reception.hello(new_token(), Hello(new_token(), 0), None, source="6.6.6.6")
        assert len(reception.views) == 1


async def test_pages_that_come_back_after_a_restart_count_by_their_source() -> None:
    async with line(pages_per_source=2, pages_overall=0) as chat:
        before = chat.chat.reception
        pairs = [before.open(None, source=str(n), languages=None, scripted=True) for n in range(4)]
        await chat.restart()
        back = [
            chat.chat.reception.hello(v.address.handle, Hello(v.id, 0), None, source="6.6.6.6") for v in pairs
        ]
        assert [view.busy for view in back] == [False, False, True, True]


async def test_a_page_of_before_a_restart_goes_on_with_its_own_view_only() -> None:
    async with line() as chat:
        page, other = await chat.page(), await chat.page()
        await until(lambda: len(chat.host.messages) == 2)
        await page.disconnect()
        await other.disconnect()
        await chat.restart()
        stolen = Page(chat.base, page.visit, view=other.view)
        await stolen.connect()
        await until(lambda: stolen.frames)
        assert stolen.frames == [{"t": "gone", "to": "start"}]
        await page.connect()
        await page.types("still here")
        await until(lambda: any(m.kind is InboundKind.TEXT for m in chat.host.messages))
        await stolen.disconnect()
