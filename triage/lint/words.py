"""Word lists of one language, as plain data: what the text rules look for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

Entries = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordLists:
    """What must not be said in one language (domain D, starter lists; they need a native practitioner).

    The fields are the keys of `config/words/lists.<language>.yaml`; `matching.py` tells how an entry matches.

    Attributes:
        why_forms: ways to ask for reasons (D-22).
        blame_forms: ways to put the blame on her (D-22).
        sensitive: what a notification must not show (D-20, D-51).
        orders: orders on choices of her life (D-25).
        promises: what no one can keep (D-26).
        identifying: ways to ask who or where she is (D-27).
        media_requests: requests for pictures, files, her place, her contacts (D-28).
        self_harm_wording: wording about suicide that harms (D-29).
        graphic: detail nobody needs to read (D-29).
        mutualising: words that make the harm a matter between two (D-30).
        gendered: words for one sex only, of her or of the other person (D-31).
        jargon: words of the trade (D-36).
        vague_time: time without a measure (D-42).
        minimising: words that make it small (D-42).
        negative_questions: questions asked the wrong way round (D-43).
        interrogatives: how a question begins, where its mark is missing (D-21).
        negations: words that turn a sentence round: "nobody here sees your name" asks for nothing (D-27).
        instruments: openings of licensed questionnaires (B-034).
        validating: words that meet what she has just told (D-32).
        hidden_doers: passive forms that hide who did the harm (D-44).
        removal_steps: steps that take something off or lock someone out (D-33).
        says_safety_first, says_removal_noticed, says_keep_proof, says_leaving_danger: how the warnings that
            cards must hold are said (D-33 to D-35).
    """

    why_forms: Entries = ()
    blame_forms: Entries = ()
    sensitive: Entries = ()
    orders: Entries = ()
    promises: Entries = ()
    identifying: Entries = ()
    media_requests: Entries = ()
    self_harm_wording: Entries = ()
    graphic: Entries = ()
    mutualising: Entries = ()
    gendered: Entries = ()
    jargon: Entries = ()
    vague_time: Entries = ()
    minimising: Entries = ()
    negative_questions: Entries = ()
    interrogatives: Entries = ()
    negations: Entries = ()
    instruments: Entries = ()
    validating: Entries = ()
    hidden_doers: Entries = ()
    removal_steps: Entries = ()
    says_safety_first: Entries = ()
    says_removal_noticed: Entries = ()
    says_keep_proof: Entries = ()
    says_leaving_danger: Entries = ()

    @classmethod
    def from_plain(cls, plain: Mapping[str, Iterable[object]]) -> "WordLists":
        """The lists of one language from their file. Raises UnknownList for a list no rule reads."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(plain) - known):
            raise UnknownList(", ".join(unknown))
        return cls(**{name: tuple(str(entry) for entry in entries) for name, entries in plain.items()})


class UnknownList(Exception):
    """A word list has a name that no rule reads; its words would look watched and would not be."""
