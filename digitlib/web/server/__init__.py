"""The page: Voilà around the demo of notebook 06, with a copied process for each visitor."""
