import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from bactrian.network import outgoing, shortest_paths


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 30), st.integers(1, 90))
def test_agrees_with_scipy_and_last_arcs_add_up(seed: int, nodes: int, arcs: int) -> None:
    chance = np.random.default_rng(seed)
    tail, head = chance.integers(0, nodes, (2, arcs))
    cost = chance.uniform(0.1, 10, arcs)
    matrix = np.full((nodes, nodes), np.inf)
    np.minimum.at(matrix, (tail, head), cost)
    np.fill_diagonal(matrix, np.inf)
    filled = np.isfinite(matrix)
    expected = dijkstra(csr_matrix((matrix[filled], np.nonzero(filled)), (nodes, nodes)), indices=0)
    found, last = shortest_paths(*outgoing(tail, nodes), head, cost, 0)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    for node in np.flatnonzero(last >= 0):
        assert head[last[node]] == node
        assert found[node] == found[tail[last[node]]] + cost[last[node]]


@pytest.mark.parametrize("bad", [-1.0, np.inf, np.nan])
def test_refuses_costs_without_meaning(bad: float) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        shortest_paths(*outgoing(np.array([0]), 2), np.array([1]), np.array([bad]), 0)
