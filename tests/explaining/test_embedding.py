"""Features laid out on a plane."""

import numpy as np
import pytest

from digitlib.explaining.embedding import embed_2d


def test_embedding_by_principal_components_is_that_of_a_singular_value_decomposition():
    features = np.random.default_rng(0).normal(size=(60, 9)) * np.arange(1, 10)
    centered = features - features.mean(axis=0)
    left, widths, _ = np.linalg.svd(centered, full_matrices=False)
    np.testing.assert_allclose(abs(embed_2d(features)), abs(left[:, :2] * widths[:2]), atol=1e-6)


def test_embedding_by_neighbors_keeps_heaps_apart():
    heaps = np.repeat(50 * np.eye(3, 8), 20, axis=0) + np.random.default_rng(0).normal(size=(60, 8))
    places = embed_2d(heaps, "t-SNE")
    distances = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 20 == np.arange(60) // 20).all()


def test_an_unknown_kind_of_map_is_named():
    with pytest.raises(ValueError, match="allowed are 'PCA' and 't-SNE'"):
        embed_2d(np.eye(5), "globe")
