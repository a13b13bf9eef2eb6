"""Two people sign exactly what they read; nobody signs for another, and no row signs by itself."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from bot.model import Role
from bot.services import people, signing
from bot.services.judging import HasErrors
from bot.services.permissions import NotAllowed
from bot.services.publishing import NotPublishable, NotSigned
from bot.services.signing import NotProven, NotSignable, OtherContent, SignedAlready
from bot.store import tables as t
from bot.vault.envelope import Place, seal
from tests.publishing.press import Press, changed


def test_two_people_sign_and_in_open_the_text_goes_live(either_press: Press) -> None:
    press = either_press
    press.house.mode = "open"
    number = press.edit("Edda", press.draft().id, "hello.go", "Yes, go on").id
    with pytest.raises(NotSigned, match="not signed / not reviewed"):
        press.publish(number, by="Rowan")
    press.sign("Edda", number)
    with pytest.raises(NotSigned, match="a second person who is a reviewer and did not write it"):
        press.publish(number, by="Rowan")
    standing = press.sign("Reva", number)
    assert standing.signed
    assert standing.told == "signed by Edda and Reva (reviewer)"
    assert press.live() is None
    press.publish(number, by="Rowan")
    assert press.live() == number
    verbs = [(actor, verb) for actor, verb, thing, _ in press.acts() if thing == f"script.{number}"]
    assert verbs == [
        (press.id("Edda"), "edit"),
        (press.id("Edda"), "sign"),
        (press.id("Reva"), "sign"),
        (press.id("Rowan"), "publish"),
    ]


def test_nobody_counts_twice(press: Press) -> None:
    press.house.mode = "open"
    number = press.draft().id
    press.sign("Reva", number)
    with pytest.raises(SignedAlready, match="Somebody else must sign it too"):
        press.sign("Reva", number)
    with pytest.raises(NotSigned, match="a second person is missing"):
        press.publish(number)


def test_a_reviewer_who_wrote_the_text_does_not_review_it(press: Press) -> None:
    press.house.mode = "open"
    press.invite("Erin", Role.EDITOR, Role.REVIEWER)
    number = press.edit("Erin", press.draft().id, "hello.go", "Yes, go on").id
    press.sign("Erin", number)
    assert not press.sign("Edda", number).signed
    with pytest.raises(NotSigned, match="a reviewer who did not write it is missing"):
        press.publish(number)
    assert press.sign("Reva", number).signed


def test_whoever_is_named_as_the_writer_of_a_file_wrote_it(press: Press) -> None:
    press.invite("Erin", Role.EDITOR, Role.REVIEWER)
    number = press.draft(by="Erin").id
    press.sign("Erin", number)
    assert not press.sign("Edda", number).signed


def test_whoever_changed_an_earlier_draft_wrote_the_later_one_too(press: Press) -> None:
    press.invite("Erin", Role.EDITOR, Role.REVIEWER)
    first = press.edit("Erin", press.draft().id, "hello.go", "Yes, go on").id
    second = press.edit("Edda", first, "hello.later", "Another time").id
    press.sign("Erin", second)
    assert not press.sign("Edda", second).signed


def test_a_text_tried_out_unsigned_is_no_clean_ground_for_its_writer(press: Press) -> None:
    press.invite("Erin", Role.EDITOR, Role.REVIEWER)
    first = press.edit("Erin", press.draft().id, "hello.go", "Yes, go on").id
    press.publish(first)
    second = press.edit("Edda", first, "hello.later", "Another time").id
    press.sign("Erin", second)
    assert not press.sign("Edda", second).signed


def test_what_two_people_signed_is_ground_to_build_on(press: Press) -> None:
    press.invite("Erin", Role.EDITOR, Role.REVIEWER)
    first = press.edit("Erin", press.draft().id, "hello.go", "Yes, go on").id
    press.sign("Edda", first)
    press.sign("Reva", first)
    second = press.edit("Edda", first, "hello.later", "Another time").id
    press.sign("Edda", second)
    assert press.sign("Erin", second).signed


def test_a_signature_is_over_every_text_and_falls_with_any_change(press: Press) -> None:
    number = press.draft().id
    press.sign("Reva", number)
    press.sign("Rowan", number)
    later = press.edit("Edda", number, "hello.go", "Da, continuă", language="ro").id
    assert press.holds(later) != press.holds(number)
    standing = press.write(lambda c: signing.standing(c, press.house.vault, later, demo=False))
    assert standing.people == 0


def test_a_signature_over_another_content_is_refused_with_its_cause(press: Press) -> None:
    number = press.draft().id
    other = press.draft(changed(press.source, "hello.go", "Yes, go on")).id
    with pytest.raises(OtherContent, match=f"revision {number} holds {press.holds(number)[:12]}"):
        press.sign("Reva", number, content=press.holds(other))
    assert press.rows(t.signature) == []


@pytest.mark.parametrize("code", ["", "000000", "abcdef"])
def test_without_the_right_code_nothing_is_signed(press: Press, code: str) -> None:
    number = press.draft().id
    with pytest.raises(NotProven, match="Password or code are not right"):
        press.sign("Reva", number, proof=press.proof("Reva", code))
    assert press.rows(t.signature) == []


def test_a_code_signs_once(either_press: Press) -> None:
    press = either_press
    first = press.draft().id
    second = press.draft(changed(press.source, "hello.go", "Yes, go on")).id
    proof = press.proof("Reva")
    press.sign("Reva", first, proof=proof)
    with pytest.raises(NotProven):
        press.sign("Reva", second, proof=proof)


def test_a_code_is_not_lost_on_a_signature_that_was_refused(press: Press) -> None:
    number = press.draft().id
    proof = press.proof("Reva")
    with pytest.raises(OtherContent):
        press.sign("Reva", number, content="0" * 64, proof=proof)
    assert press.sign("Reva", number, proof=proof).people == 1


def test_nobody_signs_with_the_proof_of_another(press: Press) -> None:
    number = press.draft().id
    edda = press.proof("Edda")
    with pytest.raises(NotProven):
        press.sign("Reva", number, proof=replace(edda, person=press.id("Reva")))


@pytest.mark.parametrize("alias", ["Maple", "Alder"])
def test_who_may_not_sign_signs_nothing(press: Press, alias: str) -> None:
    number = press.draft().id
    with pytest.raises(NotAllowed):
        press.sign(alias, number)


def test_a_right_at_another_desk_signs_nothing_here(press: Press) -> None:
    press.invite("Nora", Role.REVIEWER, desk="north")
    number = press.draft().id
    with pytest.raises(NotAllowed):
        press.sign("Nora", number)


@pytest.mark.parametrize("what", ["suspended", "no role"])
def test_whoever_was_shut_out_or_lost_the_role_has_no_say_in_what_goes_live(press: Press, what: str) -> None:
    press.house.mode = "open"
    number = press.draft().id
    press.sign("Rowan", number)
    press.sign("Reva", number)
    reva = press.id("Reva")
    if what == "suspended":
        press.write(lambda c: people.suspend(c, reva))
    else:
        press.write(lambda c: people.revoke(c, reva, Role.REVIEWER, "network"))
    with pytest.raises(NotSigned):
        press.publish(number)


def test_what_is_live_stays_signed_when_people_leave(press: Press) -> None:
    press.house.mode = "open"
    number = press.published_and_signed()
    press.vouch("Reva", number, "en")
    reva = press.id("Reva")
    press.write(lambda c: people.suspend(c, reva))
    assert press.library().live == {"network": number}


def test_a_signature_may_be_taken_back_from_a_draft_only(press: Press) -> None:
    number = press.draft().id
    reva = press.id("Reva")
    press.sign("Reva", number)
    press.write(lambda c: signing.take_back(c, press.house, reva, number, press.now))
    assert press.rows(t.signature) == []
    with pytest.raises(NotSignable, match="have not signed"):
        press.write(lambda c: signing.take_back(c, press.house, reva, number, press.now))
    live = press.published_and_signed()
    with pytest.raises(NotSignable, match="roll back"):
        press.write(lambda c: signing.take_back(c, press.house, reva, live, press.now))


def test_a_live_text_that_was_tried_out_can_be_signed_as_it_is(press: Press) -> None:
    number = press.draft().id
    assert not press.publish(number).standing.signed
    press.sign("Rowan", number)
    assert press.sign("Reva", number).signed


def test_a_text_with_errors_is_signed_by_nobody_into_open(press: Press) -> None:
    press.house.mode = "open"
    number = press.draft(changed(press.source, "hello.go", "Why did you let it happen")).id
    press.sign("Rowan", number)
    press.sign("Reva", number)
    with pytest.raises(HasErrors):
        press.publish(number)
    assert press.live() is None


# --- rows nobody signed -----------------------------------------------------------------------------------
def forge(press: Press, number: int, sealed: bytes, row: str = "forged") -> None:
    press.write(
        lambda c: c.execute(
            insert(t.signature).values(id=row, subject=f"script.{number}", statement_sealed=sealed)
        )
    )


def test_rows_written_into_the_database_sign_nothing(either_press: Press) -> None:
    press = either_press
    press.house.mode = "open"
    number = press.draft().id
    press.sign("Rowan", number)
    genuine = press.rows(t.signature)[0]
    statement = {
        "id": "forged", "subject": f"script.{number}", "digest": press.holds(number), "person": "x",
        "alias": "Reva", "reviewer": True, "edited": False, "exception": False, "demo": False, "at": 1,
    }  # fmt: skip
    forge(press, number, json.dumps(statement).encode())  # not sealed at all
    forge(press, number, genuine.statement_sealed, "copied")  # a genuine one under another id
    forge(press, number, bytes(300), "torn")
    with pytest.raises(NotSigned):
        press.publish(number)
    assert len(press.write(lambda c: signing.forged(c, press.house.vault))) == 3


def test_a_genuine_signature_moved_to_another_revision_signs_nothing(press: Press) -> None:
    press.house.mode = "open"
    signed = press.draft().id
    press.sign("Rowan", signed)
    press.sign("Reva", signed)
    other = press.draft(changed(press.source, "hello.go", "Yes, go on")).id
    press.write(lambda c: c.execute(update(t.signature).values(subject=f"script.{other}")))
    with pytest.raises(NotSigned):
        press.publish(other)


def test_a_statement_of_another_kind_sealed_for_the_row_says_nothing(press: Press) -> None:
    number = press.draft().id
    sealed = seal(
        press.house.vault.organisation, Place("signature", "statement_sealed", "odd"), b'{"person": "x"}'
    )
    forge(press, number, sealed, "odd")
    standing = press.write(lambda c: signing.standing(c, press.house.vault, number, demo=False))
    assert standing.people == 0


def test_a_digest_written_beside_another_content_changes_nothing(press: Press) -> None:
    press.house.mode = "open"
    signed = press.draft().id
    press.sign("Rowan", signed)
    press.sign("Reva", signed)
    other = press.draft(changed(press.source, "hello.go", "Yes, go on")).id
    digest = press.write(lambda c: c.execute(select(t.script_revision.c.digest).limit(1)).scalar_one())
    press.write(
        lambda c: c.execute(
            update(t.script_revision).where(t.script_revision.c.id == other).values(digest=digest)
        )
    )
    with pytest.raises(NotSigned):
        press.publish(other)


def test_content_moved_to_another_revision_is_not_opened(press: Press) -> None:
    one = press.draft().id
    two = press.draft(changed(press.source, "hello.go", "Yes, go on")).id
    rows = {row.id: row.document_sealed for row in press.rows(t.script_revision)}
    press.write(
        lambda c: c.execute(
            update(t.script_revision).where(t.script_revision.c.id == one).values(document_sealed=rows[two])
        )
    )
    with pytest.raises(Exception, match="moved from another place"):
        press.source_of(one)


# --- the demo ---------------------------------------------------------------------------------------------
def test_a_signature_of_the_demo_counts_in_the_demo_only(press: Press) -> None:
    press.house.mode = "demo"
    number = press.draft().id
    press.sign("Rowan", number)
    assert press.sign("Reva", number).told == "signed by Rowan and Reva (reviewer), in the demo"
    press.house.mode = "open"
    with pytest.raises(NotSigned):
        press.publish(number)


def test_a_revision_that_was_changed_is_signed_and_published_by_nobody(press: Press) -> None:
    first = press.draft().id
    press.edit("Edda", first, "hello.go", "Yes, go on")
    with pytest.raises(NotSignable):
        press.sign("Reva", first)
    with pytest.raises(NotPublishable, match="changed since"):
        press.publish(first)
