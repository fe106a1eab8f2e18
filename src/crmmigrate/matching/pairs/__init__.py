"""What the roles of two records say of each other: what one thing tells twice, what others have too, and what is doubted whatever it weighs."""
