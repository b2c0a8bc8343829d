"""Connections are shared out over living listeners, and move only when they must."""

from hypothesis import given
from hypothesis import strategies as st

from mqtt_app.assignments import plan


def test_a_connection_stays_with_its_living_listener() -> None:
    assert plan({1: 7, 2: 8}, {7: 10, 8: 10}) == {1: 7, 2: 8}


def test_a_dead_listeners_connections_move_and_the_others_stay() -> None:
    assert plan({1: 7, 2: 8, 3: 8}, {8: 10, 9: 10}) == {1: 9, 2: 8, 3: 8}


def test_new_connections_are_spread_by_free_room() -> None:
    planned = plan(dict.fromkeys(range(30)), {1: 10, 2: 20})
    assert [list(planned.values()).count(one) for one in (1, 2)] == [10, 20]


def test_without_a_living_listener_nobody_holds_anything() -> None:
    assert plan({1: 7, 2: None}, {}) == {1: None, 2: None}


@given(
    st.dictionaries(st.integers(1, 50), st.one_of(st.none(), st.integers(1, 5)), max_size=50),
    st.dictionaries(st.integers(1, 5), st.integers(0, 12), max_size=5),
)
def test_nobody_holds_more_than_they_can_and_nobody_with_room_left_sees_one_without_a_holder(
    wanted: dict[int, int | None], capacity: dict[int, int]
) -> None:
    planned = plan(wanted, capacity)
    held = {one: list(planned.values()).count(one) for one in capacity}
    assert planned.keys() == wanted.keys()
    assert all(held[one] <= capacity[one] for one in capacity)
    if None in planned.values():
        assert held == capacity
