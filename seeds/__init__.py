"""Texts and word lists that the product carries: documents with gold records, gazetteers, lexicons."""
