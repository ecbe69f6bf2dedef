"""Two files of one agency that are the same person: proposed, reviewed side by side, made one, and
undone within thirty days."""
