"""Features of many images laid out on a plane: PCA and t-SNE."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits


def embed_2d(features: np.ndarray, method: str = "PCA", seed: int = 0) -> np.ndarray:
    """Embed features in the plane, so that similar ones lie together.

    "PCA" projects on the two directions in which the features vary most (K. Pearson, "On lines and planes of
    closest fit to systems of points in space", 1901): distances shrink, but their order is kept as well as a
    plane can. "t-SNE" keeps only neighbours (L. van der Maaten and G. Hinton, "Visualizing data using
    t-SNE", 2008): sizes of heaps and distances between them mean nothing. Introduced in notebook 05.

    Parameters
    ----------
    features : (N, D) float array
    method : {"PCA", "t-SNE"}
    seed : int
        For t-SNE. Its result also depends on the processor's last decimals.

    Returns
    -------
    (N, 2) float array

    Raises
    ------
    ValueError
        There is no such method.

    Examples
    --------
    >>> embed_2d(np.eye(5)).shape
    (5, 2)
    """
    if method == "PCA":
        return PCA(2, svd_solver="full").fit_transform(features)
    if method == "t-SNE":
        layout = TSNE(2, init="pca", perplexity=min(30, len(features) / 4), max_iter=500, random_state=seed)
        with threadpool_limits(1):  # several threads would mostly wait for each other
            return layout.fit_transform(features)
    raise ValueError(f"method is {method!r}; allowed are 'PCA' and 't-SNE'.")
