"""`legation explain`: a document with its records, the words behind each field, and the rules that chose them."""
