"""A filter is its address: whatever can be asked comes back from the address that it makes."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from service.operations.claims import ORDERS
from service.operations.filters import ASSIGNED, HOLDERS, REASONS, Filter
from service.review.asked import address_of, filter_of, to_claim
from service.store.models import STAGES
from workers.extraction.families import FAMILY_OF

filters = st.builds(
    Filter,
    families=st.sets(st.sampled_from(list(FAMILY_OF))).map(
        lambda names: tuple(name for name in FAMILY_OF if name in names)
    ),
    holder=st.none() | st.sampled_from(HOLDERS),
    reason=st.none() | st.sampled_from(REASONS),
    stage=st.none() | st.sampled_from(STAGES),
    assigned=st.none() | st.sampled_from(ASSIGNED),
    is_snoozed=st.booleans(),
    document_id=st.none() | st.uuids(),
    least=st.none() | st.integers(0, 100).map(lambda percent: percent / 100),
    most=st.none() | st.integers(0, 100).map(lambda percent: percent / 100),
    text=st.text().map(lambda text: " ".join(text.split())),
    order=st.sampled_from(list(ORDERS)),
)


@given(wanted=filters)
def test_a_filter_comes_back_from_its_address(wanted: Filter) -> None:
    assert filter_of(MultiDict(address_of(wanted))) == wanted
    assert Filter.from_json(wanted.to_json()) == wanted


@given(said=st.dictionaries(st.sampled_from([*address_of(Filter()), "family", "least", "document", "q"]), st.text()))
@example(said={"least": "101", "most": "-1", "document": "7", "order": "random", "stage": "third", "family": "weather"})
def test_any_address_is_read(said: dict[str, str]) -> None:
    wanted = filter_of(MultiDict(said))
    assert filter_of(MultiDict(address_of(wanted))) == wanted


def test_what_the_hand_out_cannot_be_asked_is_left_to_the_list() -> None:
    assert to_claim(Filter(("visit",), stage="second", order="uncertain")) is not None
    assert [to_claim(one) for one in (Filter(text="x"), Filter(least=0.5), Filter(reason="date"))] == [None] * 3
