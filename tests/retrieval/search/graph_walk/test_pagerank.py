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


def test_without_edges_the_mass_stays_at_the_start() -> None:
    mass = pagerank.mass(pagerank.NO_EDGES, {7: 3.0, -2: 1.0}, 0.5)
    assert mass == pytest.approx({7: 0.375, -2: 0.125})


def test_the_mass_is_divided_among_the_edges() -> None:
    mass = pagerank.mass(edges((1, 2), (1, 3), (1, 4)), {1: 1.0}, 0.4)
    assert mass == pytest.approx({1: 0.6, 2: 0.4 * 0.2, 3: 0.08, 4: 0.08})


def test_a_node_between_two_starts_gets_mass_from_both() -> None:
    graph = edges((1, 3), (1, 4), (2, 3), (2, 5))
    mass = pagerank.mass(graph, {1: 1.0, 2: 1.0}, 0.5)
    assert mass[3] == pytest.approx(mass[4] + mass[5])


def test_a_circle_loses_almost_no_mass() -> None:
    circle = edges((1, 2), (2, 1))
    mass = pagerank.mass(circle, {1: 1.0}, 0.45)
    assert sum(mass.values()) == pytest.approx(1, abs=0.005)


def test_without_restart_weights_there_is_no_mass() -> None:
    assert pagerank.mass(edges((1, 2)), {}, 0.5) == {}
    assert pagerank.mass(edges((1, 2)), {1: 0.0}, 0.5) == {}
