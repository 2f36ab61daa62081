"""The files of a hostile folder: what there is, opened without following links, decoded."""
