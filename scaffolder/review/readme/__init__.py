"""The README as a page: sections, commands, numbers, pictures, the problem it states."""
