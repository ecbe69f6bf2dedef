"""What a person agreed to share, who has business to look, and the one rule that joins the two."""
