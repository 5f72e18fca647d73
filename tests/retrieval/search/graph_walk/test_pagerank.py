from __future__ import annotations

import numpy as np
import pytest

from retrieval.search.graph_walk import pagerank
from retrieval.search.graph_walk.pagerank import Edges


def edges(*pairs: tuple[int, int]) -> Edges:
    return Edges(
        np.array([source for source, _ in pairs], np.int64),
        np.array([target for _, target in pairs], np.int64),
    )


def test_a_walker_without_edges_stays_where_it_begins() -> None:
    found = pagerank.mass(pagerank.NO_EDGES, {7: 3.0, -2: 1.0}, 0.5)
    assert found == pytest.approx({7: 0.375, -2: 0.125})


def test_a_walker_takes_any_of_its_edges() -> None:
    found = pagerank.mass(edges((1, 2), (1, 3), (1, 4)), {1: 1.0}, 0.4)
    assert found == pytest.approx({1: 0.6, 2: 0.4 * 0.2, 3: 0.08, 4: 0.08})


def test_a_node_between_two_beginnings_gets_from_both() -> None:
    way = edges((1, 3), (1, 4), (2, 3), (2, 5))
    found = pagerank.mass(way, {1: 1.0, 2: 1.0}, 0.5)
    assert found[3] == pytest.approx(found[4] + found[5])


def test_walking_in_circles_loses_next_to_nothing() -> None:
    circle = edges((1, 2), (2, 1))
    found = pagerank.mass(circle, {1: 1.0}, 0.45)
    assert sum(found.values()) == pytest.approx(1, abs=0.005)


def test_nothing_to_begin_from_leads_nowhere() -> None:
    assert pagerank.mass(edges((1, 2)), {}, 0.5) == {}
    assert pagerank.mass(edges((1, 2)), {1: 0.0}, 0.5) == {}
